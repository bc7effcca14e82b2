"""Late days in batches: one partition and week each, bounded in readings, every day once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from redaptive.streams.late.day import LateDay, batches

OF = 4
HISTORY_S = 28 * 86_400


def day(meter: int, number: int, interval_s: int = 900) -> LateDay:
    """The day so many days after 1 March of a meter in New York."""
    local = date(2026, 3, 1) + timedelta(days=number)
    return LateDay(
        UUID(int=1), UUID(int=2), meter, local, interval_s, "America/New_York", (), datetime(2026, 4, 1, tzinfo=UTC)
    )


def test_a_window_is_a_local_day_and_the_one_after_it() -> None:
    first, last = day(1, 7).window  # 8 March has 23 hours
    assert (datetime.fromtimestamp(first, UTC).hour, last - first) == (5, 47 * 3_600)


def test_days_of_a_week_share_a_batch_and_partitions_do_not() -> None:
    given_days = [day(1, 0), day(2, 6), day(1024, 3), day(1, 7)]
    found = [
        (p, [(d.meter_no, d.local_day.day) for d in batch]) for p, batch in batches(given_days, OF, 10**9, HISTORY_S)
    ]
    assert found == [(0, [(1, 1), (2, 7)]), (0, [(1, 8)]), (1, [(1024, 4)])]


def test_a_batch_holds_no_more_readings_than_it_may_and_one_meter_always() -> None:
    of_a_meter = 35 * 96
    for most, sizes in ((1, [1] * 6), (2 * of_a_meter, [2, 2, 2]), (4 * of_a_meter, [4, 2])):
        found = [len(batch) for _, batch in batches([day(m, 0) for m in range(6)], OF, most, HISTORY_S)]
        assert found == sizes
    assert [len(batch) for _, batch in batches([day(3, k) for k in range(5)], OF, 1, HISTORY_S)] == [5], "one history"


@given(st.lists(st.tuples(st.integers(0, 9_000), st.integers(0, 60)), unique=True), st.integers(1, 50_000))
def test_every_day_comes_once(days: list[tuple[int, int]], most: int) -> None:
    made = [day(*each) for each in days]
    found = list(batches(made, OF, most, HISTORY_S))
    assert sorted((*d.window, d.meter_no) for _, batch in found for d in batch) == sorted(
        (*d.window, d.meter_no) for d in made
    )
    assert all((d.meter_no >> 10) % OF == partition for partition, batch in found for d in batch)
