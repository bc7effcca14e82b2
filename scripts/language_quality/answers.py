"""What the product answers to the sentences of a file, without their labels."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

Record = dict[str, Any]
CLASSIFY = ("intents", "classify", "--no-database")
PLAN = ("plan",)


def read(path: Path) -> list[Record]:
    """The records of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def ask(command: Sequence[str], items: Sequence[Record]) -> list[Record]:
    """The answer of `redaptive COMMAND --jsonl` to each item, in order.

    The command sees running numbers, texts and contexts: our ids and labels stay here.

    :raises SystemExit: the command failed, or left out a line.
    """
    with tempfile.TemporaryDirectory() as folder:
        questions = Path(folder) / "questions.jsonl"
        questions.write_text("".join(json.dumps(row) + "\n" for row in _unlabelled(items)))
        line = [sys.executable, "-m", "redaptive", *command, "--jsonl", str(questions)]
        done = subprocess.run(line, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "200"})  # noqa: S603 -- our own command
    if not done.stdout.strip():
        raise SystemExit(f"redaptive {' '.join(command)} failed:\n{done.stderr}")
    return in_order([json.loads(row) for row in done.stdout.splitlines() if row.startswith("{")], len(items))


def in_order(answers: Iterable[Record], count: int) -> list[Record]:
    """Answers sorted by their running number.

    :raises SystemExit: there is not exactly one for each number.
    """
    by_number = {int(answer["id"]): answer for answer in answers}
    if set(by_number) != set(range(count)):
        raise SystemExit(f"{count} lines in, answers to {len(by_number)} of them out.")
    return [by_number[number] for number in range(count)]


def _unlabelled(items: Sequence[Record]) -> Iterable[Record]:
    for number, item in enumerate(items):
        yield {"id": str(number), "text": item["text"]} | ({"context": item["context"]} if "context" in item else {})
