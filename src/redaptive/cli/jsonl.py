"""Batches of requests, one JSON object a line: each line is answered in its place, a bad one with what is wrong."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeAlias

import typer

from redaptive.cli.output import as_plain, err, progress_bars
from redaptive.errors import Internal, InvalidInput, RedaptiveError

Line: TypeAlias = dict[str, Any]
Answer = Callable[[Line, int], Line]
SHAPE: Final = 'Write {"id": "1", "text": "..."}, one object a line, in UTF-8.'
_log = logging.getLogger(__name__)


def answer_lines(path: Path, answer: Answer) -> None:
    """Print `answer(line, its number from 1)` for each line of a file (`-`: standard input), in their order.

    Empty lines are passed over. A line that cannot be used, or on which we fail ourselves, gets
    `{"id", "line", "error"}` and the next one is read.

    :raises InvalidInput: the file cannot be read. :raises typer.Exit: 1 when lines were bad, 3 when we failed on some.
    """
    bad: list[str] = []
    with _opened(path) as lines, progress_bars() as bars:
        task = bars.add_task("sentences", total=None)
        for number, raw in enumerate(lines, start=1):
            if not raw.strip():
                continue
            found = _answered(raw, number, answer)
            bad += [found["error"]["code"]] if "error" in found else []
            print(json.dumps(found, default=as_plain, ensure_ascii=False), flush=True)
            bars.advance(task)
    if bad:
        err.print(f"{len(bad)} of the lines could not be used; the error of each is in the output.")
        raise typer.Exit(3 if Internal.code in bad else 1)


def id_of(line: Line, number: int) -> Any:
    """What the answer is called by: the line's `id`, else its number."""
    return line.get("id", number)


def context_in(line: Line, number: int) -> str | list[Any] | Line:
    """What the line says of earlier turns, an empty list where it says nothing.

    :raises InvalidInput: it is of no shape in which a conversation is written.
    """
    given = line.get("context")
    if given is None:
        return []
    if isinstance(given, str | list | dict):
        return given
    fix = 'Give a list of sentences, {"turns": [{"text": "..."}]}, or slots such as {"building_id": "B-1"}.'
    raise InvalidInput(f"The context of line {number} cannot be read.", field=f"{number}:context", fix=fix)


def _answered(raw: bytes, number: int, answer: Answer) -> Line:
    line: Line = {}
    try:
        line = _object(raw, number)
        _check_text(line, number)
        return answer(line, number)
    except RedaptiveError as error:
        return {"id": id_of(line, number), "line": number, "error": error.as_dict()}
    except Exception as error:  # the other lines are not lost for a defect on one
        _log.exception("line %d could not be answered", number)
        ours = Internal(f"Line {number} could not be answered: {type(error).__name__}.", field=f"{number}:text")
        return {"id": id_of(line, number), "line": number, "error": ours.as_dict()}


def _object(raw: bytes, number: int) -> Line:
    try:
        found = json.loads(raw.decode("utf-8-sig" if number == 1 else "utf-8"), parse_constant=_no_number)
        json.dumps(found, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except json.JSONDecodeError as error:
        raise _bad(number, f"is no JSON: {error.msg} at column {error.colno}") from None
    except RecursionError:
        raise _bad(number, "is nested too deeply") from None
    except UnicodeError as error:
        raise _bad(number, f"is not UTF-8: {error}") from None
    except ValueError:  # of more digits than Python reads; after its subclasses
        raise _bad(number, "has a number that is too long") from None
    if not isinstance(found, dict):
        raise _bad(number, "is no JSON object")
    return found


def _no_number(name: str) -> float:
    raise json.JSONDecodeError(f"{name} is no JSON value", name, 0)


def _check_text(line: Line, number: int) -> None:
    if "text" not in line:
        raise _bad(number, "has no text", ":text")
    if not isinstance(line["text"], str):
        raise _bad(number, "has a text that is no string", ":text")


def _bad(number: int, what: str, place: str = "") -> InvalidInput:
    return InvalidInput(f"Line {number} {what}.", field=f"{number}{place}", fix=SHAPE)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    if str(path) == "-":
        yield sys.stdin.buffer
        return
    try:
        file = path.open("rb")
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.", field="--jsonl", fix="Give a file.") from None
    with file:
        yield file
