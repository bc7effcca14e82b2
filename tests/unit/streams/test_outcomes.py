"""What becomes of each reading: stored, put aside, judged again, signalled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from uuid import UUID, uuid4

import numpy as np
import pytest

from redaptive.domain.detectors.calendar import LocalCalendar, SiteHours
from redaptive.domain.detectors.kinds import ESTIMATED, REGISTER
from redaptive.domain.detectors.memory.params import MeterParams
from redaptive.domain.quality.flags import Quality
from redaptive.infrastructure.messaging.batches import ReadingBatch, encode
from redaptive.streams.fleet import Fleet, MeterIdentity
from redaptive.streams.leases import Lease
from redaptive.streams.scoring import PartitionScorer
from redaptive.streams.silence import SilenceTimer, heard_again

START_S = 1_780_272_000
"""2026-06-01 00:00 UTC."""
OWNER = MeterIdentity(uuid4(), uuid4(), uuid4())
GATEWAYS: dict[int, UUID] = {5: uuid4()}
METER, COUNTER = 1, 2


def fleet() -> Fleet:
    """An interval meter and a register of five digits, 15 minutes."""
    params = MeterParams.blank(1024)
    params.put([METER, COUNTER], cadence_s=900, cap_wh=10_000_000_000)
    params.put([COUNTER], register_digits=5, register_nwh_per_count=10**12)
    calendar = LocalCalendar.build([SiteHours("America/New_York")], date(2026, 1, 1), 365)
    return Fleet((0,), params, calendar, {METER: OWNER, COUNTER: OWNER}, np.zeros(1, np.int32))


@pytest.fixture
def scorer() -> PartitionScorer:
    return PartitionScorer(Lease(0, 1, 0, {}, {}), fleet(), (), GATEWAYS)


def body(
    *rows: tuple[int, int, int], flags: int = 0, gateway: int = 0, sequence: int = -1, received_s: int | None = None
) -> bytes:
    """An entry of rows (meter, interval number, value), received two seconds after its last interval."""
    last = max(row[1] for row in rows)
    at = START_S + (last + 1) * 900 + 2 if received_s is None else received_s
    return encode(
        ReadingBatch(
            gateway=gateway,
            sequence=sequence,
            received_us=at * 1_000_000,
            trace_id="",
            meter=np.array([row[0] for row in rows], np.int32),
            start_s=np.array([START_S + row[1] * 900 for row in rows], np.int64),
            value=np.array([row[2] for row in rows], np.int64),
            flags=np.full(len(rows), flags, np.uint8),
            temperature_dc=np.full(len(rows), -32768, np.int16),
        )
    )


def take(scorer: PartitionScorer, *bodies: bytes) -> None:
    """Score entries at the positions that follow."""
    entries = [(scorer.position + k + 1, each) for k, each in enumerate(bodies)]
    scorer.score(scorer.decode(entries))


def stored(scorer: PartitionScorer) -> list[tuple[int, int, int, int]]:
    """(meter, interval, Wh, quality) of the next cut."""
    frame = scorer.cut().pending.stream_rows(0, scorer.position).rows
    numbers = ((frame["ts"].to_physical() // 1_000_000 - START_S) // 900).to_list()
    columns: Sequence[Sequence[int]] = (frame["meter_id"], numbers, frame["value"], frame["quality"])  # type: ignore[assignment]
    return list(zip(*columns, strict=True))


def test_readings_in_order_are_stored_with_their_place(scorer: PartitionScorer) -> None:
    take(scorer, body((METER, 0, 10), (METER, 1, 11)), body((METER, 2, 12)))
    cut = scorer.cut()
    rows = cut.pending.stream_rows(0, cut.position).rows
    assert rows["value"].to_list() == [10, 11, 12]
    assert rows["position"].to_list() == [1, 1, 2]
    assert (cut.position, cut.is_first, cut.counters["ok"], cut.counters["entries"]) == (2, True, 3, 2)
    assert not scorer.has_moved
    assert not scorer.cut().is_first


def test_a_batch_sent_again_changes_nothing(scorer: PartitionScorer) -> None:
    take(scorer, body((METER, 0, 10), gateway=5, sequence=1), body((METER, 0, -4), gateway=5, sequence=1))
    assert stored(scorer) == [(METER, 0, 10, 0)]
    assert scorer.counters["known_batches"] == 1
    assert scorer.counters["bad"] == 0


def test_late_readings_are_stored_and_their_day_noted(scorer: PartitionScorer) -> None:
    take(scorer, body((METER, 0, 10)), body((METER, 9, 19)), body((METER, 3, 13)))
    cut = scorer.cut()
    assert cut.counters["late"] == 1
    [(day, starts)] = cut.pending.late_days.items()
    # 00:45 UTC on 1 June is still 31 May in New York.
    assert (day.meter_no, date(2000, 1, 1).toordinal() + day.day) == (METER, date(2026, 5, 31).toordinal())
    assert starts == [START_S + 2_700]


def test_a_reading_beyond_the_bitmap_goes_to_the_late_lane(scorer: PartitionScorer) -> None:
    take(scorer, body((METER, 0, 10)), body((METER, 100, 20)), body((METER, 5, 15)))
    cut = scorer.cut()
    found = cut.pending.stream_rows(0, cut.position)
    assert found.rows["value"].to_list() == [10, 20]
    assert found.late["value"].to_list() == [15]


def test_rejected_readings_keep_their_place_and_reason(scorer: PartitionScorer) -> None:
    entry = body((METER, 0, 10), (METER, 400, 11), (METER, 1, -5), (77, 1, 1), gateway=5, received_s=START_S + 1802)
    take(scorer, entry)
    found = {(r.row_no, r.reason, r.meter_no, r.tenant_id) for r in scorer.cut().pending.rejected}
    tenant = OWNER.tenant_id
    assert found == {(1, "future", METER, tenant), (2, "bad", METER, tenant), (3, "unknown", 77, GATEWAYS[5])}


def test_a_value_that_the_store_cannot_hold_is_put_aside(scorer: PartitionScorer) -> None:
    take(scorer, body((METER, 0, 2**31)))
    cut = scorer.cut()
    assert [r.reason for r in cut.pending.rejected] == ["too_large"]
    assert cut.pending.stream_rows(0, 1).rows.is_empty()


def test_an_entry_that_nobody_owns_is_kept_whole(scorer: PartitionScorer) -> None:
    stranger = body((77, 0, 1))
    take(scorer, stranger, b"noise")
    letters = scorer.cut().pending.dead_letters
    assert {(letter.reason, letter.position, letter.body) for letter in letters} == {
        ("without_tenant", 1, stranger),
        ("unreadable", 2, b"noise"),
    }


def test_an_estimate_of_the_sender_and_export_are_marked(scorer: PartitionScorer) -> None:
    scorer.fleet.params.put([METER], may_export=True)
    take(scorer, body((METER, 0, -10), flags=ESTIMATED))
    assert stored(scorer) == [(METER, 0, -10, Quality.ESTIMATED | Quality.EXPORT)]


def test_a_register_gives_differences_and_spreads_a_gap(scorer: PartitionScorer) -> None:
    counts = [(0, 100), (1, 107), (4, 117)]
    take(scorer, *(body((COUNTER, k, count), flags=REGISTER) for k, count in counts))
    assert sorted(stored(scorer)) == [
        (COUNTER, 1, 7_000, 0),
        (COUNTER, 2, 3_333, Quality.ESTIMATED),
        (COUNTER, 3, 3_333, Quality.ESTIMATED),
        (COUNTER, 4, 3_334, Quality.ESTIMATED),
    ]


def test_a_late_count_and_the_gap_around_it_are_noted(scorer: PartitionScorer) -> None:
    take(scorer, *(body((COUNTER, k, count), flags=REGISTER) for k, count in [(0, 100), (3, 117), (1, 107)]))
    pending = scorer.cut().pending
    [gap], [count] = pending.register_gaps, pending.late_counts
    assert (gap.from_s, gap.to_s) == (START_S + 900, START_S + 2_700)
    assert (gap.before_count, gap.after_count, gap.energy_wh) == (100, 117, 17_000)
    assert (count.meter_no, count.start_s, count.count) == (COUNTER, START_S + 900, 107)
    assert sum(len(starts) for starts in pending.late_days.values()) == 1


def test_a_count_beyond_the_bitmap_is_noted_and_put_aside(scorer: PartitionScorer) -> None:
    take(scorer, *(body((COUNTER, k, count), flags=REGISTER) for k, count in [(0, 100), (100, 200), (5, 107)]))
    pending = scorer.cut().pending
    assert [(count.start_s, count.count) for count in pending.late_counts] == [(START_S + 4_500, 107)]
    assert [r.reason for r in pending.rejected] == ["too_late"]
    assert (len(pending.late_days), len(pending.lane_days)) == (0, 1)


def test_splitting_entries_into_calls_changes_nothing() -> None:
    rng = np.random.default_rng(2)
    bodies = [
        body((METER, k, int(rng.integers(-20, 4000))), gateway=5, sequence=int(k - (k % 7 == 3)) + 1)
        for k in range(300)
    ]
    whole, pieces = (PartitionScorer(Lease(0, 1, 0, {}, {}), fleet(), (), GATEWAYS) for _ in range(2))
    take(whole, *bodies)
    at = 0
    for size in rng.integers(1, 40, 300).tolist():
        if bodies[at : at + size]:
            take(pieces, *bodies[at : at + size])
        at += size
    assert whole.state.checksum() == pieces.state.checksum()
    assert Counter(whole.counters) == Counter(pieces.counters)
    assert [s.id for s in whole.cut().pending.signals] == [s.id for s in pieces.cut().pending.signals]


def test_state_survives_a_cut_and_a_load() -> None:
    first = PartitionScorer(Lease(0, 1, 0, {}, {}), fleet(), (), GATEWAYS)
    take(first, *(body((METER, k, 1000 + k)) for k in range(50)))
    cut = first.cut()
    lease = Lease(0, 2, cut.position, dict(cut.known_batches), dict(cut.counters))
    second = PartitionScorer(lease, fleet(), cut.parts, GATEWAYS)
    assert second.state.checksum() == first.state.checksum()
    for scorer in (first, second):
        take(scorer, *(body((METER, k, 900)) for k in range(50, 60)))
    assert second.state.checksum() == first.state.checksum()


def test_a_silent_meter_is_told_once_and_state_stays_as_it_is(scorer: PartitionScorer) -> None:
    take(scorer, *(body((METER, k, 1000)) for k in range(5)))
    before, timer = scorer.state.checksum(), SilenceTimer()
    assert timer.look([scorer], START_S + 6 * 900) == []
    [signal] = timer.look([scorer], START_S + 20 * 900)
    assert (signal.meter_no, signal.kind, signal.opened, signal.since_s) == (METER, "gap", True, START_S + 5 * 900)
    assert timer.look([scorer], START_S + 21 * 900) == []
    assert SilenceTimer().look([scorer], START_S + 30 * 86_400) == [], "history is not silence"
    assert scorer.state.checksum() == before


def test_a_meter_that_is_silent_for_longer_is_told_once_it_was_watched(scorer: PartitionScorer) -> None:
    take(scorer, *(body((METER, k, 1000)) for k in range(5)))
    month, timer = START_S + 30 * 86_400, SilenceTimer()
    assert timer.look([scorer], month) == []
    assert timer.look([scorer], month + 3_599) == []
    [signal] = timer.look([scorer], month + 3_600)
    assert (signal.meter_no, signal.opened, signal.since_s) == (METER, True, START_S + 5 * 900)
    assert timer.look([scorer], month + 7_200) == []
    again = SilenceTimer(watched_s=0)
    assert [s.id for s in again.look([scorer], month + 9_000)] == [signal.id], "a restart says the same"


def test_a_meter_that_sends_what_was_kept_is_not_silent(scorer: PartitionScorer) -> None:
    """History in batches, and a gateway's buffer: both are behind and move."""
    timer = SilenceTimer()
    for hour in range(6):
        take(scorer, *(body((METER, 4 * hour + k, 1000)) for k in range(4)))
        assert timer.look([scorer], START_S + 30 * 86_400 + hour * 3_600) == []
        assert timer.look([scorer], START_S + 30 * 86_400 + hour * 3_600 + 1_800) == []
    near = START_S + 40 * 900
    assert [s.since_s for s in timer.look([scorer], near)] == [START_S + 24 * 900]
    take(scorer, body((METER, 24, 1000)))
    assert timer.look([scorer], near + 30) == [], "it moves, though it is behind"


def test_a_lasting_gap_is_over_when_its_readings_come_in_order(scorer: PartitionScorer) -> None:
    take(scorer, *(body((METER, k, 1000)) for k in range(5)))
    [opening] = SilenceTimer().look([scorer], START_S + 20 * 900)
    lasting = [{"meter_no": METER, "since_s": opening.since_s}, {"meter_no": 999, "since_s": START_S}]
    assert heard_again({0: scorer}, lasting, 1) == []
    take(scorer, *(body((METER, k, 1000)) for k in range(5, 18)))
    assert not [s for s in scorer.cut().pending.signals if s.kind == "gap"], "the kernel saw nothing missing"
    [closing] = heard_again({0: scorer}, lasting, 1)
    assert (closing.id, closing.opened, closing.at_s) == (opening.id, False, START_S + 17 * 900)


def test_the_timer_and_the_kernel_mean_the_same_gap(scorer: PartitionScorer) -> None:
    take(scorer, *(body((METER, k, 1000)) for k in range(5)))
    [signal] = SilenceTimer().look([scorer], START_S + 20 * 900)
    take(scorer, body((METER, 25, 1000)))
    gaps = {s.id for s in scorer.cut().pending.signals if s.kind == "gap"}
    assert signal.id in gaps


def test_a_register_that_begins_anew_is_told_with_both_counts(scorer: PartitionScorer) -> None:
    take(scorer, body((COUNTER, 0, 700), flags=REGISTER), body((COUNTER, 1, 710), (COUNTER, 2, 3), flags=REGISTER))
    cut = scorer.cut()
    [reset] = cut.pending.resets
    assert (reset.meter_no, reset.at_s, reset.before_counts, reset.after_counts) == (COUNTER, START_S + 1800, 710, 3)
    told = [(s.opened, s.since_s) for s in cut.pending.signals if s.kind == "register_reset"]
    assert told == [(True, START_S + 1800), (False, START_S + 1800)]
    take(scorer, body((COUNTER, 3, 4), flags=REGISTER))
    assert scorer.cut().pending.resets == []


def _clock_signals(scorer: PartitionScorer) -> list[tuple[bool, int, int]]:
    signals = scorer.cut().pending.signals
    return [(s.opened, s.gateway, s.actual_wh) for s in signals if s.kind == "gateway_clock"]


def test_a_gateway_most_of_whose_times_lie_ahead_has_its_clock_off(scorer: PartitionScorer) -> None:
    sound, ahead = START_S + 10 * 900, START_S - 40 * 900
    rows = [(METER, k, 10) for k in range(4)]
    take(scorer, body(*rows, gateway=5, sequence=1, received_s=sound))
    assert _clock_signals(scorer) == [(False, 5, 0)]  # an old alert, if there is one, is over
    take(scorer, body((METER, 4, 10), (METER, 90, 10), gateway=5, sequence=2, received_s=sound))
    assert _clock_signals(scorer) == []  # half of it is not most of it
    take(scorer, body(*[(METER, k, 10) for k in range(5, 9)], gateway=5, sequence=3, received_s=ahead))
    [(opened, gateway, offset_s)] = _clock_signals(scorer)
    assert (opened, gateway, offset_s) == (True, 5, 46 * 900 + 450)
    take(scorer, body((METER, 9, 10), (METER, 10, 11), gateway=5, sequence=4, received_s=sound + 900))
    assert _clock_signals(scorer) == [(False, 5, 0)]
    take(scorer, body((METER, 11, 10), gateway=5, sequence=5, received_s=sound + 1800))
    assert _clock_signals(scorer) == []


def test_a_clock_that_is_off_all_day_is_one_alert_whatever_says_so(scorer: PartitionScorer) -> None:
    for k in range(3):
        take(scorer, body((METER, 90 + k, 10), gateway=5, sequence=k, received_s=START_S + k * 900))
    other = PartitionScorer(Lease(0, 1, 0, {}, {}), fleet(), (), GATEWAYS)
    take(other, body((METER, 99, 10), gateway=5, sequence=9, received_s=START_S + 9 * 900))
    ids = {s.id for each in (scorer, other) for s in each.cut().pending.signals if s.kind == "gateway_clock"}
    assert len(ids) == 1


@pytest.mark.parametrize(("days", "reason"), [(-400, "too_late"), (900, "future")])
def test_a_time_outside_the_calendars_is_not_blamed_on_the_meter(
    scorer: PartitionScorer, days: int, reason: str
) -> None:
    take(scorer, body((METER, days * 96, 10), (7, days * 96, 10), gateway=5))
    assert [(r.meter_no, r.reason) for r in scorer.cut().pending.rejected] == [(METER, reason), (7, "unknown")]
    assert {name: n for name, n in scorer.counters.items() if name in ("unknown", reason)} == {"unknown": 1, reason: 1}
