"""The two Valkey servers: the log keeps every acknowledged entry, the cache may forget any."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import cast

import valkey
from valkey.backoff import NoBackoff
from valkey.retry import Retry

from redaptive.errors import Unavailable
from redaptive.infrastructure.services.credentials import ensure_password
from redaptive.infrastructure.services.installation import valkey_program
from redaptive.infrastructure.services.own_folder import OwnFolderServer

LOG_SETTINGS = {
    "appendonly": "yes",
    "appendfsync": "always",  # an acknowledged entry is on the disk
    "no-appendfsync-on-rewrite": "no",
    "maxmemory-policy": "noeviction",
}
CACHE_SETTINGS = {"appendonly": "no", "maxmemory": "256mb", "maxmemory-policy": "allkeys-lfu"}


class ValkeyServer(OwnFolderServer):
    """One embedded Valkey of a home folder: `log` or `cache`."""

    process_name = "valkey-server"

    def __init__(self, home: Path, name: str, settings: dict[str, str]) -> None:
        super().__init__(home, name)
        self.title = f"Valkey ({name})"
        self._settings = settings

    def command(self, port: int) -> list[str]:
        """The server with its configuration file."""
        return [str(self._program), self._configured("valkey.conf", self._configuration(port))]

    def url(self, port: int) -> str:
        """The URL of database 0."""
        return f"redis://:{ensure_password(self._password_file)}@127.0.0.1:{port}/0"

    def probe(self, port: int, pid: int) -> str | None:  # noqa: ARG002 - of the protocol
        """The version once it has read its file and answers."""
        try:
            return valkey_version(self.url(port))
        except valkey.AuthenticationError as error:
            raise Unavailable(
                f"{self.title} does not accept the password kept for it.",
                field=str(self._password_file),
                fix="Run `redaptive services stop` and start again.",
            ) from error
        except (valkey.ConnectionError, valkey.TimeoutError):  # BusyLoadingError is a ConnectionError
            return None

    @cached_property
    def _program(self) -> Path:
        return valkey_program(f"REDAPTIVE_{self.name.upper()}_URL")

    def _configuration(self, port: int) -> str:
        settings = {
            "bind": "127.0.0.1",
            "port": str(port),
            "protected-mode": "yes",
            "requirepass": ensure_password(self._password_file),
            "dir": _quoted(str(self._folder)),
            "daemonize": "no",
            "logfile": '""',
            "save": '""',
            # The title would replace the command line by which the process is recognised.
            "set-proc-title": "no",
            **self._settings,
        }
        return "".join(f"{name} {value}\n" for name, value in settings.items())


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def valkey_version(url: str, timeout_s: float = 5.0) -> str:
    """The version that the server at `url` reports (a Redis reports its own); raises valkey.ConnectionError."""
    client = valkey.Valkey.from_url(
        url, socket_connect_timeout=timeout_s, socket_timeout=timeout_s, retry=Retry(NoBackoff(), 0)
    )
    with client:
        client.ping()
        info = cast(dict[str, str], client.info("server"))
    return str(info.get("valkey_version") or info["redis_version"])
