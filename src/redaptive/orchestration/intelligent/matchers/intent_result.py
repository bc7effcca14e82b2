"""What the matcher says of a sentence: intent, confidence, and whether to act, to ask or to refuse."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from redaptive.orchestration.intelligent.matchers.model_card import Mode


class Action(StrEnum):
    """What comes next."""

    ACT = "act"
    ASK = "ask"
    REFUSE = "refuse"


class Reason(StrEnum):
    """Why a request is refused, as a code that programs may rely on."""

    OUT_OF_SCOPE = "out_of_scope"
    """Nothing that this platform does."""
    NOT_PERMITTED = "not_permitted"
    """The caller lacks the scope of the tool."""
    UNAVAILABLE = "unavailable"
    """The agent of the tool is declared but not built yet, or it does not answer."""
    INFEASIBLE = "infeasible"
    """It cannot be done with what there is: a period in the future of measured data, an empty choice."""
    UNSAFE = "unsafe"
    """It would delete or switch what this platform never deletes or switches by a sentence."""
    EMPTY = "empty"
    """There are no words to understand."""


@dataclass(frozen=True)
class Guess:
    """An intent and its probability."""

    intent: str
    score: float


@dataclass(frozen=True)
class IntentResult:
    """The answer. `question` is set when `action` is ask, `reason` and `message` when it is refuse.

    `confirm` says that the question is a yes or no before a tool changes something. `mode` is lexical where the
    sentence encoder is not installed, and understanding is less good then.
    """

    intent: str
    score: float
    top3: tuple[Guess, ...]
    action: Action
    mode: Mode
    model_version: str
    question: str | None = None
    confirm: bool = False
    reason: Reason | None = None
    message: str | None = None

    @property
    def margin(self) -> float:
        """The best score minus the second."""
        return self.top3[0].score - self.top3[1].score if len(self.top3) > 1 else self.score

    def as_dict(self) -> dict[str, Any]:
        """JSON as the command line prints it; what is not set is left out."""
        found: dict[str, Any] = {
            "intent": self.intent,
            "score": round(self.score, 4),
            "top3": [{"intent": g.intent, "score": round(g.score, 4)} for g in self.top3],
            "action": self.action.value,
        }
        optional = {"question": self.question, "reason": self.reason and self.reason.value, "message": self.message}
        return found | {k: v for k, v in optional.items() if v is not None}
