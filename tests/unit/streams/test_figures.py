"""Figures of a worker, and the shares of partitions."""

from __future__ import annotations

import pytest

from redaptive.cli.worker import partition_numbers
from redaptive.errors import InvalidInput
from redaptive.streams.figures import WorkerFigures
from redaptive.streams.flush import Flushed
from redaptive.streams.leases import fair_share


def test_rate_forgets_what_is_older_than_half_a_minute() -> None:
    now = [0.0]
    figures = WorkerFigures(clock=lambda: now[0])
    figures.scored(1, 3000, 0.1)
    assert figures.readings_per_s == 100.0
    now[0] = 31.0
    assert figures.readings_per_s == 0.0
    assert figures.as_dict()["readings"] == 3000


def test_flush_quantiles() -> None:
    figures = WorkerFigures()
    assert figures.flush_quantile_s(0.99) == 0.0
    for k in range(1, 101):
        figures.flushed(Flushed(frozenset({1}), frozenset({2}), 10, k / 100, 2))
    assert figures.flush_quantile_s(0.5) == pytest.approx(0.51)
    assert figures.flush_quantile_s(0.99) == pytest.approx(1.0)
    assert (figures.stored_rows, figures.lost_partitions, figures.flush_attempts) == (1000, 100, 200)


@pytest.mark.parametrize(("workers", "share"), [(0, 16), (1, 16), (2, 8), (3, 6), (16, 1), (40, 1)])
def test_shares_cover_all_partitions(workers: int, share: int) -> None:
    assert fair_share(16, workers) == share
    assert fair_share(16, workers) * max(1, workers) >= 16


def test_lists_of_partitions() -> None:
    assert partition_numbers("0-3,7") == [0, 1, 2, 3, 7]
    with pytest.raises(InvalidInput, match="no partition"):
        partition_numbers("some")
