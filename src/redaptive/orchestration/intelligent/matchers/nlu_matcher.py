"""From a sentence to an intent: the model's probabilities, the policy, and what is said to a person."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from functools import lru_cache

from redaptive.orchestration.intelligent.matchers.energy_intent_matcher import (
    choice_question,
    confirm_question,
    intents,
    refusal,
)
from redaptive.orchestration.intelligent.matchers.intent_model import IntentModel, packaged_model
from redaptive.orchestration.intelligent.matchers.intent_result import Action, Guess, IntentResult, Reason
from redaptive.orchestration.intelligent.matchers.model_card import OUT_OF_SCOPE
from redaptive.orchestration.intelligent.matchers.policy import decide
from redaptive.orchestration.intelligent.matchers.safety import destroys, switches

_SHOWN = 3
_REMEMBERED = 256  # a planner asks for the same sentence more than once
_DESTROYS = "I delete no records and go round no approval."
_SWITCHES = "I switch no equipment; I can tell a field engineer."


class NluMatcher:
    """Classifies sentences; holds nothing of a conversation, may be shared between threads."""

    def __init__(self, model: IntentModel | None = None) -> None:
        """`model`: the packaged one unless given."""
        self._model = model or packaged_model()
        self._ranked = lru_cache(maxsize=_REMEMBERED)(self._ranked_anew)

    @property
    def model(self) -> IntentModel:
        """The model behind the answers."""
        return self._model

    def classify(self, text: str, *, scopes: Set[str] | None = None) -> IntentResult:
        """The intent of `text` and what to do; with `scopes`, an intent whose tool needs another one is refused."""
        if not any(character.isalnum() for character in text):
            return self._nothing()
        ranked = list(self._ranked(text))
        if destroys(text):
            found = self._result([Guess(OUT_OF_SCOPE, 1.0), *ranked], Action.REFUSE)
            return replace(found, reason=Reason.UNSAFE, message=_DESTROYS)
        found = self._decided(ranked)
        if found.reason is Reason.OUT_OF_SCOPE and switches(text):
            return replace(found, reason=Reason.UNSAFE, message=_SWITCHES)
        if scopes is not None and found.action is not Action.REFUSE:
            return _permitted(found, scopes)
        return found

    def _ranked_anew(self, text: str) -> tuple[Guess, ...]:
        probabilities = self._model.probabilities(text)
        order = probabilities.argsort()[::-1][: _SHOWN + 1]
        return tuple(Guess(self._model.card.labels[i], float(probabilities[i])) for i in order)

    def _decided(self, ranked: list[Guess]) -> IntentResult:
        best = ranked[0]
        known = intents().get(best.intent)
        decision = decide(ranked, self._model.thresholds, reads_only=known is None or known.reads_only)
        found = self._result(ranked, decision.action)
        if decision.action is Action.REFUSE:
            return replace(found, reason=Reason.OUT_OF_SCOPE, message=refusal(ranked))
        if decision.confirm:
            return replace(found, question=confirm_question(best.intent), confirm=True)
        return replace(found, question=choice_question(ranked)) if decision.action is Action.ASK else found

    def _result(self, ranked: list[Guess], action: Action) -> IntentResult:
        top3, card = tuple(ranked[:_SHOWN]), self._model.card
        return IntentResult(ranked[0].intent, ranked[0].score, top3, action, self._model.mode, card.version)

    def _nothing(self) -> IntentResult:
        found = self._result([Guess(OUT_OF_SCOPE, 1.0)], Action.REFUSE)
        return replace(found, reason=Reason.EMPTY, message="There are no words in it.")


def _permitted(found: IntentResult, scopes: Set[str]) -> IntentResult:
    missing = sorted(intents()[found.intent].scopes - scopes)
    if not missing:
        return found
    message = f"You lack the permission {missing[0]}, which this needs."
    return replace(
        found, action=Action.REFUSE, reason=Reason.NOT_PERMITTED, message=message, question=None, confirm=False
    )
