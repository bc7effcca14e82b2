"""The text of a lane computes, row by row, the bits that NumPy gives for columns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.unit.domain.detectors.test_programs import _columns, _step

from redaptive.domain.detectors.compiled.functions import Compiler, owned
from redaptive.domain.detectors.compiled.lanes import Lane
from redaptive.domain.detectors.compiled.loop import LoopText
from redaptive.domain.detectors.compiled.scalars import Scalars
from redaptive.domain.detectors.compiled.tracing import INPUT, NotTraceable, Trace
from redaptive.domain.detectors.registry import detector
from redaptive.domain.detectors.rounds.engine import numba_engine
from redaptive.errors import Unavailable

STRANGE = np.array([0.0, -0.0, 1.5, -1.5, np.inf, -np.inf, np.nan, 1e-45, 3e38], np.float32)


def _choose(mask: Any, yes: Any, no: Any) -> Any:
    return yes if mask else no


def _lane(step: Any, inputs: list[Any]) -> tuple[list[str], list[str], list[str]]:
    """The lines, the names of the inputs and those of the results."""
    trace = Trace()
    functions = Scalars(trace.pick)
    symbols = [trace.column(np.atleast_1d(column)) for column in inputs]
    results = functions.compiled(step)(*symbols)
    names = [f"given{k}" for k in range(len(inputs))]
    assert [s.operation for s in trace.symbols[: len(inputs)]] == [INPUT] * len(inputs)
    lane = Lane(trace.symbols, dict(zip(symbols, names, strict=True)))
    return lane.lines, names, [lane.said(result) for result in results]


@pytest.mark.parametrize("seed", range(6))
def test_a_lane_gives_what_the_step_gives_for_columns(seed: int) -> None:
    inputs = _columns(seed)
    expected = _step(*inputs)
    lines, names, said = _lane(_step, inputs)
    known = {"np": np, "NAN": np.float32(np.nan), "choose": _choose, "larger": np.maximum, "smaller": np.minimum}
    for row in range(len(inputs[0])):
        values = dict(zip(names, [column[row] if column.ndim else column[()] for column in inputs], strict=True))
        exec("\n".join(lines), known | values, values)
        for name, column in zip(said, expected, strict=True):
            assert np.asarray(values[name], column.dtype).tobytes() == column[row].tobytes()


def test_what_a_lane_cannot_compute_is_refused() -> None:
    def strange(a: Any) -> tuple[Any]:
        return (np.arctan2(a, a),)

    with pytest.raises(NotTraceable, match="arctan2"):
        _lane(strange, [np.ones(1, np.float32)])


def test_bits_and_quotients_of_whole_numbers_are_computed_and_not_taken_for_truths() -> None:
    trace, codes = Trace(), np.arange(2048, dtype=np.int16)
    code = trace.column(codes)
    found = [(code & np.int16(255)) // np.int16(24), (code & np.int16(512)) != np.int16(0)]
    lane = Lane(trace.symbols, {code: "code"})
    known = {"np": np, "code": codes}
    # np.int16 of a column is what a lane's np.int16 of a number is.
    lines = [line.replace("np.int16(v", "(v") for line in lane.lines]
    exec("\n".join(lines), known)
    assert (known[lane.said(found[0])] == (codes % 256) // 24).all()
    assert (known[lane.said(found[1])] == (codes // 512 % 2 == 1)).all()


def test_an_engine_says_that_a_detector_cannot_be_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    spike = detector("spike")

    def step(c: Any, x: Any, s: Any, was: Any) -> Any:
        return s, np.hypot(x.z, x.z) > c.open_z, np.abs(x.z)

    found = replace(spike, step=step)
    monkeypatch.setattr("redaptive.domain.detectors.rounds.engine.discover", lambda: (found,))
    with pytest.raises(Unavailable, match="cannot be compiled: hypot"):
        numba_engine.__wrapped__()


def test_the_loop_is_the_same_text_each_time() -> None:
    # numba finds what it compiled by the text.
    detectors = (detector("spike"), detector("level_shift"))
    assert LoopText(detectors).source() == LoopText(detectors).source()
    assert LoopText(detectors).source() != LoopText(detectors[:1]).source()


@pytest.mark.slow
def test_compiled_choices_treat_zeros_and_nans_as_numpy_does() -> None:
    pytest.importorskip("numba")
    compiler = Compiler()
    text = "(a, b, most, least, chosen):\n    for i in range(len(a)):\n        most[i] = larger(a[i], b[i])\n"
    text += "        least[i] = smaller(a[i], b[i])\n        chosen[i] = choose(a[i] > b[i], a[i], b[i])\n"
    function = compiler.from_text("extremes", text, __name__, __file__)
    a, b = (column.ravel() for column in np.meshgrid(STRANGE, STRANGE))
    a, b = np.ascontiguousarray(a), np.ascontiguousarray(b)
    found = [np.empty_like(a) for _ in range(3)]
    function(a, b, *found)
    for mine, numpys in zip(found, (np.maximum(a, b), np.minimum(a, b), np.where(a > b, a, b)), strict=True):
        assert mine.tobytes() == numpys.tobytes()


@pytest.mark.slow
def test_without_a_folder_to_write_to_functions_are_compiled_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    numba = pytest.importorskip("numba")
    compile_with = numba.njit

    def nowhere(**options: Any) -> Any:
        if options.pop("cache", False):
            raise RuntimeError("cannot cache function: no locator available")
        return compile_with(**options)

    monkeypatch.setattr(numba, "njit", nowhere)
    assert Compiler().from_text("double", "(a):\n    return a + a\n", __name__, __file__)(2.0) == 4.0


def test_columns_that_compiled_functions_cannot_take_are_copied() -> None:
    column = np.arange(6, dtype=np.int32)
    assert owned(column, np.int32) is column
    assert owned(column[::2], np.int32).tolist() == [0, 2, 4]
    assert owned(column, np.int64).dtype == np.int64
    column.flags.writeable = False
    assert owned(column, np.int32).flags.writeable
