"""Alerts through the agent: raise what was found, list, acknowledge, assign, snooze, resolve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import Field

from redaptive.agents.monitoring.meters import KILO, SitePrices
from redaptive.agents.monitoring.results import AlertBoard, AlertEntry, AlertView, CauseView, OnDuty, OpenAlert
from redaptive.agents.tool import WayBack
from redaptive.domain.alerts.evidence import Facts, sentence
from redaptive.domain.alerts.figures import Figures
from redaptive.domain.alerts.identity import alert_id
from redaptive.domain.alerts.kinds import kind_named
from redaptive.domain.alerts.pricing import Subject, cost_per_day, judge
from redaptive.domain.detectors.kernel import kernel_version
from redaptive.domain.intervals import parse_time, zone
from redaptive.domain.portfolio.records import Commodity, MeterRole
from redaptive.errors import InvalidInput
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.alert_raising import AlertRaising, Duty, NewAlert
from redaptive.infrastructure.database.stores.alert_records import Alert, AlertFilter
from redaptive.infrastructure.database.stores.alert_store import AlertStore
from redaptive.infrastructure.database.stores.monitoring_store import MonitoredMeter
from redaptive.streams.alerts.playbook import Playbook

Action = Literal["raise", "acknowledge", "assign", "resolve", "snooze", "list"]
WITHDRAWN: Final = "withdrawn"
"""The cause by which whoever raised an alert takes that back. It is no cause of a fault: nothing is learned from it."""
TOOL: Final = "energy-monitoring.raise_or_acknowledge_alert"
TAKEN_BACK: Final = WayBack(
    when={"action": "raise"},
    args={
        "action": "resolve",
        "alert_id": "$value.acted.alert.id",
        "cause": WITHDRAWN,
        "note": "The run that raised it was rolled back.",
    },
)
Cause = Annotated[
    str | None, Field(description=f"For resolve: a likely cause's key, other, or {WITHDRAWN} for a mistake.")
]


@dataclass(frozen=True)
class Found:
    """An anomaly as detect_anomalies gives it; amounts in its unit (kWh, m3 of water)."""

    meter_code: str
    kind: str
    start: str
    end: str | None = None
    score: float | None = None
    expected: float | None = None
    actual: float | None = None
    excess_per_day: float | None = None


@dataclass(frozen=True)
class Request:
    """What is to be done, by whom."""

    action: Action
    who: str
    alert_id: str | None
    engineer: str | None
    cause: str | None
    note: str
    snooze_until: str | None


class Alerting:
    """The alerts of one tenant."""

    def __init__(self, pools: ConnectionPoolManager, tenant_id: UUID, playbook: Playbook) -> None:
        self._alerts, self._raising = AlertStore(pools, tenant_id), AlertRaising(pools, tenant_id)
        self._playbook = playbook

    async def board(self, *, states: Sequence[str] | None, limit: int, now: datetime) -> AlertBoard:
        """Alerts in the given states (live ones unless told), the most urgent first, without their history."""
        found = await self._alerts.alerts(AlertFilter(states=tuple(states) if states else None, limit=limit))
        duty = tuple(_on_duty(each) for each in await self._raising.on_duty(now))
        return AlertBoard(now, tuple(entry(alert) for alert in found), None, duty)

    async def view(self, alert: str, now: datetime) -> AlertView:
        """One alert with its history, likely causes, checklist and the engineer on call for its site."""
        found = await self._alerts.get(alert)
        duty = await self._raising.on_call(found.site_code, now)
        causes = found.likely_causes or self._playbook.likely(found.kind, found.commodity, falls=_falls(found))
        return AlertView(
            alert=entry(found),
            likely_causes=tuple(CauseView(c.key, c.title, c.probability) for c in causes),
            checklist=self._playbook.checklist(found.kind, found.commodity),
            on_call_engineer=duty.code if duty else None,
            history=tuple(await self._alerts.history(found.id)),
        )

    async def act(self, request: Request, now: datetime) -> AlertView | None:
        """The alert after the action; None when a raising is taken back that never came to be.

        :raises InvalidInput: naming the argument that the action needs.
        """
        if request.alert_id is None:
            if request.action == "resolve" and request.cause == WITHDRAWN:
                return None
            raise _needs(request.action, "alert_id", "List the alerts first.")
        alert = (await self._alerts.get(request.alert_id)).id
        who, note = request.who, request.note
        if request.action == "acknowledge":
            await self._alerts.acknowledge(alert, who=who, why=note)
        elif request.action == "assign":
            await self._alerts.assign(alert, await self._engineer(request, alert, now), who=who, why=note)
        elif request.action == "snooze":
            await self._alerts.snooze(alert, _until(request), who=who, now=now, why=note)
        else:
            await self._resolve(request, alert)
        return await self.view(str(alert), now)

    async def raise_found(
        self, found: Found, meter: MonitoredMeter, prices: SitePrices, who: str, note: str, now: datetime
    ) -> AlertView:
        """The alert of an anomaly, opened now and given to the engineer on call, or counted to the one there is."""
        duty = await self._raising.on_call(meter.site_code, now)
        alert = self._new(found, meter, prices, note, now)
        made, _ = await self._raising.raise_alert(alert, who=who, assignee=duty.code if duty else None)
        return await self.view(str(made), now)

    async def live_of(self, meters: Sequence[str]) -> Mapping[str, list[OpenAlert]]:
        """Live alerts by meter code."""
        found: dict[str, list[OpenAlert]] = {}
        for meter, alert, kind, severity, state, usd in await self._raising.live_by_meter(meters):
            found.setdefault(meter, []).append(OpenAlert(str(alert), kind, severity, state, usd))
        return found

    def _new(self, found: Found, meter: MonitoredMeter, prices: SitePrices, note: str, now: datetime) -> NewAlert:
        rule, since = kind_named(found.kind), parse_time(found.start, "anomaly.start")
        if since > now:
            raise InvalidInput(f"{found.start} lies ahead.", field="anomaly.start")
        price = prices.at(meter, since.astimezone(zone(meter.timezone)).date())
        commodity = meter.meter.commodity.value
        rate, excess = price.usd_per_unit if price else None, found.excess_per_day
        cost = cost_per_day(rule.slug, excess, rate, generates=meter.meter.commodity is Commodity.SOLAR)
        subject = Subject(
            rule.slug, commodity, main_meter=meter.meter.role is MeterRole.MAIN, end_use=meter.meter.end_use,
            excess_per_day=excess, left=Figures(found.actual, found.expected, excess).left,
        )  # fmt: skip
        judgement = judge(subject, cost.usd_per_day)
        facts = Facts(
            kind=rule.slug,
            subject=f"Meter {meter.meter.code}",
            since=since,
            until=parse_time(found.end, "anomaly.end") if found.end else now,
            timezone=meter.timezone,
            commodity=commodity,
            actual=found.actual,
            expected=found.expected,
            excess_per_day=found.excess_per_day,
            usd_per_day=cost.usd_per_day,
            score=found.score,
            ended=found.end is not None,
        )
        return NewAlert(
            id=alert_id(rule.slug, int(since.timestamp()), meter_no=meter.number),
            meter_no=meter.number,
            kind=rule.slug,
            since=since,
            severity=judgement.severity.value,
            rank=judgement.rank,
            usd_per_day=cost.usd_per_day,
            price_note=cost.note,
            excess_kwh_per_day=found.excess_per_day,
            actual_wh=None if found.actual is None else round(found.actual * KILO),
            expected_wh=None if found.expected is None else found.expected * KILO,
            score=found.score,
            kernel_version=kernel_version(),
            evidence=" ".join(filter(None, (sentence(facts), note))),
            likely_causes=self._playbook.likely(rule.slug, commodity, falls=subject.falls),
        )

    async def _engineer(self, request: Request, alert: UUID, now: datetime) -> str:
        if request.engineer:
            return request.engineer
        duty = await self._raising.on_call((await self._alerts.get(alert)).site_code, now)
        if duty is None:
            raise _needs("assign", "engineer", "Nobody is on call for the site: name one.")
        return duty.code

    async def _resolve(self, request: Request, alert: UUID) -> None:
        if not request.cause:
            raise _needs("resolve", "cause", "Say what was found.")
        if request.cause == WITHDRAWN:
            await self._alerts.withdraw(alert, who=request.who, why=request.note)
            return
        found = await self._alerts.get(alert)
        cause = self._playbook.require_cause(found.kind, found.commodity, request.cause)
        await self._alerts.resolve(alert, cause, who=request.who, note=request.note)


def entry(alert: Alert) -> AlertEntry:
    """The alert as the tools show it."""
    return AlertEntry(
        id=str(alert.id),
        kind=alert.kind,
        severity=alert.severity,
        state=alert.state,
        usd_per_day=None if alert.usd_per_day is None else float(alert.usd_per_day),
        price_note=alert.price_note,
        excess_per_day=alert.excess_kwh_per_day,
        meter_code=alert.meter_code,
        building_code=alert.building_code,
        site_code=alert.site_code,
        since=alert.since,
        ended_at=alert.ended_at,
        opened_at=alert.opened_at,
        acknowledged_at=alert.acknowledged_at,
        snoozed_until=alert.snoozed_until,
        resolved_at=alert.resolved_at,
        occurrences=alert.occurrences,
        assigned_engineer=alert.assignee_code or None,
        cause=alert.cause,
        evidence=alert.evidence,
        kernel_version=alert.kernel_version,
    )


def _falls(alert: Alert) -> bool:
    return (alert.excess_kwh_per_day or 0.0) < 0


def _until(request: Request) -> datetime:
    if request.snooze_until is None:
        raise _needs("snooze", "snooze_until", "Write a time such as 2026-01-31T08:00:00Z.")
    return parse_time(request.snooze_until, "snooze_until")


def _needs(action: str, field: str, fix: str) -> InvalidInput:
    return InvalidInput(f"The action {action} needs {field}.", field=field, fix=fix)


def _on_duty(duty: Duty) -> OnDuty:
    sites = ", ".join(duty.sites) or "sites without a team of their own"
    return OnDuty(f"{duty.name} ({duty.code})", duty.team, duty.level, sites)
