"""Which clauses of one tool are one step: what is said more of it, and what is another call of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from redaptive.orchestration.ai.tool_modeling import ToolModel
from redaptive.orchestration.intelligent.planners.calls.binding import bind
from redaptive.orchestration.intelligent.planners.clauses.additions import adjoins, after, with_more
from redaptive.orchestration.intelligent.planners.clauses.clauses import Clause
from redaptive.orchestration.intelligent.planners.clauses.statements import states
from redaptive.orchestration.intelligent.planners.clauses.verbs import asks, commands, orders
from redaptive.orchestration.intelligent.planners.clauses.wordings import certain
from redaptive.orchestration.intelligent.planners.parts.composing import OWN_WORDS
from redaptive.orchestration.intelligent.planners.parts.labels import Labelled, Models, Read
from redaptive.orchestration.intelligent.planners.parts.pointing import DEEDS
from redaptive.orchestration.intelligent.planners.values.ids import find_codes
from redaptive.orchestration.intelligent.planners.values.lexicon import ACTIONS, choose
from redaptive.orchestration.intelligent.planners.values.reading import Reading
from redaptive.orchestration.intelligent.planners.values.words import PERSON

Args = Mapping[str, object]
Complete = Callable[[str, str], Args | None]
"""What a text says of a tool's required arguments, where it says all of them."""
_ONE_MORE: Final = re.compile(r"(?:the|an?|its)\s+(?:\S+\s+){0,3}?\S*\d\S*\s+(?:\S+\s+)?ones?$", re.IGNORECASE)


def another_one(clause: Clause) -> bool:
    """Whether a clause means one more of what was asked for, with a figure of its own: "and the June 2025 one"."""
    return bool(_ONE_MORE.match(clause.text))


def merged(labelled: Sequence[Labelled], said: Complete) -> list[Labelled]:
    """A clause without a tool says more about its neighbour; the same tool twice is one step, unless on other codes."""
    found: list[Labelled] = []
    waiting: Clause | None = None
    for each in labelled:
        if each.tool is None:
            if found and not each.clause.ahead and not adjoins(each.clause):
                found[-1] = _joined(found[-1], each.clause)
            else:
                waiting = with_more(waiting, each.clause) if waiting else each.clause
            continue
        current = replace(each, clause=after(waiting, each.clause)) if waiting else each
        waiting = None
        same = next((at for at in range(len(found) - 1, -1, -1) if found[at].tool == current.tool), None)
        near = same is not None and (
            same == len(found) - 1 or not _on_others(current, found[: same + 1], found[same + 1 :])
        )
        if same is not None and near and _told_of(found[same].clause, current.clause):
            found[same] = replace(current, clause=after(found[same].clause, current.clause))
        elif same is not None and near and not _another(found[same].clause, current.clause, str(current.tool), said):
            found[same] = _joined(found[same], current.clause)
        else:
            found.append(current)
    return found


def told_apart(labelled: Sequence[Labelled], read: Read, models: Models) -> list[Labelled]:
    """The clauses, a second order for one tool that says a word of a closed list otherwise beside the first."""
    found: list[Labelled] = []
    for each in labelled:
        same = next((g for g in reversed(found) if g.tool and g.tool == each.tool), None)
        if same is not None and _differs(same.clause, each.clause, read, models[str(each.tool)]):
            each = replace(each, clause=replace(each.clause, relation="parallel"))
        found.append(each)
    return found


def _differs(first: Clause, second: Clause, read: Read, model: ToolModel) -> bool:
    """Whether two orders say a word of a closed list of their tool, each another one."""
    texts = [clause.core or clause.text for clause in (first, second)]
    if second.soft or second.relation != "and" or not all(orders(text) or asks(text) for text in texts):
        return False
    closed = [need.name for need in model.needs if need.entity is None and need.name not in (*OWN_WORDS, "period")]
    args = [bind(model.tool, read(text)).args for text in texts]
    words = [{name: each[name] for name in closed if isinstance(each.get(name), str)} for each in args]
    return any(words[1].get(name, value) != value for name, value in words[0].items())


def _told_of(first: Clause, second: Clause) -> bool:
    """Whether the first only tells of what the second orders: "alert A-1 keeps nagging me, snooze the thing"."""
    alone = not (first.condition or second.condition or second.otherwise or second.relation == "parallel")
    return alone and states(first.core or first.text) and commands(second.text) and not find_codes(second.text)


def _on_others(labelled: Labelled, before: Sequence[Labelled], between: Sequence[Labelled]) -> bool:
    """Whether a clause names codes, or follows others that name codes of their own: then it is about those."""
    known = {code.code for each in before for code in find_codes(each.clause.text)}
    news = {code.code for each in between for code in find_codes(each.clause.text)} - known
    return bool(find_codes(labelled.clause.text) or (known and news))


def _joined(labelled: Labelled, more: Clause) -> Labelled:
    return replace(labelled, clause=with_more(labelled.clause, more))


def _told(text: str) -> bool:
    """Whether a clause says who is told."""
    return bool(PERSON.search(text))


def complete(reading: Reading, model: ToolModel) -> Args | None:
    """The arguments of the tool where the text alone gives all that it must have, and something at all."""
    bound = bind(model.tool, reading)
    required = [need.name for need in model.needs if need.required]
    return (
        None
        if bound.missing or not required
        else {name: bound.args.get(name, bound.several.get(name)) for name in required}
    )


def _another(first: Clause, second: Clause, tool: str, said: Complete) -> bool:
    """Whether the second is a call of its own: with a condition, in an order, about other codes, or another deed."""
    if first.soft and first.ahead:
        return False
    same = second.condition == first.condition and second.otherwise == first.otherwise
    if (second.condition or second.otherwise) and not same:
        return True
    if second.relation in ("then", "parallel") and not second.soft:
        return True
    if another_one(second):
        return True
    deeds = certain(first.text), certain(second.text)
    if not second.soft and deeds[1] in DEEDS and (deeds[0] == deeds[1] or (_told(first.text) and _told(second.text))):
        return True
    actions = [choose(ACTIONS.get(tool, ()), each.text) for each in (first, second)]
    if not second.soft and None not in actions and actions[0] != actions[1]:
        return True
    own = said(second.text, tool)
    if own is not None and said(first.text, tool) not in (None, own):
        return True
    codes = [{code.code for code in find_codes(each.text)} for each in (first, second)]
    return not second.soft and bool(codes[0]) and bool(codes[1]) and codes[0] != codes[1]
