"""Green Button XML: scaling, direction, quality, and XML that must never be expanded."""

from __future__ import annotations

from pathlib import Path

import pytest

from redaptive.documents.readings_file import read_readings
from redaptive.documents.results import ReadingsFile
from redaptive.domain.portfolio.records import Commodity
from redaptive.domain.quality.flags import Quality
from redaptive.errors import InvalidInput

POINT = "/espi/1_1/resource/RetailCustomer/1/UsagePoint/P1/MeterReading"


def reading(start: int, value: str, quality: int | None = None, duration: int = 900) -> str:
    flag = f"<ReadingQuality><quality>{quality}</quality></ReadingQuality>" if quality else ""
    period = f"<timePeriod><duration>{duration}</duration><start>{start}</start></timePeriod>"
    return f"<IntervalReading><cost>100</cost>{flag}{period}<value>{value}</value></IntervalReading>"


def series(number: str, readings: str, *, uom: int = 72, power: int = 0, flow: int = 1) -> str:
    kind = f"<flowDirection>{flow}</flowDirection><powerOfTenMultiplier>{power}</powerOfTenMultiplier><uom>{uom}</uom>"
    return (
        f'<entry><link rel="self" href="{POINT}/{number}"/><link rel="related" href="/rt/{number}"/><content>'
        f'<MeterReading xmlns="http://naesb.org/espi"/></content></entry>'
        f'<entry><link rel="self" href="{POINT}/{number}/IntervalBlock/1"/>'
        f'<link rel="up" href="{POINT}/{number}/IntervalBlock"/><content>'
        f'<IntervalBlock xmlns="http://naesb.org/espi">{readings}</IntervalBlock></content></entry>'
        f'<entry><link rel="self" href="/rt/{number}"/><content>'
        f'<ReadingType xmlns="http://naesb.org/espi">{kind}</ReadingType></content></entry>'
    )


def load(folder: Path, body: str, head: str = "") -> ReadingsFile:
    path = folder / "gb.xml"
    path.write_text(f'<?xml version="1.0"?>{head}<feed xmlns="http://www.w3.org/2005/Atom">{body}</feed>')
    return read_readings(path)


def two(**options: int) -> str:
    return series("01", reading(1_700_000_100, "5") + reading(1_700_001_000, "6", 8), **options)


def test_values_are_scaled_and_quality_is_kept(tmp_path: Path) -> None:
    found = load(tmp_path, two(power=3))
    assert found.frame()["value"].to_list() == [5000, 6000]
    assert found.frame()["quality"].to_list() == [0, int(Quality.ESTIMATED)]
    assert found.costs is not None
    assert found.costs["cost_e5"].sum() == 200


def test_received_energy_is_negative_and_its_own_meter(tmp_path: Path) -> None:
    found = load(tmp_path, two() + series("02", reading(1_700_000_100, "7"), flow=19))
    assert [m.code for m in found.meters] == ["P1-01", "P1-02"]
    export = found.frame().row(2)
    assert (export[2], export[3]) == (-7, int(Quality.EXPORT))


def test_gas_in_therms_and_units_that_are_no_energy(tmp_path: Path) -> None:
    found = load(tmp_path, two(uom=169) + series("02", reading(1_700_000_100, "7"), uom=29))
    assert (found.meters[0].commodity, found.frame()["value"][0]) == (Commodity.GAS, 146_536)
    assert "unit code 29 is no energy" in found.summary.warnings[0]


def test_a_broken_value_and_another_duration_are_refused(tmp_path: Path) -> None:
    body = series("01", "".join(reading(1_700_000_100 + 900 * i, "5") for i in range(3)) + reading(1_700_010_000, "x")
                  + reading(1_700_010_900, "9", duration=1800))  # fmt: skip
    found = load(tmp_path, body)
    assert found.summary.readings == 3
    assert [m.split(":")[0] for m in found.rejected.messages()] == ["gb.xml row 4, value", "gb.xml row 5, duration"]
    assert found.rejected.write_csv(tmp_path / "out.csv") == 2


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
XXE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("head", [LAUGHS, XXE, "<!DOCTYPE x>"])
def test_document_types_and_entities_are_never_read(tmp_path: Path, head: str) -> None:
    with pytest.raises(InvalidInput, match="document type or entities"):
        load(tmp_path, two(), head)


def test_a_truncated_file_keeps_what_came_before(tmp_path: Path) -> None:
    text = two()
    path = tmp_path / "cut.xml"
    path.write_text('<feed xmlns="http://www.w3.org/2005/Atom">' + text + "<entry><con")
    found = read_readings(path)
    assert found.summary.readings == 2
    assert "ends early" in found.summary.warnings[0]


def test_other_xml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no IntervalReading"):
        load(tmp_path, "<entry/>")
