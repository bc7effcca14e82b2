"""JSON, tables and SenML as columns; each malformed payload and row has its reason."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

from redaptive.streams.ingest.json_batches import decode_json
from redaptive.streams.ingest.messages import Message
from redaptive.streams.ingest.senml import decode_senml
from redaptive.streams.ingest.tables import decode_arrow, decode_csv, decode_ndjson

START = 1_767_225_600
NOW_US = 1_767_300_000 * 1_000_000


def rows_of(message: Message) -> list[tuple[str, int, float, str, int]]:
    c = message.columns
    return [
        (c.codes[c.code_of[i]], int(c.start_s[i]), float(c.value[i]), c.units[c.unit_of[i]], int(c.flags[i]))
        for i in range(len(c))
    ]


def reading(**cells: object) -> dict[str, object]:
    return {"meter": "A", "start": START, "value": 1, **cells}


def test_rows_quick_and_careful_agree() -> None:
    plain = [reading(value=1.5), reading(meter="B", unit="MWh"), reading(start=START + 900)]
    careful = [dict(row, start=str(row["start"])) for row in plain]
    quick, slow = (decode_json(json.dumps({"sequence": 4, "readings": r}).encode()) for r in (plain, careful))
    assert rows_of(quick) == rows_of(slow) == [
        ("A", START, 1.5, "kWh", 0), ("B", START, 1.0, "MWh", 0), ("A", START + 900, 1.0, "kWh", 0),
    ]  # fmt: skip
    assert quick.sequence == slow.sequence == 4


def test_units_of_each_row_quickly() -> None:
    rows = [reading(unit="Wh"), reading(unit="L"), reading(unit="Wh")]
    assert [row[3] for row in rows_of(decode_json(json.dumps({"readings": rows}).encode()))] == ["Wh", "L", "Wh"]


def test_a_grid_is_its_rows() -> None:
    grid = {"meters": ["A", "B"], "start": "2026-01-01T00:00:00Z", "step_s": 900, "unit": "Wh"}
    whole = decode_json(json.dumps({**grid, "values": [[1, 2.5], [3, 4]]}).encode())
    holey = decode_json(json.dumps({**grid, "values": [[1, None], ["x", 4]]}).encode())
    assert rows_of(whole) == [
        ("A", START, 1.0, "Wh", 0), ("A", START + 900, 2.5, "Wh", 0),
        ("B", START, 3.0, "Wh", 0), ("B", START + 900, 4.0, "Wh", 0),
    ]  # fmt: skip
    assert rows_of(holey) == [("A", START, 1.0, "Wh", 0), ("B", START + 900, 4.0, "Wh", 0)]
    assert [(r.reason, r.meter) for r in holey.refused] == [("not_a_number", "B")]


@pytest.mark.parametrize(
    ("row", "reason", "field"),
    [
        ({"meter": "A", "start": START}, "missing_field", "value"),
        ({"start": START, "value": 1}, "missing_field", "meter"),
        (reading(start=None), "missing_field", "start"),
        (reading(value="abc"), "not_a_number", "value"),
        (reading(value=True), "not_a_number", "value"),
        (reading(value=[1]), "not_a_number", "value"),
        (reading(meter=7), "bad_meter", "meter"),
        (reading(meter="x" * 101), "bad_meter", "meter"),
        (reading(start=START * 1000), "bad_time", "start"),
        (reading(start="yesterday"), "bad_time", "start"),
        (reading(start="2026-01-01T00:00:00"), "bad_time", "start"),
        (reading(start=1.5), "bad_time", "start"),
        (reading(unit=3), "bad_unit", "unit"),
        (17, "not_an_object", "readings"),
    ],
)
def test_a_bad_row_is_refused_alone(row: object, reason: str, field: str) -> None:
    message = decode_json(json.dumps({"readings": [reading(), row, reading(start=START + 900)]}).encode())
    assert [r[1] for r in rows_of(message)] == [START, START + 900]
    assert message.columns.row.tolist() == [0, 2]
    assert [(r.row, r.reason, r.field) for r in message.refused] == [(1, reason, field)]
    assert message.refused[0].raw != ""


def test_a_grid_beyond_what_is_a_time_or_a_number_is_refused_by_row() -> None:
    far = {"meters": ["A"], "start": START, "step_s": 10**9, "values": [[1, 2, 3, 4]]}
    assert [(r.row, r.reason) for r in decode_json(json.dumps(far).encode()).refused] == [(3, "bad_time")]
    farther = decode_json(json.dumps({**far, "step_s": 10**21}).encode())
    assert [r.row for r in farther.refused] == [1, 2, 3]
    large = decode_json(json.dumps({**far, "step_s": 900, "values": [[1, 10**400]]}).encode())
    assert [(r.row, r.reason) for r in large.refused] == [(1, "not_a_number")]


def test_not_a_number_in_json_is_refused() -> None:
    message = decode_json(b'{"readings": [{"meter": "A", "start": 1767225600, "value": NaN}]}')
    assert [r.reason for r in message.refused] == ["not_a_number"]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b'{"readings": [', "not_json"),
        (b"\xff\x00", "not_json"),
        (b"3", "not_an_object"),
        (b"{}", "missing_field"),
        (b'{"readings": []}', "missing_field"),
        (b'{"sequence": -7, "readings": [1]}', "bad_sequence"),
        (b'{"sequence": 1.5, "readings": [1]}', "bad_sequence"),
        (b'{"unit": 1, "readings": [1]}', "bad_unit"),
        (b'{"meters": ["A"], "start": 1767225600, "values": [[1], [2]]}', "bad_grid"),
        (b'{"meters": ["A", "B"], "start": 1767225600, "step_s": 900, "values": [[1, 2], [2]]}', "bad_grid"),
        (b'{"meters": ["A"], "start": 1767225600, "values": [[1, 2]]}', "bad_grid"),
        (json.dumps({"readings": [1] * 5001}).encode(), "too_many"),
    ],
)
def test_a_payload_that_cannot_be_read_is_refused_whole(payload: bytes, reason: str) -> None:
    message = decode_json(payload)
    assert len(message.columns) == 0
    assert [(r.row, r.reason) for r in message.refused] == [(-1, reason)]
    assert "\x00" not in message.refused[0].raw


def test_ndjson_refuses_a_broken_line_alone() -> None:
    body = b'{"meter":"A","start":1767225600,"value":1}\n{broken\n\n{"meter":"B","start":1767225600,"value":2}\n'
    (message,) = decode_ndjson(body)
    assert [row[0] for row in rows_of(message)] == ["A", "B"]
    assert [(r.row, r.reason, r.raw) for r in message.refused] == [(1, "not_json", "{broken")]


def test_csv_with_units_and_flags() -> None:
    body = "\ufeffMeter,Start,Value,Unit,Register\nA,2026-01-01T00:00:00Z,1.5,MWh,\nB,1767225600,12,,true\nC,,1,,\n"
    (message,) = decode_csv(body.encode())
    assert rows_of(message) == [("A", START, 1.5, "MWh", 0), ("B", START, 12.0, "kWh", 1)]
    assert [(r.row, r.reason, r.field) for r in message.refused] == [(2, "missing_field", "start")]
    assert decode_csv(b"meter,value\nA,1\n")[0].refused[0].reason == "missing_field"
    assert decode_csv("meter,start,value\nÄ,1,1\n".encode("latin-1"))[0].refused[0].reason == "not_text"


def arrow(**columns: object) -> bytes:
    table = pa.table(columns)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def test_a_decimal_comma_in_csv_is_refused_and_not_cut() -> None:
    (message,) = decode_csv(b'meter,start,value\nA,1767225600,1,5\nA,1767226500,2\nA,1767227400,"3"\n')
    assert [(r.row, r.reason) for r in message.refused] == [(0, "too_many_cells")]
    assert [row[2] for row in rows_of(message)] == [2.0, 3.0]


def test_arrow_in_parts_with_refused_rows() -> None:
    count = 7_001
    value = np.ones(count)
    value[[3, 6_000]] = np.nan
    starts = pa.array(np.arange(count) * 60 + START).cast(pa.timestamp("s", "UTC"))
    first, second = decode_arrow(arrow(meter=["A", *["B"] * (count - 1)], start=starts, value=value))
    assert (len(first.columns), len(second.columns)) == (5_000, 1_999)
    assert [(r.row, r.reason) for r in first.refused] == [(3, "not_a_number"), (6_000, "not_a_number")]
    assert rows_of(first)[0] == ("A", START, 1.0, "kWh", 0)
    assert second.columns.row.tolist()[-1] == count - 1
    assert decode_arrow(b"nonsense")[0].refused[0].reason == "not_arrow"
    assert decode_arrow(arrow(meter=["A"], start=["x"], value=[1.0]))[0].refused[0].reason == "wrong_type"


def senml(*records: dict[str, object]) -> Message:
    return decode_senml(json.dumps(records).encode(), NOW_US)


def test_senml_resolves_the_examples_of_rfc_8428() -> None:
    """Sections 5.1.1 to 5.1.3; times are those of the RFC, 2010."""
    one = senml({"n": "urn:dev:ow:10e2073a01080063", "u": "Cel", "v": 23.1})
    assert rows_of(one) == [("urn:dev:ow:10e2073a01080063", NOW_US // 1_000_000, 23.1, "Cel", 0)]
    two = senml(
        {"bn": "urn:dev:ow:10e2073a01080063:", "n": "voltage", "u": "V", "v": 120.1},
        {"n": "current", "u": "A", "v": 1.2},
    )
    assert [row[0] for row in rows_of(two)] == [
        "urn:dev:ow:10e2073a01080063:voltage", "urn:dev:ow:10e2073a01080063:current",
    ]  # fmt: skip
    three = senml(
        {"bn": "urn:dev:ow:10e2073a0108006:", "bt": 1.276020076001e9, "bu": "A", "bver": 5, "n": "voltage", "u": "V",
         "v": 120.1},
        {"n": "current", "t": -5, "v": 1.2},
        {"n": "current", "t": -4, "v": 1.3},
    )  # fmt: skip
    assert [(row[1], row[2], row[3]) for row in rows_of(three)] == [
        (1276020076, 120.1, "V"), (1276020071, 1.2, "A"), (1276020072, 1.3, "A"),
    ]  # fmt: skip


def test_senml_sums_bases_and_joules() -> None:
    found = senml({"bn": "m", "bt": START, "bv": 10, "n": "1", "v": 5}, {"n": "2", "s": 3_600_000, "u": "J"})
    assert rows_of(found) == [("m1", START, 15.0, "kWh", 0), ("m2", START, pytest.approx(3.6), "MJ", 1)]


@pytest.mark.parametrize(
    ("records", "row", "reason"),
    [
        ([{"bver": 11, "n": "a", "v": 1}], -1, "senml_version"),
        ([{"n": "a", "v": 1, "must_": 1}], -1, "senml_field"),
        ([{"n": "a", "vs": "text"}], 0, "not_a_number"),
        ([{"v": 1}], 0, "bad_meter"),
        ([{"n": "a", "t": 4.2e9, "v": 1}], 0, "bad_time"),
        ([3], -1, "not_senml"),
        ([], -1, "not_senml"),
    ],
)
def test_senml_refuses(records: list[object], row: int, reason: str) -> None:
    message = decode_senml(json.dumps(records).encode(), NOW_US)
    assert [(r.row, r.reason) for r in message.refused] == [(row, reason)]
