"""Generated passwords of the embedded servers, one 0600 file each."""

from __future__ import annotations

import secrets
from pathlib import Path

from redaptive.infrastructure.services.files import write_private


def ensure_password(path: Path) -> str:
    """The password kept in `path`, generated at the first call; call under the service's lock."""
    if not path.exists():
        # On disk before the server that uses it: without this file the data would be locked for good.
        write_private(path, secrets.token_urlsafe(24), durable=True)
    return path.read_text(encoding="utf-8").strip()
