"""All planners in their order: patterns and types first, then a language model where one is configured."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import structlog

from redaptive.errors import RedaptiveError
from redaptive.orchestration.intelligent.planners.ai_planner import AiPlanner
from redaptive.orchestration.intelligent.planners.outcome import PlanOutcome, PlanRequest
from redaptive.orchestration.intelligent.planners.plan_cache import PlanCache
from redaptive.orchestration.intelligent.planners.planner import Planner

FINAL: Final = frozenset({"unsafe", "not_permitted", "infeasible", "out_of_scope"})
"""Refusals that no model is asked about."""
log = structlog.get_logger(__name__)


class Planning:
    """The planner that commands and services use."""

    def __init__(self, planner: Planner, ai: AiPlanner | None = None, cache: PlanCache | None = None) -> None:
        self.planner = planner
        self._ai = ai
        self._cache = cache or PlanCache()

    async def plan(self, request: PlanRequest) -> PlanOutcome:
        """The deterministic outcome; where that is no plan and not final, the model's, if it makes one.

        A model that fails, or is over its budget, changes nothing: then the deterministic outcome stands, with a note.
        """
        found = self._cache.get(request, self.planner)
        if found is None:
            found = self.planner.plan(request)
            self._cache.put(request, self.planner, found)
        if self._ai is None or not _open(found):
            return found
        try:
            made = await self._ai.plan(request)
        except RedaptiveError as error:
            log.warning("llm_planner_failed", code=error.code, error=error.message)
            return found.noting(f"The language model could not help ({error.code}): {error.message}")
        if made.status == "planned":
            return made
        note = made.message or made.question or "it made no plan"
        return replace(found, usage=made.usage).noting(f"The language model found no plan either: {note}")


def _open(outcome: PlanOutcome) -> bool:
    """Whether a model may do better: nothing was planned, nothing forbids it, and no single slot is merely missing.

    A question for the subject means that nothing was understood.
    """
    if outcome.status == "planned" or outcome.reason in FINAL:
        return False
    return outcome.status == "refused" or outcome.slot in (None, "subject")
