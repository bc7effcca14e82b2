"""The report of an audit: which findings are told in words."""

from __future__ import annotations

from redaptive.domain.detectors.history.finding import Finding
from redaptive.web.reports.audit import largest


def _finding(meter: str, kind: str) -> Finding:
    return Finding(meter, kind, 0, 3600, 1.0, 9.0, 2.0, 1.0, None, f"{meter}: {kind}")


def test_a_fault_of_a_meter_is_told_however_many_findings_the_buildings_have() -> None:
    small = [_finding(f"M-{i}", "level_shift") for i in range(30)]
    faults = [_finding(f"F-{i}", "multiplier") for i in range(4)]
    told = [finding.meter for finding in largest([*small, *faults], 5)]
    assert told == ["M-0", "M-1", "M-2", "M-3", "M-4", "F-0", "F-1"]
    assert largest(faults, 5) == faults[:2]
    assert largest(small[:3], 5) == small[:3]
