"""Fixtures of the integration tests: one open application, one hand-made portfolio, one demo, per session."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from subprocess import CompletedProcess

import polars as pl
import pytest
from tests.conftest import DEMO_TENANT
from tests.integration.running_app import RunningApp, running_app
from tests.integration.small_portfolio import load_small, readings

from redaptive.agents.principal import Principal
from redaptive.infrastructure.services.mqtt import embedded_broker
from redaptive.sample.loading import LoadReport, SampleLoader
from redaptive.sample.portfolio import SamplePortfolio, build_portfolio
from redaptive.settings import Settings


@dataclass(frozen=True)
class Small:
    """The hand-made portfolio as loaded."""

    running: RunningApp
    owner: Principal
    readings: pl.DataFrame


@dataclass(frozen=True)
class Demo:
    """The shared demo after a second load of the same sample, with the report of that load."""

    running: RunningApp
    owner: Principal
    portfolio: SamplePortfolio
    second: LoadReport


@pytest.fixture(scope="session")
def running(servers: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """The application on the session's servers; with readings of its own, as sealing rewrites whole months."""
    own = servers.model_copy(update={"readings_url": str(tmp_path_factory.mktemp("readings"))})
    with running_app(own) as found:
        yield found


@pytest.fixture(scope="module")
def broker(servers: Settings) -> Iterator[str]:
    """The URL of the session's embedded MQTT broker."""
    with embedded_broker(servers) as endpoint:
        yield endpoint.url


@pytest.fixture(scope="session")
def small(running: RunningApp) -> Small:
    """The hand-made portfolio in a tenant of its own."""
    owner, frame = running.principal("small-portfolio"), readings()
    running.portal.call(load_small, running.app, owner.tenant_id, frame)
    return Small(running, owner, frame)


@pytest.fixture(scope="session")
def demo(servers: Settings, demo_load: CompletedProcess[str]) -> Iterator[Demo]:
    """The demo, loaded a second time, in the application that sees the home's readings."""
    with running_app(servers) as running:
        owner, portfolio = running.principal(DEMO_TENANT), build_portfolio("demo")
        loader = SampleLoader(running.app.pools, running.app.readings, owner.tenant_id, lambda step, done, total: None)
        yield Demo(running, owner, portfolio, running.portal.call(loader.load, portfolio))
