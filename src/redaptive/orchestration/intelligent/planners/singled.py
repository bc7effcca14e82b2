"""Things that a sentence names and its tool cannot be told: each is made a row, and only these rows are shown."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace
from typing import Final

from redaptive.orchestration.intelligent.planners.clauses.simple_questions import USE, lists_buildings
from redaptive.orchestration.intelligent.planners.outcome import PlanOutcome
from redaptive.orchestration.intelligent.planners.values.reading import Reading

_BUILDING: Final = "building_code"
_GROUPS: Final = {"building": _BUILDING, "site": "site_code", "customer": "customer_code"}
"""What makes each thing of a kind a row of its use."""


def singled(reading: Reading, outcome: PlanOutcome, codes: Mapping[str, Set[str]]) -> PlanOutcome:
    """The outcome that tells the use of the buildings, sites or customers that are named, not of all there are.

    `codes` are the tenant's, by kind; without them nothing is known to be a row.
    """
    if outcome.plan is None or outcome.path == "pattern" or all(node.tool != USE for node in outcome.plan.nodes):
        return outcome
    if _in_cities(reading, outcome):
        return replace(_grouped(outcome, _BUILDING), shown=replace(outcome.shown, things=reading.located))
    for kind, group in _GROUPS.items():
        named = tuple(code for code in reading.ids.get(kind, ()) if code in codes.get(kind, ()))
        if named:
            return replace(_grouped(outcome, group), shown=replace(outcome.shown, things=named))
    return _grouped(outcome, _BUILDING) if lists_buildings(reading.text) else outcome


def _in_cities(reading: Reading, outcome: PlanOutcome) -> bool:
    """Whether buildings of cities are meant, of which the tool knows no more than their state, and no other groups."""
    assert outcome.plan is not None
    groups = {node.args.get("group_by") for node in outcome.plan.nodes if node.tool == USE}
    return bool(reading.located and reading.words.get("city")) and groups <= {None, _BUILDING}


def _grouped(outcome: PlanOutcome, group: str) -> PlanOutcome:
    assert outcome.plan is not None
    nodes = tuple(
        node.model_copy(update={"args": {**node.args, "group_by": group}}) if node.tool == USE else node
        for node in outcome.plan.nodes
    )
    return replace(outcome, plan=outcome.plan.model_copy(update={"nodes": nodes}))
