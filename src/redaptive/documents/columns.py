"""Which column is which: synonyms, units in headers, and a clear message when a column is missing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from redaptive.domain.units import canonical_unit
from redaptive.errors import InvalidInput

UNITS = frozenset(
    {
        *("w", "kw", "mw", "wh", "kwh", "mwh", "gwh", "btu", "kbtu", "mmbtu", "therm", "dth", "j", "kj", "mj", "gj"),
        *("btu/h", "kbtu/h", "mbh", "ton", "ton-hour"),
        *("cf", "ccf", "mcf", "mmcf", "m3", "gal", "kgal", "l", "lb", "klb", "kg"),
    }
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BRACKETED = re.compile(r"^(?P<name>.*?)\s*[(\[](?P<unit>[^()\[\]]+)[)\]]\s*$")


def key_of(name: str) -> str:
    """A header without case, accents, units in brackets and punctuation: "Start Time (UTC)" -> "start time"."""
    found = _BRACKETED.match(name)
    bare = found["name"] if found and found["name"] else name
    if not bare.isascii():
        bare = unicodedata.normalize("NFKD", bare.replace("ß", "ss")).encode("ascii", "ignore").decode()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", bare.lower()).split())


def _camel_key(name: str) -> str:
    return key_of(_CAMEL.sub(" ", name))


def unit_in(name: str) -> str | None:
    """The unit that a header names, such as "Usage (kWh)", "usage_kwh" or "kWh"; None without one."""
    found = _BRACKETED.match(name)
    candidates = [found["unit"]] if found else []
    candidates += [name, re.split(r"[\s_]+", name.strip())[-1]]
    return next((c.strip() for c in candidates if canonical_unit(c) in UNITS), None)


def says_utc(name: str) -> bool:
    """Whether the header of a time says that it is in UTC: "valid(UTC)", "ts_utc"."""
    lower = name.strip().lower()
    return any(lower.endswith(end) or f"{end})" in lower or f"{end}]" in lower for end in ("utc", "gmt"))


def split_unit(name: str) -> tuple[str, str | None]:
    """A header as (name, unit): "b1_e (kWh)" -> ("b1_e", "kWh"); only units in brackets are taken off."""
    found = _BRACKETED.match(name)
    if found and found["name"] and canonical_unit(found["unit"]) in UNITS:
        return found["name"].strip(), found["unit"].strip()
    return name, None


def pick(columns: Sequence[str], synonyms: Iterable[str]) -> str | None:
    """The first column, in the order of the synonyms, whose name is one of them; airTemperature is air temperature."""
    by_key: dict[str, str] = {}
    for key in (key_of, _camel_key):
        for column in columns:
            by_key.setdefault(key(column), column)
    return next((by_key[s] for s in synonyms if s in by_key), None)


def named(columns: Sequence[str], asked: str, option: str, file: str) -> str:
    """The column asked for, in any case; raises InvalidInput with the columns found and the closest one."""
    by_key = {c.strip().lower(): c for c in columns}
    if (found := by_key.get(asked.strip().lower())) is not None:
        return found
    raise InvalidInput(
        f"There is no column {asked!r}; the file has {_listed(columns)}.",
        field=f"{file}:{option}",
        fix=_closest(asked, columns),
    )


class MissingColumn(InvalidInput):
    """Raised when a file lacks a needed column; `what` it would hold."""

    def __init__(self, what: str, message: str, *, field: str, fix: str) -> None:
        super().__init__(message, field=field, fix=fix)
        self.what = what


def missing_column(columns: Sequence[str], what: str, synonyms: Sequence[str], option: str, file: str) -> MissingColumn:
    """The error of a file without a needed column."""
    told = [s for s in synonyms if len(s) > 3]  # two letters are like any two others
    near = {s: get_close_matches(s, [key_of(c) for c in columns], 1, 0.6) for s in told}
    close = next((c for hits in near.values() for c in columns if hits and key_of(c) == hits[0]), None)
    hint = f"Is it {close!r}? " if close else ""
    return MissingColumn(
        what,
        f"No column holds the {what}; the file has {_listed(columns)}.",
        field=f"{file}:header",
        fix=f"{hint}Name it with {option}.",
    )


def renamed(columns: Sequence[str], synonyms: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Field -> column for every field of `synonyms` that the file has."""
    found = {field: pick(columns, names) for field, names in synonyms.items()}
    return {field: column for field, column in found.items() if column is not None}


def _listed(columns: Sequence[str]) -> str:
    shown = ", ".join(repr(c) for c in columns[:20])
    return shown if len(columns) <= 20 else f"{shown} and {len(columns) - 20} more"


def _closest(asked: str, columns: Sequence[str]) -> str:
    near = get_close_matches(asked.lower(), [c.lower() for c in columns], 1, 0.5)
    found = next((c for c in columns if near and c.lower() == near[0]), None)
    return f"The closest is {found!r}." if found else "Use one of these names."
