"""What became of a node, and how that is written into a checkpoint: plain JSON, errors as values.

A checkpoint is `{"ok": output}`, `{"ref": sha256}` for an output of more than 64 KB, or `{"error": {...}}`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import JsonValue

from redaptive.errors import Internal, InvalidInput, RedaptiveError
from redaptive.orchestration.state.run_records import JsonObject

LARGE_BYTES: Final = 64 * 1024
"""Outputs above this size are kept in run_outputs instead of the checkpoint."""
Status = Literal["done", "skipped", "failed", "interrupted", "cancelled"]
TOOK: Final = "took_ms"
"""Part of the checkpoint of a node with effects: what it took."""
UNSURE: Final = frozenset({"unavailable", "exhausted", "internal"})
"""Codes of errors after which the effect may have happened all the same."""


@dataclass(frozen=True)
class NodeResult:
    """What became of a node.

    `failed_above`: it was skipped because an ancestor failed, so what depends on it is skipped too.
    `interrupted`: it may have begun, and nobody knows how far it came.
    `took_ms`: of a node with effects that was executed, its time with retries.
    """

    status: Status
    output: JsonValue = None
    error: JsonObject | None = None
    reason: str = ""
    failed_above: bool = False
    overridden: bool = False
    output_ref: str | None = None
    executed: bool = False
    took_ms: int = 0

    @property
    def told(self) -> str:
        """How it ended, for events: ok, the code of the error, or interrupted."""
        return "ok" if self.status == "done" else str((self.error or {}).get("code", self.status))

    @property
    def may_have_effects(self) -> bool:
        """Whether a compensation is due: it succeeded, or its end is not certain."""
        if not self.executed or self.overridden:
            return False
        if self.status == "failed":
            return str((self.error or {}).get("code")) in UNSURE
        return self.status in {"done", "interrupted"}


@dataclass(frozen=True)
class RunOutcome:
    """How a run ended. `remaining`: compensations that failed."""

    state: Literal["done", "failed", "cancelled", "needs_attention"]
    output: JsonObject | None = None
    error: JsonObject | None = None


def error_value(error: RedaptiveError, node: str | None = None) -> JsonObject:
    """The error as it is stored and shown."""
    found: JsonObject = dict(error.as_dict())
    found["message"] = error.message.replace("\0", "")  # the database keeps no NUL in a text
    if node is not None:
        found["node"] = node
    return found


def took_ms(checkpoint: JsonObject) -> int:
    """What a node with effects, or undoing it, took; 0 where none was noted."""
    return int(str(checkpoint.get(TOOK, 0)))


def unexpected(error: Exception) -> Internal:
    """The error of the platform for one that nobody foresaw; the log has the rest."""
    return Internal(f"{type(error).__name__} in the engine or a tool.", fix="Report it with the time of the run.")


@dataclass(frozen=True)
class Packed:
    """An output as JSON text; `sha256` is set when it is too large for a checkpoint."""

    value: JsonValue
    text: str
    sha256: str | None

    def checkpoint(self) -> JsonObject:
        """What the step returns."""
        return {"ok": self.value} if self.sha256 is None else {"ref": self.sha256}


def pack(value: JsonValue, node: str) -> Packed:
    """The output, checked to be plain JSON.

    :raises InvalidInput: for NaN, infinities and what is no JSON; a replay would not give them back.
    """
    try:
        text = json.dumps(value, allow_nan=False, separators=(",", ":"), ensure_ascii=False)
        data = text.encode()
        if b"\\u0000" in data:
            raise ValueError("a text has a NUL character")
    except (TypeError, ValueError) as error:
        raise InvalidInput(
            f"The output of {node} is no plain JSON: {error}.", field=node, fix="Give null where a figure is missing."
        ) from error
    return Packed(value, text, hashlib.sha256(data).hexdigest() if len(data) > LARGE_BYTES else None)
