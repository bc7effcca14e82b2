"""Records that a sentence lists: projects with their figures, tasks with their days, loads by month, readings."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final, cast

from redaptive.orchestration.intelligent.matchers.entities.numbers import find_numbers, spelled_value
from redaptive.orchestration.intelligent.matchers.entities.period_spans import find_spans
from redaptive.orchestration.intelligent.planners.values.amounts import MONEY, Spanned, assign
from redaptive.orchestration.intelligent.planners.values.named_tasks import NamedTask, named_tasks
from redaptive.orchestration.intelligent.planners.values.reading import Reading
from redaptive.orchestration.intelligent.planners.values.sums import figure
from redaptive.orchestration.plans.schema import Json

Record = dict[str, Json]
_NOUNS: Final = (
    "project",
    "task",
    "option",
    "candidate",
    "proposal",
    "alternative",
    "variant",
    "package",
    "measure",
    "investment",
    "job",
    "bid",
    "step",
)
_EITHER_CASE: Final = tuple(f"[{noun[0].upper()}{noun[0]}]{noun[1:]}" for noun in _NOUNS)
_NOUN: Final = f"(?:{'|'.join(_EITHER_CASE)})"
_BEHIND_NOUN: Final = "|".join(rf"(?<={noun}\s)" for noun in _EITHER_CASE)
_LABEL: Final = rf"(?:{_BEHIND_NOUN})(?:[A-Z]|\d{{1,2}})\b(?!\.\d)"
"""What tells things of one noun apart: "candidate A", "proposal 2"."""
_NAME: Final = rf"(?:[A-Z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)+|[A-Z]{{1,4}}\d+|{_LABEL})"
_ANY_NAME: Final = rf"(?:{_NAME}|[A-Z]\b)"
_IN_BRACKETS: Final = re.compile(rf"(?P<name>{_NAME}|[A-Z][\w-]*)\s*\((?P<body>[^()]*\d[^()]*)\)")
_BEGINS: Final = re.compile(
    rf"(?:^|[;:.\n]|,|\band\b|\bor\b|\b[Ss]chedule\b|\b[Tt]asks\b)\s*(?:and\s+|the\s+)?(?:(?:[Ff]irst|(?P<next>then|next|after(?:wards?|\s+that)|thereafter|finally|lastly|at\s+last)),?\s+)?(?:the\s+)?(?:{_NOUN}\s+)?(?P<name>{_NAME})(?=\s|:|,|=)"
)
"""Where what is said of a thing begins; `next`: it comes after the one before."""
_FIGURES: Final = {
    "npv_usd": r"npv|net\s+present\s+value|worth|value",
    "capex_usd": rf"{MONEY['capex_usd']}|needs?|requires?|asks?(?:\s+for)?|takes?|wants?",
    "savings_usd_per_y": MONEY["savings_usd_per_y"],
}
_TONNES: Final = re.compile(r"(?P<n>\d[\d,.]*)\s*(?:t\b|tonnes?\b|tco2e?\b|tons?\b)", re.IGNORECASE)
_HOURS: Final = re.compile(r"(?P<n>\d[\d,.]*)\s*(?:crew\s+|labou?r\s+)?(?:hours?|hrs?|h)\b", re.IGNORECASE)
_GROUP: Final = re.compile(r"\bgroup\s+(?P<name>\w+)", re.IGNORECASE)
_DAYS: Final = re.compile(r"(?P<n>\d+)\s*(?:(?:working|business|calendar)\s+)?(?P<unit>days?|d|weeks?|wks?)\b", re.IGNORECASE)  # fmt: skip
_WAITS: Final = re.compile(
    rf"\b(?:after|follow(?:s|ing)|needs?|depends?\s+on|behind|once|waits?\s+for|preceded\s+by)\s+(?P<names>{_ANY_NAME}(?:(?:\s*,\s*|\s+and\s+|\s*&\s*){_ANY_NAME})*)"
)
_COUNT: Final = r"(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|twelve)"
_CREW: Final = re.compile(
    rf"\b(?P<name>(?!(?:a|the|one|our|with)\b)[a-z]+)\s+crew\s+of\s+(?:size\s+)?(?P<n>{_COUNT})\b"
    rf"|\bcrew\s+(?:of\s+)?(?P<kind>(?!size\b)[a-z]+)\s+(?:of|with)\s+(?P<of>{_COUNT})\b"
    rf"|\b(?P<many>{_COUNT})\s+(?P<trade>[a-z]+)\s+crews?\b|\bcrew\s+of\s+(?P<heads>{_COUNT})\s+(?P<people>[a-z]+)\b",
    re.IGNORECASE,
)
"""A crew and its size, said before or behind it."""
_LOAD: Final = re.compile(r"(?<![$\d.])(?P<n>\d[\d,]*(?:\.\d+)?)\s*MWh\b", re.IGNORECASE)
_MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+20\d\d|20\d\d-\d\d"
_LOAD_OF_MONTH: Final = re.compile(
    rf"(?<![$\d.])(?P<n>\d[\d,]*(?:\.\d+)?)(?:\s*MWh\b|(?=\s+(?:in|for|during)\s+(?:{_MONTH})))", re.IGNORECASE
)
"""Amounts by month, of which only one need name the unit."""
_MODEL: Final = {
    "mean_usd_per_mwh": r"(?:(?:mean|averag\w+|trad(?:es|ing)|expected|cent(?:re|er)(?:ed|s)\s+(?:on|at)|around|(?:tend|revert|return|drift|gravitate|settle)\w*\s+(?:to\w*|at|around)|hover\w*)\b[^\d$]{0,20}"
    r"|(?:index|spot|market|float\w*)\b(?:\s+(?!fixed|flat)[a-z]+){0,4}?\s*(?:[:=@]\s*)?)\$?\s*(?P<n>\d+(?:\.\d+)?)(?![\d,.]*\d)(?!\s*(?:%|mwh|months?|years?|percent))",
    "reversion_per_y": r"reversion\b[^\d]{0,16}(?P<n>\d[\d.]*)",
    "volatility": r"(?:volatility|vol|sigma)\b[^\d]{0,16}(?P<n>\d[\d.]*)\s*(?P<share>%)?",
    "load_correlation": r"corr(?:elat\w+)?\b[^\d-]{0,16}(?P<n>-?\d[\d.]*)",
}  # of an index of prices
_INSTANT: Final = re.compile(r"20\d\d-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:?\d\d)?")
_VALUE: Final = re.compile(r"(?<![\w:.-])(?P<n>\d[\d,]*(?:\.\d+)?)\s*(?P<unit>kWh|MWh|kW|therms?|ccf|gal)\b")


def _spans(text: str) -> Iterator[tuple[str, int, int]]:
    """Names of things and where it stands what is said of each: in brackets behind it, else up to the next name."""
    brackets = [(match["name"], *match.span("body")) for match in _IN_BRACKETS.finditer(text)]
    if brackets:
        yield from brackets
        return
    found = list(_BEGINS.finditer(text))
    for at, match in enumerate(found):
        end = found[at + 1].start() if at + 1 < len(found) else _end(text, match.end())
        yield match["name"], match.end(), end


def _end(text: str, start: int) -> int:
    """Where the sentence ends."""
    stop = re.compile(r"[.?!](?:\s|$)").search(text, start)
    return stop.start() if stop else len(text)


def _items(text: str) -> Iterator[tuple[str, str]]:
    """Names of things and what is said of each."""
    yield from ((name, text[start:end]) for name, start, end in _spans(text))


def around(reading: Reading) -> Reading:
    """The reading without the figures of a list, which say nothing of the request as a whole."""
    if not lists(reading.text):
        return reading
    inside = [(start, end) for _, start, end in _spans(reading.text)]
    text = reading.text
    for start, end in inside:
        text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"

    def free(one: Spanned) -> bool:
        return not any(start <= one.start < end for start, end in inside)

    return replace(
        reading,
        text=text,
        money=tuple(filter(free, reading.money)),
        quantities=tuple(filter(free, reading.quantities)),
        percentages=tuple(filter(free, reading.percentages)),
    )


def lists(text: str) -> bool:
    """Whether a text lists at least two things, each with its figures or its days."""
    items = list(_items(text))
    counted = {name for name, body in items if len(find_numbers(body)) > 1 or _DAYS.search(body)}
    return len(counted) > 1 and counted == {name for name, _ in items}


def listed_from(text: str) -> int | None:
    """Where a list of things with their figures begins; None where a text lists none."""
    if not lists(text):
        return None
    begins = _IN_BRACKETS.search(text) or _BEGINS.search(text)
    return begins.start("name") if begins else None


def _candidates(reading: Reading) -> Json:
    """Projects that money may be spent on, each with its cost and its net present value at least."""
    found: list[Json] = []
    for name, body in _items(reading.text):
        record = {"project_id": name, **_figures(body)}
        if {"npv_usd", "capex_usd"} <= record.keys():
            found.append(record)
    return found or None


def _figures(body: str) -> Record:
    taken = [match.span() for pattern in (_TONNES, _HOURS) for match in pattern.finditer(body)]
    numbers = [one for one in find_numbers(body) if not any(a <= one.start < b for a, b in taken)]
    record: Record = {name: figure(numbers[at].value) for name, at in assign(body, numbers, _FIGURES).items()}
    left = [one for one in numbers if figure(one.value) not in record.values()]
    if "npv_usd" in record and "capex_usd" not in record and len(left) == 1:
        record["capex_usd"] = figure(left[0].value)  # what no word names is the price
    for name, pattern in (("avoided_t_co2e_per_y", _TONNES), ("crew_hours", _HOURS)):
        if match := pattern.search(body):
            record[name] = _number(match["n"])
    if group := _GROUP.search(body):
        record["group"] = group["name"]
    return record


def _tasks(reading: Reading) -> Json:
    """Tasks with their days, and what each waits for."""
    found: list[Record] = []
    behind = {match["name"] for match in _BEGINS.finditer(reading.text) if match["next"]}
    for name, body in _items(reading.text):
        days = _DAYS.search(body)
        if days is None:
            continue
        weeks = days["unit"].lower().startswith("w")
        record: Record = {"task_id": name, "duration_days": int(days["n"]) * (7 if weeks else 1)}
        if title := re.sub(r"[\d:,].*$", "", body.strip(" :,("), flags=re.DOTALL).strip(" -–,"):
            record["name"] = title
        if waits := _WAITS.search(body):
            record["predecessors"] = list(re.findall(_ANY_NAME, waits["names"]))
        elif found and name in behind:
            record["predecessors"] = [found[-1]["task_id"]]
        found.append(record)
    return cast("Json", found or [_named(task) for task in named_tasks(reading.text)] or None)


def _named(task: NamedTask) -> Record:
    """The record of a task that has a noun and no code."""
    record: Record = {"task_id": task.name.replace(" ", "_"), "name": task.name, "duration_days": task.days}
    waits: Json = [name.replace(" ", "_") for name in task.waits_for]
    return {**record, "predecessors": waits} if waits else record


def _crews(reading: Reading) -> Json:
    found: list[Json] = []
    for match in _CREW.finditer(reading.text):
        name = match["name"] or match["kind"] or match["trade"] or match["people"]
        size = spelled_value(match["n"] or match["of"] or match["many"] or match["heads"])
        found.append({"name": name.lower(), "size": int(size or 1)})
    return found or None


def _exclusive(reading: Reading) -> Json:
    """Sets of projects of which one at most may be chosen."""
    found = [re.findall(_NAME, match["names"] or match["more"]) for match in _ONE_OF.finditer(reading.text)]
    return [list(dict.fromkeys(names)) for names in found if len(set(names)) > 1] or None


def _prerequisites(reading: Reading) -> Json:
    """Projects that make sense only with another one."""
    found = [{"project_id": m["what"], "needs_project_id": m["needs"]} for m in _NEEDS.finditer(reading.text)]
    return cast("Json", found) or None


_LIST_OF_NAMES: Final = rf"{_NAME}(?:\s*(?:,|\band\b|\bor\b|&|/)\s*(?:or\s+|and\s+)?{_NAME})+"
_ONE_OF: Final = re.compile(
    rf"\b(?:[Oo]nly|[Aa]t\s+most|[Jj]ust|[Nn]o\s+more\s+than|[Nn]ot\s+more\s+than)\s+one\s+of\s+(?P<names>{_LIST_OF_NAMES})"
    rf"|(?=[Ee]ither\s|(?:{_LIST_OF_NAMES})[^.;]*\b(?:exclu\w+|not\s+both))(?:[Ee]ither\s+)?(?P<more>{_LIST_OF_NAMES})"
)
_NEEDS: Final = re.compile(
    rf"\b(?P<what>{_NAME})\s+(?:needs|requires|depends\s+on|only\s+with|only\s+after|presupposes)\s+(?P<needs>{_NAME})"
)


def _loads(reading: Reading) -> Json:
    """MWh by month: as many amounts as months in their order, or one amount for each month of a span."""
    if reading.calendar is None:
        return None
    named = _LOAD.search(reading.text)
    loads = [_number(match["n"]) for match in _LOAD_OF_MONTH.finditer(reading.text)] if named else []
    spans = [one.span for one in find_spans(reading.text, reading.calendar)]
    months = [span.start for span in spans if 28 <= (span.end - span.start).days <= 31]
    if loads and len(loads) == len(months):
        return [{"month": f"{month:%Y-%m-%d}", "load_mwh": load} for month, load in zip(months, loads, strict=True)]
    if len(loads) == 1 and len(spans) == 1 and reading.has(r"\b(?:a|per|each|every)\s+month|\bmonthly\b"):
        starts = [spans[0].shifted_months(n).start for n in range(36)]
        return [{"month": f"{month:%Y-%m-%d}", "load_mwh": loads[0]} for month in starts if month < spans[0].end]
    return None


def _index(reading: Reading) -> Json:
    """The model of an index price; its mean must be said."""
    found: Record = {}
    for name, pattern in _MODEL.items():
        if match := re.search(rf"\b{pattern}", reading.text, re.IGNORECASE):
            number = _number(match["n"].rstrip("."))
            found[name] = number / 100 if match.groupdict().get("share") else number
    return found if "mean_usd_per_mwh" in found else None


def _readings(reading: Reading) -> Json:
    """Values of one meter, each at its time."""
    meters = reading.ids.get("meter", ())
    times = _INSTANT.findall(reading.text)
    values = list(_VALUE.finditer(_INSTANT.sub(" ", reading.text)))
    if len(meters) != 1 or not times or len(times) != len(values):
        return None
    return [
        {"meter": meters[0], "start": time, "value": _number(value["n"]), "unit": value["unit"]}
        for time, value in zip(times, values, strict=True)
    ]


def _number(written: str) -> float:
    return float(Decimal(written.replace(",", "")))


RECORDS: Final[Mapping[str, Callable[[Reading], Json]]] = {
    "candidates": _candidates,
    "tasks": _tasks,
    "crews": _crews,
    "load": _loads,
    "index": _index,
    "readings": _readings,
    "exclusive": _exclusive,
    "prerequisites": _prerequisites,
}
"""Argument -> what reads its records."""
