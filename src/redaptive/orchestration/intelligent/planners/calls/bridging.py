"""A step between a part and a condition on it: "if a fault costs more than $50 a day" needs the costs of the faults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from functools import partial
from typing import Final

from redaptive.orchestration.ai.tool_modeling import ToolModel
from redaptive.orchestration.intelligent.planners.calls.links import links
from redaptive.orchestration.intelligent.planners.values.outcomes import meant
from redaptive.orchestration.intelligent.planners.values.reading import Reading

_FINDINGS: Final = frozenset({"overcharged"})
"""Findings that only one tool makes of what another reads."""


def bridge(reading: Reading, done: Iterable[ToolModel], models: Mapping[str, ToolModel]) -> ToolModel | None:
    """The tool that makes of what was done what a condition names, money or a finding, where nothing done gives it."""
    earlier = list(done)
    found = set(meant(reading.text)) & _FINDINGS
    gives = _gives_money if reading.money else partial(_finds, found)
    if not (reading.money or found) or any(gives(model) for model in earlier):
        return None
    for model in models.values():
        if model.tool.spec.reads_only and gives(model) and any(_follows(model, other) for other in earlier):
            return model
    return None


def _gives_money(model: ToolModel) -> bool:
    return any((product.unit or "").startswith("USD") for product in model.products)


def _finds(words: Set[str], model: ToolModel) -> bool:
    return any(word in product.path for product in model.products for word in words if product.each is None)


def _follows(model: ToolModel, earlier: ToolModel) -> bool:
    """Whether all that a tool must have is an outcome of the earlier one, none of it merely an id."""
    required = [need for need in model.needs if need.required]
    return bool(required) and all(need.entity is None and links(need, earlier) for need in required)
