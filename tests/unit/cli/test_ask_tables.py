"""What `ask` prints: notes beside questions too; on a narrow terminal no figure is cut and what lacks is named."""

from __future__ import annotations

import pytest
from rich.console import Console

from redaptive.cli import ask_view
from redaptive.orchestration.answers.figures import AnswerTable, RunAnswer
from redaptive.orchestration.intelligent.planners.outcome import ask, refuse

TABLE = AnswerTable(
    "Use by group",
    ("Group", "Buildings", "kWh", "Therms", "USD", "tCO2e", "Site EUI"),
    (("big-box retail", 3, 12_862_943, 140_375, 1_480_123.4, 1_651.2, 47.57),),
    "usage", "portfolio-intelligence.analyze_portfolio_usage", "value.rows",
)  # fmt: skip


def _printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], width: int) -> str:
    monkeypatch.setattr(ask_view, "out", Console(width=width, highlight=False))
    ask_view.print_answer(RunAnswer((), (TABLE,), ()))
    return capsys.readouterr().out


@pytest.mark.parametrize("width", [40, 60, 80])
def test_figures_are_whole_and_missing_columns_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], width: int
) -> None:
    printed = _printed(monkeypatch, capsys, width)
    assert "…" not in printed
    assert "Site EUI" in printed.replace("\n", " ")
    assert "too narrow here for" in printed
    assert "Sources" not in printed


def test_wide_terminal_has_all(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    printed = _printed(monkeypatch, capsys, 120)
    assert all(text in printed for text in ("12,862,943", "1,480,123", "47.57"))
    assert "too narrow" not in printed


def test_a_model_that_failed_is_said_beside_a_question_and_a_refusal(capsys: pytest.CaptureFixture[str]) -> None:
    note = "The language model could not help (unavailable): it does not answer."
    for outcome in (ask("Which meter?"), refuse("unavailable", "No tool does that.")):
        ask_view.show_plan(outcome.noting(note))
        printed = capsys.readouterr()
        assert "language model" not in printed.out
        assert " ".join(printed.err.split()) == f"note: {note}"
