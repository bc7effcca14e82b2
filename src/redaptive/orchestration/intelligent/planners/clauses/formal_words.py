"""Verbs of formal letters: participles and nouns of deeds, each with the plain verb that requests are read by."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from typing import Final

from redaptive.orchestration.intelligent.planners.clauses.verbs import FORMS

_I: Final = re.IGNORECASE
_FORMAL: Final = {
    "carried out": "run", "undertaken": "run", "conducted": "run", "effected": "run", "performed": "run",
    "executed": "run", "run": "run", "made": "make", "drawn up": "draw up", "looked up": "look up",
    "set up": "set up", "worked out": "compute", "put up": "raise",
    "established": "determine", "determined": "determine", "ascertained": "check", "found out": "find out",
    "clarified": "find out", "confirmed": "check", "supplied": "give", "furnished": "give", "rendered": "give",
    "provided": "give", "delivered": "give", "made available": "give", "addressed": "send", "transmitted": "send",
    "conveyed": "send", "dispatched": "send", "despatched": "send", "sent": "send", "lodged": "open",
    "opened": "open", "closed": "close", "stated": "explain", "taken out": "open", "entered": "enter",
    "used": "use", "employed": "use", "tested": "test", "examined": "examine", "inspected": "inspect",
    "investigated": "examine", "studied": "examine", "analysed": "analyse", "appraised": "appraise",
    "snoozed": "snooze", "put to rest": "snooze", "silenced": "snooze", "suspended": "snooze",
    "taken back": "withdraw", "retracted": "withdraw", "revoked": "withdraw", "advised": "inform",
    "computed": "compute", "calculated": "calculate", "recalculated": "recalculate", "repeated": "repeat",
    "quantified": "quantify", "ranked": "rank", "submitted": "submit", "subjected": "submit", "parsed": "parse",
    "decoded": "decode", "interpreted": "read", "answered": "answer", "added": "add", "appended": "append",
    "attached": "add", "recorded": "record", "registered": "register", "elaborated": "prepare",
    "established anew": "determine", "planned": "plan", "weighed": "compare", "contrasted": "compare",
    "set against": "compare", "sized": "size", "dimensioned": "size", "written": "write", "brought": "bring",
    "altered": "change", "restricted": "restrict", "maximised": "maximise", "maximized": "maximise", "sought out": "find",
    "carried over": "carry", "carried forward": "carry", "followed up": "follow up",
    "directed": "send", "communicated": "report",
    "tracked down": "find", "traced": "find", "presented": "present", "produced": "produce",
}  # fmt: skip
"""Participles of letters, also of two words -> the verb that requests are read by."""
PASSIVES: Final = {
    **{form: verb for form, verb in FORMS.items() if not form.endswith("ing")},
    **_FORMAL,
}
PASSIVE: Final = "(?:" + "|".join(re.escape(form) for form in sorted(PASSIVES, key=len, reverse=True)) + r")(?![\w-])"
"""A participle; the longest form first."""
_DEEDS: Final = {
    "acknowledgement": "acknowledge", "acknowledgment": "acknowledge", "allocation": "allocate",
    "analysis": "analyse", "answering": "answer", "approval": "approve", "ascertainment": "determine",
    "assignment": "assign", "audit": "audit", "auditing": "audit", "benchmarking": "benchmark",
    "calculation": "calculate", "classification": "classify", "closing": "close", "closure": "close",
    "comparison": "compare", "compilation": "compile", "computation": "compute", "correction": "correct",
    "costing": "cost", "creation": "create", "description": "describe", "design": "design",
    "detection": "detect", "determination": "determine", "diagnosis": "diagnose", "drafting": "draft",
    "drawing up": "draw up", "editing": "edit", "estimation": "estimate", "evaluation": "evaluate",
    "examination": "examine", "explanation": "explain", "extraction": "extract", "forecasting": "forecast",
    "grouping": "group", "identification": "identify", "informing": "inform", "ingestion": "ingest",
    "ingesting": "ingest", "interpretation": "interpret", "issuing": "issue", "listing": "list",
    "normalisation": "normalise", "normalization": "normalize", "notification": "notify", "opening": "open",
    "optimisation": "optimise", "optimization": "optimize", "parsing": "parse", "prediction": "predict",
    "preparation": "prepare", "pricing": "price", "prioritisation": "prioritise", "projection": "project",
    "proposal": "propose", "provision": "give", "quantification": "quantify", "raising": "raise",
    "ranking": "rank", "reading": "read", "recalculation": "recalculate", "recommendation": "recommend",
    "recording": "record", "rejection": "reject", "resolution": "resolve", "retrieval": "retrieve",
    "review": "review", "scheduling": "schedule", "screening": "screen", "selection": "select",
    "sending": "send", "simulation": "simulate", "sizing": "size", "snoozing": "snooze",
    "structuring": "structure", "submission": "submit", "summarising": "summarise", "supply": "give",
    "tracking": "track", "updating": "update", "validation": "validate", "verification": "verify",
    "withdrawal": "withdraw", "writing": "write",
}  # fmt: skip
"""Nouns of deeds -> their verbs."""
DEED: Final = "(?:" + "|".join(sorted(_DEEDS, key=len, reverse=True)) + r")(?![\w-])"
_OF: Final = re.compile(
    rf"^(?:(?:an?|the|any|your)\s+)?(?:(?:renewed|careful|prompt|early|complete|full|brief|short|subsequent|corresponding|timely|thorough)\s+)?"
    rf"(?P<deed>{DEED})\s+of\s+(?=\S)",
    _I,
)
_ITS: Final = re.compile(rf"^(?P<its>its|their)\s+(?P<deed>{DEED})(?P<rest>(?:\s.*)?)$", _I | re.DOTALL)
_AS_TO: Final = re.compile(
    r"^(?:an?|the|any|some)\s+(?:\w+\s+)?(?:recommendation|advice|opinion|proposal)s?\s+(?:as\s+to|on|regarding|concerning|of)\s+(?=\S)",
    _I,
)
_WHETHER: Final = re.compile(
    r"^(?:an?|the|some)?\s*(?:\w+\s+)?(?:assessment|indication|clarification|information|statement|confirmation|verdict|opinion|answer|determination)\s+"
    r"(?:of|as\s+to|on|about|regarding|concerning)\s+(?=(?:whether|which|what|how|when|if|where|why)\b)",
    _I,
)
_FOR_WHAT: Final = re.compile(
    r"^(?:an?|the)\s+(?:\w+\s+)?(?:examination|search|check|inspection|screening|scan|investigation)\s+(?P<of>of\s+(?:[^,;.]+?)\s+)?for\s+(?P<what>\S.*)$",
    _I | re.DOTALL,
)
_DOING: Final = re.compile(r"\b(?:analysis|diagnosis|simulation|comparison|calculation|forecast|recalculation|optimi[sz]ation|inventory|sizing|selection|ranking|normali[sz]ation|benchmarking|verification|screening|audit|examination|evaluation|assessment|estimate|check|study|test)\b", _I)  # fmt: skip


def verb_of(participle: str) -> str:
    """The plain verb of a participle.

    >>> verb_of("looked up"), verb_of("audited")
    ('look up', 'audit')
    """
    return PASSIVES[" ".join(participle.lower().split())]


def verbal(thing: str) -> str:
    """A noun of a deed with what belongs to it as an order; any other thing as the order to get it.

    >>> verbal("the extraction of all figures from DOC-1"), verbal("a load forecast for M-1")
    ('extract all figures from DOC-1', 'run a load forecast for M-1')
    >>> verbal("an examination for anomalies during May"), verbal("a recommendation as to the load")
    ('find anomalies during May', 'recommend the load')
    """
    thing = thing.strip()
    if match := _WHETHER.match(thing):
        return f"check {thing[match.end() :]}"
    if match := _FOR_WHAT.match(thing):
        return f"find {match['what']}{_in(match['of'])}"
    if match := _AS_TO.match(thing):
        return f"recommend {thing[match.end() :]}"
    if match := _ITS.match(thing):
        return f"{_DEEDS[match['deed'].lower()]} {'it' if match['its'].lower() == 'its' else 'them'}{match['rest']}"
    if match := _OF.match(thing):
        return f"{_DEEDS[match['deed'].lower()]} {thing[match.end() :]}"
    return f"{'run' if _DOING.search(thing[:60]) else 'get'} {thing}"


_LIGHT: Final = re.compile(r"\b(?:give|make|run|provide|prepare|get|draw\s+up)\s+(?P<thing>[^.;\n]+)", _I)
_ANSWER: Final = re.compile(
    r"\buse\s+(?:them|it|both|these|the\s+results)\s+(?:jointly\s+|together\s+)?for\s+an?\s+answer(?:,[^,;:]*,)?\s+to\s+",
    _I,
)
_RECORDED: Final = re.compile(
    r"\b(?:record|enter|register|note)\s+(?:the|an?)\s+(?P<deed>approval|rejection|withdrawal|acknowledge?ment)\s+of\s+",
    _I,
)


def weighty(text: str) -> str:
    """The text without verbs that only carry the noun of a deed.

    >>> weighty("make an examination for anomalies from May"), weighty("get a recommendation as to the load")
    ('find anomalies from May', 'recommend the load')
    """

    def told(match: re.Match[str]) -> str:
        thing = match["thing"]
        nominal = _WHETHER.match(thing) or _FOR_WHAT.match(thing) or _AS_TO.match(thing)
        return verbal(thing) if nominal else match.group(0)

    text = _ANSWER.sub("answer ", text)
    return _LIGHT.sub(told, _RECORDED.sub(lambda match: f"{_DEEDS[match['deed'].lower()]} ", text))


def _in(of: str | None) -> str:
    return f" in {of.strip()[3:]}" if of else ""


def done(thing: str) -> str | None:
    """The order that the noun of a deed is, where it is said to be "carried out"; None for any other thing.

    >>> done("its classification"), done("a load forecast")
    ('classify it', None)
    """
    thing = thing.strip()
    return verbal(thing) if _OF.match(thing) or _ITS.match(thing) else None


def is_deed(text: str) -> bool:
    """Whether a text begins with the noun of a deed and what it is done to."""
    return bool(_OF.match(text.strip()))
