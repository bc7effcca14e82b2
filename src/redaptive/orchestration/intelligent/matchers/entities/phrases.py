"""Finds words of a fixed list in a sentence, the longest first, plural or not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Phrase:
    """A known word or group of words, what it stands for, and where it is."""

    value: str
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class PhraseBook:
    """Values by lower-case phrase and one regular expression over all of them."""

    values: Mapping[str, str]
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, phrases: Mapping[str, Iterable[str]]) -> PhraseBook:
        """From a value to its phrases; a phrase of two values raises ValueError."""
        values: dict[str, str] = {}
        for value, names in phrases.items():
            for name in names:
                if values.setdefault(name, value) != value:
                    raise ValueError(f"{name!r} stands for {values[name]!r} and {value!r}.")
        longest_first = sorted(values, key=len, reverse=True)
        body = "|".join(re.escape(name).replace(r"\ ", r"[\s-]+") for name in longest_first)
        return cls(values, re.compile(rf"(?<![\w-])({body})(?:e?s)?(?![\w])", re.IGNORECASE))

    def find(self, text: str) -> list[Phrase]:
        """The phrases from left to right; they never overlap."""
        return [
            Phrase(self.values[_key(match[1])], match.group(0), match.start(), match.end())
            for match in self.pattern.finditer(text)
        ]


def _key(text: str) -> str:
    return " ".join(re.split(r"[\s-]+", text.lower()))
