"""Writes the development sentences in other ways that mean the same, and says which are then planned otherwise.

    python scripts/vary_language.py [--only polite mistyped] [--files dag_outside_m] [--every 5] [--show]

Only tasks that are right as they stand are varied; a line a variation says how many of them stay right. With `--show`
each one that does not is printed, with what came. Development data only: the frozen set is never read.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from language_quality import answers, plans
from language_quality.asking import DATA, Asker, moment_of
from language_quality.variations import VARIATIONS, recoded

RECODED = "recoded"
"""The variation that gives other codes: what is expected changes with them."""
NAMES = (*sorted(VARIATIONS), RECODED)


@dataclass(frozen=True)
class Varied:
    """A task that is right as it stands, in other words."""

    variation: str
    task: answers.Record
    text: str
    answer: answers.Record
    right: bool


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--only", nargs="*", choices=NAMES, default=NAMES)
    parser.add_argument("--files", nargs="*", default=sorted(path.stem for path in DATA.glob("*.jsonl")))
    parser.add_argument("--every", type=int, default=1, help="take one of so many tasks")
    parser.add_argument("--show", action="store_true", help="print what is planned otherwise")
    chosen = parser.parse_args(arguments)
    counts = {name: [0, 0] for name in chosen.only}
    for varied in vary(chosen.files, chosen.only, chosen.every):
        counts[varied.variation][0] += varied.right
        counts[varied.variation][1] += 1
        if chosen.show and not varied.right:
            print(told(varied), flush=True)
    for name, (right, all_of) in counts.items():
        print(f"{name:18} {right:5} of {all_of:5} stay right  {100 * right / max(all_of, 1):5.1f} %")
    return 0


def vary(files: Sequence[str], names: Sequence[str], every: int) -> Iterator[Varied]:
    """Each right task of the files in each of the ways that apply to it."""
    for file in files:
        asker = Asker(moment_of(file))
        for task in answers.read(DATA / f"{file}.jsonl")[::every]:
            if plans.score(task, asker.ask(task)).right:
                yield from _varied(asker, task, names)


def _varied(asker: Asker, task: answers.Record, names: Sequence[str]) -> Iterator[Varied]:
    for name in names:
        changed = _recoded(task) if name == RECODED else task | {"text": VARIATIONS[name](task["text"])}
        if changed["text"] not in (None, task["text"]):
            answer = asker.ask(changed)
            yield Varied(name, changed, changed["text"], answer, plans.score(changed, answer).right)


def _recoded(task: answers.Record) -> answers.Record:
    """The task with another code for each of its text, in what is expected and in earlier turns too."""
    whole = json.dumps(task)
    for old, new in recoded(task["text"]).items():
        whole = re.sub(rf"(?<![\w-]){re.escape(old)}(?![\w-])", new, whole)
    found: answers.Record = json.loads(whole)
    return found


def told(varied: Varied) -> str:
    """What came instead, in a few lines."""
    answer = varied.answer
    lines = [f"## {varied.variation} {varied.task['id']} {varied.task['class']}: {varied.text!r}"]
    lines.append(f"   {answer['status']} {answer.get('reason')} {answer.get('question')}")
    for node in (answer.get("plan") or {}).get("nodes", ()):
        when = json.dumps(node.get("when"))[:120]
        lines.append(f"     {node['id']} {json.dumps(node.get('args'))[:200]} {node.get('needs')} {when}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
