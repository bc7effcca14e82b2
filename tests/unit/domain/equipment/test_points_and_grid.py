"""Units by hand, grids by brute force, thresholds that are refused."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.domain.equipment.rows import LIMITS

from redaptive.domain.equipment.points import POINTS, converted, point
from redaptive.domain.equipment.resample import bridged, constant_points, on_grid, usual_step_s
from redaptive.domain.equipment.samples import Samples, coarser, distances
from redaptive.domain.equipment.trend import Trend
from redaptive.errors import InvalidInput


@pytest.mark.parametrize(
    ("value", "role", "unit", "wanted"),
    [
        (20.0, "sat", "degC", 68.0),
        (293.15, "sat", "K", 68.0),
        (68.0, "sat", None, 68.0),
        (68.0, "sat", "degF", 68.0),
        (0.35, "heating_valve", "fraction", 35.0),
        (249.08891, "dsp", "Pa", 1.0),
        (471.947, "airflow", "L/s", 1000.0),
        (63.0902, "flow", "L/s", 1000.0),
        (227.125, "flow", "m3/h", 1000.0),
        (1500.0, "power", "W", 1.5),
        (100.0, "fan_status", "%", 1.0),
    ],
)
def test_units_are_converted(value: float, role: str, unit: str | None, wanted: float) -> None:
    assert converted(np.array([value, np.nan]), role, unit)[0] == pytest.approx(wanted, rel=1e-4)


def test_a_unit_of_another_quantity_and_an_unknown_role_are_refused() -> None:
    with pytest.raises(InvalidInput, match="sat cannot be in 'kW'"):
        converted(np.zeros(1), "sat", "kW")
    with pytest.raises(InvalidInput, match="no point role 'supply'"):
        point("supply")
    with pytest.raises(InvalidInput, match="no point role"):
        Trend("U", 0, 300, {"supply": np.zeros(2)})
    with pytest.raises(InvalidInput, match="one grid"):
        Trend("U", 0, 300, {"sat": np.zeros(2), "mat": np.zeros(3)})


def test_every_point_has_a_range_and_a_label() -> None:
    assert all(p.low < p.high and p.label and p.name == name for name, p in POINTS.items())


@pytest.mark.parametrize(("apart", "step"), [(60, 60), (58, 60), (301, 300), (899, 900), (7200, 3600), (2, 1)])
def test_the_usual_cadence_is_found(apart: int, step: int) -> None:
    assert usual_step_s(1_000 + apart * np.arange(50)) == step


@pytest.mark.parametrize("seed", range(3))
def test_a_grid_holds_the_means_of_its_steps(seed: int) -> None:
    rng = np.random.default_rng(seed)
    at, values = rng.integers(10_000, 40_000, 500), rng.normal(60, 5, 500)
    values[rng.random(500) < 0.1] = np.nan
    made = on_grid("U", {"sat": Samples(at, values)}, 300)
    for row, value in enumerate(made.columns["sat"]):
        inside = (at // 300 * 300 == made.start_s + row * 300) & np.isfinite(values)
        if inside.any():
            assert value == pytest.approx(values[inside].mean())
        else:
            assert np.isnan(value)


def test_what_is_reported_on_change_is_held_for_so_long() -> None:
    samples = {"heating_valve": Samples(np.array([0, 600, 3600]), np.array([0.0, 50.0, 0.0]))}
    held = on_grid("U", samples, 300, hold_min=15.0).columns["heating_valve"]
    assert held[:6] == pytest.approx([0.0, 0.0, 50.0, 50.0, 50.0, 50.0])
    assert np.isnan(held[6:12]).all()
    assert held[12] == 0.0


def test_constants_stand_beside_and_empty_is_refused() -> None:
    made = constant_points(
        on_grid("U", {"sat": Samples(np.array([0, 300]), np.array([55.0, 56.0]))}), {"oa_damper_min": 20}
    )
    assert made.columns["oa_damper_min"].tolist() == [20.0, 20.0]
    with pytest.raises(InvalidInput, match="no samples"):
        on_grid("U", {"sat": Samples(np.array([], np.int64), np.array([]))})
    with pytest.raises(InvalidInput, match="span"):
        on_grid("U", {"sat": Samples(np.array([0, 10**10]), np.array([1.0, 2.0]))}, 1)
    assert np.isnan(coarser(np.array([np.nan, np.nan, 1.0, np.nan]), 2)[0])
    assert coarser(np.array([np.nan, np.nan, 1.0, np.nan]), 2)[1] == 1.0


def test_thresholds_refuse_unknown_names_and_negative_figures() -> None:
    with pytest.raises(InvalidInput, match="no threshold 'mat'") as caught:
        LIMITS.replaced({"mat": 3.0})
    assert "mat_f" in str(caught.value.fix)
    with pytest.raises(InvalidInput, match="mat_f is -1"):
        LIMITS.replaced({"mat_f": -1.0})
    assert LIMITS.replaced({"mat_f": 3.0})["mat_f"] == 3.0
    assert LIMITS["mat_f"] == 5.0


def test_samples_that_waver_around_the_grid_fall_into_one_step_each() -> None:
    rng = np.random.default_rng(3)
    for phase in (0, 140, 290):
        at = 90_000 + phase + 300 * np.arange(200) + rng.integers(-40, 40, 200)
        made = on_grid("U", {"sat": Samples(at, np.arange(200.0))}, None)
        values = made.columns["sat"][np.isfinite(made.columns["sat"])]
        assert (made.step_s, values.tolist()) == (300, np.arange(200.0).tolist())
        assert np.isfinite(made.columns["sat"][1:-1]).all()


def test_short_holes_are_bridged_and_counted_and_long_ones_left_whole() -> None:
    values = np.array([1.0, np.nan, np.nan, 4.0, np.nan, np.nan, np.nan, 8.0, np.nan])
    made, count = bridged(Trend("U", 0, 300, {"sat": values}))
    assert count == 2
    assert np.array_equal(made.columns["sat"], [1, 1, 1, 4, np.nan, np.nan, np.nan, 8, np.nan], equal_nan=True)
    hourly = Trend("U", 0, 3600, {"sat": values})
    assert bridged(hourly) == (hourly, 0)


def test_distances_of_moments_in_any_order_and_twice() -> None:
    assert distances(np.array([600, 0, 300, 300, 1500])).tolist() == [300, 300, 900]
    assert distances(np.array([0, 300, 300, 600])).tolist() == [300, 300]
    assert distances(np.array([7])).size == 0
