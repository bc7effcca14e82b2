"""Meter files: who counts, who is counted already, and what is refused with row, field and fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from redaptive.documents.meters_file import read_meters
from redaptive.domain.portfolio.records import Building, Commodity, Meter, MeterRole
from redaptive.errors import InvalidInput

HQ = Building("hq", "Head Quarter", "site", "office", 1000.0)
HEADER = "meter,building,commodity,role,parent,interval,multiplier\n"


def _read(tmp_path: Path, rows: str, known: tuple[Meter, ...] = ()):  # type: ignore[no-untyped-def]
    path = tmp_path / "meters.csv"
    path.write_text(HEADER + rows)
    return read_meters(path, [HQ], known)


def test_roles_follow_from_parents_and_buildings_may_be_named(tmp_path: Path) -> None:
    found = _read(tmp_path, "m1,Head Quarter,electricity,,,15 min,\nm2,hq,electricity,,m1,900,10\n")
    assert [(m.code, m.building_code, m.role, m.parent_code, m.interval_s, m.multiplier) for m in found.meters] == [
        ("m1", "hq", MeterRole.MAIN, None, 900, 1.0),
        ("m2", "hq", MeterRole.SUB, "m1", 900, 10.0),
    ]
    assert len(found.rejected) == 0


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("m2,hq,electricity,main,m1,,", "role"),
        ("m2,nowhere,electricity,,,,", "building"),
        ("m2,hq,steel,,,,", "commodity"),
        ("m2,hq,electricity,sub,m9,,", "parent"),
        ("m2,hq,gas,sub,m1,,", "parent"),
        ("m2,hq,electricity,,,never,", "interval"),
        ("m2,hq,electricity,,,,-3", "multiplier"),
    ],
)
def test_a_wrong_row_is_kept_with_its_field_and_the_good_one_comes_in(tmp_path: Path, row: str, field: str) -> None:
    found = _read(tmp_path, f"m1,hq,electricity,main,,,\n{row}\n")
    assert [m.code for m in found.meters] == ["m1"]
    issue = found.rejected.issues.row(0, named=True)
    assert issue["row"] == 3
    assert field in (issue["field"] + issue["reason"]).lower()
    assert issue["fix"]


@pytest.mark.parametrize(
    ("header", "text", "seconds"),
    [
        ("interval", "15min", 900), ("interval", "15 min", 900), ("interval", "15m", 900), ("interval", "1h", 3600),
        ("interval", "24 hours", 86_400), ("interval", "900", 900), ("interval", "900 s", 900), ("interval", "60", 60),
        ("interval", "1min", 60), ("interval min", "15", 900), ("interval min", "900 s", 900),
    ],
)  # fmt: skip
def test_intervals_have_their_unit(tmp_path: Path, header: str, text: str, seconds: int) -> None:
    path = tmp_path / "meters.csv"
    path.write_text(f"meter,building,commodity,{header}\nm1,hq,electricity,{text}\n")
    [meter] = read_meters(path, [HQ], ()).meters
    assert meter.interval_s == seconds


@pytest.mark.parametrize("text", ["15", "15 s", "59", "1", "45s"])
def test_an_interval_that_live_metering_cannot_take_is_asked_for(tmp_path: Path, text: str) -> None:
    found = _read(tmp_path, f"m1,hq,electricity,,,{text},\n")
    assert found.meters == []
    [told] = found.rejected.messages()
    number = text.rstrip("s ")
    assert f"row 2, interval: {number} seconds? The shortest interval is a minute. Write {number}min" in told


@pytest.mark.parametrize("text", ["0", "25h", "7min", "90000"])
def test_an_interval_divides_a_day(tmp_path: Path, text: str) -> None:
    found = _read(tmp_path, f"m1,hq,electricity,,,{text},\n")
    assert found.meters == []
    assert "divides a day" in found.rejected.messages()[0]


def test_a_commodity_on_record_is_not_changed_by_a_file(tmp_path: Path) -> None:
    known = (Meter("m1", "hq", Commodity.GAS),)
    assert [m.code for m in _read(tmp_path, "m1,hq,electricity,main,,,\n", known).meters] == []


def test_a_missing_column_is_named_with_those_that_were_found(tmp_path: Path) -> None:
    path = tmp_path / "meters.csv"
    path.write_text("meter,building,use\nm1,hq,light\n")
    with pytest.raises(InvalidInput, match="commodity"):
        read_meters(path, [HQ], ())
