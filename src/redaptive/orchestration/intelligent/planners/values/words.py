"""Arguments whose value is in the wording itself: horizons, people, subjects, places of the market."""
# ruff: noqa: E501, SIM905 -- tables of words, an entry a line

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from redaptive.orchestration.intelligent.matchers.entities.calendar import Period
from redaptive.orchestration.intelligent.matchers.entities.numbers import find_numbers, spelled_value
from redaptive.orchestration.intelligent.planners.values.figures import size, size_unit
from redaptive.orchestration.intelligent.planners.values.ids import is_short_code
from redaptive.orchestration.intelligent.planners.values.literals import identifiers, named, quoted
from redaptive.orchestration.intelligent.planners.values.market_places import location, postal_code, state, utility
from redaptive.orchestration.intelligent.planners.values.numerals import LOAD_AHEAD_H, PEAK_AHEAD_H
from redaptive.orchestration.intelligent.planners.values.periods import as_moment, awaited, last_day
from redaptive.orchestration.intelligent.planners.values.reading import Reading
from redaptive.orchestration.intelligent.planners.values.spans import INSTALL, roles
from redaptive.orchestration.plans.reference_types import Tool
from redaptive.orchestration.plans.schema import Json

Reader = Callable[[Tool, Reading], Json | tuple[str, ...]]
_HOURS: Final = {"hour": 1.0, "day": 24.0, "week": 168.0, "minute": 1 / 60}
_WHOLE: Final = re.compile(
    r"\b(?:(?:an?|one)\s+(?:whole\s+|full\s+|entire\s+)?(?P<unit>day|week)\s+(?:ahead|out)|the\s+(?:next|coming)\s+(?P<next>day|week))\b",
    re.IGNORECASE,
)
_ROLE: Final = (
    r"(?:manager|engineer|technician|customer|client|landlord|tenant|owner|director|contractor|officer|lead|team|desk|department|crew|staff|board|accountant|"
    r"operator|supervisor|superintendent|analyst|controller|buyer|coordinator|representative|rep|people|folks)s?"
)
_BEARER: Final = rf"(?:{_ROLE}|cfo|ceo|coo|cto|controller)"
PERSON: Final = re.compile(
    r"(?<![\w-])(?i:(?:message|note|notice|e-?mail|mail|sms|word)\s+for|to|tell|ask|text|sms|email|e-mail|mail|message|ping|page|inform|notify|remind|let|alert|call|warn|brief|update|with)\s+(?:the\s+|our\s+|my\s+|their\s+|its\s+|your\s+)?"
    rf"(?P<who>(?:(?!(?:to|the|an?|that|it|this|our|my|by|via|about|of|for|and|with|them|these|those|results?)\b)[a-z][\w-]*\s+){{0,3}}?{_ROLE}\b|(?:AP|AR|HR|QA|PM)\b|(?i:cfo|ceo|coo|cto|controller|accounting|finance|procurement|facilities|operations|maintenance|security|legal)\b|[A-Z][a-z]+(?:\s[A-Z][a-z]+)?)"
)
_GETS: Final = re.compile(
    rf"\b(?i:the|our|my|their)\s+(?P<who>(?:[a-z][\w-]*\s+){{0,2}}?{_BEARER})\s+(?:should|shall|must|has\s+to|needs\s+to|is\s+to|wants?\s+to|would\s+like\s+to)\s+(?:get|receive|have|be\s+(?:told|informed|notified))\b"
)
_GIVEN: Final = re.compile(
    rf"\b(?i:send|give|drop|shoot|write|owe|forward|leave|mail)\s+(?:(?:him|her|them)\s*,\s*)?(?i:the\s+|our\s+|my\s+|their\s+)?(?P<who>(?:[a-z][\w-]*\s+){{0,3}}?{_BEARER}|[A-Z][a-z]+(?:\s[A-Z][a-z]+)?)"
    r"\s*,?\s+(?i:an?|the|one|this|that)\s+(?:[\w-]+\s+){0,2}?(?i:sms|text|e-?mail|mail|message|note|notice|webhook)\b"
)
"""Who is given a message."""
_ONE_ROLE: Final = re.compile(rf"\b(?i:the|our|my|their)\s+(?P<who>(?:[a-z][\w-]*\s+){{0,2}}?{_BEARER})\b")
_USER: Final = re.compile(r"\b(?i:user|contact|recipient)\s+(?!is\b|of\b|who\b)(?P<who>[A-Za-z][\w.-]*[\w])")
_TOLD_CODE: Final = re.compile(
    r"\b(?:tell|let|notify|inform|message|text|email|e-mail|ping|to|ask)\s+(?:customer\s+|client\s+)?(?P<code>(?-i:[A-Z])[\w-]*|them|him|her)",
    re.IGNORECASE,
)
_ASSIGNEE: Final = re.compile(r"\b(?:to|for)\s+(?P<who>[A-Z][a-z]+(?:\s[A-Z][a-z]+)?)\b")
_NAMED_CUSTOMER: Final = re.compile(
    r"\b(?:for|of|on|from|with|customer|client|tenant|at|by|did|to|about|is)\s+(?P<name>[A-Z][a-z]+(?:\s(?:[A-Z][a-z]+|&))*|[A-Z]{2,6}(?![\w-]))(?:'s)?(?!\s(?:store|hotel|office))"
)
_CUSTOMER_CODE: Final = re.compile(
    r"\b(?:customer|client)\s+(?-i:([A-Z]{3,5}))(?=(?:'s?)?(?![\w-]|\s+(?:and|&|,)))", re.IGNORECASE
)
_SHORT: Final = re.compile(r"(?<![\w'-])[A-Z]{3,5}(?=(?:'s?)?(?![\w-]))")
_JOINED_CODES: Final = re.compile(
    r"(?<![\w-])[A-Z]{3,5}(?:'s)?\s*(?:,|\band\b|&|\+)\s*(?:(?:of|for|and|with|at)\s+)+(?:the\s+)?[A-Z]{3,5}(?![\w-])"
)
"""Codes of customers one by one: "of GFG and of BBS"."""
_LISTED_CODES: Final = re.compile(r"(?<![\w-])[A-Z]{3,6}(?:(?:\s*,\s*(?:and\s+)?|\s+(?:and|&)\s+)[A-Z]{3,6}(?![\w-]))+")
_NO_NAME: Final = frozenset(
    """January February March April May June July August September October November December Monday Tuesday Wednesday
    Thursday Friday Saturday Sunday Q LED HVAC The Our My This That Safety Christmas Summer Winter Spring Fall""".split()
)
_SAID: Final = re.compile(
    r"(?:\babout\b|\bbecause\b|\bthat\b|:|\bsaying\b|\bregarding\b|\bre\b)\s*(?P<what>.{3,400})", re.DOTALL
)
_TITLE: Final = re.compile(
    r"\b(?:subject|titled?|entitled|heading)\s*(?::|=|\bis\b|\bof\b|\breads?\b)?\s+(?P<what>(?!line\b|to\b|matter\b)[^,;:.\n]{3,120}?)"
    r"(?=\s*(?:[,;.\n]|$|\b(?:and|but|with|for|on|if|unless|when|otherwise)\s))",
    re.IGNORECASE,
)
"""A subject by its own name."""
_ABOUT: Final = re.compile(
    r"(?:\babout\b|\bbecause\b|\bthat\b|\bfor\b|(?<![\w-])on(?![\w-])|:|\bsaying\b|\bregarding\b|\bre\b)\s*(?P<what>.{3,400})",
    re.DOTALL,
)
_WINDOW: Final = re.compile(r"[\s-]+(?:demand\s+)?(?:window|interval)s?\b", re.IGNORECASE)


def _horizon(tool: Tool, reading: Reading) -> Json:
    for each in reading.quantities:
        window = each.unit == "minute" and reading.has(r"\bwindow\b")
        if each.unit in _HOURS and not window and not _WINDOW.match(reading.text, each.end):
            return float(each.value) * _HOURS[each.unit]
    if whole := _WHOLE.search(reading.text):
        return _HOURS[(whole["unit"] or whole["next"]).lower()]
    period, now = reading.period.period, reading.calendar.now if reading.calendar else None
    if period is None or now is None or period.end.replace(tzinfo=None) <= now:
        return None
    hours = (period.end.replace(tzinfo=None) - now).total_seconds() / 3600
    peak = tool.name.rpartition(".")[2] == "peak_alert" and period.grain in ("week", "day")
    return float(min(max(1, round(hours)), PEAK_AHEAD_H if peak else LOAD_AHEAD_H))


def _recipient(_tool: Tool, reading: Reading) -> Json:
    if reading.contacts:
        return reading.contacts[0]
    template = _template(_tool, reading)
    written = [word for word in identifiers(reading.text) if word != template]
    if written:
        return written[0]
    text = reading.text
    match = _USER.search(text) or _GIVEN.search(text) or PERSON.search(text) or _GETS.search(text)
    if match is None:
        told, customers = _TOLD_CODE.search(reading.text), reading.ids.get("customer", ())
        if told and (told["code"] in customers or (customers and told["code"].lower() in ("them", "him", "her"))):
            return customers[0]
        if told and is_short_code(told["code"]):
            return told["code"]
        match = _ONE_ROLE.search(text)
    if match is None:
        return None
    role = match["who"][0].islower() or match["who"].isupper()
    who = re.sub(r"[\s-]+", "_", match["who"].lower()) if role else match["who"]
    return who.rstrip("s") if who.endswith(("engineers", "managers")) else who


def _customer(_tool: Tool, reading: Reading) -> Json | tuple[str, ...]:
    """The customer's code, else a name where a customer must be meant; several where they are listed."""
    if stated := _CUSTOMER_CODE.findall(reading.text):
        codes = tuple(dict.fromkeys(stated))
        return codes if len(codes) > 1 else codes[0]
    own: list[str] = [code for code in _SHORT.findall(reading.text) if is_short_code(code)]
    codes = reading.ids.get("customer", ())
    if len(own) == 1 and reading.before is not None and not any(code in reading.text for code in codes):
        return own[0]
    if codes:
        return codes if len(codes) > 1 else codes[0]
    for match in _LISTED_CODES.finditer(reading.text):
        listed = [code for code in re.findall(r"[A-Z]{3,6}", match.group(0)) if is_short_code(code)]
        if len(listed) > 1:
            return tuple(listed)
    helper = _assignee(_tool, reading)
    found = [m["name"] for m in _NAMED_CUSTOMER.finditer(reading.text) if m["name"].split()[0] not in _NO_NAME]
    found = [name for name in found if name != helper]
    names = [name for name in found if not name.isupper() or is_short_code(name)]
    codes = tuple(dict.fromkeys(code for code in _SHORT.findall(reading.text) if is_short_code(code)))
    if len(codes) > 1 and _JOINED_CODES.search(reading.text):
        return codes
    return names[0] if names else codes[0] if codes else None


def _assignee(_tool: Tool, reading: Reading) -> Json:
    match = (
        _ASSIGNEE.search(reading.text)
        if reading.has(r"\bassign|\bhand\b|\bgive\b|\bdispatch|\bsend\b|\bgoes?\s+to\b|\bpass\b")
        else None
    )
    return match["who"] if match else None


def _subject(_tool: Tool, reading: Reading) -> Json:
    if said := quoted(reading.text):
        return said[0]
    if titled := _TITLE.search(reading.text):
        return titled["what"].strip()
    match = _SAID.search(reading.text) or _ABOUT.search(reading.text)
    return (match["what"] if match else reading.text).strip(" .!?\n")[:500] or None


_NOTING: Final = r"\bcomment|\bnot(?:e|ing)\b"


def _note(tool: Tool, reading: Reading) -> Json:
    """What a comment says."""
    if reading.has(_NOTING) and (said := quoted(reading.text)):
        return said[0]
    match = _SAID.search(reading.text) if tool.name.endswith("ticket") and reading.has(_NOTING) else None
    return match["what"].strip(" .!?\n")[:500] if match else None


def _scope_change(tool: Tool, reading: Reading) -> Json:
    """What a proposal changes; a decision on one changes nothing itself."""
    return (
        None
        if reading.has(r"(?<!don't\s)(?<!not\s)(?<!never\s)\b(?:approve|reject|withdraw|decline|accept)")
        else _subject(tool, reading)
    )


def _template(_tool: Tool, reading: Reading) -> Json:
    """The named template, else one for free text: a message is always about something."""
    if name := named(reading.text, ("template",)):
        return name
    for name, pattern in _TEMPLATES:
        if reading.has(pattern):
            return name
    return "message" if _ABOUT.search(reading.text) else None


def template_for(text: str) -> str:
    """The template for a message about what a text speaks of; a plain one when it is nothing particular."""
    return next((name for name, words in _TEMPLATES if re.search(words, text, re.IGNORECASE)), "message")


_TEMPLATES: Final = (
    ("alert", r"\balerts?\b|\balarms?\b|\banomal|\bfault"),
    ("peak_warning", r"\bpeaks?\b|\bdemand\b"),
    ("savings_report", r"\bsavings?\b|\breport\b|\bsummary\b"),
    ("ticket_update", r"\btickets?\b|\bcases?\b|\bclosed\b"),
    ("bill_ready", r"\bbills?\b|\binvoices?\b|\bovercharge"),
    ("reminder", r"\bremind"),
)


def _building_type(_tool: Tool, reading: Reading) -> Json:
    found = reading.words.get("building_type", ())
    return found[0] if len(found) == 1 else None


def _question(_tool: Tool, reading: Reading) -> Json:
    return reading.text.strip() or None


def _flag(pattern: str) -> Reader:
    return lambda _tool, reading: True if reading.has(pattern) else None


def _writes(_tool: Tool, reading: Reading) -> Json:
    """Whether estimates are written; False where that is ruled out in so many words."""
    if reading.has(_WRITES_NOTHING):
        return False
    return True if reading.has(_WRITES) else None


_WRITES: Final = (
    r"\bestimat\w+\b.*\bwrite\b|\bwrite\s+(?:them|it|those)\b|"
    r"\b(?:fill|apply|write|save|store|book|commit|replace|correct)\b.*\b(?:estimates?|gaps?|missing|values?|readings?)\b|"
    r"\b(?:estimates?|gaps?|missing|holes?)\b.*\b(?:fill|plug|patch|apply|write|save|store)\s+(?:them|it|those|these|in)\b"
)
_WRITES_NOTHING: Final = (
    r"\b(?:write|store|save|change|touch|overwrite)\s+nothing\b|\bnothing\s+(?:is|gets|shall\s+be|should\s+be)\s+(?:written|stored|saved|changed)\b|"
    r"\b(?:do\s+not|don't|dont|never|without)\s+(?:write|writing|store|storing|save|saving|apply|applying|chang\w+)\b(?!\s+(?:to|down|up)\b)|\b(?:dry|read[\s-]only)\s*run\b|\bonly\s+look\b"
)


def _states(tool: Tool, reading: Reading) -> Json:
    """States of alerts that a list is limited to, by the tool's own words for them."""
    if "alert" not in tool.name or not reading.has(
        r"\b(?:list|show|which|what|how\s+many|see)\b[^.;?!]*\b(?:al(?:ert|arm)s|(?:every|each|any)\s+(?:\w+\s+)?al(?:ert|arm))\b"
    ):
        return None
    known = tool.input_schema.get("$defs", {}).get("State", {}).get("enum", ())
    places = [(match.start(), state) for state in known if (match := _spoken(str(state)).search(reading.text))]
    found = [state for _, state in sorted(places)]
    return found if found and found != ["open"] else None  # what people call open is whatever is not over


def _spoken(state: str) -> re.Pattern[str]:
    """How a state is said of alerts; "open an alert" is an order."""
    word = state.replace("_", r"[\s_-]")
    verbal = r"(?!\s+(?:an?|the|one|it)\b)" if state in ("open", "closed") else ""
    return re.compile(rf"\b{word}\b{verbal}", re.IGNORECASE)


def _snooze(_tool: Tool, reading: Reading) -> Json:
    """Until when; tools ask for it only to snooze."""
    until = _until(reading)
    period = awaited(replace(reading, period=replace(reading.period, period=until)) if until else reading)
    if not reading.has(r"\bsnooze|\bsilence|\bmute|\bremind|\bdefer|\bpark|\bquiet"):
        return None
    if period is None:
        hours = next((float(each.value) * _HOURS[each.unit] for each in reading.quantities if each.unit in _HOURS), 0.0)
        now = reading.calendar.instants_now() if reading.calendar else None
        return as_moment(now + timedelta(hours=hours)) if now and hours else None
    return as_moment(period.start if reading.has(r"\buntil\b|\btill\b|\buntill\b") else period.end)


def _until(reading: Reading) -> Period | None:
    """The period that stands behind an "until"; others of the text only tell when somebody speaks."""
    spans = [each for each in (reading.period.period, *reading.period.others) if each and each.text]
    behind = (each for each in spans if reading.has(rf"\b(?:until|till)\s+(?:the\s+)?{re.escape(each.text)}"))
    return next(behind, None)


_TAKEN_AS: Final = re.compile(
    r"\bresolve\b[^,;.?!]*\bas\s+(?:an?\s+)?(?P<cause>withdrawn|duplicate|other)\b", re.IGNORECASE
)


def _cause(_tool: Tool, reading: Reading) -> Json:
    """The key of the cause that is named, else none of the known ones."""
    name = named(reading.text.replace("cause was ", "cause "), ("root cause", "cause"))
    if name is None and (taken := _TAKEN_AS.search(reading.text)):
        name = taken["cause"].lower()
    if name:
        return name
    if reading.has(r"\b(?:list|show|which|what|how\s+many)\b[^.;?!]*\bal(?:ert|arm)s\b"):
        return None
    return "other" if reading.has(r"\bresolv|\bclos(?:e|ed)\b|\bfixed\b|\bfalse\s+alarm|\bdone\b") else None


def _install(which: str) -> Reader:
    def reader(_tool: Tool, reading: Reading) -> Json:
        """The install window is a short span named beside the words of installing; else it is not known."""
        spans = [each for each in (reading.period.period, *reading.period.others) if each]
        role = roles(reading.text, reading.calendar).get(INSTALL) if reading.calendar else None
        if role is not None:
            return role.start.date().isoformat() if which == "start" else last_day(role)
        if (
            not reading.has(
                r"\binstall|\bretrofit|\bcommission|\bwent\s+(?:live|in)\b|\bfitted|\bput\s+in\b|\bcompleted"
            )
            or not spans
        ):
            return None
        chosen = min(spans, key=lambda each: each.end - each.start)
        if len(spans) < 2 and (chosen.end - chosen.start).days > 100:
            return None
        return chosen.start.date().isoformat() if which == "start" else last_day(chosen)

    return reader


def _count(_tool: Tool, reading: Reading) -> Json:
    return reading.counts[0].n if reading.counts else None


def _limit(_tool: Tool, reading: Reading) -> Json:
    """How many of a list: "first 10", "at most 20 of them"."""
    match = re.search(
        r"\b(?:first|top|last|at\s+most|up\s+to|newest|latest)\s+(?P<n>\d{1,3})\b(?!\s*(?:days?|hours?|weeks?|%))"
        r"|(?<![\w.,$-])(?P<most>\d{1,3}|five|ten|twelve|fifteen|twenty|thirty|fifty)(?:\s+of\s+(?:them|those))?\s+(?:at\s+(?:the\s+)?most|max(?:imum)?|tops|or\s+fewer)\b",
        reading.text,
        re.IGNORECASE,
    )
    return int(spelled_value(match["n"] or match["most"]) or 0) or None if match else None


def _reason(_tool: Tool, reading: Reading) -> Json:
    """A reason that is named as one: "reason gateway outage"."""
    match = re.search(
        r"\b(?:reason\s*(?::|is|being|of|=)?|because(?:\s+of)?|due\s+to|owing\s+to|on\s+account\s+of)\s+"
        r"(?:['\"](?P<quoted>[^'\"]{3,120})['\"]|(?P<why>[^,.;]{3,120}))",
        reading.text,
        re.IGNORECASE,
    )
    return (match["quoted"] or match["why"]).strip() if match else None


def _draws(_tool: Tool, reading: Reading) -> Json:
    """How often chance is drawn: "10k draws", "1 million simulations"."""
    for number in find_numbers(reading.text):
        behind = reading.text[number.end : number.end + 16]
        if re.match(
            r"\s*(?:draws?|simulations?|iterations?|scenarios|trials|times|monte\s+carlo)\b", behind, re.IGNORECASE
        ):
            return int(number.value)
    return None


def _daily_limit(_tool: Tool, reading: Reading) -> Json:
    """The amount a day that something must exceed."""
    found = [money for money in reading.money if money.per == "day" or money.comparison in ("above", "at_least")]
    return float(found[0].usd) if found else None


def _floor_area(*comparisons: str) -> Reader:
    def reader(_tool: Tool, reading: Reading) -> Json:
        found = [each for each in reading.quantities if each.unit == "ft2" and each.comparison in comparisons]
        return float(found[0].value) if found else None

    return reader


def _nothing(_tool: Tool, _reading: Reading) -> Json:
    """Never read from a sentence: tools have a default, or another step gives it."""
    return None


WORDS: Final[Mapping[str, Reader]] = {
    "horizon_h": _horizon,
    "recipient": _recipient,
    "engineer": _assignee,
    "assignee": _assignee,
    "subject": _subject,
    "template": _template,
    "location": location,
    "building_type": _building_type,
    "state": state,
    "postal_code": postal_code,
    "utility": utility,
    "question": _question,
    "scope_change": _scope_change,
    "comfort_or_safety": _flag(r"\b(?:safety|unsafe|dangerous|hazard|too\s+(?:hot|cold|warm)|(?:un|dis)?comfort(?:able)?|freezing|smoke|exposed)\b"),
    "apply_estimates": _writes,
    "snooze_until": _snooze,
    "cause": _cause,
    "install_start": _install("start"),
    "install_end": _install("end"),
    "count": _count,
    "draws": _draws,
    "limit_usd_per_day": _daily_limit,
    "min_floor_area_ft2": _floor_area("above", "at_least"),
    "max_floor_area_ft2": _floor_area("below", "at_most"),
    "customer_id": _customer,
    "issued_at": _nothing,
    "states": _states,
    "limit": _limit,
    "size": size,
    "size_unit": size_unit,
    "note": _note,
    "reason": _reason,
    "author": _nothing,
    "findings": _nothing,
    "values": _nothing,
    "points": _nothing,
    "thresholds": _nothing,
}  # fmt: skip
