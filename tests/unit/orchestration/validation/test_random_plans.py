"""13,000 random plans: none that an independent oracle calls invalid passes, nothing raises, and what passes runs."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from typing import Any

import jsonschema
from tests.fakes.fake_catalogue import fake_catalogue
from tests.unit.orchestration.validation.plan_oracle import closure, faults, texts
from tests.unit.orchestration.validation.random_plans import SoundPlan, Wire, noise, spoiled

from redaptive.orchestration.ai.plan_validator import ValidationContext, errors, read_plan, validate
from redaptive.orchestration.intelligent import dag_engine
from redaptive.orchestration.intelligent.conditional_engine import evaluate
from redaptive.orchestration.plans import expressions
from redaptive.orchestration.plans.reference_types import ReferenceTypes
from redaptive.orchestration.plans.references import Scope
from redaptive.orchestration.plans.schema import Json, Node, Plan

TOOLS = fake_catalogue()
LOOP = {"id": "loop", "title": "t", "nodes": [{"id": "a", "sub_plan": {"pattern": "loop"}}]}
BAD = {"id": "bad", "title": "t", "inputs": {"properties": 3}, "nodes": [{"id": "a", "tool": "demo.find_sites"}]}
CONTEXT = ValidationContext(
    tools=TOOLS,
    scopes={tool.spec.scope for tool in TOOLS.values()},
    tenant="acme",
    patterns={"loop": Plan.model_validate(LOOP), "bad": Plan.model_validate(BAD)},
)
SOUND, SPOILED, NOISE = 1_000, 10_000, 2_000


def _accepted(wire: Wire) -> Plan | None:
    """The plan when nothing forbids it to run."""
    plan, _ = read_plan(wire)
    return plan if plan and not errors(validate(plan, CONTEXT)) else None


def _check_order(plan: Plan, wire: Wire) -> None:
    """Order, ancestors and references against brute force."""
    above = closure(wire["nodes"])
    order = dag_engine.order(plan)
    done: list[str] = []
    for name in order:
        assert name == next(node.id for node in plan.nodes if node.id not in done and above[node.id] <= set(done))
        done.append(name)
    assert len(done) == len(plan.nodes)
    for node in wire["nodes"]:
        for text, field in texts(node):
            root = text[1:].partition(".")[0].partition("[")[0]
            own = field == "undo" and root == node["id"]
            assert root in {"in", "item", "index"} | above[node["id"]] or own


def test_sound_plans_pass_and_run() -> None:
    rng, ran = random.Random(4), 0
    for _ in range(SOUND):
        wire = SoundPlan(rng).wire()
        assert faults(wire, TOOLS) == set(), wire
        plan, problems = read_plan(wire)
        assert plan, problems
        found = validate(plan, CONTEXT)
        assert errors(found) == [], (wire, [str(each) for each in found])
        _check_order(plan, wire)
        if not found:
            ran += _Run(plan, rng).calls
    assert ran > 1_000


def test_no_plan_that_the_oracle_calls_invalid_passes() -> None:
    rng = random.Random(5)
    broken: dict[str, int] = {}
    passed = ran = 0
    for _ in range(SPOILED):
        wire = spoiled(rng, SoundPlan(rng).wire())
        plan = _accepted(wire)
        readable, _ = read_plan(wire)
        if readable is None:
            continue
        wrong = faults(wire, TOOLS)
        for rule in wrong:
            broken[rule] = broken.get(rule, 0) + 1
        assert not (plan and wrong), (wrong, wire)
        if plan:
            passed += 1
            _check_order(plan, wire)
            if not validate(plan, CONTEXT):
                ran += _Run(plan, rng).calls
    assert {rule for rule, count in broken.items() if count >= 50} == {
        "ids", "needs", "tool", "required", "unknown", "reference", "cycle"
    }, broken  # fmt: skip
    assert passed > 300
    assert ran > 300


def test_findings_do_not_depend_on_what_was_validated_before() -> None:
    """Answers are kept by the types of contracts; contracts that nobody has read before give the same findings."""
    rng, known = random.Random(7), 0
    for _ in range(600):
        plan, _ = read_plan(spoiled(rng, SoundPlan(rng).wire()))
        if plan:
            first = validate(plan, replace(CONTEXT, tools=fake_catalogue()), {"site": 3})
            assert validate(plan, CONTEXT, {"site": 3}) == first
            known += len(first)
    assert known > 600


def test_noise_never_raises() -> None:
    rng, read = random.Random(6), 0
    for _ in range(NOISE):
        wire = noise(rng)
        plan, _ = read_plan(wire)
        if plan:
            read += 1
            found = validate(plan, CONTEXT, {"a": 1})
            assert errors(found) or not faults(wire, TOOLS), wire
    assert read > NOISE / 3


class _Run:
    """Runs a plan against outputs drawn from the tools' output schemas: every call must fit the input schema."""

    def __init__(self, plan: Plan, rng: random.Random) -> None:
        self._plan, self._rng, self.calls = plan, rng, 0
        self._types = ReferenceTypes(plan, TOOLS)
        self._outputs: dict[str, Json] = {}
        nodes = {node.id: node for node in plan.nodes}
        skipped: set[str] = set()
        parents = dag_engine.parents(plan)
        for name in dag_engine.order(plan):
            node = nodes[name]
            before = parents[name]
            alone = bool(before) and all(each in skipped for each in before)
            if alone or (node.when and not evaluate(node.when, self._scope().lookup, self._types.of)):
                skipped.add(name)
                if node.has_default:
                    self._outputs[name] = node.default
                continue
            self._outputs[name] = self._execute(node)
        self._scope().gather(plan.output)

    def _scope(self, item: Json = None, index: int | None = None) -> Scope:
        return Scope({"site": "S-9"}, self._outputs, item, index)

    def _execute(self, node: Node) -> Json:
        if node.expr:
            return expressions.evaluate(node.expr, self._scope().lookup, self._types.within(node))
        if not node.foreach:
            return self._call(node, self._scope())
        items = self._scope().resolve(node.foreach.items)
        assert isinstance(items, list)
        return [self._call(node, self._scope(item, at)) for at, item in enumerate(items)]

    def _call(self, node: Node, scope: Scope) -> Json:
        tool = TOOLS[node.tool or ""]
        args = scope.resolve(node.args)
        _fits(args, node.tool, "input")
        self.calls += 1
        output = _drawn(tool.output_schema, tool.output_schema, self._rng)
        _fits(output, node.tool, "output")
        if node.compensate:
            undo = Scope(scope.inputs, {**scope.outputs, node.id: output}, scope.item, scope.index)
            _fits(undo.resolve(node.compensate.args), node.compensate.tool, "input")
        return output


@cache
def _schema(tool: str, side: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(getattr(TOOLS[tool], f"{side}_schema"))


def _fits(value: Json, tool: str | None, side: str) -> None:
    found = next(_schema(tool or "", side).iter_errors(value), None)
    assert found is None, (tool, side, value, found)


def _drawn(schema: Any, root: Any, rng: random.Random) -> Json:
    """A value of the schema."""
    if "$ref" in schema:
        return _drawn(root["$defs"][schema["$ref"].rpartition("/")[2]], root, rng)
    if "anyOf" in schema:
        return _drawn(rng.choice(schema["anyOf"]), root, rng)
    if "enum" in schema:
        return rng.choice(schema["enum"])  # type: ignore[no-any-return]
    kind, form = schema.get("type"), schema.get("format")
    if kind == "object":
        return {key: _drawn(each, root, rng) for key, each in schema.get("properties", {}).items()}
    if kind == "array":
        return [_drawn(schema["items"], root, rng) for _ in range(3)]
    if form:
        return {"decimal": f"{rng.randint(0, 9_999) / 100:.2f}", "date": "2026-01-31"}.get(form, "2026-01-31T10:00:00Z")
    return {"integer": rng.randint(1, 50), "number": rng.random() * 100, "boolean": True, "null": None}.get(
        kind, "text"
    )
