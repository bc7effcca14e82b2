"""The text of the compiled loop that closes days, and what it takes of each meter. Compiled.

It is made from the traced steps of a day, as `loop` is from those of a reading.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from redaptive.domain.detectors import day
from redaptive.domain.detectors.base import Column, Detector
from redaptive.domain.detectors.calendar import QUARTER_S
from redaptive.domain.detectors.compiled import block
from redaptive.domain.detectors.compiled.asking import RECORD_LINES
from redaptive.domain.detectors.compiled.lanes import Lane
from redaptive.domain.detectors.compiled.ordering import PLACE_BITS, PLACES
from redaptive.domain.detectors.compiled.sifting import CADENCE, CALENDAR, PHASE
from redaptive.domain.detectors.compiled.texts import OPEN, WORD, BlockText, indented
from redaptive.domain.detectors.compiled.traced import TracedDay
from redaptive.domain.detectors.compiled.tracing import NotTraceable
from redaptive.domain.detectors.compiled.turning import SIDE
from redaptive.domain.detectors.memory.batch import HOUR_S
from redaptive.domain.detectors.memory.layout import layout, place_of, records
from redaptive.domain.detectors.memory.shards import SHARD_BITS
from redaptive.domain.detectors.rows import I64


class DayText(BlockText):
    """The loop's text: meters whose day ends are put into a block, their records of days computed and written.

    All words of such a record are columns of the block, `groups` times eight from the column `begin` on.

    :raises NotTraceable: when a field of these records is not a float32.
    """

    def __init__(self, detectors: tuple[Detector, ...]) -> None:
        kind, fields = records(0, layout().day).dtype, layout().day
        if any(value.dtype != np.float32 for value in fields.values()):
            raise NotTraceable("A state of a day that is not a float32.")
        self.groups = -(-len(fields) // SIDE)
        super().__init__(detectors, {name: place_of(kind, name) for name in fields}, self.groups * SIDE)
        hot = records(0, layout().hot).dtype
        sums = {f"{day.ID}.{name}": place_of(hot, f"{day.ID}.{name}") for name in day.Sums._fields}
        self._opens = f"hot_w[u, {place_of(hot, OPEN)}]"
        self._reads = [f"{self._cell(name, np.dtype(np.float32))} = hot_f[u, {at}]" for name, at in sums.items()]
        self._reads.append(f"{self._cell(OPEN, WORD)} = {self._opens}")
        # The sums begin again.
        self._writes = [f"hot_f[u, {at}] = 0" for at in sums.values()]
        self._writes.append(f"{self._opens} = {self._cell('after', WORD)}")
        traced = TracedDay(detectors)
        loads = {symbol: self._read(name, symbol.dtype) for name, symbol in traced.wanted().items()}
        self._lane = self._computed(Lane(traced.order(), loads), traced, traced.outputs())

    def source(self) -> str:
        """Arguments and body of the function."""
        lines = [
            "    hot_f, hot_w, _, _ = hot",
            "    done, asked, hits, count = 0, 0, 0, 0",
            "    while True:",
            "        asked = name_soon(asked, done, keys, hot_f, L)",
            *(f"        ask_rows(hot_f, {line}, L)" for line in range(RECORD_LINES)),
            "        ask_rows(records, 0, L)",
            "        done, count = end_days(done, keys, start_s, limits, hot, fields, dirty, F, W, L)",
            "        if count == 0:",
            "            return hits",
            "        fill(count, F, W, L)",
            f"        for i in range({block.LANES}):",
            "            u = np.uint64(L[i])",
            *indented(self._reads),
            "        turn_in(F, records, L)",
            f"        for i in range({block.LANES}):",
            *indented(self._lane),
            "        turn_out(F, records, L)",
            "        for i in range(count):",
            "            u = np.uint64(L[i])",
            *indented(self._writes),
            f"        if any_set({block.FLIPS}, W):",
            f"            hits = tell(count, hits, about, told, F, W, L, {self.proofs * block.LANES})",
        ]
        return "(keys, start_s, limits, hot, records, fields, dirty, about, told, F, W, L):\n" + "\n".join(lines)


def end_days(
    done: int, keys: I64, start_s: I64, limits: Any, hot: Any, fields: Any, dirty: Column, floats: Column,
    words: Column, longs: Column,
) -> tuple[int, int]:  # fmt: skip
    """Begin the day of the next meters and put those that had one into a block: keys looked at, meters put.

    Sums of a meter that had none are zeros.
    """
    _, limit_words, limit_halves, codes, days, first_s = limits
    _, hot_w, _, hot_h = hot
    last_at, _, day_at, _, _ = fields
    count, end_s = 0, first_s + codes.shape[1] * QUARTER_S
    while done < len(keys) and count < block.LANES:
        meter, row = np.uint64(keys[done] >> PLACE_BITS), np.uint64(keys[done] & PLACES)
        step, calendar = np.int64(limit_words[meter, CADENCE]), np.uint64(limit_halves[meter, CALENDAR])
        ended = hot_h[meter, day_at]
        hot_h[meter, day_at] = days[calendar, np.uint64((start_s[row] - first_s) // QUARTER_S)]
        if ended >= 0:
            before = np.int64(hot_w[meter, last_at]) * step + np.int64(limit_words[meter, PHASE])
            quarter = (min(max(before, first_s), end_s - 1) - first_s) // QUARTER_S
            longs[block.AT + count], longs[block.PLACE + count], longs[block.START + count] = meter, row, start_s[row]
            words[block.CADENCE + count] = step
            words[block.CODE + count] = codes[calendar, np.uint64(quarter)]
            floats[block.HOURS + count] = np.float32(step) / HOUR_S
            dirty[meter >> np.uint64(SHARD_BITS)] = True
            count += 1
        done += 1
    return done, count
