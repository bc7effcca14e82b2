"""The three Delta tables on disk: create, refresh, list files, commit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import polars as pl
import structlog
from deltalake import DeltaTable, Schema, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError

from redaptive.errors import InvalidInput, Unavailable
from redaptive.infrastructure.readings import schema
from redaptive.infrastructure.readings.files import Snapshot, snapshot_of

_log = structlog.get_logger(__name__)
_T = TypeVar("_T")
COMMIT_ATTEMPTS = 12
REOPENED_AFTER = 50
"""Versions that a handle follows: one that is only updated keeps some 0.1 MB of each commit and doubles their time."""


def local_root(root: str) -> Path:
    """The folder of the store; raises InvalidInput for an object store, which this version cannot read."""
    if "://" in root and not root.startswith("file://"):
        raise InvalidInput(
            f"The readings store cannot use {root}.", field="readings_url", fix="Give a folder of this machine."
        )
    return Path(root.removeprefix("file://")).absolute()


class Table:
    """One Delta table; the handle is shared by threads, so each use holds its lock."""

    def __init__(self, folder: Path, columns: Schema, partitions: tuple[str, ...]) -> None:
        self.folder = folder
        self.lock = threading.RLock()
        self._delta = _open_or_create(folder, columns, partitions)
        self._opened_at = self._delta.version()
        self._snapshot: Snapshot | None = None

    def delta(self) -> DeltaTable:
        """The table at its newest version; hold `lock` while using it."""
        self._delta.update_incremental()
        if self._delta.version() - self._opened_at >= REOPENED_AFTER:
            self._delta = DeltaTable(str(self.folder))
            self._opened_at = self._delta.version()
        return self._delta

    def snapshot(self) -> Snapshot:
        """The files of the newest version; rebuilt only when the version has moved."""
        with self.lock:
            delta = self.delta()
            if self._snapshot is None or self._snapshot.version != delta.version():
                self._snapshot = snapshot_of(delta, self.folder)
            return self._snapshot

    def replace_month(self, label: str, rows: pl.DataFrame) -> None:
        """Make `rows` the whole content of the partition `month=label`; only for tables of one writer."""

        def attempt() -> None:
            with self.lock:
                write_deltalake(
                    self.delta(),
                    rows,
                    mode="overwrite",
                    predicate=f"month = '{label}'",
                    writer_properties=schema.writer_properties(),
                )

        retried(attempt, what=f"roll-up of {label}")


def _open_or_create(folder: Path, columns: Schema, partitions: tuple[str, ...]) -> DeltaTable:
    if not DeltaTable.is_deltatable(str(folder)):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            DeltaTable.create(str(folder), columns, mode="error", partition_by=list(partitions))
        except DeltaError:
            # Another process created it between the check and the commit.
            _log.info("readings_table_exists", folder=folder.name)
    return DeltaTable(str(folder))


def retried(attempt: Callable[[], _T], *, what: str) -> _T:
    """What `attempt` returns; a commit that lost a race is tried again from the newest version."""
    for k in range(COMMIT_ATTEMPTS):
        try:
            return attempt()
        except CommitFailedError as error:
            _log.info("readings_commit_conflict", what=what, attempt=k + 1, reason=str(error).splitlines()[0])
            time.sleep(min(0.01 * 2**k, 0.5))
    raise Unavailable(
        f"The {what} lost {COMMIT_ATTEMPTS} commit races.", fix="Nothing was written; try again.", retry_after_ms=1000
    )
