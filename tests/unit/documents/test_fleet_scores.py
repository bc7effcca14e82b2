"""Readings of a file in fleets: by commodity and cadence, in any order of meters, by the past alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from redaptive.documents.fleet_scores import score_fleets
from redaptive.documents.results import MeterHint
from redaptive.domain.detectors.calendar import LocalCalendar, SiteHours
from redaptive.domain.detectors.rows import Rows
from redaptive.domain.detectors.together.fleet import FLAG_SCORE, Fleet
from redaptive.domain.detectors.together.learned import learned_score
from redaptive.domain.portfolio.records import Commodity
from redaptive.reference.anomalies import packaged_trees

HOURS = 24 * 7 * 4
FIRST = datetime(2026, 1, 5, tzinfo=UTC)
CALENDAR = LocalCalendar.build([SiteHours("UTC")], FIRST.date(), HOURS // 24 + 1)
CLOSED = slice(HOURS - 80, HOURS - 40)


def _hint(code: str, commodity: Commodity, interval_s: int = 3600) -> MeterHint:
    return MeterHint(code, "kWh", commodity, interval_s, FIRST, FIRST + timedelta(hours=HOURS - 1), HOURS)


def _rows(energy: np.ndarray) -> Rows:
    """Rows of (hours, meters) Wh in order of time, meters that were not read (-1) left out."""
    hour, meter = np.nonzero(energy >= 0)
    start = int(FIRST.timestamp()) + hour * 3600
    none = np.full(hour.size, np.nan, np.float32)
    return Rows(meter.astype(np.int32), start, energy[hour, meter], np.zeros(hour.size, np.uint8), start + 3600, none)


def _energy(meters: int, seed: int = 1) -> np.ndarray:
    hour = np.arange(HOURS)[:, None]
    shape = 5000 + 3000 * ((hour % 24 >= 8) & (hour % 24 < 18))
    return np.rint(shape + np.random.default_rng(seed).normal(0, 150, (HOURS, meters))).astype(np.int64)


def _scores(energy: np.ndarray, hints: list[MeterHint], usable: np.ndarray | None = None) -> tuple[Rows, np.ndarray]:
    rows = _rows(energy)
    fit = np.ones(len(rows), bool) if usable is None else usable
    return rows, score_fleets(rows, rows.value.astype(np.float64), fit, hints, CALENDAR).score


def test_meters_of_another_commodity_or_cadence_change_nothing() -> None:
    energy = _energy(7)
    energy[CLOSED, :6] = energy[CLOSED, :6] * 6 // 10
    power = [_hint(f"e{k}", Commodity.ELECTRICITY) for k in range(6)]
    rows, alone = _scores(energy[:, :6], power)
    assert alone.max() > 0
    for other in (_hint("g", Commodity.GAS), _hint("slow", Commodity.ELECTRICITY, 7200)):
        mixed_rows, mixed = _scores(energy, [*power, other])
        assert np.array_equal(mixed[mixed_rows.index < 6], alone)
    assert len(rows) == alone.size


def test_a_prefix_of_the_file_has_the_scores_of_the_whole() -> None:
    energy, cut = _energy(6), 24 * 20
    hints = [_hint(f"m{k}", Commodity.ELECTRICITY) for k in range(6)]
    _, whole = _scores(energy, hints)
    other = energy.copy()
    other[cut:] = other[cut:] * 2 + 1
    for changed in (other, energy[:cut]):
        assert np.array_equal(_scores(changed, hints)[1][: cut * 6], whole[: cut * 6])


def test_rows_that_cannot_be_used_teach_nothing() -> None:
    energy = _energy(1)
    hints = [_hint("m", Commodity.ELECTRICITY)]
    broken, gone = energy.copy(), energy.copy()
    broken[300:310], gone[300:310] = 10**9, -1
    usable = np.ones(HOURS, bool)
    usable[300:310] = False
    _, with_broken = _scores(broken, hints, usable)
    assert (with_broken[300:310] == 0).all()
    assert np.array_equal(with_broken[usable], _scores(gone, hints)[1])


def test_meters_may_miss_intervals_of_their_own() -> None:
    energy = _energy(6)
    holes = np.random.default_rng(3).random(energy.shape) < 0.2
    energy[holes] = -1
    rows, score = _scores(energy, [_hint(f"m{k}", Commodity.ELECTRICITY) for k in range(6)])
    assert score.size == len(rows) == (~holes).sum()
    assert np.mean(score >= 6.0) < 0.01


def _by_hand(energy: np.ndarray, hours: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Hand-made scores and traits in order of rows; time `t` is `t` intervals after Monday midnight."""
    fleet, step = Fleet(energy.shape[1], hours), int(hours)
    found = [fleet.judge(t * step // 24, t * step % 168, row) for t, row in enumerate(energy.astype(np.float64))]
    return np.concatenate([f.score for f in found]), np.concatenate([f.traits for f in found], axis=1)


def test_hourly_scores_are_those_of_the_packaged_trees() -> None:
    energy = _energy(15)
    energy[CLOSED, 3] = energy[CLOSED, 3] * 15 // 10
    hand, traits = _by_hand(energy)
    found = _scores(energy, [_hint(f"m{k}", Commodity.ELECTRICITY) for k in range(15)])[1]
    assert np.array_equal(found, learned_score(packaged_trees(), hand, traits))
    assert not np.allclose(found, hand)


def test_intervals_longer_than_the_trees_know_keep_the_score_made_by_hand() -> None:
    energy = _energy(1)[: 24 * 7 * 3].reshape(-1, 2, 1).sum(axis=1)
    rows = replace(_rows(energy), start_s=int(FIRST.timestamp()) + np.arange(len(energy)) * 7200)
    hint = [_hint("slow", Commodity.ELECTRICITY, 7200)]
    found = score_fleets(rows, rows.value.astype(np.float64), np.ones(len(rows), bool), hint, CALENDAR)[1]
    assert np.array_equal(found, _by_hand(energy, 2.0)[0])


def _offices(first_day: int, meters: int) -> np.ndarray:
    """Wh of offices that begin on a weekday (0 Monday) and are closed at weekends."""
    hour = np.arange(HOURS) + 24 * first_day
    is_open = (hour % 24 >= 8) & (hour % 24 < 18) & (hour // 24 % 7 < 5)
    noise = np.random.default_rng(first_day).lognormal(0, 0.02, (HOURS, meters))
    return np.rint((35 + 65 * is_open)[:, None] * noise * 1000).astype(np.int64)


@pytest.mark.parametrize(("first_day", "meters"), [(0, 1), (2, 6), (5, 1), (6, 6)])
def test_plain_offices_have_no_anomalies_from_their_first_day_on(first_day: int, meters: int) -> None:
    rows = _rows(_offices(first_day, meters))
    rows = replace(rows, start_s=rows.start_s + 86_400 * first_day)
    hints = [_hint(f"m{k}", Commodity.ELECTRICITY) for k in range(meters)]
    calendar = LocalCalendar.build([SiteHours("UTC")], FIRST.date(), HOURS // 24 + 8)
    score = score_fleets(rows, rows.value.astype(np.float64), np.ones(len(rows), bool), hints, calendar)[1]
    assert (score >= FLAG_SCORE).sum() == 0


def test_faults_of_an_office_alone_are_flagged_and_end() -> None:
    energy = _offices(0, 1)
    day = 24 * 21
    energy[day : day + 10] *= 2
    energy[day + 72 : day + 96] = energy[day + 71]
    energy[day + 125 : day + 129] = 0
    flag = _scores(energy, [_hint("m", Commodity.ELECTRICITY)])[1] >= FLAG_SCORE
    for first, last in ((day + 1, day + 10), (day + 82, day + 96), (day + 125, day + 129)):
        assert flag[first:last].all()
    assert flag[:day].sum() == 0
    assert flag.sum() < 60
