"""Fixtures shared by all tests: one set of real servers per session, one tenant per test that asks."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings as hypothesis_settings
from tests.command_line import redaptive
from tests.configured_servers import configured, server_environment

from redaptive.infrastructure.database.bootstrap import DatabaseUrls, bootstrap, urls_from_settings
from redaptive.infrastructure.services.supervisor import ServiceSupervisor
from redaptive.settings import Settings

# Shared and busy machines: a slow example is no failure.
hypothesis_settings.register_profile("redaptive", deadline=None)
hypothesis_settings.load_profile("redaptive")
DEMO_TENANT = "demo-shared"


@pytest.fixture(scope="session")
def shared_home() -> Iterator[Path]:
    """A home folder that every system user may traverse, as embedded PostgreSQL under root needs."""
    folder = Path(tempfile.mkdtemp(prefix="redaptive-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def servers(shared_home: Path) -> Iterator[Settings]:
    """Settings whose real PostgreSQL and Valkey run for the whole session: embedded, or those that are configured."""
    with configured(Settings(home=shared_home, log_level="WARNING")) as settings:
        supervisor = ServiceSupervisor(settings)
        supervisor.start(keep=True)
        yield settings
        supervisor.stop()


@pytest.fixture(scope="session")
def database_urls(servers: Settings) -> DatabaseUrls:
    """The session's database by role."""
    given = urls_from_settings(servers)
    return given or bootstrap(ServiceSupervisor(servers).start().database.url, servers.home / "secrets")


@pytest.fixture(scope="session")
def demo_load(servers: Settings) -> subprocess.CompletedProcess[str]:
    """What the command said that loaded the demo sample into DEMO_TENANT; once, for all who only read it."""
    environment = {**_without_settings(), **server_environment(servers), "COLUMNS": "160"}
    done = redaptive("sample", "load", "--size", "demo", "--tenant", DEMO_TENANT, env=environment)
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture
def tenant_settings(servers: Settings) -> Settings:
    """Settings with a tenant of the test's own."""
    return servers.model_copy(update={"tenant": f"t-{uuid4().hex[:12]}"})


@pytest.fixture
def cli_environment(servers: Settings) -> dict[str, str]:
    """Environment of a command that shares the session's servers, for a tenant of its own."""
    own = {"REDAPTIVE_TENANT": f"t-{uuid4().hex[:12]}", "COLUMNS": "160"}
    return {**_without_settings(), **server_environment(servers), **own}


def _without_settings() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith("REDAPTIVE_")}
