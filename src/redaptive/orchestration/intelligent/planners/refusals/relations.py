"""Two things that a sentence says, each fine alone, that cannot hold together: more out than in, more shed than drawn."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from graphlib import CycleError, TopologicalSorter
from typing import Final

from redaptive.orchestration.intelligent.planners.values.numerals import (
    LOAD_AHEAD_H,
    NUMBER_WORDS,
    PEAK_AHEAD_H,
    amount,
    figure,
    is_day,
)

_N: Final = r"\d[\d,]*(?:\.\d+)?"
_KW: Final = rf"(?P<{{0}}>{_N})\s?(?P<{{0}}u>[km]w)\b"
_AREA: Final = rf"(?P<{{0}}>{_N})\s?(?:ft2|ft²|sq\.?\s?ft|sqft|square\s+f(?:ee|oo)t|m2|m²|square\s+met(?:er|re)s?)"
_WORDS: Final = "|".join(NUMBER_WORDS)
_GIVES: Final = (
    r"(?:gives?|puts?|delivers?|returns?|yields?|produces?|makes?|generates?|releases?)(?:\s+(?:back|out|off|up))*"
)
_EACH: Final = r"(?:for|per|from|out\s+of|to)\s+(?:each|every|a|an|one|1)\b"
_OUT_OF_IN: Final = (
    re.compile(
        rf"\b{_GIVES}\s+(?:about\s+|some\s+)?(?P<n>{_N}|{_WORDS})(?P<half>\s+and\s+a\s+half)?\s+(?:k?wh|kilowatt-?hours?|mwh|therms?|hp|horsepower|units?|btu|mmbtu|kw|joules?|calories)\b[^.;?]{{0,40}}?\b{_EACH}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?P<n>{_N}|{_WORDS})(?P<half>\s+and\s+a\s+half)?\s+(?P<u>k?wh|hp|therms?|units?|kw|kilowatt-?hours?)\s+(?:of\s+\w+\s+)?(?:out|back)\s+(?:for|per|from|of)\s+(?:every\s+|each\s+)?(?:1|one|a)\b",
        re.IGNORECASE,
    ),
)
_MOVES_HEAT: Final = re.compile(
    r"\bheat\s+pumps?\b|\bcop\b|\bchillers?\b|\bcool\w*|\bseer\b|\bsav\w+|\bearn\w*|\bcosts?\b", re.IGNORECASE
)
_SHED: Final = r"\b(?:shave|shed|cut|reduce|trim|curtail|drop|take|get|knock|lower)\b"
_PEAK: Final = r"\b(?:peak\w*|maximum|max\.?|highest|never\s+(?:\w+\s+){0,2}(?:above|over|more\s+than))\b"
_MORE_SHED: Final = (
    re.compile(
        rf"{_SHED}[^.;?\d]{{0,24}}{_KW.format('a')}[^.?]{{0,80}}?{_PEAK}(?:(?!\bby\b)[^.?\d]){{0,40}}{_KW.format('b')}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"{_PEAK}(?:(?!\bby\b)[^.?\d]){{0,40}}{_KW.format('b')}[^?]{{0,80}}?{_SHED}(?:(?!\b(?:to|from)\b)[^.;?\d]){{0,24}}{_KW.format('a')}",
        re.IGNORECASE,
    ),
)
_PANELS: Final = re.compile(
    rf"{_AREA.format('a')}\s+(?:of\s+)?(?:\w+\s+)?(?:panels?|modules?|pv|solar|array|photovoltaics)\b[^.?]{{0,80}}?\b(?:on|onto|fits?)\b[^.?]{{0,30}}?{_AREA.format('b')}[^.;?]{{0,8}}\broof\b|"
    rf"\b(?:panels?|modules?|pv|array)\s+(?:of|with|covering)\s+{_AREA.format('c')}[^.?]{{0,60}}?\broof\s+(?:of|with|that\s+has|has)\s+(?:only\s+)?{_AREA.format('d')}",
    re.IGNORECASE,
)
_WHO: Final = (
    r"(?:we|they|you|us|them|customer|client|owner|utility|landlord|broker|partner|provider|vendor|tenant|other\s+side)"
)
_SHARE: Final = re.compile(
    rf"\b(?:{_WHO}\s+(?:keeps?|gets?|takes?|receives?|has|have|earns?|to\s+keep|holds?)\s+(?P<a>{_N})\s?(?:%|percent\b|pct\b)|(?P<b>{_N})\s?(?:%|percent|pct)\s+(?:of\s+\w+\s+\w+\s+)?(?:for|to|goes\s+to)\s+(?:the\s+|our\s+)?{_WHO}\b)",
    re.IGNORECASE,
)
_SLASHED: Final = re.compile(
    r"\b(?P<a>\d{1,3})\s?/\s?(?P<b>\d{1,3})\b(?!\s?/)(?=[^.?]*\bbetween\b|[^.?]*\bsplit\b)", re.IGNORECASE
)
_BEFORE_IT_IS: Final = re.compile(
    r"\b(?:approve|reject|acknowledge|resolve|close|audit|extract|read|parse|answer|verify|commission)\b[^.;?]{0,40}\bbefore\s+(?:it|they|that)\s+(?:is|are|was|were|has\s+been|have\s+been|even\s+is)\s+(?:even\s+|ever\s+)?(?:submitted|raised|opened|created|written|issued|received|uploaded|installed|built|proposed|ordered|delivered|bought|made|planned|sent\s+in)\b",
    re.IGNORECASE,
)
_FORECAST: Final = re.compile(
    rf"\b(?P<what>forecast|predict|peak\s+(?:alerts?|warnings?))\w*\b(?!\s+(?:at\s+completion|accuracy|error))[^.;?]{{0,60}}?\b(?:for|over|of|ahead)\s+(?:the\s+)?(?:next\s+|coming\s+|whole\s+|following\s+)*(?P<n>{_N}|{_WORDS}|a|several)\s+(?P<u>hours?|h|days?|weeks?|months?|quarters?)\b(?!\s+(?:ago|before|of\s+(?:data|history)|ended))|"
    rf"\b(?P<n2>{_N}|{_WORDS})\s+(?P<u2>days?|weeks?|months?|quarters?)(?:'|’)?\s+(?:of\s+)?(?:\w+\s+){{0,2}}?(?P<what2>forecast|predictions?|peak\s+(?:alerts?|warnings?))\b(?!\s+(?:error|accuracy))",
    re.IGNORECASE,
)
_LOAD: Final = re.compile(
    r"\b(?:load|demand|meters?|m-\d+|kw|kwh|peak|hourly|consumption|usage)\b|\b[A-Z]{2,4}-\d+", re.IGNORECASE
)
_H: Final = {"h": 1.0, "d": 24.0, "w": 168.0, "m": 720.0, "q": 2_160.0}
_CONTRACT: Final = re.compile(r"\bsavings\b|\bshared?\b|\beaas\b|\bsplit\b|\bcontract\b", re.IGNORECASE)
_ALL_TO_THEM: Final = re.compile(
    r"\b(?:customer|client|they|tenant|owner)\s+(?:keeps?|gets?|takes?|receives?)\s+(?:all(?:\s+of)?|100\s?(?:%|percent)(?:\s+of)?|everything\s+of)\s+(?:the\s+|their\s+|its\s+)?savings\b(?![^.?]*\b(?:after|until|from\s+year|once|then)\b)",
    re.IGNORECASE,
)
_AND_WE_EARN: Final = re.compile(
    r"\b(?:no\s+(?:other|further)\s+(?:revenue|income|payments?)|pays?\s+(?:us\s+)?nothing|without\s+(?:any\s+)?(?:payments?|fees?))\b",
    re.IGNORECASE,
)
_MONEY: Final = r"\$?(?P<{0}>\d[\d,]*(?:\.\d+)?)\s?(?P<{0}u>k|m|million|thousand)?\b"
_EACH_COSTS: Final = re.compile(
    rf"\b(?P<n>\d+|{_WORDS})\s+(?:\w+\s+)?(?:projects|measures|sites|jobs|retrofits)\b[^.?]{{0,30}}?\b(?:at\s+least|no\s+less\s+than|more\s+than|over|above|minimum\s+of)\s+{_MONEY.format('a')}(?:\s+(?:dollars\s+|usd\s+)?(?:each|apiece|per\s+\w+))\b[^.?]{{0,60}}?\b(?:budget|total|limit|within|in\s+all|altogether)\b[^.?\d]{{0,16}}{_MONEY.format('b')}",
    re.IGNORECASE,
)
_SCALE: Final = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "kw": 1.0, "mw": 1e3}
_BURNED: Final = re.compile(
    rf"\b(?P<n>{_N})\s+(?:therms?|gallons?|mcf|ccf|mmbtu|litres?|liters?)\b(?=.*\b(?:burn\w*|on[\s-]site|combust\w*|used|diesel|gas)\b)|\b(?:burned|burnt)\b[^.?]{{0,20}}?\b(?P<m>{_N})\s+(?:therms?|gallons?|mcf)",
    re.IGNORECASE | re.DOTALL,
)
_SCOPE_NONE: Final = re.compile(
    r"\bscope\s+(?:1|one)\b[^.?\d]{0,30}\b(?:exactly\s+)?(?:zero|nothing|nil|0(?![.,]?\d)(?!\s*%))(?!\s+offset)",
    re.IGNORECASE,
)
_EMPTY_HANDS: Final = re.compile(
    r"\b(?:no(?:\s+other)?|zero|0|without(?:\s+any)?)\s+(?:\w+\s+)?(?:electricians?|installers?|contractors?|subcontractors?|crews?|workers?|technicians?|staff|people|labou?r|hands|fitters?)\b(?!\s+(?:until|before|on|in|at|overtime|has|have|was|were|is|are|can|should|may))",
    re.IGNORECASE,
)
_WORK: Final = re.compile(r"\b(?:schedule|plan|finish\w*|install\w*|complet\w*|done|work\s+out|build)\b", re.IGNORECASE)
_BEFORE_PAID: Final = re.compile(
    r"\b(?:pays?|paid|earns?|returns?)\b[^.;?]{0,30}\b(?:back|its|their|the\s+cost|itself|cost)\b[^.;?]{0,40}\bbefore\s+(?:it|they|the\s+(?:money|cost|first\s+\w+)|we|anybody|anyone)\s+(?:is|are|was|were|has|have|pays?|spends?|buys?|get|gets)\b(?:\s+(?:\w+\s+)?(?:paid|bought|spent|installed|built|been|ordered|it|them|for|there))?",
    re.IGNORECASE,
)
_NO_METER: Final = re.compile(
    r"\b(?:(?:has|have|had|with)\s+(?:no|neither|never\s+had\s+(?:a|any))\s+(?:sub-?)?(?:meters?|sensors?|metering)|(?:was|were)\s+never\s+(?:metered|measured)|(?:no|never\s+any)\s+(?:sub-?meters?|meters?)\s+(?:is|are|was|were)\s+ever|never\s+(?:installed|had|hung)\s+(?:a|any|the)\s+(?:sub-?)?(?:meter|sensor)|has\s+no\s+meters)\b",
    re.IGNORECASE,
)
_BUT_MEASURED: Final = re.compile(
    r"\b(?:measured|metered|recorded|registered|true|actual|exact|real)\s+(?:\w+[\s-]+){0,3}?(?:use|usage|kwh|demand|load|readings?|profile|temperatures?|consumption|flow|level|values?|intervals?)\b|\bwhat\s+(?:it|they)\s+(?:measured|recorded|registered)\b",
    re.IGNORECASE,
)
_FROM_NONE: Final = re.compile(
    r"\b(?:rank|benchmark|compare|sort|choose|pick|select|list|analy[sz]e|average)\b[^.?]{0,30}\b(?:of|from|among|out\s+of|with|exactly)?\s*(?:exactly\s+)?(?:zero|0|no)\s+(?:buildings?|projects?|sites?|meters?|stores?|candidates?|hotels?|opportunities|measures|tickets?|alerts?|offices?)\b(?!\s+(?:with|that|have|has|is|are|were|was|left|at\s+all\s*\?))",
    re.IGNORECASE,
)
_SOME: Final = re.compile(
    r"\b(?:top|best|worst|first|return|name|give)\s+(?:the\s+)?(?:best\s+|top\s+|worst\s+)?(?:\d+|one|two|three|four|five|six|ten|few)\b",
    re.IGNORECASE,
)
_WAIT: Final = r"(?P<how>(?:has|have|needs?|ought)\s+to\s+wait\s+for|must\s+wait\s+for|waits?\s+(?:for|on|until)|depends?\s+on|needs?|follows|comes\s+after|starts?\s+after|after|can\s+only\s+start\s+(?:once|after)|for)"
_FOLLOWS: Final = re.compile(
    r"\b(?:task|step|phase|job)\s+(?P<a>(?-i:[A-Z])\w?|\d{1,2})\b(?:(?!\btask\b|\bstep\b)[^.;]){0,50}?"
    r"\b(?:follows|after|waits\s+for|depends\s+on|needs|requires)\s+(?:task\s+|step\s+)?(?P<b>(?-i:[A-Z])\w?|\d{1,2})\b",
    re.IGNORECASE,
)
_TASK: Final = r"(?:task\s+|step\s+|phase\s+|job\s+)?(?-i:[A-Z]\d{0,2}|\d{1,2}|one|two|three|four)"
_WAITS: Final = re.compile(rf"\b(?P<a>{_TASK})\s+{_WAIT}\s+(?P<b>{_TASK})\b", re.IGNORECASE)
_PRECEDES: Final = re.compile(
    rf"\b(?P<a>{_TASK})\s+(?:(?:must|has\s+to|should|comes?|goes|runs?|is|be|ends?|finishes)\s+)*(?:before|precedes)\s+(?P<b>{_TASK})\b",
    re.IGNORECASE,
)
_ITEMS: Final = re.compile(r"[,;:.!?]\s+(?:and\s+)?|[.!?]$|\s+and\s+", re.IGNORECASE)
_DEED: Final = r"(?:[\w-]+\s+){0,3}?[\w-]+"
_MODAL: Final = r"(?:\s+(?:must|has\s+to|have\s+to|can\s+only|may\s+only|should|is|goes|comes?|runs?|starts?|begins?|happens?|only))*"
_BEHIND: Final = re.compile(
    rf"(?P<a>{_DEED}){_MODAL}\s+(?:after|follows?|needs|requires|waits\s+(?:for|on)|wait\s+(?:for|on)|depends?\s+on)\s+(?P<b>{_DEED})",
    re.IGNORECASE,
)
_AHEAD: Final = re.compile(rf"(?P<a>{_DEED}){_MODAL}\s+(?:before|precedes?|ahead\s+of)\s+(?P<b>{_DEED})", re.IGNORECASE)
_OVER_NIGHT: Final = 600
_SERIAL: Final = re.compile(
    rf"\b(?P<n>\d+|{_WORDS})\s+(?:\w+\s+)?(?:tasks|jobs|steps|activities|phases)\s+(?:of|with|at|taking|that\s+take)\s+"
    rf"(?P<d>\d+|{_WORDS})\s+(?:working\s+)?(?P<u>days?|weeks?)\b|"
    rf"\b(?P<w>\d+|{_WORDS})\s+(?:working\s+|full\s+)?(?P<wu>days?|weeks?)\s+(?:of\s+(?:work\b|\w+ing\b|labou?r\b)|each\s+of\s+)",
    re.IGNORECASE,
)
_ONE_BY_ONE: Final = re.compile(
    r"\bone\s+after\s+(?:the\s+other|another)|\bin\s+(?:sequence|series|a\s+row)\b|\bback\s+to\s+back\b|\bsequential\w*|\bsuccessive\w*|"
    r"\b(?:one|a\s+single)\s+crew\b|\bno\s+overlap\w*",
    re.IGNORECASE,
)
_DAYS: Final = re.compile(r"\b(20\d\d-\d\d-\d\d)\b")
_UPPER: Final = r"(?:smaller|less|fewer|lower|cheaper|younger|shorter|below|under|at\s+most|no\s+more)"
_LOWER: Final = r"(?:larger|greater|bigger|more|higher|dearer|older|longer|above|over|at\s+least|no\s+less)"
_FIGURE: Final = (
    rf"(?:\s+than)?\s+\$?(?P<{{0}}>{_N})\s?(?P<{{0}}u>k|m|million|thousand)?(?:\s?(?P<{{0}}d>[a-z%][\w²]*))?\b"
)
_BOTH: Final = r"(?:,?\s+(?:and|but|yet))\s+(?:(?:also|at\s+the\s+same\s+time|still|at\s+once|that\s+are|are|each|are\s+also)\s+){0,3}"
_BETWEEN_NOTHING: Final = (
    re.compile(rf"\b{_UPPER}{_FIGURE.format('a')}{_BOTH}{_LOWER}{_FIGURE.format('b')}", re.IGNORECASE),
    re.compile(rf"\b{_LOWER}{_FIGURE.format('b')}{_BOTH}{_UPPER}{_FIGURE.format('a')}", re.IGNORECASE),
)
_HOURS: Final = re.compile(
    r"\b(?:from|at|between|starts?\s+at|begins?\s+at)\s+(?P<a>\d{1,2})(?::(?P<am>\d\d))?\s*(?P<ap>am|pm|a\.m\.|p\.m\.)?\s*(?:(?:to|until|till|and)|,?\s*(?:and|but)\s+(?:it\s+)?(?:ends?|stops?|finish\w*|is\s+over)\s+at)\s+"
    r"(?P<b>\d{1,2})(?::(?P<bm>\d\d))?\s*(?P<bp>am|pm|a\.m\.|p\.m\.)?\s+(?:(?:on|of|in)\s+)?(?:the|that)\s+(?:very\s+)?(?:same\s+)?(?:day|date|afternoon|morning|evening)\b",
    re.IGNORECASE,
)
_EVENT_HOURS: Final = re.compile(
    r"\b(?:starts?|begins?|starting|beginning)\s+(?:at\s+)?(?P<a>\d{1,2})(?::(?P<am>\d\d))?\s*(?P<ap>am|pm|a\.m\.|p\.m\.)?,?\s+(?:and|but)\s+(?:it\s+)?"
    r"(?:ends?|stops?|finish\w*|ending|is\s+over)\s+(?:at\s+)?(?P<b>\d{1,2})(?::(?P<bm>\d\d))?\s*(?P<bp>am|pm|a\.m\.|p\.m\.)?(?![\d/:-])(?!.{0,20}\b(?:next|following|after|later|tomorrow)\b)",
    re.IGNORECASE,
)
"""Hours without a day; what ends by ten in the morning may go on over night."""
_Rule = tuple[Callable[[str], bool], str]
CIRCLE: Final = "The tasks wait for each other in a circle: none can begin."


def unrelated(text: str) -> str | None:
    """Why two things of the text cannot both be; None where they can.

    >>> unrelated("a battery that gives back 2 kWh for each kWh that it was charged with")
    'No more comes out than what goes in.'
    >>> unrelated("a battery that gives back 0.85 kWh for each kWh")
    """
    return next((message for holds, message in _RULES if holds(text)), None)


def _more_out(text: str) -> bool:
    if _MOVES_HEAT.search(text):
        return False
    found = (match for pattern in _OUT_OF_IN for match in pattern.finditer(text))
    return any(amount(match["n"]) + (0.5 if match["half"] else 0.0) > 1 for match in found)


def _scaled(match: re.Match[str], name: str) -> float:
    return figure(match[name]) * _SCALE.get((match[f"{name}u"] or "").lower(), 1.0)


def _sheds_more(text: str) -> bool:
    return any(_scaled(m, "a") > _scaled(m, "b") for pattern in _MORE_SHED for m in pattern.finditer(text))


def _covers_more(text: str) -> bool:
    return any(figure(m["a"] or m["c"]) > figure(m["b"] or m["d"]) for m in _PANELS.finditer(text))


def _shares_above_all(text: str) -> bool:
    if not _CONTRACT.search(text):
        return False
    parted = _SLASHED.search(text)
    shares = [figure(match["a"] or match["b"]) for match in _SHARE.finditer(text)]
    return sum(shares) > 100.0 or bool(parted and int(parted["a"]) + int(parted["b"]) > 100)


def _earns_of_nothing(text: str) -> bool:
    return bool(_ALL_TO_THEM.search(text) and _AND_WE_EARN.search(text))


def _above_budget(text: str) -> bool:
    return any(amount(m["n"]) * _scaled(m, "a") > _scaled(m, "b") for m in _EACH_COSTS.finditer(text))


def _burns_without_emission(text: str) -> bool:
    return bool(_SCOPE_NONE.search(text)) and any(figure(m["n"] or m["m"]) > 0 for m in _BURNED.finditer(text))


def _nobody_works(text: str) -> bool:
    return len(_EMPTY_HANDS.findall(text)) >= 2 and bool(_WORK.search(text))


def _measured_by_nothing(text: str) -> bool:
    lacking = _NO_METER.search(text)
    return bool(lacking and _BUT_MEASURED.search(text, lacking.end()))


def _best_of_none(text: str) -> bool:
    return bool(_FROM_NONE.search(text) and _SOME.search(text))


def _between_nothing(text: str) -> bool:
    """Whether something shall lie below a figure and above a larger one of the same unit."""
    found = (match for pattern in _BETWEEN_NOTHING for match in pattern.finditer(text))
    return any(
        _scaled(m, "b") > _scaled(m, "a") and (not m["ad"] or not m["bd"] or m["ad"].lower() == m["bd"].lower())
        for m in found
    )


def _ends_first(text: str) -> bool:
    """Whether it ends, on the clock of one day, before it begins."""
    if any(_minutes(m, "b") < _minutes(m, "a") for m in _HOURS.finditer(text) if bool(m["ap"]) == bool(m["bp"])):
        return True
    sure = (m for m in _EVENT_HOURS.finditer(text) if (m["ap"] and m["bp"]) or (m["am"] and m["bm"]))
    return any(_OVER_NIGHT < _minutes(m, "b") < _minutes(m, "a") for m in sure)


def _minutes(match: re.Match[str], name: str) -> int:
    hour, half = int(match[name]), (match[f"{name}p"] or "")[:1].lower()
    hour = hour % 12 + (12 if half == "p" else 0) if half else hour
    return 60 * hour + int(match[f"{name}m"] or 0)


def _sees_too_far(text: str) -> bool:
    """Whether a load is to be forecast further ahead than the tool sees."""
    if not _LOAD.search(text):
        return False
    for match in _FORECAST.finditer(text):
        number, unit, what = ((match[name] or match[f"{name}2"]).lower() for name in ("n", "u", "what"))
        many = {"a": 1.0, "several": 3.0}.get(number) or amount(number)
        if many * _H[unit[0]] > (PEAK_AHEAD_H if what.startswith("peak") else LOAD_AHEAD_H):
            return True
    return False


def _waits_in_circles(text: str) -> bool:
    """Whether some task waits for itself over the others."""
    named = (pair for pair in _named_edges(text) if pair[0] != pair[1])
    return in_a_circle(_edges(text)) or in_a_circle(named)


def in_a_circle(waits: Iterable[tuple[str, str]]) -> bool:
    """Whether some task waits for itself over the others; `waits`: pairs of a task and one that it waits for."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for task, awaited in waits:
        sorter.add(task, awaited)
    try:
        sorter.prepare()
    except CycleError:
        return True
    return False


def _edges(text: str) -> Iterator[tuple[str, str]]:
    """Pairs of a task and what it waits for; none where nothing but "for" says so."""
    yield from ((_name(match["a"]), _name(match["b"])) for match in _FOLLOWS.finditer(text))
    yield from ((_name(match["b"]), _name(match["a"])) for match in _PRECEDES.finditer(text))
    found = list(_WAITS.finditer(text))
    if any(match["how"].lower() != "for" for match in found):
        yield from ((_name(match["a"]), _name(match["b"])) for match in found)


def _named_edges(text: str) -> Iterator[tuple[str, str]]:
    """Pairs of a named deed and the one that it waits for: "pull wire after panel set, ...", "roofing follows ..."."""
    for item in _ITEMS.split(text):
        if match := _BEHIND.fullmatch(item):
            yield _deed(match["a"]), _deed(match["b"])
        elif match := _AHEAD.fullmatch(item):
            yield _deed(match["b"]), _deed(match["a"])


def _deed(words: str) -> str:
    return " ".join(word for word in words.lower().split() if word not in ("the", "a", "an", "only", "and"))


def _takes_longer(text: str) -> bool:
    """Whether tasks that follow each other take longer than from the first day named to the last."""
    match, days = _SERIAL.search(text), sorted(date.fromisoformat(d) for d in _DAYS.findall(text) if is_day(d))
    if not match or len(days) < 2 or not _ONE_BY_ONE.search(text):
        return False
    return _days_of_work(match) > (days[-1] - days[0]).days + 1


def _days_of_work(match: re.Match[str]) -> float:
    """The days that tasks take one after the other, or that are named as a whole."""
    days = 5 if (match["wu"] or match["u"]).lower().startswith("w") else 1
    return days * (amount(match["w"]) if match["w"] else amount(match["n"]) * amount(match["d"]))


def _name(task: str) -> str:
    return task.split()[-1].lower()


_RULES: Final[Sequence[_Rule]] = (
    (_more_out, "No more comes out than what goes in."),
    (_sheds_more, "More cannot be shed than what is drawn at the peak."),
    (_covers_more, "The panels are larger than the roof that they shall lie on."),
    (_shares_above_all, "The shares add up to more than all of the savings."),
    (_earns_of_nothing, "Where the customer keeps all savings and pays nothing, there is nothing to earn."),
    (_above_budget, "So many of them cost more than the budget."),
    (_burns_without_emission, "What was burned on site is in scope 1: it cannot be zero."),
    (_nobody_works, "With nobody to do the work it is never finished. Say who can work, and from when."),
    (lambda text: bool(_BEFORE_PAID.search(text)), "Nothing pays back before it was paid for."),
    (_measured_by_nothing, "Where nothing measures there are no measured values. An estimate can be made."),
    (_best_of_none, "Of none, none can be chosen."),
    (_between_nothing, "Nothing is below the one figure and above the other."),
    (_ends_first, "It would end before it begins. Give the earlier time first."),
    (_sees_too_far, "A load forecast reaches two weeks ahead, a peak alert one week."),
    (lambda text: bool(_BEFORE_IT_IS.search(text)), "What is not there yet cannot be dealt with."),
    (_takes_longer, "So many tasks, one after the other, take longer than the days that are given."),
    (_waits_in_circles, CIRCLE),
)
