"""What is sent against what is known: units, multipliers, registers; numbers of messages."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from redaptive.domain.detectors.kinds import IN_PARTS, REGISTER
from redaptive.streams.ingest import directory
from redaptive.streams.ingest.checking import check
from redaptive.streams.ingest.directory import MeterTable, meter_table
from redaptive.streams.ingest.json_batches import decode_json
from redaptive.streams.ingest.numbering import Attempt, Numbers, Turn

START = 1_767_225_600


def meter(code: str, number: int, commodity: str = "electricity", **more: object) -> dict[str, object]:
    plain = {"multiplier": 1.0, "wh_per_count": None, "interval_s": 900, "weather_station": "K"}
    return {"code": code, "meter_no": number, "commodity": commodity, **plain, **more}


@pytest.fixture
def table() -> MeterTable:
    return meter_table(
        [
            meter("E", 1),
            meter("CT", 2, multiplier=40.0),
            meter("G", 3, "gas", weather_station=None),
            meter("W", 4, "water"),
            meter("R", 5, multiplier=40.0, wh_per_count=100.0),
        ]
    )


@pytest.mark.parametrize(
    ("code", "value", "unit", "register", "stored"),
    [
        ("E", 1.5, "kWh", False, 1500),
        ("E", 2, "MWh", False, 2_000_000),
        ("E", 6, "kW", False, 1500),  # power over 15 minutes
        ("CT", 1, "kWh", False, 40_000),
        ("E", -0.25, "kWh", False, -250),
        ("G", 1, "therm", False, 29_307),
        ("W", 1, "m3", False, 1000),
        ("E", 12_345.678, "kWh", True, 12_345_678),  # a register without a weight is counted in Wh
        ("CT", 12_345, "kWh", True, 12_345_000),  # the kernel multiplies the difference
        ("R", 12_345, "kWh", True, 12_345_000),
        ("W", 7.25, "m3", True, 7_250),
    ],
)
def test_values_become_integers(
    table: MeterTable, code: str, value: float, unit: str, register: bool, stored: int
) -> None:
    row = {"meter": code, "start": START, "value": value, "unit": unit, "register": register}
    checked, refused = check(decode_json(json.dumps({"readings": [row]}).encode()).columns, table)
    assert refused == ()
    assert checked.value.tolist() == [stored]
    assert checked.flags.tolist() == [REGISTER | IN_PARTS if register else 0]
    assert checked.meter.tolist() == [table.number[table.place[code]]]


def test_rows_that_do_not_fit_are_refused_with_text_that_can_be_sent_again(table: MeterTable) -> None:
    rows = [
        {"meter": "E", "start": START, "value": 1, "unit": "kWh"},
        {"meter": "NEW", "start": START, "value": 2, "unit": "kWh"},
        {"meter": "W", "start": START, "value": 3, "unit": "kWh"},
        {"meter": "E", "start": START, "value": 1e15, "unit": "GWh"},
        {"meter": "E", "start": START, "value": 1, "unit": "furlong"},
    ]
    checked, refused = check(decode_json(json.dumps({"readings": rows}).encode()).columns, table)
    assert checked.row.tolist() == [0]
    assert [(r.row, r.reason, r.meter) for r in refused] == [
        (1, "unknown_meter", "NEW"), (2, "wrong_unit", "W"), (3, "too_large", "E"), (4, "wrong_unit", "E"),
    ]  # fmt: skip
    assert json.loads(refused[0].raw) == rows[1]


def test_an_empty_table_knows_nobody() -> None:
    columns = decode_json(b'{"readings": [{"meter": "E", "start": 1767225600, "value": 1}]}').columns
    checked, refused = check(columns, meter_table([]))
    assert len(checked) == 0
    assert [r.reason for r in refused] == ["unknown_meter"]


def test_made_up_units_do_not_fill_the_cache(table: MeterTable) -> None:
    for number in range(200):
        assert np.isnan(table.factors(f"unit-{number}")).all()
    assert len(table._factors) == 64


def test_numbers_know_copies_late_ones_and_a_lost_count() -> None:
    numbers = Numbers()
    with numbers.attempt() as attempt:
        turns = [
            attempt.take(1, n, p) for n, p in [(5, b"a"), (5, b"a"), (8, b"b"), (6, b"c"), (5, b"other"), (-1, b"d")]
        ]
    assert [(t.sequence, t.known, t.missing) for t in turns] == [
        (5, False, 0), (-1, True, 0), (8, False, 2), (-1, False, 0), (-1, False, 0), (-1, False, 0),
    ]  # fmt: skip
    assert attempt.take(2, 5, b"a").known is False
    with numbers.attempt() as attempt:
        assert attempt.take(1, 8, b"b").known is True


def test_numbers_of_a_failed_attempt_do_not_count() -> None:
    numbers = Numbers()

    def fails() -> None:
        with numbers.attempt() as attempt:
            attempt.take(1, 5, b"a")
            attempt.take(1, 6, b"b")
            raise OSError("away")

    with pytest.raises(OSError, match="away"):
        fails()
    with numbers.attempt() as attempt:
        again = [attempt.take(1, n, p) for n, p in [(5, b"a"), (6, b"b")]]
    assert [(t.sequence, t.known) for t in again] == [(5, False), (6, False)]


def test_attempts_at_once_undo_only_their_own_and_know_only_what_is_durable() -> None:
    """An attempt over HTTP fails while one over MQTT is under way, and the sender's copy of it came meanwhile."""
    numbers = Numbers()
    failing, other = Attempt(numbers._gateways), Attempt(numbers._gateways)
    assert failing.take(1, 5, b"a") == Turn(5)
    assert other.take(2, 9, b"x") == Turn(9)
    assert other.take(1, 5, b"a") == Turn(), "not in the log yet, so it is no copy that may be dropped"
    failing.end(well=False)
    other.end(well=True)
    with numbers.attempt() as later:
        assert later.take(1, 5, b"a") == Turn(5)
        assert later.take(2, 9, b"x").known


def test_long_lists_of_codes_are_found_again_and_only_they(table: MeterTable) -> None:
    code = next(iter(table.place))
    first = [code] * 31 + ["a\x00b", "c"]
    second = [code] * 31 + ["a", "b\x00c"]
    known = [code] * 40
    for _ in range(2):
        assert table.places(known).tolist() == [table.place[code]] * 40
        assert table.places(first).tolist() == table.places(second).tolist() == [table.place[code]] * 31 + [-1, -1]
    assert len(table._lists) == 1, "lists whose names may be those of others are not kept"


def test_remembered_lists_are_bounded(table: MeterTable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "KEPT_CODES", 100)
    small = replace(table, _lists=directory._Lists())
    for number in range(10):
        small.places([f"made-up-{number}"] * 40)
        assert sum(map(len, small._lists.values())) <= 100
