"""Rule 8: no secret and no bulk of data in a plan; plans are stored, shown and sent to people who approve."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
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
SHORTEST: Final = 8
"""No text with fewer characters has the looks of a secret: `a://b:c@` is the shortest."""
MARKS: Final = re.compile(r"PRIVATE KEY|AKIA|sk-|gh[pousr]_|xox|eyJ|earer |://")
"""A text without any of these holds none of them; quicker to see."""


def check(facts: Facts) -> Iterator[Finding]:
    """Findings on secrets and on size, in everything that a plan says."""
    most = facts.context.limits.literal_bytes
    for node in facts.plan.nodes:
        values = list(_values(node))
        if _suspect([value for _, value in values], most):
            for field, value in values:
                yield from _judged(node.id, field, value, most)
    yield from _judged("", "output", facts.plan.output, most)
    yield from _judged("", "inputs", facts.plan.inputs, most)


@lru_cache(maxsize=2_048)
def _names_a_secret(key: str) -> bool:
    return NAMES.fullmatch(key) is not None


def _suspect(values: list[Json], most: int) -> bool:
    """Whether anything in all of them could be wrong; nearly never, so nearly all is weighed once and not in parts."""
    secrets: list[str] = []
    return _weigh(values, "", secrets) > most or bool(secrets)


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
        if (key or len(value) >= SHORTEST) and value and not is_reference(value) and not value.startswith(STORED):
            if key and _names_a_secret(key):
                secrets.append(key)
            elif MARKS.search(value) and LOOKS.search(value):
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
