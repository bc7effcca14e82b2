"""Where senders reach ingest: user and port are told, passwords are not, and an open port without TLS is warned of."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from redaptive.cli.ingest_addresses import http_told, mqtt_told
from redaptive.infrastructure.services.mqtt import embedded_broker
from redaptive.settings import Settings


def test_a_configured_broker_is_told_without_its_password(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, mqtt_url=SecretStr("mqtts://me:s3cret@broker.example:8883"))
    assert mqtt_told(settings) == "mqtts://me@broker.example:8883"


def test_the_embedded_broker_is_told_with_its_user_and_where_the_password_is(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, mqtt_url=None)
    assert mqtt_told(settings) == "embedded broker, stopped; `redaptive ingest` starts it"
    with embedded_broker(settings) as endpoint:
        port, password = endpoint.url.rpartition(":")[2], (tmp_path / "secrets" / "broker").read_text().strip()
        told = mqtt_told(settings)
        assert told.startswith(f"mqtt://redaptive@127.0.0.1:{port}, the password of user redaptive is in {tmp_path}")
        assert mqtt_told(settings, endpoint.url) == told
        assert password not in told


def test_http_beyond_loopback_is_warned_of(tmp_path: Path) -> None:
    assert http_told(Settings(home=tmp_path)) == "http://127.0.0.1:8790/v1/readings"
    told = http_told(Settings(home=tmp_path, ingest_host="::", ingest_port=9))
    assert told.startswith("http://[::]:9/v1/readings WARNING: open to the network without TLS")
