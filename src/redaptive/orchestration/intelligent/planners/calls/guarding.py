"""Steps that read what may have been skipped: they run only where it is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from redaptive.orchestration.intelligent.planners.calls.steps import Step, roots
from redaptive.orchestration.plans.references import RESERVED
from redaptive.orchestration.plans.schema import AllOf, Compare, Condition


def guarded(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps, each that reads what a condition may leave out under the condition that it is there."""
    open_ones: dict[str, Step] = {}
    found = []
    for step in steps:
        missing = [name for name in _read(step) if name in open_ones]
        made = _with_guards(step, [open_ones[name] for name in missing])
        if made.when is not None or (missing and set(missing) == _parents(step)):
            open_ones[step.id] = made
        found.append(made)
    return tuple(found)


def _with_guards(step: Step, sources: Sequence[Step]) -> Step:
    """A step whose every parent may be skipped is skipped with them; else it asks whether they are there."""
    if not sources or step.expr is not None or (step.when is None and {s.id for s in sources} == _parents(step)):
        return step
    there: list[Condition] = [Compare(op="exists", left=_output(source)) for source in sources]
    every = [step.when, *there] if step.when is not None else there
    return replace(step, when=every[0] if len(every) == 1 else AllOf(all=tuple(every)))


def _output(source: Step) -> str:
    if source.items is not None or source.expr is not None:
        return f"${source.id}[0]" if source.items is not None else f"${source.id}"
    return f"${source.id}.value"


def _read(step: Step) -> tuple[str, ...]:
    """The steps that arguments, items and expressions read."""
    return roots(step.args, step.items, step.expr)


def _parents(step: Step) -> set[str]:
    return {*_read(step), *step.needs, *roots(step.when)} - RESERVED
