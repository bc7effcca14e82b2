"""Which meter and building the series of a file belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from redaptive.documents.meters_file import building_codes
from redaptive.documents.results import MeterHint
from redaptive.domain.portfolio.records import Building, Commodity, Customer, Meter, MeterRole, Site
from redaptive.errors import NotFound
from redaptive.infrastructure.database.stores.portfolio_store import PortfolioStore

SEPARATORS = "-_ /:."
SUFFIXES = ("electricity", "electric", "elec", "gas", "water", "steam", "kwh", "e", "g", "w", "s")
IMPORTED = "imported"


@dataclass(frozen=True)
class Placement:
    """How series without a known meter find their building.

    `building` takes them all; else the building whose code begins the meter's code. `create_missing` makes a
    building (without floor area) for the rest, at a site in `timezone`.
    """

    building: str | None = None
    role: MeterRole = MeterRole.MAIN
    create_missing: bool = False
    timezone: str | None = None


@dataclass
class MeterPlan:
    """Keys of the meters that were placed, their records, and why the others were not."""

    numbers: dict[str, int] = field(default_factory=dict)
    meters: dict[str, Meter] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    stored_units: dict[str, str] = field(default_factory=dict)


async def place_meters(store: PortfolioStore, hints: Sequence[MeterHint], placement: Placement) -> MeterPlan:
    """The plan for all series of a file; new meters (and, if wished, buildings) are written."""
    plan = MeterPlan(stored_units={h.code: "L" if h.commodity is Commodity.WATER else "Wh" for h in hints})
    known = {meter.code: meter for meter in await store.meters()}
    records = await store.buildings()
    buildings = [b.code for b in records]
    chosen = _chosen(placement.building, records)
    new: list[Meter] = []
    missing: dict[str, MeterHint] = {}
    for hint in hints:
        if hint.code in known:
            _check_known(hint, known[hint.code], plan)
        elif building := chosen or building_of(hint.code, buildings):
            new.append(_meter(hint, building, placement.role))
        else:
            missing[hint.code] = hint
    if missing and placement.create_missing:
        new += await _create(store, missing, placement, plan)
    elif missing:
        plan.unknown += [_explain(code, known, buildings) for code in missing]
    if new:
        await store.upsert_meters(new)
        plan.assumptions.append(f"{len(new)} new meters were created as {placement.role} meters")
    unplaced = set() if placement.create_missing else set(missing)
    placed = {hint.code for hint in hints} - unplaced
    for meter in await store.meters():
        if meter.code in placed and meter.meter_no is not None:
            plan.meters[meter.code] = meter
            plan.numbers[meter.code] = meter.meter_no
    _drop_conflicting(hints, plan)
    multiplied = [c for c in sorted(plan.numbers) if plan.meters[c].multiplier != 1]
    if multiplied:
        plan.assumptions.append(f"values were multiplied by the meter's multiplier: {', '.join(multiplied[:10])}")
    return plan


def _chosen(wanted: str | None, buildings: Sequence[Building]) -> str | None:
    """The code of the building given by code or name; raises NotFound with the nearest one."""
    if wanted is None:
        return None
    codes = building_codes(buildings)
    if wanted.lower() not in codes:
        near = get_close_matches(wanted.lower(), codes, 1)
        raise NotFound(
            f"There is no building {wanted!r}.",
            field="--building",
            fix=f"Did you mean {codes[near[0]]}?" if near else "Import it first: redaptive import buildings FILE.",
        )
    return codes[wanted.lower()]


def building_of(meter_code: str, buildings: Sequence[str]) -> str | None:
    """The longest building code that begins the meter's code and ends at a separator.

    >>> building_of("HQ-north-e1", ["HQ", "HQ-north", "H"])
    'HQ-north'
    """
    fits = [b for b in buildings if meter_code == b or (meter_code.startswith(b) and meter_code[len(b)] in SEPARATORS)]
    return max(fits, key=len, default=None)


def stem_of(meter_code: str) -> str:
    """The meter's code without a trailing commodity: what a building made for it is called.

    >>> stem_of("b12_e"), stem_of("Main Street Gas"), stem_of("M1")
    ('b12', 'Main Street', 'M1')
    """
    for suffix in SUFFIXES:
        cut = len(meter_code) - len(suffix)
        if meter_code.lower().endswith(suffix) and cut > 1 and meter_code[cut - 1] in SEPARATORS:
            return meter_code[: cut - 1]
    return meter_code


async def _create(
    store: PortfolioStore, missing: Mapping[str, MeterHint], placement: Placement, plan: MeterPlan
) -> list[Meter]:
    zone = placement.timezone or "UTC"
    if placement.timezone is None:
        plan.warnings.append("No --site-timezone is given: the new buildings are taken to be in UTC")
    country = "US" if zone.startswith("America/") else "ZZ"
    site = f"{IMPORTED}-{zone.replace('/', '-').lower()}"
    await store.upsert_customers([Customer(IMPORTED, "Imported", "unknown")])
    known_sites = {s.code for s in await store.sites()}
    if site not in known_sites:
        await store.upsert_sites([Site(site, f"Imported buildings ({zone})", IMPORTED, zone, country=country)])
    stems = sorted({stem_of(code) for code in missing})
    await store.upsert_buildings([Building(stem, stem, site, "other", None) for stem in stems])
    plan.assumptions.append(
        f"{len(stems)} buildings were created from meter names, without floor area and type "
        "(import them with `redaptive import buildings` to get intensities)"
    )
    return [_meter(hint, stem_of(code), placement.role) for code, hint in missing.items()]


def _meter(hint: MeterHint, building: str, role: MeterRole) -> Meter:
    return Meter(hint.code, building, hint.commodity, role, interval_s=hint.interval_s)


def _check_known(hint: MeterHint, meter: Meter, plan: MeterPlan) -> None:
    if meter.interval_s != hint.interval_s and meter.commodity is hint.commodity:
        plan.warnings.append(
            f"{hint.code} reports every {hint.interval_s} s in the file and every {meter.interval_s} s on record"
        )


def _drop_conflicting(hints: Sequence[MeterHint], plan: MeterPlan) -> None:
    """A series of another commodity than its meter is not mixed in."""
    for hint in hints:
        meter = plan.meters.get(hint.code)
        if meter is not None and meter.commodity is not hint.commodity:
            del plan.numbers[hint.code]
            plan.unknown.append(
                f"meter {hint.code} measures {meter.commodity}, the file says {hint.commodity} ({hint.unit}). "
                "Give --commodity, or rename the meter in the file."
            )


def _explain(code: str, known: Mapping[str, Meter], buildings: Sequence[str]) -> str:
    near = get_close_matches(code, [*known, *buildings], 1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return (
        f"meter {code} is not known and no building's code begins its name.{hint} Give --building CODE, "
        "import its building first, or give --create-missing."
    )
