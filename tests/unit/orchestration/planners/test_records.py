"""Records, periods by role and several values, read from sentences."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from redaptive.orchestration.intelligent.matchers.entities.calendar import Calendar
from redaptive.orchestration.intelligent.planners.values.alternatives import groupings, periods
from redaptive.orchestration.intelligent.planners.values.reading import read
from redaptive.orchestration.intelligent.planners.values.records import RECORDS, around, lists
from redaptive.orchestration.intelligent.planners.values.spans import roles

CALENDAR = Calendar.at(datetime(2026, 11, 26, 12, tzinfo=UTC))
PROJECTS = "Within $500k: LED-A (capex 100k, NPV 40k, 95 t, group light) and PV-B (capex 300k, NPV 60k, 1,200 hours)."
TASKS = "T1 survey, 3 days; T2 ordering, 2 weeks, after T1; T3 works, 8 days, after T1 and T2."
OFFER = "1,150 MWh in January 2027 and 1,080 MWh in February 2027; mean of 49 dollars, volatility 35%"


def test_projects_with_their_figures() -> None:
    found = RECORDS["candidates"](read(PROJECTS, CALENDAR))
    assert found == [
        {"project_id": "LED-A", "capex_usd": 100000, "npv_usd": 40000, "avoided_t_co2e_per_y": 95.0, "group": "light"},
        {"project_id": "PV-B", "capex_usd": 300000, "npv_usd": 60000, "crew_hours": 1200.0},
    ]


def test_figures_of_a_list_are_none_of_the_request() -> None:
    assert [int(each.usd) for each in around(read(PROJECTS, CALENDAR)).money] == [500_000]


def test_tasks_wait_for_others() -> None:
    assert RECORDS["tasks"](read(TASKS, CALENDAR)) == [
        {"task_id": "T1", "duration_days": 3, "name": "survey"},
        {"task_id": "T2", "duration_days": 14, "name": "ordering", "predecessors": ["T1"]},
        {"task_id": "T3", "duration_days": 8, "name": "works", "predecessors": ["T1", "T2"]},
    ]


def test_loads_by_month_and_the_index() -> None:
    reading = read(OFFER, CALENDAR)
    assert RECORDS["load"](reading) == [
        {"month": "2027-01-01", "load_mwh": 1150.0},
        {"month": "2027-02-01", "load_mwh": 1080.0},
    ]
    assert RECORDS["index"](reading) == {"mean_usd_per_mwh": 49.0, "volatility": 0.35}


@pytest.mark.parametrize(
    "text", ["Extract DOC-1, then audit it and mail 2 people", "Rules for AHU-1 and AHU-2 in 2026"]
)
def test_codes_without_figures_are_no_list(text: str) -> None:
    assert not lists(text)
    assert RECORDS["candidates"](read(text, CALENDAR)) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "baseline 2024, reporting 2026-01..2026-09, installed 2025-02-03 to 2025-05-30",
            {"baseline": "2024-01-01", "reporting": "2026-01-01", "install": "2025-02-03"},
        ),
        (
            "The crew was on site from 2025-03-10 until 2025-04-18. Take 2024-03..2025-02 as the baseline",
            {"baseline": "2024-03-01", "install": "2025-03-10"},
        ),
        ("The lamps went in from 4 March 2024 to 22 March 2024.", {"install": "2024-03-04"}),
    ],
)
def test_periods_by_their_role(text: str, found: dict[str, str]) -> None:
    assert {role: f"{span.start:%Y-%m-%d}" for role, span in roles(text, CALENDAR).items()} == found


def test_several_values_are_a_call_each() -> None:
    assert periods("our footprint for 2024 next to the one for 2025", CALENDAR) == ("2024", "2025")
    assert periods("from January to March 2025", CALENDAR) == ()
    assert groupings("usage by state and by building type") == ("state", "building_type")
