"""EUI by hand, percentiles against scipy and CBECS quartiles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from redaptive.domain.portfolio import benchmarks, eui, spread
from redaptive.domain.portfolio.records import Commodity
from redaptive.errors import InvalidInput

# domain.md section 3, Portfolio Manager Source Energy reference.
SOURCE = {Commodity.ELECTRICITY: 2.80, Commodity.GAS: 1.05, Commodity.SOLAR: 1.00}


def test_eui_by_hand() -> None:
    energy = {
        Commodity.ELECTRICITY: 100_000.0,
        Commodity.GAS: 50_000.0,
        Commodity.SOLAR: 10_000.0,
        Commodity.WATER: 9e9,
    }
    found = eui.eui(energy, 10_000.0, SOURCE, months=12, coverage_pct=99.0)
    assert found.site_kbtu_per_ft2 == pytest.approx(160_000 * 3.412142 / 10_000)
    assert found.source_kbtu_per_ft2 == pytest.approx((280_000 + 52_500 + 10_000) * 3.412142 / 10_000)


def test_net_export_is_not_credited_at_the_grid_factor() -> None:
    energy = {Commodity.ELECTRICITY: -2_000.0, Commodity.SOLAR: 10_000.0}
    assert eui.source_kwh(energy, SOURCE) == pytest.approx(8_000.0)


@pytest.mark.parametrize(
    ("area", "months", "coverage_pct", "says"),
    [
        (None, 12, 100.0, "gross_floor_area_ft2"),
        (0.0, 12, 100.0, "gross"),
        (9.0, 11, 100.0, "11 of"),
        (9.0, 12, 94.9, "94.9"),
    ],
)
def test_missing_inputs_are_named(area: float | None, months: int, coverage_pct: float, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        eui.eui({Commodity.GAS: 1.0}, area, SOURCE, months=months, coverage_pct=coverage_pct)
    with pytest.raises(InvalidInput, match="steam"):
        eui.eui({Commodity.STEAM: 1.0}, 9.0, SOURCE, months=12, coverage_pct=100.0)


def test_the_median_is_exactly_50_and_less_energy_is_higher() -> None:
    assert benchmarks.peer_percentile(52.9, 52.9, 0.7) == 50.0
    assert np.diff(benchmarks.peer_percentile([10.0, 50.0, 90.0, 400.0], 52.9, 0.7)).max() < 0
    assert benchmarks.peer_percentile(1e6, 52.9, 0.7) == 1.0


@pytest.mark.parametrize(
    ("p25", "p75", "sigma"),
    [
        (3.8, 17.2, 1.12),
        (5.6, 13.7, 0.66),
        (35.0, 81.4, 0.63),
        (18.9, 73.2, 1.00),
        (20.5, 43.9, 0.56),
        (8.4, 19.5, 0.62),
    ],
)
def test_sigma_of_cbecs_2012_quartiles(p25: float, p75: float, sigma: float) -> None:
    """EIA CBECS 2012 Table C14 quartiles; σ as computed in domain.md 4.2."""
    found = spread.sigma_from_quartiles(p25, p75)
    assert found == pytest.approx(sigma, abs=0.006)
    middle = float(np.sqrt(p25 * p75))
    assert benchmarks.peer_percentile([p25, p75], middle, found) == pytest.approx([75.0, 25.0])


@settings(deadline=None)
@given(st.lists(st.sampled_from([20.0, 30.5, 44.0, 60.0, 61.0, 90.0]), min_size=1, max_size=30))
def test_portfolio_percentile_equals_scipy(euis: list[float]) -> None:
    expected = [stats.percentileofscore([-e for e in euis], -x, kind="mean") for x in euis]
    assert benchmarks.portfolio_percentile(euis) == pytest.approx(expected)


def test_gaps_in_energy_and_money() -> None:
    found = benchmarks.benchmark(80.0, 10_000.0, 50.0, 0.7, usd_per_kbtu=0.03)
    assert found.gap_to_median_kbtu == pytest.approx(300_000)
    assert found.gap_to_median_usd == pytest.approx(9_000)
    assert found.peer_p75_eui == pytest.approx(float(stats.lognorm.ppf(0.25, 0.7, scale=50.0)))
    assert benchmarks.peer_percentile(found.peer_p75_eui, 50.0, 0.7) == pytest.approx(75.0)
    assert found.label == "peer percentile (estimate)"
    assert benchmarks.benchmark(80.0, 1.0, 50.0, 0.7).gap_to_median_usd is None


def test_nonsense_is_refused() -> None:
    with pytest.raises(InvalidInput, match="positive"):
        benchmarks.peer_percentile(0.0, 50.0, 0.7)
    with pytest.raises(InvalidInput, match="Quartiles"):
        spread.sigma_from_quartiles(5.0, 4.0)
