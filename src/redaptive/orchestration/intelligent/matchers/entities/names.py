"""The tenant's own names in a sentence: by code, by full name, or nearly; where several fit, all are reported."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal, Protocol

from rapidfuzz import fuzz, process

NameKind = Literal["customer", "portfolio", "site", "building", "project", "meter"]
KINDS: Final[tuple[NameKind, ...]] = ("customer", "portfolio", "site", "building", "project", "meter")

_WORD = re.compile(r"[a-z0-9]+(?:['’][a-z]+)?")
_CODE = re.compile(r"[A-Za-z0-9]+(?:[-_./][A-Za-z0-9]+)*")
_NO_NAME = frozenset("fictitious inc llc ltd corp co company the of and at for a an in on to our my".split())  # noqa: SIM905
_TOKEN_FLOOR = 84.0
_FLOOR = 0.6
_NEAR = 0.04
_LEAST_FUZZY = 4
_MOST_OPTIONS = 6


@dataclass(frozen=True)
class Name:
    """A thing of the tenant: what it is, its code, its name, other names."""

    kind: NameKind
    code: str
    name: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class NameOption:
    """A name that fits, and how well: 1 is the code or the whole name."""

    name: Name
    score: float


@dataclass(frozen=True)
class NameMention:
    """Words of a sentence and what they may name, best first; one option is an answer, several are a question."""

    text: str
    start: int
    end: int
    options: tuple[NameOption, ...]

    @property
    def ambiguous(self) -> bool:
        """Whether several things fit equally well."""
        return len(self.options) > 1


class Names(Protocol):
    """Where the names of a tenant come from."""

    async def names(self) -> Sequence[Name]:
        """All of them; a changed name is seen by the next call."""
        ...


@dataclass(frozen=True)
class _Hit:
    name: Name
    score: float
    start: int
    end: int
    words: int = 1
    gaps: int = 0


class NameIndex:
    """The names of one tenant, ready to be found; 12,000 meters are made in a second and searched in milliseconds."""

    def __init__(self, names: Sequence[Name]) -> None:
        self._codes: dict[str, list[Name]] = defaultdict(list)
        self._by_word: dict[str, list[int]] = defaultdict(list)
        self._entries: list[tuple[Name, tuple[str, ...]]] = []
        for name in names:
            self._codes[name.code.lower()].append(name)
            for written in (name.name, *name.aliases):
                self._add(name, _words(written))
        self._idf: Mapping[str, float] = {
            word: math.log(1 + len(self._entries) / len(set(places))) for word, places in self._by_word.items()
        }
        self._fuzzy = [word for word in self._by_word if len(word) >= _LEAST_FUZZY]

    def find(self, text: str) -> list[NameMention]:
        """Mentions from left to right; the parts of a longer mention are not mentions of their own."""
        hits = [*self._by_code(text), *self._by_words(text)]
        return _mentions(text, hits)

    def _add(self, name: Name, words: tuple[str, ...]) -> None:
        if not words:
            return
        place = len(self._entries)
        self._entries.append((name, words))
        for word in set(words):
            self._by_word[word].append(place)

    def _by_code(self, text: str) -> list[_Hit]:
        return [
            _Hit(name, 1.0, match.start(), match.end())
            for match in _CODE.finditer(text)
            for name in self._codes.get(match.group(0).lower(), ())
            # A code such as CHI or 12 is a word of the language too: its own spelling must be used.
            if len(name.code) > 3 or match.group(0) == name.code
        ]

    def _by_words(self, text: str) -> list[_Hit]:
        tokens = [(m.group(0), m.start(), m.end()) for m in _WORD.finditer(text.lower())]
        places: dict[int, dict[str, tuple[float, int]]] = defaultdict(dict)
        for at, (word, _start, _end) in enumerate(tokens):
            for known, likeness in self._like(word):
                for entry in self._by_word[known]:
                    if likeness > places[entry].get(known, (0.0, 0))[0]:
                        places[entry][known] = (likeness, at)
        scored = (self._score(entry, matched, tokens) for entry, matched in places.items())
        return [hit for hit in scored if hit is not None]

    def _like(self, word: str) -> list[tuple[str, float]]:
        if word in self._by_word:
            return [(word, 1.0)]
        if len(word) < _LEAST_FUZZY or word.isdigit():
            return []
        near = process.extract(word, self._fuzzy, scorer=fuzz.ratio, score_cutoff=_TOKEN_FLOOR, limit=3)
        return [(known, likeness / 100) for known, likeness, _ in near]

    def _score(
        self, entry: int, matched: Mapping[str, tuple[float, int]], tokens: Sequence[tuple[str, int, int]]
    ) -> _Hit | None:
        """Share of the name's rarity that neighbouring words of the sentence hold."""
        name, words = self._entries[entry]
        spots = sorted({at for _, at in matched.values()})
        if any(b - a > 2 for a, b in pairwise(spots)):
            return None
        whole = sum(self._idf[w] for w in set(words))
        score = sum(self._idf[w] * likeness for w, (likeness, _) in matched.items()) / whole
        gaps = spots[-1] - spots[0] + 1 - len(spots)
        if score < _FLOOR:
            return None
        return _Hit(name, round(score, 4), tokens[spots[0]][1], tokens[spots[-1]][2], len(spots), gaps)


def _words(written: str) -> tuple[str, ...]:
    return tuple(w for w in _WORD.findall(written.lower()) if w not in _NO_NAME)


def _mentions(text: str, hits: Sequence[_Hit]) -> list[NameMention]:
    """Best hits first; one that overlaps a better one is another option if it is as good and as wide."""
    groups: list[list[_Hit]] = []
    for hit in sorted(hits, key=lambda h: (-h.score, h.gaps, -h.words, h.name.kind, h.name.code)):
        group = next((g for g in groups if any(hit.start < o.end and o.start < hit.end for o in g)), None)
        if group is None:
            groups.append([hit])
        elif hit.score >= group[0].score - _NEAR and (hit.start, hit.end) == (group[0].start, group[0].end):
            group.append(hit)
    return [_mention(text, group) for group in sorted(groups, key=lambda g: g[0].start)]


def _mention(text: str, group: Sequence[_Hit]) -> NameMention:
    first = group[0]
    said = _said_kind(text, first)
    kept = [h for h in group if h.name.kind == said] or list(group)
    options = {(h.name.kind, h.name.code): NameOption(h.name, h.score) for h in kept}
    return NameMention(text[first.start : first.end], first.start, first.end, tuple(options.values())[:_MOST_OPTIONS])


def _said_kind(text: str, hit: _Hit) -> str | None:
    """The kind that the neighbouring words say ("site NLS-CHI", "the Chicago building")."""
    near = (text[max(0, hit.start - 20) : hit.start] + " " + text[hit.end : hit.end + 14]).lower()
    counted = Counter(kind for kind in KINDS if re.search(rf"\b{kind}s?\b", near))
    return counted.most_common(1)[0][0] if len(counted) == 1 else None
