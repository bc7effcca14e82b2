"""Sentences of authors who knew neither code nor training data, from the development sets of planning.

What must be refused is of its class; near-misses, requests that leave something out and planning tasks are honest.
Irrelevant ones are not used: that is for the intents to tell. Neither are sentences that are impossible by what was
said before them, or (`BY_THEIR_STEPS`) by how their steps hang together: alone, or in their words, they are ordinary
requests. Texts are in one way, as they are judged. The sets M and O are not named in `AUTHORS`, so that what is reached
on them still tells something of the scores.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from redaptive.orchestration.intelligent.planners.clauses.one_way import in_one_way

DEVELOPMENT = Path(__file__).parents[2] / "tests" / "data" / "planning_dev"
HARD = tuple(f"outside_{author}" for author in ("x", "y", "z", "aa", "ab", "ac"))
"""Authors who wrote only what is hard to tell, to be trained on. No threshold is set by them: people do not ask so."""
AUTHORS = (
    *("dag", "dag_fresh", "dag_outside", "dag_unseen", "refusals", "refusals_fresh", "refusals_outside"),
    *("refusals_unseen", "dag_outside_b"),
    *(f"{kind}_outside_{author}" for kind in ("dag", "refusals") for author in "fghijklqrstuv"),
    *(f"refusals_{author}" for author in HARD),
)
"""Names of the files that are trained on: a new set is not, until it is named here."""
BY_THEIR_STEPS = ("refusals_outside_z",)
APART = (
    tuple(f"outside_{author}" for author in ("j", "k", "l", "q", "r", "x", "aa")),
    ("outside", "outside_b", "unseen", *(f"outside_{author}" for author in "fghisy")),
    tuple(f"outside_{author}" for author in ("t", "u", "v", "z", "ab", "ac")),
)
"""Groups of authors whose sentences set the thresholds, scored by models that saw nobody of the group. The first two
sets are by colleagues of the rules' author and are in all models."""
REFUSED = ("unsafe", "infeasible")


@dataclass(frozen=True)
class Outsiders:
    """A sentence, its class (`unsafe`, `infeasible` or `honest`), whether it looks like a refused one, who wrote it."""

    text: str
    cls: str
    alike: bool
    author: str


def read_outsiders(folder: Path = DEVELOPMENT) -> tuple[Outsiders, ...]:
    """The sentences of `AUTHORS`, by file name and line."""
    return tuple(each for name in sorted(AUTHORS) for each in _sentences(folder / f"{name}.jsonl"))


def outsiders_hash(sentences: Iterable[Outsiders]) -> str:
    """A hash of texts and classes; what else the lines expect does not count."""
    digest = hashlib.sha256()
    for each in sentences:
        digest.update(f"{each.cls} {each.alike:d} {each.text}\n".encode())
    return digest.hexdigest()


def _sentences(path: Path) -> Iterator[Outsiders]:
    for line in path.read_text(encoding="utf-8").splitlines():
        task = json.loads(line)
        ordinary = task["class"] == "infeasible" and ("context" in task or path.stem in BY_THEIR_STEPS)
        if task["class"] != "irrelevant" and not ordinary:
            cls = task["class"] if task["class"] in REFUSED else "honest"
            kind, _, author = path.stem.partition("_")
            yield Outsiders(in_one_way(task["text"]), cls, cls == "honest" and kind == "refusals", author or "first")
