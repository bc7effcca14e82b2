"""Rule 8: no secret and no bulk of data in a plan; plans are stored, shown and sent to people who approve."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from redaptive.orchestration.ai.validation.facts import Facts
from redaptive.orchestration.ai.validation.findings import Finding
from redaptive.orchestration.plans.references import is_reference
from redaptive.orchestration.plans.schema import AllOf, AnyOf, Compare, Condition, Expr, Json, Node

STORED: Final = "secret://"
"""A secret is named, and read where it is used."""
NAMES: Final = re.compile(
    r"(^|.*_)(password|passwd|passphrase|secret|api_?key|access_?key|private_?key|(access|auth|bearer|refresh)_?token"
    r"|token|credentials?|authorization|client_secret)$",
    re.IGNORECASE,
)
LOOKS: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bsk-[A-Za-z0-9_-]{20,}|\bgh[pousr]_[A-Za-z0-9]{30,}"
    r"|\bxox[abprs]-[A-Za-z0-9-]{10,}|\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}|\b[Bb]earer [A-Za-z0-9._~+/-]{16,}"
    r"|\b[a-z][a-z0-9+]*://[^/\s:@]+:[^/\s:@]+@"
)
"""Private keys, keys of cloud and code hosts, chat tokens, JSON Web Tokens, passwords in addresses."""


def check(facts: Facts) -> Iterator[Finding]:
    """Findings on secrets and on size, in everything that a plan says."""
    for node in facts.plan.nodes:
        for field, value in _values(node):
            yield from _secrets(node.id, field, value)
            yield from _size(facts, node.id, field, value)
    yield from _secrets("", "output", facts.plan.output)
    yield from _size(facts, "", "output", facts.plan.output)
    yield from _size(facts, "", "inputs", facts.plan.inputs)


def _values(node: Node) -> Iterator[tuple[str, Json]]:
    yield from ((f"args.{name}", {name: value}) for name, value in node.args.items())
    if node.compensate:
        yield "compensate.args", node.compensate.args
    if node.foreach:
        yield "foreach.items", node.foreach.items
    if node.wait_event:
        yield "wait_event.match", node.wait_event.match
    yield "default", node.default
    yield "expr", _literals(node.expr)
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


def _secrets(node: str, field: str, value: Json, key: str = "") -> Iterator[Finding]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _secrets(node, field, each, name)
    elif isinstance(value, list):
        for each in value:
            yield from _secrets(node, field, each, key)
    elif isinstance(value, str) and not value.startswith(STORED):
        named = bool(key) and bool(value) and not is_reference(value) and NAMES.fullmatch(key) is not None
        if named or LOOKS.search(value):
            text = f"{key or field} holds a secret." if named else "It holds what looks like a secret."
            yield Finding("secret", node, field, text, f"Store it, and write {STORED}<name> here.")


def _size(facts: Facts, node: str, field: str, value: Json) -> Iterator[Finding]:
    size, most = weight(value), facts.context.limits.literal_bytes
    if size > most:
        text = f"It holds about {size} bytes, the limit is {most}."
        yield Finding("oversized", node, field, text, "Store the data, and refer to it.")


def weight(value: Json) -> int:
    """About how many bytes the value takes as JSON."""
    if isinstance(value, str):
        return len(value) + 2
    if isinstance(value, list):
        return 2 + sum(1 + weight(each) for each in value)
    if isinstance(value, dict):
        return 2 + sum(4 + len(key) + weight(each) for key, each in value.items())
    return 8
