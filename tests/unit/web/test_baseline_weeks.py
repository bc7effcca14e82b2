"""Sums of weeks in the charts of baselines."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from redaptive.web.reports.baseline import _together


def test_a_week_of_which_no_day_is_known_is_a_gap_and_not_zero() -> None:
    daily = np.ones((2, 21))
    daily[:, 7:14] = np.nan
    daily[0, 15] = np.nan
    ahead = SimpleNamespace(
        both=np.isfinite(daily), daily_actual=daily, daily_predicted=2 * daily,
        days=SimpleNamespace(n=21, day=np.arange(21)),
    )  # fmt: skip
    report = SimpleNamespace(found=SimpleNamespace(chosen=lambda grain: [0, 1] if grain == "hourly" else []))
    labels, (actual, predicted) = _together(cast("Any", report), cast("Any", ahead))
    assert labels == ["1970-01-01", "1970-01-08", "1970-01-15"]
    assert actual == [14.0, None, 13.0]
    assert predicted == [28.0, None, 26.0]
