"""Plans by types: backwards from what a tool needs to tools that give it, best first and bounded.

Cost is the latency of the calls (plus price), and a little for every item-wise step. A tool joins a chain only when the
sentence says what it shall look at: nothing is guessed from "all there is".
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Final

from redaptive.orchestration.ai.tool_modeling import Need, ToolModel
from redaptive.orchestration.intelligent.planners.calls.binding import Bound, bind
from redaptive.orchestration.intelligent.planners.calls.links import Link, fill, links
from redaptive.orchestration.intelligent.planners.calls.steps import Step, free_id
from redaptive.orchestration.intelligent.planners.values.reading import Reading
from redaptive.orchestration.intelligent.planners.values.rule_sets import RULE_SETS, rules_for
from redaptive.orchestration.plans.schema import Json

DEEPEST: Final = 3
MOST_STATES: Final = 300
STEP_COST_MS: Final = 100.0
USD_COST_MS: Final = 10_000.0
ITEM_COST_MS: Final = 50.0
NAMED_MS: Final = 5_000.0
_PLAIN_WORDS: Final = frozenset(
    {"get", "find", "extract", "parse", "utility", "bill", "report", "and", "rules", "metrics"}
)
Models = Mapping[str, ToolModel]


@dataclass(frozen=True)
class Chained:
    """Steps that lead to the goal, which is the last; `missing` is what nobody said and nothing gives."""

    steps: tuple[Step, ...]
    missing: tuple[str, ...] = ()
    tool: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Call:
    """A call in the making: open needs, and for each filled one the link and the call that gives it."""

    model: ToolModel
    bound: Bound
    sources: Mapping[str, tuple[Link, _Call]] = field(default_factory=dict)
    named: bool = False

    @property
    def open(self) -> list[Need]:
        """What it still lacks."""
        names = [name for name in self.bound.missing if name not in self.sources]
        return [need for name in names if (need := self.model.need(name)) is not None]

    @property
    def cost(self) -> float:
        """Latency and price of the call and of all that it waits for, in ms."""
        spec = self.model.tool.spec
        own = spec.latency_p50_ms + USD_COST_MS * spec.usd_per_call + STEP_COST_MS
        return own + sum(call.cost + ITEM_COST_MS * link.cost for link, call in self.sources.values()) - self.named_ms

    @property
    def named_ms(self) -> float:
        """What it gains by being named: the sentence has a word of the tool's name that few others have."""
        return NAMED_MS if self.named else 0.0


@dataclass(frozen=True)
class Given:
    """Arguments that are known already, the list to repeat over, and the expressions that make them."""

    args: Mapping[str, Json] = field(default_factory=dict)
    items: Json = None
    before: tuple[Step, ...] = ()


def chain(
    goal: ToolModel, reading: Reading, models: Models, steps: Sequence[Step] = (), given: Given | None = None
) -> Chained:
    """The cheapest chain that fills every required argument of the goal; where there is none, what is missing."""
    known = given or Given()
    bound = _with(bind(goal.tool, reading), known)
    best = _search(_Call(goal, bound), reading, models)
    if best is None:
        return Chained((), bound.missing, goal.name)
    made = _Maker(reading, steps, known.items).make(best)
    return Chained(made, (), goal.name, bound.notes)


def _search(start: _Call, reading: Reading, models: Models) -> _Call | None:
    order, seen = count(), 0
    queue = [(start.cost, next(order), start)]
    while queue and seen < MOST_STATES:
        _, _, call = heapq.heappop(queue)
        seen += 1
        if not call.open:
            return call
        need = call.open[0]
        for link, source in _sources(need, call, reading, models, DEEPEST):
            grown = replace(call, sources={**call.sources, need.name: (link, source)})
            heapq.heappush(queue, (grown.cost, next(order), grown))
    return None


def _sources(need: Need, call: _Call, reading: Reading, models: Models, depth: int) -> Iterator[tuple[Link, _Call]]:
    """Calls that can be made and whose answer fills the need."""
    if depth <= 0:
        return
    other = next((name for name in RULE_SETS if name != (rules_for(reading.text) or name)), "")
    for model in models.values():
        if model.name in (call.model.name, other) or not model.tool.spec.reads_only:
            continue
        ways = links(need, model)
        if not ways:
            continue
        bound = bind(model.tool, reading)
        if not _grounded(bound, need):
            continue
        producer = _search_within(_Call(model, bound, named=_is_named(model, reading)), reading, models, depth - 1)
        if producer is not None:
            yield ways[0], producer


def _search_within(call: _Call, reading: Reading, models: Models, depth: int) -> _Call | None:
    """The call with its own needs filled, greedily: the cheapest source for each."""
    while call.open:
        need = call.open[0]
        found = min(_sources(need, call, reading, models, depth), key=lambda pair: pair[1].cost, default=None)
        if found is None:
            return None
        call = replace(call, sources={**call.sources, need.name: found})
    return call


def _is_named(model: ToolModel, reading: Reading) -> bool:
    words = set(model.name.partition(".")[2].split("_")) - _PLAIN_WORDS
    return any(reading.has(rf"\b{word}\b") for word in words)


_GROUNDS: Final = frozenset({"building_ids", "building_id", "document_id", "equipment_id", "meter_id", "project_id"})


def _grounded(bound: Bound, need: Need) -> bool:
    """Whether the sentence says what the source shall look at, and that is not what is sought itself."""
    given = {*bound.args, *bound.several} & _GROUNDS
    if need.entity == "period" and "document_id" not in given:
        return False  # only a document says its own period: which time is meant, else, is the asker's to say
    return bool(given - {need.name, f"{need.name}s"}) or (need.entity is None and bool(bound.missing))


class _Maker:
    """Turns calls into steps, sources first; a call that two others need is made once."""

    def __init__(self, reading: Reading, before: Sequence[Step], items: Json = None) -> None:
        self._reading = reading
        self._items = items
        self._before = list(before)
        self._made: list[Step] = []
        self._known: dict[str, Step] = {}

    def make(self, call: _Call) -> tuple[Step, ...]:
        """The steps of the call and of what it waits for."""
        self._step(call, self._items)
        return tuple(self._made)

    def _step(self, call: _Call, items: Json = None) -> Step:
        if call.model.name in self._known:
            return self._known[call.model.name]
        args: dict[str, Json] = dict(call.bound.args)
        for name, (link, source) in call.sources.items():
            given = fill(link, self._step(source), self._all, self._reading, source.model)
            self._made += given.before
            args[name] = given.value
            items = given.items if given.items is not None else items
        args, items = _several(call, args, items)
        step = Step(free_id(call.model.name, self._all), call.model.name, args, items=items)
        self._known[call.model.name] = step
        self._made.append(step)
        return step

    @property
    def _all(self) -> list[Step]:
        return [*self._before, *self._made]


def _with(bound: Bound, given: Given) -> Bound:
    """The arguments with those that are known already, which count more than what the sentence seemed to say."""
    args = {**bound.args, **given.args}
    several = {name: ids for name, ids in bound.several.items() if name not in given.args}
    return replace(bound, args=args, several=several, missing=tuple(n for n in bound.missing if n not in args))


def _several(call: _Call, args: dict[str, Json], items: Json) -> tuple[dict[str, Json], Json]:
    """Several ids where one call takes one, or one list: one call for each."""
    for name, ids in call.bound.several.items():
        need = call.model.need(name)
        many = need is not None and need.many
        if items is None:
            args, items = {**args, name: ["$item"] if many else "$item"}, list(ids)
        else:
            args = {**args, name: list(ids) if many else ids[0]}
    return args, items
