"""JSON Schemas of the slots that several patterns share; `entity` and `unit` say what may fill them."""

from __future__ import annotations

from typing import Any, Final

from redaptive.orchestration.plans.builder import Argument, Value, fn
from redaptive.orchestration.plans.pattern import Slot
from redaptive.orchestration.plans.schema import Expr

LARGEST_FT2: Final = 1e9

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
SIZE: Final = (
    optional("min_floor_area_ft2", number("ft2", minimum=0)),
    optional("max_floor_area_ft2", number("ft2", minimum=0)),
)
BUDGET: Final = optional("budget_usd", number("USD", minimum=0))
OBJECTIVE: Final = preset("objective", {"type": "string", "enum": ["npv", "co2", "payback"]}, "npv")
METER: Final = optional("meter_id", text("meter"))
CUSTOMER: Final = optional("customer_id", text("customer"))


def sized(rows: Argument, least: Value, most: Value) -> Expr:
    """The rows with a floor area within the given limits, ft2; a limit that is null is none."""
    large = fn("filter", rows, "floor_area_ft2", "ge", fn("coalesce", least, 0))
    return fn("filter", large, "floor_area_ft2", "le", fn("coalesce", most, LARGEST_FT2))
