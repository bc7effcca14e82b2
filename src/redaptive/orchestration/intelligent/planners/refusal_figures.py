"""Figures of a sentence as numbers, for the rules that compare them."""

from __future__ import annotations

from math import nan
from typing import Final

LOAD_AHEAD_H: Final = 336.0
PEAK_AHEAD_H: Final = 168.0
"""How far ahead a load forecast and a peak alert see, in h: the most that the schemas of their tools allow."""
NUMBER_WORDS: Final = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "twelve": 12,
    "fifteen": 15,
    "twenty": 20,
    "no": 0,
    "zero": 0,
}


def figure(written: str) -> float:
    """The number that digits, commas and points write; NaN, which is above and below nothing, where they write none.

    >>> figure("4,000.5,"), figure("1.200.000"), figure("...")
    (4000.5, nan, nan)
    """
    try:
        return float(written.strip(".,").replace(",", ""))
    except ValueError:
        return nan


def count(word: str) -> int:
    """The whole number that digits or a word of `NUMBER_WORDS` say.

    >>> count("12"), count("Twelve")
    (12, 12)
    """
    return int(word) if word.isdigit() else NUMBER_WORDS[word.lower()]
