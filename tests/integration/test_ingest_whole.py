"""Messages that are refused whole over MQTT are kept whole, and go in once their cause is mended."""

from __future__ import annotations

import asyncio
import base64
import json
from uuid import uuid4

from tests.integration.ingest_fleet import START, Fleet, Publisher, batch, fleet, run
from tests.integration.test_ingest_mqtt import serving, until

from redaptive.settings import Settings
from redaptive.streams.ingest.messages import RAW_CHARACTERS
from redaptive.streams.ingest.refused import (
    RefusedFilter,
    RefusedRow,
    SentAgain,
    forget,
    refused_counts,
    refused_rows,
    resend,
    whole_texts,
)
from redaptive.streams.ingest.service import open_mqtt


async def published(f: Fleet, broker: str, *messages: tuple[str, bytes]) -> list[RefusedRow]:
    """What was refused of the messages (last level of the topic, payload)."""
    async with open_mqtt(f.gate, broker, client_id=uuid4().hex) as feed, serving(feed):
        gateway = Publisher(broker, uuid4().hex)
        for word, payload in messages:
            await asyncio.to_thread(gateway.publish, f"redaptive/{f.tenant}/gw/{word}", payload)

        async def taken() -> bool:
            return f.gate.admission.statistics.messages >= len(messages)

        await until(taken, "the messages are taken")
        gateway.close()
    return await refused_rows(f.pools, f.tenant_id, RefusedFilter())


async def sent_again(f: Fleet, rows: list[RefusedRow], unit: str | None = None) -> SentAgain:
    return await resend(f.gate.admission, f.gate.refusals, f.tenant_id, f.tenant, rows, unit=unit)


def test_a_message_of_too_many_readings_is_kept_whole_and_goes_in_parts(servers: Settings, broker: str) -> None:
    async def test(f: Fleet) -> None:
        rows = [("E-1", START + 900 * k, k) for k in range(5_000)]
        payload = batch(3, [*rows, ("NEW", START, 1)])
        (row,) = await published(f, broker, ("readings", payload))
        assert (row.reason, row.row, row.size, len(row.raw)) == ("too_many", -1, len(payload), RAW_CHARACTERS)
        (whole,) = [each async for each in whole_texts(f.pools, f.tenant_id, [row])]
        assert json.loads(whole.raw) == json.loads(payload)
        again = await sent_again(f, [row])
        assert (again.rows, again.accepted, again.refused, again.unusable) == (1, 5_000, 1, 0)
        assert await f.readings("gw") == [(code, start, value * 1000) for code, start, value in rows]
        (left,) = await refused_rows(f.pools, f.tenant_id, RefusedFilter())
        assert (left.meter, left.reason, left.row) == ("NEW", "unknown_meter", 5_000)
        (kept,) = await f.pools.query(
            "SELECT length(raw) AS n FROM refused_reading WHERE reason = 'too_many'", tenant_id=f.tenant_id
        )
        assert kept["n"] == RAW_CHARACTERS  # what is in the log is not kept twice

    run(servers, test)


def test_a_pack_and_a_grid_of_too_many_readings_go_in_parts(servers: Settings, broker: str) -> None:
    async def test(f: Fleet) -> None:
        pack = [{"bn": "E-1", "bt": START, "bu": "kWh"}, *({"t": 900 * k, "v": k} for k in range(5_001))]
        grid = {"meters": ["E-2"], "start": START, "step_s": 900, "values": [[1] * 5_001]}
        found = await published(
            f, broker, ("senml", json.dumps(pack).encode()), ("readings", json.dumps(grid).encode())
        )
        assert [row.reason for row in found] == ["too_many"] * 2
        again = await sent_again(f, found)
        assert (again.accepted, again.refused, again.unusable) == (10_002, 0, 0)
        values = [(code, value) for code, _, value in await f.readings("gw")]
        assert values == [("E-1", 1000 * k) for k in range(5_001)] + [("E-2", 40_000)] * 5_001

    run(servers, test)


def test_a_message_that_nobody_can_read_is_kept_as_it_came_and_stays(servers: Settings, broker: str) -> None:
    async def test(f: Fleet) -> None:
        binary, text = bytes(range(256)) * 40, b'{"readings": [' + b'{"meter": "E-1"}, ' * 1_000
        found = await published(f, broker, ("readings", binary), ("senml", text))
        assert {row.reason for row in found} == {"not_json"}
        raw = {row.raw async for row in whole_texts(f.pools, f.tenant_id, found)}
        head = "data:application/octet-stream;base64,"
        assert raw == {head + base64.b64encode(binary).decode(), text.decode()}
        again = await sent_again(f, found)
        assert (again.accepted, again.refused, again.unusable) == (0, 0, 2)
        assert await refused_rows(f.pools, f.tenant_id, RefusedFilter()) == found

    run(servers, test)


def test_a_row_with_a_long_remark_is_kept_whole_too(servers: Settings, broker: str) -> None:
    async def test(f: Fleet) -> None:
        row = {"meter": "E-1", "start": START, "value": 7, "unit": "ly", "remark": "x" * 3_000}
        found = await published(f, broker, ("readings", json.dumps({"readings": [{**row, "value": "?"}]}).encode()))
        (whole,) = [each async for each in whole_texts(f.pools, f.tenant_id, found)]
        assert json.loads(whole.raw) == {**row, "value": "?"}

    run(servers, test)


def test_what_nobody_will_mend_is_forgotten_and_nothing_else(servers: Settings, broker: str) -> None:
    async def test(f: Fleet) -> None:
        unknown = batch(1, [("NEW", START, 1), ("NEWER", START, 1)])
        await published(f, broker, ("readings", b"{"), ("readings", unknown))
        async with fleet(servers) as other:
            await published(other, broker, ("readings", b"{"))
            assert await forget(f.gate.refusals, f.tenant_id, RefusedFilter(reason="not_json")) == 1
            assert await forget(f.gate.refusals, f.tenant_id, RefusedFilter(meter="NEWER", limit=1)) == 1
            assert await refused_counts(f.pools, f.tenant_id, RefusedFilter()) == {"unknown_meter": 1}
            assert await refused_counts(other.pools, other.tenant_id, RefusedFilter()) == {"not_json": 1}
            assert await forget(f.gate.refusals, f.tenant_id, RefusedFilter()) == 1

    run(servers, test)
