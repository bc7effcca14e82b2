"""Readings of CSV and Parquet: what is accepted, what is refused and with which words."""

from __future__ import annotations

import csv
import gzip
import io
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redaptive.documents import csv_text, readings_file
from redaptive.documents.options import ReadingsOptions
from redaptive.documents.readings_file import read_readings
from redaptive.documents.results import ReadingsFile
from redaptive.documents.source_files import FileLimits
from redaptive.domain.portfolio.records import Commodity
from redaptive.domain.quality.flags import Quality
from redaptive.errors import Exhausted, InvalidInput

HEADER = "meter,timestamp,kwh\n"
HOURS = [f"2024-01-01 {h:02d}:00" for h in range(6)]
GOOD = HEADER + "".join(f"m1,{t},{i + 1}\n" for i, t in enumerate(HOURS))


def load(folder: Path, text: str | bytes, name: str = "r.csv", **options: object) -> ReadingsFile:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_readings(path, ReadingsOptions(**options))  # type: ignore[arg-type]


def values(found: ReadingsFile) -> list[int]:
    return found.frame()["value"].to_list()


def test_good_rows_become_wh_in_utc(tmp_path: Path) -> None:
    found = load(tmp_path, GOOD)
    assert values(found) == [1000, 2000, 3000, 4000, 5000, 6000]
    assert found.frame().schema["ts"] == pl.Datetime("us", "UTC")
    hint = found.meters[0]
    assert (hint.code, hint.commodity, hint.interval_s, hint.n) == ("m1", Commodity.ELECTRICITY, 3600, 6)
    assert len(found.rejected) == 0


BAD_ROWS = [
    ("m1,2024-01-01 06:00,abc", "kwh", "'abc' is not a number"),
    ("m1,2024-01-01 06:00,nan", "kwh", "not a finite number"),
    ("m1,2024-01-01 06:00,inf", "kwh", "not a finite number"),
    ("m1,2024-13-01 06:00,5", "timestamp", "'2024-13-01 06:00' is not a time"),
    ("m1,2024-01-01 06:61,5", "timestamp", "is not a time"),
    ("m1,2999-01-01 06:00,5", "timestamp", "in the future"),
    ("m1,1971-01-01 06:00,5", "timestamp", "before 1990"),
    ("m1,2024-01-01 06:00,3000000", "kwh", "beyond what one interval can hold"),
    ("m1,2024-01-01 06:00,200000", "kwh", "more than 100,000 kW"),
    ("m1,2024-01-01 06:20,5", "timestamp", "overlaps another interval"),
    (",2024-01-01 06:00,5", "meter", "The meter code is empty"),
    ("m1,2024-01-01 06:00", "row", "2 cells, too few"),
    ("m1,2024-01-01 06:00,5,6", "row", "4 cells, too many"),
    ('m1,2024-01-01 06:00,"1,5', "row", "cannot be read from here on"),
]


@pytest.mark.parametrize(("line", "field", "reason"), BAD_ROWS)
def test_a_bad_row_is_refused_by_file_row_and_field_and_the_others_survive(
    tmp_path: Path, line: str, field: str, reason: str
) -> None:
    found = load(tmp_path, GOOD + line + "\n")
    assert values(found) == [1000, 2000, 3000, 4000, 5000, 6000]
    assert len(found.rejected) == 1
    message = found.rejected.messages()[0]
    assert message.startswith(f"r.csv row 8, {field}: ")
    assert reason in message


def test_contradicting_rows_are_both_refused_and_name_each_other(tmp_path: Path) -> None:
    found = load(tmp_path, GOOD + "m1,2024-01-01 05:00,7\n")
    assert values(found) == [1000, 2000, 3000, 4000, 5000]
    assert found.rejected.issues["row"].to_list() == [7, 8]
    assert "contradicts row 8" in found.rejected.messages()[0]
    assert "contradicts row 7" in found.rejected.messages()[1]


def test_identical_rows_are_dropped_and_counted(tmp_path: Path) -> None:
    found = load(tmp_path, GOOD + "m1,2024-01-01 05:00,6\nm1,2024-01-01 05:00,6.0\n")
    assert (len(values(found)), found.summary.duplicates, len(found.rejected)) == (6, 2, 0)


def test_repeated_header_total_row_and_blank_lines_are_left_out(tmp_path: Path) -> None:
    found = load(tmp_path, GOOD + "\n" + HEADER + "m1,2024-01-01 06:00,7\nTotal,,28\n")
    assert values(found)[-1] == 7000
    assert len(found.rejected) == 0
    assert "Row 11 is a total" in found.summary.warnings[0]


def test_mixed_line_endings(tmp_path: Path) -> None:
    text = GOOD.replace("01:00,2\n", "01:00,2\r\n").replace("02:00,3\n", "02:00,3\r")
    assert len(values(load(tmp_path, text))) == 6


def test_corrected_rejects_can_be_imported_as_they_are(tmp_path: Path) -> None:
    found = load(tmp_path, GOOD + "m1,2024-01-01 06:00,oops\nm1,2024-01-01 07:00,8\n")
    target = tmp_path / "rejected.csv"
    assert found.rejected.write_csv(target) == 1
    rows = list(csv.DictReader(io.StringIO(target.read_text())))
    assert rows[0]["_file"] == "r.csv"
    assert (rows[0]["_row"], rows[0]["_field"]) == ("8", "kwh")
    assert rows[0]["_fix"]
    target.write_text(target.read_text().replace("oops", "7", 1))
    again = read_readings(target, ReadingsOptions(interval_s=3600))
    assert (values(again), len(again.rejected)) == ([7000], 0)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("meter,tiemstamp,kwh\n", ("time stamp", "'tiemstamp'", "--time-column", "Is it 'tiemstamp'?")),
        ("meter,timestamp,vlaue\n", ("value", "'vlaue'", "Is it 'vlaue'?")),
        ("metre,timestamp,kwh\n", ("meter code", "'metre'", "Is it 'metre'?")),
    ],
)
def test_a_wrong_column_lists_the_columns_and_the_closest(tmp_path: Path, header: str, words: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput) as error:
        load(tmp_path, GOOD.replace(HEADER, header))
    assert all(word in str(error.value) for word in words)


def test_an_asked_column_that_is_missing_names_the_closest(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="closest is 'kwh'"):
        load(tmp_path, GOOD, value_column="kwhh")


BAD_FILES = [
    (b"", "r.csv", "empty"),
    (b" \n\n", "r.csv", "empty"),
    (b"meter,timestamp,kwh\n", "r.csv", "no rows"),
    (b"\x00\x01\x02\x03" * 50, "r.csv", "binary"),
    (b"%PDF-1.7 ....", "r.csv", "pdf"),
    (b"PAR1 not really", "r.parquet", "damaged or incomplete"),
    (gzip.compress(GOOD.encode())[:-12], "r.csv.gz", "damaged, incomplete"),
    (b"PK\x03\x04garbage", "r.zip", "damaged, incomplete"),
]


@pytest.mark.parametrize(("content", "name", "words"), BAD_FILES)
def test_files_that_cannot_be_read_say_why(tmp_path: Path, content: bytes, name: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as error:
        load(tmp_path, content, name)
    assert error.value.field is not None
    assert error.value.field.startswith(name)
    assert error.value.fix


def test_unknown_unit_option_is_refused_and_unknown_unit_cell_is_a_row(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="'kwhh' is unknown"):
        load(tmp_path, GOOD, unit="kwhh")
    text = "meter,timestamp,value,unit\nm1,2024-01-01 00:00,1,kWh\nm1,2024-01-01 01:00,1,furlong\n"
    text += "m1,2024-01-01 02:00,500,Wh\n"
    found = load(tmp_path, text)
    assert values(found) == [1000, 500]
    assert "row 3, unit: Unit 'furlong'" in found.rejected.messages()[0]


def test_wrong_encoding(tmp_path: Path) -> None:
    text = "meter,timestamp,kwh\nB\xe2t\xe9,2024-01-01 00:00,1\nB\xe2t\xe9,2024-01-01 01:00,1\n"
    found = load(tmp_path, text.encode("cp1252"))
    assert found.meters[0].code == "B\xe2t\xe9"
    assert any("Windows-1252" in a for a in found.summary.assumptions)
    for encoding in ("utf-8-sig", "utf-16"):
        assert load(tmp_path, text.encode(encoding)).meters[0].code == "B\xe2t\xe9"
    with pytest.raises(InvalidInput, match="not utf-8 text"):
        load(tmp_path, text.encode("cp1252"), encoding="utf-8")
    with pytest.raises(InvalidInput, match="encoding 'klingon' is unknown"):
        load(tmp_path, text.encode(), encoding="klingon")


def test_archives_are_read_and_bounded(tmp_path: Path) -> None:
    assert len(values(load(tmp_path, gzip.compress(GOOD.encode()), "r.csv.gz"))) == 6
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.csv", GOOD + "0" * 9_000_000 + "\n")
    bomb = tmp_path / "bomb.zip"
    bomb.write_bytes(packed.getvalue())
    with pytest.raises(Exhausted, match="limits of size or ratio"):
        read_readings(bomb)
    big = tmp_path / "big.csv"
    big.write_text(GOOD)
    with pytest.raises(Exhausted, match="Split it by meter"):
        read_readings(big, limits=FileLimits(table_bytes=50))


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        ("2024-03-31T13:45:00Z", datetime(2024, 3, 31, 13, 45)),
        ("2024-03-31T13:45:00-05:00", datetime(2024, 3, 31, 18, 45)),
        ("03/31/2024 1:45 PM", datetime(2024, 3, 31, 13, 45)),
        ("31.03.2024 13:45", datetime(2024, 3, 31, 13, 45)),
        ("31-Mar-2024 13:45", datetime(2024, 3, 31, 13, 45)),
        ("Mar 31, 2024 13:45", datetime(2024, 3, 31, 13, 45)),
        ("202403311345", datetime(2024, 3, 31, 13, 45)),
        ("2024-03-30 24:00", datetime(2024, 3, 31)),
        ("1711892700", datetime(2024, 3, 31, 13, 45)),
        ("1711892700000", datetime(2024, 3, 31, 13, 45)),
        ("45382.572916667", datetime(2024, 3, 31, 13, 45)),
    ],
)
def test_time_stamps_of_many_kinds(tmp_path: Path, stamp: str, expected: datetime) -> None:
    # 1711892700 is 2024-03-31T13:45:00Z by `date -u -d @1711892700`; serial day 45382 is that date in Excel.
    found = load(tmp_path, f'meter,timestamp,kwh\nm,"{stamp}",1\n', interval_s=900)
    assert found.frame()["ts"].to_list() == [expected.replace(tzinfo=UTC)]


def test_decimal_comma_and_thousands(tmp_path: Path) -> None:
    european = "Meter;Timestamp;kWh\nm;31.01.2024 00:00;1.234,5\nm;31.01.2024 01:00;2,25\n"
    assert values(load(tmp_path, european)) == [1_234_500, 2_250]
    american = 'meter,timestamp,kwh\nm,2024-01-31 00:00,"1,234.5"\nm,2024-01-31 01:00,2.25\n'
    assert values(load(tmp_path, american)) == [1_234_500, 2_250]


def test_power_becomes_energy_by_the_interval(tmp_path: Path) -> None:
    text = "meter,timestamp,value\n" + "".join(f"m,2024-01-01 00:{m:02d},8\n" for m in (0, 15, 30, 45))
    assert values(load(tmp_path, text, unit="kW")) == [2000] * 4


def test_ends_of_intervals(tmp_path: Path) -> None:
    found = load(tmp_path, GOOD.replace("timestamp", "interval end"))
    assert found.frame()["ts"][0] == datetime(2023, 12, 31, 23, tzinfo=UTC)
    assert load(tmp_path, GOOD, timestamps="end").frame()["ts"][0] == datetime(2023, 12, 31, 23, tzinfo=UTC)


def test_local_time_across_both_clock_changes(tmp_path: Path) -> None:
    # New York 2024: 2:00 is skipped on 10 March, 1:00 comes twice on 3 November.
    autumn = ["2024-11-03 00:00", "2024-11-03 01:00", "2024-11-03 01:00", "2024-11-03 02:00"]
    text = HEADER + "".join(f"m,{t},{i}\n" for i, t in enumerate(autumn, start=1))
    found = load(tmp_path, text, timezone="America/New_York").frame()
    assert [t.hour for t in found["ts"]] == [4, 5, 6, 7]
    assert found["quality"].to_list() == [0, int(Quality.DST_AMBIGUOUS), int(Quality.DST_AMBIGUOUS), 0]
    with pytest.raises(InvalidInput, match="unknown"):
        load(tmp_path, text, timezone="Mars/Olympus")


def test_registers_give_exact_differences_rollover_reset_and_shares(tmp_path: Path) -> None:
    registers = [99_990.0, 99_995.3, 2.1, 4.1, 1.0, 3.0]
    text = HEADER + "".join(f"m,{t},{v}\n" for t, v in zip(HOURS, registers, strict=True))
    found = load(tmp_path, text, cumulative=True)
    assert values(found) == [5_300, 6_800, 2_000, 2_000]
    assert "went back from 4.1 to 1.0" in found.rejected.messages()[0]
    gap = HEADER + "m,2024-01-01 00:00,0\nm,2024-01-01 01:00,1\nm,2024-01-01 02:00,2\nm,2024-01-01 05:00,3\n"
    shared = load(tmp_path, gap, cumulative=True).frame()
    assert shared["value"].sum() == 3000
    assert shared["quality"].to_list() == [0, 0, 1, 1, 1]


def test_export_is_flagged_and_negative_gas_refused(tmp_path: Path) -> None:
    text = HEADER + "a_e,2024-01-01 00:00,-1\na_e,2024-01-01 01:00,1\na_g,2024-01-01 00:00,-1\na_g,2024-01-01 01:00,1\n"
    found = load(tmp_path, text)
    assert found.frame().filter(pl.col("value") < 0)["quality"].to_list() == [int(Quality.EXPORT)]
    assert "gas cannot flow back" in found.rejected.messages()[0]
    assert [m.commodity for m in found.meters] == [Commodity.ELECTRICITY, Commodity.GAS]
    assert any("_g measure gas" in a for a in found.summary.assumptions)


def test_wide_with_units_in_headers_and_blank_cells(tmp_path: Path) -> None:
    text = "Timestamp,b1_e (kWh),b1_g (therms)\n2024-01-01 00:00,1,2\n2024-01-01 01:00,,x\n2024-01-01 02:00,3,1\n"
    found = load(tmp_path, text)
    frame = found.frame()
    assert frame.filter(meter_code="b1_e")["value"].to_list() == [1000, 3000]
    assert frame.filter(meter_code="b1_g")["value"].to_list() == [58_614, 29_307]
    assert (found.summary.missing_values, found.rejected.messages()[0][:21]) == (1, "r.csv row 3, b1_g (th")


def test_one_row_a_day_with_48_columns(tmp_path: Path) -> None:
    heads = [f"{h:02d}:{m:02d}" for h in range(24) for m in (0, 30)]
    text = "Meter,Date," + ",".join(heads) + "\nm,2024-01-31," + ",".join(str(i) for i in range(48)) + "\n"
    frame = load(tmp_path, text).frame()
    assert frame["value"].to_list() == [1000 * i for i in range(48)]
    assert frame["ts"].to_list()[-1] == datetime(2024, 1, 31, 23, 30, tzinfo=UTC)


def test_preamble_and_split_date_and_time(tmp_path: Path) -> None:
    text = "Name,Someone\nAddress,Main St\n\nTYPE,DATE,START TIME,END TIME,USAGE (kWh),NOTES\n"
    text += "Electric usage,2024-01-01,00:00,00:59,1.5,\nElectric usage,2024-01-01,01:00,01:59,2,\n"
    found = load(tmp_path, text, meter="home")
    assert values(found) == [1500, 2000]


def test_quality_column_flagger_and_gaps(tmp_path: Path) -> None:
    text = "meter,timestamp,kwh,quality\nm,2024-01-01 00:00,1,A\nm,2024-01-01 01:00,0,E\nm,2024-01-01 02:00,0,\n"
    path = tmp_path / "q.csv"
    path.write_text(text + "m,2024-01-01 05:00,1,Edited\n")
    zero = lambda frame: (frame["value"] == 0).cast(pl.Int8) * int(Quality.SUSPECT_ZERO)  # noqa: E731
    found = read_readings(path, flagger=zero)
    assert found.frame()["quality"].to_list() == [0, 3, 2, 32]
    assert found.summary.gap_intervals == 2


def test_a_mapping_file(tmp_path: Path) -> None:
    mapping = tmp_path / "map.toml"
    mapping.write_text('value_column = "x"\ncommodity = "gas"\nunit = "therm"\n')
    options = ReadingsOptions.from_toml(mapping)
    path = tmp_path / "r.csv"
    path.write_text(GOOD.replace("kwh", "x"))
    assert read_readings(path, options).meters[0].commodity is Commodity.GAS
    mapping.write_text('value_colum = "x"\n')
    with pytest.raises(InvalidInput, match="Did you mean 'value_column'"):
        ReadingsOptions.from_toml(mapping)


def test_many_meters_and_small_batches_give_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(f"m{m}", t, m * 10 + i) for i, t in enumerate(HOURS) for m in range(50)]
    text = HEADER + "".join(f"{m},{t},{v}\n" for m, t, v in rows) * 20
    whole = load(tmp_path, text).frame()
    monkeypatch.setattr("redaptive.documents.readings_file.CELLS_PER_BATCH", 1)
    monkeypatch.setattr("redaptive.documents.spool.GROUP_ROWS", 400)
    found = load(tmp_path, text)
    assert len(list(found.batches())) > 5
    assert found.frame().sort("meter_code", "ts").equals(whole.sort("meter_code", "ts"))
    assert found.summary.duplicates == 300 * 19


METERS = st.integers(1, 4)
GRID = st.integers(2, 12).flatmap(
    lambda n: METERS.flatmap(
        lambda m: st.lists(st.lists(st.integers(-10_000, 99_999), min_size=m, max_size=m), min_size=n, max_size=n)
    )
)


@settings(max_examples=25, deadline=None)
@given(GRID)
def test_long_and_wide_give_the_same_frame(grid: list[list[int]]) -> None:
    start = datetime(2024, 2, 28, 22)
    stamps = [f"{start + timedelta(hours=i):%Y-%m-%d %H:%M}" for i in range(len(grid))]
    names = [f"x{i}" for i in range(len(grid[0]))]
    long = HEADER + "".join(
        f"{n},{t},{v / 1000}\n" for t, r in zip(stamps, grid, strict=True) for n, v in zip(names, r, strict=True)
    )
    wide = "timestamp," + ",".join(f"{n} (Wh)" for n in names) + "\n"
    wide += "".join(f"{t},{','.join(map(str, r))}\n" for t, r in zip(stamps, grid, strict=True))
    with tempfile.TemporaryDirectory() as folder:
        from_long, from_wide = load(Path(folder), long, "l.csv"), load(Path(folder), wide, "w.csv")
        assert from_long.frame().equals(from_wide.frame())
        assert from_long.frame()["value"].to_list() == [r[i] for i in range(len(names)) for r in grid]


@pytest.mark.parametrize("cut", [0.5, 0.95])
def test_a_truncated_or_corrupted_parquet_is_refused(tmp_path: Path, cut: float) -> None:
    path = tmp_path / "t.parquet"
    stamps = [datetime(2024, 1, 1) + timedelta(hours=i) for i in range(500)]
    pl.DataFrame({"meter": "m", "timestamp": stamps, "kwh": [float(i % 97) for i in range(500)]}).write_parquet(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * cut)])
    with pytest.raises(InvalidInput, match="damaged or incomplete"):
        read_readings(path)
    path.write_bytes(whole[:40] + bytes(80) + whole[120:])
    with pytest.raises(InvalidInput, match="damaged or incomplete"):
        read_readings(path)


def test_parquet_with_faults_keeps_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    stamps = [datetime(2024, 1, 1) + timedelta(hours=i) for i in range(4)]
    pl.DataFrame({"meter": "m", "timestamp": stamps, "kwh": [1.0, float("nan"), None, 4.0]}).write_parquet(path)
    found = read_readings(path)
    assert values(found) == [1000, 4000]
    assert "row 2, kwh: 'NaN' is not a finite number" in found.rejected.messages()[0]
    assert found.summary.missing_values == 1
    assert found.rejected.write_csv(tmp_path / "rejected.csv") == 1


EXAMPLES = Path(__file__).parents[3] / "examples" / "data"


def test_the_examples_are_read_without_a_fault() -> None:
    long = read_readings(EXAMPLES / "readings_long.csv", ReadingsOptions(timezone="America/Chicago"))
    wide = read_readings(EXAMPLES / "readings_wide.csv", ReadingsOptions(timezone="America/Chicago"))
    assert [(m.code, m.interval_s, m.n) for m in (*long.meters, *wide.meters)] == [
        ("HQ_e", 3600, 48), ("HQ_g", 3600, 48), ("DC-1_e", 1800, 48), ("STORE-1_e", 1800, 48),
    ]  # fmt: skip
    assert long.meters[1].commodity is Commodity.GAS
    assert (len(long.rejected), len(wide.rejected)) == (0, 0)


def test_a_huge_cell_and_an_open_quote_end_the_reading_with_a_reason(tmp_path: Path) -> None:
    found = load(tmp_path, GOOD + 'm1,2024-01-01 06:00,"5\n' + "m1,2024-01-01 07:00,5\n" * 20_000)
    assert len(values(found)) == 6
    assert "opened and never closed" in found.rejected.messages()[0]


def test_monthly_readings_are_sent_to_bills(tmp_path: Path) -> None:
    found = load(tmp_path, HEADER + "".join(f"m,2024-{m:02d}-01,100\n" for m in range(1, 7)))
    assert found.summary.readings == 0
    assert "Import monthly use as bills" in found.rejected.messages()[0]


def test_daily_local_readings_across_clock_changes_keep_every_day(tmp_path: Path) -> None:
    days = [f"2024-03-{d:02d}" for d in range(5, 16)]
    found = load(tmp_path, HEADER + "".join(f"m,{d},100\n" for d in days), timezone="America/New_York")
    assert (found.meters[0].interval_s, found.summary.readings, len(found.rejected)) == (86_400, 11, 0)


def test_gas_in_cubic_metres_needs_its_heat_content(tmp_path: Path) -> None:
    text = GOOD.replace("kwh", "m3").replace("m1", "a_g")
    found = load(tmp_path, text)
    assert "heat content" in found.rejected.messages()[0]
    # 1 m3 at 36 kBtu is 36 / 3.412142 kWh.
    assert values(load(tmp_path, text, heat_content_kbtu_per_unit=36.0))[0] == 10_551


def test_a_wide_file_is_read_in_few_cells_and_only_the_columns_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"{site}_{i}" for site in ("Eagle", "Fox") for i in range(40)]
    path = tmp_path / "wide.csv"
    rows = [f"2024-01-{1 + h // 24:02d} {h % 24:02d}:00," + ",".join(str(h + i) for i in range(80)) for h in range(480)]
    path.write_text("\n".join([",".join(["timestamp", *names]), *rows]), encoding="utf-8")
    seen: list[tuple[int, int]] = []
    original = csv_text.text_batches

    def watched(*args: object, **more: object) -> Iterator[csv_text.TextBatch]:
        for batch in original(*args, **more):  # type: ignore[arg-type]
            seen.append(batch.frame.shape)
            yield batch

    monkeypatch.setattr(readings_file, "text_batches", watched)
    monkeypatch.setattr(readings_file, "CELLS_PER_BATCH", 81 * 200)
    with readings_file.read_readings(path, ReadingsOptions(timezone="UTC", only=("Eagle_*",))) as found:
        assert [m.code for m in found.meters] == sorted(names[:40])
        assert found.frame().height == 480 * 40
    assert {columns for _, columns in seen} == {1 + 1 + 40}  # row number, time, meters
    assert max(rows for rows, _ in seen) == 200
