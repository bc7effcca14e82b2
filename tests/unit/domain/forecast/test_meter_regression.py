"""The regression of a meter: reads nothing of the day it forecasts, learns what the base cannot, keeps to it unread."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.domain.forecast.synthetic_fleet import fleet

from redaptive.domain.forecast.fleet_days import FleetDays
from redaptive.domain.forecast.meter_regression import LEAST_DAYS, MeterRegression
from redaptive.domain.forecast.regression_columns import columns

ASKED = 196


@pytest.fixture(scope="module")
def days() -> FleetDays:
    return fleet(6).days


def _moved(days: FleetDays, since: int) -> FleetDays:
    """Other readings and temperatures from a day on."""
    energy, warm = days.energy.copy(), days.temperature_c.copy()
    energy[:, since:], warm[since:] = 999.0, 40.0
    return replace(days, energy=energy, temperature_c=warm)


@pytest.mark.parametrize("day", [ASKED, ASKED + 3, ASKED + 6])
def test_a_line_knows_nothing_of_its_day_and_later(days: FleetDays, day: int) -> None:
    before = MeterRegression(days).line(day, day + 1)
    assert np.array_equal(before, MeterRegression(_moved(days, day)).line(day, day + 1))
    assert not np.array_equal(before, MeterRegression(_moved(days, day - 1)).line(day, day + 1))


def test_columns_of_a_day_are_made_of_earlier_days(days: FleetDays) -> None:
    whole, moved = (columns(one, slice(None), slice(0, 150)) for one in (days, _moved(days, 100)))
    assert np.array_equal(whole.x[..., :101], moved.x[..., :101])
    assert np.array_equal(whole.base[..., :101], moved.base[..., :101], equal_nan=True)
    assert not np.array_equal(whole.x[..., 101], moved.x[..., 101])


def test_days_asked_one_after_the_other_are_those_asked_alone(days: FleetDays) -> None:
    together = MeterRegression(days)
    rows = [together.line(day, ASKED + 21) for day in range(ASKED, ASKED + 21)]
    alone = MeterRegression(days).line(ASKED + 20, ASKED + 21)
    assert np.allclose(rows[20], alone, rtol=1e-3)
    assert np.array_equal(rows[0], MeterRegression(days).line(ASKED, ASKED + 1))


def test_it_learns_a_rhythm_that_like_days_do_not_show(days: FleetDays) -> None:
    """A load of three days on and off follows from yesterday and the day before, not from the same weekday."""
    rng = np.random.default_rng(2)
    on = (np.arange(days.n_days) // 3 % 2).astype(np.float32)
    energy = 10 + 5 * on[None, :, None] + rng.normal(0, 0.1, days.energy.shape).astype(np.float32)
    made = MeterRegression(replace(days, energy=energy))
    span = range(ASKED, ASKED + 28)
    missed = np.mean([np.abs(made.line(d, 224) - energy[:, d]).mean() for d in span])
    known = columns(replace(days, energy=energy), slice(None), slice(0, 224))
    base = np.mean([np.abs(known.base[..., d] - energy[:, d]).mean() for d in span])
    assert missed < 0.6 * base


def test_a_meter_with_a_short_past_keeps_to_its_base(days: FleetDays) -> None:
    energy = days.energy.copy()
    energy[0, : ASKED - LEAST_DAYS + 3] = np.nan
    energy[1] = np.nan
    short = replace(days, energy=energy)
    line = MeterRegression(short).line(ASKED, ASKED + 1)
    base = columns(short, slice(None), slice(0, ASKED + 1)).base[..., ASKED]
    assert np.allclose(line[0], base[0])
    assert np.isnan(line[1]).all()
    assert not np.allclose(line[2], base[2])


def test_the_first_day_of_a_grid_is_unknown(days: FleetDays) -> None:
    assert np.isnan(MeterRegression(days).line(0, 1)).all()
