"""Words of the trade: measures, commodities, end uses, building types, states and cities."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from redaptive.documents.building_types import building_type, known_names
from redaptive.documents.us_states import state_code, state_names
from redaptive.orchestration.intelligent.matchers.entities.phrases import Phrase, PhraseBook

_MEASURES: Final = {
    "led": "led; leds; led lighting; led retrofit; led conversion; lighting retrofit; lighting upgrade; relighting; "
    "relamping; relamp",
    "vfd": "vfd; vfds; variable frequency drive; variable speed drive; vsd; variable speed",
    "rcx": "rcx; ebcx; mbcx; retro commissioning; retrocommissioning; recommissioning; re commissioning; "
    "existing building commissioning; monitoring based commissioning",
    "rtu": "rtu replacement; rooftop unit; rtu; rooftop; roof top unit; packaged unit",
    "chiller": "chiller replacement; chiller plant; chiller upgrade; new chiller",
    "boiler": "boiler replacement; condensing boiler; boiler; new boiler",
    "scheduling": "scheduling; setback; setbacks; night setback; thermostat setback; schedule optimization",
    "envelope": "envelope; air sealing; window film; roof insulation; insulation; cool roof; weatherization; "
    "weather stripping; double glazing",
    "refrigeration": "refrigeration; case doors; ec motors; ecm motors; anti sweat heater; "
    "refrigerated case door; night blinds",
    "pv": "pv; solar pv; rooftop pv; roof pv; rooftop solar; solar panel; solar; photovoltaic; photovoltaics; "
    "carport solar; solar canopy; solar carport",
    "battery": "battery; batteries; battery storage; energy storage; bess; storage battery",
    "demand_management": "demand management; peak shaving; load shifting; demand limiting; demand control",
}
_COMMODITIES: Final = {
    "electricity": "electricity; electric; electrical; power",
    "gas": "natural gas; gas; nat gas",
    "steam": "steam; district steam",
    "chilled_water": "chilled water; chw; district cooling",
    "hot_water": "hot water; district heat; heating hot water",
    "fuel_oil": "fuel oil; heating oil; oil no 2; number 2 oil",
    "propane": "propane; lpg",
    "water": "water",
}
_END_USES: Final = {
    "lighting": "lighting; lights",
    "hvac": "hvac; air conditioning; cooling; heating and cooling",
    "refrigeration": "refrigeration; freezer; walk in",
    "plug": "plug load",
    "ev": "ev charging; ev charger; charging station",
    "kitchen": "kitchen",
    "process": "process load",
}
_CITIES: Final = """
albuquerque NM;anaheim CA;atlanta GA;austin TX;baltimore MD;baton rouge LA;boise ID;boston MA;bridgeport CT;
buffalo NY;charleston SC;charlotte NC;chicago IL;cincinnati OH;cleveland OH;columbus OH;dallas TX;denver CO;
des moines IA;detroit MI;el paso TX;fort worth TX;fresno CA;grand rapids MI;hartford CT;honolulu HI;houston TX;
indianapolis IN;jacksonville FL;kansas city MO;las vegas NV;lexington KY;lincoln NE;little rock AR;
long beach CA;los angeles CA;louisville KY;madison WI;memphis TN;mesa AZ;miami FL;milwaukee WI;minneapolis MN;
nashville TN;new orleans LA;newark NJ;norfolk VA;oakland CA;oklahoma city OK;omaha NE;orlando FL;
philadelphia PA;phoenix AZ;pittsburgh PA;portland OR;providence RI;raleigh NC;reno NV;richmond VA;riverside CA;
rochester NY;sacramento CA;salt lake city UT;san antonio TX;san diego CA;san francisco CA;san jose CA;
savannah GA;seattle WA;spokane WA;st louis MO;saint louis MO;st paul MN;tacoma WA;tampa FL;toledo OH;tucson AZ;
tulsa OK;wichita KS;worcester MA;nyc NY;new york city NY;manhattan NY;brooklyn NY;philly PA;
"""  # US cities above some 200,000 people (US Census Bureau, 2020); none replaces the tenant's own sites
_CITY_NAMES: Final = {
    "nyc": "New York",
    "new york city": "New York",
    "philly": "Philadelphia",
    "saint louis": "St Louis",
}
_STATE_LETTERS = re.compile(r"\b([A-Z]{2})\b")
_AS_WORDS = frozenset(
    {"IN", "OR", "ME", "HI", "OK", "OH", "CO", "LA", "PA", "MA", "DE", "AL", "ID", "CT", "MS", "MT", "PR"}
)
_PLACING = re.compile(r"\b(?:in|across|throughout|state\s+of)$")
_NEVER_A_TYPE = frozenset({"other", "shop", "campus", "parking", "theater", "gym", "resort", "industrial", "lab"})


def _split(phrases: dict[str, str]) -> dict[str, list[str]]:
    return {value: [name.strip() for name in names.split(";")] for value, names in phrases.items()}


@cache
def _book(kind: str) -> PhraseBook:
    return PhraseBook.of(_phrases(kind))


def _phrases(kind: str) -> dict[str, list[str]]:
    if kind == "building_type":
        names = [name for name in known_names() if name not in _NEVER_A_TYPE]
        return _turned({name: building_type(name) or "other" for name in names})
    if kind == "state":
        return _turned({n: code for n, code in state_names().items() if n not in ("washington", "new york")})
    if kind == "city":
        entries = [entry.strip() for entry in _CITIES.replace("\n", "").split(";") if entry.strip()]
        return _turned({entry[:-3]: _city(entry) for entry in entries})
    return _split({"measure": _MEASURES, "commodity": _COMMODITIES, "end_use": _END_USES}[kind])


def _turned(values: dict[str, str]) -> dict[str, list[str]]:
    phrases: dict[str, list[str]] = {}
    for name, value in values.items():
        phrases.setdefault(value, []).append(name)
    return phrases


def _city(entry: str) -> str:
    name = entry.strip()[:-3]
    return _CITY_NAMES.get(name, name.title())


def find_words(text: str, kind: str) -> list[Phrase]:
    """Mentions of one kind: measure, commodity, end_use, building_type, state or city.

    >>> [(p.value, p.text) for p in find_words("LED retrofits in our grocery stores", "measure")]
    [('led', 'LED retrofits')]
    """
    found = _book(kind).find(text)
    if kind == "state":
        found = [*found, *_named_like_cities().find(text), *_letters(text)]
    return found


@cache
def _named_like_cities() -> PhraseBook:
    """Two states that are named like cities count only with their kind, or as "New York"."""
    return PhraseBook.of(
        {
            "WA": ["washington state", "state of washington"],
            "NY": ["new york state", "state of new york", "new york"],
        }
    )


def _letters(text: str) -> list[Phrase]:
    """Two capitals; those that are words too only after a comma or, as no first part of a code, behind an "in"."""
    shouting = text.isupper()
    found = []
    for match in _STATE_LETTERS.finditer(text):
        before, behind = text[: match.start()].rstrip(), text[match.end() : match.end() + 1]
        placed = before.endswith(",") or (_PLACING.search(before) is not None and behind not in ("-", "_", "#"))
        if state_code(match[1]) and (placed or not (shouting or match[1] in _AS_WORDS)):
            found.append(Phrase(match[1], match[1], match.start(), match.end()))
    return found
