"""State of no shard: what a process holds before it owns a partition."""

from __future__ import annotations

from redaptive.domain.detectors.memory.layout import LINE_BYTES, elements, records
from redaptive.domain.detectors.memory.params import LIMITS
from redaptive.domain.detectors.memory.state import State


def test_a_state_without_shards_has_no_rows_and_all_its_columns() -> None:
    empty, one = State([]), State([0])
    assert empty.rows == 0
    assert {name: column.shape[-1] for name, column in empty.columns.items()} == dict.fromkeys(one.columns, 0)
    assert [[block.shape for block in blocks] for blocks in empty.elements.values()] == [
        [(0, block.shape[1]) for block in blocks] for blocks in one.elements.values()
    ]


def test_elements_of_records_are_as_wide_as_the_record() -> None:
    block = records(3, LIMITS, LINE_BYTES)
    kinds = [block["cadence_s"].dtype.type, block["cap_wh"].dtype.type]
    assert [view.shape for view in elements(block, kinds)] == [(3, LINE_BYTES // 4), (3, LINE_BYTES // 8)]
