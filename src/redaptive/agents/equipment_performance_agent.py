"""Equipment performance: seven tools from point trends to faults, what they cost, and what to mend first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, ClassVar, Literal, TypeVar

from anyio import to_thread
from pydantic import Field

from redaptive.agents.base import AgentBase
from redaptive.agents.entities import EquipmentId, PeriodText
from redaptive.agents.equipment.declining import decline
from redaptive.agents.equipment.diagnosing import Truth, diagnose, given_limits, unchecked_limits
from redaptive.agents.equipment.inputs import PointSeries, RuleThreshold
from redaptive.agents.equipment.ordering import maintenance_plan
from redaptive.agents.equipment.pricing import price_fault, prices_at
from redaptive.agents.equipment.results import (
    ChillerPerformance,
    DegradationTrend,
    EquipmentFault,
    FaultCost,
    FaultReport,
    MaintenancePlan,
    RemainingLife,
)
from redaptive.agents.equipment.trends import Judged, chosen_trend
from redaptive.agents.portfolio.periods import parse_period
from redaptive.agents.tool import prompt, resource, tool
from redaptive.domain.answers import Answer, DataQuality, Scalar, Source
from redaptive.domain.equipment.chiller import chiller_figures
from redaptive.domain.equipment.fault_cost import airflow_of
from redaptive.domain.equipment.records import LocatedEquipment
from redaptive.domain.equipment.remaining_life import life_left
from redaptive.domain.equipment.rule import Kind
from redaptive.domain.equipment.rules import BY_KIND
from redaptive.domain.intervals import local_midnight
from redaptive.errors import InvalidInput
from redaptive.infrastructure.database.stores.equipment_store import EquipmentStore
from redaptive.infrastructure.database.stores.price_store import PriceStore
from redaptive.reference import equipment as figures
from redaptive.reference.loader import ReferenceData, load_all

T = TypeVar("T")
READ = "equipment:read"
WHOLE = DataQuality(coverage_pct=100.0)
TREND_WINDOW = timedelta(days=730)

Points = Annotated[list[PointSeries] | None, Field(description="Trends; default: those that are stored.")]
Start = Annotated[str | None, Field(description="First moment, ISO 8601; default: 7 days before the end.")]
End = Annotated[str | None, Field(description="End of the window; default: the newest sample.")]
Thresholds = Annotated[list[RuleThreshold] | None, Field(description="In place of the Guideline 36 defaults.")]
Faults = Annotated[list[EquipmentFault], Field(min_length=1, description="Faults as the rule tools give them.")]
Usd = Annotated[Decimal, Field(ge=0)]
EquipmentType = Literal[
    "centrifugal_chiller", "rtu", "boiler", "cooling_tower", "pump", "fan", "vfd", "ddc", "pv_inverter", "led_driver"
]


class EquipmentPerformanceAgent(AgentBase):
    """The agent; formulas are in `domain/equipment`, SQL in the stores. It judges equipment and commands none."""

    id: ClassVar[str] = "equipment-performance"
    version: ClassVar[str] = "1"
    title: ClassVar[str] = "Equipment performance"
    purpose: ClassVar[str] = (
        "Diagnoses chillers, air handlers, plants and VAV boxes, prices their faults, watches efficiency and remaining "
        "life, and ranks maintenance by what it saves."
    )

    @tool(scope=READ, latency_p50_ms=20, latency_p95_ms=150)
    async def chiller_performance(
        self,
        power_kw: Annotated[float, Field(gt=0)],
        flow_gpm: Annotated[float, Field(gt=0, description="Chilled water.")],
        chws_f: Annotated[float, Field(description="Chilled water supply.")],
        chwr_f: Annotated[float, Field(description="Chilled water return.")],
        cws_f: Annotated[float | None, Field(description="Condenser water supply.")] = None,
        cwr_f: Annotated[float | None, Field(description="Condenser water return.")] = None,
        design_kw_per_ton: Annotated[float | None, Field(gt=0)] = None,
        design_tons: Annotated[float | None, Field(gt=0)] = None,
        equipment_id: EquipmentId | None = None,
        evaporating_f: Annotated[float | None, Field(description="Saturated refrigerant, evaporator.")] = None,
        condensing_f: Annotated[float | None, Field(description="Saturated refrigerant, condenser.")] = None,
    ) -> Answer[ChillerPerformance]:
        """Tons, kW per ton, COP and part load of a chiller, and how far it is from its design curve.

        Use it with one set of measurements of a chiller: power, flow and water temperatures.
        Questions: How efficient is chiller 2 right now? What kW per ton do we get at 1,000 gpm and 10 degrees? Is
        the chiller running worse than designed?
        """
        found = await self._one(equipment_id) if equipment_id else None
        rated = found.equipment.rated if found else {}
        design = design_kw_per_ton or rated.get("design_kw_per_ton")
        tons = design_tons or rated.get("design_tons")
        curve = figures.design_curve(self._reference, "centrifugal_chiller", self._today)
        made = chiller_figures(
            power_kw, flow_gpm, chws_f, chwr_f, design_kw_per_ton=design, design_tons=tons, curve=curve.value
        )
        used = curve if design and tons else None
        warnings = [*(used.warnings if used else ()), *_chiller_warnings(design, tons, made.kw_per_ton)]
        value = ChillerPerformance(
            equipment_id=equipment_id,
            cooling_tons=made.tons,
            specific_kw_per_ton=made.kw_per_ton,
            cop=made.cop,
            load_pct=made.load_pct,
            design_kw_per_ton=made.design_kw_per_ton,
            deviation_pct=made.deviation_pct,
            chilled_water_delta_f=chwr_f - chws_f,
            evaporator_approach_f=None if evaporating_f is None else chws_f - evaporating_f,
            condenser_approach_f=None if condensing_f is None or cwr_f is None else condensing_f - cwr_f,
        )
        given = {"power_kw": power_kw, "flow_gpm": flow_gpm, "chws_f": chws_f, "chwr_f": chwr_f, "cws_f": cws_f,
                 "cwr_f": cwr_f, "design_kw_per_ton": design, "design_tons": tons}  # fmt: skip
        method = "tons = gpm dT/24; COP = 3.517/(kW/ton); design by its part-load curve (domain.md 8.1)"
        return self._answer(value, "tons, kW/ton", method, given, used.versions if used else (), warnings)

    @tool(scope=READ, latency_p50_ms=400, latency_p95_ms=4_000)
    async def evaluate_ahu_rules(
        self,
        equipment_id: EquipmentId,
        start: Start = None,
        end: End = None,
        points: Points = None,
        thresholds: Thresholds = None,
    ) -> Answer[FaultReport]:
        """Faults of an air handler by ASHRAE Guideline 36 and NIST APAR rules, with evidence and thresholds used.

        Use it to diagnose an air-handling unit or rooftop unit: dampers, economizer, coils, sensors, schedules.
        Questions: What is wrong with AHU-3? Is the economizer stuck? Why is the rooftop unit heating and cooling
        at the same time? Run fault detection on the air handlers of last week.
        """
        return await self._diagnosis(("ahu",), equipment_id, start, end, points, thresholds)

    @tool(scope=READ, latency_p50_ms=400, latency_p95_ms=4_000)
    async def evaluate_plant_vav_rules(
        self,
        equipment_id: EquipmentId,
        start: Start = None,
        end: End = None,
        points: Points = None,
        thresholds: Thresholds = None,
    ) -> Answer[FaultReport]:
        """Faults of a chilled or hot water plant, cooling tower or VAV box, with evidence and thresholds used.

        Use it to diagnose central plants and terminal boxes: low delta T, tower approach, leaking valves, flatlines.
        Questions: Why is the chilled water delta T so low? Check the VAV boxes on floor 4. Is the cooling tower
        doing its job?
        """
        return await self._diagnosis(("plant", "vav"), equipment_id, start, end, points, thresholds)

    @tool(scope=READ, latency_p50_ms=500, latency_p95_ms=4_000)
    async def degradation_trend(
        self, equipment_id: EquipmentId, period: PeriodText | None = None, points: Points = None
    ) -> Answer[DegradationTrend]:
        """How fast equipment loses efficiency, percent a year at equal load and weather, with confidence interval.

        Use it for slow decline: fouling, refrigerant loss, wear. Needs months of trend data.
        Questions: Is the chiller getting worse over the years? How much efficiency do we lose to fouling? Is this
        unit degrading?
        """
        found = await self._one(equipment_id)
        start, end = self._months(found, period)
        judged = await chosen_trend(self._store, found, points, start, end, TREND_WINDOW)
        value = await to_thread.run_sync(decline, judged.trend)
        weather = {"wet_bulb", "oat"} & judged.trend.columns.keys()
        warnings = [] if weather else ["No wet_bulb and no oat: weather is not taken out of the trend."]
        method = "regression on time beside load and wet bulb with AR(1) errors; CUSUM of innovations (domain.md 8)"
        inputs = {"equipment_id": equipment_id, "period": period, "quantity": value.quantity}
        return self._answer(value, "%/yr", method, inputs, (), warnings, judged)

    @tool(scope=READ, latency_p50_ms=20, latency_p95_ms=150)
    async def predict_remaining_life(
        self,
        equipment_type: EquipmentType,
        age_y: Annotated[float, Field(ge=0, le=100)],
        duty_factor: Annotated[
            float | None, Field(gt=0, le=3, description="Use against the usual one; default: as on record, else 1.")
        ] = None,
        fault_hours: Annotated[
            float | None, Field(ge=0, description="Hours run with a fault; default: as on record, else 0.")
        ] = None,
        equipment_id: EquipmentId | None = None,
    ) -> Answer[RemainingLife]:
        """The chance that equipment fails within 12 months and how many years it has left.

        Use it for replacement planning and predictive maintenance by type, age and duty.
        Questions: How long will the 12-year-old rooftop unit last? When should we replace the boiler? What is the
        risk that the chiller fails next year?
        """
        rated = (await self._one(equipment_id)).equipment.rated if equipment_id else {}
        duty = duty_factor if duty_factor is not None else rated.get("duty_factor", 1.0)
        hours = fault_hours if fault_hours is not None else rated.get("fault_hours", 0.0)
        row = figures.service_life(self._reference, equipment_type, self._today)
        life, wear = row.value.life, row.value.fault_wear
        left = life_left(life, age_y, duty=duty, fault_hours=hours, fault_wear=wear)
        value = RemainingLife(
            equipment_type=equipment_type,
            effective_age_y=left.effective_age_y,
            failure_probability_12_months=left.failure_probability_12_months,
            median_residual_life_y=left.median_y,
            mean_residual_life_y=left.mean_y,
            median_service_life_y=life.median_y,
            shape=life.shape,
            scale_y=life.scale_y,
        )
        note = (
            "A statement about many units of this type, not a prediction for one: no failure data of yours are in it."
        )
        inputs = {"equipment_type": equipment_type, "age_y": age_y, "duty_factor": duty, "fault_hours": hours,
                  "fault_wear": wear}  # fmt: skip
        method = "Weibull S(t) = exp(-(t/eta)^beta) of the effective age (domain.md 8.4)"
        return self._answer(value, "yr", method, inputs, row.versions, [*row.warnings, note])

    @tool(scope=READ, latency_p50_ms=30, latency_p95_ms=200)
    async def cost_of_fault(
        self,
        fault: Annotated[EquipmentFault, Field(description="A fault as the rule tools give it.")],
        airflow_cfm: Annotated[
            float | None, Field(gt=0, description="Default: rated, else measured, else by design tons.")
        ] = None,
        delta_t_f: Annotated[
            float | None, Field(gt=0, description="Temperature difference that is wasted; default: by the evidence.")
        ] = None,
        price_usd_per_kwh: Annotated[Usd | None, Field(description="Default: the site's price.")] = None,
        price_usd_per_therm: Annotated[Usd | None, Field(description="Default: the site's price.")] = None,
        run_h_per_day: Annotated[
            float | None, Field(gt=0, le=24, description="Default: the hours that the fault was active.")
        ] = None,
    ) -> Answer[FaultCost]:
        """What an equipment fault wastes: kWh, therms and USD a day.

        Use it after a fault was found, to know what it costs and to rank it.
        Questions: What does the stuck damper cost us? How much money does this fault waste per day? Price the
        simultaneous heating and cooling.
        """
        found = await self._one(fault.equipment_id)
        own = {t.name: t.value for t in fault.thresholds if t.name in ("fan_rise_f", "tower_approach_f")}
        factors = figures.cost_factors(self._reference, figures.rule_limits(self._reference, own), self._today)
        prices = PriceStore(self.pools, self.principal.tenant_id)
        day = fault.end.date()
        paid = await prices_at(prices, self._reference, found, day, price_usd_per_kwh, price_usd_per_therm)
        means = {evidence.point: evidence.mean for evidence in fault.evidence}
        airflow = airflow_of(airflow_cfm, found.equipment.rated, means, factors.value)
        value = price_fault(fault, factors.value, paid, airflow, delta_t_f, run_h_per_day)
        inputs = {"equipment_id": fault.equipment_id, "rule": fault.rule, "airflow_cfm": airflow.cfm,
                  "delta_t_f": delta_t_f, "usd_per_kwh": float(paid.usd_per_kwh),
                  "usd_per_therm": float(paid.usd_per_therm)}  # fmt: skip
        unpriced = [] if value.priced else [f"{fault.rule} has no price: {value.assumptions[0]}."]
        assumed = [airflow.note] if airflow.note in value.assumptions else []
        warnings = [*factors.warnings, *sorted(paid.warnings), *assumed] if value.priced else unpriced
        versions = (*factors.versions, *sorted(paid.versions)) if value.priced else ()
        return self._answer(value, "USD/d", "1.08 cfm dT Btu/h (domain.md 8.4)", inputs, versions, warnings)

    @tool(scope=READ, latency_p50_ms=50, latency_p95_ms=300)
    async def recommend_maintenance(
        self,
        faults: Faults,
        costs: Annotated[list[FaultCost] | None, Field(description="As cost_of_fault gives them.")] = None,
    ) -> Answer[MaintenancePlan]:
        """Work orders for faults, ranked by what fixing them saves against what it costs.

        Use it to decide what technicians do first. It proposes; it opens no ticket.
        Questions: What should maintenance fix first? Rank the faults by money saved. Make a work list for the
        field engineer.
        """
        await self._store.equipment(sorted({fault.equipment_id for fault in faults}))
        actions = figures.maintenance_actions(self._reference, self._today)
        truth = Truth(actions.value, await self._store.tickets())
        value, warnings = maintenance_plan(faults, costs or (), actions.value, truth)
        method = "USD/day x P(true) / fix cost; P(true) = stated prior moved by confirmed and rejected findings"
        inputs = {"faults": len(faults), "costs": len(costs or ())}
        return self._answer(value, "USD/d", method, inputs, actions.versions, [*actions.warnings, *warnings])

    @resource("energy://equipment", scope=READ, title="Equipment")
    async def equipment(self) -> list[LocatedEquipment]:
        """The equipment of the tenant with its rated figures."""
        return await self._store.equipment()

    @resource("energy://equipment/{code}", scope=READ, title="A piece of equipment")
    async def one(self, code: str) -> LocatedEquipment:
        """One piece of equipment."""
        return await self._one(code)

    @resource("energy://equipment-rules", scope=READ, title="Fault rules")
    async def rules(self) -> list[dict[str, str | float | list[str]]]:
        """Every fault rule: standard, points, thresholds, and how often its faults are true as this tenant saw it."""
        actions = figures.maintenance_actions(self._reference, self._today)
        truth = Truth(actions.value, await self._store.tickets())
        return [
            {"rule": r.id, "kind": kind, "title": r.title, "standard": r.standard, "points": list(r.points),
             "thresholds": list(r.all_limits), "probability_true": round(truth.of(r.id), 3)}
            for kind, rules in BY_KIND.items() for r in rules
        ]  # fmt: skip

    @prompt(title="Diagnose equipment and say what to mend first")
    async def diagnose_equipment(self, equipment_id: str) -> str:
        """A complete diagnosis of one piece of equipment."""
        return (
            f"Diagnose {equipment_id}. Read energy://equipment/{equipment_id}; call evaluate_ahu_rules for an air "
            "handler, evaluate_plant_vav_rules for anything else. Price each fault with cost_of_fault, then call "
            "recommend_maintenance with the faults and costs. Report what is wrong with the evidence and thresholds, "
            "which rules could not be judged and which points they miss, and what to mend first. Copy figures exactly."
        )

    @property
    def _reference(self) -> ReferenceData:
        return self.services.reference or load_all()

    @property
    def _store(self) -> EquipmentStore:
        return EquipmentStore(self.pools, self.principal.tenant_id)

    @property
    def _today(self) -> date:
        return self.services.clock().date()

    async def _one(self, code: str) -> LocatedEquipment:
        return (await self._store.equipment([code]))[0]

    async def _diagnosis(
        self,
        kinds: Sequence[Kind],
        equipment_id: str,
        start: str | None,
        end: str | None,
        points: Sequence[PointSeries] | None,
        thresholds: Sequence[RuleThreshold] | None,
    ) -> Answer[FaultReport]:
        found = await self._one(equipment_id)
        _require_kind(found, kinds)
        limits = figures.rule_limits(self._reference, given_limits(thresholds), self._today)
        actions = figures.maintenance_actions(self._reference, self._today)
        truth = Truth(actions.value, await self._store.tickets())
        judged = await chosen_trend(self._store, found, points, start, end)
        value, evaluation = await to_thread.run_sync(diagnose, judged.trend, found, limits, truth)
        missing = [f"{len(value.skipped)} rules could not be judged: points are missing."] if value.skipped else []
        warnings = [*evaluation.notes, *missing, *unchecked_limits(evaluation)]
        inputs: dict[str, Scalar] = {"equipment_id": equipment_id, "kind": found.equipment.rules,
                                     "step_s": judged.trend.step_s, "rows": judged.trend.rows}  # fmt: skip
        inputs |= {f"given {name}": figure for name, figure in given_limits(thresholds).items()}
        versions = {limits.limit(name).version for name in limits}
        method = "ASHRAE Guideline 36 FC1-15, NIST APAR 1-28, plant, VAV and sensor rules (domain.md 8.2-8.3)"
        return self._answer(value, "h", method, inputs, sorted(versions), warnings, judged)

    def _months(self, found: LocatedEquipment, period: str | None) -> tuple[str | None, str | None]:
        if period is None:
            return None, None
        chosen = parse_period(period)
        zone = found.timezone
        return local_midnight(chosen.start, zone).isoformat(), local_midnight(chosen.end, zone).isoformat()

    def _answer(
        self,
        value: T,
        unit: str,
        method: str,
        inputs: Mapping[str, Scalar],
        versions: Iterable[str],
        warnings: Iterable[str],
        judged: Judged | None = None,
    ) -> Answer[T]:
        source = judged.source if judged else Source("caller", self.principal.subject)
        quality = judged.quality() if judged else WHOLE
        return Answer(value, unit, method, dict(inputs), tuple(versions), quality, tuple(warnings), (source,))


def _require_kind(found: LocatedEquipment, kinds: Sequence[Kind]) -> None:
    own = found.equipment
    if own.rules not in kinds:
        other = "evaluate_ahu_rules" if own.rules == "ahu" else "evaluate_plant_vav_rules"
        raise InvalidInput(f"{own.code} is of the kind {own.kind}.", field="equipment_id", fix=f"Call {other} for it.")


def _chiller_warnings(design: float | None, tons: float | None, kw_per_ton: float) -> list[str]:
    notes = []
    if design is None:
        notes.append("No design kW/ton is known: no deviation.")
    elif tons is None:
        notes.append("No design tons are known: the deviation is against full load, not at equal load.")
    if not 0.2 <= kw_per_ton <= 3.0:
        notes.append(f"{kw_per_ton:.2f} kW/ton is implausible: check flow, temperatures and power.")
    return notes
