"""Where the meters of a file are: their time zone and the public holidays that are kept there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import holidays

from redaptive.errors import InvalidInput


@dataclass(frozen=True)
class Place:
    """Where the meters are: time zone, country and subdivision of the public holidays, and which of them are worked."""

    timezone: str = "UTC"
    country: str | None = None
    subdivision: str | None = None
    worked: frozenset[str] = frozenset()

    @property
    def named_timezone(self) -> str | None:
        """The zone, or None where it is the UTC of those who named none."""
        return self.timezone if self.timezone != "UTC" else None

    def holidays(self, years: Sequence[int]) -> frozenset[date]:
        """Public holidays of the years; none without a country; raises InvalidInput for an unknown one."""
        return frozenset(day for day, name in self.named(years).items() if name not in self.worked)

    def named(self, years: Sequence[int]) -> dict[date, str]:
        """The same with the names of all of them, those that are observed on another day as those of the day itself."""
        if self.country is None:
            return {}
        try:
            found = holidays.country_holidays(self.country, subdiv=self.subdivision, years=years)
            return {day: name.replace(" (observed)", "") for day, name in found.items()}
        except (NotImplementedError, KeyError) as error:
            raise InvalidInput(
                f"No holidays are known of {self.country} {self.subdivision or ''}.".replace(" .", "."),
                field="--country",
                fix="Give an ISO 3166 code such as US or GB, and its subdivision such as ENG.",
            ) from error

    @property
    def calendar(self) -> str:
        """The calendar in a word, for model files."""
        return "-".join(part for part in (self.country, self.subdivision) if part) or "no holidays"
