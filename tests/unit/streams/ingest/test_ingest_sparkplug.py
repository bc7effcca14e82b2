"""Sparkplug B: bytes of the specification, aliases, sequence gaps and rebirths, deaths."""

from __future__ import annotations

from typing import Any

import pytest

from redaptive.domain.detectors.kinds import HISTORICAL, REGISTER
from redaptive.streams.ingest.mqtt_client import Arrived
from redaptive.streams.ingest.sparkplug import Sparkplug
from redaptive.streams.ingest.sparkplug_payload import DOUBLE, INT16, INT64, Payload, number_of

AT_MS = 1_767_225_600_000


class Node:
    """An edge node as a test writes one."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bytes]] = []
        self.states: list[tuple[str, ...]] = []
        self.now = 0.0
        self.host = Sparkplug(
            lambda topic, payload: self.asked.append((topic, payload)),
            lambda *state: self.states.append(state),
            clock=lambda: self.now,
        )

    def send(self, verb: str, seq: int, *metrics: dict[str, Any], device: str = "") -> Any:
        payload = Payload(timestamp=AT_MS, seq=seq)
        for metric in metrics:
            texts = metric.pop("texts", {})
            made = payload.metrics.add(**metric)
            for key, text in texts.items():
                made.properties.keys.append(key)
                made.properties.values.add(type=12, string_value=text)
        topic = f"spBv1.0/acme/{verb}/gw" + (f"/{device}" if device else "")
        return self.host.submission(Arrived(topic, payload.SerializeToString(), 1, 1, 0, 0))

    def rows(
        self, verb: str, seq: int, *metrics: dict[str, Any], device: str = ""
    ) -> list[tuple[str, int, float, str, int]]:
        c = self.send(verb, seq, *metrics, device=device).message.columns
        return [
            (c.codes[i], int(c.start_s[i]), float(c.value[i]), c.units[c.unit_of[i]], int(c.flags[i]))
            for i in range(len(c))
        ]


BIRTH = (
    {"name": "bdSeq", "datatype": INT64, "long_value": 0},
    {"name": "Node Control/Rebirth", "datatype": 11, "boolean_value": False},
    {"name": "E-1", "alias": 1, "datatype": DOUBLE, "double_value": 1.5, "texts": {"engUnit": "MWh"}},
    {"name": "R", "alias": 2, "datatype": INT64, "long_value": 7, "texts": {"readType": "register", "meter": "E-2"}},
)


def birth() -> list[dict[str, Any]]:
    return [dict(metric, texts=dict(metric.get("texts", {}))) for metric in BIRTH]


def test_the_bytes_are_those_of_the_specification() -> None:
    """Wire format by hand: field numbers and types of sparkplug_b.proto."""
    raw = (
        b"\x08\xe8\x07"
        + b"\x12\x10"
        + b"\x0a\x01E"
        + b"\x10\x01"
        + b"\x20\x0a"
        + b"\x69"
        + bytes(6)
        + b"\x04\x40"
        + b"\x18\x05"
    )
    payload = Payload.FromString(raw)
    (metric,) = payload.metrics
    assert (payload.timestamp, payload.seq, metric.name, metric.alias, metric.datatype) == (1000, 5, "E", 1, 10)
    assert metric.double_value == 2.5
    assert payload.SerializeToString(deterministic=True) == raw


# Written by the classes that pysparkplug 0.6.1 generated from Eclipse Tahu's sparkplug_b.proto: a birth with bdSeq,
# control, two meters and a DataSet with metadata (which we do not read), and data by alias. All at 2026-01-01.
TAHU_BIRTH = bytes.fromhex(
    "0880d0eab6b73312120a0562645365711880d0eab6b7332008580312210a144e6f646520436f6e74726f6c2f5265626972746818"
    "80d0eab6b733200b7000122d0a03452d3110011880d0eab6b733200a4a120a07656e67556e69741207080c42034d576869000000"
    "000000f83f123a0a015210021880d0eab6b73320044a280a0872656164547970650a056d65746572120c080c4208726567697374"
    "65721207080c4203452d32580712290a015410031880d0eab6b73320104209420761207461626c658a010d080112016318032204"
    "0a0208051800"
)
TAHU_DATA = bytes.fromhex(
    "08a0c7a1b7b7331214100118a0c7a1b7b733200a6900000000000002401216100218a0c7a1b7b733280158fbffffffffffffffff"
    "01120d100118c0bed8b7b733200a38011210100118c0bed8b7b7332009650000003f1211100118e0b58fb8b733200250fdffffff"
    "0f1801"
)


def test_messages_of_an_independent_encoder_are_understood() -> None:
    host = Sparkplug(lambda *_: None)
    sent = [("NBIRTH", TAHU_BIRTH), ("NDATA", TAHU_DATA)]
    birth_, data = (host.submission(Arrived(f"spBv1.0/acme/{verb}/gw", raw, 1, 1, 0, 0)) for verb, raw in sent)
    assert birth_ is not None
    assert data is not None
    assert birth_.message.refused == ()  # the DataSet is no quantity
    c, at = data.message.columns, AT_MS // 1000
    found = zip(c.codes, (c.start_s - at).tolist(), c.value.tolist(), (c.units[u] for u in c.unit_of), strict=True)
    assert list(found) == [
        ("E-1", 900, 2.25, "MWh"), ("E-2", 900, -5.0, "kWh"), ("E-1", 1800, 0.5, "MWh"), ("E-1", 2700, -3.0, "MWh"),
    ]  # fmt: skip
    assert c.flags.tolist() == [0, REGISTER | HISTORICAL, 0, 0]
    assert data.message.refused == ()


def test_aliases_of_the_birth_name_the_data() -> None:
    node = Node()
    assert node.rows("NBIRTH", 0, *birth()) == [
        ("E-1", AT_MS // 1000, 1.5, "MWh", 0), ("E-2", AT_MS // 1000, 7.0, "kWh", 1),
    ]  # fmt: skip
    data = (
        {"alias": 1, "double_value": 2.0, "timestamp": AT_MS + 900_000},
        {"alias": 2, "long_value": 9, "is_historical": True},
    )
    assert node.rows("NDATA", 1, *data) == [
        ("E-1", AT_MS // 1000 + 900, 2.0, "MWh", 0), ("E-2", AT_MS // 1000, 9.0, "kWh", 5),
    ]  # fmt: skip
    device = {"name": "energy", "alias": 9, "datatype": DOUBLE, "double_value": 3.0}
    assert node.rows("DBIRTH", 2, device, device="D1") == [("D1/energy", AT_MS // 1000, 3.0, "kWh", 0)]
    assert node.rows("DDATA", 3, {"alias": 9, "double_value": 4.0}, device="D1")[0][0] == "D1/energy"
    assert node.asked == []


def test_a_gap_in_seq_asks_for_a_rebirth_once_and_keeps_the_data() -> None:
    node = Node()
    node.send("NBIRTH", 0, *birth())
    assert len(node.rows("NDATA", 3, {"alias": 1, "double_value": 2.0})) == 1
    node.rows("NDATA", 9, {"alias": 1, "double_value": 2.0})
    assert [topic for topic, _ in node.asked] == ["spBv1.0/acme/NCMD/gw"]
    (metric,) = Payload.FromString(node.asked[0][1]).metrics
    assert (metric.name, metric.boolean_value) == ("Node Control/Rebirth", True)
    node.now = 10.0
    node.rows("NDATA", 11, {"alias": 1, "double_value": 2.0})
    assert len(node.asked) == 2


def test_seq_wraps_at_255() -> None:
    node = Node()
    node.send("NBIRTH", 255, *birth())
    node.send("NDATA", 0, {"alias": 1, "double_value": 2.0})
    assert node.asked == []


def test_an_unknown_alias_is_refused_and_asks_for_a_rebirth() -> None:
    node = Node()
    found = node.send("NDATA", 4, {"alias": 77, "double_value": 2.0})
    assert [(r.row, r.reason) for r in found.message.refused] == [(0, "unknown_alias")]
    assert len(node.asked) == 1


def test_nulls_are_silent_and_other_values_refused() -> None:
    node = Node()
    node.send("NBIRTH", 0, *birth())
    found = node.send(
        "NDATA", 1, {"alias": 1, "is_null": True}, {"alias": 1, "string_value": "x"},
        {"alias": 1, "double_value": float("nan")},
        {"alias": 1, "double_value": 1.0, "timestamp": 5},
    )  # fmt: skip
    assert [(r.row, r.reason) for r in found.message.refused] == [
        (1, "not_a_number"),
        (2, "not_a_number"),
        (3, "bad_time"),
    ]
    assert len(found.message.columns) == 0


def test_a_death_forgets_the_aliases() -> None:
    node = Node()
    node.send("NBIRTH", 0, *birth())
    assert node.send("NDEATH", 0) is None
    assert node.states == [("acme", "gw", "online"), ("acme", "gw", "offline")]
    assert node.send("NDATA", 1, {"alias": 1, "double_value": 2.0}).message.refused[0].reason == "unknown_alias"


def test_what_is_no_sparkplug_is_refused_whole() -> None:
    found = Node().host.submission(Arrived("spBv1.0/acme/NDATA/gw", b"\xff\xff\xff", 1, 1, 0, 0))
    assert found is not None
    assert [(r.row, r.reason) for r in found.message.refused] == [(-1, "not_sparkplug")]


@pytest.mark.parametrize(
    ("datatype", "field", "sent", "value"),
    [(INT16, "int_value", 2**32 - 5, -5.0), (INT64, "long_value", 2**64 - 7, -7.0), (8, "long_value", 7, 7.0)],
)
def test_signed_numbers(datatype: int, field: str, sent: int, value: float) -> None:
    metric = Payload().metrics.add(datatype=datatype, **{field: sent})
    assert number_of(metric) == value


def test_the_death_of_a_device_counts_in_seq_and_ends_its_metrics() -> None:
    node = Node()
    node.send("NBIRTH", 0, *birth())
    device = {"name": "energy", "alias": 9, "datatype": DOUBLE, "double_value": 3.0}
    node.rows("DBIRTH", 1, dict(device), device="D1")
    died = node.send("DDEATH", 2, device="D1")
    assert len(died.message) == 0
    assert node.rows("NDATA", 3, {"alias": 1, "double_value": 2.0})[0][0] == "E-1"
    assert node.asked == []
    late = node.send("DDATA", 4, {"alias": 9, "double_value": 4.0}, device="D1")
    assert [r.reason for r in late.message.refused] == ["unknown_alias"]
    assert node.rows("DBIRTH", 5, {**device, "name": "kwh"}, device="D1")[0][0] == "D1/kwh"  # renamed
    assert node.rows("DDATA", 6, {"alias": 9, "double_value": 4.0}, device="D1")[0][0] == "D1/kwh"


def test_the_will_of_an_earlier_connection_is_no_death() -> None:
    node = Node()
    node.send("NBIRTH", 0, *birth())
    node.send("NBIRTH", 0, {"name": "bdSeq", "datatype": INT64, "long_value": 1}, *birth()[1:])
    node.send("NDEATH", 0, {"name": "bdSeq", "datatype": INT64, "long_value": 0})
    assert node.states[-1][2] == "online"
    assert node.rows("NDATA", 1, {"alias": 1, "double_value": 2.0})[0][0] == "E-1"
    node.send("NDEATH", 0, {"name": "bdSeq", "datatype": INT64, "long_value": 1})
    assert node.states[-1][2] == "offline"
    assert node.asked == []


def test_states_and_names_are_no_readings_unless_they_say_their_meter() -> None:
    node = Node()
    born = node.send(
        "NBIRTH", 0, {"name": "Model", "alias": 3, "datatype": 12, "string_value": "X9"},
        {"name": "Door", "alias": 4, "datatype": 11, "boolean_value": True},
        {"name": "Clock", "alias": 5, "datatype": 13, "long_value": AT_MS},
        {"name": "E", "alias": 6, "datatype": 12, "string_value": "7.5", "texts": {"meter": "E-1"}},
    )  # fmt: skip
    assert len(born.message.columns) == 0
    assert [(r.reason, r.meter) for r in born.message.refused] == [("not_a_number", "E-1")]
    assert len(node.send("NDATA", 1, {"alias": 4, "boolean_value": False}).message) == 0


@pytest.mark.parametrize("word", ["engUnit", "EngUnits", "unit", "Units"])
def test_other_words_for_the_unit_are_understood(word: str) -> None:
    node = Node()
    metric = {"name": "E-1", "datatype": DOUBLE, "double_value": 7.0, "texts": {"remark": "kW", word: "Wh"}}
    assert [row[3] for row in node.rows("NBIRTH", 0, metric)] == ["Wh"]
