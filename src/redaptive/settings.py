"""Settings of the platform: every one is an environment variable `REDAPTIVE_<NAME>`."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_data_path
from pydantic import AfterValidator, AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _known_level(name: str) -> str:
    if name.upper() not in (known := logging.getLevelNamesMapping()):
        raise ValueError(f"{name} is no level of a log; there are: {', '.join(known)}")
    return name


Level = Annotated[str, AfterValidator(_known_level)]
"""Name of a log level, in any case."""


class Settings(BaseSettings):
    """All settings with their defaults; the reference page is generated from the descriptions."""

    model_config = SettingsConfigDict(
        env_prefix="REDAPTIVE_",
        env_file=None,
        env_ignore_empty=True,  # `REDAPTIVE_TENANT=` in a compose file means: not set
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    home: Path = Field(
        default_factory=lambda: user_data_path("redaptive"),
        description="Folder of everything we keep: embedded servers, readings, files, rejected rows, reports.",
    )
    tenant: str = Field(default="default", description="Tenant that the command line works for.")

    database_url: SecretStr | None = Field(
        default=None, description="PostgreSQL 15+, as the role `redaptive_app` or a member of it. Unset: embedded."
    )
    database_owner_url: SecretStr | None = Field(
        default=None, description="The same database as its owner, for migrations. Unset: `database_url`."
    )
    database_worker_url: SecretStr | None = Field(
        default=None,
        description="The same database as the role `redaptive_worker`, for stream workers, ingest and the alert desk; "
        "needed there beside `database_url`.",
    )
    log_url: SecretStr | None = Field(
        default=None, description="Valkey 8 or Redis 7 for the event log (fsync always). Unset: embedded."
    )
    cache_url: SecretStr | None = Field(default=None, description="Valkey or Redis for caches. Unset: embedded.")
    readings_url: str | None = Field(
        default=None, description="Folder of the Delta tables of readings. Unset: under `home`."
    )
    db_os_user: str = Field(
        default="nobody", description="System user that runs the embedded PostgreSQL when we are root."
    )

    pool_min: int = Field(default=2, ge=0, description="Connections kept open in the interactive pool.")
    pool_max: int = Field(default=20, ge=1, description="Most connections of the interactive pool.")
    pool_acquire_timeout_s: float = Field(default=2.0, gt=0, description="Longest wait for a connection, seconds.")
    statement_timeout_s: float = Field(default=30.0, gt=0, description="Longest SQL statement, seconds.")
    query_memory_mb: int = Field(default=1024, ge=64, description="Memory of the analytic query engine, MB.")

    agent_host: str = Field(default="127.0.0.1", description="Address that agents listen on.")
    agent_port: int = Field(default=8801, description="Port of the first agent; others follow.")
    rate_limit_per_minute: int = Field(default=600, ge=1, description="Tool calls a minute per tenant and tool class.")

    stream_partitions: int = Field(
        default=16, ge=1, le=1024, description="Streams of the reading log; fixed when an installation is created."
    )
    flush_interval_s: float = Field(default=5.0, gt=0, description="Longest time between flushes of a worker, seconds.")
    flush_readings: int = Field(default=200_000, ge=1, description="Readings after which a worker flushes.")
    kernel_engine: Literal["numpy", "numba"] = Field(
        default="numpy",
        description="What stream workers score with; `numba` (an extra) compiles at start, with the same results.",
    )
    lease_s: float = Field(default=5.0, gt=0, description="A worker that is silent for so long loses its partitions.")
    log_memory_mb: int = Field(default=512, ge=16, description="Bound of the reading log's memory, MB.")
    log_retention_h: float = Field(default=24.0, gt=0, description="How long committed batches stay in the log, hours.")
    log_settings_vouched: bool = Field(
        default=False,
        description="A managed log server forbids CONFIG; its operator warrants appendfsync always. "
        "Never overrides a setting that can be read.",
    )
    mqtt_url: SecretStr | None = Field(
        default=None, description="MQTT broker, mqtt://user:password@host:1883. Unset: an embedded broker."
    )
    ingest_host: str = Field(
        default="127.0.0.1", description="Address on which readings are taken over HTTP, without TLS; 0.0.0.0 is all."
    )
    ingest_port: int = Field(default=8790, description="Port on which readings are taken over HTTP.")
    drop_folder: Path | None = Field(
        default=None, description="Folder whose CSV and Parquet files are ingested. Unset: `home`/drop."
    )
    smtp_url: SecretStr | None = Field(
        default=None, description="Mail server for alerts, smtp[s]://user:password@host:port. Unset: no mail is sent."
    )
    alert_sender: str = Field(default="alerts@localhost", description="Sender address of alert mails.")
    sms_url: SecretStr | None = Field(
        default=None, description="HTTP endpoint of an SMS provider (POST JSON to, text). Unset: no SMS is sent."
    )
    webhook_allow_private: bool = Field(
        default=False, description="Send alert webhooks to private addresses too; only where tenants are trusted."
    )
    alerts_port: int | None = Field(
        default=None, description="Port of the alert desk: health, metrics, links. Unset: it serves nothing."
    )
    alert_link_url: str | None = Field(
        default=None,
        description="Public address of the alert desk, https://alerts.example.org. Messages then carry a link by which "
        "they are acknowledged. Unset: no links.",
    )
    alert_link_secret: SecretStr | None = Field(
        default=None, description="Secret of at least 32 bytes that signs links. Unset: one is made under `home`."
    )
    alerts_per_engineer_day: int = Field(
        default=30, ge=1, description="Alerts an engineer gets a day; the rest go into a digest."
    )

    llm_model: str | None = Field(
        default=None,
        description="Language model that plans what patterns and types cannot (extra `llm`): openai:NAME, "
        "anthropic:NAME or google:NAME. Unset: none, and nothing is sent anywhere.",
    )
    llm_base_url: str | None = Field(
        default=None, description="Address of a server that speaks OpenAI's protocol, for openai:NAME. Unset: OpenAI."
    )
    llm_api_key: SecretStr | None = Field(default=None, description="Key of the language model's provider.")
    llm_timeout_s: float = Field(default=30.0, gt=0, description="Longest wait for a reply of the model, seconds.")
    llm_tokens_per_day: int = Field(default=1_000_000, ge=0, description="Most tokens of a tenant a day (UTC).")
    llm_usd_per_day: float = Field(default=10.0, ge=0, description="Most USD of a tenant a day (UTC).")
    llm_usd_per_million_input: float = Field(default=0.0, ge=0, description="Price of a million tokens sent, USD.")
    llm_usd_per_million_output: float = Field(default=0.0, ge=0, description="Price of a million tokens replied, USD.")

    log_level: Level = Field(
        default="INFO",
        validation_alias=AliasChoices("REDAPTIVE_LOG_LEVEL", "LOG_LEVEL"),
        description="Level of the log; plain `LOG_LEVEL` is read too.",
    )
    log_levels: dict[str, Level] = Field(
        default_factory=dict, description='Level per component, e.g. {"agents":"DEBUG","database":"WARNING"}.'
    )
    otlp_endpoint: str | None = Field(default=None, description="OpenTelemetry collector (extra `otlp`). Unset: none.")
    trace_sample_pct: float = Field(default=5.0, ge=0, le=100, description="Share of ordinary traces kept, percent.")

    @property
    def readings_root(self) -> str:
        """Where the Delta tables live."""
        return self.readings_url or str(self.home / "readings")
