"""Keys that all processes of a deployment share: for the state of multi-round requests, and for whom a call is made."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final

from mcp.server.request_state import RequestStateSecurity

from redaptive.agents.base import state_owner
from redaptive.agents.delegation import Delegation
from redaptive.errors import InvalidInput
from redaptive.infrastructure.services.files import kept_private
from redaptive.settings import Settings

KEY_FILE: Final = "keys/request-state"
DELEGATION_FILE: Final = "keys/on-behalf-of"
KEY_CHARACTERS: Final = 32
"""Fewest characters of a key; the SDK stretches it to AES-256."""


def request_state_security(settings: Settings) -> RequestStateSecurity:
    """Sealing with the keys in `<home>/keys/request-state`, made on first use.

    One key a line, the first seals and all open: rotate by `old,new`, then `new,old`, then `new`,
    each rolled out everywhere before the next. Replicas mount the same file.
    """
    return RequestStateSecurity(keys=_keys(settings.home / KEY_FILE), bind_principal=state_owner)


def delegation(settings: Settings) -> Delegation:
    """Claims on whose behalf a call is made, with the keys in `<home>/keys/on-behalf-of`; rotated likewise."""
    return Delegation(_keys(settings.home / DELEGATION_FILE))


def _keys(path: Path) -> list[str]:
    text = kept_private(path, f"{secrets.token_urlsafe(48)}\n".encode()).decode()
    keys = [line.strip() for line in text.splitlines() if line.strip()]
    if not keys or any(len(key) < KEY_CHARACTERS for key in keys):
        raise InvalidInput(
            f"The file of {path.name} keys holds no key or a short one.",
            field=str(path),
            fix=f"Put at least one line of {KEY_CHARACTERS} random characters into it, or delete it to get a new one.",
        )
    return keys
