"""Forbidden acts that need no order to be recognised: phrases that honest requests do not hold.

Those that a question may hold innocently ("does the platform delete old readings?") count only outside questions.
"""

from __future__ import annotations

import re
from functools import cache

from redaptive.orchestration.intelligent.planners.refusals.policy_orders import asks
from redaptive.orchestration.intelligent.planners.refusals.policy_table import packaged_acts


def spoken_act(text: str) -> str | None:
    """The class of a forbidden act that the words give away; None where there is none.

    >>> spoken_act("It would be lovely if alert AL-3 had never existed"), spoken_act("when did alert AL-3 end?")
    ('destroy', None)
    """
    question = asks(text)
    said = (act for act, pattern, in_questions in _phrases() if (in_questions or not question) and pattern.search(text))
    return next(said, None)


@cache
def _phrases() -> tuple[tuple[str, re.Pattern[str], bool], ...]:
    table = packaged_acts()
    return tuple(
        (row.act, re.compile(table.pattern(row.said), re.IGNORECASE | re.DOTALL), row.in_questions)
        for row in table.phrase
    )
