from __future__ import annotations

import pytest

from redaptive.cli.zone_country import country_of


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("America/Phoenix", "US"),
        ("US/Central", "US"),
        ("Europe/London", "GB"),
        ("Eire", "IE"),
        ("Asia/Kolkata", "IN"),
        ("UTC", None),
        ("Etc/GMT+5", None),
        ("Mars/Base", None),
    ],
)
def test_a_zone_has_the_holidays_of_its_country(zone: str, country: str | None) -> None:
    assert country_of(zone) == country
