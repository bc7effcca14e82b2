"""What the interpreter works with; given by the runtime, so that tests may give something else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from redaptive.agents.invoker import ToolInvoker
from redaptive.agents.tool import ToolSpec
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.orchestration.intelligent.conditional_engine import Types
from redaptive.orchestration.intelligent.engine.accounts import Accounts
from redaptive.orchestration.intelligent.engine.journal import Journal
from redaptive.orchestration.intelligent.engine.mailbox import Mailbox
from redaptive.orchestration.intelligent.engine.recorder import Recorder
from redaptive.orchestration.intelligent.engine.store import EngineStore
from redaptive.orchestration.plans.schema import Plan

Patterns = Callable[[str], Plan | None]
"""The registered plan of a name; None when there is none."""
PlanTypes = Callable[[Plan], Types]
"""The types of what a plan's references stand for, read from the tools' output schemas."""
Specs = Callable[[str], ToolSpec | None]
"""What a tool of a name promises: price, effects; None when nothing is known of it."""


def now() -> datetime:
    """The present instant in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Tools:
    """Everything a run needs. `pools` works as redaptive_worker, which sees all tenants."""

    invoker: ToolInvoker
    journal: Journal
    recorder: Recorder
    store: EngineStore
    mailbox: Mailbox
    accounts: Accounts
    pools: ConnectionPoolManager
    patterns: Patterns
    types: PlanTypes
    specs: Specs
    undo_attempts: int = 5
    undo_interval_s: float = 0.5
