"""Figures of the intent classifier: accuracy, coverage, out-of-scope recall, and what is taken for what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

OUT = "out_of_scope"
Record = dict[str, Any]


@dataclass(frozen=True)
class IntentFigures:
    """Shares are 0-1; counts are beside them where they matter."""

    in_scope: int
    out_of_scope: int
    top1: float
    top3: float
    recall_general: float
    recall_near: float
    coverage: float
    """Share of the sentences in scope on which the classifier commits itself: it acts, or asks for a missing slot."""
    answered_accuracy: float
    """Share of those that are right."""
    acted_out_of_scope: float
    """Share of the sentences out of scope that are acted on: the error that costs most."""
    by_style: dict[str, float]
    worst_intents: list[tuple[str, float]]
    confusions: list[tuple[str, str, int]]


def figures(items: Sequence[Record], answers: Sequence[Record]) -> IntentFigures:
    """The figures of `answers` to `items`, given in the same order."""
    pairs = list(zip(items, answers, strict=True))
    inside = [pair for pair in pairs if pair[0]["intent"] != OUT]
    outside = [pair for pair in pairs if pair[0]["intent"] == OUT]
    committed = [pair for pair in inside if _commits(pair[1])]
    return IntentFigures(
        in_scope=len(inside),
        out_of_scope=len(outside),
        top1=_share(_right(*pair) for pair in inside),
        top3=_share(_among_three(*pair) for pair in inside),
        recall_general=_share(_rejected(a) for i, a in outside if i["class"] == "general"),
        recall_near=_share(_rejected(a) for i, a in outside if i["class"] == "near"),
        coverage=len(committed) / len(inside),
        answered_accuracy=_share(_right(*pair) for pair in committed),
        acted_out_of_scope=_share(_commits(a) and not _rejected(a) for _, a in outside),
        by_style=_by(inside, "class"),
        worst_intents=sorted(_by(inside, "intent").items(), key=lambda pair: (pair[1], pair[0]))[:10],
        confusions=_confusions(pairs),
    )


def _right(item: Record, answer: Record) -> bool:
    return bool(answer.get("intent") == item["intent"])


def _among_three(item: Record, answer: Record) -> bool:
    return item["intent"] in [entry["intent"] for entry in answer.get("top3", [])[:3]]


def _rejected(answer: Record) -> bool:
    return answer.get("intent") == OUT or answer.get("action") == "refuse"


def _commits(answer: Record) -> bool:
    return answer.get("action") == "act" or (answer.get("action") == "ask" and answer.get("reason") == "missing_slot")


def _by(pairs: Sequence[tuple[Record, Record]], field: str) -> dict[str, float]:
    groups: dict[str, list[bool]] = {}
    for item, answer in pairs:
        groups.setdefault(item[field], []).append(_right(item, answer))
    return {name: _share(found) for name, found in sorted(groups.items())}


def _confusions(pairs: Sequence[tuple[Record, Record]]) -> list[tuple[str, str, int]]:
    wrong = Counter((i["intent"], str(a.get("intent"))) for i, a in pairs if not _right(i, a))
    return [(meant, taken, count) for (meant, taken), count in wrong.most_common(10)]


def _share(found: Any) -> float:
    values = list(found)
    return sum(values) / len(values) if values else float("nan")
