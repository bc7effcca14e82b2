"""The drop folder: files put there are admitted, then moved to `done/` or, with a reason, to `rejected/`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import anyio
import structlog
from anyio import to_thread

from redaptive.errors import InvalidInput, RedaptiveError
from redaptive.streams.ingest.admission import Admission, Receipt, Submission
from redaptive.streams.ingest.messages import Message, Refusal

POLL_S: Final = 1.0
SETTLED_S: Final = 5.0
"""A file that did not change for so long is whole: copies over a network pause for a second or two."""
SUFFIXES: Final = (".csv", ".parquet", ".csv.gz", ".xml", ".zip")
GATEWAY: Final = "drop"
DONE, REJECTED = "done", "rejected"
_LISTED: Final = 200
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class DroppedFile:
    """What a reader finds in a file: readings in parts of at most MAX_READINGS rows, and the rows that are none."""

    parts: Iterator[Message]
    refused: tuple[Refusal, ...] = ()
    assumed: tuple[str, ...] = ()


FileReader = Callable[[Path, Mapping[str, int]], DroppedFile]
"""Reads one file, given the interval of each known meter in seconds; raises an error of ours when nothing of it can be
understood."""
_Look = tuple[int, int]
"""Size and time of the last change, ns."""


@dataclass
class DropFolder:
    """Watches `folder` and its folders of tenants; files directly in it are `tenant`'s.

    A file is taken when it has not changed for `settled_s`, so that one that is being written is left alone; one that
    grows while it is read is taken again, whole. A file that is taken twice, because we died before it was moved, adds
    nothing: its readings are duplicates. A file that cannot be opened now waits. A link is rejected: it could lead to
    any file of this machine.
    """

    folder: Path
    tenant: str
    admission: Admission
    read: FileReader
    settled_s: float = SETTLED_S
    _seen: dict[Path, _Look] = field(default_factory=dict)
    _since_s: dict[Path, float] = field(default_factory=dict)
    _locked: set[Path] = field(default_factory=set)

    async def run(self) -> None:
        """Look every second until cancelled."""
        while True:
            await self.look()
            await anyio.sleep(POLL_S)

    async def look(self) -> int:
        """How many files were dealt with now."""
        waiting = await to_thread.run_sync(lambda: list(self._waiting()))
        now_s = time.monotonic()
        same = {path for path, look in waiting if self._seen.get(path) == look}
        self._since_s = {path: self._since_s[path] if path in same else now_s for path, _ in waiting}
        settled = [path for path, _ in waiting if path in same and now_s - self._since_s[path] >= self.settled_s]
        self._seen = dict(waiting)
        self._locked &= self._seen.keys()
        done = 0
        for path in settled:
            try:
                done += await self._dealt_with(path)
            except OSError as error:  # locked, gone again, or its folder may not be written: it waits
                if path not in self._locked:
                    self._locked.add(path)
                    log.warning("drop_waits", file=path.name, error=str(error))
            except RedaptiveError as error:  # log or database away, or full: all files wait
                log.warning("drop_waits", file=path.name, error=error.message)
                return done
        return done

    async def _dealt_with(self, path: Path) -> bool:
        """Whether the file was taken or rejected now, and moved."""
        try:
            where, note = await self._taken(path)
        except RedaptiveError as error:
            if error.retryable:
                raise
            where, note = REJECTED, f"{error.code}: {error}\n"
            log.warning("drop_rejected", file=path.name, error=error.message)
        except OSError:
            raise
        except Exception as error:  # a defect of ours: one file must not stop all others
            where, note = REJECTED, f"internal: reading the file failed ({type(error).__name__}); see the log.\n"
            log.error("drop_failed", file=path.name, exc_info=error)
        if await to_thread.run_sync(_look, path) != self._seen[path]:
            return False  # it has grown meanwhile
        await to_thread.run_sync(self._move, path, where, note)
        del self._seen[path], self._since_s[path]
        return True

    def _waiting(self) -> Iterator[tuple[Path, _Look]]:
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(self.folder.rglob("*")):
            inner = path.relative_to(self.folder).parts
            ours = len(inner) <= 2 and inner[0] not in (DONE, REJECTED) and not path.name.startswith(".")
            if ours and path.name.lower().endswith(SUFFIXES) and path.is_file():
                with suppress(FileNotFoundError):  # taken back meanwhile
                    yield path, _look(path)

    async def _taken(self, path: Path) -> tuple[str, str]:
        """Where the file is to be moved, and its note, once its readings are in the log."""
        inner = path.relative_to(self.folder).parts
        tenant = inner[0] if len(inner) == 2 else self.tenant
        if not await self.admission.has_tenant(tenant):
            fix = "Correct the folder's name, or import the tenant's meters first; then drop the file again."
            raise InvalidInput(f"There is no tenant {tenant}.", field=str(path.relative_to(self.folder)), fix=fix)
        found = await to_thread.run_sync(self._read, path, await self.admission.intervals(tenant))
        refused, accepted, number = list(found.refused), 0, 0
        if refused:
            await self._admit(path, tenant, -1, Message(refused=found.refused))
        for number, message in enumerate(found.parts):
            receipt = await self._admit(path, tenant, number, message)
            accepted += receipt.accepted
            refused += receipt.refused
        lines = [f"{r.reason}: {r.detail}" for r in refused[:_LISTED]]
        note = "\n".join([f"{accepted} readings taken, {len(refused)} rows refused.", *found.assumed, *lines, ""])
        log.info("drop_taken", file=path.name, parts=number + 1, accepted=accepted, refused=len(refused))
        return DONE if accepted else REJECTED, note

    def _read(self, path: Path, intervals: Mapping[str, int]) -> DroppedFile:
        if path.is_symlink():
            raise InvalidInput("It is a link.", field=path.name, fix="Put the file itself here.")
        return self.read(path, intervals)

    async def _admit(self, path: Path, tenant: str, part: int, message: Message) -> Receipt:
        now_us = time.time_ns() // 1000
        payload = f"{path.relative_to(self.folder)}:{self._seen.get(path)}".encode()
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


def _look(path: Path) -> _Look:
    found = path.stat()
    return found.st_size, found.st_mtime_ns
