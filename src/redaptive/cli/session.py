"""Runs one asynchronous command on a wired application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from redaptive.app import App, open_app
from redaptive.cli.output import say
from redaptive.errors import RedaptiveError
from redaptive.infrastructure.tracing.distributed_tracer import configure_tracing
from redaptive.settings import Settings

T = TypeVar("T")


def with_app(command: Callable[[App], Awaitable[T]], settings: Settings | None = None, *, quiet: bool = False) -> T:
    """The result of `command(app)`; an error of ours inside a task group comes out as itself."""

    chosen = settings or Settings()

    async def main() -> T:
        async with open_app(chosen, progress=None if quiet else say) as app:
            return await command(app)

    tracing = configure_tracing(chosen, service="redaptive")
    try:
        return anyio.run(main)
    except BaseExceptionGroup as group:
        raise _first_of_ours(group) from group
    finally:
        tracing.shutdown()


def _first_of_ours(group: BaseExceptionGroup[BaseException]) -> BaseException:
    ours = group.subgroup(RedaptiveError)
    found: BaseException = ours if ours is not None else group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found
