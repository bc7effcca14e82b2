"""Typing errors become words of the trade; right words, names and digits stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redaptive.orchestration.intelligent.matchers.spelling import Speller

SPELLER = Speller.of(
    ["forecast", "meter", "chiller", "incentives", "normalize", "price"], ["for", "the", "tulsa", "lose"]
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("forcast", "forecast"),
        ("metre", "meter"),  # two letters that changed places count once
        ("chillre", "chiller"),
        ("incetnivs", "incentives"),
        ("Tulsa", "tulsa"),
        ("prices", "prices"),
        ("normalise", "normalise"),
        ("metxx", "metxx"),
        ("heter", "heter"),
        ("mtr", "mtr"),
        ("Chiler 42", "chiller 00"),
    ],
)
def test_a_word_becomes_what_is_meant(written: str, meant: str) -> None:
    assert SPELLER.corrected(written) == meant


def test_the_more_frequent_of_two_near_words_wins() -> None:
    assert Speller.of(["rates", "dates"], []).corrected("ratse") == "rates"
    assert Speller.of(["stores", "stares"], []).corrected("stires") == "stores"
    assert Speller.of(["stares", "stores"], []).corrected("stires") == "stares"


def test_only_repeated_words_are_learned_and_a_dictionary_only_protects() -> None:
    learned = Speller.learned(["tariff"] * 4 + ["tarif"], ["traffic"])
    assert learned.wanted == ("tariff",)
    assert learned.corrected("tarif traffic trafic") == "tariff traffic trafic"


@given(st.text(max_size=80))
def test_corrections_are_final_and_the_same_each_time(text: str) -> None:
    once = SPELLER.corrected(text)
    assert SPELLER.corrected(text) == once
    assert SPELLER.corrected(once) == once
