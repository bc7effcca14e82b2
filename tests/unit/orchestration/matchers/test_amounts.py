"""Numbers, money, quantities, counts: as people write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redaptive.orchestration.intelligent.matchers.entities.counts import find_counts
from redaptive.orchestration.intelligent.matchers.entities.identifiers import find_identifiers
from redaptive.orchestration.intelligent.matchers.entities.numbers import find_numbers, spelled_value
from redaptive.orchestration.intelligent.matchers.entities.quantities import (
    find_money,
    find_percentages,
    find_quantities,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("half a million", "500000"),
        ("quarter of a million", "250000"),
        ("two and a half million", "2500000"),
        ("a million", "1000000"),
        ("1.2 million", "1200000"),
        ("$2.5M", "2500000"),
        ("250k", "250000"),
        ("1,250,000", "1250000"),
        ("two hundred and fifty thousand", "250000"),
        ("twenty-five", "25"),
        ("a dozen", "12"),
        ("half dozen", "6"),
        ("a couple hundred thousand", "200000"),
        ("15 grand", "15000"),
        ("3 mm", "3000000"),
        (".5", "0.5"),
        ("a quarter million", "250000"),
        ("a half million", "500000"),
        ("1,5 Mio", "1500000"),
        ("USD 1 250 000", "1250000"),
    ],
)
def test_numbers_have_the_value_that_people_mean(text: str, value: str) -> None:
    assert [n.value for n in find_numbers(text)] == [Decimal(value)]


@given(st.integers(0, 9_999_999))
def test_figures_with_and_without_commas_are_the_same(n: int) -> None:
    assert (
        [f.value for f in find_numbers(f"use {n:,} of it")]
        == [Decimal(n)]
        == [f.value for f in find_numbers(f"use {n} of it")]
    )


_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"


def _in_words(n: int) -> str:
    if n < 20:
        return _ONES.split()[n]
    if n < 100:
        return _TENS.split()[n // 10 - 2] + (f"-{_in_words(n % 10)}" if n % 10 else "")
    if n < 1000:
        return f"{_in_words(n // 100)} hundred" + (f" and {_in_words(n % 100)}" if n % 100 else "")
    rest = f" {_in_words(n % 1000)}" if n % 1000 else ""
    return f"{_in_words(n // 1000)} thousand{rest}"


@given(st.integers(2, 999_999))
def test_numbers_in_words_are_read_back(n: int) -> None:
    assert spelled_value(_in_words(n)) == n


@pytest.mark.parametrize(
    ("text", "usd", "role"),
    [
        ("we have half a million bucks", "500000", "budget"),
        ("a budget of 250k", "250000", "budget"),
        ("spend up to $1.2M", "1200000", "budget"),
        ("with 1.5 million to invest", "1500000", "budget"),
        ("the ideal choice under 300k", "300000", "budget"),
        ("the invoice is $4,310.55", "4310.55", "amount"),
        ("about 15 grand of damage", "15000", "amount"),
        ("at $0.12/kWh", "0.12", "price"),
        ("11 cents per kWh", "0.11", "price"),
        ("$12 per kW", "12", "price"),
        ("they offer 62 a MWh", "62", "price"),
        ("we pay 0.14 per kWh", "0.14", "price"),
        ("at 80k capex", "80000", "budget"),
        ("a cap of two million dollars", "2000000", "budget"),
        ("1,5 Mio budget", "1500000", "budget"),
    ],
)
def test_money_has_its_role(text: str, usd: str, role: str) -> None:
    assert [(m.usd, m.role) for m in find_money(text)] == [(Decimal(usd), role)]


@pytest.mark.parametrize("text", ["the 500k ft2 tower", "2 MW", "meter 4310", "80 percent", "3 buildings", "500 kWh"])
def test_what_is_no_money_is_none(text: str) -> None:
    assert find_money(text) == []


@pytest.mark.parametrize(
    ("text", "value", "unit", "comparison"),
    [
        ("above 100,000 ft2", "100000", "ft2", "above"),
        ("over 50k sq ft", "50000", "ft2", "above"),
        ("5,000 m2", "53819.5521", "ft2", "equal"),
        ("at least 2 MW", "2000", "kW", "at_least"),
        ("500 kWh or more", "500", "kWh", "at_least"),
        ("1.5 GWh", "1500000", "kWh", "equal"),
        ("under 300 therms", "300", "therm", "below"),
        ("12 dekatherms", "120", "therm", "equal"),
        ("3 MMBtu", "3000", "kBtu", "equal"),
        ("500 tons of CO2", "500", "tCO2e", "equal"),
        ("416 tons", "416", "ton", "equal"),
        ("0.72 kW/ton", "0.72", "kW/ton", "equal"),
        ("55°F", "55", "F", "equal"),
        ("21 °C", "69.8", "F", "equal"),
        ("1,000 gpm", "1000", "gpm", "equal"),
        ("payback under 4 years", "4", "year", "below"),
        ("over 20 years", "20", "year", "equal"),
        ("about 300 kWdc", "300", "kWdc", "about"),
    ],
)
def test_quantities_come_in_canonical_units(text: str, value: str, unit: str, comparison: str) -> None:
    assert [(q.value, q.unit, q.comparison) for q in find_quantities(text)] == [(Decimal(value), unit, comparison)]


def test_a_part_is_a_percentage_only_after_by() -> None:
    assert [p.value for p in find_percentages("cut use by a third, then by half; a third of it")] == [
        Decimal("33.33"),
        Decimal(50),
    ]


def test_percentages_and_counts() -> None:
    assert [(p.value, p.comparison) for p in find_percentages("at least 20% savings at 2.5 percent")] == [
        (Decimal(20), "at_least"),
        (Decimal("2.5"), "equal"),
    ]
    assert [(c.n, c.order) for c in find_counts("worst three, top 10, five biggest, bottom dozen")] == [
        (3, "worst"),
        (10, "highest"),
        (5, "highest"),
        (12, "worst"),
    ]


def test_numbered_things_are_named_and_quantities_are_not() -> None:
    found = find_identifiers(
        "meter 51177, AHU-3, chiller 2, ticket #6120, account 771; building 7 used 5 kWh at pump 40 %"
    )
    assert [(i.kind, i.value) for i in found] == [
        ("meter", "51177"),
        ("equipment", "AHU-3"),
        ("equipment", "chiller 2"),
        ("ticket", "6120"),
        ("account", "771"),
        ("building", "7"),
    ]


def test_a_list_of_numbers_belongs_to_its_first_word() -> None:
    found = find_identifiers("data from meters 101, 102 and 103 after 3 days, and 5 more")
    assert [(i.kind, i.value) for i in found] == [("meter", "101"), ("meter", "102"), ("meter", "103")]


@given(st.text(max_size=80))
def test_no_text_breaks_the_readers(text: str) -> None:
    for find in (find_numbers, find_money, find_quantities, find_percentages, find_counts, find_identifiers):
        assert all(0 <= f.start < f.end <= len(text) for f in find(text))
