from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.domain.baseline.synthetic_site import START_S, meters, site, weather

from redaptive.domain.baseline.cleaning import MeterTraits
from redaptive.domain.baseline.counterfactual import Counterfactual, counterfactual
from redaptive.domain.baseline.drift import OWN_PLUS, PUBLIC_SHARE, PUBLIC_TIMES, Drift, drift_of
from redaptive.domain.baseline.fitness import fitness
from redaptive.domain.baseline.hours import SiteHours, site_hours
from redaptive.domain.baseline.non_routine import Adjustment
from redaptive.domain.baseline.normal_year import normal_year
from redaptive.domain.baseline.portfolio_savings import total, total_of
from redaptive.domain.baseline.resampling import ErrorModel, total_errors
from redaptive.domain.baseline.savings import SavingsOptions, comparison_drift, g14_half, savings, unit_doubts
from redaptive.domain.baseline.study import BaselineStudy, SiteEnergy, study
from redaptive.errors import InvalidInput

YEAR = 8_760
NO_DRIFT = SavingsOptions(drift_electricity=Drift(0.0, 0.9, 0, "none"))


def year(number: int) -> SiteHours:
    warm = weather(2 * YEAR)[number * YEAR : (number + 1) * YEAR]
    return site_hours(START_S + number * YEAR * 3600, warm, "Europe/London")


def energy(y: np.ndarray, hours: SiteHours) -> SiteEnergy:
    names = tuple(f"m{i}" for i in range(len(y)))
    return SiteEnergy(names, y, hours, MeterTraits.electricity(len(y)), np.zeros(len(y), np.bool_))


@pytest.fixture(scope="module")
def world() -> tuple[BaselineStudy, Counterfactual]:
    """Six meters; the first saves 15 %, the third has no usable baseline, the last is half missing afterwards."""
    y = meters(site(2 * YEAR), 6)
    before, after = y[:, :YEAR].copy(), y[:, YEAR:].copy()
    after[0] *= 0.85
    before[2, 2000:] = np.nan
    after[5, 3000:] = np.nan
    found = study(energy(before, year(0)))
    return found, counterfactual(found, energy(after, year(1)))


def test_savings_are_found_with_an_interval_that_holds_them(world: tuple[BaselineStudy, Counterfactual]) -> None:
    book = savings(*world, options=NO_DRIFT)
    first, second = book.meters[:2]
    assert first.fraction == pytest.approx(0.15, abs=0.02)
    assert first.low is not None
    assert first.high is not None
    assert first.baseline is not None
    assert first.low < 0.15 * first.baseline < first.high
    assert first.gate == "verified"
    assert second.low is not None
    assert second.high is not None
    assert second.low < 0 < second.high
    assert second.gate == "stipulated"


def test_what_does_not_qualify_is_refused_and_never_a_number(world: tuple[BaselineStudy, Counterfactual]) -> None:
    book = savings(*world, options=NO_DRIFT)
    for refused, said in ((book.meters[2], "(limit "), (book.meters[5], "are needed")):
        assert refused.gate == "refused"
        assert refused.savings is None
        assert said in refused.reason
    assert not book.errors[[2, 5]].any()
    assert set(total(book).refused) == {"m2", "m5"}


@pytest.mark.parametrize("times", [1 / 37, 10.0])
def test_another_unit_is_no_saving_unless_somebody_expects_it(
    world: tuple[BaselineStudy, Counterfactual], times: float
) -> None:
    found, ahead = world
    after = ahead.site.energy.copy()
    after[1] *= times
    moved = counterfactual(found, replace(ahead.site, energy=after))
    refused = savings(found, moved, options=NO_DRIFT).meters[1]
    assert (refused.gate, refused.savings) == ("refused", None)
    assert "times the baseline" in refused.reason
    meant = savings(found, moved, options=replace(NO_DRIFT, expected=frozenset({"m1"}))).meters[1]
    assert meant.savings is not None


def test_a_meter_exchanged_within_the_period_saves_nothing_by_that() -> None:
    y = meters(site(2 * YEAR), 2)
    found, after = study(energy(y[:, :YEAR], year(0))), y[:, YEAR:].copy()
    after[1, 24 * 20 :] /= 20
    later = counterfactual(found, energy(after, year(1)))
    assert np.isfinite(later.cleaned.energy[1, : 24 * 20]).all()  # nothing is left out of a period that is compared
    sound, exchanged = savings(found, later, options=NO_DRIFT).meters
    assert sound.gate == "stipulated"
    assert (exchanged.gate, exchanged.savings) == ("refused", None)
    half = after.copy()
    half[1, : 24 * 20] = after[0, : 24 * 20]
    half[1, 24 * 20 : 24 * 180] *= 20
    exchanged = savings(found, counterfactual(found, energy(half, year(1))), options=NO_DRIFT).meters[1]
    assert exchanged.gate == "refused"
    assert "in the same weather" in exchanged.reason
    assert unit_doubts(found, counterfactual(found, energy(half, year(1)))) == {1: exchanged.reason}
    assert "times the baseline" in unit_doubts(found, later)[1]
    assert "2019-06-" in exchanged.reason or "2019-07-" in exchanged.reason
    expected = SavingsOptions(NO_DRIFT.errors, NO_DRIFT.drift_electricity, expected=frozenset({"m1"}))
    assert savings(found, counterfactual(found, energy(half, year(1))), options=expected).meters[1].savings is not None


def test_drift_widens_the_interval(world: tuple[BaselineStudy, Counterfactual]) -> None:
    narrow = savings(*world, options=NO_DRIFT).meters[0]
    wide = savings(*world, options=SavingsOptions(drift_electricity=Drift(0.10, 0.9, 20, "test"))).meters[0]
    default = savings(*world).meters[0]
    assert narrow.half_resampled is not None
    assert wide.half_resampled is not None
    assert default.half_resampled is not None
    assert wide.baseline is not None
    assert wide.half_resampled / wide.baseline == pytest.approx(0.10, rel=0.15)
    assert wide.half_resampled > default.half_resampled > 2 * narrow.half_resampled
    own = narrow.half_resampled / wide.baseline
    assert default.half_resampled / wide.baseline == pytest.approx(PUBLIC_TIMES * (own + OWN_PLUS), rel=0.1)
    assert wide.gate == "stipulated"


def test_a_portfolio_is_known_better_than_its_meters(world: tuple[BaselineStudy, Counterfactual]) -> None:
    found, ahead = world
    book = savings(found, ahead, options=SavingsOptions(drift_electricity=Drift(0.05, 0.9, 20, "test")))
    summed = total(book)
    halves = [
        (m.high - m.low) / 2 for m in book.meters if m.savings is not None and m.high is not None and m.low is not None
    ]
    assert (summed.high - summed.low) / 2 < sum(halves)
    assert summed.savings == pytest.approx(sum(m.savings or 0.0 for m in book.meters))
    same = total_of([(book, [0, 1]), (book, [3, 4])])
    assert same.savings == pytest.approx(summed.savings)


def test_adjustments_are_shown_beside_what_was_without_them(world: tuple[BaselineStudy, Counterfactual]) -> None:
    found, ahead = world
    y = ahead.site.energy.copy()
    y[0, 24 * 100 : 24 * 130] *= 1.8  # an extension was on for a month
    disturbed = counterfactual(found, energy(y, year(1)))
    first = int(disturbed.days.day[100])
    plain = savings(found, disturbed, options=NO_DRIFT).meters[0]
    event = Adjustment("m0", first, first + 30, "temporary extension", "A. Person")
    left_out = savings(found, disturbed, [event], NO_DRIFT).meters[0]
    levelled = savings(found, disturbed, [replace(event, treatment="indicator")], NO_DRIFT).meters[0]
    engineered = savings(
        found, disturbed, [replace(event, treatment="engineering", energy=500.0, source="log")], NO_DRIFT
    )
    assert plain.fraction is not None
    assert plain.fraction < 0.12
    assert left_out.fraction == pytest.approx(0.15, abs=0.02)
    assert levelled.fraction == pytest.approx(0.15, abs=0.02)
    assert left_out.unadjusted == pytest.approx(plain.savings)
    assert engineered.meters[0].savings == pytest.approx((plain.savings or 0.0) + 500.0)


def test_savings_of_a_meter_that_lacks_a_tenth_of_its_hours_are_not_settled_on(
    world: tuple[BaselineStudy, Counterfactual],
) -> None:
    found, ahead = world
    y = ahead.site.energy.copy()
    y[0, ::5] = np.nan  # a fifth of the hours, of every day
    row = savings(found, counterfactual(found, energy(y, year(1))), options=NO_DRIFT)
    assert row.meters[0].gate == "stipulated"
    assert row.meters[0].reason.startswith("Only 80% of the hours of the reporting period are known")
    whole = total(row, [0])
    assert (whole.gate, whole.savings) == ("stipulated", row.meters[0].savings)
    assert "m0: Only 80%" in whole.reason
    assert total(savings(found, ahead, options=NO_DRIFT), [0]).gate == "verified"


def test_more_use_than_before_says_so(world: tuple[BaselineStudy, Counterfactual]) -> None:
    found, ahead = world
    y = ahead.site.energy.copy()
    y[1] *= 1.3
    book = savings(found, counterfactual(found, energy(y, year(1))), options=NO_DRIFT)
    assert total(book, [1]).reason == "No positive savings are seen."


def test_events_must_leave_half_of_the_period(world: tuple[BaselineStudy, Counterfactual]) -> None:
    found, ahead = world
    first, n = int(ahead.days.day[0]), ahead.days.n
    whole = Adjustment("m0", first, first + n, "the project itself", "A. Person")
    for treatment in ("exclude", "indicator"):
        row = savings(found, ahead, [replace(whole, treatment=treatment)], NO_DRIFT).meters[0]
        assert (row.gate, row.savings) == ("refused", None)
        assert "take 100% of the reporting days" in row.reason
    half = savings(found, ahead, [replace(whole, end=first + n // 2)], NO_DRIFT).meters[0]
    assert half.savings is not None


def test_an_event_of_no_meter_is_refused(world: tuple[BaselineStudy, Counterfactual]) -> None:
    with pytest.raises(InvalidInput, match="not in the study"):
        savings(*world, [Adjustment("nobody", 0, 9, "x", "y")])


def test_the_guideline_14_half_width_is_the_golden_figure() -> None:
    # energy-science.md 2.5: CV .20, F .10, n = m = 8,760, ρ .9, k 1.26, t 1.645: FSU 0.1935.
    figures = fitness(np.ones((1, 3)), np.ones((1, 3)))
    made = replace(figures, cv_rmse=np.array([0.20]), autocorrelation=np.array([0.9]), n_parameters=np.array([0]))
    assert g14_half(made, 0, "hourly", 1000.0, 8760, 8760, 12) / 100.0 == pytest.approx(0.1935, abs=2e-4)


def test_comparison_meters_give_the_drift_that_residuals_do_not_explain() -> None:
    nmbe = np.random.default_rng(1).normal(0, 0.06, 400)
    heating = drift_of(nmbe, np.zeros(400), fuel="heating")
    assert heating.half == pytest.approx(0.06 * 1.645, rel=0.1)
    assert heating.spreads(np.array([0.01, 0.5])) == pytest.approx(heating.half / 1.645, rel=1e-3)
    assert drift_of(nmbe, np.full(400, 0.2), fuel="heating").half == 0.0
    few = drift_of(nmbe[:9], np.zeros(9), fuel="heating")
    assert few.half == pytest.approx(PUBLIC_SHARE)
    assert "only 9 comparison meters" in few.source


def test_the_drift_of_electricity_follows_what_residuals_explain() -> None:
    rng = np.random.default_rng(2)
    own = rng.choice([0.02, 0.20], 4_000)
    nmbe = rng.normal(0, 0.5 * (own + OWN_PLUS))
    found = drift_of(nmbe[:2_000], own[:2_000])
    half = np.sqrt((1.645 * found.spreads(own)) ** 2 + own**2)
    held = np.abs(nmbe) <= np.maximum(half, own)
    for kind in (0.02, 0.20):
        assert held[2_000:][own[2_000:] == kind].mean() == pytest.approx(0.90, abs=0.03)
    assert drift_of(nmbe[:9], own[:9]).half == pytest.approx(PUBLIC_TIMES)


def test_comparison_meters_that_end_near_their_baselines_narrow_the_noise() -> None:
    rng = np.random.default_rng(6)
    own = rng.uniform(0.03, 0.09, 2_000)
    nmbe = rng.normal(0, 0.25 * own / 1.645)  # a quarter of what residuals say, as where a seasonal error recurs
    found = drift_of(nmbe[:1_000], own[:1_000])
    half = np.hypot(found.scales(own) * own, 1.645 * found.spreads(own))
    assert 0.88 < float((np.abs(nmbe[1_000:]) <= half[1_000:]).mean()) < 0.95
    assert np.median(half) < 0.4 * np.median(own)
    heating = drift_of(nmbe[:1_000], own[:1_000], fuel="heating")
    assert heating.scales(own[:2]).tolist() == [pytest.approx(heating.noise)] * 2
    assert heating.noise < 0.5


@pytest.mark.parametrize("fuel", ["electricity", "heating"])
def test_few_comparison_meters_never_narrow_and_neither_do_drifting_ones(fuel: str) -> None:
    own = np.full(40, 0.05)
    assert drift_of(np.zeros(9), own[:9], fuel=fuel).scales(own).tolist() == [1.0] * 40
    assert drift_of(np.full(40, 0.2), own, fuel=fuel).scales(own).tolist() == [1.0] * 40


def test_comparison_needs_meters_with_baselines(world: tuple[BaselineStudy, Counterfactual]) -> None:
    assert "public data" in comparison_drift(*world).source


def test_resampled_errors_have_the_variance_of_sums() -> None:
    noise = np.random.default_rng(2).normal(0, 1, (1, 364))
    errors = total_errors(noise, np.array([364]), ErrorModel(4000, 7, 0.0))
    assert errors.std() == pytest.approx(np.sqrt(2 * 364), rel=0.12)
    assert total_errors(np.vstack([noise, noise]), np.array([364, 364])).std(axis=0).max() < 1e-9
    with pytest.raises(InvalidInput, match="Blocks of 3 days"):
        total_errors(noise, np.array([364]), ErrorModel(block_days=3))


def test_a_normal_year_compares_both_models() -> None:
    y = meters(site(2 * YEAR), 2)
    after = y[:, YEAR:] * np.array([[0.8], [1.0]])
    both = study(energy(y[:, :YEAR], year(0))), study(energy(after, year(1)))
    normal = site_hours(START_S + 2 * YEAR * 3600, weather(YEAR, 99), "Europe/London")
    found = normal_year(*both, normal)
    assert (found.savings / found.without).tolist() == pytest.approx([0.2, 0.0], abs=0.03)
    with pytest.raises(InvalidInput, match="of 8760 hours"):
        normal_year(*both, site(1000))
