"""A trace as a list of NumPy calls into few columns of memory, which stay in the processor's cache."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy._core import umath

from redaptive.domain.detectors.base import Column, mixed
from redaptive.domain.detectors.compiled.bounds import CLIP
from redaptive.domain.detectors.compiled.tracing import CAST, CHOICE, INPUT, NotTraceable, Symbol, Trace

# `np.clip` is a function around it, whose choices take longer than the numbers.
_CLIP: Final[np.ufunc] = vars(umath)[CLIP]
# NumPy reads one flag beside a column of flags one by one.
_FLAGS: Final = {"bitwise_and": "both", "bitwise_or": "either"}
# A third place is for the result; with these two it is said to go.
_NAMED: Final = frozenset({"maximum", "minimum"})
_LETTERS: Final = {np.dtype(np.float32): "f", np.dtype(np.bool_): "m"}


class _Memory(threading.local):
    """Columns by type, used by all programs of a thread one after the other."""

    def __init__(self) -> None:
        self._columns: dict[np.dtype[Any], list[Column]] = defaultdict(list)

    def columns(self, kind: np.dtype[Any], count: int, rows: int) -> list[Column]:
        """So many columns of one type, of so many rows."""
        known = self._columns[kind]
        if len(known) < count or (known and len(known[0]) < rows):
            most = max([rows, *(len(column) for column in known)])
            known[:] = [np.empty(most, kind) for _ in range(max(count, len(known)))]
        return [column[:rows] for column in known[:count]]


_MEMORY: Final = _Memory()


class Program:
    """The compiled trace; `run` takes columns in the order of the trace's inputs and gives the outputs.

    `targets` are places of outputs that replace an input: (output, input). They are written over it. `calls` is the
    number of NumPy calls of a run, copies of outputs not counted.
    """

    def __init__(self, trace: Trace, outputs: Sequence[Any], targets: dict[int, int]) -> None:
        plan = _Plan(trace, outputs, targets)
        self.calls, text = plan.calls, plan.text()
        names: dict[str, Any] = {**vars(np), CLIP: _CLIP, "choose": _choose, "both": _both, "either": _either}
        names |= {f"k{k}": constant for k, constant in enumerate(plan.constants)}
        exec(compile(text, "<program>", "exec"), names)  # noqa: S102 -- text of this module only
        self._call: Callable[[Sequence[Column], Sequence[Column]], list[Column]] = names["program"]
        self._counts = plan.counts

    def run(self, rows: int, inputs: Sequence[Column]) -> list[Column]:
        """The outputs for so many rows; they last until the thread runs a program again."""
        room: list[Column] = []
        for kind, count in self._counts.items():
            room += _MEMORY.columns(kind, count, rows)
        return self._call(inputs, room)


class _Plan:
    """Where each symbol of a trace is kept, and from when to when."""

    def __init__(self, trace: Trace, outputs: Sequence[Any], targets: dict[int, int]) -> None:
        self._outputs = [out if isinstance(out, Symbol) else np.asarray(out) for out in outputs]
        self._targets = targets
        self._symbols = needed(trace, self._outputs)
        self._inputs = [symbol for symbol in trace.symbols if symbol.operation == INPUT]
        self._name = {symbol: f"a{k}" for k, symbol in enumerate(self._inputs)}
        self.constants: list[Column] = []
        self.counts: dict[np.dtype[Any], int] = dict.fromkeys(_LETTERS, 0)
        self._ends = self._last_uses()
        self._check()
        self._lines = self._calls()
        self.calls = len(self._lines)

    def text(self) -> str:
        """The program's source."""
        found = [self._said(out) for out in self._outputs]
        room = "".join(f"{_LETTERS[kind]}{k}, " for kind, count in self.counts.items() for k in range(count))
        inputs = "".join(f"a{k}, " for k in range(len(self._inputs)))
        taken = ((inputs, "inputs"), (room, "room"))
        head = ["def program(inputs, room):", *(f"    {names}= {given}" for names, given in taken if names)]
        writes = []
        for out, target in self._targets.items():
            if found[out] != f"a{target}":
                writes.append(f"    if {found[out]} is not a{target}: copyto(a{target}, {found[out]})")
        return "\n".join([*head, *(f"    {line}" for line in self._lines), *writes, f"    return [{', '.join(found)}]"])

    def _check(self) -> None:
        """No output may lie in an input that is written over, but for that input's own."""
        written = {self._inputs[target] for target in self._targets.values()}
        for k, out in enumerate(self._outputs):
            own = {self._inputs[self._targets[k]]} if k in self._targets else set()
            if isinstance(out, Symbol) and _origins(out) & (written - own):
                raise NotTraceable("An output is the old value of another one.")

    def _last_uses(self) -> dict[Symbol, int]:
        """Step after which the memory of each symbol is not looked at; a choice may be either of what it chose from."""
        ends: dict[Symbol, int] = defaultdict(lambda: -1)
        for k, symbol in enumerate(self._symbols):
            for operand in _of(symbol):
                for origin in _origins(operand):
                    ends[origin] = k
        for out in self._outputs:
            if isinstance(out, Symbol):
                for origin in _origins(out):
                    ends[origin] = len(self._symbols)
        return ends

    def _calls(self) -> list[str]:
        free: dict[np.dtype[Any], list[str]] = defaultdict(list)
        ending: dict[int, list[Symbol]] = defaultdict(list)
        home: dict[Symbol, str] = {}
        wanted: dict[Symbol, Symbol] = {}
        for number, written in self._targets.items():
            out = self._outputs[number]
            if isinstance(out, Symbol):
                wanted[out] = self._inputs[written]
        lines = []
        for k, symbol in enumerate(self._symbols):
            if symbol.operation == INPUT:
                continue
            if symbol.operation != CHOICE:  # a call may write over what it reads, a choice may not
                self._release(k, ending, home, free)
            target = wanted.get(symbol)
            if symbol.single:
                place = None
            elif target is not None and self._ends[target] <= k:
                place = self._name[target]
            else:
                place = home[symbol] = free[symbol.dtype].pop() if free[symbol.dtype] else self._new(symbol.dtype)
            ending[self._ends[symbol]].append(symbol)
            lines.append(self._line(symbol, place, f"t{k}"))
            self._name[symbol] = place if place is not None and symbol.operation != CHOICE else f"t{k}"
            self._release(k, ending, home, free)
        return lines

    def _release(
        self, k: int, ending: dict[int, list[Symbol]], home: dict[Symbol, str], free: dict[np.dtype[Any], list[str]]
    ) -> None:
        for symbol in ending.pop(k, []):
            if symbol in home:
                free[symbol.dtype].append(home[symbol])

    def _new(self, dtype: np.dtype[Any]) -> str:
        if dtype not in _LETTERS:
            raise NotTraceable(f"Columns of {dtype}.")
        self.counts[dtype] += 1
        return f"{_LETTERS[dtype]}{self.counts[dtype] - 1}"

    def _line(self, symbol: Symbol, place: str | None, name: str) -> str:
        read = [self._said(operand) for operand in symbol.operands]
        if symbol.operation == CHOICE:
            call = f"where({', '.join(read)})" if place is None else f"choose({', '.join(read)}, {place})"
            return f"{name} = {call}"
        if symbol.operation == CAST and place is not None:
            return f"copyto({place}, {read[0]})"
        if symbol.operation == CAST:
            return f"{name} = {read[0]}.astype('{symbol.dtype.str}')"
        operation = symbol.operation
        if place is None:
            return f"{name} = {operation}({', '.join(read)})"
        flags = [o for o in symbol.operands if isinstance(o, Symbol) and o.single]
        if operation in _FLAGS and flags:
            column = next(o for o in symbol.operands if o is not flags[0])
            return f"{_FLAGS[operation]}({self._said(flags[0])}, {self._said(column)}, {place})"
        return f"{operation}({', '.join(read)}, {'out=' if operation in _NAMED else ''}{place})"

    def _said(self, operand: Any) -> str:
        if isinstance(operand, Symbol):
            return self._name[operand]
        for k, known in enumerate(self.constants):
            if known.dtype == operand.dtype and known.tobytes() == operand.tobytes():
                return f"k{k}"
        self.constants.append(np.asarray(operand))
        return f"k{len(self.constants) - 1}"


def _of(symbol: Symbol) -> list[Symbol]:
    return [] if symbol.operation == INPUT else [o for o in symbol.operands if isinstance(o, Symbol)]


def _origins(symbol: Symbol) -> set[Symbol]:
    """The symbols whose memory it may be in."""
    if symbol.operation != CHOICE:
        return {symbol}
    return {symbol}.union(*(_origins(o) for o in symbol.operands[1:] if isinstance(o, Symbol)))


def needed(trace: Trace, outputs: Sequence[Any]) -> list[Symbol]:
    """Symbols that outputs depend on, in order."""
    needed: set[Symbol] = set()
    open_ones = [out for out in outputs if isinstance(out, Symbol)]
    while open_ones:
        symbol = open_ones.pop()
        if symbol not in needed:
            needed.add(symbol)
            open_ones += _of(symbol)
    return [symbol for symbol in trace.symbols if symbol in needed]


def _both(flag: Column, column: Column, room: Column) -> None:
    """Where the column holds, if the flag does."""
    np.copyto(room, column if flag else flag)


def _either(flag: Column, column: Column, room: Column) -> None:
    """Where the column holds; everywhere if the flag does."""
    np.copyto(room, flag if flag else column)


def _choose(mask: Column, yes: Column, no: Column, room: Column) -> Column:
    """What `base.pick` gives, in `room` where it is nearly one of both."""
    held = int(np.count_nonzero(mask))
    if held == len(mask) and yes.ndim:
        return yes
    if held == 0 and no.ndim:
        return no
    if mixed(held, len(mask)):
        return np.where(mask, yes, no)
    np.copyto(room, no)
    np.copyto(room, yes, where=mask)
    return room
