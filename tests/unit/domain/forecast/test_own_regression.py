"""The next day by each meter's own regression: better than like days, calibrated, blind to what comes later."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from redaptive.domain.forecast.fleet_days import FleetDays, fleet_days
from redaptive.domain.forecast.own_regression import next_day
from redaptive.streams.forecasts.history import History
from redaptive.streams.forecasts.issuing import issue

START_S = int(datetime(2023, 1, 2, tzinfo=UTC).timestamp())
DAYS = 240


def _energy(meters: int = 6, seed: int = 3) -> np.ndarray:
    """(meters, hours) kWh: working days, a level that wanders from day to day, and noise."""
    rng = np.random.default_rng(seed)
    hour, day = np.arange(DAYS * 24) % 24, np.arange(DAYS * 24) // 24
    shape = 30 + 50 * ((hour >= 8) & (hour < 18) & (day % 7 < 5))
    level = np.empty((meters, DAYS))
    level[:, 0] = 0
    for at in range(1, DAYS):
        level[:, at] = 0.9 * level[:, at - 1] + rng.normal(0, 0.06, meters)
    return shape * (1 + level[:, day]) * (1 + rng.normal(0, 0.03, (meters, DAYS * 24)))


def _days(energy: np.ndarray, ahead: int = 1) -> FleetDays:
    return fleet_days(START_S, energy, "UTC", days_ahead=ahead)


def _history(energy: np.ndarray, commodity: str = "electricity") -> History:
    names = tuple(f"m{i}" for i in range(len(energy)))
    warm = np.full(energy.shape[1], np.nan)
    return History(names, "UTC", frozenset({date(2023, 5, 1)}), START_S, energy, warm, commodity)


def test_it_misses_less_than_like_days_and_holds_four_of_five_hours() -> None:
    energy = _energy()
    missed: dict[str, list[float]] = {"own": [], "like": []}
    held = []
    for back in range(1, 29):
        end = (DAYS - back) * 24
        actual, until = energy[:, end : end + 24], START_S + end * 3600
        for name, commodity in (("own", "electricity"), ("like", "gas")):
            made = issue(_history(energy[:, :end], commodity), until, 24, None)
            missed[name].append(float(np.abs(made.p50 - actual).mean()))
            if name == "own":
                assert "own regression" in made.method
                held.append(float(((made.p10 <= actual) & (actual <= made.p90)).mean()))
    assert np.mean(missed["own"]) < 0.9 * np.mean(missed["like"])
    assert 0.74 <= np.mean(held) <= 0.86  # P10 to P90; 4,032 hours


def test_later_readings_change_nothing() -> None:
    energy = _energy(3)
    other = energy.copy()
    other[:, 200 * 24 :] *= 7
    found, again = (next_day(_days(e), 200) for e in (energy, other))
    assert found is not None
    assert again is not None
    assert all(np.array_equal(a, b) for a, b in zip(found, again, strict=True))


def test_the_second_day_keeps_to_like_days() -> None:
    energy = _energy(2)
    own, like = (issue(_history(energy, c), START_S + DAYS * 86_400, 48, None) for c in ("electricity", "gas"))
    assert np.array_equal(own.p50[:, 24:], like.p50[:, 24:])
    assert not np.array_equal(own.p50[:, :24], like.p50[:, :24])
    assert (own.p10 <= own.p50).all()
    assert (own.p50 <= own.p90).all()


def test_a_short_past_has_no_regression_and_a_silent_meter_none_of_its_own() -> None:
    energy = _energy(3)
    assert next_day(_days(energy[:, : 97 * 24]), 97) is None
    energy[1] = np.nan
    found = next_day(_days(energy), DAYS)
    assert found is not None
    assert [bool(np.isfinite(row).all()) for row in found[1]] == [True, False, True]


@pytest.mark.parametrize("issued", [9, 17])
def test_it_is_issued_at_any_hour(issued: int) -> None:
    energy = _energy(2)[:, : (DAYS - 1) * 24 + issued]
    made = issue(_history(energy), START_S + energy.shape[1] * 3600, 24, None)
    assert "own regression" in made.method
    assert np.isfinite(made.p50).all()
    again = issue(replace(_history(energy), commodity=""), START_S + energy.shape[1] * 3600, 24, None)
    assert np.array_equal(made.p50, again.p50)
