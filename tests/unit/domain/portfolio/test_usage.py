"""Portfolio sums against plain Python loops over the same rows."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redaptive.domain.intervals import next_month
from redaptive.domain.portfolio import usage
from redaptive.domain.portfolio.records import Commodity
from redaptive.errors import InvalidInput

SOURCE = {Commodity.ELECTRICITY: 2.80, Commodity.GAS: 1.05, Commodity.SOLAR: 1.00}
START, END = date(2025, 1, 1), date(2026, 1, 1)
SUMS = ("buildings", "floor_area_ft2", "electricity_kwh", "gas_therms", "energy_kbtu", "water_kl", "cost_usd",
        "emissions_tco2e", "peak_kw", "eui_buildings")  # fmt: skip


def _row(code: str, commodity: str, month: date, kwh: float, **other: Any) -> dict[str, Any]:
    row = {"building_code": code, "commodity": commodity, "month": month, "energy": round(kwh * 1000), "peak_w": 5000}
    return {**row, "n": 720, "n_expected": 720, "n_flagged": 0, "n_estimated": 0, **other}


def _buildings(n: int, sectors: list[str | None]) -> pl.DataFrame:
    codes = [f"b{i}" for i in range(n)]
    return pl.DataFrame(
        {"building_code": codes, "gross_floor_area_ft2": [1000.0 * (i + 1) for i in range(n)],
         "site_code": [f"s{i % 2}" for i in range(n)], "sector": sectors},
        schema_overrides={"sector": pl.String},
    )  # fmt: skip


FACTORS = pl.DataFrame(
    [(site, c, usd, kg) for site in ("s0", "s1") for c, usd, kg in
     (("electricity", 0.15, 0.4), ("gas", 0.04, 0.18), ("water", 2.0, 0.3))],
    schema=["site_code", "commodity", "usd_per_unit", "kg_co2e_per_unit"], orient="row",
)  # fmt: skip


def _analyze(rows: list[dict[str, Any]], buildings: pl.DataFrame, **other: Any) -> usage.UsageReport:
    period = {"start_month": START, "end_month": END, **other}
    return usage.analyze_usage(pl.DataFrame(rows), buildings, FACTORS, SOURCE, **period)


def test_one_building_by_hand() -> None:
    months = [next_month(START, i) for i in range(12)]
    rows = [_row("b0", "electricity", m, 1000) for m in months] + [_row("b0", "gas", m, 500) for m in months]
    rows += [_row("b0", "solar", m, 100) for m in months] + [_row("b0", "water", m, 30) for m in months]
    rows += [_row("b0", "electricity", next_month(m, -12), 800) for m in months]
    report = _analyze(rows, _buildings(1, ["office"]))
    (row,) = report.rows
    assert row.electricity_kwh == pytest.approx(13_200)
    assert row.gas_therms == pytest.approx(6_000 * 3.412142 / 100)
    assert row.energy_kbtu == pytest.approx(19_200 * 3.412142)
    assert row.water_kl == pytest.approx(360)
    assert row.cost_usd == pytest.approx(12_000 * 0.15 + 6_000 * 0.04 + 360 * 2)
    assert row.emissions_tco2e == pytest.approx((12_000 * 0.4 + 6_000 * 0.18 + 360 * 0.3) / 1000)
    assert row.site_eui_kbtu_per_ft2 == pytest.approx(19_200 * 3.412142 / 1000)
    assert row.source_eui_kbtu_per_ft2 == pytest.approx((12_000 * 2.8 + 6_000 * 1.05 + 1_200) * 3.412142 / 1000)
    assert row.yoy_pct == pytest.approx(25.0)  # gas has no year before and does not count
    assert (row.peak_kw, row.coverage_pct) == (5.0, 100.0)
    assert report.warnings == (usage.PEAK_NOTE,)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(["office", "hospital", None]), min_size=1, max_size=8), st.integers(0, 99))
def test_groups_add_up_to_the_total(sectors: list[str | None], seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = [
        _row(f"b{i}", c, next_month(START, m), float(rng.uniform(0, 5000)), n=int(rng.integers(690, 721)))
        for i in range(len(sectors))
        for c in ("electricity", "gas", "water")
        for m in range(12)
        if rng.random() > 0.02
    ]
    report = _analyze(rows, _buildings(len(sectors), sectors))
    for name in SUMS:
        assert sum(getattr(row, name) for row in report.rows) == pytest.approx(getattr(report.total, name))
    by_hand = sum(r["energy"] for r in rows if r["commodity"] != "water") / 1000 * 3.412142
    assert report.total.energy_kbtu == pytest.approx(by_hand)
    assert report.total.eui_buildings + len(report.excluded) == len(sectors)
    assert {f.name for f in fields(usage.UsageRow)} >= set(SUMS)


def test_buildings_without_eui_are_named_with_their_reason() -> None:
    full = [_row("b0", "electricity", next_month(START, i), 1000) for i in range(12)]
    short = [_row("b1", "electricity", next_month(START, i), 1000) for i in range(11)]
    thin = [_row("b2", "electricity", next_month(START, i), 1000, n=600) for i in range(12)]
    steam = [_row("b3", "steam", next_month(START, i), 1000) for i in range(12)]
    report = _analyze(full + short + thin + steam, _buildings(5, ["office"] * 5))
    reasons = {e.building_code: e.reason for e in report.excluded}
    assert list(reasons) == ["b1", "b2", "b3", "b4"]
    assert "11 of 12" in reasons["b1"]
    assert "83.3 %" in reasons["b2"]
    assert "steam" in reasons["b3"]
    assert "0 of 12" in reasons["b4"]
    assert report.total.eui_buildings == 1
    assert report.total.site_eui_kbtu_per_ft2 == pytest.approx(12_000 * 3.412142 / 1000)
    assert any("No price for s1 steam" in w for w in report.warnings)
    assert any("no reading" in w and "b4" in w for w in report.warnings)


def test_missing_months_lower_the_coverage() -> None:
    rows = [_row("b0", "electricity", next_month(START, i), 1000) for i in range(9)]
    assert _analyze(rows, _buildings(1, ["office"])).total.coverage_pct == pytest.approx(75.0)


def test_wrong_questions_are_refused() -> None:
    rows, buildings = [_row("b0", "electricity", START, 1.0)], _buildings(1, ["office"])
    with pytest.raises(InvalidInput, match="colour"):
        _analyze(rows, buildings, group_by="colour")
    with pytest.raises(InvalidInput, match="empty"):
        _analyze(rows, buildings, end_month=START)
    with pytest.raises(InvalidInput, match="two rows"):
        _analyze(rows * 2, buildings)
    with pytest.raises(InvalidInput, match="No building"):
        _analyze(rows, buildings.clear())
