"""Registers from the wire to the kernel: what they counted is stored, whatever the unit, weight or splitting."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from redaptive.domain.detectors.kinds import HISTORICAL, IN_PARTS, REGISTER
from redaptive.domain.detectors.registers import finer_digits
from redaptive.infrastructure.messaging.batches import ReadingBatch, encode
from redaptive.streams import fleet as fleets
from redaptive.streams.fleet import Fleet
from redaptive.streams.ingest.checking import check
from redaptive.streams.ingest.directory import meter_table
from redaptive.streams.ingest.json_batches import decode_json
from redaptive.streams.ingest.senml import decode_senml
from redaptive.streams.leases import Lease
from redaptive.streams.outcomes import MOST_WH
from redaptive.streams.pending import Pending
from redaptive.streams.scoring import PartitionScorer
from redaptive.streams.state_store import StatePart

START_S = 1_780_272_000
"""2026-06-01 00:00 UTC."""
PER = {"kWh": "electricity", "Wh": "electricity", "MWh": "electricity", "therm": "gas", "ccf": "gas", "m3": "water",
       "gal": "water", "L": "water"}  # fmt: skip
UNIT_WH = {"kWh": "1000", "Wh": "1", "MWh": "1000000", "therm": "29307.10387", "ccf": "30069.08857", "m3": "1000",
           "gal": "3.785411784", "L": "1"}  # fmt: skip
"""Wh or litres of a unit: 3.412142 kBtu a kWh, 1.026 therms a ccf (40 CFR 98 Table C-1), NIST SP 811."""


class Live:
    """One meter from its declaration on: what is sent is scored; what is stored is counted."""

    def __init__(
        self,
        unit: str = "kWh",
        *,
        weight: float | None = None,
        digits: int | None = None,
        multiplier: float = 1.0,
        cap_wh: int | None = None,
    ) -> None:
        self.unit = unit
        row = {"code": "M", "meter_no": 7, "commodity": PER[unit], "multiplier": multiplier, "wh_per_count": weight}
        self.table = meter_table([{**row, "interval_s": 900, "weather_station": None}])
        meter = fleets._Meter(
            7,
            uuid4(),
            uuid4(),
            uuid4(),
            900,
            multiplier,
            ("UTC", "", None),
            0,
            cap_wh,
            False,
            digits,
            weight,
            None,
            None,
        )
        self.fleet: Fleet = fleets._fleet([meter], date(2026, 1, 1), 0)
        self.scorer = PartitionScorer(Lease(0, 1, 0, {}, {}), self.fleet, (), {})
        self.energy: dict[int, int] = {}
        self.pending: list[Pending] = []

    def send(self, first: int, values: Sequence[object], *, old: bool = False) -> Live:
        """Register readings of the intervals from number `first` on, None left out; `old` as an earlier release did."""
        rows = [
            {"meter": "M", "start": START_S + 900 * (first + k), "value": float(str(v)), "register": True}
            for k, v in enumerate(values)
            if v is not None
        ]
        found = decode_json(json.dumps({"unit": self.unit, "readings": rows}).encode())
        checked, refused = check(found.columns, self.table)
        assert not refused
        value, flags = checked.value, checked.flags
        if old:
            value, flags = np.rint(found.columns.value).astype(np.int64), flags & ~np.uint8(IN_PARTS)
        return self.take(checked.start_s, value, flags)

    def take(self, start_s: np.ndarray, value: np.ndarray, flags: np.ndarray) -> Live:
        n, at_s = len(value), int(start_s[-1]) + 902
        batch = ReadingBatch(0, -1, at_s * 1_000_000, "", np.full(n, 7, np.int32), start_s, value, flags,
                             np.full(n, -32768, np.int16))  # fmt: skip
        self.scorer.score(self.scorer.decode([(self.scorer.position + 1, encode(batch))]))
        cut = self.scorer.cut()
        self.pending.append(cut.pending)
        self.parts = cut.parts
        frame = cut.pending.stream_rows(0, self.scorer.position).rows
        numbers = (frame["ts"].to_physical() // 1_000_000 - START_S) // 900
        self.energy |= dict(zip(numbers.to_list(), frame["value"].to_list(), strict=True))
        return self

    @property
    def resets(self) -> list[tuple[int, int]]:
        return [(r.before_counts, r.after_counts) for pending in self.pending for r in pending.resets]


@pytest.mark.parametrize(
    ("unit", "values", "stored"),
    [
        ("kWh", ["1000.4", "1000.8", "1001.2", "1001.6"], [400, 400, 400]),
        ("kWh", ["100", "107.5"], [7500]),
        ("m3", ["12", "12.25", "12.5", "12.75", "13"], [250] * 4),
        ("therm", ["500", "500.5", "501", "501.5"], [14_653, 14_654, 14_654]),
        ("Wh", ["5000", "5300", "5600", "5900"], [300] * 3),
        ("kWh", ["999999.99", "1000000.01"], [20]),
    ],
)
def test_decimals_of_the_wire_are_kept(unit: str, values: list[str], stored: list[int]) -> None:
    assert list(Live(unit).send(0, values).energy.values()) == stored


def test_the_scaled_register_of_the_modbus_example_keeps_its_hundredths() -> None:
    counts = [48_151_600 + 7 * k for k in range(20)]
    assert set(Live().send(0, [count * 0.01 for count in counts]).energy.values()) == {70}


def test_senml_sums_are_counted_alike() -> None:
    live = Live()
    pack = [{"n": "M", "u": "kWh", "s": s, "t": START_S + 900 * k} for k, s in enumerate((100, 107.5))]
    checked, refused = check(decode_senml(json.dumps(pack).encode(), START_S * 1_000_000).columns, live.table)
    assert not refused
    live.take(checked.start_s, checked.value, checked.flags)
    assert live.energy == {1: 7500}


WEIGHTS = st.sampled_from([None, 1000.0, 100.0, 10.0, 1.0, 0.5, 29_307.1, 1e6])


@given(
    unit=st.sampled_from(sorted(PER)),
    weight=WEIGHTS,
    multiplier=st.sampled_from([1, 40, Decimal("1.5"), Decimal("0.0123")]),
    places=st.integers(0, 4),
    first=st.integers(0, 10**7),
    rises=st.lists(st.integers(0, 5_000), min_size=1, max_size=30),
    data=st.data(),
)
def test_the_sum_of_energies_is_the_last_count_minus_the_first(
    unit: str,
    weight: float | None,
    multiplier: int | Decimal,
    places: int,
    first: int,
    rises: list[int],
    data: st.DataObject,
) -> None:
    scale, factor = Decimal(1).scaleb(-places), Decimal(UNIT_WH[unit]) * multiplier
    exact = scale * sum(rises) * factor
    assume(exact <= MOST_WH)
    counts = [scale * (first + sum(rises[:k])) for k in range(len(rises) + 1)]
    sent = [None if 0 < k < len(rises) and data.draw(st.booleans()) else c for k, c in enumerate(counts)]
    cuts = sorted({0, len(sent), *data.draw(st.lists(st.integers(1, len(rises)), max_size=5))})
    live = Live(unit, weight=weight, multiplier=float(multiplier))
    for begin, end in pairwise(cuts):
        if any(value is not None for value in sent[begin:end]):
            live.send(begin, sent[begin:end])
    part_wh = Decimal(weight or 1000) / 10 ** int(finer_digits(weight or 1000.0)) * multiplier
    assert abs(sum(live.energy.values()) - exact) <= part_wh + 1 + exact * Decimal("1e-6")
    if unit in ("kWh", "MWh", "Wh", "m3", "L") and weight in (None, 1000.0) and factor * scale % multiplier == 0:
        assert abs(sum(live.energy.values()) - exact) < 1
    assert sorted(live.energy) == list(range(1, len(counts)))
    if None not in sent and part_wh <= 1:
        for k, energy in live.energy.items():
            assert abs(energy - (counts[k] - counts[k - 1]) * factor) <= 2
    assert not live.resets


@pytest.mark.parametrize(
    ("declared", "values", "stored"),
    [
        ({}, [99_990, 94, 98], {1: 104_000, 2: 4_000}),
        ({"digits": 5}, [99_990, 94, 98], {1: 104_000, 2: 4_000}),
        ({"digits": 5, "weight": 1000.0}, ["99990.5", "94.25"], {1: 103_750}),
        ({"digits": 6, "weight": 100.0}, ["99990.5", "94.25"], {1: 103_750}),
        ({"digits": 5}, [99_998, None, None, 4], {1: 2000, 2: 2000, 3: 2000}),
        ({}, [99_998, None, None, 4], {1: 2000, 2: 2000, 3: 2000}),
        ({"digits": 6, "multiplier": 40.0}, ["999999.75", "0.25"], {1: 20_000}),
        ({"multiplier": 40.0}, ["999999.75", "0.25"], {1: 20_000}),
        ({"unit": "therm", "digits": 4, "weight": 29_307.10387}, ["9999.5", "0.5"], {1: 29_307}),
        ({"unit": "m3"}, ["9999.9", "0.3"], {1: 400}),
    ],
)
def test_a_rollover_is_counted_through(
    declared: dict[str, object], values: list[object], stored: dict[int, int]
) -> None:
    live = Live(**declared).send(0, values)  # type: ignore[arg-type]
    assert live.energy == stored
    assert not live.resets
    assert not live.pending[-1].rejected


@given(
    digits=st.integers(3, 7),
    declared=st.booleans(),
    places=st.integers(0, 3),
    first=st.integers(80, 99),
    rises=st.lists(st.integers(0, 1000), min_size=20, max_size=60),
)
def test_a_register_that_rolls_over_again_and_again_counts_on(
    digits: int, declared: bool, places: int, first: int, rises: list[int]
) -> None:
    span = 10 ** (digits + places)
    at = [span * first // 100]
    for rise in rises:  # at most a hundredth of the range
        at.append(at[-1] + rise * span // 100_000)
    live = Live(digits=digits if declared else None)
    live.send(0, [Decimal(count % span).scaleb(-places) for count in at])
    assert sum(live.energy.values()) == (at[-1] - at[0]) * 1000 // 10**places
    assert not live.resets


@pytest.mark.parametrize(
    ("declared", "values"),
    [
        ({}, [60_000, 5]),  # nowhere near a power of ten
        ({}, [99_990, 5_000]),  # a twentieth of the range in an interval
        ({"cap_wh": 10_000}, [99_990, 94]),
        ({"digits": 6}, [99_990, 94]),  # a register of six digits has no reason to fall here
        ({"digits": 5}, [95_000, 60_000]),
    ],
)
def test_a_fall_that_is_no_rollover_is_told_with_both_counts(declared: dict[str, int], values: list[int]) -> None:
    live = Live(**declared).send(0, values)  # type: ignore[arg-type]
    assert live.energy == {}
    assert live.resets == [tuple(values)]
    [aside] = live.pending[-1].rejected
    assert (aside.reason, aside.start_s, aside.value) == ("register_reset", START_S + 900, 1000 * values[1])
    assert live.scorer.counters["register_reset"] == 1, "which the status shows"


@pytest.mark.parametrize("next_kwh", ["1001.2", "1000.7", "1001.0"])
def test_an_upgrade_makes_no_wild_interval_and_loses_none(next_kwh: str) -> None:
    old = Live().send(0, ["999.6", "1000.6"], old=True)
    # What an earlier release kept: whole counts.
    state = old.scorer.state
    state.columns["meter.register"][7] = 1001
    parts = [StatePart(p.shard, p.part, "7-0", state.to_bytes(p.shard, p.part)) for p in old.parts]
    new = Live()
    new.scorer = PartitionScorer(Lease(0, 1, 0, {}, {}), new.fleet, parts, {})
    new.send(2, ["1001.4"], old=True)  # still lay in the log
    new.send(3, [next_kwh, "1002.2"])
    assert new.energy[2] == 0
    assert new.energy[3] == max(0, round((float(next_kwh) - 1001) * 1000))
    assert sum(new.energy.values()) == 1200, "1002.2 less the 1001 that were counted before"
    assert not new.resets


def test_counts_that_lay_aside_since_before_an_upgrade_are_sent_again_in_their_own_scale() -> None:
    live = Live().send(0, ["1000"]).send(2, ["1003"])
    live.take(np.array([START_S + 900]), np.array([1001]), np.array([REGISTER | HISTORICAL], np.uint8))
    [count] = live.pending[-1].late_counts
    assert count.count == 1_001_000
