"""The gate before every run: all that is wrong with a plan, at once, with node, field and what to do.

Pure: the plan and the context decide, nothing else. It runs on every plan of any origin, and again at start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from pydantic import ValidationError

from redaptive.errors import InvalidInput
from redaptive.orchestration.ai.validation import (
    arguments,
    availability,
    budget,
    conditions,
    effects,
    inputs,
    nesting,
    references,
    rights,
    secrecy,
    structure,
)
from redaptive.orchestration.ai.validation.facts import Facts
from redaptive.orchestration.ai.validation.findings import CODES, SEVERITIES, Finding, Limits, ValidationContext
from redaptive.orchestration.intelligent.dag_engine import remember
from redaptive.orchestration.plans.schema import Json, Plan

__all__ = ["CODES", "Finding", "Limits", "ValidationContext", "errors", "read_plan", "require", "validate"]

Rule = Callable[[Facts], Iterator[Finding]]
RULES: Final[tuple[Rule, ...]] = (
    structure.check,
    availability.check,
    references.check,
    arguments.check,
    conditions.check,
    rights.check,
    effects.check,
    budget.check,
    secrecy.check,
)


def validate(plan: Plan, context: ValidationContext, given: dict[str, Json] | None = None) -> list[Finding]:
    """Everything that is wrong with the plan, sub-plans included, errors first; with `given`, also with the inputs.

    A plan without errors may run; warnings and advice are for whoever reads the plan. Never raises.
    """
    facts = Facts(plan, context)
    found = nesting.check(facts)
    if not found:
        found = list(_all(facts))
        if not errors(found):
            remember(plan, facts.graph)
    if given is not None and not any(each.code == "bad_inputs" for each in found):
        found += inputs.given(plan, given)
    return sorted(dict.fromkeys(found), key=lambda each: SEVERITIES.index(each.severity))


def errors(findings: Sequence[Finding]) -> list[Finding]:
    """Those that forbid a run."""
    return [each for each in findings if each.severity == "error"]


def require(plan: Plan, context: ValidationContext, given: dict[str, Json] | None = None) -> list[Finding]:
    """The warnings and advice, when nothing forbids a run.

    :raises InvalidInput: otherwise; lists every error.
    """
    found = validate(plan, context, given)
    if wrong := errors(found):
        more = f" (and {len(wrong) - 5} more)" if len(wrong) > 5 else ""
        text = " ".join(f"[{each.code}] {each.node or 'plan'}: {each.message}" for each in wrong[:5])
        raise InvalidInput(f"The plan cannot run: {text}{more}", field=wrong[0].field, fix=wrong[0].fix)
    return found


def read_plan(given: str | bytes | dict[str, Json]) -> tuple[Plan | None, list[Finding]]:
    """The plan that JSON describes, or what is wrong with its format, as a person or a model is told."""
    try:
        return Plan.model_validate(given) if isinstance(given, dict) else Plan.model_validate_json(given), []
    except ValidationError as error:
        return None, _format_findings(error)
    except RecursionError:
        return None, [Finding("format", "", "", "It is nested too deep to be read.", "Flatten it.")]


def _format_findings(error: ValidationError) -> list[Finding]:
    each_error = error.errors(include_url=False, include_input=False, include_context=False)
    found = []
    for each in each_error:
        inner = any(other["loc"][: len(each["loc"])] == each["loc"] for other in each_error if other is not each)
        if each["type"] == "too_short" and inner:
            continue  # a list counts its bad items as missing; they are reported themselves
        field = ".".join(str(part) for part in each["loc"])
        found.append(Finding("format", "", field, f"{each['msg']}.", "Compare with schemas/plans/plan-1.json."))
    return found


def _all(facts: Facts) -> Iterator[Finding]:
    for rule in RULES:
        yield from rule(facts)
    yield from nesting.missing(facts.plan, facts.context)
    for node, inner in facts.inner:
        yield from (each.below(node.id) for each in _all(inner))
