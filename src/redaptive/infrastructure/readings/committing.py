"""Commits of writers that share a source and have no order of their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from redaptive.infrastructure.readings.results import AppendResult


def commit_once(
    write: Callable[[int], AppendResult], last_token: Callable[[], int | None], now: datetime | None = None
) -> None:
    """Commit under a token above all others of its source; a rival may take ours first, then the next one is tried.

    `now`: the token is at least that instant in microseconds, so that tokens of a source tell when it wrote.
    """
    token = max(0 if now is None else int(now.timestamp() * 1e6), (last_token() or 0) + 1)
    while write(token).duplicate:
        token = (last_token() or token) + 1
