"""Charts of lasting changes: a meter's daily use with the level that was found as a step line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from redaptive.domain.detectors.history.finding import Finding, Lasting
from redaptive.domain.detectors.history.lasting_change import Course
from redaptive.domain.detectors.history.weekly_use import Floats
from redaptive.web.blocks import Chart, Json
from redaptive.web.charts import BLUE, GREY, RED
from redaptive.web.numbers import day_text
from redaptive.web.reports.baseline_charts import Option, Values, line, lines

MOST_CHARTS: Final = 6


def lasting_charts(findings: Sequence[Finding], courses: Mapping[str, Course]) -> list[Chart]:
    """A chart for each of the first meters of these lasting changes, in their order."""
    meters = list(dict.fromkeys(finding.meter for finding in findings))[:MOST_CHARTS]
    return [
        _chart(place, [finding for finding in findings if finding.meter == meter], courses[meter])
        for place, meter in enumerate(meters)
    ]


def _chart(place: int, findings: Sequence[Finding], course: Course) -> Chart:
    return Chart(
        f"lasting-{place + 1}",
        f"{findings[0].meter}: daily use and its lasting changes",
        _option(findings, course),
        " ".join(finding.sentence for finding in findings[:2]),
    )


def _option(findings: Sequence[Finding], course: Course) -> Option:
    days = course.first_day + np.arange(course.read_kwh.size)
    name = f"{findings[0].unit} a day"
    option = lines([day_text(int(day)) for day in days], {}, name)
    option["yAxis"] = {"type": "value", "name": name, "nameLocation": "middle", "nameGap": 50, "min": 0}
    option["legend"] = {"top": 0, "show": True, "type": "scroll"}
    spans = [_area(finding.lasting) for finding in findings if finding.lasting]
    marks: Json = {"silent": True, "itemStyle": {"color": RED, "opacity": 0.08}, "data": spans}
    option["series"] = [
        line("daily use", _rounded(course.read_kwh), BLUE, {"lineStyle": {"width": 1, "opacity": 0.5}}),
        line("level found, mean of the week", _weekly(course.changed_kwh), RED,
              {"step": "middle", "lineStyle": {"width": 2}, "markArea": marks}),
        line("due without the changes", _weekly(course.usual_kwh), GREY,
              {"step": "middle", "lineStyle": {"width": 2, "type": "dashed"}}),
    ]  # fmt: skip
    return option


def _area(lasting: Lasting) -> Json:
    return [{"xAxis": day_text(day)} for day in (lasting.first_day, lasting.last_day)]


def _weekly(due: Floats) -> Values:
    """The mean of each week at its days, to three digits after the point."""
    return _rounded(np.repeat(due.reshape(-1, 7).mean(axis=1), 7))


def _rounded(values: Floats) -> Values:
    return [round(float(v), 3) if np.isfinite(v) else None for v in values]
