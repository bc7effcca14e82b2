"""Days closed by one compiled loop, for meters whose ordinary reading begins another one."""

from __future__ import annotations

from typing import Any, Final

from redaptive.domain.detectors.base import Detector
from redaptive.domain.detectors.compiled.asking import ask_rows, name_soon
from redaptive.domain.detectors.compiled.block import Rooms, any_set
from redaptive.domain.detectors.compiled.ending import DayText, end_days
from redaptive.domain.detectors.compiled.functions import Compiler, whole
from redaptive.domain.detectors.compiled.sifting import fill, move
from redaptive.domain.detectors.compiled.telling import Telling, begin, say, tell
from redaptive.domain.detectors.compiled.turning import Turning
from redaptive.domain.detectors.memory.layout import DAY, HOT
from redaptive.domain.detectors.memory.state import State
from redaptive.domain.detectors.rows import I64, Transitions

_PARTS: Final = (any_set, name_soon, ask_rows, move, fill, begin, say, tell, end_days)


class Days:
    """The compiled loop.

    :raises NotTraceable: when a step does what a list of operations cannot.
    """

    def __init__(self, detectors: tuple[Detector, ...], compiler: Compiler) -> None:
        text = DayText(detectors)
        self._loop = whole("days", text.source(), _PARTS, Turning(0, text.groups, text.begin), compiler)
        self._telling, self._rooms = Telling(detectors), Rooms(*text.sizes)

    def close(self, state: State, keys: I64, start_s: I64, limits: Any, fields: Any) -> list[Transitions]:
        """Close the days of the meters of `keys`, each once, and begin the days in which their rows lie."""
        about, told = self._telling.begun(state, len(keys))
        hits = self._loop(
            keys, start_s, limits, state.elements[HOT], state.elements[DAY][0], fields, state.dirty_parts[DAY],
            about, told, *self._rooms.columns,
        )  # fmt: skip
        return self._telling.told(hits)
