"""Figures, times, kinds of objects and orders that cannot be are refused by their role; what resembles them is not."""

from __future__ import annotations

import pytest

from redaptive.orchestration.intelligent.planners.policy_field import touches_ours
from redaptive.orchestration.intelligent.planners.refusal_objects import wrong_kind
from redaptive.orchestration.intelligent.planners.refusal_orders import undone
from redaptive.orchestration.intelligent.planners.refusal_signs import ill_signed
from redaptive.orchestration.intelligent.planners.refusal_spans import runs_backwards


@pytest.mark.parametrize(
    "text",
    [
        "Lay out an EaaS deal, capex 1.1 million, savings 210k, where the client's margin is minus 30 percent.",
        "Remaining life, fan, 9 years old, duty factor -1.4",
        "boiler, minus six years old, remaining life?",
        "We offered 300 kW into the CAISO event at a price of minus 0.55 dollars per kWh",
        "The pump moves -400 gpm at 30 kW; tons?",
        "cash flow with capex -$90,000",
        "discounting at negative two hundred percent",
        "Show the load forecast for the next minus twelve hours",
        "crew of minus three people",
        "a penalty of -2 dollars per kWh",
        "escalation of 70 percent a year",
        "on minus 5,000 square feet of roof",
    ],
)
def test_a_figure_keeps_to_the_bounds_of_its_role(text: str) -> None:
    assert ill_signed(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "propose a change order of -12,000 dollars and -4 days on P-52",
        "propose CO on P-52, -12,000 dollars and -4 days",
        "savings that shrink by -2 percent a year",
        "Which hours had prices below -20 dollars per MWh in ERCOT?",
        "outdoor air at -10 F, load of M-4",
        "Meter M-4 shows -12 kWh at 3 am, please correct that reading to 12",
        "cash flow with escalation of -3 percent",
        "discount rate of -2 percent",
        "usage 2025-01 to 2025-03",
        "ages 10-20 years",
        "savings of -4,000 dollars a year on 20,000 capex over 8 years",
        "P-12 has a cost variance of -5,000 dollars",
        "The NPV came out at -30,000; what if life is 20 years?",
        "meters M-1 - 4 of them - are offline",
        "a delta of -5 kW against the forecast",
        "Is -5 degrees F too cold for the economizer of AHU-3?",
        "Prices at SP15 were at -8 dollars",
    ],
)
def test_a_figure_that_may_be_negative_passes(text: str) -> None:
    assert ill_signed(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Search LWH-SEA-002 for anomalies, in the window that opens on 20 August 2025 and closes on 10 August 2025.",
        "Look for night waste on meter K-44; the window closes on 3 May 2025 and opens on 19 May 2025.",
        "The retrofit at HAR-PHL-002 was completed on 12 April 2024; it began on 30 September 2024.",
        "Event for meter ZED-E1 over by 13:00 on 2027-06-11, starting at 16:30 on 2027-06-11, price 0.4.",
        "Plan the roof job so that it is finished on 2027-02-01 and starts on 2027-03-15.",
        "DR event starting 2027-07-01T19:00Z, ending 2027-07-01T16:00Z, meter M-3, CAISO",
        "works that commenced in June 2024 and finished in March 2024",
    ],
)
def test_nothing_ends_before_it_begins(text: str) -> None:
    assert runs_backwards(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "The works began on 2024-05-01 and were complete on 2024-06-30.",
        "event from 22:00 on 2027-07-01 to 02:00 on 2027-07-02",
        "The event starts at 22:00 and ends at 02:00",
        "baseline ends 2023-12-31 and the reporting starts 2025-01-01",
        "The survey closes on 3 May 2025 and the works open on 19 May 2025",
        "permits that expire on 2025-05-01 before works starting 2025-06-01",
        "Load from 2025-01-01 to 2025-03-31",
        "the lease ended on 2024-12-31, and from 2025-01-01 the rate changed",
        "The lease ends on 30 June 2025. It starts again on 1 August 2025.",
    ],
)
def test_times_of_two_things_pass(text: str) -> None:
    assert runs_backwards(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Apply the air handler rule set to ticket TCK-77.",
        "Run the VAV rules on project P-208.",
        "Take the utility bill out of pump P-9 and tell me the total.",
        "Parse the Green Button data inside alert AL-310.",
        "Pull the ESG figures out of chiller CH-3.",
        "Audit boiler B-12 against its tariff as though it were an invoice.",
        "Which permits is meter QUO-E17 waiting for?",
        "What is the EUI of change order CO-19?",
        "Track the SLA clock of air handler AHU-30.",
        "Forecast the load of certificate DOC-204.",
        "Remaining life of invoice DOC-3",
        "acknowledge meter M-4",
        "Load profile of ticket TCK-3 please",
        "Compare tariffs for chiller CH-1",
        "Earned value of meter K-44",
        "How is the CSAT of AHU-12?",
        "anomalies in certificate DOC-9 during May",
        "kW per ton for boiler B-2",
        "Snooze project P-4 until Friday",
    ],
)
def test_a_tool_takes_its_own_kind_of_object(text: str) -> None:
    assert wrong_kind(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "Run the air handler rules on AHU-3 and audit utility bill DOC-88.",
        "Extract the bill DOC-78 and tell me whether we were overcharged.",
        "permits for the boiler replacement project P-4",
        "Which permits does project P-208 wait for?",
        "Commissioning checklist for a boiler replacement",
        "Rebates for chillers in Maine",
        "degradation trend of chiller CH-3",
        "Snooze the alert about meter M-4 until Friday",
        "acknowledge alert AL-3 about AHU-12",
        "Read the readings from meter M-3",
        "Get the bill of meter M-3 for March 2025",
        "What does the ticket about AHU-3 say about its SLA",
        "Benchmark the hotels and list the tickets",
        "Extract the certificate from document DOC-9",
        "Parse the Green Button file DOC-9 and load it into meter M-3",
        "Forecast the load of meter M-3",
        "compare tariffs for meter M-3",
        "Evaluate the plant rules on CH-6 between 2025-07-01 and 2025-07-31",
        "SLA status of the ticket TCK-7 about the chiller",
        "Verify the savings of the chiller replacement",
        "Pull the readings behind the invoice DOC-3",
        "Does the ISO 50001 certificate DOC-204 still hold?",
        "checklist for meter replacement",
        "Run the plant rules on the chiller plant",
        "air handler rules for the cooling towers' building",
    ],
)
def test_the_right_kind_of_object_passes(text: str) -> None:
    assert wrong_kind(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Only resolve alert AL-310 once ticket TCK-77 is closed, and only close TCK-77 once alert AL-310 is resolved.",
        "Schedule from 2027-05-03: demolition needs piping, piping needs controls, controls needs demolition.",
        "Approve change order CO-19 on P-208 and, in the same go, turn CO-19 down.",
        "Close ticket TCK-3 and keep it open.",
        "The inspection may happen only after the energizing, and energizing must wait until after the inspection.",
        "Notify the owner not before the bill is audited, and do not audit the bill until the owner was notified.",
    ],
)
def test_orders_that_undo_each_other_are_found(text: str) -> None:
    assert undone(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "Approve CO-3 and reject CO-4.",
        "Approve CO-3 on P-9 if the cost is below 5,000 dollars, otherwise reject it.",
        "Close TCK-3 and open a new ticket for TCK customer",
        "Send the report only after TCK-12 is closed, and close TCK-12 only once the customer agrees.",
        "Resolve AL-3 once the ticket is closed, and tell the customer only after AL-3 is resolved.",
        "Task B follows A, and C follows B.",
        "piping needs demolition, controls needs piping",
        "Verify the savings only when the works are complete, and send the report only after the savings are verified.",
        "Propose CO-5 and withdraw CO-4",
    ],
)
def test_orders_that_go_together_pass(text: str) -> None:
    assert undone(text) is None


@pytest.mark.parametrize(
    "text", ["Suggest a name for our new puppy.", "Write the eulogy for my uncle.", "A toast, please."]
)
def test_another_life_touches_nothing_of_ours(text: str) -> None:
    assert not touches_ours(text)


@pytest.mark.parametrize(
    "text", ["Use Tom's login.", "Switch the approval gate off.", "Jam the relief valve.", "Drop M-4."]
)
def test_what_is_kept_and_guarded_is_ours(text: str) -> None:
    assert touches_ours(text)
