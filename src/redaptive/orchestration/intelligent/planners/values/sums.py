"""Amounts of money for the arguments of a tool: prices by their unit, a year's amounts apart from those paid once.

A bare number counts where a tool asks for money: behind its word ("capex of 350000"), scaled ("350k"), or large enough
that it can be nothing else. Of what no word names, what is paid once is the outlay and what is paid yearly the saving.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from redaptive.orchestration.intelligent.matchers.entities.numbers import Number, find_numbers
from redaptive.orchestration.intelligent.matchers.entities.quantities import Money
from redaptive.orchestration.intelligent.planners.values.amounts import MONEY, assign
from redaptive.orchestration.intelligent.planners.values.ids import find_codes
from redaptive.orchestration.intelligent.planners.values.reading import Reading
from redaptive.orchestration.plans.json_types import JsonType
from redaptive.orchestration.plans.schema import Json

PRICES: Final = {
    "kwh": ("price_usd_per_kwh", "penalty_usd_per_kwh", "electricity_usd_per_kwh", "battery_usd_per_kwh"),
    "therm": ("price_usd_per_therm", "gas_usd_per_therm"),
    "kw": ("usd_per_kw_month", "demand_usd_per_kw_month", "battery_usd_per_kw"),
    "kwdc": ("pv_usd_per_kwdc",),
    "mwh": ("fixed_usd_per_mwh",),
}
_PRICE: Final = re.compile(
    r"(\d[\d,]*(?:\.\d+)?)\s*(?:\$|usd|dollars?)?\s*(?:/|(?:for\s+)?(?:per|an?|each|every)\s+)\s*(kwdc|kwh|mwh|therm|kw)\b",
    re.IGNORECASE,
)
_OWN_WORDS: Final = {
    "penalty_usd_per_kwh": r"\b(?:penalt\w+|fines?|fined|failing|miss\w*|shortfall)\b",
    "battery_usd_per_kwh": r"\b(?:batter\w+|storage)\b",
    "battery_usd_per_kw": r"\b(?:batter\w+|inverters?|storage|power)\b",
}
"""Prices that only count where their words stand in the same breath; others take what is left."""
_FINED: Final = re.compile(
    r"(?<![\w.])(?P<a>\d*\.\d+)\s*(?:dollars?\s+|usd\s+)?(?:as\s+|of\s+)?(?:an?\s+|the\s+)?(?:penalt\w+|fine)\b"
    r"|\b(?:penalt\w+|fine)\s*(?:of|is|at|=|:)?\s*\$?(?P<b>\d*\.\d+)(?!\w)",
    re.IGNORECASE,
)
"""A penalty without its unit."""
_INDEX: Final = r"\b(?:index|spot|market|float\w*)\b"
"""What a price per MWh is of that nobody offers."""
_BREATH: Final = re.compile(r"[,;:.?!](?!\d)|\band\b|\bwith\b", re.IGNORECASE)
_YEARLY: Final = re.compile(
    r"\s*(?:usd|dollars?|bucks)?\s*(?:(?:of|in)\s+)?(?:[^\W\d]+(?:\s+|(?=/))){0,2}?(?:an?\s+year|per\s+(?:year|annum|yr)|each\s+year|every\s+year|yearly|annual(?:ly)?|p\.?\s?a\b|/\s?(?:y|yr|year|a)\b)",
    re.IGNORECASE,
)
_YEARLY_BEFORE: Final = re.compile(
    r"\b(?:annual|yearly)\s+(?:\w+\s+){0,3}(?:of|at|is|:|around|about)?\s*\$?\s*$", re.IGNORECASE
)
_PAID: Final = (
    r"\b(?:incentives?|rebates?|grants?|subsid\w+)\s+(?:(?:of|is|are|worth|at|pays?|about|totals?|=|:)\s*)*\$?\d"
    r"|\d[\d,.]*\s*(?:k|m)?\s+(?:usd\s+|dollars?\s+)?(?:back\s+)?from\s+(?:the\s+|our\s+)?(?:utility|state|program|government)\b"
    r"|\d[\d,.]*\s*(?:k|m)?\s+(?:usd\s+|dollars?\s+)?(?:in\s+|of\s+|as\s+|from\s+)?(?:an?\s+|the\s+)?(?:\w+\s+){0,2}(?:incentives?|rebates?|grants?|subsid\w+)\b"
)
"""An incentive with its amount beside it."""
FLOWS: Final = frozenset({"savings_usd_per_y", "om_usd_per_y", "opex_usd_per_y"})
"""Arguments that are amounts of a year."""
LEAST_BARE: Final = 1_000
_REACH_OF_LABEL: Final = 24


def money_of(kind: JsonType, reading: Reading) -> dict[str, Json]:
    """Arguments that are amounts of money, by name."""
    names = set(kind.field_names())
    args = _prices(names, reading)
    labels = {name: words for name, words in MONEY.items() if name in names and name not in args}
    if not labels and "budget_usd" not in names:
        return args
    if "incentive_usd" in labels and not reading.has(_PAID):
        labels = {name: words for name, words in labels.items() if name != "incentive_usd"}
    plain = _amounts(reading, list(labels))
    if "max_usd_per_building" in names and (capped := _capped(plain, reading.text)):
        args["max_usd_per_building"] = figure(capped.usd)
        plain = [one for one in plain if one is not capped]
    if "budget_usd" in names and plain:
        chosen = max(plain, key=lambda one: (one.role == "budget", one.usd))
        args["budget_usd"] = figure(chosen.usd)
        plain = [one for one in plain if one is not chosen]
    found = {**args, **_assigned(reading, plain, labels)}
    found |= {name: -value for name, value in _lost(kind, plain, found, reading.text)}
    change = found.get("cost_change_usd")
    if isinstance(change, int | float) and (reading.has(_TAKEN_OFF) or _less(reading, change)):
        found["cost_change_usd"] = -abs(change)
    return found


def _lost(
    kind: JsonType, plain: Sequence[Money], found: Mapping[str, Json], text: str
) -> Iterator[tuple[str, int | float]]:
    """Amounts with a minus before them, where the schema allows for less than nothing."""
    below = {figure(one.usd) for one in plain if _MINUS.search(text[: one.start])}
    for name, value in found.items():
        target = kind.step(name)
        least = [shape.rules.get("minimum") for shape in target.shapes] if target is not None else [0]
        if (
            isinstance(value, int | float)
            and value in below
            and name in FLOWS
            and not any(x is not None for x in least)
        ):
            yield name, value


def _less(reading: Reading, change: float) -> bool:
    """Whether the amount of a change stands behind a minus or a word that takes it off."""
    found = (one for one in reading.money if figure(one.usd) == change)
    return any(_OFF.search(reading.text[: one.start]) for one in found)


_OFF: Final = re.compile(
    r"(?:\b(?:minus|negative|(?:cut|lower|reduc|deduct|decreas|cheapen|sav|credit)\w*)\s+(?:(?!\d|more\b|extra\b|adds?\b)[\w']+\s+){0,4}|(?:^|[\s(])[-−])\s*(?:\$|usd\s)?\s*$",
    re.IGNORECASE,
)
_MINUS: Final = re.compile(r"(?:\bminus|\bnegative|(?:^|[\s(])[-−])\s*\$?\s*$", re.IGNORECASE)


def _capped(plain: Sequence[Money], text: str) -> Money | None:
    """The amount that is the most for one building."""
    return next((one for one in plain if _A_BUILDING.match(text, one.end)), None)


_A_BUILDING: Final = re.compile(
    r"\s*(?:usd|dollars?|bucks)?\s*(?:to\s+be\s+)?(?:(?:spent|go(?:es|ing)?)\s+)?(?:per|each|a|(?:in(?:to)?|for|on|at)\s+(?:any|each|every|one|a|single))\s+(?:(?:one|single)\s+)*building\b",
    re.IGNORECASE,
)
_TAKEN_OFF: Final = (
    r"\b(?:minus|saves?|saving|cuts?|reduc\w+|deduct\w*|takes?\s+off|lowers?)\s+"
    r"(?:(?:us|the|its|cost|costs|price|by|about|around)\s+)*(?:\$|usd\s)\s?\d"
    r"|\$\s?\d[\d,.]*\w?\s+(?:less|cheaper|lower|off)\b"
    r"|\d[\d,.]*\s*(?:k|thousand|grand)?\s*(?:dollars?\s+|usd\s+)?(?:less|cheaper|lower|off)\b"
    r"|(?:^|[\s(])[-−](?:\s?\$\s?\d|\d[\d,.]*\s*k?\s*(?:dollars|usd|bucks)\b)"
)
"""A change that makes the work cheaper."""


def _prices(names: set[str], reading: Reading) -> dict[str, Json]:
    found = [((each.per or "").replace(" ", ""), str(each.usd), each.start) for each in reading.money if each.per]
    places = [(match[2].lower(), match[1].replace(",", ""), match.start()) for match in _PRICE.finditer(reading.text)]
    found += [each for each in places if not any(each[0] == per and each[1] == value for per, value, _ in found)]
    offers = [each for each in found if each[0] != "mwh" or not _in_its_breath(_INDEX, reading.text, each[2])]
    args: dict[str, Json] = {}
    for per, value, start in offers or found:
        own = [name for name in PRICES.get(per, ()) if name in names]
        if per == "kw" and _MONTHLY.match(reading.text, start):
            own = [name for name in own if name.endswith("_month")]
        special = [name for name in own if name in _OWN_WORDS and _in_its_breath(_OWN_WORDS[name], reading.text, start)]
        rest = [name for name in own if name not in _OWN_WORDS] or (own if len(own) == 1 else [])
        for name in special[:1] or rest:
            args.setdefault(name, figure(value))
    if "penalty_usd_per_kwh" in names - args.keys() and (match := _FINED.search(reading.text)):
        args["penalty_usd_per_kwh"] = figure(match["a"] or match["b"])
    return args


_MONTHLY: Final = re.compile(r"[^,;]{0,24}?\bkw[\s-]*(?:/\s?|a\s+|per\s+)?month", re.IGNORECASE)
"""A price of demand, which is paid each month."""


def _in_its_breath(words: str, text: str, start: int) -> bool:
    """Whether words stand in the same part of a sentence as the amount that begins at `start`."""
    head = max((match.end() for match in _BREATH.finditer(text, 0, start)), default=0)
    tail = next((match.start() for match in _BREATH.finditer(text, start)), len(text))
    return bool(re.search(words, text[head:tail], re.IGNORECASE))


def _amounts(reading: Reading, names: Sequence[str]) -> list[Money]:
    """Amounts that are no prices; a year's have `per` year."""
    plain = [one for one in reading.money if not one.per or one.per in ("year", "yr", "day", "month")]
    plain += list(_bare(reading, names, plain))
    flows = bool(FLOWS & set(names))
    timed = (_timed(one, reading.text) if flows else one for one in plain)
    return sorted(timed, key=lambda one: one.start)


def _timed(money: Money, text: str) -> Money:
    if part := _OF_A_PART.match(text, money.start):
        return replace(money, usd=money.usd * _PARTS_OF_A_YEAR[(part["part"] or part["bill"]).lower()], per="year")
    yearly = _YEARLY.match(text, money.end) or _YEARLY_BEFORE.search(text[: money.start])
    return replace(money, per="year") if yearly and not money.per else money


_PARTS_OF_A_YEAR: Final = {"month": 12, "mo": 12, "quarter": 4}
_OF_A_PART: Final = re.compile(
    r"\$?\s?[\d,.]+\s?(?:k|m|thousand|grand)?\s*(?:usd|dollars?|bucks)?\s*(?:(?:/\s?|(?:per|an?|each|every)\s+)(?P<part>month|mo|quarter)\b|(?:off|from|on)\s+(?:each|every|the|our|its)\s+(?P<bill>month|quarter)ly\b)",
    re.IGNORECASE,
)
"""What is paid in each part of a year, where a tool asks for the amount of the year."""


def _bare(reading: Reading, names: Sequence[str], known: Sequence[Money]) -> Iterator[Money]:
    """Numbers without a currency that stand for money."""
    taken = [(each.start, each.end) for each in known]
    taken += [(each.start, each.end) for each in (*reading.quantities, *reading.percentages)]
    taken += [(each.start, each.end) for each in reading.counts]
    taken += [(code.start, code.end) for code in find_codes(reading.text)]
    label = "|".join(MONEY[name] for name in names) or "(?!)"
    valued = _VALUED if "planned_value_usd" in names else None
    for number in find_numbers(reading.text):
        free = not any(number.start < end and start < number.end for start, end in taken)
        said = _behind_label(reading.text, number, label) or (valued and valued.match(reading.text, number.end))
        if free and (said or _large(reading.text, number)):
            yield Money(number.value, "amount", "equal", number.start, number.end)


_VALUED: Final = re.compile(
    r"\s+(?:is\s+|was\s+|has\s+been\s+)?(?:planned|earned|spent|scheduled|invoiced|budgeted|done)\b", re.IGNORECASE
)
"""What is said behind a figure of earned value, which may be 0."""


def _behind_label(text: str, number: Number, label: str) -> bool:
    before = text[max(0, number.start - _REACH_OF_LABEL) : number.start]
    behind = re.search(rf"\b(?:{label})\s*(?:=|:|of|is|at|was|by)?\s*$", before, re.IGNORECASE)
    timed = re.match(r"\s*(?:\w+\s+)?(?:days?|weeks?|months?|years?|hours?)\b", text[number.end :], re.IGNORECASE)
    return bool(behind) and not timed and not 1990 <= number.value <= 2060


def _large(text: str, number: Number) -> bool:
    """Whether a number is large and no year, date, square feet or the like: those are quantities already."""
    written = text[number.start : number.end]
    scaled = re.search(r"(?:k|m|mm|mil|million|thousand|hundred|grand)$", written, re.IGNORECASE)
    unit = re.match(
        r"\s*(?:draws?|simulations?|iterations?|runs|scenarios|trials|times|intervals?|readings?)\b", text[number.end :]
    )
    if unit or number.value < LEAST_BARE:
        return False
    return bool(scaled) or "," in written or number.value >= 2 * LEAST_BARE + 100


def _assigned(reading: Reading, plain: Sequence[Money], labels: dict[str, str]) -> dict[str, Json]:
    """Each amount to the nearest word that names it, yearly ones to yearly arguments; the rest by what it must be."""
    yearly = [one for one in plain if one.per in ("year", "yr")]
    others = [one for one in plain if one not in yearly]
    flows = {name: words for name, words in labels.items() if name in FLOWS}
    found = _near(reading.text, yearly, flows)
    left = [one for one in others if one not in found.values()]
    found |= _near(reading.text, left, {name: words for name, words in labels.items() if name not in found})
    for name, pool in (("savings_usd_per_y", yearly), ("capex_usd", others), ("savings_usd_per_y", others)):
        free = [one for one in pool if one not in found.values()]
        if free and name in labels and name not in found:
            found[name] = free[0]
    if "cost_change_usd" in labels and not found and len(plain) == 1:
        found["cost_change_usd"] = plain[0]
    return {name: figure(one.usd) for name, one in found.items()}


def _near(text: str, amounts: Sequence[Money], labels: dict[str, str]) -> dict[str, Money]:
    return {name: amounts[place] for name, place in assign(text, amounts, labels).items()}


def figure(value: object) -> Json:
    """The number as JSON writes it: whole where it is."""
    number = float(str(value))
    return int(number) if number.is_integer() else number
