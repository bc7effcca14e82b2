"""Episodes against the weeks before them, on readings whose truth is known."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import numpy as np
import pytest

from redaptive.domain.alerts.assessment import DAY_H, WEEK_H, Floats, usual_week
from redaptive.domain.alerts.comparable import Comparable, Episode
from redaptive.domain.alerts.faults import Fault
from redaptive.domain.alerts.kinds import DAY_S, HOUR_S
from redaptive.domain.alerts.persistence import Patience
from redaptive.domain.alerts.states import State
from redaptive.domain.alerts.weighing import GRACE_S, looks, multiplied, opens, priced_excess, stands_out, still, weigh
from redaptive.domain.detectors.history.known_values import median

FIRST_H = 4 * 24 + 1_000 * WEEK_H
"""A Monday, 0:00 UTC (1970 began on a Thursday)."""
AT = 10 * WEEK_H
HOURS = np.arange(AT + 3 * WEEK_H)
SLOT = HOURS % WEEK_H
WORKING = (SLOT < 5 * DAY_H) & (SLOT % DAY_H >= 6) & (SLOT % DAY_H < 20)


def readings(seed: int = 1, meters: int = 1) -> Floats:
    """100 kW in working hours and 40 else, with noise of 3 % an hour and 2 % a day."""
    chance = np.random.default_rng(seed)
    base = np.where(WORKING, 100.0, 40.0)[:, None]
    days = chance.normal(1.0, 0.02, (len(HOURS) // DAY_H, meters)).repeat(DAY_H, axis=0)
    return base * days * chance.normal(1.0, 0.03, (len(HOURS), meters))


def among(kwh: Floats, air: Floats | None = None) -> Comparable:
    """Meters of a building each."""
    air = np.full(len(kwh), np.nan) if air is None else air
    return Comparable(FIRST_H, kwh, SLOT, list(range(kwh.shape[1])), list(range(kwh.shape[1])), air)


def fault(kind: str = "level_shift", **changes: object) -> Fault:
    since = (FIRST_H + AT) * HOUR_S
    return replace(Fault(uuid4(), kind, State.PROVISIONAL, since, since, since, cadence_s=HOUR_S), **changes)  # type: ignore[arg-type]


def episode(kwh: Floats, air: Floats | None = None, meter: int = 0) -> Episode:
    return Episode(among(kwh, air), meter, (FIRST_H + AT) * HOUR_S)


@pytest.mark.parametrize("days", [1, 3, 7, 14])
def test_a_level_costs_what_it_adds_also_when_it_has_lasted(days: int) -> None:
    kwh = readings()
    kwh[AT:] *= 1.2
    found = episode(kwh).assess((FIRST_H + AT + days * DAY_H) * HOUR_S)
    assert found is not None
    true = 0.2 * (70 * 100 + 98 * 40) / 7
    assert found.excess == pytest.approx(true, rel=0.25)
    assert found.errors > 3
    assert still(found, found.excess)


def test_only_the_weekend_that_was_seen_is_not_taken_for_all_days() -> None:
    kwh = readings()
    rest = (SLOT >= 5 * DAY_H) & (HOURS >= AT)
    kwh[rest] += 60.0
    found = Episode(among(kwh), 0, (FIRST_H + AT + 5 * DAY_H) * HOUR_S).assess((FIRST_H + AT + WEEK_H) * HOUR_S)
    assert found is not None
    assert found.excess == pytest.approx(60 * 48 / 7, rel=0.15)
    assert found.rest == pytest.approx(1.0, abs=0.1)
    assert found.closed == pytest.approx(1.0, abs=0.1)


def test_what_the_other_buildings_share_is_no_episode_and_what_one_has_is() -> None:
    kwh = readings(meters=8)
    kwh[AT : AT + 5 * DAY_H] *= 1.5
    common = episode(kwh).assess((FIRST_H + AT + 5 * DAY_H) * HOUR_S)
    kwh[AT : AT + 5 * DAY_H, 0] *= 1.5
    own = episode(kwh).assess((FIRST_H + AT + 5 * DAY_H) * HOUR_S)
    assert common is not None
    assert own is not None
    # A course that was never seen to move before teaches little of how a meter follows it.
    assert abs(own.excess) > 1.5 * abs(common.excess)


def test_cold_days_are_taken_off_by_the_slope_of_the_days_before() -> None:
    chance = np.random.default_rng(5)
    air = chance.normal(8.0, 5.0, len(HOURS) // DAY_H).repeat(DAY_H)
    air[AT:] -= 8.0
    kwh = readings() + 4.0 * np.maximum(15.0 - air, 0.0)[:, None]
    plain = episode(kwh).assess((FIRST_H + AT + WEEK_H) * HOUR_S)
    known = episode(kwh, air).assess((FIRST_H + AT + WEEK_H) * HOUR_S)
    assert plain is not None
    assert known is not None
    assert abs(known.excess) < 0.35 * abs(plain.excess)


def test_a_factor_in_all_hours_is_the_meters_and_has_no_price() -> None:
    kwh = readings()
    kwh[AT:] *= 10.0
    found = episode(kwh).assess((FIRST_H + AT + 2 * DAY_H) * HOUR_S)
    assert found is not None
    assert found.factor == pytest.approx(10.0, rel=0.1)
    assert multiplied(found.factor)
    assert priced_excess(found) is None


def test_a_leak_runs_round_the_clock_and_a_schedule_does_not() -> None:
    leak, late = readings(), readings()
    leak[AT:] += 20.0
    late[AT:][~WORKING[AT:]] += 40.0
    late[AT:][SLOT[AT:] % DAY_H == 3] -= 40.0
    steady, not_steady = (episode(k).assess((FIRST_H + AT + 2 * DAY_H) * HOUR_S) for k in (leak, late))
    assert steady is not None
    assert not_steady is not None
    assert (steady.steady, not_steady.steady) == (True, False)


def test_closed_hours_show_what_all_hours_hide() -> None:
    kwh = readings()
    chance = np.random.default_rng(7)
    kwh[WORKING] *= chance.normal(1.0, 0.25, (len(HOURS) // DAY_H + 1, 1)).repeat(DAY_H, axis=0)[: len(HOURS)][WORKING]
    plain = episode(kwh).assess((FIRST_H + AT + 3 * DAY_H) * HOUR_S)
    kwh[AT:][~WORKING[AT:]] += 8.0
    found = episode(kwh).assess((FIRST_H + AT + 3 * DAY_H) * HOUR_S)
    assert plain is not None
    assert found is not None
    assert (found.at_closed, found.closed) == (True, 1.0)
    assert found.excess == pytest.approx(8.0 * 98 / 7, rel=0.15)
    assert stands_out(found)
    assert not stands_out(plain)


def test_weather_not_seen_before_makes_an_excess_unsure() -> None:
    air = np.full(len(HOURS), 17.0)
    hot = air.copy()
    hot[AT:] = 30.0
    kwh = readings()
    kwh[AT:] *= 1.25
    mild, unseen = (episode(kwh, a).assess((FIRST_H + AT + 5 * DAY_H) * HOUR_S) for a in (air, hot))
    assert mild is not None
    assert unseen is not None
    assert mild.errors > 2.5 > unseen.errors > 0
    assert priced_excess(unseen) is None


def test_nothing_is_said_of_a_meter_that_was_hardly_read_before() -> None:
    kwh = readings()
    kwh[: AT - 6 * DAY_H] = np.nan
    assert not episode(kwh).known
    assert weigh(fault(), episode(kwh), (FIRST_H + AT + WEEK_H) * HOUR_S) is None
    gone = readings()
    gone[AT:] = np.nan
    assert episode(gone).assess((FIRST_H + AT + DAY_H) * HOUR_S) is None


def test_a_verdict_does_not_depend_on_when_the_desk_ran() -> None:
    kwh = readings()
    kwh[AT + 36 :] *= 1.3
    found = episode(kwh)
    late = weigh(fault(), found, (FIRST_H + AT + 20 * DAY_H) * HOUR_S)
    step = fault()
    verdict = weigh(step, found, step.since_s)
    while verdict is not None and verdict.patience is Patience.WAIT:
        step = replace(step, look_s=verdict.look_s)
        verdict = weigh(step, found, verdict.look_s + GRACE_S)
    assert verdict == late
    assert late is not None
    assert late.patience is Patience.OPEN
    assert late.look_s > fault().since_s + DAY_S, "the first day showed nothing yet"


def test_a_quiet_meter_is_given_up_after_a_week_and_a_peak_never_opens() -> None:
    quiet = weigh(fault(), episode(readings()), (FIRST_H + AT + 9 * DAY_H) * HOUR_S)
    assert quiet is not None
    assert quiet.patience is Patience.GIVE_UP
    high = readings()
    high[AT:] *= 2.0
    peak = weigh(fault("spike"), episode(high), (FIRST_H + AT + 9 * DAY_H) * HOUR_S)
    assert peak is not None
    assert peak.patience is Patience.GIVE_UP


def test_gas_is_looked_at_early_and_opens_then_only_when_it_runs_round_the_clock() -> None:
    gas = fault(commodity="gas")
    assert next(looks(gas)) == gas.since_s + 6 * HOUR_S
    assert next(looks(fault())) == gas.since_s + DAY_S
    leak, more = readings(), readings()
    leak[AT:] += 60.0
    more[AT:][WORKING[AT:]] += 150.0
    early = gas.since_s + 12 * HOUR_S
    for kwh, expected in ((leak, True), (more, False)):
        found = episode(kwh).assess(early)
        assert found is not None
        assert opens(gas, found, early) is expected


def test_medians_leave_nan_out_and_an_unread_hour_takes_that_of_all() -> None:
    rows = np.array([[1.0, np.nan, 3.0], [np.nan, np.nan, np.nan], [5.0, 1.0, 2.0]])
    assert np.array_equal(median(rows, axis=1), [2.0, np.nan, 2.0], equal_nan=True)
    week = usual_week(np.where(SLOT == 7, np.nan, 3.0), SLOT)
    assert np.array_equal(week, np.full(WEEK_H, 3.0))
