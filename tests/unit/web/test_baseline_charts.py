"""Axes of charts: amounts and columns are read by their length, so they begin at zero."""

from __future__ import annotations

from redaptive.web.reports.baseline_charts import actual_and_baseline, lines, residual_columns


def test_columns_and_filled_areas_stand_on_zero_and_lines_need_not() -> None:
    labels = ["2025-01", "2025-02"]
    columns, area = residual_columns(labels, [-2.9, -14.0]), actual_and_baseline(labels, [5, 6], [6, 7], "kWh/month")
    assert [option["yAxis"]["scale"] for option in (columns, area)] == [False, False]  # type: ignore[index, call-overload]
    assert lines(labels, {"a": [5, 6]}, "kWh")["yAxis"]["scale"] is True  # type: ignore[index, call-overload]
