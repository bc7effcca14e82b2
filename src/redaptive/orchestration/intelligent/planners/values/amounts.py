"""Which amount in a sentence is which: each goes to the argument whose words stand nearest to it."""
# ruff: noqa: E501 -- tables of words, an entry a line

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

Labels = Mapping[str, str]
"""Argument -> the words that name it."""
_REACH: Final = 48
MOST_MATCHED: Final = 5
_AFTER: Final = 6
"""A word behind an amount counts as that many characters farther away than one before it."""
_APART: Final = 8
_PAUSE: Final = re.compile(r"[,;:](?!\d)|\band\b", re.IGNORECASE)


class Spanned(Protocol):
    """Something found in a text."""

    @property
    def start(self) -> int:
        """Where it begins."""

    @property
    def end(self) -> int:
        """Where it ends."""


MONEY: Final[Labels] = {
    "capex_usd": r"cap(?:ex|ital)|cost(?:s|ing)?|invest(?:ment|ing)?|quote|up\s?front|price[ds]?|spend(?:ing)?|outlay|project",
    "savings_usd_per_y": r"sav(?:e|es|ed|ing|ings)?|earn(?:s|ing)?|avoid(?:ed|s)?|(?<!came\s)(?<!come\s)(?<!comes\s)back|benefits?|cuts?|brings?",
    "om_usd_per_y": r"o\s?&?\s?m|maintenance|upkeep|running\s+costs?",
    "opex_usd_per_y": r"op(?:ex|erating)|o\s?&?\s?m|maintenance|upkeep|to\s+run",
    "incentive_usd": r"incentives?|rebates?|grants?|subsid\w+|from\s+(?:the\s+|our\s+)?(?:utility|state|program|government)",
    "budget_at_completion_usd": r"bac|budget(?:ed)?(?:\s+at\s+completion)?|total",
    "planned_value_usd": r"pv|planned(?:\s+value)?|scheduled|(?:should|ought\s+to|was\s+to|were\s+to)\s+(?:have|be)(?:\s+(?:done|earned|completed?|been|finished|ready|there))*|supposed\s+to\s+be",
    "earned_value_usd": r"ev|earned(?:\s+value)?|completed|did|done|is(?=\s*[,.;])|worth\s+of\s+work",
    "actual_cost_usd": r"ac|actuals?(?:\s+costs?)?|spent|invoiced|costs?\s+to\s+date|paid",
    "cost_change_usd": r"adds?|adding|plus|extra|cost(?:s|ing)?|for|by|increase|change|minus|less|credit|deduct\w*|saves?",
    "waste_usd_per_day": r"wast\w+|cost(?:s|ing)?|excess|burn\w*|los\w+|day",
    "max_usd_per_building": r"(?:per|each|any|every|one|a)\s+(?:single\s+|one\s+)?building|cap",
    "fixed_usd_per_mwh": r"fixed|offer\w*|quote\w*|hedge|price",
    "price_usd_per_kwh": r"price|pay\w*|rate|at|incentive",
    "penalty_usd_per_kwh": r"penalt\w+|fine",
}
PERCENT: Final[Labels] = {
    "discount_rate": r"disc(?:ount\w*)?|wacc|hurdle|cost\s+of\s+capital|rate|at|interest",
    "savings_escalation": r"esc(?:alat\w+)?|climb\w*|increas\w*|inflation|grow\w*|rise\w*|rising|shrink\w*|(?:fall|drop|declin|decreas|dwindl)\w*",
    "om_escalation": r"(?:o\s?&\s?m|maintenance|upkeep|running\s+costs?)\s+(?:(?:that|which|costs?|to|will|and|it)\s+)*(?:esc(?:alat\w+)?|inflation|ris(?:e|es|ing)|grow\w*|climb\w*|increas\w*|go(?:es|ing)?\s+up)(?:\s+by)?",
    "tax_rate": r"tax\w*",
    "degradation": r"degrad\w+|(?:output|production|generation|panels?|yield)\s+(?:falls?|drops?|declines?|shrinks?|loses?|goes\s+down)(?:\s+by)?|decline|loss\s+of\s+output",
    "target_irr": r"(?:gives?|leaves?|brings?|nets?|earns?)\s+(?:us|me)|irr|returns?(?:\s+(?:us|me|of|the\s+\w+))?|(?:earn|yield)s?(?:\s+(?:us|me))?|target|investors?|provider",
    "customer_margin": r"customers?|client|keeps?|share|margin",
    "escalator": r"escalat\w+|yearly\s+increase|grow\w*",
    "escalation_mean": r"esc(?:alat\w+)?|inflation|price\s+growth|prices?\s+(?:ris\w+|grow\w*|increas\w+|(?:go(?:es|ing)?\s+)?up|climb\w*)(?:\s+by)?",
    "escalation_deviation": r"give\s+or\s+take|plus\s+or\s+minus|sd|std(?:ev)?|st\.?\s?dev|deviation|volatility|sigma|uncertain\w*",
}
QUANTITIES: Final[Mapping[str, tuple[str, str]]] = {
    "life_y": ("year", r"life|over|for|lasts?|horizon|term|years?"),
    "term_y": ("year", r"term|over|for|contract|years?"),
    "age_y": ("year", r"old|age[d]?|years?|installed|been"),
    "power_kw": ("kW", r"power|draw\w*|input|at|using|kw"),
    "flow_gpm": ("gpm", r"flow|gpm|pumping"),
    "chws_f": ("F", r"supply|supplies|leaving|leaves?|chws|chwst|lwt|out|supplied"),
    "chwr_f": ("F", r"return\w*|entering|enters?|comes?\s+(?:back|in)|chwr|chwrt|ewt|in|back"),
    "cws_f": (
        "F",
        r"condenser\s+(?:water\s+)?(?:supply|in|enters?|entering|comes?\s+in)(?:\s+at)?|tower\s+(?:water\s+)?supply|cws|entering\s+condenser",
    ),
    "cwr_f": ("F", r"condenser\s+(?:water\s+)?return|tower\s+return|cwr|leaving\s+condenser"),
    "delta_t_f": ("F", r"delta|difference|dt|across"),
    "airflow_cfm": ("cfm", r"air\s?flow|cfm|flow"),
    "design_kw_per_ton": ("kW/ton", r"design|rated|nominal|nameplate|should"),
    "design_tons": ("ton", r"design|rated|nominal|nameplate|capacity"),
    "roof_area_ft2": ("ft2", r"roof|area|space"),
    "savings_kwh_per_y": ("kWh", r"sav\w+"),
    "energy_kwh_per_y": ("kWh", r"produc\w+|generat\w+|yields?|energy|output"),
    "fault_hours": ("hour", r"fault\w*|alarm"),
    "run_h_per_day": ("hour", r"runs?|running|operat\w+|day"),
    "change_days": ("day", r"adds?|delay\w*|extend\w*|extra|later|slip\w*|days?|by|take|time"),
    "min_t_co2e_per_y": ("tCO2e", r"least|min\w*|cut|reduc\w+|avoid\w*|save"),
    "window_min": ("minute", r"window|demand|interval"),
}  # argument -> canonical unit of matchers.entities.quantities, words


SIGNED: Final = frozenset({"escalator", "savings_escalation", "om_escalation", "escalation_mean", "discount_rate"})
"""Shares that may be below nothing."""
_DOWN: Final = re.compile(
    r"\b(?:minus|negative|shrink\w*|fall(?:s|ing)?|drop(?:s|ping)?|declin\w+|decreas\w+|dwindl\w+|erod\w+|los(?:e|es|ing))\b(?:\s+(?!\d)[\w']+){0,3}\s*$",
    re.IGNORECASE,
)
_MINUS: Final = re.compile(r"(?:^|[\s(=:])[-−]\s?$")
_DOWN_AFTER: Final = re.compile(r"\s*(?:less|lower|down|fewer)\b", re.IGNORECASE)


def falls(text: str, found: Spanned) -> bool:
    """Whether a share is taken off from year to year: "savings shrink by 2 % a year"."""
    head = text[: found.start]
    return bool(_DOWN.search(head) or _MINUS.search(head) or _DOWN_AFTER.match(text, found.end))


def assign(text: str, found: Sequence[Spanned], labels: Labels) -> dict[str, int]:
    """Argument -> place in `found`, nearest pairs first, each amount and each argument once.

    >>> spans = [type("S", (), {"start": 6, "end": 13})(), type("S", (), {"start": 20, "end": 23})()]
    >>> assign("costs $64,500 saves $13", spans, {n: MONEY[n] for n in ("capex_usd", "savings_usd_per_y")})
    {'capex_usd': 0, 'savings_usd_per_y': 1}
    """
    pairs = sorted(_pairs(text, found, labels))
    cost: dict[tuple[int, str], int] = {}
    for far, _, place, name in pairs:
        cost.setdefault((place, name), far)
    if len({place for place, _ in cost}) > MOST_MATCHED:
        return _greedy(pairs)
    return _matched(cost, tuple(dict.fromkeys(name for _, _, _, name in pairs)))


def _greedy(pairs: Sequence[tuple[int, int, int, str]]) -> dict[str, int]:
    chosen: dict[str, int] = {}
    for _, _, place, name in pairs:
        if name not in chosen and place not in chosen.values():
            chosen[name] = place
    return chosen


def _matched(cost: Mapping[tuple[int, str], int], names: Sequence[str]) -> dict[str, int]:
    """The pairs that give the most amounts a name, and of those the nearest in all."""
    places = sorted({place for place, _ in cost})
    best: tuple[int, int, dict[str, int]] = (0, 0, {})

    def grow(at: int, far: int, chosen: dict[str, int]) -> None:
        nonlocal best
        if at == len(places):
            best = max(best, (len(chosen), -far, chosen), key=lambda one: one[:2])
            return
        grow(at + 1, far, chosen)
        for name in names:
            if name not in chosen and (places[at], name) in cost:
                grow(at + 1, far + cost[places[at], name], {**chosen, name: places[at]})

    grow(0, 0, {})
    return best[2]


def _pairs(text: str, found: Sequence[Spanned], labels: Labels) -> Iterable[tuple[int, int, int, str]]:
    for place, each in enumerate(found):
        left = max((other.end for other in found if other.end <= each.start), default=0)
        right = min((other.start for other in found if other.start >= each.end), default=len(text))
        for name, words in labels.items():
            for match in re.finditer(rf"\b(?:{words})\b", text, re.IGNORECASE):
                distance = _distance(match.start(), match.end(), each, left, right)
                if distance is not None:
                    far = distance + _breath(text, match.span(), each)
                    yield far, match.start() - match.end(), place, name


def _distance(start: int, end: int, each: Spanned, left: int, right: int) -> int | None:
    """How far a word is from an amount; None beyond reach or beyond a neighbouring amount."""
    if end <= each.start:
        far = each.start - end
        return far if far <= _REACH and start >= left - 1 else None
    far = start - each.end + _AFTER
    return far if far >= _AFTER and far <= _REACH and end <= right + 1 else None


def _breath(text: str, label: tuple[int, int], each: Spanned) -> int:
    """What it costs that a comma or an "and" stands between a word and an amount: they are said in two breaths."""
    first, last = sorted((label, (each.start, each.end)))
    return _APART * bool(_PAUSE.search(text, first[1], last[0]))
