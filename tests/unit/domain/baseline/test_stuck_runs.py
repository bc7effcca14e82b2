"""Meters that repeat one value."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.domain.baseline.synthetic_site import F64, meters, site

from redaptive.domain.baseline.cleaning import MeterTraits, clean
from redaptive.domain.baseline.stuck_runs import longest_runs
from redaptive.domain.baseline.sufficiency import check

SITE = site()
LOAD = meters(SITE, 1)


def stuck(hours: int, value: float = 12.0) -> F64:
    y = LOAD.copy()
    y[0, 1_001 : 1_001 + hours] = value
    return y


@pytest.mark.parametrize(
    ("energy", "expected"),
    [
        (LOAD, 0.0),
        (stuck(2_880), 2_880.0),
        (stuck(73), 73.0),
        (stuck(200, 0.0), 0.0),
        (stuck(200, np.nan), 0.0),
        (np.repeat(LOAD[:, ::24], 24, axis=1), 0.0),
        (np.full_like(LOAD, 5.0), 0.0),
    ],
    ids=["load", "months", "three days", "zeros", "gap", "read by the day", "constant"],
)
def test_the_longest_run_is_found(energy: F64, expected: float) -> None:
    assert longest_runs(energy).tolist() == [expected]


@pytest.mark.parametrize(("hours", "flagged"), [(72, False), (73, True), (2_880, True)])
def test_a_stuck_meter_is_flagged_and_not_refused(hours: int, flagged: bool) -> None:
    energy, traits = stuck(hours), MeterTraits.electricity(1)
    found = check(energy, clean(energy, SITE, traits), SITE, traits)
    assert ("stuck" in {finding.code for finding in found.findings(0)}) is flagged
    assert found.sufficient.all()
