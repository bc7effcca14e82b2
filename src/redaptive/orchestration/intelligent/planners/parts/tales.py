"""What a request only tells: clauses that are no wish, though a tool could be guessed from their words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from redaptive.orchestration.ai.tool_modeling import ToolModel
from redaptive.orchestration.intelligent.matchers.intent_result import IntentResult
from redaptive.orchestration.intelligent.planners.calls.binding import bind
from redaptive.orchestration.intelligent.planners.calls.fitness import given, names
from redaptive.orchestration.intelligent.planners.clauses.clauses import Clause
from redaptive.orchestration.intelligent.planners.clauses.statements import states
from redaptive.orchestration.intelligent.planners.clauses.verbs import asks, commands, leaves_out
from redaptive.orchestration.intelligent.planners.clauses.wordings import certain
from redaptive.orchestration.intelligent.planners.parts.labels import SURE_UNSPELLED as SURE_ALONE
from redaptive.orchestration.intelligent.planners.parts.labels import SURE_WITH_CONDITION, Labelled, Models, Read
from redaptive.orchestration.intelligent.planners.parts.sharing import ANAPHOR
from redaptive.orchestration.intelligent.planners.values.ids import find_codes
from redaptive.orchestration.intelligent.planners.values.reading import Reading

_NARROWING: Final = re.compile(
    r"^(?:only|just|look\s+(?:only\s+)?at|consider|limit|restrict|stick\s+to|count|include|focus\s+on|concentrate\s+on)\b|\bonly$",
    re.IGNORECASE,
)
_DEED: Final = re.compile(
    r"(?:please\s+)?(?!(?:for|on|in|at|of|to|by|with|from|as|about|over|under|is|are|was|were|has|have|had|does|do|did|will|would|can|could|should|may|might|must|if|when|that|which|what|who|how|where|why|and|or|but|not|no|only|all|both|each|every|any|some|give|see)\b)"
    r"(?-i:[a-z]+)\s+(?:the|an?|our|my|its|their|every|each|all|both|any)\s+[a-z]",
    re.IGNORECASE,
)
"""A verb, known or not, with an object of its own."""
_JOB: Final = re.compile(
    r"(?:(?:the|our|an?|this|that)\s+)?(?:(?!(?:of|for|on|at|in|to|and|the|an?|same|this|that)\b)[\w-]+\s+){0,4}(?:job|project|retrofit|deal|upgrade|replacement|investment|swap)",
    re.IGNORECASE,
)
"""A thing to be reckoned with, which asks for nothing by itself: "heat pump job"."""
_SHOWN: Final = re.compile(
    r"\b(?:me|us|you|results?|answers?|outcomes?|findings?|numbers?|figures?|summary|table|list|chart|overview|totals?|difference)\b",
    re.IGNORECASE,
)
"""Words for showing what was found, which needs no step."""


def without_tales(
    labelled: Sequence[Labelled], read: Read, models: Models, whole: IntentResult | None
) -> list[Labelled]:
    """The clauses, those that only tell without a tool, so that they say more about their neighbours.

    A statement is no step where its tool lacks what nothing says or gives, or where it names nothing to work on. Where
    the request as a whole says all that its own tool needs, other clauses that lack something are steps only as orders.
    """
    named = [models[each.tool] for each in labelled if each.tool]
    goal = models.get(whole.intent) if whole is not None and whole.score >= SURE_WITH_CONDITION else None
    everything = read(". ".join(each.clause.text for each in labelled))
    complete = goal is not None and not bind(goal.tool, everything).missing
    if len({model.name for model in named}) < (1 if complete else 2):
        return list(labelled)
    kept = list(labelled)
    for at in range(len(kept)):
        named = [models[each.tool] for each in kept if each.tool]
        if _Scene(kept, named, everything, read, goal if complete else None).tells(at):
            kept[at] = kept[at].without()
    return kept if complete or any(each.tool for each in kept) else list(labelled)


_HAD_DONE: Final = re.compile(
    r"\b(?:had|got)\s+(?:its|their|his|her|our|the|an?|new|all)\b[^.;,]*\b\w+(?:ed|en|put\s+in|taken\s+out)\b",
    re.IGNORECASE,
)
"""What was done to a thing is over, whatever its code: "meter M-4 had its transformers swapped"."""


@dataclass(frozen=True)
class _Scene:
    """All clauses with their tools, what they say together, and the tool of the whole where that is complete."""

    labelled: Sequence[Labelled]
    named: Sequence[ToolModel]
    everything: Reading
    read: Read
    goal: ToolModel | None

    def tells(self, at: int) -> bool:
        """Whether a clause only tells."""
        each = self.labelled[at]
        text = _own(each.clause)
        if each.tool is None or certain(text):
            return False
        model = next(one for one in self.named if one.name == each.tool)
        others = [other for other in self.named if other is not model]
        if _JOB.fullmatch(text) and self._wished_besides(model):
            return True
        hard = at > 0 and each.clause.relation in ("then", "parallel") and not each.clause.soft
        if states(text):
            idle = (
                not self._decides(at)
                and self._wished_besides(model)
                and (not find_codes(text) or _HAD_DONE.search(text) is not None)
            )
            return self._lacks(model, others) or (idle and not hard and not each.clause.condition)
        if hard or each.clause.condition or each.clause.otherwise:
            return False
        if asks(text) and not self._waited_for(at) and self._rhetorical(each, model):
            return True
        if self._figures_only(text, model) and (self.goal not in (None, model) or self._taken(text, model, others)):
            return True
        if self.goal not in (None, model) and self._narrows(text):
            return True
        earlier = [one for one in others if one.name in {other.tool for other in self.labelled[:at]}]
        return self.goal not in (None, model) and not commands(text) and self._lacks(model, earlier)

    def _narrows(self, text: str) -> bool:
        """Whether a clause only limits what is asked: "look at lighting only", and the tool of the whole takes that."""
        limits = _NARROWING.search(text) is not None and not find_codes(text)
        return limits and self.goal is not None and bool(bind(self.goal.tool, self.read(text)).args)

    def _waited_for(self, at: int) -> bool:
        """Whether the next clause is to come after this one."""
        behind = self.labelled[at + 1 : at + 2]
        return bool(behind) and behind[0].clause.relation == "then" and not behind[0].clause.soft

    def _lacks(self, model: ToolModel, others: Sequence[ToolModel]) -> bool:
        """Whether a tool needs something that the whole request does not say and no other tool gives."""
        missing = bind(model.tool, self.everything).missing
        needs = [need for name in missing if (need := model.need(name)) is not None]
        return any(not any(given(need, other) for other in others) for need in needs)

    def _rhetorical(self, each: Labelled, model: ToolModel) -> bool:
        """Whether a question names nothing that its tool could take, before what is ordered."""
        unsure = each.best is not None and each.best.score < SURE_ALONE
        ordered = any(commands(_own(other.clause)) for other in self.labelled if other.tool not in (None, model.name))
        return (
            unsure
            and ordered
            and not find_codes(_own(each.clause))
            and not bind(model.tool, self.read(_own(each.clause))).args
        )

    def _figures_only(self, text: str, model: ToolModel) -> bool:
        """Whether a clause is a mere figure of what is asked: without a verb, a code, or the name of its tool."""
        reading = self.read(text)
        amounts = reading.money or reading.percentages or reading.quantities
        return bool(amounts) and leaves_out(text) and not find_codes(text) and not names(model.name, text)

    def _taken(self, text: str, model: ToolModel, others: Sequence[ToolModel]) -> bool:
        """Whether another tool has a place for all that the clause says."""
        said = bind(model.tool, self.read(text)).args
        return bool(said) and any(said.items() <= bind(one.tool, self.everything).args.items() for one in others)

    def _decides(self, at: int) -> bool:
        """Whether the clause behind waits for what this one finds."""
        behind = [each.clause for each in self.labelled[at + 1 :] if each.tool]
        return any(clause.condition for clause in behind[:1])

    def _wished_besides(self, model: ToolModel) -> bool:
        """Whether another clause asks for work in so many words."""
        return any(_wishes(each.clause) for each in self.labelled if each.tool not in (None, model.name))


def _own(clause: Clause) -> str:
    return clause.core or clause.text


def _wishes(clause: Clause) -> bool:
    text = _own(clause)
    return not states(text) and bool(commands(text) or asks(text) or certain(text))


def must_be_clear(clause: Clause) -> bool:
    """Whether a clause is an action under a condition, and no mere word more about the one before."""
    mere = (clause.soft and leaves_out(clause.text)) or states(clause.text)
    return bool(clause.condition or clause.otherwise) and not mere


def lost(clause: Clause) -> bool:
    """Whether a clause orders something in its turn that no tool is known for: better asked about than left undone."""
    text = _own(clause)
    placed = clause.relation in ("then", "parallel") and not clause.soft
    return placed and bool(_DEED.match(text)) and not ANAPHOR.search(text) and not _SHOWN.search(text)
