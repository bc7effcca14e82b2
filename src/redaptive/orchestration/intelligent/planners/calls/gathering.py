"""One list out of the answers of several steps: "a work list from the faults of both"."""

from __future__ import annotations

from collections.abc import Sequence

from redaptive.orchestration.ai.tool_modeling import Need, ToolModel
from redaptive.orchestration.intelligent.planners.calls.links import Fill, links
from redaptive.orchestration.intelligent.planners.calls.steps import Step, free_id
from redaptive.orchestration.intelligent.planners.calls.valued import CANDIDATES, valued
from redaptive.orchestration.plans.schema import Expr


def gathered(need: Need, done: Sequence[tuple[ToolModel, Step]], goal: ToolModel, steps: Sequence[Step]) -> Fill | None:
    """The lists that a tool needs of all steps since it was called last, as one; None where fewer than two give one.

    `done`: the steps, the last first. What may be left out, and what is repeated, gives none; but the candidates of a
    choice are what was valued one by one.
    """
    if need.name == CANDIDATES and (candidates := valued(done, steps)) is not None:
        return candidates
    lists = []
    for model, step in done:
        if model is goal:
            break
        if step.when is not None or step.items is not None:
            continue
        ways = [link for link in links(need, model) if link.how == "direct" and link.product.type.items is not None]
        lists += [f"${step.id}.{ways[0].product.reference}"] if ways else []
    if len(lists) < 2:
        return None
    both = Expr(fn="flatten", args=(Expr(fn="list", args=tuple(reversed(lists))),))
    made = Step(free_id(f"all_{need.name}", steps), expr=both)
    return Fill(f"${made.id}", None, (made,))
