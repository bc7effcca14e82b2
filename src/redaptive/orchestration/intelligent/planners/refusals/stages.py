"""Dates of a thing's life in an order that cannot be: a permit issued before it was applied for.

`refusals/stages.toml` lists lives as stages in their order, each by its words. A moment of a sentence belongs to the
stage whose word stands nearest before it, or just after it. Two moments contradict each other where the later stage of
one life has the earlier date; so does "closed before it was opened" without any date.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from redaptive.errors import Unavailable
from redaptive.orchestration.intelligent.planners.refusals.policy_orders import asks
from redaptive.orchestration.intelligent.planners.refusals.spans import MOVED, Moment, moments, sentences
from redaptive.orchestration.intelligent.planners.values.numerals import is_day

FILE: Final = "stages.toml"
_REACH: Final = 40
_BEFORE_IT_IS: Final = (
    r"[^.;?]{0,24}\bbefore\s+(?:it|they|he|that)\s+(?:is|are|was|were|has\s+been|had\s+been)\s+(?:\w+\s+)?"
)
_DOUBTED: Final = re.compile(
    r"\b(?:mistakes?|errors?|wrong|typos?|check|why|correct\w*|verify|impossible|cannot\s+be|can'?t\s+be|not|never|n't|if|"
    r"whether|must|should|needs?|before|another|other|second|next|new|old|old\s+one|respectively|ones?|replacement\s+for)\b",
    re.IGNORECASE,
)
"""Words between or around two dates by which they need not be of one thing, or are doubted by who says them."""
_CHANGE_ORDER: Final = re.compile(r"\bchange\s+orders?\b", re.IGNORECASE)
_CODE: Final = re.compile(r"\b[A-Z]{1,4}(?:-[A-Z]+)*-\d\w*\b")


class _Life(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    of: str
    named: tuple[str, ...]
    stages: tuple[tuple[str, ...], ...]


class _Lives(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    life: tuple[_Life, ...]


@dataclass(frozen=True)
class Life:
    """What lives, the words that name it, its stages in order, and two of them told the wrong way round."""

    of: str
    named: re.Pattern[str]
    stages: Sequence[re.Pattern[str]]
    turned: re.Pattern[str]


def out_of_order(text: str) -> str | None:
    """Why two dates of one thing cannot both be true; None where they can.

    >>> out_of_order("Permit for the roof: applied on 2026-10-20, issued on 2026-09-02.")
    'A permit is not issued (2026-09-02) before the stage that comes first (applied, 2026-10-20).'
    >>> out_of_order("Permit for the roof: issued on 2026-10-20, applied on 2026-09-02.")
    """
    for life in _lives():
        if not life.named.search(text):
            continue
        if life.turned.search(text) and not asks(text):
            return f"A {life.of} has its stages in one order, and that is the other way round."
        for sentence in sentences(text):
            if not MOVED.search(_CHANGE_ORDER.sub("", sentence)) and (wrong := _turned(life, sentence)):
                return wrong
    return None


def _turned(life: Life, sentence: str) -> str | None:
    staged = list(_staged(life, sentence))
    for (first, early, said), (second, late, then) in pairwise(staged):
        days = _day(first), _day(second)
        if early == late or days[0] is None or days[1] is None or len(days[0]) != len(days[1]) or days[0] == days[1]:
            continue
        if (early < late) == (days[0] < days[1]) or _apart(sentence, first, second):
            continue
        marks = [(early, said, first), (late, then, second)]
        (_, word, when), (_, last, after) = sorted(marks, key=lambda each: each[0])
        earlier, later = (each.said(sentence) for each in (when, after))
        return f"A {life.of} is not {last} ({later}) before the stage that comes first ({word}, {earlier})."
    return None


def _apart(sentence: str, first: Moment, second: Moment) -> bool:
    """Whether the two moments may be of two things."""
    between = sentence[first.end : second.start]
    return bool(_DOUBTED.search(between) or _CODE.search(between))


def _staged(life: Life, sentence: str) -> Iterator[tuple[Moment, int, str]]:
    """The moments of a sentence that belong to a stage, with its number and word."""
    found = moments(sentence)
    for place, moment in enumerate(found):
        since = max(found[place - 1].end if place else 0, moment.start - _REACH)
        before = _stage(life, sentence[since : moment.start], last=True)
        until = found[place + 1].start if place + 1 < len(found) else len(sentence)
        after = re.split(r"[,;]|\band\b", sentence[moment.end : min(until, moment.end + _REACH)])[0]
        if stage := before or _stage(life, after, last=False):
            yield moment, *stage


def _stage(life: Life, words: str, *, last: bool) -> tuple[int, str] | None:
    found = [(match.start(), n, match[0]) for n, each in enumerate(life.stages) for match in each.finditer(words)]
    if not found:
        return None
    _, number, word = max(found) if last else min(found)
    return number, word


def _day(moment: Moment) -> tuple[int, ...] | None:
    """Year, month and day, as far as they are written and are a day; None without a year."""
    year, month, day = moment.day
    if year is None or month is None or not 1 <= month <= 12:
        return None
    if day is None:
        return (year, month)
    return (year, month, day) if is_day(f"{year:04}-{month:02}-{day:02}") else None


@cache
def _lives() -> tuple[Life, ...]:
    """The lives of this release, read once for each process.

    :raises Unavailable: the table is missing or cannot be read.
    """
    found = files("redaptive.reference").joinpath("language", "refusals", FILE)
    try:
        table = _Lives.model_validate(tomllib.loads(found.read_text(encoding="utf-8")))
        return tuple(_life(each) for each in table.life)
    except (OSError, tomllib.TOMLDecodeError, ValidationError, re.error) as error:
        raise Unavailable(
            f"The table of stages cannot be read: {error}.", field=FILE, fix="Install the package again."
        ) from error


def _life(row: _Life) -> Life:
    words = ["|".join(stage) for stage in row.stages]
    turned = [rf"\b(?:{'|'.join(words[n + 1 :])})\b{_BEFORE_IT_IS}(?:{each})\b" for n, each in enumerate(words[:-1])]
    stages = tuple(re.compile(rf"\b(?:{each})\b", re.IGNORECASE) for each in words)
    named = re.compile(rf"\b(?:{'|'.join(row.named)})\b", re.IGNORECASE)
    return Life(row.of, named, stages, re.compile("|".join(turned), re.IGNORECASE))
