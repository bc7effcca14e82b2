"""Traced programs give the bits of the steps they were traced from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.domain.detectors.test_engines import _alarming

from redaptive.domain.detectors import kernel
from redaptive.domain.detectors.base import pick
from redaptive.domain.detectors.compiled.bounds import BoundedTrace
from redaptive.domain.detectors.compiled.program import Program
from redaptive.domain.detectors.compiled.scalars import Scalars
from redaptive.domain.detectors.compiled.tracing import NotTraceable, Trace
from redaptive.domain.detectors.rounds.daily import Daily
from redaptive.domain.detectors.rounds.engine import Engine, numpy_engine
from redaptive.domain.detectors.rounds.regular import Regular

ROWS = 37
_1 = np.float32(1.0)
_0 = np.float32(0.0)


def _step(a: Any, b: Any, hours: Any, mask: Any) -> tuple[Any, ...]:
    """New values of `a` and `b`, then two more results; with choices of old values and repeated parts."""
    usable = (a == a) & (a > _0)
    size = np.abs(a - b)
    mean = pick(usable, a + np.float32(0.25) * (b - a), a)
    b_now = pick(mask, np.maximum(b * np.minimum(hours, _1), size), b)
    back = np.where(b_now > mean, size, _0)
    near = (np.abs(a - b) < _1) | ~mask
    return mean, b_now, back / (size + _1), near & usable, near.astype(np.float32)


def _traced(
    step: Callable[..., tuple[Any, ...]],
    inputs: list[Any],
    targets: dict[int, int],
    trace: Trace | None = None,
    **known: Any,
) -> Program:
    trace = trace or Trace()
    functions = Scalars(trace.pick)
    symbols = [trace.column(column, **(known if k == 0 else {})) for k, column in enumerate(inputs)]
    return Program(trace, functions.compiled(step)(*symbols), targets)


def _columns(seed: int) -> list[Any]:
    rng = np.random.default_rng(seed)
    a, b = (rng.normal(size=ROWS).astype(np.float32) for _ in range(2))
    a[rng.random(ROWS) < 0.2] = np.nan
    mask = rng.random(ROWS) < (0.0, 0.5, 1.0)[seed % 3]
    return [a, b, np.asarray(np.float32(0.5)), mask]


@settings(max_examples=30)
@given(st.integers(0, 60))
def test_a_program_gives_what_the_step_gives_and_writes_over_its_inputs(seed: int) -> None:
    inputs = _columns(seed)
    expected = _step(*inputs)
    program = _traced(_step, inputs, {0: 0, 1: 1})
    found = program.run(ROWS, inputs)
    for one, other in zip(found, expected, strict=True):
        assert one.tobytes() == other.tobytes()
    assert inputs[0].tobytes() == expected[0].tobytes()
    assert inputs[1].tobytes() == expected[1].tobytes()


_BOUNDS = [np.float32(bound) for bound in (-np.inf, -2.0, -0.0, 0.0, 1.0, np.inf, np.nan)]


@pytest.mark.parametrize("low", _BOUNDS)
@pytest.mark.parametrize("high", _BOUNDS)
def test_bounds_of_constants_give_the_bits_of_minima_and_maxima(low: np.float32, high: np.float32) -> None:
    def held(a: Any) -> tuple[Any, ...]:
        lower, swapped = np.maximum(a, low), np.maximum(low, a)
        both = np.minimum(lower, high), np.minimum(high, swapped), np.minimum(high, lower), np.minimum(swapped, high)
        return lower, swapped, np.minimum(a, high), np.minimum(high, a), *both, np.maximum(both[0], low)

    some = np.array([0.0, -0.0, 1.0, -1.0, 3.0, -3.0, 1e-45, -1e-45, np.inf, -np.inf, np.nan, -np.nan], np.float32)
    for column in (some, np.tile(some, 5), some[:1], some[1:2]):
        program = _traced(held, [column.copy()], {}, BoundedTrace())
        for one, other in zip(program.run(len(column), [column]), held(column), strict=True):
            assert one.tobytes() == other.tobytes()


def test_a_lower_and_an_upper_bound_are_one_call() -> None:
    def held(a: Any) -> tuple[Any]:
        return (np.minimum(np.maximum(a, -_1), _1),)

    column = np.array([-3.0, 0.5, 3.0], np.float32)
    assert _traced(held, [column], {}, BoundedTrace()).calls == 1
    assert _traced(held, [column], {}).calls == 2


@pytest.mark.parametrize("flag", [False, True])
def test_one_flag_for_all_rows_is_joined_with_those_of_each(flag: bool) -> None:
    def joined(one: Any, flags: Any) -> tuple[Any, ...]:
        return one & flags, flags & ~one, one | flags, flags | ~one

    inputs = [np.asarray(np.bool_(flag)), np.array([True, False, True])]
    for found, expected in zip(_traced(joined, inputs, {}).run(3, inputs), joined(*inputs), strict=True):
        assert found.tobytes() == expected.tobytes()


def test_fewer_and_more_rows_use_the_same_program() -> None:
    program = _traced(_step, _columns(1), {})
    for rows in (5, ROWS, 1):
        inputs = [column[:rows] if column.ndim else column for column in _columns(4)]
        for one, other in zip(program.run(rows, inputs), _step(*inputs), strict=True):
            assert one.tobytes() == other.tobytes()


def test_what_is_known_of_a_column_leaves_choices_out() -> None:
    def chosen(a: Any) -> tuple[Any]:
        return (pick((a == a) & (a >= _1), a * _1, _0),)

    sure = _traced(chosen, [np.ones(3, np.float32)], {}, least=1.0, number=True)
    asked = _traced(chosen, [np.ones(3, np.float32)], {})
    low = np.array([0.5, 2.0, 3.0], np.float32)
    assert sure.run(3, [low])[0] is low
    assert asked.run(3, [low])[0].tolist() == [0.0, 2.0, 3.0]


def test_an_output_may_be_one_value_that_no_row_decides() -> None:
    program = _traced(lambda a: (a + _1, np.float32(7.0)), [np.zeros(3, np.float32)], {})
    more, seven = program.run(3, [np.ones(3, np.float32)])
    assert more.tolist() == [2.0, 2.0, 2.0]
    assert float(seven) == 7.0


def test_columns_that_change_places_are_not_written_one_over_the_other() -> None:
    columns = [np.ones(3, np.float32), np.zeros(3, np.float32)]
    with pytest.raises(NotTraceable):
        _traced(lambda a, b: (b, a), columns, {0: 0, 1: 1})


def test_a_step_that_decides_by_a_value_is_not_traced() -> None:
    def deciding(a: Any) -> tuple[Any]:
        return (a if (a > _0) else -a,)

    with pytest.raises(NotTraceable):
        _traced(deciding, [np.ones(3, np.float32)], {})


def test_the_engine_gives_the_same_bits_with_and_without_programs() -> None:
    reading, daily = numpy_engine().reading, numpy_engine().day
    quick = Engine("numpy", reading, daily, regular=Regular(reading), daily=Daily(daily))
    (one, expected), (other, found) = _alarming(replace(quick, regular=None, daily=None)), _alarming(quick)
    for a, b in zip(expected, found, strict=True):
        for name in ("verdict", "energy", "expected", "score", "kinds"):
            assert getattr(a, name).tobytes() == getattr(b, name).tobytes(), name
        for x, y in zip(vars(a.transitions).values(), vars(b.transitions).values(), strict=True):
            assert x.tobytes() == y.tobytes()
    for name, column in one.columns.items():
        assert column.tobytes() == other.columns[name].tobytes(), name
    assert quick.regular is not None
    assert len(quick.regular._programs) >= 4
    assert None not in quick.regular._programs.values()
    assert quick.daily is not None
    assert quick.daily._programs
    assert None not in quick.daily._programs.values()


def test_programs_are_made_before_they_are_needed() -> None:
    reading, daily = numpy_engine().reading, numpy_engine().day
    prepared = Engine("numpy", reading, daily, regular=Regular(reading), daily=Daily(daily))
    assert prepared.regular is not None
    assert prepared.daily is not None
    kernel.warm(prepared)
    made = set(prepared.regular._programs), set(prepared.daily._programs)
    _alarming(prepared)
    assert set(prepared.daily._programs) == made[1]
    assert len(made[1]) == 1
    assert len(made[0]) == 10
