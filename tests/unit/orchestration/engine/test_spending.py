"""The account of a run: what counts, what does not, and that a replay counts the same."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from redaptive.orchestration.intelligent.engine.spending import Spending
from redaptive.orchestration.state.run_records import Run


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class FakeClock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def _run(budget: dict[str, float], age_s: float = 0.0, **given: Any) -> Run:
    begun = datetime.now(UTC) - timedelta(seconds=age_s)
    return Run(
        tenant_id=uuid4(), id="r", plan_id="p", title="", plan={"budget": budget}, plan_hash="", inputs={}, preset={},
        state="running", priority=100, queue="interactive", origin="person", started_by="ann", on_behalf_of=None,
        scopes=(), correlation_id="", parent_run_id=None, parent_node=None, forked_from=None, fork_node=None,
        fork_gate=True, mode="forward", epoch=0, executor_id="e", error=None, output=None, run_seq=1, created_at=begun,
        started_at=begun, changed_at=begun, finished_at=None, wake_at=None, **given,
    )  # fmt: skip


@pytest.mark.anyio
async def test_time_counts_while_it_works_and_goes_on_from_what_was_stored() -> None:
    clock = FakeClock()
    spending = Spending(_run({"seconds": 10.0}, worked_ms=4_000), clock=clock)
    spending.work(True)
    clock.now_s += 3
    spending.work(True)
    assert (spending.worked_s, spending.left_s, spending.over) == (7.0, 3.0, False)
    spending.work(False)
    clock.now_s += 1_000
    assert spending.spent.worked_ms == 7_000
    spending.work(True)
    clock.now_s += 3
    assert spending.over
    assert spending.exhausted().code == "exhausted"
    spending.lift()
    assert not spending.over
    spending.close()


@pytest.mark.anyio
async def test_the_news_comes_when_time_is_up_and_not_while_it_rests() -> None:
    told: list[bool] = []
    spending = Spending(_run({"seconds": 0.05}), lambda: told.append(spending.over))
    spending.work(True)
    spending.work(False)
    await asyncio.sleep(0.1)
    assert told == []
    spending.work(True)
    await asyncio.sleep(0.2)
    assert told == [True]
    spending.close()


def test_a_replay_counts_what_children_took_once() -> None:
    first = Spending(_run({"seconds": 60.0}, age_s=30.0))
    first.charge("s", 12.0)
    kept = {node: first.note(node, {"ok": 1}) for node in ("s", "a")}
    assert kept == {"s": {"ok": 1, "children_s": 12.0}, "a": {"ok": 1}}
    again = Spending(_run({"seconds": 60.0}, age_s=30.0))
    for _ in range(2):
        for node, checkpoint in kept.items():
            again.read(node, checkpoint)
    assert again.spent == first.spent
    assert again.left_s == 48.0


def test_children_side_by_side_never_take_longer_than_the_run_is_old() -> None:
    spending = Spending(_run({"seconds": 100.0}, age_s=20.0))
    spending.charge("one", 19.0)
    spending.charge("other", 19.0)
    assert 20.0 <= spending.spent_s < 21.0


def test_a_child_may_not_outlast_its_parent() -> None:
    spending = Spending(_run({"seconds": 100.0}, limit_s=3.0))
    assert spending.most_s == 3.0
    assert "that its parent had left" in spending.exhausted().message
