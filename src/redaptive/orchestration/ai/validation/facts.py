"""What all rules look at: the plan with its graph, types and context, worked out once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from redaptive.errors import InvalidInput
from redaptive.orchestration.ai.validation.findings import ValidationContext
from redaptive.orchestration.intelligent.dag_engine import Graph
from redaptive.orchestration.plans.reference_types import ReferenceTypes, Tool
from redaptive.orchestration.plans.references import Reference, node_references, parse, references, undo_references
from redaptive.orchestration.plans.schema import Node, Plan


class Found(NamedTuple):
    """A reference where it stands; `undo`: in a compensation. Not read when it is malformed."""

    field: str
    text: str
    reference: Reference | None
    undo: bool

    @property
    def node(self) -> str | None:
        """The node referred to."""
        return self.reference.node if self.reference else None


@dataclass(frozen=True)
class Facts:
    """A plan under validation. `around` are the plans it stands in, outermost first; `times` how often it runs."""

    plan: Plan
    context: ValidationContext
    around: tuple[Plan, ...] = ()
    times: int = 1

    @cached_property
    def references(self) -> tuple[tuple[Found, ...], ...]:
        """The references of each node, by its position; those of its compensation among them."""
        return tuple(_found(node) for node in self.plan.nodes)

    @cached_property
    def output(self) -> tuple[Found, ...]:
        """The references of the plan's output."""
        return tuple(Found(field, text, _parsed(text), False) for field, text in references(self.plan.output, "output"))

    @cached_property
    def graph(self) -> Graph:
        """Parents and children by position."""
        named = [
            {*node.needs, *(each.node for each in found if each.node and not (each.undo and each.node == node.id))}
            for node, found in zip(self.plan.nodes, self.references, strict=True)
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


def _found(node: Node) -> tuple[Found, ...]:
    own = [Found(field, text, _parsed(text), False) for field, text in node_references(node)]
    if node.compensate is not None:
        own += [Found(field, text, _parsed(text), True) for field, text in undo_references(node)]
    return tuple(own)


def _parsed(text: str) -> Reference | None:
    try:
        return parse(text)
    except InvalidInput:
        return None
