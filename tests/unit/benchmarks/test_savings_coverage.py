"""The coverage study of `benchmarks/bench_baselines.py` with fewer seeds."""

from __future__ import annotations

from baselines.coverage import cover, drift_without_projects
from baselines.installations import BANDS, installations


def test_the_stated_interval_holds_the_true_savings() -> None:
    drift = drift_without_projects(60)
    assert "60 comparison meters" in drift.source
    found = [cover(installations(25, band, 900 + k), drift, band) for k, band in enumerate(BANDS)]
    n, held = sum(f.n for f in found), sum(f.held for f in found)
    assert n >= 95
    assert 0.82 <= held / n <= 0.97
    assert sum(f.held_g14 for f in found) < held
    assert all(abs(f.bias) < 0.03 for f in found)
    assert found[3].verified > found[0].verified


def test_without_savings_few_are_called_significant() -> None:
    found = cover(installations(40, (0.0, 0.0), 77), drift_without_projects(60), (0.0, 0.0))
    assert found.significant <= 0.1 * found.n
