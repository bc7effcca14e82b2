"""Rules 1 and 3: every reference leads somewhere, and to something that is there when it is needed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from redaptive.errors import InvalidInput
from redaptive.orchestration.ai.validation.facts import Facts
from redaptive.orchestration.ai.validation.findings import Finding
from redaptive.orchestration.ai.validation.guards import skippable, skipped_with
from redaptive.orchestration.plans.references import (
    RESERVED,
    MissingValue,
    Reference,
    Scope,
    node_references,
    parse,
    references,
    undo_references,
)
from redaptive.orchestration.plans.schema import Node


def check(facts: Facts) -> Iterator[Finding]:
    """Findings on references: malformed, leading nowhere, or to a node that may have been skipped."""
    for node in facts.plan.nodes:
        for field, text in node_references(node):
            yield from _leads(facts, node, field, text)
        for field, text in undo_references(node):
            yield from _leads(facts, node, field, text, undo=True)
    for field, text in references(facts.plan.output, "output"):
        yield from _leads(facts, None, field, text)
    yield from _skipped(facts)


def _leads(facts: Facts, node: Node | None, field: str, text: str, *, undo: bool = False) -> Iterator[Finding]:
    report = partial(Finding, "unknown_reference", node.id if node else "", field)
    try:
        reference = parse(text)
    except InvalidInput as error:
        yield report(error.message, error.fix or "")
        return
    per_item = undo or field.startswith(("args", "expr"))
    if reference.root in RESERVED - {"in"} and node and node.foreach and not per_item:
        yield report(f"{text} is not known here: the item begins after this is decided.", "Refer to the list itself.")
        return
    try:
        facts.types.look(reference, node, undo=undo)
    except InvalidInput as error:
        yield report(f"{text}: {error.message}.", "Refer to something that is there; see the producer's output schema.")


def _skipped(facts: Facts) -> Iterator[Finding]:
    may = skippable(facts.plan, facts.graph)
    place = {name: at for at, name in reversed(list(enumerate(facts.graph.ids)))}
    certain: dict[int, set[int]] = {}
    for at, node in enumerate(facts.plan.nodes):
        for field, reference in _needed(node):
            source = place.get(reference.root, at)
            if source == at or not may[source]:
                continue
            if facts.plan.nodes[source].has_default:
                yield from _default(facts.plan.nodes[source], node, field, reference)
                continue
            if source not in certain:
                certain[source] = skipped_with(facts.plan, facts.graph, source)
            if at not in certain[source]:
                text = f"{reference.root} may be skipped; then {reference} is nothing, and this node runs all the same."
                fix = f"Give {reference.root} a default, or this node a condition `exists {reference}`."
                yield Finding("skippable", node.id, field, text, fix)


def _needed(node: Node) -> Iterator[tuple[str, Reference]]:
    """The node's references outside of its condition, where null is no error."""
    for field, text in node_references(node):
        if not field.startswith("when"):
            try:
                yield field, parse(text)
            except InvalidInput:
                continue


def _default(source: Node, node: Node, field: str, reference: Reference) -> Iterator[Finding]:
    if source.default is None:
        return
    try:
        Scope({}, {source.id: source.default}).lookup(reference)
    except MissingValue as error:
        text = f"{source.id} may be skipped, and its default does not hold {reference}: {error.message}"
        fix = f"Let the default of {source.id} look like its output, or be null."
        yield Finding("bad_default", node.id, field, text, fix)
