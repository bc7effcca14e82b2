"""From probabilities to act, ask or refuse, by the margins that the model's card carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from redaptive.orchestration.intelligent.matchers.intent_result import Action, Guess
from redaptive.orchestration.intelligent.matchers.model_card import OUT_OF_SCOPE, Thresholds


@dataclass(frozen=True)
class Decision:
    """What to do; `confirm` is a yes-or-no question before something is changed."""

    action: Action
    confirm: bool = False


def decide(ranked: Sequence[Guess], thresholds: Thresholds, *, reads_only: bool) -> Decision:
    """Refuse where out of scope wins, act on a clear margin, else ask.

    A tool that changes something needs a wider margin: between the two it asks for a confirmation.
    """
    if ranked[0].intent == OUT_OF_SCOPE:
        return Decision(Action.REFUSE)
    margin = ranked[0].score - (ranked[1].score if len(ranked) > 1 else 0.0)
    if margin < thresholds.least_margin:
        return Decision(Action.ASK)
    if not reads_only and margin < thresholds.write_margin:
        return Decision(Action.ASK, confirm=True)
    return Decision(Action.ACT)
