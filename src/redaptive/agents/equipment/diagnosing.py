"""Verdicts of rules as the report of a tool."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from redaptive.agents.equipment.inputs import RuleThreshold
from redaptive.agents.equipment.results import (
    EquipmentFault,
    FaultReport,
    PointEvidence,
    RuleOutcome,
    RuleSkipped,
    UsedThreshold,
)
from redaptive.domain.equipment.evaluate import evaluate
from redaptive.domain.equipment.limits import Limit, Limits
from redaptive.domain.equipment.maintenance import Action, Ticket, action_for, probability_true
from redaptive.domain.equipment.points import POINTS
from redaptive.domain.equipment.records import LocatedEquipment
from redaptive.domain.equipment.rules import BY_KIND
from redaptive.domain.equipment.sensor_verdicts import STANDARD as SENSOR_CHECK
from redaptive.domain.equipment.trend import Trend
from redaptive.domain.equipment.verdict import Episode, Evaluation, Outcome, Verdict


def diagnose(trend: Trend, found: LocatedEquipment, limits: Limits, truth: Truth) -> tuple[FaultReport, Evaluation]:
    """The report of all rules about the equipment, and the evaluation that it is made of."""
    kind = found.equipment.rules
    evaluation = evaluate(trend, kind, BY_KIND[kind], limits)
    return _report(evaluation, found, truth), evaluation


class Truth:
    """How likely a fault of a rule is true: the stated prior of its action, moved by this tenant's findings."""

    def __init__(self, actions: Sequence[Action], tickets: Mapping[str, Ticket]) -> None:
        self._actions, self._tickets = actions, tickets

    def of(self, rule: str) -> float:
        """The chance, 0 to 1."""
        return probability_true(action_for(rule, self._actions), self._tickets.get(rule, Ticket()))

    def is_known(self, rule: str) -> bool:
        """Whether anybody has looked at a fault of this rule."""
        return rule in self._tickets


def given_limits(thresholds: Sequence[RuleThreshold] | None) -> dict[str, float]:
    """Thresholds of the caller by name."""
    return {threshold.name: threshold.value for threshold in thresholds or ()}


def unchecked_limits(evaluation: Evaluation) -> list[str]:
    """What a reader must be told of thresholds that decided a fault."""
    doubtful = {limit.name for verdict in evaluation.faults for limit in verdict.limits if not limit.checked}
    return [f"Thresholds not yet checked at their source: {', '.join(sorted(doubtful))}."] if doubtful else []


def _report(evaluation: Evaluation, found: LocatedEquipment, truth: Truth) -> FaultReport:
    faults = [
        _fault(evaluation.equipment_id, verdict, episode, truth)
        for verdict in evaluation.faults
        for episode in verdict.episodes
    ]
    faults.sort(key=lambda fault: (-fault.active_h, fault.rule))
    outcomes = evaluation.verdicts
    judged = sum(verdict.outcome in (Outcome.FAULT, Outcome.CLEAR) for verdict in outcomes)
    used = {limit.name: limit for v in outcomes for limit in v.limits if v.standard != SENSOR_CHECK}
    return FaultReport(
        equipment_id=evaluation.equipment_id,
        building_code=found.equipment.building_code,
        start=_moment(evaluation.start_s),
        end=_moment(evaluation.end_s),
        faults=tuple(faults),
        rules_judged=judged,
        skipped=tuple(RuleSkipped(v.rule_id, v.missing) for v in outcomes if v.outcome is Outcome.MISSING_POINT),
        outcomes=tuple(
            RuleOutcome(v.rule_id, v.outcome.value, round(v.judged_h, 3), round(v.true_h, 3)) for v in outcomes
        ),
        thresholds=tuple(map(_threshold, used.values())),
        bad_samples=evaluation.bad_samples,
    )


def _fault(equipment: str, verdict: Verdict, episode: Episode, truth: Truth) -> EquipmentFault:
    return EquipmentFault(
        equipment_id=equipment,
        rule=verdict.rule_id,
        title=verdict.title,
        start=_moment(episode.start_s),
        end=_moment(episode.end_s),
        active_h=round(episode.active_h, 3),
        operating_state=episode.state,
        evidence=tuple(PointEvidence(name, round(mean, 3), POINTS[name].unit) for name, mean in episode.means),
        thresholds=tuple(map(_threshold, verdict.limits)),
        probability=round(truth.of(verdict.rule_id), 3),
    )


def _threshold(limit: Limit) -> UsedThreshold:
    return UsedThreshold(limit.name, limit.value, limit.unit)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
