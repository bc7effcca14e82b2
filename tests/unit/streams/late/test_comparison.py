"""Which alarms late readings bring, and which alerts they take away."""

from __future__ import annotations

from uuid import UUID

from redaptive.streams.alerts.intake import Signal
from redaptive.streams.late.comparison import Event, Standing, compare, events

ID = UUID(int=1)
DAY = {7: [(1_000, 5_000)]}


def signal(
    at_s: int, *, opened: bool = True, since_s: int | None = None, kind: str = "spike", meter: int = 7
) -> Signal:
    return Signal(meter, ID, ID, ID, kind, opened, at_s if since_s is None else since_s, at_s, "test-1")


def event(since_s: int, end_s: int, kind: str = "spike", meter: int = 7) -> Event:
    begins = signal(since_s, kind=kind, meter=meter)
    return Event(begins, signal(end_s, opened=False, since_s=since_s, kind=kind, meter=meter))


def alert(since_s: int, ended_s: int | None = None, *, kind: str = "spike", late: bool = False) -> Standing:
    return Standing(ID, UUID(int=since_s), 7, kind, since_s, since_s, ended_s, "open", late)


def test_openings_meet_their_closings_and_the_rest_ends_with_the_readings() -> None:
    found = events([signal(10), signal(20, opened=False, since_s=10), signal(30), signal(15, meter=8)], {7: 99, 8: 50})
    assert [(e.opening.meter_no, e.span) for e in found] == [(7, (10, 20)), (7, (30, 99)), (8, (15, 50))]


def test_a_closing_whose_opening_lies_in_the_history_says_nothing() -> None:
    assert events([signal(20, opened=False, since_s=10)], {7: 99}) == ()


def test_an_alarm_that_shows_only_with_late_readings_is_found() -> None:
    peak = event(2_000, 3_000)
    assert compare([peak], [], [], DAY).found == (peak,)
    assert compare([peak], [event(2_500, 2_600)], [], DAY).found == (), "it showed before, a little shorter"
    assert compare([peak], [], [alert(2_000)], DAY).found == (), "it stands there already"
    assert compare([event(2_000, 3_000, meter=8)], [], [], DAY).found == (), "nothing of that meter came late"
    assert compare([event(6_000, 7_000)], [], [], DAY).found == (), "decided when the day was over"


def test_an_alert_that_shows_only_without_late_readings_is_refuted() -> None:
    false = alert(2_000, 3_000)
    assert compare([], [event(2_000, 3_000)], [false], DAY).refuted == (false,)
    assert compare([event(2_900, 3_500)], [event(2_000, 3_000)], [false], DAY).refuted == (), "it only moved"
    assert compare([], [], [false], DAY).refuted == (), "the live kernel knows more than a few weeks do"
    assert compare([], [event(2_000, 3_000, "stuck")], [false], DAY).refuted == (), "of another kind"


def test_what_earlier_late_readings_found_goes_when_later_ones_explain_it() -> None:
    found = alert(2_000, 3_000, late=True)
    assert compare([], [], [found], DAY).refuted == (found,)
    assert compare([event(2_000, 3_000)], [], [found], DAY).refuted == ()


def test_gaps_and_impossible_values_are_not_judged_by_stored_readings() -> None:
    for kind in ("gap", "bad_value", "register_reset"):
        changes = compare([event(2_000, 3_000, kind)], [], [alert(2_000, kind=kind, late=True)], DAY)
        assert (changes.found, changes.refuted) == ((), ())
