"""The gate of the log: messages in, packed batches durably in the log, and only then a receipt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from redaptive.domain.detectors.steps.admission import future_grace_s
from redaptive.infrastructure.messaging.batches import NO_SEQUENCE, ReadingBatch, encode
from redaptive.infrastructure.messaging.partitions import split
from redaptive.infrastructure.messaging.redis_streams import ReadingLog
from redaptive.streams.ingest.checking import Checked, check
from redaptive.streams.ingest.committed import Committed
from redaptive.streams.ingest.directory import Directory, is_code
from redaptive.streams.ingest.gaps import Gap, Gaps
from redaptive.streams.ingest.lateness import Newest
from redaptive.streams.ingest.messages import Message, Refusal
from redaptive.streams.ingest.numbering import Attempt, Numbers
from redaptive.streams.ingest.refusals import Refusals, RefusedBatch, batch_key
from redaptive.streams.ingest.seen import Seen
from redaptive.streams.ingest.temperatures import Temperatures


@dataclass(frozen=True, eq=False)
class Submission:
    """A message, who sent it and when it came; `payload` is its text, by which a copy is recognised."""

    tenant: str
    gateway: str
    protocol: str
    message: Message
    payload: bytes
    received_us: int
    trace_id: str = ""
    part: int = 0
    """Which of several messages of one payload it is."""


@dataclass(frozen=True)
class Receipt:
    """What became of one message, once that is durable."""

    accepted: int
    refused: tuple[Refusal, ...] = ()
    duplicate: int = 0
    """Readings of a message that we took before."""
    late: int = 0
    """Of the accepted readings, those older than one of the same meter that came before."""


@dataclass(frozen=True, eq=False)
class _Prepared:
    receipt: Receipt
    entries: tuple[tuple[int, bytes], ...] = ()
    refused: RefusedBatch | None = None
    gap: Gap | None = None
    taken: Checked | None = None
    gateway: int | None = None
    latest_s: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))


@dataclass
class AdmissionStatistics:
    """Counts since start."""

    messages: int = 0
    accepted: int = 0
    duplicate: int = 0
    late: int = 0
    entries: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    gaps: int = 0


class Admission:
    """Checks messages against the directory, packs them per partition and appends them in one round trip.

    A message whose number we have taken already is only acknowledged again. One that comes after a later message (a
    broker may send again in any order) goes in without its number: else the partition's owner, who drops numbers
    that do not rise, would take a message that it never saw for an old one.
    """

    def __init__(
        self,
        directory: Directory,
        temperatures: Temperatures,
        refusals: Refusals,
        gaps: Gaps,
        reading_log: ReadingLog,
        committed: Committed | None = None,
        seen: Seen | None = None,
    ) -> None:
        self._directory = directory
        self._temperatures = temperatures
        self._refusals = refusals
        self._gaps = gaps
        self._log = reading_log
        self._numbers = Numbers()
        self._committed = committed
        self._newest = Newest()
        self._seen = seen
        self.statistics = AdmissionStatistics()

    async def admit(self, submissions: Sequence[Submission]) -> list[Receipt]:
        """A receipt for each message, in order, when all of them are durable; else raises and none counts.

        Raises Unavailable when log or database do not answer, Exhausted when the log is too full.
        """
        await self._log.refuse_when_full()
        with self._numbers.attempt() as attempt:
            prepared = [await self._prepare(submission, attempt) for submission in submissions]
            if entries := [entry for each in prepared for entry in each.entries]:
                await self._log.append_many(entries)
            if refused := [each.refused for each in prepared if each.refused is not None]:
                await self._refusals.record(refused)
        self._note_seen(submissions, prepared)
        receipts = [await self._receipt(each) for each in prepared]
        for each, receipt in zip(prepared, receipts, strict=True):
            self._count(each, receipt)
        return receipts

    def _note_seen(self, submissions: Sequence[Submission], prepared: Sequence[_Prepared]) -> None:
        for submission, each in zip(submissions, prepared, strict=True):
            message = submission.message
            if each.gateway is None:
                continue
            if message.sequence != NO_SEQUENCE:
                self._gaps.came(each.gateway, message.sequence, each.gap)
            elif message.is_unread():
                self._gaps.came_unread(each.gateway)
            if self._seen is not None:
                self._seen.note(each.gateway, submission.received_us, message.sequence)

    async def has_tenant(self, tenant: str) -> bool:
        """Whether there is a tenant of that name."""
        return await self._directory.tenant_id(tenant) is not None

    async def intervals(self, tenant: str) -> dict[str, int]:
        """Seconds between readings of each meter of the tenant by code; none where there is no such tenant."""
        tenant_id = await self._directory.tenant_id(tenant)
        return {} if tenant_id is None else (await self._directory.meters(tenant_id)).intervals()

    async def _receipt(self, each: _Prepared) -> Receipt:
        if each.taken is None:
            return each.receipt
        if self._committed is not None:
            self._newest.know(*await self._committed.first_seen(each.taken.meter))
        return replace(each.receipt, late=self._newest.late(each.taken.meter, each.taken.start_s, each.latest_s))

    async def _prepare(self, submission: Submission, attempt: Attempt) -> _Prepared:
        tenant_id = await self._directory.tenant_id(submission.tenant)
        if tenant_id is None:
            return await self._bury(submission, "unknown_tenant", f"There is no tenant {submission.tenant}.")
        if not is_code(submission.gateway):
            return await self._bury(submission, "bad_gateway", f"No gateway's code: {submission.gateway!r:.40}.")
        gateway = await self._directory.gateway(tenant_id, submission.gateway, submission.protocol)
        message, number = submission.message, gateway.number
        turn = attempt.take(number, message.sequence, submission.payload)
        if turn.known:
            return _Prepared(Receipt(0, duplicate=len(message)), gateway=number)
        last = message.sequence - 1
        gap = Gap(tenant_id, number, last - turn.missing + 1, last) if turn.missing else None
        table = await self._directory.meters(tenant_id)
        checked, refused = check(message.columns, table)
        if any(refusal.reason == "unknown_meter" for refusal in refused):
            newest = await self._directory.meters_again(tenant_id)
            if newest is not table:
                table = newest
                checked, refused = check(message.columns, table)
        entries: tuple[tuple[int, bytes], ...] = ()
        if len(checked):
            temperature = await self._temperatures.of(
                tenant_id, table.stations, table.station[checked.place], checked.start_s
            )
            entries = tuple(self._packed(checked, temperature, number, turn.sequence, submission))
        every = (*message.refused, *map(message.located, refused))
        batch = _refused(tenant_id, number, submission, every) if every else None
        latest_s = submission.received_us // 1_000_000 + future_grace_s(table.interval_s(checked.place))
        return _Prepared(Receipt(len(checked), every), entries, batch, gap, checked, number, latest_s)

    async def _bury(self, submission: Submission, reason: str, detail: str) -> _Prepared:
        where = f"{submission.protocol} {submission.tenant}/{submission.gateway}"
        await self._refusals.bury(where, reason, submission.payload)
        return _Prepared(Receipt(0, (Refusal(-1, reason, reason.partition("_")[2], detail),)))

    def _packed(
        self,
        checked: Checked,
        temperature: NDArray[np.int16],
        gateway: int,
        sequence: int,
        submission: Submission,
    ) -> Iterator[tuple[int, bytes]]:
        batch = ReadingBatch(
            gateway,
            sequence,
            submission.received_us,
            submission.trace_id,
            checked.meter,
            checked.start_s,
            checked.value,
            checked.flags,
            temperature,
        )
        for partition, part in split(batch, self._log.partitions):
            yield partition, encode(part)

    def _count(self, each: _Prepared, receipt: Receipt) -> None:
        counts = self.statistics
        counts.messages += 1
        counts.accepted += receipt.accepted
        counts.duplicate += receipt.duplicate
        counts.late += receipt.late
        counts.entries += len(each.entries)
        counts.gaps += each.gap is not None
        counts.refused.update(refusal.reason for refusal in receipt.refused)


def _refused(tenant_id: UUID, gateway: int, submission: Submission, rows: tuple[Refusal, ...]) -> RefusedBatch:
    return RefusedBatch(
        tenant_id,
        gateway,
        submission.message.sequence,
        batch_key(gateway, submission.payload, submission.part),
        submission.received_us,
        rows,
    )
