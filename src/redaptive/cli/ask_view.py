"""How `ask` shows plans and answers on a terminal."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from io import StringIO
from typing import Final

from rich import box
from rich.markup import escape
from rich.table import Table as RichTable

from redaptive.cli.ask_chart import bars
from redaptive.cli.output import err, out, print_json
from redaptive.orchestration.answers.figures import AnswerTable, Citation, RunAnswer
from redaptive.orchestration.dialogue.heard import Told
from redaptive.orchestration.intelligent.dag_drawing import to_ascii
from redaptive.orchestration.intelligent.planners.outcome import PlanOutcome
from redaptive.orchestration.plans.schema import Json

LEAST_COLUMNS: Final = 2
BESIDE: Final = 3
"""Blanks around a column: padding on both sides and the divider."""


def show_plan(outcome: PlanOutcome) -> None:
    """The plan as a drawing with inputs, gates and notes; the question; or the refusal with its reason."""
    if outcome.plan is None:
        refused = f"Refused ({outcome.reason}): {outcome.message}"
        out.print(outcome.question if outcome.status == "question" else refused, markup=False)
        _say_notes(outcome)
        return
    err.print(f"[bold]Plan:[/] {escape(outcome.plan.title)}  [dim]({outcome.path}: {outcome.intent})[/]")
    err.print(to_ascii(outcome.plan), markup=False)
    if outcome.inputs:
        err.print(f"with {json.dumps(dict(outcome.inputs), ensure_ascii=False)}", markup=False)
    for node in outcome.plan.nodes:
        if node.approval:
            err.print(f"gate before {node.id}: {node.approval.reason}", markup=False)
    _say_notes(outcome)
    for finding in outcome.findings:
        if finding.code == "agent_unavailable":
            err.print(f"note: {finding.message}", markup=False)


def _say_notes(outcome: PlanOutcome) -> None:
    """What was assumed or carried over, and whether a language model was asked in vain."""
    for note in outcome.notes:
        err.print(f"note: {note}", markup=False)


def print_answer(answer: RunAnswer) -> None:
    """Sentences with the numbers of their sources, tables, the sources themselves, and what to be careful about."""
    out.print()
    out.print(answer.text, markup=False)
    for table in answer.tables:
        _print_table(table)
    print_sources(answer)


def print_sources(answer: RunAnswer) -> None:
    """Where the figures come from, what to be careful about, and which steps failed."""
    if answer.citations:
        out.print("\nSources", style="bold")
    for number, citation in enumerate(answer.citations, 1):
        out.print(f"[{number}] {_cited(citation)}", markup=False, style="dim")
    for warning in answer.warnings:
        out.print(f"careful: {warning}", markup=False, style="yellow")
    for problem in answer.problems:
        err.print(f"step {problem}", markup=False, style="red")


def print_changes(found: RunAnswer) -> None:
    """What an answer that was just shown says against the one before; the sources are those of both."""
    out.print("\nAgainst the answer before", style="italic")
    out.print(found.text, markup=False)


def print_told(told: Told) -> None:
    """A question, an explanation line by line, or the last answer as it is wished: for people, CSV, JSON, a chart."""
    if told.question:
        out.print(told.question, markup=False)
    for line in told.lines:
        out.print(line, markup=False)
    if told.answer is None:
        return
    if told.form == "json":
        print_json(told.answer.as_dict())
    elif told.form == "chart":
        print_chart(told.answer)
    elif told.form == "csv":
        print("\n".join(map(as_csv, told.answer.tables)), end="")
    else:
        print_answer(told.answer)


def print_chart(answer: RunAnswer) -> None:
    """Bars with their figures, and where these come from."""
    for table in answer.tables:
        out.print(f"\n{table.title}: {table.columns[-1]}", style="italic", markup=False)
        out.print("\n".join(bars(table, out.width)), markup=False)
        if table.left_out:
            out.print(f"  and {table.left_out} more", style="dim")
    print_sources(answer)


def as_csv(table: AnswerTable) -> str:
    """The rows as RFC 4180 has them, figures unrounded, a line of headings first."""
    text = StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(table.columns)
    rows.writerows(table.rows)
    return text.getvalue()


def _print_table(table: AnswerTable) -> None:
    cells = [[_cell(value) for value in row] for row in table.rows]
    whole = [at == 0 or any(isinstance(row[at], int | float) for row in table.rows) for at in range(len(table.columns))]
    kept = columns_that_fit(table.columns, cells, whole, out.width)
    out.print(f"\n{table.title}", style="italic", markup=False)
    shown = RichTable(box=box.SIMPLE, pad_edge=False)
    for at, column in enumerate(table.columns[:kept]):
        # Figures and names are not broken, words go on in the next line.
        shown.add_column(
            escape(column),
            justify="right" if whole[at] and at else "left",
            no_wrap=whole[at],
            overflow="ellipsis" if whole[at] else "fold",
        )
    for row in cells:
        shown.add_row(*map(escape, row[:kept]))
    out.print(shown)
    if table.left_out:
        out.print(f"  and {table.left_out} more", style="dim")
    if kept < len(table.columns):
        missing = ", ".join(table.columns[kept:])
        out.print(f"  too narrow here for: {missing} (--json has them)", style="dim", markup=False)


def columns_that_fit(heads: Sequence[str], cells: Sequence[Sequence[str]], whole: Sequence[bool], width: int) -> int:
    """How many columns, from the left, can be shown without cutting a figure or a word; at least two."""
    used = 0
    for at, head in enumerate(heads):
        texts = [row[at] for row in cells] if whole[at] else [word for row in cells for word in row[at].split()]
        used += max(map(len, (head, *texts))) + BESIDE
        if used > width and at >= LEAST_COLUMNS:
            return at
    return len(heads)


def _cell(value: Json) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _cited(citation: Citation) -> str:
    parts = [f"{citation.node}: {citation.tool}" if citation.tool else citation.node, citation.method]
    parts += [f"data: {'; '.join(citation.sources)}"] if citation.sources else []
    parts += [f"coverage {citation.coverage_pct:.1f} %"] if citation.coverage_pct is not None else []
    parts += [f"factors: {'; '.join(citation.factors)}"] if citation.factors else []
    return ". ".join(part for part in parts if part)
