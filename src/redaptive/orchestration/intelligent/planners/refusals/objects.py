"""The kind of object that an act is about, against the kinds that its tool takes: rules of an air handler on a bill.

Each row of the table names an act by its words and the kinds that its tool does not take. A kind is known by its noun or
by the letters of an id ("DOC-88", "TCK-77"), whatever adjectives stand before it.
"""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

_KINDS: Final[Mapping[str, str]] = {
    "document": r"(?:bills?|invoices?|certificates?|documents?|pdfs?|DOC-\w+|INV-\w+|CERT-\w+)",
    "bill": r"(?:bills?|invoices?|INV-\w+)",
    "meter": r"(?:(?:sub-?)?meters?|[A-Z]{1,4}-?M\d+|M-\d+|[A-Z]{2,4}(?:-\w{2,8})*-[EGW]\d+)",
    "machine": r"(?:chillers?|boilers?|pumps?|fans?|cooling\s+towers?|compressors?|air[\s-]handl\w+|rooftop\s+units?|vav\s+box(?:es)?|heat\s+pumps?|AHU-?\s?\d+|RTU-?\s?\d+|VAV-?\s?\d+|CH-\d+|CHL?R?-\d+|sensors?)",
    "chiller": r"(?:chillers?|boilers?|pumps?|cooling\s+towers?|CH-\d+|lamps?|luminaires?|solar\s+panels?)",
    "unlike": r"(?:boilers?|fans?|lamps?|luminaires?|solar\s+panels?|meters?|air[\s-]handl\w+|AHU-?\s?\d+)",
    "alert": r"(?:alerts?|alarms?|AL-?\d+)",
    "ticket": r"(?:tickets?|work\s+orders?|TCK-?\w+|TK-?\d+)",
    "change order": r"(?:change\s+orders?|CO-\d+(?!-\w))",
    "project": r"(?:projects?)",
    "permit": r"(?:permits?)",
    "customer": r"(?:customers?|tenants?|landlords?)",
}
_SMALL: Final = r"(?:\s+(?:(?:the|a|an|our|my|this|that|all|each|every|utility|electric|electricity|gas|water|steam|support|service|centrifugal|old|new|main|interval|customer's|rooftop|north|south|east|west|energy|power|ISO\s+\d+|(?:[a-z]+\s+)?[a-z]+['’]s)\s+)*)"
_ON: Final = r"(?:on|over|to|against|of|for|in|at|upon|across|with|by)"
_OUT_OF: Final = r"(?:from|off(?:\s+of)?|out\s+of|inside(?:\s+of)?|within|in|of|on)"
_READ: Final = (
    r"(?:extract|read|pull|take|get|parse|lift|scan|fetch|import|grab|copy|give\s+me|show\s+me|tell\s+me|need|want|see)"
)
_NO_PAPER: Final = ("machine", "meter", "alert", "ticket", "change order", "permit")
_PAPER_ONLY: Final = ("document", "alert", "ticket", "change order", "permit", "project", "customer")
_NOT_OF_LOAD: Final = ("document", "ticket", "change order", "permit", "alert")


def _act(words: str, joint: str, kinds: Sequence[str], gap: int = 4) -> re.Pattern[str]:
    things = "|".join(_KINDS[kind] for kind in kinds)
    linked = rf"\s+{joint}" if joint else ""
    owned = rf"|\b(?:{words})\b(?:\s+(?:does|do|did|has|that|which|is\s+(?:held|given)\s+by)){_SMALL}(?:{things})\b(?:\s+[\w-]*\d[\w-]*)?\s+(?:have|has|hold|holds|carry|carries|give[sn]?|gave|award(?:s|ed)?|got|get|earn(?:ed)?|reach(?:es)?|achieve[sd]?|show|shows)\b"
    return re.compile(
        rf"\b(?:{things})(?:'s|’s)\s+(?:\w+\s+){{0,1}}?(?:{words})\b|\b(?:{words})\b(?:\s+(?!and\b|or\b|then\b|whether\b|if\b)[\w'’%-]+){{0,{gap}}}?{linked}{_SMALL}(?:{things})\b(?![\s-]+(?:retrofits?|replacements?|upgrades?|projects?|rooms?|plant|rules?|type|optimi[sz]ation|contracts?|readings?|data|report|program\w*|jobs?|works?|scope)\b)(?!['’]){owned}",
        re.IGNORECASE,
    )


def _told_by(words: str, papers: str) -> re.Pattern[str]:
    """Figures that are read from a paper, in either order: "the score of the bill", "parse the bill for its score"."""
    small = r"(?:the\s+|our\s+|an?\s+|this\s+|its\s+|their\s+)*"
    return re.compile(
        rf"\b(?:{words})\s+{_OUT_OF}\s+{small}(?:{papers})\b|\b(?:{papers})\b[^.;?,]{{0,30}}?\s(?:for|show|have|has)\s+{small}(?:{words})\b",
        re.IGNORECASE,
    )


_ACTS: Final[Sequence[tuple[str, re.Pattern[str]]]] = (
    ("The rules of an air handler are evaluated on an air handler, by its id.", _act(r"(?:air[\s-]?handl(?:er|ing)(?:\s+units?)?|ahu|damper|economi[sz]er)(?:\s+(?:fault|unit))?\s+(?:rules?|rule\s*set|checks?)", _ON, (*_PAPER_ONLY, "meter", "chiller"), 2)),
    ("Those rules are evaluated on a plant or a VAV box, by its id.", _act(r"(?:vav|plant|central\s+plant)(?:\s+(?:fault|box))?\s+(?:rules?|rule\s*set|checks?)", _ON, (*_PAPER_ONLY, "meter"), 2)),
    ("A bill, a certificate or ESG figures are read from a document, by its id.", _act(rf"{_READ}\b[^.;?]{{0,50}}?\b(?:bill|invoice|registers?|charge\s+lines?|line\s+items|charges|certificate(?:\s+\w+)?|expiry\s+date|esg(?:\s+\w+)?|green[\s-]button(?:\s+\w+)?|edi(?:\s+\w+)?|statement)", r"(?:from|off(?:\s+of)?|out\s+of|inside(?:\s+of)?|within)", _NO_PAPER, 3)),
    ("A document is classified, by its id; other things have no class.", _act(r"classify|audit(?:\s+the)?|parse", r"", ("machine", "alert", "ticket"), 0)),
    ("A load is that of a meter, given by its code.", _act(r"(?:forecast|predict|prediction|load[\s-](?:shape|profile|factor|curve)|peak\s+(?:alert|warning)s?|base\s+load)(?:\s+the)?(?:\s+load)?", r"(?:of|for|on)", _NOT_OF_LOAD, 1)),
    ("A service clock belongs to a ticket or a customer.", _act(r"(?:sla|service[\s-]level)(?:\s+(?:clock|status|deadline|timer|state))?", r"(?:of|for|on)", ("machine", "meter", "document", "project", "permit", "change order"), 1)),
    ("Remaining life and wear are those of a machine.", _act(r"(?:remaining\s+(?:useful\s+)?life|degradation(?:\s+trend)?|wear(?:\s+trend)?|service\s+life)", r"(?:of|for|on|in)", ("document", "ticket", "alert", "customer", "permit", "change order"), 1)),
    ("Permits belong to a project.", re.compile(rf"\bpermits?\b(?:\s+\w+){{0,3}}?\s+(?:of|for|is|does|do|are|at|on)\s+(?:the\s+|our\s+)?(?:{_KINDS['meter']}(?<=\d)|meter\s+[A-Z][\w-]*\d|(?:{_KINDS['alert']}|{_KINDS['ticket']}|{_KINDS['bill']}))\b", re.IGNORECASE)),
    ("Satisfaction is that of customers.", _act(r"(?:csat|nps|satisfaction)(?:\s+(?:scores?|insights?|survey))?", r"(?:of|for|with|from)", ("machine", "meter", "alert", "change order", "document"), 1)),
    ("A savings report is that of a customer.", _act(r"savings\s+reports?", r"(?:for|of|on|about)", ("machine", "meter", "alert", "ticket", "document", "permit", "change order"), 0)),
    ("Earned value belongs to a project.", _act(r"(?:earned\s+value|cpi|spi)", r"(?:of|for|on)", ("machine", "meter", "alert", "ticket", "document"), 1)),
    ("Only a building has an area and an energy use intensity.", _act(r"(?:eui|energy\s+use\s+intensity|floor\s+area|gross\s+area|benchmark)", r"(?:of|for)", ("change order", "ticket", "alert", "document", "permit", "machine"), 1)),
    ("An alert is snoozed or acknowledged; other things are not.", _act(r"(?:snooze|acknowledge)", r"", ("meter", "machine", "document", "project", "change order", "customer", "permit"), 1)),
    ("kW per ton is that of a chiller.", _act(r"(?:kw\s*(?:/|per)\s*ton|tons\s+of\s+cooling|chiller\s+(?:efficiency|performance))", r"(?:of|for|from|does|do|by)", ("unlike", "document", "ticket", "alert"), 1)),
    ("Rates are compared for the load of a meter, given by its code.", _act(r"(?:compare|rank|price)\s+(?:the\s+)?(?:\w+\s+)?(?:rates|tariffs)(?:\s+(?:available|open))?", r"(?:for|of|on|against)", ("machine", "document", "alert", "ticket", "change order"), 2)),
    ("Savings are verified for a building.", _act(r"(?:verify|verified|verification\s+of)\s+(?:the\s+)?savings", r"(?:of|at|for)", ("alert", "ticket", "document", "permit"), 1)),
    ("Anomalies are looked for in the readings of a meter or a building.", _act(r"(?:anomal(?:y|ies)|outliers)", r"(?:in|of|on|at)", ("document", "ticket", "change order", "permit"), 2)),
    ("Rebates and checklists are those of a measure.", _act(r"(?:rebates?|incentives?|commissioning\s+checklist|checklist)", r"(?:for|on|of)", ("alert", "ticket", "document", "permit", "meter"), 0)),
    ("Benchmarks are those of buildings.", _act(r"benchmark", r"", ("machine", "ticket", "alert", "document", "change order", "permit"), 0)),
    ("Such a message is read from a document, by its id.", _act(r"(?:edi|green[\s-]button)(?:\s+(?:message|file|data|export))?", r"(?:from|of|off|out\s+of|in|inside)", ("machine", "alert", "ticket", "change order"), 0)),
    ("A document is read by its id; a meter or a machine is none.", _act(r"(?:LEED|energy\s+star|BREEAM|certificate|certification|expiry|invoice)\s+(?:levels?|scores?|ratings?|dates?|numbers?|totals?)", _OUT_OF, _NO_PAPER, 2)),
    ("A building or a document has a certificate; a meter or a machine has none.", _act(r"(?:LEED|BREEAM|energy\s+star|WELL)\s+(?:level|rating|certificate|points?|score|plaque)|ISO\s*50001\s+certificate", r"(?:of|for|on)", ("machine", "meter", "alert", "ticket", "change order"), 0)),
    ("Such a message or paper is a document: a meter or a machine is none.", re.compile(rf"\b(?:parse|read|treat|process|extract|import|take|load|open|classify)\s+(?:\w+\s+){{0,3}}?(?:{'|'.join(_KINDS[kind] for kind in _NO_PAPER)})\b(?:\s+[A-Z][\w-]*\d\w*)?\s+as\s+(?:if\s+it\s+were\s+)?(?:an?\s+)?(?:[\w-]+\s+){{0,2}}?(?:edi|green[\s-]button|bill|invoice|certificate|statement|pdf)\b", re.IGNORECASE)),
    ("A certificate says that; a file of readings, a message or a bill does not.", _told_by(r"(?:LEED|BREEAM|energy\s+star)\s+(?:levels?|scores?|ratings?|points?)", r"green[\s-]button|edi\b|utility\s+bills?|invoices?")),
    ("Intervals stand in a file or a message of readings, in no certificate or report.", _told_by(r"(?:interval|hourly|15[\s-]minute)\s+(?:kwh|data|readings|values|usage)", r"(?:\w+\s+)?certificates?|esg\s+reports?|permits?")),
    ("Energy is normalized for the weather, of a building.", _act(r"weather[\s-]?\s?(?:normali[sz]\w+|correct\w*|adjust\w*)", r"", ("change order", "ticket", "alert", "document", "permit"), 1)),
    ("Panels and a battery are sized for the load of a meter.", _act(r"(?:size|sizing|dimension|design)\b[^.;?]{0,30}?\b(?:solar|pv|panels?|batter\w+|storage)", r"(?:for|of|at|on)", ("change order", "ticket", "alert", "document", "permit"), 3)),
    ("Fuel of vehicles is not metered here.", re.compile(r"\b(?:weather[\s-]?\s?normali[sz]\w+|forecast|benchmark|anomal\w+|load\s+(?:shape|profile))\b[^.;?]{0,40}\b(?:diesel|petrol|gasoline|fuel|mileage)\b[^.;?]{0,40}\b(?:trucks?|vans?|cars?|fleet|vehicles?|lorr(?:y|ies)|forklifts?|bus(?:es)?)\b|\b(?:weather[\s-]?\s?normali[sz]\w+|forecast|benchmark)\b[^.;?]{0,30}\b(?:trucks?|vans?|fleet|vehicles?|lorr(?:y|ies))\b[^.;?]{0,20}\b(?:diesel|petrol|gasoline|fuel|mileage|consumption)\b", re.IGNORECASE)),
    ("Only energy is normalized for the weather.", re.compile(r"\bweather[\s-]?\s?(?:normali[sz]\w+|correct\w*|adjust\w*)\s+(?:of\s+)?(?:the\s+|our\s+|all\s+)?(?:(?!of\b|for\b|in\b|with\b)[\w'’]+\s+){0,2}?(?:complaints?|tickets?|alerts?|invoices?|prices?|satisfaction|water|permits?|floor\s+areas?|csat|crews?|schedules?)\b", re.IGNORECASE)),
    ("That reader takes a document, by its id.", re.compile(rf"\b(?:{'|'.join(_KINDS[kind] for kind in _NO_PAPER)})\b[^.;?]{{0,40}}\bwith\s+the\s+(?:utility\s+|esg\s+)?(?:bill|certificate|invoice|document|esg)\s+(?:extractor|reader|parser|tool|classifier)\b", re.IGNORECASE)),
)  # fmt: skip
_AS_PAPER: Final = re.compile(
    r"\b(?:as\s+(?:though|if)\s+it\s+(?:were|was)\s+(?:an?|the)\s+(?:[\w-]+\s+){0,2}(?:invoice|bill|document|meter|interval\s+meter|ticket|project|building|chiller|certificate))\b",
    re.IGNORECASE,
)
_CONDITIONAL: Final = re.compile(
    r"\b(?:attach\w*|mention\w*|link\w*|named|raised|opened|belong\w*|according\s+to|about|behind|says?|states?)\b",
    re.IGNORECASE,
)
_FORCED: Final = (
    "A thing is dealt with as what it is: bills are read from documents, loads from meters, rules from points."
)


def wrong_kind(text: str) -> str | None:
    """What the tool of an act takes, where the text gives it a thing of another kind; None where it does not.

    >>> wrong_kind("Run the air handler rules over utility bill DOC-88.")
    'The rules of an air handler are evaluated on an air handler, by its id.'
    >>> wrong_kind("Run the air handler rules on AHU-3 and audit utility bill DOC-88.")
    """
    if _AS_PAPER.search(text):
        return _FORCED
    for message, act in _ACTS:
        match = act.search(text)
        if match and not _CONDITIONAL.search(match.group(0)):
            return message
    return None
