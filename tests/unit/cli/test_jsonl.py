"""Every line of a batch is answered in its place, whatever it holds; nothing after a bad line is lost."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from redaptive.cli.jsonl import Line, answer_lines, id_of
from redaptive.cli.main import run
from redaptive.errors import InvalidInput


def _echo(line: Line, number: int) -> Line:
    if line["text"] == "defect":
        raise KeyError("nothing")
    return {"id": id_of(line, number), "said": line["text"]}


def _rows(path: Path, content: bytes, capsys: pytest.CaptureFixture[str], code: int = 0) -> tuple[list[Any], str]:
    path.write_bytes(content)
    try:
        answer_lines(path, _echo)
        ended = 0
    except typer.Exit as end:
        ended = end.exit_code
    captured = capsys.readouterr()
    assert ended == code
    return [json.loads(row) for row in captured.out.splitlines()], captured.err


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (b"{oops", "is no JSON"),
        (b"[1]", "is no JSON object"),
        (b'{"id": "x"}', "has no text"),
        (b'{"id": "x", "text": 5}', "has a text that is no string"),
        (b'{"id": "x", "text": "caf\xff"}', "is not UTF-8"),
        (b'{"id": "x", "text": "half \\ud800"}', "is not UTF-8"),
        (b'{"id": NaN, "text": "t"}', "NaN is no JSON value"),
        (b'{"text": "t", "id": ' + b"9" * 5_000 + b"}", "has a number that is too long"),
        (b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "is nested too deeply"),
    ],
)
def test_a_bad_line_is_answered_and_the_next_one_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bad: bytes, why: str
) -> None:
    good = b'{"id": "1", "text": "one"}\n'
    rows, said = _rows(tmp_path / "in", good + bad + b"\n" + b'{"id": "3", "text": "three"}', capsys, code=1)
    assert [rows[0], rows[2]] == [{"id": "1", "said": "one"}, {"id": "3", "said": "three"}]
    assert rows[1]["line"] == 2
    assert rows[1]["error"]["code"] == "invalid"
    assert why in rows[1]["error"]["message"]
    assert "1 of the lines" in said


def test_marks_of_other_systems_and_empty_lines_are_no_errors(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = '\ufeff{"id": "1", "text": "Zürich"}\r\n\r\n{"text": "no id"}'.encode()
    rows, _ = _rows(tmp_path / "in", content, capsys)
    assert rows == [{"id": "1", "said": "Zürich"}, {"id": 3, "said": "no id"}]
    assert _rows(tmp_path / "empty", b"", capsys)[0] == []


def test_a_defect_of_ours_costs_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = b'{"id": "1", "text": "defect"}\n{"id": "2", "text": "two"}\n'
    rows, _ = _rows(tmp_path / "in", content, capsys, code=3)
    assert (rows[0]["id"], rows[0]["line"], rows[0]["error"]["code"]) == ("1", 1, "internal")
    assert rows[1] == {"id": "2", "said": "two"}


def test_what_is_no_file_is_said(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(InvalidInput, match="cannot be read"):
            answer_lines(path, _echo)


def test_a_plan_is_asked_for_after_a_bad_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = b'nonsense\n{"id": "b", "text": "benchmark", "context": 5}\n{"id": "c", "text": "delete all readings"}\n'
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines)))
    assert run(["plan", "--jsonl", "-"]) == 1
    rows = [json.loads(row) for row in capsys.readouterr().out.splitlines()]
    assert [row["id"] for row in rows] == [1, "b", "c"]
    assert "context" in rows[1]["error"]["message"]
    assert rows[2]["status"] == "refused"


def test_a_title_with_brackets_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", "benchmark [/] our offices [bold]"]) == 0
    assert "[/]" in capsys.readouterr().out
