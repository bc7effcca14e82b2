"""Health of a process: alive, ready to serve, and in depth."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import anyio
import structlog

log = structlog.get_logger(__name__)

Status = Literal["ok", "degraded", "failing"]
Probe = Callable[[], Awaitable[str]]
"""Returns a short remark when all is well ("3 of 20 connections"); raises when it is not."""


@dataclass(frozen=True)
class Check:
    """One dependency. A required one makes the process unready when it fails, an optional one only degrades."""

    name: str
    probe: Probe
    required: bool = True
    timeout_s: float = 2.0


@dataclass(frozen=True)
class CheckResult:
    """What one probe found, and how long it took."""

    name: str
    ok: bool
    required: bool
    detail: str
    milliseconds: float


@dataclass(frozen=True)
class HealthReport:
    """All results and the status that follows from them."""

    status: Status
    checks: tuple[CheckResult, ...] = ()

    @property
    def ready(self) -> bool:
        """Whether requests should be sent here."""
        return self.status != "failing"


class HealthChecker:
    """Runs probes at the same time, each within its own limit."""

    def __init__(self, checks: Sequence[Check] = ()) -> None:
        self._checks = tuple(checks)

    async def live(self) -> HealthReport:
        """Ok as soon as the event loop runs this; dependencies do not matter, a restart would not mend them."""
        await anyio.lowlevel.checkpoint()
        return HealthReport("ok")

    async def ready(self) -> HealthReport:
        """Required dependencies only: what is needed to serve."""
        return _report(await self._run([check for check in self._checks if check.required]))

    async def deep(self) -> HealthReport:
        """Every dependency with its remark and latency; for authorised eyes."""
        return _report(await self._run(self._checks))

    async def _run(self, checks: Sequence[Check]) -> list[CheckResult]:
        results: dict[str, CheckResult] = {}

        async def one(check: Check) -> None:
            results[check.name] = await _probe(check)

        async with anyio.create_task_group() as group:
            for check in checks:
                group.start_soon(one, check)
        return [results[check.name] for check in checks]


async def _probe(check: Check) -> CheckResult:
    started = time.perf_counter()
    try:
        with anyio.fail_after(check.timeout_s):
            detail, ok = await check.probe(), True
    except TimeoutError:
        detail, ok = f"no answer within {check.timeout_s:g} s", False
    except Exception as error:  # a probe may fail in any way; the failure is the finding
        log.warning("health_check_failed", check=check.name, error=str(error))
        detail, ok = type(error).__name__, False
    return CheckResult(check.name, ok, check.required, detail, (time.perf_counter() - started) * 1000)


def _report(results: Sequence[CheckResult]) -> HealthReport:
    failed = [result for result in results if not result.ok]
    if any(result.required for result in failed):
        return HealthReport("failing", tuple(results))
    return HealthReport("degraded" if failed else "ok", tuple(results))
