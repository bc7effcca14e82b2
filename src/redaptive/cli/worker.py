"""`redaptive worker`: one stream worker, until it is stopped."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer

from redaptive.cli.output import say
from redaptive.cli.running import run_to_end
from redaptive.errors import InvalidInput
from redaptive.infrastructure.installation import open_installation
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.settings import Settings
from redaptive.streams.serving import open_tools, run_worker


def worker(
    partitions: Annotated[
        str, typer.Option(help="`auto`: a fair share by lease. Or the ones to keep, such as 0-3,7.")
    ] = "auto",
    port: Annotated[int | None, typer.Option(help="Port of /health, /ready and /metrics; default: none.")] = None,
) -> None:
    """Score what comes in, store it, raise alerts; start as many as you like, on one machine or many."""
    only, settings = None if partitions == "auto" else partition_numbers(partitions), Settings()

    async def run() -> None:
        # Not the whole application: a worker that takes over from a dead one must be there soon.
        with closing(ReadingsStore.open(settings.readings_root, memory_mb=settings.query_memory_mb)) as store:
            async with open_installation(settings) as found:
                log_url, worker_url = found.endpoints.log.url, found.urls.worker
                async with open_tools(settings, worker_url=worker_url, log_url=log_url, store=store) as tools:
                    say(f"Worker of {'all partitions, shared by lease' if only is None else partitions}. Ctrl-C stops.")
                    await run_worker(tools, log_url=log_url, port=port, only=only)

    run_to_end(run, settings)


def partition_numbers(text: str) -> list[int]:
    """The numbers of a list such as `0-3,7`; raises InvalidInput for anything else."""
    found: list[int] = []
    for part in text.split(","):
        low, _, high = part.partition("-")
        try:
            found += range(int(low), int(high or low) + 1)
        except ValueError as error:
            raise InvalidInput(
                f"{part!r} is no partition.", field="--partitions", fix="Give `auto`, or numbers such as 0-3,7."
            ) from error
    return found
