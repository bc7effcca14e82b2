"""What all rules look at: the plan with its graph, types, contents and context, worked out once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from redaptive.orchestration.ai.validation.contents import Contents, Found
from redaptive.orchestration.ai.validation.findings import ValidationContext
from redaptive.orchestration.intelligent.dag_engine import Graph
from redaptive.orchestration.plans.reference_types import ReferenceTypes, Tool, inner_plan
from redaptive.orchestration.plans.references import references
from redaptive.orchestration.plans.schema import Node, Plan


@dataclass(frozen=True, eq=False)
class Facts:
    """A plan under validation. `around` are the plans it stands in, outermost first; `times` how often it runs."""

    plan: Plan
    context: ValidationContext
    around: tuple[Plan, ...] = ()
    times: int = 1

    @cached_property
    def contents(self) -> tuple[Contents, ...]:
        """What stands in each node, by its position."""
        limit = self.context.limits.depth
        return tuple(Contents(node, limit) for node in self.plan.nodes)

    @cached_property
    def inner(self) -> tuple[tuple[Node, Facts], ...]:
        """The plans in this one, each with the node that runs it; not those in these."""
        found = []
        for node in self.plan.nodes:
            if node.sub_plan and (plan := inner_plan(node, self.context.patterns)):
                times = self.times * (node.foreach.max_items if node.foreach else 1)
                found.append((node, Facts(plan, self.context, (*self.around, self.plan), times)))
        return tuple(found)

    @cached_property
    def output(self) -> tuple[Found, ...]:
        """The references of the plan's output."""
        return tuple(Found.at(field, text, undo=False) for field, text in references(self.plan.output, "output"))

    @cached_property
    def graph(self) -> Graph:
        """Parents and children by position."""
        named = [
            [*node.needs, *(each.node for each in seen.found if each.node and not (each.undo and each.node == node.id))]
            for node, seen in zip(self.plan.nodes, self.contents, strict=True)
        ]
        return Graph.of(self.plan, named)

    @cached_property
    def types(self) -> ReferenceTypes:
        """The types of references."""
        return ReferenceTypes(self.plan, self.context.tools, self.context.patterns, len(self.around))

    def calls(self) -> Iterator[tuple[Node, Tool]]:
        """The nodes that call a tool that there is."""
        for node in self.plan.nodes:
            if node.tool and node.tool in self.context.tools:
                yield node, self.context.tools[node.tool]
