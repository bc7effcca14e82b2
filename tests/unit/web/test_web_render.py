"""Blocks become HTML, CSV and JSON with the same figures, and hostile names stay text."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from html.parser import HTMLParser

from redaptive.web.blocks import Chart, Column, Kpi, Kpis, Page, Table, Text, page_json, table_csv
from redaptive.web.charts import bars_with_reference
from redaptive.web.render import render_html

HOSTILE = "</script><script>alert(1)</script>"
TABLE = Table(
    "t", "Buildings", (Column("code", "building"), Column("kwh", "use", "kWh", 1)), (("A", 1234.56), (HOSTILE, None))
)
PAGE = Page(
    "Report",
    "2025",
    datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
    "demo",
    (
        Kpis("k", (Kpi("Use", "1.2 M", "kWh", "12 months"),)),
        Text("x", "Why", ("one",), ("two",)),
        Chart("c", "Chart", bars_with_reference([HOSTILE], [1.0], [2.0], ("a", "b"), "kBtu")),
        TABLE,
    ),
)


class _Outline(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.cells: list[str] = []
        self.scripts: list[str] = []
        self._open: list[str] = []
        self.urls: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._open.append(tag)
        self.urls += [v for k, v in attrs if k in {"src", "href"} and v]

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "td" in self._open and data.strip():
            self.cells.append(data.strip())
        if self._open and self._open[-1] == "script":
            self.scripts.append(data)


def _outline() -> _Outline:
    outline = _Outline()
    outline.feed(render_html(PAGE))
    return outline


def test_the_report_is_one_file_that_asks_no_network() -> None:
    outline = _outline()
    assert outline.urls == []
    assert any("echarts" in script for script in outline.scripts)


def test_numbers_are_grouped_and_a_missing_value_is_a_dash() -> None:
    assert _outline().cells == ["A", "1,234.6", HOSTILE, "–"]


def test_a_hostile_name_stays_text_in_cells_and_chart_data() -> None:
    outline = _outline()
    assert not [s for s in outline.scripts if s.strip() == "alert(1)"]
    options = [json.loads(s) for s in outline.scripts if s.lstrip().startswith("{")]
    assert options[0]["yAxis"]["data"] == [HOSTILE]


def test_csv_has_units_in_the_header_and_raw_numbers() -> None:
    rows = list(csv.reader(io.StringIO(table_csv(TABLE))))
    assert rows == [["code", "kwh [kWh]"], ["A", "1234.56"], [HOSTILE, ""]]


def test_json_holds_every_block_but_charts_with_raw_numbers() -> None:
    body = json.loads(json.dumps(page_json(PAGE)))
    assert [b["kind"] for b in body["blocks"]] == ["kpis", "text", "table"]
    assert body["blocks"][2]["rows"][0] == ["A", 1234.56]
