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


FORMATS: Final[Mapping[str, Show]] = {
    "usd": lambda value: f"{_number(value):,.0f} USD",
    "int": lambda value: f"{_number(value):,.0f}",
    "one": lambda value: f"{_number(value):,.1f}",
    "two": lambda value: f"{_number(value):,.2f}",
    "count": lambda value: str(len(value)) if isinstance(value, list | dict) else str(value),
    "list": _listed,
    "": lambda value: str(value),
}
"""How a value is shown; the value itself stays beside it, unrounded."""


def _place(field: str) -> tuple[str, str]:
    """Node and path of a place such as `worst[0].usd` or `found.value.count`."""
    match = re.match(r"(?P<node>[a-z][a-z0-9_]*)\.?(?P<path>.*)", field)
    return (match["node"], match["path"]) if match else (field, "")


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
        if value is None or (value == [] and form != "count"):
            return None
        shown = FORMATS[form or ""](value)
        value = len(value) if form == "count" and isinstance(value, list | dict) else value
        figures.append(Figure(shown, value, node, tools.get(node, ""), path))
        parts.append(shown)
    return Sentence("".join(parts), tuple(figures))
