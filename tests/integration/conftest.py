"""Fixtures of the integration tests: one open application, one hand-made portfolio, one demo, per session."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl
import pytest
from tests.integration.running_app import RunningApp, running_app
from tests.integration.small_portfolio import load_small, readings

from redaptive.agents.principal import Principal
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
    """The sample portfolio after two loads, with the report of each."""

    running: RunningApp
    owner: Principal
    portfolio: SamplePortfolio
    first: LoadReport
    second: LoadReport


@pytest.fixture(scope="session")
def running(servers: Settings) -> Iterator[RunningApp]:
    """The application on the session's servers."""
    with running_app(servers) as found:
        yield found


@pytest.fixture(scope="session")
def small(running: RunningApp) -> Small:
    """The hand-made portfolio in a tenant of its own."""
    owner, frame = running.principal("small-portfolio"), readings()
    running.portal.call(load_small, running.app, owner.tenant_id, frame)
    return Small(running, owner, frame)


@pytest.fixture(scope="session")
def demo(running: RunningApp) -> Demo:
    """The demo, loaded twice."""
    owner, portfolio = running.principal("demo-twice"), build_portfolio("demo")
    loader = SampleLoader(running.app.pools, running.app.readings, owner.tenant_id, lambda step, done, total: None)
    first, second = (running.portal.call(loader.load, portfolio) for _ in range(2))
    return Demo(running, owner, portfolio, first, second)
