"""Random plans over the fake catalogue: sound ones by construction, spoiled ones, and noise. Plain JSON, seeded."""

from __future__ import annotations

import contextlib
import copy
import json
import random
from collections.abc import Callable
from typing import Any

Wire = dict[str, Any]
_NOISE: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2.5,
    "",
    "x",
    "$",
    "$n0",
    "$in.site",
    "$$y",
    "S-1",
    [],
    {},
    [[]],
    {"a": "$n1"},
)


class SoundPlan:
    """A plan that is valid by construction, node by node along a hidden order; its nodes stand in another."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._pools: dict[str, list[str]] = {
            "site": ["$in.site", "S-1"],
            "kwh": [],
            "usd": ["12.50"],
            "int": [],
            "list": [],
        }
        self._nodes: list[Wire] = []
        self._loose: list[str] = []
        makers = (self._find, self._meter, self._assess, self._each, self._sum, self._switch)
        for at in range(rng.randint(2, 9)):
            known = self._pools["int"][:]  # a condition may not ask about its own node
            self._nodes.append(self._decorated(rng.choice(makers)(f"n{at}"), known))

    def wire(self) -> Wire:
        """The plan as JSON."""
        nodes = self._nodes[:]
        self._rng.shuffle(nodes)
        inputs = {"type": "object", "properties": {"site": {"type": "string", "entity": "site"}}, "required": ["site"]}
        output = {"all": [f"${self._nodes[0]['id']}"], "note": "$$done"}
        budget = {"usd": 1e6, "seconds": 1e6}
        return {"id": "p", "title": "t", "inputs": inputs, "nodes": nodes, "output": output, "budget": budget}

    def _decorated(self, node: Wire, known: list[str]) -> Wire:
        rng = self._rng
        if known and rng.random() < 0.3:
            op = rng.choice(["eq", "ne", "gt", "ge", "lt", "le"])
            left = rng.choice(known)
            test: Wire = {"op": op, "left": left, "right": rng.randint(-5, 5)}
            node["when"] = rng.choice([test, {"not": test}, {"all": [test, {"op": "exists", "left": left}]}])
        if self._nodes and rng.random() < 0.2:
            node["needs"] = [rng.choice(self._nodes)["id"]]
        if "when" in node or any(name in json.dumps(node) for name in self._loose):
            self._loose.append(node["id"])
            node["has_default"] = True  # it may be skipped; null for whoever refers to it
        return node

    def _find(self, name: str) -> Wire:
        self._pools["site"] += [f"${name}.value.sites[{at}].site_id" for at in range(2)]
        self._pools["kwh"].append(f"${name}.value.sites[1].energy_kwh")
        self._pools["usd"].append(f"${name}.value.total_usd")
        self._pools["int"].append(f"${name}.value.count")
        self._pools["list"].append(f"${name}.value.sites")
        args = {"limit": self._rng.choice([1, 50, *self._pools["int"][:-1]]), "state": self._rng.choice(["IL", None])}
        return {"id": name, "tool": "demo.find_sites", "args": args}

    def _meter(self, name: str) -> Wire:
        self._pools["kwh"].append(f"${name}.value.energy_kwh")
        return {"id": name, "tool": "demo.read_meter", "args": {"meter_id": "M-1"}}

    def _assess(self, name: str) -> Wire:
        args: Wire = {
            "site_id": self._rng.choice(self._pools["site"]),
            "budget_usd": self._rng.choice(self._pools["usd"]),
        }
        if self._pools["kwh"]:
            args["energy_kwh"] = self._rng.choice(self._pools["kwh"])
        self._pools["usd"].append(f"${name}.value.saving_usd")
        self._pools["int"].append(f"${name}.value.score")
        return {"id": name, "tool": "demo.assess_site", "args": args}

    def _each(self, name: str) -> Wire:
        if not self._pools["list"]:
            return self._find(name)
        items = self._rng.choice(self._pools["list"])
        args = {"site_id": "$item.site_id", "energy_kwh": "$item.energy_kwh", "tags": ["t"]}
        self._pools["int"].append(f"${name}[0].value.score")
        return {"id": name, "tool": "demo.assess_site", "args": args, "foreach": {"items": items, "max_items": 5}}

    def _sum(self, name: str) -> Wire:
        if not self._pools["list"]:
            return self._meter(name)
        inner = {"fn": "map", "args": [self._rng.choice(self._pools["list"]), "cost_usd"]}
        self._pools["usd"].append(f"${name}")
        return {"id": name, "expr": {"fn": "sum", "args": [inner]}}

    def _switch(self, name: str) -> Wire:
        site = self._rng.choice(self._pools["site"])
        undo = {"tool": "demo.switch_on", "args": {"site_id": site, "ticket": f"${name}.value.ticket"}}
        gate = {"reason": "It goes dark."}
        return {"id": name, "tool": "demo.switch_off", "args": {"site_id": site}, "approval": gate, "compensate": undo}


def spoiled(rng: random.Random, wire: Wire) -> Wire:
    """A copy with one to three changes, most of which break it."""
    wire = copy.deepcopy(wire)
    for _ in range(rng.randint(1, 3)):
        with contextlib.suppress(TypeError, AttributeError):  # an earlier change took away what this one changes
            rng.choice(_CHANGES)(rng, wire)
    return wire


def noise(rng: random.Random) -> Wire:
    """A plan of the right outline and random content."""
    nodes = []
    for _ in range(rng.randint(1, 4)):
        node: Wire = {
            "id": f"n{rng.randint(0, 3)}",
            "tool": rng.choice([None, "demo.pay", "demo.assess_site", "no.tool"]),
        }
        for key in ("args", "when", "foreach", "expr", "default", "compensate", "wait_event", "sub_plan", "needs"):
            if rng.random() < 0.3:
                node[key] = rng.choice(_PARTS[key])(rng)
        nodes.append(node)
    wire: Wire = {"id": "p", "title": "t", "nodes": nodes, "output": _object(rng)}
    if rng.random() < 0.3:
        wire["inputs"] = rng.choice([_object(rng), {"properties": _object(rng)}, {"properties": {"a": _object(rng)}}])
    return wire


def _json(rng: random.Random, depth: int = 3) -> Any:
    kind = rng.random()
    if depth and kind < 0.15:
        return [_json(rng, depth - 1) for _ in range(rng.randint(0, 3))]
    if depth and kind < 0.3:
        return {rng.choice("abc"): _json(rng, depth - 1) for _ in range(rng.randint(0, 3))}
    return copy.deepcopy(rng.choice(_NOISE))


def _object(rng: random.Random) -> Wire:
    keys = ["a", "site_id", "tenant_id", "type", "properties", "required", "enum", "items", "anyOf", "pattern", "$ref"]
    return {rng.choice(keys): _json(rng) for _ in range(rng.randint(0, 3))}


def _expr(rng: random.Random) -> Wire:
    name = rng.choice(
        ["sum", "map", "filter", "get", "object", "round", "sort", "top", "coalesce", "nope", "add", "join"]
    )
    return {"fn": name, "args": [_expr(rng) if rng.random() < 0.2 else _json(rng) for _ in range(rng.randint(0, 4))]}


def _condition(rng: random.Random, depth: int = 3) -> Wire:
    if depth and rng.random() < 0.4:
        parts = [_condition(rng, depth - 1) for _ in range(rng.randint(1, 2))]
        return rng.choice([{"all": parts}, {"any": parts}, {"not": parts[0]}])
    op = rng.choice(["eq", "ne", "gt", "ge", "lt", "le", "in", "exists", "is_null"])
    return {"op": op, "left": _json(rng), "right": _json(rng)}


_PARTS: dict[str, list[Callable[[random.Random], Any]]] = {
    "args": [_object],
    "when": [_condition],
    "foreach": [lambda rng: {"items": _json(rng), "max_items": rng.randint(1, 200)}],
    "expr": [_expr],
    "default": [_json],
    "compensate": [lambda rng: {"tool": rng.choice(["demo.switch_on", "demo.pay"]), "args": _object(rng)}],
    "wait_event": [lambda rng: {"type": rng.choice(["alert.opened", "x"]), "match": _object(rng)}],
    "sub_plan": [
        lambda rng: {"pattern": rng.choice(["loop", "bad", "no"])},
        lambda rng: {"plan": noise(rng)},
        lambda _: {},
    ],
    "needs": [lambda rng: [f"n{rng.randint(0, 4)}"]],
}


def _node(rng: random.Random, wire: Wire) -> Wire:
    found: Wire = rng.choice(wire["nodes"])
    return found


def _holders(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) in the JSON."""
    found: list[tuple[Any, Any]] = []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in pairs:
        found.append((value, key))
        found += _holders(each)
    return found


def _references(wire: Wire) -> list[tuple[Any, Any]]:
    found = [pair for node in wire["nodes"] for pair in _holders(node)]
    return [(box, key) for box, key in found if isinstance(box[key], str) and box[key].startswith("$n")]


def _drop_argument(rng: random.Random, wire: Wire) -> None:
    args = _node(rng, wire).get("args")
    if args:
        del args[rng.choice(sorted(args))]


def _add_argument(rng: random.Random, wire: Wire) -> None:
    _node(rng, wire).setdefault("args", {})[rng.choice(["sitte_id", "site_id", "limit", "x"])] = rng.choice(_NOISE)


def _rename(rng: random.Random, wire: Wire) -> None:
    _node(rng, wire)["id"] = rng.choice(["other", "n0", "n1", "item", "in"])


def _redirect(rng: random.Random, wire: Wire) -> None:
    found = _references(wire)
    if found:
        box, key = rng.choice(found)
        root, dot, path = box[key].partition(".")
        box[key] = f"$n{rng.randint(0, 9)}{root[root.find('[') :] if '[' in root else ''}{dot}{path}"


def _misspell(rng: random.Random, wire: Wire) -> None:
    found = _references(wire)
    if found:
        box, key = rng.choice(found)
        text = box[key]
        box[key] = rng.choice(
            [text + ".x", text + "[0]", text.replace("value", "valu"), text.replace(".", "..", 1), text[:-1]]
        )


def _need(rng: random.Random, wire: Wire) -> None:
    _node(rng, wire).setdefault("needs", []).append(f"n{rng.randint(0, 9)}")


def _other_tool(rng: random.Random, wire: Wire) -> None:
    _node(rng, wire)["tool"] = rng.choice(["demo.find_sites", "demo.assess_site", "demo.read_meter", "demo.nothing"])


def _twice(rng: random.Random, wire: Wire) -> None:
    wire["nodes"].append(copy.deepcopy(_node(rng, wire)))


def _delete(rng: random.Random, wire: Wire) -> None:
    if len(wire["nodes"]) > 1:
        wire["nodes"].remove(_node(rng, wire))


def _swap(rng: random.Random, wire: Wire) -> None:
    one, two = _node(rng, wire), _node(rng, wire)
    one["args"], two["args"] = two.get("args", {}), one.get("args", {})


def _leaf(rng: random.Random, wire: Wire) -> None:
    found = [pair for node in wire["nodes"] for pair in _holders(node)]
    box, key = rng.choice(found)
    box[key] = copy.deepcopy(rng.choice(_NOISE))


def _cut(rng: random.Random, wire: Wire) -> None:
    box, key = rng.choice([pair for node in wire["nodes"] for pair in _holders(node)])
    del box[key]


_CHANGES = (
    _drop_argument,
    _add_argument,
    _rename,
    _redirect,
    _misspell,
    _need,
    _other_tool,
    _twice,
    _delete,
    _swap,
    _leaf,
    _cut,
)
