"""Two things that cannot hold together, properties of the wrong things, and times before or after all data."""

from __future__ import annotations

from datetime import date

import pytest

from redaptive.agents.catalogue import catalogue
from redaptive.orchestration.intelligent.planners.refusals.dates import impossible_time
from redaptive.orchestration.intelligent.planners.refusals.kinds import mismatched
from redaptive.orchestration.intelligent.planners.refusals.limits import impossible_amount
from redaptive.orchestration.intelligent.planners.refusals.refusals import FORECASTS
from redaptive.orchestration.intelligent.planners.refusals.relations import unrelated

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
        (
            "offices smaller than 10,000 ft2 and at the same time larger than 90,000 ft2",
            "offices larger than 10,000 ft2 and at the same time smaller than 90,000 ft2",
        ),
        ("the event runs from 6 pm until 2 pm of the same day", "the event runs from 2 pm until 6 pm of the same day"),
        ("the client gets 60 % of the savings, we get 60 %", "the client gets 40 % of the savings, we get 60 %"),
        ("shared savings of 80/40 between us and them", "shared savings of 60/40 between us and them"),
        ("forecast the load of M-3 for the next six months", "forecast the load of M-3 for the next 14 days"),
        ("peak alert on M-3 for the coming 30 days", "peak alert on M-3 for the coming 5 days"),
        ("approve CO-5 before it is submitted", "approve CO-5 before it is due"),
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
        ("gas consumption of the solar inverter", "gas consumption of the boiler"),
        ("water use of B-3 in kilowatts", "water use of B-3 in gallons"),
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
        ("hour 26 of 3 March 2025", "hour 16 of 3 March 2025"),
        ("anomalies between 10 July 2025 and 2 July 2025", "anomalies between 1 July 2025 and 2 July 2025"),
        ("alerts after 1 August 2025 and before 1 July 2025", "alerts after 1 June 2025 and before 1 July 2025"),
        (
            "event 2026-07-04T18:00Z and ending 2026-07-04T15:00Z",
            "event 2026-07-04T15:00Z and ending 2026-07-04T18:00Z",
        ),
        ("the twenty-sixth hour of the day", "the twenty-second hour of the day"),
        ("the eighth day of each week", "the eighth day of each month"),
        ("hourly prices as they cleared on 9 June 2044", "hourly prices as they cleared on 9 June 2024"),
        (
            "the actual readings that M-2 recorded in December 2038",
            "the forecast of M-2 and the actual readings of December 2025",
        ),
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


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("a load factor 135 % in July", "a load factor 35 % in July"),
        ("base temperature of 900 F", "base temperature of 65 F"),
        ("a 600-year-old chiller", "a 30-year-old chiller"),
        ("test 14 VAV boxes out of the 6", "test 4 VAV boxes out of the 6"),
        ("NPV over -3 years", "NPV of -3 dollars over 3 years"),
        ("discount rate -300 pct", "escalation of -3 pct"),
        ("a solar array at full output around the clock", "a solar array with storage around the clock"),
    ],
)
def test_figures_out_of_bounds(wrong: str, right: str) -> None:
    assert impossible_amount(wrong) is not None
    assert impossible_amount(right) is None


def test_the_horizons_of_the_rules_are_those_of_the_tools() -> None:
    tools = catalogue()
    for name, most_h in FORECASTS.items():
        assert tools[name].input_schema["properties"]["horizon_h"]["maximum"] == most_h


def test_a_target_year_is_no_time_of_measurement() -> None:
    assert impossible_time("are we on track for the cut by 2030, in actual tonnes?", TODAY) is None


def test_the_day_number_of_a_code_is_no_date() -> None:
    assert impossible_time("payment of m-40 jul 16 2-6pm", TODAY) is None
