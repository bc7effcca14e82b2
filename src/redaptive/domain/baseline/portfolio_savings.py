"""Savings of projects and portfolios: sums whose intervals keep what meters have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from redaptive.domain.baseline.hours import F64
from redaptive.domain.baseline.savings import CONFIDENCE, MAX_FSU, Gate, MeterSavings, SavingsBook

MOST_SAID: Final = 5
"""Meters of which a sum says why they are not settled on."""


@dataclass(frozen=True)
class TotalSavings:
    """The sum over the meters that were not refused; `refused` names the others, which count as nothing."""

    savings: float
    low: float
    high: float
    baseline: float
    fsu: float | None
    gate: Gate
    n_meters: int
    refused: tuple[str, ...]
    reason: str

    @property
    def fraction(self) -> float | None:
        """Share of the baseline."""
        return self.savings / self.baseline if self.baseline else None


def total(book: SavingsBook, chosen: Sequence[int] | None = None) -> TotalSavings:
    """The sum over meters (default all) of one book; its errors were drawn on the same dates."""
    positions = list(range(len(book.meters))) if chosen is None else list(chosen)
    return _total([book.meters[i] for i in positions], book.errors[positions])


def total_of(books: Sequence[tuple[SavingsBook, Sequence[int]]]) -> TotalSavings:
    """The sum over meters of several books; books of other periods or stations are taken as independent."""
    meters = [book.meters[i] for book, chosen in books for i in chosen]
    errors = [book.errors[list(chosen)] for book, chosen in books if len(chosen)]
    return _total(meters, np.concatenate(errors) if errors else np.zeros((0, 1)))


def _total(meters: Sequence[MeterSavings], errors: F64) -> TotalSavings:
    counted = [m for m in meters if m.savings is not None]
    refused = tuple(m.meter for m in meters if m.savings is None)
    saved, baseline = sum(m.savings or 0.0 for m in counted), sum(m.baseline or 0.0 for m in counted)
    if not counted:
        return TotalSavings(0.0, 0.0, 0.0, 0.0, None, "refused", 0, refused, "No meter of it has a baseline.")
    low, high = np.quantile(errors.sum(axis=0), [0.5 - CONFIDENCE / 2, 0.5 + CONFIDENCE / 2])
    independent = float(np.sqrt(sum((m.half_g14 or 0.0) ** 2 for m in counted)))
    half = max(float(high - low) / 2, independent)
    fsu = half / abs(saved) if saved else float("inf")
    doubted = [m for m in counted if m.doubt]
    gate: Gate = "verified" if saved > 0 and fsu < MAX_FSU and not doubted else "stipulated"
    reason = f"FSU {fsu:.0%} at 90 %, limit {MAX_FSU:.0%}" if saved > 0 else "No positive savings are seen"
    reason += "".join(f"; {m.meter}: {m.doubt.rstrip('.')}" for m in doubted[:MOST_SAID])
    if refused:
        reason += f"; {len(refused)} of {len(meters)} meters are refused and count as nothing"
    return TotalSavings(saved, saved - half, saved + half, baseline, fsu, gate, len(counted), refused, reason + ".")
