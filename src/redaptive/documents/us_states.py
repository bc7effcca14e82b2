"""Time zones of US states: the zone where most people live, and which states have two."""

from __future__ import annotations

_ZONES = {
    "America/New_York": "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV",
    "America/Chicago": "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI",
    "America/Denver": "CO ID MT NM UT WY",
    "America/Phoenix": "AZ",
    "America/Los_Angeles": "CA NV OR WA",
    "America/Anchorage": "AK",
    "Pacific/Honolulu": "HI",
    "America/Puerto_Rico": "PR",
}
_BY_STATE = {state: zone for zone, states in _ZONES.items() for state in states.split()}
TWO_ZONES = frozenset({"FL", "IN", "KY", "MI", "KS", "ND", "NE", "SD", "TN", "TX", "ID", "OR", "AK", "AZ", "NV"})
"""States of which a part keeps another time (in Arizona and Nevada: a reservation and a border town)."""
_NAMES = (
    "Alabama AL;Alaska AK;Arizona AZ;Arkansas AR;California CA;Colorado CO;Connecticut CT;Delaware DE;"
    "District of Columbia DC;Florida FL;Georgia GA;Hawaii HI;Idaho ID;Illinois IL;Indiana IN;Iowa IA;Kansas KS;"
    "Kentucky KY;Louisiana LA;Maine ME;Maryland MD;Massachusetts MA;Michigan MI;Minnesota MN;Mississippi MS;"
    "Missouri MO;Montana MT;Nebraska NE;Nevada NV;New Hampshire NH;New Jersey NJ;New Mexico NM;New York NY;"
    "North Carolina NC;North Dakota ND;Ohio OH;Oklahoma OK;Oregon OR;Pennsylvania PA;Puerto Rico PR;Rhode Island RI;"
    "South Carolina SC;South Dakota SD;Tennessee TN;Texas TX;Utah UT;Vermont VT;Virginia VA;Washington WA;"
    "West Virginia WV;Wisconsin WI;Wyoming WY"
)
_CODES = {name[:-3].lower(): name[-2:] for name in _NAMES.split(";")}


def state_code(text: str) -> str | None:
    """The two letters of a US state given by name or letters; None when it is none."""
    found = _CODES.get(text.strip().lower(), text.strip().upper())
    return found if found in _BY_STATE else None


def state_names() -> dict[str, str]:
    """The two letters of each US state by its name in lower case."""
    return dict(_CODES)


def timezone_of(state: str) -> str | None:
    """The IANA zone of most of a state (two letters)."""
    return _BY_STATE.get(state)
