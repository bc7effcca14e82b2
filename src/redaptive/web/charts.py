"""ECharts options of the charts in reports; colours are safe for the colour-blind (Okabe-Ito)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from redaptive.web.blocks import Json

BLUE, ORANGE, GREEN, RED, SKY, PURPLE, GREY = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#56B4E9",
    "#CC79A7",
    "#8A8F98",
)
PALETTE = (BLUE, ORANGE, GREEN, SKY, PURPLE, RED, GREY)
Option = dict[str, Json]


def _frame(*, left: int = 70, right: int = 24, legend: bool = True) -> Option:
    return {
        "color": list(PALETTE),
        "aria": {"enabled": True},
        "animation": False,
        "legend": {"top": 0, "show": legend},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "grid": {"left": left, "right": right, "top": 40, "bottom": 48},
    }


def _axis(name: str, **more: Json) -> dict[str, Json]:
    return {"type": "value", "name": name, "nameLocation": "middle", "nameGap": 50, **more}


def stacked_columns(labels: Sequence[str], series: Mapping[str, Sequence[float | None]], unit: str) -> Option:
    """Columns stacked by series over labels (months), in `unit`."""
    return {
        **_frame(),
        "xAxis": {"type": "category", "data": list(labels)},
        "yAxis": _axis(unit),
        "series": [
            {"name": name, "type": "bar", "stack": "all", "data": list(values)} for name, values in series.items()
        ],
    }


def bars_with_reference(
    labels: Sequence[str], values: Sequence[float], references: Sequence[float], names: tuple[str, str], unit: str
) -> Option:
    """Horizontal bars, longest on top, each with the mark of its own reference value (a peer median)."""
    return {
        **_frame(left=190),
        "xAxis": _axis(unit, nameGap=28),
        "yAxis": {
            "type": "category",
            "data": list(labels),
            "inverse": True,
            "axisLabel": {"width": 170, "overflow": "truncate"},
        },
        "series": [
            {"name": names[0], "type": "bar", "data": list(values), "barMaxWidth": 18},
            {
                "name": names[1],
                "type": "scatter",
                "symbol": "rect",
                "symbolSize": [3, 18],
                "data": list(references),
                "itemStyle": {"color": RED},
            },
        ],
    }


def grouped_bars(labels: Sequence[str], series: Mapping[str, Sequence[float]], unit: str) -> Option:
    """Horizontal bars stacked by series (measures over buildings), in `unit`."""
    return {
        **_frame(left=190),
        "xAxis": _axis(unit, nameGap=28),
        "yAxis": {
            "type": "category",
            "data": list(labels),
            "inverse": True,
            "axisLabel": {"width": 170, "overflow": "truncate"},
        },
        "series": [
            {"name": name, "type": "bar", "stack": "all", "data": list(values), "barMaxWidth": 20}
            for name, values in series.items()
        ],
    }


def bubbles(points: Mapping[str, Sequence[Sequence[Json]]], x_name: str, y_name: str, x_max: float) -> Option:
    """A scatter per series; a point is [x, y, size 0-60, label]."""
    return {
        **_frame(),
        "tooltip": {"trigger": "item"},
        "xAxis": _axis(x_name, nameGap=28, max=x_max),
        "yAxis": _axis(y_name),
        "series": [
            {
                "name": name,
                "type": "scatter",
                "data": [list(p) for p in data],
                "encode": {"x": 0, "y": 1, "tooltip": [3, 0, 1]},
            }
            for name, data in points.items()
        ],
        "redaptive": "bubbles",
    }
