"""Forked commands are what new processes would be: how tests run commands is tested against how users do."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.command_line import ForkedCommand, fork_server, redaptive
from tests.fork_server import check_fit_to_fork

NOWHERE = {"PATH": "/usr/bin:/bin", "REDAPTIVE_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}
SENTENCE = '{"id": "a", "text": "benchmark building B-1"}\n'


@pytest.fixture
def nowhere(tmp_path: Path) -> dict[str, str]:
    """An environment without servers."""
    return {**NOWHERE, "HOME": str(tmp_path)}


@contextmanager
def _waiting(environment: dict[str, str], folder: Path) -> Iterator[ForkedCommand]:
    """A command that has answered one line of its standard input and waits for more."""
    (stdin, given), (told, out) = os.pipe(), os.pipe()
    with fork_server().forked(
        "plan", "--jsonl", "-", env=environment, cwd=folder, streams=(stdin, out, out)
    ) as command:
        os.close(stdin)
        os.close(out)
        os.write(given, SENTENCE.encode())
        assert json.loads(os.read(told, 1 << 16))["status"] == "planned"
        yield command
    os.close(given)
    os.close(told)


@pytest.mark.parametrize(
    ("arguments", "columns"),
    [(["--help"], "100"), (["analyse"], "80"), (["plan", "audit bill DOC-7"], "40")],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_forked_command_says_what_a_new_process_says(
    arguments: list[str], columns: str, nowhere: dict[str, str], tmp_path: Path
) -> None:
    environment = {**nowhere, "COLUMNS": columns}
    new = subprocess.run(
        [sys.executable, "-m", "redaptive", *arguments],
        env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    forked = redaptive(*arguments, env=environment, cwd=tmp_path)
    assert (forked.returncode, forked.stdout, forked.stderr) == (new.returncode, new.stdout, new.stderr)
    assert new.stdout or new.stderr


def test_each_command_has_streams_folder_and_environment_of_its_own(nowhere: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(SENTENCE)
    by_file = redaptive("plan", "--jsonl", "in.jsonl", env=nowhere, cwd=tmp_path)
    assert [json.loads(line)["id"] for line in by_file.stdout.splitlines()] == ["a"]
    by_pipe = redaptive("plan", "--jsonl", "-", env=nowhere, given="{\n")
    assert (by_pipe.returncode, "Line 1" in json.loads(by_pipe.stdout)["error"]["message"]) == (1, True)
    assert "could not be used" in by_pipe.stderr
    wrong = redaptive("plan", "x", env={**nowhere, "REDAPTIVE_POOL_ACQUIRE_TIMEOUT_S": "soon"})
    assert (wrong.returncode, wrong.stdout, "REDAPTIVE_POOL_ACQUIRE_TIMEOUT_S" in wrong.stderr) == (1, "", True)
    assert redaptive("plan", "audit bill DOC-7", env=nowhere).returncode == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_end_a_forked_command_as_any_other(
    number: signal.Signals, code: int, nowhere: dict[str, str], tmp_path: Path
) -> None:
    with _waiting(nowhere, tmp_path) as command:
        os.kill(command.pid, number)
        assert command.wait(60) == code


def test_what_goes_on_too_long_is_killed(nowhere: dict[str, str], tmp_path: Path) -> None:
    with _waiting(nowhere, tmp_path) as command, pytest.raises(TimeoutError):
        command.wait(0.01)
    with pytest.raises(ProcessLookupError):
        os.kill(command.pid, 0)
    with pytest.raises(subprocess.TimeoutExpired):
        redaptive("plan", "audit bill DOC-7", env=nowhere, timeout_s=0)


def test_nothing_is_forked_from_a_process_with_threads() -> None:
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    with pytest.raises(AssertionError):
        check_fit_to_fork()
    done.set()
    thread.join()
