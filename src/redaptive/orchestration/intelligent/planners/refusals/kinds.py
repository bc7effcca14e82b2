"""A property of a thing that has none, a figure in a unit that measures something else, a hub of another market."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from redaptive.orchestration.intelligent.matchers.entities.vocabulary import find_words
from redaptive.orchestration.intelligent.planners.values.lexicon import CHOICES
from redaptive.orchestration.intelligent.planners.values.places import state_of

_PAPER: Final = r"(?:(?:utility\s+)?bills?|invoices?|tickets?|permits?|contracts?|documents?|certificates?|change\s+orders?|e-?mails?|tariffs?|complaints?|leases?|customers?|DOC-\d+|CO-\d+)"
_LAMPS: Final = r"(?:LEDs?|lamps?|lights?|lighting|fixtures?|luminaires?|solar\s+panels?|elevators?|lifts?|escalators?|doors?|parking\s+lots?|roofs?|windows?)"
_UNLIKE: Final[Sequence[tuple[str, str]]] = (
    (r"power\s+factors?|reactive\s+power|voltages?|amperage", rf"(?:(?:natural\s+)?gas|water|steam|oil)\s+(?:meters?|lines?|pipes?|bills?)|{_PAPER}"),
    (r"(?:chilled[\s-]water\s+)?delta[\s-]t|superheat|subcooling|approach\s+temperature|supply\s+(?:air|water)\s+temperature|chilled[\s-]water\s+\w+|refrigerant\s+charge|kw\s+per\s+ton|cop|eer", rf"{_LAMPS}|{_PAPER}"),
    (r"(?:air[\s-]handler|ahu|vav|plant|chiller|fault)(?:\s+fault)?\s+rules?|outdoor[\s-]air\s+dampers?|cooling\s+coils?|economi[sz]ers?", rf"{_PAPER}"),
    (r"(?:gas|fuel|oil)\s+(?:use|consumption)|combustion\s+efficiency|flue\s+gas", rf"{_LAMPS}|inverters?|solar\s+\w+|batter(?:y|ies)|VFDs?"),
    (r"octane|flash\s+point|viscosity", r"electricity|power|kwh|tariffs?"),
    (r"(?:remaining\s+(?:useful\s+)?life|life\s+expectancy|degradation(?:\s+trend)?)", _PAPER),
    (r"(?:load\s+(?:factor|shape|profile)|base\s+load|site\s+eui|eui|peak\s+demand)", r"(?:tickets?|alerts?|complaints?|e-?mails?|permits?|certificates?|change\s+orders?)"),
)  # fmt: skip
_OF: Final = r"\s+(?:\w+\s+){0,2}?(?:of|on|for|in|at|across|does|do|did|has|have)\s+(?:the\s+|a\s+|an\s+|our\s+|my\s+|this\s+|that\s+|all\s+|each\s+|every\s+)*(?:[\w'-]+\s+){0,2}?"
_POSSESSED: Final = rf"(?:{_PAPER})(?:'s|’s)\s+(?:\w+\s+){{0,2}}?"
_MISMATCHES: Final = (
    *(
        re.compile(rf"\b(?:{what})\b{_OF}(?:{thing})\b(?!\s+(?:retrofit|project|room|plant))", re.IGNORECASE)
        for what, thing in _UNLIKE
    ),
    re.compile(rf"\b{_POSSESSED}(?:{_UNLIKE[2][0]}|{_UNLIKE[1][0]})\b", re.IGNORECASE),
)
_ON_PAPER: Final = re.compile(
    r"\b(?:according\s+to|says?|stated|states\s+that|printed|reads?|claims?|about)\b", re.IGNORECASE
)
"""Words of a property that a document only tells of."""
_OUT_OF_A_MACHINE: Final = re.compile(
    r"\b(?:extract|parse|read|pull|get|scan|audit|classify)\b[^.;?]{0,60}\b(?:out\s+of|from|file\s+of|message\s+of)\s+(?:the\s+|our\s+|a\s+)?"
    r"(?:chillers?|boilers?|air\s+handlers?|AHU|RTU|pumps?|fans?|cooling\s+towers?|rooftop\s+units?|compressors?|VAV|(?:\w+\s+)?sensors?)\b(?!\s+(?:invoice|bill|contract|report))",
    re.IGNORECASE,
)
_OUT_OF_A_NOTE: Final = re.compile(
    r"\b(?:extract|parse|read|pull|scan|classify|import)\b[^.;?]{0,60}\b(?:out\s+of|from)\s+(?:the\s+|our\s+|an?\s+|this\s+|that\s+)?"
    r"(?:alerts?|alarms?|tickets?|work\s+orders?|anomal(?:y|ies)|runs?)\b(?!\s+(?:attachment|file|pdf))",
    re.IGNORECASE,
)
_NO_SCOPE: Final = re.compile(r"\bscopes?[\s-]+(?P<n>0|[4-9]|[1-9]\d)\b(?!\s*(?:%|percent))", re.IGNORECASE)
_GASES: Final = re.compile(
    r"\b(?:footprint|emissions?|carbon|ghg|greenhouse|inventory|co2\w*|tonnes?|tons?)\b", re.IGNORECASE
)
_PAPERS: Final = re.compile(
    r"\b(?:bills?|invoices?|certificates?|green\s+button|edi|esg\s+\w+|statements?)\b", re.IGNORECASE
)
_STORED_AS: Final = re.compile(
    r"\b(?:store|ingest|enter|book|load|write|record|put|log|save)\b[^.;?]{0,24}?\b\d[\d,.]*\s+(?:gallons?|therms?|cubic\s+f\w+|ccf|mcf|"
    r"degrees?|lit(?:er|re)s?|pounds?|tons?)\b[^.;?]{0,24}?\bas\s+(?:\w+\s+)?(?:kwh|kw|kilowatt\S*)\b",
    re.IGNORECASE,
)
_OF_ANOTHER_KIND: Final = re.compile(
    r"\b\d[\d,.]*\s*(?:(?:gallons?|gal|therms?|cubic\s+(?:feet|foot|met(?:er|re)s?)|ccf|mcf|lit(?:er|re)s?|pounds?|lbs?|barrels?|bushels?)\s+of\s+(?:grid\s+)?(?:electricity|electric\s+(?:power|energy))"
    r"|(?:[kmg]wh|kw|therms?)\s+of\s+(?:drinking\s+|city\s+|tap\s+)?water(?!\s+(?:heat|pump|cool)))\b",
    re.IGNORECASE,
)
"""An amount in a unit that does not measure what it is of."""
_QUANTITY: Final = r"(?P<q>eui|energy\s+use\s+intensity|demand|peaks?|consumption|usage|electricity\s+use|water\s+(?:use|consumption)|gas\s+use|energy\s+use|load\s+factors?|paybacks?|floor\s+areas?|carbon\s+intensity|emissions|footprint|savings|tariffs?|rates?|gas\s+bill|npv|costs?|prices?)"
_NEVER_MEASURED: Final = r"kelvins?|nautical\s+miles?|decibels?|db|lumens?|lux|octaves?|parsecs?|light[\s-]years?|carats?|pascals?|psi|pounds\s+per\s+square\s+inch|hertz|hz|miles\s+per\s+hour|mph|knots|calories|acres\s+per\s+\w+|fathoms?|furlongs?|stones|ohms|newtons?|becquerels?|radians?|pixels?|megabytes?|gigabytes?"
_ALIEN: Final = {
    _NEVER_MEASURED: r".",
    r"(?:degrees\s+)?(?:celsius|fahrenheit)|degrees": r".",
    r"(?:square\s+(?:feet|met(?:er|re)s)|hectares|acres)": r"demand|peak|consumption|usage|use|load|payback|carbon|emission|footprint|saving|tariff|rate|bill|npv|cost|price",
    r"(?:kilograms?|ounces?|grams?)": r"eui|energy|demand|peak|electricity|usage|load|payback|area|tariff|rate|npv|cost|price",
    r"(?:amps|amperes|volts|watts|kilowatts)": r"payback|area|carbon|emission|footprint|tariff|npv|cost|price|bill",
    r"(?:kilowatts|kw|megawatts|mw|kwh|kilowatt-?hours)": r"water|payback|area|load\s+factor",
    r"(?:horsepower)": r"payback|area|carbon|emission|footprint|tariff|npv|cost|price|bill|eui",
    r"(?:years|months|days|seconds)": r"demand|peak|eui|area|carbon|emission|footprint|tariff|npv",
}
"""Units, and the quantities (parts of their names) that they do not measure."""
_HOW_MANY: Final = re.compile(rf"\bhow\s+many\s+(?P<u>dba|{_NEVER_MEASURED})\b", re.IGNORECASE)
"""A count of what nothing here measures, whatever it is asked of."""
_UNITS: Final = tuple(
    (re.compile(rf"\b{_QUANTITY}\b[^.;?]{{0,40}}?\bin\s+(?P<u>{unit})\b(?!\s*(?:or|and\s+kwh))", re.IGNORECASE), re.compile(of, re.IGNORECASE))
    for unit, of in _ALIEN.items()
)  # fmt: skip
_AT_A_HUB: Final = re.compile(
    r"\b(?:price|prices|priced|lmps?|cleared?|clear|settled?|day[\s-]ahead|real[\s-]time)\b", re.IGNORECASE
)
_HUBS: Final = {
    "CAISO": r"\b(?:np-?15|sp-?15|zp-?26)\b",
    "ERCOT": r"\b(?:houston\s+hub|ercot\s+\w+\s+hub|lz_\w+|hb_\w+)\b",
    "NYISO": r"\bzone\s+[a-k]\b|\b(?:nyc|n\.y\.c\.|new\s+york\s+city|long\s+island|hudson\s+valley)\s+zone\b",
    "MISO": r"\b(?:indiana|michigan|illinois|arkansas)\s+hub\b",
    "PJM": r"\b(?:western\s+hub|pjm\s+west\w*\s+hub|(?:comed|aep|dominion|peco|bge|ppl)\s+(?:zone|hub))\b",
    "ISONE": r"\b(?:mass(?:achusetts)?\s+hub)\b",
}
_MARKETS: Final = {
    name: r"\b(?:iso[\s-]?ne|isone|iso\s+new\s+england|new\s+england)\b" if name == "ISONE" else rf"\b{name}\b"
    for name, _ in CHOICES["iso"]
}

_ANY_MARKET: Final = "|".join(part.replace(r"\b", "") for part in _MARKETS.values())
_OF_ANOTHER: Final = re.compile(
    rf"\b(?P<a>{_ANY_MARKET})(?:'s)?\s+(?:\w+\s+)?(?:hub|zone|node|lmp|prices?)\s+(?:in|on|of|at|from|by|inside|within)\s+(?:the\s+)?"
    rf"(?!(?P=a))(?P<b>{_ANY_MARKET})\b",
    re.IGNORECASE,
)
STATES: Final = {
    "CAISO": {"CA", "NV"},
    "ERCOT": {"TX"},
    "ISONE": {"CT", "MA", "ME", "NH", "RI", "VT"},
    "MISO": {"AR", "IA", "IL", "IN", "KY", "LA", "MI", "MN", "MO", "MS", "MT", "ND", "SD", "TX", "WI"},
    "NYISO": {"NY"},
    "PJM": {"DC", "DE", "IL", "IN", "KY", "MD", "MI", "NC", "NJ", "OH", "PA", "TN", "VA", "WV"},
    "SPP": {"AR", "CO", "IA", "KS", "LA", "MN", "MO", "MT", "ND", "NE", "NM", "OK", "SD", "TX", "WY"},
}
"""Where the zones of a market lie: the footprints of the FERC's pages on electric power markets (ferc.gov)."""
_ZONE_BEFORE: Final = re.compile(r"\b(?:hub|zone|node)\s+(?:of\s+|in\s+|called\s+)?(?:the\s+)?$", re.IGNORECASE)
_ZONE_BEHIND: Final = re.compile(r"\s+(?:load\s+)?(?:hub|zone|node)\b", re.IGNORECASE)
_SEVERAL: Final = re.compile(r"\b(?:and|or|vs|versus|compar\w+|both|than|against|between)\b", re.IGNORECASE)


def mismatched(text: str) -> str | None:
    """Why a thing has no such property, unit or place; None where it may.

    >>> mismatched("What is the power factor of the gas meter G-2?")
    'What is asked of that is no property of such a thing.'
    >>> mismatched("What is the power factor of meter G-2?")
    """
    if not _ON_PAPER.search(text) and any(pattern.search(text) for pattern in _MISMATCHES):
        return "What is asked of that is no property of such a thing."
    if _OUT_OF_A_MACHINE.search(text) and _PAPERS.search(text):
        return "Machines hold no papers: a document is read by its id, a machine's data by its points."
    if _OUT_OF_A_NOTE.search(text) and _PAPERS.search(text):
        return "An alert or a ticket is no document: a bill or certificate is read from its own document, by id."
    if (scope := _NO_SCOPE.search(text)) and _GASES.search(text):
        return f"There is no scope {scope['n']}: emissions are those of scopes 1, 2 and 3."
    if _STORED_AS.search(text):
        return "A quantity is stored in its own unit: convert it first, or take the meter that measures it."
    if match := _OF_ANOTHER_KIND.search(text):
        return f"There are no {match.group(0)}: each quantity has its own unit."
    if match := _HOW_MANY.search(text):
        return f"No meter here measures {match['u']}."
    for pattern, of in _UNITS:
        match = pattern.search(text)
        if match and of.search(match["q"]) and "degree day" not in text.lower():
            return f"{match['q']} is not measured in {match['u']}."
    return _elsewhere(text)


def _elsewhere(text: str) -> str | None:
    """A price of one market at a hub of another: only where the text names exactly one of each."""
    if not _AT_A_HUB.search(text):
        return None
    markets = [name for name, pattern in _MARKETS.items() if re.search(pattern, text, re.IGNORECASE)]
    if len(markets) == 1 and (city := _zone_of_a_city(text)) and state_of(city) not in STATES[markets[0]]:
        return f"{city} lies in no zone of {markets[0]}."
    if (two := _OF_ANOTHER.search(text)) and not _SEVERAL.search(text):
        return f"{two['a']} and {two['b']} are two markets: a hub belongs to one of them."
    hubs = [name for name, pattern in _HUBS.items() if re.search(pattern, text, re.IGNORECASE)]
    own = [name for name in markets if name not in hubs]
    if (
        len(hubs) == 1
        and len(own) == 1
        and re.search(rf"(?:{_MARKETS[own[0]]}).{{0,60}}\b(?:at|in|for|of)\b", text, re.IGNORECASE)
    ):
        return f"That hub belongs to {hubs[0]}, not to {own[0]}."
    return None


def _zone_of_a_city(text: str) -> str | None:
    """The only city that a zone, hub or node is named by."""
    found = [
        each.value
        for each in find_words(text, "city")
        if _ZONE_BEFORE.search(text[: each.start]) or _ZONE_BEHIND.match(text, each.end)
    ]
    return found[0] if len(set(found)) == 1 else None
