"""Typing errors of a request, corrected in place: clauses, entities and slots are read from the words as meant.

Only words in small letters are touched, and the first word of a sentence: names of people and places, codes,
addresses, names of templates and what is quoted stay as they are written.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from redaptive.orchestration.intelligent.matchers.intent_model import packaged_model
from redaptive.orchestration.intelligent.matchers.spelling import Speller
from redaptive.orchestration.intelligent.planners.values.literals import freed, held

_JOINING: Final = (
    "whether", "independently", "subsequently", "afterwards", "thereafter", "otherwise", "meanwhile",
    "parallel", "unless", "provided", "before", "after", "once", "until", "together", "separately",
    "simultaneously", "first", "second", "finally", "beforehand", "instead", "without", "against", "between",
    "during", "within", "because", "while", "either", "neither", "positive", "negative", "above", "below",
    "follows", "yourself", "degrading", "exceeds", "exceed", "thousand", "million", "hundred", "reporting",
)  # fmt: skip
"""Words that tell how wishes hang together; utterances of single intents seldom have them."""
_USUAL: Final = {
    "forcast": "forecast", "forcasts": "forecasts", "efficency": "efficiency", "tarrif": "tariff",
    "tarif": "tariff", "tarrifs": "tariffs", "mantenance": "maintenance", "maintenence": "maintenance",
    "maintainance": "maintenance", "snoze": "snooze", "anomoly": "anomaly", "anomolies": "anomalies",
    "emmissions": "emissions", "consumtion": "consumption", "recieve": "receive", "seperate": "separate",
    "seperately": "separately", "calender": "calendar", "acording": "according", "comision": "commission",
    "invoce": "invoice", "benchmrk": "benchmark", "shedule": "schedule", "scedule": "schedule",
    "tommorow": "tomorrow", "untill": "until", "wich": "which", "teh": "the", "adn": "and", "thier": "their",
}  # fmt: skip
"""Errors so usual that utterances repeat them, so that they count as known words there."""
_LEAST: Final = 5
_WORD: Final = re.compile(
    r"(?<![\w@./_'-])(?<!\btemplate\s)(?<!\bsubject\s)(?<!\bcalled\s)(?<!\bnamed\s)(?<!\btitled\s)"
    r"(?P<word>[a-z]{3,}|(?:(?<=^)|(?<=[.!?]\s))[A-Z][a-z]{3,})(?![\w@_'-]|\.\w)"
)


def without_errors(text: str) -> str:
    """The text with words that nobody writes as the words of our trade that are one or two letters away.

    >>> without_errors("Exlpain it, and indpendently text on_call_engineer for custmer BBS")
    'Explain it, and independently text on_call_engineer for customer BBS'
    """
    return freed(_WORD.sub(_meant, held(text)))


def _meant(match: re.Match[str]) -> str:
    written = match["word"]
    small = written.lower()
    if small in _USUAL:
        found = _USUAL[small]
    elif len(small) < _LEAST:
        return written
    else:
        found = _speller().word(small)
    if found == small or not (small in _USUAL or _slipped(small, found)):
        return written
    return found.capitalize() if written[0].isupper() else found


def _slipped(written: str, meant: str) -> bool:
    """Whether letters only changed places, were left out or doubled, none at the end.

    Another letter or another end is as often another word: "invent" is no "invest", "degrades" no "degrees".
    """
    if written[-1] != meant[-1]:
        return False
    return sorted(written) == sorted(meant) or _within(written, meant) or _within(meant, written)


def _within(few: str, many: str) -> bool:
    """Whether the letters of `few` stand in `many` in their order."""
    rest = iter(many)
    return all(letter in rest for letter in few)


@cache
def _speller() -> Speller:
    known = packaged_model().speller
    return Speller.of(tuple(dict.fromkeys([*known.wanted, *_JOINING])), known.known)
