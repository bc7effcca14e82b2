"""What people tell around a wish, put so that the wish stands alone: journeys, headings, "both since", "the same period"."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from typing import Final

from redaptive.orchestration.intelligent.planners.clauses.turns import turned, turns
from redaptive.orchestration.intelligent.planners.clauses.verbs import FORMS, VERB

_I: Final = re.IGNORECASE
_BEGINS: Final = r"(?P<begin>^|(?<=[.!?;]\s))"
_CODE: Final = r"(?-i:[A-Z]{1,5}-[\w-]*\d)"
_COMING: Final = r"(?:i'm\s+(?:back|there|in|home|up|off)|i\s+(?:land|arrive|return|get\s+(?:in|back|home|there|off)|am\s+(?:back|there|in|home|up|off)|come\s+(?:in|back|home)|sit\s+down|wake\s+up|start|log\s+(?:in|on)))"
_SPAN: Final = r"(?:since|from|for|in|over|during)\s+(?:the\s+)?(?:20\d\d[\d-]*(?:\s+(?:to|until|through|on)\s+20\d\d[\d-]*)?|(?:last|past|this)\s+(?:\d+\s+)?\w+|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*(?:\s+\d{1,2})?(?:,?\s+20\d\d)?)"


def _same(match: re.Match[str]) -> str:
    """ "... reporting 2025; ... for the same reporting period" with the period instead of the words."""
    return f"{match['before']}{match['role']}{match['is']}{match['span']}{match['between']}{match['span']}"


def _reversed(match: re.Match[str]) -> str:
    """ "Do A. But only after you have checked B" as "check B, then do A"."""
    verb, *particle = match["done"].lower().split()
    done = " ".join((FORMS[verb], *particle))
    return f"{match['begin']}{done} {match['a']}, then {match['x'][:1].lower()}{match['x'][1:]}"


_TURNS: Final = turns(
    (
        (rf"{_BEGINS}(?:when|once|as\s+soon\s+as|by\s+the\s+time|after)\s+{_COMING}(?:\s+(?:at|on|by|in|to)\s+[\w\s:]{{2,15}}?)?,?\s+i(?:'d|\s+would|\s+will|'ll)?\s+(?:like|want|need|love|have)\s+to\s+(?:see|know|have|read|look\s+at)\s+", r"\g<begin>show me "),
        (rf"{_BEGINS}(?P<c>if\s+[^,.;:?!]{{3,60}}?)\s+(?P<end>(?:we|you)(?:'re|\s+are)\s+(?:done|finished|fine)|that(?:'s|\s+is)\s+(?:it|all|fine)|leave\s+it|do\s+nothing),?\s+(?P<else>else|otherwise|if\s+not)\b", r"\g<begin>\g<c>, \g<end>, \g<else>"),
        (rf"{_BEGINS}(?P<what>ticket|alert|change\s+order)\s+(?P<code>{_CODE})(?P<of>\s+(?:of|for)\s+(?:customer\s+)?[A-Z]\w+)?\s*:\s+(?={VERB}|see\b|how\b|what\b)", lambda m: f"{m['begin']}for {m['what'].lower()} {m['code']}{m['of'] or ''}, "),
        (rf"(?P<a>{_CODE})(?P<and>\s*(?:\+|&|,|\band\b|\bplus\b)\s*)(?P<b>(?:the\s+)?(?:[a-z]+\s+){{0,3}}{_CODE}),?\s+(?:both|each|all(?:\s+of\s+them)?)\s+(?:of\s+them\s+)?(?P<span>{_SPAN})", r"\g<a> \g<span>\g<and>\g<b> \g<span>"),
        (r"(?P<before>^.*?)(?P<role>reporting|baseline)(?P<is>\s+(?:period\s+)?(?:is\s+|of\s+|=\s*|:\s*)?)(?P<span>20\d\d(?:-\d\d)?(?:\s*(?:\.\.|to|through)\s*20\d\d(?:-\d\d)?)?)(?P<between>.*?\b(?:for|over|in|of|with)\s+)(?:the|that)\s+same\s+(?P=role)\s+(?:period|months?|year|span)", _same),
        (r"\b(?P<a>pv|solar|photovoltaics?)\s+and\s+(?:the\s+)?(?P<b>battery|storage)\s+(?=sizes?\b|system\b|sizing\b)", r"\g<a>/\g<b> "),
        (r"(?P<begin>^|(?<=[.!?]\s))(?P<x>[^.;?!]{5,160})[.;,]\s+but\s+only\s+(?:after|once|when)\s+you(?:'ve|\s+have)\s+(?P<done>looked\s+up|checked|seen|read|verified|audited|benchmarked)\s+(?P<a>[^.;?!,]+)(?:,\s+(?:i|we)\s+(?:don't|do\s+not)\s+(?:want|need)\s+[^.;?!]+)?(?=[.!]?$|[.;,])", _reversed),
        (r",\s+(?:we|i|they)(?:'d|\s+would)?\s+(?:want|need|like|expect|ask\s+for)\s+(?=an?\s+(?:irr|return)\s+of\s+\d)", ", with "),
        (r",\s+(?:he|she|they|[A-Z][a-z]+)\s+(?:will|is\s+going\s+to|would|might)\s+(?:ask|want\s+to\s+know|be\s+asking)\s+[^.;?!]+(?=[.!]?$)", ""),
    )
)  # fmt: skip


def untold(text: str) -> str:
    """The text with what is merely told around its wishes put aside.

    >>> untold("When I land I would like to see which meters of B-1 are silent")
    'show me which meters of B-1 are silent'
    """
    return turned(text, _TURNS)
