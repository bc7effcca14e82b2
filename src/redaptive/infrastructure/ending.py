"""Tasks brought to an end even where a cancellation is lost on the way.

Before Python 3.12 `asyncio.wait_for`, which connection pools use, may swallow a cancellation that comes at the moment
at which its own wait ends (https://github.com/python/cpython/issues/86296). A loop that runs for ever then goes on.
Task groups of anyio cancel again by themselves; this is for bare tasks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any, Final

AGAIN_S: Final = 5.0


async def end(tasks: Collection[asyncio.Task[Any]], again_s: float = AGAIN_S) -> None:
    """Cancel the tasks, again every `again_s` seconds, and return when all have ended; what they raise is dropped."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=again_s)
    await asyncio.gather(*tasks, return_exceptions=True)
