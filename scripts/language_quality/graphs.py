"""A plan as a graph of tool calls: literal fan-outs unrolled, steps that call no tool contracted."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_NAME = re.compile(r"^\$([a-z][a-z0-9_]*)")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_MOST_COPIES = 64
Json = Any
Missing = object()


@dataclass(frozen=True)
class Call:
    """One tool call of a plan, inputs filled in."""

    id: str
    tool: str
    args: Mapping[str, Json]
    node: Mapping[str, Json]
    roots: Mapping[str, frozenset[str]]
    """Argument -> the calls that its references lead to, over steps that are no calls."""


class PlanGraph:
    """Calls of a plan and their order."""

    def __init__(self, plan: Mapping[str, Json], inputs: Mapping[str, Json]) -> None:
        self.nodes = _unroll(_fill(plan["nodes"], {**_defaults(plan), **inputs}))
        self._copies = _copies(self.nodes)
        self.calls = {key: self._call(key, node) for key, node in self.nodes.items() if node.get("tool")}

    def before(self, key: str) -> frozenset[str]:
        """Every call that must end before this one begins."""
        found: set[str] = set()
        todo = list(self._parents(self.nodes[key]))
        while todo:
            parent = todo.pop()
            if parent not in found:
                found.add(parent)
                todo.extend(self._parents(self.nodes[parent]))
        return frozenset(found & set(self.calls))

    def leads_to(self, value: Json, node: Mapping[str, Json]) -> frozenset[str]:
        """The calls whose results are in `value`, an argument or condition of `node`."""
        return frozenset(self._calls_behind(self._names(value, node), set()))

    def deciders(self, key: str) -> Iterator[tuple[Json, Mapping[str, Json]]]:
        """Conditions and pure expressions on which it depends whether, or over what, the call runs."""
        node = self.nodes[key]
        seen: set[str] = set()
        todo = [key, *(n for n in self._parents(node) if n not in self.calls)]
        while todo:
            name = todo.pop()
            if name in seen:
                continue
            seen.add(name)
            here = self.nodes[name]
            for part in ("when", "expr"):
                if here.get(part):
                    yield here[part], here
            if name not in self.calls:
                todo.extend(n for n in self._parents(here) if n not in self.calls)

    def _call(self, key: str, node: Mapping[str, Json]) -> Call:
        args = node.get("args") or {}
        return Call(key, node["tool"], args, node, {name: self.leads_to(value, node) for name, value in args.items()})

    def _names(self, value: Json, node: Mapping[str, Json]) -> set[str]:
        names: set[str] = set()
        for name in _references(value):
            if name in ("item", "index"):
                names |= self._names((node.get("foreach") or {}).get("items"), {})
            elif name != "in":
                names |= set(self._copies.get(name, ()))
        return names

    def _calls_behind(self, names: Iterable[str], seen: set[str]) -> Iterator[str]:
        for name in names:
            if name in seen:
                continue
            seen.add(name)
            if self.nodes[name].get("tool"):
                yield name
            else:
                yield from self._calls_behind(self._parents(self.nodes[name]), seen)

    def _parents(self, node: Mapping[str, Json]) -> set[str]:
        needs = {copy_ for name in node.get("needs", ()) for copy_ in self._copies.get(name, ())}
        parts = [node.get(part) for part in ("args", "when", "expr", "foreach", "wait_event", "sub_plan")]
        return needs | self._names(parts, node)


def _references(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        found = _NAME.match(value)
        if found:
            yield found[1]
    elif isinstance(value, dict):
        for part in value.values():
            yield from _references(part)
    elif isinstance(value, list):
        for part in value:
            yield from _references(part)


def _defaults(plan: Mapping[str, Json]) -> dict[str, Json]:
    properties = (plan.get("inputs") or {}).get("properties", {})
    return {name: schema["default"] for name, schema in properties.items() if "default" in schema}


def _fill(nodes: Iterable[Mapping[str, Json]], inputs: Mapping[str, Json]) -> list[dict[str, Json]]:
    return [_replace(copy.deepcopy(dict(node)), "in", inputs) for node in nodes]


def _replace(value: Json, name: str, known: Json) -> Json:
    """`value` with each reference `$name.path` that `known` has replaced by what stands there."""
    if isinstance(value, str) and (value == f"${name}" or value.startswith((f"${name}.", f"${name}["))):
        found = _at(known, value[len(name) + 1 :])
        return value if found is Missing else found
    if isinstance(value, dict):
        return {key: _replace(part, name, known) for key, part in value.items()}
    if isinstance(value, list):
        return [_replace(part, name, known) for part in value]
    return value


def _at(value: Json, path: str) -> Json:
    for key, index in _STEP.findall(path):
        try:
            value = value[int(index)] if index else value[key]
        except (KeyError, IndexError, TypeError):
            return Missing
    return value


def _unroll(nodes: Iterable[dict[str, Json]]) -> dict[str, dict[str, Json]]:
    done: dict[str, dict[str, Json]] = {}
    for node in nodes:
        items = (node.get("foreach") or {}).get("items")
        if not isinstance(items, list) or len(items) > _MOST_COPIES or any(_references(items)):
            done[node["id"]] = node
            continue
        for number, item in enumerate(items):
            once = {key: part for key, part in node.items() if key != "foreach"}
            done[f"{node['id']}#{number}"] = _replace(_replace(once, "item", item), "index", number)
    return done


def _copies(nodes: Mapping[str, Json]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key in nodes:
        found.setdefault(key.partition("#")[0], []).append(key)
    return found
