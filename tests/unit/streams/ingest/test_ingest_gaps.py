"""Which numbers of a gateway are told as missing: those that did not come, late or refused, within a while."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from tests.fakes.fake_clock import FakeClock

from redaptive.errors import Unavailable
from redaptive.streams.ingest import gaps as module
from redaptive.streams.ingest.gaps import GRACE_S, Gap, Gaps

TENANT = uuid4()


class FakePools:
    """Transactions that do nothing, or fail."""

    def __init__(self) -> None:
        self.is_away = False

    def transaction(self, _tenant: object) -> FakePools:
        return self

    async def __aenter__(self) -> None:
        if self.is_away:
            raise Unavailable("away")

    async def __aexit__(self, *_: object) -> None:
        return None


class Told:
    """Gaps on a fake clock, and what was written."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock, self.pools = FakeClock(), FakePools()
        self.gaps = Gaps(self.pools, clock=lambda: self.clock.now)  # type: ignore[arg-type]
        self.written: list[tuple[int, int]] = []
        self.highest = 0

        async def add(_connection: Any, events: list[Any]) -> None:
            self.written += [(event.data.first_missing, event.data.last_missing) for event in events]

        monkeypatch.setattr(module, "add_to_outbox", add)

    def come(self, *numbers: int | None) -> None:
        """Messages in this order; None has no readable number."""
        for number in numbers:
            if number is None:
                self.gaps.came_unread(7)
                continue
            missing = self.highest and number > self.highest + 1
            gap = Gap(TENANT, 7, self.highest + 1, number - 1) if missing else None
            self.gaps.came(7, number, gap)
            self.highest = max(self.highest, number)

    def after(self, seconds: float) -> list[tuple[int, int]]:
        self.clock.pass_by(seconds)
        asyncio.run(self.gaps.tell())
        return self.written


@pytest.mark.parametrize(
    ("numbers", "missing"),
    [
        ((1, 2, 3), []),
        ((1, 2, 5), [(3, 4)]),
        ((3, 5, 4), []),
        ((1, 6, 3), [(2, 2), (4, 5)]),
        ((1, 6, 2, 5), [(3, 4)]),
        ((1, 9, 4, 7), [(2, 3), (5, 6), (8, 8)]),
        ((8, None, 10, None, 12), []),
        ((8, None, 11), [(9, 10)]),
        ((8, 10, None, None, 12, 13), [(9, 9)]),
        ((None, None, 8, 10), [(9, 9)]),
    ],
)
def test_what_never_came_is_told_once(
    monkeypatch: pytest.MonkeyPatch, numbers: tuple[int | None, ...], missing: list[tuple[int, int]]
) -> None:
    told = Told(monkeypatch)
    told.come(*numbers)
    assert told.after(GRACE_S / 2) == []
    assert sorted(told.after(GRACE_S)) == missing
    assert sorted(told.after(GRACE_S)) == missing


def test_a_gap_waits_for_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told(monkeypatch)
    told.come(1, 3)
    told.pools.is_away = True
    assert told.after(GRACE_S) == []
    told.come(2, 5)
    told.pools.is_away = False
    assert told.after(0) == []
    assert told.after(GRACE_S) == [(4, 4)]
