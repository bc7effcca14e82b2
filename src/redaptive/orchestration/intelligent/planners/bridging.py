"""A step between a part and a condition on it: "if a fault costs more than $50 a day" needs the costs of the faults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from redaptive.orchestration.ai.tool_modeling import ToolModel
from redaptive.orchestration.intelligent.planners.links import links
from redaptive.orchestration.intelligent.planners.reading import Reading


def bridge(reading: Reading, done: Iterable[ToolModel], models: Mapping[str, ToolModel]) -> ToolModel | None:
    """The tool that turns what was done into money, where a condition names money and nothing done gives any."""
    earlier = list(done)
    if not reading.money or any(_gives_money(model) for model in earlier):
        return None
    for model in models.values():
        if model.tool.spec.reads_only and _gives_money(model) and any(_follows(model, other) for other in earlier):
            return model
    return None


def _gives_money(model: ToolModel) -> bool:
    return any((product.unit or "").startswith("USD") for product in model.products)


def _follows(model: ToolModel, earlier: ToolModel) -> bool:
    """Whether all that a tool must have is an outcome of the earlier one, none of it merely an id."""
    required = [need for need in model.needs if need.required]
    return bool(required) and all(need.entity is None and links(need, earlier) for need in required)
