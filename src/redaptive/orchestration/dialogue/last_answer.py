"""What the last turn of a conversation came to, so that the next one can ask about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Final

from redaptive.orchestration.answers.arrangement import Arrangement
from redaptive.orchestration.dialogue.listed import Listed
from redaptive.orchestration.intelligent.planners.outcome import Choice, PlanOutcome

SLOT: Final = "answer"
"""The kind of the slot that holds it."""


@dataclass(frozen=True)
class Standing:
    """What the newest answer that told something was: its run, the request with what changed it, its intent, the codes
    of the only rows that it showed, and how it was shown.
    """

    run_id: str = ""
    request: str = ""
    intent: str = ""
    things: tuple[str, ...] = ()
    shown: Arrangement = field(default_factory=Arrangement)


@dataclass(frozen=True)
class LastAnswer:
    """One turn's outcome. `message` is the question for `slot`, which offers `choices`, or the refusal; `run_id` is
    empty where nothing ran, `told` says whether it told something, `before` is what did so before this turn.

    `listed` is the newest list of the conversation, also where a later answer has none, `earlier` the one before it.
    `pointed` is the request as it was said, with `{}` where it meant rows of a list: of `earlier` where the answer
    `moved` on to a list of its own, else of `listed`, whose rows are `meant`; `meant_before` are those of `earlier`.
    `period` is that of the figures.
    """

    status: str
    text: str
    request: str = ""
    intent: str = ""
    run_id: str = ""
    before: Standing = field(default_factory=Standing)
    told: bool = False
    message: str = ""
    reason: str = ""
    slot: str = ""
    choices: tuple[Choice, ...] = ()
    notes: tuple[str, ...] = ()
    shown: Arrangement = field(default_factory=Arrangement)
    listed: Listed | None = None
    earlier: Listed | None = None
    pointed: str = ""
    meant: tuple[int, ...] = ()
    meant_before: tuple[int, ...] = ()
    moved: bool = False
    period: str = ""

    @classmethod
    def of(cls, text: str, outcome: PlanOutcome, before: LastAnswer | None) -> LastAnswer:
        """The outcome of a turn before it runs; the list spoken of stays that of the turn before."""
        said = outcome.question or outcome.message or ""
        found = cls(
            outcome.status, text, text, outcome.intent or "", message=said, reason=outcome.reason or "",
            slot=outcome.slot or "", choices=outcome.choices, notes=outcome.notes, shown=outcome.shown,
        )  # fmt: skip
        if before is None:
            return found
        return replace(
            found, before=before.standing, listed=before.listed, earlier=before.earlier, period=before.period
        )

    @property
    def standing(self) -> Standing:
        """The newest answer that told something: this one, or the one before."""
        told = Standing(self.run_id, self.request, self.intent, self.shown.things, self.shown)
        return told if self.told else self.before

    def dropped(self) -> LastAnswer:
        """The same without what was asked last: the answer before stands again."""
        stands, status = self.before, "planned" if self.before.run_id else "dropped"
        text = stands.request.rpartition("\n")[2]
        found = replace(self, status=status, text=text, request=stands.request, intent=stands.intent)
        found = replace(found, run_id=stands.run_id, told=bool(stands.run_id), message="", reason="", slot="")
        return replace(found, choices=(), notes=(), pointed="", moved=False)

    def about(self, pointed: str, meant: tuple[int, ...], listed: Listed | None) -> LastAnswer:
        """The same of a request that meant rows of a list, which is the one spoken of then."""
        return replace(self, pointed=pointed, meant=meant, listed=listed) if listed is not None else self

    def answered(self, run_id: str, listed: Listed | None, period: str = "", *, told: bool = True) -> LastAnswer:
        """The same after its run, with the list of its answer.

        A list of one row, or of no more than the rows that were meant, leaves the one before in force; one of which
        only a part is shown does not.
        """
        found = replace(self, run_id=run_id, told=told, period=period or self.period)
        if listed is None:
            return found
        if self.listed is not None and listed.shown == listed.total <= max(1, len(self.meant)):
            return found
        moved = replace(found, listed=listed, earlier=self.listed, moved=bool(self.pointed))
        return replace(moved, meant=(), meant_before=self.meant)

    @property
    def row(self) -> tuple[str, str] | None:
        """The kind and the code of the thing of the only row that was meant; None where that is of no one thing."""
        if self.listed is None or len(self.meant) != 1 or self.meant[0] >= len(self.listed.rows):
            return None
        return next(((kind, code) for kind, code in self.listed.rows[self.meant[0]].items() if kind), None)

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
        read: dict[str, Any] = {
            "notes": tuple(stored.get("notes") or ()),
            "meant": tuple(stored.get("meant") or ()),
            "meant_before": tuple(stored.get("meant_before") or ()),
            "shown": Arrangement.from_dict(stored.get("shown") or {}),
            "before": _standing(stored.get("before") or {}),
            "choices": tuple(Choice(**each) for each in stored.get("choices") or ()),
            **lists,
        }
        return cls(**{name: value for name, value in {**stored, **read}.items() if name in _FIELDS})


def _standing(stored: Mapping[str, Any]) -> Standing:
    """The standing that was stored."""
    shown = Arrangement.from_dict(stored.get("shown") or {})
    return Standing(**{**stored, "things": tuple(stored.get("things") or ()), "shown": shown})


_FIELDS: Final = frozenset(each.name for each in fields(LastAnswer))
"""What another version wrote besides is passed over."""
