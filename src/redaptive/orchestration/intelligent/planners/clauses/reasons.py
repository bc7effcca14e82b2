"""What is to be explained, as one clause up to the end of its sentence: "why a test, which was short, makes a peak"."""

from __future__ import annotations

import re
from typing import Final

from redaptive.orchestration.intelligent.planners.clauses.verbs import CLEAR_VERB
from redaptive.orchestration.intelligent.planners.values.literals import glued

_EXPLAINED: Final = re.compile(
    r"\b(?:explain|describe|tell|say|clarify|word|write|put)\b[^.?!;:]*?\bwhy\b(?P<what>[^.?!;:]*)", re.IGNORECASE
)
_INSIDE: Final = re.compile(
    rf",\s(?!(?:(?:and|then|but|also|please)\s+)*{CLEAR_VERB}\b|(?:and|then|otherwise|or)\b)", re.IGNORECASE
)
"""A comma that no order stands behind."""


def explained(text: str) -> str:
    """The text with the commas inside of what is to be explained as part of their words.

    >>> explained("Explain why a pump, which is old, trips, and email it").count(", ")
    1
    """
    return _EXPLAINED.sub(lambda match: _INSIDE.sub(lambda comma: glued(comma.group(0)), match.group(0)), text)
