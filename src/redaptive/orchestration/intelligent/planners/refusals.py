"""What is refused before any planning: unsafe wishes, and what cannot be done with what there is."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from redaptive.orchestration.ai.validation.literals import no_references, problems
from redaptive.orchestration.intelligent.planners.lexicon import CHOICES, choose
from redaptive.orchestration.intelligent.planners.outcome import PlanOutcome, refuse
from redaptive.orchestration.intelligent.planners.periods import measured
from redaptive.orchestration.intelligent.planners.reading import Reading
from redaptive.orchestration.plans.json_types import read
from redaptive.orchestration.plans.reference_types import Tool
from redaptive.orchestration.plans.references import is_reference
from redaptive.orchestration.plans.schema import Json

_DATA: Final = r"(?:readings?|data(?:base|sets?)?|meters?|buildings?|tables?|records?|histor\w+|audit\w*|logs?|everything|portfolios?|customers?|bills?|documents?|tenants?|accounts?|alerts?|tickets?|backups?|projects?|sites?|users?)"
_FIGURES: Final = r"(?:readings?|data|savings?|reports?|bills?|invoices?|numbers?|figures?|emissions?|baselines?|results?|inventory|certificates?|m&v|meters?|audits?|kwh)"
_UNSAFE: Final[Sequence[tuple[str, str]]] = (
    (rf"\b(?:clear|reset|empty)\s+(?:out\s+)?(?:the\s+|all\s+|our\s+|every\s+)+(?:\w+\s+)?{_DATA}\b|\bzero\s+out\b|\bremove\s+(?:all|every)\b(?:\W+\w+){{0,3}}?\W+{_DATA}\b", "Nothing is deleted on a sentence."),
    (r"\b(?:set|change|raise|lower|increase|decrease|adjust|override|bump|drop)\s+(?:the\s+|all\s+|our\s+|every\s+)*(?:(?!and\b)[\w'-]+\s+){0,3}?(?:set\s?points?|thermostats?|dampers?|valves?|fan\s+speeds?|supply\s+(?:air|water)\s+temperatures?)\b", "Equipment is not controlled from here: the platform measures and advises."),
    (r"^(?:please\s+|pls\s+|can\s+you\s+|could\s+you\s+|go\s+ahead\s+and\s+|just\s+)*(?:start|stop|restart|reboot|trip|disconnect|de-?energi[sz]e|cycle|disable|lock\s?out|kill|shut)\s+(?:up\s+|down\s+|off\s+)?(?:the\s+|all\s+|every\s+|my\s+|our\s+|that\s+|this\s+)*(?:[\w-]+\s+){0,2}?(?:chillers?|boilers?|ahus?|air\s+handlers?|rtus?|pumps?|breakers?|feeders?|valves?|dampers?|fans?|compressors?|generators?|hvac|meters?|equipment|batter(?:y|ies)|inverters?|elevators?|ch-\d|ahu-\d|rtu-\d)", "Equipment is not controlled from here: the platform measures and advises."),
    (r"\b(?:lower|reduce|raise|increase|bump|adjust|edit|change|replace|set|overwrite|scale|shave|pad|tweak|alter|modify)\b.{0,24}\b(?:readings?|meter\s+(?:data|values?|reads?)|interval\s+data)\b.{0,60}\b(?:so\s+(?:that\s+)?|to\s+(?:make|look|hide|show|meet|pass|hit|match|avoid|beat|get|qualify|boost|increase|reduce|lower)|by\s+\d+\s?(?:%|percent)|looks?|to\s+zero|to\s+0)", "Figures are measured, never made up."),
    (r"\b(?:make|making|get|so\s+(?:that\s+)?(?:it|the|our))\b.{0,30}\b(?:look|looks|appear|seem)\s+(?:better|lower|higher|smaller|bigger|larger|good|nicer|cleaner|like)\b", "Figures are measured, never made up."),
    (r"^(?:please\s+|just\s+|now\s+|go\s+ahead\s+and\s+)*(?:(?:pay|wire|remit|refund)\s+(?:the|this|that|our|my|all|an?|them|him|it|\$|usd|invoices?|bills?|inv-)|transfer\s+(?:money|funds|\$|usd|\d))", "Nothing is paid from here."),
    (r"^(?:please\s+|just\s+|go\s+ahead\s+and\s+|can\s+you\s+)*(?:close|resolve|acknowledge|cancel|approve|reject|reopen|snooze|dismiss|silence|withdraw)\s+(?:out\s+)?(?:all|every|each|any|whatever|everything)\b(?!\s+(?:short\s+)?gaps)", "What changes something is done one by one, by a person who looks at it."),
    (r"\b(?:pretend|act|log\s?in|sign\s?in|impersonat\w*|pose|masquerad\w*)\b.{0,20}\b(?:as|to\s+be|being)\b.{0,24}\b(?:admin\w*|ceo|cfo|another|other|customer|user|engineer|root|owner|manager|auditor)", "A request acts as whoever makes it, and as nobody else."),
    (r"\bwithout\s+(?:any\s+|even\s+)?(?:checking|looking|verif\w+|review\w*|reading|testing|tests?|validat\w+)\b|\b(?:no|not?)\s+(?:need\s+for\s+)?approvals?\b|\bapproval\s+(?:is\s+)?not\s+(?:needed|required|necessary)|\bforce\s+(?:approve|close|push|through|the\s+approval)", "Checks and approvals are not skipped."),
    (r"\b(?:even\s+though|although|but)\b.{0,30}\b(?:not|isn't|wasn't|hasn't|aren't|haven't)\b.{0,20}\b(?:fixed|resolved|checked|done|verified|tested|measured|installed)\b", "What is not so is not recorded as so."),
    (r"\bclaim(?:ed|ing)?\s+(?:\w+\s+){0,4}twice\b|\b(?:fill|set|replace|overwrite|load|enter)\b.{0,40}\b(?:with|to)\s+(?:zeros?|random\s+(?:values|numbers)|made-up|dummy|bogus)\b", "Figures are measured, never made up."),
    (r"\b(?:send|share|show|forward|give|email|leak|sell)\b.{0,60}\bto\s+(?:a\s+|the\s+|their\s+|its\s+|our\s+)*(?:competitors?|press|newspapers?|public|rival|journalists?)\b|\b(?:list|export|dump|download|give|send)\b.{0,30}\b(?:e-?mails?|phone\s+numbers?|addresses|contacts?)\b.{0,30}\b(?:of|for)\s+(?:all|every)\b", "Data of customers do not leave the platform on a sentence."),
    (r"\b(?:dump|export|copy|download|exfiltrate)\b.{0,20}\b(?:whole|entire|full|complete|all)\b.{0,20}\b(?:database|db|tables?)\b|\b(?:switch|change|log\s?in)\s+(?:\w+\s+){0,2}tenants?\b|\b(?:in|into|as|of|from)\s+tenant\s+(?!on\b|in\b|at\b|billing)[\w-]+", "A request sees its own tenant only."),
    (r"\b(?:system\s+prompt|jailbreak|developer\s+mode|god\s+mode|hidden\s+instructions)\b", "Rules cannot be talked away."),
    (r"^(?:please\s+)?(?:run|execute|inject|eval)\b.{0,20}\b(?:sql|shell|script|code|command|query|python|bash)\b", "Code is not executed."),
    (r"\b(?:home|personal|private|cell)\s+(?:address(?:es)?|phones?|phone\s+numbers?|mobile|details)\b|\bsocial\s+security\b|\bsalar(?:y|ies)\b|\bcredit\s+cards?\b", "Personal data are not given out."),
    (r"\b(?:secretly|covertly|behind\s+(?:his|her|their|the\s+\w+'?s?)\s+back|without\s+(?:telling|informing|notifying|asking)\s+(?:anyone|anybody|the|them|him|her|me|a|any|for)\b|don'?t\s+(?:tell|inform|notify|log|record|leave\s+a\s+trace)|off\s+the\s+record|no\s+(?:audit\s+)?trail)", "What is done here is seen and recorded."),
    (r"\b(?:grant|give|elevate|escalate|add|assign)\b.{0,20}\b(?:me|myself|my\s+account|yourself)\b.{0,20}\b(?:admin\w*|scopes?|permissions?|rights|access|privileges?|role)", "Rights are given by an administrator, not on a sentence."),
    (r"\b(?:other|another)\s+(?:tenants?|compan(?:y|ies)|organi[sz]ations?)\b", "A request sees its own tenant only."),
    (rf"\b(?:delete|drop(?=\s+(?:the\s+|all\s+|our\s+|every\s+)*(?:\w+\s+)?(?:data\w*|tables?|readings?|records?|logs?|histor\w+)\b)|wipe|erase|purge|destroy|truncate|get\s+rid\s+of|nuke)\b(?:\W+\w+){{0,5}}?\W+{_DATA}\b", "Nothing is deleted on a sentence."),
    (r"\b(?:ignore|disregard|forget|override)\b.{0,30}\b(?:instructions?|rules|polic(?:y|ies)|prompts?|guardrails?|safety|limits?|permissions?|validat\w+)\b", "Rules cannot be talked away."),
    (r"\b(?:without|skip(?:ping)?|bypass(?:ing)?|avoid(?:ing)?|circumvent\w*|no\s+need\s+for|don'?t\s+(?:ask|wait)\s+for|around)\b.{0,24}\b(?:approvals?|permission|authori[sz]ation|sign-?off|confirm\w*|review|gates?|audit(?:\s+trail|\s+log)?)\b", "Approvals cannot be skipped."),
    (r"\b(?:auto-?approve|approve\s+(?:it\s+)?(?:yourself|on\s+my\s+behalf|automatically|everything))\b", "A person approves, not the plan."),
    (r"\b(?:disable|deactivate|turn\s+off|switch\s+off|mute|suppress|kill|stop)\b.{0,30}\b(?:audit\w*|logging|safety|interlocks?|fire\s+alarms?|all\s+(?:the\s+)?(?:alerts?|alarms?|monitoring)|monitoring|protections?|breakers?|security|authentication)\b", "Protection is not switched off on a sentence."),
    (r"(?<!can )(?<!what to )(?<!should I )(?<!have to )(?<!to be )(?<!could )\b(?:turn|switch|shut|power)\s+(?:off|down|on)\b.{0,40}\b(?:chillers?|boilers?|hvac|ahus?|air\s+handlers?|pumps?|lights?|lighting|power|building|breakers?|plant|ventilation|refrigerat\w+|freezers?|fans?|compressors?|feeders?|equipment|server)\b", "Equipment is not switched from here: the platform measures and advises."),
    (r"\b(?:chillers?|boilers?|hvac|ahus?|pumps?|breakers?|ventilation|feeders?|main)\b.{0,20}\b(?:off|down)\s+(?:right\s+)?now\b|\b(?:trip|open|close)\s+the\s+(?:main\s+)?breakers?\b|\bcut\s+(?:the\s+)?power\b", "Equipment is not switched from here: the platform measures and advises."),
    (rf"\b(?:fake|falsif\w+|fabricat\w+|forge\w*|make\s+up|invent|inflat\w+|back-?dat\w+|tamper\w*|manipulat\w+|fudge\w*|doctor(?:ed|ing)?\s+the|cook(?:ing)?\s+the|massage)\b.{{0,40}}\b{_FIGURES}\b|\bfudge\b|\bcook\s+the\s+books\b", "Figures are measured, never made up."),
    (r"\b(?:hide|conceal|cover\s+up|bury|suppress)\b.{0,40}\b(?:fault|anomal\w+|overcharg\w+|emissions?|findings?|errors?|leaks?|violation\w*|losses|from\s+(?:the\s+)?(?:auditors?|regulators?|customers?|client|owner))\b", "Findings are not hidden."),
    (r"\b(?:another|other|someone\s+else'?s?|competitors?'?s?|different|every|all)\s+(?:tenants?'?|compan(?:y|ies)(?:'s)?|organi[sz]ations?'?|customers?'?\s+(?:private|personal))\b.{0,30}\b(?:data|readings?|bills?|meters?|portfolios?|usage|contracts?|records?)\b|\b(?:data|readings?|bills?|meters?|usage|contracts?|records?)\b.{0,20}\b(?:of|from|for)\s+(?:another|other|all)\s+(?:tenants?|compan(?:y|ies))\b|\btenant\s*(?:=|id)\b|\bcross[\s-]tenant\b|\bas\s+(?:tenant|admin(?:istrator)?|root|superuser)\b", "A request sees its own tenant only."),
    (r"\b(?:show|give|tell|list|reveal|send|what(?:'s|\s+is|\s+are)?|print|get|dump|display|need|share|email|find)\b.{0,40}\b(?:passwords?|api[\s_-]?keys?|secrets?\s+(?:key|token)|credentials?|private\s+keys?|access\s+tokens?|connection\s+strings?)\b", "Secrets are never read or sent."),
    (r"\b(?:drop\s+table|select\s+\*\s+from|rm\s+-rf|os\.system|__import__|eval\s*\(|exec\s*\(|<script|;\s*--|union\s+select)", "Code is not executed."),
    (r"\b(?:export|send|email|e-mail|forward|leak|upload|post)\b.{0,40}\b(?:all|entire|whole|every)\b.{0,20}\b(?:customers?'?|tenant|personal|private)\b.{0,20}\b(?:data|list|records|addresses|contacts|details|information)\b", "Personal data do not leave the platform on a sentence."),
    (r"\boverwrite\b.{0,40}\b(?:all|every|raw|original|meter)\b.{0,20}\breadings?\b|\b(?:set|change|replace)\s+(?:all|every)\s+(?:the\s+)?(?:meter\s+)?readings?\b.{0,20}\b(?:to|with)\b", "Measured readings are not overwritten."),
)  # fmt: skip
_COMPILED: Final = tuple((re.compile(pattern, re.IGNORECASE | re.DOTALL), message) for pattern, message in _UNSAFE)
MEASURED: Final = frozenset(
    {
        "portfolio-intelligence.analyze_portfolio_usage", "portfolio-intelligence.benchmark_buildings",
        "portfolio-intelligence.load_shape_metrics", "portfolio-intelligence.find_opportunities",
        "portfolio-intelligence.weather_normalize", "energy-monitoring.detect_anomalies",
        "energy-monitoring.validate_estimate_edit", "energy-finance.calculate_bill", "energy-finance.verify_savings",
        "market-intelligence.emissions_inventory", "customer-experience.savings_report",
        "customer-experience.satisfaction_insights", "equipment-performance.evaluate_ahu_rules",
        "equipment-performance.evaluate_plant_vav_rules", "equipment-performance.degradation_trend",
        "workflow.esg_report",
    }
)  # fmt: skip
"""Intents about what was measured: a period that lies ahead has no data."""
FORECASTS: Final = {"energy-monitoring.forecast_load": 336.0, "energy-monitoring.peak_alert": 168.0}
"""Intents about what lies ahead, and how far they see, in h."""
OLDEST_YEAR: Final = 1970
LONGEST_EVENT_H: Final = 16
LONGEST_SNOOZE_DAYS: Final = 90
_NEXT: Final = r"\b(?:next|for|over|coming|in|ahead)\s+(?:the\s+)?(?:next\s+|coming\s+)?$"
_NO_HORIZON: Final = r"\bratchets?\b|\bquarter[\s-](?:of\s+an\s+)?hour"
"""Words of a time that is not how far ahead one wants to see."""
_HOURS: Final = {"hour": 1.0, "day": 24.0, "week": 168.0, "month": 720.0, "year": 8_760.0}
_NEGATIVE: Final = re.compile(
    r"\b(?:budget|capex|cost|invest(?!\w*\s+for\s+flows)\w*|spend\w*|with|age|area|years?|life|price)\D{0,16}(?:(?<![A-Za-z0-9])[-−–]\s?\$?\s?|\bminus\s+\$?|\bnegative\s+\$?|\$\s?-)\d",
    re.IGNORECASE,
)
_NO_MONEY: Final = re.compile(
    r"\b(?:budget|with|for|spend\w*)\b.{0,12}(?:\$\s?0(?:\.0+)?(?![\d,.]*[1-9km])|\b0\s?(?:usd|dollars)\b|\bzero\s+(?:budget|dollars|money)\b)|\bzero\s+budget\b",
    re.IGNORECASE,
)
_NO_DATE: Final = re.compile(
    r"\bfeb(?:ruary)?\.?\s+3[01]\b|\b(?:apr|jun|sep|nov)[a-z]*\.?\s+31\b|\b3[01](?:st|th)?\s+(?:of\s+)?feb|\bq[5-9]\b(?!\s*(?:meter|unit))|"
    r"\b20\d\d-(?:1[3-9]|[2-9]\d|00)\b(?<!\b20(?:1[0-9]-[12]|2[0-9]-[23]|3[0-9]-[34]|4[0-9]-[45])\d)|\b(?:13|14|15)th\s+month\b|\b\$?0\s+budget\b",
    re.IGNORECASE,
)
_OVER_ALL: Final = re.compile(
    r"\b(?:sav\w+|reduc\w+|cut\w*|lower\w*|less)\b.{0,30}?\b(?P<n>\d{3,4})\s?(?:%|percent)", re.IGNORECASE
)


def unsafe(text: str) -> PlanOutcome | None:
    """A refusal where a sentence asks to destroy, to falsify, to switch, to go around a rule, or into another tenant."""
    return next((refuse("unsafe", message) for pattern, message in _COMPILED if pattern.search(text)), None)


_ABROAD: Final = re.compile(
    r"(?<!new\s)\b(?:germany|german|france|french|uk|u\.k\.|united\s+kingdom|great\s+britain|britain|england|scotland|ireland|london|"
    r"canada|canadian|alberta|quebec|toronto|vancouver|mexico|europe(?:an)?|china|india|japan|tokyo|australia|brazil|spain|italy|"
    r"netherlands|sweden|norway|singapore|berlin|paris|munich|aeso|ieso|nord\s?pool|epex|n2ex|entso-?e)\b",
    re.IGNORECASE,
)
_NO_MEASURE: Final = re.compile(
    r"\b(?:wind\s+(?:turbines?|farms?|power)|nuclear|reactors?|tidal|hydro(?:power|electric)|fusion|perpetual\s+motion)\b",
    re.IGNORECASE,
)
_NO_LIFE: Final = re.compile(
    r"\b(?P<what>elevators?|escalators?|roofs?|windows?|carpets?|trucks?|cars?|generators?|transformers?|servers?|doors?|furniture|printers?)\b(?!\s+(?:room|unit|top|house))",
    re.IGNORECASE,
)
_NO_TOOL: Final = re.compile(
    r"^(?:please\s+|just\s+|go\s+ahead\s+and\s+)*(?:buy|purchase|sell|trade|sign\s+(?:the|a|an|our|this)\s+(?:contract|agreement|ppa|deal|offer)|install|"
    r"hire|(?:dis)?charge\s+the\s+batter(?:y|ies)|dispatch\s+the\s+batter(?:y|ies))\b(?!-)",
    re.IGNORECASE,
)
_US_ONLY: Final = frozenset(
    {
        "market-intelligence.get_prices",
        "market-intelligence.carbon_intensity",
        "market-intelligence.find_incentives",
        "market-intelligence.get_tariffs",
    }
)
_MEASURE_INTENTS: Final = (
    "find_opportunities",
    "find_incentives",
    "commissioning_checklist",
    "size_pv_storage",
    "portfolio_optimization",
)


def out_of_bounds(tool: Tool, args: Mapping[str, Json]) -> str | None:
    """What the tool's schema does not allow of a value that was given, whatever else is still missing."""
    kind = read(tool.input_schema)
    for name, value in args.items():
        target = kind.step(name)
        if target is None or isinstance(value, dict | list) or is_reference(value):
            continue
        for problem in problems(value, target, name, no_references):
            return f"{name.replace('_', ' ')}: {problem.message}"
    return None


def _given(moment: Json) -> datetime | None:
    """A moment that was given, on the clock where it is; none for a reference or for nothing."""
    if not isinstance(moment, str) or moment[:1] == "$":
        return None
    return datetime.fromisoformat(moment).replace(tzinfo=None)


def contradiction(args: Mapping[str, Json], now: datetime | None = None) -> str | None:
    """What cannot be true of a call's arguments together: an end before its beginning, a report before its baseline."""
    for first, second in (("start", "end"), ("event_start", "event_end"), ("install_start", "install_end")):
        begin, end = args.get(first), args.get(second)
        if isinstance(begin, str) and isinstance(end, str) and begin[:1] != "$" and end[:1] != "$" and end < begin:
            return f"It would end ({end[:16]}) before it begins ({begin[:16]})."
    begins, ends = _given(args.get("event_start")), _given(args.get("event_end"))
    if begins and ends and ends - begins > timedelta(hours=LONGEST_EVENT_H):
        return f"A demand response event lasts at most {LONGEST_EVENT_H} hours."
    until = _given(args.get("snooze_until"))
    if until and now and until > now + timedelta(days=LONGEST_SNOOZE_DAYS):
        return f"An alert is snoozed for at most {LONGEST_SNOOZE_DAYS} days."
    supply, back = args.get("chws_f"), args.get("chwr_f")
    if isinstance(supply, int | float) and isinstance(back, int | float) and supply >= back:
        return f"Chilled water leaves at {supply:g} degF and returns at {back:g} degF: that cools nothing."
    before, after = args.get("baseline"), args.get("reporting")
    if isinstance(before, str) and isinstance(after, str) and after <= before:
        return f"The reporting period ({after}) must come after the baseline ({before})."
    return None


def infeasible(intent: str, reading: Reading) -> PlanOutcome | None:
    """A refusal where what is asked cannot be, whatever the data: no such time, amount, place or thing."""
    message = _period(intent, reading) or _amount(reading) or _place(reading) or _thing(intent, reading)
    return refuse("infeasible", message, intent=intent) if message else None


def _period(intent: str, reading: Reading) -> str | None:
    period, calendar = reading.period.period, reading.calendar
    most_h = FORECASTS.get(intent)
    lead = [(each, reading.text[max(0, each.start - 16) : each.start]) for each in reading.quantities]
    spans = [float(q.value) * _HOURS.get(q.unit, 0.0) for q, before in lead if re.search(_NEXT, before, re.IGNORECASE)]
    if most_h is not None and max(spans, default=0.0) > most_h and not reading.has(_NO_HORIZON):
        return f"A forecast reaches at most {most_h:g} hours ahead."
    years = [
        int(year)
        for year in re.findall(
            r"\b(1[0-8]\d\d|19[0-6]\d)\b(?!\s*(?:kw|ft|sq|usd|%|hp|gpm|cfm|w\b|therm|ton))", reading.text, re.IGNORECASE
        )
    ]
    if years and reading.has(
        r"\b(?:in|since|during|year|from|until|back\s+to)\s+(?:the\s+year\s+)?1[0-9]\d\d\b(?!\s+[A-Z])"
    ):
        return f"There are no data of {years[0]}: the oldest that the platform takes are of {OLDEST_YEAR}."
    if period is None or calendar is None:
        return None
    start, end = (moment.replace(tzinfo=None) for moment in (period.start, period.end))
    if intent in MEASURED and _ahead(reading) and not reading.has(_PLANS_AHEAD):
        return f"{period.text or 'That period'} lies ahead: nothing was measured in it yet."
    too_far = most_h is not None and (end - calendar.now).total_seconds() / 3600 > most_h + 24
    if too_far and not reading.has(_NO_HORIZON):
        return f"A forecast reaches at most {most_h:g} hours ahead."
    if most_h is not None and reading.has(
        r"\b(?:forecast|predict)\b.{0,60}\b(?:for|of|in)\s+(?:yesterday|last\s+(?:week|month|year))\b"
    ):
        return f"{period.text or 'That period'} is over: a forecast looks ahead."
    if intent == "market-intelligence.get_prices" and _ahead(reading) and start > calendar.now + timedelta(days=2):
        return "Market prices that lie more than a day ahead are not known."
    return None


_PLANS_AHEAD: Final = (
    r"\b(?:budget|plan|invest|capital|spend|limits?|fines?|penalt\w+|targets?|goals?|exposure|liabilit\w+|on\s+track|committed|provision|"
    r"estimate\w*|expect\w*|project\w*|would|typical|by\s+20\d\d)\b"
)
_MEETING_WORDS: Final = 12


def _ahead(reading: Reading) -> bool:
    """Whether what was asked for lies ahead for certain: not a month that may be last year's, not a day in passing."""
    period, calendar = measured(reading), reading.calendar
    if period is None or calendar is None or period.start.replace(tzinfo=None) <= calendar.now:
        return False
    return period.grain not in ("hour", "day", "week") or len(reading.text.split()) <= _MEETING_WORDS


def _thing(intent: str, reading: Reading) -> str | None:
    """What the platform has no tool, no market or no figures for."""
    text, tool = reading.text, intent.rpartition(".")[2]
    if intent in _US_ONLY and (abroad := _ABROAD.search(text)):
        return f"Prices, factors and incentives are those of the United States; there are none for {abroad.group(0)}."
    if tool in _MEASURE_INTENTS and (measure := _NO_MEASURE.search(text)):
        return f"There is no measure for {measure.group(0)} in the library."
    if (
        tool == "predict_remaining_life"
        and choose(CHOICES["equipment_type"], text) is None
        and (what := _NO_LIFE.search(text))
    ):
        return f"No service life is known for {what.group(0)}."
    if (
        tool in ("benchmark_buildings", "extract_certificate", "answer_question")
        and reading.has(r"\benergy\s*star\s+score\b")
        and not reading.has(r"\bcertificate\b|\bdoc|\bpdf\b|\battached\b")
    ):
        return "An ENERGY STAR score is given by EPA only; here percentiles among peers are estimated."
    if tool == "weather_normalize" and reading.words.get("commodity") == ("water",):
        return "Water use does not follow the weather: only energy is normalized."
    if reading.has(
        r"\b(?:unsend|un-send|recall|take\s+back|retract|call\s+back)\b.{0,30}\b(?:e-?mails?|messages?|sms|texts?|notifications?)\b"
    ):
        return "A message that is out cannot be taken back."
    if _NO_TOOL.search(text) and tool not in ("manage_change_order",):
        return "The platform measures, plans and advises; it does not buy, sell, sign, install or repair."
    return None


def _amount(reading: Reading) -> str | None:
    if _NEGATIVE.search(reading.text):
        return "A negative amount makes no sense here."
    if _NO_MONEY.search(reading.text):
        return "Without any money nothing can be chosen."
    if _NO_DATE.search(reading.text):
        return "There is no such date."
    if (match := _OVER_ALL.search(reading.text)) and int(match["n"]) > 100:
        return "Nothing saves more than 100 percent."
    return None


def _place(reading: Reading) -> str | None:
    state = reading.state
    if state not in (None, "NY") and reading.has(r"\bll\s*-?97\b|\blocal\s+law\s+97\b"):
        return f"Local Law 97 is a law of New York City; it sets no limit in {state}."
    return None
