"""Injected truth is exact, seeded, and only where something was read."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from detection.injection import ALL, KINDS, REST_H, SHORT, Injected, Mix, inject

HOURS, METERS, SINCE = 24 * 7 * 80, 12, 24 * 7 * 20
SLOT = np.arange(HOURS) % 168


def _usual() -> np.ndarray:
    hour = np.arange(HOURS)
    is_open = (hour % 24 >= 8) & (hour % 24 < 18) & (hour // 24 % 7 < 5)
    noise = np.random.default_rng(5).normal(0, 1, (HOURS, METERS))
    kwh = (20 + 30 * is_open)[:, None] + noise
    kwh[3000:3100, 4] = np.nan
    return kwh


def _injected(seed: int = 3, mix: Mix = ALL) -> Injected:
    return inject(_usual(), SLOT, seed, since=SINCE, until=HOURS, mix=mix)


def test_a_seed_gives_the_same_events_and_another_seed_others() -> None:
    one, same, other = _injected(3), _injected(3), _injected(4)
    assert one.events == same.events
    assert np.array_equal(one.values, same.values, equal_nan=True)
    assert one.events != other.events


@pytest.mark.parametrize("mix", [ALL, SHORT])
def test_readings_change_inside_events_only(mix: Mix) -> None:
    found = _injected(mix=mix)
    inside = np.zeros(found.values.shape, bool)
    for event in found.events:
        assert event.first >= SINCE
        inside[event.first : event.last, event.meter] = True
    assert len(found.events) > METERS
    assert np.array_equal(found.values[~inside], found.original[~inside], equal_nan=True)
    assert not (found.truth[~inside] > 0).any()
    assert np.isnan(found.values[np.isnan(found.original)]).all()


def test_excess_energy_is_the_difference_to_the_original() -> None:
    found = _injected()
    for event in found.events:
        rows = (slice(event.first, event.last), event.meter)
        exact = float(np.nansum(found.values[rows] - found.original[rows]))
        assert event.excess_kwh == pytest.approx(exact, abs=1e-6)


def test_events_of_one_meter_keep_four_weeks_apart() -> None:
    for meter in range(METERS):
        mine = [e for e in _injected().events if e.meter == meter]
        assert all(later.first - earlier.last >= REST_H for earlier, later in itertools.pairwise(mine))


@pytest.mark.parametrize("kind", [k for k in KINDS if k.name in ("spike", "off_hours", "weekend", "night_base")])
def test_added_use_never_lowers_a_reading(kind: object) -> None:
    found = _injected(mix=Mix("one", (kind,), 6.0, REST_H))  # type: ignore[arg-type]
    assert found.events
    with np.errstate(invalid="ignore"):
        assert not (found.values < found.original - 1e-9).any()


def test_a_reading_is_labelled_from_a_tenth_on() -> None:
    found = inject(_usual(), SLOT, 9, since=SINCE, until=HOURS, mix=Mix("minor", (KINDS[3],), 6.0, REST_H))
    label = found.labels()
    for event in found.events:
        part = label[event.first : event.last, event.meter]
        assert part.any() == (not event.minor)
