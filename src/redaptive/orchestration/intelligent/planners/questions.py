"""The one short question for each thing that a tool needs and nobody said."""

from __future__ import annotations

from typing import Final

_ASKED: Final = {
    "meter_id": "Which meter?",
    "meter_ids": "Which meters?",
    "building_id": "Which building?",
    "building_ids": "Which buildings?",
    "site_id": "Which site?",
    "customer_id": "For which customer?",
    "document_id": "Which document? Give its id.",
    "bill": "Which bill? Give the id of the document.",
    "equipment_id": "Which piece of equipment?",
    "tariff_id": "Which tariff?",
    "project_id": "Which project?",
    "change_order_id": "Which change order?",
    "alert_id": "Which alert?",
    "ticket_id": "Which ticket?",
    "measure": "Which measure, for example LED lighting or rooftop solar?",
    "period": "For which period, for example 2025 or March to May 2025?",
    "baseline": "Which period is the baseline, before the installation?",
    "reporting": "Which period shall be compared, after the installation?",
    "install_start": "When did the installation begin?",
    "install_end": "When was the installation finished?",
    "budget_usd": "What is the budget, in USD?",
    "capex_usd": "What does it cost, in USD?",
    "savings_usd_per_y": "How large are the savings a year, in USD?",
    "life_y": "Over how many years?",
    "condition": "Which figure decides that, and above or below what?",
    "candidates": "Which projects, with cost and net present value of each?",
    "equipment_type": "What kind of equipment: chiller, rooftop unit, boiler, tower, pump, fan, drive, inverter?",
    "age_y": "How old is it, in years?",
    "fault": "Which fault, on which piece of equipment?",
    "faults": "Which piece of equipment shall be checked for faults?",
    "power_kw": "What power does the chiller draw, in kW?",
    "flow_gpm": "What is the chilled water flow, in gpm?",
    "chws_f": "What is the chilled water supply temperature, in degF?",
    "chwr_f": "What is the chilled water return temperature, in degF?",
    "location": "For which place: a state, ZIP code, grid region or price node?",
    "iso": "In which market: CAISO, ERCOT, ISONE, MISO, NYISO, PJM or SPP?",
    "start": "From when?",
    "end": "Until when?",
    "event_start": "When does the event begin?",
    "event_end": "When does the event end?",
    "program": "Under which program: CAISO 10 of 10, NYISO 5 of 10, PJM 4 of 5?",
    "price_usd_per_kwh": "What is paid per kWh, in USD?",
    "load": "What load do you expect in each month, in MWh?",
    "fixed_usd_per_mwh": "What is the fixed offer, in USD per MWh?",
    "index": "What mean price do you expect of the index, in USD per MWh?",
    "budget_at_completion_usd": "What is the whole budget of the project, in USD?",
    "planned_value_usd": "What is the planned value to date, in USD?",
    "earned_value_usd": "What is the earned value to date, in USD?",
    "actual_cost_usd": "What has been spent to date, in USD?",
    "tasks": "Which tasks, each with its duration and what comes before it?",
    "readings": "Which readings: meter, time and value of each?",
    "channel": "By which channel: email, SMS, webhook or portal?",
    "template": "Which message shall be sent?",
    "recipient": "Who shall get the message?",
    "action": "What shall be done with it?",
    "anomaly": "Which anomaly, on which meter, since when?",
    "question": "What would you like to know?",
    "engineer": "Which engineer?",
    "snooze_until": "Until when?",
    "scope_change": "What changes in the scope?",
    "cost_change_usd": "By how much does the cost change, in USD?",
}


def question_for(argument: str, meter: str | None = None) -> str:
    """The question that fills an argument; what is said of a `meter` that was named already is not asked again.

    >>> question_for("anomaly", "M-7")
    'What is wrong at M-7, and since when?'
    """
    if argument == "anomaly" and meter is not None:
        return f"What is wrong at {meter}, and since when?"
    return _ASKED.get(argument, f"What is the {argument.replace('_', ' ')}?")
