"""Where a meter begins: with its first reading other than zero.

A meter is often installed weeks before anything runs behind it. Zeros before its first use say nothing of its size, so
they are taken as readings of nothing: a meter that begins with zeros learns and is judged, bit for bit, as if it had
not been there. Failure mode: a meter that has only ever read zero is not judged, so its first use is no alarm.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from redaptive.domain.detectors import expectation
from redaptive.domain.detectors.base import Column, pick
from redaptive.domain.detectors.memory.batch import Turn, span
from redaptive.domain.detectors.memory.held import Held
from redaptive.domain.detectors.memory.layout import DAY, HOT, layout
from redaptive.domain.detectors.memory.meter import ID as METER
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rows import F32, Bool

NAN: Final = np.float32(np.nan)
_0: Final = np.float32(0.0)


def of_begun(energy: F32, scale: F32) -> Column:
    """The energy (Wh); NaN for a zero of a meter whose mean size of a reading is none."""
    return pick((scale > _0) | (energy != _0), energy, NAN)


def begin_again(state: State, turn: Turn, held: Held, energy: F32) -> None:
    """Forget what was learned from zeros only, where the first reading other than zero comes.

    Kernels before revision 6 learned from them. `held` is the hot state of the turn's meters.
    """
    stale: Bool = ~(held.get(_SCALE) > _0) & (held.get(_SEEN_H) > _0) & (energy != _0) & (energy == energy)
    if not stale.any():
        return
    places, meters = span(np.flatnonzero(stale)), turn.index[stale]
    for part, fields in ((HOT, layout().hot), (DAY, layout().day)):
        for name, new in fields.items():
            if part == DAY:
                state.columns[name][meters] = new
            elif not name.startswith(f"{METER}."):
                held.put_at(name, places, np.asarray(new))
    state.mark(DAY, turn.blocks)
    for name in layout().slot:
        state.columns[name][:, meters] = 0
    state.mark_all_slots(turn.blocks)


_SCALE: Final = f"{expectation.ID}.scale"
_SEEN_H: Final = f"{expectation.ID}.seen_h"
