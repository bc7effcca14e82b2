"""A project's cash flow against the provider's side of a published-in-design service contract."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redaptive.domain.finance.cash_flow import ProjectInputs, project_cash_flow
from redaptive.errors import InvalidInput


def _eaas(**changes: float) -> ProjectInputs:
    values = {
        "capex_usd": 1_000_000.0,
        "savings_usd_per_y": 220_000.0 * 0.9,
        "discount_rate": 0.08,
        "om_usd_per_y": 20_000.0,
        "savings_escalation": 0.025,
        "om_escalation": 0.02,
    }
    return ProjectInputs(**{**values, **changes}, life_y=10)


def test_provider_side_of_the_service_contract() -> None:
    # domain.md 7.2: NPV 320,340.19 and IRR 14.3761 %
    result = project_cash_flow(_eaas())
    assert result.npv_usd == pytest.approx(320_340.19, abs=0.005)
    assert result.irr.rate == pytest.approx(0.143761, abs=5e-7)


def test_flows_begin_with_the_outlay_and_escalate_from_year_two() -> None:
    result = project_cash_flow(_eaas(incentive_usd=100_000.0))
    assert result.flows_usd[0] == -900_000.0
    assert result.flows_usd[1] == pytest.approx(178_000.0)
    assert result.savings_usd[1] == pytest.approx(198_000.0 * 1.025)
    assert len(result.flows_usd) == 11


def test_tax_is_paid_on_the_margin_after_depreciation() -> None:
    result = project_cash_flow(_eaas(tax_rate=0.25))
    assert result.tax_usd[0] == pytest.approx(0.25 * (178_000.0 - 100_000.0))


def test_percent_given_as_a_number_is_refused() -> None:
    with pytest.raises(InvalidInput, match="discount_rate"):
        _eaas(discount_rate=8.0)


@given(st.floats(0.0, 1e6), st.floats(0.0, 0.3))
def test_npv_falls_with_cost_and_rises_with_savings(capex: float, rate: float) -> None:
    base = project_cash_flow(_eaas(capex_usd=capex, discount_rate=rate)).npv_usd
    dearer = project_cash_flow(_eaas(capex_usd=capex + 1000.0, discount_rate=rate)).npv_usd
    better = project_cash_flow(_eaas(capex_usd=capex, discount_rate=rate, savings_usd_per_y=200_000.0)).npv_usd
    assert dearer == pytest.approx(base - 1000.0)
    assert better > base
