"""What a conversation is about: slots with their source, turn and time, and how they fade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, Literal

Source = Literal["said", "inherited", "result"]
"""Said by the person, carried over from an earlier turn, or found by a tool."""

TURN_HALF_LIFE: Final = 4.0
MINUTES_HALF_LIFE: Final = 60.0
FLOOR: Final = 0.1
"""A slot that has faded below this is forgotten."""
MOST_SLOTS: Final = 40


@dataclass(frozen=True)
class Slot:
    """One thing that was spoken of. `value` is JSON; `kind` is an entity's key, or intent, plan, result, question."""

    kind: str
    value: Any
    source: Source
    turn: int
    at: datetime

    def recency(self, turn: int, now: datetime) -> float:
        """From 1 (this turn, now) to 0: halved every 4 turns and every hour."""
        minutes = max(0.0, (now - self.at).total_seconds() / 60)
        return float(0.5 ** ((turn - self.turn) / TURN_HALF_LIFE) * 0.5 ** (minutes / MINUTES_HALF_LIFE))

    def as_dict(self) -> dict[str, Any]:
        """JSON for the store."""
        return asdict(self) | {"at": self.at.isoformat()}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Slot:
        """The slot that `as_dict` wrote."""
        return cls(
            stored["kind"], stored["value"], stored["source"], stored["turn"], datetime.fromisoformat(stored["at"])
        )


@dataclass(frozen=True)
class Memory:
    """The slots of one conversation before a turn, the newest last."""

    slots: tuple[Slot, ...] = ()
    turn: int = 1

    def latest(self, kinds: Sequence[str], now: datetime) -> Slot | None:
        """The freshest slot of these kinds that has not faded."""
        fresh = [s for s in self.slots if s.kind in kinds and s.recency(self.turn, now) >= FLOOR]
        return max(fresh, key=lambda s: (s.turn, s.at, -kinds.index(s.kind)), default=None)

    def with_slots(self, said: Mapping[str, Any], source: Source, now: datetime) -> Memory:
        """The memory with these slots of the present turn; a kind said again replaces the old value."""
        new = [Slot(kind, value, source, self.turn, now) for kind, value in said.items()]
        kinds = set(said)
        kept = [s for s in self.slots if s.kind not in kinds and s.recency(self.turn, now) >= FLOOR]
        return Memory(tuple([*kept, *new][-MOST_SLOTS:]), self.turn)
