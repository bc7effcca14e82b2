"""Emissions against figures computed from EPA and NYC publications."""

from __future__ import annotations

from datetime import date

import pytest

from redaptive.domain.carbon import emissions
from redaptive.domain.carbon.performance_standards import emission_limit
from redaptive.errors import InvalidInput
from redaptive.reference.loader import load_all


def test_gas_factor_from_its_three_gases() -> None:
    # EPA EF Hub: 53.06 kg CO2, 1.0 g CH4, 0.10 g N2O per mmBtu; AR5 28/265 -> 5.31145 kg/therm
    assert emissions.fuel_kg_co2e_per_therm(53.06, 1.0, 0.10, 28, 265) == pytest.approx(5.31145, abs=1e-9)
    assert load_all().fuel_factor("gas").kg_co2e_per_therm == pytest.approx(5.31145, abs=1e-9)


def test_a_gigawatt_hour_in_rfce() -> None:
    # eGRID2023 rev2, 599.170 lb/MWh -> 271.779 t
    factor = load_all().grid_factor("RFCE", date(2023, 6, 1))
    found = emissions.energy_emissions(1_000_000, 0, factor.kg_per_kwh, 5.31145)
    assert found.scope2_location_t_co2e == pytest.approx(271.779, abs=5e-4)
    assert found.scope1_t_co2e == 0.0
    assert emissions.kg_per_kwh(599.170) == factor.kg_per_kwh


def test_export_is_refused() -> None:
    with pytest.raises(InvalidInput, match="energy_kwh"):
        emissions.energy_emissions(-1.0, 0.0, 0.3, 5.3)


def test_losses_are_grossed_up() -> None:
    assert emissions.loss_emissions_t_co2e(1_000_000, 0.3, 0.05) == pytest.approx(300 * 0.05 / 0.95)


@pytest.mark.parametrize(
    ("year", "emitted", "limit", "usd"), [(2025, 1604.14, 1516.0, 23_621.52), (2031, 884.33, 538.17, 92_770.77)]
)
def test_local_law_97_penalty_of_an_office(year: int, emitted: float, limit: float, usd: float) -> None:
    # 200,000 ft2 office, 5 GWh and 30,000 therms; rows of 1 RCNY 103-14
    at, data = date(year, 1, 1), load_all()
    result = emission_limit(
        {"electricity": 5_000_000.0, "gas": 3_000_000.0},
        {c: data.ll97_coefficient(c, at).value for c in ("electricity", "gas")},
        {"office": 200_000.0},
        {"office": data.ll97_limit("office", at).value},
        data.ll97_penalty("over_limit", at).value,
    )
    assert result.emissions_t_co2e == pytest.approx(emitted, abs=5e-3)
    assert result.limit_t_co2e == pytest.approx(limit, abs=5e-3)
    assert result.penalty_usd == pytest.approx(usd, abs=0.005)


def test_mixed_use_adds_the_limits_and_below_it_nothing_is_due() -> None:
    result = emission_limit({"gas": 10.0}, {"gas": 0.5}, {"a": 100.0, "b": 50.0}, {"a": 0.1, "b": 0.2}, 268.0)
    assert (result.limit_t_co2e, result.excess_t_co2e, result.penalty_usd) == (20.0, 0.0, 0.0)
    with pytest.raises(InvalidInput, match="steam"):
        emission_limit({"steam": 1.0}, {"gas": 1.0}, {}, {}, 268.0)
