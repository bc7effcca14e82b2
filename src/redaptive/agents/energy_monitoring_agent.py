"""Energy monitoring: seven tools from readings as they come in to the alert that an engineer acts on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, ClassVar

from anyio import to_thread
from pydantic import Field

from redaptive.agents.base import AgentBase
from redaptive.agents.monitoring.alerting import TAKEN_BACK, TOOL, Action, Alerting, Cause, Found, Request
from redaptive.agents.monitoring.detecting import WARM_UP_DAYS, detect
from redaptive.agents.monitoring.editing import write_corrections
from redaptive.agents.monitoring.forecasting import Issued, as_result, issue, not_counted, outlook
from redaptive.agents.monitoring.ingesting import Intake, ReadingRow, StoreIntake, receipt, sort_out
from redaptive.agents.monitoring.log_intake import LogIntake, log_state
from redaptive.agents.monitoring.meters import (
    SitePrices,
    chosen,
    last_end,
    one,
    quality_of,
    readings_source,
    require_energy,
)
from redaptive.agents.monitoring.results import (
    AlertBoard,
    AlertView,
    AnomalyReport,
    FleetStatus,
    IngestReceipt,
    LiveMetering,
    LoadForecast,
    MeterStatus,
    PeakAlert,
    Tally,
    VeeReport,
)
from redaptive.agents.monitoring.status import fleet_status
from redaptive.agents.monitoring.trained_models import trained_for
from redaptive.agents.monitoring.validating import Edit, corrections, examine, report
from redaptive.agents.monitoring.window import window
from redaptive.agents.tool import prompt, resource, tool
from redaptive.domain.alerts.states import State
from redaptive.domain.answers import Answer, DataQuality, Scalar, Source
from redaptive.domain.detectors.kernel import kernel_version
from redaptive.domain.intervals import parse_time
from redaptive.errors import InvalidInput, Unavailable
from redaptive.infrastructure.database.stores.monitoring_store import MonitoredMeter, MonitoringStore
from redaptive.infrastructure.database.stores.price_store import PriceStore
from redaptive.infrastructure.database.stores.weather_store import WeatherStore
from redaptive.reference.loader import load_all
from redaptive.streams.alerts.playbook import Playbook
from redaptive.streams.forecasts.model_folder import ModelFolder
from redaptive.streams.status import StreamStatus

READ, WRITE = "monitoring:read", "monitoring:write"
WHOLE = DataQuality(coverage_pct=100.0)

MeterIds = Annotated[list[str] | None, Field(description="Meter codes; default: those of the buildings, else all.")]
BuildingIds = Annotated[list[str] | None, Field(description="Building codes, instead of meters.")]
Start = Annotated[str | None, Field(description="First moment, ISO 8601, UTC unless it has an offset.")]
End = Annotated[str | None, Field(description="End of the window; default: the end of the newest reading.")]
At = Annotated[
    str | None,
    Field(description="Moment of issue; nothing later is looked at. Default: now, or the end of the newest reading."),
]


class EnergyMonitoringAgent(AgentBase):
    """The agent; formulas are in `domain`, SQL in the stores, the kernel is the one that scores the live stream."""

    id: ClassVar[str] = "energy-monitoring"
    version: ClassVar[str] = "1"
    title: ClassVar[str] = "Energy monitoring"
    purpose: ClassVar[str] = (
        "Takes readings in, says which meters are silent or wrong, finds use that nobody expected and what it costs, "
        "forecasts load and billing peaks, and handles alerts until an engineer has found the cause."
    )

    @tool(scope=WRITE, side_effect="write", idempotent=True, latency_p50_ms=200, latency_p95_ms=2_000)
    async def ingest_readings(
        self,
        readings: Annotated[list[ReadingRow], Field(min_length=1, description="At most 5,000 rows.")],
    ) -> Answer[IngestReceipt]:
        """Takes a batch of interval readings in; a meter and start that are known already count as duplicates.

        Rows with another value for a known interval are refused: correct them with validate_estimate_edit.
        """
        now, store = self.services.clock(), self._store
        meters = await store.find([row.meter for row in readings])
        found = await to_thread.run_sync(sort_out, readings, meters, self.readings, now)
        intake = self._intake(now)
        refused = await intake.take(found.taken) if found.taken else ()
        value = receipt(len(readings), found, refused, intake.path)
        return Answer(
            value=value,
            unit="rows",
            method="row checks against the meter's record; idempotent on meter and start (domain.md 6)",
            inputs_used={"rows": len(readings), "meters": len(meters)},
            factor_version=(),
            data_quality=WHOLE,
            warnings=await self._ingest_warnings(value),
            provenance=(Source("caller", self.principal.subject),),
        )

    @tool(scope=READ, latency_p50_ms=150, latency_p95_ms=3_000)
    async def get_meter_status(
        self, meter_ids: MeterIds = None, building_ids: BuildingIds = None
    ) -> Answer[FleetStatus]:
        """Last reading, latency, gap, validation flags, gateway and open alerts of meters, longest silent first."""
        meters = await chosen(self._store, meter_ids, building_ids)
        alerts = await self._alerting.live_of([m.meter.code for m in meters])
        status = await to_thread.run_sync(fleet_status, self.readings, meters, alerts, self.services.clock())
        return Answer(
            value=status,
            unit="s, min, kWh or m3",
            method="newest reading of each meter against the clock; VEE flags of its last 7 days (domain.md 6.1)",
            inputs_used={"meters": len(meters), "at": status.at.isoformat()},
            factor_version=(),
            data_quality=DataQuality(100.0 * (len(meters) - status.never) / len(meters)),
            warnings=_silent(status),
            provenance=(await readings_source(self.readings, meters),),
        )

    @tool(scope=WRITE, side_effect="write", latency_p50_ms=200, latency_p95_ms=3_000)
    async def validate_estimate_edit(
        self,
        meter_id: str,
        start: Start = None,
        end: End = None,
        apply_estimates: Annotated[bool, Field(description="Write the estimates into the store.")] = False,
        edits: Annotated[list[Edit] | None, Field(description="Values to put in place of readings.")] = None,
        reason: Annotated[str | None, Field(description="Why; needed for everything that is written.")] = None,
        author: Annotated[str | None, Field(description="Who decided; default: the caller.")] = None,
    ) -> Answer[VeeReport]:
        """Validates a meter's readings and estimates what is missing or impossible; writes only what is asked for.

        Default window: the 7 days up to the newest reading. Estimates are always marked; what they replace is kept in
        the audit log, with reason and author.
        """
        meter = await one(self._store, meter_id)
        span = window(start, end, await last_end(self.readings, [meter]), days=7, limit_days=366)
        children = await self._store.children(meter_id)
        found = await to_thread.run_sync(examine, self.readings, meter, children, span)
        written = None
        if apply_estimates or edits:
            rows = corrections(found, edits or (), with_estimates=apply_estimates)
            written = await write_corrections(
                self.pools, self.readings, self.principal, found, rows, reason, author, self.services.clock()
            )
        value = report(found, written)
        unsupported = sum(1 for e in value.estimates if e.estimate is None)
        return Answer(
            value=value,
            unit=f"{value.unit} per interval",
            method="VEE: 3 x 30-day maximum, runs, clock changes, sum check; line to 2 h, like-day mean beyond "
            "(domain.md 6.1)",
            inputs_used={"meter_id": meter_id, "start": value.start.isoformat(), "end": value.end.isoformat()},
            factor_version=(),
            data_quality=quality_of([found.window]),
            warnings=(f"{unsupported} intervals have no like day and stay empty",) if unsupported else (),
            provenance=(await readings_source(self.readings, [meter]),),
        )

    @tool(scope=READ, latency_p50_ms=6_000, latency_p95_ms=60_000, timeout_s=300, long_running=True)
    async def detect_anomalies(
        self, meter_ids: MeterIds = None, building_ids: BuildingIds = None, start: Start = None, end: End = None
    ) -> Answer[AnomalyReport]:
        """Use that the time of week and the weather do not explain, priced in USD a day, the costliest first.

        Events of one meter may overlap (a step is also use in closed hours), so their USD may not be added.
        Default window: the 30 days up to the newest reading. The weeks before it teach the detectors what is usual.
        """
        meters = await chosen(self._store, meter_ids, building_ids)
        span = window(start, end, await last_end(self.readings, meters), days=30, limit_days=366)
        prices = await self._prices()
        weather = WeatherStore(self.pools, self.principal.tenant_id)
        found = await detect(self.readings, weather, meters, span, prices, self.progress)
        value = AnomalyReport(
            start=span.start,
            end=span.end,
            meters=len(meters) - len(found.not_judged),
            readings=found.readings,
            warm_up_days=WARM_UP_DAYS,
            kernel_version=kernel_version(),
            anomalies=found.anomalies,
            not_persistent=found.not_persistent,
            not_judged=found.not_judged,
        )
        unpriced = sorted({a.meter_code for a in found.anomalies if a.usd_per_day is None and a.excess is not None})
        return Answer(
            value=value,
            unit="kWh (m3 of water), USD",
            method="causal hour-of-week and weather expectation with the live kernel; events by alert rules, priced "
            "at the site's energy price",
            inputs_used={"meters": len(meters), "start": span.start.isoformat(), "end": span.end.isoformat()},
            factor_version=tuple(sorted({*prices.used, f"kernel {kernel_version()}"})),
            data_quality=quality_of(found.series),
            warnings=tuple(f"{code}: some events have no USD (no price, or about data)" for code in unpriced[:10]),
            provenance=(await readings_source(self.readings, meters),),
        )

    @tool(scope=READ, latency_p50_ms=250, latency_p95_ms=2_000)
    async def forecast_load(
        self,
        meter_id: str,
        horizon_h: Annotated[float, Field(gt=0, le=336, description="Hours ahead.")] = 24.0,
        issued_at: At = None,
    ) -> Answer[LoadForecast]:
        """P10, P50 and P90 per interval of a meter's load, with the seasonal naive forecast beside it.

        By the newest model of `redaptive forecast train` whose data end before the issue, else by the meter's own like
        days; `method` says which.
        """
        meter = await one(self._store, meter_id)
        at = await self._issue_time(meter.meter.code, issued_at)
        issued, used = await self._issued(meter, at, horizon_h)
        return Answer(
            value=as_result(meter, issued),
            unit="kWh per interval (m3 of water)",
            method=f"{issued.forecast.method}; quantiles by split conformal prediction from past errors",
            inputs_used={"meter_id": meter_id, "horizon_h": horizon_h, "issued_at": at.isoformat()},
            factor_version=used,
            data_quality=quality_of([issued.series]),
            warnings=(*self._stale(at), *issued.notes),
            provenance=(await readings_source(self.readings, [meter]),),
        )

    @tool(scope=READ, latency_p50_ms=300, latency_p95_ms=2_500)
    async def peak_alert(
        self,
        meter_id: str,
        horizon_h: Annotated[float, Field(gt=0, le=168, description="Hours ahead that are looked at.")] = 24.0,
        window_min: Annotated[int, Field(ge=1, le=60, description="Demand window of the tariff.")] = 15,
        usd_per_kw_month: Annotated[float | None, Field(ge=0, description="Instead of the site's charge.")] = None,
        issued_at: At = None,
    ) -> Answer[PeakAlert]:
        """Whether this month's billing peak is about to rise, when, by how much, and what that costs."""
        meter = await one(self._store, meter_id)
        require_energy(meter)
        at = await self._issue_time(meter.meter.code, issued_at)
        prices = await self._prices()
        price = prices.at(meter, at.date())
        charge = (
            usd_per_kw_month if usd_per_kw_month is not None else (price.demand_usd_per_kw_month if price else None)
        )
        issued, used = await self._issued(meter, at, horizon_h)
        value = outlook(meter, issued, window_min * 60, charge or None)
        inputs: dict[str, Scalar] = {
            "meter_id": meter_id,
            "horizon_h": horizon_h,
            "window_min": value.window_min,
            "usd_per_kw_month": charge,
        }
        missing = () if charge else (f"{meter.site_code} has no demand charge: nothing is priced",)
        fresh = (
            () if value.peak_set_kw is not None else ("no peak is set yet: the whole peak ahead counts as at stake",)
        )
        coarse = () if meter.meter.interval_s <= window_min * 60 else ("readings are coarser than the demand window",)
        return Answer(
            value=value,
            unit="kW, USD",
            method=f"peak of the calendar month against P50 and P90 of: {issued.forecast.method}",
            inputs_used={**inputs, "issued_at": at.isoformat()},
            factor_version=tuple(sorted({*prices.used, *used})),
            data_quality=quality_of([issued.series]),
            warnings=(*self._stale(at), *issued.notes, *missing, *fresh, *coarse, *not_counted(value)),
            provenance=(await readings_source(self.readings, [meter]),),
        )

    @tool(
        scope=WRITE,
        side_effect="write",
        compensate_with=TOOL,
        compensate_args=(TAKEN_BACK,),
        latency_p50_ms=60,
        latency_p95_ms=600,
    )
    async def raise_or_acknowledge_alert(
        self,
        action: Annotated[Action, Field(description="What to do; list only reads.")],
        alert_id: Annotated[str | None, Field(description="The alert, or the first digits of its id.")] = None,
        anomaly: Annotated[Found | None, Field(description="For raise: an anomaly of detect_anomalies.")] = None,
        engineer: Annotated[str | None, Field(description="For assign; default: who is on call.")] = None,
        cause: Cause = None,
        note: Annotated[str, Field(max_length=2_000)] = "",
        snooze_until: Annotated[str | None, Field(description="For snooze: ISO 8601, within 90 days.")] = None,
        states: Annotated[list[State] | None, Field(description="For list; default: live alerts.")] = None,
        limit: Annotated[int, Field(ge=1, le=500)] = 50,
    ) -> Answer[AlertBoard]:
        """Raises, lists, acknowledges, assigns, snoozes or resolves an alert; one fault makes one alert.

        A raised alert is priced by the site's tariff, ranked by USD a day and risk, and given to the engineer on call.
        To resolve it as withdrawn takes the raising back: an alert that others saw too stays, one at work is kept.
        """
        now, who, alerting = self.services.clock(), self.principal.subject, self._alerting
        acted, used = None, set[str]()
        if action == "raise":
            if anomaly is None:
                raise InvalidInput("The action raise needs anomaly.", field="anomaly", fix="Call detect_anomalies.")
            meter, prices = await one(self._store, anomaly.meter_code), await self._prices()
            acted, used = await alerting.raise_found(anomaly, meter, prices, who, note, now), prices.used
        elif action != "list":
            acted = await alerting.act(Request(action, who, alert_id, engineer, cause, note, snooze_until), now)
        value = replace(await alerting.board(states=states, limit=limit, now=now), acted=acted)
        return Answer(
            value=value,
            unit="USD/day",
            method="severity and rank by USD/day and risk; the same meter and kind within a day is the same alert",
            inputs_used={"action": action, "alert_id": alert_id},
            factor_version=tuple(sorted(used)),
            data_quality=WHOLE,
            warnings=(),
            provenance=(Source("alerts", acted.alert.id if acted else f"{len(value.alerts)} alerts"),),
        )

    @resource("energy://meters/{code}/status", scope=READ, title="Live status of a meter")
    async def meter_status(self, code: str) -> MeterStatus:
        """Last reading, latency, flags, gateway and open alerts of one meter."""
        meter = await one(self._store, code)
        alerts = await self._alerting.live_of([code])
        found = await to_thread.run_sync(fleet_status, self.readings, [meter], alerts, self.services.clock())
        return found.meters[0]

    @resource("energy://alerts", scope=READ, title="Live alerts")
    async def alerts(self) -> AlertBoard:
        """Alerts that are open, acknowledged or in progress, the most urgent first."""
        return await self._alerting.board(states=None, limit=100, now=self.services.clock())

    @resource("energy://alerts/{id}", scope=READ, title="An alert")
    async def alert(self, id: str) -> AlertView:
        """One alert with evidence, likely causes, checklist, engineer on call and history."""
        return await self._alerting.view(id, self.services.clock())

    @resource("energy://stream", scope=READ, title="Live metering")
    async def stream(self) -> LiveMetering:
        """Gateways, readings that were not stored, workers, and what of the log is not stored yet."""
        store = self._store
        state, said = await self._log_state()
        mine = LiveMetering(
            at=self.services.clock(),
            meters=await store.count(),
            gateways=tuple(Tally(g.state, g.gateways) for g in await store.gateways()),
            not_stored=tuple(Tally(n.reason, n.readings) for n in await store.not_stored()),
            log=said,
        )
        if state is None:
            return mine
        return replace(
            mine,
            workers=len(state.workers),
            partitions=len(state.partitions),
            partitions_owned=sum(p.alive for p in state.partitions),
            backlog_entries=state.lag_entries,
            lag_s=state.lag_seconds,
            readings_per_s=state.readings_per_second,
        )

    @prompt(title="Diagnose an alert")
    async def diagnose_alert(self, alert_id: str) -> str:
        """From an alert to its cause: what to look at, in which order."""
        return (
            f"Diagnose the alert {alert_id}. Read energy://alerts/{alert_id}, call get_meter_status for its meter, "
            "then detect_anomalies for the meter and its neighbours in the building over the two weeks around its "
            "start, and validate_estimate_edit to rule out bad data. Say what happened in one sentence, what it "
            "costs a day, the likeliest causes in order with the evidence for and against each, and what the engineer "
            "should check on site. Copy figures exactly, with their unit. Acknowledge the alert only when asked to."
        )

    @property
    def _store(self) -> MonitoringStore:
        return MonitoringStore(self.pools, self.principal.tenant_id)

    @property
    def _alerting(self) -> Alerting:
        playbook = Playbook(self.services.reference or load_all())
        return Alerting(self.pools, self.principal.tenant_id, playbook)

    async def _prices(self) -> SitePrices:
        return await SitePrices.read(PriceStore(self.pools, self.principal.tenant_id))

    def _intake(self, now: datetime) -> Intake:
        """The log, else (where no log is configured) the store."""
        access, principal = self.services.streams, self.principal
        if access is None:
            return StoreIntake(self.readings, f"agent:{principal.tenant_id}", now)
        return LogIntake(self.services.settings, access, principal.tenant, now)

    async def _log_state(self) -> tuple[StreamStatus | None, str]:
        """The log's state and "reachable", or None and why it could not be asked."""
        if self.services.streams is None:
            return None, "this process has no log"
        try:
            return await log_state(self.services.settings, self.services.streams), "reachable"
        except Unavailable as error:
            return None, error.message

    async def _ingest_warnings(self, value: IngestReceipt) -> tuple[str, ...]:
        rejected = (f"{value.rejected} rows were rejected, each with its reason",) if value.rejected else ()
        if value.path != "log" or not value.accepted:
            return rejected
        state, _ = await self._log_state()
        if state is not None and state.workers:
            return rejected
        return (*rejected, "no stream worker is running: the readings are safe in the log and stored when one starts")

    async def _issue_time(self, meter_id: str, issued_at: str | None) -> datetime:
        """The given moment, else now or the end of the meter's newest reading if that is earlier."""
        if issued_at is not None:
            return parse_time(issued_at, "issued_at")
        newest = await last_end(self.readings, [await one(self._store, meter_id)])
        return min(newest, self.services.clock())

    async def _issued(self, meter: MonitoredMeter, at: datetime, horizon_h: float) -> tuple[Issued, tuple[str, ...]]:
        """The forecast, and the version of the model that it went by."""
        folder = ModelFolder(self.services.settings.home, self.principal.tenant)
        weather = WeatherStore(self.pools, self.principal.tenant_id)
        trained, why = await trained_for(folder, weather, meter, at)
        issued = await to_thread.run_sync(issue, self.readings, meter, at, round(horizon_h * 3600), trained)
        used = (f"forecast model {issued.model.version}",) if issued.model else ()
        return replace(issued, notes=(*issued.notes, *([why] if why else []))), used

    def _stale(self, at: datetime) -> tuple[str, ...]:
        age = self.services.clock() - at
        return (f"issued {age.days} days ago, at the end of the readings",) if age > timedelta(days=1) else ()


def _silent(status: FleetStatus) -> tuple[str, ...]:
    return (f"{status.silent} meters are silent, {status.never} never sent",) if status.silent + status.never else ()
