"""What a sentence says and its plan does not use: said in a note, so that nothing is dropped in silence."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import Final

from redaptive.orchestration.answers.arrangement import arrangement_of
from redaptive.orchestration.intelligent.matchers.entities.counts import Count
from redaptive.orchestration.intelligent.matchers.entities.quantities import Money, Quantity
from redaptive.orchestration.intelligent.matchers.entities.reading import period_dict
from redaptive.orchestration.intelligent.matchers.entities.unit_words import DURATIONS
from redaptive.orchestration.intelligent.planners.carried import KINDS
from redaptive.orchestration.intelligent.planners.outcome import PlanOutcome, not_used, sought
from redaptive.orchestration.intelligent.planners.shortfalls import shortfalls
from redaptive.orchestration.intelligent.planners.singled import singled
from redaptive.orchestration.intelligent.planners.values.numerals import figure
from redaptive.orchestration.intelligent.planners.values.places import state_of
from redaptive.orchestration.intelligent.planners.values.reading import Reading
from redaptive.orchestration.plans.schema import Plan

_DATED: Final = re.compile(r"20\d\d(?:-\d\d)?|[Pp]ast|\d\d:\d\d")
_TIMED: Final = frozenset({
    "period", "start", "end", "baseline", "reporting", "on", "issued_at", "horizon_h", "event_start", "event_end",
    "snooze_until", "install_start", "install_end", "year", "month", "since", "as_of",
})  # fmt: skip
_CODE: Final = re.compile(r"[A-Z0-9][A-Z0-9_.-]+")
_FIGURE: Final = re.compile(r"\d[\d,]*(?:\.\d+)?")
_OF_PLACES: Final = ("portfolio-intelligence.", "energy-monitoring.")
"""Agents whose tools look at buildings: a city tells them which; a project only is somewhere."""
_NOW: Final = re.compile(
    r"(?:right\s+)?now|today|currently|tonight|this\s+(?:morning|afternoon|evening)", re.IGNORECASE
)
"""Moments that every tool that looks at the present answers for."""


def presented(text: str, reading: Reading, outcome: PlanOutcome, codes: Mapping[str, Set[str]]) -> PlanOutcome:
    """The outcome with how its answer is to be shown and the period that is meant; notes say what was carried over, and
    each count, amount, period, place and code of the sentence that no step of the plan takes.

    `text` is the request with the sentences that it goes on from; `codes` are the tenant's things, by kind.
    """
    if (period := reading.period.period) is not None:
        outcome = replace(outcome, period=period_dict(period))
    if outcome.plan is None:
        return outcome
    used = _Used(outcome.plan, outcome)
    arranged = _arranged(text, reading, outcome, used)
    found = singled(reading, arranged, codes)
    found = found.noting(*_carried(reading, used, found.shown.things))
    if found.plan is not None and found.plan is not outcome.plan:
        used = _Used(found.plan, found)
    among = tuple(_among_rows(reading, used, found))
    found = found.noting(*map(not_used, _unused(reading, used)), *map(sought, among))
    places = () if found.shown.things else map(not_used, _places(reading, used))
    return replace(found.noting(*places, *shortfalls(reading, found)), among_rows=among)


def _arranged(text: str, reading: Reading, outcome: PlanOutcome, used: _Used) -> PlanOutcome:
    """The outcome with how its lists are to be shown: the ranking that is said, and counts that no step takes. The
    plans of patterns rank by themselves.
    """
    if used.pattern:
        return outcome
    return replace(outcome, shown=arrangement_of(text, [each for each in reading.counts if not used.number(each.n)]))


def _carried(reading: Reading, used: _Used, things: Sequence[str]) -> tuple[str, ...]:
    """A note of what the plan takes from earlier turns, or shows alone: `things`; the rest is no news."""
    shown = [name for name in reading.inherited if set(reading.ids.get(KINDS.get(name, ""), ())) & set(things)]
    taken = [name for name in reading.inherited if name in shown or _takes(name, reading, used)]
    return (f"Carried over from before: {', '.join(taken)}.",) if taken else ()


def _takes(name: str, reading: Reading, used: _Used) -> bool:
    """Whether a step takes what was carried over under this name of the conversation."""
    if name == "period":
        return used.timed
    if name in ("count", "budget_usd", "quantities"):
        return True
    stem = KINDS[name]
    values = (*reading.ids.get(stem, ()), *reading.words.get(stem, ()))
    filters = stem in ("city", "state", "building_type", "site", "customer")
    return any(used.text(each) for each in (*values, *(reading.located if filters else ())))


def _among_rows(reading: Reading, used: _Used, outcome: PlanOutcome) -> Iterator[str]:
    """Codes of the sentence that no step takes and no row is singled out for."""
    for code in dict.fromkeys(code for ids in reading.ids.values() for code in ids):
        told = code in outcome.shown.things or used.text(code)
        if _CODE.fullmatch(code) and code in reading.text and not told:
            yield code


def _unused(reading: Reading, used: _Used) -> Iterator[str]:
    for count in reading.counts:
        if used.pattern and count.n > 1 and not used.number(count.n):
            yield f'"{_words(reading, count) or count.n}"'
    sizes = [each for each in reading.quantities if each.unit not in DURATIONS]
    amounts: tuple[Money | Quantity, ...] = (*reading.money, *sizes)
    for amount in amounts:
        words = _words(reading, amount)
        if not used.number(_size(amount)) and not used.text(words) and not used.number(_typed(words)):
            yield f'"{words}"'
    for share in reading.percentages:
        size, words = _size(share), _words(reading, share)
        if not (used.number(size) or used.number(size / 100) or used.text(words)):
            yield f'"{words}"'
    if period := _period(reading, used):
        yield f'the period "{period}"; the plan takes none'


def _period(reading: Reading, used: _Used) -> str:
    """The words of a period that has begun, where no step takes a time."""
    period, calendar = reading.period.period, reading.calendar
    ahead = (
        period is not None
        and calendar is not None
        and period.start.replace(tzinfo=None) >= calendar.now.replace(tzinfo=None)
    )
    said = period.text if period is not None and not ahead else ""
    said = "" if "period" in reading.inherited else said
    return "" if not said or _NOW.fullmatch(said) or used.timed or used.text(said) else said


def _places(reading: Reading, used: _Used) -> Iterator[str]:
    """Cities that neither the buildings that are meant nor their state stand for, and types of buildings."""
    if not used.placed or any(used.text(code) for code in reading.located) or any(reading.ids.values()):
        return
    for kind in reading.words.get("building_type", ()):
        if not used.text(kind):
            yield f"the building type {kind}"
    for city in reading.words.get("city", ()):
        if not used.text(city) and not used.text(f'"{state_of(city)}"'):
            yield city


def _words(reading: Reading, said: Count | Money | Quantity) -> str:
    return reading.text[said.start : said.end].strip()


def _typed(words: str) -> float:
    """The figure as it was typed, in the unit of the words."""
    match = _FIGURE.search(words)
    return figure(match.group(0)) if match else -1.0


def _size(amount: Money | Quantity) -> float:
    return float(amount.usd if isinstance(amount, Money) else amount.value)


class _Used:
    """What the steps of a plan take: figures, words, times."""

    def __init__(self, plan: Plan, outcome: PlanOutcome) -> None:
        given: list[object] = [dict(outcome.inputs)]
        self.pattern = outcome.path == "pattern"
        if outcome.path != "pattern":
            dumped = plan.model_dump(mode="json", by_alias=True, exclude_defaults=True)["nodes"]
            given += [{key: each for key, each in node.items() if key != "title"} for node in dumped]
        self._text = json.dumps(given, ensure_ascii=False).lower()
        self.placed = any(str(node.tool).startswith(_OF_PLACES) for node in plan.nodes)
        self._numbers = tuple(_numbers(given))
        self.timed = any(name in _TIMED for name in _names(given)) or bool(_DATED.search(self._text))

    def number(self, value: float) -> bool:
        """Whether a step takes the figure."""
        return any(abs(each - value) <= 1e-6 * max(1.0, abs(value)) for each in self._numbers)

    def text(self, words: str) -> bool:
        """Whether the words stand in an argument."""
        return words.lower() in self._text


def _numbers(value: object) -> Iterator[float]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield abs(float(value))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for part in value:
            yield from _numbers(part)


def _names(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from map(str, value)
        value = list(value.values())
    if isinstance(value, Sequence) and not isinstance(value, str):
        for part in value:
            yield from _names(part)
