"""What a conversation carries into a sentence: the entities of earlier turns, under what the sentence says itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from redaptive.orchestration.context.given import KINDS as KEYS
from redaptive.orchestration.intelligent.matchers.entities.calendar import Period, Span
from redaptive.orchestration.intelligent.matchers.entities.counts import Count
from redaptive.orchestration.intelligent.matchers.entities.quantities import Money, Quantity
from redaptive.orchestration.intelligent.planners.values.reading import Reading

_IDS: Final = {key: kind for kind, key in KEYS.items()} | {"change_order": "change_order"}
_WORDS: Final = {
    "measures": "measure", "commodities": "commodity", "building_types": "building_type", "states": "state",
    "cities": "city", "end_uses": "end_use",
}  # fmt: skip
KINDS: Final = {**_IDS, **_WORDS}
"""The kind of thing of each key of a conversation's slots."""
_UNDATED: Final = ("month", "quarter", "season", "half")
_DATED: Final = re.compile(r"\d{4}|\b(?:next|coming|last|this|past|previous|prior|current)\b", re.IGNORECASE)
_FOR_IT: Final = re.compile(
    r"^\W*(?:(?i:and|now|ok|then|please|no|sorry|but)\W+)*(?i:do|for|with|about|what\s+about|how\s+about|take|make\s+it|i\s+meant?|same\s+for|the\s+same\s+for)?\s*"
    r"(?P<name>(?!(?:LED|VFD|PDF|HTML|NPV|IRR|SMS|EUI|ESG|GRI|USD|EDI|PV|LMP|RTU|RCX|CBECS|PJM|ERCOT|CAISO|MISO|NYISO|ISONE|SPP)\b)[A-Z]{3,12})\b(?!-)"
)
"""What takes the place of the thing before, at the head of a follow-up."""
_PLACES: Final = ("building", "site", "meter", "state", "city")
"""A place that the sentence names takes the place of every narrower or wider one from before."""


def carried_into(reading: Reading, entities: Mapping[str, Any]) -> Reading:
    """The reading with what earlier turns said and it does not; names what it took in `inherited`."""
    taken: list[str] = []
    ids, words = dict(reading.ids), dict(reading.words)
    placed = any(kind in ids or kind in words for kind in _PLACES)
    for key, value in _flat(entities).items():
        kind, target = (_IDS[key], ids) if key in _IDS else (_WORDS.get(key, ""), words)
        if kind and kind not in target and not (placed and kind in _PLACES):
            target[kind] = tuple(str(each) for each in _list(value))
            taken.append(key)
    found = replace(reading, ids=ids, words=words)
    for key, change in (("period", _period), ("budget_usd", _budget), ("count", _count), ("quantities", _sizes)):
        if key in entities and (other := change(found, entities[key])) is not None:
            found = other
            taken.append(key)
    return replace(found, inherited=(*reading.inherited, *taken))


def leaning_on(reading: Reading, turns: Sequence[Reading], answered: str = "") -> Reading:
    """The reading of a follow-up with the turns before it; a month without a year is one of the year spoken of.

    `answered` is the period of the last answer, such as 2025-01..2025-12, for where nobody spoke of a year.
    """
    before: Reading | None = None
    for turn in turns:
        before = replace(turn, before=before)
    return _in_that_year(_of_that_kind(replace(reading, before=before)), answered)


def _of_that_kind(reading: Reading) -> Reading:
    """A name in capitals in place of the one of the turn before is of its kind: "do WEST" after "portfolio EAST"."""
    turn, match = reading.before, _FOR_IT.search(reading.text)
    while turn is not None and not turn.ids:
        turn = turn.before
    if turn is None or match is None or any(match["name"] in ids for ids in reading.ids.values()):
        return reading
    kinds = [kind for kind, ids in turn.ids.items() if len(ids) == 1 and ids[0].isalpha() and ids[0].isupper()]
    named = kinds[0] if len(kinds) == 1 and kinds[0] not in reading.ids else None
    return reading.with_ids(**{named: (match["name"],)}) if named else reading


def _in_that_year(reading: Reading, answered: str) -> Reading:
    period = reading.period.period
    if period is None or period.grain not in _UNDATED or _DATED.search(period.text):
        return reading
    year = _year_spoken(reading) or _year_answered(period.start.month, answered)
    if year is None or year == period.start.year:
        return reading
    span = Span(period.start.replace(tzinfo=None), period.end.replace(tzinfo=None), period.grain)
    moved, zone = span.shifted_months(12 * (year - period.start.year)), period.start.tzinfo
    there = Period(moved.start.replace(tzinfo=zone), moved.end.replace(tzinfo=zone), period.grain, period.text)
    return replace(reading, period=replace(reading.period, period=there))


def _year_spoken(reading: Reading) -> int | None:
    """The year of the newest period of the turns before, where that says one."""
    spoken, turn = None, reading.before
    while turn is not None and spoken is None:
        spoken, turn = turn.period.period, turn.before
    return spoken.start.year if spoken is not None and re.search(r"\d{4}", spoken.text) else None


def _year_answered(month: int, answered: str) -> int | None:
    """The year in which a month lies within the months of an answer, else the year in which these end.

    >>> _year_answered(3, "2024-07..2025-06"), _year_answered(3, "2025-07")
    (2025, 2025)
    """
    ends = [(int(year), int(number)) for year, number in re.findall(r"(\d{4})-(\d\d)", answered)]
    if not ends:
        return None
    years = range(ends[0][0], ends[-1][0] + 1)
    return next((year for year in years if ends[0] <= (year, month) <= ends[-1]), ends[-1][0])


def _flat(entities: Mapping[str, Any]) -> dict[str, Any]:
    """Plural keys; the singular forms and grouped identifiers that others write count too."""
    found: dict[str, Any] = {}
    inner = entities.get("identifiers")
    for key, value in (*entities.items(), *(inner.items() if isinstance(inner, Mapping) else ())):
        name = key.removesuffix("_id").removesuffix("_ids").removesuffix("_code")
        plural = next(
            (each for each in (key, name, f"{name}s", f"{name[:-1]}ies") if each in _IDS or each in _WORDS), key
        )
        found.setdefault(plural, value)
    return found


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else [value]


def _period(reading: Reading, value: Any) -> Reading | None:
    if reading.period.period is not None or not isinstance(value, Mapping) or "start" not in value:
        return None
    start, end = datetime.fromisoformat(value["start"]), datetime.fromisoformat(value["end"])
    period = Period(start, end, value.get("grain", "span"), str(value.get("text", "")))
    return replace(reading, period=replace(reading.period, period=period, same_last_year=False, one_before=False))


def _budget(reading: Reading, value: Any) -> Reading | None:
    if any(money.role == "budget" for money in reading.money):
        return None
    return replace(reading, money=(*reading.money, Money(Decimal(str(value)), "budget", "equal", 0, 0)))


def _count(reading: Reading, value: Any) -> Reading | None:
    n = value.get("n") if isinstance(value, Mapping) else value
    if reading.counts or not isinstance(n, int):
        return None
    return replace(reading, counts=(Count(n, "worst", 0, 0),))


def _sizes(reading: Reading, value: Any) -> Reading | None:
    known = {quantity.unit for quantity in reading.quantities}
    more = tuple(
        Quantity(Decimal(str(each["value"])), str(each["unit"]), each.get("comparison", "equal"), 0, 0)
        for each in _list(value)
        if isinstance(each, Mapping) and each.get("unit") not in known
    )
    return replace(reading, quantities=(*reading.quantities, *more)) if more else None
