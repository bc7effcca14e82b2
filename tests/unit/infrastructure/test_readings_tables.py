"""A table handle that lives as long as its worker."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from deltalake import DeltaTable, Schema, write_deltalake
from deltalake.schema import Field, PrimitiveType

from redaptive.infrastructure.readings.tables import REOPENED_AFTER, Table


def test_a_handle_is_opened_anew_after_so_many_commits_and_misses_none(tmp_path: Path) -> None:
    table = Table(tmp_path / "rows", Schema([Field("v", PrimitiveType("long"))]), ())
    handles: list[DeltaTable] = []
    for row in range(2 * REOPENED_AFTER + 5):
        delta = table.delta()
        if not handles or handles[-1] is not delta:
            handles.append(delta)
        write_deltalake(delta, pl.DataFrame({"v": [row]}), mode="append")
    assert len(handles) == 3
    assert table.delta().version() == 2 * REOPENED_AFTER + 5
    assert len(DeltaTable(str(table.folder)).file_uris()) == 2 * REOPENED_AFTER + 5
