"""What servers have in common that we run as ourselves in a closed folder: Valkey and the MQTT broker."""

from __future__ import annotations

import signal
from pathlib import Path

from redaptive.infrastructure.services.credentials import ensure_password
from redaptive.infrastructure.services.files import write_private
from redaptive.infrastructure.services.os_user import Account
from redaptive.infrastructure.services.server import Progress


class OwnFolderServer:
    """A server with a folder, a password and a configuration file of its own; the rest of `Server` is its kind's."""

    account: Account | None = None  # as ourselves, root included: its folder is closed to all others
    stop_signal = signal.SIGTERM
    stop_timeout_s = 15.0

    def __init__(self, home: Path, name: str) -> None:
        self.name = name
        self._folder = home.resolve() / "services" / name
        self._password_file = home / "secrets" / name

    @property
    def data_folder(self) -> Path:
        """Where it keeps its data and works."""
        return self._folder

    def prepare(self, progress: Progress) -> None:  # noqa: ARG002 - of the protocol
        """Make the data folder and the password, which takes no time."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        ensure_password(self._password_file)

    def _configured(self, file: str, text: str) -> str:
        """Path of the configuration file, written: a password on the command line would be seen by everyone."""
        path = self._folder / file
        write_private(path, text)
        return str(path)
