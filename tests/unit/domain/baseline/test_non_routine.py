from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.domain.baseline.synthetic_site import site

from redaptive.domain.baseline.days import site_days
from redaptive.domain.baseline.non_routine import Adjustment, candidates
from redaptive.errors import InvalidInput

DAYS = site_days(site(24 * 300))


def series(seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    predicted = 100 + 20 * np.sin(np.arange(DAYS.n) / 30)[None]
    return predicted * (1 + rng.normal(0, 0.03, predicted.shape)), predicted


def test_a_month_of_more_use_is_proposed_with_days_and_size() -> None:
    actual, predicted = series()
    actual[0, 120:150] *= 1.4
    (event,) = candidates(actual, predicted, DAYS)
    assert abs(event.first - DAYS.day[120]) <= 4
    assert abs(event.end - DAYS.day[150]) <= 4
    assert event.share == pytest.approx(0.4, abs=0.05)
    assert event.energy == pytest.approx(float(0.4 * predicted[0, 120:150].sum()), rel=0.15)


def test_the_effect_of_the_project_is_no_event() -> None:
    actual, predicted = series()
    assert candidates(actual * 0.7, predicted, DAYS) == []


def test_noise_and_short_peaks_are_no_events() -> None:
    actual, predicted = series(2)
    actual[0, 50:53] *= 2
    assert candidates(actual, predicted, DAYS) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [({"end": 0}, "end"), ({"cause": " "}, "cause"), ({"confirmed_by": ""}, "confirmed_by"),
     ({"treatment": "engineering"}, "source")],
)  # fmt: skip
def test_an_incomplete_entry_is_refused(change: dict[str, object], field: str) -> None:
    entry = Adjustment("m", 10, 20, "extension", "A. Person")
    with pytest.raises(InvalidInput) as refused:
        replace(entry, **change).checked()
    assert refused.value.field == field
