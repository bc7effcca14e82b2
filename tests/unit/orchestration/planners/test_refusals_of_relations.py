"""Two things that cannot hold together, properties of the wrong things, and times before or after all data."""

from __future__ import annotations

from datetime import date

import pytest

from redaptive.orchestration.intelligent.planners.refusal_dates import impossible_time
from redaptive.orchestration.intelligent.planners.refusal_kinds import mismatched
from redaptive.orchestration.intelligent.planners.refusal_relations import unrelated

TODAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("a furnace that gives 3 kWh of heat for each kWh of gas", "a furnace that gives 0.9 kWh for each kWh of gas"),
        ("a motor with 3 hp out for 1 hp in", "a heat pump that gives 3 kWh of heat for each kWh"),
        ("shed 400 kW at M-3; its peak was 250 kW", "shed 40 kW at M-3; its peak was 250 kW"),
        ("the peak never was above 90 kW, shave 150 kW of it", "the peak was 900 kW, bring it down by 150 kW"),
        (
            "put 4,000 ft2 of panels on the roof, fits on 900 ft2 of roof",
            "put 900 ft2 of panels on the 4,000 ft2 roof",
        ),
        (
            "EaaS: the client keeps 60 percent of the savings and we keep 55 percent",
            "EaaS: the client keeps 45 percent of the savings and we keep 55 percent",
        ),
        (
            "the contract: the customer keeps all of the savings and there is no other income",
            "the contract: the customer keeps all of the savings after year eight, no other income",
        ),
        (
            "three projects that cost at least $1 million each, total budget $2 million",
            "three projects that cost at least $1 million each, total budget $4 million",
        ),
        (
            "we burned 900 therms, show scope 1 as exactly zero",
            "we burned 900 therms and bought RECs, scope 2 is exactly zero",
        ),
        (
            "finish the installation with no electricians and no contractors",
            "finish the installation with no electricians until April",
        ),
        ("a measure that pays itself back before it is bought", "a measure that pays itself back before the summer"),
        (
            "the annex has no meters. Show its measured demand",
            "the annex has no meters. Can its use be estimated from the main?",
        ),
        ("rank zero buildings and name the best five", "rank the buildings and name the best five"),
        ("A waits for B, B for C and C for A. When are they done?", "B waits for A, C for B. When are they done?"),
        ("task 1 depends on task 2 and task 2 depends on task 1", "task 2 depends on task 1, task 3 depends on task 2"),
    ],
)
def test_two_things_that_cannot_hold_together(wrong: str, right: str) -> None:
    assert unrelated(wrong) is not None
    assert unrelated(right) is None


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("power factor of the gas meter G-2", "power factor of the electric meter M-2"),
        ("what delta T do the LED fixtures run at", "what delta T does plant CHW-1 run at"),
        ("run the air handler rules on ticket 12", "run the air handler rules on AHU-4 and open a ticket"),
        ("remaining life of the tariff", "remaining life of the boiler"),
        ("is the invoice's cooling coil leaking", "is the invoice's late fee right"),
        ("show the EUI in decibels", "show the EUI in kBtu per square foot"),
        ("the peak demand in square feet", "the peak demand in kW"),
        ("the payback in kilograms", "the emissions in kilograms"),
        ("CAISO day-ahead price at HB_HOUSTON", "ERCOT day-ahead price at HB_HOUSTON"),
        ("what did NYISO clear at SP15", "what did CAISO clear at SP15"),
    ],
)
def test_a_property_of_the_wrong_thing(wrong: str, right: str) -> None:
    assert mismatched(wrong) is not None
    assert mismatched(right) is None


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("use in month 13 of 2025", "use in month 12 of 2025"),
        ("the fourteen months of 2025", "the twelve months of 2025"),
        ("bill wk 61 of 2025", "bill wk 31 of 2025"),
        ("the twenty-sixth hour of the day", "the twenty-second hour of the day"),
        ("the eighth day of each week", "the eighth day of each month"),
        ("hourly prices as they cleared on 9 June 2044", "hourly prices as they cleared on 9 June 2024"),
        ("the actual readings that M-2 recorded in December 2038", "the forecast of M-2 and the actual readings of December 2025"),
        (
            "the job begins on 2027-09-01 and is completely finished by 2027-08-15",
            "the job begins on 2027-08-01 and is completely finished by 2027-08-15",
        ),
        (
            "the campus was built in 2024. Show its measured load for July 2019.",
            "the campus was built in 2014. Show its measured load for July 2019.",
        ),
    ],
)
def test_a_time_without_data(wrong: str, right: str) -> None:
    assert impossible_time(wrong, TODAY) is not None
    assert impossible_time(right, TODAY) is None


def test_a_target_year_is_no_time_of_measurement() -> None:
    assert impossible_time("are we on track for the cut by 2030, in actual tonnes?", TODAY) is None


def test_the_day_number_of_a_code_is_no_date() -> None:
    assert impossible_time("payment of m-40 jul 16 2-6pm", TODAY) is None
