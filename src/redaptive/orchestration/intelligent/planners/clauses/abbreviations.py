"""Short forms of the trade and of messages, written out: "chk", "txt", "tkt", "w/", "solar n battery"."""

from __future__ import annotations

import re
from typing import Final

from redaptive.orchestration.intelligent.planners.clauses.verbs import VERB
from redaptive.orchestration.intelligent.planners.values.literals import freed, held

_FORMS: Final = {
    "chk": "check", "txt": "text", "tkt": "ticket", "tkts": "tickets", "tix": "tickets", "msg": "message",
    "cust": "customer", "acct": "account", "mtr": "meter", "mtrs": "meters", "bldg": "building", "bldgs": "buildings",
    "pls": "please", "plz": "please", "fctr": "factor", "avg": "average", "elec": "electricity", "equip": "equipment",
    "temp": "temperature", "maint": "maintenance", "calc": "calculate", "fcst": "forecast", "anoms": "anomalies",
    "opps": "opportunities", "cert": "certificate", "certs": "certificates", "mgr": "manager", "engr": "engineer",
    "incl": "including", "btw": "between", "asap": "urgently", "thx": "thanks", "wk": "week", "yr": "year",
    "yrs": "years", "mo": "month", "mos": "months", "hrs": "hours", "dmd": "demand", "ack": "acknowledge",
    "inv": "invoice", "sched": "schedule", "perf": "performance", "emiss": "emissions", "ctrct": "contract",
    "aftr": "after", "b4": "before", "nxt": "next", "tmpl": "template", "tmplt": "template", "pk": "peak",
    "heat_pump": "heat pump", "gonna": "going to", "wanna": "want to", "gotta": "have to", "gimme": "give me",
    "lemme": "let me", "whats": "what's", "hows": "how's", "dont": "don't", "cant": "can't", "cuz": "because",
    "proj": "project", "pmt": "payment", "rpt": "report", "svgs": "savings", "clg": "cooling", "htg": "heating",
}  # fmt: skip
_SHORT: Final = re.compile(
    rf"(?<![\w@./#$-])(?:{'|'.join(_FORMS)})(?![\w@/-])(?:\.(?=\s+[a-z])(?!\s+(?:less|more|fewer|over|under|above|below|any|no|none|if|then|when|{VERB})\b))?",
    re.IGNORECASE,
)
_WITH: Final = re.compile(r"(?<!\S)w/\s*(?!o\b)", re.IGNORECASE)
_WITHOUT: Final = re.compile(r"(?<!\S)w/o\b\s*", re.IGNORECASE)
_AND: Final = re.compile(r"(?<=[a-z0-9])\s+(?:n|n'|'n')\s+(?=[A-Za-z])")
_AGED: Final = re.compile(r"(?<=\d)[\s-]?(?:(?:yr|year)s?-(?=old\b)|y\s?/?\s?o\b)", re.IGNORECASE)

_POINT: Final = re.compile(r"(?<![\w.])\.(?=\d)")
"""A fraction without its zero: ".45"."""


def written_out(text: str) -> str:
    """The text with short forms as words; what is quoted stays as it is.

    >>> written_out("chk mtr 4711, txt the mgr w/ template x")
    'check meter 4711, text the manager with template x'
    >>> written_out("a 22-yr-old fan"), written_out("open tkt 'chk valve'")
    ('a 22 years old fan', "open ticket 'chk valve'")
    """
    found = _SHORT.sub(_word, held(text))
    found = _WITHOUT.sub("without ", found)
    found = _POINT.sub("0.", _AGED.sub(_aged, _WITH.sub("with ", found)))
    return freed(_AND.sub(" and ", found))


def _aged(match: re.Match[str]) -> str:
    return " years " if match.group(0).endswith("-") else " years old"


def _word(match: re.Match[str]) -> str:
    """The long form; capitals are somebody's code, but for the first letter."""
    written = match.group(0).rstrip(".")
    long = _FORMS[written.lower()]
    if written.isupper() and len(written) > 1:
        return match.group(0)
    return long.capitalize() if written[0].isupper() else long
