"""Where senders reach ingest, without secrets: the addresses of MQTT and HTTP, and where the password is."""

from __future__ import annotations

from urllib.parse import urlsplit

from redaptive.agents.principal import LOOPBACK
from redaptive.infrastructure.services.mqtt import USER, broker_service
from redaptive.settings import Settings


def mqtt_told(settings: Settings, url: str | None = None) -> str:
    """The broker's URL without its password; `url` where it is known already, else that of the running broker."""
    if settings.mqtt_url is not None:
        return _without_password(settings.mqtt_url.get_secret_value())
    home = settings.home.expanduser().absolute()
    where = f"the password of user {USER} is in {home / 'secrets' / 'broker'}"
    if url is not None:
        return f"{_without_password(url)}, {where}"
    status = broker_service(home).status()
    if status.port is None:
        return f"embedded broker, {status.state}; `redaptive ingest` starts it"
    return f"mqtt://{USER}@127.0.0.1:{status.port}, {where}"


def http_told(settings: Settings) -> str:
    """The URL of readings over HTTP, with a warning where it is open to others and not encrypted."""
    host = settings.ingest_host
    shown = f"[{host}]" if ":" in host else host
    warning = "" if host in LOOPBACK else " WARNING: open to the network without TLS; put a proxy with TLS before it."
    return f"http://{shown}:{settings.ingest_port}/v1/readings{warning}"


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    user = f"{parts.username}@" if parts.username else ""
    return f"{parts.scheme}://{user}{parts.netloc.rpartition('@')[2]}"
