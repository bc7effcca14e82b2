"""What is said of an alert: cost, severity, rank, evidence and likely causes, from the alert's row and its place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from redaptive.domain.alerts.evidence import Facts, sentence
from redaptive.domain.alerts.figures import PER, Figures, Per, times_a_day
from redaptive.domain.alerts.kinds import Severity, kind_or_default
from redaptive.domain.alerts.pricing import OF_THE_METER, UNSURE, Cost, Judgement, Subject, cost_per_day, judge
from redaptive.domain.alerts.weighing import multiplied, sure
from redaptive.infrastructure.database.connection_pool import Connection
from redaptive.streams.alerts.playbook import Playbook, Tally
from redaptive.streams.alerts.policy import Policies

Tallies = Mapping[tuple[str, str], Tally]


@dataclass(frozen=True)
class Dossier:
    """One alert, ready to be told: its figures, its text and where it belongs."""

    id: UUID
    kind: str
    commodity: str | None
    occurrences: int
    cost: Cost
    judgement: Judgement
    evidence: str
    place: str
    site_id: UUID | None
    building_id: UUID | None
    meter_id: UUID | None
    since: datetime
    decided_at: datetime
    excess_kwh_per_day: float | None
    snoozed: bool
    before: Severity
    unanswered: bool

    @property
    def severity(self) -> Severity:
        """How urgent it is."""
        return self.judgement.severity

    @property
    def falls(self) -> bool:
        """Whether less is used (or generated) than usual."""
        return (self.excess_kwh_per_day or 0.0) < 0

    @property
    def title(self) -> str:
        """What it is, with the way that use went."""
        return kind_or_default(self.kind).title_of(self.excess_kwh_per_day, self.commodity)

    @property
    def worse(self) -> bool:
        """Whether nobody has answered and it is more urgent than when people were told."""
        return self.unanswered and self.severity.order > self.before.order


async def compile_dossiers(
    connection: Connection, tenant: UUID, alerts: Sequence[UUID], playbook: Playbook, policies: Policies
) -> list[Dossier]:
    """The dossiers of these alerts, most urgent first, written into their rows as well."""
    if not alerts:
        return []
    cursor = await connection.execute(_FACTS, {"tenant": tenant, "ids": list(alerts)})
    rows = await cursor.fetchall()
    tallies = await _tallies(connection, tenant, {row["kind"] for row in rows})
    dossiers = [_dossier(row, policies) for row in rows]
    causes = [
        Jsonb(
            [asdict(c) for c in playbook.likely(d.kind, d.commodity, tallies[d.kind, d.commodity or ""], falls=d.falls)]
        )
        for d in dossiers
    ]
    await connection.execute(_WRITE, {"tenant": tenant, "causes": causes, **_columns(dossiers)})
    return sorted(dossiers, key=lambda d: (-d.judgement.rank, str(d.id)))


def _dossier(row: DictRow, policies: Policies) -> Dossier:
    figures = _figures(row)
    subject = Subject(
        row["kind"], row["commodity"], row["building_type"], row["role"] == "main", row["assessed"].get("steady"),
        row["end_use"], figures.excess_per_day, figures.left,
    )  # fmt: skip
    cost = _cost(row, figures.excess_per_day)
    judgement = judge(subject, cost.usd_per_day, policies.severity(row["kind"]))
    return Dossier(
        row["id"], row["kind"], row["commodity"], row["occurrences"], cost, judgement,
        sentence(_facts(row, cost, figures)), row["place"], row["site_id"], row["building_id"], row["meter_id"],
        row["since"], row["decided_at"], figures.excess_per_day, row["snoozed"], Severity(row["severity"]),
        row["state"] == "open",
    )  # fmt: skip


def _per(row: DictRow) -> Per:
    return "day" if row["assessed"] else PER.get(row["kind"], "event")


def _figures(row: DictRow) -> Figures:
    actual, expected = (None if row[k] is None else row[k] / 1000.0 for k in ("actual_wh", "expected_wh"))
    a_day = times_a_day(_per(row), row["interval_s"] or 3600)
    # What is about a gateway or a site has no meter, and no use either.
    return Figures(actual, expected, row["excess_kwh_per_day"], a_day).of_meter(exports=row["exports"] is not False)


def _cost(row: DictRow, excess: float | None) -> Cost:
    """By the readings where they were looked at; else by the alarm."""
    assessed = row["assessed"]
    found = cost_per_day(row["kind"], excess, row["usd_per_kwh"], generates=row["commodity"] == "solar")
    if not assessed or excess is None or found.usd_per_day is None:
        return found
    if multiplied(assessed["factor"]):
        return Cost(None, OF_THE_METER)
    return found if sure(excess / (assessed["error"] or 1.0)) else Cost(None, UNSURE)


def _billing(row: DictRow) -> Decimal | None:
    """What a bill of readings that are off by a factor is off by, USD a day."""
    off_by_factor = row["kind"] == "multiplier" or multiplied(row["assessed"].get("factor"))
    if not off_by_factor or None in (row["actual_wh"], row["expected_wh"], row["usd_per_kwh"]):
        return None
    return Decimal(repr(round(abs(row["actual_wh"] - row["expected_wh"]) / 1000.0 * row["usd_per_kwh"], 2)))


def _facts(row: DictRow, cost: Cost, figures: Figures) -> Facts:
    seen = row["decided_at"] + timedelta(seconds=row["interval_s"] or 0)
    # Of an alert that came back the end may still be that of an earlier time.
    ended = row["ended_at"] if row["ended_at"] and row["ended_at"] > row["event_since"] else None
    return Facts(
        kind=row["kind"],
        subject=row["place"],
        since=row["event_since"],
        until=ended or seen,
        timezone=row["timezone"],
        commodity=row["commodity"],
        actual=figures.actual,
        expected=figures.expected,
        excess_per_day=figures.excess_per_day,
        usd_per_day=cost.usd_per_day,
        score=row["score"],
        members=row["members"],
        of=row["of"] or 0,
        ended=ended is not None,
        per=_per(row),
        closed=row["assessed"].get("closed"),
        rest=row["assessed"].get("rest"),
        billing_usd_per_day=_billing(row),
        unsure=cost.note == UNSURE,
        interval_s=row["interval_s"] or 3600,
        late=row["found_late"],
        at_zero=figures.at_zero,
    )


async def _tallies(connection: Connection, tenant: UUID, kinds: Iterable[str]) -> Tallies:
    """By kind and commodity: how often each cause was confirmed and rejected."""
    found: dict[tuple[str, str], dict[str, dict[str, int]]] = defaultdict(lambda: {"confirmed": {}, "rejected": {}})
    cursor = await connection.execute(_TALLY, {"tenant": tenant, "kinds": sorted(kinds)})
    for row in await cursor.fetchall():
        found[row["kind"], row["commodity"]][row["what"]][row["cause"]] = row["n"]
    return found


def _columns(dossiers: Sequence[Dossier]) -> dict[str, list[object]]:
    return {
        "ids": [d.id for d in dossiers],
        "usd": [d.cost.usd_per_day for d in dossiers],
        "notes": [d.cost.note for d in dossiers],
        "severities": [d.severity for d in dossiers],
        "ranks": [d.judgement.rank for d in dossiers],
        "texts": [d.evidence for d in dossiers],
        "risks": [d.judgement.risk for d in dossiers],
        "sites": [d.site_id for d in dossiers],
        "excesses": [d.excess_kwh_per_day for d in dossiers],
    }


PLACE: Final = """CASE WHEN m.id IS NOT NULL THEN 'Meter ' || m.code WHEN a.gateway_no IS NOT NULL
    THEN 'Gateway ' || coalesce(g.code, a.gateway_no::text)
    WHEN a.site_id IS NOT NULL THEN 'Site ' || s.code
    ELSE 'Weather station ' || coalesce(a.detail->>'station', '?') END"""
"""SQL: what an alert `a` is about, by name, of its meter `m`, gateway `g` and site `s`, each of which may be absent."""
_FACTS: Final = f"""
SELECT a.id, a.kind, a.state, a.severity, a.since, a.decided_at, a.ended_at,
  coalesce((a.detail->>'latest')::timestamptz, a.since) AS event_since,
  a.actual_wh, a.expected_wh, a.excess_kwh_per_day, a.score, a.occurrences, a.meter_id,
  coalesce(a.detail->'assessed', '{{}}'::jsonb) AS assessed, coalesce(a.snoozed_until > now(), false) AS snoozed,
  a.detail ? 'found_late' AS found_late,
  (a.detail->>'of')::integer AS of,
  m.commodity, m.role, m.interval_s, m.end_use, coalesce(x.exports, m.commodity = 'solar') AS exports,
  coalesce(a.building_id, m.building_id) AS building_id, b.building_type,
  coalesce(a.site_id, b.site_id, g.site_id) AS site_id, coalesce(s.timezone, 'UTC') AS timezone,
  {PLACE} AS place,
  (SELECT count(*) FROM alerts c WHERE c.tenant_id = a.tenant_id AND c.parent_id = a.id) AS members,
  (SELECT p.usd_per_unit::float8 FROM energy_prices p
   WHERE p.tenant_id = a.tenant_id AND p.site_id = s.id
     AND p.commodity = CASE m.commodity WHEN 'solar' THEN 'electricity' ELSE m.commodity END
     AND p.effective_from <= (a.decided_at AT TIME ZONE s.timezone)::date
     AND (p.effective_to IS NULL OR p.effective_to > (a.decided_at AT TIME ZONE s.timezone)::date)
   ORDER BY p.effective_from DESC LIMIT 1) AS usd_per_kwh
FROM alerts a
LEFT JOIN meters m ON m.tenant_id = a.tenant_id AND m.id = a.meter_id
LEFT JOIN meter_stream x ON x.tenant_id = a.tenant_id AND x.meter_id = a.meter_id
LEFT JOIN buildings b ON b.tenant_id = a.tenant_id AND b.id = coalesce(a.building_id, m.building_id)
LEFT JOIN gateways g ON g.tenant_id = a.tenant_id AND g.gateway_no = a.gateway_no
LEFT JOIN sites s ON s.tenant_id = a.tenant_id AND s.id = coalesce(a.site_id, b.site_id, g.site_id)
WHERE a.tenant_id = %(tenant)s AND a.id = ANY(%(ids)s) AND a.state IN ('open', 'acknowledged', 'in_progress')"""  # noqa: S608 - a constant of ours

_TALLY: Final = """
WITH known AS (
  SELECT a.kind, coalesce(m.commodity, '') AS commodity, a.cause, a.rejected_causes FROM alerts a
  LEFT JOIN meters m ON m.tenant_id = a.tenant_id AND m.id = a.meter_id
  WHERE a.tenant_id = %(tenant)s AND a.kind = ANY(%(kinds)s) AND (a.cause IS NOT NULL OR a.rejected_causes <> '{}'))
SELECT kind, commodity, 'confirmed' AS what, cause, count(*) AS n FROM known WHERE cause IS NOT NULL GROUP BY 1, 2, 4
UNION ALL
SELECT kind, commodity, 'rejected', r, count(*) FROM known, unnest(rejected_causes) r GROUP BY 1, 2, 4"""

_WRITE: Final = """
UPDATE alerts a SET usd_per_day = u.usd, price_note = u.note, severity = u.severity, rank = u.rank,
  evidence = u.text, likely_causes = u.causes, site_id = coalesce(a.site_id, u.site),
  excess_kwh_per_day = u.excess, detail = a.detail || jsonb_build_object('risk', u.risk)
FROM unnest(%(ids)s::uuid[], %(usd)s::numeric[], %(notes)s::text[], %(severities)s::text[], %(ranks)s::float8[],
  %(texts)s::text[], %(causes)s::jsonb[], %(risks)s::text[], %(sites)s::uuid[], %(excesses)s::float8[])
  AS u (id, usd, note, severity, rank, text, causes, risk, site, excess)
WHERE a.tenant_id = %(tenant)s AND a.id = u.id"""
