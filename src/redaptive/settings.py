"""Settings of the platform: every one is an environment variable `REDAPTIVE_<NAME>`."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_data_path
from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """All settings with their defaults; the reference page is generated from the descriptions."""

    model_config = SettingsConfigDict(
        env_prefix="REDAPTIVE_", env_file=None, extra="ignore", frozen=True, populate_by_name=True
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

    log_level: str = Field(
        default="INFO",
        validation_alias=AliasChoices("REDAPTIVE_LOG_LEVEL", "LOG_LEVEL"),
        description="Level of the log; plain `LOG_LEVEL` is read too.",
    )
    log_levels: dict[str, str] = Field(
        default_factory=dict, description='Level per component, e.g. {"agents":"DEBUG","database":"WARNING"}.'
    )
    otlp_endpoint: str | None = Field(default=None, description="OpenTelemetry collector (extra `otlp`). Unset: none.")
    trace_sample_pct: float = Field(default=5.0, ge=0, le=100, description="Share of ordinary traces kept, percent.")

    @property
    def readings_root(self) -> str:
        """Where the Delta tables live."""
        return self.readings_url or str(self.home / "readings")
