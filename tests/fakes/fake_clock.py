"""A fake clock: time stands still until a test moves it, and sleeping moves it at once."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class FakeClock:
    """Seconds that only a test adds to; `slept` keeps every wait."""

    now: float = 1_000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        """The time now."""
        return self.now

    def pass_by(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    async def sleep(self, seconds: float) -> None:
        """Wait, as far as anybody can tell by this clock."""
        self.slept.append(seconds)
        self.now += seconds
