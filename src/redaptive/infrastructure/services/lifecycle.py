"""One embedded server: start or adopt, restart with back-off, stop; each under the file lock of the service."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import structlog
from filelock import FileLock, Timeout

from redaptive.errors import Unavailable
from redaptive.infrastructure.services.files import folder_size_bytes, rotate, tail
from redaptive.infrastructure.services.processes import (
    ProcessIdentity,
    clear_strays,
    free_port,
    is_alive,
    spawn,
    terminate,
)
from redaptive.infrastructure.services.server import Progress, Server, ServiceEndpoint
from redaptive.infrastructure.services.state import ServiceState, load_state, save_state
from redaptive.infrastructure.services.status import ServiceStatus

LOCK_TIMEOUT_S = 180.0
READY_TIMEOUT_S = 120.0  # recovery after a crash under load replays up to a gigabyte of WAL
PROBE_EVERY_S = 0.02
FIRST_BACKOFF_S, LONGEST_BACKOFF_S = 0.1, 30.0
MOST_DEATHS, DEATHS_WITHIN_S = 5, 60.0
_log = structlog.get_logger(__name__)


class EmbeddedService:
    """Starts, finds and stops one server for all processes that share a home folder."""

    def __init__(self, server: Server, home: Path) -> None:
        self.server = server
        self._state_file = home / "run" / f"{server.name}.json"
        self._lock_file = home / "run" / f"{server.name}.lock"
        self._server_log = home / "log" / f"{server.name}.log"

    def ensure(self, progress: Progress) -> ServiceEndpoint:
        """The endpoint of the running server, started or adopted; raises Unavailable with its last log lines."""
        with self._locked():
            state = load_state(self._state_file)
            if state.process is not None and is_alive(state.process):
                state = self._adopt(state, state.process)
            if state.process is None or not is_alive(state.process):
                state = self._start(_note_death(state), progress)
            return self._endpoint(state)

    def restart_if_died(self, progress: Progress) -> bool:
        """Whether the service is meant to run; if it died it runs again when this returns."""
        if self.process() is None:  # stopped, or the home was removed: do not make its folders again
            return False
        with self._locked():
            state = load_state(self._state_file)
            if state.process is None:
                return False
            if not is_alive(state.process):
                _log.warning("service_died", service=self.server.name, pid=state.process.pid)
                self._start(_note_death(state), progress)
            return True

    def process(self) -> ProcessIdentity | None:
        """The process that should run, dead or alive; None after an orderly stop. Takes no lock."""
        return load_state(self._state_file).process

    def backoff_s(self) -> float:
        """Seconds to wait before the next restart: doubles with each death of the last ten minutes."""
        return backoff_s(len(load_state(self._state_file).deaths))

    def known(self) -> bool:
        """Whether this home ever started the server."""
        return self._state_file.exists()

    def stop(self, needed: Callable[[], bool], *, forget_deaths: bool = False) -> bool:
        """Whether no server runs any more: it is stopped unless `needed`, which is asked under the lock.

        Deaths are forgotten when it was running, so that one that could not be started still shows as crashed.
        """
        with self._locked():
            if needed():
                return False
            state = load_state(self._state_file)
            if state.process is not None:
                self._terminate(state.process)
            if state.process is not None or forget_deaths:
                save_state(self._state_file, replace(state, process=None, deaths=()))
            self._clear_strays()
            return True

    def status(self) -> ServiceStatus:
        """What is known of the server now; takes no lock and starts nothing."""
        state, folder = load_state(self._state_file), self.server.data_folder
        known = ServiceStatus(
            self.server.name,
            "stopped",
            version=state.version,
            size_bytes=folder_size_bytes(folder),
            data_folder=str(folder),
        )
        if state.process is None:
            return replace(known, state="crashed" if state.deaths else "stopped")
        if not is_alive(state.process):
            return replace(known, state="crashed")
        uptime_s = max(0.0, time.time() - state.process.started_at)
        return replace(known, state="running", port=state.port, pid=state.process.pid, uptime_s=uptime_s)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._lock_file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self._lock_file, timeout=LOCK_TIMEOUT_S):
                yield
        except Timeout as error:
            raise Unavailable(
                f"Another process has been starting or stopping {self.server.title} for {LOCK_TIMEOUT_S:.0f} s.",
                field=str(self._lock_file),
                fix="Wait for it, or end that process, and try again.",
            ) from error

    def _adopt(self, state: ServiceState, process: ProcessIdentity) -> ServiceState:
        """The state of a server that another process started, once it answers; it may be starting still."""
        assert state.port is not None  # saved together with the process
        version = self._await_ready(process, state.port)
        return state if version is None else replace(state, version=version)

    def _start(self, state: ServiceState, progress: Progress) -> ServiceState:
        """The state of a server that answers, after as many attempts as the limit of deaths allows."""
        while True:
            save_state(self._state_file, state)
            self._refuse_if_exhausted(state)
            state = self._attempt(state, progress)
            if state.process is not None:
                progress(f"{self.server.title} {state.version} is ready")
                return state
            time.sleep(backoff_s(state.deaths_since(time.time() - DEATHS_WITHIN_S)))

    def _attempt(self, state: ServiceState, progress: Progress) -> ServiceState:
        """One start: the state with the process and version if it answers, with one more death if it ended."""
        self._clear_strays()
        progress(f"Starting {self.server.title}")
        self.server.prepare(progress)
        rotate(self._server_log)
        self._server_log.parent.mkdir(parents=True, exist_ok=True)
        port = free_port(state.port)
        process = spawn(
            self.server.command(port),
            folder=self.server.data_folder,
            log=self._server_log,
            account=self.server.account,
        )
        started = replace(state, process=process, port=port)
        save_state(self._state_file, started)
        version = self._await_ready(process, port)
        if version is None:
            return started.died(time.time())
        ready = replace(started, version=version)
        save_state(self._state_file, ready)
        _log.info("service_started", service=self.server.name, version=version, port=port, pid=process.pid)
        return ready

    def _await_ready(self, process: ProcessIdentity, port: int) -> str | None:
        """The version once the server answers a query; None if it ended before."""
        deadline = time.monotonic() + READY_TIMEOUT_S
        while time.monotonic() < deadline:
            version = self.server.probe(port, process.pid)
            if version is not None:
                return version
            if not is_alive(process):
                return None
            time.sleep(PROBE_EVERY_S)
        raise self._unavailable(f"runs (pid {process.pid}) but has not answered for {READY_TIMEOUT_S:.0f} s")

    def _refuse_if_exhausted(self, state: ServiceState) -> None:
        deaths = state.deaths_since(time.time() - DEATHS_WITHIN_S)
        if deaths >= MOST_DEATHS:
            raise self._unavailable(f"died {deaths} times within a minute; not starting it again")

    def _unavailable(self, what: str) -> Unavailable:
        return Unavailable(
            f"{self.server.title} {what}. Its last log lines:\n{tail(self._server_log)}",
            field=str(self._server_log),
            fix="Correct what the log says, then try again after a minute, or at once after `redaptive services stop`.",
            retry_after_ms=int(DEATHS_WITHIN_S * 1000),
        )

    def _terminate(self, process: ProcessIdentity) -> None:
        if not terminate(process, self.server.stop_signal, self.server.stop_timeout_s):
            _log.warning("service_killed", service=self.server.name, after_s=self.server.stop_timeout_s)

    def _clear_strays(self) -> None:
        server = self.server
        found = clear_strays(server.process_name, server.data_folder, server.stop_signal, server.stop_timeout_s)
        if found:
            _log.warning("service_strays_cleared", service=server.name, processes=found)

    def _endpoint(self, state: ServiceState) -> ServiceEndpoint:
        assert state.port is not None  # set by every start
        return ServiceEndpoint(self.server.name, self.server.url(state.port), True, state.version)


def _note_death(state: ServiceState) -> ServiceState:
    return state if state.process is None else state.died(time.time())


def backoff_s(deaths: int) -> float:
    """Seconds to wait after that many deaths: 0.1, 0.2, 0.4 ... 30."""
    return float(min(LONGEST_BACKOFF_S, FIRST_BACKOFF_S * 2 ** max(0, deaths - 1)))
