"""A fake classifier: intents by words that the test gives, with full certainty; says so in its version."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set

from redaptive.orchestration.intelligent.matchers.intent_result import Action, Guess, IntentResult, Reason
from redaptive.orchestration.intelligent.matchers.model_card import OUT_OF_SCOPE


class FakeClassifier:
    """The first intent whose pattern the text has; without one, out of scope, or unsure between the `unsure` ones."""

    def __init__(self, patterns: Mapping[str, str], unsure: tuple[str, ...] = ()) -> None:
        self._patterns = patterns
        self._unsure = unsure
        self.asked: list[str] = []

    def classify(self, text: str, *, scopes: Set[str] | None = None) -> IntentResult:
        self.asked.append(text)
        found = next((name for name, words in self._patterns.items() if re.search(words, text, re.IGNORECASE)), None)
        if found is not None:
            return _result((Guess(found, 0.97), Guess(OUT_OF_SCOPE, 0.01)), Action.ACT)
        if self._unsure:
            guesses = tuple(Guess(name, 0.3) for name in self._unsure)
            return _result(guesses, Action.ASK, question="Which of these do you mean?")
        return _result((Guess(OUT_OF_SCOPE, 0.99),), Action.REFUSE, reason=Reason.OUT_OF_SCOPE, message="Out of scope.")


def _result(guesses: tuple[Guess, ...], action: Action, **more: object) -> IntentResult:
    return IntentResult(guesses[0].intent, guesses[0].score, guesses, action, "lexical", "fake", **more)  # type: ignore[arg-type]
