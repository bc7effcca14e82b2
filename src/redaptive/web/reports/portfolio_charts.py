"""Charts of the portfolio report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redaptive.web.blocks import Chart
from redaptive.web.charts import bars_with_reference, bubbles, grouped_bars, stacked_columns

Answers = Mapping[str, Mapping[str, Any]]
SHOWN = 15
LONGEST_Y = 30


def charts(answers: Answers) -> dict[str, Chart]:
    """The charts for which there are data, by name: months, peers, measures, payback."""
    found = {"months": _months(answers)}
    if answers.get("peers", {}).get("value", {}).get("rows"):
        found["peers"] = _peers(answers)
    if answers.get("opportunities", {}).get("value", {}).get("opportunities"):
        found["payback"] = _payback(answers)
    if answers.get("projects", {}).get("value", {}).get("projects"):
        found["measures"] = _measures(answers)
    return found


def _months(answers: Answers) -> Chart:
    months = answers["usage"]["value"]["months"]
    series = {
        name: [round(m[key]) for m in months]
        for name, key in (("electricity", "electricity_kbtu"), ("gas", "gas_kbtu"), ("other", "other_kbtu"))
        if any(m[key] for m in months)
    }
    option = stacked_columns([m["month"][:7] for m in months], series, "kBtu")
    return Chart("months", "Energy by month", option, "Site energy of all buildings by local month.")


def _peers(answers: Answers) -> Chart:
    rows = answers["peers"]["value"]["rows"][:SHOWN]
    labels = [f"{r['building_code']} {r['building_type']}" for r in rows]
    option = bars_with_reference(
        labels,
        [round(r["value"], 1) for r in rows],
        [round(r["peer_median"], 1) for r in rows],
        ("site EUI", "peer median"),
        "kBtu/ft²·yr",
    )
    caption = f"The {len(rows)} buildings furthest above the median of their type, worst on top."
    return Chart("peers", "Buildings against their peers", option, caption, height_px=60 + 30 * len(rows))


def _measures(answers: Answers) -> Chart:
    projects = answers["projects"]["value"]["projects"]
    totals: dict[str, float] = {}
    for p in projects:
        totals[p["building_code"]] = totals.get(p["building_code"], 0.0) + p["savings_usd_per_y"]
    codes = sorted(totals, key=lambda code: -totals[code])[:SHOWN]
    measures = sorted({p["title"] for p in projects})
    saved = {(p["title"], p["building_code"]): p["savings_usd_per_y"] for p in projects}
    series = {m: [round(saved.get((m, c), 0.0)) for c in codes] for m in measures}
    option = grouped_bars(codes, series, "USD/yr")
    caption = "Yearly savings of the recommended projects by building and measure."
    return Chart("measures", "Savings of the recommended projects", option, caption, height_px=90 + 30 * len(codes))


def _payback(answers: Answers) -> Chart:
    points: dict[str, list[list[str | float]]] = {}
    every = answers["opportunities"]["value"]["opportunities"]
    found = [o for o in every if o["simple_payback_y"] is not None and o["simple_payback_y"] <= LONGEST_Y]
    largest = max((o["capex_usd"]["mid"] for o in found), default=1.0) or 1.0
    for o in found:
        size = 6.0 + 34.0 * (o["capex_usd"]["mid"] / largest) ** 0.5
        point: list[str | float] = [round(o["simple_payback_y"], 2), round(o["savings_usd_per_y"]), round(size, 1)]
        points.setdefault(o["title"], []).append([*point, o["building_code"]])
    option = bubbles(points, "simple payback, years", "savings, USD/yr", LONGEST_Y)
    more = len(every) - len(found)
    beyond = f" {more} that take longer than {LONGEST_Y} years or never pay back are only in the table." if more else ""
    caption = f"Upper left is best; the area of a dot is its cost.{beyond}"
    return Chart("payback", "Savings against payback", option, caption, height_px=420)
