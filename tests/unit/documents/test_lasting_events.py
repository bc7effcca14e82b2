"""Events of a file are the runs of its meters in which enough had gathered, with the sums of their readings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from redaptive.documents.fleet_scores import gather
from redaptive.documents.lasting_events import EVENTS, lasting_events
from redaptive.domain.detectors.together.lasting import Gathered

START = datetime(2026, 3, 2, tzinfo=UTC)
UNITS = {"A": "kWh", "B": "kWh"}


def _scored(meters: dict[str, list[float]]) -> pl.DataFrame:
    """A frame as of `anomaly_scores.causal`: each hour reads 3 where 1 is expected."""
    parts = []
    for meter, scores in meters.items():
        state, rows = Gathered(1, 1.0), []
        for hour, score in enumerate(scores):
            total, since = state.add(hour, np.array([score]))
            ts, begun = START + timedelta(hours=hour), START + timedelta(hours=int(since[0]))
            kind = "spike+unusual" if score > 8 else ""
            rows.append((meter, ts, 3.0, 1.0, score, kind, float(total[0]), begun if since[0] >= 0 else None))
        parts.append(pl.DataFrame(rows, orient="row", schema={
            "meter": pl.String(), "ts": pl.Datetime("us", "UTC"), "value": pl.Float64(), "expected": pl.Float64(),
            "score": pl.Float64(), "kind": pl.String(), "gathered": pl.Float64(), "since": pl.Datetime("us", "UTC"),
        }))  # fmt: skip
    return pl.concat(parts)


def test_an_event_has_its_begin_the_hour_in_which_it_was_told_and_its_energy() -> None:
    scored = _scored({"A": [0.1] * 30 + [9.0] * 6 + [0.1] * 40, "B": [0.1] * 76})
    found = lasting_events(scored, UNITS)
    assert found.schema == EVENTS
    assert found.height == 1
    one = found.row(0, named=True)
    assert (one["meter"], one["began"], one["told"]) == ("A", START + timedelta(hours=30), START + timedelta(hours=33))
    assert (one["last"], one["readings"]) == (START + timedelta(hours=35), 6)
    assert (one["value"], one["expected"], one["excess_kwh"]) == (18.0, 6.0, 12.0)
    assert (one["highest_score"], one["kinds"]) == (9.0, "spike+unusual")


def test_what_is_not_in_kwh_has_no_energy_and_stands_last() -> None:
    scored = _scored({"A": [0.1] * 30 + [9.0] * 9 + [0.1] * 40, "B": [0.1] * 30 + [9.0] * 6 + [0.1] * 40})
    found = lasting_events(scored, {"A": "m3", "B": "kWh"})
    assert found.select("meter", "unit", "excess", "excess_kwh").rows() == [
        ("B", "kWh", 12.0, 12.0),
        ("A", "m3", 18.0, None),
    ]


def test_two_changes_with_usual_days_between_are_two_events_and_none_gives_an_empty_list() -> None:
    twice = [0.1] * 30 + [6.0] * 8 + [0.1] * 48 + [6.0] * 24 + [0.1] * 30
    found = lasting_events(_scored({"A": twice, "B": twice}), UNITS)
    assert found.group_by("meter").len().sort("meter").rows() == [("A", 2), ("B", 2)]
    assert found["readings"].to_list() == sorted(found["readings"].to_list(), reverse=True)
    assert lasting_events(_scored({"A": [0.5] * 50}), UNITS).height == 0


def test_gathering_over_a_file_is_that_of_each_meter_with_unread_hours_as_usual() -> None:
    rng = np.random.default_rng(3)
    hours = 60
    score = rng.exponential(3.0, (hours, 3))
    read = rng.random((hours, 3)) < 0.7
    read[20:31] = False
    at, meter = np.nonzero(read)
    total, since = gather(at * 3600 + 7200, meter, score[read], 3, 3600)
    for k in range(3):
        state = Gathered(1, 1.0)
        alone = [state.add(7200 + t * 3600, np.array([score[t, k] if read[t, k] else np.nan])) for t in range(hours)]
        mine = meter == k
        assert total[mine] == pytest.approx(np.array([t[0] for t, _ in alone])[read[:, k]])
        assert since[mine].tolist() == np.array([s[0] for _, s in alone])[read[:, k]].tolist()


def test_a_file_without_readings_gathers_nothing() -> None:
    none = np.array([], np.int64)
    total, since = gather(none, none, np.array([]), 2, 3600)
    assert len(total) == len(since) == 0
