"""How many of what end of a ranking: "worst three", "top 10", "the five biggest"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from redaptive.orchestration.intelligent.matchers.entities.numbers import spelled_value

Order = Literal["worst", "best", "highest", "lowest"]

_ORDERS: Final[dict[Order, str]] = {
    "worst": r"worst|bottom|dirtiest|least\s+efficient|poorest|weakest|hungriest|leakiest|wasteful|most\s+wasteful",
    "best": r"best|most\s+efficient|cleanest|strongest|greenest",
    "highest": r"highest|top|leading|biggest|largest|most\s+expensive|costliest|heaviest|greatest|priciest",
    "lowest": r"lowest|smallest|cheapest|least\s+expensive",
}
_WORDS = "|".join(f"(?P<{name}{{n}}>{words})" for name, words in _ORDERS.items())
_COUNT = r"(?P<count{n}>\d{{1,3}}|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|dozen|couple|few)"
_AFTER = re.compile(
    rf"\b(?:{_WORDS.format(n=1)})\s+(?:of\s+)?{_COUNT.format(n=1)}\b(?!\s*(?:%|percent|st\b|nd\b|rd\b|th\b))",
    re.IGNORECASE,
)
_BEFORE = re.compile(rf"\b{_COUNT.format(n=2)}\s+(?:of\s+(?:the|our|my)\s+)?(?:{_WORDS.format(n=2)})\b", re.IGNORECASE)

_ASKED = re.compile(
    rf"\b(?:which|what)\s+{_COUNT.format(n=3)}\s+(?:of\s+(?:our|the|my)\s+)?(?:[\w-]+\s+){{1,5}}?(?:the\s+)?"
    r"(?:(?P<high>most|highest|biggest|largest)|(?P<low>least|lowest|smallest)|(?P<bad>worst)|(?P<good>best))\b",
    re.IGNORECASE,
)
_ENDS: Final[dict[str, Order]] = {"high": "highest", "low": "lowest", "bad": "worst", "good": "best"}


@dataclass(frozen=True)
class Count:
    """So many from one end of a ranking."""

    n: int
    order: Order
    start: int
    end: int


def find_counts(text: str) -> list[Count]:
    """Counted ends of rankings from left to right.

    >>> [(c.n, c.order) for c in find_counts("the worst three offices and our 10 largest stores")]
    [(3, 'worst'), (10, 'highest')]
    """
    found = [c for n, p in ((1, _AFTER), (2, _BEFORE)) for m in p.finditer(text) if (c := _count(m, n)) is not None]
    taken = {at for each in found for at in range(each.start, each.end)}
    asked = [c for m in _ASKED.finditer(text) if m.start("count3") not in taken and (c := _asked(m)) is not None]
    return sorted([*found, *asked], key=lambda c: c.start)


def _asked(match: re.Match[str]) -> Count | None:
    """The count of a question: "which five stores use the most?"."""
    value = spelled_value(match["count3"])
    order = next(order for name, order in _ENDS.items() if match[name])
    return Count(int(value), order, match.start("count3"), match.end("count3")) if value else None


def _count(match: re.Match[str], n: int) -> Count | None:
    value = spelled_value(match[f"count{n}"])
    order = next(name for name in _ORDERS if match[f"{name}{n}"])
    return None if not value else Count(int(value), order, match.start(), match.end())
