from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from tests.unit.domain.baseline.synthetic_site import START_S, weather

from redaptive.domain.baseline.days import SiteDays, site_days
from redaptive.domain.baseline.hours import EPOCH, F64, site_hours
from redaptive.domain.baseline.kept_holidays import not_kept

DAYS = site_days(site_hours(START_S, weather(8760), "UTC"))
FIRST = date.fromordinal(EPOCH + int(DAYS.day[0]))
KEPT, WORKED = FIRST + timedelta(days=101), FIRST + timedelta(days=164)
NAMES = {KEPT: "Kept", WORKED: "Worked"}


def daily(days: SiteDays, closed: tuple[date, ...], meters: int = 8) -> F64:
    """Offices that use 100 a day, 60 on weekends and on closed days, and some noise."""
    rest = days.rest | np.isin(days.day, [day.toordinal() - EPOCH for day in closed])
    return np.where(rest, 60.0, 100.0)[None] + np.random.default_rng(2).normal(0, 2, (meters, days.n))


def test_a_holiday_on_which_most_meters_work_is_named() -> None:
    assert KEPT.weekday() < 5
    assert WORKED.weekday() < 5
    assert not_kept(daily(DAYS, (KEPT,)), DAYS, NAMES) == {"Worked"}


def test_a_minority_that_works_does_not_decide() -> None:
    y = np.vstack([daily(DAYS, (KEPT, WORKED), 6), daily(DAYS, (), 2)])
    assert not_kept(y, DAYS, NAMES) == frozenset()


def test_meters_without_a_weekend_have_no_say() -> None:
    flat = np.random.default_rng(3).normal(100, 2, (8, DAYS.n))
    assert not_kept(flat, DAYS, NAMES) == frozenset()


def test_one_or_two_meters_decide_for_themselves_where_they_are_clear() -> None:
    assert not_kept(daily(DAYS, (KEPT,), 1), DAYS, NAMES) == {"Worked"}
    assert not_kept(daily(DAYS, (), 2), DAYS, NAMES) == {"Kept", "Worked"}
    apart = np.vstack([daily(DAYS, (KEPT, WORKED), 1), daily(DAYS, (), 1)])
    assert not_kept(apart, DAYS, NAMES) == frozenset()
    half = daily(DAYS, (KEPT,), 1)
    half[:, WORKED.toordinal() - FIRST.toordinal()] = 86.0  # a third of the way to a Sunday
    assert not_kept(half, DAYS, NAMES) == frozenset()


def test_a_weekend_and_missing_days_say_nothing() -> None:
    sunday = FIRST + timedelta(days=6 - FIRST.weekday() + 70)
    y = daily(DAYS, ())
    y[:, WORKED.toordinal() - FIRST.toordinal()] = np.nan
    assert not_kept(y, DAYS, {sunday: "Sunday", WORKED: "Worked"}) == frozenset()
