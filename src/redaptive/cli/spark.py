"""`redaptive spark`: the stream worker and re-scoring on Apache Spark, for those who outgrow one machine."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from anyio import to_thread

from redaptive.app import App
from redaptive.cli.baseline_spark import baselines
from redaptive.cli.output import say
from redaptive.cli.session import with_app
from redaptive.domain.intervals import parse_time
from redaptive.errors import InvalidInput
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.streams.fleet import Fleet, load_fleets
from redaptive.streams.spark import job
from redaptive.streams.spark.rescore import Span, rescore
from redaptive.streams.spark.session import open_session

app = typer.Typer(
    help="The same kernel on Apache Spark (extra `spark`, Java 17). One machine takes half a million readings a second "
    "without it.",
    no_args_is_help=True,
)
Master = Annotated[
    str, typer.Option(help="Spark master: local[2], local-cluster[2,1,1024], spark://host:7077, k8s://...")
]


app.command("baselines")(baselines)


@app.command()
def run(
    master: Master = "local[2]",
    until_empty: Annotated[bool, typer.Option("--until-empty", help="Stop at the present end of the log.")] = False,
    entries: Annotated[int, typer.Option(min=1, help="Entries of each partition in a micro-batch.")] = job.ENTRIES,
) -> None:
    """Score the reading log on Spark. Workers must have stopped; they go on from where Spark stops, and the reverse."""

    async def work(running: App) -> job.Result:
        settings, log_url = running.settings, running.endpoints.log.url
        place = job.Place(settings, running.urls.worker, log_url, settings.readings_root)

        def score() -> job.Result:
            session = open_session(master, partitions=settings.stream_partitions)
            try:
                return job.run(session, place, until_empty=until_empty, entries=entries)
            finally:
                session.stop()

        return await to_thread.run_sync(score)

    done = with_app(work)
    say(f"{done.readings:,} readings in {done.batches} micro-batches; {done.rows_stored:,} rows stored.")


@app.command("rescore")
def rescore_history(
    start: Annotated[str, typer.Option("--from", help="First day or time, UTC unless it has an offset.")],
    end: Annotated[str, typer.Option("--to", help="Day or time before which to stop.")],
    out: Annotated[Path, typer.Option(help="Folder for the Parquet files; must not exist.")],
    master: Master = "local[2]",
) -> None:
    """Score stored history again, every meter from an empty state, into Parquet: expectation, score, alarm bits."""
    span_start, span_end = parse_time(start, "--from"), parse_time(end, "--to")
    if span_end <= span_start:
        raise InvalidInput(f"The span ends at {end}, before it begins.", field="--to")
    if out.exists():
        raise InvalidInput(f"{out} exists.", field="--out", fix="Name a folder that does not exist yet.")

    async def work(running: App) -> int:
        of = running.settings.stream_partitions
        fleets = await _fleets(running, of, span_start.date())
        span = Span(running.settings.readings_root, span_start, span_end)

        def score() -> int:
            session = open_session(master, partitions=of)
            try:
                rescore(session, fleets, span, of=of).write.parquet(str(out.absolute()))
                return int(session.read.parquet(str(out.absolute())).count())
            finally:
                session.stop()

        return await to_thread.run_sync(score)

    say(f"{with_app(work):,} readings scored into {out}.")


async def _fleets(running: App, of: int, today: date) -> dict[int, Fleet]:
    async with ConnectionPoolManager(running.urls.worker, name="spark", max_size=2) as pools:
        return await load_fleets(pools, range(of), of, today)
