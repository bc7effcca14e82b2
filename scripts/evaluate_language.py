"""Prints how well the frozen test set is understood and planned; aggregates only, so that the set stays blind.

    python scripts/evaluate_language.py                         both parts, through the commands of the product
    python scripts/evaluate_language.py --part intents --json   one part, as JSON
    python scripts/evaluate_language.py --part plans --plan-answers FILE    answers that were recorded before

Answers in a file are lines as `redaptive plan --jsonl` writes them; their ids are the line numbers of the set, from 0.
Dates in words are read as of 15 January 2026, when the sample portfolio ends.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from language_quality import answers, intents, plans, report

DATA = Path(__file__).parents[1] / "tests" / "data" / "language"
NOW = "2026-01-15T12:00:00Z"


def main() -> None:
    """Ask, score, print."""
    options = _options()
    found: dict[str, Any] = {}
    if options.part in ("intents", "both"):
        found["intents"] = _intents(options.intent_answers, options.embeddings)
    if options.part in ("plans", "both"):
        found["plans"] = _plans(options.plan_answers)
    print(json.dumps(found) if options.json else report.text(found.get("intents"), found.get("plans")))


def _intents(recorded: Path | None, embeddings: bool) -> dict[str, Any]:
    items = answers.read(DATA / "utterances.jsonl")
    command = [*answers.CLASSIFY, "--now", NOW, "--embeddings" if embeddings else "--no-embeddings"]
    return report.intent_figures(intents.figures(items, _answers(recorded, command, items)))


def _plans(recorded: Path | None) -> dict[str, Any]:
    tasks = answers.read(DATA / "planbench.jsonl")
    given = _answers(recorded, answers.PLAN, tasks)
    return report.plan_figures([plans.score(task, answer) for task, answer in zip(tasks, given, strict=True)])


def _answers(recorded: Path | None, command: Sequence[str], items: list[answers.Record]) -> list[answers.Record]:
    if recorded is None:
        return answers.ask(command, items)
    return answers.in_order(answers.read(recorded), len(items))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=("intents", "plans", "both"), default="both")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--embeddings", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--intent-answers", type=Path, metavar="FILE")
    parser.add_argument("--plan-answers", type=Path, metavar="FILE")
    return parser.parse_args()


if __name__ == "__main__":
    main()
