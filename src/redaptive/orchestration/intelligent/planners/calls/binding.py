"""From what a sentence says to the arguments of a tool: by kind of thing, by unit, by the words around an amount."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Final, cast

from redaptive.orchestration.intelligent.matchers.entities.calendar import Period, Span
from redaptive.orchestration.intelligent.planners.values.alternatives import groupings, periods, together
from redaptive.orchestration.intelligent.planners.values.amounts import (
    MONEY,
    PERCENT,
    QUANTITIES,
    SIGNED,
    assign,
    falls,
)
from redaptive.orchestration.intelligent.planners.values.figures import figure_of, incentivised, named_figure
from redaptive.orchestration.intelligent.planners.values.lexicon import ACTIONS, CHOICES, choose, choose_all, led_by
from redaptive.orchestration.intelligent.planners.values.literals import identifiers, unquoted
from redaptive.orchestration.intelligent.planners.values.periods import as_moment, as_months, last_day, measured
from redaptive.orchestration.intelligent.planners.values.reading import Reading
from redaptive.orchestration.intelligent.planners.values.records import RECORDS, around
from redaptive.orchestration.intelligent.planners.values.spans import BASELINE, INSTALL, REPORTING, roles
from redaptive.orchestration.intelligent.planners.values.sums import PRICES, figure, money_of
from redaptive.orchestration.intelligent.planners.values.words import WORDS
from redaptive.orchestration.plans.json_types import JsonType, read
from redaptive.orchestration.plans.reference_types import Tool
from redaptive.orchestration.plans.schema import Json

PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "building": ("building", "site"),
    "site": ("site", "building"),
    "customer": ("customer",),
}
"""People say store, site and building for the same; the kind that was named counts first."""
WHERE: Final = frozenset({"building", "site", "meter"})
"""Kinds of places: one that is named stands for those of the other kinds."""
NUMBERED: Final = frozenset({"document", "equipment", "project", "ticket", "change_order", "permit", "alert"})
"""Kinds of things that people number as they like, so that a code's shape says nothing of them."""
MONTHS: Final = frozenset({"period", "baseline", "reporting"})
WHOLE_DAYS: Final = frozenset({"day", "week", "month", "quarter", "season", "half", "year"})
"""Periods that name no hour: when an event began and ended is asked for, unless it is said to fill them."""
_THROUGHOUT: Final = r"\b(?:entire|whole|full|all\s+(?:of|day|week|month|year)|throughout|last(?:ed|ing)|24\s*/\s*7)\b"
_APART: Final = r"\b(?:separately|individually|one\s+by\s+one|each\s+on\s+(?:its|their)\s+own|one\s+(?:run|call|list|report)\s+each|apart\s+from\s+each\s+other)\b"
BARE_MEASURES: Final = ("chiller",)
"""Measures that are named like the equipment that they replace."""
COMPARED: Final = frozenset({"form", "basis", "market", "commodity"})
"""Arguments of which a sentence that names several values asks for one call each."""


_TABLED: Final = frozenset(
    {*MONEY, *PERCENT, *QUANTITIES, "budget_usd", *(n for names in PRICES.values() for n in names)}
)
"""Arguments whose numbers are found by words of their own."""
_ALERT, _TICKET, _CHANGE = "raise_or_acknowledge_alert", "create_or_update_ticket", "manage_change_order"
_BY_ACTION: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    (_ALERT, "raise"): ("anomaly",),
    **{(_ALERT, action): ("alert_id",) for action in ("acknowledge", "assign", "resolve")},
    (_ALERT, "snooze"): ("alert_id", "snooze_until"),
    **{(_TICKET, action): ("ticket_id",) for action in ("comment", "assign", "wait", "resolve", "reopen", "close")},
    **{(_CHANGE, action): ("change_order_id",) for action in ("approve", "reject", "withdraw")},
    (_CHANGE, "propose"): ("scope_change",),
}


_BEGINNINGS: Final = frozenset({None, "create", "propose"})
_BEGUN_WITH: Final[Mapping[str, tuple[str, ...]]] = {
    _TICKET: ("subject", "waste_usd_per_day"),
    _CHANGE: ("scope_change", "cost_change_usd", "change_days"),
}
"""What is said once, when something begins: who acts on it later would write over it by chance."""
PROPOSED: Final = frozenset({"cost_change_usd", "change_days"})
"""What only a proposal says of a change order."""


@dataclass(frozen=True)
class Bound:
    """The arguments that could be read, the required ones that could not, several ids where one is asked for."""

    args: Mapping[str, Json]
    missing: tuple[str, ...]
    several: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def bind(tool: Tool, reading: Reading) -> Bound:
    """What the reading says about each argument of the tool; a follow-up leaves the rest as it was before."""
    found = _bound(tool, reading)
    if reading.before is None:
        return found
    before, named = bind(tool, reading.before), {*found.args, *found.several}
    free = {
        name for name in (*before.args, *before.several) if name not in named and not _replaced(tool, name, reading)
    }
    args = {**{name: value for name, value in before.args.items() if name in free}, **found.args}
    several = {**{name: ids for name, ids in before.several.items() if name in free}, **found.several}
    wanted = dict.fromkeys((*found.missing, *_needed_by_kept_action(tool, args, found)))
    missing = tuple(name for name in wanted if name not in args and name not in several)
    return replace(found, args=args, several=several, missing=missing)


def _needed_by_kept_action(tool: Tool, args: Mapping[str, Json], found: Bound) -> tuple[str, ...]:
    """What an action needs that only an earlier turn said: "yes" does not say which alert is acknowledged."""
    return () if "action" in found.args else needed_by_action(tool.name, args.get("action"))


def _replaced(tool: Tool, name: str, reading: Reading) -> bool:
    """Whether an old argument gives way: a place to another place, free words always."""
    kind = read(tool.input_schema).step(name)
    inner = kind.items or kind if kind is not None else None
    entity = inner.mark("entity") if inner is not None else None
    placed = any(reading.ids.get(each) for each in WHERE) or bool(reading.located)
    return name in ("question", "subject", "scope_change") or (placed and entity in WHERE)


def _bound(tool: Tool, reading: Reading) -> Bound:
    kind, schema = read(tool.input_schema), tool.input_schema
    args: dict[str, Json] = {}
    several: dict[str, tuple[str, ...]] = {}
    names = kind.field_names()
    listed, reading = reading, around(reading) if RECORDS.keys() & set(names) else reading
    amounts = {**money_of(kind, reading), **_percent(kind, reading), **_measured(kind, reading)}
    for name in names:
        target = kind.step(name)
        if target is None:
            continue
        found = _value(tool, name, target, listed if name in RECORDS else reading, amounts)
        if isinstance(found, tuple):
            several[name] = found
        elif found is not None:
            args[name] = f"${found}" if isinstance(found, str) and found.startswith("$") else found
    if "action" in names and "action" not in args and args.keys() & PROPOSED:
        args["action"] = "propose"
    for name in _BEGUN_WITH.get(tool.name.rpartition(".")[2], ()) if args.get("action") not in _BEGINNINGS else ():
        args.pop(name, None)
    required = [str(name) for name in schema.get("required", ())]
    required += [name for name in needed_by_action(tool.name, args.get("action")) if name in names]
    for name in (*required, *(() if args or several else names)):
        if name not in args.keys() | several.keys() and (code := _loose(kind, name, args, reading)):
            args[name] = code
    missing = tuple(name for name in required if name not in args and name not in several)
    return Bound(args, missing, several, _rounded(args, reading))


def _loose(kind: JsonType, name: str, args: Mapping[str, Json], reading: Reading) -> str | None:
    """The only code whose kind only its shape tells, where something is asked for that no word or step names."""
    target = kind.step(name)
    entity = target.mark("entity") if target is not None and target.items is None else None
    free = [code for code in reading.loose if code not in str(args)]
    return free[0] if entity in NUMBERED and len(free) == 1 else None


def _value(
    tool: Tool, name: str, target: JsonType, reading: Reading, amounts: Mapping[str, Json]
) -> Json | tuple[str, ...]:
    if name in amounts:
        return amounts[name]
    if name == "action":
        said = unquoted(reading.text)
        return led_by(enum_of(target), said) or choose(ACTIONS.get(tool.name, ()), said)
    if words := WORDS.get(name):
        return words(tool, reading)
    if records := RECORDS.get(name):
        return records(reading)
    if name in CHOICES:
        return _chosen(name, target, reading)
    entity = target.mark("entity") or (target.items.mark("entity") if target.items else None)
    if entity == "period" or name in MONTHS:
        return _written(name, reading) or _months(name, reading)
    if entity == "measure" and target.items is None:
        return _ids(entity, target, reading) or incentivised(reading)
    if entity:
        return _ids(entity, target, reading)
    if target.numeric and name not in _TABLED:
        return figure_of(name, reading)
    return _moment(name, target, reading)


def needed_by_action(tool: str, action: object) -> tuple[str, ...]:
    """What an action needs beside what the schema asks for: an alert to acknowledge, an anomaly to raise."""
    return _BY_ACTION.get((tool.rpartition(".")[2], str(action)), ())


def _chosen(name: str, target: JsonType, reading: Reading) -> Json | tuple[str, ...]:
    """The value of a closed list; several where things are compared that differ in it."""
    written = [value for value in enum_of(target) if "_" in value and value in identifiers(reading.text)]
    if written:
        return written[0]
    found = choose_all(CHOICES[name], _unmeasured(reading) if name == "objective" else reading.text)
    if target.items is not None:
        return list(found) or None
    if name == "group_by" and (several := groupings(reading.text)):
        return several
    if name == "channel" and not found and reading.contacts:
        return _channel_of(reading.contacts[0])
    once_each = name == "objective" and reading.has(r"\bonce\b.*\bonce\b|\bboth\b")
    if (name in COMPARED or once_each) and len(found) > 1:
        return tuple(found)
    return found[0] if found else None


def _unmeasured(reading: Reading) -> str:
    """The text without amounts of emissions, which are limits and no objective."""
    text = reading.text
    for each in reading.quantities:
        if each.unit == "tCO2e" and each.comparison != "equal":
            text = f"{text[: each.start]}{' ' * (each.end - each.start)}{text[each.end :]}"
    return text


def actions(tool: Tool) -> list[str]:
    """The actions that a tool knows; none where it does one thing."""
    target = read(tool.input_schema).step("action")
    return enum_of(target) if target is not None else []


def enum_of(target: JsonType) -> list[str]:
    """The values of a closed list."""
    return [str(value) for shape in target.shapes for value in shape.rules.get("enum", ())]


def _channel_of(contact: str) -> str:
    return "email" if "@" in contact else "webhook" if contact.startswith("http") else "sms"


def _ids(entity: str, target: JsonType, reading: Reading) -> Json | tuple[str, ...]:
    if entity == "measure":
        found = reading.words.get("measure", ())
        bare = tuple(name for name in BARE_MEASURES if name not in found and reading.has(rf"\b{name}s?\b"))
        found = bare if bare and "measures" in reading.inherited else (*found, *bare)
    else:
        kinds = PLACES.get(entity, (entity,))
        found = next((ids for kind in kinds if (ids := reading.ids.get(kind, ()))), ())
        if entity == "building" and reading.located and not reading.ids.get("building"):
            found = reading.located if target.items is not None or not target.nullable else ()
    if target.items is not None:
        return tuple(found) if len(found) > 1 and reading.has(_APART) else list(found) or None
    return (found if len(found) > 1 else found[0]) if found else None


def _written(name: str, reading: Reading) -> Json | tuple[str, ...]:
    """The period that is named for the argument, or is written as tools write periods."""
    if reading.calendar is None:
        return None
    if name in (BASELINE, REPORTING):
        role = roles(reading.text, reading.calendar).get(name)
        return _as_typed(role, reading.text) if role else None
    if name == "period" and len(several := periods(reading.text, reading.calendar)) > 1:
        return several
    spans = _ISO_SPAN.findall(reading.text)
    return "..".join(spans[0]) if name == "period" and len(spans) == 1 and measured(reading) else None


def _as_typed(span: Span, text: str) -> str:
    """The months of a span, in the words of the text where it has them in the form that tools read."""
    written = {"..".join(pair) for pair in _ISO_SPAN.findall(text)}
    typed = f"{span.start:%Y-%m}..{span.end - timedelta(days=1):%Y-%m}"
    return typed if typed in written else as_months(span)[0]


_ISO_SPAN: Final = re.compile(r"(?<![\w-])(20\d\d-\d\d)\s*\.\.+\s*(20\d\d-\d\d)(?![\w-])")


def _months(name: str, reading: Reading) -> Json | tuple[str, ...]:
    if name == "period" and (listed := _LISTED_PERIODS.search(reading.text)):
        return tuple(re.findall(r"20\d\d(?:-\d\d)?", listed.group(0)))
    if name in ("baseline", "reporting") and (years := _TWO_YEARS.search(reading.text)):
        return min(years.groups()) if name == "baseline" else max(years.groups())
    if name in (BASELINE, REPORTING) and reading.calendar and set(roles(reading.text, reading.calendar)) == {INSTALL}:
        return None  # the only days that are named are those of the works
    period, other = measured(reading), reading.period.compare
    if period is not None and _WEEKDAY.fullmatch(period.text):
        return None  # it tells when people meet: nobody means the month of a Monday
    if name == "baseline":
        earlier = [each for each in (period, other, *reading.period.others) if each]
        chosen = min(earlier, key=lambda each: each.start) if len(earlier) > 1 else period
        return as_months(chosen)[0] if chosen and not _later(period, reading) else None
    if name == "reporting":
        both = [each for each in (period, other, *reading.period.others) if each]
        return as_months(max(both, key=lambda each: each.start))[0] if len(both) > 1 else None
    return as_months(period)[0] if period and not _later(period, reading) else None


_WEEKDAY: Final = re.compile(
    r"(?:this\s+|next\s+|last\s+|on\s+)?(?:mon|tues|wednes|thurs|fri|satur|sun)day", re.IGNORECASE
)
_LISTED_PERIODS: Final = re.compile(
    r"(?<!between\s)(?<![\w-])(?:20\d\d-\d\d(?![\w-])(?:\s*(?:,\s*(?:and\s+)?|\s+and\s+)20\d\d-\d\d(?![\w-]))+|20\d\d(?![\w-])(?:\s*(?:,\s*(?:and\s+)?|\s+and\s+)20\d\d(?![\w-]))+)",
    re.IGNORECASE,
)
"""Months or years in a list, each of which is meant by itself."""
_TWO_YEARS: Final = re.compile(
    r"\b(20\d\d)\s*(?:to|vs\.?|versus|against|with|and|->|→|/|-|–)\s*(20\d\d)\b(?!-)", re.IGNORECASE
)
"""Two years that are compared, the earlier of which is the baseline."""


def _later(period: Period | None, reading: Reading) -> bool:
    """Whether the period lies ahead, so that nothing was measured in it."""
    now = reading.calendar.now if reading.calendar else None
    return bool(period and now and period.start.replace(tzinfo=None) > now)


def _moment(name: str, target: JsonType, reading: Reading) -> Json:
    period = reading.period.period
    if period is None:
        return None
    if target.solid == {"date"} and name in ("start", "end"):
        days = [each for each in (period, *reading.period.others) if each.grain == "day"]
        period = days[0] if days else period
        return period.start.date().isoformat() if name == "start" else last_day(period)
    if name in ("event_start", "event_end") and period.grain in WHOLE_DAYS and not reading.has(_THROUGHOUT):
        return None
    if name in ("start", "event_start"):
        return as_moment(period.start)
    if name in ("end", "event_end"):
        return as_moment(period.end)
    if name == "on":
        return period.start.date().isoformat()
    return None


def _percent(kind: JsonType, reading: Reading) -> dict[str, Json]:
    names = kind.field_names()
    labels = {name: PERCENT[name] for name in PERCENT if name in names}
    places = assign(reading.text, reading.percentages, labels)
    plain = [each for each in reading.percentages if each.comparison in ("equal", "about")]
    if not places and len(reading.percentages) == len(plain) == 1 and "discount_rate" in labels:
        places = {"discount_rate": 0}
    none = {
        name: 0 for name in labels.keys() - places.keys() if _may_be_nothing(kind, name) and reading.has(_none_of(name))
    }
    down = {name for name, at in places.items() if name in SIGNED and falls(reading.text, reading.percentages[at])}
    rates = {name: _rates(reading, at) for name, at in places.items()}
    return {
        **none,
        **{name: -rate if name in down and isinstance(rate, float) else rate for name, rate in rates.items()},
    }


def _none_of(name: str) -> str:
    """How it is said that a share is nothing: "zero customer margin", "without escalation"."""
    label = r"[\s-]+".join(word for word in name.split("_") if word not in ("rate", "mean"))
    return rf"\b(?:no|zero|without(?:\s+any)?|0)\s+(?:yearly\s+|annual\s+)?{label}"


def _may_be_nothing(kind: JsonType, name: str) -> bool:
    """Whether the schema lets a share be 0."""
    target = kind.step(name)
    rules = [shape.rules for shape in target.shapes] if target is not None else []
    return any(rule.get("minimum") == 0 or float(str(rule.get("exclusiveMinimum", 0))) < 0 for rule in rules)


def _rates(reading: Reading, at: int) -> Json:
    """The share, from 0 to 1; several where others are named beside it."""
    runs = (together(reading.text, reading.percentages, first) for first in range(at + 1))
    places = next((run for run in runs if at in run), [at])
    found = [float(reading.percentages[each].value / 100) for each in places]
    return cast("Json", tuple(found)) if len(found) > 1 else found[0]


def _measured(kind: JsonType, reading: Reading) -> dict[str, Json]:
    """Quantities by unit; an argument that alone has its unit takes the only such quantity, whatever the words."""
    names = set(kind.field_names())
    args: dict[str, Json] = {}
    for unit in {QUANTITIES[name][0] for name in names & QUANTITIES.keys()}:
        found = [each for each in reading.quantities if each.unit == unit]
        labels = {name: words for name, (own, words) in QUANTITIES.items() if own == unit and name in names}
        places = assign(reading.text, found, labels) if found else {}
        if not places and len(found) == len(labels) == 1:
            places = {next(iter(labels)): 0}
        whole = partial(_whole, kind)
        args |= {name: whole(name, float(found[at].value)) for name, at in places.items()}
    if "min_t_co2e_per_y" in names - args.keys():
        found = [each for each in reading.quantities if each.unit in _TONNES and each.comparison in _AT_LEAST]
        if found:
            args["min_t_co2e_per_y"] = figure(found[0].value)
    if "change_days" in names - args.keys() and (match := _MORE_DAYS.search(reading.text)):
        args["change_days"] = int(match["days"])
    days = args.get("change_days")
    if isinstance(days, int | float) and _EARLIER.search(reading.text):
        args["change_days"] = -abs(days)
    if "life_y" in names - args.keys() and (match := _LIFE.search(reading.text)):
        args["life_y"] = _whole(kind, "life_y", float(match["years"]))
    if {"chws_f", "chwr_f"} <= names - args.keys():
        args |= _water(reading)
    return {**_unitless(kind, names & QUANTITIES.keys() - args.keys(), reading), **args}


def _water(reading: Reading) -> dict[str, Json]:
    """Two temperatures that no word tells apart: a chiller's supply is the colder one."""
    found = sorted(float(each.value) for each in reading.quantities if each.unit == "F")
    return {"chws_f": figure(found[0]), "chwr_f": figure(found[1])} if len(found) == 2 else {}


def _unitless(kind: JsonType, names: Set[str], reading: Reading) -> dict[str, Json]:
    """Figures that stand without a unit beside the name of their argument: "age 0", "flow 1600"."""
    found = {name: said for name in names if isinstance(said := named_figure(name, reading), int | float)}
    if "age_y" in names - found.keys() and reading.has(_NEW):
        found["age_y"] = 0
    return {name: _whole(kind, name, float(said)) for name, said in found.items()}


_AT_LEAST: Final = ("at_least", "above")
_TONNES: Final = frozenset({"tonne", "ton"})
"""Least tonnes are of emissions: no tool that asks for them weighs anything else."""
_NEW: Final = r"\b(?:brand[\s-]new|just\s+installed|factory[\s-]new)\b"


_EARLIER: Final = re.compile(
    r"\bminus\s+\d{1,3}\s+days?\b|(?:^|[\s(])[-−]\d{1,3}\s+days?\b|\b\d{1,3}\s+(?:working\s+|business\s+|calendar\s+)?(?:days?|weeks?)\s+(?:earlier|sooner|shorter|less|faster|ahead|early|off)\b"
    r"|\b(?:shorten|advance|accelerate|speed\s+up|bring\w*\s+(?:\w+\s+){0,3}forward|pull\w*\s+(?:\w+\s+){0,3}(?:in|forward)|cut)\b[^.;]*\bday",
    re.IGNORECASE,
)
"""Days that are saved, not added."""
_MORE_DAYS: Final = re.compile(r"\b(?P<days>\d{1,3})\s+(?:more|extra|additional|further)\s+days\b", re.IGNORECASE)
_LIFE: Final = re.compile(
    r"\b(?:life(?:time)?|horizon|service\s+life)\s*(?:of|is|:|=)?\s*(?P<years>\d{1,2})\b(?!\s*%)", re.IGNORECASE
)


def _whole(kind: JsonType, name: str, value: float) -> Json:
    target = kind.step(name)
    return round(value) if target is not None and "integer" in target.solid else figure(value)


def _rounded(args: Mapping[str, Json], reading: Reading) -> tuple[str, ...]:
    """Says so when a period was widened to whole months."""
    period = measured(reading)
    if "period" not in args or period is None or as_months(period)[1]:
        return ()
    return (f"The tool reads whole months: {args['period']} stands for {period.text or 'the period'}.",)
