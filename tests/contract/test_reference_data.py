"""Each reference row is dated, sourced and usable; lookups pick by date and refuse by name."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest

from redaptive.errors import InvalidInput, NotFound
from redaptive.reference.loader import ReferenceData, load_all
from redaptive.reference.rows import ReferenceRow, iter_rows, parse_rows

ROWS = list(iter_rows())
DATA = load_all()
LATEST_RETRIEVAL = date(2026, 12, 31)


@pytest.mark.parametrize("row", ROWS, ids=lambda r: f"{r.set_name}/{r.key}/{r.effective_from}")
def test_a_row_is_dated_sourced_and_travels_as_json(row: ReferenceRow) -> None:
    assert row.source
    assert row.version
    assert 1990 <= row.data_year <= row.retrieved.year
    assert row.retrieved <= LATEST_RETRIEVAL
    assert json.loads(json.dumps(dict(row.payload))) == row.payload
    assert ("memory" in row.source) <= (not row.checked)


def test_rows_of_one_key_never_overlap() -> None:
    keys = {(row.set_name, row.key) for row in ROWS}
    for name, key in keys:
        spans = sorted((r.effective_from, r.effective_to) for r in ROWS if (r.set_name, r.key) == (name, key))
        assert all(end is not None and end <= start for (_, end), (start, _) in pairwise(spans))


def test_each_building_type_resolves() -> None:
    without_median = {"manufacturing", "data_center"}
    for key in DATA.keys("building_types"):
        assert abs(sum(DATA.end_use_shares(key).electricity.values()) - 1.0) < 1e-9
        assert abs(sum(DATA.end_use_shares(key).gas.values()) - 1.0) < 1e-9
        assert 0.3 < DATA.sigma(key).value < 1.5
        if key not in without_median:
            assert DATA.median_eui(key).source_kbtu_per_ft2 >= DATA.median_eui(key).site_kbtu_per_ft2
    with pytest.raises(NotFound, match="Known: auto_dealer"):
        DATA.median_eui("manufacturing")


def test_other_names_lead_to_the_same_type() -> None:
    assert DATA.building_type("grocery").key == "supermarket"
    assert DATA.median_eui("grocery").site_kbtu_per_ft2 == 196.0


@pytest.mark.parametrize(
    ("kind", "sigma"),
    [
        ("k12_school", 0.66),
        ("supermarket", 0.63),
        ("restaurant", 1.00),
        ("hospital", 0.56),
        ("hotel", 0.62),
        ("retail", 1.00),
    ],
)
def test_sigma_of_published_quartiles(kind: str, sigma: float) -> None:
    # EIA CBECS 2012 Table C14; ln(P75/P25)/1.349
    assert DATA.sigma(kind).value == pytest.approx(sigma, abs=0.006)
    assert DATA.sigma(kind).checked


def test_sigma_without_quartiles_is_the_unchecked_default() -> None:
    assert (DATA.sigma("office").value, DATA.sigma("office").checked) == (0.7, False)


def test_every_subregion_of_egrid2023_is_there() -> None:
    assert len(DATA.keys("grid_factors")) == 28
    assert DATA.grid_factor("NYUP").lb_per_mwh == 242.776


def test_a_factor_of_an_older_year_applies_with_a_warning() -> None:
    at = date(2026, 3, 1)
    assert DATA.grid_factor("CAMX", at).warnings_at(at) == (
        "grid_factors/CAMX: data of 2023 used for 2026, the newest loaded",
    )
    assert DATA.grid_factor("CAMX", date(2023, 5, 1)).warnings_at(date(2023, 5, 1)) == ()


def test_a_newer_row_takes_over_on_its_day() -> None:
    old = DATA.row("grid_factors", "CAMX")
    new = replace(
        old, payload={"lb_per_mwh": 400.0}, data_year=2024, effective_from=date(2024, 1, 1), version="egrid2024"
    )
    data = ReferenceData([new, replace(old, effective_to=None)])
    assert data.grid_factor("CAMX", date(2023, 12, 31)).version == "egrid2023-rev2"
    assert data.grid_factor("CAMX", date(2024, 1, 1)).version == "egrid2024"
    assert data.grid_factor("CAMX").version == "egrid2024"


def test_the_limit_follows_the_period() -> None:
    assert DATA.ll97_limit("office", date(2029, 12, 31)).value == 0.00758
    assert DATA.ll97_limit("office", date(2030, 1, 1)).value == 0.002690852
    with pytest.raises(NotFound, match="Covered: 2030-01-01 to 2035-01-01"):
        DATA.ll97_limit("retail", date(2025, 1, 1))
    with pytest.raises(NotFound, match="2035-01-01 to 2040-01-01"):
        DATA.ll97_limit("office", date(2040, 1, 1))


def test_unknown_names_are_refused_with_the_known_ones() -> None:
    with pytest.raises(NotFound, match=r"Known: .*RFCE"):
        DATA.grid_factor("XXXX")
    with pytest.raises(NotFound, match=r"Known: .*grid_factors"):
        DATA.keys("nothing")
    with pytest.raises(NotFound, match="Covered: 2023-01-01 to open"):
        DATA.grid_factor("US", date(2022, 12, 31))


def test_unchecked_rows_warn() -> None:
    assert "not yet checked" in DATA.source_factor("electricity").warnings_at()[0]
    assert DATA.median_eui("bank_branch").warnings_at() == ()


def test_other_accessors_give_typed_figures() -> None:
    assert DATA.source_factor("electricity").factor == 2.80
    assert DATA.price_default("IL", "electricity").unit == "kWh"
    assert DATA.price_default("US", "gas").usd_per_unit > 0
    assert DATA.depreciation_schedule("macrs_5")[1] == 0.32
    assert DATA.finance_default("discount_rate").value == 0.08
    assert DATA.pv_yield("AZ").value > DATA.pv_yield("WA").value
    assert DATA.measure_cost("rcx").capex.mid == 0.26
    assert DATA.measure_library().savings["led"].fraction.high == 0.60


GOOD = """set = "s"
unit = "u"
version = "v"
[defaults]
source = "x"
data_year = 2024
effective_from = 2024-01-01
retrieved = 2026-01-01
checked = true
[rows]
a = { value = 1.0 }
"""


def test_a_good_file_gives_its_row() -> None:
    assert [row.payload for row in parse_rows(GOOD, "s.toml")] == [{"value": 1.0}]


@pytest.mark.parametrize(
    ("change", "to", "where"),
    [
        ("= 2024-01-01", '= "soon"', "s.toml:a:effective_from"),
        ('source = "x"', 'source = ""', "s.toml:a:source"),
        ("checked = true", 'checked = "yes"', "s.toml:a:checked"),
        ("{ value = 1.0 }", "{ }", "s.toml:a"),
        ("{ value = 1.0 }", "{ value = 1.0, effective_to = 2023-01-01 }", "s.toml:a:effective_to"),
        ('unit = "u"', "", "s.toml"),
        ("[rows]", "[rows", "s.toml"),
    ],
)
def test_a_bad_file_is_refused_where_it_is_bad(change: str, to: str, where: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        list(parse_rows(GOOD.replace(change, to), "s.toml"))
    assert caught.value.field == where
