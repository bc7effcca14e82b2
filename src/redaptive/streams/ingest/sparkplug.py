"""Sparkplug B edge nodes as gateways: the group is the tenant, the node the gateway.

A birth certificate names the metrics and gives them aliases; data then carry aliases alone. A metric is a meter: the
one named by its property `meter`, else `<device>/<metric>`, or the metric's name on the node itself; texts, booleans
and dates without that property are none. Its property
`engUnit` is the unit (default kWh), `readType` = `register` a cumulative register; the time stamp is the interval's
start. `seq` counts 0 to 255 over all messages of a node: a gap, or an alias that nobody introduced, makes us ask for
a rebirth. It wraps, so it is no number of a batch.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from google.protobuf.message import DecodeError

from redaptive.domain.detectors.kinds import HISTORICAL, REGISTER
from redaptive.infrastructure.messaging.batches import MAX_READINGS
from redaptive.streams.ingest.admission import Submission
from redaptive.streams.ingest.keys import names_unit
from redaptive.streams.ingest.messages import DEFAULT_UNIT, EARLIEST_S, LATEST_S, Message, Refusal, unreadable
from redaptive.streams.ingest.mqtt_client import Arrived
from redaptive.streams.ingest.rows import columns_from
from redaptive.streams.ingest.sparkplug_payload import BOOLEAN, NO_QUANTITIES, Payload, number_of, texts_of

NAMESPACE: Final = "spBv1.0"
REBIRTH: Final = "Node Control/Rebirth"
ASK_AGAIN_AFTER_S: Final = 5.0
_OURS: Final = ("Node Control/", "Device Control/", "Properties/", "bdSeq")
_DATA: Final = frozenset({"NBIRTH", "DBIRTH", "NDATA", "DDATA", "DDEATH"})
"""What counts in `seq`: the death of a device does, that of a node does not."""
_VERBS: Final = _DATA | {"NDEATH", "NCMD", "DCMD", "STATE"}
Publish = Callable[[str, bytes], None]
SetState = Callable[[str, str, str], None]
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Metric:
    meter: str
    unit: str
    flags: int
    datatype: int


@dataclass
class _Node:
    seq: int | None = None
    aliases: dict[int, _Metric] = field(default_factory=dict)
    names: dict[tuple[str, str], _Metric] = field(default_factory=dict)
    birth: int | None = None
    asked_s: float = float("-inf")


class Sparkplug:
    """The state of all edge nodes. `publish` sends commands; `set_state(tenant, gateway, state)` hears of deaths."""

    topics: Sequence[str] = (f"{NAMESPACE}/+/+/+", f"{NAMESPACE}/+/+/+/+")

    def __init__(
        self, publish: Publish, set_state: SetState | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.publish = publish
        self._set_state = set_state
        self._clock = clock
        self._nodes: dict[tuple[str, str], _Node] = {}

    def owns(self, topic: str) -> bool:
        """Whether it is of an edge node, of a device or of a host application."""
        parts = topic.split("/")
        if parts[0] != NAMESPACE:
            return parts[0] == "STATE"
        return parts[1:2] == ["STATE"] or (len(parts) in (4, 5) and parts[2] in _VERBS)

    def submission(self, arrived: Arrived) -> Submission | None:
        """The readings of a birth or data message; None for all else, deaths included."""
        parts = arrived.topic.split("/")
        if parts[0] != NAMESPACE or len(parts) not in (4, 5):
            return None
        group, verb, name, device = parts[1], parts[2], parts[3], parts[4] if len(parts) == 5 else ""
        if verb == "NDEATH":
            self._died(group, name, arrived.payload)
        if verb not in _DATA:
            return None
        message = self._message(group, verb, name, device, arrived)
        return Submission(
            group, name, "sparkplug", message, arrived.payload, arrived.received_us, secrets.token_hex(16)
        )

    def _message(self, group: str, verb: str, name: str, device: str, arrived: Arrived) -> Message:
        try:
            payload = Payload.FromString(arrived.payload)
        except DecodeError:
            return unreadable("not_sparkplug", "The payload is no Sparkplug B message.", arrived.payload)
        if len(payload.metrics) > MAX_READINGS:
            return unreadable("too_many", f"The payload has more than {MAX_READINGS} metrics.", arrived.payload)
        node = self._nodes.setdefault((group, name), _Node())
        if verb == "NBIRTH":
            node.aliases.clear()
            node.names.clear()
            node.birth = _birth_number(payload)
            if self._set_state is not None:
                self._set_state(group, name, "online")
        elif node.seq is None or payload.seq != (node.seq + 1) % 256:
            log.warning("sparkplug_gap", group=group, node=name, expected=node.seq, found=payload.seq)
            self._ask(group, name, node)
        node.seq = payload.seq
        if verb.endswith("BIRTH"):
            _introduce(node, payload.metrics, device)
        elif verb == "DDEATH":
            _forget(node, device)
            return Message()
        return self._readings(group, name, node, device, payload)

    def _readings(self, group: str, name: str, node: _Node, device: str, payload: Any) -> Message:
        good, refused = [], []
        for row, metric in enumerate(payload.metrics):
            if metric.name.startswith(_OURS):
                continue
            known = node.names.get((device, metric.name)) if metric.name else node.aliases.get(metric.alias)
            at = (metric.timestamp or payload.timestamp) // 1000
            value = number_of(metric, known.datatype if known else 0)
            if known is None:
                self._ask(group, name, node)
                detail = f"No birth certificate introduced {metric.name or f'alias {metric.alias}'}."
                refused.append(Refusal(row, "unknown_alias", "alias", detail, raw=str(metric)))
            elif not known.meter:
                continue  # a state or a name, no quantity
            elif value is None or value != value or value in (float("inf"), float("-inf")):
                if not metric.is_null:  # a null says that there is no value now
                    detail = "The metric's value is no number."
                    refused.append(Refusal(row, "not_a_number", "value", detail, known.meter, str(metric)))
            elif not EARLIEST_S <= at < LATEST_S:
                detail = f"The time stamp {at} s is not within 2000 to 2099."
                refused.append(Refusal(row, "bad_time", "timestamp", detail, known.meter, str(metric)))
            else:
                flags = known.flags | (HISTORICAL if metric.is_historical else 0)
                good.append((known.meter, at, value, known.unit, flags, row))
        return Message(columns_from(good), tuple(refused))

    def _ask(self, group: str, name: str, node: _Node) -> None:
        """Ask the node for its birth certificates, not more often than every few seconds."""
        now = self._clock()
        if now - node.asked_s < ASK_AGAIN_AFTER_S:
            return
        node.asked_s = now
        self.publish(f"{NAMESPACE}/{group}/NCMD/{name}", rebirth_request())

    def _died(self, group: str, name: str, body: bytes) -> None:
        """Forget the node, unless this is the will of a connection before the one of its last birth."""
        node = self._nodes.get((group, name))
        try:
            number = _birth_number(Payload.FromString(body))
        except DecodeError:
            number = None
        if node is not None and None not in (node.birth, number) and node.birth != number:
            log.info("sparkplug_old_death", group=group, node=name, birth=node.birth, death=number)
            return
        self._nodes.pop((group, name), None)
        log.warning("gateway_offline", group=group, node=name)
        if self._set_state is not None:
            self._set_state(group, name, "offline")


def rebirth_request() -> bytes:
    """The command that makes a node send its birth certificates."""
    payload = Payload(timestamp=time.time_ns() // 1_000_000)
    payload.metrics.add(name=REBIRTH, datatype=BOOLEAN, boolean_value=True)
    return bytes(payload.SerializeToString())


def _birth_number(payload: Any) -> int | None:
    """`bdSeq`, by which a death belongs to a birth; None where it is left out."""
    for metric in payload.metrics:
        if metric.name == "bdSeq":
            value = number_of(metric)
            return None if value is None else int(value)
    return None


def _forget(node: _Node, device: str) -> None:
    """What the device called its metrics counts no more."""
    gone = [node.names.pop(name) for name in [name for name in node.names if name[0] == device]]
    theirs = set(map(id, gone))
    for alias in [alias for alias, metric in node.aliases.items() if id(metric) in theirs]:
        del node.aliases[alias]


def _unit_of(texts: Mapping[str, str]) -> str:
    """The property `engUnit`, or what another word for it says: left aside, it would make kWh of Wh."""
    others = (text for name, text in texts.items() if names_unit(name))
    return texts.get("engUnit") or next(others, "") or DEFAULT_UNIT


def _introduce(node: _Node, metrics: Any, device: str) -> None:
    if device:
        _forget(node, device)
    for metric in metrics:
        if not metric.name or metric.name.startswith(_OURS):
            continue
        texts = texts_of(metric)
        meter = texts.get("meter") or (f"{device}/{metric.name}" if device else metric.name)
        if metric.datatype in NO_QUANTITIES and "meter" not in texts:
            meter = ""
        flags = REGISTER if texts.get("readType") == "register" else 0
        found = _Metric(meter, _unit_of(texts), flags, metric.datatype)
        node.names[(device, metric.name)] = found
        if metric.HasField("alias"):
            node.aliases[metric.alias] = found
