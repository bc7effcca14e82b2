"""An executor that ends takes over nothing more, and waits for a take-over that has begun."""

from __future__ import annotations

import threading
from typing import cast

import pytest

from redaptive.orchestration.intelligent.engine import lease as module
from redaptive.orchestration.intelligent.engine.lease import Connection, Lease


class FakeConnection:
    """Renews every lease."""


def test_a_take_over_ends_before_the_executor_does(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on, done = threading.Event(), threading.Event(), []

    def take_over(self: Lease, connection: Connection) -> None:
        begun.set()
        go_on.wait(10)
        done.append("taken over")

    monkeypatch.setattr(module, "TTL_S", -1.0)
    monkeypatch.setattr(module, "LOOK_S", 0.01)
    monkeypatch.setattr(module, "sweep", lambda connection: None)
    monkeypatch.setattr(Lease, "_renew", lambda self, connection: True)
    monkeypatch.setattr(Lease, "_take_over", take_over)
    lease = Lease("", "one", lambda: None, frozenset)
    holder = threading.Thread(target=lease._hold, args=(cast("Connection", FakeConnection()),))
    lease.recover_others()
    holder.start()
    assert begun.wait(10)
    leaver = threading.Thread(target=lambda: (lease.leave_to_others(), done.append("left")))
    leaver.start()
    assert not done
    go_on.set()
    leaver.join(10)
    looked = len(done)
    lease._stop.set()
    holder.join(10)
    assert done[-1] == "left"
    assert len(done) == looked
