"""HTTP, files, refused rows and outages, on real servers."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import psycopg
import pyarrow as pa
import pytest
from tests.integration.ingest_fleet import START, Fleet, batch, run

from redaptive.cli.ingest import read_dropped
from redaptive.domain.portfolio.records import Commodity, Meter
from redaptive.errors import Exhausted, InvalidInput, NotFound, Unavailable
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.portfolio_store import PortfolioStore
from redaptive.infrastructure.database.stores.tenant_store import TenantStore
from redaptive.infrastructure.messaging.redis_streams import ReadingLog
from redaptive.settings import Settings
from redaptive.streams.ingest.admission import Admission, Submission
from redaptive.streams.ingest.dead_letters import DeadLetter, dead_letters, resend_dead
from redaptive.streams.ingest.directory import AGAIN_AFTER_S
from redaptive.streams.ingest.drop import DropFolder, DroppedFile
from redaptive.streams.ingest.http import MAX_BODY_BYTES, ingest_app
from redaptive.streams.ingest.json_batches import decode_json
from redaptive.streams.ingest.refused import RefusedFilter, refused_counts, refused_rows, require_seen, resend
from redaptive.streams.ingest.registration import attach_meters, list_gateways, register_gateway, require_meters
from redaptive.streams.ingest.requeue import requeue
from redaptive.streams.ingest.service import open_gate

JSON = {"Content-Type": "application/json"}


def sent(f: Fleet, payload: bytes, gateway: str = "gw") -> Submission:
    return Submission(f.tenant, gateway, "test", decode_json(payload), payload, START * 1_000_000)


async def client(f: Fleet) -> tuple[httpx2.AsyncClient, str]:
    gateway = await register_gateway(f.pools, f.tenant_id, "gw", "http")
    transport = httpx2.ASGITransport(app=ingest_app(f.gate.admission, f.gate.tokens))
    return httpx2.AsyncClient(transport=transport, base_url="http://ingest"), gateway.token


def test_http_takes_each_format_and_says_why_rows_are_refused(servers: Settings) -> None:
    async def test(f: Fleet) -> None:
        http, token = await client(f)
        bearer = {"Authorization": f"Bearer {token}"}
        table = pa.table(
            {"meter": ["E-1", "W-1"], "start": [START + 1800, START], "value": [3.0, 4.0], "unit": ["kWh", "L"]}
        )
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        bodies = {
            "application/json": batch(1, [("E-1", START, 1), ("NEW", START, 1), ("E-1", START, "x")]),
            "application/x-ndjson": b'{"meter":"E-1","start":1767226500,"value":2}\n',
            "text/csv; charset=utf-8": b"meter,start,value,unit\nE-2,1767225600,1,kWh\nE-1,never,1,kWh\n",
            "application/vnd.apache.arrow.stream": sink.getvalue().to_pybytes(),
            "application/senml+json": json.dumps([{"n": "G-1", "t": START, "u": "therm", "v": 1}]).encode(),
        }
        answers = {
            kind: await http.post("/v1/readings", content=body, headers={**bearer, "Content-Type": kind})
            for kind, body in bodies.items()
        }
        assert {kind: a.status_code for kind, a in answers.items()} == dict.fromkeys(bodies, 202)
        assert answers["application/json"].json() == {
            "accepted": 1,
            "duplicate": 0,
            "late": 0,
            "rejected": 2,
            "rejections": [
                {"row": 2, "reason": "not_a_number", "field": "value", "detail": "The value 'x' is not a number."},
                {"row": 1, "reason": "unknown_meter", "field": "meter", "detail": "No meter NEW is registered."},
            ],
        }
        assert [r["row"] for r in answers["text/csv; charset=utf-8"].json()["rejections"]] == [1]
        assert await f.readings("gw") == [
            ("E-1", START, 1000), ("E-1", START + 900, 2000), ("E-1", START + 1800, 3000), ("E-2", START, 40_000),
            ("G-1", START, 29_307), ("W-1", START, 4),
        ]  # fmt: skip
        assert sorted((r["reason"], r["row_no"]) for r in await f.refused()) == [
            ("bad_time", 1), ("not_a_number", 2), ("unknown_meter", 1),
        ]  # fmt: skip

    run(servers, test)


def test_http_answers_a_repeated_request_without_taking_it_again(servers: Settings) -> None:
    async def test(f: Fleet) -> None:
        http, token = await client(f)
        headers = {**JSON, "Authorization": f"Bearer {token}", "Idempotency-Key": "k"}
        body = batch(-1, [("E-1", START, 1)])
        first, second = [await http.post("/v1/readings", content=body, headers=headers) for _ in range(2)]
        assert (first.json()["accepted"], second.json()["accepted"], second.json()["duplicate"]) == (1, 0, 1)
        older = batch(-1, [("E-1", START - 900, 2), ("E-1", START + 900, 3)])
        late = await http.post("/v1/readings", content=older, headers={**headers, "Idempotency-Key": "l"})
        assert (late.json()["accepted"], late.json()["late"]) == (2, 1)
        other = await http.post("/v1/readings", content=batch(-1, [("E-1", START, 2)]), headers=headers)
        assert (other.status_code, other.json()["field"]) == (422, "Idempotency-Key")
        assert len(await f.readings("gw")) == 3

    run(servers, test)


def test_http_problems(servers: Settings) -> None:
    async def test(f: Fleet) -> None:
        http, token = await client(f)
        good = {**JSON, "Authorization": f"Bearer {token}"}

        async def status(content: bytes, headers: dict[str, str], method: str = "POST") -> tuple[int, Any]:
            answer = await http.request(method, "/v1/readings", content=content, headers=headers)
            assert answer.headers["content-type"] == "application/problem+json"
            return answer.status_code, answer.json()

        for wrong in ("", "Bearer ", "Bearer 1.x", f"Bearer {token}x", "Bearer x.y", f"Basic {token}"):
            assert (await status(b"{}", {**JSON, "Authorization": wrong}))[0] == 401
        assert (await status(b"{}", {**good, "Content-Type": "text/plain"}))[0] == 415
        assert (await status(b"{}", {**good, "Content-Encoding": "br"}))[0] == 415
        assert (await status(b" " * (MAX_BODY_BYTES + 1), good))[0] == 413
        assert (await status(b"", good, "GET"))[0] == 405
        code, found = await status(b"{", good)
        assert (code, found["reason"]) == (422, "not_json")
        renewed = await register_gateway(f.pools, f.tenant_id, "gw", "http")
        assert renewed.token != token

    run(servers, test)


def full(f: Fleet) -> Admission:
    """An admission whose log has a bound that is used up."""
    client = f.gate.log._client
    tiny = ReadingLog(client, partitions=f.gate.log.partitions, memory_bound_bytes=1, retention_h=1.0)
    return Admission(f.gate.directory, f.gate.admission._temperatures, f.gate.refusals, f.gate.admission._gaps, tiny)


def test_a_full_log_is_429_with_the_time_to_wait_and_keeps_nothing(servers: Settings) -> None:
    async def test(f: Fleet) -> None:
        await f.gate.admission.admit([sent(f, batch(1, [("E-1", START, 1)]))])  # so that something is in the log
        gateway = await register_gateway(f.pools, f.tenant_id, "gw", "http")
        http = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=ingest_app(full(f), f.gate.tokens)), base_url="http://ingest"
        )
        headers = {**JSON, "Authorization": f"Bearer {gateway.token}"}
        answer = await http.post("/v1/readings", content=batch(2, [("E-1", START, 1)]), headers=headers)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
        with pytest.raises(Exhausted):
            await full(f).admit([sent(f, batch(2, [("E-1", START, 1)]))])
        assert len(await f.readings("gw")) == 1

    run(servers, test)


def test_database_away_acknowledges_nothing_and_the_next_attempt_takes_it(servers: Settings) -> None:
    """Good rows are in the log, refused ones could not be kept: the message must come again, whole."""

    async def test(f: Fleet) -> None:
        payload = batch(1, [("E-1", START, 1), ("NEW", START, 2)])
        record, failures = f.gate.refusals.record, iter([Unavailable("The database does not answer.")])

        async def failing(batches: Any) -> None:
            for error in failures:
                raise error
            await record(batches)

        f.gate.refusals.record = failing  # type: ignore[method-assign]
        with pytest.raises(Unavailable):
            await f.gate.admission.admit([sent(f, payload)])
        (receipt,) = await f.gate.admission.admit([sent(f, payload)])
        assert (receipt.accepted, receipt.duplicate, len(receipt.refused)) == (1, 0, 1)
        assert [b.sequence for b in await f.batches("gw")] == [1, 1]  # the owner drops the second by its number
        assert [r["meter_code"] for r in await f.refused()] == ["NEW"]

    run(servers, test)


def test_readings_of_a_meter_that_is_registered_later_are_taken_then(servers: Settings) -> None:
    async def test(f: Fleet) -> None:
        rows = [("LATER", START, 1.5), ("E-1", START, 1), ("LATER", START + 900, 2)]
        payload = batch(1, rows)
        await f.gate.admission.admit([sent(f, payload)])
        await f.gate.admission.admit([replace(sent(f, payload), gateway="other")])
        assert await requeue(f.gate.admission, f.gate.refusals) == 0
        store = PortfolioStore(f.pools, f.tenant_id)
        await store.upsert_meters([Meter("LATER", "B", Commodity.ELECTRICITY, interval_s=900)])
        f.gate.directory._missed.clear()
        assert await requeue(f.gate.admission, f.gate.refusals) == 4
        assert await requeue(f.gate.admission, f.gate.refusals) == 0
        late = [b for b in await f.batches("gw") if b.sequence == -1]
        assert sorted(value for b in late for value in b.value.tolist()) == [1500, 2000]
        assert {flag for b in late for flag in b.flags.tolist()} == {4}
        assert all(r["requeued_at"] is not None for r in await f.refused())

    run(servers, test)


def test_what_belongs_to_no_tenant_is_buried_whole(servers: Settings) -> None:
    async def test(f: Fleet) -> None:
        payload = batch(1, [("E-1", START, 1)], note=uuid4().hex)
        for _ in range(2):
            (receipt,) = await f.gate.admission.admit([replace(sent(f, payload), tenant="nobody-here")])
            assert [r.reason for r in receipt.refused] == ["unknown_tenant"]
        with psycopg.connect(f.worker_url) as connection:
            found = connection.execute("SELECT body FROM dead_letter WHERE body = %s", (payload,)).fetchall()
        assert len(found) == 1

    run(servers, test)


def test_http_takes_gzip_and_no_bombs(servers: Settings) -> None:
    async def test(f: Fleet) -> None:
        http, token = await client(f)
        headers = {**JSON, "Authorization": f"Bearer {token}", "Content-Encoding": "gzip"}
        good = gzip.compress(batch(-1, [("E-1", START, 1)]))
        bodies = (good, good[:-9], b"{}", gzip.compress(bytes(MAX_BODY_BYTES + 1)))
        answers = [await http.post("/v1/readings", content=body, headers=headers) for body in bodies]
        assert [a.status_code for a in answers] == [202, 422, 422, 413]
        assert [a.json()["reason"] for a in answers[1:3]] == ["not_gzip"] * 2
        other = await http.post("/v1/readings", content=good, headers={**headers, "Content-Encoding": "br"})
        assert (other.status_code, "gzip" in other.json()["detail"]) == (415, True)
        assert await f.readings("gw") == [("E-1", START, 1000)]

    run(servers, test)


def test_refused_rows_are_found_and_sent_again_once_their_cause_is_mended(servers: Settings) -> None:
    async def test(f: Fleet) -> None:
        rows = [("E-1", START, 1, "kgal"), ("E-1", START + 900, "x", "kWh"), ("E-2", START, 2, "ly")]
        fields = ("meter", "start", "value", "unit")
        body = json.dumps({"readings": [dict(zip(fields, row, strict=True)) for row in rows]}).encode()
        await f.gate.admission.admit([sent(f, body)])
        assert await refused_counts(f.pools, f.tenant_id, RefusedFilter()) == {"not_a_number": 1, "wrong_unit": 2}
        (row,) = await refused_rows(f.pools, f.tenant_id, RefusedFilter(reason="wrong_unit", meter="E-1"))
        assert (row.gateway, row.row, row.detail) == ("gw", 0, "Unit kgal cannot be used for electricity.")
        again = await resend(f.gate.admission, f.gate.refusals, f.tenant_id, f.tenant, [row], unit="kWh")
        assert (again.rows, again.accepted, again.refused, again.unusable) == (1, 1, 0, 0)
        assert await f.readings("gw") == [("E-1", START, 1000)]
        rest = await refused_rows(f.pools, f.tenant_id, RefusedFilter(gateway="gw"))
        assert [r.row for r in rest] == [1, 2]
        # Nothing is mended: they are refused once more, and wait with the reason of this time.
        again = await resend(f.gate.admission, f.gate.refusals, f.tenant_id, f.tenant, rest)
        assert (again.accepted, again.refused) == (0, 2)
        assert await refused_counts(f.pools, f.tenant_id, RefusedFilter()) == {"not_a_number": 1, "wrong_unit": 1}
        await f.gate.admission.admit([sent(f, b"{", "other")])
        whole = await refused_rows(f.pools, f.tenant_id, RefusedFilter(reason="not_json"))
        assert (await resend(f.gate.admission, f.gate.refusals, f.tenant_id, f.tenant, whole)).unusable == 1
        assert await refused_rows(f.pools, f.tenant_id, RefusedFilter(reason="not_json")) == whole
        # A reason that never occurred is told from one of which nothing waits any more.
        await require_seen(f.pools, f.tenant_id, "wrong_unit")
        with pytest.raises(NotFound, match="ever refused as 'nosuch'") as unknown:
            await require_seen(f.pools, f.tenant_id, "nosuch")
        assert unknown.value.fix == "There were: not_a_number, not_json, wrong_unit."

    run(servers, test)


def test_names_that_no_gateway_can_have_are_dead_letters(servers: Settings) -> None:
    async def test(f: Fleet) -> None:
        payload = batch(1, [("E-1", START, 1)])
        names = ("", "x" * 101, " gw")
        receipts = await f.gate.admission.admit([sent(f, payload, name) for name in names])
        assert [r.refused[0].reason for r in receipts] == ["bad_gateway"] * 3
        async with ConnectionPoolManager(f.worker_url, min_size=1, max_size=2) as worker:
            kept = [x.detail for x in await dead_letters(worker, 1000) if f.tenant in x.detail]
        assert sorted(kept) == sorted(f"test {f.tenant}/{name}" for name in names)

    run(servers, test)


def test_dead_letters_of_a_tenant_that_exists_by_now_are_sent_again(servers: Settings) -> None:
    async def test(f: Fleet) -> None:
        name, payload = f"new-{uuid4().hex[:8]}", batch(7, [("E-1", START, 1)])
        await f.gate.admission.admit([Submission(name, "gw", "mqtt", decode_json(payload), payload, START * 1_000_000)])
        async with ConnectionPoolManager(f.worker_url, min_size=1, max_size=2) as worker:

            async def mine() -> list[DeadLetter]:
                return [x for x in await dead_letters(worker, 1000) if name in x.detail]

            (letter,) = await mine()
            assert (letter.reason, letter.detail) == ("unknown_tenant", f"mqtt {name}/gw")
            assert await resend_dead(f.gate.admission, worker, [letter]) == 0
            tenant = await TenantStore(f.pools).ensure(name)
            await asyncio.sleep(AGAIN_AFTER_S)  # so long it is taken to be unknown
            assert await resend_dead(f.gate.admission, worker, [letter]) == 1
            assert await mine() == []
        (row,) = await refused_rows(f.pools, tenant, RefusedFilter())
        assert (row.reason, row.meter) == ("unknown_meter", "E-1")  # it has no meter yet; that one waits there

    run(servers, test)


def files_of(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_files_are_taken_when_they_are_whole_and_moved_with_a_note(servers: Settings, tmp_path: Path) -> None:
    async def test(f: Fleet) -> None:
        folder = DropFolder(tmp_path, f.tenant, f.gate.admission, read_dropped, settled_s=0.0)
        good = "meter,timestamp,value,unit\n" + "".join(
            f"E-1,2026-01-01T{h:02}:00:00Z,{h + 1},kWh\n" for h in range(24)
        )
        (tmp_path / "good.csv").write_text(good + "E-1,2026-01-02T00:00:00Z,oops,kWh\nNEW,2026-01-01T00:00:00Z,1,kWh\n")
        (tmp_path / "bad.csv").write_text("nothing of use\n1\n")
        (tmp_path / ".hidden.csv").write_text(good)
        (tmp_path / f.tenant).mkdir()
        water = "".join(f"W-1,2026-01-01T0{h}:00:00Z,1,kgal\n" for h in range(2))
        (tmp_path / f.tenant / "water.csv").write_text("meter,timestamp,value,unit\n" + water)
        assert await folder.look() == 0  # they might still be growing
        (tmp_path / "bad.csv").write_text("nothing of use, and more of it\n1\n")
        assert await folder.look() == 2
        assert await folder.look() == 1
        assert [value for _, _, value in await f.readings("drop")] == [1000 * (h + 1) for h in range(24)] + [3785] * 2
        names = files_of(tmp_path)
        assert names == [
            ".hidden.csv", "done/good.csv", "done/good.csv.reason.txt", f"done/{f.tenant}/water.csv",
            f"done/{f.tenant}/water.csv.reason.txt", "rejected/bad.csv", "rejected/bad.csv.reason.txt",
        ]  # fmt: skip
        assert "24 readings taken, 2 rows refused" in (tmp_path / "done/good.csv.reason.txt").read_text()
        assert (tmp_path / "rejected/bad.csv.reason.txt").read_text().startswith("invalid:")
        assert {r["reason"] for r in await f.refused()} == {"unreadable_row", "unknown_meter"}

    run(servers, test)


def test_files_of_one_interval_and_files_of_one_name(servers: Settings, tmp_path: Path) -> None:
    async def test(f: Fleet) -> None:
        folder = DropFolder(tmp_path, f.tenant, f.gate.admission, read_dropped, settled_s=0.0)

        async def drop(name: str, text: str) -> None:
            (tmp_path / name).write_text(f"meter,timestamp,value,unit\n{text}")
            await folder.look()
            assert await folder.look() == 1

        # One reading of each meter: 4 kW over a quarter of an hour and over an hour, as the meters are known to report.
        await drop(
            "now.csv", "E-1,2026-01-01T00:00:00Z,4,kW\nG-1,2026-01-01T00:00:00Z,4,kW\nX,2026-01-01T00:00:00Z,4,kW\n"
        )
        assert await f.readings("drop") == [("E-1", START, 1000), ("G-1", START, 4000)]
        assert "UTC" not in (tmp_path / "done/now.csv.reason.txt").read_text()
        assert [r["detail"][:47] for r in await f.refused()] == ["now.csv line 4: The meter has a single reading,"]
        # The same name and size again: its refused rows are kept too.
        for word in ("abc", "xyz"):
            await drop("b.csv", f"E-1,2026-01-02 00:00:00,1,kWh\nE-1,2026-01-02 00:15:00,{word},kWh\n")
        assert [r["detail"][:19] for r in await f.refused()][1:] == ["b.csv line 3: 'abc'", "b.csv line 3: 'xyz'"]
        assert "without an offset are UTC" in (tmp_path / "done/b.csv.reason.txt").read_text()

    run(servers, test)


def test_a_file_that_cannot_be_read_now_waits_and_one_that_grows_is_read_again(
    servers: Settings, tmp_path: Path
) -> None:
    async def test(f: Fleet) -> None:
        path, failures = tmp_path / "a.csv", [PermissionError("locked"), KeyError("of ours")]

        def read(path: Path, intervals: Mapping[str, int]) -> DroppedFile:
            if failures:
                raise failures.pop(0)
            found = read_dropped(path, intervals)
            if grows:
                path.write_text(path.read_text() + grows.pop())
            return found

        grows = ["E-1,2026-01-01T00:30:00Z,3,kWh\n"]
        path.write_text("meter,timestamp,value,unit\nE-1,2026-01-01T00:00:00Z,1,kWh\nE-1,2026-01-01T00:15:00Z,2,kWh\n")
        folder = DropFolder(tmp_path, f.tenant, f.gate.admission, read, settled_s=0.0)
        assert [await folder.look() for _ in range(2)] == [0, 0]
        assert path.exists()  # it is locked
        assert await folder.look() == 1
        note = (tmp_path / "rejected/a.csv.reason.txt").read_text()
        assert note.startswith("internal: reading the file failed (KeyError)")
        (tmp_path / "rejected/a.csv").rename(path)
        assert [await folder.look() for _ in range(4)] == [0, 0, 0, 1]
        assert sorted({(start - START) // 900 for _, start, _ in await f.readings("drop")}) == [0, 1, 2]
        assert (tmp_path / "done/a.csv").read_text().count("\n") == 4

    run(servers, test)


def test_a_copy_that_pauses_is_taken_whole_and_a_link_is_rejected(servers: Settings, tmp_path: Path) -> None:
    async def test(f: Fleet) -> None:
        secret, drop = tmp_path / "secret", tmp_path / "drop"
        drop.mkdir()
        secret.write_text("root of all,evil\n1,2\n")
        (drop / "link.csv").symlink_to(secret)
        folder = DropFolder(drop, f.tenant, f.gate.admission, read_dropped, settled_s=0.3)
        path, rows = drop / "a.csv", ["E-1,2026-01-01T00:00:00Z,1,kWh\n", "E-1,2026-01-01T00:15:00Z,2,kWh\n"]
        path.write_text("meter,timestamp,value,unit\n" + rows[0])
        assert [await folder.look() for _ in range(3)] == [0, 0, 0]  # the copy pauses
        path.write_text(path.read_text() + rows[1])
        assert [await folder.look() for _ in range(3)] == [0, 0, 0]
        await asyncio.sleep(0.35)
        assert await folder.look() == 2
        assert [value for _, _, value in await f.readings("drop")] == [1000, 2000]
        note = (drop / "rejected/link.csv.reason.txt").read_text()
        assert "It is a link" in note
        assert "evil" not in note
        assert secret.exists()

    run(servers, test)


def test_a_gateway_that_sends_is_seen(servers: Settings) -> None:
    async def test(f: Fleet) -> None:
        await register_gateway(f.pools, f.tenant_id, "gw", "mqtt")
        for sequence in (4, 5):
            await f.gate.admission.admit([sent(f, batch(sequence, [("E-1", START, 1)]))])
        await f.gate.admission.admit([sent(f, batch(-1, [("E-1", "x", 1)]), "bad"), sent(f, b"{", "worse")])
        assert await f.gate.seen.write() == 3
        assert await f.gate.seen.write() == 0
        rows = {row.code: row for row in await list_gateways(f.pools, f.tenant_id)}
        assert {row.state for row in rows.values()} == {"online"}
        assert {row.last_seen_at for row in rows.values()} == {datetime.fromtimestamp(START, UTC)}
        (known,) = await f.pools.query(
            "SELECT last_sequence AS n FROM gateways WHERE code = 'gw'", tenant_id=f.tenant_id
        )
        assert known["n"] == 5
        # A Sparkplug node says itself whether it is there: what came before its death does not bring it back.
        await f.gate.directory.set_state(f.tenant, "node", "offline")
        await f.gate.admission.admit([sent(f, batch(1, [("E-1", START, 1)]), "node")])
        await f.gate.seen.write()
        rows = {row.code: row for row in await list_gateways(f.pools, f.tenant_id)}
        assert (rows["node"].state, rows["node"].last_seen_at) == ("offline", datetime.fromtimestamp(START, UTC))
        with pytest.raises(NotFound, match=r"no meter NOPE"):
            await require_meters(f.pools, f.tenant_id, ["E-1", "NOPE"])

    run(servers, test)


def test_gateways_are_registered_listed_and_given_meters(servers: Settings) -> None:
    async def test(f: Fleet) -> None:
        made = await register_gateway(f.pools, f.tenant_id, "roof", "modbus", site="S")
        assert await attach_meters(f.pools, f.tenant_id, "roof", ["E-1", "E-2", "NONE"]) == 2
        (row,) = await list_gateways(f.pools, f.tenant_id)
        assert (row.code, row.gateway_no, row.protocol, row.site, row.meters) == ("roof", made.number, "modbus", "S", 2)
        with pytest.raises(NotFound):
            await register_gateway(f.pools, f.tenant_id, "roof", "modbus", site="NOWHERE")
        with pytest.raises(InvalidInput):
            await register_gateway(f.pools, f.tenant_id, "a/b", "modbus")

    run(servers, test)


def test_senders_that_come_at_once_after_a_start_are_all_known(servers: Settings) -> None:
    """Each first message asks who the tenant is; none may be told that there is none because another asks already."""

    async def test(f: Fleet) -> None:
        async with open_gate(servers, worker_url=f.worker_url, log_url=f.log_url) as fresh:
            messages = [batch(1, [("E-1", START + 900 * k, 1)]) for k in range(12)]
            answers = await asyncio.gather(
                *(fresh.admission.admit([sent(f, body, f"at-once-{k}")]) for k, body in enumerate(messages))
            )
        assert [(receipt.accepted, receipt.refused) for (receipt,) in answers] == [(1, ())] * 12

    run(servers, test)


def test_a_database_that_did_not_answer_has_not_said_that_there_is_no_tenant(servers: Settings) -> None:
    async def test(f: Fleet) -> None:
        async with open_gate(servers, worker_url=f.worker_url, log_url=f.log_url) as fresh:
            query = fresh.directory._pools.query
            payload = batch(1, [("E-1", START, 1)])

            async def away(*_: Any, **__: Any) -> list[dict[str, Any]]:
                raise Unavailable("The database is away.")

            fresh.directory._pools.query = away  # type: ignore[method-assign]
            for _ in range(2):
                with pytest.raises(Unavailable):
                    await fresh.admission.admit([sent(f, payload)])
            fresh.directory._pools.query = query  # type: ignore[method-assign]
            (receipt,) = await fresh.admission.admit([sent(f, payload)])
        assert (receipt.accepted, receipt.refused) == (1, ())

    run(servers, test)
