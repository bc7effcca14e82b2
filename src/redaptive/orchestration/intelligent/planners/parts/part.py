"""A part of a request: a clause, the tool that does it, and what the clause says."""

from __future__ import annotations

from dataclasses import dataclass

from redaptive.orchestration.ai.tool_modeling import ToolModel
from redaptive.orchestration.intelligent.planners.clauses.clauses import Clause
from redaptive.orchestration.intelligent.planners.values.reading import Reading


@dataclass(frozen=True)
class Part:
    """A clause, the tool that does it, and what the clause says."""

    clause: Clause
    tool: ToolModel
    reading: Reading
