"""A thread that brings a dead server back for as long as this process uses it."""

from __future__ import annotations

import threading

import structlog

from redaptive.errors import RedaptiveError
from redaptive.infrastructure.services.lifecycle import EmbeddedService
from redaptive.infrastructure.services.processes import ProcessIdentity, end_of
from redaptive.infrastructure.services.server import silent

CHECK_EVERY_S = 0.1
_log = structlog.get_logger(__name__)


class Watch:
    """Watches one service; every using process does, and the service's lock lets one of them restart it."""

    def __init__(self, service: EmbeddedService) -> None:
        self._service = service
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"watch-{service.server.name}", daemon=True)
        self.failure: RedaptiveError | None = None

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def end(self) -> None:
        """Stop watching; waits for a restart that is under way."""
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        process = self._service.process()
        while process is not None and self._ended(process) and self._restart():
            process = self._service.process()

    def _ended(self, process: ProcessIdentity) -> bool:
        """Waits for the end of the process (True) or of the watch (False)."""
        with end_of(process) as ended_within:
            while not self._end.is_set():
                if ended_within(CHECK_EVERY_S):
                    return True
        return False

    def _restart(self) -> bool:
        """Whether to go on watching: not after an orderly stop by another process, nor after a final failure."""
        if self._end.wait(self._service.backoff_s()):
            return False
        try:
            return self._service.restart_if_died(silent)
        except RedaptiveError as error:
            self.failure = error
            _log.error("service_given_up", service=self._service.server.name, error=str(error))
            return False
