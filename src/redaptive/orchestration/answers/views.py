"""How the answer of each tool and pattern is told: sentences, and the columns of its table."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True)
class TableView:
    """A list in the output of a node, and which of its fields are shown under which heading.

    `{unit}` in a heading is the unit that the rows, or the value around them, say. `ranked` says which end the tool puts first, if it orders the rows; where it does not, `by` is the quantity by which
    they are ordered when somebody asks for the first few. `per` is the part of time of a row; a list `on_wish` is shown
    where that is asked for. `sums` are the fields whose figures may be added up over rows.
    """

    title: str
    node: str
    path: str
    columns: tuple[tuple[str, str], ...]
    most: int = 10
    ranked: Literal["", "worst", "best"] = ""
    by: str | None = None
    per: str = ""
    on_wish: bool = False
    sums: tuple[str, ...] = ()


@dataclass(frozen=True)
class View:
    """Sentences with places for figures, and tables. In the view of a tool the node is called `node`."""

    sentences: tuple[str, ...] = ()
    tables: tuple[TableView, ...] = ()


_PROJECTS: Final = (
    ("Building", "building_code"), ("Measure", "title"), ("Cost, USD", "capex_usd.mid"),
    ("Saves, USD/yr", "savings_usd_per_y"), ("Payback, yr", "simple_payback_y"), ("tCO2e/yr", "avoided_t_co2e_per_y"),
    ("Confidence", "confidence"),
)  # fmt: skip
_USE: Final = (
    ("Group", "group"), ("Buildings", "buildings"), ("kWh", "electricity_kwh"), ("Therms", "gas_therms"),
    ("USD", "cost_usd"), ("tCO2e", "emissions_tco2e"), ("Site EUI, kBtu/ft2.yr", "site_eui_kbtu_per_ft2"), ("YoY, %", "yoy_pct"),
)  # fmt: skip
_ADDED: Final = ("electricity_kwh", "gas_therms", "cost_usd", "emissions_tco2e", "floor_area_ft2")
_PEERS: Final = (
    ("Building", "building_code"), ("Type", "building_type"), ("EUI, {unit}", "value"), ("Percentile", "percentile"),
    ("x median", "ratio_to_median"), ("Gap, USD/yr", "gap_to_median_usd"),
)  # fmt: skip
_ANOMALIES: Final = (
    ("Meter", "meter_code"), ("Building", "building_code"), ("Kind", "kind"), ("Since", "start"),
    ("Excess a day", "excess_per_day"), ("USD/day", "usd_per_day"), ("Evidence", "evidence"),
)  # fmt: skip
TOOLS: Final[Mapping[str, View]] = {
    "portfolio-intelligence.analyze_portfolio_usage": View(
        (
            "{node.value.total.buildings:building} used {node.value.total.electricity_kwh:int} kWh and "
            "{node.value.total.gas_therms:int} therms.",
            "That cost {node.value.total.cost_usd:usd} and emitted {node.value.total.emissions_tco2e:one} tCO2e.",
            "The site EUI is {node.value.total.site_eui_kbtu_per_ft2:one} kBtu/ft2.yr.",
            "The floor area is {node.value.total.floor_area_ft2:int} ft2.",
            "{node.value.excluded:building} left out of the EUI, the first {node.value.excluded[0].building_code}: "
            "{node.value.excluded[0].reason}.",
            "The figures are of {node.inputs_used.period:period}.",
        ),
        (
            TableView("Use by group", "node", "value.rows", _USE, by="cost", sums=_ADDED),
            TableView(
                "Use by month", "node", "value.months",
                (("Month", "month"), ("kWh", "electricity_kwh"), ("Gas, kBtu", "gas_kbtu"), ("Therms", "gas_therms"),
                 ("Coverage, %", "coverage_pct")),
                most=36, by="electricity", per="month", on_wish=True,
            ),
        ),
    ),
    "portfolio-intelligence.benchmark_buildings": View(
        (
            "Worst by {node.value.label}: {node.value.rows[0].building_code}, "
            "{node.value.rows[0].ratio_to_median:two} times the median of its peers.",
            "{node.value.excluded:building} left out, the first {node.value.excluded[0].building_code}: "
            "{node.value.excluded[0].reason}.",
            "The figures are of {node.inputs_used.period:period}.",
        ),
        (TableView("Buildings against their peers, worst first", "node", "value.rows", _PEERS, ranked="worst"),),
    ),
    "portfolio-intelligence.weather_normalize": View(
        (
            "In a normal year {node.value.building_code} would use {node.value.baseline.normal_year_kwh:int} kWh; "
            "it used {node.value.baseline.actual_kwh:int} kWh in {node.value.baseline.period}.",
            "Weather-normalized use changed by {node.value.change_pct:one} %.",
        )
    ),
    "portfolio-intelligence.load_shape_metrics": View(
        (
            "{node.value.meter_code}: base {node.value.base_kw:one} kW, usual peak of a day {node.value.peak_kw:one} kW, "
            "highest {node.value.max_kw:one} kW.",
            "Its load factor is {node.value.load_factor:two}, night against day {node.value.night_day_ratio:two}, "
            "weekend against weekday {node.value.weekend_weekday_ratio:two}.",
            "The figures are of {node.inputs_used.period:period}.",
        ),
        (
            TableView(
                "Peak of each month", "node", "value.monthly_peaks",
                (("Month", "month"), ("kW", "peak_kw"), ("At", "peak_ts")), most=12, by="peak", per="month",
            ),
        ),
    ),
    "portfolio-intelligence.find_opportunities": View(
        (
            "{node.value.opportunities:opportunity} in {node.value.buildings_screened:building} would save "
            "{node.value.total_savings_usd_per_y:usd} a year and cost {node.value.total_capex_usd:usd}.",
            "{node.value.not_screened:measure} could not be judged for want of data, such as "
            "{node.value.not_screened[0].measure} in {node.value.not_screened[0].buildings:list}, which lacks "
            "{node.value.not_screened[0].missing:list}.",
            "{node.value.skipped:building} not screened, the first {node.value.skipped[0].building_code}, "
            "which lacks {node.value.skipped[0].missing}.",
            "The figures are of {node.inputs_used.period:period}.",
        ),
        (TableView("Opportunities, largest saving first", "node", "value.opportunities", _PROJECTS, ranked="best"),),
    ),
    "portfolio-intelligence.rank_and_summarize_portfolio": View(
        (
            "Worth it: {node.value.projects:count} of {node.value.considered:project}: "
            "{node.value.selection.capex_usd:usd} invested, {node.value.selection.savings_usd_per_y:usd} a year saved, "
            "net present value {node.value.selection.npv_usd:usd}.",
            "They pay back in {node.value.selection.simple_payback_y:one} years and avoid "
            "{node.value.selection.t_co2e_per_y:one} tCO2e a year.",
            "The figures are of {node.inputs_used.period:period}.",
        ),
        (TableView("Chosen projects", "node", "value.projects", _PROJECTS, by="savings"),),
    ),
    "energy-monitoring.detect_anomalies": View(
        (
            "{node.value.anomalies:anomaly} on {node.value.meters:meter} that were judged, from {node.value.start:day} "
            "to {node.value.end:day}.",
            "{node.value.not_judged:meter} could not be judged, the first for: {node.value.not_judged[0]}.",
        ),
        (TableView("Anomalies", "node", "value.anomalies", _ANOMALIES, ranked="worst"),),
    ),
    "energy-monitoring.forecast_load": View(
        (
            "{node.value.meter_code} is expected to use {node.value.p50_total:int} {node.value.unit} in "
            "{node.value.intervals:interval} from {node.value.intervals[0].start}.",
        ),
        (
            TableView(
                "Forecast", "node", "value.intervals",
                (("From", "start"), ("Low (P10), {unit}", "p10"), ("Expected, {unit}", "p50"), ("High (P90), {unit}", "p90")), most=24,
            ),
        ),
    ),
    "energy-monitoring.peak_alert": View(
        (
            "The peak of {node.value.meter_code} is expected at {node.value.projected_peak_kw:one} kW around "
            "{node.value.expected_at}; the risk is {node.value.risk}.",
            "{node.value.usd_at_stake:usd} are at stake this billing period.",
        )
    ),
    "energy-monitoring.get_meter_status": View(
        (
            "{node.value.live:meter} live, {node.value.late:int} late, {node.value.silent:int} silent, "
            "{node.value.never:int} never heard of.",
        ),
        (
            TableView(
                "Meters, longest silent first", "node", "value.meters",
                (("Meter", "meter_code"), ("Building", "building_code"), ("State", "state"), ("Last seen", "last_seen")),
            ),
        ),
    ),
    "energy-monitoring.validate_estimate_edit": View(
        (
            "{node.value.valid:int} of {node.value.intervals:interval} of {node.value.meter_code} are valid; "
            "{node.value.estimates:count} can be estimated.",
        )
    ),
    "energy-monitoring.raise_or_acknowledge_alert": View(
        (
            "Alert {node.value.acted.alert.id} on {node.value.acted.alert.meter_code} is {node.value.acted.alert.state}.",
            "{node.value.alerts:alert} listed; {node.value.on_call:engineer} on call now.",
        ),
        (
            TableView(
                "On call now", "node", "value.on_call",
                (("Who", "person"), ("Team", "team"), ("Told", "level"), ("Looks after", "looks_after")),
            ),
            TableView(
                "Alerts", "node", "value.alerts",
                (("Alert", "id"), ("Kind", "kind"), ("Meter", "meter_code"), ("State", "state"), ("USD/day", "usd_per_day")),
            ),
        ),
    ),
}  # fmt: skip
PATTERNS: Final[Mapping[str, View]] = {
    "workflow.portfolio_optimization.night_waste": View(
        (
            "Most use at night against the day: {ranked[0].building_code} ({ranked[0].night_day_ratio:two}).",
            "The worst by night: {worst:list}.",
            "Fixing them would save {found.value.total_savings_usd_per_y:usd} a year for "
            "{found.value.total_capex_usd:usd}, from {found.value.opportunities:measure}.",
            "Worth doing: {priced.value.projects:count} of {priced.value.considered:project} for "
            "{priced.value.selection.capex_usd:usd}, earning {priced.value.selection.savings_usd_per_y:usd} a year net "
            "of upkeep, net present value {priced.value.selection.npv_usd:usd}.",
            "They pay back in {priced.value.selection.simple_payback_y:one} years and avoid "
            "{priced.value.selection.t_co2e_per_y:one} tCO2e a year.",
            "The figures are of {usage.inputs_used.period:period}.",
        ),
        (
            TableView(
                "Night against day, worst first", "ranked", "",
                (("Building", "building_code"), ("Meter", "meter_code"), ("Night/day", "night_day_ratio"),
                 ("Base, kW", "base_kw"), ("Peak, kW", "peak_kw"), ("Weekend/weekday", "weekend_weekday_ratio")),
            ),
            TableView("Projects for the worst", "priced", "value.projects", _PROJECTS, by="savings"),
        ),
    ),
    "workflow.portfolio_optimization": View(
        (
            "{usage.value.total.buildings:building} used {usage.value.total.electricity_kwh:int} kWh at "
            "{usage.value.total.cost_usd:usd}.",
            "Looked at: {worst:building}, the worst among their peers first: {worst[0].building_code}.",
            "They could save {found.value.total_savings_usd_per_y:usd} a year for {found.value.total_capex_usd:usd}.",
            "Best choice: {ranked.value.projects:count} of {ranked.value.considered:project} for "
            "{ranked.value.selection.capex_usd:usd}, saving {ranked.value.selection.savings_usd_per_y:usd} a year, net "
            "present value {ranked.value.selection.npv_usd:usd}.",
            "The figures are of {usage.inputs_used.period:period}.",
        ),
        (
            TableView("Worst among their peers", "worst", "", _PEERS, ranked="worst"),
            TableView("Chosen projects", "ranked", "value.projects", _PROJECTS, by="savings"),
        ),
    ),
    "workflow.anomaly_response": View(
        (
            "{detected.value.anomalies:anomaly} on {detected.value.meters:meter} that were judged.",
            "The dearest costs {worst[0].usd_per_day:two} USD a day: {worst[0].kind} on {worst[0].meter_code}, "
            "{worst[0].evidence}.",
            "Raised: {raised:alert}.",
        ),
        (TableView("Anomalies, dearest first", "worst", "", _ANOMALIES, ranked="worst"),),
    ),
}  # fmt: skip
