from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from tests.conftest import DEMO_TENANT
from tests.integration.portfolio_agent import small_portfolio
from tests.integration.portfolio_agent.running_app import running_app

from redaptive.sample.portfolio import build_portfolio


@dataclass(frozen=True)
class Demo:
    running: Any
    portfolio: Any
    principal: Any


@pytest.fixture(scope="session")
def running(servers, tmp_path_factory):
    # Readings of its own: sealing rewrites whole months, those of the demo included.
    with running_app(servers.model_copy(update={"readings_url": str(tmp_path_factory.mktemp("readings"))})) as app:
        yield app


@pytest.fixture(scope="session")
def small(running):
    running.run(small_portfolio.load, running.app, "small")
    return running.principal("small")


@pytest.fixture(scope="session")
def demo(servers, demo_load):
    with running_app(servers) as app:
        yield Demo(app, build_portfolio("demo"), app.principal(DEMO_TENANT))
