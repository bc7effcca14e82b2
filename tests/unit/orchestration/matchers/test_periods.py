"""Dates in words, against cases made by hand and against a calendar that counts days one by one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redaptive.orchestration.intelligent.matchers.entities.calendar import Calendar, Period
from redaptive.orchestration.intelligent.matchers.entities.periods import read_periods

NOW = Calendar(datetime(2026, 11, 26, 10, 30), "America/Chicago")  # a Thursday
JULY = Calendar(datetime(2026, 11, 26, 10, 30), "America/Chicago", fiscal_start_month=7)
DAYS = st.dates(date(2018, 1, 1), date(2034, 12, 31))


def _said(period: Period | None) -> str:
    if period is None:
        return "nothing"
    form = "%Y-%m-%d" if period.start.hour == period.end.hour == 0 else "%Y-%m-%d %H:%M"
    return f"{period.start.strftime(form)} {period.end.strftime(form)}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("usage last quarter", "2026-07-01 2026-10-01"),
        ("since March", "2026-03-01 2026-11-27"),
        ("over the past 18 months", "2025-05-01 2026-11-01"),
        ("trailing twelve months", "2025-11-01 2026-11-01"),
        ("the last couple of years", "2024-11-01 2026-11-01"),
        ("last 30 days", "2026-10-27 2026-11-26"),
        ("week of June 3", "2026-06-01 2026-06-08"),
        ("from 4 March 2024 to 22 March 2024", "2024-03-04 2024-03-23"),
        ("5 May - 9 June 2025", "2025-05-05 2025-06-10"),
        ("w/c 2026-06-08", "2026-06-08 2026-06-15"),
        ("week ending 14 June", "2026-06-08 2026-06-15"),
        ("week 23", "2026-06-01 2026-06-08"),
        ("yesterday 2pm to 6pm", "2026-11-25 14:00 2026-11-25 18:00"),
        ("on June 3 between 2 and 6 pm", "2026-06-03 14:00 2026-06-03 18:00"),
        ("today at 2pm", "2026-11-26 14:00 2026-11-26 15:00"),
        ("last night", "2026-11-25 18:00 2026-11-26 06:00"),
        ("last Tuesday", "2026-11-24 2026-11-25"),
        ("since last Monday", "2026-11-23 2026-11-27"),
        ("last weekend", "2026-11-21 2026-11-23"),
        ("year to date", "2026-01-01 2026-11-27"),
        ("MTD", "2026-11-01 2026-11-27"),
        ("this month so far", "2026-11-01 2026-11-27"),
        ("from Jan to Mar 2025", "2025-01-01 2025-04-01"),
        ("Jan-Mar", "2026-01-01 2026-04-01"),
        ("Nov 2024 to Feb", "2024-11-01 2025-03-01"),
        ("between June 1 and June 15", "2026-06-01 2026-06-16"),
        ("June 1-15", "2026-06-01 2026-06-16"),
        ("15 to 25 January", "2026-01-15 2026-01-26"),
        ("from 2026-01-01 through 2026-03-31", "2026-01-01 2026-04-01"),
        ("2023-2024", "2023-01-01 2025-01-01"),
        ("6/3/2026", "2026-06-03 2026-06-04"),
        ("2025-03", "2025-03-01 2025-04-01"),
        ("March '25", "2025-03-01 2025-04-01"),
        ("Q3 2025", "2025-07-01 2025-10-01"),
        ("third quarter of 2025", "2025-07-01 2025-10-01"),
        ("2025Q3", "2025-07-01 2025-10-01"),
        ("first half of 2025", "2025-01-01 2025-07-01"),
        ("last summer", "2026-06-01 2026-09-01"),
        ("three weeks ago", "2026-11-02 2026-11-09"),
        ("next quarter", "2027-01-01 2027-04-01"),
        ("the year to March", "2025-04-01 2026-04-01"),
        ("quarter ended 30 June", "2026-04-01 2026-07-01"),
        ("from April onwards", "2026-04-01 2026-11-27"),
        ("forecast the load for December 12", "2026-12-12 2026-12-13"),
        ("forecast December", "2026-12-01 2027-01-01"),
        ("the survey starts Monday", "2026-11-30 2026-12-01"),
        ("what we used on December 12", "2025-12-12 2025-12-13"),
        ("over the past year and a half", "2025-05-01 2026-11-01"),
        ("the last two years and a half", "2024-05-01 2026-11-01"),
        ("the 4th quarter of last year", "2025-10-01 2026-01-01"),
        ("the last quarter of last year", "2025-10-01 2026-01-01"),
        ("march of this year", "2026-03-01 2026-04-01"),
        ("January 5 last year", "2025-01-05 2025-01-06"),
        ("from 1/2/2025 to 15/3/2025", "2025-02-01 2025-03-16"),
        ("2025-04-01..2025-04-30", "2025-04-01 2025-05-01"),
        ("winter of 24/25", "2024-12-01 2025-03-01"),
        ("the day before yesterday", "2026-11-24 2026-11-25"),
        ("forcast plant 4 tmrw", "2026-11-27 2026-11-28"),
    ],
)
def test_words_become_a_period(text: str, expected: str) -> None:
    assert _said(read_periods(text, NOW).period) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FY24", "2023-07-01 2024-07-01"),
        ("fiscal 2025", "2024-07-01 2025-07-01"),
        ("FY2025/26", "2025-07-01 2026-07-01"),
        ("Q1 FY25", "2024-07-01 2024-10-01"),
        ("FY25 Q4", "2025-04-01 2025-07-01"),
        ("last fiscal year", "2025-07-01 2026-07-01"),
        ("this fiscal quarter", "2026-10-01 2027-01-01"),
        ("FYTD", "2026-07-01 2026-11-27"),
        ("last quarter", "2026-07-01 2026-10-01"),
    ],
)
def test_a_fiscal_year_that_begins_in_july_has_the_name_of_its_end(text: str, expected: str) -> None:
    assert _said(read_periods(text, JULY).period) == expected


@pytest.mark.parametrize(
    "text",
    [
        "may the load fall?",
        "spring into action now",
        "the 2000 kWh meter",
        "on June 31",
        "meter B-2024",
        "$2024",
        "black friday",
    ],
)
def test_words_that_only_look_like_dates_are_none(text: str) -> None:
    assert read_periods(text, NOW).period is None


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("Q3 2025 vs Q3 2024", "2025-07-01 2025-10-01", "2024-07-01 2024-10-01"),
        ("compare July 2025 with July 2024", "2025-07-01 2025-08-01", "2024-07-01 2024-08-01"),
        ("Q3 vs last year", "2026-07-01 2026-10-01", "2025-07-01 2025-10-01"),
        ("October compared to the same month last year", "2026-10-01 2026-11-01", "2025-10-01 2025-11-01"),
        ("last month against the one before", "2026-10-01 2026-11-01", "2026-09-01 2026-10-01"),
        ("this year vs last", "2026-01-01 2027-01-01", "2025-01-01 2026-01-01"),
        ("difference between 2025 and 2024", "2025-01-01 2026-01-01", "2024-01-01 2025-01-01"),
    ],
)
def test_a_comparison_has_two_sides(text: str, first: str, second: str) -> None:
    reading = read_periods(text, NOW)
    assert (_said(reading.period), _said(reading.compare)) == (first, second)


def test_a_shift_without_a_period_is_left_to_the_conversation() -> None:
    reading = read_periods("same for last year", NOW)
    assert reading.same_last_year
    assert reading.period is None


def test_hours_without_a_day_are_hours() -> None:
    reading = read_periods("load between 10pm and 5am", NOW)
    assert reading.hours is not None
    assert [t.hour for t in reading.hours] == [22, 5]


def test_a_period_is_in_the_zone_of_the_site_also_across_a_clock_change() -> None:
    period = read_periods("November 2026", NOW).period
    assert period is not None
    assert (period.end - period.start).total_seconds() == 30 * 86_400  # wall time; the instants are an hour further
    assert period.end.timestamp() - period.start.timestamp() == 30 * 86_400 + 3600


def _days(today: date, back: int = 900, ahead: int = 0) -> list[date]:
    return [today + timedelta(days=k) for k in range(-back, ahead + 1)]


def _quarter_of(day: date) -> tuple[int, int]:
    return day.year, {1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: 2, 7: 3, 8: 3, 9: 3, 10: 4, 11: 4, 12: 4}[day.month]


def _last_complete(today: date, key: Callable[[date], object]) -> tuple[date, date]:
    """First and last day of the block before today's, counted day by day."""
    mine = key(today)
    before = [d for d in _days(today) if key(d) != mine]
    wanted = key(before[-1])
    block = [d for d in before if key(d) == wanted]
    return block[0], block[-1]


@given(DAYS)
def test_last_units_match_a_calendar_that_counts_days(today: date) -> None:
    calendar = Calendar(datetime.combine(today, datetime.min.time()).replace(hour=9))
    keys: dict[str, Callable[[date], object]] = {
        "month": lambda d: (d.year, d.month),
        "quarter": _quarter_of,
        "year": lambda d: d.year,
        "week": lambda d: d.isocalendar()[:2],
        "day": lambda d: d,
    }
    for unit, key in keys.items():
        period = read_periods(f"usage last {unit}", calendar).period
        first, last = _last_complete(today, key)
        assert period is not None
        assert (period.start.date(), period.end.date() - timedelta(days=1)) == (first, last), unit


@given(DAYS, st.integers(1, 36))
def test_past_months_are_complete_and_end_with_the_last_complete_one(today: date, n: int) -> None:
    period = read_periods(f"past {n} months", Calendar(datetime(today.year, today.month, today.day, 9))).period
    assert period is not None
    covered = [period.start.date() + timedelta(days=k) for k in range((period.end - period.start).days)]
    assert len({(d.year, d.month) for d in covered}) == n
    assert covered[0].day == 1
    assert covered[-1] + timedelta(days=1) == today.replace(day=1)


@given(DAYS, st.integers(1, 12), st.sampled_from(["since", "from", "in"]))
def test_a_month_alone_is_the_last_that_began(today: date, number: int, word: str) -> None:
    name = date(2000, number, 1).strftime("%B")
    period = read_periods(f"{word} {name}", Calendar(datetime(today.year, today.month, today.day, 9))).period
    firsts = [d for d in _days(today) if d.month == number and d.day == 1]
    assert period is not None
    assert period.start.date() == firsts[-1]
    if word == "since":
        assert period.end.date() == today + timedelta(days=1)


@given(DAYS, st.integers(1, 12))
def test_fiscal_years_cover_each_day_once(day: date, start: int) -> None:
    calendar = Calendar(datetime(day.year, day.month, day.day), fiscal_start_month=start)
    name = calendar.fiscal_year_of(day)
    period = read_periods(f"FY{name}", calendar).period
    assert period is not None
    inside = [d for d in _days(day, 800, 800) if period.start.date() <= d < period.end.date()]
    assert day in inside
    assert inside[0].month == start
    assert inside[0].day == 1
    assert inside[-1].year == name


@given(DAYS, st.integers(0, 6), st.sampled_from(["last", "next"]))
def test_weekdays_are_the_nearest_on_their_side(today: date, weekday: int, side: str) -> None:
    name = date(2024, 1, 1 + weekday).strftime("%A")  # 2024-01-01 was a Monday
    period = read_periods(f"{side} {name}", Calendar(datetime(today.year, today.month, today.day, 9))).period
    step = -1 if side == "last" else 1
    found = next(d for k in range(1, 8) if (d := today + timedelta(days=step * k)).weekday() == weekday)
    assert period is not None
    assert period.start.date() == found


@given(DAYS, DAYS)
def test_a_range_of_iso_dates_is_inclusive(a: date, b: date) -> None:
    first, last = min(a, b), max(a, b)
    period = read_periods(f"from {first} to {last}", NOW).period
    assert period is not None
    assert (period.start.date(), period.end.date()) == (first, last + timedelta(days=1))


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    period = read_periods(text, NOW).period
    assert period is None or period.start < period.end
