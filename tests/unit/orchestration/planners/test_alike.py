"""Arguments that one step has by another: "the same horizon", and a period at the end of a list."""

from __future__ import annotations

import pytest
from tests.unit.orchestration.planners.world import made, node


@pytest.mark.parametrize("same", ["at the same discount rate", "and an identical discount rate"])
def test_the_same_discount_rate(same: str) -> None:
    first = "Size solar for meter M-5 at a discount rate of 6 %"
    text = f"{first}, then the cash flow of $100,000 capex, $14,000 saved a year, 12 years {same}."
    assert node(made(text), "project_cashflow").args["discount_rate"] == 0.06


def test_the_same_budget() -> None:
    found = made("Rank portfolio PF-1 with a budget of $500,000, then rank portfolio PF-2 with the same budget.")
    assert [each.args["budget_usd"] for each in found.nodes if each.tool] == [500_000, 500_000]


def test_the_period_at_the_end_of_a_list_holds_for_all() -> None:
    found = made("Evaluate the AHU rules on AHU-2 and the load shape of meter M-9 for 2025-10.")
    assert str(node(found, "evaluate_ahu_rules").args["start"]).startswith("2025-10-01")
    assert node(found, "load_shape_metrics").args["period"] == "2025-10"


def test_a_later_step_keeps_its_period_to_itself() -> None:
    found = made("Evaluate the AHU rules on AHU-2, then show the load shape of meter M-9 for 2025-10.")
    assert "start" not in node(found, "evaluate_ahu_rules").args
