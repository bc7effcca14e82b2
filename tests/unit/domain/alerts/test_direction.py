"""A fall is told, titled, judged and priced as a fall, and nothing is expected below zero of a meter that only takes.

The rows named by the first digits of an id are those that a stranger's test of a live home found.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redaptive.domain.alerts.evidence import Facts, sentence
from redaptive.domain.alerts.figures import Figures
from redaptive.domain.alerts.kinds import KINDS, Severity, kind_named
from redaptive.domain.alerts.pricing import Risk, Subject, cost_per_day, judge, risk_of
from redaptive.reference.loader import load_all
from redaptive.streams.alerts.playbook import Playbook

SINCE = datetime(2026, 1, 26, 8, 30, tzinfo=UTC)
STEP = Facts(
    "level_shift", "Meter G1", SINCE, SINCE + timedelta(days=4), "America/New_York", "gas", 2.35, 4.56, 871.68,
    Decimal("36.25"), per="interval", interval_s=900,
)  # fmt: skip
MONEY = re.compile(r"about [\d,.]+ USD/day(?P<way> less| lost| gained|)")


def test_a_step_is_told_by_its_mean_excess_and_not_by_an_interval_that_says_the_opposite() -> None:
    """b57de9eb: 872 kWh a day more, told as 48 % below the usual."""
    assert sentence(STEP) == (
        "Meter G1 uses about 872 kWh a day more than usual since 26 January 03:30 local; about 36 USD/day."
    )
    agrees = replace(STEP, actual=206.0, expected=135.5, excess_per_day=5265.2)
    assert sentence(agrees) == (
        "Meter G1 uses about 5,265 kWh a day more than usual since 26 January 03:30 local (noticed at 206 kWh in "
        "15 min, 52 % above its usual 136 kWh); about 36 USD/day."
    )
    closed = replace(agrees, kind="off_hours")
    assert "a day more than usual in closed hours since" in sentence(closed)


def test_a_fall_is_told_and_titled_as_a_fall() -> None:
    """fcb4bf47: a fall by drift was a slow rise; ada772c7: a dip peaked."""
    less = replace(
        STEP, kind="drift", commodity="electricity", actual=22.3, expected=186.0, excess_per_day=-44.1,
        usd_per_day=Decimal("-4.68"), per="day",
    )  # fmt: skip
    assert sentence(less) == (
        "Meter G1 uses about 44.1 kWh a day less than usual since 26 January 03:30 local (noticed at 22.3 kWh a day, "
        "88 % below its usual 186 kWh); about 4.68 USD/day less."
    )
    dip = replace(less, kind="spike", actual=0.29, expected=2.36, excess_per_day=-8.3, per="event")
    assert "dipped to 0.29 kWh" in sentence(dip)
    assert kind_named("drift").title_of(-44.1) == "Slow fall in use"
    assert kind_named("drift").title_of(44.1) == "Slow rise in use"
    assert kind_named("level_shift").title_of(-1.0) == "Step down in use"
    assert kind_named("level_shift").title_of(None) == "Step in use"
    assert kind_named("level_shift").title_of(-1.0, "solar") == "Step down in output"
    assert kind_named("gap").title_of(-1.0) == "No readings"


def test_generation_is_produced_and_lost() -> None:
    lost = replace(
        STEP, commodity="solar", actual=0.0, expected=1.47, excess_per_day=-141.0, usd_per_day=Decimal("16.92")
    )
    assert sentence(lost) == (
        "Meter G1 produces about 141 kWh a day less than usual since 26 January 03:30 local (noticed at 0.00 kWh in "
        "15 min, 100 % below its usual 1.47 kWh); about 17 USD/day lost."
    )
    assert "produced 5.00 kWh" in sentence(replace(lost, per="event", actual=5.0, expected=9.0, excess_per_day=-4.0))
    assert "gained" in sentence(replace(lost, actual=2.0, excess_per_day=9.0, usd_per_day=Decimal(-1)))
    unpriced = replace(lost, usd_per_day=None)
    assert sentence(unpriced).endswith("; about 141 kWh/day less (no price).")


def test_a_peak_says_that_it_is_priced_as_an_hour() -> None:
    times = SINCE, SINCE + timedelta(minutes=15)
    peak = Facts(
        "spike", "X", *times, "UTC", "electricity", 58.6, 0.6, 232.0, Decimal("27.84"), per="event", interval_s=900
    )
    assert sentence(peak).endswith("; about 28 USD/day, as if it lasted an hour.")
    measured = replace(peak, excess_per_day=58.0)
    assert sentence(measured).endswith("; about 28 USD/day.")


def test_an_event_never_ends_before_it_begins() -> None:
    """844cd9c4: peaked between 18:45 and 18:15."""
    peak = Facts("spike", "X", SINCE, SINCE - timedelta(minutes=30), "UTC", "electricity", 10.4, 0.49)
    assert "peaked at 10.4 kWh at 08:30 local on 26 January" in sentence(peak)


@given(
    st.sampled_from([k.slug for k in KINDS.values() if k.priced and k.slug != "peak"]),
    st.floats(0, 1e5),
    st.floats(-1e4, 1e5),
    st.floats(-1e6, 1e6).filter(lambda e: abs(e) > 0.1),
    st.sampled_from(["event", "interval", "night", "day"]),
    st.booleans(),
    st.sampled_from([None, 0.2, 0.9]),
)
def test_the_words_go_the_way_of_the_price(
    kind: str, actual: float, expected: float, excess: float, per: str, generates: bool, closed: float | None
) -> None:
    """More is dear and less is cheap, for what is used; for what is generated the other way round."""
    usd = cost_per_day(kind, excess, 0.1, generates=generates).usd_per_day
    facts = Facts(
        kind, "X", SINCE, SINCE + timedelta(days=2), "UTC", "solar" if generates else "gas", actual, expected, excess,
        usd, per=per, interval_s=900, closed=closed,  # type: ignore[arg-type]
    )  # fmt: skip
    text = sentence(facts)
    found = MONEY.search(text)
    assert found is not None, text
    way = {"": 1, " less": -1, " lost": -1, " gained": 1}[found["way"]]
    assert way == (1 if excess > 0 else -1), text
    told = text[: found.start()]
    wrong = ("below", "less than", "dip") if excess > 0 else ("above", "more than", "peak")
    assert not any(word in told for word in wrong), text


@given(st.floats(0, 1e4), st.floats(-1e4, 1e4), st.floats(-1e6, 1e6), st.sampled_from([1.0, 4.0, 24.0, 96.0]))
def test_nothing_is_expected_below_zero_of_a_meter_that_cannot_export(
    actual: float, expected: float, excess: float, a_day: float
) -> None:
    given_ = Figures(actual, expected, excess, a_day)
    found = given_.of_meter(exports=False)
    assert found.expected is not None
    assert found.expected >= 0
    assert given_.of_meter(exports=True) == given_
    if expected >= 0:
        assert found == given_
    else:
        assert found.at_zero
        assert found.excess_per_day is not None
        assert found.excess_per_day <= actual * a_day
        assert found.excess_per_day <= excess
        assert found.of_meter(exports=False) == found, "said again it stays as it is"


def test_a_usual_below_zero_is_told_as_none() -> None:
    """5c8c0a8e: 4.17 kWh where -12.0 are expected, 1,542 kWh a day too much of 400 that it used."""
    found = Figures(4.17, -12.0, 1542.2, 96.0).of_meter(exports=False)
    assert found.excess_per_day == pytest.approx(400.3, abs=0.1)
    text = sentence(
        replace(
            STEP,
            actual=found.actual,
            expected=found.expected,
            excess_per_day=found.excess_per_day,
            usd_per_day=Decimal("43.74"),
            at_zero=found.at_zero,
        )
    )
    assert text == (
        "Meter G1 uses about 400 kWh a day more than usual since 26 January 03:30 local (noticed at 4.17 kWh in "
        "15 min, where none is usual: what was expected lay below zero); about 44 USD/day."
    )


@pytest.mark.parametrize("kind", ["level_shift", "night_base"])
@pytest.mark.parametrize("commodity", ["gas", "water"])
def test_a_fall_is_a_notice_and_no_leak(kind: str, commodity: str) -> None:
    """9d07e57f, 94e3c00d, 2e4b723b: -240, -3.18 and -5.39 USD/day were critical."""
    less, more = (Subject(kind, commodity, excess_per_day=e) for e in (-6144.8, 6144.8))
    assert (judge(less, Decimal("-240.02")).severity, risk_of(less)) == (Severity.INFO, Risk.NONE)
    assert risk_of(more) in (Risk.SAFETY, Risk.DAMAGE)
    assert risk_of(replace(more, excess_per_day=None)) in (Risk.SAFETY, Risk.DAMAGE)


@pytest.mark.parametrize(
    ("changes", "risk", "severity"),
    [
        ({"end_use": "refrigeration"}, Risk.SUPPLY, Severity.WARNING),
        ({"end_use": "Life safety"}, Risk.SUPPLY, Severity.WARNING),
        ({"building_type": "hospital", "main_meter": True}, Risk.SUPPLY, Severity.WARNING),
        ({"building_type": "hospital"}, Risk.NONE, Severity.INFO),
        ({"commodity": "gas"}, Risk.COMFORT, Severity.INFO),
        ({"end_use": "lighting"}, Risk.NONE, Severity.INFO),
        ({"commodity": "solar", "end_use": "refrigeration"}, Risk.NONE, Severity.INFO),
        ({"kind": "spike", "end_use": "refrigeration"}, Risk.NONE, Severity.INFO),
        ({"end_use": "refrigeration", "left": 0.4}, Risk.NONE, Severity.INFO),
        ({"end_use": "refrigeration", "left": None}, Risk.NONE, Severity.INFO),
    ],
)
def test_what_must_run_and_stops_is_told(changes: dict[str, object], risk: Risk, severity: Severity) -> None:
    base = Subject("level_shift", "electricity", "office", excess_per_day=-90.0, left=0.02)
    found = judge(replace(base, **changes), Decimal("-9"))  # type: ignore[arg-type]
    assert (found.risk, found.severity) == (risk, severity)
    assert found.rank >= 0 or risk is Risk.NONE


def test_what_is_left_is_the_mean_and_not_one_idle_interval() -> None:
    """A compressor that pauses in the deciding interval has not stopped."""
    assert Figures(0.0, 2.0, -48.0, 96.0).left == pytest.approx(0.75)
    assert Figures(0.1, 2.0, -186.0, 96.0).left == pytest.approx(0.05)
    assert Figures(5.0, 100.0, -95.0, 1.0).left == pytest.approx(0.05)
    assert Figures(5.0, 0.0, -95.0, 1.0).left is None


@given(
    st.sampled_from(sorted(KINDS)),
    st.sampled_from([None, "gas", "water", "electricity", "solar"]),
    st.floats(-1e5, -1e-3),
    st.floats(0.11, 1),
)
def test_no_fall_that_goes_on_pages_anybody(kind: str, commodity: str | None, excess: float, left: float) -> None:
    rule = kind_named(kind)
    if not rule.priced or kind == "peak":
        return
    usd = cost_per_day(kind, excess, 0.1).usd_per_day
    assert judge(Subject(kind, commodity, "hospital", excess_per_day=excess, left=left), usd).severity is Severity.INFO


def test_causes_of_a_fall_are_no_leak_and_can_be_named_as_well_as_those_of_more() -> None:
    playbook = Playbook(load_all())
    for commodity in ("gas", "water", "electricity", "solar"):
        for kind in ("level_shift", "night_base", "drift", "spike"):
            less = playbook.likely(kind, commodity, falls=True)
            assert less
            assert not {"leak", "left_on", "fouling"} & {c.key for c in less}
            for cause in (*less, *playbook.likely(kind, commodity)):
                assert playbook.require_cause(kind, commodity, cause.key) == cause.key
    assert playbook.likely("gap", "gas", falls=True) == playbook.likely("gap", "gas")
