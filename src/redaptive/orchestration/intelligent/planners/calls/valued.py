"""Projects to choose from where measures were found: the cash flow of each, worked out before or now, as candidates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from redaptive.orchestration.ai.tool_modeling import ToolModel
from redaptive.orchestration.intelligent.planners.calls.links import Fill
from redaptive.orchestration.intelligent.planners.calls.steps import Step, free_id
from redaptive.orchestration.plans.schema import Expr, Json

FIND: Final = "portfolio-intelligence.find_opportunities"
CASH_FLOW: Final = "energy-finance.project_cashflow"
CANDIDATES: Final = "candidates"
_ITEM: Final = "$item."
_OF_MEASURE: Final[Mapping[str, Json]] = MappingProxyType(
    {
        "capex_usd": "$item.capex_usd.mid",
        "savings_usd_per_y": "$item.savings_usd_per_y",
        "life_y": "$item.service_life_y",
        "om_usd_per_y": "$item.om_usd_per_y",
    }
)
"""What a cash flow is told of a measure found; by the first it is known that one went through such measures."""
_NAMES: Final = ("of.building_code", "of.measure", "of.variant")
_ALSO: Final = ("building_id", "of.building_code", "avoided_t_co2e_per_y", "of.avoided_t_co2e_per_y")
Done = Sequence[tuple[ToolModel, Step]]


def valued(done: Done, steps: Sequence[Step]) -> Fill | None:
    """The measures found with the value of each, as candidates; None where none were found. `done`: the last first."""
    flows, made = _flows(done), list[Step]()
    if flows is None:
        found = next((step for _, step in done if step.tool == FIND and step.items is None), None)
        if found is None:
            return None
        items = f"${found.id}.value.opportunities"
        flows = Step(free_id("project_cashflow", steps), CASH_FLOW, dict(_OF_MEASURE), items=items)
        made.append(flows)
    both = Expr(fn="zip", args=("of", flows.items, "flow", f"${flows.id}"))
    named = Expr(fn="labelled", args=(both, "project_id", " ", *_NAMES))
    figures = ["project_id", "project_id", "npv_usd", "flow.value.npv_usd"]
    for name in ("capex_usd", "savings_usd_per_y"):
        if str(given := flows.args.get(name)).startswith(_ITEM):
            figures += [name, f"of.{str(given).removeprefix(_ITEM)}"]
    made.append(Step(free_id(CANDIDATES, steps), expr=Expr(fn="objects", args=(named, *figures, *_ALSO))))
    return Fill(f"${made[-1].id}", None, tuple(made))


def _flows(done: Done) -> Step | None:
    """The last cash flow that went through measures found."""
    through = (step for _, step in done if step.tool == CASH_FLOW and isinstance(step.items, str))
    return next((step for step in through if step.args.get("capex_usd") == _OF_MEASURE["capex_usd"]), None)
