from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from tests.integration.portfolio_agent import small_portfolio
from tests.integration.portfolio_agent.running_app import running_app

from redaptive.sample.loading import SampleLoader
from redaptive.sample.portfolio import build_portfolio


@dataclass(frozen=True)
class Demo:
    portfolio: Any
    first: Any
    principal: Any


@pytest.fixture(scope="session")
def running(servers):
    with running_app(servers) as app:
        yield app


@pytest.fixture(scope="session")
def small(running):
    running.run(small_portfolio.load, running.app, "small")
    return running.principal("small")


@pytest.fixture(scope="session")
def demo(running):
    portfolio, principal = build_portfolio("demo"), running.principal("demo-shared")
    loader = SampleLoader(running.app.pools, running.app.readings, principal.tenant_id, lambda *_: None)
    return Demo(portfolio, running.run(loader.load, portfolio), principal)
