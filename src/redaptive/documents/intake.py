"""Files into the stores of one tenant: readings, buildings, meters, bills, weather; a second time changes nothing."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import polars as pl
from anyio import to_thread

from redaptive.documents.bill_placement import BillPlaces, placed_bills
from redaptive.documents.bills_file import read_bills
from redaptive.documents.buildings_file import read_buildings
from redaptive.documents.declared_registers import read_declared
from redaptive.documents.hidden_submeters import DaySums
from redaptive.documents.meter_matching import MeterPlan, Placement, place_meters
from redaptive.documents.meters_file import read_meters
from redaptive.documents.options import ReadingsOptions
from redaptive.documents.results import ImportSummary, ReadingsFile, RejectedRows
from redaptive.documents.suspect_values import SuspectCounts, flag_suspects
from redaptive.documents.weather_file import read_weather
from redaptive.infrastructure.database.connection_pool import ConnectionPoolManager
from redaptive.infrastructure.database.stores.bill_store import BillStore
from redaptive.infrastructure.database.stores.import_store import ImportRecord, ImportStore
from redaptive.infrastructure.database.stores.portfolio_store import PortfolioStore
from redaptive.infrastructure.database.stores.weather_store import WeatherStore
from redaptive.infrastructure.readings.store import ReadingsStore

Progress = Callable[[str, int, int], None]
CHUNK = 1 << 20


@dataclass
class ImportReport:
    """What became of one file; `rejected_files` can be corrected and imported again."""

    file: str
    kind: str
    already: bool = False
    accepted: int = 0
    rejected: int = 0
    flagged: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0
    missing_values: int = 0
    gap_intervals: int = 0
    meters: int = 0
    unknown_meters: int = 0
    rejected_files: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def add_summary(self, summary: ImportSummary) -> None:
        """Take over what the parser counted, assumed and warned of."""
        self.duplicates, self.missing_values = summary.duplicates, summary.missing_values
        self.gap_intervals = summary.gap_intervals
        self.assumptions += summary.assumptions
        self.warnings += summary.warnings
        for name, count in summary.flagged.items():
            if count:
                self.flagged[name] = self.flagged.get(name, 0) + count


@dataclass(frozen=True)
class Intake:
    """The stores that files go to, the folder of rejected rows, and who is told of progress."""

    pools: ConnectionPoolManager
    readings: ReadingsStore
    tenant_id: UUID
    rejected_folder: Path
    progress: Progress

    async def readings_file(
        self, path: Path, options: ReadingsOptions, placement: Placement, *, correct: bool = False
    ) -> ImportReport:
        """Imports readings; `correct` lets them replace what is there. Raises InvalidInput for an unusable file."""
        self.progress(path.name, 0, 3)
        options = options if options.now else replace(options, now=datetime.now(UTC))
        record = await self._begin("readings", path, f"{replace(options, now=None)}{placement}{correct}")
        if record.state == "done":
            return _already(record)
        try:
            found = await to_thread.run_sync(read_declared, path, options)
            self.progress(path.name, 1, 3)
            with found:
                report = await self._store_readings(path, found, record, placement, correct)
        except BaseException as error:
            await ImportStore(self.pools, self.tenant_id).fail(record.token, str(error)[:500])
            raise
        if report.unknown_meters:
            # Not done: given again once its buildings are there, the file brings the rest.
            todo = f"{report.unknown_meters} meters are not known yet"
            await ImportStore(self.pools, self.tenant_id).fail(record.token, todo)
        else:
            await self._finish(record, report)
        self.progress(path.name, 3, 3)
        return report

    async def buildings_file(self, path: Path, *, customer: str | None, timezone: str | None) -> ImportReport:
        """Imports buildings with their customers and sites; known codes are updated."""
        found = await to_thread.run_sync(lambda: read_buildings(path, customer=customer, timezone=timezone))
        record = await self._begin("buildings", path, f"{customer}{timezone}")
        store = PortfolioStore(self.pools, self.tenant_id)
        await store.upsert_customers(found.customers)
        await store.upsert_sites(found.sites)
        count = await store.upsert_buildings(found.buildings)
        report = ImportReport(path.name, "buildings", accepted=len(found.buildings))
        report.add_summary(found.summary)
        report.messages.append(f"{count.inserted} new, {count.updated} updated, {count.unchanged} unchanged")
        self._keep_rejected(path, found.rejected, report)
        if record.state != "done":
            await self._finish(record, report)
        return report

    async def meters_file(self, path: Path) -> ImportReport:
        """Imports meters with their building, commodity, role and parent: who counts and who is counted already."""
        store = PortfolioStore(self.pools, self.tenant_id)
        buildings, known = await store.buildings(), await store.meters()
        found = await to_thread.run_sync(read_meters, path, buildings, known)
        count = await store.upsert_meters(found.meters)
        report = ImportReport(path.name, "meters", accepted=len(found.meters))
        report.add_summary(found.summary)
        report.messages.append(f"{count.inserted} new, {count.updated} updated, {count.unchanged} unchanged")
        self._keep_rejected(path, found.rejected, report)
        return report

    async def bills_file(self, path: Path, options: ReadingsOptions, *, building: str | None) -> ImportReport:
        """Imports bills; that of the same meter and first day is replaced. `building` is for rows that name none."""
        store = PortfolioStore(self.pools, self.tenant_id)
        places = BillPlaces.of(await store.buildings(), await store.meters(), building)
        found = await to_thread.run_sync(read_bills, path, options, places.fault)
        record = await self._begin("bills", path, f"{options}{building}")
        bills = placed_bills(found, places)
        count = await BillStore(self.pools, self.tenant_id).upsert_bills(bills)
        report = ImportReport(path.name, "bills", accepted=len(bills))
        report.add_summary(found.summary)
        report.messages.append(f"{count.inserted} new, {count.updated} updated, {count.unchanged} unchanged")
        self._keep_rejected(path, found.rejected, report)
        if record.state != "done":
            await self._finish(record, report)
        return report

    async def weather_file(self, path: Path, *, station: str, timezone: str) -> ImportReport:
        """Imports hourly weather of one station and names it at sites that have none."""
        found = await to_thread.run_sync(lambda: read_weather(path, timezone=timezone))
        record = await self._begin("weather", path, f"{station}{timezone}")
        count = await WeatherStore(self.pools, self.tenant_id).upsert_hours(station, found.frame)
        report = ImportReport(path.name, "weather", accepted=found.frame.height)
        report.add_summary(found.summary)
        report.messages.append(f"{count.inserted} new hours, {count.updated} updated, {count.unchanged} unchanged")
        store = PortfolioStore(self.pools, self.tenant_id)
        without = [replace(s, weather_station=station) for s in await store.sites() if s.weather_station is None]
        if without:
            await store.upsert_sites(without)
            report.messages.append(f"station {station} now serves {len(without)} sites that had none")
        self._keep_rejected(path, found.rejected, report)
        if record.state != "done":
            await self._finish(record, report)
        return report

    async def _store_readings(
        self, path: Path, found: ReadingsFile, record: ImportRecord, placement: Placement, correct: bool
    ) -> ImportReport:
        report = ImportReport(path.name, "readings")
        report.add_summary(found.summary)
        self._keep_rejected(path, found.rejected, report)
        store = PortfolioStore(self.pools, self.tenant_id)
        plan = await place_meters(store, found.meters, placement)
        report.meters, report.unknown_meters = len(plan.numbers), len(plan.unknown)
        # Another set of known meters is another sequence of commits: none of its rows counts as written already.
        known = hashlib.sha256("\n".join(sorted(plan.numbers)).encode()).hexdigest()[:12]
        source = f"import:{self.tenant_id}:{record.token}:{known}"
        report.assumptions += plan.assumptions
        report.warnings += plan.warnings
        counts, days, unknown = SuspectCounts(), DaySums(), []
        for number, batch in enumerate(found.batches(), start=1):
            unknown.append(batch.filter(~pl.col("meter_code").is_in(list(plan.numbers))))
            await to_thread.run_sync(days.add, batch)
            rows = await to_thread.run_sync(flag_suspects, batch, plan, counts)
            report.accepted += await to_thread.run_sync(self._write, rows, source, number, correct)
        report.flagged |= counts.by_name()
        report.warnings += [*counts.remarks, *await to_thread.run_sync(days.counted_twice, plan.meters.values())]
        self._keep_unknown(path, pl.concat(unknown) if unknown else None, plan, report)
        self.progress(path.name, 2, 3)
        return report

    async def seal(self) -> None:
        """Sorts and compacts the months; once after all files. Unsealed readings count in answers all the same."""
        calendar = await PortfolioStore(self.pools, self.tenant_id).calendar()
        await to_thread.run_sync(
            lambda: self.readings.seal_all(calendar, progress=lambda d, t: self.progress("sealing months", d, t))
        )

    def _write(self, rows: pl.DataFrame, source: str, number: int, correct: bool) -> int:
        write = self.readings.correct if correct else self.readings.append
        write(rows, source=source, token=number)
        return rows.height

    async def _begin(self, kind: str, path: Path, options: str) -> ImportRecord:
        digest = await to_thread.run_sync(_digest, path, options)
        size = (await to_thread.run_sync(path.stat)).st_size
        return await ImportStore(self.pools, self.tenant_id).begin(kind, path.name, digest, size)

    async def _finish(self, record: ImportRecord, report: ImportReport) -> None:
        await ImportStore(self.pools, self.tenant_id).finish(
            record.token,
            accepted=report.accepted,
            rejected=report.rejected,
            flagged=sum(report.flagged.values()),
            rejected_path=report.rejected_files[0] if report.rejected_files else None,
        )

    def _keep_rejected(self, path: Path, rejected: RejectedRows, report: ImportReport) -> None:
        report.rejected += len(rejected)
        report.messages += rejected.messages(10)
        if len(rejected):
            target = self._rejected_path(path, "rejected")
            rejected.write_csv(target)
            report.rejected_files.append(str(target))

    def _keep_unknown(self, path: Path, rows: pl.DataFrame | None, plan: MeterPlan, report: ImportReport) -> None:
        """Readings of meters that could not be placed, as a long file that can be imported later as it is."""
        if rows is None or rows.is_empty():
            return
        target = self._rejected_path(path, "unknown-meters")
        rows.select(
            pl.col("meter_code").alias("meter"),
            pl.col("ts").dt.strftime("%Y-%m-%dT%H:%M:%SZ").alias("timestamp"),
            "value",
            pl.col("meter_code").replace_strict(plan.stored_units, default="Wh").alias("unit"),
        ).write_csv(target)
        report.rejected += rows.height
        report.rejected_files.append(str(target))
        report.messages += [f"{path.name}: {text}" for text in plan.unknown]

    def _rejected_path(self, path: Path, what: str) -> Path:
        self.rejected_folder.mkdir(parents=True, exist_ok=True)
        stem = re.sub(r"[^A-Za-z0-9._-]+", "_", path.name.split(".")[0])
        return self.rejected_folder / f"{stem}-{what}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.csv"


def _already(record: ImportRecord) -> ImportReport:
    report = ImportReport(record.filename, record.kind, already=True)
    report.messages.append(
        f"This file is in already (import {record.token}, {record.rows_accepted:,} rows); nothing was changed."
    )
    if record.rejected_path:
        report.rejected_files.append(record.rejected_path)
    return report


def _digest(path: Path, options: str) -> str:
    """SHA-256 of the content and of how it is read: the same file read another way is another import."""
    digest = hashlib.sha256(options.encode())
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
