"""Whether the readings before an issue carry a forecast, and which meters have stopped to read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import numpy as np

from redaptive.domain.baseline.hours import HOUR_S
from redaptive.domain.forecast.load_forecast import MIN_HISTORY_DAYS
from redaptive.domain.intervals import zone
from redaptive.domain.shortlist import some_of
from redaptive.errors import InvalidInput
from redaptive.streams.forecasts.history import History

SILENT_DAYS: Final = 7
"""Days without a reading after which the same hours of last week are not known."""


def require_past(histories: Sequence[History], issue_s: int) -> None:
    """Nothing, or InvalidInput with what there is where a history does not reach three weeks back, or ends before."""
    for history in histories:
        days = (min(issue_s, history.end_s) - history.start_s) // (24 * HOUR_S)
        if days < MIN_HISTORY_DAYS or issue_s > history.end_s:
            first, last, issue = (_told(s, history.timezone) for s in (history.start_s, history.end_s, issue_s))
            raise InvalidInput(
                f"The readings of {history.commodity} go from {first} to {last}, the forecast is issued {issue}: it "
                f"needs {MIN_HISTORY_DAYS} days of readings before it, up to the hour.",
                field="--at" if issue_s != history.end_s else "--readings",
                fix="Give a longer history, or issue it within the readings.",
            )


def silent_meters(history: History, issue_s: int) -> list[str]:
    """A sentence on the meters without any reading in the week before the issue; none where all have some."""
    known = np.isfinite(history.until(issue_s).energy)
    recent = known[:, -24 * SILENT_DAYS :].any(axis=1)
    names = [history.names[i] for i in np.flatnonzero(~recent)]
    if not names:
        return []
    return [
        f"No reading in the last {SILENT_DAYS} days: {some_of(names)}. What is forecast of them rests "
        "on older readings, and so does what stands for last week."
    ]


def _told(second: int, timezone: str) -> str:
    return f"{datetime.fromtimestamp(second, zone(timezone)):%Y-%m-%d %H:%M}"
