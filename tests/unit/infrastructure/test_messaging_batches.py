"""The body of a log entry: every batch comes back as it was, every damaged body is refused by name."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redaptive.errors import InvalidInput
from redaptive.infrastructure.messaging import batches
from redaptive.infrastructure.messaging.batches import (
    MAX_READINGS,
    NO_TEMPERATURE,
    ReadingBatch,
    decode,
    decode_many,
    encode,
)
from redaptive.infrastructure.messaging.columns import DESCRIPTORS_BYTES

COLUMNS = {
    "meter": (np.int32, 0, 2**31 - 1),
    "start_s": (np.int64, -(2**63), 2**63 - 1),
    "value": (np.int64, -(2**63), 2**63 - 1),
    "flags": (np.uint8, 0, 255),
    "temperature_dc": (np.int16, -(2**15), 2**15 - 1),
}


def gateway_batch(meters: int = 512, *, sequence: int = 7, seed: int = 1) -> ReadingBatch:
    """An ordinary batch: one interval of many meters, loads with 5 % noise."""
    random = np.random.default_rng(seed)
    load = random.gamma(2.0, 2_000.0, meters) * (1 + 0.05 * random.standard_normal(meters))
    return ReadingBatch(
        gateway=3,
        sequence=sequence,
        received_us=1_764_111_111_123_456,
        trace_id=f"{random.integers(1 << 62):032x}",
        meter=np.arange(1_000, 1_000 + meters, dtype=np.int32),
        start_s=np.full(meters, 1_764_111_600, np.int64),
        value=load.clip(0).astype(np.int64),
        flags=np.zeros(meters, np.uint8),
        temperature_dc=np.full(meters, 87, np.int16),
    )


@st.composite
def any_batch(draw: st.DrawFn) -> ReadingBatch:
    count = draw(st.integers(1, 40))
    columns = {}
    for name, (kind, low, high) in COLUMNS.items():
        edge = st.sampled_from([low, high, 0])
        near = draw(st.integers(low, high))
        value = st.one_of(edge, st.integers(low, high), st.integers(max(low, near - 300), min(high, near + 300)))
        columns[name] = np.array(draw(st.lists(value, min_size=count, max_size=count)), kind)
    return ReadingBatch(
        draw(st.integers(0, 2**32 - 1)),
        draw(st.integers(-1, 2**63 - 1)),
        draw(st.integers(-(2**63), 2**63 - 1)),
        draw(st.text(max_size=16).filter(lambda text: text.isprintable())),
        **columns,
    )


def assert_same(found: ReadingBatch, wanted: ReadingBatch) -> None:
    for name in ("gateway", "sequence", "received_us", "trace_id"):
        assert getattr(found, name) == getattr(wanted, name), name
    for name, (kind, _, _) in COLUMNS.items():
        column = getattr(found, name)
        assert column.dtype == kind, name
        np.testing.assert_array_equal(column, getattr(wanted, name), err_msg=name)


GOLDEN = bytes.fromhex(
    "524201010300030007000000290000000000000000721f20734406006d000000e408f97661626328b52ffd206d0d0200"
    "8402100500010012f034266900037800fdff02570080ff0000840000037b7300001101045700f180007f0a005c100f2e"
    "06794081a60800038331802960e0010c01"
)


def test_a_body_of_format_1_is_read_by_every_release() -> None:
    found = decode(GOLDEN)
    assert (found.gateway, found.sequence, found.received_us, found.trace_id) == (7, 41, 1_764_111_111_123_456, "abc")
    assert found.meter.tolist() == [5, 6, 7]
    assert found.start_s.tolist() == [1_764_111_600, 1_764_111_600, 1_764_112_500]
    assert found.value.tolist() == [120, 70_000, -3]
    assert found.flags.tolist() == [0, 1, 4]
    assert found.temperature_dc.tolist() == [87, NO_TEMPERATURE, -15]


@given(any_batch())
def test_every_batch_comes_back_as_it_was(batch: ReadingBatch) -> None:
    assert_same(decode(encode(batch)), batch)


@settings(max_examples=30)
@given(st.lists(any_batch(), max_size=4))
def test_many_bodies_are_read_end_to_end(given_batches: list[ReadingBatch]) -> None:
    found = decode_many([encode(batch) for batch in given_batches])
    assert not found.failures
    assert found.trace_ids == tuple(batch.trace_id for batch in given_batches)
    assert found.offsets.tolist() == [0, *np.cumsum([len(b) for b in given_batches], dtype=int).tolist()]
    for name, (kind, _, _) in COLUMNS.items():
        wanted = np.concatenate([np.empty(0, kind), *(getattr(b, name) for b in given_batches)])
        np.testing.assert_array_equal(getattr(found, name), wanted)
        assert getattr(found, name).dtype == kind


def test_a_gateways_batch_takes_about_two_bytes_a_reading() -> None:
    assert len(encode(gateway_batch(512))) / 512 < 2.4
    assert len(encode(gateway_batch(MAX_READINGS))) / MAX_READINGS < 2.1


def test_regular_steps_take_no_planes() -> None:
    count = 1_000
    register = replace(
        gateway_batch(count),
        meter=np.full(count, 9, np.int32),
        start_s=1_764_111_600 + 900 * np.arange(count, dtype=np.int64),
        value=4_000_000_000_000 + 250 * np.arange(count, dtype=np.int64),
    )
    assert len(encode(register)) < 250
    assert_same(decode(encode(register)), register)


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_the_longest_regular_step_comes_back(name: str) -> None:
    kind, low, high = COLUMNS[name]
    for ends in ([low, high], [high, low], [low, 0, high], [high, high // 2, 0]):
        batch = replace(gateway_batch(len(ends)), **{name: np.array(ends, kind)})
        assert_same(decode(encode(batch)), batch)


def test_incompressible_values_are_kept_as_they_are() -> None:
    random = np.random.default_rng(2)
    columns = {name: random.integers(low, high, 64, dtype=kind) for name, (kind, low, high) in COLUMNS.items()}
    batch = replace(gateway_batch(64), **columns)
    body = encode(batch)
    assert body[3] == batches.RAW
    assert_same(decode(body), batch)


@settings(max_examples=40)
@given(st.data())
def test_any_changed_bit_is_noticed(data: st.DataObject) -> None:
    body = bytearray(encode(gateway_batch(20)))
    bit = data.draw(st.integers(0, len(body) * 8 - 1))
    body[bit // 8] ^= 1 << bit % 8
    with pytest.raises(InvalidInput):
        decode(bytes(body))


@given(st.binary(max_size=200))
def test_foreign_bytes_are_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        decode(body)


def resealed(body: bytes, **changes: int) -> bytes:
    """The body with header fields changed and a CRC that fits, as a faulty writer would make it."""
    names = ("magic", "format", "codec", "count", "trace", "gateway", "sequence", "received", "size", "crc")
    head, rest = batches._HEADER, body[batches._HEADER.size :]
    fields = {**dict(zip(names, head.unpack_from(body), strict=True)), **changes}
    made = head.pack(*fields.values())
    crc = zlib.crc32(rest, zlib.crc32(made[:-4]))
    return made[:-4] + struct.pack("<I", crc) + rest


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"format": 9}, "format"),
        ({"count": 0}, "header"),
        ({"count": MAX_READINGS + 1}, "header"),
        ({"trace": 65}, "header"),
        ({"sequence": -2}, "header"),
        ({"codec": 7}, "codec"),
        ({"codec": batches.RAW}, "codec"),
        ({"size": 2**32 - 1}, "size"),
        ({"size": 3}, "size"),
        ({"size": DESCRIPTORS_BYTES + 600}, "payload"),
        ({"count": 511}, "payload"),
        ({"trace": 31}, "payload"),
    ],
)
def test_a_body_that_contradicts_itself_is_refused(changes: dict[str, int], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        decode(resealed(encode(gateway_batch()), **changes))
    assert caught.value.field == field


def raw_body(payload: bytes, count: int) -> bytes:
    made = encode(gateway_batch(1))[: batches._HEADER.size] + payload
    return resealed(made, codec=batches.RAW, count=count, trace=0, size=len(payload))


@pytest.mark.parametrize(
    ("place", "descriptor", "field"),
    [
        (0, (0, 0, -5), "meter"),
        (0, (0, 0, 2**31), "meter"),
        (2, (9, 0, 0), "value"),
        (3, (0, 0, 256), "flags"),
        (4, (0, 0, 2**15), "temperature_dc"),
    ],
)
def test_a_column_outside_its_type_is_refused(place: int, descriptor: tuple[int, int, int], field: str) -> None:
    descriptors = [(0, 0, 0)] * 5
    descriptors[place] = descriptor
    with pytest.raises(InvalidInput) as caught:
        decode(raw_body(b"".join(struct.pack("<Bqq", *found) for found in descriptors), 3))
    assert caught.value.field == field


def test_an_unreadable_body_does_not_stop_the_others() -> None:
    good = encode(gateway_batch(10))
    found = decode_many([good, good[:-1], b"", good])
    assert sorted(found.failures) == [1, 2]
    assert found.offsets.tolist() == [0, 10, 10, 10, 20]
    assert found.failures[2].field == "header"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"meter": np.array([-1, 2], np.int32)}, "meter"),
        ({"meter": np.array([1, 2], np.int64)}, "meter"),
        ({"value": np.array([1.0, 2.0])}, "value"),
        ({"flags": np.array([1], np.uint8)}, "flags"),
        ({"gateway": -1}, "gateway"),
        ({"gateway": 2**32}, "gateway"),
        ({"sequence": -2}, "sequence"),
        ({"trace_id": "x" * 65}, "trace_id"),
    ],
)
def test_what_cannot_be_written_is_refused(changes: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        encode(replace(gateway_batch(2), **changes))
    assert caught.value.field == field


def test_empty_and_too_long_batches_are_refused() -> None:
    for count in (0, MAX_READINGS + 1):
        with pytest.raises(InvalidInput, match=f"not {count}"):
            encode(gateway_batch(count))


def test_unknown_temperature_is_kept() -> None:
    batch = replace(gateway_batch(3), temperature_dc=np.array([5, NO_TEMPERATURE, -120], np.int16))
    assert decode(encode(batch)).temperature_dc.tolist() == [5, NO_TEMPERATURE, -120]
