"""Depreciation for tax; schedules and credits are dated rows, not tax advice."""

from __future__ import annotations

from collections.abc import Sequence


def depreciation_usd(capex_usd: float, schedule: Sequence[float], credit_rate: float = 0.0) -> list[float]:
    """Yearly depreciation in USD: the basis is capex less half of the investment credit.

    >>> [round(x) for x in depreciation_usd(1_920_000, [.2, .32, .192, .1152, .1152, .0576], 0.30)]
    [326400, 522240, 313344, 188006, 188006, 94003]
    """
    basis_usd = capex_usd * (1.0 - credit_rate / 2.0)
    return [basis_usd * share for share in schedule]
