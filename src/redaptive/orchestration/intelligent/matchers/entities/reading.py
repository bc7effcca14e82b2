"""All entities of one sentence, with overlaps settled: a part of a name or of a date is nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from redaptive.orchestration.intelligent.matchers.entities.calendar import Calendar, Period
from redaptive.orchestration.intelligent.matchers.entities.counts import Count, find_counts
from redaptive.orchestration.intelligent.matchers.entities.identifiers import Identifier, find_identifiers
from redaptive.orchestration.intelligent.matchers.entities.names import KINDS, NameIndex, NameMention
from redaptive.orchestration.intelligent.matchers.entities.periods import PeriodReading, read_periods
from redaptive.orchestration.intelligent.matchers.entities.phrases import Phrase
from redaptive.orchestration.intelligent.matchers.entities.quantities import (
    Money,
    Quantity,
    find_money,
    find_percentages,
    find_quantities,
)
from redaptive.orchestration.intelligent.matchers.entities.unit_words import DURATIONS
from redaptive.orchestration.intelligent.matchers.entities.vocabulary import find_words

WORD_KINDS: Final = ("measure", "commodity", "end_use", "building_type", "state", "city")
_PLURAL: Final = {
    "measure": "measures", "commodity": "commodities", "end_use": "end_uses", "building_type": "building_types",
    "state": "states", "city": "cities", "customer": "customers", "portfolio": "portfolios", "site": "sites",
    "building": "buildings", "project": "projects", "meter": "meters",
}  # fmt: skip


@dataclass(frozen=True)
class Entities:
    """What a sentence names. `names` need the tenant's index; without one they stay empty."""

    time: PeriodReading
    money: tuple[Money, ...] = ()
    percentages: tuple[Quantity, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    counts: tuple[Count, ...] = ()
    words: tuple[tuple[str, Phrase], ...] = ()
    names: tuple[NameMention, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    resolved: bool = False

    def values(self, kind: str) -> tuple[str, ...]:
        """The distinct values of a kind of word, or codes of a kind of unambiguous name, in the order of mention."""
        said = [phrase.value for k, phrase in self.words if k == kind]
        named = [m.options[0].name.code for m in self.names if not m.ambiguous and m.options[0].name.kind == kind]
        return tuple(dict.fromkeys([*named, *said]))

    @property
    def budget(self) -> Money | None:
        """The first amount that is a budget."""
        return next((m for m in self.money if m.role == "budget"), None)

    def as_dict(self) -> dict[str, Any]:
        """JSON: only what was found. Money is a string of US dollars, times carry their offset."""
        found: dict[str, Any] = {**_time(self.time), **_amounts(self)}
        for kind in (*WORD_KINDS, *KINDS):
            if values := self.values(kind):
                found[_PLURAL[kind]] = list(values)
        if self.identifiers:
            found["identifiers"] = _grouped(self.identifiers)
        if ambiguous := [m for m in self.names if m.ambiguous]:
            found["ambiguous"] = [_options(m) for m in ambiguous]
        return found


def read_entities(text: str, calendar: Calendar, names: NameIndex | None = None) -> Entities:
    """Everything that `text` names; pure, a few milliseconds."""
    time = read_periods(text, calendar)
    mentions = tuple(names.find(text)) if names is not None else ()
    named = [(m.start, m.end) for m in mentions]
    dated = _places(text, time)
    money = find_money(text)
    priced = [(m.start, m.end) for m in money]
    taken = [*named, *dated]
    return Entities(
        time=time,
        money=tuple(money),
        percentages=tuple(find_percentages(text)),
        quantities=tuple(q for q in find_quantities(text) if _free(q.start, q.end, [*taken, *priced])),
        counts=tuple(c for c in find_counts(text) if _free(c.start, c.end, dated)),
        words=tuple((k, w) for k in WORD_KINDS for w in find_words(text, k) if _free(w.start, w.end, named)),
        names=mentions,
        identifiers=tuple(i for i in find_identifiers(text) if _free(i.start, i.end, taken)),
        resolved=names is not None,
    )


def _free(start: int, end: int, taken: Sequence[tuple[int, int]]) -> bool:
    return not any(start < last and first < end for first, last in taken)


def _places(text: str, time: PeriodReading) -> list[tuple[int, int]]:
    texts = [p.text for p in (time.period, time.compare, *time.others) if p is not None and p.text]
    return [(at, at + len(t)) for t in texts if (at := text.find(t)) >= 0]


def _time(time: PeriodReading) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if time.period is not None:
        found["period"] = period_dict(time.period) | ({"limit": "before"} if time.limit else {})
    if time.compare is not None:
        found["compare_period"] = period_dict(time.compare)
    if time.others:
        found["other_periods"] = [period_dict(p) for p in time.others]
    if time.hours is not None:
        found["hours"] = {"from": time.hours[0].strftime("%H:%M"), "to": time.hours[1].strftime("%H:%M")}
    if time.same_last_year or time.one_before:
        found["relative_period"] = "same_last_year" if time.same_last_year else "one_before"
    return found


def period_dict(period: Period) -> dict[str, str]:
    """A period as JSON; `end` is not part of it."""
    found = {"start": period.start.isoformat(), "end": period.end.isoformat(), "grain": period.grain}
    return found | ({"text": period.text} if period.text else {})


def _amounts(entities: Entities) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if entities.budget is not None:
        found["budget_usd"] = str(entities.budget.usd)
    if amounts := [m for m in entities.money if m.role == "amount"]:
        found["amounts_usd"] = [{"usd": str(m.usd), "comparison": m.comparison} for m in amounts]
    if prices := [m for m in entities.money if m.role == "price"]:
        found["prices"] = [{"usd": str(m.usd), "per": m.per} for m in prices]
    if entities.percentages:
        found["percentages"] = [_quantity(q) for q in entities.percentages]
    if sizes := [q for q in entities.quantities if q.unit not in DURATIONS]:
        found["quantities"] = [_quantity(q) for q in sizes]
    if lengths := [q for q in entities.quantities if q.unit in DURATIONS]:
        found["durations"] = [_quantity(q) for q in lengths]
    if entities.counts:
        found["count"] = {"n": entities.counts[0].n, "order": entities.counts[0].order}
    return found


def _quantity(quantity: Quantity) -> dict[str, Any]:
    value = float(quantity.value)
    return {
        "value": int(value) if value.is_integer() else value,
        "unit": quantity.unit,
        "comparison": quantity.comparison,
    }


def _grouped(identifiers: Sequence[Identifier]) -> Mapping[str, list[str]]:
    grouped: dict[str, list[str]] = defaultdict(list)
    for identifier in identifiers:
        grouped[identifier.kind].append(identifier.value)
    return dict(grouped)


def _options(mention: NameMention) -> dict[str, Any]:
    options = [
        {"kind": o.name.kind, "code": o.name.code, "name": o.name.name, "score": o.score} for o in mention.options
    ]
    return {"text": mention.text, "options": options}
