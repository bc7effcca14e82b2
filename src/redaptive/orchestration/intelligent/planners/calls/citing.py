"""Answers in words get what they may quote: the results of the steps that they wait for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from redaptive.orchestration.intelligent.planners.calls.steps import Step
from redaptive.orchestration.plans.schema import Json

ANSWER: Final = "customer-experience.answer_question"


def with_findings(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps, each answer in words with the results of the calls before it as findings.

    A call that may be skipped or is repeated is only waited for: an answer that read it would be skipped with it.
    """
    known = {step.id: step for step in steps}
    return tuple(_citing(step, known) if step.tool == ANSWER else step for step in steps)


def _told_before(step: Step, known: Mapping[str, Step]) -> list[Step]:
    """The calls that a step only waits for, and those that they only wait for, the first first."""
    found: list[Step] = []
    for name in step.needs:
        if name in known:
            found += [each for each in (*_told_before(known[name], known), known[name]) if each not in found]
    return found


def _citing(step: Step, known: Mapping[str, Step]) -> Step:
    if "findings" in step.args:
        return step
    sources = _told_before(step, known)
    quotable = [each for each in sources if each.tool is not None and each.when is None and each.items is None]
    if not quotable:
        return step
    findings: list[Json] = [{"call_id": each.id, "tool": each.tool, "answer": f"${each.id}"} for each in quotable]
    left = tuple(name for name in step.needs if name not in {each.id for each in quotable})
    return replace(step, args={**step.args, "findings": findings}, needs=left)
