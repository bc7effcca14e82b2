"""JSON batches of gateways, in rows or in columns.

Rows: `{"gateway", "sequence", "sent", "unit", "readings": [{"meter", "start", "value", "unit"}, ...]}`.
Columns: `{"sequence", "unit", "meters": [...], "start": s, "step_s": s, "values": [[one meter's values], ...]}`;
a null is an interval without a reading.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np
from pydantic_core import from_json

from redaptive.domain.detectors.kinds import REGISTER
from redaptive.infrastructure.messaging.batches import MAX_READINGS, NO_SEQUENCE
from redaptive.streams.ingest.keys import GRID_KEYS, ROWS_KEYS, slip_in, told
from redaptive.streams.ingest.messages import DEFAULT_UNIT, LATEST_S, Columns, Message, Refusal, unreadable
from redaptive.streams.ingest.rows import MARKS, BadCell, columns_of, epoch_s

_MAX_SEQUENCE = 2**63


def decode_json(payload: bytes) -> Message:
    """The message of one JSON payload; never raises: what cannot be read is refused with its reason."""
    try:
        body = from_json(payload, cache_strings="keys")  # meters' codes differ: looking them up costs more
    except ValueError as error:
        return unreadable("not_json", f"The payload is no JSON: {error}.", payload)
    if isinstance(body, list):
        body = {"readings": body}
    if not isinstance(body, Mapping):
        return unreadable("not_an_object", "The payload is neither an object nor a list of readings.", payload)
    try:
        return message_of(body)
    except BadCell as bad:
        refused = unreadable(bad.reason, bad.detail, payload, field=bad.field)
        return replace(refused, sequence=_number(body))


def message_of(body: Mapping[str, object], *, most: int = MAX_READINGS) -> Message:
    """The message of a parsed batch; raises BadCell when its frame is wrong, or it has more than `most` readings."""
    _require_one_form(body)
    unit = body.get("unit")
    if "sequence" in body and _number(body) == NO_SEQUENCE:
        raise BadCell("bad_sequence", "sequence", "The sequence is not an integer of 64 bits that is not negative.")
    if unit is not None and not isinstance(unit, str):
        raise BadCell("bad_unit", "unit", "The unit is not a text.")
    gateway = body.get("gateway")
    if gateway is not None and not isinstance(gateway, str):
        raise BadCell("bad_gateway", "gateway", "The gateway's code is not a text.")
    columns, refused = _grid(body, unit, most) if "values" in body else columns_of(_readings(body, most), unit)
    return Message(columns, refused, _number(body), gateway)


def _number(body: Mapping[str, object]) -> int:
    """The sequence of a batch, or NO_SEQUENCE."""
    found = body.get("sequence")
    return found if type(found) is int and 0 <= found < _MAX_SEQUENCE else NO_SEQUENCE


def _require_one_form(body: Mapping[str, object]) -> None:
    is_grid = "values" in body
    if is_grid and "readings" in body:
        detail = "The batch has `values` (a grid) and `readings`; send them in two messages."
        raise BadCell("two_forms", "readings", detail)
    known = GRID_KEYS if is_grid else ROWS_KEYS
    if slip := slip_in(body, known):
        raise BadCell("misspelt_key", slip[0], told(*slip))
    if lost := [name for name, _ in MARKS if body.get(name) and name not in known]:
        raise BadCell("misplaced_key", lost[0], f"`{lost[0]}` marks a reading; write it into each row of `readings`.")


def _readings(body: Mapping[str, object], most: int) -> Sequence[object]:
    readings = body.get("readings")
    if not isinstance(readings, list) or not readings:
        detail = "The batch's list of readings is empty." if readings == [] else "The batch has no list of readings."
        raise BadCell("missing_field", "readings", detail)
    if len(readings) > most:
        raise BadCell("too_many", "readings", f"The batch has {len(readings)} readings, more than {most}.")
    return readings


def _grid(body: Mapping[str, object], unit: str | None, most: int) -> tuple[Columns, tuple[Refusal, ...]]:
    meters, values, step_s = body.get("meters"), body["values"], body.get("step_s", 0)
    if not isinstance(meters, list) or not isinstance(values, list) or not meters or len(meters) != len(values):
        raise BadCell("bad_grid", "values", "There is not one list of values per meter.")
    width = len(values[0]) if isinstance(values[0], list) else 0
    if not width or set(map(type, values)) != {list} or set(map(len, values)) != {width}:
        raise BadCell("bad_grid", "values", "The meters' lists of values are not of one length.")
    if len(meters) * width > most:
        raise BadCell("too_many", "values", f"The batch has {len(meters) * width} readings, more than {most}.")
    if type(step_s) is not int or (width > 1 and step_s <= 0):
        raise BadCell("bad_grid", "step_s", "The step is not a number of seconds above 0.")
    first = epoch_s(body.get("start"), {})
    quick = _quick_grid(meters, values, first, step_s, unit or DEFAULT_UNIT, body.get("register") is True)
    if quick is not None:
        return quick, ()
    return columns_of(_as_rows(meters, values, first, step_s, body.get("register") is True), unit)


def _quick_grid(
    meters: list[str], values: list[list[float]], first: int, step_s: int, unit: str, register: bool
) -> Columns | None:
    if set(map(type, meters)) != {str} or not set(map(type, chain.from_iterable(values))) <= {int, float}:
        return None
    height, width = len(meters), len(values[0])
    if first + step_s * (width - 1) >= LATEST_S:
        return None
    try:
        value = np.fromiter(chain.from_iterable(values), np.float64, height * width)
    except OverflowError:
        return None
    if not np.isfinite(value).all():
        return None
    places = np.arange(height * width)
    starts = np.tile(first + step_s * np.arange(width, dtype=np.int64), height)
    flags = np.full(len(places), REGISTER if register else 0, np.uint8)
    unit_of = np.zeros(len(places), np.intp)
    return Columns(meters, places // width, starts, value, (unit,), unit_of, flags, places)


def _as_rows(
    meters: list[object], values: list[list[object]], first: int, step_s: int, register: bool
) -> Sequence[object]:
    """The grid as rows, without the nulls; slower, but each bad cell gets its reason."""
    return [
        {"meter": code, "start": first + step_s * i, "value": value, "register": register}
        for code, row in zip(meters, values, strict=True)
        for i, value in enumerate(row)
        if value is not None
    ]
