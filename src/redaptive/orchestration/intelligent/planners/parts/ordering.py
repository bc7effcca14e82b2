"""What must be over before a part begins though nothing of it is read: stages, reports, changes of one object."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from redaptive.orchestration.intelligent.planners.calls.steps import Step, changes_anything, roots
from redaptive.orchestration.intelligent.planners.clauses.clauses import Clause
from redaptive.orchestration.intelligent.planners.parts.part import Part
from redaptive.orchestration.intelligent.planners.parts.sharing import ANAPHOR

Done = Sequence[tuple[Part, Step]]
"""The parts that have their steps already, each with its last one."""
_CLASSIFY: Final = "document-processing.classify_document"
TELLING: Final = frozenset({"customer-experience.answer_question"})
"""Tools that tell what others found, so that they come after them."""
_RESULTS: Final = re.compile(
    r"\b(?:the|its|their)\s+(?:errors?|faults?|anomal(?:y|ies)|overcharges?|problems?|issues?|mistakes?|difference|shortfall)\b",
    re.IGNORECASE,
)
"""What others find, spoken of as known."""
_OBJECTS: Final = ("alert_id", "ticket_id", "change_order_id")


def before(part: Part, steps: Sequence[Step], done: Done, known: Sequence[Step], *, fed: bool) -> tuple[str, ...]:
    """Ids of the steps that come first. `steps` are the part's own, `known` all others; `fed`: a link leads to it."""
    return (*_stated(part, steps, done, known, fed=fed), *_on_same_object(part, steps[-1], done))


def read_by(steps: Sequence[Step]) -> set[str]:
    """The roots of all references in the steps."""
    return {root for step in steps for root in roots(step.args, step.items, step.expr, step.when)}


def _stated(part: Part, steps: Sequence[Step], done: Done, known: Sequence[Step], *, fed: bool) -> tuple[str, ...]:
    clause = part.clause
    done = _in_row(clause, done)
    stage = _stage_before(clause.group, done)
    if not done or (clause.relation == "parallel" and not stage):
        return ()
    if clause.relation == "then":
        return stage or _reads(clause.group, done)
    reports = changes_anything(steps[-1], part.tool.tool.spec) or part.tool.name in TELLING
    if reports and not fed and _about_others(part, done):
        return stage
    if reports and not fed and clause.relation != "parallel":
        twin = done[-1][0].tool.name == part.tool.name
        return _reads(clause.group, done) or stage or (() if twin else (done[-1][1].id,))
    if fed or read_by(steps) & {step.id for step in known}:
        return ()
    return stage or _classified_first(part, done)


def _in_row(clause: Clause, done: Done) -> Done:
    """What was done in the row of steps to which a clause belongs; all of it where it belongs to none."""
    return [(part, step) for part, step in done if part.clause.branch == clause.branch] if clause.branch else done


def _about_others(part: Part, done: Done) -> bool:
    """Whether a deed names things, none of which was spoken of, and points at nothing: it waits for nobody."""
    own = {code for ids in part.reading.ids.values() for code in ids if code in part.clause.text}
    known = {code for earlier, _ in done for ids in earlier.reading.ids.values() for code in ids}
    loose = part.clause.relation == "and" and not part.clause.condition
    points = ANAPHOR.search(part.clause.text) or _RESULTS.search(part.clause.text)
    return loose and bool(own) and not own & known and not points


def _on_same_object(part: Part, step: Step, done: Done) -> tuple[str, ...]:
    """Changes of one object that come earlier: they are made in the order in which they were told."""
    if part.tool.tool.spec.reads_only or step.when is not None:
        return ()
    own = {(name, step.args[name]) for name in _OBJECTS if isinstance(step.args.get(name), str)}
    same = [each for _, each in done if each.tool == step.tool and each.when is None]
    return tuple(each.id for each in same if any(each.args.get(name) == code for name, code in own))


def _reads(group: int, done: Done) -> tuple[str, ...]:
    """The steps of a stage that change nothing."""
    own = [(part, step) for part, step in done if part.clause.group == group]
    return tuple(step.id for part, step in own if part.tool.tool.spec.reads_only and step.when is None)


def _stage_before(group: int, done: Done) -> tuple[str, ...]:
    """The steps of the last stage before, of each row that stands by itself."""
    last: dict[int, int] = {}
    for part, _ in done:
        if part.clause.group < group:
            last[part.clause.branch] = max(part.clause.group, last.get(part.clause.branch, 0))
    return tuple(step.id for part, step in done if last.get(part.clause.branch) == part.clause.group)


def _classified_first(part: Part, done: Done) -> tuple[str, ...]:
    """A document is read after it was classified."""
    first = [step for earlier, step in done if earlier.tool.name == _CLASSIFY]
    reads = part.tool.name.startswith("document-processing.") and part.tool.name != _CLASSIFY
    return (first[-1].id,) if first and reads else ()
