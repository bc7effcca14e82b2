"""A part of a request in words, with how it hangs together with the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Relation = Literal["first", "and", "then", "parallel"]
"""How a part follows the one before: `and` says nothing of order, `then` does, `parallel` denies one."""


@dataclass(frozen=True)
class Clause:
    """One part. `condition` must hold for it, with `negated` must not; `otherwise`: the opposite of the one before.

    `soft`: it may be no wish of its own; then it belongs to its neighbour, the one after it where `ahead` says so.
    `lead` is what stood between it and that neighbour. `group` counts the stages of a stated order;
    `gated`: somebody wants to be asked before anything is changed;
    `asked`: a condition that is work itself; `core`: what it said before others were
    added to it; `branch`: the row of steps it belongs to that waits for nothing before that row, none if 0,
    `apart`: the words deny that it waits.
    """

    text: str
    relation: Relation = "first"
    condition: str = ""
    negated: bool = False
    otherwise: bool = False
    soft: bool = False
    lead: str = ""
    ahead: bool = False
    group: int = 0
    gated: bool = False
    asked: bool = False
    core: str = ""
    branch: int = 0
    apart: bool = False

    @property
    def bound(self) -> bool:
        """Whether the words say that it is a step: an order, independence or a condition."""
        return self.relation in ("then", "parallel") or bool(self.condition) or self.otherwise
