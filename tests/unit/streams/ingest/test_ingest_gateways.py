"""Maps of gateways and the time that their polls give readings."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.fakes.fake_clock import FakeClock

from redaptive.errors import InvalidInput
from redaptive.streams.ingest.gateways.buffer import SegmentBuffer
from redaptive.streams.ingest.gateways.points import ModbusPoint, load_map
from redaptive.streams.ingest.gateways.poller import PointValue, Poller

START = 1_767_225_600


class SlowDevice:
    """Costs `seconds` of the clock before it answers, as devices do that time out beside it."""

    def __init__(self, clock: FakeClock, seconds: float) -> None:
        self.clock, self.seconds = clock, seconds

    async def read(self) -> Sequence[PointValue]:
        self.clock.pass_by(self.seconds)
        return [PointValue(ModbusPoint(meter="E-1", address=1), 5.0)]


@pytest.mark.parametrize("seconds", [0.0, 29.0, 59.0])
def test_a_slow_device_does_not_move_the_interval(tmp_path: Path, seconds: float) -> None:
    clock = FakeClock()
    clock.pass_by(START + 60.5 - clock.now)
    buffer = SegmentBuffer(tmp_path)
    assert asyncio.run(Poller(SlowDevice(clock, seconds), buffer, "gw", 60, clock=lambda: clock.now).poll()) == 1
    (kept,) = buffer.pending(1, after=0)
    assert json.loads(kept.payload)["readings"][0]["start"] == START


def test_all_faults_of_a_map_are_told(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text('gateway = "a/b"\n[[device]]\nhost = "h"\nunit_id = 300\npoint = [{ meter = "E", adress = 1 }]\n')
    with pytest.raises(InvalidInput) as caught:
        load_map(path)
    told = f"{caught.value.field} {caught.value.message}"
    places = ("gateway", "device.0.unit_id", "device.0.point.0.address", "device.0.point.0.adress")
    assert all(place in told for place in places)
    path.write_text('gateway = "a"\n')
    with pytest.raises(InvalidInput, match=r"^Field required\. \(.*: device\)"):
        load_map(path)


def test_a_code_with_a_blank_is_refused_when_the_map_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    device = '[[device]]\nhost = "h"\npoint = [{ meter = "E", address = 1 }]\n'
    path.write_text(f'gateway = "the roof"\n{device}')
    with pytest.raises(InvalidInput, match="without blanks") as caught:
        load_map(path)
    assert "gateway" in str(caught.value.field)
    path.write_text(f'gateway = "roof.2"\n{device}')
    assert load_map(path).gateway == "roof.2"
