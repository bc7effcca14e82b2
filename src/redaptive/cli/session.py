"""Runs one asynchronous command on a wired application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from redaptive.app import App, open_app
from redaptive.cli.output import say
from redaptive.cli.running import run_to_end
from redaptive.settings import Settings

T = TypeVar("T")


def with_app(command: Callable[[App], Awaitable[T]], settings: Settings | None = None, *, quiet: bool = False) -> T:
    """The result of `command(app)`; an error of ours inside a task group comes out as itself."""

    chosen = settings or Settings()

    async def main() -> T:
        async with open_app(chosen, progress=None if quiet else say) as app:
            return await command(app)

    return run_to_end(main, chosen)
