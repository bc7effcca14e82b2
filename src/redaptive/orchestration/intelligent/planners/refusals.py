"""What is refused before any planning: unsafe wishes, and what cannot be done with what there is."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from redaptive.orchestration.intelligent.planners.outcome import PlanOutcome, refuse
from redaptive.orchestration.intelligent.planners.reading import Reading

_DATA: Final = r"(?:readings?|data(?:base|sets?)?|meters?|buildings?|tables?|records?|histor\w+|audit\w*|logs?|everything|portfolios?|customers?|bills?|documents?|tenants?|accounts?|alerts?|tickets?|backups?|projects?|sites?|users?)"
_FIGURES: Final = r"(?:readings?|data|savings?|reports?|bills?|invoices?|numbers?|figures?|emissions?|baselines?|results?|inventory|certificates?|m&v|meters?|audits?|kwh)"
_UNSAFE: Final[Sequence[tuple[str, str]]] = (
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
        "workflow.esg_report", "workflow.portfolio_optimization", "workflow.bill_to_savings", "workflow.anomaly_response",
    }
)  # fmt: skip
"""Intents about what was measured: a period that lies ahead has no data."""
FORECASTS: Final = {"energy-monitoring.forecast_load": 336.0, "energy-monitoring.peak_alert": 168.0}
"""Intents about what lies ahead, and how far they see, in h."""
OLDEST_YEAR: Final = 1970
_NEGATIVE: Final = re.compile(
    r"(?:budget|capex|cost|invest\w*|spend\w*|with|age|area|years?|life|price)\D{0,16}(?:[-−–]\s?\$?\s?|\bminus\s+\$?|\bnegative\s+\$?|\$\s?-)\d",
    re.IGNORECASE,
)
_NO_MONEY: Final = re.compile(
    r"\b(?:budget|with|for|spend\w*)\b.{0,12}(?:\$\s?0(?:\.0+)?(?![\d,.]*[1-9km])|\b0\s?(?:usd|dollars)\b|\bzero\s+(?:budget|dollars|money)\b)|\bzero\s+budget\b",
    re.IGNORECASE,
)
_OVER_ALL: Final = re.compile(
    r"\b(?:sav\w+|reduc\w+|cut\w*|lower\w*|less)\b.{0,30}?\b(?P<n>\d{3,4})\s?(?:%|percent)", re.IGNORECASE
)


def unsafe(text: str) -> PlanOutcome | None:
    """A refusal where a sentence asks to destroy, to falsify, to switch, to go around a rule, or into another tenant."""
    return next((refuse("unsafe", message) for pattern, message in _COMPILED if pattern.search(text)), None)


def infeasible(intent: str, reading: Reading) -> PlanOutcome | None:
    """A refusal where what is asked cannot be, whatever the data: no such time, no such amount."""
    message = _period(intent, reading) or _amount(reading) or _place(reading)
    return refuse("infeasible", message, intent=intent) if message else None


def _period(intent: str, reading: Reading) -> str | None:
    period, calendar = reading.period.period, reading.calendar
    years = [
        int(year)
        for year in re.findall(
            r"\b(1[0-8]\d\d|19[0-6]\d)\b(?!\s*(?:kw|ft|sq|usd|%|hp|gpm|cfm|w\b|therm|ton))", reading.text, re.IGNORECASE
        )
    ]
    if years and reading.has(
        r"\b(?:in|of|for|since|during|year|from|until|back\s+to)\s+(?:the\s+year\s+)?1[0-9]\d\d\b"
    ):
        return f"There are no data of {years[0]}: the oldest that the platform takes are of {OLDEST_YEAR}."
    if period is None or calendar is None:
        return None
    start, end = (moment.replace(tzinfo=None) for moment in (period.start, period.end))
    loose = intent.startswith("workflow.") and period.grain in (
        "hour",
        "day",
        "week",
        "span",
    )  # the meeting, not the data
    if (
        intent in MEASURED
        and not loose
        and start > calendar.now
        and not reading.has(r"\b(?:budget|plan|invest|capital|spend)\w*")
    ):
        return f"{period.text or 'That period'} lies ahead: nothing was measured in it yet."
    most = FORECASTS.get(intent)
    if most is not None and (end - calendar.now).total_seconds() / 3600 > most + 24:
        return f"A forecast reaches at most {most:g} hours ahead."
    return None


def _amount(reading: Reading) -> str | None:
    if _NEGATIVE.search(reading.text):
        return "A negative amount makes no sense here."
    if _NO_MONEY.search(reading.text):
        return "Without any money nothing can be chosen."
    if (match := _OVER_ALL.search(reading.text)) and int(match["n"]) > 100:
        return "Nothing saves more than 100 percent."
    return None


def _place(reading: Reading) -> str | None:
    state = reading.state
    if state not in (None, "NY") and reading.has(r"\bll\s*-?97\b|\blocal\s+law\s+97\b"):
        return f"Local Law 97 is a law of New York City; it sets no limit in {state}."
    return None
