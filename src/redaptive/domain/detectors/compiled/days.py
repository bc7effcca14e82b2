"""Days closed by one compiled loop, for meters whose ordinary reading begins another one."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from redaptive.domain.detectors.base import Detector
from redaptive.domain.detectors.compiled.asking import ask_rows, name_soon
from redaptive.domain.detectors.compiled.block import Rooms
from redaptive.domain.detectors.compiled.ending import DayText, end_days
from redaptive.domain.detectors.compiled.functions import Compiler, whole
from redaptive.domain.detectors.compiled.handing import prove
from redaptive.domain.detectors.compiled.sifting import move
from redaptive.domain.detectors.compiled.turning import Turning
from redaptive.domain.detectors.memory.layout import DAY, HOT
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rows import I64
from redaptive.domain.detectors.steps.telling import PROOF, Moved, Teller

_PARTS: Final = (name_soon, ask_rows, move, prove, end_days)


class Days:
    """The compiled loop; `teller` makes transitions of the alarms that it says have changed.

    :raises NotTraceable: when a step does what a list of operations cannot.
    """

    def __init__(self, detectors: tuple[Detector, ...], compiler: Compiler) -> None:
        text = DayText(detectors)
        self._loop = whole("days", text.source(), _PARTS, Turning(0, text.groups, text.begin), compiler)
        self._detectors, self._rooms = detectors, Rooms(*text.sizes)
        self.teller = Teller(detectors)

    def close(self, state: State, keys: I64, start_s: I64, limits: Any, fields: Any) -> Moved:
        """Close the days of the meters of `keys`, each once, and begin the days in which their rows lie."""
        n, width = len(keys), len(self._detectors) * len(PROOF)
        at, bits, proofs = np.empty(n, np.int64), np.empty((2, n), np.uint32), np.empty((n, width), np.float32)
        hits = self._loop(
            keys, start_s, limits, state.elements[HOT], state.elements[DAY][0], fields, state.dirty_parts[DAY],
            (at, bits, proofs), *self._rooms.columns,
        )  # fmt: skip
        proved = proofs[:hits].reshape(hits, len(self._detectors), len(PROOF))
        return Moved(at[:hits], bits[0, :hits], bits[1, :hits], proved)
