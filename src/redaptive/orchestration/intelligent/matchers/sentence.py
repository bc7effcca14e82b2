"""The door for what people write: one blank between words, no endless rows of one sign, no more than can be read.

Patterns of language try many ways to share out a run of blanks between their parts; behind this door there is none.
"""

from __future__ import annotations

import re
from typing import Final

from redaptive.errors import InvalidInput

MOST_CHARACTERS: Final = 2_000
"""The longest request that is read, after its blanks are collapsed: five times the longest that we have seen."""
LONGEST_WORD: Final = 200
"""The longest run without a blank that is read; a hash has 64."""
MOST_PARTS: Final = 120
"""The most parts between commas and stops that are read: a day of readings a quarter of an hour has 96."""
_BLANKS: Final = re.compile(r"[^\S\n]+")
_LINES: Final = re.compile(r" ?\n[ \n]*")
_JOINT: Final = re.compile(r"[,;:.!?](?=\s)|\n")
_SIGNS: Final = re.compile(r"([^\w\s])\1{3,}")


def sentence_of(text: str) -> str:
    """The text with single blanks, single line ends, and at most three of one sign in a row.

    :raises InvalidInput: it is longer than `MOST_CHARACTERS` then, or one of its words than `LONGEST_WORD`; it
        has more than `MOST_PARTS`.

    >>> sentence_of("  benchmark   our\\t stores \\n\\n now......  ")
    'benchmark our stores\\nnow...'
    """
    found = _collapsed(text)
    if len(found) > MOST_CHARACTERS:
        raise _too_long(f"The request has {len(found):,} characters; at most {MOST_CHARACTERS:,} are read.")
    if (longest := max(map(len, found.split()), default=0)) > LONGEST_WORD:
        raise _too_long(f"A word of the request has {longest:,} characters; at most {LONGEST_WORD} are read.")
    if (parts := len(_JOINT.findall(found)) + 1) > MOST_PARTS:
        raise _too_long(f"The request has {parts:,} parts between commas and stops; at most {MOST_PARTS} are read.")
    return found


def _collapsed(text: str) -> str:
    return _SIGNS.sub(r"\1\1\1", _LINES.sub("\n", _BLANKS.sub(" ", text))).strip()


def _too_long(message: str) -> InvalidInput:
    fix = "Say it shorter, or one thing after the other in a conversation; long data belongs into a file."
    return InvalidInput(message, field="text", fix=fix)


def newest(request: str) -> str:
    """The newest lines of a request that was changed line by line, no more of them than can be read.

    >>> newest("benchmark  our stores\\nand the offices?")
    'benchmark our stores\\nand the offices?'
    """
    kept: list[str] = []
    for line in reversed(request.splitlines()):
        plain = _collapsed(line)[:MOST_CHARACTERS]
        if sum(map(len, kept)) + len(plain) > MOST_CHARACTERS:
            break
        kept += [plain] if plain else []
    return "\n".join(reversed(kept))
