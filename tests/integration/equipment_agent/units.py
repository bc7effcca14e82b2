"""A tenant with an air handler that wastes, a sound one, a chiller that fouls, a box and a tower; all simulated."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np

from redaptive.agents.principal import Principal
from redaptive.app import App
from redaptive.domain.equipment.records import Equipment
from redaptive.domain.equipment.trend import Trend
from redaptive.domain.portfolio.records import Building, Commodity, Customer, EnergyPrice, Site
from redaptive.infrastructure.database.stores.equipment_store import EquipmentStore
from redaptive.sample.equipment_units import MONDAY_S, STEP_S, UnitFault, simulate_air_handler, simulate_chiller

CODES = ("AHU-1", "AHU-2", "CH-1", "CT-1", "VAV-1", "B-1")
WINTER, SPRING = 15, 100
USD_KWH, USD_GAS_KWH = 0.20, 0.04
EQUIPMENT = [
    Equipment("AHU-1", "B", "ahu", "Air handler 1", date(2014, 6, 1), {"airflow_cfm": 20_000.0}),
    Equipment("AHU-2", "B", "rtu", "Rooftop unit 2"),
    Equipment("CH-1", "B", "chiller", "Chiller 1", None, {"design_kw_per_ton": 0.6, "design_tons": 500.0,
                                                          "duty_factor": 1.2, "fault_hours": 500.0}),
    Equipment("CT-1", "B", "cooling_tower", "Tower 1"),
    Equipment("VAV-1", "B", "vav", "Box 1"),
    Equipment("B-1", "B", "boiler", "Boiler without trends"),
]  # fmt: skip
CHILLER_DAYS = 300


async def load(app: App, principal: Principal, *, mark: str = "", scale: float = 1.0, trends: bool = True) -> None:
    """Everything for one tenant; `scale` changes rated figures, `mark` every name."""
    store = app.portfolio(principal.tenant_id)
    await store.upsert_customers([Customer("C", "Customer" + mark, "office")])
    await store.upsert_sites([Site("S", "Site" + mark, "C", "America/Chicago", "US", "IL", "Chicago")])
    await store.upsert_buildings([Building("B", "Building" + mark, "S", "office", 50_000.0)])
    await store.upsert_prices(
        [
            EnergyPrice("S", Commodity.ELECTRICITY, USD_KWH * scale, "kWh", date(2020, 1, 1), source="hand"),
            EnergyPrice("S", Commodity.GAS, USD_GAS_KWH * scale, "kWh", date(2020, 1, 1), source="hand"),
        ]
    )
    await load_equipment(app, principal, "B", mark=mark, scale=scale, trends=trends)


async def load_equipment(
    app: App, principal: Principal, building: str, *, mark: str = "", scale: float = 1.0, trends: bool = True
) -> None:
    """The equipment and its trends in a building that is there."""
    equipment = EquipmentStore(app.pools, principal.tenant_id)
    records = [
        Equipment(e.code, building, e.kind, e.name + mark, e.installed_on, {n: v * scale for n, v in e.rated.items()})
        for e in EQUIPMENT
    ]
    await equipment.upsert_equipment(records)
    if not trends:
        return
    damper = UnitFault.DAMPER_OPEN if scale == 1.0 else UnitFault.NIGHT
    air = simulate_air_handler(11, damper, day_of_year=WINTER)
    await equipment.write_trend("AHU-1", Trend("AHU-1", air.start_s, STEP_S, air.columns))
    sound = simulate_air_handler(12, day_of_year=SPRING)
    await equipment.write_trend("AHU-2", Trend("AHU-2", sound.start_s, STEP_S, sound.columns))
    for code, columns in {"CH-1": chiller(scale), "CT-1": tower(scale), "VAV-1": box(scale)}.items():
        step = 3600 if code == "CH-1" else STEP_S
        await equipment.write_trend(code, Trend(code, MONDAY_S, step, columns))


def chiller(scale: float = 1.0) -> Mapping[str, np.ndarray]:
    """Ten running hours a day whose kW/ton fouls by 20 % over the whole time."""
    made = simulate_chiller(3, days=CHILLER_DAYS, fouling_pct=20.0 * scale, ramp_days=CHILLER_DAYS, first_day=0)
    hours, hour = CHILLER_DAYS * 24, np.arange(CHILLER_DAYS * 24) % 24
    runs = (hour >= 8) & (hour < 18)
    tons = np.where(runs, np.repeat(500.0 * made.load, 24), 0.0)
    power = np.where(runs, tons * np.repeat(made.kw_per_ton, 24), 0.0)
    delta = np.full(hours, 10.0)
    wobble = np.random.default_rng(5).normal(0.0, 0.05, hours)
    return {"power": power, "flow": tons * 24.0 / delta, "chws": 44.0 + wobble, "chwr": 54.0 + wobble,
            "wet_bulb": np.repeat(made.wet_bulb_f, 24) + wobble}  # fmt: skip


def tower(scale: float = 1.0) -> Mapping[str, np.ndarray]:
    """A day at full fan whose approach is 14 degF in the second half; for another scale all day."""
    rows = 288
    wobble = np.random.default_rng(6).normal(0.0, 0.1, rows)
    warm = np.arange(rows) >= (rows // 2 if scale == 1.0 else 0)
    return {"tower_fan": np.full(rows, 100.0), "wet_bulb": 70.0 + wobble, "cws": np.where(warm, 84.0, 76.0) + wobble,
            "power": 200.0 + wobble}  # fmt: skip


def box(scale: float = 1.0) -> Mapping[str, np.ndarray]:
    """A day of a box whose closed reheat valve leaks by 15 degF (25 for another scale)."""
    rows = 288
    wobble = np.random.default_rng(7).normal(0.0, 0.1, rows)
    leak = 15.0 if scale == 1.0 else 25.0
    flow = 500.0 + 10 * wobble
    return {"airflow": flow, "airflow_setpoint": np.full(rows, 500.0), "reheat_valve": np.zeros(rows),
            "sat": 56.0 + wobble, "dat": 56.0 + leak + wobble}  # fmt: skip
