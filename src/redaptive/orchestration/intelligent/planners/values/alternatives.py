"""Several values for one argument: "for 2024 next to the one for 2025", "at 6 % as well as at 10 %": a call each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from redaptive.orchestration.intelligent.matchers.entities.calendar import Calendar
from redaptive.orchestration.intelligent.matchers.entities.period_spans import find_spans
from redaptive.orchestration.intelligent.planners.values.amounts import Spanned
from redaptive.orchestration.intelligent.planners.values.lexicon import CHOICES, choose
from redaptive.orchestration.intelligent.planners.values.periods import as_months
from redaptive.orchestration.intelligent.planners.values.reading import months_apart

_JOINS: Final = re.compile(
    r"[\s,]*(?:(?:and|as\s+well\s+as|next\s+to|beside|alongside|versus|vs\.?|against|compared\s+(?:to|with)|plus|along\s+with|together\s+with|but\s+also|or)\b|[&+/,])"
    r"[\s,]*(?:(?:and|then|also|once|again|separately|with|for|in|of|at|over|on|by|the|a|that|those|one|ones|another|same|thing|figures?|report|numbers?|rate)\b\s*)*(?:a\s+(?:rate|discount\s+rate)\s+of\s*)?",
    re.IGNORECASE,
)  # fmt: skip
_GROUPED: Final = re.compile(r"\b(?:by|per)\s+(?:(?!\b(?:and|by|per|for|in)\b)[^,;.?!])+", re.IGNORECASE)


def together(text: str, found: Sequence[Spanned], first: int = 0) -> list[int]:
    """Places in `found` from the first on that only words of joining stand between.

    >>> spans = [type("S", (), {"start": 3, "end": 6})(), type("S", (), {"start": 21, "end": 25})()]
    >>> together("at 6 % as well as at 10 %", spans)
    [0, 1]
    """
    places = [first]
    while (last := places[-1]) + 1 < len(found):
        if not _JOINS.fullmatch(text[found[last].end : found[last + 1].start]):
            break
        places.append(last + 1)
    return places


def periods(text: str, calendar: Calendar) -> tuple[str, ...]:
    """Periods of one size beside each other, as tools read them; none where there is only one."""
    written = months_apart(text)
    found = find_spans(written, calendar)
    for first in range(len(found)):
        chosen = [found[at].span for at in together(written, found, first)]
        if len(chosen) > 1 and len({span.grain for span in chosen}) == 1:
            return tuple(dict.fromkeys(as_months(span)[0] for span in chosen))
    return ()


def groupings(text: str) -> tuple[str, ...]:
    """What is grouped by, where there is more than one: "by state and by building type"."""
    named = (choose(CHOICES["group_by"], match.group(0)) for match in _GROUPED.finditer(text))
    found = tuple(dict.fromkeys(name for name in named if name))
    return found if len(found) > 1 else ()
