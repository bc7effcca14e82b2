"""Contract of the equipment-performance agent: diagnosis, degradation, remaining life and ranked maintenance."""
# ruff: noqa: ARG002 -- what a contract does with its arguments is still to be built

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from redaptive.agents.contracts.base import AgentContract
from redaptive.agents.entities import EquipmentId, PeriodText
from redaptive.agents.equipment.inputs import PointSeries, RuleThreshold
from redaptive.agents.equipment.results import (
    ChillerPerformance,
    DegradationTrend,
    EquipmentFault,
    FaultCost,
    FaultReport,
    MaintenancePlan,
    RemainingLife,
)
from redaptive.agents.tool import tool
from redaptive.domain.answers import Answer

READ = "equipment:read"

Points = Annotated[list[PointSeries] | None, Field(description="Trends; default: those that are stored.")]
Start = Annotated[str | None, Field(description="First moment, ISO 8601; default: 7 days before the end.")]
End = Annotated[str | None, Field(description="End of the window; default: the newest sample.")]
Thresholds = Annotated[list[RuleThreshold] | None, Field(description="In place of the Guideline 36 defaults.")]
Faults = Annotated[list[EquipmentFault], Field(min_length=1, description="Faults as the rule tools give them.")]
Usd = Annotated[Decimal, Field(ge=0)]
EquipmentType = Literal[
    "centrifugal_chiller", "rtu", "boiler", "cooling_tower", "pump", "fan", "vfd", "ddc", "pv_inverter", "led_driver"
]


class EquipmentPerformanceContract(AgentContract):
    """Seven tools that judge equipment; none of them commands it."""

    id: ClassVar[str] = "equipment-performance"
    version: ClassVar[str] = "0"
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
    ) -> Answer[ChillerPerformance]:
        """Tons, kW per ton, COP and part load of a chiller, and how far it is from its design curve.

        Use it with one set of measurements of a chiller: power, flow and water temperatures.
        Questions: How efficient is chiller 2 right now? What kW per ton do we get at 1,000 gpm and 10 degrees? Is
        the chiller running worse than designed?
        """
        raise self.not_built()

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
        raise self.not_built()

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
        raise self.not_built()

    @tool(scope=READ, latency_p50_ms=500, latency_p95_ms=4_000)
    async def degradation_trend(
        self, equipment_id: EquipmentId, period: PeriodText | None = None, points: Points = None
    ) -> Answer[DegradationTrend]:
        """How fast equipment loses efficiency, percent a year at equal load and weather, with confidence interval.

        Use it for slow decline: fouling, refrigerant loss, wear. Needs months of trend data.
        Questions: Is the chiller getting worse over the years? How much efficiency do we lose to fouling? Is this
        unit degrading?
        """
        raise self.not_built()

    @tool(scope=READ, latency_p50_ms=20, latency_p95_ms=150)
    async def predict_remaining_life(
        self,
        equipment_type: EquipmentType,
        age_y: Annotated[float, Field(ge=0, le=100)],
        duty_factor: Annotated[float, Field(gt=0, le=3, description="Use against the usual one.")] = 1.0,
        fault_hours: Annotated[float, Field(ge=0, description="Hours run with a fault.")] = 0.0,
        equipment_id: EquipmentId | None = None,
    ) -> Answer[RemainingLife]:
        """The chance that equipment fails within 12 months and how many years it has left.

        Use it for replacement planning and predictive maintenance by type, age and duty.
        Questions: How long will the 12-year-old rooftop unit last? When should we replace the boiler? What is the
        risk that the chiller fails next year?
        """
        raise self.not_built()

    @tool(scope=READ, latency_p50_ms=30, latency_p95_ms=200)
    async def cost_of_fault(
        self,
        fault: Annotated[EquipmentFault, Field(description="A fault as the rule tools give it.")],
        airflow_cfm: Annotated[float | None, Field(gt=0)] = None,
        delta_t_f: Annotated[float | None, Field(gt=0, description="Temperature difference that is wasted.")] = None,
        price_usd_per_kwh: Annotated[Usd | None, Field(description="Default: the site's price.")] = None,
        price_usd_per_therm: Annotated[Usd | None, Field(description="Default: the site's price.")] = None,
        run_h_per_day: Annotated[float, Field(gt=0, le=24)] = 12.0,
    ) -> Answer[FaultCost]:
        """What an equipment fault wastes: kWh, therms and USD a day.

        Use it after a fault was found, to know what it costs and to rank it.
        Questions: What does the stuck damper cost us? How much money does this fault waste per day? Price the
        simultaneous heating and cooling.
        """
        raise self.not_built()

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
        raise self.not_built()
