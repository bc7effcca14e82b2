"""Figures of a sentence as numbers, for the rules that compare them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from math import nan
from typing import Final

LOAD_AHEAD_H: Final = 336.0
PEAK_AHEAD_H: Final = 168.0
"""How far ahead a load forecast and a peak alert see, in h: the most that the schemas of their tools allow."""
LONGEST_SNOOZE_DAYS: Final = 90
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


def amount(written: str) -> float:
    """The number that digits, commas and points write, or a word of `NUMBER_WORDS`.

    >>> amount("4,000.5"), amount("Twelve")
    (4000.5, 12.0)
    """
    return float(count(written)) if written[0].isalpha() else figure(written)


def is_day(written: str) -> bool:
    """Whether a text is a day of the calendar as "2025-02-28".

    >>> is_day("2025-02-28"), is_day("2025-02-30")
    (True, False)
    """
    try:
        date.fromisoformat(written)
    except ValueError:
        return False
    return True


_UNITS: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SMALL: Final = {**{word: n for n, word in enumerate(_UNITS)}, **{word: 20 + 10 * n for n, word in enumerate(_TENS)}}
_LARGEST_PRONOUN: Final = 10
_LARGE: Final = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
_NAMED: Final = "|".join((*_SMALL, *_LARGE))
_SPELLED: Final = re.compile(
    rf"\b(?:a\s+(?=hundred|thousand|million))?(?:{_NAMED})(?:[\s-]+(?:{_NAMED}))*\b", re.IGNORECASE
)


def in_figures(text: str) -> str:
    """The text with numbers from eleven on, that are written as words, in digits; small ones may be no numbers.

    >>> in_figures("eighty hours for two hundred and one crew, minus twenty-five percent")
    '80 hours for 200 and one crew, minus 25 percent'
    """
    return _SPELLED.sub(_spelled, text)


def in_either_form(judge: Callable[[str], str | None], text: str) -> str | None:
    """What is said of the text as it is written, else of it with the words of numbers in figures."""
    spelled = in_figures(text)
    return judge(text) or (judge(spelled) if spelled != text else None)


def _spelled(match: re.Match[str]) -> str:
    total = part = 0
    for word in re.split(r"[\s-]+", match.group(0).lower()):
        if word in _LARGE:
            part = max(part, 1) * _LARGE[word]
            if word != "hundred":
                total, part = total + part, 0
        else:
            part += _SMALL.get(word, 0)
    return str(total + part) if total + part > _LARGEST_PRONOUN else match.group(0)
