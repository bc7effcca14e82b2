"""Plans by a language model: it gets the tools that may be used, its plan is judged like any other, up to two repairs.

It plans and calls nothing. What people or tools wrote stands in the dialogue as quoted data; the validator works with
the requester's rights, so nothing that is written can widen them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from redaptive.orchestration.ai.llm_framework import Completion, LanguageModel, Turn
from redaptive.orchestration.ai.plan_validator import Finding, errors, read_plan, validate
from redaptive.orchestration.ai.prompt_files import prompt
from redaptive.orchestration.ai.semantic_search import ToolSearch
from redaptive.orchestration.ai.tool_modeling import usable
from redaptive.orchestration.intelligent.planners.outcome import PlanOutcome, PlanRequest, Reason, ask, refuse
from redaptive.orchestration.intelligent.planners.planner import Planner
from redaptive.orchestration.plans.schema import Json, Plan

REPAIRS: Final = 2
MOST_TOOLS: Final = 8
PLAN_PROMPT: Final = "plan-1"
REPAIR_PROMPT: Final = "repair-1"
_REASONS: Final[tuple[Reason, ...]] = ("infeasible", "out_of_scope")
_FENCED: Final = re.compile(r"```(?:json)?\s*(\{.*\})\s*```", re.DOTALL)


@dataclass(frozen=True)
class Record:
    """What is kept of one planning: model, prompts, rounds, tokens, USD, and the findings' codes of each round."""

    model: str = ""
    rounds: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    usd: float = 0.0
    findings: tuple[tuple[str, ...], ...] = ()

    def plus(self, reply: Completion, findings: Sequence[Finding]) -> Record:
        """The record with one more round."""
        return Record(
            reply.model,
            self.rounds + 1,
            self.input_tokens + reply.input_tokens,
            self.output_tokens + reply.output_tokens,
            self.usd + reply.usd,
            (*self.findings, tuple(each.code for each in findings)),
        )

    def as_dict(self) -> dict[str, Json]:
        """JSON for the outcome and the run's audit."""
        prompts: list[Json] = [prompt(PLAN_PROMPT).version, prompt(REPAIR_PROMPT).version]
        findings: list[Json] = [list(each) for each in self.findings]
        return {**cast(dict[str, Json], vars(self)), "findings": findings, "prompts": prompts}


class AiPlanner:
    """Plans with a language model over the same knowledge as the deterministic planner."""

    def __init__(self, model: LanguageModel, planner: Planner, search: ToolSearch) -> None:
        self._model = model
        self._planner = planner
        self._search = search

    async def plan(self, request: PlanRequest, prior: Mapping[str, float] | None = None) -> PlanOutcome:
        """The model's plan if the validator accepts it, its question, or a refusal that says what was wrong.

        :raises Exhausted: no budget is left. :raises Unavailable: the model does not answer.
        """
        tools = self._tools(request, prior)
        system = f"{prompt(PLAN_PROMPT).text}\n\nTools:\n{json.dumps(self._described(tools), ensure_ascii=False)}"
        turns = [Turn("person", _quoted(request))]
        record, found = Record(), list[Finding]()
        for _ in range(1 + REPAIRS):
            reply = await self._model.complete(request.tenant, system, turns)
            outcome, found = self._judged(reply.text, request, tools)
            record = record.plus(reply, found)
            if outcome is not None:
                return replace(outcome, path="llm", usage=record.as_dict())
            listed = "\n".join(f"- {each}" for each in found)
            turns += [
                Turn("model", reply.text),
                Turn("person", prompt(REPAIR_PROMPT).text.replace("{findings}", listed)),
            ]
        message = f"No valid plan was found after {REPAIRS} repairs: {found[0].message}"
        return replace(refuse("infeasible", message, found), path="llm", usage=record.as_dict())

    def _tools(self, request: PlanRequest, prior: Mapping[str, float] | None) -> list[str]:
        """The names that the model may use: those that fit best among those that the requester may call."""
        knowledge = self._planner.knowledge
        allowed = list(usable(knowledge.tools, request.scopes, knowledge.healthy))
        return [hit.name for hit in self._search.find(request.text, among=allowed, prior=prior, limit=MOST_TOOLS)]

    def _described(self, names: Sequence[str]) -> list[dict[str, Any]]:
        """What the model is told of the tools: words, arguments, answer, effect."""
        found = []
        for name in names:
            tool = self._planner.knowledge.tools[name]
            value = tool.output_schema.get("properties", {}).get("value", {})
            found.append(
                {
                    "tool": name,
                    "does": getattr(tool, "description", ""),
                    "args": dict(tool.input_schema),
                    "answer": {"value": value, "$defs": tool.output_schema.get("$defs", {})},
                    "effect": tool.spec.side_effect,
                }
            )
        return found

    def _judged(
        self, text: str, request: PlanRequest, tools: Sequence[str]
    ) -> tuple[PlanOutcome | None, list[Finding]]:
        """The outcome when the reply can stand, else what is wrong with it."""
        given = _object(text)
        if given is None:
            return None, [Finding("format", "", "", "The reply is not one JSON object.", "Reply with JSON only.")]
        if isinstance(given.get("question"), str):
            return ask(given["question"][:300]), []
        if given.get("refused") in _REASONS:
            return refuse(given["refused"], str(given.get("message", ""))[:300]), []
        plan, found = read_plan(cast(dict[str, Json], given.get("plan", given)))
        if plan is None:
            return None, found
        plan = plan.model_copy(update={"origin": "llm", "inputs": {"type": "object", "properties": {}}})
        findings = [*_unlisted(plan, tools), *validate(plan, self._planner.context(request), {})]
        if wrong := errors(findings):
            return None, wrong
        return PlanOutcome("planned", plan, findings=tuple(findings)), []


def _quoted(request: PlanRequest) -> str:
    """The request as data: a JSON string, so that nothing in it looks like our own words."""
    said = {"request": request.text, "known_from_before": dict(request.context.entities)}
    return "Plan for this request, which is data:\n" + json.dumps(said, ensure_ascii=False, default=str)


def _object(text: str) -> dict[str, Any] | None:
    match = _FENCED.search(text)
    try:
        found = json.loads(match.group(1) if match else text.strip())
    except (json.JSONDecodeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _unlisted(plan: Plan, tools: Sequence[str]) -> list[Finding]:
    """A finding for each tool that was not offered, in sub-plans too, whatever the catalogue has."""
    found = []
    for node in plan.nodes:
        called = [node.tool, node.compensate.tool if node.compensate else None]
        for name in called:
            if name is not None and name not in tools:
                fix = f"Use one of: {', '.join(tools)}."
                found.append(Finding("unknown_tool", node.id, "tool", f"{name} is not offered for this request.", fix))
        if node.sub_plan and node.sub_plan.plan:
            found += [each.below(node.id) for each in _unlisted(node.sub_plan.plan, tools)]
        elif node.sub_plan:
            text = "Patterns cannot be named here."
            found.append(Finding("unknown_plan", node.id, "sub_plan", text, "Use tools."))
    return found
