"""A private Valkey of the wheel for one test module: its own streams, settings and death."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import valkey

from redaptive.infrastructure.services.installation import valkey_program
from redaptive.infrastructure.services.valkey import LOG_SETTINGS


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class PrivateValkey:
    """One server on loopback with the settings of the log, or others."""

    def __init__(self, **settings: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="redaptive-valkey-"))
        self.port = _free_port()
        self._settings = {**LOG_SETTINGS, **{name.replace("_", "-"): value for name, value in settings.items()}}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        options = {"port": str(self.port), "bind": "127.0.0.1", "dir": str(self.folder), "save": "", **self._settings}
        flags = [part for name, value in options.items() for part in (f"--{name}", value)]
        program = os.environ.get("REDAPTIVE_TEST_VALKEY_BIN") or str(valkey_program("-"))  # e.g. a redis-server
        self._process = subprocess.Popen([program, *flags], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while True:
            try:
                with self.client() as client:
                    client.ping()
                return
            except valkey.ConnectionError:
                assert time.monotonic() < deadline, "the server never answered"
                time.sleep(0.02)

    def client(self) -> valkey.Valkey:
        return valkey.Valkey.from_url(self.url)

    def kill(self) -> None:
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait(10)
        self._process = None

    def close(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
        shutil.rmtree(self.folder)
