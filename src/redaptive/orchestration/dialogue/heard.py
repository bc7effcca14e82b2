"""What a turn of a conversation is taken for: something to be told at once, or a sentence to be planned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from redaptive.orchestration.answers.figures import RunAnswer
from redaptive.orchestration.dialogue.last_answer import LastAnswer
from redaptive.orchestration.dialogue.listed import Listed
from redaptive.orchestration.dialogue.remarks import Form


@dataclass(frozen=True)
class Told:
    """An answer about the last answer, from its stored run. `lines` explain it; `question` is asked back.

    `last` is what is spoken of then; `drops` says that the request that was open is given up, `resets` that nothing
    of the conversation is carried on.
    """

    answer: RunAnswer | None = None
    lines: tuple[str, ...] = ()
    form: Form = "text"
    question: str = ""
    last: LastAnswer | None = None
    drops: bool = False
    resets: bool = False

    def as_dict(self) -> dict[str, Any]:
        """JSON: a question, or `told` with the lines of an explanation; the answer stands beside it."""
        if self.question:
            return {"status": "question", "question": self.question}
        return {"status": "told", "lines": list(self.lines)} if self.lines else {"status": "told"}


@dataclass(frozen=True)
class Heard:
    """What a sentence means after what was answered. `told` says that it needs no new run; `text` is what is planned
    otherwise, with rows named by their codes, and `pointed` the same with `{}` for the rows `meant` of a list.

    `intent` is what was chosen, where a question offered it; `compares` says that the answer is to be told against the
    one before.
    """

    text: str
    told: Told | None = None
    pointed: str = ""
    meant: tuple[int, ...] = ()
    listed: Listed | None = None
    notes: tuple[str, ...] = ()
    intent: str = ""
    compares: bool = False
