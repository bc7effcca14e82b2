"""Conditions that go on with the figure of the one before: "if the NPV is negative ...; if it is zero or better ..."."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from typing import Final

from redaptive.orchestration.intelligent.planners.parts.conditions import opposite
from redaptive.orchestration.intelligent.planners.values.compared import said_in
from redaptive.orchestration.intelligent.planners.values.reading import Reading
from redaptive.orchestration.plans.schema import Compare, Condition, Not

_OF_SAME: Final = re.compile(
    r"^(?:(?:it|that|this|they|the\s+(?:figure|value|number|result))(?:'s)?\s+)?(?:(?:is|are|stays?|remains?|comes?(?:\s+out)?|falls?|lies|turns\s+out)\s+)?(?:at\s+)?"
    r"(?:(?:only\s+|exactly\s+)?(?:above|below|over|under|(?:more|less|fewer|higher|lower|greater|better|worse)\s+than|at\s+least|at\s+most|from|up\s+to|[<>]=?)\s+)?[$]?-?\d[\d,.]*\s*(?:%|percent|[a-z]+(?:/\w+)?|dollars)?"
    r"(?:\s+(?:or|and)\s+(?:better|more|above|higher|up|over|greater|less|below|lower|under|worse|fewer|longer|shorter))?$",
    re.IGNORECASE,
)
"""A comparison of what was compared before: "it is zero or better", "at 20 % or less"."""


def same_figure(reading: Reading, before: Condition | None) -> Condition | None:
    """The comparison of the figure that a condition before it looked at; None where it names a figure of its own."""
    compared = before.not_ if isinstance(before, Not) else before
    if (
        not isinstance(compared, Compare)
        or not isinstance(compared.right, int | float)
        or isinstance(compared.right, bool)
    ):
        return None
    said = said_in(reading)
    if said.value is None or not _OF_SAME.match(reading.text):
        return None
    share = said.unit == "%" and abs(compared.right) < 1 < abs(said.value)
    return compared.model_copy(update={"op": said.op, "right": said.value / 100 if share else said.value})


def compared(word: str, before: Condition | None) -> Condition | None:
    """The condition before, or its opposite, for "when it stays below"."""
    below = word.lower() in ("below", "under", "less", "lower", "shorter", "smaller", "fewer", "within")
    same = isinstance(before, Compare) and (before.op in ("lt", "le")) == below
    return before if same or before is None else opposite(before)
