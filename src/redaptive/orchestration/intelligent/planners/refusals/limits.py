"""Figures that cannot be: shares above all, factors above one, negative sizes, more hours than a day has."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from redaptive.orchestration.intelligent.planners.values.numerals import NUMBER_WORDS, count, figure

_NUMBER: Final = r"(?P<n>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
_PERCENT: Final = r"\s?(?:%|percent|per\s+cent|pct)"
_COUNT: Final = rf"(\d+|{'|'.join(NUMBER_WORDS)})"


@dataclass(frozen=True)
class Limit:
    """A figure named `n` that must lie above `least` and at most at `most`; nothing of `unless` in the text."""

    pattern: str
    most: float
    message: str
    least: float = -1.0
    unless: str = ""


_LIMITS: Final[Sequence[Limit]] = (
    Limit(rf"\b(?:sav(?:e|es|ed|ing|ings)|reduc\w+|cut(?:s|ting)?|lower\w*|less|decreas\w+|shrink|slash|drop|trim|shed|off)\b(?:(?!\b(?:to|years?|months?|ceiling|fee|rate|pays?)\b)[^.;?%]){{0,60}}?\b{_NUMBER}{_PERCENT}", 100, "Nothing can be reduced by more than 100 percent.", unless=r"\b(?:how\s+can|why|roi|return|more\s+than\s+planned|of\s+(?:the\s+|what\s+was\s+|our\s+)*(?:plan|target|budget|guarante\w+|expected|promised?|projected)|grew|up|above\s+plan|compared\s+to\s+plan|increase|rose|higher|up\s+by)\b"),
    Limit(rf"\bsavings?\b.{{0,12}}\b(?:exceed\w*|above|over|more\s+than|beyond)\s+{_NUMBER}{_PERCENT}", 99.9, "Nothing can be reduced by more than 100 percent.", unless=r"\b(?:plan|target|guarante\w+|expected)\b"),
    Limit(rf"\b{_NUMBER}{_PERCENT}\s+(?:\w+\s+){{0,2}}?(?:savings?|reductions?|less|cuts?|decrease|lower)\b", 100, "Nothing can be reduced by more than 100 percent.", unless=r"\b(?:how\s+can|why|of\s+(?:the\s+)?(?:plan|target|guarante\w+|expected|promised|projected))\b"),
    Limit(rf"\b(?:boiler|furnace|motor|inverter|panel|module|system|thermal|combustion|round[\s-]?trip|electrical|lamp|fan|pump|transformer|seasonal|burner|battery)?\s*efficienc(?:y|ies)\W+(?:of|is|was|at|=|to)?\W*{_NUMBER}{_PERCENT}", 100, "An efficiency above 100 percent would make energy from nothing.", unless=r"\b(?:heat\s+pumps?|cop|chiller|relative|luminous)\b"),
    Limit(rf"\b{_NUMBER}{_PERCENT}\s+(?:\w+[\s-]){{0,2}}?efficien(?:cy|t)\b", 100, "An efficiency above 100 percent would make energy from nothing.", unless=r"\b(?:heat\s+pumps?|more\s+efficient|cop|condens\w+|lower\s+heating|lhv|hhv)\b"),
    Limit(rf"\b(?:panels?|modules?|pv|solar\s+cells?)\b.{{0,30}}\befficienc\w+\W+(?:of\W+)?{_NUMBER}{_PERCENT}", 47, "No solar panel is that efficient: the best cells reach 47 percent, modules about 24."),
    Limit(r"\b(?:power|load|capacity|diversity)\s+factors?(?:(?:\s+[\w-]+){0,4}?\s+(?:of|is|was|at|to|above|=|reads|shows|hits?)\s+|\s+(?=\d\.\d))(?P<n>[1-9](?:\.\d+)?)(?!\d|[.,]\d|\s?(?:%|kw|mw|percent|months?|years?|buildings?|meters?|sites?|days?|weeks?|hours?|:|am|pm|st|nd|rd|th|usd))", 1, "A power or load factor cannot exceed 1.", unless=r"\b(?:inv|doc|bill|tariff|rate|meter|ch|ahu)-\d"),
    Limit(rf"\b(?:power|load|capacity)\s+factors?\s+(?:(?:of|is|was|at|to|above|from|by)\s+)?(?:over\s+)?{_NUMBER}{_PERCENT}", 100, "A power or load factor cannot exceed 100 percent."),
    Limit(rf"\b(?:tax|income\s+tax|corporate\s+tax)\s+rate\s+(?:of\s+|is\s+|at\s+|=\s*)?{_NUMBER}{_PERCENT}|\btax\s+of\s+(?P<n2>\d+){_PERCENT}", 100, "A tax rate above 100 percent takes more than there is."),
    Limit(rf"\b(?:probabilit\w+|chances?|likelihood|confidence|odds|availability|uptime|humidity|utili[sz]ation|occupancy|coverage|degradation)\b(?:\s+(?!exceed\w*|above|over|more|beat\w*|reach\w*)\w+){{0,6}}?\s+{_NUMBER}{_PERCENT}", 100, "That share cannot exceed 100 percent.", unless=r"\bof\s+(?:the\s+|our\s+)?(?:plan|target|design|budget|capacity|normal)\b"),
    Limit(rf"\b(?:probabilit\w+|chances?)\s+(?:above|over|of\s+more\s+than|higher\s+than)\s+{_NUMBER}{_PERCENT}", 99.99, "A probability cannot exceed 100 percent."),
    Limit(r"\b(?:draws?|pulls?|uses?|takes?)\s+(?P<n>\d+)\s*kw\b", 1e9, "A machine that draws nothing makes nothing.", least=0.0),
    Limit(rf"\b{_NUMBER}{_PERCENT}\s+(?:probabilit\w+|chance|confidence|likelihood|availability|uptime|utili[sz]ation|occupancy)\b", 100, "That share cannot exceed 100 percent."),
    Limit(rf"\b(?:customer|client|provider|they|we|side)\b.{{0,30}}\b{_NUMBER}{_PERCENT}\s+of\s+(?:the|all|any|our|its)\s+savings\b", 100, "Nobody can get more than all of the savings."),
    Limit(rf"\beach\s+(?:\w+\s+)?(?:keeps?|gets?|takes?|receives?|has)\s+{_NUMBER}{_PERCENT}", 50, "Two sides cannot each have more than half."),
    Limit(rf"\b(?:returns?|gives?\s+(?:back|out)|delivers?|yields?|stores?)\s+{_NUMBER}{_PERCENT}\s+of\s+(?:what|the\s+energy|its|the\s+input|the\s+charge)", 100, "No storage gives back more than it takes in."),
    Limit(rf"\b(?:discount|rebate|markdown)\s+of\s+{_NUMBER}{_PERCENT}", 100, "A discount above 100 percent makes no sense."),
    Limit(rf"\b(?:runs?|works?|operates?|on|for|crew)\b[^.;?]{{0,24}}?\b{_NUMBER}\s+(?:hours|hrs|h)\s+(?:a|per|each|every)\s+day\b|\b(?P<n2>\d+)\s*(?:h|hours)\s?/\s?d(?:ay)?\b", 24, "A day has 24 hours."),
    Limit(rf"\b{_NUMBER}\s+(?:hours|hrs)\s+(?:of\s+\w+\s+)?(?:on|in)\s+(?:an?\s+)?(?:ordinary\s+|normal\s+|single\s+|one\s+)*(?:day|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b|\b(?P<n2>\d+)\s+hours\s+of\s+readings\s+on\b", 25, "A day has 24 hours, 25 when the clocks go back."),
    Limit(rf"\b{_NUMBER}\s+days\s+(?:a|per|each|every)\s+week\b", 7, "A week has seven days."),
    Limit(rf"\b{_NUMBER}\s+(?:hours|hrs|h)\s+(?:a|per|each|every)\s+(?:year|yr|annum)\b", 8_784, "A year has 8,784 hours at most."),
    Limit(rf"\b{_NUMBER}\s+months\s+(?:a|per|each|every)\s+year\b", 12, "A year has twelve months."),
    Limit(rf"\b(?:base|balance|outdoor|outside|supply|return|room|zone|mixed|air|water)\s+temperatures?\s+(?:of|is|at|to|=)\s+{_NUMBER}\s?°?\s?f\b", 450, "No such temperature occurs in a building."),
    Limit(rf"\b{_NUMBER}[\s-]years?[\s-]old\s+(?:\w+\s+)?(?:chiller|boiler|fan|pump|motor|rtu|ahu|unit|tower|compressor|battery|inverter|lamp|furnace|heat\s+pump)", 150, "No such machine is that old."),
    Limit(rf"\b(?:of\s+age|age|aged)\s+(?:of\s+|is\s+|:\s*|at\s+)?{_NUMBER}\b(?!\s*(?:days?|hours?|months?|weeks?|%|kw))", 150, "No such machine is that old."),
    Limit(rf"\bcop\s+(?:of|is|was|at|=|above|over)\s+{_NUMBER}(?!\d|[.,]\d|\s*(?:%|percent|tons?|kw))", 15, "No such machine comes near that coefficient of performance.", unless=r"\bcop\s?2\d\b"),
    Limit(r"\b(?P<n>\d+(?:\.\d+)?)\s?kw\s?(?:/|per)\s?ton\b", 10, "No chiller needs so little: good ones take about 0.5 kW per ton.", least=0.12),
)  # fmt: skip
_CODE: Final = re.compile(r"\b(?=[\w-]*\d)[A-Z]{2,6}(?:-[A-Z]{1,5})*-\d+(?:-\w+)*\b")
"""Codes of things, whose digits are no figures."""
_MINUS: Final = r"(?:(?:(?<![\w.)\]%])[-−–]\s?\$?|\$\s?[-−–])(?=\d)(?!\d{1,2}:\d\d)|(?<!\bor\s)(?<!/)\b(?:minus|negative)\s+(?:of\s+)?\$?(?=\d|one|two|three|four|five|six|seven|eight|nine|ten|a\s|half|twenty|fifty|hundred|thousand|several))"
_SIZES: Final = r"(?:\s?(?:k|m|thousand|million|hundred)\b)?\s*(?:years?|yrs?|months?|days?|hours?|square\s+feet|sq\.?\s?ft|ft2|sqft|square\s+met\w+|m2|gpm|gallons|kw\b|mw\b|kwh\b|mwh\b|watts?\b|w\b(?!\.)|therms?|people|crews?|meters|buildings|panels|draws|simulations|projects|tons)"
_NEGATIVES: Final = (
    re.compile(
        rf"\b(?:budget|capex|costs?|invest(?!\w*\s+for\s+flows)\w*|spend\w*|age|area|life|price|term|flow|roof|limit|capital|funds|worth|payback|draws?|pulls?|uses?|takes?|needs?|with|only|for|planned|earned|spent|bac|outlay|offer|fixed|strike)[^\d,;]{{0,20}}?{_MINUS}",
        re.IGNORECASE,
    ),
    re.compile(rf"{_MINUS}(?:[1-9]\d{{2,}}|1\d\d){_PERCENT}", re.IGNORECASE),
    re.compile(rf"{_MINUS}[\w,.]+(?:\s(?:hundred|thousand|million|and))*{_SIZES}", re.IGNORECASE),
    re.compile(
        r"\bnegative\s+(?:\w+\s+){0,2}(?:energy|electricity|gas)\b|\b(?:chance|probabilit\w+|risk|likelihood|share|percentage|odds)\b.{0,24}\b(?:below|under|less\s+than)\s+(?:zero|0)\b(?![.,]?\d)|\bnegative\s+(?:budget|area|age|floor|roof|kwh|consumption|number\s+of|amount\s+of|power\s+draw|energy|efficiency|flow|life|capacity|lifetime)\b|\bcop\s+(?:below|under|less\s+than)\s+(?:zero|0)\b|\b(?:discount|tax)\s+rate\s+of\s+[-−–]\s?\d{3}",
        re.IGNORECASE,
    ),
    re.compile(
        r"\bpayback\b.{0,30}\b(?:less\s+than|below|under|of)\s+(?:zero|0)\b(?![.,]\d)|\bpayback\s+before\s+(?:the\s+)?(?:money|spend\w*|it|any|we)\b|\bbelow\s+zero\s+years\b|\bpays?\s*back\s+before\s+(?:they|it|we)\b|\bless\s+than\s+no\s+\w+|\b(?:consumption|use|usage|load|demand|emissions|peak)\s+(?:\w+\s+){0,3}?(?:to\s+)?(?:below|under)\s+(?:zero|0)(?![.,]?\d)|\b(?:crew|team)\s+of\s+(?:zero|0|no)\b|\bzero\s+(?:crews?|people|workers)\b|\bwith\s+no\s+(?:crews?|workers)\b|\bcrews?\b[^.;]{0,40}\bwith\s+(?:0|zero|no)\s+(?:people|members|hands|men|workers|fitters)\b",
        re.IGNORECASE,
    ),
)
_NEGATIVE_SPAN: Final = re.compile(
    rf"\b(?:at\s+most|no\s+more\s+than|a\s+maximum\s+of|mean(?:\s+of)?|penalty(?:\s+of)?|event\s+pays|offer(?:\s+of)?)\s+{_MINUS}|"
    rf"\b(?:pjm_4_of_5|caiso_10_of_10|nyiso_5_of_10|demand\s+response|dr\s+event)\b[^;?]{{0,60}}{_MINUS}[\d.,]+\s*(?:dollars?|usd|\$)?\s*(?:per|a|/)\s*kwh|"
    rf"\bfixed\s+(?:offer|price|rate)\b[^.;?]{{0,16}}{_MINUS}|\b(?:over|term|life(?:time)?|age|for|of|is)\s+(?:of\s+)?{_MINUS}[\w.]+\s?(?:years?|yrs?|square\s+feet|sq\.?\s?ft|ft2|sqft)\b",
    re.IGNORECASE,
)
_GROWTH: Final = re.compile(r"\b(?:escalat\w*|growth|inflation)\b", re.IGNORECASE)
"""What may fall a year as well as rise."""
_FINE_BELOW_ZERO: Final = re.compile(
    r"\b(?:degrees?|deg|celsius|fahrenheit|temperatures?|outdoor|ambient|negative\s+prices?|lmp|change\s+orders?|cost\s+change|credit|co-\d+|co\b|export\w*|net\s+load|delta|difference|escalat\w+|npv|negative\s+npv|utc|gmt|growth|flows\b(?=.*\bfor\b)|flows?\s+(?:of\s+)?[-−–]|fix|gaps?|readings?|(?:says|sends|shows|reports|sent|said|reported)\s+(?:minus|negative|-)|drift|trend|correlation|latitude|coordinates?|non-?routine)\b|°",
    re.IGNORECASE,
)
_NOTHING: Final = re.compile(
    r"\b(?:budget|with|for|spend\w*)\b.{0,12}(?:\$\s?0(?:\.0+)?(?![\d,.]*[1-9km])|\b0\s?(?:usd|dollars)\b|\bzero\s+(?:budget|dollars|money)\b)|\bzero\s+budget\b|\bspend(?:ing)?\s+nothing\b[^.;?]{0,40}\b(?:get|buy|choose|select|install|at\s+least)\b|\bin\s+(?:0|zero)\s+(?:hours|days|minutes)\b|\b(?:floor\s+)?area\s+(?:of|is)\s+(?:zero|nothing|0)\b(?![.,]?\d)|\b\$?0\s+budget\b|\bbudget\s+(?:of\s+|is\s+|=\s*|:\s*)?(?:zero|nothing|nil|0)\b(?![.,]?\d)|"
    r"\bno\s+(?:money|budget|capital)\s+(?:at\s+all|whatsoever)\b|\bnot\s+a\s+(?:cent|penny|dime)\b|\b(?:over|term\s+of|life(?:time)?\s+of|for|runs?)\s+(?:0|zero)\s+years\b|\b(?:run|with|use|draw)\s+(?:0|zero)\s+(?:simulations|draws|runs|iterations)\b|\b(?:top|worst|best|first)\s+(?:0|zero)\b(?![.,]\d)|\b(?:0|zero)[\s-]year\s+(?:life|term|contract)\b",
    re.IGNORECASE,
)
_FREE_CHANGE: Final = re.compile(r"\bchange\s+orders?\b|\bscope\b|\bcapex\b", re.IGNORECASE)
"""What may cost nothing and still change the time."""
IN_THOUGHT: Final = re.compile(
    r"\b(?:suppose|imagine|assum\w+|just\s+to\s+see|what\s+if|what\s+(?:would|could)|exercise|which\b[^.?]{0,30}\bwould|would\s+still|in\s+theory|hypothetical\w*|for\s+comparison|on\s+paper|do-?\s?nothing)\b",
    re.IGNORECASE,
)
"""A budget of nothing may be asked about: then only what costs nothing is chosen."""
_ABSOLUTE_ZERO: Final = re.compile(
    r"\b(?:below|under|colder\s+than|less\s+than)\s+absolute\s+zero\b|[-−–]\s?(?:4[6-9]\d|[5-9]\d\d)\s?(?:°|deg\w*)?\s?f\b|[-−–]\s?(?:27[4-9]|2[89]\d|[3-9]\d\d)\s?(?:°|deg\w*)?\s?c\b",
    re.IGNORECASE,
)
_IMPOSSIBLE_WORDS: Final = re.compile(
    r"\b(?:solar|pv|panels?|array)\b(?!.{0,24}\b(?:with|plus|and)\s+(?:a\s+)?(?:batter\w+|storage)).{0,50}\b(?:at\s+midnight|day\s+and\s+night|in\s+the\s+dark|all\s+night|24/7|24\s+hours\s+a\s+day|around\s+the\s+clock|nights?\s+included|after\s+(?:sunset|dark)|at\s+night\s+without)\b(?!.{0,40}\b(?:battery\s+for|with\s+(?:a\s+)?(?:battery|storage)))|"
    r"\b(?:battery|storage|pack)\b.{0,50}\b(?:gives?|delivers?|returns?|discharges?)\s+(?:\w+\s+)?more\s+(?:energy\s+)?than\b|\b(?:uses?|using|needs?|takes?|requires?|draws?)\s+(?:no|zero)\s+(?:energy|power|electricity|fuel|current)\s+(?:input\s+)?(?:at\s+all|whatsoever)\b|\bmore\s+energy\s+(?:out\s+)?than\s+(?:it\s+)?(?:goes\s+in|they\s+use|it\s+uses|is\s+put\s+in)\b|"
    r"\b(?:all|100\s?(?:%|percent)|every\s+bit)\s+(?:of\s+)?(?:its|the|their|our)?\s*(?:energy|electricity|consumption|use)\b.{0,60}\b(?:no\s+(?:on-?site\s+)?generation|without\s+(?:any\s+)?(?:generation|solar|supply)|as\s+usual|unchanged)\b|"
    r"\binfinite\s+(?:npv|irr|savings|roi|return|energy|life)\b|\bhalf\s+three\s+times\s+over\s+until\s+nothing\b",
    re.IGNORECASE,
)
_WORST_OF: Final = re.compile(
    rf"\b(?:of|are|have|has|with|our|there\s+are)\s+(?:our\s+|only\s+|just\s+|the\s+)*{_COUNT}\s+(?:\w+\s+)?(?:buildings?|hotels?|stores?|sites?|offices?|schools?|meters?|projects?|warehouses?|customers?)\b.{{0,50}}\b(?:worst|best|top|largest|biggest|first|pick|choose)\s+{_COUNT}\b(?!\s*(?:%|percent|kwh|month|week|day|year|hour))|\b(?:are|have|has)\s+(?:only\s+)?{_COUNT}\s+(?:buildings?|sites?|hotels?|stores?|meters?)\b.{{0,30}}\b{_COUNT}\s+(?:worst|best)\b",
    re.IGNORECASE,
)
_FEW_MANY: Final = re.compile(
    rf"\b(?:at\s+most|no\s+more\s+than)\s+{_COUNT}\b.{{0,24}}\b(?:but|and)\s+(?:at\s+least|no\s+fewer\s+than)\s+{_COUNT}\b",
    re.IGNORECASE,
)
_BOUNDS: Final = (
    re.compile(
        rf"\b(?:at\s+least|more\s+than|above|over|minimum(?:\s+of)?|min\.?|no\s+less\s+than)\s+\$?{_NUMBER.replace('?P<n>', '')}\s*(?P<u>[a-z%]*\w*)\b.{{0,24}}?(?:\b(?:and|but)|,|\b(?:that|which|who)\s+(?:are|is|have|use))\s+(?:also\s+|at\s+the\s+same\s+time\s+)?(?:at\s+most|less\s+than|fewer\s+than|below|under|maximum(?:\s+of)?|max\.?|no\s+more\s+than)\s+\$?{_NUMBER.replace('?P<n>', '')}\s*(?P<v>[a-z%]*\w*)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?:at\s+most|less\s+than|below|under|no\s+more\s+than)\s+\$?(?P<hi>{_NUMBER.replace('?P<n>', '')[1:-1]})\s*(?P<v>[a-z%]*\w*)\b.{{0,24}}?\b(?:but|and)\s+(?:also\s+)?(?:at\s+least|more\s+than|above|over)\s+\$?(?P<lo>{_NUMBER.replace('?P<n>', '')[1:-1]})\s*(?P<u>[a-z%]*\w*)",
        re.IGNORECASE,
    ),
)
_COST_OVER_BUDGET: Final = re.compile(
    r"\b(?:costs?|costing|spends?|worth)\s+(?:more\s+than|at\s+least|over|above)\s+\$?(?P<a>[\d.,]+)\s?(?P<ak>k|m)?\b.{0,60}?\b(?:budget|limit|cap|within|fit|under|at\s+most|no\s+more\s+than)\b(?:\s+\w+){0,4}?\s+\$?(?P<b>[\d.,]+)\s?(?P<bk>k|m)?\b",
    re.IGNORECASE,
)
_OF_FEWER: Final = re.compile(
    rf"\b{_COUNT}(?:\s+(?!out\b|of\b)\w+){{0,3}},?\s+(?:out\s+)?of\s+(?:the|our|these|those|my)\s+(?:only\s+)?{_COUNT}\b(?!\s*(?:%|percent|(?:st|nd|rd|th)\b|years?|months?|weeks?|days?|hours?|kw|mw|[.,]\d|:))",
    re.IGNORECASE,
)
_SPLIT: Final = re.compile(r"\b(?:split|allocate|divide|distribute|apportion|share)\b", re.IGNORECASE)
_SHARES: Final = re.compile(r"\b(\d{1,3})\s?(?:%|percent)", re.IGNORECASE)
_ROOF: Final = re.compile(
    r"\b(?P<p>[\d.,]+)\s?(?P<pu>kw|mw)(?:dc|p|ac)?\b.{0,60}?\b(?P<f>[\d.,]+)\s?(?:ft2|sq\.?\s?ft|sqft|square\s+f(?:ee|oo)t|ft²)",
    re.IGNORECASE,
)
_ROOF_FIRST: Final = re.compile(
    r"\b(?P<f>[\d.,]+)\s?(?:ft2|sq\.?\s?ft|sqft|square\s+f(?:ee|oo)t|ft²).{0,60}?\b(?P<p>[\d.,]+)\s?(?P<pu>kw|mw)(?:dc|p|ac)?\b(?!h)",
    re.IGNORECASE,
)
_ROOF_KW_PER_FT2: Final = 0.03
"""More than any module gives: 24 % of 1 kW/m2 is 0.022 kW per square foot."""
_SUPPLY: Final = (
    re.compile(
        r"\b(?:supply|chws|leaving)\D{0,16}(?P<s>\d{2,3}(?:\.\d)?)\D{0,24}?\b(?:return|chwr|entering)\D{0,16}(?P<r>\d{2,3}(?:\.\d)?)",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:out|leaves?|leaving|sends?|supplies|supplied|going\s+out)\b[^\d.;?]{0,24}(?P<s>\d{2,3}(?:\.\d)?)[^\d.;?]{0,40}\b(?:back|returns?|returned|returning|enters?|entering|gets)\b[^\d.;?]{0,16}(?P<r>\d{2,3}(?:\.\d)?)\b(?!\s*(?:kw|gpm|tons))",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?P<s>\d{2,3}(?:\.\d)?)\s*(?:°?\s?f\b|deg\w*)?\s*(?:in\s+the\s+|on\s+the\s+|as\s+)?(?:supply|chws|leaving|out)\b\D{0,16}?(?P<r>\d{2,3}(?:\.\d)?)\s*(?:°?\s?f\b|deg\w*)?\s*(?:in\s+the\s+|on\s+the\s+|as\s+)?(?:return|chwr|entering|back)\b",
        re.IGNORECASE,
    ),
)
_TASKS: Final = re.compile(
    rf"\b(?P<n>\d+)\s+tasks\s+(?:of|with|at)\s+(?P<d>\d+)\s+days\b.*\bin\s+(?:only\s+|just\s+)?{_COUNT}\s+days?\b.*\b(?:one|a\s+single)\s+crew",
    re.IGNORECASE,
)
_AMOUNT: Final = re.compile(
    r"(?P<d>\$)\s?(?P<m>[\d.,]+)\s?(?P<mk>k|m|million|thousand)?\b|\b(?P<q>\d[\d.,]*)\s?(?P<u>kwh|mwh|gwh|kw|mw|therms?|tons?|t)\b",
    re.IGNORECASE,
)
_OF_BASE: Final = re.compile(
    r"\b(?:bill|costs?|spend\w*|uses?|using|consum\w+|use|usage|peaks?|load|demand|total|footprint|emit\w*|emissions?)(?:\s+(?:of|is|at|was|only|just|about|a\s+year|around|comes\s+to))*\s*$",
    re.IGNORECASE,
)
_SAVED: Final = re.compile(
    r"\b(?:sav(?:e|es|ing|ings)(?:\s+(?:of|us))?|(?:reduc\w+|cut\w*|lower\w*|shav\w+|drop\w*|trim\w*|decreas\w+)\b[^.;?]{0,30}\bby)\s*$",
    re.IGNORECASE,
)
_SCALE: Final = {
    "kwh": ("kwh", 1.0),
    "mwh": ("kwh", 1e3),
    "gwh": ("kwh", 1e6),
    "kw": ("kw", 1.0),
    "mw": ("kw", 1e3),
    "k": ("usd", 1e3),
    "thousand": ("usd", 1e3),
    "m": ("usd", 1e6),
    "million": ("usd", 1e6),
}
_ZIP: Final = re.compile(r"\bzip(?:\s*code)?\s+(?:is\s+|=\s*|:\s*)?(?P<z>\d+)(?!\d|-\d{4})", re.IGNORECASE)
_PERCENTILES: Final = re.compile(
    r"\bp10\s+(?:above|over|higher\s+than|greater\s+than|bigger\s+than)\s+(?:the\s+)?p90\b|\bp90\s+(?:is\s+|lies\s+|falls\s+)?(?:below|under|lower\s+than|less\s+than)\s+(?:the\s+)?(?:p10|p50|both|them|the\s+median)\b|\bp10\s+(?:is\s+|lies\s+)?(?:above|over|higher\s+than)\s+(?:the\s+)?(?:p50|both|them|the\s+median)\b|\bp10\b[^.;?\d]{0,30}(?<!p)\$?(?P<a>\d[\d.,]*)(?P<ak>k|m)?\b[^;?]{0,40}?\bp90\b[^.;?\d]{0,30}(?<!p)\$?(?P<b>\d[\d.,]*)(?P<bk>k|m)?\b",
    re.IGNORECASE,
)
_COMPILED: Final = tuple(
    (each, re.compile(each.pattern, re.IGNORECASE), re.compile(each.unless, re.IGNORECASE) if each.unless else None)
    for each in _LIMITS
)


def impossible_amount(text: str) -> str | None:
    """Why a figure of the text cannot be, with the limit; None where all can.

    >>> impossible_amount("measures that cut it by 140 %")
    'Nothing can be reduced by more than 100 percent.'
    >>> impossible_amount("a chiller at minus 5 degrees outside")
    """
    text = _CODE.sub("it", text)
    for each, pattern, unless in _COMPILED:
        for match in pattern.finditer(text):
            value = _value(match)
            if not each.least < value <= each.most and not (unless and unless.search(text)):
                return each.message
    return _below_zero(text) or _in_words(text) or _bounds(text) or _more_than_there_is(text) or _cools_nothing(text)


def _value(match: re.Match[str]) -> float:
    found = match.groupdict()
    return float((found.get("n") or found.get("n2") or "0").replace(",", ""))


def _below_zero(text: str) -> str | None:
    if _ABSOLUTE_ZERO.search(text):
        return "Nothing is colder than absolute zero."
    span = _NEGATIVE_SPAN.search(text)
    if span and not (span[0].lower().startswith("mean") and _GROWTH.search(text)):
        return "A negative amount makes no sense here. Give an amount above zero."
    if any(pattern.search(text) for pattern in _NEGATIVES) and not _FINE_BELOW_ZERO.search(text):
        return "A negative amount makes no sense here. Give an amount above zero."
    return None


def _in_words(text: str) -> str | None:
    if _NOTHING.search(text) and not (_FREE_CHANGE.search(text) or IN_THOUGHT.search(text)):
        return "With nothing there is nothing to choose or to calculate. Give an amount above zero."
    if _IMPOSSIBLE_WORDS.search(text):
        return "Energy does not come from nothing: no machine gives out more than it takes in."
    if (few := _OF_FEWER.search(text)) and count(few[1]) > count(few[2]) > 0:
        return f"There are only {few[2]}: {few[1]} of them cannot be chosen."
    if _SPLIT.search(text) and sum(shares := [int(n) for n in _SHARES.findall(text)]) > 100 and len(shares) > 1:
        return f"The shares add up to {sum(shares)} percent."
    if (code := _ZIP.search(text)) and len(code["z"]) not in (5, 9):
        return f"A ZIP code has five digits; {code['z']} has {len(code['z'])}."
    if (
        (roof := _ROOF.search(text) or _ROOF_FIRST.search(text))
        and re.search(r"\b(?:roof|panels?|solar|pv|array)\b", text, re.IGNORECASE)
        and _density(roof) > _ROOF_KW_PER_FT2
    ):
        return "No solar modules give so much on so little roof: about 0.02 kW on a square foot."
    if match := _WORST_OF.search(text):
        there, wanted = [count(word) for word in match.groups() if word]
        if wanted > there:
            return f"There are only {there}: {wanted} of them cannot be chosen."
    return None


def _cools_nothing(text: str) -> str | None:
    """Chilled water that leaves warmer than it comes back."""
    if not re.search(
        r"\bchill\w*|\bchws?\b|\bgpm\b|\bkw\s*(?:/|per)\s*ton\b|\btons\s+of\s+cooling\b", text, re.IGNORECASE
    ):
        return None
    match = next((found for pattern in _SUPPLY if (found := pattern.search(text))), None)
    if match and float(match["s"]) >= float(match["r"]) and float(match["s"]) < 100:
        return f"Chilled water leaves at {match['s']} degF and returns at {match['r']} degF: that cools nothing."
    return None


def _more_than_there_is(text: str) -> str | None:
    """Savings above what is used or paid, and more work than fits into the days."""
    if (work := _TASKS.search(text)) and int(work["n"]) * int(work["d"]) > count(work[3]):
        return f"One crew cannot do {work['n']} tasks of {work['d']} days in {work[3]}."
    saved: dict[str, float] = {}
    base: dict[str, float] = {}
    for match in _AMOUNT.finditer(text):
        unit, value = _measured(match)
        before, after = text[max(0, match.start() - 48) : match.start()], text[match.end() : match.end() + 14]
        if _SAVED.search(before):
            saved[unit] = value
        elif _OF_BASE.search(before) or re.match(r"\s+(?:peak|bill|load|demand)\b", after, re.IGNORECASE):
            base[unit] = value
    if any(value > base.get(unit, value) for unit, value in saved.items()):
        return "More cannot be saved than is used or paid."
    return None


def _measured(match: re.Match[str]) -> tuple[str, float]:
    """The unit and the value of an amount in it."""
    if match["d"]:
        scale = _SCALE.get((match["mk"] or "").lower(), ("usd", 1.0))[1]
        return "usd", figure(match["m"]) * scale
    name, scale = _SCALE.get(match["u"].lower(), (match["u"].lower(), 1.0))
    return name, figure(match["q"]) * scale


def _bounds(text: str) -> str | None:
    if (few := _FEW_MANY.search(text)) and count(few[1]) < count(few[2]):
        return f"At most {few[1]} and at least {few[2]} cannot both be."
    for pattern in _BOUNDS:
        if match := pattern.search(text):
            found = match.groupdict()
            first, second = [group for group in match.groups() if group and group[:1].isdigit()][:2]
            low, high = (found["lo"], found["hi"]) if found.get("lo") else (first, second)
            same = (found["u"] or "").lower() == (found["v"] or "").lower() or not found["u"] or not found["v"]
            if same and float(low.replace(",", "")) > float(high.replace(",", "")):
                return f"Nothing is above {low} and below {high} at once."
    over = _COST_OVER_BUDGET.search(text)
    if over and _scaled(over, "a") > _scaled(over, "b"):
        return f"What costs more than {over['a']}{over['ak'] or ''} does not fit into {over['b']}{over['bk'] or ''}."
    match = _PERCENTILES.search(text)
    if match and (match["a"] is None or _scaled(match, "a") > _scaled(match, "b")):
        return "The tenth percentile cannot lie above the ninetieth."
    return None


def _density(roof: re.Match[str]) -> float:
    """kW on a square foot of roof."""
    power = figure(roof["p"]) * (1_000.0 if roof["pu"].lower() == "mw" else 1.0)
    return power / max(figure(roof["f"]), 1.0)


def _scaled(match: re.Match[str], name: str) -> float:
    return figure(match[name]) * {"k": 1e3, "m": 1e6}.get((match[f"{name}k"] or "").lower(), 1.0)
