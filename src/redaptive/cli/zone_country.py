"""The country of a time zone, whose public holidays are kept unless a person names another."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

NO_COUNTRY: Final = "none"


def kept_country(asked: str | None, timezone: str) -> str | None:
    """The country whose holidays are kept: the one asked for, that of the zone, or none where "none" was asked for.

    >>> kept_country(None, "Europe/Dublin"), kept_country("GB", "UTC"), kept_country("none", "Europe/Dublin")
    ('IE', 'GB', None)
    """
    return (country_of(timezone) if asked is None else asked) if asked != NO_COUNTRY else None


def country_of(timezone: str) -> str | None:
    """ISO 3166 code such as US for America/Chicago or US/Central; None for UTC and zones of no country.

    >>> country_of("US/Eastern"), country_of("Europe/Dublin"), country_of("UTC")
    ('US', 'IE', None)
    """
    countries, links = _tables()
    return countries.get(timezone) or countries.get(links.get(timezone, ""))


@cache
def _tables() -> tuple[dict[str, str], dict[str, str]]:
    """Zone -> country, and former name of a zone -> zone, from the time zone database."""
    folder = files("tzdata") / "zoneinfo"
    rows = [line.split("\t") for line in (folder / "zone.tab").read_text(encoding="utf-8").splitlines()]
    countries = {row[2]: row[0] for row in rows if len(row) > 2 and not row[0].startswith("#")}
    lines = [line.split() for line in (folder / "tzdata.zi").read_text(encoding="utf-8").splitlines()]
    return countries, {line[2]: line[1] for line in lines if line[:1] == ["L"]}
