"""Readings: any window alone, exact balances, calibration, and an independent recomputation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redaptive.domain.quality.flags import Quality
from redaptive.errors import InvalidInput, NotFound
from redaptive.sample import readings as readings_module
from redaptive.sample.cities import CITIES
from redaptive.sample.metering import PHI, split_quarters
from redaptive.sample.portfolio import build_portfolio
from redaptive.sample.profiles import profiles
from redaptive.sample.randomness import Purpose, integers16, lags
from redaptive.sample.readings import READING_SCHEMA, SampleReadings
from redaptive.sample.specs import MeterKind

DEMO = build_portfolio("demo")
READINGS = SampleReadings(DEMO)
CLEAN = SampleReadings(replace(DEMO, faults=()))
MAINS = [s.number for s in DEMO.meter_specs if s.kind is MeterKind.MAIN]


def _days(meter: int, start: date, count: int) -> pl.DataFrame:
    parts = [READINGS.day(meter, start + timedelta(days=n)) for n in range(count)]
    ts = pl.Series(np.concatenate([p.ts for p in parts])).dt.replace_time_zone("UTC")
    values, quality = np.concatenate([p.value for p in parts]), np.concatenate([p.quality for p in parts])
    number = np.full(len(values), meter, dtype=np.int32)
    return pl.DataFrame({"meter_index": number, "ts": ts, "value": values, "quality": quality})


@settings(deadline=None, max_examples=40)
@given(meter=st.integers(0, 199), offset=st.integers(0, 1100), count=st.integers(1, 6))
def test_a_frame_is_its_days(meter: int, offset: int, count: int) -> None:
    start = DEMO.start + timedelta(days=offset)
    frame = READINGS.frame([meter], start, start + timedelta(days=count))
    assert frame.schema == pl.Schema(READING_SCHEMA)
    assert frame.equals(_days(meter, start, count))


def test_every_faulty_meter_is_the_same_by_days_and_by_frame() -> None:
    for fault in DEMO.faults:
        start = fault.start - timedelta(days=2)
        assert READINGS.frame([fault.meter], start, start + timedelta(days=6)).equals(_days(fault.meter, start, 6))


def test_all_meters_together_are_each_meter_alone_whatever_the_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    start, end = date(2025, 10, 30), date(2025, 11, 5)
    together = READINGS.frame(range(200), start, end)
    alone = pl.concat([READINGS.frame([meter], start, end) for meter in range(200)])
    assert together.equals(alone)
    monkeypatch.setattr(readings_module, "_VALUES_PER_CHUNK", 777)
    assert together.equals(READINGS.frame(range(199, -1, -1), start, end))


def test_same_seed_same_bytes_in_a_new_generator_and_other_seeds_differ() -> None:
    start, end = date(2025, 1, 1), date(2025, 1, 8)
    one = READINGS.frame(range(40), start, end)
    assert one.equals(SampleReadings(build_portfolio("demo")).frame(range(40), start, end))
    assert not one["value"].equals(
        SampleReadings(build_portfolio("demo", seed=2)).frame(range(40), start, end)["value"]
    )


@pytest.mark.parametrize(("day", "hours"), [(date(2025, 3, 9), 23), (date(2025, 11, 2), 25), (date(2025, 7, 4), 24)])
def test_days_of_a_clock_change_have_23_and_25_hours(day: date, hours: int) -> None:
    for meter in (0, 2):  # Chicago, 15 minutes and hourly
        spec = DEMO.meter_specs[meter]
        reading = CLEAN.day(meter, day)
        assert len(reading.value) == hours * spec.quarters
        assert (np.diff(reading.ts) == np.timedelta64(3600 // spec.quarters, "s")).all()
    phoenix = next(s.number for s in DEMO.meter_specs if CITIES[DEMO.building_specs[s.building].city].key == "PHX")
    assert len(CLEAN.day(phoenix, day).value) == 24 * DEMO.meter_specs[phoenix].quarters


@pytest.mark.parametrize("start", [date(2024, 2, 1), date(2025, 7, 1), date(2026, 1, 20)])
def test_a_main_is_its_children_and_a_remainder_that_is_never_negative(start: date) -> None:
    end = start + timedelta(days=20)
    frame = CLEAN.frame(range(200), start, end)
    hourly = frame.group_by("meter_index", pl.col("ts").dt.truncate("1h"), maintain_order=True).agg(
        pl.col("value").sum()
    )
    series = {key[0]: part["value"].to_numpy() for key, part in hourly.group_by("meter_index")}
    for main in MAINS:
        code = DEMO.meters[main].code
        rest = series[main].astype(np.int64)
        for number, meter in enumerate(DEMO.meters):
            if meter.parent_code == code:
                rest = rest - series[number]
            solar = DEMO.meter_specs[number].kind is MeterKind.SOLAR
            if solar and meter.building_code == DEMO.meters[main].building_code and code.endswith("E1"):
                rest = rest + series[number]
        assert (rest >= 0).all(), code
        assert np.array_equal(rest, CLEAN.unmetered(main, start, end))


def test_physical_faults_keep_the_balance_and_reach_the_parent_to_the_watt_hour() -> None:
    physical = [f for f in DEMO.faults if f.physical]
    assert len(physical) == 7
    for fault in physical:
        meter = DEMO.meters[fault.meter]
        parent = meter.parent_code or f"{meter.building_code}-E1"
        only = SampleReadings(replace(DEMO, faults=(fault,)))
        start, end = fault.start, fault.end
        own = (
            only.frame([fault.meter], start, end)["value"].sum() - CLEAN.frame([fault.meter], start, end)["value"].sum()
        )
        seen = only.frame([parent], start, end)["value"].sum() - CLEAN.frame([parent], start, end)["value"].sum()
        assert own != 0
        assert seen == (-own if "PV" in meter.code else own)


def test_a_fault_changes_nothing_outside_its_dates_or_on_other_meters() -> None:
    for fault in DEMO.faults:
        only = SampleReadings(replace(DEMO, faults=(fault,)))
        before = (fault.start - timedelta(days=5), fault.start)
        assert only.frame([fault.meter], *before).equals(CLEAN.frame([fault.meter], *before))
        after = (fault.end, fault.end + timedelta(days=5))
        assert only.frame([fault.meter], *after).equals(CLEAN.frame([fault.meter], *after))
        parent = DEMO.meters[fault.meter].parent_code or f"{DEMO.meters[fault.meter].building_code}-E1"
        others = [n for n, m in enumerate(DEMO.meters) if n != fault.meter and m.code != parent]
        during = (fault.start, fault.start + timedelta(days=1))
        assert only.frame(others, *during).equals(CLEAN.frame(others, *during))


def _by_hand(meter: int, day: date, index: int) -> int:
    """One clean reading of a lighting, plug or process meter recomputed with plain loops from its definition."""
    spec = DEMO.meter_specs[meter]
    building, model = DEMO.building_specs[spec.building], CLEAN.model(spec.building)
    first, _ = CLEAN.hours(spec.building, day, day + timedelta(days=1))
    position = first * spec.quarters + index
    slot = int(model.slots(first, first + 26)[index // spec.quarters])
    table = profiles(building.type_key, building.variant).hourly[spec.use]
    history = CLEAN.hours(spec.building, DEMO.start, DEMO.end)
    yearly = sum(float(table[int(s)]) for s in model.slots(*history)) * 8766 / (history[1] - history[0])
    level = model.annual[spec.use] / yearly * float(table[slot]) * spec.share * building.main_weights[spec.main_slot]
    phi, n = PHI[spec.quarters], lags(PHI[spec.quarters])
    drawn = integers16(DEMO.seed, Purpose.READING, spec.number, position - n + 1, n)
    total = sum(phi**k * (float(drawn[n - 1 - k]) - 32767.5) for k in range(n))
    sd = (((65536**2 - 1) / 12) * sum(phi ** (2 * k) for k in range(n))) ** 0.5
    noise = max(-0.17, min(0.17, total / sd * spec.noise_sd))
    return int(np.floor(level * (1 + noise)))


def test_readings_equal_a_plain_recomputation() -> None:
    changed = {p.building for p in DEMO.projects} | {e.building for e in DEMO.non_routine_events}
    uses = ("lighting", "plug", "process")
    meters = [s.number for s in DEMO.meter_specs if s.use in uses and s.building not in changed][:12]
    assert len(meters) == 12
    for meter in meters:
        day = date(2025, 5, 5) + timedelta(days=meter)
        values = CLEAN.day(meter, day).value
        for index in (0, 7, 13, 20):
            assert abs(int(values[index]) - _by_hand(meter, day, index)) <= 1


def test_energy_of_each_building_is_its_target() -> None:
    changed = {p.building for p in DEMO.projects} | {e.building for e in DEMO.non_routine_events}
    for spec in DEMO.building_specs:
        if spec.number in changed:
            continue
        kinds = (MeterKind.MAIN, MeterKind.GAS, MeterKind.SOLAR)
        meters = [m.number for m in DEMO.meter_specs if m.building == spec.number and m.kind in kinds]
        total_kwh = CLEAN.frame(meters, DEMO.start, DEMO.end)["value"].cast(pl.Int64).sum() / 1000
        eui = total_kwh / 2 * 3.412142 / spec.area_ft2
        assert eui == pytest.approx(spec.site_eui, rel=0.01), spec.type_key


def _shape(type_key: str) -> tuple[float, float]:
    """(weekend over weekday energy, night 0-5 over day 9-17 power) of the first building of a type, spring weeks."""
    spec = next(s for s in DEMO.building_specs if s.type_key == type_key and s.pv_kwdc == 0)
    main = next(m.number for m in DEMO.meter_specs if m.building == spec.number and m.kind is MeterKind.MAIN)
    zone = CITIES[spec.city].timezone
    frame = CLEAN.frame([main], date(2024, 4, 1), date(2024, 5, 20))
    local = frame.with_columns(pl.col("ts").dt.convert_time_zone(zone).alias("local"))
    weekend = pl.col("local").dt.weekday() > 5
    hour = pl.col("local").dt.hour()
    mean = {
        "weekend": local.filter(weekend)["value"].mean(),
        "weekday": local.filter(~weekend)["value"].mean(),
        "night": local.filter(~weekend & (hour < 5))["value"].mean(),
        "day": local.filter(~weekend & (hour >= 9) & (hour < 17))["value"].mean(),
    }
    value = {key: float(str(number)) for key, number in mean.items()}
    return value["weekend"] / value["weekday"], value["night"] / value["day"]


def test_load_shapes_are_those_of_their_types() -> None:
    office, hospital, grocery = _shape("office"), _shape("hospital"), _shape("supermarket")
    assert 0.35 < office[0] < 0.75
    assert 0.2 < office[1] < 0.5
    assert 0.85 < hospital[0] <= 1.05
    assert 0.45 < hospital[1] < 0.75
    assert grocery[0] == pytest.approx(1.0, abs=0.06)
    assert 0.5 < grocery[1] < 0.9


def test_export_is_negative_and_flagged_and_nothing_else_is() -> None:
    frame = CLEAN.frame(range(200), date(2025, 5, 1), date(2025, 6, 1))
    assert (frame.filter(pl.col("value") < 0)["quality"] == int(Quality.EXPORT)).all()
    assert (frame.filter(pl.col("value") >= 0)["quality"] == 0).all()
    solar = [s.number for s in DEMO.meter_specs if s.kind is MeterKind.SOLAR]
    assert len(solar) >= 1
    assert frame.filter(pl.col("meter_index").is_in(solar))["value"].min() == 0


def test_noise_is_as_large_as_stated() -> None:
    # A refrigeration or process meter minus its own weekly repeat: sd of the ratio's change is sqrt(2) sd.
    spec = next(
        s for s in DEMO.meter_specs if s.use == "plug" and s.building not in {p.building for p in DEMO.projects}
    )
    weeks = CLEAN.frame([spec.number], date(2024, 4, 1), date(2024, 5, 20))["value"].to_numpy().reshape(7, 168)
    ratio = weeks[1:] / weeks[:-1] - 1
    assert np.std(ratio) / np.sqrt(2) == pytest.approx(spec.noise_sd, rel=0.15)


@settings(deadline=None)
@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=50))
def test_quarters_add_up_to_their_hour(hourly: list[int]) -> None:
    quarters = split_quarters(np.array(hourly, dtype=np.int64)).reshape(-1, 4)
    assert quarters.sum(axis=1).tolist() == hourly
    assert int((quarters.max(axis=1) - quarters.min(axis=1)).max()) <= 1


def test_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(NotFound, match="NOPE"):
        READINGS.day("NOPE", date(2025, 1, 1))
    with pytest.raises(NotFound, match="200"):
        READINGS.frame([200], date(2025, 1, 1), date(2025, 1, 2))
    with pytest.raises(InvalidInput, match="2023-12-31"):
        READINGS.day(0, date(2023, 12, 31))
    with pytest.raises(InvalidInput, match="No readings"):
        READINGS.frame([0], date(2025, 1, 2), date(2025, 1, 2))
    with pytest.raises(InvalidInput, match="not an electric main"):
        READINGS.unmetered(2, date(2025, 1, 1), date(2025, 1, 2))
    assert READINGS.frame([], date(2025, 1, 1), date(2025, 1, 2)).schema == pl.Schema(READING_SCHEMA)


def test_a_code_and_its_index_are_the_same_meter() -> None:
    code = DEMO.meters[17].code
    assert np.array_equal(READINGS.day(code, date(2025, 2, 1)).value, READINGS.day(17, date(2025, 2, 1)).value)
