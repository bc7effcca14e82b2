"""Sentences whose words as a whole leave no doubt what they ask for, however few of them a classifier knows."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from typing import Final

from redaptive.orchestration.intelligent.planners.clauses.simple_questions import asked
from redaptive.orchestration.intelligent.planners.clauses.wordings import MANY_TIMES

_I: Final = re.IGNORECASE
OPTIMISES: Final = "workflow.portfolio_optimization"
_PLURALS: Final = r"(?:buildings|stores|shops|sites|offices|warehouses|hospitals|schools|hotels|clinics|restaurants|supermarkets|branches|campuses|facilities|locations|propert(?:y|ies)|dormitories|plants|labs|laboratories|dcs|distribution\s+centers)"
_ONE: Final = r"(?:building|store|shop|site|office|warehouse|hospital|school|hotel|clinic|facility|location|property)"
_NAMED: Final = r"(?-i:[A-Z]{2,5}-[A-Z]{2,4}-?\d\w*(?:-\w+)*)"
"""A building or a meter by its code."""
NIGHT: Final = r"\b(?:(?<!last\s)(?:night(?:s|ly|[\s-]?times?)?)|overnight|(?:after|off|out[\s-]of|outside(?:\s+of)?|beyond)[\s-](?:(?:their|its|business|opening|office|working|normal|the|core)[\s-]){0,2}hours|unoccupied|(?:when|while)\s+(?:(?:they|it|everybody|everyone)(?:'re|'s|\s+(?:are|is))\s+)?(?:closed|shut|empty|gone|asleep|nobody)|empty\s+at)\b"
"""The hours in which nobody works; a certain night ("last night", "tonight") is none of them."""
_A_NIGHT: Final = re.compile(
    r"\b(?:last|this|tomorrow|yesterday|that)\s+night\b|\btonight\b|\bthe\s+other\s+night\b", _I
)
_RANKS: Final = r"\b(?:which|what|rank\w*|worst|most|highest|top|biggest|largest|order|sort|heaviest|hungriest|list|compare|where)\b"
_WASTE: Final = r"\b(?:wast(?:e[ds]?|ing|eful(?:ly)?|ers?|age)|us(?:e[ds]?|ing|age|ers?)|burn\w*|consum\w+|draw\w*|guzzl\w*|energy|power|electricity|loads?|kwh|leak\w*)\b"
_SINGULAR: Final = re.compile(rf"\bwhich\s+(?:of\s+)?(?:\w+\s+){{0,2}}{_ONE}\b[^.;]*\bmost\b", _I)
_OTHER_DEED: Final = re.compile(
    r"\b(?:anomal\w+|tickets?|alerts?|alarms?|faults?|forecast\w*|tariffs?|rates?|bills?|vavs?|ahus?|chillers?|rtus?|meters?|lights|doors|why)\b",
    _I,
)


def ranks_nights(text: str) -> bool:
    """Whether buildings are ranked by what they use while nobody is in: "which stores waste most at night?".

    >>> ranks_nights("rank my warehouses by night waste"), ranks_nights("which stores used most last night?")
    (True, False)
    """
    if _A_NIGHT.search(text) or _OTHER_DEED.search(text) or re.search(_NAMED, text):
        return False
    buildings = re.search(rf"\b{_PLURALS}\b", text, _I) or _SINGULAR.search(text)
    return bool(buildings and all(re.search(words, text, _I) for words in (_RANKS, _WASTE, NIGHT)))


_MONEY: Final = r"(?:(?:about|around|only|just|roughly|up\s+to|a\s+budget\s+of|an?\s+extra)\s+)?(?:\$\s?\d[\d,.]*\s*(?:k|m|mio|million|thousand)?|\d[\d,.]*\s*(?:k|m|million|thousand)?\s*(?:us\s+)?(?:dollars|usd|bucks)|\d[\d,.]*\s*(?:k|million|thousand))\b"
_USES: Final = r"(?:us(?:e[ds]?|ing)|consum\w+|burn\w*|draw[sn]?|spen[dt]s?|emit\w*|costs?|wast\w+|eats?)"
_SAID: Final = (
    ("energy-finance.simulate_risk", rf"(?=.*\$)[^.;?]*?{MANY_TIMES}.*"),
    ("portfolio-intelligence.rank_and_summarize_portfolio", rf"(?:rank|list|show\s+(?:me\s+|us\s+)?|sort|see|tell\s+(?:me|us))\s*what\s+{_MONEY}\s+(?:can|could|would|will|might)\s+(?:buy|get|do|pay\s+for|achieve|fix)\b.*"),
    ("portfolio-intelligence.rank_and_summarize_portfolio", rf"(?:what|how\s+much)\s+(?:(?:energy|money|carbon|co2|else)\s+)?(?:can|could|would|do|might)\s+(?:i|we|you)\s+(?:save|achieve|get|do|improve|reduce|cut)\b[^.;?]{{0,40}}?\b(?:with|for|on|from|if\s+(?:i|we)\s+(?:spend|spent|had|have|invest(?:ed)?))\s+{_MONEY}\??$"),
    ("portfolio-intelligence.rank_and_summarize_portfolio", rf"(?:where|how)\s+(?:should|shall|would|can|do|could)\s+(?:i|we)\s+(?:best\s+)?(?:spend|invest|put)\s+{_MONEY}(?:\s+(?:best|first|in\s+(?:our|the|my)\s+(?:portfolio|buildings|stores|sites)))?\??$"),
    ("portfolio-intelligence.find_opportunities", rf"(?:what|how\s+much)\s+(?:would|could|can|does|will)\s+(?:fixing|upgrading|improving|retrofitting|renovating|optimi[sz]ing)\s+(?:buildings?\s+)?(?:{_NAMED}(?:(?:,|,?\s+and)\s+(?:buildings?\s+)?{_NAMED})*|(?:customers?|sites?)\s+(?-i:[A-Z]{{2,5}})(?:(?:,|,?\s+and)\s+(?-i:[A-Z]{{2,5}}))*)\s+(?:earn|save|bring|cost|pay|yield|deliver)\b(?:\s+(?:us|me))?\??$"),
    ("portfolio-intelligence.analyze_portfolio_usage", rf"(?:which|what)\s+(?:(?:one\s+)?of\s+(?:our|my|the|all)\s+)?(?:\d+\s+|\w+\s+)?(?:{_ONE}|{_PLURALS}|customers?|clients?|sectors?|industr(?:y|ies)|building\s+types?)\s+{_USES}\s+(?:us\s+)?(?:the\s+)?(?:most|least|highest|lowest|more|biggest)(?:\s+(?:energy|power|electricity|gas|money|kwh|carbon|co2))?(?:\s+(?:in|during|over|for|of)\s+[\w\s-]{{2,20}}|\s+(?:last|this)\s+(?:year|month|quarter))?\??$"),
    ("portfolio-intelligence.analyze_portfolio_usage", rf"(?:the\s+|our\s+)?(?:top|bottom|worst|biggest|largest|costliest|dearest)\s+(?:\d+|two|three|four|five|six|ten|twenty)\s+(?:{_PLURALS})\s+(?:by|in|for)\s+(?:energy|cost|use|usage|consumption|spend\w*|emissions|carbon|co2|electricity)\b"),
    ("portfolio-intelligence.analyze_portfolio_usage", r"(?:what|how\s+much(?:\s+(?:energy|electricity|gas|power|money|carbon|co2|water))?)\s+(?:did|does|has)\s+(?-i:[A-Z]{2,5}-[A-Z]{2,4}-\d+)\s+(?:cost|used?|consumed?|spen[dt]|burn(?:ed)?)(?:\s+us)?\b(?![^.;]*\b(?:fault|ticket|retrofit|tariff))"),
    ("portfolio-intelligence.load_shape_metrics", rf"(?:what(?:'s|s|\s+is|\s+was|\s+are|\s+were)|how\s+(?:high|large|big)\s+(?:is|was)|show(?:\s+me)?|give\s+me|tell\s+me)\s+(?:the\s+)?(?:(?:annual|yearly|electric(?:al)?|power|electricity|demand)\s+)*(?:peaks?|peak\s+(?:load|demand|power|kw)|base\s?load|load\s+factor)\s+(?:of|at|in|for)\s+{_NAMED}(?:\s+(?:in|during|for|over|of)\s+[\w\s-]{{2,24}}|\s+(?:last|this)\s+(?:year|month|quarter))?\??$"),
    ("portfolio-intelligence.benchmark_buildings", r"why\s+(?:is|are|was|were)\s+(?:the\s+|our\s+|my\s+)?[^.;,]{3,50}?\s+(?:so|that|this|too)\s+(?:expensive|costly|hungry|inefficient|wasteful|energy[\s-]hungry|dear)\??$"),
    ("portfolio-intelligence.analyze_portfolio_usage", r"(?:(?:what|which|who)\s+(?:are|is)\s+|show(?:\s+me)?\s+|list\s+|rank\s+)?(?:our|the|my)\s+(?:\w+\s+)?(?:biggest|largest|top|heaviest|worst)\s+(?:(?:\d+|two|three|four|five|six|ten|twenty)\s+)?(?:(?:energy|power|electricity|gas|carbon)\s+)?(?:users?|consumers?|emitters?|spenders?)(?:\s+in\s+[\w\s]{2,24})?\??$"),
    ("energy-monitoring.raise_or_acknowledge_alert", r"(?:(?:who(?:'s|\s+is|\s+are)?|which\s+engineers?\s+(?:is|are))\s+(?:currently\s+)?on[\s-](?:call|duty)|who\s+has\s+(?:the\s+)?(?:duty|pager)|who(?:'s|\s+is)\s+the\s+on[\s-]call(?:\s+engineer)?)(?:\s+(?:now|right\s+now|today|tonight|at\s+the\s+moment|currently|this\s+\w+))?\??$"),
    ("energy-monitoring.peak_alert", rf"(?:alert|warn|tell|notify)\s+me\s+(?:if|when|once|as\s+soon\s+as|before)\s+(?:meter\s+)?{_NAMED}\s+(?:peaks?|goes|exceeds?|rises?|climbs?|passes|is|gets|tops|runs?)\s+(?:(?:above|over|beyond|past|at)\s+)?[\d,.]+\s*(?:kw|mw|kilowatts?)\b"),
)  # fmt: skip


def said(text: str) -> str | None:
    """The tool that a whole sentence asks for in so many words; None where it asks for none so.

    >>> said("What can I save with 500000 dollars?")
    'portfolio-intelligence.rank_and_summarize_portfolio'
    """
    plain = _POLITE.sub("", text.strip().rstrip(".!"))
    return next((name for name, words in _SAID if re.match(words, plain, _I)), None) or asked(plain)


_POLITE: Final = re.compile(r"^(?:(?:please|hi|hello|hey|so|and|ok(?:ay)?|now|can\s+you\s+tell\s+me)[\s,]+)*", _I)


def wished(text: str) -> str | None:
    """The workflow or the tool that a whole sentence asks for beyond doubt; else None."""
    return OPTIMISES if ranks_nights(text) else said(text)
