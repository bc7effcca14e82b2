"""A fake catalogue: a few tools with every kind of schema, effect and cost that plans must be checked against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redaptive.agents.tool import ToolSpec

Schema = dict[str, Any]
SITE = {"type": "string", "entity": "site"}
METER = {"type": "string", "entity": "meter"}
KWH = {"type": "number", "unit": "kWh"}
KW = {"type": "number", "unit": "kW"}
USD = {"type": "string", "format": "decimal", "unit": "USD"}
TEXT = {"type": "string"}


@dataclass(frozen=True)
class FakeTool:
    """A tool that exists only as its declaration."""

    name: str
    spec: ToolSpec
    input_schema: Mapping[str, Any]
    output_schema: Mapping[str, Any]
    schema_hash: str = "0123456789abcdef"
    available: bool = True
    description: str = "A fake tool."


def record(required: bool = True, **fields: Schema) -> Schema:
    """An object schema with those fields and no others."""
    names = [name for name, field in fields.items() if "default" not in field] if required else []
    return {"type": "object", "properties": fields, "required": names, "additionalProperties": False}


def maybe(schema: Schema) -> Schema:
    """The schema or null, null unless given, as tools declare optional arguments."""
    return {"anyOf": [schema, {"type": "null"}], "default": None}


def answer(**value: Schema) -> Schema:
    """The answer envelope around such a value, shaped as the agents' output schemas are."""
    return {
        "$defs": {"Value": {"type": "object", "properties": value, "required": list(value)}},
        "type": "object",
        "properties": {
            "value": {"$ref": "#/$defs/Value"},
            "unit": TEXT,
            "method": TEXT,
            "inputs_used": {"type": "object", "additionalProperties": {"anyOf": [TEXT, {"type": "number"}]}},
            "factor_version": {"type": "array", "items": TEXT},
            "data_quality": record(coverage_pct={"type": "number"}),
            "warnings": {"type": "array", "items": TEXT, "default": []},
        },
        "required": ["value", "unit", "method", "inputs_used", "factor_version", "data_quality"],
    }


_SITES = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "site_id": SITE,
            "energy_kwh": KWH,
            "cost_usd": USD,
            "note": {"anyOf": [TEXT, {"type": "null"}]},
        },
        "required": ["site_id", "energy_kwh", "cost_usd", "note"],
    },
}
_IN_USD = {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string"}], "format": "decimal", "unit": "USD"}


def fake_catalogue() -> dict[str, FakeTool]:
    """The fake tools by name."""
    tools = (
        FakeTool(
            "demo.find_sites",
            ToolSpec(scope="demo:read", latency_p95_ms=2_000, usd_per_call=0.01),
            record(
                state=maybe({"type": "string", "pattern": "^[A-Z]{2}$"}),
                limit={"type": "integer", "minimum": 1, "maximum": 50, "default": 10},
                since=maybe({"type": "string", "format": "date"}),
            ),
            answer(
                sites=_SITES, total_usd=USD, count={"type": "integer"}, best=maybe(SITE), on={**TEXT, "format": "date"}
            ),
        ),
        FakeTool(
            "demo.read_meter",
            ToolSpec(scope="demo:read", latency_p95_ms=500),
            record(meter_id=METER),
            answer(meter_id=METER, energy_kwh=KWH, demand_kw=KW, at={**TEXT, "format": "date-time"}),
        ),
        FakeTool(
            "demo.assess_site",
            ToolSpec(scope="demo:read", latency_p95_ms=1_000, usd_per_call=0.1),
            record(
                site_id=SITE,
                energy_kwh=maybe(KWH),
                budget_usd=maybe(_IN_USD),
                grade={"type": "string", "enum": ["a", "b"], "default": "a"},
                tags=maybe({"type": "array", "items": TEXT, "maxItems": 3}),
            ),
            answer(saving_usd=USD, score={"type": "integer"}, grade={"type": "string", "enum": ["a", "b", "c"]}),
        ),
        FakeTool(
            "demo.switch_off",
            ToolSpec(
                scope="demo:write", side_effect="destructive", approval="always", compensate_with="demo.switch_on"
            ),
            record(site_id=SITE),
            answer(ticket=TEXT),
        ),
        FakeTool(
            "demo.switch_on",
            ToolSpec(scope="demo:write", side_effect="write"),
            record(site_id=SITE, ticket=maybe(TEXT)),
            answer(done={"type": "boolean"}),
        ),
        FakeTool(
            "demo.pay",
            ToolSpec(scope="demo:read", usd_per_call=2.0, latency_p95_ms=60_000),
            record(required=False, tenant_id=maybe(TEXT), api_key=maybe(TEXT)),
            answer(ok={"type": "boolean"}),
        ),
        FakeTool("demo.ask", ToolSpec(scope="demo:read", approval="policy"), record(question=TEXT), answer(text=TEXT)),
        FakeTool("other.later", ToolSpec(scope="other:read"), record(), answer(text=TEXT), available=False),
    )
    return {tool.name: tool for tool in tools}
