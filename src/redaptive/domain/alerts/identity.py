"""Ids of alerts: hashes of subject, kind and start, so that whoever derives an alert again writes the same row."""

from __future__ import annotations

from typing import Final
from uuid import UUID, uuid5

_NAMESPACE: Final = UUID("6d8c1b1e-6d0b-5f0e-9f3a-2f6c5a7f2c11")


def alert_id(
    kind: str, since_s: int, *, meter_no: int = 0, gateway: int = 0, site: UUID | None = None, station: str = ""
) -> UUID:
    """The id of the event of that kind and start at a meter, else a gateway, else a site, else a weather station."""
    if meter_no:
        subject = f"{meter_no}"
    elif gateway:
        subject = f"g{gateway}"
    else:
        subject = f"s{site}" if site else f"w{station}"
    return uuid5(_NAMESPACE, f"{subject}:{kind}:{since_s}")
