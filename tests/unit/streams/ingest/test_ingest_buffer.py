"""The gateway's buffer: numbers that never repeat, tails that a crash cut off, room that runs out."""

from __future__ import annotations

from pathlib import Path

import pytest

from redaptive.errors import Exhausted, InvalidInput
from redaptive.streams.ingest.gateways.buffer import SegmentBuffer
from redaptive.streams.ingest.gateways.points import load_map


def fill(buffer: SegmentBuffer, count: int) -> None:
    for _ in range(count):
        buffer.append(lambda number: f"message {number}".encode())


def numbers(buffer: SegmentBuffer) -> list[int]:
    return [kept.number for kept in buffer.pending()]


def test_numbers_go_on_after_a_restart_even_when_nothing_is_left(tmp_path: Path) -> None:
    first = SegmentBuffer(tmp_path)
    fill(first, 3)
    first.acknowledge(3)
    assert list(tmp_path.glob("*.seg")) == []
    second = SegmentBuffer(tmp_path)
    fill(second, 2)
    assert numbers(SegmentBuffer(tmp_path)) == [4, 5]
    assert [k.payload for k in second.pending(1, after=4)] == [b"message 5"]


def test_a_tail_that_was_cut_off_is_dropped_and_its_number_used_again(tmp_path: Path) -> None:
    fill(SegmentBuffer(tmp_path), 3)
    (segment,) = tmp_path.glob("*.seg")
    whole = segment.read_bytes()
    for cut in (1, 5, 20):
        segment.write_bytes(whole[:-cut])
        again = SegmentBuffer(tmp_path)
        assert numbers(again) == [1, 2]
        fill(again, 1)
        assert [k.payload for k in again.pending()] == [b"message 1", b"message 2", b"message 3"]


def test_segments_are_removed_when_all_of_them_is_safe(tmp_path: Path) -> None:
    buffer = SegmentBuffer(tmp_path, segment_bytes=50)
    fill(buffer, 10)
    assert len(list(tmp_path.glob("*.seg"))) == 5
    buffer.acknowledge(5)
    assert len(list(tmp_path.glob("*.seg"))) == 3
    assert numbers(buffer) == numbers(SegmentBuffer(tmp_path)) == [6, 7, 8, 9, 10]
    buffer.acknowledge(2)
    assert (buffer.acknowledged, buffer.waiting) == (5, 5)


def test_a_full_buffer_refuses_and_keeps_what_it_has(tmp_path: Path) -> None:
    buffer = SegmentBuffer(tmp_path, most_bytes=60)
    fill(buffer, 3)
    with pytest.raises(Exhausted):
        fill(buffer, 1)
    assert numbers(buffer) == [1, 2, 3]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("gateway = 'a'", "device"),
        ("gateway = 'a/b'\n[[device]]\nhost='h'\n[[device.point]]\nmeter='m'\naddress=1", "gateway"),
        ("gateway = 'a'\n[[device]]\nhost='h'\n[[device.point]]\nmeter='m'\naddress=70000", "device.0.point.0.address"),
        (
            "gateway = 'a'\n[[device]]\nhost='h'\n[[device.point]]\nmeter='m'\naddress=1\nspeed=3",
            "device.0.point.0.speed",
        ),
        ("gateway = ", "map.toml"),
    ],
)
def test_a_wrong_map_names_the_place(tmp_path: Path, text: str, place: str) -> None:
    path = tmp_path / "map.toml"
    path.write_text(text)
    with pytest.raises(InvalidInput) as error:
        load_map(path)
    assert str(error.value.field).endswith(place)
