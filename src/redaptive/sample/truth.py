"""What is true of the sample, to grade detectors and verification against: exact to the watt-hour."""

from __future__ import annotations

import polars as pl

from redaptive.sample.readings import SampleReadings
from redaptive.sample.specs import MeterKind


def fault_truth(readings: SampleReadings) -> pl.DataFrame:
    """One row per fault with its exact effect on the meter's readings within the history.

    `excess_kwh` = reported minus faultless energy over the intervals that were reported
    (negative for lost generation; for water litres / 1000); `missing` counts intervals that never arrived.
    """
    rows = []
    for fault in readings.portfolio.faults:
        spec, end = readings.portfolio.meter_specs[fault.meter], min(fault.end, readings.portfolio.end)
        first, last = readings.hours(spec.building, fault.start, end)
        expected = readings.clean_values([spec], first, last)[0]
        reported = readings.frame([fault.meter], fault.start, end)
        stamps = (reported["ts"].dt.timestamp("us") // (3_600_000_000 // spec.quarters)).to_numpy()
        excess = int(reported["value"].cast(pl.Int64).sum()) - int(expected[stamps - first * spec.quarters].sum())
        rows.append(
            {
                "code": fault.code,
                "meter_index": fault.meter,
                "meter_code": readings.portfolio.meters[fault.meter].code,
                "type": fault.type.value,
                "start": fault.start,
                "end": fault.end,
                "severity": fault.severity,
                "physical": fault.physical,
                "subthreshold": fault.subthreshold,
                "excess_kwh": excess / 1000,
                "missing": len(expected) - reported.height,
            }
        )
    return pl.DataFrame(rows)


def project_truth(readings: SampleReadings) -> pl.DataFrame:
    """One row per project with what it saved from its end to the history's end, summed over the electric mains."""
    p, rows = readings.portfolio, []
    for project in p.projects:
        first, last = readings.hours(project.building, project.end, p.end)
        mains = [s for s in p.meter_specs if s.building == project.building and s.kind is MeterKind.MAIN]
        after = int(readings.clean_values(mains, first, last).sum())
        before = int(readings.clean_values(mains, first, last, with_projects=False).sum())
        rows.append(
            {
                "code": project.code,
                "building_code": p.buildings[project.building].code,
                "measure": project.measure,
                "component": project.component,
                "start": project.start,
                "end": project.end,
                "saved_kwh": (before - after) / 1000,
                "baseline_kwh": before / 1000,
            }
        )
    return pl.DataFrame(rows)
