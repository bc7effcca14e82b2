"""Faults and their costs as a list of work."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from redaptive.agents.equipment.diagnosing import Truth
from redaptive.agents.equipment.results import EquipmentFault, FaultCost, MaintenancePlan, WorkOrder
from redaptive.domain.equipment.maintenance import Action, Order, PricedFault, work_orders


def maintenance_plan(
    faults: Sequence[EquipmentFault], costs: Sequence[FaultCost], actions: Sequence[Action], truth: Truth
) -> tuple[MaintenancePlan, list[str]]:
    """The plan, and what a reader must be told of it.

    A fault's own chance to be true counts, unless engineers have looked at faults of its rule meanwhile.
    """
    priced = {(c.equipment_id, c.rule): c.cost_usd_per_day for c in costs if c.priced}
    found = [
        PricedFault(
            f.equipment_id,
            f.rule,
            truth.of(f.rule) if truth.is_known(f.rule) else f.probability,
            priced.get((f.equipment_id, f.rule)),
        )
        for f in faults
    ]
    orders = tuple(map(_work_order, work_orders(found, actions)))
    total = sum((order.worth_usd_per_day for order in orders), Decimal(0))
    cost = sum((order.fix_cost_usd for order in orders), Decimal(0))
    unpriced = sorted({f.rule for f in found if f.usd_per_day is None})
    note = f"No cost is known for {', '.join(unpriced)}: ranked by chance, after those with a cost."
    return MaintenancePlan(orders, total, cost), [note] if unpriced else []


def _work_order(order: Order) -> WorkOrder:
    return WorkOrder(
        rank=order.rank,
        equipment_id=order.equipment_id,
        rules=order.rules,
        action=order.action.text,
        priority=order.priority,
        worth_usd_per_day=order.worth_usd_per_day,
        fix_cost_usd=order.action.fix_cost_usd,
        payback_days=None if order.payback_days is None else round(order.payback_days, 1),
        probability=round(order.probability, 3),
    )
