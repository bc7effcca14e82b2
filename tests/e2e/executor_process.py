"""A real `redaptive executor` in a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

PLAN: Final = {
    "id": "offices",
    "title": "What would fixing the offices earn?",
    "inputs": {
        "type": "object",
        "properties": {"budget_usd": {"type": "number"}, "type": {"type": "string", "default": "office"}},
        "required": ["budget_usd"],
    },
    "nodes": [
        {
            "id": "usage",
            "tool": "portfolio-intelligence.analyze_portfolio_usage",
            "args": {"group_by": "building_code", "building_type": "$in.type"},
        },
        {"id": "codes", "expr": {"fn": "map", "args": ["$usage.value.rows", "group"]}},
        {
            "id": "found",
            "tool": "portfolio-intelligence.find_opportunities",
            "args": {"building_ids": "$codes"},
        },
        {"id": "half", "expr": {"fn": "mul", "args": ["$found.value.total_savings_usd_per_y", 0.5]}},
        {
            "id": "projects",
            "tool": "portfolio-intelligence.rank_and_summarize_portfolio",
            "args": {"budget_usd": "$in.budget_usd", "building_ids": "$codes"},
            "when": {"op": "gt", "left": "$half", "right": 10000},
        },
    ],
    "output": {"half_usd_per_y": "$half", "buildings": "$codes"},
}


@contextmanager
def executor(environment: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """An executor that takes runs; it is asked to stop at the end and must do so cleanly."""
    process = subprocess.Popen(
        [sys.executable, "-m", "redaptive", "executor"], env=dict(environment), stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        assert "Ctrl-C stops." in process.stderr.readline()
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
    assert process.returncode in {0, 143}, said
