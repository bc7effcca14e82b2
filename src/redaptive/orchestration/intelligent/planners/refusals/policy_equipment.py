"""Orders to equipment: switching it, and changing how it runs. No tool does either; the reason depends on the harm."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from typing import Final, Literal

from redaptive.orchestration.intelligent.planners.refusals.policy_orders import Order, orders

_NOT_THE_OBJECT: Final = (
    r"(?:alerts?|tickets?|alarms?|flags?|orders?|baselines?|budgets?|forecasts?|comparison|tariffs?|rates?|contracts?|reports?|with|for|by|of|from|about|on|against|rules?|list|lists|analysis|"
    r"projects?|price|prices|life|model|estimates?|age|at|when|where|why|how|what|which|if|whether|that|is|are|was|were|and|or|but|to|a\s+question|bids?|permits?|checklist|documents?|bill|bills|savings?|costs?)"
)
_GAP: Final = rf"(?:[^\w,;:]+(?!{_NOT_THE_OBJECT}\b)[\w'’%-]+){{0,4}}?[^\w,;:]+"
_NOT_A_MACHINE: Final = (
    r"(?![\s-]+(?:rules?|performance|faults?|projects?|jobs?|reports?|replacement|analysis|data|trends?|retrofit\w*|upgrades?|tickets?|checklists?|commissioning|maintenance|bills?|age|life|opportunit\w+|study|"
    r"models?|meters?|comparison|alerts?|anomal\w+|costs?|savings?|sizing|market|prices?|factor|shape|profile|forecast\w*|curve|purchas\w*|work|order|crew|investment|incentives?|use|usage|consumption|share|for\s+the\s+project))"
)
_OFF: Final = r"(?:turn|switch|shut|power|take|bring|flip|put|keep|leave|cut|go)"
_SWITCH: Final = (
    rf"{_OFF}(?:\s+(?:off|on|down|up|out|over))?|start(?:\s+up)?|stop|restart|reboot|trip|kill|disconnect|reconnect|de-?energi[sz]e|energi[sz]e|cycle|drain|black\s+out|overload|force|isolate|"
    r"activate|deactivate|disable|enable|open|close|override|bypass|run|lock(?:\s+out)?|unlock|stage|defeat|flush|vent|overrule|shut\s+down|engage|arm|launch|pause|idle|operate"
)
_TUNE: Final = (
    r"set(?:\s+back)?|lower|raise|reset|change|adjust|ramp(?:\s+(?:up|down))?|dim|brighten|move|tune|throttle|put|program|reprogram|schedule|pre-?cool|pre-?heat|charge|discharge|dispatch|curtail|shift|drop|"
    r"bump(?:\s+(?:up|down))?|increase|decrease|reduce|turn|crank|update|upgrade|flash|calibrate|recalibrate|slow|speed\s+up|rotate|swap|widen|limit|cap|defrost|enforce|configure|modulate|cut|hold|keep|command|override|take\s+over|take"
)
_MACHINE: Final = (
    r"(?:chillers?|boilers?|ahus?|ahu-?\s?\d+|air[\s-]handl\w+|rtus?|rtu-?\s?\d+|vavs?|vav\s?\d\S*|ch-\d+|pumps?(?:\s\d+)?|breakers?|feeders?|valves?|dampers?|fans?|compressors?|generators?|gensets?|hvac|a/?c|heat(?:ing|ers?)?|cooling|"
    r"lights?|lighting|luminaires?|ventilation|exhausts?|freezers?|coolers?|batter(?:y|ies)|inverters?|elevators?|lifts?|set-?\s?points?|thermostats?|t-?stats?(?:\s\w+){0,2}|fume\s+hoods?|economi[sz]ers?|cooling\s+towers?|"
    r"vfds?|bas|bms|controllers?|gateways?|loggers?|firmware|blinds|shades|ev\s+chargers?|heat\s+pumps?|transformers?|switchgear|isolators?|contactors?|sprinklers?|relays?|free\s+cooling|pid\s+loops?|coils?|smoke\s+exhausts?|"
    r"power|plant|server\s+rooms?|circuits?|servers?|chilled\s+water|hot\s+(?:water|deck)|(?:supply|discharge|return|room|zone|night|space|leaving|condenser|tower|water|air|hot[\s-]water|chilled[\s-]water)(?:\s+(?:air|water))?\s+temperatures?|"
    r"(?:static|duct)\s+pressure|fan\s+speeds?|equipment|elevator\s+motors?|icu|air\s+temp|bms\s+schedules?|occupancy\s+schedules?|start\s+times?|unoccupied\s+mode|occupied\s+mode|eco\s+mode|deadband|lockout|fan\s+coils?|surgery\s+wing|ward(?:\s\d+)?|thermal\s+store|ice\s+storage|refrigeration|hoods|doors?|garage)"
)
_SPECIAL: Final = (
    (r"cut|kill", r"(?:the\s+)?(?:power|electricity|heat)\s+(?:to|of|for|in)", ""),
    (r"curtail|shed|dump|trim", r"(?:load\s+(?:now|of|at|in)|the\s+load|\d[\d.,]*\s?(?:kw|mw)|building|site|store|plant|hvac|wing|\w*\s?tenants'?\s+equipment)", r"^(?!.*\?)"),
    (r"pre-?cool|pre-?heat|heat(?!\s+pump)|cool|black\s+out|evacuate|ventilate", r"(?:building|store|site|offices?|schools?|hotels?|floor\w*|space|rooms?|zone\w*|garage|lobby|plant|slab|warehouses?|labs?|library|gym|arena|mall|restaurants?|clinics?|halls?|wing|dc)", ""),
    (r"charge|discharge|dispatch|ramp", r"(?:batter\w+|storage|cars|vehicles|evs?|pack|generator\w*)", ""),
    (r"make|let|have", r"(?:bms|bas|building|equipment|plant|lights|controller\w*|heat\s+pump|fans?|chillers?|lab\s+exhaust)\s+(?:follow|run|start|stop|shut|obey|track|respond|defrost|float|go)", ""),
    (r"tell|instruct|order|ask|let|have|program", r"(?:bms|bas|controllers?|plc|building\s+automation\w*|bems|ems)\s+to", ""),
    (r"run|do|hold|start|execute|go\s+through", r"(?:event|test|night|weekend|day|hours)", rf"\bwith\s+(?:the\s+|all\s+)?(?:[\w'’]+\s+){{0,4}}{_MACHINE}\s+(?:off|stopped|down|disabled)\b"),
    (r"take\s+over|assume|get|take", r"control\s+(?:of|over)", ""),
    (r"change|update|set|adjust|program|move|shift", rf"(?:schedules?|start\s+times?|run\s+times?|hours)\s+(?:of|for|on|in)\s+(?:the\s+|all\s+|our\s+)*(?:\w+\s+)?{_MACHINE}", ""),
    (r"unlock|lock", r"(?:room|doors?|gate|panel|cabinet|roof|electrical|plant)", ""),
    (r"calibrate|recalibrate|reboot|reset|update|flash", r"(?:sensors?|transmitters?|probes?|gateways?|loggers?|modems?|firmware)", ""),
    (r"t-?stats?|thermostats?|set-?points?", r"to\s+\d+", ""),
    (r"disconnect|cut\s+off|evict|lock\s+out", r"(?:tenant\w*|unit|customer\w*|suite|apartment|flat|ward|wing|building|floor|operators?)", ""),
    (r"send|issue|write", r"(?:curtailment|control|shutdown|dispatch|setpoint|command|start|stop|\d+\s?(?:f|c|degrees?|°f)|new\s+(?:start|stop)\s+time)\b", r"\b(?:signal|command|to\s+(?:the|every|all)\s+(?:\w+\s+){0,3}(?:equipment|controller\w*|set-?\s?points?|bms|bas|rtu\w*|ahu\w*|thermostats?))\b"),
    (r"put|switch|set|take|bring", r"(?:plant|chillers?|boilers?|ahu\S*|rtu\S*|fans?|pumps?|units?|tower|building|it)\b[^.;?]{0,24}\b(?:in|into|to)\s+(?:manual|hand|override|off|bypass|emergency)(?:\s+mode)?\b", ""),
    (r"open|close|shut|drain", r"(?:main|outside\s+air|the\s+valve|blinds)", ""),
)  # fmt: skip
_HYPOTHETICAL: Final = re.compile(
    r"\b(?:what\s+(?:would|will|does|do|happens?|is|could|savings?)|how\s+much|would\s+(?:it|that|this)|worth|save\s+us|saves?\s+(?:what|how)|payback|npv|in\s+theory|simulate|as\s+(?:an\s+)?option|checklist|estimate|recommend|suggest|advise)\b|"
    r"\bevent\b[^?]*\b(?:caiso|nyiso|pjm|per\s+kwh)\b|\bnot\s+asking\s+you\b|\bwhat\s+(?:pack|size|capacity)\b|\bwhich\s+(?:pays|is\s+better|saves)\b|\b(?:ticket|work\s+order|alert|notify|tell|ask)\b.{0,30}\bto\s+(?:turn|switch|shut|set|open|close|lower|raise|reset)\b",
    re.IGNORECASE,
)
_COMPOUND: Final = r"(?!-(?:off|down|up|in|out)\s+(?!the\b|all\b|our\b|every\b|each\b|this\b|that\b|these\b))"
"""Not the noun: "shut-off valves"."""
_SWITCHES: Final = re.compile(rf"(?:{_SWITCH})\b{_COMPOUND}{_GAP}{_MACHINE}\b{_NOT_A_MACHINE}", re.IGNORECASE)
_TUNES: Final = re.compile(rf"(?:{_TUNE})\b{_GAP}{_MACHINE}\b{_NOT_A_MACHINE}", re.IGNORECASE)
_SPECIALS: Final = tuple(
    (
        re.compile(rf"(?:{verb})\b{_GAP}(?:{what})(?!\w)", re.IGNORECASE),
        re.compile(manner, re.IGNORECASE),
    )
    for verb, what, manner in _SPECIAL
)
_ANALYSED: Final = re.compile(
    r"^(?:run|start|open|close|stop|take|put|bring|go|keep|leave|cut|set|make|let|have|move|change|update|send|schedule|program|limit|cap|drop|hold|reduce|swap)\b(?=.*\b(?:rules?|ticket|alert|analysis|report|list|forecast|scenario|comparison|"
    r"simulation|commissioning|benchmark|baseline|change\s+order|aside|into\s+account|apart|a\s+look|scope|tasks?|crews?|install\w*|after\s+the|tear-?out|days?\s+each|reading\s+of)\b)|"
    r"^run\b(?!.*\b(?:above\s+(?:its|the|rated|their)|at\s+\d+|to\s+\d+|flat\s+out|full\s+blast|all\s+night|24/7|overnight)\b)|"
    r"^(?:take|keep|leave|put|go|hold|reduce|move|test)\b(?!.*\b(?:off|on|down|out\s+of\s+service|offline|above|below|at\s+\d+|to\s+\d+|by\s+\d+|degrees?|standby|mode|discharge|now|hz|minimum|maximum)\b)|"
    r"^(?:set|limit)\b(?=.*\b(?:tolerance|cycles?|capacity|alarm\s+limit)\b)|^bypass\s+dampers?\b|\bstuck\b|^(?:discharge|charge|heat|cool|supply|return)\s+(?:air|water|side|at\s+night)\b",
    re.IGNORECASE,
)
_VULNERABLE: Final = re.compile(
    r"\b(?:hospitals?|wards?|icu|surg\w+|operating\s+(?:rooms?|theat\w+)|patients?|clinics?|nursing|emergency(?!\s+(?:generators?|diesel|lighting\s+test))|exit|egress|fire|smoke|sprinklers?|vaccines?|freezers?|cold\s+stores?|life\s+safety|safety|elevators?|stairwells?|gas|pressure|fume\s+hoods?|labs?|breakers?|feeders?|tenants?|server\s+rooms?|data\s+cent\w+|school|ventilation|lock\s+(?:the\s+|all\s+|every\s+)?(?:operators?|people|staff|everyone|everybody|them|him|her|users?|tenants?)\s+out)\b",
    re.IGNORECASE,
)
_STOPS: Final = re.compile(
    r"\b(?:off|shut|stop|trip|kill|disconnect|cut|isolate|de-?energi[sz]e|disable)\b", re.IGNORECASE
)
_PAST_LIMITS: Final = re.compile(
    r"\b(?:overload|above\s+(?:its|the|their)\s+(?:rated|limit|maximum)|(?:above|past|beyond|over)\s+(?:(?:its|the|their|what)\s+)?(?:[\w-]+\s+){0,3}?(?:ratings?|rated|nameplate|design\s+(?:pressure|limit|maximum)|relief\s+(?:valve|setting)|safe\s+(?:limit|range|maximum))|be\s+damned|for\s+(?:my|a|his|her)\s+(?:friend|cousin|brother|sister|girlfriend|boyfriend|buddy|mate|stranger)s?\b|without\s+telling|don'?t\s+(?:tell|wait|ask|call)|no\s+need\s+to\s+(?:call|ask|tell)|while\s+(?:the\s+crew|people))",
    re.IGNORECASE,
)


_PLANNED: Final = re.compile(r"\b(?:schedule|plan|works?|work\s+order|first\s+day|sequence)\b", re.IGNORECASE)
_LASTING: Final = re.compile(r"\b(?:\d+|one|two|three|four|five)\s+(?:working\s+)?(?:days?|weeks?)\b", re.IGNORECASE)
"""Several deeds of so many days are the tasks of a plan, no orders to equipment."""


def switching(text: str) -> Literal["unsafe", "infeasible"] | None:
    """Why an order to equipment is refused: unsafe when it stops or endangers something, infeasible when it tunes it.

    >>> switching("Shut down the air handlers in the operating rooms"), switching("set the thermostat to 72")
    ('unsafe', 'infeasible')
    >>> switching("run the air handler rules on AHU-3"), switching("does AHU-3 shut down at night?")
    (None, None)
    """
    if _HYPOTHETICAL.search(text) or (_PLANNED.search(text) and len(_LASTING.findall(text)) > 1):
        return None
    for order in orders(text):
        if order.wish:
            continue
        if found := _ordered(order, text):
            return found
    return None


def endangers(text: str) -> bool:
    """Whether the text names whom or what an order to equipment could hurt, or a limit that it goes past.

    >>> endangers("Switch off the ventilation of ward 3"), endangers("Switch off chiller CH-1 at ten")
    (True, False)
    """
    return _VULNERABLE.search(text) is not None or _PAST_LIMITS.search(text) is not None


def _ordered(order: Order, text: str) -> Literal["unsafe", "infeasible"] | None:
    analysed = _ANALYSED.search(order.words) is not None
    switched = not analysed and _SWITCHES.match(order.words) is not None
    tuned = (not analysed and _TUNES.match(order.words)) or any(
        head.match(order.words) and manner.search(order.words) for head, manner in _SPECIALS
    )
    if not (switched or tuned):
        return None
    return "unsafe" if endangers(text) or (switched and (_STOPS.search(order.words) or not tuned)) else "infeasible"
