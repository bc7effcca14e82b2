"""`redaptive ingest`: takes readings over MQTT, HTTP and the drop folder until it is stopped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import anyio
import numpy as np
import polars as pl
import typer
import uvicorn
from anyio import to_thread

from redaptive.app import App
from redaptive.cli.dropped_rows import for_a_folder, unreadable_rows
from redaptive.cli.ingest_addresses import http_told, mqtt_told
from redaptive.cli.output import say
from redaptive.cli.ports import require_free_port
from redaptive.cli.session import with_app
from redaptive.documents.declared_registers import read_declared
from redaptive.documents.options import ReadingsOptions
from redaptive.documents.results import ReadingsFile
from redaptive.domain.portfolio.records import Commodity
from redaptive.errors import InvalidInput
from redaptive.infrastructure.messaging.batches import MAX_READINGS
from redaptive.settings import Settings
from redaptive.streams.ingest.drop import DropFolder, DroppedFile
from redaptive.streams.ingest.http import ingest_app
from redaptive.streams.ingest.messages import Columns, Message, Refusal
from redaptive.streams.ingest.requeue import run_requeue
from redaptive.streams.ingest.service import Gate, broker_url, open_gate, open_mqtt


def ingest(
    mqtt: Annotated[bool, typer.Option(help="Take readings from the MQTT broker.")] = True,
    http: Annotated[bool, typer.Option(help="Take readings over HTTP.")] = True,
    drop: Annotated[bool, typer.Option(help="Take files of the drop folder.")] = True,
) -> None:
    """Take readings over MQTT, HTTP and the drop folder into the log until Ctrl-C; nothing is acknowledged before."""

    async def run(running: App) -> None:
        await serve_ingest(running, mqtt=mqtt, http=http, drop=drop)

    with_app(run)


async def serve_ingest(running: App, *, mqtt: bool = True, http: bool = True, drop: bool = True) -> None:
    """Serve the chosen sources until cancelled; starts the embedded broker where none is configured."""
    settings = running.settings
    if http:
        require_free_port(settings.ingest_port, "REDAPTIVE_INGEST_PORT", settings.ingest_host)
    async with AsyncExitStack() as stack:
        gate = await stack.enter_async_context(
            open_gate(settings, worker_url=running.urls.worker, log_url=running.endpoints.log.url)
        )
        tasks = await stack.enter_async_context(anyio.create_task_group())
        tasks.start_soon(run_requeue, gate.admission, gate.refusals)
        tasks.start_soon(gate.seen.run)
        tasks.start_soon(gate.gaps.run)
        if mqtt:
            url = await _entered_in_thread(stack, settings)
            feed = await stack.enter_async_context(open_mqtt(gate, url, own=settings.mqtt_url is None))
            tasks.start_soon(feed.run)
            say(f"MQTT 3.1.1: {mqtt_told(settings, url)}; topics redaptive/<tenant>/<gateway>/readings")
        if drop:
            folder = settings.drop_folder or settings.home / "drop"
            tasks.start_soon(DropFolder(folder, settings.tenant, gate.admission, read_dropped).run)
            say(f"Files: {folder} (tenant {settings.tenant}), {folder}/<tenant>")
        if http:
            say(f"HTTP: {http_told(settings)}")
            tasks.start_soon(_serve_http, gate, settings)
        say("Ctrl-C stops.")
        await anyio.sleep_forever()


async def _entered_in_thread(stack: AsyncExitStack, settings: Settings) -> str:
    """The broker's URL; it is started and stopped on a thread, because both wait."""
    broker = broker_url(settings, say)
    url = await to_thread.run_sync(broker.__enter__)
    stack.push_async_callback(to_thread.run_sync, broker.__exit__, None, None, None)
    return url


async def _serve_http(gate: Gate, settings: Settings) -> None:
    app = ingest_app(gate.admission, gate.tokens)
    host, port = settings.ingest_host, settings.ingest_port
    config = uvicorn.Config(app, host=host, port=port, log_config=None, access_log=False)
    await uvicorn.Server(config).serve()


def read_dropped(path: Path, intervals: Mapping[str, int]) -> DroppedFile:
    """A file as the importers read it: CSV of any layout, Parquet or Green Button.

    `intervals` in seconds are those of meters of which the file has a single reading.
    """
    try:
        found = read_declared(path, ReadingsOptions(known_intervals=intervals, with_rows=True))
    except InvalidInput as error:
        raise InvalidInput(error.message, field=error.field, fix=for_a_folder(error.fix or "")) from error
    finer, told = _of_other_interval(found, intervals)
    units = {hint.code: "L" if hint.commodity is Commodity.WATER else "Wh" for hint in found.meters}
    assumed = (*map(for_a_folder, found.summary.assumptions), *told)
    refused = (*finer.values(), *unreadable_rows(found))
    return DroppedFile(_parts(found, path.name, units, list(finer)), refused, assumed)


def _of_other_interval(found: ReadingsFile, registered: Mapping[str, int]) -> tuple[dict[str, Refusal], list[str]]:
    """Meters with finer readings than they are registered with, which would be stored as too little; coarser ones."""
    finer: dict[str, Refusal] = {}
    coarser: list[str] = []
    for hint in found.meters:
        every_s = registered.get(hint.code, hint.interval_s)
        said = f"{hint.code} has readings every {hint.interval_s} s here and is registered with {every_s} s"
        if hint.interval_s < every_s:
            fix = "Correct its interval with `redaptive import meters`, and drop the file again."
            detail = f"{found.rejected.file}: {said}. {fix}"
            finer[hint.code] = Refusal(-1 - len(finer), "wrong_interval", "timestamp", detail, hint.code)
        elif hint.interval_s > every_s:
            coarser.append(f"{said}: each was taken for one interval.")
    return finer, coarser


def _parts(found: ReadingsFile, name: str, units: dict[str, str], without: Sequence[str] = ()) -> Iterator[Message]:
    with found:
        for frame in found.batches():
            for part in frame.filter(~pl.col("meter_code").is_in(without)).iter_slices(MAX_READINGS):
                yield Message(_columns(part, units), source=name, lines=part["row"].to_numpy())


def _columns(part: pl.DataFrame, units: dict[str, str]) -> Columns:
    codes = part["meter_code"].unique(maintain_order=True).to_list()
    place = {code: number for number, code in enumerate(codes)}
    code_of = np.array([place[code] for code in part["meter_code"]], np.intp)
    names = ("Wh", "L")
    unit_of_code = np.array([names.index(units.get(code, "Wh")) for code in codes], np.intp)
    return Columns(
        codes,
        code_of,
        part["ts"].dt.epoch("s").to_numpy().astype(np.int64),
        part["value"].to_numpy().astype(np.float64),
        names,
        unit_of_code[code_of],
        np.zeros(len(part), np.uint8),
        np.arange(len(part)),
    )
