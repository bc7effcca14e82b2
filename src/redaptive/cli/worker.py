"""`redaptive worker`: one stream worker, until it is stopped."""

from __future__ import annotations

from typing import Annotated

import typer

from redaptive.app import App
from redaptive.cli.output import say
from redaptive.cli.session import with_app
from redaptive.errors import InvalidInput
from redaptive.streams.serving import open_tools, run_worker


def worker(
    partitions: Annotated[
        str, typer.Option(help="`auto`: a fair share by lease. Or the ones to keep, such as 0-3,7.")
    ] = "auto",
    port: Annotated[int | None, typer.Option(help="Port of /health, /ready and /metrics; default: none.")] = None,
) -> None:
    """Score what comes in, store it, raise alerts; start as many as you like, on one machine or many."""
    only = None if partitions == "auto" else partition_numbers(partitions)

    async def run(running: App) -> None:
        log_url, worker_url = running.endpoints.log.url, running.urls.worker
        async with open_tools(
            running.settings, worker_url=worker_url, log_url=log_url, store=running.readings
        ) as tools:
            say(f"Worker of {'all partitions, shared by lease' if only is None else partitions}. Ctrl-C stops.")
            await run_worker(tools, log_url=log_url, port=port, only=only)

    with_app(run, quiet=True)


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
