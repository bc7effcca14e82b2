"""Words that choose a value of a closed list: what to do, which market, which kind of equipment."""
# ruff: noqa: E501 -- tables of words, an entry a line

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

Choices = Sequence[tuple[str, str]]
"""Value and pattern, the more particular first."""

CHOICES: Final[Mapping[str, Choices]] = {
    "group_by": (
        ("state", r"(?:by|per|each|across|which)\s+(?:us\s+)?states?"),
        ("building_type", r"(?:by|per|each)\s+(?:building\s+|property\s+|space\s+)?(?:types?|use)"),
        ("climate_zone", r"(?:by|per|each|across|which)\s+(?:\w+\s+)?climate\s+zones?"),
        ("customer_code", r"(?:by|per|each|which)\s+(?:customers?|clients?|tenants?|owners?)"),
        ("building_code", r"(?:by|per|each|which|every|individual)\s+(?:of\s+(?:our|the|my)\s+)?(?:\w+\s+)?(?:buildings?|stores?|propert\w+)"),
        ("site_code", r"(?:by|per|each|which|every)\s+(?:sites?|locations?|campus\w*|facilit\w+)"),
        ("sector", r"(?:by|per|each|which)\s+(?:sectors?|industr\w+|business)"),
        ("building_code", r"(?:top|bottom|worst|best|biggest|largest|costliest|dearest|hungriest|highest|rank)\s+(?:(?:\d{1,3}|two|three|four|five|six|seven|eight|nine|ten|twenty|the|our|my|all|of)\s+)*(?:\w+\s+)?(?:buildings?|stores?|offices?|warehouses?|hospitals?|schools?|hotels?|propert\w+)"),
        ("building_code", r"which\s+(?:of\s+(?:our|the|my)\s+)?(?:\w+\s+)?(?:offices?|warehouses?|hospitals?|schools?|hotels?)"),
        ("building_code", r"(?-i:[A-Z]{2,5}-[A-Z]{2,4}-\d+)\s+cost"),
        ("building_code", r"(?:biggest|largest|top|heaviest|worst)\s+(?:\w+\s+){0,2}(?:users?|consumers?|emitters?|spenders?)\b"),
    ),
    "metric": (("source_eui", r"\b(?:source|primary)\b"), ("site_eui", r"\bsite\s+(?:eui|energy)")),
    "peer": (
        ("ll97", r"\b(?:ll\s*-?97|local\s+law\s+97|(?:nyc|new\s+york(?:\s+city)?)(?:'s)?\s+(?:law|limits?|cap))\b"),
        ("bps", r"\b(?:bps|building\s+performance\s+standards?|berdo)\b"),
        ("portfolio", r"(?:each|one\s+an)\s*other|within\s+(?:our|the|my)\s+(?:own\s+)?portfolio|among\s+(?:ours|themsel)|"
         r"(?:our|my)\s+own\s+(?:buildings|stores|portfolio|sites)|against\s+(?:our|the)\s+(?:portfolio|other)"),
        ("cbecs", r"\b(?:cbecs|national|us\s+median|industry|peers?)\b"),
    ),
    "objective": (
        ("co2", r"\b(?:co2e?|carbon|emissions?|ghg|tons?\s+(?:of|avoided)|decarboni\w+)\b"),
        ("payback", r"\b(?:payback|pays?\s+back|quick\w*\s+(?:return|win)s?)\b"),
        ("npv", r"\b(?:npv|net\s+present|most\s+money|profit\w*|value)\b"),
    ),
    "commodity": (
        ("gas", r"\b(?:gas|therms?)\b"), ("steam", r"\bsteam\b"), ("chilled_water", r"\bchilled\s+water\b"),
        ("electricity", r"\b(?:electric\w*|kwh|power)\b"),
    ),
    "form": (
        ("shared_savings", r"\bshar(?:ed|ing)[\s-]+(?:of\s+)?(?:the\s+)?savings|\bsplit\b"),
        ("per_unit", r"per[\s-](?:kwh|unit)\b|pay\s+per"),
        ("fixed_fee", r"\bfixed\b|\bflat\b"),
    ),
    "iso": (
        ("CAISO", r"\b(?:caiso|california|np-?15|sp-?15|zp-?26)\b"), ("ERCOT", r"\b(?:ercot|texas|houston\s+hub|lz_\w+|hb_\w+)\b"),
        ("ISONE", r"\b(?:iso-?\s?ne|isone|new\s+england|mass(?:achusetts)?\s+hub|nema)\b"),
        ("MISO", r"\b(?:miso|indiana\s+hub|michigan\s+hub|illinois\s+hub)\b"),
        ("NYISO", r"\b(?:nyiso|new\s+york|nyc|zone\s+[a-k]\b)"),
        ("PJM", r"\b(?:pjm|western\s+hub|west\s+hub|aep|comed|dominion|peco|bge|dayton|northern\s+illinois)\b"),
        ("SPP", r"\b(?:spp|southwest\s+power)\b"),
    ),
    "market": (("real_time", r"\b(?:real[\s-]?time|rt|spot|5[\s-]?min\w*)\b"), ("day_ahead", r"\b(?:day[\s-]?ahead|dam?|tomorrow)\b")),
    "basis": (("marginal", r"\bmarginal\b"), ("average", r"\baverage\b")),
    "program": (
        ("caiso_10_of_10", r"\bcaiso\b|10[\s-]?(?:of|in)[\s-]?10|california"), ("nyiso_5_of_10", r"\bnyiso\b|5[\s-]?of[\s-]?10|new\s+york"),
        ("pjm_4_of_5", r"\bpjm\b|4[\s-]?of[\s-]?5"),
    ),
    "customer_class": (
        ("residential", r"\bresidential\b"), ("industrial", r"\bindustrial\b"),
        ("commercial", r"\b(?:commercial|business|general\s+service)\b"),
    ),
    "equipment_type": (
        ("centrifugal_chiller", r"\bchillers?\b"), ("rtu", r"\b(?:rtus?|roof\s?tops?(?:\s+units?)?|roof\s+units?|packaged\s+units?)\b"),
        ("boiler", r"\bboilers?\b"), ("cooling_tower", r"\bcooling\s+towers?\b"), ("pump", r"\bpumps?\b"),
        ("fan", r"\b(?:fans?|blowers?)\b"), ("vfd", r"\b(?:vfds?|drives?|variable\s+(?:speed|frequency)\s+drives?)\b"),
        ("ddc", r"\b(?:ddc|bas|bms|controllers?|control\s+system)\b"), ("pv_inverter", r"\binverters?\b"),
        ("led_driver", r"\bled\b|\blamps?\b"),
    ),
    "channel": (
        ("sms", r"\b(?:sms|text(?:\s+message)?|texts?|ping)\b"), ("webhook", r"\b(?:webhook|slack|teams|https?)\b"),
        ("portal", r"\bportal\b"), ("email", r"\b(?:e-?mails?|mail|send|forward|write|notify|inform|message)\b"),
    ),
    "formats": (("pdf", r"\bpdf\b"), ("html", r"\b(?:html|web\s+page)\b"), ("csv", r"\b(?:csv|spreadsheet|excel)\b")),
    "sector": (
        ("technology", r"\b(?:tech(?:nology)?|software)\s+(?:sector|customers?|compan\w+)"), ("banking", r"\bbanking\b|\bbank(?:ing)?\s+(?:sector|customers?)"),
        ("grocery", r"\bgrocer(?:y|s|ies)\b"), ("logistics", r"\blogistics\b"), ("manufacturing", r"\bmanufactur\w+\b"),
        ("big-box retail", r"\b(?:big[\s-]?box|retail\s+sector)\b"), ("hospital system", r"\bhealth\s?care\s+sector\b"),
    ),
    "climate_zone": tuple((f"{n}{letter}", rf"\b(?:zone\s+)?{n}{letter}\b") for n in range(1, 9) for letter in "ABC"),
}  # fmt: skip
ACTIONS: Final[Mapping[str, Choices]] = {
    "energy-monitoring.raise_or_acknowledge_alert": (
        ("list", r"^\W*(?:please\s+)?(?:list|show(?:\s+me)?|which|how\s+many|give\s+me|see)\b[^.;,]*\bal(?:ert|arm)s\b"),
        ("acknowledge", r"\back(?:nowledge\w*|ed)?\b|\baccept\b|\b(?:i'm|i\s+am|we're|we\s+are)\s+on\s+(?:it|(?:the\s+|that\s+|this\s+)?al(?:ert|arm))\b|\bseen\b|\btake\s+(?:over|it)\b"),
        ("snooze", r"\bsnooze\b|\bsilence\b|\bmute\b|\bquiet\b|\bremind\s+me\b|(?-i:\bpark\b)|\bdefer\b"),
        ("assign", r"\b(?:re)?assign\w*\b|\b(?:hand|give|goes?|pass(?:es)?)\b.*\bto\b|\bdispatch\b"),
        ("resolve", r"\bresolv\w*\b|\bclos(?:e|ed)\b|\bfixed\b|\bclear\b|\bfalse\s+alarm\b|\bdone\b|\bsolved\b"),
        ("raise", r"\brais(?:e|ing)\b|\bopen\s+(?:an?|one)\b|\bcreate\b|\btrigger\b|\blog\s+an?\b|\balert\s+(?:the|me|us|on|our|a|an|for)\b|"
         r"\bflag\b|\bmake\s+an?\s+al"),
        ("list", r"\b(?:list|show|which|what|how\s+many|see|any|all|open\s+al\w*|alerts|alarms|outstanding|pending|active|on[\s-](?:call|duty)|pager)\b"),
    ),
    "customer-experience.create_or_update_ticket": (
        ("reopen", r"\bre-?open\w*\b"), ("resolve", r"\bresolv\w*\b|\bfixed\b|\bsolved\b"),
        ("close", r"\bclos(?:e|ed|ing)\b|\bcancel\b"), ("assign", r"\b(?:re)?assign\w*\b|\b(?:hand|give|goes?|pass(?:es)?)\b.*\bto\b"),
        ("wait", r"\bon\s+hold\b|\bwait\w*\b|\bpause\b|\bpending\b"),
        ("comment", r"\bcomment\b|\b(?:add|put|leave|attach|write|drop)\s+(?:a\s+|the\s+)?(?:short\s+|quick\s+)?(?:note|remark)\b|\bnot(?:e|ing)\s+(?:on|in|to|for)\b|\bupdate\s+(?:ticket|case|T\w*-\d)"),
        ("create", r"\b(?:create|open|log|raise|file|new|submit|report|start|make|put\s+in|complain\w*|work\s+order|ticket)\b"),
    ),
    "project-implementation.manage_change_order": (
        ("approve", r"(?<!don't\s)(?<!not\s)(?<!never\s)\bapprov\w*\b|\baccept\b|\bsign\s+off\b|\bgreen\s?light\b|\bok(?:ay)?\b"), ("reject", r"\breject\w*\b|\bdeny\b|\bdecline\b|\brefuse\b|\bturn\s+down\b"),
        ("withdraw", r"\bwithdraw\w*\b|\bcancel\b|\bretract\b|\b(?:pull|take)\s+(?:\S+\s+){0,5}?back\b|\brecall\b|\brescind\b|\brevoke\b"),
        ("propose", r"\bpropos\w*\b|\bdraft\b|\bcreate\b|\badd(?:s|ed|ing)?\b|\bsubmit\b|\bnew\b|\braise\b|\bopen\b|\brequest\b|\bchange\b|\bwrite\b"),
    ),
}  # fmt: skip


def choose(choices: Choices, text: str) -> str | None:
    """The first value whose pattern the text has.

    >>> choose(CHOICES["objective"], "cut the most carbon")
    'co2'
    """
    return next((value for value, pattern in choices if re.search(pattern, text, re.IGNORECASE)), None)


def choose_all(choices: Choices, text: str) -> list[str]:
    """Every value whose pattern the text has and does not rule out; of several the one that is meant only.

    >>> choose_all(CHOICES["commodity"], "not the gas, the electricity"), choose_all(CHOICES["basis"], "marginal")
    (['electricity'], ['marginal'])
    """
    spots = [(value, re.finditer(pattern, text, re.IGNORECASE)) for value, pattern in choices]
    heads = [
        (value, [head for spot in found if not _RULED_OUT.search(head := text[: spot.start()])])
        for value, found in spots
    ]
    meant = [value for value, before in heads if any(_ALONE.search(head) for head in before)]
    return meant if len(meant) == 1 else [value for value, before in heads if before]


_RULED_OUT: Final = re.compile(
    r"\b(?:not|no|never|without|except|excluding|instead\s+of|rather\s+than|drop|skip|leave\s+out|forget|ignore|omit)\s+(?:(?:the|its|any|about)\s+)*$",
    re.IGNORECASE,
)
"""Words before a value that is not wanted."""
_ALONE: Final = re.compile(r"\b(?:only|just|solely|exclusively)\s+(?:(?:the|its|for|on|as|in)\s+)*$", re.IGNORECASE)


def led_by(values: Sequence[str], text: str) -> str | None:
    """The value that a text, or a piece of it, begins with as its verb: of "close T-1, it is fixed" that is `close`."""
    verbs = [lead["verb"].lower() for part in _BREAK.split(text) if (lead := _LEAD.match(part))]
    return next((verb for verb in verbs if verb in values), None)


def acts(tool: str, text: str) -> str | None:
    """The action on something that exists with which a text begins, in other words than the tool's own.

    >>> acts("customer-experience.create_or_update_ticket", "hand TCK-1 over to Kim")
    'assign'
    """
    plain = _POLITE.sub("", text, count=1)
    table = [(value, words) for value, words in ACTIONS.get(tool, ()) if value not in _NEW]
    return next((value for value, words in table if re.match(words, plain, re.IGNORECASE)), None)


_NEW: Final = frozenset({"create", "raise", "propose", "list"})
_POLITE: Final = re.compile(r"\W*(?:(?:please|kindly|just|then|now|and|also|can\s+you|could\s+you)\s+)*", re.IGNORECASE)
_BREAK: Final = re.compile(r"[,;:.!?]\s+(?:(?:so|and|then|but|please)\s+)*|\s+(?:so|and)\s+(?=[a-z]+\s)")
_LEAD: Final = re.compile(r"\W*(?:(?:please|kindly|just|then|now|and|also)\s+)*(?P<verb>[a-z]+)\b", re.IGNORECASE)
