"""What the excess of an event that began with one reading comes to over a day."""

from __future__ import annotations

import numpy as np
import pytest

from redaptive.domain.detectors.base import Reading, reading_evidence


def _reading(energy: float, expected: float, hours: float) -> Reading:
    columns = {name: np.zeros(1, np.float32) for name in Reading._fields}
    said = {"energy": energy, "expected": expected, "hours": hours}
    return Reading(**columns | {name: np.full(1, value, np.float32) for name, value in said.items()})


@pytest.mark.parametrize(("hours", "per_day"), [(1 / 60, 60.0), (0.25, 4.0), (1.0, 1.0), (24.0, 1.0)])
def test_one_reading_is_an_hour_of_excess_and_never_a_day_of_it(hours: float, per_day: float) -> None:
    found = reading_evidence(None, _reading(1_883.0, 883.0, hours), None)
    assert found.excess_wh_per_day == pytest.approx(1_000.0 * per_day)
