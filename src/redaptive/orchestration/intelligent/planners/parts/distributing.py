"""One wish about several things, each with its own figures, as a call for each: "a 22 years old fan, a VFD of 9 years".

No list of words decides that: pieces of the sentence that say the same arguments of its tool with other values are
items of a list, and what stands around them holds for all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

from redaptive.orchestration.ai.tool_modeling import ToolModel
from redaptive.orchestration.intelligent.planners.calls.binding import bind
from redaptive.orchestration.intelligent.planners.calls.fitness import needed_records
from redaptive.orchestration.intelligent.planners.values.ids import find_codes
from redaptive.orchestration.intelligent.planners.values.literals import freed, held, quoted
from redaptive.orchestration.intelligent.planners.values.reading import Reading
from redaptive.orchestration.intelligent.planners.values.records import lists
from redaptive.orchestration.plans.schema import Json

MOST_ITEMS: Final = 8
_BARE: Final = 3
_JOINT: Final = re.compile(
    r"(?:,(?!\d{3})\s*(?:and\s+)?|;\s*(?:and\s+)?|\s+and\s+|\s+\+\s+|:\s+|\.\s+)(?=\S)", re.IGNORECASE
)
_FREE: Final = frozenset({"question", "scope_change", "note", "formats", "start", "end", "period", "template"})
"""Arguments in free words, and times, which lists of their own say."""


@dataclass(frozen=True)
class _Piece:
    text: str
    args: Mapping[str, Json]


def distributed(text: str, model: ToolModel, read: Callable[[str], Reading]) -> tuple[str, ...]:
    """A text for each item that the tool is asked about; none where the text has no such list."""
    records = needed_records(model)
    if records and (lists(text) or records <= bind(model.tool, read(text)).args.keys()):
        return ()
    pieces = [_Piece(freed(piece), _said(freed(piece), model, read)) for piece in _pieces(held(text))]
    if not 2 <= len(pieces) <= 2 * MOST_ITEMS:
        return ()
    items = _items(pieces) or _of_one_word(pieces, model)
    if len(items) < 2:
        return ()
    common = ", ".join(piece.text for at, piece in enumerate(pieces) if at not in {at for item in items for at in item})
    return tuple(f"{common}: {', '.join(pieces[at].text for at in item)}" for item in items)


def _pieces(text: str) -> Iterator[str]:
    yield from (piece.strip(" .,;:") for piece in _JOINT.split(text) if piece.strip(" .,;:"))


def _said(text: str, model: ToolModel, read: Callable[[str], Reading]) -> Mapping[str, Json]:
    """The arguments that a piece says by itself."""
    args = bind(model.tool, read(text)).args
    free = _FREE if quoted(text) else {*_FREE, "subject", "action"}
    return {name: value for name, value in args.items() if name not in free}


def _items(pieces: Sequence[_Piece]) -> list[tuple[int, ...]]:
    """Runs of pieces that say the same arguments, all with other values, and at least two of them."""
    for length in (1, 2, 3):
        for start in range(len(pieces) - 2 * length + 1):
            found = [tuple(range(start, start + length))]
            names = _names(pieces, found[0])
            if len(names) < 2:
                continue
            at = start + length
            while at + length <= len(pieces) and _alike(pieces, found, tuple(range(at, at + length)), names):
                found.append(tuple(range(at, at + length)))
                at += length
            if len(found) > 1:
                return found
    return []


def _of_one_word(pieces: Sequence[_Piece], model: ToolModel) -> list[tuple[int, ...]]:
    """Bare values of the one thing that a tool insists on: "10001, 60601 and 94107"; none where more is said of any."""
    required = [need.name for need in model.needs if need.required]
    if len(required) != 1 or any(set(piece.args) != set(required) for piece in pieces):
        return []
    values = [str(piece.args[required[0]]) for piece in pieces]
    short = all(len(piece.text.split()) <= _BARE and not find_codes(piece.text) for piece in pieces[1:])
    return [(at,) for at in range(len(pieces))] if short and len(set(values)) == len(values) else []


def _names(pieces: Sequence[_Piece], item: Sequence[int]) -> Set[str]:
    return {name for at in item for name in pieces[at].args}


def _alike(pieces: Sequence[_Piece], found: Sequence[tuple[int, ...]], item: tuple[int, ...], names: Set[str]) -> bool:
    """Whether an item says two arguments of the first one with other values."""
    shared = names & _names(pieces, item)
    if len(shared) < 2:
        return False
    first = {name: value for at in found[0] for name, value in pieces[at].args.items()}
    other = {name: value for at in item for name, value in pieces[at].args.items()}
    different = [name for name in shared if first[name] != other[name]]
    return len(different) >= 2 or (len(different) == len(shared) and shared == names)
