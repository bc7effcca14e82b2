"""Words of the calendar and the regular expressions that are built of them."""

from __future__ import annotations

from typing import Final

MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
         "september sept sep", "october oct", "november nov", "december dec"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
WEEKDAYS: Final = {
    name: number
    for number, names in enumerate(
        ("monday mon", "tuesday tues tue", "wednesday wed", "thursday thurs thur thu", "friday fri", "saturday sat",
         "sunday sun")
    )
    for name in names.split()
}  # fmt: skip
ORDINAL: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
UNITS: Final = {
    "hour": "hour", "hours": "hour", "hr": "hour", "hrs": "hour", "h": "hour", "day": "day", "days": "day",
    "week": "week", "weeks": "week", "wk": "week", "wks": "week", "month": "month", "months": "month", "mo": "month",
    "mos": "month", "mth": "month", "mths": "month", "quarter": "quarter", "quarters": "quarter", "qtr": "quarter",
    "qtrs": "quarter", "year": "year", "years": "year", "yr": "year", "yrs": "year",
}  # fmt: skip

MONTH_NAMES: Final = "|".join(sorted(MONTHS, key=len, reverse=True))
WEEKDAY_NAMES: Final = "|".join(sorted(WEEKDAYS, key=len, reverse=True))
MONTH: Final = rf"(?P<month>{MONTH_NAMES})\.?"
WEEKDAY: Final = rf"(?P<weekday>{WEEKDAY_NAMES})"
YEAR: Final = r"(?P<year>(?:19|20)\d\d|'\d\d)"
UNIT: Final = rf"(?P<unit>{'|'.join(sorted(UNITS, key=len, reverse=True))})"
COUNT: Final = (
    r"(?P<count>\d{1,3}|(?:a\s+)?couple(?:\s+of)?|(?:a\s+)?few|several|one|two|three|four|five|six|seven|eight|nine|ten"
    r"|eleven|twelve|thirteen|fourteen|fifteen|sixteen|eighteen|twenty(?:[- ]four)?|thirty(?:[- ]six)?|sixty|ninety)"
)
SEASON: Final = r"(?P<season>spring|summer|fall|autumn|winter)"
BACK: Final = r"last|previous|prior|preceding|past"
AHEAD: Final = r"next|coming|upcoming|following"
HERE: Final = r"this|current|the current|present"


def full_year(text: str) -> int:
    """A year of two or four digits, with or without an apostrophe; two digits are of this century.

    >>> full_year("'25"), full_year("2024")
    (2025, 2024)
    """
    digits = int(text.lstrip("'"))
    return digits + 2000 if digits < 100 else digits
