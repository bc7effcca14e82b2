"""Links by which whoever is told acknowledges an alert: signed, for one person and alert, expiring, of one use.

A link holds what it says: version, end, tenant, alert, occurrence, engineer; and the first 16 bytes of an HMAC-SHA-256
over that. Opening it changes nothing, since mail scanners open links; only the button on its page does.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from redaptive.errors import InvalidInput, Unauthorized
from redaptive.infrastructure.services.files import kept_private

VALID_FOR: Final = timedelta(days=7)
LEAST_SECRET: Final = 32
_BODY: Final = struct.Struct(">Bq16s16sI")
_MAC_BYTES: Final = 16
_VERSION: Final = 1
_OPEN: Final = "Acknowledge it with `redaptive alerts ack`, or open the newest message about it."


@dataclass(frozen=True)
class Invitation:
    """What a link allows, once: `engineer` acknowledges this occurrence of `alert`; `id` names the link."""

    tenant: UUID
    alert: UUID
    occurrence: int
    engineer: str
    id: str


class Links:
    """Makes and reads links below `base_url`; all desks of an installation share the secret."""

    def __init__(self, secret: bytes, base_url: str) -> None:
        if len(secret) < LEAST_SECRET:
            raise InvalidInput(
                f"The secret of alert links has fewer than {LEAST_SECRET} bytes.",
                field="REDAPTIVE_ALERT_LINK_SECRET",
                fix="Give a random one, such as from `openssl rand -base64 32`.",
            )
        self._secret, self._base_url = secret, base_url.rstrip("/")

    def url(self, tenant: UUID, alert: UUID, occurrence: int, engineer: str, now: datetime) -> str:
        """The link, good for a week."""
        ends = int((now + VALID_FOR).timestamp())
        body = _BODY.pack(_VERSION, ends, tenant.bytes, alert.bytes, occurrence) + engineer.encode()
        return f"{self._base_url}/a/{urlsafe_b64encode(body + self._mac(body)).rstrip(b'=').decode()}"

    def read(self, token: str, now: datetime) -> Invitation:
        """What the token of a link allows.

        :raises Unauthorized: it is not ours, was changed, or is over.
        """
        try:
            raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError:
            raw = b""
        body, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        if len(body) <= _BODY.size or not hmac.compare_digest(mac, self._mac(body)):
            raise Unauthorized("This link is none of ours, or was cut off.", field="link", fix=_OPEN)
        version, ends, tenant, alert, occurrence = _BODY.unpack_from(body)
        if version != _VERSION or now.timestamp() >= ends:
            raise Unauthorized("This link is over: links are good for a week.", field="link", fix=_OPEN)
        return Invitation(UUID(bytes=tenant), UUID(bytes=alert), occurrence, body[_BODY.size :].decode(), mac.hex())

    def _mac(self, body: bytes) -> bytes:
        return hmac.new(self._secret, b"alert link\0" + body, hashlib.sha256).digest()[:_MAC_BYTES]


def kept_secret(path: Path) -> bytes:
    """The secret in the file, which is made, readable by its owner only, when there is none."""
    return kept_private(path, secrets.token_bytes(LEAST_SECRET))
