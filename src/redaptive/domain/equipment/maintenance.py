"""Work orders: faults that one action mends, ranked by what mending saves against what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

Priority = Literal["urgent", "high", "normal", "low"]
PRIORITY_DAYS: Final[tuple[tuple[float, Priority], ...]] = ((30.0, "urgent"), (120.0, "high"), (730.0, "normal"))
"""Payback in days up to which an order has the priority (design values)."""


@dataclass(frozen=True)
class Action:
    """What a technician does about some rules: cost in USD, and how often such a fault is true before anyone looked.

    `prior_true` is a share, `prior_weight` how many tickets that opinion weighs.
    """

    id: str
    text: str
    rules: tuple[str, ...]
    fix_cost_usd: Decimal
    prior_true: float
    prior_weight: float

    def covers(self, rule: str) -> bool:
        """Whether the action is about the rule; a name that ends with - covers all that begin so."""
        return any(rule == each or (each.endswith("-") and rule.startswith(each)) for each in self.rules)


@dataclass(frozen=True)
class Ticket:
    """Verdicts of engineers about a rule: how often it was right, how often wrong."""

    confirmed: int = 0
    rejected: int = 0


@dataclass(frozen=True)
class PricedFault:
    """A fault with its chance to be true (0-1) and its cost a day; None where it has no price."""

    equipment_id: str
    rule: str
    probability: float
    usd_per_day: Decimal | None


@dataclass(frozen=True)
class Order:
    """One piece of work. `worth_usd_per_day` is the largest cost x probability of its faults: they show one cause."""

    rank: int
    equipment_id: str
    rules: tuple[str, ...]
    action: Action
    priority: Priority
    worth_usd_per_day: Decimal
    payback_days: float | None
    probability: float


def probability_true(action: Action, ticket: Ticket) -> float:
    """Mean of the beta posterior: the stated prior, moved by confirmed and rejected tickets.

    >>> made = Action("a", "", (), Decimal(1), 0.6, 5.0)
    >>> probability_true(made, Ticket()), probability_true(made, Ticket(confirmed=5))
    (0.6, 0.8)
    """
    right = action.prior_true * action.prior_weight + ticket.confirmed
    return right / (action.prior_weight + ticket.confirmed + ticket.rejected)


def action_for(rule: str, actions: Sequence[Action]) -> Action:
    """The action about a rule: the first that covers it, the last one for a rule that none covers."""
    return next((action for action in actions if action.covers(rule)), actions[-1])


def work_orders(faults: Sequence[PricedFault], actions: Sequence[Action]) -> tuple[Order, ...]:
    """Orders by worth against cost, best first; those without a price follow, by probability.

    Faults of one equipment that one action mends are one order. They are symptoms of one cause, so that their costs
    are not added.
    """
    groups: dict[tuple[str, str], list[PricedFault]] = {}
    by_id = {action.id: action for action in actions}
    for fault in faults:
        groups.setdefault((fault.equipment_id, action_for(fault.rule, actions).id), []).append(fault)
    made = [_order(equipment, by_id[action], group) for (equipment, action), group in groups.items()]
    made.sort(key=_place)
    return tuple(
        Order(rank, o.equipment_id, o.rules, o.action, o.priority, o.worth_usd_per_day, o.payback_days, o.probability)
        for rank, o in enumerate(made, start=1)
    )


def _order(equipment: str, action: Action, group: Sequence[PricedFault]) -> Order:
    worths = [f.usd_per_day * Decimal(repr(f.probability)) for f in group if f.usd_per_day is not None]
    worth = max(worths, default=Decimal(0)).quantize(Decimal("0.01"))
    payback = float(action.fix_cost_usd / worth) if worth > 0 else None
    rules = tuple(sorted({f.rule for f in group}))
    return Order(0, equipment, rules, action, _priority(payback), worth, payback, max(f.probability for f in group))


def _priority(payback_days: float | None) -> Priority:
    if payback_days is None:
        return "low"
    return next((priority for days, priority in PRIORITY_DAYS if payback_days <= days), "low")


def _place(order: Order) -> tuple[float, float, str, str]:
    ratio = 1.0 / order.payback_days if order.payback_days else 0.0
    return -ratio, -order.probability, order.equipment_id, order.action.id
