"""The start-up check: is the log's server set so that an acknowledged entry is on the disk and stays there."""

from __future__ import annotations

from typing import Any, Final

from valkey.asyncio import Valkey
from valkey.exceptions import NoPermissionError, ResponseError

from redaptive.errors import Conflict
from redaptive.infrastructure.messaging.connections import server_errors

REQUIRED: Final = {
    "appendonly": "yes",
    "appendfsync": "always",  # WAITAOF is no substitute: under everysec it answers before the fsync
    "no-appendfsync-on-rewrite": "no",
    "maxmemory-policy": "noeviction",
}


async def check_durability(client: Valkey, *, vouched: bool = False) -> None:
    """Raises Conflict naming each setting that is not as required, with the commands that correct it.

    A managed server may forbid CONFIG. What INFO tells is then checked, and the rest is taken on the
    operator's word: `vouched` (REDAPTIVE_LOG_SETTINGS_VOUCHED). It never overrides a setting that can be read.
    """
    read_settings: Any = client.config_get  # its stubs want a list for each further name
    with server_errors():
        try:
            found = _texts(await read_settings(*REQUIRED))
        except (ResponseError, NoPermissionError):
            found = await _from_info(client)
    wrong = {name: value for name, value in found.items() if value != REQUIRED[name]}
    if wrong:
        raise _unfit(wrong)
    unknown = sorted(REQUIRED.keys() - found.keys())
    if unknown and not vouched:
        raise Conflict(
            f"The log's server does not let us read its settings ({', '.join(unknown)}).",
            field="REDAPTIVE_LOG_URL",
            fix="Allow our user CONFIG GET; or, if its operator warrants "
            f"{', '.join(f'{name} {REQUIRED[name]}' for name in unknown)}, set REDAPTIVE_LOG_SETTINGS_VOUCHED=true.",
        )


async def _from_info(client: Valkey) -> dict[str, str]:
    persistence, memory = await client.info("persistence"), await client.info("memory")
    found = {}
    if "aof_enabled" in persistence:
        found["appendonly"] = "yes" if persistence["aof_enabled"] else "no"
    if "maxmemory_policy" in memory:
        found["maxmemory-policy"] = str(memory["maxmemory_policy"])
    return found


def _texts(reply: object) -> dict[str, str]:
    pairs = dict(reply) if isinstance(reply, dict) else {}
    return {_text(name): _text(value) for name, value in pairs.items()}


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _unfit(wrong: dict[str, str]) -> Conflict:
    stated = ", ".join(f"{name} is {value}, not {REQUIRED[name]}" for name, value in wrong.items())
    commands = "; ".join(f"CONFIG SET {name} {REQUIRED[name]}" for name in wrong)
    return Conflict(
        f"The log's server could lose acknowledged readings: {stated}.",
        field="REDAPTIVE_LOG_URL",
        fix=f"Run {commands}; CONFIG REWRITE. The cache needs a server of its own.",
    )
