"""What all rules look at: the plan with its graph, types and context, worked out once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from redaptive.orchestration.ai.validation.findings import ValidationContext
from redaptive.orchestration.intelligent.dag_engine import Graph
from redaptive.orchestration.plans.reference_types import ReferenceTypes, Tool
from redaptive.orchestration.plans.schema import Node, Plan


@dataclass(frozen=True)
class Facts:
    """A plan under validation. `around` are the plans it stands in, outermost first; `times` how often it runs."""

    plan: Plan
    context: ValidationContext
    around: tuple[Plan, ...] = ()
    times: int = 1

    @cached_property
    def graph(self) -> Graph:
        """Parents and children by position."""
        return Graph.of(self.plan)

    @cached_property
    def types(self) -> ReferenceTypes:
        """The types of references."""
        return ReferenceTypes(self.plan, self.context.tools, self.context.patterns, len(self.around))

    def calls(self) -> Iterator[tuple[Node, Tool]]:
        """The nodes that call a tool that there is."""
        for node in self.plan.nodes:
            if node.tool and node.tool in self.context.tools:
                yield node, self.context.tools[node.tool]
