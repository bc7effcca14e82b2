"""Golden figures of domain.md 8.1, part load against the design curve, and a refusal."""

from __future__ import annotations

import pytest

from redaptive.domain.equipment.chiller import DesignCurve, chiller_figures, cooling_tons, iplv
from redaptive.errors import InvalidInput

CURVE = DesignCurve(0.2, 0.5, 0.3)


def test_the_golden_chiller() -> None:
    # domain.md 8.1: 1,000 gpm, 10 degF, 250 kW -> 416.67 tons, 0.600 kW/ton, COP 5.862.
    found = chiller_figures(250.0, 1000.0, 44.0, 54.0)
    assert found.tons == pytest.approx(416.67, abs=0.005)
    assert found.kw_per_ton == pytest.approx(0.600, abs=5e-4)
    assert found.cop == pytest.approx(5.862, abs=5e-4)
    assert (found.load_pct, found.design_kw_per_ton, found.deviation_pct) == (None, None, None)


def test_the_golden_iplv() -> None:
    # domain.md 8.1, AHRI 550/590: .65/.60/.55/.58 -> 0.5746.
    assert iplv(0.65, 0.60, 0.55, 0.58) == pytest.approx(0.5746, abs=5e-5)
    assert iplv(0.6, 0.6, 0.6, 0.6) == pytest.approx(0.6)


def test_deviation_is_at_equal_load_when_the_design_is_known() -> None:
    # Half load: power share 0.2 + 0.25 + 0.075 = 0.525, so design kW/ton is 0.6 * 0.525 / 0.5 = 0.63.
    found = chiller_figures(100.0, 480.0, 44.0, 50.0, design_kw_per_ton=0.6, design_tons=240.0, curve=CURVE)
    assert found.load_pct == pytest.approx(50.0)
    assert found.design_kw_per_ton == pytest.approx(0.63)
    assert found.deviation_pct == pytest.approx(100 * (100 / 120 / 0.63 - 1))


def test_without_design_tons_the_deviation_is_against_full_load() -> None:
    assert chiller_figures(250.0, 1000.0, 44.0, 54.0, design_kw_per_ton=0.5).deviation_pct == pytest.approx(20.0)


def test_full_load_of_a_sound_curve_is_the_design() -> None:
    found = chiller_figures(144.0, 576.0, 44.0, 54.0, design_kw_per_ton=0.6, design_tons=240.0, curve=CURVE)
    assert found.deviation_pct == pytest.approx(0.0)


@pytest.mark.parametrize("back", [44.0, 40.0])
def test_exchanged_sensors_are_refused(back: float) -> None:
    with pytest.raises(InvalidInput, match="not warmer") as caught:
        chiller_figures(250.0, 1000.0, 44.0, back)
    assert caught.value.field == "chwr_f"


@pytest.mark.parametrize(("gpm", "delta"), [(24.0, 1.0), (1.0, 24.0), (2.4, 10.0)])
def test_a_ton_is_24_gpm_f(gpm: float, delta: float) -> None:
    assert cooling_tons(gpm, delta) == pytest.approx(1.0)
