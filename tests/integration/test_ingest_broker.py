"""The embedded broker: only for those who ask, closed to others, kept alive, gone with its last user."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from redaptive.errors import InvalidInput
from redaptive.infrastructure.services.mqtt import broker_service, embedded_broker, mqtt_return_code
from redaptive.infrastructure.services.server import silent
from redaptive.infrastructure.services.supervisor import ServiceSupervisor
from redaptive.settings import Settings
from redaptive.streams.ingest.mqtt_client import broker_address

PATIENCE_S = 60.0


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="redaptive-test-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def brokers_of(home: Path) -> list[int]:
    return [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if any(str(home.resolve()) in part for part in process.info["cmdline"] or [])
    ]


def test_the_last_user_stops_it_and_the_password_is_private(home: Path) -> None:
    settings = Settings(home=home)
    with embedded_broker(settings) as first:
        address = broker_address(first.url)
        assert address.password is not None
        with embedded_broker(settings) as second:
            assert second.url == first.url
        assert mqtt_return_code(address.port, "redaptive", address.password) == 0
        assert mqtt_return_code(address.port, "redaptive", "guess") in (4, 5)
        assert mqtt_return_code(address.port, "", "") in (4, 5)
        command = " ".join(part for pid in brokers_of(home) for part in psutil.Process(pid).cmdline())
        assert address.password not in command
        for path in (home / "secrets" / "broker", home / "services" / "broker" / "broker.conf"):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        (status,) = [s for s in ServiceSupervisor(settings).status() if s.name == "broker"]
        assert (status.state, status.version is not None) == ("running", True)
    assert brokers_of(home) == []
    assert broker_service(home).process() is None


def test_a_killed_broker_comes_back_on_its_port_and_a_lost_one_is_replaced(home: Path) -> None:
    settings = Settings(home=home)
    with embedded_broker(settings) as endpoint:
        address = broker_address(endpoint.url)
        (pid,) = brokers_of(home)
        os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + PATIENCE_S
        while mqtt_return_code(address.port, "redaptive", address.password or "") != 0:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        # It answers before who restarted it has noted so; the note must not come after it was removed below.
        assert broker_service(home).ensure(silent).url == endpoint.url
        (again,) = brokers_of(home)
        assert again != pid
        (home / "run" / "broker.json").unlink()  # nobody knows of it any more
        with embedded_broker(settings):
            assert len(brokers_of(home)) == 1
            assert brokers_of(home) != [again]
    assert brokers_of(home) == []


def test_a_home_without_a_broker_does_not_mention_one(home: Path) -> None:
    names = [status.name for status in ServiceSupervisor(Settings(home=home)).status()]
    assert names == ["database", "log", "cache"]


@pytest.mark.parametrize("url", ["http://host", "mqtt:///", "host:1883"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(InvalidInput):
        broker_address(url)


def test_addresses() -> None:
    plain, tls = broker_address("mqtt://u:p%40ss@h:1999"), broker_address("mqtts://h")
    assert (plain.host, plain.port, plain.user, plain.password, plain.tls) == ("h", 1999, "u", "p@ss", False)
    assert (tls.port, tls.user, tls.tls) == (8883, None, True)
