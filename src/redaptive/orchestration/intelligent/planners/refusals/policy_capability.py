"""Orders that no tool carries out, and things that no tool knows: trade, field work, other systems, foreign markets.

The words are those of `refusals/capability.toml`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from redaptive.orchestration.intelligent.planners.refusals.hearsay import without_claims, without_quotes
from redaptive.orchestration.intelligent.planners.refusals.policy_orders import orders, verb_near
from redaptive.orchestration.intelligent.planners.refusals.policy_table import packaged_table

FILE: Final = "capability.toml"


_BEFORE: Final = 40
_AROUND: Final = 50
_DENIED: Final = re.compile(
    r"\b(?:no|not|without|never|neither|nor|except|excluding|instead\s+of|rather\s+than|other\s+than)\s+(?:(?:an?|the|any|some|for|of|it['’]?s)\s+){0,2}$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Inability:
    """Why it is not done, the words that ask for it, those that must stand beside them, and those against it."""

    message: str
    said: re.Pattern[str]
    beside: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    near: bool = False

    def holds(self, text: str) -> bool:
        """Whether nothing in the text speaks against it, and it holds what must stand beside the words."""
        return (self.beside is None or self.beside.search(text) is not None) and (
            self.unless is None or self.unless.search(text) is None
        )


def incapable(text: str) -> str | None:
    """Why nothing here can do what the text asks for, and what can be done instead; None when that is not certain.

    >>> incapable("buy 20 MW for July")
    'The platform measures, plans and advises; it does not buy, sell, sign or file. It can price the choices.'
    >>> incapable("should we buy power at the index?")
    """
    text = without_claims(without_quotes(text))
    for order in orders(text):
        for each in () if order.wish else _orders():
            if each.said.match(order.words) and each.holds(text):
                return each.message
    return next((each.message for each in _phrases() if _said(each, text)), None)


def _said(each: Inability, text: str) -> bool:
    """Whether the words stand where nothing denies them: "no wind turbines" asks for none."""
    return any(
        not _DENIED.search(text, max(0, match.start() - _BEFORE), match.start())
        and each.holds(text[max(0, match.start() - _AROUND) : match.end() + _AROUND // 2] if each.near else text)
        for match in each.said.finditer(text)
    )


@cache
def _orders() -> tuple[Inability, ...]:
    table = packaged_table(FILE)
    return tuple(
        Inability(
            table.why[row.act],
            verb_near(table.pattern(row.verb), table.pattern(row.what), row.reach),
            table.compiled(row.manner),
            table.compiled(row.unless),
        )
        for row in table.order
    )


@cache
def _phrases() -> tuple[Inability, ...]:
    table = packaged_table(FILE)
    return tuple(
        Inability(
            table.why[row.act],
            re.compile(table.pattern(row.said), re.IGNORECASE),
            table.compiled(row.beside),
            table.compiled(row.unless),
            row.near,
        )
        for row in table.phrase
    )
