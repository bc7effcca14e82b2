"""What `redaptive services status` shows of a server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

StateName = Literal["running", "stopped", "external", "crashed"]


@dataclass(frozen=True)
class ServiceStatus:
    """One server. Values that are not known, or do not apply, are None; an external server without version is mute.

    `running` means that its process lives; it may not answer yet while it starts or recovers.
    `crashed` means that its process is gone without an orderly stop: the next start brings it back.
    """

    name: str
    state: StateName
    version: str | None = None
    port: int | None = None
    pid: int | None = None
    uptime_s: float | None = None
    size_bytes: int | None = None
    embedded: bool = True
    data_folder: str | None = None
