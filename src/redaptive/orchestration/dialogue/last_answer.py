"""What the last turn of a conversation came to, so that the next one can ask about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from redaptive.orchestration.answers.arrangement import Arrangement
from redaptive.orchestration.dialogue.listed import Listed
from redaptive.orchestration.intelligent.planners.outcome import PlanOutcome

SLOT = "answer"
"""The kind of the slot that holds it."""


@dataclass(frozen=True)
class LastAnswer:
    """One turn's outcome. `message` is the question for `slot` or the refusal; `run_id` is empty where nothing ran,
    `answered_by` is the newest run before that told something, `told` whether `run_id` did.

    `listed` is the newest list of the conversation, also where a later answer has none, `earlier` the one before it.
    `pointed` is the request as it was said, with `{}` where it meant rows of a list: of `earlier` where the answer
    `moved` on to a list of its own, else of `listed`, whose rows are `meant`. `period` is that of the figures.
    """

    status: str
    text: str
    run_id: str = ""
    answered_by: str = ""
    told: bool = False
    message: str = ""
    reason: str = ""
    slot: str = ""
    notes: tuple[str, ...] = ()
    shown: Arrangement = field(default_factory=Arrangement)
    listed: Listed | None = None
    earlier: Listed | None = None
    pointed: str = ""
    meant: tuple[int, ...] = ()
    moved: bool = False
    period: str = ""

    @classmethod
    def of(cls, text: str, outcome: PlanOutcome, before: LastAnswer | None) -> LastAnswer:
        """The outcome of a turn before it runs; the list spoken of stays that of the turn before."""
        said = outcome.question or outcome.message or ""
        found = cls(outcome.status, text, message=said, reason=outcome.reason or "", slot=outcome.slot or "")
        found = replace(found, notes=outcome.notes, shown=outcome.shown)
        if before is None:
            return found
        found = replace(found, answered_by=before.run_id if before.told else before.answered_by)
        return replace(found, listed=before.listed, earlier=before.earlier, period=before.period)

    def about(self, pointed: str, meant: tuple[int, ...], listed: Listed | None) -> LastAnswer:
        """The same of a request that meant rows of a list, which is the one spoken of then."""
        return replace(self, pointed=pointed, meant=meant, listed=listed) if listed is not None else self

    def answered(self, run_id: str, listed: Listed | None, period: str = "", *, told: bool = True) -> LastAnswer:
        """The same after its run, with the list of its answer.

        A list of one row, or of no more than the rows that were meant, leaves the one before in force.
        """
        found = replace(self, run_id=run_id, told=told, period=period or self.period)
        if listed is None or (self.listed is not None and listed.total <= max(1, len(self.meant))):
            return found
        return replace(found, listed=listed, earlier=self.listed, moved=bool(self.pointed), meant=())

    @property
    def pointed_list(self) -> Listed | None:
        """The list of whose rows the request spoke."""
        return self.earlier if self.moved else self.listed

    def as_dict(self) -> dict[str, Any]:
        """JSON for the store of a conversation."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> LastAnswer:
        """What `as_dict` wrote."""
        lists = {name: Listed.from_dict(stored[name]) for name in ("listed", "earlier") if stored.get(name)}
        return cls(
            **{
                **stored,
                "notes": tuple(stored.get("notes") or ()),
                "meant": tuple(stored.get("meant") or ()),
                "shown": Arrangement.from_dict(stored.get("shown") or {}),
                **lists,
            }
        )
