"""Points of BACnet/IP devices: found by Who-Is or named by address, read or told of changes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from bacpypes3.apdu import ErrorRejectAbortNack
from bacpypes3.app import Application
from bacpypes3.local.device import DeviceObject
from bacpypes3.local.networkport import NetworkPortObject
from bacpypes3.pdu import Address
from bacpypes3.primitivedata import ObjectIdentifier

from redaptive.errors import NotFound
from redaptive.streams.ingest.gateways.points import BacnetDevice, BacnetMap, BacnetPoint
from redaptive.streams.ingest.gateways.poller import PointValue

ANSWER_S: Final = 3.0
WHO_IS_S: Final = 2.0
COV_LIFETIME_S: Final = 300
HIGHEST_INSTANCE: Final = 4_194_303
VENDOR: Final = 999
_METERING: Final = ("analog-", "accumulator", "large-analog", "integer", "positive-integer")
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class FoundObject:
    """An object of a device, as discovery shows it."""

    device: int
    address: str
    object: str
    name: str
    value: str
    unit: str


class BacnetReader:
    """A BACnet client for one map; `close` it. Points with `cov` are kept current by the device's own messages."""

    def __init__(self, points: BacnetMap) -> None:
        self._map = points
        device = DeviceObject(
            objectIdentifier=("device", points.instance),
            objectName=f"redaptive-{points.gateway}",
            vendorIdentifier=VENDOR,
            modelName="gateway",
            firmwareRevision="1",
            applicationSoftwareVersion="1",
        )
        port = NetworkPortObject(points.local, objectIdentifier=("network-port", 1), objectName="ip")
        self._app = Application.from_object_list([device, port])
        self._addresses: dict[int, Address] = {}
        self._latest: dict[str, float] = {}
        self._watches: dict[str, asyncio.Task[None]] = {}

    async def read(self) -> Sequence[PointValue]:
        """All values that come; a device that does not answer is logged."""
        found: list[PointValue] = []
        for device in self._map.device:
            try:
                address = await self._address(device)
                for point in device.point:
                    value = await self._told(device, address, point)
                    if value is not None:
                        found.append(PointValue(point, value))
            except (TimeoutError, OSError, NotFound) as error:
                log.warning("bacnet_silent", device=_name(device), error=_said(error))
        return found

    async def _told(self, device: BacnetDevice, address: Address, point: BacnetPoint) -> float | None:
        """The point's value; None, logged, when the device refuses it: it may have the others."""
        try:
            return await self._value(address, point)
        except ErrorRejectAbortNack as error:
            log.warning(
                "bacnet_refused", device=_name(device), object=point.object, meter=point.meter, error=_said(error)
            )
            return None

    async def discover(self, address: str | None = None) -> list[FoundObject]:
        """The analog and accumulator objects of all devices that answer Who-Is, by broadcast or at one address."""
        target = Address(address) if address else None
        found: list[FoundObject] = []
        for answer in await self._app.who_is(0, HIGHEST_INSTANCE, address=target, timeout=WHO_IS_S):
            device, source = answer.iAmDeviceIdentifier, answer.pduSource
            objects = await self._read(source, ObjectIdentifier(device), "object-list")
            wanted = [each for each in objects if str(each[0]).startswith(_METERING)]
            found += [await self._found(device[1], source, each) for each in wanted]
        return found

    def close(self) -> None:
        """End subscriptions and the socket."""
        for watch in self._watches.values():
            watch.cancel()
        self._app.close()

    async def _found(self, device: int, source: Address, identifier: Any) -> FoundObject:
        texts = []
        for name in ("object-name", "present-value", "units"):
            try:
                texts.append(str(await self._read(source, identifier, name)))
            except (ErrorRejectAbortNack, TimeoutError):
                texts.append("")
        return FoundObject(device, str(source), f"{identifier[0]},{identifier[1]}", *texts)

    async def _address(self, device: BacnetDevice) -> Address:
        if device.address is not None:
            return Address(device.address)
        wanted = device.instance
        if wanted is None:
            raise NotFound("A device has neither address nor instance.", field="device", fix="Give one of them.")
        if wanted not in self._addresses:
            answers = await self._app.who_is(wanted, wanted, timeout=WHO_IS_S)
            if not answers:
                raise NotFound(f"No device {wanted} answered Who-Is.", field="instance", fix="Give its address.")
            self._addresses[wanted] = answers[0].pduSource
        return self._addresses[wanted]

    async def _value(self, address: Address, point: BacnetPoint) -> float | None:
        if point.cov:
            watch = self._watches.get(point.meter)
            if watch is None or watch.done():
                self._watches[point.meter] = asyncio.create_task(self._watch(address, point))
            if point.meter in self._latest:
                return self._latest[point.meter]
        return _number(await self._read(address, ObjectIdentifier(point.object), point.property), point)

    async def _read(self, address: Address, identifier: Any, name: str) -> Any:
        async with asyncio.timeout(ANSWER_S):
            found = await self._app.read_property(address, identifier, name)
        if isinstance(found, ErrorRejectAbortNack):
            raise found
        return found

    async def _watch(self, address: Address, point: BacnetPoint) -> None:
        """Keep the point's latest value while the device tells of changes; on its end the point is read again."""
        try:
            async with self._app.change_of_value(
                address, ObjectIdentifier(point.object), None, False, COV_LIFETIME_S
            ) as changes:
                while True:
                    name, value = await changes.get_value()
                    if str(name) == point.property and (number := _number(value, point)) is not None:
                        self._latest[point.meter] = number
        except (ErrorRejectAbortNack, TimeoutError, OSError) as error:
            log.warning("bacnet_cov_ended", meter=point.meter, error=_said(error))
        finally:
            self._latest.pop(point.meter, None)


def _name(device: BacnetDevice) -> str:
    return str(device.address or device.instance)


def _said(error: BaseException) -> str:
    return str(error) or f"no answer within {ANSWER_S:g} s"


def _number(value: Any, point: BacnetPoint) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        log.warning("bacnet_no_number", meter=point.meter, value=str(value)[:40])
        return None
