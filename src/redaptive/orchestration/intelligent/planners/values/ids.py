"""Codes of things as people write them: "meter 4711", "DOC-17", "AHU-3", "the Fresno store"."""
# ruff: noqa: E501, SIM905 -- tables of words, an entry a line

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from redaptive.orchestration.intelligent.matchers.entities.unit_words import unit_at

Ids = Mapping[str, tuple[str, ...]]
_CODE: Final = r"[A-Za-z0-9]+(?:[-_./][A-Za-z0-9]+)*"
_HASH: Final = r"(?:\s*(?:#|no\.?(?![A-Za-z])|number|id|code|named|called|=|:))*\s*"
_LINK: Final = r"\s*(?:,\s*and\b|,|\band\b|&|\bor\b|\+|\bvs\.?(?![A-Za-z])|\bversus\b)\s*"
_NOUNS: Final[Mapping[str, str]] = {
    "meter": r"(?:sub-?)?meters?|feeders?",
    "building": r"buildings?|bldgs?\.?|stores?|branch(?:es)?|hotels?|hospitals?|warehouses?|offices?|towers?|schools?",
    "site": r"sites?|campus(?:es)?|locations?|facilit(?:y|ies)",
    "document": r"documents?|docs?|files?|pdfs?|scans?|bills?|invoices?|certificates?|reports?|uploads?|attachments?|edi",
    "ticket": r"tickets?|cases?|work\s+orders?",
    "alert": r"(?<!peak )alerts?|alarms?",
    "project": r"projects?|jobs?|proj\.?",
    "tariff": r"tariffs?|rate\s+schedules?|rate\s+codes?|rates?",
    "permit": r"permits?",
    "change_order": r"change\s+(?:orders?|requests?)|cos?\b",
    "task": r"tasks?",
    "customer": r"(?:customers?|clients?|accounts?|tenants?)(?:\s+is(?=\s+(?-i:[A-Z]{3})))?",
    "portfolio": r"portfolios?|funds?",
    "equipment": r"equipment|units?|assets?|ahus?|air\s+handlers?|chillers?|boilers?|vavs?|rtus?|pumps?|cooling\s+towers?|plants?|fans?|fcus?|doas|compressors?|coolers?",
}
_AFTER_NOUN: Final = {
    kind: re.compile(
        rf"\b(?P<noun>{noun}){_HASH}(?P<codes>{_CODE}(?:{_LINK}(?:(?:{noun}){_HASH})?{_CODE})*)", re.IGNORECASE
    )
    for kind, noun in _NOUNS.items()
}
_PREFIXES: Final[Sequence[tuple[str, str]]] = (
    ("document", r"(?:DOC|BILL|INV|PDF|CERT|EDI|GB|ESG|RPT|FILE)[-_]?"),
    ("ticket", r"(?:TKT|TCK|TICKET|CASE|TK|T)-"),
    ("alert", r"(?:ALERT|ALR|ALT|AL|A)-"),
    ("project", r"(?:PRJ|PROJ|PR|P)-|P(?=\d{4}\b)"),
    ("permit", r"(?:PERMIT|PMT|PER)-"),
    ("change_order", r"(?:CO|CR)-"),
    ("tariff", r"(?:TARIFF|TRF|TOU|GS|LGS|GSD|SC)-(?=\d)|(?:TARIFF|TRF|TOU)-"),
    ("task", r"(?:TASK)-"),
    (
        "equipment",
        r"(?:AHU|CH|CHLR|CHILLER|RTU|VAV|BLR|BOILER|CT|FCU|EF|SF|PUMP|EQ|DOAS|MAU|CHW|CHWP|HWP|CWP|HW|CWS|HX|ERV|HRU|CRAC)(?:-[A-Z]{2,8})?[-_]?(?=\d)",
    ),
    ("meter", r"(?:MTR|METER|MET|M|EM|E)-"),
    ("building", r"(?:BLDG|BLD|BUILDING|B)-"),
    ("site", r"(?:SITE|S)-"),
    ("customer", r"(?:CUST|CUSTOMER|C)-"),
    ("portfolio", r"(?:PF|PORT|PORTFOLIO)-"),
)
_PREFIXED: Final = tuple(
    (kind, re.compile(rf"(?<![\w-])(?:{prefix})[A-Za-z0-9]+(?:[-_/][A-Za-z0-9]+)*(?![\w])", re.IGNORECASE))
    for kind, prefix in _PREFIXES
)
_SHAPED: Final = re.compile(r"(?<![\w$.-])(?=[A-Za-z0-9-]*[A-Z])[A-Z][A-Z0-9]{1,5}(?:-[A-Z0-9]{1,8}){1,4}(?![\w-])")
_CAPITAL_CODE: Final = r"[A-Z][A-Z0-9]{0,5}(?:-[A-Z0-9]{1,8}){1,4}"
_BEFORE_NOUN: Final = re.compile(
    rf"(?<![\w$.-])(?P<codes>{_CAPITAL_CODE}(?:{_LINK}{_CAPITAL_CODE})*)\s+"
    r"(?P<noun>meter|building|site|portfolio|project|customer|tariff)(?P<plural>s)?\b(?!\s+(?:status|data|readings?|health|list)\b)"
)
"""A code with its noun behind it, or several with theirs: one code and a plural is what belongs to a building."""
_METERED: Final = re.compile(r"[A-Z][A-Z0-9]{1,5}(?:-[A-Z0-9]{1,8}){0,3}-[EMGW]\d{1,2}")
_NODE: Final = re.compile(r"[NSZ]P-?(?:15|26)")
"""Zones of a market, which look like codes."""
_BUILDING_NOUN: Final = (
    r"building|store|branch|hotel|hospital|warehouse|office|tower|school|mall|plant|campus|center|centre|clinic|"
    r"brewery|bakery|depot|hub|shop|restaurant|gym|library|arena|lab|factory|facility|dorm|annex|headquarters|hq"
)
_PLACE_NAME: Final = re.compile(
    rf"\b(?:[Tt]he|[Oo]ur|[Mm]y|[Aa]t|[Ii]n|[Ff]or|[Oo]f)\s+(?P<name>(?:[A-Z][\w'’.]*\s+){{1,4}}(?:(?i:{_BUILDING_NOUN}))(?!s)\b)"
)
_TITLED: Final = re.compile(
    r"\b(?P<name>(?:[A-Z0-9][\w'’]*\s+){1,3}"
    r"(?:Tower|Plaza|Building|Center|Centre|Hall|House|Mall|Campus|Street|St|Avenue|Ave|Elm|Block|Annex)(?:\s\d+)?)\b"
)
MESSAGES: Final = frozenset({"810", "814", "820", "867"})
"""Kinds of EDI messages, which are no codes of documents."""
_NO_CODE: Final = frozenset(
    """a an and are as at be by can do does for from go had has have how i if in is it its last like me more my no not
    of on one or our out over should so some than that the their them then there these they this those to up us was we
    were what when where which who why will with would you your all any each every before after between during since
    please now today yesterday tomorrow week month year used use using costs cost saves save need needs show list""".split()
)


_ACRONYM_CODE: Final = re.compile(r"(?=[A-Z]{2}|[A-Z]+[-_][A-Z]{2})[A-Z]+(?:[-_][A-Z]+)*")
_ACRONYMS: Final = frozenset(
    """AC AHU ASHRAE BAC BAS BMS CBECS CEO CFO CPI CSAT DR EAAS EBITDA EDI EEM EPA ESCO ESG EUI EV FDD GHG GRI HVAC IRR ISO
    KPI KW KWH LED LEED LMP MWH NPV NYC OK OR AND IN PDF PPA PV RCX REC RECS RFP ROI RTU SEC SLA SMS SPI TOU UK US USA USD
    VAV VEE VFD XML ERCOT CAISO PJM MISO SPP NYISO ISONE CHP DHW CO FOR THE ALL NOW ASAP PLEASE NOT ISO-NE NYC NEMA SEMA SLA ECM EEMS RTUS VFDS CDD HDD
    VP CEOS BTU CFM GPM FAQ SOS URGENT WITH FROM BUT IF AN THEN TBD ETA EOD COP KVA MSRP USPS AVG MAX MIN TOTAL ANY WHAT WHICH
    CSV HTML CX VEE LCOE MIRR TCPI CPIS M&V IPMVP ESPI CDP GRESB LL97 BERDO BPS OM EOM YTD MTD QTD ROI PNL""".split()
)
_DIGITS: Final = re.compile(r"\d+(?:\.\d+)?(?=[A-Za-z])")
_SCALED: Final = re.compile(r"\d+(?:\.\d+)?(?:k|m|mm|bn|mio|mln)", re.IGNORECASE)
"""Amounts such as 38k, which are no codes."""
_FILE: Final = re.compile(r"(?<![\w/.-])[\w-]+\.(?:pdf|xml|csv|xlsx?|edi|txt|png|jpe?g|tiff?|x12)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Code:
    """A code in a sentence, what kind of thing it is, and where."""

    kind: str
    code: str
    start: int
    end: int
    loose: bool = False
    """Whether only its shape was there to tell its kind, and other kinds have that shape too."""


def find_codes(text: str) -> list[Code]:
    """Codes from left to right, each once; a noun before it says its kind, else its prefix does.

    >>> [(c.kind, c.code) for c in find_codes("audit bill DOC-17 of meter NLS-CHI-01-E1")]
    [('document', 'DOC-17'), ('meter', 'NLS-CHI-01-E1')]
    """
    return list(_codes(text))


@lru_cache(maxsize=512)
def _codes(text: str) -> tuple[Code, ...]:
    """The codes of a text, kept: many rules ask for those of one sentence."""
    found: list[Code] = []
    files = (Code("document", match.group(0), match.start(), match.end()) for match in _FILE.finditer(text))
    prefixed = list(_by_prefix(text))
    sure = (one for one in prefixed if not _one_letter(one.code))
    named = (*_before_noun(text), *sure, *_by_noun(text))
    for each in (*files, *named, *prefixed, *_by_shape(text), *_by_key(text)):
        if not any(each.start < known.end and known.start < each.end for known in found):
            found.append(each)
    return tuple(sorted(found, key=lambda code: code.start))


def ids_of(text: str, codes: Sequence[Code]) -> Ids:
    """Kind -> codes in the order of the sentence; a building may also be named ("the Fresno store")."""
    by_kind: dict[str, list[str]] = defaultdict(list)
    for code in codes:
        if code.code not in by_kind[code.kind]:
            by_kind[code.kind].append(code.code)
    if not by_kind.get("building") and (named := place_names(text)):
        by_kind["building"] = list(named)
    return {kind: tuple(each) for kind, each in by_kind.items()}


def place_names(text: str) -> tuple[str, ...]:
    """Names of single buildings that are written like names.

    >>> place_names("what happened at the Harbor Point tower?")
    ('Harbor Point tower',)
    """
    names = [m["name"].strip() for pattern in (_PLACE_NAME, _TITLED) for m in pattern.finditer(text)]
    market = re.search(
        r"\b(?:prices?|lmp|iso|pjm|miso|ercot|caiso|nyiso|spp|day-ahead|real-time)\b", text, re.IGNORECASE
    )
    kept = [name for name in names if not (market and name.lower().endswith(("hub", "zone")))]
    return tuple(dict.fromkeys(name for name in kept if name.split()[0].lower() not in _NO_CODE))


def is_short_code(word: str) -> bool:
    """Whether a word in capitals may be somebody's code: it is no acronym of the trade.

    >>> is_short_code("GFG"), is_short_code("HVAC")
    (True, False)
    """
    return bool(_ACRONYM_CODE.fullmatch(word)) and word not in _ACRONYMS and len(word) > 2


_MACHINES: Final = frozenset({"AHU", "RTU", "VAV", "FCU", "DOAS", "MAU", "CHW", "CHWP", "HWP", "CWP", "ERV", "CRAC"})
"""Short names of machines before where they stand: "AHU-NORTH"."""
_BY_LETTER: Final = frozenset({"project", "meter", "building", "customer"})
"""Kinds that one letter before a number may say."""
_LONG_TICKET: Final = re.compile(r"T-\d{3,}")
"""A T and three digits or more is a ticket; with fewer it is a lamp."""
_ALERT_KEY: Final = re.compile(r"(?<![\w-])(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{6,8}(?![\w-])")
"""Keys of alerts, where a text speaks of one: "take back the alert: resolve 33fe0a"."""


_MEASURED: Final = re.compile(r"%|\s(?:dollars?|usd|bucks?|cents?|kW|gpm|cfm|tons?|degF|F|years?(?:\s+old)?)\b(?!-)")
"""What makes a number an amount, not a code: "chiller: 300 kW"."""
_THOUSANDS: Final = re.compile(r"(?<!\d)\d{1,3}(?:,\d{3})+(?!\d)")


def _by_noun(text: str) -> Iterator[Code]:
    for kind, pattern in _AFTER_NOUN.items():
        for match in pattern.finditer(text):
            for part in () if _owned(match, _NOUNS[kind]) else re.finditer(_CODE, match["codes"]):
                start = match.start("codes") + part.start()
                if _is_code(part.group(0)) and not _is_amount(text, start, start + len(part.group(0))):
                    meant = "meter" if _billed(match, part.group(0)) else _better(kind, part.group(0))
                    yield Code(meant, part.group(0), start, start + len(part.group(0)))


def _billed(match: re.Match[str], code: str) -> bool:
    """Whether a code behind "bill" is shaped like a meter's: that meter is to be billed."""
    return match["noun"].lower() == "bill" and bool(_METERED.fullmatch(code))


def _owned(match: re.Match[str], noun: str) -> bool:
    """Whether a plural stands before each code, so that it is what belongs to that: "permits P-61" are those of P-61."""
    if match["noun"][-1:].lower() != "s":
        return False
    nouns = 1 + len(re.findall(rf"\b(?:{noun})\b", match["codes"], re.IGNORECASE))
    codes = [word for word in re.findall(_CODE, match["codes"]) if _is_code(word)]
    return all(map(_one_letter, codes)) and len(codes) == nouns


def _is_amount(text: str, start: int, end: int) -> bool:
    """Whether a number has a unit behind it or is part of one with separators: "meter 4711, 72 hours", "61,000"."""
    if _MEASURED.match(text, end):
        return True
    if not text[start:end].isdigit():
        return False
    parted = any(found.start() <= start < found.end() for found in _THOUSANDS.finditer(text))
    return parted or unit_at(text, end) is not None


def _one_letter(code: str) -> bool:
    """Whether its prefix is one letter, which the noun beside it outweighs: "tariff E-19"."""
    return code[1:2] in ("-", "_")


def _before_noun(text: str) -> Iterator[Code]:
    """Codes with their noun behind them: "the DAL-M2 meter"."""
    for match in _BEFORE_NOUN.finditer(text):
        for one in re.finditer(_CAPITAL_CODE, match["codes"]):
            start, code = match.start("codes") + one.start(), one.group(0)
            listed = code != match["codes"]
            plain = _one_letter(code) or not any(pattern.fullmatch(code) for _, pattern in _PREFIXED)
            if listed == bool(match["plural"]) and any(map(str.isdigit, code)) and plain:
                yield Code(match["noun"].lower(), code, start, start + len(code))


def _by_prefix(text: str) -> Iterator[Code]:
    """Codes whose prefix says their kind, longer prefixes first: one letter and a number only behind a noun."""
    for kind, pattern in _PREFIXED:
        for match in pattern.finditer(text):
            if (
                len(match.group(0).split("-")[0]) < 2
                and kind not in _BY_LETTER
                and not _LONG_TICKET.fullmatch(match.group(0))
            ):
                continue
            if any(char.isdigit() for char in match.group(0)):
                yield Code(kind, match.group(0), match.start(), match.end())


def _by_shape(text: str) -> Iterator[Code]:
    """Codes such as NLS-CHI-01: with a letter-and-digit end like E1 they are meters, else buildings."""
    for match in _SHAPED.finditer(text):
        if match.group(0) in _ACRONYMS or _NODE.fullmatch(match.group(0)):
            continue
        parts = match.group(0).split("-")
        if not any(char.isdigit() for char in match.group(0)):
            if len(parts) == 2:
                yield Code("equipment" if parts[0] in _MACHINES else "site", match.group(0), match.start(), match.end())
        else:
            metered = r"[A-Z]{1,4}\d+|[EGMW]" if len(parts) > 2 else r"[EMGW]\d{1,2}"
            numbered = len(parts) > 2 and parts[-2] in ("E", "G", "M", "W", "S") and parts[-1].isdigit()
            kind = "meter" if numbered or re.fullmatch(metered, parts[-1]) else "building"
            loose = kind == "building" and len(parts) == 2
            yield Code(kind, match.group(0), match.start(), match.end(), loose)


def _by_key(text: str) -> Iterator[Code]:
    """Keys of alerts, apart from the word for them."""
    if re.search(r"\bal(?:ert|arm)\b", text, re.IGNORECASE):
        yield from (Code("alert", m.group(0), m.start(), m.end()) for m in _ALERT_KEY.finditer(text))


def _better(kind: str, code: str) -> str:
    """A prefix that says another kind is stronger than the noun before ("unit DOC-3")."""
    for other, pattern in _PREFIXED:
        if (
            len(code) > 4
            and not _one_letter(code)
            and any(map(str.isdigit, code))
            and pattern.fullmatch(code)
            and other in {"document", "ticket", "permit", "project", "equipment"}
        ):
            return other
    return kind


def _is_code(word: str) -> bool:
    """Whether a word may be a code: it has a digit and is neither a common word nor a year or date."""
    if word in MESSAGES or re.fullmatch(r"[a-z][a-z0-9]*(?:_[a-z0-9]+){2,}", word):
        return False
    if _ACRONYM_CODE.fullmatch(word) and word not in _ACRONYMS:
        return True
    if _SCALED.fullmatch(word) or ((digits := _DIGITS.match(word)) and unit_at(word, digits.end()) is not None):
        return False
    numbered = word.lower() not in _NO_CODE and any(char.isdigit() for char in word)
    return numbered and not re.fullmatch(
        r"\d+[.,]\d+|(?:19|20)\d\d(?:-\d{2}.*)?|\d{1,2}(?::\d\d)?[ap]m|q[1-4]", word.lower()
    )
