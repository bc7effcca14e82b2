"""Gateways that send over HTTP, each its messages in order: the next one when the last is acknowledged, until it is."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence

import anyio
import httpx2
import psycopg
from psycopg.conninfo import make_conninfo
from tests.integration.stream_fleet import CADENCE_S, CAP_WH, StreamFleet

from redaptive.infrastructure.database.bootstrap import DATABASE
from redaptive.infrastructure.messaging.batches import ReadingBatch
from redaptive.streams.ingest.registration import hash_of

SECRET = "kept between us"
PAUSE_S, AGAIN_S = 0.06, 0.1
Reading = tuple[int, int, int]


def give_secrets(superuser_url: str, fleet: StreamFleet) -> None:
    """Let the fleet's gateways prove who they are."""
    with psycopg.connect(make_conninfo(superuser_url, dbname=DATABASE)) as connection:
        connection.execute(
            "UPDATE gateways SET secret_hash = %s WHERE tenant_id = %s", (hash_of(SECRET), fleet.tenant_id)
        )


class Senders:
    """Sends batches to an ingester that dies; `acknowledged` is what the ingester has promised to keep."""

    def __init__(self, fleet: StreamFleet, batches: Sequence[ReadingBatch], port: int) -> None:
        self.acknowledged: list[ReadingBatch] = []
        self.answers: Counter[str] = Counter()
        self._known = set(fleet.meters.tolist())
        self._url = f"http://127.0.0.1:{port}/v1/readings"
        self._of_gateway: dict[int, list[ReadingBatch]] = defaultdict(list)
        for batch in batches:
            self._of_gateway[batch.gateway].append(batch)

    async def run(self, enough: anyio.Event) -> None:
        """Until everything is sent or it is enough; a message that was begun is finished first."""
        async with httpx2.AsyncClient(timeout=10, trust_env=False) as client, anyio.create_task_group() as group:
            for gateway, batches in self._of_gateway.items():
                group.start_soon(self._send_all, client, gateway, batches, enough)

    async def _send_all(
        self, client: httpx2.AsyncClient, gateway: int, batches: list[ReadingBatch], enough: anyio.Event
    ) -> None:
        for batch in batches:
            if enough.is_set():
                return
            body = _body(batch)
            while await self._status(client, gateway, body) != httpx2.codes.ACCEPTED:  # noqa: ASYNC110 - asks a server
                await anyio.sleep(AGAIN_S)
            self.acknowledged.append(batch)
            await anyio.sleep(PAUSE_S)

    async def _status(self, client: httpx2.AsyncClient, gateway: int, body: bytes) -> int:
        headers = {"Authorization": f"Bearer {gateway}.{SECRET}", "Content-Type": "application/json"}
        try:
            answer = await client.post(self._url, content=body, headers=headers)
        except httpx2.TransportError as error:
            self.answers[type(error).__name__] += 1
            return 0
        self.answers[str(answer.status_code)] += 1
        assert answer.status_code in (202, 401, 429, 500, 503), answer.text
        return answer.status_code

    def promised(self) -> set[Reading]:
        """(meter, start, Wh) of all sound readings that were acknowledged."""
        found: set[Reading] = set()
        for batch in self.acknowledged:
            columns = (batch.meter.tolist(), batch.start_s.tolist(), batch.value.tolist())
            found |= {row for row in zip(*columns, strict=True) if row[0] in self._known and _is_sound(row)}
        return found


def without_future(batches: Sequence[ReadingBatch]) -> list[ReadingBatch]:
    """The batches with far-future times set right: an ingester of today would not see that a time of March is ahead."""
    for batch in batches:
        batch.start_s[batch.start_s > batch.received_us // 1_000_000] -= 86_400 * 30
    return list(batches)


def _is_sound(row: Reading) -> bool:
    return row[1] % CADENCE_S == 0 and 0 <= row[2] <= CAP_WH


def _body(batch: ReadingBatch) -> bytes:
    rows = zip(batch.meter.tolist(), batch.start_s.tolist(), batch.value.tolist(), strict=True)
    readings = [{"meter": f"m{meter}", "start": start, "value": value} for meter, start, value in rows]
    return json.dumps({"sequence": batch.sequence, "unit": "Wh", "readings": readings}).encode()
