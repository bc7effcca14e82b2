"""Refused rows of dropped files: file, line and text, in the note beside the file and in the database."""

from __future__ import annotations

from pathlib import Path

from tests.integration.ingest_fleet import Fleet, run

from redaptive.cli.ingest import read_dropped
from redaptive.settings import Settings
from redaptive.streams.ingest.drop import DropFolder
from redaptive.streams.ingest.refused import RefusedFilter, refused_rows

HEAD = "meter,timestamp,value,unit\n"


async def dropped(f: Fleet, folder: Path, name: str, text: str) -> str:
    """The note beside the file, wherever it was moved."""
    drop = DropFolder(folder, f.tenant, f.gate.admission, read_dropped, settled_s=0.0)
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    await drop.look()
    assert await drop.look() == 1
    (note,) = [p for where in ("done", "rejected") for p in (folder / where).rglob(f"{path.name}.reason.txt")]
    return note.read_text()


def test_rows_are_named_by_file_and_line(servers: Settings, tmp_path: Path) -> None:
    """Two meters in turn, so that a reading's place among those of its meter is not its line."""

    async def test(f: Fleet) -> None:
        lines = [f"{meter},2026-01-01T{h:02}:00:00Z,{h + 1},kWh\n" for h in range(3) for meter in ("E-1", "NEW")]
        lines[3] = "NEW,2026-01-01T01:00:00Z,oops,kWh\n"
        note = await dropped(f, tmp_path, "march.csv", HEAD + "".join(lines))
        assert note.startswith("3 readings taken, 3 rows refused.\n")
        for place in (3, 7):
            assert f"unknown_meter: march.csv line {place}: No meter NEW is registered.\n" in note
        assert "unreadable_row: march.csv line 5: 'oops'" in note
        found = {row.reason: row for row in await refused_rows(f.pools, f.tenant_id, RefusedFilter())}
        bad = found["unreadable_row"]
        assert (bad.meter, bad.row, bad.raw) == ("NEW", 5, "NEW,2026-01-01T01:00:00Z,oops,kWh")
        assert found["unknown_meter"].detail.startswith("march.csv line ")

    run(servers, test)


def test_readings_of_one_line_are_all_kept(servers: Settings, tmp_path: Path) -> None:
    async def test(f: Fleet) -> None:
        text = "timestamp,X-1 (kWh),X-2 (kWh)\n" + "".join(f"2026-01-01T{h:02}:00:00Z,1,2\n" for h in range(3))
        note = await dropped(f, tmp_path, "wide.csv", text)
        assert note.count("line 3: No meter X-") == 2
        rows = await refused_rows(f.pools, f.tenant_id, RefusedFilter(reason="unknown_meter"))
        assert sorted((row.meter, row.detail.split(":")[0]) for row in rows) == [
            (code, f"wide.csv line {line}") for code in ("X-1", "X-2") for line in (2, 3, 4)
        ]

    run(servers, test)


def test_what_an_option_would_do_is_told_for_a_file_without_options(servers: Settings, tmp_path: Path) -> None:
    async def test(f: Fleet) -> None:
        note = await dropped(f, tmp_path, "one.csv", HEAD + "X,2026-01-01 00:00:00,1,kWh\n")
        assert note.startswith("0 readings taken, 1 rows refused.\n")
        assumed, refused = note.splitlines()[1:3]
        assert "A dropped file takes no options: write the times with their offset" in assumed
        assert "import the meter with its interval (`redaptive import meters`)" in refused
        unknown = await dropped(f, tmp_path, "columns.csv", "meter,when it was,how much\nE-1,2026-01-01T00:00:00Z,1\n")
        assert "A dropped file takes no options: read it with `redaptive import readings`, which has --" in unknown

    run(servers, test)


def test_an_unknown_tenant_is_named_and_nothing_else(servers: Settings, tmp_path: Path) -> None:
    async def test(f: Fleet) -> None:
        note = await dropped(f, tmp_path, "nobody-here/one.csv", HEAD + "X,2026-01-01T00:00:00Z,1,kWh\n")
        assert note.startswith(
            "invalid: There is no tenant nobody-here. (nobody-here/one.csv) Correct the folder's name"
        )
        assert "interval" not in note
        assert (tmp_path / "rejected/nobody-here/one.csv").exists()
        assert await f.readings("drop") == []

    run(servers, test)
