"""Times that do not exist, run backwards, or hold no data: found in the words, before any tool is chosen."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import calendar as months
import re
from datetime import date
from itertools import pairwise
from typing import Final

from redaptive.orchestration.intelligent.planners.refusals.spans import MONTH, MONTHS, MOVED

OLDEST_YEAR: Final = 1970
_MONTH: Final = MONTH.format("mon")
_YEAR: Final = r"(?P<y>(?:1[89]|20)\d\d)"
_ATOMS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)(?!\d)",
        r"\b(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})\b",
        rf"(?<![\w.-])(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}(?:,?\s+{_YEAR})?\b",
        rf"\b{_MONTH}\s+(?:the\s+)?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+{_YEAR})?\b(?!\s*(?:%|kw|mw|usd|k\b|:))",
        rf"\b{_MONTH},?\s+(?:of\s+)?{_YEAR}\b",
        r"\b(?P<y>20\d\d)-(?P<m>\d\d)\b(?!-?\d)",
        r"(?<![\w$-])(?P<y>(?:19[7-9]|20[0-9])\d)(?![\w%]|[.,]\d|\s*(?:kw|mw|kwh|ft|sq|usd|gpm|cfm|therms?|tons?|rpm|hours|h\b))",
    )
)
_RANGE: Final = re.compile(
    r"^\s*(?:,\s*)?(?:(?:back\s+)?to|until|(?:'|un)?till?|through|thru|up\s+to|(?:and|but)\s+(?:(?:it\s+)?(?:is|was|are|were|be|has\s+been|must\s+be|shall\s+be)\s+)?(?:completely\s+|fully\s+|all\s+)?(?:ends?|ended|finish\w*|ending|complet\w*|done|over|stops?|stopped|closed)(?:\s+(?:on|in|at|by))?|ending(?:\s+(?:on|in))?|-|–|—)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_SPANS: Final = (
    (re.compile(r"\bbetween\s+(?:the\s+)?$", re.IGNORECASE), "and"),
    (re.compile(r"\b(?:after|since)\s+(?:the\s+)?$", re.IGNORECASE), "and before"),
    (re.compile(r"\b(?:after|since)\s+(?:the\s+)?$", re.IGNORECASE), "but before"),
)
"""What stands before the first of two dates and between them, where the first shall be the earlier one."""
_LOOKED_AT: Final = re.compile(
    r"\b(?:back\s+to|load|usage|use|readings?|anomal\w+|data|bill|verif\w+)\b", re.IGNORECASE
)
_SAME_YEAR: Final = re.compile(r"\s*(?:of|in)\s+(?:the|that)\s+same\s+year\b", re.IGNORECASE)
_DAY_OF_YEAR: Final = re.compile(
    r"\b(?P<n>36[6-9]|3[7-9]\d|[4-9]\d\d)(?:st|nd|rd|th)\s+day\s+of\s+(?:the\s+)?(?:year\s+)?(?P<y>20\d\d)?",
    re.IGNORECASE,
)
_NO_MONTH: Final = re.compile(
    r"\b(?:second|third|other)\s+(?:january|february|march|april|may|june|july|august|september|october|november|december)\s+of\s+20\d\d\b|"
    r"\bmonth\s+of\s+(?!septem|octo|novem|decem)\w+ember\b|\bmonth\s+of\s+(?!septem|novem|decem)\w+ember\b|\bweek\s+(?:minus|negative)\s+\w+",
    re.IGNORECASE,
)
_MOMENT: Final = r"(20\d\d-\d\d-\d\dT\d\d:\d\d)(?::\d\d)?(?:Z|[+-]\d\d:?\d\d)?"
_MOMENTS: Final = re.compile(
    rf"{_MOMENT}\s*(?:to|until|till|through|-|–|/|\.\.+|,?\s*(?:and\s+)?(?:ends?|ending|stops?|finish\w*)(?:\s+(?:at|on|by))?)\s*{_MOMENT}",
    re.IGNORECASE,
)
_BEGINS: Final = re.compile(
    r"\b(?:from|start\w*|begin\w*|began|between|since|install\w*|window|period|event|runs?|range|data|readings?|at|on|for|of|in|:)\W*(?:the\s+|on\s+|in\s+|at\s+|was\s+)*$",
    re.IGNORECASE,
)
_NO_DATE: Final = re.compile(
    r"\b1[3-9](?:st|nd|rd|th)\s+month\b|\b(?:thirteenth|fourteenth|fifteenth)\s+month\b|\bmonths?\s+(?:no\.?\s+|number\s+)?(?:1[3-9]|[2-9]\d)\s+(?:of|in)\b|"
    r"\b(?:wk|calendar\s+week)\s+(?:5[4-9]|[6-9]\d)\b(?=\s+(?:of|in|20)|\s*$|\s+pls)|\b(?:1[3-9]|[2-9]\d|thirteen|fourteen|fifteen|sixteen|eighteen)\s+months\s+of\s+(?:the\s+year\s+)?20\d\d\b|"
    r"\b(?:five|six|seven|eight|[5-9])\s+quarters\s+of\s+(?:the\s+year\s+)?20\d\d\b|\b(?:eighth|ninth|tenth|8th|9th|10th)\s+day\s+of\s+(?:the|each|every|that|this|last)\s+week\b|\b(?:third|fourth|3rd|4th)\s+half\s+of\b|\bfifth\s+season\b|"
    r"\b(?:twenty-(?:fifth|sixth|seventh|eighth|ninth)|thirtieth)\s+hour\s+of\b|\b(?:3[2-9]|[4-9]\d)(?:st|nd|rd|th)\s+day\s+of\s+(?:the|each|every|that|this|last)\s+month\b|\bhours?\s+(?:2[5-9]|[3-9]\d)\s+of\s+(?:the|that|each)\s+day\b|\bq[5-9]\b(?!\s*(?:meter|unit))|\bquarter\s+(?:[5-9]|\d\d)\s+of\b|\bhour\s+(?:2[5-9]|[3-9]\d)\s+(?:of|on)\b|\b(?:fifth|sixth|seventh|5th|6th|7th)\s+quarter\b(?!-)|\bweek\s+(?:5[4-9]|[6-9]\d)\b|"
    r"\b(?:32|33|34|3[5-9]|[4-9]\d)(?:st|nd|rd|th)\s+of\s+(?:the\s+)?(?:month|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*|"
    r"\b(?:2[5-9]|[3-9]\d)(?:st|nd|rd|th)\s+hour\s+of\s+(?:the|that|a)\s+day\b|\b(?:[6-9]|[1-9]\d)(?:st|nd|rd|th)\s+week\s+of\s+(?:the\s+|last\s+|this\s+|next\s+|that\s+)?(?:same\s+)?month\b|\b(?:eighth|ninth|tenth|sixth|seventh)\s+week\s+of\s+(?:the|last|this|next)\s+month\b|"
    r"\b20\d\d-(?:1[3-9]|[2-9]\d|00)\b(?<!\b20(?:1[0-9]-[12]|2[0-9]-[23]|3[0-9]-[34]|4[0-9]-[45])\d)|"
    r"\b(?:at|from|between|to|until|till|and)\s+(?:2[5-9]|[3-9]\d):\d\d\b|\b(?:at|from|between|until|till)\s+\d{1,2}:[6-9]\d\b|\b(?:1[3-9]|2\d):\d\d\s*(?:am|a\.m\.)|(?<![\d:.])(?:1[3-9]|[2-9]\d)\s?(?:am|pm)\b(?!-)",
    re.IGNORECASE,
)
_BACKWARDS: Final = re.compile(
    r"\bruns?\s+from\s+(?:[6-9]|1[01])\s+to\s+[1-5]\s+(?:in|on)\s+the\s+same\s+(?:afternoon|morning|evening)\b|\b(?:starts?|begins?)\s+at\s+(?:[6-9]|1[01])\s*pm\s+and\s+ends?\s+at\s+[1-5]\s*pm\b(?!.{0,20}\bnext\b)|\bends?\s+on\s+(?:mon|tues|wednes|thurs|fri)day\s+and\s+starts?\s+on\s+the\s+\w+\s+after\b|\bfrom\s+(?:june|july|august|september|october|november|december)\s+to\s+(?:january|february|march|april|may)\s+of\s+the\s+same\s+year\b|"
    r"\b(?:ends?|finish(?:es)?|stops?|over)\s+(?:\w+\s+){0,3}?before\s+it\s+(?:starts?|begins?|began|started)\b|\bend\s+(?:date\s+)?(?:lies\s+)?before\s+(?:the\s+|its\s+)?(?:start|beginning)\b|"
    r"\breporting\s+(?:period\s+|year\s+)?(?:that\s+(?:is|lies|comes)\s+)?(?:before|earlier\s+than|ahead\s+of)\s+(?:the\s+)?baseline\b|\bbaseline\s+(?:period\s+|year\s+)?(?:that\s+(?:is|lies|comes)\s+)?(?:after|later\s+than)\s+(?:the\s+)?(?:report|install)\w*|"
    r"\bsnooze\b.{0,40}\buntil\s+(?:last|yesterday)\b|\bthe\s+installation\s+ended\s+in\s+\w+\s+and\s+(?:began|started)\b",
    re.IGNORECASE,
)
_INSTALL_LATE: Final = re.compile(
    r"\binstall\w*\b[^;?]{0,30}?\b(?P<i>20\d\d)\b.*\breporting\D{0,16}(?P<r>20\d\d)\b", re.IGNORECASE
)
_Dated = tuple[int, int, tuple[int | None, int | None, int | None]]
"""Where a date begins and ends in the text, and its year, month and day."""
_LIES_AHEAD: Final = "That time lies ahead: nothing was measured in it yet. A load forecast reaches two weeks ahead."
_STOP: Final = re.compile(r"[.;?!](?=\s|$)")
_ENDS: Final = re.compile(r"\b(?:ends?|ended|ending|finish\w*|over)\s+(?:on|in|by|at)?\s*(?:the\s+)?$", re.IGNORECASE)
_STARTING: Final = re.compile(
    r"\b(?:start(?:s|ing)?|begin(?:s|ning)?|commenc\w+|kick\s+off|earliest)\b[^.;?\d]{0,40}$", re.IGNORECASE
)
_DUE: Final = re.compile(
    r"\b(?:finish\w*|complet\w*|done|ready|end(?:s|ed|ing)?|over|through)\b[^.;?\d]{0,24}\b(?:by|before|no\s+later\s+than|until)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_WORK: Final = re.compile(
    r"\b(?:schedul\w+|tasks?|crews?|working\s+days|(?:last|take)s?\s+\w+\s+(?:days|weeks))\b", re.IGNORECASE
)
_NO_PLAN: Final = re.compile(r"\b(?:baseline|reporting|verif\w+|savings|permits?)\b", re.IGNORECASE)
_THEN_BEGINS: Final = re.compile(
    r"^\W*(?:and|but|,)?\s*(?:it\s+)?(?:begins?|starts?|began|started|beginning|starting)\s+(?:on|in|at)?\s*(?:the\s+)?$",
    re.IGNORECASE,
)
_BASELINE_AFTER: Final = re.compile(
    r"\b(?P<b>20\d\d)\s+(?:as|is|for)\s+(?:the\s+|our\s+)?base(?:line|\s+year)?\b.{0,30}?\b(?P<r>20\d\d)\s+(?:as|is|for)\s+(?:the\s+|our\s+)?report",
    re.IGNORECASE,
)
_BASELINE: Final = re.compile(
    r"\bbase(?:line|\s+year)?\D{0,24}(?P<b>20\d\d)\b.{0,40}?\breport\w*\D{0,24}(?P<r>20\d\d)\b|\breport\w*\D{0,24}(?P<r2>20\d\d)\b.{0,40}?\bbase(?:line|\s+year)?\D{0,24}(?P<b2>20\d\d)\b",
    re.IGNORECASE,
)
_OLD_YEAR: Final = re.compile(
    r"\b(?:in|since|during|years?|from|until|back\s+to|of|for|to|around|say|circa|with|against)\s+(?:the\s+)?(?:years?\s+|summer\s+of\s+|winter\s+of\s+|early\s+|late\s+|january\s+|june\s+)?(?P<y>1[0-8]\d\d|19[0-6]\d)(?:s|'s)?(?!\s*(?:,|and)\s*\d)(?=\s*(?:$|[.,;:?!)]|please|pls|from\b|out\b|as\b|was\b|is\b|by\b|and\b|to\b|until\b|on\b|with\b|for\b|compar\w+|vs\b|hourly|when\b|measured|at\b|data\b))",
    re.IGNORECASE,
)
_OLD_TIME: Final = re.compile(
    r"\b(?:in|of|during|since|for|from)\s+the\s+years?\s+(?P<y>1[0-8]\d\d|19[0-6]\d)\b(?![.,]\d)|"
    r"\b(?:in|during|since)\s+(?P<z>1[0-8]\d\d|19[0-6]\d)(?=\s+(?:analy\w+|by|per|split|grouped|broken|sorted|month\w*|hour\w*|the|our|my|of|according|use\w*|energy|electric\w*|consum\w+|bill\w*|against)\b)",
    re.IGNORECASE,
)
_ORDINALS: Final = r"fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth"
_NO_PART: Final = re.compile(
    rf"\b(?:{_ORDINALS}|(?:[5-9]|1\d)th)\s+quarter\s+(?:of\s+)?(?:20\d\d|(?:the|this|last|that)\s+year)|"
    rf"\b(?:{'|'.join(_ORDINALS.split('|')[8:])}|1[3-9]th)\s+month\b|\b(?:third|fourth|fifth)\s+half[\s-](?:year\s+)?of\b|\b20\d\d-q[05-9]\b|\b20\d\d-00\b(?!-)|\b20\d\d-(?:0\d|1[0-2])-00\b|"
    r"(?<![\d:./-])(?:(?:2[5-9]|[3-9]\d):[0-5]\d|\d{1,2}:[6-9]\d)(?![\d:]|\s*(?:ratio|split))|\b(?:half|quarter)\s+(?:past|to)\s+(?:1[3-9]|[2-9]\d|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty)\b",
    re.IGNORECASE,
)
_OLD_DATE: Final = re.compile(
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,?\s+(?P<y>1[0-8]\d\d|19[0-6]\d)\b(?!\s*(?:kw|mw|usd|ft|sq|gpm))|\b(?:our|the|a)\s+(?P<z>1[0-8]\d\d|19[0-6]\d)\s+(?:electricity|gas|energy|usage|use|bills?|consumption|load|data|readings|emissions|prices?|footprint)\b",
    re.IGNORECASE,
)
_OLD_WORDS: Final = re.compile(
    r"\b(?:last\s+century|(?:19th|18th|17th|nineteenth|eighteenth)[\s-]century|middle\s+ages|medieval|civil\s+war|world\s+war|roman\s+(?:empire|times)|victorian|stone\s+age|ice\s+age|before\s+(?:electricity|the\s+(?:building|meter|hotel|store|site|house)\s+(?:was|were)\s+(?:built|installed|there))|"
    r"the\s+year\s+(?:0|zero)\b|century\s+before|\d+\s*(?:bc|b\.c\.)(?=\W|$)|prehistor\w+|1[0-8]\d0s|19[0-7]0s|hundred\s+years\s+ago|\d+\s+centuries)(?!\w)",
    re.IGNORECASE,
)
_BUILT: Final = re.compile(
    r"\b(?:building|house|store|tower|school|plant|hotel|boiler|mill)\s+(?:is|was|dates)\s+(?:back\s+)?(?:from|to|of)\s+1[89]\d\d|\b(?:built|constructed|erected|founded|opened|dating|renovated|vintage|installed|commissioned|manufactured|put\s+into\s+(?:service|operation|use)|(?:in|into)\s+service)\b.{0,16}\b1[89]\d\d|\b1[89]\d0s\s+(?:\w+\s+)?(?:hotel|building|house|office|store|school|boiler|chiller|tower|stock|plant|motor)s?\b",
    re.IGNORECASE,
)
_MEASURED: Final = re.compile(
    r"\b(?:actual(?:ly|s)?|measured|metered|recorded|real(?:ised|ized)|settled|observed|verified|true)\b(?!\s+(?:savings\s+)?(?:target|goal))",
    re.IGNORECASE,
)
_HAPPENED: Final = re.compile(
    r"\b(?:did|had)\s+(?:we|it|they|the\s+\w+|our\s+\w+|[\w-]+)\s+(?:[\w-]+\s+){0,3}?(?:pay|paid|use|used|consume|consumed|read|save|saved|emit|emitted|draw|drawn|peak|happen|cost|have|get|got|spend)\b|\b(?:happened|occurred)\b|\bwere\s+(?:closed|opened|raised|measured|used|consumed|saved|sent)\b|\bwhat\s+(?:was|were)\b|\bwas\s+(?:our|the)\s+(?:actual|use|usage|consumption|peak|bill|eui|load)\b",
    re.IGNORECASE,
)
_NO_ESTIMATE: Final = re.compile(
    r"\b(?:not?|never|without|instead\s+of|rather\s+than|don'?t\s+want)\s+(?:an?\s+|any\s+|the\s+)?(?:estimat|forecast|predict|project|plan)\w*|\b(?:will|shall)\s+have\s+(?=\w+(?:ed|en)\b)",
    re.IGNORECASE,
)
_REALLY: Final = re.compile(
    r"\b(?:did|have|has)\b[^.;?]{0,40}\bactually\s+\w+|\bactually\s+\w+(?:ed|id|nt)\b", re.IGNORECASE
)
"""What has happened whatever else is planned: "what penalty did we actually pay"."""
_AHEAD: Final = re.compile(
    r"\b(?:tomorrow|next\s+(?:week|month|year|quarter|summer|winter|spring|fall|decade|century|january|february|march|april|may|june|july|august|september|october|november|december)|coming\s+(?:week|month|year|quarter|summer|winter)|(?:day|week|month|quarter|year)\s+after\s+next)\b",
    re.IGNORECASE,
)
_YEARS: Final = re.compile(
    r"(?<![\w$#-])(?<!alert )(?<!project )(?<!meter )(?<!ticket )(?<!bill )(?<!anomaly )(?<!building )(?<!site )(?<!order )(?<!job )(?<!invoice )"
    r"(20\d\d)(?![\w%]|[.,]\d|\s*(?:kw|mw|ft|sq|usd|gpm|cfm|therms?|tons?|h\b|bills|meters|readings))",
    re.IGNORECASE,
)
_RECORDED: Final = re.compile(
    r"\b(?:actuals?|measured|metered|recorded|registered|observed|cleared|settled|audited|assured|verified|as\s+delivered)\b",
    re.IGNORECASE,
)
_BEGAN: Final = re.compile(
    r"\b(?:meters?|buildings?|campus|sites?|stores?|tower|hotel|plant|school|depot|annex|warehouse|office)\b[^.;?]{0,50}?\b(?:built|hung|erected|opened|connected|energi[sz]ed|installed|mounted|fitted|completed|went\s+live|came\s+online)\s+(?:only\s+)?(?:in|on)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_OF_THE_METER: Final = re.compile(
    r"\b(?:measured|metered|recorded|readings?|interval\s+data|intervals|load|kwh|demand|profile)\b", re.IGNORECASE
)
_DATA: Final = re.compile(
    r"\b(?:bills?|invoices?|readings?|interval\s+data|meter\s+data|load\s+(?:shape|profile|factor)s?|scores?|eui|tickets?|anomal(?:y|ies)|benchmark\w*|satisfaction|saved|normali[sz]e|verif\w+\s+(?:the\s+)?savings)\b",
    re.IGNORECASE,
)
_PLANS: Final = re.compile(
    r"\b(?:target|goal|plan\w*|budget|forecast|predict\w*|project(?:ed|ion)|expect\w*|estimat\w+|limits?|penalt\w+|fines?|cap|until|by\s+20\d\d|expire\w*|modell?ed|scenario|would|will)\b",
    re.IGNORECASE,
)
_LONG_FORECAST: Final = re.compile(
    r"\b(?:forecast|predict|peak\s+(?:alert|warning)|load\s+prediction)\w*\b.{0,60}?\b(?:next|for|over|looking|ahead)\s+(?:the\s+)?(?:next\s+|coming\s+)?(?P<n>\d+|two|three|four|five|ten|twenty|several|many)\s+(?P<u>years?|decades?|centuries)\b",
    re.IGNORECASE,
)
_FAR_FORECAST: Final = re.compile(
    r"\b(?:forecast|predict)\w*\b(?!.{0,60}\b(?:replacement|capital|budget|cash|capex|life|retire\w*|savings|npv)).{0,60}?\b(?:for|of|in|until|till|through|to)\s+(?:the\s+year\s+|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*\s+)?(?:20[3-9]\d|2[1-9]\d\d)\b|\byear\s+(?:2[1-9]\d\d|[3-9]\d{3,})\b|\bthat\s+(?:will|is\s+going\s+to|are\s+going\s+to)\s+happen\b",
    re.IGNORECASE,
)
_FORECAST_PAST: Final = re.compile(
    r"^\W*(?:please\s+|can\s+you\s+|retroactively\s+)*(?:forecast|predict)\b(?!\s+(?:accuracy|error|report))(?!.{0,80}\b(?:based|using|with|from|compar\w+|like|against|vs|than|accura\w+|error)\b).{0,50}\b(?:yesterday|last\s+(?:week|month|year|summer|winter|night))\b|"
    r"^\W*(?:please\s+)?(?:issue|raise|give|send|make|compute|prepare)\b[^.;?]{0,24}\b(?:peak\s+(?:alert|warning)|forecast)s?\s+(?:for|of)\s+(?:the\s+)?(?:peak\s+of\s+)?(?:last\s+\w+|yesterday)\b",
    re.IGNORECASE,
)
_STARTED: Final = re.compile(
    r"^\W*(?:please\s+)?(?:schedule|start|begin|plan|set)\b(?!.*\b(?:baseline|compar\w+|report\w*|analysis|data|readings?)\b).{0,50}?\b(?:begin|start|for|on|in|crew)\w*\s+(?:in\s+|on\s+|the\s+)?(?:19\d\d|200\d|201\d|last\s+(?:christmas|year|month|week|summer)|yesterday)\b",
    re.IGNORECASE,
)


def impossible_time(text: str, today: date | None = None) -> str | None:
    """Why the times of the text cannot be; None where they can. `today` decides what has not happened yet.

    >>> impossible_time("use on 30 February"), impossible_time("use on 28 February")
    ('There is no 30 February.', None)
    """
    if wrong := _no_such_date(text) or _backwards(text):
        return wrong
    if (
        (old := _OLD_YEAR.search(text) or _OLD_DATE.search(text) or _OLD_TIME.search(text)) or _OLD_WORDS.search(text)
    ) and not _BUILT.search(text):
        when = next(filter(None, old.groups())) if old else "that time"
        return f"There are no data of {when}: the oldest that the platform takes are of {OLDEST_YEAR}."
    if _LONG_FORECAST.search(text) or _FAR_FORECAST.search(text):
        return "A load forecast reaches two weeks ahead, a peak alert one week; for years a project's cash flow can be modelled."
    if _FORECAST_PAST.search(text):
        return "That time is over: a forecast looks ahead. The measured load of a past day can be shown."
    return _before_it_was_there(text) or (_not_yet(text, today) if today else None)


def _before_it_was_there(text: str) -> str | None:
    """ "Built in 2024 ... its measured load of 2019": readings of a time before the thing that they are of."""
    if re.search(r"\bbaseline\b", text, re.IGNORECASE):
        return None
    found = _dated(text)
    for place, (start, end, born) in enumerate(found):
        if not born[0] or not _BEGAN.search(text[:start]):
            continue
        for asked_from, asked_to, asked in found[place + 1 :]:
            earlier = asked[0] and (asked[0], asked[1] or 12) < (born[0], born[1] or 1)
            if earlier and _OF_THE_METER.search(text[end:asked_to]):
                return f"There are no data of {text[asked_from:asked_to]}: it was not there before {text[start:end]}."
    return None


def _recorded_ahead(text: str, today: date) -> bool:
    """Whether what is asked for was measured or settled, in the words beside a date that has not come yet."""
    for start, end, (year, month, day) in _dated(text):
        if not year or (year, month or 1, day or 1) <= (today.year, today.month, today.day):
            continue
        beside = _STOP.split(text[max(0, start - 90) : start])[-1]
        after = _STOP.split(text[end : end + 40])[0]
        known = [match.end() for match in _RECORDED.finditer(beside)]
        if known and not _PLANS.search(beside[known[-1] :]):
            return True
        by_then = re.search(r"\b(?:by|until|before)\s+$", text[:start], re.IGNORECASE)
        if _RECORDED.search(after) and not (by_then or _PLANS.search(after) or _PLANS.search(beside)):
            return True
    return False


def _no_such_date(text: str) -> str | None:
    if match := _NO_DATE.search(text) or _NO_MONTH.search(text) or _NO_PART.search(text):
        return f"There is no such time as {match.group(0).strip()}."
    day = _DAY_OF_YEAR.search(text)
    if day and int(day["n"]) > (366 if day["y"] is None or months.isleap(int(day["y"])) else 365):
        return f"There is no {day.group(0).strip()}."
    for atom in _ATOMS[:4]:
        for match in atom.finditer(text):
            if wrong := _wrong_day(match):
                return wrong
    return None


def _wrong_day(match: re.Match[str]) -> str | None:
    found = match.groupdict()
    month, day = _month(found), int(found["d"])
    year = int(found["y"] or 2024)
    if not 1 <= month <= 12:
        return f"There is no month {month}." if year > OLDEST_YEAR else None
    longest = months.monthrange(year, month)[1]
    if day > longest or day == 0:
        return f"There is no {day} {months.month_name[month]}{f' {year}' if found['y'] else ''}."
    return None


def _month(found: dict[str, str | None]) -> int:
    number = found.get("m")
    return int(number) if number else MONTHS[str(found["mon"])[:3].lower()]


def _backwards(text: str) -> str | None:
    if _BACKWARDS.search(text):
        return "It would end before it begins. Give the earlier time first."
    if match := _BASELINE.search(text):
        base, report = int(match["b"] or match["b2"]), int(match["r"] or match["r2"])
        if report <= base and not re.search(r"\b(?:was|from)\b", match.group(0)):
            return f"The reporting period ({report}) must come after the baseline ({base})."
    if (match := _INSTALL_LATE.search(text)) and int(match["i"]) > int(match["r"]):
        return f"The installation ({match['i']}) must come before the reporting period ({match['r']})."
    if (match := _BASELINE_AFTER.search(text)) and int(match["r"]) <= int(match["b"]):
        return f"The reporting period ({match['r']}) must come after the baseline ({match['b']})."
    if (match := _MOMENTS.search(text)) and match[2] < match[1]:
        return f"It would end ({match[2]}) before it begins ({match[1]})."
    found = _dated(text)
    reversed_ = None if MOVED.search(text) and not _LOOKED_AT.search(text) else _reversed(found, text)
    return _ends_first(found, text) or reversed_ or _due_before(found, text)


def _due_before(found: list[_Dated], text: str) -> str | None:
    """Work that is to be done by a day before the one on which it starts."""
    if not _WORK.search(text) or _NO_PLAN.search(text):
        return None
    starts = [day for start, _, day in found if _STARTING.search(text[:start]) and day[0]]
    due = [day for start, _, day in found if _DUE.search(text[:start]) and day[0]]
    if any(_ordinal(last) < _ordinal(first) for first in starts for last in due):
        return "The work would have to be done before it begins. Give a later end, or an earlier start."
    return None


def _ordinal(day: tuple[int | None, int | None, int | None]) -> tuple[int, int, int]:
    return day[0] or 0, day[1] or 12, day[2] or 31


def _dated(text: str) -> list[_Dated]:
    """(start, end, (year, month, day)) of explicit dates in the order of the text, without overlaps."""
    found: list[_Dated] = []
    for atom in _ATOMS:
        for match in atom.finditer(text):
            if any(match.start() < end and start < match.end() for start, end, _ in found):
                continue
            parts = match.groupdict()
            month = _month(parts) if parts.get("m") or parts.get("mon") else None
            year, day = parts.get("y"), parts.get("d")
            found.append((match.start(), match.end(), (int(year) if year else None, month, int(day) if day else None)))
    return sorted(found)


def _ends_first(found: list[_Dated], text: str) -> str | None:
    """ "Ends on 1 March and begins on 1 April": the end is named first, and lies before the beginning."""
    for (start, end, last), (next_start, next_end, first) in pairwise(found):
        named = _ENDS.search(text[:start]) and _THEN_BEGINS.search(text[end:next_start])
        if named and (last[0] or 0, last[1] or 0, last[2] or 0) < (
            first[0] or last[0] or 0,
            first[1] or 0,
            first[2] or 0,
        ):
            return f"It would end ({text[start:end]}) before it begins ({text[next_start:next_end]})."
    return None


def _reversed(found: list[_Dated], text: str) -> str | None:
    for (start, end, first), (next_start, next_end, second) in pairwise(found):
        between = text[end:next_start].strip().lower()
        spanned = any(each.search(text[:start]) and between == joint for each, joint in _SPANS)
        if not spanned and not (_RANGE.match(text[end:next_start]) and (_BEGINS.search(text[:start]) or start < 3)):
            continue
        if not first[0] and not second[0] and not _SAME_YEAR.match(text[next_end:]):
            continue  # without years the later one may lie in the next year
        begin = (first[0] or second[0], first[1], first[2])
        same = [(a, b) for a, b in zip(begin, second, strict=True) if a is not None and b is not None]
        if len(same) == sum(part is not None for part in second) and [b for _, b in same] < [a for a, _ in same]:
            return f"It would end ({text[next_start:next_end]}) before it begins ({text[start:end]})."
    return None


def _not_yet(text: str, today: date) -> str | None:
    """What was measured cannot lie ahead."""
    if _recorded_ahead(text, today):
        return _LIES_AHEAD
    years = [int(year) for year in _YEARS.findall(text)]
    far = any(year > today.year + 1 for year in years) and _DATA.search(text)
    planned = _PLANS.search(_NO_ESTIMATE.sub("", text)) and not _REALLY.search(text)
    if planned or not (_MEASURED.search(text) or _HAPPENED.search(text) or far):
        return _began_long_ago(text)
    if any(year > today.year for year in years) or (_AHEAD.search(text) and not years):
        return _LIES_AHEAD
    return _began_long_ago(text)


def _began_long_ago(text: str) -> str | None:
    return "What is planned cannot begin in the past. Give a day from today on." if _STARTED.search(text) else None
