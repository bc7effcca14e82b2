"""One application, one small known portfolio and one demo sample for all integration tests that ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from tests.integration import small_portfolio
from tests.integration.running_app import RunningApp, running_app

from redaptive.agents.principal import Principal
from redaptive.sample.loading import LoadReport, SampleLoader
from redaptive.sample.portfolio import SamplePortfolio, build_portfolio
from redaptive.settings import Settings

SMALL, DEMO = "small", "demo-shared"


@dataclass(frozen=True)
class Demo:
    """The demo sample, how its first load went, and a caller in its tenant."""

    portfolio: SamplePortfolio
    first: LoadReport
    principal: Principal


@pytest.fixture(scope="session")
def running(servers: Settings) -> Iterator[RunningApp]:
    """The wired application on the session's servers."""
    with running_app(servers) as app:
        yield app


@pytest.fixture(scope="session")
def small(running: RunningApp) -> Principal:
    """A caller in the tenant that holds the small portfolio."""
    running.run(small_portfolio.load, running.app, SMALL)
    return running.principal(SMALL)


@pytest.fixture(scope="session")
def demo(running: RunningApp) -> Demo:
    """The demo sample, loaded once."""
    portfolio, principal = build_portfolio("demo"), running.principal(DEMO)
    return Demo(portfolio, running.run(loader(running, principal).load, portfolio), principal)


def loader(running: RunningApp, principal: Principal) -> SampleLoader:
    """A loader into the caller's tenant that reports nothing."""
    return SampleLoader(running.app.pools, running.app.readings, principal.tenant_id, lambda *_: None)
