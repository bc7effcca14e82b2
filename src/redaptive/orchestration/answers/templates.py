"""Sentences with places for figures: `{found.value.total_capex_usd:usd}` is filled from the outputs of nodes.

A sentence whose figure is missing is left out: nothing is ever put in its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from string import Formatter
from typing import Final

from redaptive.orchestration.answers.figures import Figure, Sentence
from redaptive.orchestration.plans.schema import Json
from redaptive.orchestration.plans.signatures import value_at

Outputs = Mapping[str, Json]
Show = Callable[[Json], str]


def _number(value: Json) -> float:
    return float(str(value))


def _listed(value: Json) -> str:
    return ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)


def when(period: Json) -> str:
    """A period as a sentence says it."""
    return str(period).replace("..", " to ")


def of_period(period: str) -> tuple[Sentence, ...]:
    """The sentence that says of which period figures are; none where that is not known."""
    return (Sentence(f"The figures are of {when(period)}."),) if period else ()


def _day(value: Json) -> str:
    return str(value)[:10]


FORMATS: Final[Mapping[str, Show]] = {
    "usd": lambda value: f"{_number(value):,.0f} USD",
    "int": lambda value: f"{_number(value):,.0f}",
    "one": lambda value: f"{_number(value):,.1f}",
    "two": lambda value: f"{_number(value):,.2f}",
    "count": lambda value: str(len(value)) if isinstance(value, list | dict) else str(value),
    "list": _listed,
    "period": when,
    "day": _day,
    "": lambda value: str(value),
}
"""How a value is shown; the value itself stays beside it, unrounded. Any other form is the noun of what is counted."""


def _place(field: str) -> tuple[str, str]:
    """Node and path of a place such as `worst[0].usd` or `found.value.count`."""
    match = re.match(r"(?P<node>[a-z][a-z0-9_]*)\.?(?P<path>.*)", field)
    return (match["node"], match["path"]) if match else (field, "")


def _counted(value: Json, noun: str) -> str:
    """How many of something, with its noun: a list is counted, a number is one already.

    >>> _counted(1, "building"), _counted([], "anomaly"), _counted(1200, "meter")
    ('1 building', '0 anomalies', '1,200 meters')
    """
    number = len(value) if isinstance(value, list | dict) else _number(value)
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,.0f} {noun if number == 1 else plural}"


def _shown(value: Json, form: str) -> str:
    known = FORMATS.get(form)
    return known(value) if known else _counted(value, form)


def fill(template: str, outputs: Outputs, tools: Mapping[str, str]) -> Sentence | None:
    """The sentence with its figures; None when one of them is not there.

    >>> fill("It saves {a.value.usd:usd}.", {"a": {"value": {"usd": 1234.5}}}, {"a": "x.y"}).text
    'It saves 1,234 USD.'
    """
    figures: list[Figure] = []
    parts: list[str] = []
    for literal, field, form, _ in Formatter().parse(template):
        parts.append(literal)
        if field is None:
            continue
        node, path = _place(field)
        value = value_at(outputs.get(node), path)
        shape = form or ""
        counts = shape == "count" or shape not in FORMATS
        if value is None or (value == [] and not counts):
            return None
        shown = _shown(value, shape)
        value = len(value) if counts and isinstance(value, list | dict) else value
        figures.append(Figure(shown, value, node, tools.get(node, ""), path))
        parts.append(shown)
    return Sentence("".join(parts), tuple(figures))
