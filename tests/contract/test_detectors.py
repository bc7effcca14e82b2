"""What every detector must do, found by the registry: the folder's and those of installed packages."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from redaptive.domain.detectors import registry
from redaptive.domain.detectors.base import Day, Detector, Evidence, Reading
from redaptive.domain.detectors.kinds import Kind
from redaptive.domain.detectors.memory.layout import layout
from redaptive.domain.detectors.registry import detector, discover
from redaptive.errors import Conflict, NotFound

METERS, STEPS = 60, 250
each = pytest.mark.parametrize("found", discover(), ids=lambda d: d.id)


def _fresh(found: Detector, meters: int) -> Any:
    return found.state(*(np.full(meters, value, value.dtype) for value in found.fields.values()))


def _noise(found: Detector, rng: np.random.Generator, meters: int, step: int) -> Reading | Day:
    """Flat Gaussian noise: 1,000 Wh an hour with 5 % spread, expectation exact."""
    one = np.ones(meters, np.float32)
    if found.stage == "reading":
        z = rng.normal(size=meters).astype(np.float32)
        energy = np.float32(1000) + np.float32(50) * z
        return Reading(
            energy=energy,
            whole_wh=energy.astype(np.int64),
            expected=one * 1000,
            spread=one * 50,
            z=z,
            warm=one > 0,
            temperature=one * 10,
            hours=one,
            steps=one,
            slot=np.full(meters, step % 168, np.int16),
            closed=np.full(meters, step % 24 < 7),
            hours_known=np.arange(meters) % 2 == 0,
            holiday=one < 0,
        )
    profile = 1000 + 50 * rng.normal(size=(meters, 24)).astype(np.float32)
    night = profile[:, 1:5].sum(axis=1)
    miss = np.abs(profile - 1000).sum(axis=1)
    return Day(
        energy=profile.sum(axis=1),
        expected=one * 24_000,
        readings=one * 24,
        complete=one > 0,
        hours=one,
        rest_day=np.full(meters, step % 7 >= 5),
        hours_known=one > 0,
        night_wh=night,
        night_readings=one * 4,
        miss=miss,
        miss_earlier=miss,
        miss_later=miss,
    )


def _run(found: Detector, meters: int = METERS, steps: int = STEPS, order: Any = slice(None), seed: int = 3) -> Any:
    """State, alarm matrix (steps, meters) and the largest score after a run over noise."""
    rng, state, on = np.random.default_rng(seed), _fresh(found, meters), np.zeros(meters, np.bool_)
    alarms, scores = [], []
    for step in range(steps):
        noise = _noise(found, rng, meters, step)
        x = type(noise)(*(column[order] for column in noise))
        state, on, score = found.step(found.config, x, state, on)
        alarms.append(on)
        scores.append(score)
    return state, np.array(alarms), np.array(scores)


def test_the_folder_is_the_registry() -> None:
    assert {d.kind for d in discover()} == set(Kind)
    assert [d.kind for d in discover()] == sorted(d.kind for d in discover())
    assert detector("spike").kind is Kind.SPIKE
    with pytest.raises(NotFound, match="Known: spike"):
        detector("magic")


def test_two_detectors_of_one_kind_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    twin = replace(detector("spike"), id="spike_two")
    monkeypatch.setattr(registry, "_installed", lambda: iter([twin]))
    with pytest.raises(Conflict, match="Two detectors have the kind"):
        registry.discover.__wrapped__()


@each
def test_it_says_idea_failure_mode_and_source(found: Detector) -> None:
    text = inspect.getdoc(inspect.getmodule(found.step)) or ""
    for word in ("Idea:", "Failure", "Source:"):
        assert word in text
    assert type(found.config).__doc__
    assert found.state.__doc__


@each
def test_its_state_is_plain_columns_of_the_layout(found: Detector) -> None:
    fields = layout().hot if found.stage == "reading" else layout().day
    assert all(fields[name].dtype == value.dtype for name, value in found.fields.items())
    state, _, _ = _run(found, steps=3)
    for value, column in zip(found.fields.values(), state, strict=True):
        assert column.dtype == value.dtype
        assert column.shape == (METERS,)


@each
def test_it_is_silent_on_flat_noise_at_its_stated_rate(found: Detector) -> None:
    _, alarms, _ = _run(found, meters=200, steps=500)
    opened = np.count_nonzero(alarms[1:] & ~alarms[:-1])
    # Three standard deviations of a Poisson count above the stated rate.
    allowed = found.false_alarms_per_1000 * alarms.size / 1000
    assert opened <= allowed + 3 * np.sqrt(allowed)


@each
def test_its_strength_is_float32_and_known_for_known_readings(found: Detector) -> None:
    _, _, strengths = _run(found)
    assert strengths.dtype == np.float32
    assert np.isfinite(strengths).all()


@each
def test_nan_opens_nothing_and_leaves_no_nan(found: Detector) -> None:
    state, alarms, _ = _run(found)
    noise = _noise(found, np.random.default_rng(9), METERS, 0)
    blind = {name: np.full(METERS, np.nan, np.float32) for name in _unknown(found)}
    x = noise._replace(**blind)
    if found.stage == "reading":
        x = x._replace(warm=np.zeros(METERS, np.bool_))
    after, on, _ = found.step(found.config, x, state, alarms[-1])
    assert not (on & ~alarms[-1]).any()
    assert all(np.isfinite(column).all() for column in after)


def _unknown(found: Detector) -> tuple[str, ...]:
    if found.stage == "reading":
        return ("energy", "expected", "z", "temperature")
    return ("expected", "miss", "miss_earlier", "miss_later")


@each
def test_it_is_deterministic_and_meter_order_has_no_effect(found: Detector) -> None:
    state, alarms, scores = _run(found)
    same, again, _ = _run(found)
    turned, turned_alarms, turned_scores = _run(found, order=slice(None, None, -1))
    for a, b, c in zip(state, same, turned, strict=True):
        assert a.tobytes() == b.tobytes() == c[::-1].tobytes()
    assert (alarms == again).all()
    assert (alarms == turned_alarms[:, ::-1]).all()
    assert scores.tobytes() == np.ascontiguousarray(turned_scores[:, ::-1]).tobytes()


@each
def test_one_batch_of_meters_equals_many_small_ones(found: Detector) -> None:
    rng, state, on = np.random.default_rng(3), _fresh(found, METERS), np.zeros(METERS, np.bool_)
    parts = [(_fresh(found, 1), np.zeros(1, np.bool_)) for _ in range(METERS)]
    for step in range(30):
        x = _noise(found, rng, METERS, step)
        state, on, _ = found.step(found.config, x, state, on)
        parts = [
            found.step(found.config, type(x)(*(c[k : k + 1] for c in x)), *part)[:2] for k, part in enumerate(parts)
        ]
    for place, column in enumerate(state):
        assert column.tobytes() == np.concatenate([part[0][place] for part in parts]).tobytes()


@each
def test_it_gives_evidence(found: Detector) -> None:
    state, _, _ = _run(found)
    x = _noise(found, np.random.default_rng(9), METERS, 0)
    proof = found.evidence(found.config, x, state)
    assert isinstance(proof, Evidence)
    for column in proof:
        assert column.shape == (METERS,)
    assert (proof.since >= 0).all()
