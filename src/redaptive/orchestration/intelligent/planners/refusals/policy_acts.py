"""Acts that no sentence may have done here, found by what is ordered, on what, and how: verb, object and manner.

A word alone forbids nothing: "kill the peak", "delete building C from the ranking" and "who changed the readings?" are
fine. An act needs its verb where an order may begin, an object it can hurt near it, and for verbs that do honest work
as well a manner that gives it away ("so that it passes", "nobody will notice", "without approval").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from redaptive.orchestration.intelligent.planners.refusals.policy_orders import orders, verb_near
from redaptive.orchestration.intelligent.planners.refusals.policy_table import ActTable, Order, packaged_acts


@dataclass(frozen=True)
class Form:
    """A row of the table, ready for use: the head of an order with its object, the manner, and what speaks against."""

    act: str
    head: re.Pattern[str]
    manner: re.Pattern[str] | None
    unless: re.Pattern[str] | None

    def fits(self, words: str, text: str) -> bool:
        """Whether an order's words have the form, in its text."""
        return (
            self.head.match(words) is not None
            and (self.manner is None or self.manner.search(text) is not None)
            and (self.unless is None or self.unless.search(words) is None)
        )


_ASKS_FIRST: Final = re.compile(
    r"\bonly\s+(?:after|once|when|with|if)\s+(?:my|his|her|our|their|the|i|she|he)\s+(?:\w+\s+)?"
    r"(?:approv\w+|ok|sign\w*|sa(?:y|id)\s+yes)\b",
    re.IGNORECASE,
)
"""Words of somebody who wants the approval that an act would go around."""


def ordered_act(text: str) -> str | None:
    """The class of the first forbidden act that the text orders; none where it only speaks of one.

    >>> ordered_act("run the report and then wipe the audit log"), ordered_act("who wiped the audit log?")
    ('destroy', None)
    """
    asks_first = _ASKS_FIRST.search(text) is not None
    for order in orders(text):
        for form in _forms():
            if not (asks_first and form.act == "bypass") and form.fits(order.words, text):
                return form.act
    return None


@cache
def _forms() -> tuple[Form, ...]:
    table = packaged_acts()
    return tuple(_form(table, row) for row in table.order)


def _form(table: ActTable, row: Order) -> Form:
    verb, what = table.pattern(row.verb), table.pattern(row.what)
    head = verb_near(verb, what, row.reach) if what else re.compile(rf"(?:{verb})\b", re.IGNORECASE)
    return Form(row.act, head, table.compiled(row.manner), table.compiled(row.unless))
