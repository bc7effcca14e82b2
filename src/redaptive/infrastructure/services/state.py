"""What is known of an embedded server between commands: its process, port, version and recent deaths."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from redaptive.infrastructure.services.files import write_private
from redaptive.infrastructure.services.processes import ProcessIdentity

REMEMBER_DEATHS_S = 600.0


@dataclass(frozen=True)
class ServiceState:
    """State of one service. `process` is None after an orderly stop; `deaths` are Unix times, oldest first."""

    process: ProcessIdentity | None = None
    port: int | None = None
    version: str | None = None
    deaths: tuple[float, ...] = ()

    def died(self, now: float) -> ServiceState:
        """The state after a death at `now`; deaths of long ago are forgotten."""
        kept = tuple(at for at in self.deaths if now - at < REMEMBER_DEATHS_S)
        return replace(self, process=None, deaths=(*kept, now))

    def deaths_since(self, time_s: float) -> int:
        """Number of deaths at or after the Unix time `time_s`."""
        return sum(at >= time_s for at in self.deaths)


def load_state(path: Path) -> ServiceState:
    """The state kept at `path`; the empty state if there is none."""
    if not path.exists():
        return ServiceState()
    content = json.loads(path.read_text(encoding="utf-8"))
    process = content["process"]
    if process is not None:
        process = ProcessIdentity(process["pid"], process["started_at"], tuple(process["command"]))
    return ServiceState(process, content["port"], content["version"], tuple(content["deaths"]))


def save_state(path: Path, state: ServiceState) -> None:
    """Keep `state` at `path`."""
    write_private(path, json.dumps(asdict(state)))
