"""The pieces of a sentence that the lexical model counts: words, pairs of words, and letters inside words.

The two analysers are those of scikit-learn's `TfidfVectorizer` (`word` with 1-2-grams, `char_wb` with 3-5-grams), so
that a model trained there gives the same scores here; a test compares them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

_WORD = re.compile(r"(?u)\b\w\w+\b")
_DIGITS = re.compile(r"\d")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " "})
SIZES = (3, 4, 5)


def plain(text: str) -> str:
    """The text in lower case, compatibility characters replaced, every digit a 0: which number it is says no intent.

    >>> plain("Meter 4711’s ﬁrst kWh²")
    "meter 0000's first kwh0"
    """
    folded = unicodedata.normalize("NFKC", text).translate(_QUOTES).lower()
    return _DIGITS.sub("0", folded)


def word_ngrams(text: str) -> Iterator[str]:
    """Words of two or more characters, then pairs of neighbours.

    >>> list(word_ngrams("peak of meter"))
    ['peak', 'of', 'meter', 'peak of', 'of meter']
    """
    words = _WORD.findall(text)
    yield from words
    yield from (f"{a} {b}" for a, b in pairwise(words))


def letter_ngrams(text: str) -> Iterator[str]:
    """Runs of 3 to 5 characters inside each word, which has a space on both sides.

    >>> list(letter_ngrams("kw"))
    [' kw', 'kw ', ' kw ']
    """
    for word in text.split():
        padded = f" {word} "
        for size in SIZES:
            last = max(len(padded) - size, 0)
            yield from (padded[i : i + size] for i in range(last + 1))
            if last == 0:
                break  # a short word counts once
