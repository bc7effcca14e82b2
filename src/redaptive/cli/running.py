"""Runs one asynchronous command to its end, traced."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from redaptive.errors import RedaptiveError
from redaptive.infrastructure.tracing.distributed_tracer import configure_tracing
from redaptive.settings import Settings

T = TypeVar("T")


def run_to_end(command: Callable[[], Awaitable[T]], settings: Settings) -> T:
    """The result of `command()`; an error of ours inside a task group comes out as itself."""
    tracing = configure_tracing(settings, service="redaptive")
    try:
        return anyio.run(command)
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
