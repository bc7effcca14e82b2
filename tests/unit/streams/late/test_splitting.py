"""A gap's total divided at counts that came late: the sum stays, neighbours are measured, contradictions refused."""

from __future__ import annotations

from itertools import permutations
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from redaptive.domain.quality.flags import Quality
from redaptive.streams.late.splitting import Register, divide
from redaptive.streams.pending import RegisterGap

ID = UUID(int=1)
METER = Register(cadence_s=900, cap_wh=100_000, digits=5, nwh_per_count=10**12)
"""A count is a kWh."""
GAP = RegisterGap(ID, ID, 7, from_s=900, to_s=3_600, before_count=100, after_count=120, energy_wh=20_000)
"""Counts at 0 and 3600; those at 900, 1800 and 2700 did not come."""


def test_without_late_counts_the_estimates_stay_as_they_were() -> None:
    found = divide(GAP, [], METER)
    assert found.rows == [(at, 5_000, Quality.ESTIMATED) for at in (900, 1_800, 2_700, 3_600)]


def test_a_count_divides_the_total_and_neighbours_are_measured() -> None:
    found = divide(GAP, [(900, 103)], METER)
    assert found.rows[0] == (900, 3_000, Quality.MEASURED)
    assert [wh for _, wh, _ in found.rows[1:]] == [5_666, 5_667, 5_667]
    assert {quality for *_, quality in found.rows[1:]} == {Quality.ESTIMATED}
    assert (found.used, found.refused) == ([900], [])


def test_all_counts_in_any_order_give_what_an_undisturbed_register_gives() -> None:
    counts = [(900, 103), (1_800, 111), (2_700, 112)]
    measured = [(900, 3_000, 0), (1_800, 8_000, 0), (2_700, 1_000, 0), (3_600, 8_000, 0)]
    for order in permutations(counts):
        assert divide(GAP, order, METER).rows == measured


def test_a_register_that_rolled_over_in_the_gap_is_divided_too() -> None:
    over = RegisterGap(ID, ID, 7, from_s=900, to_s=1_800, before_count=99_990, after_count=10, energy_wh=20_000)
    assert divide(over, [(900, 99_995)], METER).rows == [(900, 5_000, 0), (1_800, 15_000, 0)]
    assert divide(over, [(900, 4)], METER).rows == [(900, 14_000, 0), (1_800, 6_000, 0)]


def test_counts_that_contradict_their_neighbours_are_refused() -> None:
    for count in (99, 121, 5):
        found = divide(GAP, [(1_800, count)], METER)
        assert (found.used, found.refused) == ([], [1_800])
        assert found.rows == divide(GAP, [], METER).rows


def test_a_part_above_the_cap_is_refused() -> None:
    capped = Register(cadence_s=900, cap_wh=6_000, digits=5, nwh_per_count=10**12)
    assert divide(GAP, [(900, 108)], capped).refused == [900]


@given(st.lists(st.integers(0, 40), min_size=1, max_size=12), st.data(), st.integers(1, 10**12))
def test_the_sum_is_kept_whatever_comes(used: list[int], data: st.DataObject, nwh_per_count: int) -> None:
    counts, at = [], 500
    for k, step in enumerate(used):
        at += step
        counts.append(((k + 1) * 900, at))
    total = at * nwh_per_count // 10**9 - 500 * nwh_per_count // 10**9
    gap = RegisterGap(ID, ID, 7, 900, counts[-1][0], 500, at, total)
    late = data.draw(st.lists(st.sampled_from(counts[:-1] or counts), unique=True))
    late = [count for count in late if count[0] < gap.to_s]
    found = divide(gap, late, Register(900, 10**9, 6, nwh_per_count))
    assert sum(wh for _, wh, _ in found.rows) == total
    assert [start for start, *_ in found.rows] == [start for start, _ in counts]
    assert sorted([*found.used, *found.refused]) == sorted(start for start, _ in late)
    assert not found.refused, "counts that rise are no contradiction"


@given(st.integers(0, 10**8 - 1), st.sampled_from([0, 8]))
def test_a_gap_from_before_counts_had_parts_keeps_its_estimates(late: int, digits: int) -> None:
    """Its counts are whole kWh, the late one is in Wh: no division of such a pair may be believed."""
    found = divide(GAP, [(1_800, late)], Register(900, 10**9, digits, 10**9))
    assert (found.used, found.refused) == ([], [1_800])
    assert found.rows == divide(GAP, [], METER).rows
