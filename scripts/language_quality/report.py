"""The figures as text and as JSON: aggregates only, no sentence and no id of the blind set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from language_quality.intents import IntentFigures
from language_quality.plans import TaskScore

GRAPHS = ("single", "sequential", "parallel", "conditional", "multi-turn")
REFUSALS = ("infeasible", "unsafe")


def plan_figures(scores: Sequence[TaskScore]) -> dict[str, Any]:
    """Shares (0-1) by class and over the classes that a plan, a question or a refusal is due for."""
    graphs = [s for s in scores if s.cls in GRAPHS]
    exact = [s for s in graphs if s.graph]
    return {
        "tasks": len(scores),
        "exact_dag": _share(s.graph for s in graphs),
        "exact_dag_and_arguments": _share(s.right for s in graphs),
        "arguments_of_exact_dags": _arguments(exact),
        "arguments_of_all": _arguments(graphs),
        "questions": _share(s.right for s in scores if s.cls == "missing-info"),
        "refused": _share(s.refused for s in scores if s.cls in REFUSALS),
        "refused_with_reason": _share(s.right for s in scores if s.cls in REFUSALS),
        "irrelevant_refused": _share(s.refused for s in scores if s.cls == "irrelevant"),
        "classes": {cls: _class(scores, cls) for cls in dict.fromkeys(s.cls for s in scores)},
    }


def intent_figures(found: IntentFigures) -> dict[str, Any]:
    """The same as a dictionary."""
    return asdict(found)


def text(intents: dict[str, Any] | None, plans: dict[str, Any] | None) -> str:
    """Both as lines for a terminal."""
    return "\n".join([*(_intent_lines(intents) if intents else ()), *(_plan_lines(plans) if plans else ())])


def _class(scores: Sequence[TaskScore], cls: str) -> dict[str, Any]:
    own = [s for s in scores if s.cls == cls]
    statuses: dict[str, int] = {}
    for one in own:
        statuses[one.status] = statuses.get(one.status, 0) + 1
    graph = {"exact_dag": _share(s.graph for s in own), "arguments": _arguments(own)} if cls in GRAPHS else {}
    refused = {"refused": _share(s.refused for s in own)} if cls in (*REFUSALS, "irrelevant") else {}
    return {"tasks": len(own), "right": _share(s.right for s in own), **graph, **refused, "statuses": statuses}


def _arguments(scores: Sequence[TaskScore]) -> float:
    wanted = sum(s.arguments[1] for s in scores)
    return sum(s.arguments[0] for s in scores) / wanted if wanted else float("nan")


def _share(values: Any) -> float:
    found = list(values)
    return sum(found) / len(found) if found else float("nan")


def _intent_lines(found: dict[str, Any]) -> list[str]:
    return [
        f"Intents: {found['in_scope']} in scope, {found['out_of_scope']} out of scope",
        f"  top-1 {found['top1']:.1%}   top-3 {found['top3']:.1%}",
        f"  out-of-scope recall: general {found['recall_general']:.1%}, near {found['recall_near']:.1%};"
        f" acted on {found['acted_out_of_scope']:.1%}",
        f"  answered {found['coverage']:.1%} of those in scope, {found['answered_accuracy']:.1%} of them right",
        "  by style: " + ", ".join(f"{style} {share:.0%}" for style, share in found["by_style"].items()),
        "  worst intents: " + ", ".join(f"{intent} {share:.0%}" for intent, share in found["worst_intents"]),
        "  taken for: " + ", ".join(f"{meant} -> {taken} {count}" for meant, taken, count in found["confusions"]),
    ]


def _plan_lines(found: dict[str, Any]) -> list[str]:
    head = [
        f"Plans: {found['tasks']} tasks",
        f"  exact DAG {found['exact_dag']:.1%}, with all arguments {found['exact_dag_and_arguments']:.1%}",
        f"  arguments {found['arguments_of_exact_dags']:.1%} of exact DAGs, {found['arguments_of_all']:.1%} of all",
        f"  right questions {found['questions']:.1%}",
        f"  unsafe and infeasible refused {found['refused']:.1%}, right reason {found['refused_with_reason']:.1%}",
        f"  irrelevant refused {found['irrelevant_refused']:.1%}",
    ]
    return head + [_class_line(cls, figures) for cls, figures in found["classes"].items()]


def _class_line(cls: str, figures: dict[str, Any]) -> str:
    parts = [
        f"{name} {figures[name]:.0%}" for name in ("right", "exact_dag", "arguments", "refused") if name in figures
    ]
    statuses = ", ".join(f"{count} {status}" for status, count in sorted(figures["statuses"].items()))
    return f"  {cls:13s} {figures['tasks']:3d}: {', '.join(parts)} ({statuses})"
