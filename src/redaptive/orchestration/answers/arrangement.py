"""How the rows of an answer are asked to be shown: how many, by what quantity, from which end, in which units."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from redaptive.orchestration.answers.limits import Limit, payback_limit
from redaptive.orchestration.intelligent.matchers.entities.counts import Count, Order, find_counts

_I: Final = re.IGNORECASE


@dataclass(frozen=True)
class Quantity:
    """What rows can be ordered by: the words for it, and the fields that hold it, the likeliest first.

    `a/b` is one field of a row divided by another.
    """

    words: str
    fields: tuple[str, ...]


_AREA: Final = r"(?:per|by|a|for\s+(?:each|every))\s+(?:sq(?:uare|\.)?\s*-?\s*(?:foot|feet|ft)\.?|sqft|ft2|sf|(?:unit\s+of\s+)?(?:floor\s+)?area)"
_MONEY: Final = r"costs?|costl\w+|spen[dt]\w*|expens\w+|dollars?|usd|money|bills?|pric\w+|dear(?:est)?|cheap\w*|\$"
_ELECTRIC: Final = r"kwh|mwh|electric(?:ity|al)?|power"
_CARBON: Final = r"emi(?:t\w*|ssions?)|co2e?|carbon|tco2e?|dirtiest|cleanest|greenhouse"
QUANTITIES: Final[Mapping[str, Quantity]] = {
    "payback": Quantity(r"pay\s?back\w*|pays?\s+back", ("simple_payback_y",)),
    "net present value": Quantity(r"npv|net\s+present\s+value", ("npv_usd",)),
    "savings": Quantity(r"sav(?:es?|ings?)|earn\w*", ("savings_usd_per_y", "savings_kwh")),
    "cost per area": Quantity(rf"(?:{_MONEY})\b[^.;]*\b{_AREA}", ("cost_usd/floor_area_ft2",)),
    "electricity per area": Quantity(rf"(?:{_ELECTRIC})\b[^.;]*\b{_AREA}", ("electricity_kwh/floor_area_ft2",)),
    "emissions per area": Quantity(rf"(?:{_CARBON})\b[^.;]*\b{_AREA}", ("emissions_tco2e/floor_area_ft2",)),
    "emissions": Quantity(_CARBON, ("emissions_tco2e", "avoided_t_co2e_per_y")),
    "intensity": Quantity(
        rf"(?:site\s+)?eui|intensit(?:y|ies)|{_AREA}|(?:in)?efficien\w+",
        ("site_eui_kbtu_per_ft2", "value", "ratio_to_median"),
    ),
    "cost": Quantity(_MONEY, ("cost_usd", "usd_per_day", "capex_usd.mid", "cost_usd_per_y", "gap_to_median_usd")),
    "gas": Quantity(r"(?:natural\s+)?gas|therms?", ("gas_therms", "savings_therms")),
    "electricity": Quantity(_ELECTRIC, ("electricity_kwh", "savings_kwh", "excess_per_day")),
    "peak": Quantity(r"peaks?|demand|kw", ("peak_kw", "max_kw", "savings_kw")),
    "water": Quantity(r"water|kl", ("water_kl",)),
    "growth": Quantity(r"grew|grow\w*|ris(?:e|en|ing)|rose|increas\w+|year\s+on\s+year|yoy", ("yoy_pct",)),
    "area": Quantity(r"floor\s+area|sq(?:uare)?\s*-?\s*(?:feet|footage)|ft2|size|biggest\s+buildings?", ("floor_area_ft2",)),
    "use": Quantity(r"us(?:es?|ed|ing|age)|energy|consum\w+|burn\w*|hungr\w+|guzzl\w+|load", ("energy_kbtu", "electricity_kwh")),
}  # fmt: skip
"""Quantities by name. The order matters: "cost per square foot" is no cost, and "energy cost" is no use."""
_RANKS: Final = re.compile(
    r"\b(?:most|least|highest|lowest|top|bottom|worst|best|biggest|largest|smallest|greatest|cheapest|costliest|dearest|dirtiest|cleanest|hungriest|heaviest|hungry|priciest|fastest|quickest|soonest|rank\w*|sort\w*|order(?:ed)?\s+(?:them\s+)?by)\b",
    _I,
)
_NO_RANK: Final = re.compile(
    r"\bat\s+(?:the\s+)?(?:most|least|best|worst)\b|\bmost\s+of\b|\b(?:not\s+)?least\s+of\s+all\b", _I
)
_ENDS: Final[Mapping[Order, str]] = {
    "worst": r"worst|worse|dirtiest|hungriest|least\s+efficient|poorest|leakiest",
    "best": r"best|better|cleanest|most\s+efficient|greenest",
    "lowest": r"fastest|quickest|soonest|lowest|smallest|bottom|cheapest|least(?:\s+expensive)?|(?:low|small)\w*\s+(?:first|to\s+(?:high|large)\w*)|ascending|shortest",
    "highest": r"highest|most|top|biggest|largest|greatest|costliest|dearest|heaviest|hungry|priciest|longest",
}
_GOOD_IF_HIGH: Final = frozenset({"savings"})


@dataclass(frozen=True)
class Arrangement:
    """The wish for an answer's lists. `most` rows (0: every row; None: as the view has it), ordered `by` a quantity of
    `QUANTITIES` from one `end`; `only` and `without` name quantities whose columns stay or go; `per` is the
    part of time that is to be a row; `things` are the codes of the only rows that are wished, `within` the limits that
    rows keep.
    """

    most: int | None = None
    by: str | None = None
    end: Order | None = None
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    per: str = ""
    things: tuple[str, ...] = ()
    within: tuple[Limit, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether nothing is wished."""
        return self == Arrangement()

    def over(self, before: Arrangement) -> Arrangement:
        """This wish, with what it leaves open taken from the one before.

        >>> found = Arrangement(most=5).over(Arrangement(by="cost", most=3))
        >>> found.most, found.by
        (5, 'cost')
        """
        follows = self.only[0] if self.only and before.by else None if self.per else before.by
        return Arrangement(
            before.most if self.most is None else self.most,
            self.by or follows,
            self.end or (None if self.by or self.per else before.end),
            self.only or before.only,
            self.without or before.without,
            self.per or before.per,
            self.things or before.things,
            (
                *(each for each in before.within if all(each.quantity != new.quantity for new in self.within)),
                *self.within,
            ),
        )

    def lowest_first(self, quantity: str | None) -> bool:
        """Whether rows begin with the lowest figure of a quantity: the best of a cost is low, the best saving high."""
        good_if_high = quantity in _GOOD_IF_HIGH
        return self.end == "lowest" or (self.end == "worst" if good_if_high else self.end == "best")

    def as_dict(self) -> dict[str, Any]:
        """JSON for the store of a conversation."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Arrangement:
        """The wish that `as_dict` wrote."""
        return cls(
            stored.get("most"), stored.get("by"), stored.get("end"),
            tuple(stored.get("only") or ()), tuple(stored.get("without") or ()), stored.get("per") or "",
            tuple(stored.get("things") or ()), tuple(map(Limit.from_dict, stored.get("within") or ())),
        )  # fmt: skip


def _whole(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", _I)


_QUANTITY_SAID: Final = {name: _whole(each.words) for name, each in QUANTITIES.items()}
_END_SAID: Final = {end: _whole(words) for end, words in _ENDS.items()}


def quantity_in(text: str) -> str | None:
    """The quantity that a text names, the first in the order of `QUANTITIES`; None where it names none.

    >>> quantity_in("by energy cost"), quantity_in("per square foot"), quantity_in("in Boston")
    ('cost', 'intensity', None)
    """
    return next((name for name, said in _QUANTITY_SAID.items() if said.search(text)), None)


def arrangement_of(text: str, counts: Sequence[Count] | None = None) -> Arrangement:
    """What a request says of how its rows are to be ranked; `counts` are those that no step of its plan takes.

    >>> found = arrangement_of("top 5 buildings by cost")
    >>> found.most, found.by, found.end
    (5, 'cost', 'highest')
    """
    found = find_counts(text) if counts is None else list(counts)
    most = found[0].n if found else None
    words = _NO_RANK.sub(" ", text)
    per, within = per_in(words), payback_limit(text)
    if not _RANKS.search(words):
        return Arrangement(most, per=per, within=within)
    by = _said_by(words) or quantity_in(words)
    return Arrangement(most, by, end_for(by, words), per=per, within=within)


def end_for(quantity: str | None, text: str) -> Order | None:
    """The end of a ranking by a quantity that a text names; the top by payback are those that pay back soonest.

    >>> end_for("payback", "top 3 by payback"), end_for("cost", "top 3 by cost")
    ('best', 'highest')
    """
    end = end_in(text)
    return "best" if quantity == "payback" and end == "highest" and re.search(r"\btop\b", text, _I) else end


_PER_MONTH: Final = re.compile(
    r"\b(?:per|by|each|every)\s+month\b|\bmonthly\b|\bmonth\s+by\s+month\b|\b(?:which|what|worst|best|costliest|dearest|cheapest)\s+months?\b|\b(?:in|for)\s+each\s+month\b",
    _I,
)


def per_in(text: str) -> str:
    """The part of time that each row is to stand for; empty where none is said.

    >>> per_in("what did we use per month?"), per_in("in the last month")
    ('month', '')
    """
    return "month" if _PER_MONTH.search(text) else ""


def end_in(text: str) -> Order | None:
    """The end of a ranking that a text names; None where it names none.

    >>> end_in("the three cheapest"), end_in("rank them")
    ('lowest', None)
    """
    return next((end for end, said in _END_SAID.items() if said.search(text)), None)


_BY: Final = re.compile(r"\b(?:by|in\s+terms\s+of)\s+(?:(?!\b(?:and|for|in|with|of|at|during|over)\b)[^,.;?!\n])+", _I)


def _said_by(text: str) -> str | None:
    """The quantity behind "by", which wins over every other that is named."""
    return next((found for match in _BY.finditer(text) if (found := quantity_in(match.group(0)))), None)
