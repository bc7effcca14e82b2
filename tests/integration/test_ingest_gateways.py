"""Our gateways against real pymodbus and bacpypes3 device servers on loopback; outage of the broker included."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from bacpypes3.app import Application
from bacpypes3.local.analog import AnalogInputObject
from bacpypes3.local.device import DeviceObject
from bacpypes3.local.networkport import NetworkPortObject
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice
from structlog.testing import capture_logs
from tests.integration.ingest_fleet import Publisher

from redaptive.errors import Unavailable
from redaptive.streams.ingest.gateways import bacnet
from redaptive.streams.ingest.gateways.bacnet import BacnetReader
from redaptive.streams.ingest.gateways.buffer import SegmentBuffer
from redaptive.streams.ingest.gateways.modbus import ModbusReader
from redaptive.streams.ingest.gateways.points import BacnetMap, ModbusMap, load_map
from redaptive.streams.ingest.gateways.poller import Poller, Uplink
from redaptive.streams.ingest.json_batches import decode_json

NOW = 1_767_226_500.4
"""2026-01-01T00:15:00.4Z: just after the end of the interval that began at midnight."""


def free(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def modbus_device(port: int) -> AsyncIterator[None]:
    data = [
        SimData(100, values=[1_234_567], datatype=DataType.UINT32),
        SimData(110, values=[0x0002, 0x0001], datatype=DataType.REGISTERS),  # 65538 with the low word first
        SimData(120, values=[1.5], datatype=DataType.FLOAT32),
        SimData(130, values=[-7], datatype=DataType.INT16),
    ]
    server = ModbusTcpServer(SimDevice(id=3, simdata=data), address=("127.0.0.1", port))
    task = asyncio.create_task(server.serve_forever())
    await asyncio.sleep(0.1)
    try:
        yield
    finally:
        await server.shutdown()
        await asyncio.gather(task, return_exceptions=True)


def modbus_map(folder: Path, port: int, dead_port: int) -> ModbusMap:
    path = folder / "map.toml"
    path.write_text(f"""
gateway = "roof"
interval_s = 900
[[device]]
host = "127.0.0.1"
port = {port}
unit_id = 3
point = [
  {{ meter = "E-1", address = 100, scale = 0.01 }},
  {{ meter = "E-2", address = 110, word_order = "little", unit = "Wh" }},
  {{ meter = "E-3", address = 120, type = "float32", table = "input", kind = "interval" }},
  {{ meter = "E-4", address = 130, type = "int16", kind = "interval" }},
  {{ meter = "E-5", address = 900 }},
]
[[device]]
host = "127.0.0.1"
port = {dead_port}
timeout_s = 0.2
point = [{{ meter = "E-9", address = 0 }}]
""")
    found = load_map(path)
    assert isinstance(found, ModbusMap)
    return found


def test_modbus_registers_become_readings_that_outlive_a_broker_outage(broker: str, tmp_path: Path) -> None:
    async def main() -> list[bytes]:
        port = free(socket.SOCK_STREAM)
        points = modbus_map(tmp_path, port, free(socket.SOCK_STREAM))
        tenant, buffer = uuid4().hex, SegmentBuffer(tmp_path / "buffer")
        listener, subscribed = Publisher(broker, uuid4().hex), threading.Event()
        listener.client.on_subscribe = lambda *_: subscribed.set()
        listener.client.subscribe(f"redaptive/{tenant}/roof/readings", qos=1)
        assert await asyncio.to_thread(subscribed.wait, 10)
        reader = ModbusReader(points)
        poller = Poller(reader, buffer, "roof", 900, clock=lambda: NOW)
        async with modbus_device(port):
            assert await poller.poll() == 4
            nowhere = Uplink(buffer, f"mqtt://127.0.0.1:{free(socket.SOCK_STREAM)}", tenant, "roof")
            with pytest.raises(Unavailable, match=r"1 messages could not be sent: .* did not answer"):
                await nowhere.drain(0.5)
            stranger = Uplink(buffer, broker.replace(":", ":x", 2).replace(":x", ":", 1), tenant, "roof")
            with pytest.raises(Unavailable, match=r"1 messages could not be sent: .* does not let us in \(Not auth"):
                await stranger.drain(30)
            assert await poller.poll() == 4
        assert await poller.poll() == 0  # the device is gone; nothing is made up
        reader.close()
        later = SegmentBuffer(tmp_path / "buffer")  # the gateway was started anew
        await Uplink(later, broker, tenant, "roof").drain(10)
        for _ in range(1_000):
            if len(listener.received) == 2:
                break
            await asyncio.sleep(0.02)
        listener.close()
        assert (later.waiting, later.acknowledged) == (0, 2)
        return [bytes(message.payload) for message in listener.received]

    first, second = asyncio.run(main())
    assert [decode_json(p).sequence for p in (first, second)] == [1, 2]
    columns = decode_json(first).columns
    rows = list(zip(columns.codes, columns.value.tolist(), columns.flags.tolist(), strict=True))
    assert rows == [("E-1", 12_345.67, 1), ("E-2", 65_538.0, 1), ("E-3", 1.5, 0), ("E-4", -7.0, 0)]
    assert [columns.units[i] for i in columns.unit_of] == ["kWh", "Wh", "kWh", "kWh"]
    assert set(columns.start_s.tolist()) == {1_767_225_600}
    assert json.loads(first)["gateway"] == "roof"


def bacnet_device(port: int) -> tuple[Application, AnalogInputObject]:
    device = DeviceObject(
        objectIdentifier=("device", 599), objectName="meter", vendorIdentifier=999, modelName="m",
        firmwareRevision="1", applicationSoftwareVersion="1",
    )  # fmt: skip
    network = NetworkPortObject(f"127.0.0.1/32:{port}", objectIdentifier=("network-port", 1), objectName="ip")
    energy = AnalogInputObject(
        objectIdentifier=("analog-input", 1), objectName="Energy", presentValue=12.5, units="kilowattHours",
        statusFlags=[0, 0, 0, 0], eventState="normal", outOfService=False, covIncrement=0.1,
    )  # fmt: skip
    application = Application.from_object_list([device, network])
    application.add_object(energy)
    return application, energy


def test_bacnet_is_discovered_read_and_tells_of_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By unicast: loopback has no broadcast."""
    monkeypatch.setattr(bacnet, "ANSWER_S", 0.3)

    async def main() -> None:
        port, own, dead = (free(socket.SOCK_DGRAM) for _ in range(3))
        application, energy = bacnet_device(port)
        point = {"object": "analog-input,1", "scale": 2.0}
        points = BacnetMap.model_validate(
            {
                "gateway": "bms",
                "protocol": "bacnet",
                "local": f"127.0.0.1/32:{own}",
                "device": [
                    {
                        "address": f"127.0.0.1:{port}",
                        "point": [{**point, "meter": "A"}, {**point, "meter": "B", "cov": True}],
                    },
                    {
                        "address": f"127.0.0.1:{port}",
                        "point": [{"object": "analog-input,7", "meter": "C"}, {**point, "meter": "D"}],
                    },
                    {"address": f"127.0.0.1:{dead}", "point": [{**point, "meter": "X"}]},
                ],
            }
        )
        reader = BacnetReader(points)
        try:
            found = await reader.discover(f"127.0.0.1:{port}")
            assert [(o.device, o.object, o.name, o.value, o.unit) for o in found] == [
                (599, "analog-input,1", "Energy", "12.5", "kilowatt-hours")
            ]
            with capture_logs() as logs:
                values = [(v.point.meter, v.value) for v in await reader.read()]
            assert values == [("A", 12.5), ("B", 12.5), ("D", 12.5)]  # C is refused, X is silent
            refused, silent = logs
            assert (refused["event"], refused["object"], refused["meter"]) == ("bacnet_refused", "analog-input,7", "C")
            assert (silent["event"], silent["error"]) == ("bacnet_silent", "no answer within 0.3 s")
            energy.presentValue = 20.0
            for _ in range(100):
                if reader._latest.get("B") == 20.0:
                    break
                await asyncio.sleep(0.02)
            assert reader._latest == {"B": 20.0}
            assert [(v.point.meter, v.value) for v in await reader.read()] == [("A", 20.0), ("B", 20.0), ("D", 20.0)]
            buffer = SegmentBuffer(tmp_path)
            assert await Poller(reader, buffer, "bms", 900, clock=lambda: NOW).poll() == 3
            (kept,) = buffer.pending()
            assert decode_json(kept.payload).columns.value.tolist() == [40.0, 40.0, 40.0]
        finally:
            reader.close()
            application.close()

    asyncio.run(main())


def test_a_gateway_with_a_dot_in_its_code_sends(broker: str, tmp_path: Path) -> None:
    """The embedded broker takes dots in topics, and none in client ids."""
    buffer = SegmentBuffer(tmp_path)
    buffer.append(lambda number: b"%d" % number)
    asyncio.run(Uplink(buffer, broker, uuid4().hex, "roof.2").drain(20))
    assert buffer.waiting == 0
