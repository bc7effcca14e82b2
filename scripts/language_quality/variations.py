"""Other ways to write a sentence that must not change what it means (metamorphic relations, Chen et al. 1998).

Each variation gives the text anew, or None where it does not apply. Codes (`M-1180`, `DOC-7`), addresses and quoted
words are never touched.
"""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Callable, Mapping
from datetime import date
from random import Random
from typing import Final

Variation = Callable[[str], str | None]
_ORDER: Final = re.compile(
    r"^(?:add|audit|benchmark|build|calculate|check|classify|compare|compute|create|design|detect|diagnose|draw up|"
    r"estimate|evaluate|extract|find|fit|forecast|get|give|list|make|normali[sz]e|open|parse|pick|plan|prepare|price|propose|pull|"
    r"raise|rank|read|run|score|send|show|simulate|size|summari[sz]e|take|tell|track|validate|work out|write)\b",
    re.IGNORECASE,
)
_KEPT: Final = re.compile(r"\S*\d\S*|\S+@\S+|'[^']*'|\"[^\"]*\"|\S*_\S*|[A-Z]{2,}\S*")
_PAIRS: Final = (
    (r"\bwhat is\b", "what's"), (r"\bwhat's\b", "what is"), (r"\bdo not\b", "don't"), (r"\bdon't\b", "do not"),
    (r"\bis not\b", "isn't"), (r"\bI would\b", "I'd"), (r"\bI'd like\b", "I would like"), (r"\bit is\b", "it's"),
)  # fmt: skip
_LINKS: Final = (
    (r",? and then\b", ", then"), (r",? then\b", " and then"), (r"\bafterwards\b", "after that"),
    (r"\bafter that\b", "afterwards"), (r"\botherwise\b", "if not"), (r"\bif not,", "otherwise"),
    (r"\bas well as\b", "and also"),
)  # fmt: skip
_SYNONYMS: Final = (
    (r"\bshow me\b", "give me"), (r"\bgive me\b", "show me"), (r"\bemail\b", "e-mail"), (r"\be-mail\b", "email"),
    (r"\bdollars\b", "USD"), (r"\bopen a ticket\b", "create a ticket"), (r"\bper year\b", "a year"),
    (r"\ba year\b", "per year"),
    (r"\binvoice\b", "bill"), (r"\bcalculate\b", "compute"), (r"\bcompute\b", "calculate"),
    (r"\btell me\b", "let me know"),
)  # fmt: skip


def polite(text: str) -> str | None:
    """An order as a request: "Could you ... ?" is left to `request`; this one only says please at the end."""
    return re.sub(r"[.!]?\s*$", ", please.", text) if _ORDER.match(text) and "?" not in text else None


def request(text: str) -> str | None:
    """The first order as a wish."""
    return f"I'd like you to {_lower_first(text)}" if _ORDER.match(text) else None


def could_you(text: str) -> str | None:
    """A text of one order as a question."""
    one = _ORDER.match(text) and not re.search(r"[.!?;]\s+\S", text) and not text.rstrip().endswith("?")
    return f"Could you {_lower_first(text).rstrip(' .!')}?" if one else None


def framed(text: str) -> str | None:
    """The first order in a longer wish, another one for each text."""
    frames = (
        "it would be great if you could {}", "we need you to {}", "make sure to {}", "please {}", "let's {}",
        "can you please be so kind as to {}", "I would appreciate it if you could {}", "go ahead and {}", "can you {}",
        "I need you to {}",
    )  # fmt: skip
    frame = Random(text).choice(frames)  # noqa: S311 -- the same one each time
    return frame.format(_lower_first(text)) if _ORDER.match(text) and "?" not in text else None


def afterword(text: str) -> str:
    """A sentence behind it that asks for nothing."""
    return f"{text}{'' if text.rstrip()[-1:] in '.!?' else '.'} It is for the board pack."


def greeting(text: str) -> str:
    """A word before and after it."""
    return f"Hi team, {_lower_first(text)}{'' if text[-1] in '.!?' else '.'} Thanks!"


def aside(text: str) -> str:
    """A sentence that gives a reason and asks for nothing."""
    return f"The board meets on Thursday and I want to be prepared. {text}"


def bare(text: str) -> str | None:
    """Without a capital at its beginning and without a stop at its end."""
    return _changed(text, _lower_first(text).rstrip(" .!?"))


def spaced(text: str) -> str | None:
    """On several lines, with blanks around."""
    return "  " + re.sub(r"([.!?])\s+(?=[A-Z])", r"\1\n", text).replace(", ", ",  ") + " \n"


def typeset(text: str) -> str | None:
    """Curly apostrophes and long dashes, as a mail program writes them."""
    return _changed(text, text.replace("'", "\u2019").replace(" - ", " \u2013 "))


def contracted(text: str) -> str | None:
    """Short for long forms, and the other way."""
    return _swapped(text, _PAIRS)


def linked(text: str) -> str | None:
    """Other words for the same order of steps."""
    return _swapped(text, _LINKS)


def synonymous(text: str) -> str | None:
    """Another word for the same thing."""
    return _swapped(text, _SYNONYMS)


def ungrouped(text: str) -> str | None:
    """Numbers without commas of thousands."""
    return _changed(text, re.sub(r"(?<![\w.])\d{1,3}(?:,\d{3})+(?![\d,])", lambda m: m[0].replace(",", ""), text))


def spelled_percent(text: str) -> str | None:
    """Percent in letters or as the sign."""
    return _changed(text, re.sub(r"(?<=\d)\s?%(?!\w)", " percent", text))


def written_days(text: str) -> str | None:
    """2025-06-01 as June 1, 2025."""
    return _changed(text, re.sub(r"\b(20\d\d)-(\d\d)-(\d\d)\b(?![T:])", _day, text))


def written_months(text: str) -> str | None:
    """2025-03 as March 2025."""
    return _changed(text, re.sub(r"(?<![\w.-])(20\d\d)-(0[1-9]|1[0-2])(?![\w-])(?!\.\.)", _month, text))


def written_quarters(text: str) -> str | None:
    """Q2 2025 as the second quarter of 2025."""
    names = {"1": "first", "2": "second", "3": "third", "4": "fourth"}
    return _changed(
        text, re.sub(r"(?<!the )\bQ([1-4]) (20\d\d)", lambda m: f"the {names[m[1]]} quarter of {m[2]}", text)
    )


def mistyped(text: str) -> str | None:
    """Two letters swapped inside one long word that is no code."""
    random = Random(text)  # noqa: S311 -- the same word each time
    words = [m for m in re.finditer(r"\b[a-z]{7,}\b", text) if not any(_overlap(m, k) for k in _KEPT.finditer(text))]
    if not words:
        return None
    word = random.choice(words)
    at = word.start() + random.randrange(2, len(word[0]) - 2)
    swapped = text[at + 1] + text[at]
    return _changed(text, text[:at] + swapped + text[at + 2 :])


def recoded(text: str) -> Mapping[str, str]:
    """Another code for each code of a text, with one more figure; behind its noun also with other letters."""
    found: dict[str, str] = {}
    for match in _CODE.finditer(text):
        random = Random(match["code"])  # noqa: S311 -- the same one each time
        other = "".join(str(random.randrange(1, 10)) if sign.isdigit() else sign for sign in match["code"])
        letters = "".join(random.choice("BFKQVXZ") for _ in range(3))
        tail = other[len(match["prefix"]) :] + str(random.randrange(1, 10))
        found[match["code"]] = f"{letters if match['noun'] else match['prefix']}{tail}"
    return found


_CODE: Final = re.compile(
    r"(?P<noun>\b(?:meter|building|bill|document|file|project|ticket|tariff|portfolio|certificate)\s+)?"
    r"(?<![\w@./-])(?P<code>(?P<prefix>[A-Z]{1,6})-(?:[A-Z]+-)*\d+)(?![\w-])"
)
VARIATIONS: Final[Mapping[str, Variation]] = {
    function.__name__: function
    for function in (
        polite, request, could_you, framed, afterword, greeting, aside, bare, spaced, typeset, contracted, linked,
        synonymous, ungrouped,
        spelled_percent, written_days, written_months, written_quarters, mistyped,
    )
}  # fmt: skip


def _overlap(one: re.Match[str], other: re.Match[str]) -> bool:
    return one.start() < other.end() and other.start() < one.end()


def _lower_first(text: str) -> str:
    first = text.split(" ", 1)[0]
    return text if _KEPT.match(first) or first in ("I", "I'm", "I'd") else text[:1].lower() + text[1:]


def _swapped(text: str, pairs: tuple[tuple[str, str], ...]) -> str | None:
    for pattern, other in pairs:
        found = re.sub(pattern, other, text, count=1)
        if found != text:
            return found
    return None


def _changed(text: str, found: str) -> str | None:
    return found if found != text else None


def _day(found: re.Match[str]) -> str:
    try:
        day = date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return found[0]
    return f"{month_name[day.month]} {day.day}, {day.year}"


def _month(found: re.Match[str]) -> str:
    return f"{month_name[int(found[2])]} {found[1]}"
