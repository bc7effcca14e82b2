"""Figures, tables and citations: the parts of an answer, each with the node and tool that it comes from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from redaptive.orchestration.plans.schema import Json


@dataclass(frozen=True)
class Figure:
    """One value as a tool gave it, and how it is shown; `path` leads to it from the output of the node."""

    shown: str
    value: Json
    node: str
    tool: str
    path: str


@dataclass(frozen=True)
class Sentence:
    """A sentence and the figures in it, in their order."""

    text: str
    figures: tuple[Figure, ...] = ()

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes that the figures come from."""
        return tuple(dict.fromkeys(figure.node for figure in self.figures))


@dataclass(frozen=True)
class AnswerTable:
    """Rows of one list of a node's output; `left_out` says how many more there are.

    `places` are those of the rows in that list; `ordered_by` is the field that orders them, where a wish did.
    `per` is the part of time that a row stands for, if it is one; `fields` are the fields of the columns,
    `limited_by` the quantities for which rows were left out.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Json, ...], ...]
    node: str
    tool: str
    path: str
    left_out: int = 0
    places: tuple[int, ...] = ()
    ordered_by: str | None = None
    per: str = ""
    fields: tuple[str, ...] = ()
    limited_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Citation:
    """Where figures come from: a call of a tool, its method, sources, factors and the coverage of the data in %."""

    node: str
    tool: str
    method: str
    sources: tuple[str, ...]
    factors: tuple[str, ...]
    coverage_pct: float | None


@dataclass(frozen=True)
class RunAnswer:
    """The answer of a run. `problems` are steps that failed or cannot be done yet, with the reason."""

    sentences: tuple[Sentence, ...]
    tables: tuple[AnswerTable, ...]
    citations: tuple[Citation, ...]
    warnings: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    def cited(self, node: str) -> tuple[Citation, ...]:
        """The citations of a node."""
        return tuple(each for each in self.citations if each.node == node)

    @property
    def text(self) -> str:
        """The sentences with the numbers of their citations in brackets."""
        numbers = {citation.node: at for at, citation in enumerate(self.citations, 1)}
        return "\n".join(_cited(sentence, numbers) for sentence in self.sentences)

    def as_dict(self) -> dict[str, Any]:
        """JSON: text, figures with their places, tables, citations, warnings, problems."""
        found = asdict(self)
        return {"text": self.text, **found}


def _cited(sentence: Sentence, numbers: dict[str, int]) -> str:
    marks = "".join(f" [{numbers[node]}]" for node in sentence.nodes if node in numbers)
    return sentence.text + marks
