"""Records turned into columns and back, eight by eight words at a time, by vectors of the processor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from redaptive.domain.detectors.compiled.block import LANES

SIDE: Final = 8
WORD_BYTES: Final = 4
# Numbers of elements of two vectors taken as one, as the shuffles of a transposition take them.
_SINGLES: Final = ((0, 8, 1, 9, 4, 12, 5, 13), (2, 10, 3, 11, 6, 14, 7, 15))
_PAIRS: Final = ((0, 1, 8, 9, 4, 5, 12, 13), (2, 3, 10, 11, 6, 7, 14, 15))
_HALVES: Final = ((0, 1, 2, 3, 8, 9, 10, 11), (4, 5, 6, 7, 12, 13, 14, 15))


class Turning:
    """What a compiled loop calls as `turn_in(columns, records, at)` and `turn_out(...)`.

    Words of the records from `first` on, `groups` times eight of them, are columns of `LANES` float32 each, from the
    column `begin` on; `at` begins with the rows of the records. Words of other types pass unchanged.
    """

    def __init__(self, first: int, groups: int, begin: int) -> None:
        self._first, self._groups, self._begin = first, groups, begin

    def turn_in(self, _: Any, columns: Any, records: Any, at: Any) -> Any:
        """Records to columns, as numba's `intrinsic` takes it."""
        return self._typed(columns, records, at, out=False)

    def turn_out(self, _: Any, columns: Any, records: Any, at: Any) -> Any:
        """Columns to records."""
        return self._typed(columns, records, at, out=True)

    def _typed(self, columns: Any, records: Any, at: Any, *, out: bool) -> Any:
        from numba.core import types

        def build(context: Any, builder: Any, signature: Any, read: Any) -> Any:
            arrays = [
                context.make_array(kind)(context, builder, one) for kind, one in zip(signature.args, read, strict=True)
            ]
            self._built(builder, *arrays, out=out)
            return context.get_dummy_value()

        return types.void(columns, records, at), build

    def _built(self, builder: Any, columns: Any, records: Any, at: Any, *, out: bool) -> None:
        from numba.core import cgutils

        ir = vars(cgutils)["ir"]
        stride = builder.extract_value(records.strides, 0)
        whole, pointer = stride.type, ir.VectorType(ir.IntType(32), SIDE).as_pointer()
        base, room = (builder.ptrtoint(array.data, whole) for array in (records, columns))

        def spot(begin: Any, offset: int) -> Any:
            return builder.inttoptr(builder.add(begin, whole(offset * WORD_BYTES)), pointer)

        for lane in range(0, LANES, SIDE):
            rows = [builder.load(builder.gep(at.data, [whole(lane + k)])) for k in range(SIDE)]
            begins = [builder.add(base, builder.mul(row, stride)) for row in rows]
            for group in range(self._groups):
                held = [spot(begin, self._first + group * SIDE) for begin in begins]
                spread = [spot(room, (self._begin + group * SIDE + k) * LANES + lane) for k in range(SIDE)]
                read, written = (spread, held) if out else (held, spread)
                turned = _transposed(builder, ir, [builder.load(place, align=WORD_BYTES) for place in read])
                for vector, place in zip(turned, written, strict=True):
                    builder.store(vector, place, align=WORD_BYTES)


def _transposed(builder: Any, ir: Any, rows: list[Any]) -> list[Any]:
    """Eight vectors whose elements are the rows' columns."""
    kind = ir.VectorType(ir.IntType(32), SIDE)

    def taken(one: Any, other: Any, order: Sequence[int]) -> Any:
        return builder.shuffle_vector(one, other, ir.Constant(kind, list(order)))

    one = [taken(rows[k], rows[k + 1], order) for k in range(0, SIDE, 2) for order in _SINGLES]
    two = [taken(one[k + j], one[k + 2 + j], order) for k in (0, 4) for j in (0, 1) for order in _PAIRS]
    return [taken(two[k], two[k + 4], order) for order in _HALVES for k in range(4)]
