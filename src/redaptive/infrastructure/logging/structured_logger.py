"""Logs: one JSON object a line, with correlation and trace, secrets removed."""

from __future__ import annotations

import hashlib
import logging
import re
import sys
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, Final, TextIO
from uuid import UUID

import structlog
from pydantic import SecretStr
from structlog.types import Processor

from redaptive.infrastructure.tracing.distributed_tracer import current_trace_id
from redaptive.settings import Settings

HIDDEN: Final = "***"
SECRET_KEY: Final = re.compile(
    r"pass(word|wd|phrase)|secret|(^|_)token$|api_?key|authorization|cookie|credential|private_?key|dsn$", re.IGNORECASE
)
OWNER_KEY: Final = re.compile(r"(^|_)(owner|email|phone|customer_name|contact)$", re.IGNORECASE)
URL_CREDENTIALS: Final = re.compile(r"(?<=://)[^/\s@]+@")
INPUT_VALUE: Final = re.compile(r"input_value=.*?, input_type=")
"""How pydantic repeats what a caller sent."""
BEARER: Final = re.compile(r"(?i)\bbearer\s+[a-z0-9._~+/=-]+")


def configure_logging(settings: Settings, *, stream: TextIO | None = None, human: bool | None = None) -> None:
    """Send every log line of this process, ours and libraries', to `stream` (default: stderr).

    JSON unless a person watches (`human`, default: the stream is a terminal). Levels per component:
    `settings.log_levels` names a part ("agents", "database") or a logger ("mcp.server").
    """
    target = stream or sys.stderr
    as_text = target.isatty() if human is None else human
    handler = logging.StreamHandler(target)
    handler.setFormatter(_formatter(human=as_text))
    logging.basicConfig(handlers=[handler], level=settings.log_level.upper(), force=True)
    for name, level in settings.log_levels.items():
        for logger in _loggers(name):
            logging.getLogger(logger).setLevel(level.upper())
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def tenant_hash(tenant_id: UUID) -> str:
    """12 hex digits that name a tenant in logs without naming it to their reader."""
    return hashlib.sha256(tenant_id.bytes).hexdigest()[:12]


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The event without secrets and without the names of people: by key, by type, and inside URLs."""
    for key, value in event.items():
        event[key] = _cleaned(key, value)
    return event


def _cleaned(key: str, value: object) -> object:
    if isinstance(value, SecretStr) or SECRET_KEY.search(key) or OWNER_KEY.search(key):
        return HIDDEN if value is not None else None
    if isinstance(value, str):
        without_urls = URL_CREDENTIALS.sub(f"{HIDDEN}@", value)
        return INPUT_VALUE.sub(f"input_value={HIDDEN}, input_type=", BEARER.sub(f"Bearer {HIDDEN}", without_urls))
    if isinstance(value, Mapping):
        return {str(name): _cleaned(str(name), each) for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [_cleaned("", each) for each in value]
    return value


def _add_trace(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if trace_id := current_trace_id():
        event.setdefault("trace", trace_id)
    return event


def _shared() -> list[Processor]:
    return [
        structlog.stdlib.filter_by_level,
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        _add_trace,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.UnicodeDecoder(),
    ]


def _formatter(*, human: bool) -> structlog.stdlib.ProcessorFormatter:
    foreign: list[Processor] = [step for step in _shared() if step is not structlog.stdlib.filter_by_level]
    last: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if human:
        last += [redact, structlog.dev.ConsoleRenderer(colors=False)]
    else:
        last += [structlog.processors.format_exc_info, redact, structlog.processors.JSONRenderer(default=str)]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=foreign, processors=last)


def _loggers(name: str) -> tuple[str, ...]:
    if "." in name:
        return (name,)
    return (f"redaptive.{name}", f"redaptive.infrastructure.{name}", name)
