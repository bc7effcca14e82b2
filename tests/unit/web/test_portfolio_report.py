"""The portfolio report says what the answers say: no figure of its own, no zero for what is missing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from math import nan
from typing import Any

import pytest

from redaptive.web.blocks import Chart, Column, Kpis, Page, Table, Text, page_json, table_csv
from redaptive.web.numbers import compact
from redaptive.web.render import render_html
from redaptive.web.reports.portfolio import ReportInputs, portfolio_page

HOSTILE = "<img src=x onerror=alert(1)></script><b>"
NOW = datetime(2026, 1, 2, tzinfo=UTC)


class _Elements(HTMLParser):
    """Names of the elements that a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)


def _answer(value: dict[str, Any], **more: Any) -> dict[str, Any]:
    quality = {"coverage_pct": 99.5, "estimated_pct": 0.0, "suspect_pct": 0.0, "notes": []}
    source = {"kind": "readings", "id": "store", "version": "2025"}
    return {
        "value": value, "unit": "kWh", "method": "sum", "inputs_used": {"period": "2025-01..2025-12"},
        "factor_version": ["egrid-2023"], "data_quality": quality, "warnings": [], "provenance": [source], **more,
    }  # fmt: skip


def _use(group: str, **more: Any) -> dict[str, Any]:
    return {
        "group": group, "buildings": 2, "floor_area_ft2": 1000.0, "electricity_kwh": 1_530_000.0, "gas_therms": 950.0,
        "cost_usd": 187_654.0, "emissions_tco2e": 612.3, "site_eui_kbtu_per_ft2": 79.7, "eui_buildings": 2,
        "source_eui_kbtu_per_ft2": None, "peak_kw": 300.0, "coverage_pct": 99.5, "yoy_pct": None, **more,
    }  # fmt: skip


def _usage(**total: Any) -> dict[str, Any]:
    months = [{"month": f"2025-{m:02d}-01", "electricity_kbtu": 10.0, "gas_kbtu": 5.0, "other_kbtu": 0} for m in (1, 2)]
    value = {"group_by": "building_type", "rows": [_use("office")], "total": _use("total", **total), "months": months}
    return _answer({**value, "excluded": []})


def _peer(n: int, **more: Any) -> dict[str, Any]:
    return {
        "building_code": f"B{n:02d}", "building_name": f"Tower {n}", "building_type": "office", "value": 100.0 - n,
        "peer_median": 52.9, "ratio_to_median": 1.5, "percentile": 20, "gap_to_median_usd": 10.0,
        "gap_to_p75_usd": None, **more,
    }  # fmt: skip


def _peers(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return _answer({"rows": rows, "label": "percentile (estimated)", "excluded": []})


def _opportunity(n: int, payback: float | None) -> dict[str, Any]:
    return {
        "building_code": f"B{n:02d}", "title": "LED retrofit", "savings_usd_per_y": 1000.0 + n,
        "capex_usd": {"mid": 5000.0}, "simple_payback_y": payback, "savings_kwh": 10.0, "savings_therms": None,
        "avoided_t_co2e_per_y": 1.5, "confidence": "high",
        "evidence": [{"metric": "lighting_w_per_ft2", "value": 1.2, "unit": "W/ft2", "threshold": 0.8}],
    }  # fmt: skip


def _opportunities(found: list[dict[str, Any]]) -> dict[str, Any]:
    return _answer({"opportunities": found, "skipped": [], "not_screened": []})


def _projects(found: list[dict[str, Any]]) -> dict[str, Any]:
    selection = {
        "chosen": [p["building_code"] for p in found], "capex_usd": 12_345.0, "savings_usd_per_y": 2_468.0,
        "npv_usd": 9_876.0, "simple_payback_y": 5.0, "t_co2e_per_y": 3.3, "mip_gap": 0.0, "unspent_usd": 7.0,
    }  # fmt: skip
    summary = {"executive": ["Do it."], "sustainability": ["Less carbon."]}
    return _answer(
        {"selection": selection, "projects": found, "summary": summary, "considered": 9, "discount_rate": 0.08}
    )


def _page(answers: dict[str, Any] | None = None, refusals: list[tuple[str, str, str | None]] | None = None) -> Page:
    return portfolio_page(ReportInputs({"usage": _usage(), **(answers or {})}, refusals or [], "demo", NOW))


def _block(page: Page, name: str) -> Any:
    return next((b for b in page.blocks if b.id == name), None)


def test_refused_steps_appear_with_message_and_fix_and_leave_no_zeros() -> None:
    page = _page(
        refusals=[("projects", "No gas price for B01.", "Give gas_usd_per_therm."), ("peers", "No area.", None)]
    )
    said = _block(page, "refused")
    assert isinstance(said, Text)
    assert said.bullets == ("projects: No gas price for B01. Give gas_usd_per_therm.", "peers: No area.")
    assert all(line in render_html(page) for line in said.bullets)
    assert {k.label for k in _block(page, "kpis").items} == {
        "Electricity", "Gas", "Energy cost", "Emissions", "Site EUI"
    }  # fmt: skip
    assert [b.id for b in page.blocks if b.id in {"projects", "measures", "payback", "opportunities", "peers"}] == []


def test_missing_values_are_dashes_and_not_zeros() -> None:
    page = _page({"usage": _usage(cost_usd=None, site_eui_kbtu_per_ft2=None)})
    shown = {k.label: k.value for k in _block(page, "kpis").items}
    assert (shown["Energy cost"], shown["Site EUI"], shown["Electricity"]) == ("–", "–", "1.53 M")
    groups = _block(page, "groups")
    cost = [c.key for c in groups.columns].index("cost_usd")
    assert groups.rows[-1][cost] is None
    assert '<td class="num">0</td>' not in render_html(page)
    assert "<td>–</td>" in render_html(page)


def test_key_figures_are_those_of_the_answers() -> None:
    kpis = _block(_page({"projects": _projects([_opportunity(1, 5.0)])}), "kpis")
    assert isinstance(kpis, Kpis)
    total, chosen = _use("total"), _projects([_opportunity(1, 5.0)])["value"]["selection"]
    expected = {
        "Electricity": total["electricity_kwh"], "Gas": total["gas_therms"], "Energy cost": total["cost_usd"],
        "Emissions": total["emissions_tco2e"], "Site EUI": total["site_eui_kbtu_per_ft2"],
        "Investment": chosen["capex_usd"], "Net savings": chosen["savings_usd_per_y"],
        "Payback": chosen["simple_payback_y"], "Avoided": chosen["t_co2e_per_y"],
    }  # fmt: skip
    assert {k.label: k.value for k in kpis.items} == {label: compact(value) for label, value in expected.items()}


def test_hostile_names_stay_text_everywhere() -> None:
    peers = _peers([_peer(1, building_name=HOSTILE, building_code=HOSTILE)])
    html = render_html(_page({"peers": peers}, [("peers", HOSTILE, HOSTILE)]))
    assert HOSTILE not in html
    outline = _Elements()
    outline.feed(html)
    assert "img" not in outline.names
    assert "&lt;img src=x onerror=alert(1)&gt;" in html


@pytest.mark.parametrize("missing", [nan, float("inf"), None])
def test_no_output_has_nan(missing: float | None) -> None:
    table = Table("t", "T", (Column("a", "a"), Column("b", "b", "kWh")), (("x", missing), ("y", 2.0)))
    page = replace(_page(), blocks=(table,))
    body = json.dumps(page_json(page), allow_nan=False)
    assert json.loads(body)["blocks"][0]["rows"] == [["x", None], ["y", 2.0]]
    assert table_csv(table).splitlines() == ["a,b [kWh]", "x,", "y,2.0"]
    shown = render_html(page)
    assert "–</td>" in shown
    assert ">nan<" not in shown


def test_the_peer_chart_holds_the_fifteen_worst_and_the_table_all() -> None:
    page = _page({"peers": _peers([_peer(n) for n in range(20)])})
    chart = _block(page, "peers")
    assert isinstance(chart, Chart)
    labels = chart.option["yAxis"]["data"]  # type: ignore[call-overload,index]
    assert labels == [f"B{n:02d} office" for n in range(15)]
    assert "15 buildings" in chart.caption
    assert len(_block(page, "buildings").rows) == 20


def test_the_payback_chart_leaves_out_what_never_pays_and_says_so() -> None:
    found = [_opportunity(1, 4.0), _opportunity(2, 30.0), _opportunity(3, 30.1), _opportunity(4, None)]
    page = _page({"opportunities": _opportunities(found)})
    chart = _block(page, "payback")
    drawn = [point[3] for series in chart.option["series"] for point in series["data"]]
    assert drawn == ["B01", "B02"]
    assert "2 that take longer than 30 years" in chart.caption
    assert len(_block(page, "opportunities").rows) == 4


def test_the_savings_chart_holds_fifteen_buildings_with_the_most_saved_first() -> None:
    chart = _block(_page({"projects": _projects([_opportunity(n, 5.0) for n in range(20)])}), "measures")
    assert chart.option["yAxis"]["data"] == [f"B{n:02d}" for n in range(19, 4, -1)]
    assert [len(s["data"]) for s in chart.option["series"]] == [15]
