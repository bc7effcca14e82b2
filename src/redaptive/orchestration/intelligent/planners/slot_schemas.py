"""JSON Schemas of the slots that several patterns share; `entity` and `unit` say what may fill them."""

from __future__ import annotations

from typing import Any, Final

from redaptive.orchestration.plans.pattern import Slot

Schema = dict[str, Any]


def text(entity: str | None = None, **more: Any) -> Schema:
    """A text, of an entity kind if one is given."""
    return {"type": "string", **({"entity": entity} if entity else {}), **more}


def number(unit: str | None = None, **more: Any) -> Schema:
    """A number, in a unit if one is given."""
    return {"type": "number", **({"unit": unit} if unit else {}), **more}


def listed(entity: str) -> Schema:
    """A list of ids of an entity kind."""
    return {"type": "array", "items": text(entity)}


def optional(name: str, schema: Schema) -> Slot:
    """A slot that may be left open."""
    return Slot(name, {"anyOf": [schema, {"type": "null"}], "default": None}, required=False)


def preset(name: str, schema: Schema, value: object) -> Slot:
    """A slot with a value of its own when nobody says otherwise."""
    return Slot(name, {**schema, "default": value}, required=False)


def required(name: str, schema: Schema, question: str) -> Slot:
    """A slot that is asked for."""
    return Slot(name, schema, question)


PERIOD: Final = optional("period", text("period"))
BUILDINGS: Final = optional("building_ids", listed("building"))
STATE: Final = optional("state", text())
BUILDING_TYPE: Final = optional("building_type", text())
SECTOR: Final = optional("sector", text())
PORTFOLIO: Final = optional("portfolio_id", text("portfolio"))
MEASURES: Final = optional("measures", listed("measure"))
BUDGET: Final = optional("budget_usd", number("USD", minimum=0))
OBJECTIVE: Final = preset("objective", {"type": "string", "enum": ["npv", "co2", "payback"]}, "npv")
METER: Final = optional("meter_id", text("meter"))
CUSTOMER: Final = optional("customer_id", text("customer"))
