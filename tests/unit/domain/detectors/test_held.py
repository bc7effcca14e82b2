"""Columns of a round hold what the records hold, and write back what was put."""

from __future__ import annotations

import numpy as np
import pytest

from redaptive.domain.detectors.memory.held import Columns, Fields, Held
from redaptive.domain.detectors.memory.layout import DAY, HOT, layout
from redaptive.domain.detectors.memory.room import BLOCK_ROWS
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rows import Where

ROWS = 4096


def _filled() -> State:
    """A state with another number in each field of each meter."""
    state, rng = State.of_meters(ROWS), np.random.default_rng(4)
    for name, column in state.columns.items():
        if column.ndim == 1:
            column[:] = rng.integers(0, 30_000, len(column)).astype(column.dtype)
            assert len(np.unique(column)) > ROWS / 2, name
    return state


@pytest.mark.parametrize("part", [HOT, DAY])
@pytest.mark.parametrize("kind", [Columns, Fields])
@pytest.mark.parametrize(
    "where",
    [slice(7, 7 + 3 * BLOCK_ROWS), np.random.default_rng(1).permutation(ROWS)[: BLOCK_ROWS + 3], np.array([9])],
    ids=["side by side", "scattered", "one"],
)
def test_every_field_is_read_and_written_back(part: str, kind: type[Held], where: Where) -> None:
    state = _filled()
    before = {name: column.copy() for name, column in state.columns.items()}
    held = kind(state, part, where)  # type: ignore[call-arg]
    for number, name in enumerate(layout().of(part)):
        assert np.array_equal(held.get(name), before[name][where]), name
        if number % 2:
            held.put(name, held.get(name)[::-1].copy())
    held.written()
    for number, name in enumerate(layout().of(part)):
        expected = before[name].copy()
        if number % 2:
            expected[where] = expected[where][::-1]
        assert np.array_equal(state.columns[name], expected), name


def test_fields_that_change_places_do_not_overwrite_each_other() -> None:
    state = _filled()
    where = np.array([3, 1, 2])
    names = ("expectation.heating", "expectation.cooling")
    first, second = (state.columns[name][where].copy() for name in names)
    held = Columns(state, HOT, where)
    old = held.all(names)
    held.put_changed(names, old, old[::-1])
    held.written()
    assert np.array_equal(state.columns[names[0]][where], second)
    assert np.array_equal(state.columns[names[1]][where], first)
