"""Bodies of HTTP requests that are tables: NDJSON, CSV and Arrow, in messages of at most MAX_READINGS rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic_core import from_json

from redaptive.infrastructure.messaging.batches import MAX_READINGS
from redaptive.streams.ingest.keys import ROW_KEYS, slip_in, told
from redaptive.streams.ingest.messages import (
    DEFAULT_UNIT,
    EARLIEST_S,
    LATEST_S,
    Columns,
    Message,
    Refusal,
    kept,
    parts_of,
    unreadable,
)
from redaptive.streams.ingest.rows import MARKS, BadCell, columns_of, raw_row

COLUMNS = ("meter", "start", "value")
MAX_ROWS = 200_000
_TOO_MANY_CELLS = "The row has more cells than the header; write decimals with a point."


def decode_ndjson(payload: bytes) -> list[Message]:
    """One JSON object per line; a line that is none is refused alone."""
    rows: list[object] = []
    broken: dict[int, Refusal] = {}
    for number, line in enumerate(line for line in payload.splitlines() if line.strip()):
        try:
            rows.append(from_json(line))
        except ValueError:
            rows.append(None)
            broken[number] = Refusal(number, "not_json", "payload", "The line is no JSON.", raw=kept(line))
    return _messages(rows, broken) if rows else [unreadable("missing_field", "The body holds no line.", payload)]


def decode_csv(payload: bytes) -> list[Message]:
    """CSV with a header: meter, start, value, and if you like unit, register, estimated, historical."""
    try:
        text = payload.decode("utf-8-sig")
    except UnicodeDecodeError:
        return [unreadable("not_text", "The body is not UTF-8.", payload)]
    reader = csv.DictReader(io.StringIO(text, newline=""))
    header = [name.strip().lower() for name in reader.fieldnames or ()]
    if missing := [name for name in COLUMNS if name not in header]:
        detail = f"The header {','.join(header)!r:.80} has no column {missing[0]}; columns are parted by commas."
        return [unreadable("missing_field", detail, payload)]
    if slip := slip_in(header, ROW_KEYS):
        return [unreadable("misspelt_key", told(*slip), payload, field=slip[0])]
    reader.fieldnames = header
    rows: list[object] = []
    broken: dict[int, Refusal] = {}
    try:
        for number, row in enumerate(reader):
            if None in row:  # such as 1,5 for one and a half: what it says cannot be known
                broken[number] = Refusal(number, "too_many_cells", "payload", _TOO_MANY_CELLS, raw=raw_row(row))
            rows.append({k: v for k, v in row.items() if v not in (None, "")})
    except csv.Error as error:
        return [unreadable("not_csv", f"Line {reader.line_num} is no CSV: {error}.", payload)]
    return _messages(rows, broken) if rows else [unreadable("missing_field", "The body holds no row.", payload)]


def decode_arrow(payload: bytes) -> list[Message]:
    """An Arrow IPC stream with columns meter (text), start (epoch seconds or timestamp), value (number), unit."""
    try:
        with pa.ipc.open_stream(payload) as reader:
            table = reader.read_all().combine_chunks()
    except (pa.ArrowException, OSError) as error:
        return [unreadable("not_arrow", f"The body is no Arrow stream: {error}", payload)]
    if missing := [name for name in COLUMNS if name not in table.column_names]:
        return [unreadable("missing_field", f"There is no column {missing[0]}.", payload)]
    if slip := slip_in(table.column_names, ROW_KEYS):
        return [unreadable("misspelt_key", told(*slip), payload, field=slip[0])]
    if not 1 <= table.num_rows <= MAX_ROWS:
        return [unreadable("too_many", f"A body has 1 to {MAX_ROWS} rows, not {table.num_rows}.", payload)]
    try:
        whole, refused = _arrow_columns(table)
    except BadCell as bad:
        return [unreadable(bad.reason, bad.detail, payload, field=bad.field)]
    except (pa.ArrowException, ValueError) as error:
        return [unreadable("wrong_type", f"A column has a type that cannot be used: {error}", payload)]
    return list(parts_of(Message(whole, refused)))


def _messages(rows: Sequence[object], broken: Mapping[int, Refusal]) -> list[Message]:
    if len(rows) > MAX_ROWS:
        return [Message(refused=(Refusal(-1, "too_many", "payload", f"A body has at most {MAX_ROWS} rows."),))]
    return [_message(rows[at : at + MAX_READINGS], at, broken) for at in range(0, len(rows), MAX_READINGS)]


def _message(rows: Sequence[object], first: int, broken: Mapping[int, Refusal]) -> Message:
    sound = [None if first + place in broken else row for place, row in enumerate(rows)]
    columns, refused = columns_of(sound)
    placed = (replace(refusal, row=refusal.row + first) for refusal in refused)
    return Message(
        replace(columns, row=columns.row + first), tuple(broken.get(refusal.row, refusal) for refusal in placed)
    )


def _arrow_columns(table: pa.Table) -> tuple[Columns, tuple[Refusal, ...]]:
    start = table["start"]
    if pa.types.is_timestamp(start.type) and start.type.tz is None:
        raise BadCell("bad_time", "start", "The timestamps of start have no time zone; give one, such as UTC.")
    if pa.types.is_timestamp(start.type):
        start = start.cast(pa.timestamp("us", start.type.tz)).cast(pa.int64())
        start = pc.floor(pc.divide(start.cast(pa.float64()), 1e6))
    start_s = start.cast(pa.float64()).to_numpy()
    value = table["value"].cast(pa.float64()).to_numpy()
    codes, code_of = _dictionary(table["meter"])
    units, unit_of = (
        _dictionary(table["unit"].fill_null(DEFAULT_UNIT))
        if "unit" in table.column_names
        else ([DEFAULT_UNIT], np.zeros(len(value), np.intp))
    )
    faults = {
        "bad_meter": code_of < 0,
        "bad_time": ~((start_s >= EARLIEST_S) & (start_s < LATEST_S)),
        "not_a_number": ~np.isfinite(value),
    }
    good = ~np.logical_or.reduce(list(faults.values()))
    rows = np.arange(len(value))
    columns = Columns(
        codes,
        code_of[good],
        start_s[good].astype(np.int64),
        value[good],
        units,
        unit_of[good],
        _flags(table)[good],
        rows[good],
    )
    return columns, tuple(_arrow_refusals(faults, rows[~good]))


def _arrow_refusals(faults: Mapping[str, NDArray[np.bool_]], rows: NDArray[np.intp]) -> Iterator[Refusal]:
    fields = {"bad_meter": "meter", "bad_time": "start", "not_a_number": "value"}
    for row in rows.tolist():
        reason = next(name for name, mask in faults.items() if mask[row])
        yield Refusal(row, reason, fields[reason], f"Row {row} has no usable {fields[reason]}.")


def _dictionary(column: pa.ChunkedArray) -> tuple[list[str], NDArray[np.intp]]:
    found = column.cast(pa.string()).combine_chunks().dictionary_encode()
    return found.dictionary.to_pylist(), found.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.intp)


def _flags(table: pa.Table) -> NDArray[np.uint8]:
    flags = np.zeros(table.num_rows, np.uint8)
    for name, bit in MARKS:
        if name in table.column_names:
            marked = table[name].cast(pa.bool_()).fill_null(False).to_numpy()
            flags |= np.where(marked, np.uint8(bit), np.uint8(0))
    return flags
