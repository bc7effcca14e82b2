"""A fleet of meters for stream tests, written straight into the database, and a dirty stream of its readings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

import numpy as np
import psycopg
from psycopg.conninfo import make_conninfo

from redaptive.infrastructure.database.bootstrap import DATABASE
from redaptive.infrastructure.messaging.batches import ReadingBatch

CADENCE_S = 900
START_S = 1_772_668_800
"""2026-03-05 00:00 UTC; New York changes its clock on 8 March."""
ZONE = "America/New_York"
CAP_WH = 50_000
METERS_PER_GATEWAY = 25


@dataclass(frozen=True)
class StreamFleet:
    """Meters of one tenant, with a gateway for every 25 of them."""

    tenant_id: UUID
    meters: np.ndarray
    gateways: tuple[int, ...]

    def of_gateway(self, k: int) -> np.ndarray:
        """Meters behind the k-th gateway."""
        return self.meters[k * METERS_PER_GATEWAY : (k + 1) * METERS_PER_GATEWAY]


def make_fleet(superuser_url: str, numbers: Sequence[int], cadence_s: int = CADENCE_S) -> StreamFleet:
    """Meters with exactly these numbers, in one building; row security does not hold for a superuser."""
    tenant, customer, site, building = (uuid4() for _ in range(4))
    with psycopg.connect(make_conninfo(superuser_url, dbname=DATABASE)) as connection:
        connection.execute("INSERT INTO tenants (id, name) VALUES (%s, %s)", (tenant, f"stream-{tenant}"))
        connection.execute("INSERT INTO customers VALUES (%s, %s, 'c', 'C', 'retail')", (tenant, customer))
        connection.execute(
            "INSERT INTO sites (tenant_id, id, code, name, customer_id, timezone, country, state)"
            " VALUES (%s, %s, 's', 'S', %s, %s, 'US', 'NY')",
            (tenant, site, customer, ZONE),
        )
        connection.execute(
            "INSERT INTO buildings (tenant_id, id, code, name, site_id, building_type, parking_area_ft2, systems)"
            " VALUES (%s, %s, 'b', 'B', %s, 'office', 0, '{}')",
            (tenant, building, site),
        )
        connection.execute(
            "INSERT INTO meters (tenant_id, meter_no, code, building_id, commodity, role, interval_s, multiplier)"
            " OVERRIDING SYSTEM VALUE SELECT %s, n, 'm' || n, %s, 'electricity', 'main', %s, 1"
            " FROM unnest(%s::integer[]) AS n",
            (tenant, building, cadence_s, list(map(int, numbers))),
        )
        connection.execute(
            "INSERT INTO meter_stream (tenant_id, meter_id, cap_wh) SELECT tenant_id, id, %s FROM meters"
            " WHERE tenant_id = %s",
            (CAP_WH, tenant),
        )
        rows = connection.execute(
            "INSERT INTO gateways (tenant_id, code, protocol) SELECT %s, 'g' || n, 'mqtt'"
            " FROM generate_series(1, %s) AS n RETURNING gateway_no",
            (tenant, -(-len(numbers) // METERS_PER_GATEWAY)),
        ).fetchall()
    return StreamFleet(tenant, np.array(sorted(numbers), np.int32), tuple(sorted(row[0] for row in rows)))


def batch_of(
    meters: np.ndarray, start_s: np.ndarray, value: np.ndarray, *, gateway: int, sequence: int, received_s: float
) -> ReadingBatch:
    """A batch with plain flags and no temperatures."""
    n = len(meters)
    return ReadingBatch(
        gateway=gateway,
        sequence=sequence,
        received_us=int(received_s * 1e6),
        trace_id="",
        meter=np.asarray(meters, np.int32),
        start_s=np.asarray(start_s, np.int64),
        value=np.asarray(value, np.int64),
        flags=np.zeros(n, np.uint8),
        temperature_dc=np.full(n, -32768, np.int16),
    )


def golden_stream(fleet: StreamFleet, intervals: int, seed: int) -> list[ReadingBatch]:
    """Batches in the order of sending: resent, late, far future, impossible, unknown, misaligned, lost; with faults."""
    rng = np.random.default_rng(seed)
    sent: list[ReadingBatch] = []
    held: list[tuple[int, int, int, int]] = []
    sequence = dict.fromkeys(fleet.gateways, 0)
    for step in range(intervals):
        start = START_S + step * CADENCE_S
        for k, gateway in enumerate(fleet.gateways):
            if _is_lost(k, step):
                continue
            meters = fleet.of_gateway(k).copy()
            values = _load(meters, step, rng)
            starts = np.full(len(meters), start)
            keep = np.ones(len(meters), bool)
            _make_dirty(meters, starts, values, keep, held, k, step, rng)
            late = [row for row in held if row[0] == k and row[1] <= step]
            held[:] = [row for row in held if row not in late]
            meters = np.concatenate([meters[keep], [row[2] for row in late]]).astype(np.int32)
            starts = np.concatenate([starts[keep], [START_S + (row[1] - 7) * CADENCE_S for row in late]])
            values = np.concatenate([values[keep], [row[3] for row in late]])
            if len(meters) == 0:
                continue
            sequence[gateway] += 1
            found = batch_of(
                meters, starts, values, gateway=gateway, sequence=sequence[gateway], received_s=start + CADENCE_S + 3
            )
            sent.append(found)
            if rng.random() < 0.05:
                sent.append(replace(sent[-1], received_us=found.received_us + 5_000_000))
    return sent


def _is_lost(gateway: int, step: int) -> bool:
    return gateway == 1 and 40 <= step < 60


def _load(meters: np.ndarray, step: int, rng: np.random.Generator) -> np.ndarray:
    hour = step * CADENCE_S / 3600 % 24
    shape = 0.4 + 0.6 * np.exp(-(((hour - 18) / 5) ** 2))
    base = 2_000 + 37 * (meters.astype(np.int64) % 101)
    return np.round(base * shape * rng.normal(1, 0.04, len(meters))).astype(np.int64)


def _make_dirty(
    meters: np.ndarray,
    starts: np.ndarray,
    values: np.ndarray,
    keep: np.ndarray,
    held: list[tuple[int, int, int, int]],
    gateway: int,
    step: int,
    rng: np.random.Generator,
) -> None:
    """Change columns in place; rows held back come seven intervals later."""
    dice = rng.random(len(meters))
    starts[dice < 0.002] += 86_400 * 30
    values[(dice >= 0.002) & (dice < 0.006)] = CAP_WH * 3
    values[(dice >= 0.006) & (dice < 0.008)] = -5
    starts[(dice >= 0.008) & (dice < 0.010)] += 17
    for row in np.flatnonzero((dice >= 0.010) & (dice < 0.020)).tolist():
        held.append((gateway, step + 7, int(meters[row]), int(values[row])))
        keep[row] = False
    values[(dice >= 0.020) & (dice < 0.022)] *= 6
    if step % 50 == 9:
        meters_unknown = meters.copy()
        meters_unknown[0] = 900_000 + gateway
        meters[:] = meters_unknown
    if step >= 30:
        values[meters % 97 == 5] = 1_234
