"""A key that is nearly one of ours is a slip and refused; a sender's own keys are let be; nothing is taken in half."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

from redaptive.streams.ingest.json_batches import decode_json
from redaptive.streams.ingest.senml import decode_senml
from redaptive.streams.ingest.tables import decode_arrow, decode_csv, decode_ndjson
from redaptive.streams.ingest.whole import read_again

START = 1_767_225_600
ROW = {"meter": "A", "start": START, "value": 7}


def refused(body: object) -> list[tuple[int, str, str, str]]:
    return [(r.row, r.reason, r.field, r.detail) for r in decode_json(json.dumps(body).encode()).refused]


@pytest.mark.parametrize(
    ("key", "value", "meant"),
    [("units", "Wh", "unit"), ("Unit", "Wh", "unit"), ("uom", "Wh", "unit"), ("unti", "Wh", "unit"),
     ("registr", True, "register"), ("Historical", True, "historical")],
)  # fmt: skip
def test_a_slip_in_a_row_is_refused_and_told(key: str, value: object, meant: str) -> None:
    ((row, reason, field, detail),) = refused({"readings": [ROW, {**ROW, key: value}]})
    assert (row, reason, field) == (1, "misspelt_key", key)
    assert detail == f"The key {key!r} is unknown; did you mean {meant!r}?"


def test_a_slip_in_a_key_that_is_needed_is_told_too() -> None:
    for key, meant in (("Meter", "meter"), ("strat", "start"), ("values", "value")):
        row = {key if name == meant else name: cell for name, cell in ROW.items()}
        assert refused({"readings": [row]})[0][1:3] == ("misspelt_key", key)


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({"units": "Wh", "readings": [ROW]}, "units"),
        ({"reading": [ROW]}, "reading"),
        ({"Sequence": 4, "readings": [ROW]}, "Sequence"),
        ({"meters": ["A"], "start": START, "values": [[7]], "UNIT": "Wh"}, "UNIT"),
        ({"meter": ["A"], "start": START, "values": [[7]]}, "meter"),
    ],
)
def test_a_slip_in_the_frame_is_refused_whole(body: object, key: str) -> None:
    assert [each[:3] for each in refused(body)] == [(-1, "misspelt_key", key)]


def test_keys_of_the_senders_own_are_let_be() -> None:
    own = {"state": "ok", "unit_id": 3, "note": "n", "starts": 2, "Value": "seven", "quality": 1}
    message = decode_json(json.dumps({"send": 1, "meter": "x", "readings": [{**ROW, **own}]}).encode())
    assert (len(message.columns), message.refused) == (1, ())
    both = decode_json(json.dumps({"readings": [{**ROW, "unit": "Wh", "units": "kWh"}]}).encode())
    assert (both.columns.units, both.refused) == (("Wh",), ())


def test_marks_where_they_mean_nothing_are_refused() -> None:
    assert refused({"register": True, "readings": [ROW]})[0][:3] == (-1, "misplaced_key", "register")
    grid = {"meters": ["A"], "start": START, "values": [[7]]}
    assert refused({**grid, "historical": True})[0][:3] == (-1, "misplaced_key", "historical")
    assert refused({**grid, "register": True}) == []
    assert refused({"register": False, "readings": [ROW]}) == []


def test_a_grid_and_rows_in_one_message_are_refused() -> None:
    (found,) = refused({"meters": ["A"], "start": START, "values": [[7]], "readings": [ROW]})
    assert found[:3] == (-1, "two_forms", "readings")


def test_what_is_empty_is_said_to_be_empty_and_a_sequence_below_0_is_none() -> None:
    for body in ({"readings": []}, []):
        assert refused(body)[0][1:] == ("missing_field", "readings", "The batch's list of readings is empty.")
    assert refused({"readings": {"meter": "A"}})[0][3] == "The batch has no list of readings."
    assert refused({"sequence": -1, "readings": [ROW]})[0][1:3] == ("bad_sequence", "sequence")
    assert [r.detail for r in decode_senml(b"[]", 0).refused] == ["The pack is empty."]


def test_a_message_that_is_refused_whole_keeps_its_number() -> None:
    assert decode_json(b'{"sequence": 12, "readings": []}').sequence == 12
    assert decode_json(b'{"sequence": 12, "gateway": "g", "units": "Wh", "readings": [1]}').sequence == 12
    assert [decode_json(body).sequence for body in (b"{", b"[]", b'{"sequence": "12", "readings": []}')] == [-1] * 3


def test_tables_tell_slips_of_their_header() -> None:
    csv = decode_csv(b"meter,start,value,units\nA,1767225600,7,Wh\n")
    table = pa.table({"meter": ["A"], "start": [START], "value": [7.0], "Units": ["Wh"]})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    arrow = decode_arrow(sink.getvalue().to_pybytes())
    for (message,), key in ((csv, "units"), (arrow, "Units")):
        assert [(r.row, r.reason, r.field) for r in message.refused] == [(-1, "misspelt_key", key)]
        assert len(message.columns) == 0
    (lines,) = decode_ndjson(json.dumps({**ROW, "units": "Wh"}).encode())
    assert [(r.row, r.reason) for r in lines.refused] == [(0, "misspelt_key")]
    (own,) = decode_csv(b"meter,start,value,building\nA,1767225600,7,HQ\n")
    assert (len(own.columns), own.refused) == (1, ())


def test_a_decimal_comma_is_told_how_to_write_a_decimal() -> None:
    (message,) = decode_csv(b'meter,start,value\nA,1767225600,"2,5"\nA,1767226500,2,5\n')
    assert [(r.row, r.reason) for r in message.refused] == [(0, "not_a_number"), (1, "too_many_cells")]
    assert all(r.detail.endswith("; write decimals with a point.") for r in message.refused)


@pytest.mark.parametrize("body", [{"units": "Wh", "readings": [ROW]}, {"readings": [{**ROW, "uom": "Wh"}]}])
def test_a_unit_that_is_given_stands_for_a_misspelt_one(body: object) -> None:
    (message,) = read_again(json.dumps(body).encode(), 0, "MWh")
    assert (message.columns.units, message.columns.value.tolist(), message.refused) == (("MWh",), [7.0], ())


def test_arrow_times_without_a_zone_are_refused_as_texts_without_an_offset_are() -> None:
    starts = pa.array([START]).cast(pa.timestamp("s"))
    table = pa.table({"meter": ["A"], "start": starts, "value": [7.0]})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    (message,) = decode_arrow(sink.getvalue().to_pybytes())
    assert [(r.row, r.reason, r.field) for r in message.refused] == [(-1, "bad_time", "start")]


def test_a_pack_that_says_unit_for_u_is_refused_by_record() -> None:
    pack = [{"n": "A", "t": START, "v": 7, "unit": "Wh"}, {"n": "B", "t": START, "v": 7, "u": "Wh", "unit": "?"}]
    message = decode_senml(json.dumps(pack).encode(), 0)
    assert [(r.row, r.reason, r.detail) for r in message.refused] == [
        (0, "misspelt_key", "The key 'unit' is unknown; did you mean 'u'?")
    ]
    assert (list(message.columns.codes), message.columns.units) == (["B"], ("Wh",))
