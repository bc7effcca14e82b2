"""Typing errors: a word that nobody writes becomes the word of our trade that is one or two letters away.

Distance: optimal string alignment (Damerau 1964, doi:10.1145/363958.363994), so two letters that changed places are
one error. Only words outside the list of known ones are touched, and never their first letter.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from redaptive.orchestration.intelligent.matchers.ngrams import plain

WORD: Final = re.compile(r"[a-z][a-z']+")
_SHORTEST, _LONG, _CHOICES, _MOST_REMEMBERED = 4, 8, 8, 10_000
_ENDINGS: Final = (
    "s", "ed", "d", "ing", "ly", "er", "ers", "able", "al", "y", "es", "est", "ion", "ions", "ive",
)  # fmt: skip
_LEAST_KNOWN, _LEAST_WANTED = 3, 4


@dataclass(frozen=True)
class Speller:
    """`wanted`: words that errors become, the frequent ones first; `known`: these and all others that are right."""

    wanted: tuple[str, ...]
    known: frozenset[str]
    _seen: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, wanted: Sequence[str], others: Iterable[str]) -> Speller:
        """A speller of these words."""
        return cls(tuple(wanted), frozenset([*wanted, *others]))

    @classmethod
    def learned(cls, texts: Iterable[str], dictionary: Iterable[str]) -> Speller:
        """The words that `texts` repeat, beside those of a general dictionary, which protect and never replace."""
        counts = Counter(word for text in texts for word in WORD.findall(plain(text)))
        often = [word for word, n in counts.most_common() if n >= _LEAST_WANTED and len(word) >= _SHORTEST]
        known = {word for word, n in counts.items() if n >= _LEAST_KNOWN} | set(dictionary)
        return cls.of([word for word in often if "'" not in word], sorted(known))

    def corrected(self, text: str) -> str:
        """The text as `plain` gives it, its unknown words replaced where a word of the trade is near; pure.

        >>> Speller.of(["forecast", "meter"], ["for"]).corrected("Forcast for metr 88 at Zrqx")
        'forecast for meter 00 at zrqx'
        """
        return WORD.sub(lambda match: self.word(match.group(0)), plain(text))

    def word(self, word: str) -> str:
        """What a word in small letters should have been; the word itself where it is known or none is near."""
        if len(word) < _SHORTEST or "'" in word or word in self.known:
            return word
        found = self._seen.get(word)
        if found is None:
            if len(self._seen) >= _MOST_REMEMBERED:
                self._seen.clear()
            found = self._seen[word] = word if self._is_a_form(word) else self._nearest(word)
        return found

    def _is_a_form(self, word: str) -> bool:
        """Whether it is a known word with a regular ending, or its British spelling."""
        stems = [word[: -len(end)] for end in _ENDINGS if word.endswith(end) and len(word) - len(end) >= _SHORTEST - 1]
        american = re.sub(r"is(?=e|i|a)", "iz", word)
        return american in self.known or any(stem in self.known or f"{stem}e" in self.known for stem in stems)

    def _nearest(self, word: str) -> str:
        far = 1 if len(word) < _LONG else 2
        near = process.extract(word, self.wanted, scorer=OSA.distance, score_cutoff=far, limit=_CHOICES)
        ranked = sorted((distance, place, found) for found, distance, place in near if found[0] == word[0])
        return ranked[0][2] if ranked else word
