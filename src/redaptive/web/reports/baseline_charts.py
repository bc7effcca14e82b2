"""Charts of baselines and savings: lines of actual against baseline, residuals, bands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from redaptive.web.blocks import Json
from redaptive.web.charts import BLUE, GREY, ORANGE, PALETTE, RED

Option = dict[str, Json]
Values = Sequence[float | None]


def _frame(labels: Sequence[str], unit: str) -> Option:
    return {
        "color": list(PALETTE),
        "aria": {"enabled": True},
        "animation": False,
        "legend": {"top": 0, "show": True},
        "tooltip": {"trigger": "axis"},
        "grid": {"left": 70, "right": 24, "top": 40, "bottom": 48},
        "xAxis": {"type": "category", "data": list(labels)},
        "yAxis": _axis(unit),
    }


def _axis(unit: str, *, from_zero: bool = False) -> Json:
    return {"type": "value", "name": unit, "nameLocation": "middle", "nameGap": 50, "scale": not from_zero}


def lines(labels: Sequence[str], series: Mapping[str, Values], unit: str) -> Option:
    """One line a series over labels, in `unit`; gaps stay gaps."""
    return {
        **_frame(labels, unit),
        "series": [{"name": n, "type": "line", "symbol": "none", "data": list(v)} for n, v in series.items()],
    }


def actual_and_baseline(labels: Sequence[str], actual: Values, baseline: Values, unit: str) -> Option:
    """Actual as a filled blue line, the baseline in orange; from zero, because a filled area is read as an amount."""
    option = lines(labels, {}, unit)
    option["yAxis"] = _axis(unit, from_zero=True)
    option["series"] = [
        line("actual", actual, BLUE, {"areaStyle": {"opacity": 0.08}}),
        line("baseline", baseline, ORANGE, {"lineStyle": {"type": "dashed", "width": 2}}),
    ]
    return option


def residual_columns(labels: Sequence[str], share: Values, unit: str = "% of baseline") -> Option:
    """Columns above and below zero, which the axis always shows: a column is read by its length."""
    option = _frame(labels, unit)
    option["yAxis"] = _axis(unit, from_zero=True)
    option["series"] = [{"name": "actual less baseline", "type": "bar", "data": list(share)}]
    return option


def with_band(labels: Sequence[str], middle: Values, low: Values, high: Values, unit: str) -> Option:
    """A line with its lower and upper bound."""
    option = lines(labels, {}, unit)
    option["series"] = [
        line("savings", middle, BLUE, {"lineStyle": {"width": 2}}),
        line("low, 90 %", low, GREY, {"lineStyle": {"type": "dotted"}}),
        line("high, 90 %", high, GREY, {"lineStyle": {"type": "dotted"}}),
    ]
    return option


def savings_bars(labels: Sequence[str], values: Values, low: Values, high: Values, unit: str) -> Option:
    """Horizontal bars with marks at the ends of their intervals, largest on top."""
    mark: Json = [3, 14]
    return {
        "color": list(PALETTE),
        "aria": {"enabled": True},
        "animation": False,
        "legend": {"top": 0, "show": True},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "grid": {"left": 190, "right": 24, "top": 40, "bottom": 48},
        "xAxis": {
            "type": "value", "name": unit, "nameLocation": "middle", "nameGap": 28, "axisLabel": {"hideOverlap": True},
        },
        "yAxis": {"type": "category", "data": list(labels), "inverse": True},
        "series": [
            {"name": "savings", "type": "bar", "data": list(values), "barMaxWidth": 18},
            *({"name": name, "type": "scatter", "symbol": "rect", "symbolSize": mark, "data": list(ends),
               "itemStyle": {"color": RED}} for name, ends in (("low", low), ("high", high))),
        ],
    }  # fmt: skip


def line(name: str, values: Values, color: str, more: Option) -> Option:
    """One curve without marks; `more` adds to its options or replaces them."""
    return {"name": name, "type": "line", "symbol": "none", "data": list(values), "itemStyle": {"color": color}, **more}
