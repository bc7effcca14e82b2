"""Parts that are larger than their whole, and shares above all of it: in percent, and between two figures of a text.

A figure has a role by the words before it: what is taken away or asked for (a part), or what there is in all (a whole).
A part larger than a whole of the same unit cannot be, however the sentence is built around the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from redaptive.orchestration.intelligent.planners.values.numerals import figure

_N: Final = r"\d[\d,]*(?:\.\d+)?"
_PERCENT: Final = r"\s?(?:%|percent\b|pct\b|per\s+cent\b)"
_FILLED: Final = (
    r"open|opened|closed|complete[d]?|finished|done|full|filled|charged|occupied|loaded|humidity|rh|position|"
    r"certain|sure|confident|confidence|probability|chance|likelihood|probable|odds|occupancy|availability|uptime|"
    r"coverage|covered|relative\s+humidity|state\s+of\s+charge|soc|depth\s+of\s+discharge|renewable|recycled"
)
_ABOVE_ALL: Final = (
    re.compile(rf"(?<![\w.-])(?P<n>{_N}){_PERCENT}\s+(?:\w+\s+)?(?:{_FILLED})\b", re.IGNORECASE),
    re.compile(
        rf"\b(?:{_FILLED})\s+(?:(?:of|at|to|is|was|be|are|were|by|stands|it|shall|should|must|only)\s+){{0,3}}"
        rf"(?P<n>{_N}){_PERCENT}",
        re.IGNORECASE,
    ),
    re.compile(rf"\b(?:complete|finish|charge|fill)\s+(?:\w+\s+)?(?P<n>{_N}){_PERCENT}\s+of\b", re.IGNORECASE),
    re.compile(
        rf"\b(?:score|rating|percentile)s?\s+(?:of|is|was|at|=)\s+(?P<n>{_N})\s+(?:out\s+)?of\s+(?P<of>{_N})\b",
        re.IGNORECASE,
    ),
)  # fmt: skip
_MORE_WORK: Final = re.compile(
    r"\b(?:budget|cost|plan\w*|target|goal|quota|than|over|above|compared|last\s+year)\b", re.IGNORECASE
)
"""What may be filled to more than all: money, and what is compared with something else."""
_UNIT: Final = r"kwh|mwh|gwh|kw|mw|therms?|mmbtu|tons?|tonnes?|t\s?co2e?|gallons?|hours|usd|dollars|percent|%"
_FIGURE: Final = re.compile(
    rf"(?P<d>\$)?\s?(?<![\w.-])(?P<n>{_N})\s?(?P<k>k|m|thousand|million)?\b\s?(?P<u>{_UNIT})?(?![\w-])", re.IGNORECASE
)
_PART: Final = re.compile(
    r"\b(?:shed|shave|curtail|drop|cut|save|reduc\w+|trim|lower|avoid|take\s+off|get\s+rid\s+of|remove|"
    r"offset|knock\s+off|saves|saving|shedding|cutting)\s+(?:(?:us|it|them|by|about|some|roughly|another|at\s+least|"
    r"the|load|peak|demand|emissions?|use|usage|consumption|bill|off)\s+){0,4}(?:of\s+)?$",
    re.IGNORECASE,
)
_WHOLE: Final = re.compile(
    r"\b(?:draws?|uses?|emits?|consumes?|burns?|peaks\s+at|pays?|spends?|(?:whole|entire|total|all)\s+(?:\w+\s+)?"
    r"(?:load|use|usage|consumption|bill|demand|footprint|emissions)\s+(?:is|was|of|at|comes\s+to)|"
    r"has\s+a\s+(?:load|peak|demand)\s+of|never\s+(?:draws|uses|exceeds))\s+"
    r"(?:(?:only|just|about|roughly|at\s+most|no\s+more\s+than|a\s+mere|not\s+more\s+than|all\s+of)\s+){0,2}$",
    re.IGNORECASE,
)
_SINCE: Final = re.compile(
    r"\b(?:per|a|each|every)\s+(?:day|week|month|year|hour)|annually|so\s+far|already", re.IGNORECASE
)
_SCALE: Final = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6}
_BASE: Final = {
    "mwh": ("kwh", 1e3), "gwh": ("kwh", 1e6), "mw": ("kw", 1e3), "dollars": ("usd", 1.0), "therms": ("therm", 1.0),
    "tons": ("t", 1.0), "ton": ("t", 1.0), "tonnes": ("t", 1.0), "tonne": ("t", 1.0),
}  # fmt: skip
_BELOW_NOTHING: Final = re.compile(
    r"\bemit\w*\s+(?:less|fewer)\s+than\s+(?:zero|0|nothing)\b(?![.,]\d)|\bscope\s+1\b[^.;?]{0,30}\b(?:below|under|less\s+than)\s+(?:zero|0)\b(?![.,]\d)|\bnegative\s+scope\s+1\b|"
    r"\b(?:eui|energy\s+use\s+intensity|consumption|usage|electricity\s+use|energy\s+use|gas\s+use|use\s+of\s+[\w-]+|kw\s+per\s+ton|"
    r"floor\s+area|payback|demand|base\s+load)\b[^.;?]{0,40}?\b(?:below|under|less\s+than|shorter\s+than)\s+"
    r"(?:zero|0(?![.,]?\d)|minus\s+\d|nothing|[-−–]\d)",
    re.IGNORECASE,
)
_GIVES_BACK: Final = re.compile(
    r"\b(?:pv|solar|panels?|export\w*|net|generat\w+|wind|chp|feed\w*\s+back|produc\w+)\b",
    re.IGNORECASE,
)
_WITHOUT: Final = re.compile(r"\b(?:without|no)\s+(?:any\s+)?(?:generation|pv|solar|panels)\b", re.IGNORECASE)
_STANDS_STILL: Final = re.compile(
    r"(?<![\d.,])0(?:\.0+)?\s?gpm\b|(?:tons?\s+(?:at|with|for|from)\s+|draw\w*\s+|at\s+)(?<![\d.,])0(?:\.0+)?\s?kw\b(?!h)",
    re.IGNORECASE,
)
_EFFICIENCY: Final = re.compile(r"\b(?:efficien\w+|kw\s?(?:/|per)\s?ton|chillers?|cool\w*)\b", re.IGNORECASE)
_SHARES: Final = re.compile(
    rf"\b(?P<who>we|they|us|them|customer|client|owner|landlord|tenant|neighbou?r|lobby|partner|vendor|provider)\s+"
    rf"(?:(?:gets?|keeps?|takes?|receives?|has|used|uses|pays?|bears?|carr(?:y|ies))\s+)?(?P<n>{_N})(?P<p>{_PERCENT})?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Amount:
    """A figure with its unit, in units without a scale; `unit` is empty where none is said."""

    value: float
    unit: str


def larger_than_whole(text: str) -> str | None:
    """Why a part or a share of the text cannot be; None where all can.

    >>> larger_than_whole("Shed 3 MW at a meter that draws 40 kW.")
    'More cannot be taken away than there is.'
    >>> larger_than_whole("Shed 3 kW at a meter that draws 40 kW.")
    """
    if any(_above_all(match) for pattern in _ABOVE_ALL for match in pattern.finditer(text)) and not _MORE_WORK.search(
        text
    ):
        return "More than all of it, 100 percent, cannot be."
    if _part_above_whole(text):
        return "More cannot be taken away than there is."
    if _BELOW_NOTHING.search(text) and (_WITHOUT.search(text) or not _GIVES_BACK.search(text)):
        return "Nothing is used, or takes, less than nothing."
    if _STANDS_STILL.search(text) and _EFFICIENCY.search(text):
        return "Without flow and power nothing is cooled: there is no efficiency to calculate."
    shares = {match["who"].lower(): figure(match["n"]) for match in _SHARES.finditer(text)}
    in_percent = any(match["p"] for match in _SHARES.finditer(text))
    if in_percent and len(shares) > 1 and sum(shares.values()) > 100.0 and max(shares.values()) <= 100.0:
        return f"The shares add up to {sum(shares.values()):g} percent."
    return None


def _above_all(match: re.Match[str]) -> bool:
    found = match.groupdict()
    return figure(found["n"]) > figure(found.get("of") or "100")


def _part_above_whole(text: str) -> bool:
    parts, wholes = list(_amounts(text, _PART)), list(_amounts(text, _WHOLE))
    return not _SINCE.search(text) and any(
        part.value > whole.value > 0.0 and (part.unit == whole.unit or not whole.unit)
        for part in parts
        for whole in wholes
        if part.unit and part.unit not in ("%", "percent")
    )


def _amounts(text: str, role: re.Pattern[str]) -> Iterator[Amount]:
    """Figures that have the role by the words before them."""
    for match in _FIGURE.finditer(text):
        if role.search(text[max(0, match.start() - 60) : match.start()] + " "):
            unit, scale = _BASE.get((match["u"] or "").lower(), ((match["u"] or "").lower(), 1.0))
            yield Amount(
                figure(match["n"]) * scale * _SCALE.get((match["k"] or "").lower(), 1.0), "usd" if match["d"] else unit
            )
