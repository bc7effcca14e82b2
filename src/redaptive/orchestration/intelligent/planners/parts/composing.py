"""Several tools in one request: a part each, joined by what one gives another, by order and by condition."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Final

from redaptive.orchestration.ai.tool_modeling import Need
from redaptive.orchestration.intelligent.planners.calls.binding import PLACES, WHERE, Bound, bind
from redaptive.orchestration.intelligent.planners.calls.bridging import bridge
from redaptive.orchestration.intelligent.planners.calls.chaining import Given, Models, chain
from redaptive.orchestration.intelligent.planners.calls.citing import with_findings
from redaptive.orchestration.intelligent.planners.calls.gathering import gathered
from redaptive.orchestration.intelligent.planners.calls.guarding import guarded
from redaptive.orchestration.intelligent.planners.calls.links import links
from redaptive.orchestration.intelligent.planners.calls.sources import Source, alike, filled_from, together
from redaptive.orchestration.intelligent.planners.calls.steps import Step
from redaptive.orchestration.intelligent.planners.clauses.clauses import Clause
from redaptive.orchestration.intelligent.planners.clauses.connectives import BARE_COMPARISON
from redaptive.orchestration.intelligent.planners.clauses.verbs import leaves_out
from redaptive.orchestration.intelligent.planners.parts.addressees import same_addressee
from redaptive.orchestration.intelligent.planners.parts.alike import named_again, timed_by_first, timed_by_next
from redaptive.orchestration.intelligent.planners.parts.alternatives import halves
from redaptive.orchestration.intelligent.planners.parts.candidates import candidates_from
from redaptive.orchestration.intelligent.planners.parts.choosing import choosing
from redaptive.orchestration.intelligent.planners.parts.conditions import Decided, condition_of, decisive, opposite
from redaptive.orchestration.intelligent.planners.parts.ordering import TELLING, before, read_by
from redaptive.orchestration.intelligent.planners.parts.part import Part
from redaptive.orchestration.intelligent.planners.parts.pointing import (
    DEEDS,
    about,
    literal,
    means,
    named_by,
    one_place,
    other_branch,
    speaks,
    would_repeat,
)
from redaptive.orchestration.intelligent.planners.parts.resumed import compared, same_figure
from redaptive.orchestration.intelligent.planners.parts.several import over_all, singly, speaks_of_several, turned
from redaptive.orchestration.intelligent.planners.parts.sharing import (
    ANAPHOR,
    SHARED,
    from_later,
    limited_by,
    meant_for,
    of_all,
    of_next,
    with_shared,
)
from redaptive.orchestration.intelligent.planners.parts.spreading import spread
from redaptive.orchestration.intelligent.planners.values.reading import Reading
from redaptive.orchestration.intelligent.planners.values.words import template_for
from redaptive.orchestration.plans.schema import AnyOf, Condition, Json

Reader = Callable[[str], Reading]
_MANY: Final = r"\b(?:each|every|all|them|those|these|(?:worst|top|costliest)|one\s+(?:by|per|for))\b"
_TARIFF: Final = (
    r"\b(?:tariffs?|rates?|rate\s+options?|that\s+one|on\s+(?:it|that)|cheapest|winner|winning|best\s+(?:one|option))\b"
)
_TARIFFS: Final = r"\b(?:them|those|these|(?:those|these|the)\s+(?:tariffs|rates|options)|tariff\s+id\w*)\b"
_PEOPLE: Final = r"\b(?:them|they|their|theirs|him|her|his|its|the\s+(?:customer|client|tenant))\b"
_AGAIN: Final = r"\b(?:again|once\s+more|re-?(?:run|check|do|calculate)|a\s+second\s+time)\b"
_SAME_TIME: Final = r"\b(?:that|(?:the\s+)?same|this)\s+(?:\w+\s+)?(?:month|year|quarter|week|day|period|time|season)\b"
_ELSE_ALIKE: Final = (
    r"\b(?:ones|instead|(?:how|what)\s+about"
    r"|(?:same|those|these)\s+(?:\w+\s+)?(?:figures|numbers|inputs|data|values|terms|assumptions))\b"
)
_DEDUCTED: Final = (
    r"\b(?:subtract|deduct|net(?:ting)?|after|less|minus|apply|count(?:ing)?|includ\w+|tak(?:e|ing)|feed|put|us(?:e|ing)|with)\b"
    r"[^.;]{0,30}\b(?:rebates?|incentives?|grants?|subsid\w+)\b|\bas\s+(?:the\s+|an?\s+|its\s+)?incentive\b"
)
_LOOSE: Final = frozenset({None, "period", "measure", "customer"})
"""Kinds of arguments that one part may say for another."""
OWN_WORDS: Final = frozenset({"action", "subject", "question", "template", "channel", "recipient", "scope_change"})
"""Arguments that are about the clause itself."""


@dataclass(frozen=True)
class Composed:
    """The steps, or what is missing for which tool."""

    steps: tuple[Step, ...] = ()
    missing: tuple[str, ...] = ()
    tool: str = ""
    notes: tuple[str, ...] = ()


def compose(parts: Sequence[Part], models: Models, read: Reader) -> Composed:
    """The steps of all parts in their order, with edges only where they are meant or needed."""
    return _Composer(parts, models, read).run()


class _Composer:
    def __init__(self, parts: Sequence[Part], models: Models, read: Reader) -> None:
        self._parts = parts
        self._models = models
        self._read = read
        self._steps: list[Step] = []
        self._done: list[tuple[Part, Step]] = []
        self._notes: list[str] = []
        self._condition: Condition | None = None
        self._condition_step: Step | None = None
        self._asked: tuple[str, bool] | None = None
        self._all: Reading | None = None
        self._sources: tuple[Step, ...] = ()
        self._source: Step | None = None

    def run(self) -> Composed:
        """Part after part."""
        shared = self._shared()
        nearest: dict[str, tuple[str, ...]] = {}
        for at, part in enumerate(self._parts):
            known = {**nearest, **from_later(shared, nearest)} if self._done else shared
            known = {**known, **of_next(part, self._parts[at + 1 :], opens=not nearest)}
            reading = with_shared(part.reading, meant_for(part, known))
            reading = of_all(part, reading, [earlier for earlier, _ in self._done])
            reading = timed_by_next(part, reading, self._parts[at + 1 :])
            reading = timed_by_first(part, reading, self._parts[:at])
            nearest |= {kind: ids for kind, ids in part.reading.ids.items() if kind in SHARED}
            self._sources = spread(part, self._done)
            for source in self._sources or (None,):
                self._source = source
                made = self._part(replace(part, reading=part.reading if source else reading))
                if made is not None:
                    return made
        self._gate()
        return Composed(guarded(with_findings(self._steps)), notes=tuple(dict.fromkeys(self._notes)))

    def _gate(self) -> None:
        """Where somebody wants to be asked first and nothing is changed, the last of those steps waits."""
        asked = [(part, step) for part, step in self._done if part.clause.gated]
        if asked and all(part.tool.tool.spec.reads_only for part, _ in asked):
            last = asked[-1][1]
            self._steps = [replace(step, gated=True) if step is last else step for step in self._steps]

    def _shared(self) -> Mapping[str, tuple[str, ...]]:
        """Codes that only one part names count for those that name none: "audit DOC-1 and extract it"."""
        found: dict[str, list[tuple[str, ...]]] = {}
        for part in self._parts:
            ids = {**self._read(part.clause.condition).ids, **part.reading.ids}
            for kind in SHARED:
                if kind in ids:
                    found.setdefault(kind, []).append(ids[kind])
        return {kind: ids[0] for kind, ids in found.items() if len(set(ids)) == 1}

    def _part(self, part: Part) -> Composed | None:
        """Add the part's steps; what is missing when it cannot be done."""
        part = choosing(part, self._done, self._models)
        when, source, limits = self._when(part)
        part = replace(part, reading=self._with_people(self._at_that_time(limited_by(part.reading, limits))))
        if when is None and (part.clause.condition or part.clause.otherwise):
            return Composed(missing=("condition",), tool=part.tool.name)
        part = self._unrepeated(part)
        bound = self._bound(part)
        joined = self._linked(part, bound)
        if isinstance(joined, Composed):
            return joined
        steps = list(joined)
        final = steps[-1]
        if when is not None:
            final = replace(final, when=when)
        if (twin := self._twin(part, final)) is not None:
            self._done.append((part, twin))
            return None
        steps = [*steps[:-1], final]
        first = before(part, steps, self._done, self._steps, fed=source is not None)
        others = {each.id for each in self._sources}
        steps[0] = steps[0].after(*(each for each in first if each not in read_by(steps) | others))
        self._steps += steps
        self._done.append((part, steps[-1]))
        self._notes += bound.notes
        return None

    def _twin(self, part: Part, step: Step) -> Step | None:
        """A step that reads the same already: asking twice in other words is one call."""
        if not part.tool.tool.spec.reads_only or part.tool.name in TELLING or part.reading.has(_AGAIN):
            return None
        same = [each for each in self._steps if each.tool == step.tool and each.items == step.items]
        said = [
            each
            for each in same
            if (step.when in (None, each.when) or each.when is None) and step.args.items() <= each.args.items()
        ]
        return said[-1] if said else None

    def _at_that_time(self, reading: Reading) -> Reading:
        """The reading with the period of the last part that names one, for "that month"."""
        if reading.period.period is not None or not reading.has(_SAME_TIME):
            return reading
        others = [*(part for part, _ in reversed(self._done)), *self._parts]
        earlier = (part.reading.period for part in others if part.reading.period.period is not None)
        period = next(earlier, None)
        return reading if period is None else replace(reading, period=period)

    def _with_people(self, reading: Reading) -> Reading:
        """The reading with the customer that "they" are."""
        if reading.ids.get("customer") or not reading.has(_PEOPLE):
            return reading
        given = (step.args.get("customer_id") for _, step in reversed(self._done))
        code = next((value for value in given if isinstance(value, str) and literal(value)), None)
        return reading if code is None else reading.with_ids(customer=(code,))

    def _unrepeated(self, part: Part) -> Part:
        """The part without several things that it names none of and need not have: nobody asked for a call each."""
        required = {need.name for need in part.tool.needs if need.required}
        several = bind(part.tool.tool, part.reading).several
        named = (need.entity for name in several.keys() - required if (need := part.tool.need(name)) and need.entity)
        kinds = {kind for entity in named for kind in PLACES.get(entity, (entity,))}
        own = self._read(part.clause.text).ids
        kept = {kind: ids for kind, ids in part.reading.ids.items() if kind in own or kind not in kinds}
        return replace(part, reading=replace(part.reading, ids=kept))

    def _bound(self, part: Part) -> Bound:
        """The part's own arguments; several things that are merely carried into a deed do not repeat it."""
        bound = bind(part.tool.tool, part.reading)
        if part.tool.tool.spec.reads_only:
            return bound
        said = {code for ids in self._read(part.clause.text).ids.values() for code in ids}
        required = {need.name for need in part.tool.needs if need.required}
        kept = {name: ids for name, ids in bound.several.items() if name in required or said & set(ids)}
        return replace(bound, several=kept)

    def _linked(self, part: Part, bound: Bound) -> tuple[Step, ...] | Composed:
        """The part with arguments from earlier steps where it lacks or means them, the rest from a chain of its own."""
        lent = self._lent(part, bound)
        wanted = [need for need in self._wanted(part, bound) if need.name not in lent]
        sources = together([each for need in wanted if (each := self._best(need, part)) is not None])
        filled = filled_from(alike(sources), self._steps, self._counted(part))
        filled = self._gathered(part, [need for need in wanted if need.required and need.many], filled)
        filled = self._worded(part, bound, filled)
        filled = replace(filled, args={**self._said_elsewhere(part, bound, filled), **lent, **filled.args})
        chained = chain(part.tool, part.reading, self._models, [*self._steps, *filled.before], given=filled)
        if not chained.steps:
            return Composed(missing=chained.missing, tool=part.tool.name)
        return (*filled.before, *chained.steps[:-1], about(chained.steps[-1], part))

    def _gathered(self, part: Part, lists: Sequence[Need], filled: Given) -> Given:
        """Records of one kind that several steps give, as one list."""
        done = [(earlier.tool, step) for earlier, step in reversed(self._done)]
        for need in lists:
            if need.entity is None and (both := gathered(need, done, part.tool, self._steps)) is not None:
                filled = Given({**filled.args, need.name: both.value}, None, (*filled.before, *both.before))
        return filled

    def _lent(self, part: Part, bound: Bound) -> dict[str, Json]:
        """What the part lacks and an earlier step was told by the same name, the nearest first."""
        found = {**same_addressee(part, bound.missing, self._done), **self._of_others(part, bound)}
        found |= named_again(part, bound.args, self._done)
        if "candidates" in bound.missing and (made := candidates_from(self._done)):
            found["candidates"] = made
        for name in set(bound.missing) - OWN_WORDS:
            given = (step.args[name] for _, step in reversed(self._done) if literal(step.args.get(name)))
            value = next(given, None)
            if value is not None:
                found[name] = value
        return found

    def _of_others(self, part: Part, bound: Bound) -> dict[str, Json]:
        """For "find pv ones instead": whatever the call before was told and this clause does not say."""
        same = next((step for earlier, step in reversed(self._done) if earlier.tool.name == part.tool.name), None)
        pointed = part.reading.has(_ELSE_ALIKE)
        if same is None or not (pointed or leaves_out(part.clause.text)):
            return {}
        return {name: value for name, value in same.args.items() if name not in bound.args and literal(value)}

    def _said_elsewhere(self, part: Part, bound: Bound, filled: Given) -> dict[str, Json]:
        """Figures, periods and the like that the part lacks, nothing gives, and another part says; never an id."""
        lacking = [name for name in bound.missing if name not in filled.args and name not in OWN_WORDS]
        needs = [need for name in lacking if (need := part.tool.need(name)) is not None]
        if not needs:
            return {}
        whole = bind(part.tool.tool, self._whole()).args
        return {need.name: whole[need.name] for need in needs if need.entity in _LOOSE and need.name in whole}

    def _whole(self) -> Reading:
        """All parts and their conditions, read as one."""
        if self._all is None:
            self._all = self._read(
                ". ".join(f"{p.clause.text}, {p.clause.condition}".rstrip(", ") for p in self._parts)
            )
        return self._all

    def _worded(self, part: Part, bound: Bound, filled: Given) -> Given:
        """A message about what came before needs no words of its own: its template follows from that."""
        if "template" not in bound.missing:
            return filled
        before = self._done[-1][0].tool.name.replace("_", " ") if self._done else ""
        about = f"{part.clause.condition} {before}"
        return replace(filled, args={**filled.args, "template": template_for(about)})

    def _wanted(self, part: Part, bound: Bound) -> list[Need]:
        """What the part lacks, and what it leaves open but refers to."""
        lacking = [each for name in bound.missing if (each := part.tool.need(name)) is not None]
        follows = part.clause.relation == "then" or bool(part.clause.condition)
        refers = follows or bool(ANAPHOR.search(part.clause.text))
        named = {*bound.args, *bound.several}
        if part.clause.relation == "parallel" or not self._done:
            return lacking
        if not refers:
            return [*lacking, *self._deducted(part, named), *self._records(part, named)]
        placed = any(each.entity in WHERE and each.name in named for each in part.tool.needs)
        placed = placed or "portfolio" in self._read(part.clause.text).ids
        open_ones = [each for each in part.tool.needs if each.name not in named and not each.required]
        things = [each for each in open_ones if each.entity and each.entity not in ("period", "portfolio")]
        things = [each for each in things if not (placed and each.entity in WHERE)]
        things = [each for each in things if (bound.args.get("action"), each.entity) != ("create", "ticket")]
        wanting = bool(lacking or ANAPHOR.search(part.clause.text)) or part.reading.has(r"\bas\s+the\s+incentive\b")
        names = ("waste_usd_per_day", "om_usd_per_y", "incentive_usd") if wanting else ("waste_usd_per_day",)
        figures = [each for each in open_ones if each.name in names]
        return [*lacking, *one_place(things), *figures, *self._records(part, named)]

    def _deducted(self, part: Part, named: Set[str]) -> list[Need]:
        """The incentive, where the request says that what was found is taken off."""
        open_ones = [need for need in part.tool.needs if need.name == "incentive_usd" and need.name not in named]
        return open_ones if self._whole().has(_DEDUCTED) else []

    def _records(self, part: Part, named: Set[str]) -> list[Need]:
        """Optional lists of records that an earlier repeated step has made, one for each of its items."""
        made = [earlier.tool for earlier, step in self._done if step.items is not None]
        lists = [need for need in part.tool.needs if need.many and not need.required and need.entity is None]
        required = [each for each in part.tool.needs if each.required]
        made = [model for model in made if not any(links(need, model) for need in required if need.entity is None)]
        return [need for need in lists if need.name not in named and any(links(need, model) for model in made)]

    def _best(self, need: Need, part: Part) -> Source | None:
        """The simplest link from the nearest earlier step that has one."""
        named_only = not need.required and need.entity in ("measure", "customer", "ticket", "alert")
        if not need.required and need.entity == "tariff" and not part.reading.has(_TARIFFS if need.many else _TARIFF):
            return None
        if named_only and not means(need, part):
            return None
        own = (part.clause.condition, part.clause.otherwise)
        apart = part.reading.has(r"\b(?:each|every|per|individual\w*|one\s+by\s+one)\b")
        for earlier, step in self._nearest(part):
            if self._source is not None and step is not self._source and need.required:
                continue
            if named_only and earlier.tool is part.tool and need.name not in bind(part.tool.tool, part.reading).missing:
                continue
            elsewhere = step.when is not None and (earlier.clause.condition, earlier.clause.otherwise) != own
            elsewhere = elsewhere or part.clause.branch not in (0, earlier.clause.branch)
            if not need.required and (elsewhere or (not named_only and other_branch(earlier, step, own))):
                continue
            record = need.many and not need.required and need.entity is None
            ways = links(need, earlier.tool)
            if need.entity == "tariff" and ways and ways[0].how == "wrap":
                continue
            if ways and (step.items is not None or not record):
                itemwise = [link for link in ways if link.how in ("each", "items")]
                one = not need.required and itemwise == list(ways) and not speaks(_MANY, part)
                if would_repeat(part, need, step, itemwise == list(ways)) or (one and part.tool.name in DEEDS):
                    continue
                return Source(itemwise[0] if apart and itemwise else ways[0], step, earlier.tool)
        return self._inner(need) if need.required else None

    def _nearest(self, part: Part) -> list[tuple[Part, Step]]:
        """The steps so far, the last one first, those about the codes that the part names before all others."""
        codes = {code for ids in self._read(part.clause.text).ids.values() for code in ids}
        latest = self._done[::-1]
        return sorted(
            latest, key=lambda each: not codes & {value for value in each[1].args.values() if isinstance(value, str)}
        )

    def _inner(self, need: Need) -> Source | None:
        """A link to a step that only led to another one."""
        for step in reversed(self._steps):
            model = self._models.get(step.tool or "")
            ways = links(need, model) if model is not None and model.tool.spec.reads_only else ()
            if ways and model is not None:
                return Source(ways[0], step, model)
        return None

    def _counted(self, part: Part) -> Reading:
        """A count in the part that ranks counts where it is used: "the worst three" may stand in either clause."""
        if part.reading.counts or part.reading.has(r"\b(?:all|every|each\s+(?!$|of\s+(?:those|them)))\b"):
            return part.reading
        counts = next((earlier.reading.counts for earlier, _ in reversed(self._done) if earlier.reading.counts), ())
        return replace(part.reading, counts=counts)

    def _when(self, part: Part) -> tuple[Condition | None, Step | None, Reading | None]:
        """The condition of the part, the step that it looks at, and the limits that it sets to that step's items."""
        clause = part.clause
        if clause.otherwise and self._condition is not None:
            return opposite(self._condition), self._condition_step, None
        if not clause.condition or not self._done:
            return None, None, None
        same = (clause.condition, clause.negated)
        if self._asked == same and self._condition is not None:
            return self._condition, self._condition_step, None
        if (bare := BARE_COMPARISON.match(clause.condition)) and self._condition is not None:
            return compared(bare["op"], self._condition), self._condition_step, None
        reading = self._read(decisive(clause.condition))
        if (again := same_figure(reading, self._condition)) is not None:
            again = opposite(again) if clause.negated else again
            self._condition, self._asked = again, same
            return again, self._condition_step, None
        between = bridge(reading, (earlier.tool for earlier, _ in self._done), self._models)
        if between is not None:
            self._part(Part(Clause("", group=clause.group), between, Reading("")))
        found = self._either(clause) or self._decided(reading, negated=clause.negated)
        if found is None:
            return None, None, None
        decided, step = found
        self._steps += decided.before
        self._condition, self._condition_step, self._asked = decided.condition, step, same
        return decided.condition, step, reading if decided.itemwise else None

    def _either(self, clause: Clause) -> tuple[Decided, Step] | None:
        """The condition of which any half is enough, each on its own step; None where there is but one."""
        said = halves(clause.condition)
        if len(said) < 2:
            return None
        found = [self._decided(self._read(decisive(half)), negated=False) for half in said]
        known = [each for each in found if each is not None]
        if len(known) < len(said):
            return None
        before = tuple(step for decided, _ in known for step in decided.before)
        whole = Decided(AnyOf(any=tuple(decided.condition for decided, _ in known)), before)
        return turned(whole, negated=clause.negated), known[-1][1]

    def _decided(self, reading: Reading, *, negated: bool) -> tuple[Decided, Step] | None:
        """The condition on the step that is meant: by its figures, by the words for its tool, else the nearest."""
        ranked = []
        if speaks_of_several(reading.text):
            self._done, self._steps = singly(self._done, self._steps)
        for back, (earlier, step) in enumerate(reversed(self._done)):
            found = condition_of(reading, step, earlier.tool, [*self._steps])
            if found is not None:
                less = 0.8 * (not earlier.tool.tool.spec.reads_only) + 1.0 * (step.when is not None) + 0.4 * back
                ranked.append((found.score + named_by(earlier, reading) - less, -back, found, step))
        best = max(ranked, key=lambda one: one[:2], default=None)
        if best is None:
            return None
        decided = over_all(reading, best[2], best[3], self._done, self._steps)
        return turned(decided, negated=negated), best[3]
