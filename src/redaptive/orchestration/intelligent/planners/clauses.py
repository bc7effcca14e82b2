"""A request in parts: what is asked, in which order, and under which condition."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

Relation = Literal["first", "and", "then", "parallel"]
"""How a part follows the one before: `and` says nothing of order, `then` does, `parallel` denies one."""
_VERBS: Final = (
    "acknowledge|add|alert|analy[sz]e|ask|assign|audit|benchmark|bring|build|calculate|call|check|choose|classify|close|compare|compile|"
    "compute|convert|cost|create|decide|design|detect|determine|diagnose|do|download|draft|email|e-mail|estimate|evaluate|explain|extract|fetch|file|"
    "find|fix|flag|forecast|generate|get|give|go|have|identify|inform|ingest|let|list|load|log|look|make|message|model|notify|open|optimi[sz]e|"
    "parse|pick|plan|plot|post|predict|prepare|price|produce|project|propose|publish|pull|push|put|quantify|raise|rank|read|recommend|record|"
    "report|resolve|review|run|schedule|screen|see|select|send|show|simulate|size|snooze|sort|state|submit|suggest|summari[sz]e|normali[sz]e|take|scan|search|fill|repair|correct|tell|text|track|"
    "update|validate|verify|work\\s+out|write|what|which|how|where|who|is|are|does|did|will"
)
_THEN: Final = (
    r"(?:and\s+)?(?:(?<!since\s)(?<!back\s)then|thereafter|afterwards?|after\s+(?:that|which|this)|(?<=[,;.]\s)next|next(?=\s*,)|finally|lastly|subsequently|followed\s+by|"
    r"once\s+(?:that(?:'s|\s+is)\s+)?done|when\s+(?:that(?:'s|\s+is)\s+)?done|(?:based|building)\s+on\s+(?:that|those|this|the\s+results?)|"
    r"from\s+(?:that|there|those)|with\s+(?:that|those|the\s+result)|using\s+(?:that|those|the\s+results?))"
)
_PARALLEL: Final = (
    r"(?:and\s+)?(?:at\s+the\s+same\s+time|in\s+parallel|simultaneously|meanwhile|concurrently|side\s+by\s+side|"
    r"independently|separately|while\s+you(?:'re|\s+are)\s+at\s+it|as\s+well\s+as|in\s+addition|additionally|also|plus|besides)"
)
_SPLIT: Final = re.compile(
    rf"(?P<then>[,;.]?\s*\b{_THEN}\b\s*[,:]?\s*|\s*(?:->|→|=>|>>)\s*)"
    rf"|(?P<parallel>[,;.]?\s*\b{_PARALLEL}\b\s*,?\s*)"
    rf"|(?P<and>(?:,\s*(?:and\s+|but\s+)?|\s+and\s+|\s+&\s+)(?=(?:please\s+)?(?:{_VERBS})\b(?!\s+(?:of|to\s+be))))"
    r"|(?P<soft>\s*;\s*(?:and\s+)?|,?\s+and\s+(?=\S)|,\s+(?=[^\d\s]))"
    r"|(?P<sentence>(?<=[.!?])\s+(?=\S)|\s*\n+\s*)",
    re.IGNORECASE,
)
_TRAILING_PARALLEL: Final = re.compile(rf"[,\s]*\b(?:{_PARALLEL}|both|all)\b[.!?\s]*$", re.IGNORECASE)
_IF: Final = re.compile(
    r"^(?:and\s+|but\s+)?(?:only\s+)?(?P<word>if|when(?:ever)?|in\s+case|should|provided(?:\s+that)?|as\s+soon\s+as|where)\s+"
    r"(?P<condition>.+?)\s*(?:,(?!\d{3})\s*(?:then\s+)?|\s+then\s+|:\s+)(?P<action>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_ACTING: Final = (
    r"raise|create|open|send|text|email|e-mail|notify|alert|tell|message|inform|ping|log|file|run|find|get|assign|do|"
    r"show|start|call|make|calculate|compare|audit|check|recommend|escalate|snooze|resolve|acknowledge|forecast|"
    r"extract|parse|classify|validate|verify|benchmark|rank|select|simulate|project|price|schedule|propose|give|list"
)
_IF_BARE: Final = re.compile(
    rf"^(?:and\s+|but\s+)?(?:only\s+)?(?P<word>if|in\s+case|should)\s+(?P<condition>.+?)\s+"
    rf"(?P<action>(?:please\s+)?(?:{_ACTING})\b.+)$",
    re.IGNORECASE | re.DOTALL,
)
_MIDDLE_IF: Final = re.compile(
    r"(?:\s*[;,:]\s*(?:and\s+|but\s+)?|\s+and\s+)(?=(?:only\s+)?(?:if|in\s+case|should|unless|otherwise|when(?:ever)?)\b)",
    re.IGNORECASE,
)
_IF_BEHIND: Final = re.compile(
    r"^(?P<action>.{6,}?)[,\s]+(?:but\s+)?(?:only\s+)?(?P<word>if|in\s+case|provided(?:\s+that)?|unless|as\s+soon\s+as|when(?:ever)?(?=.*\b(?:above|below|over|under|exceed\w*|"
    r"more|less|higher|lower|at\s+least|drops?|rises?|finds?|found|fails?|shows?|negative|positive)\b))\s+(?P<condition>.+?)[.!?]*$",
    re.IGNORECASE | re.DOTALL,
)
_UNLESS: Final = re.compile(r"^unless\s+(?P<condition>.+?)\s*,\s*(?P<action>.+)$", re.IGNORECASE | re.DOTALL)
_ELSE: Final = re.compile(r"^(?:otherwise|or\s+else|else|if\s+not)\b[,:]?\s*(?P<action>.+)$", re.IGNORECASE | re.DOTALL)
_ALTERNATIVE: Final = re.compile(r"[;,.]?\s*\b(?:otherwise|or\s+else|else|if\s+not)\b[,:]?\s*", re.IGNORECASE)
_AFTER: Final = re.compile(
    r"^(?:after|once)\s+(?:you\s+(?:have\s+)?)?(?P<first>.+?),\s*(?P<second>.+)$", re.IGNORECASE | re.DOTALL
)
_BEFORE: Final = re.compile(r"^before\s+(?:you\s+)?(?P<second>.+?),\s*(?P<first>.+)$", re.IGNORECASE | re.DOTALL)
_POLITE: Final = re.compile(
    r"^(?:(?:hi|hey|hello|ok(?:ay)?|so|well|please|pls|first(?:ly)?|second(?:ly)?|third(?:ly)?|and|but)\b[,:]?\s+)+",
    re.IGNORECASE,
)
_ASKS_WHETHER: Final = re.compile(
    r"(?:(?:please|can\s+you|could\s+you)\s+)*(?:tell|ask|see|check|find|know|say|show|confirm|verify)(?:\s+(?:me|us|out))?",
    re.IGNORECASE,
)
_DANGLING: Final = re.compile(r"[\s,]+(?:and|or|but|then)$", re.IGNORECASE)


@dataclass(frozen=True)
class Clause:
    """One part. `condition` must hold for it, with `negated` must not; `otherwise`: the opposite of the one before.

    `soft`: it has no verb of its own, so it is a part only if it is clearly about something else; `lead` is what stood
    between it and the one before.
    """

    text: str
    relation: Relation = "first"
    condition: str = ""
    negated: bool = False
    otherwise: bool = False
    soft: bool = False
    lead: str = ""


def split(text: str) -> list[Clause]:
    """The parts of a request in the order in which they are to be done.

    >>> [(c.relation, c.text) for c in split("Audit bill DOC-7, then compare tariffs and notify the manager")]
    [('first', 'Audit bill DOC-7'), ('then', 'compare tariffs'), ('and', 'notify the manager')]
    >>> [(c.text, c.condition) for c in split("Check the peak of meter 7. If it is above 400 kW, raise an alert.")]
    [('Check the peak of meter 7', ''), ('raise an alert', 'it is above 400 kW')]
    """
    parts = [part for sentence in _sentences(text) for part in _parts(sentence)]
    if parts and _TRAILING_PARALLEL.search(text):
        parts = [replace(part, relation="parallel" if at else "first") for at, part in enumerate(parts)]
    return [replace(parts[0], relation="first"), *parts[1:]] if parts else []


def _sentences(text: str) -> Iterator[Clause]:
    """Sentences, conditions first: inside them a comma separates nothing."""
    for at, sentence in enumerate(re.split(r"(?<=[.!?])\s+|\n+", text.strip())):
        relation: Relation = "and" if at else "first"
        cleaned = sentence.strip()
        leading = re.match(rf"{_THEN}\b[,:]?\s*", cleaned, re.IGNORECASE)
        if leading:
            relation, cleaned = "then", cleaned[leading.end() :]
        if cleaned:
            yield from _ordered(Clause(cleaned, relation))


def _ordered(clause: Clause) -> Iterator[Clause]:
    for pattern in (_AFTER, _BEFORE):
        if match := pattern.match(clause.text):
            yield replace(clause, text=match["first"])
            yield Clause(match["second"], "then")
            return
    yield clause


def _parts(clause: Clause) -> Iterator[Clause]:
    for match in _MIDDLE_IF.finditer(clause.text):
        rest = _leading(Clause(clause.text[match.end() :], "and"))
        if rest is not None and not _leading(clause):
            yield from _parts(replace(clause, text=clause.text[: match.start()]))
            yield from rest
            return
    conditional = _conditional(clause)
    if conditional is not None:
        yield from conditional
        return
    relation, begin, soft, lead = clause.relation, 0, clause.soft, clause.lead
    for match in _SPLIT.finditer(clause.text):
        behind = clause.text[match.end() :]
        if _tidy(clause.text[begin : match.start()]):
            yield Clause(_tidy(clause.text[begin : match.start()]), relation, soft=soft, lead=lead)
        relation, begin, lead = _relation(match), match.end(), match.group(0)
        soft = bool(match["soft"]) and ";" not in match.group(0)
        rest = _conditional(Clause(behind, relation))
        if rest is not None:
            yield from rest
            return
    if tail := _tidy(clause.text[begin:]):
        yield Clause(tail, relation, soft=soft, lead=lead)


def _conditional(clause: Clause) -> list[Clause] | None:
    """The parts of "if C, A", "A if C", "unless C, A", "otherwise A"; None for anything else."""
    leading = _leading(clause)
    text = _POLITE.sub("", clause.text.strip())
    if leading is not None:
        return leading
    match = _IF_BEHIND.match(text)
    asks = match is not None and _ASKS_WHETHER.fullmatch(match["action"])
    return _behind(match, clause.relation) if match and not asks else None


def _leading(clause: Clause) -> list[Clause] | None:
    """The parts of a clause that begins with its condition."""
    text = _POLITE.sub("", clause.text.strip())
    if match := _ELSE.match(text):
        return [replace(clause, text=_tidy(match["action"]), otherwise=True, relation="and")]
    if match := _UNLESS.match(text):
        return [Clause(_tidy(match["action"]), clause.relation, _tidy(match["condition"]), negated=True)]
    match = _IF.match(text) or _IF_BARE.match(text)
    return _then_else(match["action"], match["condition"], clause.relation) if match else None


def _then_else(action: str, condition: str, relation: Relation) -> list[Clause]:
    """The action may hold several parts and an alternative; the condition counts for all but the alternative."""
    then, *behind = _ALTERNATIVE.split(action, maxsplit=1)
    made = list(_parts(Clause(then, relation)))
    parts = [part if part.condition or part.otherwise else replace(part, condition=_tidy(condition)) for part in made]
    return [*parts, *(Clause(_tidy(text), "and", otherwise=True) for text in behind)]


def _behind(match: re.Match[str], relation: Relation) -> list[Clause]:
    negated = match["word"].lower() == "unless"
    parts = list(_parts(Clause(match["action"], relation)))
    return [*parts[:-1], replace(parts[-1], condition=_tidy(match["condition"]), negated=negated)] if parts else []


def _relation(match: re.Match[str]) -> Relation:
    if match["then"] is not None:
        return "then"
    return "parallel" if match["parallel"] is not None else "and"


def _tidy(text: str) -> str:
    return _DANGLING.sub("", _POLITE.sub("", text.strip()).strip(" \t\n,;:.!?-"))
