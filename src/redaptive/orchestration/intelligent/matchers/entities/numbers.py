"""Numbers as people write them: 1,200 and 2.5, 250k and 1.2M, "half a million", "a dozen", "twenty-five"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
SMALL: Final = {word: n for n, word in enumerate(_UNITS.split())}
_TENS: Final = {
    word: 10 * n
    for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)  # noqa: SIM905
}
_SCALES: Final = {
    "mio": 1_000_000, "mln": 1_000_000,
    "hundred": 100, "thousand": 1_000, "grand": 1_000, "k": 1_000, "million": 1_000_000, "mil": 1_000_000,
    "mill": 1_000_000, "mm": 1_000_000, "m": 1_000_000, "billion": 1_000_000_000, "bn": 1_000_000_000,
    "b": 1_000_000_000,
}  # fmt: skip
_WORDS = "|".join([*SMALL, *_TENS])
_WORD_SCALES = "thousand|grand|million|mill|mil|mio|mln|billion"
_WORD_SCALE = "hundred|thousand|grand|million|mil|mill|billion"
_FIGURE = (
    r"(?P<figure>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3},\d{1,2}(?=\s?(?:mio|mln|million)\b)"
    r"|(?:(?<=\$)|(?<=usd\s))\d{1,3}(?:\s\d{3})+(?!\d)|\d+(?:\.\d+)?|\.\d+)"
    rf"(?:\s?(?P<tight>k|mm|m|bn|b)(?![a-z0-9²³])|\s?(?P<scale>hundred|{_WORD_SCALES})\b)?"
)
_SPELLED = (
    r"(?P<spelled>(?:three[\s-]+quarters?|two[\s-]+thirds)\s+(?:of\s+)?a\s+(?:million|billion)|(?:half|quarter)\s+(?:of\s+)?a\s+(?:million|billion)|a\s+(?:half|quarter)\s+(?:million|billion)"
    r"|(?:a\s+)?(?:couple|few)\s+(?:of\s+)?(?:hundred|thousand|million)(?:\s+(?:thousand|million))?|(?:a\s+)?(?:half\s+)?dozen"
    rf"|(?:a|an|{_WORDS})(?:[\s-]+(?:and\s+a\s+half|{_WORDS}|and(?=\s+(?:{_WORDS}))|{_WORD_SCALE}))*)"
)
_NUMBER = re.compile(rf"(?:(?<![\w.,#-])|(?<=[\s(]-))(?:{_FIGURE}|{_SPELLED}\b)", re.IGNORECASE)
_COUNTED = re.compile(
    r"[\s-]+(?:dollar|percent|usd|years?|months?|weeks?|days?|hours?|kw|mw|kwh|mwh|tons?)\b(?!\s+(?:ago|we|i|they|it)\b)",
    re.IGNORECASE,
)
_LONE = re.compile(r"^(?:a|an|one)$", re.IGNORECASE)


@dataclass(frozen=True)
class Number:
    """A number and where it stands; `spelled` says that it was written in words."""

    value: Decimal
    start: int
    end: int
    spelled: bool = False


def find_numbers(text: str) -> list[Number]:
    """Numbers from left to right; "a" and "an" alone are articles, "one" alone is too often a pronoun.

    >>> [str(n.value) for n in find_numbers("half a million, 250k, two and a half million or twenty-five")]
    ['500000', '250000', '2500000', '25']
    """
    found = (_number(match) for match in _NUMBER.finditer(text))
    return [number for number in found if number is not None]


def spelled_value(words: str) -> Decimal | None:
    """The value of a number in words or figures ("couple of" is 2, "few" is 3); None where it is none."""
    cleaned = " ".join(words.lower().replace("-", " ").split())
    if cleaned in ("couple", "couple of", "a couple", "a couple of", "two or three"):
        return Decimal(2)
    if cleaned in ("few", "a few", "several", "handful of", "a handful of"):
        return Decimal(3)
    if cleaned in ("a", "an"):
        return Decimal(1)
    match = _NUMBER.fullmatch(cleaned)
    return None if match is None else (Decimal(1) if cleaned == "one" else _value(match))


def _number(match: re.Match[str]) -> Number | None:
    if _LONE.match(match.group(0)):
        counted = match.group(0).lower() == "one" and _COUNTED.match(match.string, match.end())
        return Number(Decimal(1), match.start(), match.end(), spelled=True) if counted else None
    value = _value(match)
    return None if value is None else Number(value, match.start(), match.end(), match.group("figure") is None)


def _value(match: re.Match[str]) -> Decimal | None:
    if match.group("figure") is not None:
        scale = (match.group("tight") or match.group("scale") or "").lower()
        return _plain(_figure(match.group("figure")) * _SCALES.get(scale, 1))
    return _spelled(match.group("spelled").lower().replace("-", " ").split())


def _figure(written: str) -> Decimal:
    """1,200 and 250 000 have separators; 1,5 is one and a half."""
    decimal = re.fullmatch(r"\d{1,3},\d{1,2}", written)
    return Decimal(written.replace(",", ".") if decimal else re.sub(r"[,\s]", "", written))


def _spelled(words: list[str]) -> Decimal | None:
    """A sum of scaled groups: "two hundred and fifty thousand" = (2 x 100 + 50) x 1000."""
    if words[:2] in (["three", "quarters"], ["three", "quarter"], ["two", "thirds"]):
        return _plain((Decimal("0.75") if words[0] == "three" else Decimal(2) / 3) * _SCALES[words[-1]])
    total, group, seen = Decimal(0), Decimal(0), False
    for i, word in enumerate(words):
        if word in SMALL or word in _TENS:
            group, seen = group + SMALL.get(word, _TENS.get(word, 0)), True
        elif word in ("a", "an") and words[i + 1 : i + 2] in (["half"], ["quarter"]):
            continue  # a half million is half of one
        elif word in ("a", "an") and words[i + 1 : i + 2] and (words[i + 1] in SMALL or words[i + 1] in _TENS):
            continue  # "a ten day delay" is ten days
        elif word in ("a", "an") and (i == 0 or words[i - 1] not in ("and", "half", "quarter", "of")):
            group = group or Decimal(1)
        elif word in ("couple", "few"):
            group, seen = Decimal(2 if word == "couple" else 3), True
        elif word in ("half", "quarter"):
            group, seen = group + (Decimal("0.5") if word == "half" else Decimal("0.25")), True
        elif word == "dozen":
            group, seen = (group or Decimal(1)) * 12, True
        elif word == "hundred":
            group, seen = (group or Decimal(1)) * 100, True
        elif word in _SCALES:
            total, group, seen = total + (group or Decimal(1)) * _SCALES[word], Decimal(0), True
    return _plain(total + group) if seen else None


def _plain(value: Decimal) -> Decimal:
    return Decimal(int(value)) if value == value.to_integral_value() else value.normalize()
