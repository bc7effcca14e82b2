"""SenML (RFC 8428) in JSON: base values resolved into rows.

Base fields hold from their record on (section 4.1). A resolved time below 2^28 is relative to now (4.5.3). A version
above ours, or an unknown field whose name ends in `_`, makes the pack unusable (4.4, 4.3). `v` is an interval's
value, `s` (the sum over time) a register count. Records of texts, booleans and data are no readings.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from pydantic_core import from_json

from redaptive.domain.detectors.kinds import REGISTER
from redaptive.infrastructure.messaging.batches import MAX_READINGS
from redaptive.streams.ingest.keys import names_unit, told
from redaptive.streams.ingest.messages import DEFAULT_UNIT, EARLIEST_S, LATEST_S, Message, Refusal, unreadable
from redaptive.streams.ingest.rows import BadCell, columns_from, number, raw_row

VERSION: Final = 10
RELATIVE_BELOW: Final = 2**28
_VALUES: Final = frozenset({"v", "s", "vs", "vb", "vd"})
_BASES: Final = ("bn", "bt", "bu", "bv", "bs", "bver")
_KNOWN: Final = frozenset({*_BASES, "n", "u", "v", "vs", "vb", "vd", "s", "t", "ut"})
_JOULE: Final = (1e-6, "MJ")
"""The registry's unit of energy, which meters do not use."""


def decode_senml(payload: bytes, now_us: int, *, most: int = MAX_READINGS) -> Message:
    """The message of one pack of at most `most` records; `now_us` is what relative times refer to."""
    try:
        records = from_json(payload)
    except ValueError as error:
        return unreadable("not_json", f"The payload is no JSON: {error}.", payload)
    if not isinstance(records, list) or not records:
        detail = "The pack is empty." if records == [] else "A SenML pack is a list of records."
        return unreadable("not_senml", detail, payload)
    if len(records) > most:
        return unreadable("too_many", f"The pack has {len(records)} records, more than {most}.", payload)
    try:
        return _resolved(records, now_us / 1e6)
    except BadCell as bad:
        return unreadable(bad.reason, bad.detail, payload, field=bad.field)


def _resolved(records: list[object], now_s: float) -> Message:
    base: dict[str, object] = {}
    good, refused = [], []
    for place, record in enumerate(records):
        if not isinstance(record, Mapping):
            raise BadCell("not_senml", "payload", f"Record {place} is no object.")
        base.update((name, record[name]) for name in _BASES if name in record)
        _require_understood(base, record)
        if not _VALUES & record.keys() and not ("n" in record and {"bv", "bs"} & base.keys()):
            continue  # base values alone
        try:
            good.append((*_row(base, record, now_s), place))
        except BadCell as bad:
            name = f"{base.get('bn', '')}{record.get('n', '')}"
            refused.append(Refusal(place, bad.reason, bad.field, bad.detail, name[:100], raw_row(record)))
    return Message(columns_from(good), tuple(refused))


def _require_understood(base: Mapping[str, object], record: Mapping[str, object]) -> None:
    version = base.get("bver", VERSION)
    if not isinstance(version, int) or version > VERSION:
        raise BadCell("senml_version", "bver", f"Version {version!r:.20} of SenML is not understood.")
    if unknown := [name for name in record if name not in _KNOWN and name.endswith("_")]:
        raise BadCell("senml_field", unknown[0], f"The field {unknown[0]:.40} must be understood, and is not.")


def _row(base: Mapping[str, object], record: Mapping[str, object], now_s: float) -> tuple[str, int, float, str, int]:
    name = f"{base.get('bn', '')}{record.get('n', '')}"
    if not 1 <= len(name) <= 100:
        raise BadCell("bad_meter", "n", "A name has 1 to 100 characters.")
    if "v" not in record and "s" not in record and "bv" not in base and "bs" not in base:
        raise BadCell("not_a_number", "v", "The record holds a text, a boolean or data, no number.")
    is_sum = "s" in record or ("bs" in base and "v" not in record)
    value = number(record.get("s", 0) if is_sum else record.get("v", 0))
    value += number(base.get("bs" if is_sum else "bv", 0))
    if "u" not in record and "bu" not in base and (wrong := [key for key in record if names_unit(key)]):
        raise BadCell("misspelt_key", wrong[0], told(wrong[0], "u"))
    scale, unit = _unit(record.get("u", base.get("bu")))
    return name, _time(base, record, now_s), value * scale, unit, REGISTER if is_sum else 0


def _unit(unit: object) -> tuple[float, str]:
    if unit is None:
        return 1.0, DEFAULT_UNIT
    if not isinstance(unit, str) or len(unit) > 40:
        raise BadCell("bad_unit", "u", "A unit is a short text.")
    return _JOULE if unit == "J" else (1.0, unit)


def _time(base: Mapping[str, object], record: Mapping[str, object], now_s: float) -> int:
    stated = number(base.get("bt", 0)) + number(record.get("t", 0))
    found = math.floor(stated if stated >= RELATIVE_BELOW else now_s + stated)
    if not EARLIEST_S <= found < LATEST_S:
        raise BadCell("bad_time", "t", f"The time {stated:g} is not within 2000 to 2099.")
    return found
