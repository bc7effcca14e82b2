"""Conversions against published factors and round trips."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from redaptive.domain import constants, units
from redaptive.domain.portfolio.records import Commodity
from redaptive.errors import InvalidInput

Convert = Callable[[float], NDArray[np.float64]]
PAIRS: list[tuple[Convert, Convert]] = [
    (units.kwh_to_kbtu, units.kbtu_to_kwh),
    (units.kwh_to_therms, units.therms_to_kwh),
    (units.fahrenheit_to_celsius, units.celsius_to_fahrenheit),
    (units.difference_f_to_c, units.difference_c_to_f),
    (units.ft2_to_m2, units.m2_to_ft2),
    (units.gallons_to_litres, units.litres_to_gallons),
]


@pytest.mark.parametrize(("there", "back"), PAIRS)
@settings(deadline=None)
@given(value=st.floats(-1e9, 1e9))
def test_conversions_round_trip(there: Convert, back: Convert, value: float) -> None:
    assert float(back(there(value))) == pytest.approx(value, rel=1e-12, abs=1e-7)


@pytest.mark.parametrize(
    ("value", "unit", "commodity", "expected_kbtu"),
    [
        # ENERGY STAR Portfolio Manager "Thermal Energy Conversions" and 40 CFR 98 Table C-1; domain.md section 3.
        (1.0, "kWh", Commodity.ELECTRICITY, 3.412142),
        (1.0, "Therms", Commodity.GAS, 100.0),
        (1.0, "ccf", Commodity.GAS, 102.6),
        (1.0, "MCF", Commodity.GAS, 1026.0),
        (1.0, "Dth", Commodity.GAS, 1000.0),
        (1.0, "MMBtu", Commodity.STEAM, 1000.0),
        (1.0, "Mlb", Commodity.STEAM, 1194.0),
        (1.0, "klbs", Commodity.STEAM, 1194.0),
        (1.0, "ton-hours", Commodity.CHILLED_WATER, 12.0),
        (10.0, "gallons", Commodity.FUEL_OIL, 1380.0),
        (1.0, "gal", Commodity.PROPANE, 91.0),
        (1.0, "GJ", Commodity.HOT_WATER, 947.817),
    ],
)
def test_published_heat_contents(value: float, unit: str, commodity: Commodity, expected_kbtu: float) -> None:
    stored_wh = units.to_stored(value, unit, commodity)
    assert stored_wh / 1000 * 3.412142 == pytest.approx(expected_kbtu, rel=2e-4)


def test_a_ton_hour_is_3517_thermal_wh() -> None:
    assert units.to_stored(1.0, "ton-hr", Commodity.CHILLED_WATER) == 3517  # domain.md section 3


@pytest.mark.parametrize(
    ("value", "unit", "expected_l"),
    [(1.0, "m³", 1000), (100.0, "US gallons", 379), (1.0, "kgal", 3785), (1.0, "CCF", 2832), (5.0, "litres", 5)],
)
def test_water_is_stored_in_litres(value: float, unit: str, expected_l: int) -> None:
    assert units.to_stored(value, unit, Commodity.WATER) == expected_l


def test_the_printed_heat_content_goes_before_the_default() -> None:
    given_kbtu = units.stored_factor("ccf", Commodity.GAS, heat_content_kbtu_per_unit=103.7)
    assert given_kbtu.factor * constants.KBTU_PER_KWH / 1000 == pytest.approx(103.7)


def test_power_needs_the_interval() -> None:
    with pytest.raises(InvalidInput, match="power, not energy"):
        units.to_stored(4.0, "kW", Commodity.ELECTRICITY)
    assert units.to_stored(4.0, "kW", Commodity.ELECTRICITY, interval_s=900) == 1000
    assert float(units.mean_kw(1000, 900)) == pytest.approx(4.0)


@pytest.mark.parametrize(
    ("unit", "commodity", "says"),
    [
        ("furlong", Commodity.ELECTRICITY, "kwh"),
        ("gal", Commodity.GAS, "therm"),
        ("kWh", Commodity.WATER, "kgal"),
        ("MBtu", Commodity.GAS, "MMBtu"),
        ("kVARh", Commodity.ELECTRICITY, "kwh"),
    ],
)
def test_unknown_units_are_refused_with_the_accepted_ones(unit: str, commodity: Commodity, says: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        units.stored_factor(unit, commodity)
    assert says in str(refused.value)
    assert refused.value.field == "unit"


def test_gas_in_cubic_metres_needs_its_heat_content() -> None:
    with pytest.raises(InvalidInput, match="heat content"):
        units.stored_factor("m3", Commodity.GAS)
    # 39.5 MJ/m3 is the usual British calorific value: 39.5 / 3.6 = 10.972 kWh.
    kbtu = 39.5 / 3.6 * 3.412142
    assert units.to_stored(1.0, "m3", Commodity.GAS, heat_content_kbtu_per_unit=kbtu) == 10972


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_reading_that_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(InvalidInput, match="not a number"):
        units.to_stored(value, "kWh", Commodity.ELECTRICITY)


@pytest.mark.parametrize("commodity", list(Commodity))
def test_each_named_unit_is_accepted(commodity: Commodity) -> None:
    for unit in units.accepted_units(commodity):
        found = units.stored_factor(unit, commodity, heat_content_kbtu_per_unit=36.0)
        assert found.factor > 0
        assert found.stored_unit == ("L" if commodity is Commodity.WATER else "Wh")
