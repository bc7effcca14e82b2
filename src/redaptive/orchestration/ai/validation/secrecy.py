"""Rule 8: no secret and no bulk of data in a plan; plans are stored, shown and sent to people who approve."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from redaptive.orchestration.ai.validation.contents import names_secret
from redaptive.orchestration.ai.validation.facts import Facts
from redaptive.orchestration.ai.validation.findings import Finding
from redaptive.orchestration.plans.references import is_reference
from redaptive.orchestration.plans.schema import AllOf, AnyOf, Compare, Condition, Expr, Json, Node

STORED: Final = "secret://"
"""A secret is named, and read where it is used."""
LOOKS: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bsk-[A-Za-z0-9_-]{20,}|\bgh[pousr]_[A-Za-z0-9]{30,}"
    r"|\bxox[abprs]-[A-Za-z0-9-]{10,}|\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}|\b[Bb]earer [A-Za-z0-9._~+/-]{16,}"
    r"|\b[a-z][a-z0-9+]*://[^/\s:@]+:[^/\s:@]+@"
)
"""Private keys, keys of cloud and code hosts, chat tokens, JSON Web Tokens, passwords in addresses."""


def check(facts: Facts) -> Iterator[Finding]:
    """Findings on secrets and on size, in everything that a plan says."""
    most = facts.context.limits.literal_bytes
    for node, seen in zip(facts.plan.nodes, facts.contents, strict=True):
        if seen.suspect or seen.size > most:
            for field, value in _values(node):
                yield from _judged(node.id, field, value, most)
    yield from _judged("", "output", facts.plan.output, most)
    yield from _judged("", "inputs", facts.plan.inputs, most)


def _judged(node: str, field: str, value: Json, most: int) -> Iterator[Finding]:
    secrets: list[str] = []
    size = _weigh(value, "", secrets)
    for key in secrets:
        text = f"{key} holds a secret." if key else "It holds what looks like a secret."
        yield Finding("secret", node, field, text, f"Store it, and write {STORED}<name> here.")
    if size > most:
        text = f"It holds about {size} bytes, the limit is {most}."
        yield Finding("oversized", node, field, text, "Store the data, and refer to it.")


def _weigh(value: Json, key: str, secrets: list[str]) -> int:
    """About how many bytes the value takes as JSON; notes the keys of secrets, empty for those known by their looks."""
    if isinstance(value, str):
        if value and not is_reference(value) and not value.startswith(STORED):
            if key and names_secret(key):
                secrets.append(key)
            elif LOOKS.search(value):
                secrets.append("")
        return len(value) + 2
    size = 8
    if isinstance(value, dict):
        for name, each in value.items():
            size += 4 + len(name) + _weigh(each, name, secrets)
    elif isinstance(value, list):
        for each in value:
            size += 1 + _weigh(each, key, secrets)
    return size


def _values(node: Node) -> Iterator[tuple[str, Json]]:
    for name, value in node.args.items():
        yield f"args.{name}", {name: value}
    if node.compensate:
        yield "compensate.args", node.compensate.args
    if node.foreach:
        yield "foreach.items", node.foreach.items
    if node.wait_event:
        yield "wait_event.match", node.wait_event.match
    if node.default is not None:
        yield "default", node.default
    if node.expr:
        yield "expr", _literals(node.expr)
    if node.when:
        yield "when", _sides(node.when)


def _literals(expr: Expr | Json) -> Json:
    return [_literals(each) for each in expr.args] if isinstance(expr, Expr) else expr


def _sides(condition: Condition | None) -> Json:
    if isinstance(condition, Compare):
        return [condition.left, condition.right]
    if isinstance(condition, AllOf):
        return [_sides(part) for part in condition.all]
    if isinstance(condition, AnyOf):
        return [_sides(part) for part in condition.any]
    return _sides(condition.not_) if condition else None
