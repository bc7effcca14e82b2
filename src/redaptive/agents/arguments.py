"""The base of structured arguments of a tool."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Argument(BaseModel):
    """A structured argument: frozen, and strict about names, as a misspelt field would be a silent default."""

    model_config = ConfigDict(frozen=True, extra="forbid")
