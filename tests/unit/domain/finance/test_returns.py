"""Rates of return against Microsoft's published examples and against numpy-financial."""

from __future__ import annotations

import math

import numpy_financial as npf
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from redaptive.domain.finance import returns
from redaptive.domain.finance.depreciation import depreciation_usd
from redaptive.errors import InvalidInput

MONEY = st.floats(1.0, 1e6)
RATE = st.floats(0.0, 0.5)


def test_irr_of_microsofts_example() -> None:
    # support.microsoft.com, IRR function
    found = returns.irr([-70000, 12000, 15000, 18000, 21000, 26000])
    assert found.rate == pytest.approx(0.086631, abs=5e-7)
    assert (found.sign_changes, found.reason) == (1, None)


def test_mirr_of_microsofts_example() -> None:
    # support.microsoft.com, MIRR function
    flows = [-120000, 39000, 30000, 21000, 37000, 46000]
    assert returns.mirr(flows, 0.10, 0.12) == pytest.approx(0.126094, abs=5e-7)


def test_excels_npv_is_ours_discounted_once_more() -> None:
    # support.microsoft.com, NPV function: the first flow is one period away there, today here
    assert returns.npv(0.10, [-10000, 3000, 4200, 6800]) / 1.10 == pytest.approx(1188.4434, abs=5e-5)


def test_no_sign_change_has_no_irr_and_says_why() -> None:
    found = returns.irr([100.0, 20.0, 30.0])
    assert found.rate is None
    assert "never changes sign" in (found.reason or "")


def test_several_sign_changes_are_flagged() -> None:
    # x^2 - 2.3 x + 1.32 = (x - 1.1)(x - 1.2): the rates 10 % and 20 % both solve it
    found = returns.irr([-100.0, 230.0, -132.0])
    assert found.sign_changes == 2
    assert found.rate == pytest.approx(0.10, abs=1e-6)
    assert "2 sign changes" in (found.reason or "")


def test_flows_without_a_real_rate() -> None:
    assert returns.irr([1.0, -1.0, 1.0]).rate is None


def test_a_rate_of_minus_one_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no present value"):
        returns.npv(-1.0, [1.0])


@given(RATE, st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40))
def test_npv_equals_numpy_financial(rate: float, flows: list[float]) -> None:
    scale = sum(map(abs, flows)) + 1.0
    assert returns.npv(rate, flows) == pytest.approx(float(npf.npv(rate, flows)), abs=1e-9 * scale)


@given(MONEY, st.lists(MONEY, min_size=1, max_size=25))
def test_irr_makes_the_npv_zero(outlay: float, incomes: list[float]) -> None:
    flows = [-outlay, *incomes]
    rate = returns.irr(flows).rate
    assert rate is not None
    assume(rate > -0.9)
    scale = sum(abs(flow) / (1 + rate) ** year for year, flow in enumerate(flows))
    assert abs(returns.npv(rate, flows)) <= 1e-7 * scale


@given(MONEY, st.lists(MONEY, min_size=2, max_size=15))
def test_irr_equals_numpy_financial(outlay: float, incomes: list[float]) -> None:
    expected = float(npf.irr([-outlay, *incomes]))
    assume(math.isfinite(expected) and -0.5 < expected < 5.0)
    assert returns.irr([-outlay, *incomes]).rate == pytest.approx(expected, abs=1e-6)


@given(MONEY, st.lists(MONEY, min_size=1, max_size=20), RATE, RATE)
def test_mirr_equals_numpy_financial(outlay: float, incomes: list[float], finance: float, reinvest: float) -> None:
    flows = [-outlay, *incomes]
    assert returns.mirr(flows, finance, reinvest) == pytest.approx(float(npf.mirr(flows, finance, reinvest)), rel=1e-9)


def test_payback_divides_the_year() -> None:
    assert returns.payback([-100.0, 40.0, 40.0, 40.0]) == pytest.approx(2.5)
    assert returns.payback([-100.0, 40.0]) is None
    assert returns.payback([10.0, 5.0]) == 0.0


@given(MONEY, MONEY, RATE)
def test_discounted_payback_is_never_earlier(outlay: float, income: float, rate: float) -> None:
    flows = [-outlay, *[income] * 30]
    plain, discounted = returns.payback(flows), returns.payback(flows, rate)
    assert discounted is None or (plain is not None and discounted >= plain - 1e-9)


def test_profitability_index_is_one_at_zero_npv() -> None:
    assert returns.profitability_index(0.10, [-100.0, 110.0]) == pytest.approx(1.0)
    assert returns.profitability_index(0.10, [100.0, 110.0]) is None


def test_levelised_cost_of_the_reference_array() -> None:
    # domain.md 7.1: 1,000 kWdc at $1,920, 1.4 GWh, 0.5 %/y, O&M 20,000 esc 2.5 %, 8 %, 25 y -> $0.1523/kWh
    om, energy = returns.escalated(20_000, 0.025, 25), returns.escalated(1_400_000, -0.005, 25)
    assert returns.lcoe_usd_per_kwh(1_920_000, om, energy, 0.08) == pytest.approx(0.1523, abs=5e-5)


def test_macrs_after_half_the_credit() -> None:
    # IRS Publication 946 five-year schedule; basis 1,920,000 * (1 - 0.30/2) = 1,632,000
    schedule = [0.20, 0.32, 0.192, 0.1152, 0.1152, 0.0576]
    yearly = depreciation_usd(1_920_000, schedule, 0.30)
    assert [round(usd) for usd in yearly] == [326400, 522240, 313344, 188006, 188006, 94003]
    assert sum(yearly) == pytest.approx(1_632_000)
