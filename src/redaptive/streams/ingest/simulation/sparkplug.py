"""Simulated gateways as Sparkplug B edge nodes: births with aliases, data by alias, a birth again when asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from redaptive.streams.ingest.simulation.gateway import Batch, SimulatedGateway
from redaptive.streams.ingest.simulation.senders import MqttSender, SendStatistics
from redaptive.streams.ingest.sparkplug import NAMESPACE, REBIRTH
from redaptive.streams.ingest.sparkplug_payload import BOOLEAN, INT64, STRING, Payload

_BIRTH = "birth of "
UNKNOWN_ALIAS = 2**40


def data_encoder(codes: Sequence[str]) -> Callable[[Batch], bytes]:
    """An encoder of NDATA without `seq`, which the sender appends: it alone knows the order."""
    aliases = {code: number for number, code in enumerate(codes)}

    def encode(batch: Batch) -> bytes:
        payload = Payload(timestamp=batch.start_s * 1000)
        for code, value in zip(batch.codes, batch.values, strict=True):
            metric = payload.metrics.add(alias=aliases.get(code, UNKNOWN_ALIAS))
            if isinstance(value, int):
                metric.datatype, metric.long_value = INT64, value % 2**64
            else:
                metric.datatype, metric.string_value = STRING, str(value)
        return bytes(payload.SerializeToString())

    return encode


def birth_certificate(gateway: SimulatedGateway) -> bytes:
    """NBIRTH: every meter with its alias and unit, and the control by which a birth is asked for."""
    payload = Payload(timestamp=0, seq=0)
    payload.metrics.add(name=REBIRTH, datatype=BOOLEAN, boolean_value=False)
    for alias, (code, unit) in enumerate(zip(gateway.codes, gateway.units, strict=True)):
        metric = payload.metrics.add(name=code, alias=alias, datatype=INT64, is_null=True)
        metric.properties.keys.append("engUnit")
        metric.properties.values.add(type=STRING, string_value=unit)
    return bytes(payload.SerializeToString())


class SparkplugSender:
    """Sends NDATA of simulated gateways, and NBIRTH before the first one and whenever the host asks."""

    def __init__(self, url: str, tenant: str, gateways: Sequence[SimulatedGateway], name: str) -> None:
        self._births = {gateway.code: birth_certificate(gateway) for gateway in gateways}
        self._due = set(self._births)
        self._seq = dict.fromkeys(self._births, 0)
        self._lock = threading.Lock()
        self._mqtt = MqttSender(url, lambda code: _topic(tenant, code), name)
        self._mqtt.listen(f"{NAMESPACE}/{tenant}/NCMD/+", self._asked)
        self.births = 0

    @property
    def statistics(self) -> SendStatistics:
        """Births are counted as messages without readings."""
        return self._mqtt.statistics

    def send(self, gateway: int, code: str, payload: bytes, readings: int) -> None:
        """Publish NDATA at QoS 1."""
        with self._lock:
            is_due = code in self._due
            self._due.discard(code)
            self._seq[code] = 1 if is_due else (self._seq[code] + 1) % 256
            seq = self._seq[code]
        if is_due:
            self.births += 1
            self._mqtt.send(gateway, _BIRTH + code, self._births[code], 0)
        self._mqtt.send(gateway, code, payload + _seq_field(seq), readings)

    def close(self, timeout_s: float) -> None:
        """Wait for the acknowledgements, then disconnect."""
        self._mqtt.close(timeout_s)

    def _asked(self, topic: str) -> None:
        with self._lock:
            self._due.add(topic.rpartition("/")[2])


def _topic(tenant: str, code: str) -> str:
    if code.startswith(_BIRTH):
        return f"{NAMESPACE}/{tenant}/NBIRTH/{code.removeprefix(_BIRTH)}"
    return f"{NAMESPACE}/{tenant}/NDATA/{code}"


def _seq_field(seq: int) -> bytes:
    """`seq` as protobuf appends a field: the number 3, then the value."""
    return bytes(Payload(seq=seq).SerializeToString())
