"""Each rule of alerts with a clock of the test's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redaptive.domain.alerts.assessment import Assessment
from redaptive.domain.alerts.causes import Cause, rank_causes
from redaptive.domain.alerts.collapse import (
    Extremes,
    above,
    gateway_outages,
    largest_cluster,
    site_outages,
    weather_shifts,
)
from redaptive.domain.alerts.evidence import Facts, sentence
from redaptive.domain.alerts.faults import Fault
from redaptive.domain.alerts.kinds import KINDS, Severity, kind_named, kind_or_default
from redaptive.domain.alerts.persistence import Patience, is_flapping, patience
from redaptive.domain.alerts.pricing import Risk, Subject, cost_per_day, judge, risk_of
from redaptive.domain.alerts.rota import Engineer, Shift, goes_to_digest, ladder, moment, next_digest, quiet_until
from redaptive.domain.alerts.states import WAYS, State, before, require_way
from redaptive.domain.alerts.triage import By, Surroundings, Window, triage
from redaptive.domain.alerts.weighing import Weighed
from redaptive.errors import Conflict, NotFound

T0 = 1_773_248_400  # 2026-03-11 17:00 UTC
STEP = 900
SITE = UUID(int=1)


def fault(meter: int = 1, kind: str = "gap", since: int = 0, **changes: object) -> Fault:
    """A pending fault that lasts; `since` in intervals after T0."""
    start = T0 + since * STEP
    given = Fault(
        uuid4(), kind, State.PROVISIONAL, start, start, start, meter_no=meter, meter_id=UUID(int=100 + meter),
        site_id=SITE, station="ORD", gateway=7,
    )  # fmt: skip
    return replace(given, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("silent", "of", "collapses"), [(5, 25, True), (5, 26, False), (4, 4, False), (20, 100, True), (19, 100, False)]
)
def test_a_gateway_is_dead_at_a_fifth_and_five_meters(silent: int, of: int, collapses: bool) -> None:
    found = gateway_outages([fault(i) for i in range(1, silent + 1)], {7: of})
    assert [len(c.members) for c in found] == ([silent] if collapses else [])


def test_only_gaps_of_two_cadences_belong_together() -> None:
    close = [fault(i, since=i % 3) for i in range(1, 7)]
    spread = [fault(i, since=3 * i) for i in range(1, 7)]
    assert len(gateway_outages(close, {7: 10})) == 1
    assert gateway_outages(spread, {7: 10}) == []
    assert gateway_outages([replace(f, gateway=0) for f in close], {0: 10}) == []


@given(st.lists(st.integers(0, 40), max_size=30), st.integers(0, 10))
def test_the_largest_cluster_is_largest(starts: list[int], window: int) -> None:
    faults = [fault(i + 1, since=start) for i, start in enumerate(starts)]
    found = largest_cluster(faults, window * STEP)
    best = max((sum(a <= b <= a + window for b in starts) for a in starts), default=0)
    assert len(found) == best
    assert all(b.since_s - a.since_s <= window * STEP for a, b in pairwise(found))


def test_a_site_is_dark_behind_more_than_one_gateway() -> None:
    gaps = [fault(i, gateway=7 + i % 2) for i in range(1, 9)]
    assert len(site_outages(gaps, [], {SITE: 10})) == 1
    assert site_outages(gaps, [], {SITE: 11}) == []
    assert site_outages([replace(f, gateway=7) for f in gaps], [], {SITE: 8}) == []


def test_weather_explains_what_many_meters_do_in_extreme_hours_only() -> None:
    faults = [fault(i, "drift", since=i) for i in range(1, 13)]
    heat, mild = {"ORD": Extremes(39.0, -10.0, 34.0)}, {"ORD": Extremes(20.0, -10.0, 34.0)}
    assert len(weather_shifts(faults, {"ORD": 50}, heat)) == 1
    assert weather_shifts(faults, {"ORD": 50}, mild) == []
    assert weather_shifts(faults, {"ORD": 500}, heat) == []
    assert weather_shifts([replace(f, kind="stuck") for f in faults], {"ORD": 50}, heat) == []


def test_the_meter_above_stands_for_those_below() -> None:
    top, middle, low = (fault(i, "off_hours") for i in (1, 2, 3))
    parents = {UUID(int=103): UUID(int=102), UUID(int=102): UUID(int=101)}
    assert above(low, [top, middle, low], parents) == top
    assert above(top, [top, middle, low], parents) is None
    assert above(low, [replace(top, kind="drift")], parents) is None
    assert above(low, [replace(top, since_s=top.since_s - 90_000)], parents) is None


@pytest.mark.parametrize(
    ("ended", "now", "expected"),
    [
        (1, 1, Patience.WAIT),
        (1, 5, Patience.GIVE_UP),
        (2, 2, Patience.OPEN),
        (None, 1, Patience.WAIT),
        (None, 2, Patience.OPEN),
    ],
)
def test_a_spike_needs_two_of_four_intervals(ended: int | None, now: int, expected: Patience) -> None:
    spike = fault(1, "spike", ended_s=None if ended is None else T0 + ended * STEP)
    assert patience(spike, [], T0 + now * STEP) is expected


def test_neighbouring_events_count_together_but_not_far_ones() -> None:
    one = fault(1, "spike", ended_s=T0 + STEP)
    near, far = (fault(1, "spike", since=n, ended_s=T0 + (n + 1) * STEP) for n in (-3, -4))
    assert patience(one, [near], T0 + STEP) is Patience.OPEN
    assert patience(one, [far], T0 + STEP) is Patience.WAIT
    assert patience(one, [replace(near, meter_no=2)], T0 + STEP) is Patience.WAIT


def test_gaps_are_held_until_their_gateway_could_have_been_noticed() -> None:
    assert patience(fault(), [], T0 + 89) is Patience.WAIT
    assert patience(fault(), [], T0 + 90) is Patience.OPEN
    assert patience(fault(ended_s=T0 + 60), [], T0 + 80) is Patience.GIVE_UP


def test_more_than_six_transitions_a_day_are_flapping() -> None:
    def events(count: int) -> list[Fault]:
        return [fault(1, since=i, ended_s=T0 + i * STEP + 60) for i in range(count)]

    assert not is_flapping(events(3), T0 + 3600)
    assert is_flapping(events(4), T0 + 3600)
    assert not is_flapping(events(4), T0 + 100_000)


def test_the_same_kind_within_a_day_is_the_same_alert() -> None:
    old = fault(1, "drift", state=State.CLOSED, ended_s=T0 - 3600)
    old = replace(old, since_s=T0 - 7200)
    back = fault(1, "drift")
    found = triage([back], Surroundings(known=(old,)), T0 + 3600)
    assert (found.verdicts[back.id].by, found.verdicts[back.id].target) == (By.MERGED, old.id)
    assert found.woken == {old.id}
    older = replace(old, ended_s=T0 - 86_401)
    assert triage([back], Surroundings(known=(older,)), T0 + 3600).verdicts[back.id].by is None


def test_a_second_pass_attaches_latecomers_and_reopens_the_outage() -> None:
    gaps = [fault(i) for i in range(1, 7)]
    first = triage(gaps, Surroundings(gateway_meters={7: 20}), T0 + 60)
    (outage, made), *none = first.made.items()
    assert not none
    standing = fault(0, "gateway_silent", id=outage, state=State.OPEN, since_s=made.since_s, meter_id=None)
    late = fault(9, since=1)
    second = triage([late], Surroundings(known=(standing,), gateway_meters={7: 20}), T0 + 1000)
    assert second.verdicts[late.id].target == outage
    gone = replace(standing, state=State.CLOSED, ended_s=T0 + 3600)
    again = [fault(i, since=8) for i in range(1, 7)]
    third = triage(again, Surroundings(known=(gone,), gateway_meters={7: 20}), T0 + 9000)
    assert (third.made, third.woken) == ({}, {outage})


def test_triage_does_not_depend_on_the_order() -> None:
    faults = [fault(i, "drift" if i % 2 else "gap", since=i % 4) for i in range(1, 15)]
    around = Surroundings(gateway_meters={7: 20}, windows=(Window(UUID(int=103), T0, T0 + 9000),))
    one, two = (triage(order, around, T0 + 6000) for order in (faults, faults[::-1]))
    assert one.verdicts == two.verdicts
    assert one.made.keys() == two.made.keys()
    assert one.verdicts[faults[2].id].by is By.MAINTENANCE


@pytest.mark.parametrize(
    ("subject", "usd", "severity", "risk"),
    [
        (Subject("off_hours", "electricity"), "9.99", "info", Risk.NONE),
        (Subject("off_hours", "electricity"), "10", "warning", Risk.NONE),
        (Subject("off_hours", "electricity"), "100", "critical", Risk.NONE),
        (Subject("night_base", "gas"), "1", "critical", Risk.SAFETY),
        (Subject("night_base", "water"), "1", "warning", Risk.DAMAGE),
        (Subject("gap", "electricity", "hospital"), None, "warning", Risk.SUPPLY),
        (Subject("gap", "electricity", "office"), None, "info", Risk.NONE),
        (Subject("gap", "electricity", "office", main_meter=True), None, "warning", Risk.NONE),
        (Subject("site_outage"), None, "critical", Risk.NONE),
    ],
)
def test_severity_by_money_and_risk(subject: Subject, usd: str | None, severity: str, risk: Risk) -> None:
    found = judge(subject, None if usd is None else Decimal(usd))
    assert (found.severity, risk_of(subject)) == (severity, risk)


def test_a_tenant_cannot_make_gas_at_night_harmless_but_all_else() -> None:
    assert judge(Subject("night_base", "gas"), None, Severity.INFO).severity is Severity.CRITICAL
    assert judge(Subject("drift"), Decimal(500), Severity.INFO).severity is Severity.INFO


def test_safety_ranks_before_money_and_data_have_no_price() -> None:
    gas, dear = judge(Subject("night_base", "gas"), Decimal(1)), judge(Subject("drift"), Decimal(900))
    assert gas.rank > dear.rank
    assert cost_per_day("gap", 100.0, 0.1).usd_per_day is None
    assert cost_per_day("drift", 0.1, 0.05).usd_per_day == Decimal("0.01")


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("bare", [True, False])
def test_every_kind_has_a_sentence(kind: str, bare: bool) -> None:
    times = datetime(2026, 3, 11, 17, tzinfo=UTC), datetime(2026, 3, 11, 20, tzinfo=UTC)
    figures = {} if bare else {"actual": 0.5, "expected": 0.0, "excess_per_day": 3.0, "usd_per_day": Decimal("0.4")}
    text = sentence(Facts(kind, "Meter X", *times, "Asia/Kolkata", "water", **figures))  # type: ignore[arg-type]
    assert "Meter X" in text
    assert "None" not in text
    assert text.endswith(".")


def test_times_in_sentences_are_local_on_the_day_of_a_clock_change() -> None:
    since, until = datetime(2026, 11, 1, 5, tzinfo=UTC), datetime(2026, 11, 1, 12, tzinfo=UTC)
    text = sentence(Facts("off_hours", "X", since, until, "America/Chicago", "electricity", 10.0, 5.0))
    assert "between 00:00 and 06:00 local, 100 % above" in text


def test_nights_of_an_event_are_compared_with_nights_not_with_the_sum_of_all_hours() -> None:
    times = datetime(2026, 3, 3, 6, tzinfo=UTC), datetime(2026, 3, 17, 6, tzinfo=UTC)
    event = Facts("night_base", "X", *times, "America/Chicago", "electricity", 1200.0, 1225.0, 12.0, Decimal("1.44"))
    assert sentence(event) == (
        "X used 1,200 kWh from 3 March to 17 March: its nights took about 0.50 kWh an hour more than those of "
        "the weeks before, 12.0 kWh a day if it runs round the clock; about 1.44 USD/day."
    )
    weekend = replace(event, kind="weekend")
    assert "about 12.0 kWh a day more on days of rest than in the weeks before" in sentence(weekend)
    assert "below" not in sentence(weekend), "less than expected in all hours, more by what the alarm compares"
    assert "20 % above its usual 1,000 kWh" in sentence(replace(weekend, expected=1000.0))
    hourly = sentence(replace(event, per="interval"))
    assert "uses about 12.0 kWh a day more than usual at night since 3 March" in hourly
    assert "below" not in hourly


def test_causes_learn() -> None:
    causes = [Cause("a", "A", 0.7), Cause("b", "B", 0.3)]
    prior = rank_causes(causes, {}, {})
    assert [round(c.probability, 9) for c in prior] == [0.7, 0.3]
    assert rank_causes(causes, {"b": 5}, {})[0].key == "b"
    assert rank_causes(causes, {}, {"a": 20})[0].key == "b"
    assert sum(c.probability for c in rank_causes(causes, {"a": 3}, {"b": 9})) == pytest.approx(1.0)


ANN = Engineer(UUID(int=11), "ann", "America/Chicago", quiet_from=time(22), quiet_to=time(1, 30))
BOB = Engineer(UUID(int=12), "bob", "America/Chicago", skills=frozenset({"gas"}))
EVE = Engineer(UUID(int=13), "eve", "America/Chicago", skills=frozenset({"water"}))
PEOPLE = {e.id: e for e in (ANN, BOB, EVE)}
NIGHT = Shift(ANN.id, 1, frozenset({6}), time(20), time(6), "America/Chicago")


def test_a_shift_over_midnight_belongs_to_the_day_on_which_it_starts() -> None:
    saturday, sunday = (datetime(2026, 3, d, 12, tzinfo=UTC) for d in (7, 8))
    begin, end = NIGHT.span(date(2026, 3, 7)) or (saturday, saturday)
    assert (end - begin).total_seconds() == 9 * 3600  # the clocks go forward in that night
    assert NIGHT.covers(datetime(2026, 3, 8, 10, 59, tzinfo=UTC))
    assert not NIGHT.covers(datetime(2026, 3, 8, 11, 0, tzinfo=UTC))
    assert not NIGHT.covers(sunday.replace(hour=2, day=9))


def test_the_ladder_goes_by_level_then_skill() -> None:
    def shift(engineer: Engineer, level: int) -> Shift:
        return Shift(engineer.id, level, frozenset(range(1, 8)), time(0), time(0), "UTC")

    rota = [shift(ANN, 1), shift(BOB, 1), shift(EVE, 1), shift(EVE, 2)]
    at = datetime(2026, 3, 11, 12, tzinfo=UTC)
    assert [d.engineer.code for d in ladder(rota, PEOPLE, at, "gas")] == ["bob", "ann", "eve"]
    assert [d.engineer.code for d in ladder(rota, PEOPLE, at, "water")] == ["eve", "ann", "bob"]
    assert [d.engineer.code for d in ladder([NIGHT], PEOPLE, at, "gas")] == ["ann"]
    assert ladder([NIGHT], PEOPLE, at, "gas")[0].since == datetime(2026, 3, 15, 1, tzinfo=UTC)
    assert ladder([], PEOPLE, at, "gas") == []


def test_quiet_hours_over_the_repeated_hour_last_until_its_second_half_past_one() -> None:
    # 1 November 2026 in Chicago: 01:00-02:00 occurs twice.
    asked = datetime(2026, 11, 1, 5, tzinfo=UTC)
    assert quiet_until(ANN, asked, Severity.WARNING) == datetime(2026, 11, 1, 7, 30, tzinfo=UTC)
    assert quiet_until(ANN, asked, Severity.CRITICAL) == asked
    noon = datetime(2026, 11, 1, 18, tzinfo=UTC)
    assert quiet_until(ANN, noon, Severity.WARNING) == noon
    assert quiet_until(BOB, asked, Severity.WARNING) == asked
    day = replace(ANN, quiet_from=time(9), quiet_to=time(17))
    assert quiet_until(day, noon, Severity.INFO) == datetime(2026, 11, 1, 23, tzinfo=UTC)


def test_the_digest_comes_at_seven_local() -> None:
    assert next_digest(ANN, datetime(2026, 3, 8, 11, tzinfo=UTC)) == datetime(2026, 3, 8, 12, tzinfo=UTC)
    assert next_digest(ANN, datetime(2026, 3, 8, 12, tzinfo=UTC)) == datetime(2026, 3, 9, 12, tzinfo=UTC)
    assert not goes_to_digest(Severity.CRITICAL, 99, 3)
    assert goes_to_digest(Severity.WARNING, 3, 3)
    assert not goes_to_digest(Severity.WARNING, 2, 3)
    assert goes_to_digest(Severity.INFO, 0, 3)


@given(st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)))
def test_a_local_time_never_comes_before_the_same_clock_face(wall: datetime) -> None:
    found = moment(wall.date(), wall.time(), "America/Chicago")
    assert found <= moment(wall.date(), wall.time(), "America/Chicago", latest=True)


def test_states_have_the_ways_that_are_drawn() -> None:
    assert set(WAYS) == set(State)
    assert before(State.RESOLVED) == (State.OPEN, State.ACKNOWLEDGED, State.IN_PROGRESS, State.CLOSED)
    with pytest.raises(Conflict, match="withdrawn and cannot become open"):
        require_way(State.WITHDRAWN, State.OPEN, "x")


def test_unknown_kinds_are_refused_by_people_and_taken_from_kernels() -> None:
    with pytest.raises(NotFound, match=r"There are: spike"):
        kind_named("ghost")
    assert kind_or_default("new_thing").title == "New thing"


def weighed(patience_of: Patience, look: int = 0, *, closed: float = 0.5, rest: float = 0.2) -> Weighed:
    """What readings say: 100 kWh a day too much, ten errors, half of it in closed hours."""
    found = Assessment(2.0, 100.0, 500.0, 10.0, 100.0, closed, rest, None, 0.0)
    return Weighed(patience_of, look, found if patience_of is Patience.OPEN else None)


@pytest.mark.parametrize(
    ("parts", "chosen"),
    [
        ({"closed": 0.5, "rest": 0.2}, "level_shift"),
        ({"closed": 0.9, "rest": 0.3}, "off_hours"),
        ({"closed": 1.0, "rest": 0.9}, "weekend"),
    ],
)
def test_one_episode_of_a_meter_is_one_alert_named_by_where_its_excess_lies(
    parts: dict[str, float], chosen: str
) -> None:
    kinds = ("level_shift", "off_hours", "night_base", "weekend", "spike")
    faults = {kind: fault(1, kind) for kind in kinds}
    verdicts = {f.id: weighed(Patience.OPEN, closed=parts["closed"], rest=parts["rest"]) for f in faults.values()}
    found = triage(list(faults.values()), Surroundings(weighed=verdicts), T0 + 200_000)
    assert {kind for kind, f in faults.items() if found.verdicts[f.id].by is None} == {chosen}
    others = [found.verdicts[f.id] for kind, f in faults.items() if kind != chosen]
    assert {(v.by, v.target) for v in others} == {(By.METER, faults[chosen].id)}


def test_what_readings_say_waits_gives_up_or_belongs_to_the_meters_alert() -> None:
    waits, quiet, more = fault(1, "level_shift"), fault(2, "level_shift"), fault(3, "off_hours")
    own = fault(3, "level_shift", state=State.OPEN)
    says = {
        waits.id: weighed(Patience.WAIT, T0 + 86_400), quiet.id: weighed(Patience.GIVE_UP),
        more.id: weighed(Patience.WAIT, T0 + 86_400),
    }  # fmt: skip
    found = triage([waits, quiet, more], Surroundings(known=(own,), weighed=says), T0 + 9_000)
    assert found.waits == {waits.id: T0 + 86_400}
    assert found.verdicts[quiet.id].by is By.NOT_PERSISTENT
    assert (found.verdicts[more.id].by, found.verdicts[more.id].target) == (By.METER, own.id)


def test_a_factor_is_told_only_when_readings_show_it() -> None:
    wrong = fault(1, "multiplier")
    found = triage([wrong], Surroundings(weighed={wrong.id: weighed(Patience.GIVE_UP)}), T0 + 200_000)
    assert found.verdicts[wrong.id].by is By.NOT_PERSISTENT


def test_wrong_readings_take_what_they_seem_to_use() -> None:
    wrong, seems = fault(1, "multiplier"), fault(1, "level_shift")
    found = triage([wrong, seems], Surroundings(weighed={seems.id: weighed(Patience.OPEN)}), T0 + 200_000)
    assert found.verdicts[wrong.id].by is None
    assert (found.verdicts[seems.id].by, found.verdicts[seems.id].target) == (By.METER, wrong.id)


def test_lost_generation_costs_and_gas_that_does_not_run_round_the_clock_is_no_leak() -> None:
    assert cost_per_day("level_shift", -100.0, 0.1, generates=True).usd_per_day == Decimal(10)
    gas = Subject("level_shift", "gas")
    assert [risk_of(replace(gas, steady=s)) for s in (None, True, False)] == [Risk.SAFETY, Risk.SAFETY, Risk.NONE]


def test_sentences_by_readings_say_what_was_compared_and_what_is_not_known() -> None:
    times = datetime(2026, 3, 2, 6, tzinfo=UTC), datetime(2026, 3, 3, 6, tzinfo=UTC)
    told = Facts(
        "off_hours", "Meter X", *times, "America/Chicago", "electricity", 700.0, 500.0, 200.0, Decimal(24), per="day",
        closed=0.9, rest=0.2,
    )  # fmt: skip
    assert sentence(told) == (
        "Meter X uses 700 kWh a day, 40 % above the 500 kWh of the weeks before (hour of the week, weather, other "
        "meters), since 2 March 00:00 local; mostly in closed hours; about 24 USD/day."
    )
    assert sentence(replace(told, usd_per_day=None, unsure=True)).endswith("is not known: its weeks differ as much.")
    off = replace(told, usd_per_day=None, billing_usd_per_day=Decimal(1274))
    assert sentence(off).endswith("a bill of these readings is off by up to 1,274 USD/day.")
    assert "produces 700 kWh a day" in sentence(replace(told, commodity="solar"))
