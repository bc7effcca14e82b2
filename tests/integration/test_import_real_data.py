"""Import of real files: university meters and weather, and Green Button fixtures of the standard's own project."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import polars as pl
import pytest

from redaptive.documents.readings_file import read_readings
from redaptive.documents.spool import GROUP_ROWS
from redaptive.documents.weather_file import read_weather
from redaptive.domain.portfolio.records import Commodity

DATA = Path(__file__).parents[3] / "shared" / "data"
pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA.exists(), reason="the optional public data sets are not beside the checkout"),
]
ESPI = "{http://naesb.org/espi}"


@pytest.mark.parametrize("name", ["test_usage_data.xml", "test_usage_data_01.xml"])
def test_green_button_counts_and_sums_agree_with_a_plain_parse(name: str) -> None:
    path = DATA / "green_button" / name
    readings = ElementTree.parse(path).findall(f".//{ESPI}IntervalReading")
    with read_readings(path) as found:
        frame = found.frame()
        assert (len(frame), len(found.rejected)) == (len(readings), 0)
        assert frame["value"].sum() == sum(int(r.findtext(f"{ESPI}value") or "") for r in readings)
        starts = sorted(int(r.findtext(f"{ESPI}timePeriod/{ESPI}start") or "") for r in readings)
        assert frame["ts"].dt.epoch("s").to_list() == starts
        assert found.costs is not None
        assert found.costs["cost_e5"].sum() == sum(int(r.findtext(f"{ESPI}cost") or "") for r in readings)


def test_all_university_meters_are_read_in_bounded_groups() -> None:
    path = DATA / "cambridge_estates" / "meters_hourly.parquet"
    with read_readings(path) as found:
        sizes, total = [], 0
        for batch in found.batches():
            sizes.append(len(batch))
            total += int(batch["value"].cast(pl.Int64).sum())
        assert (sum(sizes), len(found.meters), len(found.rejected)) == (4_399_824, 193, 0)
        assert max(sizes) <= GROUP_ROWS
        assert {m.interval_s for m in found.meters} == {3600}
        assert {m.commodity for m in found.meters if m.code.endswith("_g")} == {Commodity.GAS}
    energy = pl.scan_parquet(path).select(pl.col("kwh").cast(pl.Float64).sum()).collect().item()
    assert total / 1000 == pytest.approx(energy, rel=1e-7)


def test_a_year_of_real_readings_as_csv_equals_the_parquet(tmp_path: Path) -> None:
    part = pl.read_parquet(DATA / "cambridge_estates" / "meters_hourly.parquet").head(30_000)
    part.write_parquet(tmp_path / "a.parquet")
    part.write_csv(tmp_path / "a.csv")
    with read_readings(tmp_path / "a.parquet") as typed, read_readings(tmp_path / "a.csv") as text:
        assert typed.frame().equals(text.frame())


def test_real_weather() -> None:
    found = read_weather(DATA / "cambridge_estates" / "weather_hourly.parquet")
    assert (len(found.frame), len(found.rejected)) == (35_064, 0)
    assert found.frame["air_temperature_c"].mean() == pytest.approx(10.52593, abs=1e-4)
