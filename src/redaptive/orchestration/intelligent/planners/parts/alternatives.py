"""Conditions of several halves, each about another step: "if it shows anomalies, or if it is silent"."""

from __future__ import annotations

import re
from typing import Final

_OR: Final = re.compile(
    r"\s*,?\s+or\s+(?:else\s+)?(?:also\s+)?(?:if|when|in\s+case|should|where)\s+|\s*,\s+or\s+(?=with\s)", re.IGNORECASE
)


def halves(condition: str) -> tuple[str, ...]:
    """The conditions of which any is enough; one where the words name no second "if".

    >>> halves("it shows anomalies, or if it is silent"), halves("it is late or expired")
    (('it shows anomalies', 'it is silent'), ('it is late or expired',))
    """
    return tuple(half.strip() for half in _OR.split(condition) if half.strip())
