"""Order told by the place of each step: "A comes last; B before", "A comes third, after B, which itself follows C"."""

from __future__ import annotations

import re
from typing import Final

from redaptive.orchestration.intelligent.planners.clauses.verbs import PARTICIPLE, active

_I: Final = re.IGNORECASE
_TEXT: Final = r"(?:[^.;?!]|\.(?=\w))"
_MODAL: Final = (
    r"(?:should|must|shall|will|can|may|has\s+to|have\s+to|needs?\s+to|is\s+to|are\s+to|ought\s+to)\s+(?:only\s+)?"
)
_COMES: Final = rf"(?:{_MODAL})?(?:(?:comes?|goes?|go)(?:\s+out)?|follows?|happens?|(?:is|are|be)(?:\s+done)?)"
_LAST: Final = re.compile(
    rf"(?P<begin>^|(?<=[.!?]\s))(?P<x>{_TEXT}{{4,140}}?)\s+(?:{_COMES}|(?P<passive>{_MODAL}be\s+(?:{PARTICIPLE})))\s+(?:(?:only\s+)?(?:very\s+)?last|at\s+the\s+(?:very\s+)?end)\s*[;.,:]\s+(?:and\s+)?(?P<rest>[^.?!]+(?:\.(?=\w)[^.?!]+)*)(?P<end>[.!]?)$",
    _I,
)
"""What comes last is told first."""
_SECOND: Final = re.compile(
    rf"(?P<begin>^|(?<=[.!?]\s))(?P<x>{_TEXT}{{4,140}}?)\s+{_COMES}\s+(?:second|last|next|afterwards)\s*(?:[,;]\s*(?:and\s+|but\s+)?|\s+and\s+|\s+but\s+)(?P<y>{_TEXT}{{4,140}}?)\s+(?:{_COMES}\s+)?first(?P<end>[.!]?)$",
    _I,
)
_BEHIND: Final = re.compile(
    rf"(?P<begin>^|(?<=[.!?]\s))(?P<x>{_TEXT}{{4,140}}?)\s+{_COMES}\s+(?:second|third|fourth|last|next)?\s*,?\s*(?:right\s+)?(?:after|behind)\s+(?P<y>{_TEXT}{{4,140}}?),\s+(?:which|and\s+that(?:\s+one)?)\s+(?:itself\s+|in\s+(?:its\s+)?turn\s+)?(?:{_COMES})\s*(?:only\s+)?(?:after|behind)?\s+(?P<z>{_TEXT}{{4,140}}?)(?P<end>[.!]?)$",
    _I,
)
_LEADS: Final = re.compile(
    r"^(?:before(?:hand)?(?:\s+(?:that|it))?|first|earlier)\s*,?\s+(?:comes?\s+|goes?\s+|is\s+)?", _I
)
_TRAILS: Final = re.compile(r"\s+(?:before(?:hand)?(?:\s+(?:that|it))?|first|earlier|ahead\s+of\s+(?:it|that))$", _I)
_NEXT: Final = re.compile(
    r"(?:,|;|\s+and)\s+(?:second|third|next|then)(?:\s+(?:comes?|goes?|is))?\s*,?\s+(?=(?:the|an?|its|their|our)\s)", _I
)
_COUNTED: Final = re.compile(r"(?P<begin>^|(?<=[.!?;:]\s))(?P<n>one|two|three|four|five|six|seven)[,:]\s+(?=\S)", _I)


def in_turn(text: str) -> str:
    """The text with steps in the order of the places that are given to them; as it is where none are.

    >>> in_turn("The mail to Kim comes last; the audit of DOC-1 has to be done before.")
    'do the audit of DOC-1, then The mail to Kim.'
    >>> in_turn("The forecast comes third, after the audit, which itself comes after the check of M-1.")
    'the check of M-1, then the audit, then The forecast.'
    """
    text = _counted(text)
    text = _BEHIND.sub(lambda m: f"{m['begin']}{m['z']}, then {m['y']}, then {m['x']}{m['end']}", text)
    text = _SECOND.sub(lambda m: f"{m['begin']}{_trimmed(m['y'])}, then {m['x']}{m['end']}", text)
    return _LAST.sub(_last, text)


def _counted(text: str) -> str:
    """The text with "One, ... Two, ..." at the heads of its sentences as an order of steps."""
    said = [match["n"].lower() for match in _COUNTED.finditer(text)]
    if said[:2] != ["one", "two"]:
        return text
    return _COUNTED.sub(lambda m: m["begin"] if m["n"].lower() == "one" else f"{m['begin']}then, ", text)


def _last(match: re.Match[str]) -> str:
    last = active(f"{match['x']} {match['passive']}") if match["passive"] else match["x"]
    return f"{match['begin']}{_NEXT.sub(', then ', _trimmed(match['rest']))}, then {last}{match['end']}"


def _trimmed(text: str) -> str:
    """What comes before, without the words that say so."""
    return _LEADS.sub("", active(_TRAILS.sub("", text.strip(" ,;"))))
