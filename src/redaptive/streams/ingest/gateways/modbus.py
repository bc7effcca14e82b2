"""Points of Modbus TCP devices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import structlog
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException

from redaptive.streams.ingest.gateways.points import ModbusDevice, ModbusMap, ModbusPoint
from redaptive.streams.ingest.gateways.poller import PointValue

log = structlog.get_logger(__name__)
_KINDS: Final = {kind.name.lower(): kind for kind in AsyncModbusTcpClient.DATATYPE}


class ModbusReader:
    """Reads every point of a map, one connection per device, opened again after a failure."""

    def __init__(self, points: ModbusMap) -> None:
        self._map = points
        self._clients: dict[int, AsyncModbusTcpClient] = {}

    async def read(self) -> Sequence[PointValue]:
        """All values that come; a device that does not answer, or refuses a register, is logged."""
        found: list[PointValue] = []
        for number, device in enumerate(self._map.device):
            try:
                client = await self._connected(number, device)
                for point in device.point:
                    value = await _value(client, device, point)
                    if value is not None:
                        found.append(PointValue(point, value))
            except (ModbusException, OSError, TimeoutError) as error:
                log.warning("modbus_silent", host=device.host, unit_id=device.unit_id, error=str(error))
                self._drop(number)
        return found

    def close(self) -> None:
        """End the connections."""
        for number in list(self._clients):
            self._drop(number)

    async def _connected(self, number: int, device: ModbusDevice) -> AsyncModbusTcpClient:
        if number not in self._clients:
            client = AsyncModbusTcpClient(
                device.host, port=device.port, timeout=device.timeout_s, retries=1, reconnect_delay=0
            )
            if not await client.connect():
                client.close()
                raise OSError(f"no connection to {device.host}:{device.port}")
            self._clients[number] = client
        return self._clients[number]

    def _drop(self, number: int) -> None:
        client = self._clients.pop(number, None)
        if client is not None:
            client.close()


async def _value(client: AsyncModbusTcpClient, device: ModbusDevice, point: ModbusPoint) -> float | None:
    kind = _KINDS[point.type]
    read = client.read_holding_registers if point.table == "holding" else client.read_input_registers
    answer = await read(point.address, count=kind.value[1], device_id=device.unit_id)
    if answer.isError():
        log.warning("modbus_refused", host=device.host, address=point.address, meter=point.meter, error=str(answer))
        return None
    found = client.convert_from_registers(answer.registers, kind, word_order=point.word_order)
    return float(found) if isinstance(found, int | float) else None
