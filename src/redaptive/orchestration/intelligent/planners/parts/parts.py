"""Which clauses of a request are steps of their own: clauses that say too little join their neighbour."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from typing import Final

from redaptive.orchestration.intelligent.matchers.intent_result import IntentResult
from redaptive.orchestration.intelligent.planners.calls.binding import bind
from redaptive.orchestration.intelligent.planners.calls.links import links
from redaptive.orchestration.intelligent.planners.calls.valued import CASH_FLOW, FIND
from redaptive.orchestration.intelligent.planners.clauses.additions import adjoins, settled, with_more
from redaptive.orchestration.intelligent.planners.clauses.clauses import Clause, split
from redaptive.orchestration.intelligent.planners.clauses.connectives import ADJUNCT
from redaptive.orchestration.intelligent.planners.clauses.verbs import CLEAR_VERB, asks, commands, leaves_out, orders
from redaptive.orchestration.intelligent.planners.clauses.wordings import certain
from redaptive.orchestration.intelligent.planners.parts.choosing import RANK, SELECT
from redaptive.orchestration.intelligent.planners.parts.composing import OWN_WORDS
from redaptive.orchestration.intelligent.planners.parts.distributing import distributed
from redaptive.orchestration.intelligent.planners.parts.headed import headed
from redaptive.orchestration.intelligent.planners.parts.labels import (
    SURE,
    Classify,
    Guess,
    Labelled,
    Models,
    Read,
    fitting,
    gives_records,
    label,
    only_listing,
    ranked,
)
from redaptive.orchestration.intelligent.planners.parts.merging import another_one, complete, merged, told_apart
from redaptive.orchestration.intelligent.planners.parts.objects import SURE_OF_OBJECT, with_objects
from redaptive.orchestration.intelligent.planners.parts.part import Part
from redaptive.orchestration.intelligent.planners.parts.rejoining import rejoined
from redaptive.orchestration.intelligent.planners.parts.supposed import SURE_OF_CONDITION, with_conditions, work_of
from redaptive.orchestration.intelligent.planners.parts.tales import lost, must_be_clear, without_tales
from redaptive.orchestration.intelligent.planners.values.ids import find_codes
from redaptive.orchestration.intelligent.planners.values.reading import Reading
from redaptive.orchestration.intelligent.planners.values.records import RECORDS
from redaptive.orchestration.intelligent.planners.values.rule_sets import RULE_SETS, rule_sets_of

MARGIN: Final = 0.2
SURE_OF_SOFT: Final = 0.85
MOST_SOFT: Final = 6
LEAST_OF_WHOLE: Final = 0.02
LEAST_WORDS: Final = 2
MANY: Final = 4
"""So many orders in a row are meant as steps."""
SURE_IN_ORDER: Final = 0.35
"""Where the words say that a clause is a step ("then", "if"), less certainty is enough."""
SURE_OF_WISH: Final = 0.2
"""A wish in so many words that has its place in the order is a step, whatever tool it means."""
SURE_OF_WHOLE: Final = 0.9
SURE_ALONE: Final = 0.95
SURE_OF_QUESTION: Final = 0.99
SURE_OF_MORE: Final = 0.8
_CHOICE: Final = re.compile(
    r"(?:pick|choose|select|fund|decide\s+which|which\s+(?:ones?\s+)?to\s+(?:fund|buy|do))\b", re.IGNORECASE
)
_ANEW: Final = re.compile(r"\b(?:rank\w*|there|portfolio|buildings?|its)\b", re.IGNORECASE)
_CLEAR: Final = re.compile(CLEAR_VERB, re.IGNORECASE)
_ONES: Final = re.compile(
    r"\b(?:ones|instead)\b|^the\s.*\d.*\sone$|^(?:and\s+)?how\s+(?:does|do|is|are|about)\s+\S*\d\S*(?:\s+(?:look|doing|stand|fare|there))?$|^(?:and\s+)?(?:the\s+)?same\s+(?:question|thing|check|again)?\s*(?:for|with|at|on)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Parts:
    """The parts in their order; `unclear` is a clause under a condition of which nobody knows what it asks for.

    `sure` is how likely the least sure part is what it is taken for.
    """

    parts: tuple[Part, ...] = ()
    unclear: Clause | None = None
    sure: float = 0.0


def parts_of(text: str, classify: Classify, read: Read, models: Models, whole: IntentResult | None = None) -> Parts:
    """The parts of a request, each with its tool; one part, or none, when it is a single wish.

    `whole` is what the request is as a whole: where that is sure, a question behind an "and" asks for more of the same.
    """
    if wishes := headed(text, classify, models):
        return _beside(wishes, classify, read, models)
    split_up = split(text)
    listed = _of_one_tool(text, split_up, whole, read, models) if whole is not None else None
    if whole is not None and listed and not _ordered_else(split_up, whole.intent, classify, models):
        return listed
    clauses = with_objects(settled(split_up), classify, models)
    clauses = rejoined(settled(with_conditions(clauses, classify, models)), classify, models)
    if len(clauses) < 2 or sum(clause.soft for clause in clauses) > MOST_SOFT:
        clauses = _hardened(clauses)
    if len(clauses) < 2 and not any(clause.core for clause in clauses):
        return Parts()
    labelled = _labelled(clauses, classify, models)
    if whole is not None:
        also = {guess.intent for guess in whole.top3 if guess.score >= LEAST_OF_WHOLE}
        labelled = [g.without() if g.clause.soft and not _own(g, also) else g for g in labelled]
    if whole is not None and whole.score >= SURE_OF_WHOLE and whole.intent in {each.tool for each in labelled}:
        labelled = [each.without() if _asks_more(each, whole.intent) else each for each in labelled]
    if whole is not None and whole.intent in models and gives_records(models[whole.intent], read(text)):
        labelled = only_listing(labelled, whole.intent)
    labelled = fitting(without_tales(labelled, read, models, whole), read, models)
    labelled = [_out_of_found(g, labelled[:at]) for at, g in enumerate(labelled)]
    labelled = [_with_records(g, labelled[:at], text, whole, read, models) for at, g in enumerate(labelled)]
    unclear = next((g.clause for g in labelled if g.tool is None and (must_be_clear(g.clause) or lost(g.clause))), None)
    one_step = merged(told_apart(labelled, read, models), lambda text, tool: complete(read(text), models[tool]))
    found = [one for each in one_step if each.tool for one in _one_each(each, models, read)]
    parts = tuple(Part(g.clause, models[g.tool or ""], _read(g.clause, read)) for g in found)
    own = {g.clause for g in found if _names_its_own(g, models, read)}
    if whole is not None and whole.intent in models and whole.score >= SURE_OF_WHOLE:
        others = [each for each in parts if each.tool.name != whole.intent]
        coded = any(find_codes(each.clause.text) for each in parts)
        everything = read(text)
        stands = (
            explicit(parts)
            or _twice(parts)
            or any(each.clause in own or _stands(each, parts, everything) for each in others)
        )
        if not stands and (others or not coded):
            return Parts()
    return Parts(parts, unclear, min((g.best.score for g in found if g.best), default=0.0))


def _beside(wishes: Sequence[str], classify: Classify, read: Read, models: Models) -> Parts:
    """A part for each wish, none of which waits for another."""
    guesses = [ranked(wish, classify, models)[0] for wish in wishes]
    clauses = [Clause(wish, "parallel" if at else "first") for at, wish in enumerate(wishes)]
    parts = [Part(c, models[g.tool], _read(c, read)) for c, g in zip(clauses, guesses, strict=True)]
    return Parts(tuple(parts), sure=min(guess.score for guess in guesses))


def _out_of_found(labelled: Labelled, before: Sequence[Labelled]) -> Labelled:
    """A choice among the projects whose cash flows were worked out before, where no place is named to rank anew."""
    clause = labelled.clause
    own = clause.core or clause.text
    found = {each.tool for each in before}
    chosen = CASH_FLOW in found and FIND not in found
    chooses = chosen and bool(_CHOICE.match(own)) and any(char.isdigit() for char in own)
    if not chosen or (labelled.tool != RANK and not chooses) or _ANEW.search(own) or find_codes(own):
        return labelled
    return Labelled(clause, (Guess(SELECT, SURE_ALONE, SURE_ALONE),))


def _with_records(
    labelled: Labelled, before: Sequence[Labelled], text: str, whole: IntentResult | None, read: Read, models: Models
) -> Labelled:
    """The clause with the tool of the whole request, where its own needs records that nobody says and nothing gives."""
    if labelled.tool is None or whole is None or whole.intent not in models or labelled.tool == whole.intent:
        return labelled
    model, reading = models[labelled.tool], read(text)
    missing = [need for name in bind(model.tool, reading).missing if name in RECORDS and (need := model.need(name))]
    given = [need for need in missing if any(links(need, models[g.tool]) for g in before if g.tool)]
    goal = bind(models[whole.intent].tool, reading)
    if len(given) == len(missing) or goal.missing or whole.intent in {g.tool for g in before}:
        return labelled
    return replace(labelled, guesses=(replace(labelled.guesses[0], tool=whole.intent),))


def _of_one_tool(text: str, clauses: Sequence[Clause], whole: IntentResult, read: Read, models: Models) -> Parts | None:
    """The parts of a request that asks the same of several things, each with its own figures; None for any other."""
    bound = any(clause.bound and clause.relation != "parallel" for clause in clauses)
    if bound or whole.intent not in models or whole.score < SURE_OF_OBJECT:
        return None
    if gives_records(model := models[whole.intent], read(text)):
        return None
    made = [Clause(one, "parallel" if at else "first") for at, one in enumerate(distributed(text, model, read))]
    return Parts(tuple(Part(each, model, _read(each, read)) for each in made), sure=whole.score) if made else None


def _ordered_else(clauses: Sequence[Clause], intent: str, classify: Classify, models: Models) -> bool:
    """Whether a later clause orders work of another tool in so many words."""
    ordered = [clause.text for clause in clauses[1:] if not clause.soft and orders(clause.text)]
    best = [found[0] for text in ordered if (found := ranked(text, classify, models))]
    return any(guess.tool != intent and guess.score >= SURE_OF_MORE for guess in best)


def _one_each(labelled: Labelled, models: Models, read: Read) -> Iterator[Labelled]:
    """The clause, or a clause for each item of its list, beside each other."""
    clause = labelled.clause
    if labelled.tool in RULE_SETS and (sets := rule_sets_of(clause.text)):
        for at, (name, text) in enumerate(sets):
            one = replace(clause, text=text, core="", relation="parallel" if at else clause.relation)
            yield Labelled(one, (replace(labelled.guesses[0], tool=name),))
        return
    texts = distributed(clause.text, models[labelled.tool or ""], read)
    for at, text in enumerate(texts):
        one = replace(clause, text=text, core="")
        yield replace(labelled, clause=replace(one, relation="parallel") if at else one)
    if not texts:
        yield labelled


def _twice(parts: Sequence[Part]) -> bool:
    """Whether one tool is asked about different things, each said in full by its own clause."""
    said = [(part.tool.name, complete(part.reading, part.tool)) for part in parts]
    full = [(name, str(args)) for name, args in said if args is not None]
    return len(full) == len(parts) == len(set(full)) and len({name for name, _ in full}) < len(full)


def _names_its_own(labelled: Labelled, models: Models, read: Read) -> bool:
    """Whether a listed thing is surely asked for by itself: its few words name a tool and what that is about."""
    clause, best = labelled.clause, labelled.best
    if best is None or best.score < SURE_ALONE or clause.ahead or ADJUNCT.match(clause.text):
        return False
    if asks(clause.text) and best.score >= SURE_OF_QUESTION:
        return True
    bound = bind(models[best.tool].tool, read(clause.core or clause.text))
    entities = {need.name for need in models[best.tool].needs if need.entity and need.entity != "measure"}
    said = {*bound.args, *bound.several}
    opens = clause.relation == "first" and not clause.soft and len(said) > 1
    return not bound.missing and bool(opens or entities & said)


def _stands(part: Part, parts: Sequence[Part], everything: Reading) -> bool:
    """Whether a part is work of its own beside what the request is for certain: told so, and able to be done."""
    clause = part.clause
    codes = bool(find_codes(clause.text))
    if ((clause.bound or clause.asked) and not clause.soft) or codes:
        return True
    led = ADJUNCT.match(clause.text) and _CLEAR.search(clause.text)
    wishes = led or commands(clause.text) or certain(clause.text)
    if (clause.soft and clause.ahead) or not (wishes or asks(clause.text) or clause.soft):
        return False
    if not wishes and not any(need.required and need.name not in OWN_WORDS for need in part.tool.needs):
        return False
    own = bind(part.tool.tool, part.reading).missing
    missing = [name for name in bind(part.tool.tool, everything).missing if name in own and name not in OWN_WORDS]
    needs = [need for name in missing if (need := part.tool.need(name)) is not None]
    earlier = parts[: parts.index(part)]
    return all(any(links(need, each.tool) for each in earlier) for need in needs)


def _read(clause: Clause, read: Read) -> Reading:
    """The clause, read; its own period counts before one of what was added to it."""
    whole = read(clause.text)
    own = read(clause.core).period if clause.core else whole.period
    return replace(whole, period=own) if own.period is not None else whole


def explicit(parts: Sequence[Part]) -> bool:
    """Whether the request spells its steps out, with conditions or with an order or independence for each."""
    behind = [part.clause for part in parts[1:]]
    if len(parts) > 1 and all(certain(part.clause.text) for part in parts):
        return True
    conditional = any(clause.condition or clause.otherwise for clause in behind)
    loose = [one for one in behind if one.relation not in ("then", "parallel")]
    spelled = len(parts) >= MANY and all(commands(one.text) for one in loose)
    return conditional or (
        (not behind or len(loose) < len(behind)) and (spelled or all(certain(one.text) for one in loose))
    )


def _hardened(clauses: Sequence[Clause]) -> list[Clause]:
    """The clauses with soft ones joined to the one before: a long list is no list of tasks."""
    found: list[Clause] = []
    for clause in clauses:
        if clause.soft and found and not clause.ahead:
            found[-1] = with_more(found[-1], clause)
        else:
            found.append(clause)
    return found


def _labelled(clauses: Sequence[Clause], classify: Classify, models: Models) -> list[Labelled]:
    """Every clause with the guesses that are sure enough for its place; none for what only specifies or tells."""
    found: list[Labelled] = []
    for at, clause in enumerate(clauses):
        before = [f"{each.clause.text} {each.clause.condition}" for each in found]
        behind = [each.text for each in reversed(clauses[at + 1 :])]
        made = _as_before(label(clause, (*behind, *before), classify, models), found)
        if clause.asked and find_codes(clause.text) and (work := work_of(clause.core or clause.text, classify, models)):
            made = replace(made, guesses=(Guess(work, SURE, SURE), *(g for g in made.guesses if g.tool != work)))
        first = at == 0 and len(clauses) > 1 and not clause.soft
        asked = clause.asked or (first and (bool(clauses[1].condition) or clauses[1].relation == "then"))
        asked = asked or _on_its_own(made, [*behind, *before], models)
        sure = _sure(made, asked=asked) and not _ahead(clause, clauses[at + 1 : at + 2])
        found.append(made if sure else made.without())
    return found


def _on_its_own(labelled: Labelled, others: Sequence[str], models: Models) -> bool:
    """Whether a clause orders work on a thing that no other clause names, and its likeliest tool takes such things."""
    text = labelled.clause.core or labelled.clause.text
    if labelled.best is None or labelled.clause.soft or not orders(text):
        return False
    known = {code.code for other in others for code in find_codes(other)}
    kinds = {code.kind for code in find_codes(text) if code.code not in known}
    return any(need.entity in kinds for need in models[labelled.best.tool].needs)


def _ahead(clause: Clause, behind: Sequence[Clause]) -> bool:
    """Whether a clause without a verb only opens its sentence and says what the next one is about: "for those, ..."."""
    opens = adjoins(clause) and not clause.asked and leaves_out(clause.text)
    return (
        opens and bool(behind) and behind[0].lead.startswith(",") and (commands(behind[0].text) or asks(behind[0].text))
    )


def _as_before(labelled: Labelled, before: Sequence[Labelled]) -> Labelled:
    """A clause about other "ones" means the tool of the clause before, unless it is sure of itself."""
    earlier = next((each.best for each in reversed(before) if each.best), None)
    least = SURE_OF_CONDITION if commands(labelled.clause.text) and not another_one(labelled.clause) else SURE_ALONE
    sure = labelled.best is not None and labelled.best.score >= least
    if earlier is None or sure or not _ONES.search(labelled.clause.text):
        return labelled
    return replace(labelled, guesses=(earlier,))


def _sure(labelled: Labelled, *, asked: bool = False) -> bool:
    """Whether the best guess is sure enough for the place of its clause; `asked`: a condition looks at its outcome."""
    clause, best = labelled.clause, labelled.best
    if best is None:
        return False
    if (clause.bound or asked) and not clause.soft:
        wishes = commands(clause.text) or asks(clause.text)
        return best.score >= (SURE_OF_WISH if wishes else SURE_IN_ORDER)
    return best.score >= (SURE_OF_SOFT if clause.soft else SURE) and best.margin >= MARGIN


def _own(labelled: Labelled, also: Set[str]) -> bool:
    """Whether a soft clause is a wish of its own: it or the request as a whole sounds of it, and it has words enough."""
    words = [word for word in labelled.clause.text.split() if not any(map(str.isdigit, word))]
    enough = len(words) > LEAST_WORDS or bool(find_codes(labelled.clause.text))
    alone = labelled.best is not None and labelled.best.score >= SURE_ALONE and enough
    alone = alone or another_one(labelled.clause)
    return alone or (labelled.tool in also and len(words) >= LEAST_WORDS)


def _asks_more(labelled: Labelled, intent: str) -> bool:
    """Whether a clause of another tool only asks on: begins as a question or without a verb, and names no code."""
    clause = labelled.clause
    sure = labelled.best is not None and labelled.best.score >= SURE_OF_MORE
    if clause.bound or clause.soft or sure or labelled.tool in (None, intent):
        return False
    return not commands(clause.text) and not any(map(str.isdigit, clause.text))
