"""Who uses the embedded servers: one small file per user, ignored once its process is gone."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from redaptive.infrastructure.services.files import write_private
from redaptive.infrastructure.services.processes import identify, is_running


class Leases:
    """The leases of one home folder and the mark that keeps the servers without any."""

    def __init__(self, run_folder: Path) -> None:
        self._folder = run_folder / "leases"
        self._keep = run_folder / "keep"

    def acquire(self) -> Path:
        """The file of a new lease of this process; give it back with `drop`."""
        me = identify(os.getpid())
        assert me is not None  # we run
        lease = self._folder / f"{me.pid}-{secrets.token_hex(4)}.json"
        write_private(lease, json.dumps({"pid": me.pid, "started_at": me.started_at}))
        return lease

    def drop(self, lease: Path) -> None:
        """End a lease; ending it twice does nothing."""
        lease.unlink(missing_ok=True)

    def live(self) -> int:
        """Number of leases whose process lives; those of dead processes are removed."""
        return sum(self._lives(lease) for lease in sorted(self._folder.glob("*.json")))

    def _lives(self, lease: Path) -> bool:
        try:
            content = json.loads(lease.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return False
        if is_running(content["pid"], content["started_at"]):
            return True
        lease.unlink(missing_ok=True)
        return False

    def keep(self) -> None:
        """Keep the servers running when the last lease ends."""
        write_private(self._keep, "Servers run until they are stopped explicitly.\n")

    def unkeep(self) -> None:
        """Let the end of the last lease stop the servers again."""
        self._keep.unlink(missing_ok=True)

    def needed(self) -> bool:
        """Whether anybody uses the servers, or they are to be kept."""
        return self._keep.exists() or self.live() > 0
