"""Plans of requests that were made before: same words, context, rights, catalogue and day give the same plan."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import sha256

from redaptive.orchestration.intelligent.planners.outcome import PlanOutcome, PlanRequest
from redaptive.orchestration.intelligent.planners.planner import Planner


@dataclass
class PlanCache:
    """The newest outcomes in this process. The day is part of the key, since "last month" means another one tomorrow.

    What is unavailable or forbidden is decided again when the run starts, whatever is kept here.
    """

    most: int = 1_000
    _kept: OrderedDict[str, PlanOutcome] = field(default_factory=OrderedDict)

    def get(self, request: PlanRequest, planner: Planner) -> PlanOutcome | None:
        """The outcome of the same request, None when there was none."""
        key = _key(request, planner)
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def put(self, request: PlanRequest, planner: Planner, outcome: PlanOutcome) -> None:
        """Keep an outcome; the one that was not asked for the longest goes."""
        self._kept[_key(request, planner)] = outcome
        while len(self._kept) > self.most:
            self._kept.popitem(last=False)


def _key(request: PlanRequest, planner: Planner) -> str:
    context = request.context
    parts = [
        request.text.strip(),
        request.tenant,
        sorted(request.scopes),
        json.dumps(dict(context.entities), sort_keys=True, default=str),
        context.intent,
        context.request,
        context.follow_up,
        context.answered,
        planner.fingerprint,
        planner.knowledge.clock().strftime("%Y-%m-%d %H"),
    ]
    return sha256(json.dumps(parts).encode()).hexdigest()
