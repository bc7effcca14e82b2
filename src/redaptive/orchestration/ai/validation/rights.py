"""Rule 4: the requester's scopes cover every tool, and nothing reaches into another tenant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from redaptive.orchestration.ai.validation.facts import Facts
from redaptive.orchestration.ai.validation.findings import Finding
from redaptive.orchestration.plans.json_types import JsonType, read
from redaptive.orchestration.plans.references import is_reference
from redaptive.orchestration.plans.schema import Json, Node

TENANT: Final = re.compile(r"(on_behalf_of_)?tenant(_id|_code|_ids|s)?")


def check(facts: Facts) -> Iterator[Finding]:
    """Findings on scopes and ids."""
    for node, seen in zip(facts.plan.nodes, facts.contents, strict=True):
        yield from _scope(facts, node, "tool", node.tool)
        if node.compensate:
            yield from _scope(facts, node, "compensate.tool", node.compensate.tool)
        if not (seen.tenants or facts.context.ids):
            continue
        for place, args, name in _arguments(node):
            for field, value in _tenants(args, place):
                yield from _tenant(facts, node, field, value)
            tool = facts.context.tools.get(name) if name else None
            if tool and facts.context.ids:
                yield from _ids(facts, node, args, read(tool.input_schema), place)


def _arguments(node: Node) -> Iterator[tuple[str, dict[str, Json], str | None]]:
    yield "args", node.args, node.tool
    if node.compensate:
        yield "compensate.args", node.compensate.args, node.compensate.tool
    if node.wait_event:
        yield "wait_event.match", node.wait_event.match, None


def _scope(facts: Facts, node: Node, field: str, name: str | None) -> Iterator[Finding]:
    tool = facts.context.tools.get(name) if name else None
    if tool and tool.spec.scope not in facts.context.scopes:
        text = f"{name} needs the scope {tool.spec.scope}, which you do not have."
        yield Finding("missing_scope", node.id, field, text, "Ask an administrator for it, or leave the step out.")


def _tenants(value: Json, place: str) -> Iterator[tuple[str, Json]]:
    """Every value under a key that names a tenant."""
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from _tenants(each, f"{place}[{index}]")
    elif isinstance(value, dict):
        for key, each in value.items():
            if TENANT.fullmatch(key):
                yield from ((f"{place}.{key}", one) for one in (each if isinstance(each, list) else [each]))
            else:
                yield from _tenants(each, f"{place}.{key}")


def _tenant(facts: Facts, node: Node, field: str, value: Json) -> Iterator[Finding]:
    if value is None or value == facts.context.tenant:
        return
    what = f"{value} is decided only while it runs" if is_reference(value) else "It is another tenant than yours"
    yield Finding("foreign_id", node.id, field, f"{what}.", "Leave it out: a run acts in the tenant of its requester.")


def _ids(facts: Facts, node: Node, value: Json, kind: JsonType, place: str) -> Iterator[Finding]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            inner = kind.step(key)
            yield from _ids(facts, node, each, inner, f"{place}.{key}") if inner else ()
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _ids(facts, node, each, kind.items, f"{place}[{index}]") if kind.items else ()
    elif isinstance(value, str) and not is_reference(value):
        entity = kind.mark("entity")
        if entity and entity in facts.context.ids and value not in facts.context.ids[entity]:
            text = f"{value} is no {entity} of yours."
            yield Finding("foreign_id", node.id, place, text, f"Name a {entity} of this tenant.")
