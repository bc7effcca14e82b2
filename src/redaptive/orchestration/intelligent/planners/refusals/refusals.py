"""What is refused, and why: unsafe wishes before any planning, and what cannot be done with what there is.

The checks that need only the words come first (`unsafe`, `impossible`): a request that nothing can fulfil is refused
before anybody is asked for its missing parts. The others need the intent, or the arguments of a call.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from redaptive.orchestration.ai.validation.literals import no_references, problems
from redaptive.orchestration.intelligent.matchers.intent_result import Action, IntentResult
from redaptive.orchestration.intelligent.planners.outcome import PlanOutcome, refuse
from redaptive.orchestration.intelligent.planners.refusals.ahead import out_of_time
from redaptive.orchestration.intelligent.planners.refusals.balance import unbalanced
from redaptive.orchestration.intelligent.planners.refusals.bounds import beyond_bounds
from redaptive.orchestration.intelligent.planners.refusals.choices import no_choice_fits
from redaptive.orchestration.intelligent.planners.refusals.circles import waits_for_itself
from redaptive.orchestration.intelligent.planners.refusals.dates import impossible_time
from redaptive.orchestration.intelligent.planners.refusals.dimensions import ill_measured
from redaptive.orchestration.intelligent.planners.refusals.fairness import is_fair
from redaptive.orchestration.intelligent.planners.refusals.hearsay import (
    without_claims,
    without_quotes,
    without_strangers_orders,
)
from redaptive.orchestration.intelligent.planners.refusals.kinds import mismatched
from redaptive.orchestration.intelligent.planners.refusals.limits import impossible_amount
from redaptive.orchestration.intelligent.planners.refusals.locked import dealt_with_after_its_end
from redaptive.orchestration.intelligent.planners.refusals.logic import self_contradiction
from redaptive.orchestration.intelligent.planners.refusals.never import never_holds
from redaptive.orchestration.intelligent.planners.refusals.objects import wrong_kind
from redaptive.orchestration.intelligent.planners.refusals.orders import undone
from redaptive.orchestration.intelligent.planners.refusals.outside import apart_from_its_limit
from redaptive.orchestration.intelligent.planners.refusals.policy_acts import ordered_act
from redaptive.orchestration.intelligent.planners.refusals.policy_capability import incapable
from redaptive.orchestration.intelligent.planners.refusals.policy_equipment import endangers, switching
from redaptive.orchestration.intelligent.planners.refusals.policy_field import is_about_ours, names_code, touches_ours
from redaptive.orchestration.intelligent.planners.refusals.policy_model import packaged_policy
from redaptive.orchestration.intelligent.planners.refusals.policy_objects import alien_format
from redaptive.orchestration.intelligent.planners.refusals.policy_phrases import spoken_act
from redaptive.orchestration.intelligent.planners.refusals.policy_table import reasons
from redaptive.orchestration.intelligent.planners.refusals.relations import unrelated
from redaptive.orchestration.intelligent.planners.refusals.signs import ill_signed
from redaptive.orchestration.intelligent.planners.refusals.spans import runs_backwards, with_ends
from redaptive.orchestration.intelligent.planners.refusals.stages import out_of_order
from redaptive.orchestration.intelligent.planners.refusals.things import not_of_that_kind
from redaptive.orchestration.intelligent.planners.refusals.unsaid import acts_on_it
from redaptive.orchestration.intelligent.planners.refusals.wholes import larger_than_whole
from redaptive.orchestration.intelligent.planners.values.lexicon import CHOICES, choose
from redaptive.orchestration.intelligent.planners.values.numerals import (
    LOAD_AHEAD_H,
    PEAK_AHEAD_H,
    in_either_form,
    in_figures,
)
from redaptive.orchestration.intelligent.planners.values.periods import measured
from redaptive.orchestration.intelligent.planners.values.reading import Reading
from redaptive.orchestration.plans.json_types import read
from redaptive.orchestration.plans.reference_types import Tool
from redaptive.orchestration.plans.references import is_reference
from redaptive.orchestration.plans.schema import Json

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
FORECASTS: Final = {
    "energy-monitoring.forecast_load": LOAD_AHEAD_H,
    "energy-monitoring.peak_alert": PEAK_AHEAD_H,
}
"""Intents about what lies ahead, and how far they see, in h."""
SOUNDS_UNSAFE: Final = (
    "That sounds like going around a rule, a record or another's rights. Say what you need to know or have done, "
    "with its cause; what changes something can be planned with an approval."
)
SOUNDS_IMPOSSIBLE: Final = (
    "That sounds like something that nothing here can do or that cannot be. "
    "Say which figure, building or document you would like to know more about."
)
ELSEWHERE: Final = (
    "That is nothing that this platform does: it answers for energy, equipment, bills, projects and customers."
)
CARRIED: Final = 1.0
"""Certainty of an intent that the conversation gives: a follow-up is about that, however odd its few words sound."""
FITS: Final = 0.8
"""Probability of an intent from which on only a high score refuses what sounds wrong."""
_ONLY_TO_KNOW: Final = re.compile(
    r"\bI\s+(?:only|just)\s+(?:need|want|wish)\s+to\s+(?:know|read|see|find\s+out)\b", re.IGNORECASE
)
"""Nothing is gone around by who only wants to know something."""
_STORES: Final = re.compile(
    r"\b(?:solar|pv|panels?)\b[^.;?]{0,24}\bwith\s+(?:a\s+)?(?:storage|batter\w+)", re.IGNORECASE
)
"""Power at night is only impossible without these: the score does not tell the two apart."""
_RULED: Final = re.compile(
    r"^\W*(?:please\s+)?(?:"
    r"sno+ze\s+(?:the\s+)?(?:alert|alarm)\s+\S*\d\S*\s+(?:until|till?|for)\s+(?:[\w-]+\s+){0,2}[\w-]+"
    r"|forecast\s+\S*\d\S*[^.;?\d]{0,40}\d{1,4}[\s-]*(?:h|hours?|days?)"
    r"|earned\s+value\b(?=.*\bbudget|.*\bbac\b)(?=.*\bplanned\b|.*\bpv\b)(?=.*\bactual|.*\bac\b)[^.;?]*"
    r")\W*$",
    re.IGNORECASE,
)
"""Deeds whose limits a rule knows in full, with nothing else said: the score has no say in them."""
_NEXT: Final = r"\b(?:next|for|over|coming|in|ahead)\s+(?:the\s+)?(?:next\s+|coming\s+)?$"
_TO_A_WEEKDAY: Final = (
    r"\b(?:until|till|through|thru|up\s+to|by)\s+(?:this\s+|next\s+)?(?:mon|tues|wednes|thurs|fri|satur|sun)day\b"
)
"""A weekday alone is read as the last one; of a forecast it is the end, so the next one is meant."""
_LOOKS_BACK: Final = (
    r"\b(?:like|since|based|using|train\w*|history|histor\w+|compar\w+|than|vs|against|same|accura\w+|error|backtest|issued|similar|after|"
    r"how\s+good|did|was|were|exceeded|anomal\w+|detect\w*|set|record|previous|billing|ratchet|from|year)\b"
)
"""Words of a forecast that names a past time for another reason."""
_OF_WHAT_COMES: Final = (
    r"\b(?:forecast\w*|predict\w*|expect\w*|outlook|peaks?|warn\w*|alert\w*|will|going\s+to|"
    r"ahead|demand|next|tomorrow|load)\b"
)
_NO_HORIZON: Final = (
    r"\bhow\s+(?:could|can|do|would|should)\s+we\s+(?:lower|reduce|cut|shave|avoid)\b|"
    r"\bratchets?\b|\bquarter[\s-](?:of\s+an\s+)?hour"
)
"""Words of a time that is not how far ahead one wants to see."""
_HOURS: Final = {"hour": 1.0, "day": 24.0, "week": 168.0, "month": 720.0, "year": 8_760.0}
_NO_MEASURE: Final = re.compile(
    r"(?<!\bno )(?<!\bnot )(?<!\bwithout )"
    r"\b(?:wind\s+(?:turbines?|farms?|power)|nuclear|reactors?|tidal|hydro(?:power|electric)|fusion|perpetual\s+motion)\b",
    re.IGNORECASE,
)
_NO_LIFE: Final = re.compile(
    r"(?<!\bin the )(?<!\bon the )(?<!\bon top of the )(?<!\bunder the )(?<!\bbehind the )(?<!\bby the )"
    r"(?<!\bnear the )(?<!\bon our )"
    r"\b(?P<what>coffee\s+(?:machines?|makers?)|dishwashers?|fridges?|refrigerators?|ovens?|fryers?|vending\s+machines?|tvs?|televisions?|projectors?|copiers?|laptops?|computers?|phones?|trees?|sofas?|chairs?|desks?|mattress\w*|bikes?|bicycles?|forklifts?|treadmills?|washing\s+machines?|toasters?|kettles?|elevators?|escalators?|roofs?|windows?|carpets?|trucks?|cars?|generators?|transformers?|servers?|doors?|furniture|printers?)\b(?!\s+(?:room|unit|top|house))",
    re.IGNORECASE,
)
_ABROAD: Final = re.compile(
    r"(?<!new\s)\b(?:germany|german|france|french|uk|u\.k\.|united\s+kingdom|great\s+britain|britain|england|scotland|ireland|london|"
    r"canada|canadian|alberta|quebec|toronto|vancouver|mexico|europe(?:an)?|china|india|japan|tokyo|australia|brazil|spain|italy|"
    r"netherlands|sweden|norway|singapore|berlin|paris|munich|beijing|aeso|ieso|nord\s?pool|epex|n2ex|entso-?e)\b",
    re.IGNORECASE,
)
_MARKETS: Final = re.compile(r"\bISO\s+(?!NE\b|New\b)(?P<iso>[A-Z]{4,})\b")
_OTHER_PROGRAMS: Final = re.compile(r"\b(?:ERCOT|MISO|SPP|ISO[\s-]?NE|AESO|IESO|TVA|NEPOOL)\b")
_KNOWN_MARKETS: Final = tuple(iso for iso, _ in CHOICES["iso"])
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
_PLANS_AHEAD: Final = (
    r"\b(?:budget|plan|invest|capital|spend|limits?|fines?|penalt\w+|targets?|goals?|exposure|liabilit\w+|on\s+track|committed|provision|"
    r"estimate\w*|expect\w*|project\w*|would|typical|by\s+20\d\d)\b"
)
_MEETING_WORDS: Final = 12
_WRITTEN_DAY: Final = re.compile(r"\b20\d\d-\d\d-\d\d\b")


def unsafe(text: str) -> PlanOutcome | None:
    """A refusal where a sentence asks to destroy, to falsify, to switch, to go around a rule, or into another tenant.

    A rule needs a sentence that does not sound plainly honest: "swap breakers" is also a task of a schedule.
    A payment or an order to equipment in which nothing sounds wrong and nobody is put in danger only cannot be done.
    What only sounds like it is not unsafe where a rule knows that it cannot be, or where it seems to be of another
    field: then `impossible` says why.
    """
    told = without_strangers_orders(without_quotes(text))
    act = ordered_act(told) or spoken_act(told)
    switched = None if act else switching(told)
    if (act or switched == "unsafe") and packaged_policy().sounds_plain(text):
        return None
    if act == "bypass" and _ONLY_TO_KNOW.search(text):
        return None
    if act and not (act == "falsify" and wrong_kind(text)):
        return refuse(
            "infeasible" if act == "pay" and not packaged_policy().refuses(text) else "unsafe", reasons()[act]
        )
    if switched:
        harms = switched == "unsafe" and (endangers(told) or packaged_policy().refuses(text))
        return refuse("unsafe" if harms else "infeasible", reasons()["operate"])
    if not touches_ours(text) or not packaged_policy().refuses(text) or is_fair(text):
        return None
    if packaged_policy().strange(text) or _impossible(text) is not None or incapable(text) is not None:
        return None
    return refuse("unsafe", SOUNDS_UNSAFE)


def impossible(reading: Reading, intent: IntentResult | None = None) -> PlanOutcome | None:
    """A refusal where no figure, no day and no tool can be what the words ask for, whichever tool they are near to.

    What no tool does is out of scope where the intent is none of ours as well and nothing of ours is named, else
    infeasible.
    """
    text, today = reading.text, reading.calendar.today if reading.calendar else None
    message = _impossible(text, today)
    if message is None and reading.calendar is not None:
        message = apart_from_its_limit(text, reading.calendar)
    if message:
        return refuse("infeasible", message)
    if message := incapable(text):
        ours = intent is None or intent.action is not Action.REFUSE or _is_ours(text)
        return refuse("infeasible" if ours else "out_of_scope", message)
    return _sounding(text, intent)


def _is_ours(text: str) -> bool:
    """Whether a code of ours is named, or several things that are dealt with here in words that are ours."""
    return names_code(text) or (is_about_ours(text) and not packaged_policy().strange(text))


def _impossible(text: str, today: date | None = None) -> str | None:
    """Why no figure, no day and no thing can be what the words ask for; None where no rule knows it."""
    text = with_ends(without_claims(text))
    return (
        in_either_form(impossible_amount, text)
        or ill_signed(text)
        or larger_than_whole(in_figures(text))
        or unbalanced(text)
        or impossible_time(text, today)
        or runs_backwards(text)
        or out_of_order(text)
        or out_of_time(text, today)
        or self_contradiction(text)
        or unrelated(text)
        or mismatched(text)
        or wrong_kind(text)
        or undone(text)
        or waits_for_itself(text)
        or never_holds(text)
        or beyond_bounds(text)
        or ill_measured(text)
        or dealt_with_after_its_end(text)
        or no_choice_fits(text)
        or not_of_that_kind(text)
    )


def _sounding(text: str, intent: IntentResult | None) -> PlanOutcome | None:
    """What no rule knows, by the scores; less is enough where no intent fits. What is none of ours is refused later."""
    policy = packaged_policy()
    foreign = intent is not None and intent.action is Action.REFUSE
    if intent is not None and intent.score >= CARRIED and not touches_ours(text):
        return None
    if policy.refuses(text) and not is_fair(text):
        return _elsewhere() if foreign and not is_about_ours(text) else refuse("unsafe", SOUNDS_UNSAFE)
    if foreign:
        return None
    if _of_another_field(text):
        return _elsewhere()
    if policy.refuses_a_sentence(text) and not is_fair(text):
        return refuse("unsafe", SOUNDS_UNSAFE)
    lost = intent is not None and not (intent.action is Action.ACT and intent.score >= FITS)
    if lost and policy.hesitates(text) and not policy.vague(text) and not is_fair(text):
        return refuse("unsafe", SOUNDS_UNSAFE)
    if _STORES.search(text) or _RULED.search(text) or policy.leaves_out(text) or acts_on_it(text):
        return None
    sounds = policy.refuses(text, "infeasible") or (lost and policy.hesitates(text, "infeasible"))
    if sounds and not is_fair(text, "infeasible"):
        return refuse("infeasible", SOUNDS_IMPOSSIBLE)
    return None


def _of_another_field(text: str) -> bool:
    """Whether the text sounds wrong, in words of another life, and names nothing that is dealt with here."""
    policy = packaged_policy()
    sounds = policy.hesitates(text) or policy.hesitates(text, "infeasible")
    return sounds and policy.strange(text) and not touches_ours(text)


def _elsewhere() -> PlanOutcome:
    return refuse("out_of_scope", ELSEWHERE)


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


def infeasible(intent: str, reading: Reading) -> PlanOutcome | None:
    """A refusal where the intent cannot be served: a time it does not see, a law elsewhere, a thing it knows not."""
    message = _period(intent, reading) or _place(reading) or _thing(intent, reading)
    return refuse("infeasible", message, intent=intent) if message else None


def _period(intent: str, reading: Reading) -> str | None:
    period, calendar = reading.period.period, reading.calendar
    most_h = FORECASTS.get(intent)
    lead = [(each, reading.text[max(0, each.start - 16) : each.start]) for each in reading.quantities]
    spans = [float(q.value) * _HOURS.get(q.unit, 0.0) for q, before in lead if re.search(_NEXT, before, re.IGNORECASE)]
    if most_h is not None and max(spans, default=0.0) > most_h and not reading.has(_NO_HORIZON):
        return f"A forecast reaches at most {most_h:g} hours ahead."
    if period is None or calendar is None:
        return None
    start, end = (moment.replace(tzinfo=None) for moment in (period.start, period.end))
    if intent in MEASURED and _ahead(reading) and not reading.has(_PLANS_AHEAD):
        return f"{period.text or 'That period'} lies ahead: nothing was measured in it yet."
    from_h = (start if period.grain == "week" else end) - calendar.now
    too_far = most_h is not None and from_h.total_seconds() / 3600 > most_h + 24
    if too_far and not reading.has(_NO_HORIZON):
        return f"A forecast reaches at most {most_h:g} hours ahead."
    over = end < calendar.now - timedelta(days=1) and not reading.has(_TO_A_WEEKDAY)
    if most_h is not None and over and reading.has(_OF_WHAT_COMES) and not reading.has(_LOOKS_BACK):
        return f"{period.text or 'That period'} is over: a forecast looks ahead."
    prices = intent == "market-intelligence.get_prices" and not _priced_otherwise(reading, calendar.today)
    if prices and _ahead(reading) and start > calendar.now + timedelta(days=2):
        return "Market prices that lie more than a day ahead are not known."
    return None


def _priced_otherwise(reading: Reading, today: date) -> bool:
    """Whether the time ahead is another wish's: a day that is over is written out, or an offer meets the index."""
    over = any(day <= today.isoformat() for day in _WRITTEN_DAY.findall(reading.text))
    return over or (bool(reading.money) and reading.has(r"\bfixed\b") and reading.has(r"\bindex\b"))


def _ahead(reading: Reading) -> bool:
    """Whether what was asked for lies ahead for certain: not a month that may be last year's, not a day in passing."""
    period, calendar = measured(reading), reading.calendar
    if period is None or calendar is None or period.start.replace(tzinfo=None) <= calendar.now:
        return False
    if period.start.date() <= calendar.today:
        return False
    years_ahead = period.start.year > calendar.today.year + 1
    return years_ahead or period.grain not in ("hour", "day", "week") or len(reading.text.split()) <= _MEETING_WORDS


def _thing(intent: str, reading: Reading) -> str | None:
    """What the platform has no tool, no market or no figures for."""
    text, tool = reading.text, intent.rpartition(".")[2]
    if intent in _US_ONLY and (abroad := _ABROAD.search(text)):
        return f"Prices, factors and incentives are those of the United States; there are none for {abroad.group(0)}."
    if tool == "get_prices" and (market := _MARKETS.search(text)) and market["iso"] not in _KNOWN_MARKETS:
        return f"There is no market {market['iso']}; there are: {', '.join(_KNOWN_MARKETS)}."
    if (
        tool == "dr_event_optimize"
        and (market := _OTHER_PROGRAMS.search(text))
        and choose(CHOICES["program"], text) is None
    ):
        return f"There is no event baseline of {market.group(0)}; there are those of CAISO, NYISO and PJM."
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
        and reading.has(r"(?<!no )(?<!not )(?<!not an )(?<!no such )\benergy\s*star\s+score\b")
        and not reading.has(r"\bcertificate\b|\bdoc|\bpdf\b|\battached\b")
    ):
        return "An ENERGY STAR score is given by EPA only; here percentiles among peers are estimated."
    if tool in ("savings_report", "rank_and_summarize_portfolio") and (message := alien_format(text)):
        return message
    if tool == "weather_normalize" and reading.words.get("commodity") == ("water",):
        return "Water use does not follow the weather: only energy is normalized."
    return None


def _place(reading: Reading) -> str | None:
    state = reading.state
    if state not in (None, "NY") and reading.has(r"\bll\s*-?97\b|\blocal\s+law\s+97\b"):
        return f"Local Law 97 is a law of New York City; it sets no limit in {state}."
    return None
