"""Rows of the last list that a sentence means: "the second one", "the first two", "the worst one", "those", "both"."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Final

from redaptive.orchestration.answers.arrangement import end_in, quantity_in
from redaptive.orchestration.dialogue.listed import Listed
from redaptive.orchestration.intelligent.matchers.entities.counts import Order
from redaptive.orchestration.intelligent.matchers.entities.numbers import spelled_value

_I: Final = re.IGNORECASE
ORDINALS: Final = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_NOUNS: Final = {
    "building": "buildings?|stores?|shops?|offices?|warehouses?|hospitals?|schools?|hotels?|clinics?|plants?|properties|property|facility|facilities|places?|locations?",
    "meter": "meters?", "site": "sites?|campus(?:es)?", "customer": "customers?|clients?|tenants?", "alert": "alerts?|alarms?",
    "": "ones?|rows?|entry|entries|items?|lines?|anomal(?:y|ies)|opportunit(?:y|ies)|projects?|measures?|candidates?|results?",
}  # fmt: skip
_NOUN: Final = "|".join(f"(?P<{kind or 'any'}{{n}}>{words})" for kind, words in _NOUNS.items())
_HEAD: Final = (
    rf"(?:\s+(?:{_NOUN})\b(?:\s+(?:of\s+(?:them|those|these|the\s+list)|in\s+(?:the|that)\s+(?:list|table)|on\s+(?:the|that)\s+list))?"
    r"|\s+of\s+(?:them|those|these)\b|(?=\s*(?:[,.;:?!]|$))|(?=\s+(?:and|or|with|to|against|versus|vs|instead|too|as\s+well|then|please|earns?|saves?|costs?|uses?|used|has|have|is|are|was|were|did|does|do|needs?|brings?|pays?)\b))"
)
_ORDINAL: Final = rf"(?:{'|'.join(ORDINALS)}|\d{{1,3}}(?:st|nd|rd|th)|last|second[\s-](?:to\s+)?last|next)"
_COUNT: Final = r"(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|twelve|couple|few)"
_SUPER: Final = r"(?:worst|worse|best|better|biggest|largest|smallest|highest|lowest|cheapest|costliest|dearest|dirtiest|cleanest|hungriest|most\s+expensive|least\s+expensive|most\s+efficient|least\s+efficient)"
_THE: Final = r"(?:(?:the|that|this|their|your)\s+)"
_SINGLE: Final = re.compile(rf"\b{_THE}(?:very\s+)?(?P<ord>{_ORDINAL}){_HEAD.format(n=1)}", _I)
_NUMBER: Final = re.compile(r"(?:\b(?:number|no\.|row|entry|line)\s*#?\s*|#)(?P<n>\d{1,3})\b(?!\s*(?:%|kw|usd|\$))", _I)
_SEVERAL: Final = re.compile(
    rf"\b{_THE}(?P<end>first|top|last|bottom|next|{_SUPER})\s+(?P<count>{_COUNT}){_HEAD.format(n=1)}", _I
)
_SUPERLATIVE: Final = re.compile(
    rf"\b{_THE}(?P<super>{_SUPER})(?:\s+(?:{_NOUN.format(n=1)})\b(?:\s+of\s+(?:them|those|these|all))?|\s+of\s+(?:them|those|these|all)\b|(?=\s*(?:[,.;:?!]|$)))",
    _I,
)
_BOTH: Final = re.compile(
    r"\bboth(?:\s+of\s+(?:them|those|these))?\b(?!\s+\w+s\b)|\bthe\s+two(?:\s+of\s+them)?(?=\s*(?:[,.;:?!]|$))", _I
)
_OTHERS: Final = re.compile(
    r"\bthe\s+(?:other\s+(?:ones?|two|three)|others?|rest(?:\s+of\s+(?:them|those))?)\b(?!\s+of\s+the\b)", _I
)
_PLURAL: Final = re.compile(
    rf"\b(?:all\s+(?:of\s+)?)?(?:those|these)(?:\s+(?:\d+|two|three|four|five|six|ten))?(?:\s+(?:{_NOUN.format(n=1)}))?\b(?!\s+\w+s\b)|\b(?:all\s+of\s+)?them\b|\ball\s+(?:\d+|two|three|four|five|six|ten)(?:\s+of\s+them)?(?=\s*(?:[,.;:?!]|$))",
    _I,
)
_RESULT_TOLD: Final = re.compile(
    r"\b(?:e-?mail|mail|send|text|notify|share|forward|export|tell|report|print|save\s+(?:it|them|that|this|those|these|the)|attach|post|rank|sort|order|compare|summari[sz]e)\b",
    _I,
)
"""What is done with a result as a whole, where "them" are its rows as they stand."""
MOST_NAMED: Final = 12
"""More things than that are not named one by one; what was said of them is carried over instead."""
_ONE_WANTED: Final = re.compile(
    r"\b(?:which|what(?:'s|\s+is|\s+was)?|the)\s+(?:(?!\d)\w+\s+){0,3}?(?:building|store|shop|site|office|warehouse|hospital|school|hotel|clinic|facility|location|property|meter|customer)\b(?!s)",
    _I,
)
_IT: Final = re.compile(
    r"\b(?:its|it|there(?!\s+(?:is|are|was|were|any)\b)|that\s+(?:one|building|store|office|site|meter)|this\s+(?:one|building))\b",
    _I,
)
_EMPTY_IT: Final = re.compile(
    r"\b(?:is|was|make|does)\s+it\b|\b(?:is|are|was|were|will|would)\s+there\b|\bit(?:'s|\s+(?:is|was|possible))\b", _I
)


@dataclass(frozen=True)
class Meant:
    """A phrase of a sentence and the rows that it means, by their places in the list as it was ordered."""

    start: int
    end: int
    words: str
    rows: tuple[int, ...]
    kind: str = ""


@dataclass(frozen=True)
class Pointing:
    """A sentence with the rows that it means: in `text` `named` by their codes, in `template` left open as `{}`.

    `rows` are places in the list; `question` is set where there is no such row. `shape` is the sentence with every
    phrase for rows left open, and `meant` are these rows, also where they have no codes.
    """

    text: str
    template: str = ""
    named: str = ""
    rows: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    question: str = ""
    shape: str = ""
    meant: tuple[int, ...] = ()


def pointed(text: str, listed: Listed, before: tuple[int, ...] = (), *, fresh: bool = False) -> Pointing:
    """The sentence with codes for the rows of `listed` that it means; a sentence that means none comes back as it is.

    `before` are the rows that the turn before meant; `fresh` says that the turn before was answered by this list.
    """
    if (rest := _others(text, listed, before) or _without(text, listed)) is not None:
        return rest
    meant = _meant(text, listed, listed.asked if fresh else "", before)
    if not meant:
        return Pointing(text)
    if (match := _LEAVE_ROWS.match(text)) and len(meant) == 1 and match.end() == meant[0].start:
        return _left(text, listed, meant[0]) or Pointing(text)
    if any(not 0 <= row < listed.total for each in meant for row in each.rows):
        return Pointing(text, question=f"The last list has {_rows(listed.total)}. Which one do you mean?")
    rows = tuple(dict.fromkeys(row for each in meant for row in each.rows))
    shape = _filled(text, meant, ["{}"] * len(meant))
    found = [_named(each, listed) for each in meant]
    if not all(found):
        return Pointing(text, shape=shape, meant=rows)
    there = [f"at {name}" if each.words.lower() == "there" else name for name, each in zip(found, meant, strict=True)]
    notes = tuple(f'"{each.words}": {_named(each, listed)}, {_where(each.rows, listed)}.' for each in meant)
    alone = len(meant) == 1
    return Pointing(
        _filled(text, meant, there), shape if alone else "", found[0] if alone else "", rows, notes, "", shape, rows
    )


def _filled(text: str, meant: Sequence[Meant], words: Sequence[str]) -> str:
    """The sentence with words in the places of the phrases for rows."""
    for each, word in reversed(list(zip(meant, words, strict=True))):
        text = f"{text[: each.start]}{word}{text[each.end :]}"
    return text


def _meant(text: str, listed: Listed, asked: str, before: tuple[int, ...]) -> list[Meant]:
    found: list[Meant] = []
    for each in (*_named_rows(text, listed), *_pronouns(text, listed, asked, before)):
        if not any(each.start < known.end and known.start < each.end for known in found):
            found.append(each)
    return sorted(found, key=lambda each: each.start)


def _named_rows(text: str, listed: Listed) -> Iterator[Meant]:
    """Rows by their place or by their end, the surest first."""
    for match in _SEVERAL.finditer(text):
        yield _of(match, _ends(match["end"], _count(match["count"]), listed, _kind(match)), _kind(match))
    for match in _SINGLE.finditer(text):
        yield _of(match, (_place(match["ord"].lower(), listed),), _kind(match))
    for match in _NUMBER.finditer(text):
        yield _of(match, (int(match["n"]) - 1,))
    for match in _SUPERLATIVE.finditer(text):
        if match.end() == len(text.rstrip(" .?!")) or _kind(match) is not None or " of " in match.group(0):
            yield _of(match, _ends(match["super"], 1, listed, _kind(match)), _kind(match))


def _pronouns(text: str, listed: Listed, asked: str, before: tuple[int, ...]) -> Iterator[Meant]:
    """Rows by a pronoun: those of the turn before, else all that were shown; "it" is the one that was asked for."""
    if _RESULT_TOLD.search(text):
        return
    shown = before if len(before) > 1 else tuple(range(listed.shown))
    if len(shown) == 2:
        yield from (_of(match, shown) for match in _BOTH.finditer(text))
    if 1 < len(shown) <= MOST_NAMED:
        yield from (_of(match, shown, _kind(match)) for match in _PLURAL.finditer(text))
    one = before if len(before) == 1 else (0,) if _ONE_WANTED.search(asked) and end_in(asked) else ()
    if one:
        bare = _EMPTY_IT.sub(lambda m: " " * len(m.group(0)), text)
        yield from (_of(match, one) for match in list(_IT.finditer(bare))[:1])


def _others(text: str, listed: Listed, meant: Sequence[int]) -> Pointing | None:
    """The sentence with the rows that were shown and not meant the last time, for "the others"."""
    match, left = _OTHERS.search(text), tuple(row for row in range(listed.shown) if row not in meant)
    if match is None or not meant or not 0 < len(left) <= MOST_NAMED:
        return None
    if not (named := _named(_of(match, left), listed)):
        return None
    note = f'"{match.group(0)}": {named}.'
    template = f"{text[: match.start()]}{{}}{text[match.end() :]}"
    return Pointing(f"{text[: match.start()]}{named}{text[match.end() :]}", template, named, left, (note,))


_WITH_FIGURE: Final = r"(?:(?!\d)[\w-])*\d[\w-]*"
"""A word with a figure in it, read in one way only: a list of them is not tried in all ways."""
_LEAD: Final = r"and|but|now|ok(?:ay)?|please|the\s+same|same"
_WITHOUT: Final = r"without|excluding|exclude|except(?:\s+for)?|leave\s+out|drop|skip|ignore|minus|not"
_LEAVE: Final = re.compile(
    rf"^\W*(?:(?:{_LEAD})\b\W*)*(?:{_WITHOUT})\s+(?:(?:building|meter|site)s?\s+)?(?P<codes>{_WITH_FIGURE}(?:(?:\s*,\s*|\s+and\s+){_WITH_FIGURE})*)(?:\s+(?:out|please))?\W*$",
    _I,
)
_LEAVE_ROWS: Final = re.compile(rf"^\W*(?:(?:{_LEAD}|what\s+about|how\s+about)\b\W*)*(?:{_WITHOUT}|all\s+but)\s+", _I)


def _left(text: str, listed: Listed, meant: Meant) -> Pointing | None:
    """ "Without it": all rows that are not of what was meant; None where their things are not known."""
    kind = meant.kind or _kind_asked(listed)
    if not kind or any(at >= len(listed.rows) for at in meant.rows):
        return None
    gone = {listed.rows[at].get(kind, "") for at in meant.rows}
    return _but(gone, kind, listed) or Pointing(text, question=_nothing_but(gone))


def _without(text: str, listed: Listed) -> Pointing | None:
    """ "Without B-2": all rows of the list that are not of it; None where the list has no such thing."""
    match = _LEAVE.match(text)
    gone = set(re.split(r"\s*,\s*|\s+and\s+", match["codes"])) if match else set()
    kind = next((kind for kind in listed.kinds if gone and gone <= {row[kind] for row in listed.rows}), None)
    if kind is None:
        return None
    return _but(gone, kind, listed) or Pointing(text, question=f"{_nothing_but(gone)} What do you mean?")


def _but(gone: Set[str], kind: str, listed: Listed) -> Pointing | None:
    """All rows of the list but those of the things that are gone; None where no row is left."""
    left = tuple(at for at, row in enumerate(listed.rows) if row.get(kind, "") not in gone)
    named = f"{kind} {' and '.join(dict.fromkeys(listed.rows[at].get(kind, '') for at in left))}"
    note = f"Left out: {', '.join(sorted(gone))}."
    return Pointing(f"only for {named}", "", named, left, (note,)) if left else None


def _nothing_but(gone: Set[str]) -> str:
    return f"Nothing is left of the last list without {', '.join(sorted(gone))}."


def _of(match: re.Match[str], rows: tuple[int, ...], kind: str | None = None) -> Meant:
    return Meant(match.start(), match.end(), match.group(0), rows, kind or "")


def _kind(match: re.Match[str]) -> str | None:
    """The kind of thing that the noun of a phrase says; empty where the noun says none, None where there is no noun."""
    groups = match.groupdict()
    return next((kind for kind in _NOUNS if groups.get(f"{kind or 'any'}1")), None)


def _count(words: str) -> int:
    return int(spelled_value(words) or 1)


def _place(word: str, listed: Listed) -> int:
    """The place of an ordinal, from 0."""
    if word in ORDINALS:
        return ORDINALS.index(word)
    if word == "next":
        return listed.shown
    if "last" in word:
        return listed.total - (2 if "second" in word else 1)
    return int(re.sub(r"\D", "", word)) - 1


def _ends(end: str, count: int, listed: Listed, kind: str | None) -> tuple[int, ...]:
    """The places of so many rows from one end."""
    if end.lower() == "next":
        return tuple(range(listed.shown, min(listed.shown + count, listed.total)))
    if end.lower() in ("last", "bottom"):
        return tuple(range(max(0, listed.total - count), listed.total))
    return _first_things(count, listed, kind or _kind_asked(listed))


def _first_things(count: int, listed: Listed, kind: str) -> tuple[int, ...]:
    """The first rows of so many different things: two rows of one building are one building."""
    seen, found = set[str](), list[int]()
    for at, row in enumerate(listed.rows):
        if len(found) < count and (thing := row.get(kind, str(at))) not in seen:
            seen.add(thing)
            found.append(at)
    return tuple(found) if len(found) == count else tuple(range(count))


def superlative(text: str) -> tuple[str | None, Order] | None:
    """The quantity and the end of a superlative that points at rows: "the cheapest one" is the lowest cost.

    >>> superlative("tell me about the cheapest one"), superlative("the second one")
    (('cost', 'lowest'), None)
    """
    match = _SUPERLATIVE.search(text) or _SEVERAL.search(text)
    words = match.group(0) if match else ""
    end, quantity = end_in(words), quantity_in(words)
    return (quantity, end) if end else None


def _named(each: Meant, listed: Listed) -> str:
    """The codes of the rows with the noun of their kind; empty where a row names no such thing or is not kept."""
    if any(at >= len(listed.rows) for at in each.rows):
        return ""
    kind = each.kind or _kind_asked(listed)
    codes = list(dict.fromkeys(listed.rows[at].get(kind, "") for at in each.rows))
    return f"{kind} {' and '.join(codes)}" if kind and codes and all(codes) else ""


def _kind_asked(listed: Listed) -> str:
    """The kind of thing that the list was asked for ("which buildings ..."), else the narrowest that its rows name."""
    spoken = (kind for kind, words in _NOUNS.items() if kind and re.search(rf"\b(?:{words})\b", listed.asked, _I))
    return next((kind for kind in (*spoken, *listed.kinds) if kind in listed.kinds), "")


def _where(rows: Sequence[int], listed: Listed) -> str:
    places = ", ".join(str(row + 1) for row in rows[:5]) + (", ..." if len(rows) > 5 else "")
    return f'row {places} of {listed.total} in "{listed.title}"'


def _rows(number: int) -> str:
    return f"{number} row" if number == 1 else f"{number} rows"
