"""Rules 1 and 3: every reference leads somewhere, and to something that is there when it is needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from redaptive.errors import InvalidInput
from redaptive.orchestration.ai.validation.contents import Found
from redaptive.orchestration.ai.validation.facts import Facts
from redaptive.orchestration.ai.validation.findings import Finding
from redaptive.orchestration.ai.validation.guards import skippable, skipped_with
from redaptive.orchestration.plans.references import (
    INDEX,
    ITEM,
    MissingValue,
    Scope,
    parse,
)
from redaptive.orchestration.plans.schema import Node

PER_ITEM: Final = frozenset({ITEM, INDEX})


def check(facts: Facts) -> Iterator[Finding]:
    """Findings on references: malformed, leading nowhere, or to a node that may have been skipped."""
    for node, seen in zip(facts.plan.nodes, facts.contents, strict=True):
        for each in seen.found:
            if problem := _problem(facts, node, each):
                yield Finding("unknown_reference", node.id, each.field, *problem)
    for each in facts.output:
        if problem := _problem(facts, None, each):
            yield Finding("unknown_reference", "", each.field, *problem)
    yield from _skipped(facts)


def _problem(facts: Facts, node: Node | None, each: Found) -> tuple[str, str] | None:
    """What is wrong with the reference, and what to do; None when there is something behind it."""
    try:
        reference = each.reference or parse(each.text)
    except InvalidInput as error:
        return error.message, error.fix or ""
    late = reference.root in PER_ITEM and not each.undo and not each.field.startswith(("args", "expr"))
    if late and node and node.foreach:
        return f"{each.text} is not known here: the item begins after this is decided.", "Refer to the list itself."
    try:
        facts.types.look(reference, node, undo=each.undo)
    except InvalidInput as error:
        return f"{each.text}: {error.message}.", "Refer to something that is there; see the producer's output schema."
    return None


def _skipped(facts: Facts) -> Iterator[Finding]:
    """References to nodes that may be skipped, where nothing says what then."""
    may = skippable(facts.plan, facts.graph)
    place = {name: at for at, name in reversed(list(enumerate(facts.graph.ids)))}
    users: dict[int, list[tuple[int, Found]]] = {}
    for at, seen in enumerate(facts.contents):
        for each in seen.found:
            source = place.get(each.reference.root, at) if each.reference else at
            # In its own condition null is no error, and a compensation follows the node.
            if source != at and source in may and not each.undo and not each.field.startswith("when"):
                users.setdefault(source, []).append((at, each))
    for source, uses in users.items():
        yield from _unguarded(facts, source, uses)


def _unguarded(facts: Facts, source: int, uses: list[tuple[int, Found]]) -> Iterator[Finding]:
    producer, nodes = facts.plan.nodes[source], facts.plan.nodes
    if producer.has_default:
        for at, each in uses:
            yield from _default(producer, nodes[at], each)
        return
    safe = skipped_with(facts.plan, facts.graph, source, {at for at, _ in uses})
    for at, each in uses:
        if at not in safe:
            text = f"{producer.id} may be skipped; then {each.text} is nothing, and this node runs all the same."
            fix = f"Give {producer.id} a default, or this node a condition `exists {each.text}`."
            yield Finding("skippable", nodes[at].id, each.field, text, fix)


def _default(source: Node, node: Node, each: Found) -> Iterator[Finding]:
    if source.default is None or each.reference is None:
        return
    try:
        Scope({}, {source.id: source.default}).lookup(each.reference)
    except MissingValue as error:
        text = f"{source.id} may be skipped, and its default does not hold {each.text}: {error.message}"
        fix = f"Let the default of {source.id} look like its output, or be null."
        yield Finding("bad_default", node.id, each.field, text, fix)
