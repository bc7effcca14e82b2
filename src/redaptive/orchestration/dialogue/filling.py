"""What a sentence leaves out and the conversation said before: the unit of a bare figure, the thing that is asked for."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final

from redaptive.orchestration.dialogue.spoken import Thing
from redaptive.orchestration.intelligent.planners.outcome import PlanOutcome

_I: Final = re.IGNORECASE
_BARE: Final = re.compile(
    r"^(?P<lead>\W*(?:(?:and|ok(?:ay)?|now|so|but|then|what\s+if|what\s+about|how\s+about|no|sorry|rather|make\s+(?:it|that)|try|take|use|say|i\s+meant?|it(?:'s|\s+is)|only|just)\b\W*)*(?:(?:with|for|at|of|to|on|over)\s+(?:only\s+|just\s+)?)?)(?P<n>\d[\d,]*(?:\.\d+)?(?:\s?(?:k|m|million|thousand))?)(?P<end>\s*(?:instead|then|please)?[.?!\s]*)$",
    _I,
)
_AMOUNT: Final = re.compile(
    r"(?<![\w-])(?P<usd>\$\s?)?(?P<n>\d[\d,]*(?:\.\d+)?)\s?(?:(?P<scale>k|m|million|thousand)\b\s?)?(?P<unit>dollars?|usd|%|percent|years?|months?|weeks?|days?|hours?|minutes?|kwh|mwh|kw|mw|ft2|tons?|degrees?)?(?![\w-])",
    _I,
)
_SLOTS: Final = {
    "meter_id": "meter", "meter_ids": "meter", "building_id": "building", "building_ids": "building",
    "site_id": "site", "customer_id": "customer",
}  # fmt: skip
"""Questions that a thing which was spoken of answers."""


@dataclass(frozen=True)
class Filled:
    """A sentence with what was left out, and a note of that."""

    text: str
    note: str


def with_unit(text: str, request: str) -> Filled | None:
    """A bare figure with the unit of the only amount of the request before: "and with 250000?" after "$500,000".

    >>> with_unit("and with 250000?", "what can I save with 500000 dollars?").text
    'and with 250000 dollars?'
    >>> with_unit("and for 48?", "forecast the load of M-7 for the next 24 hours").text, with_unit("12", "show M-7")
    ('and for 48 hours?', None)
    """
    match = _BARE.match(text)
    found = [each for each in _AMOUNT.finditer(request) if each["usd"] or each["unit"]] if match else []
    units = {(each["usd"] or "", each["unit"] or "") for each in found}
    if match is None or len(found) != 1:
        return None
    ((before, unit),) = units
    said = f"{before.strip()}{match['n']}{f' {unit}' if unit else ''}"
    note = f'"{match["n"]}" is taken as {said}, in the unit of the request before.'
    return Filled(f"{match['lead']}{said}{match['end']}", note)


def with_thing(text: str, outcome: PlanOutcome, things: Sequence[Thing]) -> Filled | None:
    """The sentence about the thing that was named last, where a question asks for just such a thing.

    None where the sentence names a thing itself, be it one that is not known.
    """
    kind = _SLOTS.get(outcome.slot or "") if outcome.status == "question" and not outcome.choices else None
    if kind is None or _CODE.search(text) or not things or things[-1].kind != kind:
        return None
    named = f"{kind} {things[-1].code}"
    return Filled(f"{text.rstrip(' .?!')} for {named}", f"Taken to be about {named}, which was named last.")


_CODE: Final = re.compile(r"(?<![\w-])[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+(?![\w-])")
MOST_NEAR: Final = 3


def with_unknown(text: str, outcome: PlanOutcome, codes: Mapping[str, Set[str]]) -> PlanOutcome:
    """The outcome, refused where it asks for a thing although one was named that is not here; says which are like it."""
    kind = _SLOTS.get(outcome.slot or "") if outcome.status == "question" else None
    every = sorted(set().union(*codes.values()))
    unknown = next((code for code in _CODE.findall(text) if code not in every), None)
    if kind is None or unknown is None:
        return outcome
    near = get_close_matches(unknown, sorted(codes.get(kind, ())), MOST_NEAR)
    like = f" Like it are: {', '.join(near)}." if near else ""
    message = f"There is no {kind} {unknown} here.{like} Which one do you mean?"
    return replace(outcome, status="refused", question=None, reason="infeasible", message=message)
