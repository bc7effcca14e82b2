from __future__ import annotations

from pathlib import Path

import pytest

from redaptive.documents.columns import pick
from redaptive.documents.weather_file import belongs, read_weather
from redaptive.errors import InvalidInput

TWO_SITES = """timestamp,site_id,airTemperature,dewTemperature
2016-01-01 00:00:00,Eagle,1.5,
2016-01-01 01:00:00,Eagle,2.5,
2016-01-01 00:00:00,Fox,20.5,
2016-01-01 01:00:00,Fox,21.5,
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    target = tmp_path / "weather.csv"
    target.write_text(TWO_SITES, encoding="utf-8")
    return target


def test_a_site_is_read_alone(path: Path) -> None:
    found = read_weather(path, timezone="America/New_York", site="Fox")
    assert found.frame["air_temperature_c"].to_list() == [20.5, 21.5]
    assert found.frame["ts"].dt.hour().to_list() == [5, 6]
    assert found.summary.assumptions == ["The weather is that of 'Fox' in column 'site_id'."]


def test_the_names_of_the_meters_tell_the_site(path: Path) -> None:
    found = read_weather(path, meters=["Eagle_office_Lamont", "Eagle_lodging_Dawn"])
    assert found.frame["air_temperature_c"].to_list() == [1.5, 2.5]


@pytest.mark.parametrize("meters", [(), ("b1", "b2"), ("Eagle_office_A", "Fox_office_B")])
def test_several_sites_are_never_mixed(path: Path, meters: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput, match="that of 2 sites: 'Eagle', 'Fox'") as refused:
        read_weather(path, meters=meters)
    assert "--site" in str(refused.value.fix)


def test_an_unknown_site_is_refused_with_those_that_exist(path: Path) -> None:
    with pytest.raises(InvalidInput, match="no site 'Eagel'") as refused:
        read_weather(path, site="Eagel")
    assert "'Eagle', 'Fox'" in str(refused.value.fix)


def test_a_file_of_one_site_needs_no_name(tmp_path: Path) -> None:
    target = tmp_path / "weather.csv"
    target.write_text("\n".join(TWO_SITES.splitlines()[:3]), encoding="utf-8")
    assert read_weather(target).frame.height == 2


def test_weather_of_one_site_does_not_serve_the_meters_of_another(tmp_path: Path) -> None:
    target = tmp_path / "weather.csv"
    target.write_text("\n".join(TWO_SITES.splitlines()[:3]), encoding="utf-8")
    with pytest.raises(InvalidInput, match="1 of 2 meters are of other sites"):
        read_weather(target, meters=["Eagle_office_A", "Fox_office_B"])
    assert read_weather(target, site="Eagle", meters=["Eagle_office_A", "Fox_office_B"]).frame.height == 2
    assert read_weather(target, meters=["b1", "b2"]).frame.height == 2


@pytest.mark.parametrize(
    ("meter", "site", "expected"),
    [("Eagle_office_A", "Eagle", True), ("Eagles_office_A", "Eagle", False), ("Eagle", "Eagle", False)],
)
def test_a_meter_belongs_to_the_site_that_its_name_begins_with(meter: str, site: str, expected: bool) -> None:
    assert belongs(meter, site) is expected


def test_headers_in_camel_case_are_read() -> None:
    assert pick(["airTemperature", "siteId"], ["air temperature"]) == "airTemperature"
    assert pick(["kWh", "readingTime"], ["kwh"]) == "kWh"
