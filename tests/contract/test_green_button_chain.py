"""A Green Button file can be read, and its readings taken in, by one plan over the contracts of the two agents."""

from __future__ import annotations

import jsonschema

from redaptive.agents.catalogue import catalogue
from redaptive.orchestration.ai.plan_validator import ValidationContext, validate
from redaptive.orchestration.intelligent.conditional_engine import untyped
from redaptive.orchestration.plans.expressions import evaluate
from redaptive.orchestration.plans.references import Scope
from redaptive.orchestration.plans.schema import Json, Plan

TOOLS = catalogue()
INGEST = "energy-monitoring.ingest_readings"
MOST_ROWS = 5_000
READINGS = {"fn": "unnest", "args": ["$delivered", "readings"]}
PLAN = Plan.model_validate(
    {
        "id": "green_button",
        "title": "Take a Green Button file in",
        "inputs": {
            "type": "object",
            "properties": {"document_id": {"type": "string", "entity": "document"}},
            "required": ["document_id"],
        },
        "nodes": [
            {
                "id": "usage",
                "tool": "document-processing.parse_green_button",
                "args": {"document_id": "$in.document_id"},
            },
            {"id": "delivered", "expr": {"fn": "filter", "args": ["$usage.value.series", "flow", "eq", "delivered"]}},
            {
                "id": "rows",
                "expr": {
                    "fn": "objects",
                    "args": [READINGS, "meter", "meter_code", "start", "start", "value", "energy_kwh"],
                },
            },
            {"id": "batches", "expr": {"fn": "chunks", "args": ["$rows", MOST_ROWS]}},
            {"id": "taken", "tool": INGEST, "args": {"readings": "$item"}, "foreach": {"items": "$batches"}},
        ],
        "output": {"receipts": "$taken"},
    }
)


def _reading(hour: int, kwh: float) -> dict[str, Json]:
    return {"start": f"2026-01-01T{hour:02}:00:00Z", "interval_s": 3600, "energy_kwh": kwh, "cost_usd": None}


def test_the_chain_is_valid_and_gives_rows_that_the_ingest_accepts() -> None:
    context = ValidationContext(tools=TOOLS, scopes={tool.spec.scope for tool in TOOLS.values()}, tenant="acme")
    assert [found for found in validate(PLAN, context) if found.code != "agent_unavailable"] == []
    series: list[Json] = [
        {
            "usage_point": "1",
            "meter_code": "M-1",
            "flow": "delivered",
            "readings": [_reading(0, 1.5), _reading(1, 2.0)],
        },
        {"usage_point": "1", "meter_code": "M-1", "flow": "received", "readings": [_reading(0, 9.0)]},
        {"usage_point": "2", "meter_code": "M-2", "flow": "delivered", "readings": [_reading(0, 0.25)]},
    ]
    outputs: dict[str, Json] = {"usage": {"value": {"series": series}}}
    for node in PLAN.nodes:
        if node.expr is not None:
            outputs[node.id] = evaluate(node.expr, Scope({}, outputs).lookup, untyped)
    assert outputs["batches"] == [
        [
            {"meter": "M-1", "start": "2026-01-01T00:00:00Z", "value": 1.5},
            {"meter": "M-1", "start": "2026-01-01T01:00:00Z", "value": 2.0},
            {"meter": "M-2", "start": "2026-01-01T00:00:00Z", "value": 0.25},
        ]
    ]
    jsonschema.validate({"readings": outputs["rows"]}, dict(TOOLS[INGEST].input_schema))
