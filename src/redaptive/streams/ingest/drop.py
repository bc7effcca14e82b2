"""The drop folder: files put there are admitted, then moved to `done/` or, with a reason, to `rejected/`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import anyio
import structlog
from anyio import to_thread

from redaptive.errors import RedaptiveError
from redaptive.streams.ingest.admission import Admission, Receipt, Submission
from redaptive.streams.ingest.messages import Columns, Message, Refusal

POLL_S: Final = 1.0
SUFFIXES: Final = (".csv", ".parquet", ".csv.gz", ".xml", ".zip")
GATEWAY: Final = "drop"
DONE, REJECTED = "done", "rejected"
_LISTED: Final = 200
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class DroppedFile:
    """What a reader finds in a file: readings in parts of at most MAX_READINGS rows, and the rows that are none."""

    parts: Iterator[Columns]
    refused: tuple[Refusal, ...] = ()


FileReader = Callable[[Path], DroppedFile]
"""Reads one file; raises an error of ours when nothing of it can be understood."""


@dataclass
class DropFolder:
    """Watches `folder` and its folders of tenants; files directly in it are `tenant`'s.

    A file is taken when its size has not changed for one look, so that one that is being written is left alone. A
    file that is taken twice, because we died before it was moved, adds nothing: its readings are duplicates.
    """

    folder: Path
    tenant: str
    admission: Admission
    read: FileReader
    _sizes: dict[Path, int] = field(default_factory=dict)

    async def run(self) -> None:
        """Look every second until cancelled."""
        while True:
            await self.look()
            await anyio.sleep(POLL_S)

    async def look(self) -> int:
        """How many files were dealt with now."""
        waiting = await to_thread.run_sync(lambda: list(self._waiting()))
        settled = [path for path, size in waiting if self._sizes.get(path) == size]
        self._sizes = dict(waiting)
        for path in settled:
            try:
                await self._take(path)
            except RedaptiveError as error:
                if error.retryable:  # log or database away, or full: the file waits
                    log.warning("drop_waits", file=path.name, error=error.message)
                    return 0
                await to_thread.run_sync(self._move, path, REJECTED, f"{error.code}: {error}\n")
                log.warning("drop_rejected", file=path.name, error=error.message)
            self._sizes.pop(path, None)
        return len(settled)

    def _waiting(self) -> Iterator[tuple[Path, int]]:
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(self.folder.rglob("*")):
            inner = path.relative_to(self.folder).parts
            ours = len(inner) <= 2 and inner[0] not in (DONE, REJECTED) and not path.name.startswith(".")
            if ours and path.name.lower().endswith(SUFFIXES) and path.is_file():
                yield path, path.stat().st_size

    async def _take(self, path: Path) -> None:
        inner = path.relative_to(self.folder).parts
        tenant = inner[0] if len(inner) == 2 else self.tenant
        found = await to_thread.run_sync(self.read, path)
        refused, accepted, number = list(found.refused), 0, 0
        if refused:
            await self._admit(path, tenant, -1, Message(refused=found.refused))
        for number, columns in enumerate(found.parts):
            receipt = await self._admit(path, tenant, number, Message(columns))
            accepted += receipt.accepted
            refused += receipt.refused
        lines = [f"row {r.row}: {r.reason}: {r.detail}" for r in refused[:_LISTED]]
        note = "\n".join([f"{accepted} readings taken, {len(refused)} rows refused.", *lines, ""])
        await to_thread.run_sync(self._move, path, DONE if accepted else REJECTED, note)
        log.info("drop_taken", file=path.name, parts=number + 1, accepted=accepted, refused=len(refused))

    async def _admit(self, path: Path, tenant: str, part: int, message: Message) -> Receipt:
        now_us = time.time_ns() // 1000
        payload = f"{path.relative_to(self.folder)}:{self._sizes.get(path)}".encode()
        receipts = await self.admission.admit(
            [Submission(tenant, GATEWAY, "drop", message, payload, now_us, part=part + 1)]
        )
        return receipts[0]

    def _move(self, path: Path, where: str, note: str) -> None:
        target = self.folder / where / path.relative_to(self.folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            target = target.with_name(f"{time.time_ns()}-{target.name}")
        target.with_name(f"{target.name}.reason.txt").write_text(note, encoding="utf-8")
        path.rename(target)
