"""An oracle of what makes a plan invalid, by brute force over its JSON; it shares no code with the validator."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.fakes.fake_catalogue import FakeTool

Wire = dict[str, Any]
_REFERENCE = re.compile(r"\$([a-z][a-z0-9_]{0,63})((?:\.[^.\[\]\s]+|\[\d{1,6}\])*)")


def faults(wire: Wire, tools: Mapping[str, FakeTool]) -> set[str]:
    """The rules that the plan breaks: ids, cycle, reference, tool, required, unknown."""
    nodes, found = wire["nodes"], set[str]()
    names = [node["id"] for node in nodes]
    if len(set(names)) < len(names) or {"in", "item", "index"} & set(names):
        found.add("ids")
    if any(name not in names for node in nodes for name in node.get("needs", [])):
        found.add("needs")
    for node in nodes:
        found |= _node_faults(node, tools)
        for text, inside in texts(node):
            if not _leads(text, node, inside, nodes, tools, wire):
                found.add("reference")
    if circular(nodes):
        found.add("cycle")
    return found


def texts(node: Wire) -> Iterator[tuple[str, str]]:
    """Every text of the node that is a reference, with the field in which it stands."""
    parts = {
        "args": node.get("args"),
        "when": node.get("when"),
        "items": (node.get("foreach") or {}).get("items"),
        "expr": (node.get("expr") or {}).get("args"),
        "undo": (node.get("compensate") or {}).get("args"),
        "match": (node.get("wait_event") or {}).get("match"),
    }
    for field, part in parts.items():
        for text in _strings(part, field == "when"):
            if text.startswith("$") and not text.startswith("$$"):
                yield text, field


def roots(node: Wire) -> set[str]:
    """The nodes that a node waits for."""
    found = set(node.get("needs", []))
    for text, field in texts(node):
        match = _REFERENCE.fullmatch(text)
        if match and match[1] not in {"in", "item", "index"} and not (field == "undo" and match[1] == node["id"]):
            found.add(match[1])
    return found


def circular(nodes: list[Wire]) -> bool:
    """Whether some node is its own ancestor; by closing the relation until nothing is added."""
    return any(name in above for name, above in closure(nodes).items())


def closure(nodes: list[Wire]) -> dict[str, set[str]]:
    """Node -> all its ancestors."""
    above = {node["id"]: roots(node) for node in nodes}
    while True:
        wider = {name: those | {far for each in those for far in above.get(each, ())} for name, those in above.items()}
        if wider == above:
            return above
        above = wider


def _node_faults(node: Wire, tools: Mapping[str, FakeTool]) -> Iterator[str] | set[str]:
    found, calls = set[str](), []
    if node.get("tool"):
        calls.append((node["tool"], node.get("args", {})))
    if node.get("compensate"):
        calls.append((node["compensate"]["tool"], node["compensate"].get("args", {})))
    for name, args in calls:
        if name not in tools:
            found.add("tool")
            continue
        schema = tools[name].input_schema
        if set(schema["required"]) - set(args):
            found.add("required")
        if set(args) - set(schema["properties"]):
            found.add("unknown")
    return found


def _strings(value: Any, condition: bool) -> Iterator[str]:
    """The texts inside; in a condition only the two sides of comparisons count."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each, condition)
    elif isinstance(value, dict):
        expression = set(value) <= {"fn", "args"} and "fn" in value
        for key, each in value.items():
            if not (condition and key == "op") and not (expression and key == "fn"):
                yield from _strings(each, condition)


def _leads(text: str, node: Wire, field: str, nodes: list[Wire], tools: Mapping[str, FakeTool], wire: Wire) -> bool:
    match = _REFERENCE.fullmatch(text)
    if not match:
        return False
    root, path = match[1], re.findall(r"\.([^.\[\]\s]+)|\[(\d+)\]", match[2])
    steps: list[str | int] = [key if key else int(index) for key, index in path]
    if root == "in":
        return _walk(wire.get("inputs", {}), wire.get("inputs", {}), steps)
    if root in {"item", "index"}:
        return bool(node.get("foreach")) and field in {"args", "expr", "undo"}
    producer = next((each for each in nodes if each["id"] == root), None)
    if producer is None:
        return False
    if not producer.get("tool") or producer["tool"] not in tools:
        return True  # its type is unknown to this oracle
    single = producer.get("foreach") is None or (field == "undo" and root == node["id"])
    schema = tools[producer["tool"]].output_schema
    if single:
        return _walk(schema, schema, steps)
    if not steps:
        return True
    return isinstance(steps[0], int) and _walk(schema, schema, steps[1:])


def _walk(schema: Mapping[str, Any], root: Mapping[str, Any], steps: list[str | int]) -> bool:
    """Whether some value of the schema has something at the path."""
    if "$ref" in schema:
        return _walk(root["$defs"][schema["$ref"].rpartition("/")[2]], root, steps)
    if "anyOf" in schema:
        return any(_walk(each, root, steps) for each in schema["anyOf"])
    if not steps:
        return True
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        return schema.get("type") == "array" and _walk(schema.get("items", {}), root, rest)
    if schema.get("type") != "object":
        return False
    if step in schema.get("properties", {}):
        return _walk(schema["properties"][step], root, rest)
    more = schema.get("additionalProperties")
    return isinstance(more, dict) and _walk(more, root, rest)
