from __future__ import annotations

import numpy as np
import pytest
from tests.unit.domain.baseline.synthetic_site import meters, site

from redaptive.domain.baseline.cleaning import MeterTraits, clean
from redaptive.domain.baseline.sufficiency import check
from redaptive.domain.quality.flags import Quality
from redaptive.domain.quality.portfolio_quality import REFUSED_CAP, impute, quality
from redaptive.errors import InvalidInput

HOURS = site(24 * 365)
TRAITS = MeterTraits.electricity(4)


def energy() -> np.ndarray:
    """Sound, a fortnight of zeros and a step, half missing, constant."""
    y = meters(HOURS, 4)
    y[1, 1000:1336] = 0.0
    y[1, 5000:] *= 1.4
    y[2, 4000:] = np.nan
    y[3] = 6.0
    return y


def test_scores_rank_meters_and_say_why() -> None:
    y = energy()
    cleaned = clean(y, HOURS, TRAITS)
    found = quality(("a", "b", "c", "d"), cleaned, check(y, cleaned, HOURS, TRAITS))
    assert found[0].score == 100.0
    assert found[0].reasons == ()
    assert 60 < found[1].score < 95
    assert any("336 hours: a zero" in reason for reason in found[1].reasons)
    assert any("lasting step" in reason for reason in found[1].reasons)
    assert [q.settles for q in found] == [True, True, False, False]
    assert max(found[2].score, found[3].score) <= REFUSED_CAP


def test_imputed_hours_are_marked_and_do_not_settle() -> None:
    y = meters(HOURS, 2, noise=0.02)
    truth = y.copy()
    y[0, 2000:2002] = np.nan
    y[0, 3000:3100] = np.nan
    cleaned = clean(y, HOURS, MeterTraits.electricity(2))
    filled = impute(cleaned, HOURS)
    gap = np.isnan(y)
    assert np.isfinite(filled.energy).all()
    assert ((filled.quality & int(Quality.ESTIMATED)) != 0).tolist() == gap.tolist()
    assert np.isnan(filled.for_settlement()[gap]).all()
    assert np.array_equal(filled.for_settlement()[~gap], y[~gap])
    assert filled.energy[gap].mean() == pytest.approx(truth[gap].mean(), rel=0.1)


def test_without_support_a_gap_stays() -> None:
    y = np.full((1, HOURS.n), np.nan)
    y[0, :10] = 5.0
    filled = impute(clean(y, HOURS, MeterTraits.electricity(1)), HOURS)
    assert np.isnan(filled.energy[0, 5000])


def test_names_must_fit() -> None:
    y = meters(HOURS, 2)
    cleaned = clean(y, HOURS, MeterTraits.electricity(2))
    with pytest.raises(InvalidInput, match="names for"):
        quality(("a",), cleaned, check(y, cleaned, HOURS, MeterTraits.electricity(2)))
