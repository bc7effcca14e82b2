"""Which tool does each clause: guesses of the classifier for each alone, then the choice that fits together best.

Score of a choice: the logarithms of the probabilities, less a little for every argument that nobody gives, and more for
a clause whose tool takes what an earlier one gives.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from math import log
from typing import Final

from redaptive.orchestration.ai.tool_modeling import ToolModel
from redaptive.orchestration.intelligent.matchers.intent_result import IntentResult
from redaptive.orchestration.intelligent.matchers.model_card import OUT_OF_SCOPE
from redaptive.orchestration.intelligent.planners.calls.binding import Bound, actions, bind, needed_by_action
from redaptive.orchestration.intelligent.planners.calls.fitness import (
    LACKING,
    RECORDS,
    SILENT,
    UNUSED,
    given,
    names,
    needed_records,
    silent,
    unsayable,
    unused,
)
from redaptive.orchestration.intelligent.planners.clauses.antecedents import kind_named, spelled_out
from redaptive.orchestration.intelligent.planners.clauses.clauses import Clause
from redaptive.orchestration.intelligent.planners.clauses.verbs import VERB, asks, commands
from redaptive.orchestration.intelligent.planners.clauses.wordings import certain
from redaptive.orchestration.intelligent.planners.parts.sharing import ANAPHOR
from redaptive.orchestration.intelligent.planners.values.ids import find_codes
from redaptive.orchestration.intelligent.planners.values.lexicon import acts, led_by
from redaptive.orchestration.intelligent.planners.values.outcomes import likeness
from redaptive.orchestration.intelligent.planners.values.reading import Reading
from redaptive.orchestration.intelligent.planners.values.rule_sets import RULE_SETS, rules_for

Classify = Callable[[str], IntentResult]
Read = Callable[[str], Reading]
Models = Mapping[str, ToolModel]
SURE: Final = 0.5
SURE_WITH_CONDITION: Final = 0.8
SURE_UNSPELLED: Final = 0.95
WEAK: Final = 0.75
"""How much less a guess counts that needed the words around the clause."""
LEAST: Final = 0.05
LEAST_IN_A_CHOICE: Final = 0.03
"""Beside other clauses a guess may count that alone is too unlikely."""
LEAST_WORDS: Final = 3
"""A soft clause of fewer words may only name a figure of what is asked: "with cost and payback"."""
MOST_GUESSES: Final = 3
MOST_CHOICES: Final = 250
TAKES: Final = 0.7
REPEATS: Final = 1.0
NAMED: Final = 0.7
"""How much more a tool counts of whose name the clause has a word."""
FIGURED: Final = 0.5
"""How much more a tool counts for each figure that it has a place for."""
ASKED_FOR: Final = 2.5
"""How much more a choice counts in which a condition finds the field that it names."""
_WORKFLOW: Final = "workflow."
ACTED_ON: Final = frozenset({"ticket", "alert", "change_order"})
"""Kinds of things that some tool does several things to."""
LEAST_BEHIND_WORKFLOW: Final = 0.04


_DEED_ON_IT: Final = re.compile(r"(?P<deed>[a-z]+)\s+(?:it|that|this)(?=\s*[.,;!]?$)", re.IGNORECASE)
_LEADING: Final = re.compile(VERB, re.IGNORECASE)


@dataclass(frozen=True)
class Guess:
    """A tool and how likely the clause means it; `margin` is the distance to the next."""

    tool: str
    score: float
    margin: float = 0.0


@dataclass(frozen=True)
class Labelled:
    """A clause with its guesses, best first; none where it is no wish of its own."""

    clause: Clause
    guesses: tuple[Guess, ...] = ()

    @property
    def best(self) -> Guess | None:
        """The likeliest guess."""
        return self.guesses[0] if self.guesses else None

    @property
    def tool(self) -> str | None:
        """The tool of the likeliest guess."""
        return self.guesses[0].tool if self.guesses else None

    def without(self) -> Labelled:
        """The clause as a mere addition to its neighbour."""
        return replace(self, guesses=())


def ranked(text: str, classify: Classify, models: Models) -> tuple[Guess, ...]:
    """Guesses for a text, workflows left out: a clause is one step, whatever workflow its words are part of.

    What is out of scope counts as far as it is likely: it lowers the share of the others.
    """
    if (named := certain(text)) in models:
        return _meant(named)
    found = classify(text)
    tools = [g for g in found.top3 if not g.intent.startswith(_WORKFLOW)]
    share = 1 - sum(g.score for g in found.top3 if g not in tools)
    if not tools or tools[0].score < LEAST_BEHIND_WORKFLOW:
        return ()
    scaled = _by_equipment(text, [(g.intent, g.score / max(share, tools[0].score)) for g in tools])
    margin = scaled[0][1] - (scaled[1][1] if len(scaled) > 1 else 0.0)
    if scaled[0][0] == OUT_OF_SCOPE:
        margin = -scaled[0][1]
    return tuple(Guess(name, score, margin) for name, score in scaled if name in models)


def _meant(tool: str | None) -> tuple[Guess, ...]:
    """The only guess where a text names its tool in so many words."""
    return (Guess(str(tool), 0.99, 0.99),)


def _by_equipment(text: str, scored: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """The guesses, the weight of the rules for two kinds of equipment all on the kind that is named."""
    rules = sum(score for name, score in scored if name in RULE_SETS)
    meant = rules_for(text) if rules else None
    if meant is None:
        return scored
    found = [(meant, rules), *(one for one in scored if one[0] not in RULE_SETS)]
    return sorted(found, key=lambda one: -one[1])


def label(clause: Clause, before: Sequence[str], classify: Classify, models: Models) -> Labelled:
    """The guesses of a clause: by what it says alone, or by that with what was added, whichever is surer."""
    acted = clause.core or clause.text
    if (meant := by_action(acted, models) or by_action(_acted(acted, before), models)) is not None:
        return Labelled(clause, _meant(meant))
    if clause.core and (named := certain(clause.core)) in models:
        return Labelled(clause, _meant(named))
    found = _label(clause, before, classify, models)
    if not clause.core:
        return found
    told = clause.text.removesuffix(clause.core)
    spelled = spelled_out(clause.core, before if told == clause.text else (told,))
    if (named := certain(spelled)) in models:
        return Labelled(clause, _meant(named))
    if found.best and found.best.score >= SURE_WITH_CONDITION and found.best.margin > 0:
        return found
    alone = _label(replace(clause, text=spelled), (*before, clause.text), classify, models)
    if alone.best is not None and alone.best.margin < -SURE:
        return replace(alone, clause=clause)
    surer = alone.best is not None and (found.best is None or alone.best.score > found.best.score)
    return replace(alone, clause=clause) if surer else found


def _acted(text: str, before: Sequence[str]) -> str:
    """An order about "it" with the last thing that deeds are done to: "resolve it" as "resolve ticket T-9"."""
    codes = [code for one in reversed(before) for code in reversed(find_codes(one)) if code.kind in ACTED_ON]
    pointing = _DEED_ON_IT.match(text) if codes and not find_codes(text) else None
    return f"{pointing['deed']} {codes[0].kind.replace('_', ' ')} {codes[0].code}" if pointing else ""


def by_action(text: str, models: Models) -> str | None:
    """The tool that has the first word among its actions and takes things of the kind that the text names by code."""
    kinds = {code.kind for code in find_codes(text)} & ACTED_ON
    found = [name for name, model in models.items() if kinds & _acted_on(model, text)] if kinds else []
    return found[0] if len(found) == 1 else None


def _acted_on(model: ToolModel, text: str) -> set[str | None]:
    """The kinds of things that the action needs with which a text begins."""
    action = led_by(actions(model.tool), text) or acts(model.name, text)
    needs = [model.need(name) for name in needed_by_action(model.name, action)] if action else []
    return {need.entity for need in needs if need is not None}


def _label(clause: Clause, before: Sequence[str], classify: Classify, models: Models) -> Labelled:
    """The guesses of a clause: by its words, its pronouns spelled out; else with its condition or what stood before."""
    named = None if clause.soft and len(clause.text.split()) < LEAST_WORDS else certain(clause.text)
    if named in models:
        return Labelled(clause, _meant(named))
    kind = None if clause.negated else kind_named(clause.condition)
    text = spelled_out(clause.text, before, kind)
    if text != clause.text and (spelled := certain(text)) in models:
        return Labelled(clause, _meant(spelled))
    if text != clause.text and not kind and (own := ranked(clause.text, classify, models)) and _plain(clause, own[0]):
        return Labelled(clause, own)
    if text != clause.text and clause.condition and not clause.negated:
        kinds = ranked(f"{clause.text}, {clause.condition}", classify, models)
        if kinds and kinds[0].score >= SURE_WITH_CONDITION:
            return Labelled(clause, kinds)
    if clause.soft and before and (verb := _LEADING.match(before[-1])) and not _LEADING.match(text):
        text = f"{verb.group(0)} {text}"
    found = ranked(text, classify, models)
    if (found and found[0].score >= SURE and found[0].margin > 0) or not clause.bound:
        return Labelled(clause, found)
    wider = [f"{clause.text}, {clause.condition}"] if clause.condition else []
    wider += [f"{before[-1]}, {clause.text}"] if before and not _foreign(clause, found) else []
    for other in wider:
        more = [replace(g, score=WEAK * g.score) for g in ranked(other, classify, models) if g.score >= SURE]
        if more:
            return Labelled(clause, tuple(sorted((*found, *more), key=lambda g: -g.score)))
    return Labelled(clause, found)


def _foreign(clause: Clause, guesses: Sequence[Guess]) -> bool:
    """Whether the words of a clause are none of ours and point at nothing: what stood before says nothing of them."""
    strange = not guesses or guesses[0].margin < -SURE_WITH_CONDITION
    return strange and not clause.condition and not ANAPHOR.search(clause.text)


def _plain(clause: Clause, guess: Guess) -> bool:
    """Whether a clause is understood without what its pronoun stands for."""
    words = len(clause.text.split()) + commands(clause.text)
    return guess.score >= SURE_UNSPELLED and guess.margin >= SURE and words > LEAST_WORDS


def fitting(labelled: Sequence[Labelled], read: Read, models: Models) -> list[Labelled]:
    """The clauses with the guess first that fits best with those of the others."""
    meant = rules_for(". ".join(each.clause.text for each in labelled))
    labelled = [_of_kind(each, meant) for each in labelled]
    options = [_options(each) for each in labelled]
    if all(len(each) == 1 for each in options):
        return list(labelled)
    fit = _Fit(labelled, read, models)
    best = max(islice(product(*options), MOST_CHOICES), key=fit.score)
    return [_first(each, guess) for each, guess in zip(labelled, best, strict=True)]


def _of_kind(labelled: Labelled, meant: str | None) -> Labelled:
    """The clause with the fault rules for the equipment of the whole request, where it names none itself."""
    if meant is None or labelled.tool not in RULE_SETS or rules_for(labelled.clause.text):
        return labelled
    return replace(labelled, guesses=(replace(labelled.guesses[0], tool=meant),))


def gives_records(model: ToolModel, reading: Reading) -> bool:
    """Whether a request lists the records that a tool must have."""
    return bool(needed_records(model) & bind(model.tool, reading).args.keys())


def only_listing(labelled: Sequence[Labelled], intent: str) -> list[Labelled]:
    """The clauses of a request that lists the records of one tool: all that is said tells of them, but for orders."""
    first = next((at for at, each in enumerate(labelled) if each.tool == intent), None)
    if first is None and labelled and not _ordered_beside(labelled[0], intent):
        first, labelled = 0, [replace(labelled[0], guesses=(Guess(intent, SURE_WITH_CONDITION),)), *labelled[1:]]
    return [
        each if at == first or _ordered_beside(each, intent) else each.without() for at, each in enumerate(labelled)
    ]


def _ordered_beside(labelled: Labelled, intent: str) -> bool:
    """Whether a clause orders other work in its place."""
    text, clause = labelled.clause.text, labelled.clause
    placed = (
        clause.bound
        or find_codes(text)
        or (labelled.best is not None and labelled.best.score >= SURE and _MARKED.search(text))
    )
    ordered = (commands(text) and placed) or certain(text) or (clause.bound and asks(text))
    own = labelled.tool not in (None, intent)
    return own and bool(ordered or (clause.bound and (clause.condition or clause.otherwise)))


_MARKED: Final = re.compile(r"\b[A-Z]{2}_\w+|\b20\d\d-\d\d-\d\d\b")
"""A node of a market or a day: what an order of its own is about."""


def _options(labelled: Labelled) -> list[Guess | None]:
    likely = [g for g in labelled.guesses[:MOST_GUESSES] if g.score >= LEAST_IN_A_CHOICE or g is labelled.best]
    return [*likely] or [None]


def _first(labelled: Labelled, guess: Guess | None) -> Labelled:
    if guess is None or labelled.best is None or guess is labelled.best:
        return labelled
    chosen = replace(guess, score=labelled.best.score, margin=max(labelled.best.margin, guess.margin))
    return replace(labelled, guesses=(chosen, *(g for g in labelled.guesses if g is not guess)))


class _Fit:
    """How well a choice of tools fits together; what a tool lacks with a clause is worked out once."""

    def __init__(self, labelled: Sequence[Labelled], read: Read, models: Models) -> None:
        self._readings = [read(each.clause.text) for each in labelled]
        self._later = [each.clause.bound and each.clause.relation != "parallel" for each in labelled]
        self._conditions = [each.clause.condition for each in labelled]
        self._named: dict[tuple[int, str], float] = {}
        self._models = models
        self._whole = read(". ".join(each.clause.text for each in labelled))
        self._said: dict[str, Bound] = {}
        self._lacking: dict[tuple[int, str], tuple[str, ...]] = {}
        self._taken: dict[tuple[int, str], int] = {}

    def score(self, choice: Sequence[Guess | None]) -> float:
        """The larger the better."""
        total, earlier = 0.0, list[ToolModel]()
        for at, guess in enumerate(choice):
            if guess is None:
                continue
            model = self._models[guess.tool]
            total += self._asked(at, earlier)
            again = bool(earlier) and earlier[-1] is model
            total -= REPEATS * (guess.score < SURE_WITH_CONDITION and self._repeats(at, model, earlier))
            total += log(max(guess.score, 1e-6)) + (0.0 if again else self._given(at, model, earlier))
            total -= UNUSED * unused(model, self._readings[at]) + SILENT * self._silent(at, model)
            total += FIGURED * self._figured(at, model) + NAMED * names(model.name, self._readings[at].text)
            earlier.append(model)
        return total

    def _silent(self, at: int, model: ToolModel) -> bool:
        """Whether nobody says the figures that a tool is made of, here or elsewhere."""
        return silent(model, self._in_all(model), self._readings[at])

    def _in_all(self, model: ToolModel) -> Bound:
        """What the request as a whole says of a tool's arguments."""
        if model.name not in self._said:
            self._said[model.name] = bind(model.tool, self._whole)
        return self._said[model.name]

    def _repeats(self, at: int, model: ToolModel, earlier: Sequence[ToolModel]) -> bool:
        """Whether a later stage would only read once more what was read."""
        return model in earlier and model.tool.spec.reads_only and self._later[at]

    def _asked(self, at: int, earlier: Sequence[ToolModel]) -> float:
        """More where the condition of the clause names something that an earlier tool finds."""
        condition = self._conditions[at]
        if not condition:
            return 0.0
        for model in earlier:
            if (at, model.name) not in self._named:
                fields = [product for product in model.products if product.each is None and product.path]
                self._named[at, model.name] = min(1.0, max((likeness(each, condition) for each in fields), default=0.0))
        return ASKED_FOR * max((self._named[at, model.name] for model in earlier), default=0.0)

    def _given(self, at: int, model: ToolModel, earlier: Sequence[ToolModel]) -> float:
        lacking = self._of(at, model)
        needs = [need for name in lacking if (need := model.need(name)) is not None]
        linked = [need for need in needs if any(given(need, other) for other in earlier if other is not model)]
        records = RECORDS * unsayable(model, lacking, self._models)
        return TAKES * bool(linked) - LACKING * min(len(lacking) - len(linked), 2) - records

    def _figured(self, at: int, model: ToolModel) -> int:
        """How many figures of the clause the tool has a place for."""
        key = (at, model.name)
        if key not in self._taken:
            args = bind(model.tool, self._readings[at]).args.values()
            self._taken[key] = sum(isinstance(value, int | float) and not isinstance(value, bool) for value in args)
        return self._taken[key]

    def _of(self, at: int, model: ToolModel) -> tuple[str, ...]:
        key = (at, model.name)
        if key not in self._lacking:
            elsewhere = self._in_all(model).args
            missing = bind(model.tool, self._all(at)).missing
            needs = {name: model.need(name) for name in missing}
            self._lacking[key] = tuple(
                name for name, need in needs.items() if name not in elsewhere or need is None or need.entity is not None
            )
        return self._lacking[key]

    def _all(self, at: int) -> Reading:
        """The clause's reading with the codes that others name for things that it names none of."""
        own = self._readings[at]
        more = {kind: ids for other in self._readings for kind, ids in other.ids.items() if kind not in own.ids}
        return own.with_ids(**more) if more else own
