"""Trends by day: what is written comes back, days are merged, windows cut, cadences meet at the coarser one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from tests.integration.equipment_agent.conftest import Plant

from redaptive.domain.equipment.maintenance import Ticket
from redaptive.domain.equipment.records import Equipment, MaintenanceFinding
from redaptive.domain.equipment.trend import Trend
from redaptive.errors import InvalidInput, NotFound

DAY0 = datetime(2025, 3, 1, tzinfo=UTC)
START_S = int(DAY0.timestamp())


def write(plant: Plant, trend: Trend) -> int:
    return plant.running.portal.call(plant.store.write_trend, trend.equipment_id, trend)


def read(plant: Plant, start: datetime, end: datetime, code: str = "B-1") -> Trend:
    found = plant.running.portal.call(plant.store.trend, code, start, end)
    assert found is not None
    return found


def test_what_is_written_comes_back_with_its_gaps(own_records: Plant) -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(150.0, 5.0, 700).astype(np.float32).astype(float)
    values[rng.random(700) < 0.1] = np.nan
    begin = START_S + 5 * 3600
    assert write(own_records, Trend("B-1", begin, 300, {"hws": values, "hwr": values - 30.0})) == 3
    moment = DAY0 + timedelta(hours=5)
    found = read(own_records, moment, moment + timedelta(seconds=300 * 700))
    assert (found.start_s, found.step_s, found.rows) == (begin, 300, 700)
    assert np.array_equal(found.columns["hws"], values, equal_nan=True)
    part = read(own_records, moment + timedelta(hours=10), moment + timedelta(hours=12))
    assert np.array_equal(part.columns["hws"], values[120:144], equal_nan=True)
    spans = own_records.running.portal.call(own_records.store.span, "B-1")
    assert spans == (DAY0, DAY0 + timedelta(days=3))


def test_a_day_keeps_what_a_later_file_does_not_say(own_records: Plant) -> None:
    first, second = np.full(288, np.nan), np.full(288, np.nan)
    first[:200], second[150:] = 1.0, 2.0
    for values in (first, second):
        write(own_records, Trend("B-1", START_S, 300, {"flow": values}))
    found = read(own_records, DAY0, DAY0 + timedelta(days=1)).columns["flow"]
    assert (found[:150] == 1.0).all()
    assert (found[150:] == 2.0).all()


def test_points_of_two_cadences_meet_at_the_coarser(own_records: Plant) -> None:
    write(own_records, Trend("B-1", START_S, 300, {"flow": np.arange(288.0)}))
    write(own_records, Trend("B-1", START_S, 900, {"hws": np.full(96, 150.0)}))
    found = read(own_records, DAY0, DAY0 + timedelta(days=1))
    assert found.step_s == 900
    assert found.columns["flow"][:3] == pytest.approx([1.0, 4.0, 7.0])
    write(own_records, Trend("B-1", START_S, 3600, {"flow": np.full(24, 9.0)}))
    again = read(own_records, DAY0, DAY0 + timedelta(days=1))
    assert again.step_s == 3600
    assert (again.columns["flow"] == 9.0).all()


def test_unknown_codes_kinds_and_long_windows_are_refused(own_records: Plant) -> None:
    run, store = own_records.running.portal.call, own_records.store
    with pytest.raises(NotFound, match="B-7"):
        run(store.write_trend, "B-7", Trend("B-7", START_S, 300, {"flow": np.ones(3)}))
    with pytest.raises(NotFound, match="nowhere"):
        run(store.upsert_equipment, [Equipment("X", "nowhere", "ahu")])
    with pytest.raises(InvalidInput, match="no kind 'airhandler'"):
        Equipment("X", "B", "airhandler")
    with pytest.raises(InvalidInput, match="no rated figure 'cfm'"):
        Equipment("X", "B", "ahu", rated={"cfm": 1.0})
    with pytest.raises(InvalidInput, match="longer than"):
        run(store.trend, "B-1", DAY0, DAY0 + timedelta(days=4_000))
    assert run(store.trend, "B-1", DAY0, DAY0 + timedelta(days=1)) is None
    assert run(store.span, "B-1") is None


def test_findings_are_counted_by_rule(own_records: Plant) -> None:
    run, store = own_records.running.portal.call, own_records.store
    for code, rule, finding in (
        ("AHU-1", "FC6", "confirmed"),
        ("AHU-2", "FC6", "rejected"),
        ("AHU-1", "SCHED", "confirmed"),
    ):
        run(store.add_finding, MaintenanceFinding(code, rule, finding), "ada")  # type: ignore[arg-type]
    assert run(store.tickets) == {"FC6": Ticket(1, 1), "SCHED": Ticket(1, 0)}
    with pytest.raises(NotFound, match="AHU-7"):
        run(store.add_finding, MaintenanceFinding("AHU-7", "FC6", "confirmed"), "ada")


def test_equipment_is_written_once_and_changed_by_code(own_records: Plant) -> None:
    run, store = own_records.running.portal.call, own_records.store
    changed = Equipment("AHU-1", "B", "ahu", "Renamed", None, {"airflow_cfm": 5.0})
    count = run(store.upsert_equipment, [changed])
    assert (count.inserted, count.updated) == (0, 1)
    assert run(store.upsert_equipment, [changed]).unchanged == 1
    (found,) = run(store.equipment, ["AHU-1"])
    assert (found.equipment, found.site_code, found.timezone) == (changed, "S", "America/Chicago")
