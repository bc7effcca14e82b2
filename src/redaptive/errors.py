"""The error tree of the platform: seven codes, one human message each.

    RedaptiveError
    |-- InvalidInput    invalid        what was given cannot be used; says which field and what to give
    |-- NotFound        not_found      no such id in this tenant
    |-- Conflict        conflict       the state forbids it (duplicate, stale version, wrong order)
    |-- Unauthorized    unauthorized   no identity, or a scope is missing
    |-- Unavailable     unavailable    a dependency does not answer; trying again may help
    |-- Exhausted       exhausted      a limit was reached: rate, budget, deadline, size
    `-- Internal        internal       a defect of ours; the detail goes to the log, not to the user

A message says what happened, to which id (file, row, field) and what to do about it.
"""

from __future__ import annotations

from typing import ClassVar

CODES = ("invalid", "not_found", "conflict", "unauthorized", "unavailable", "exhausted", "internal")


class RedaptiveError(Exception):
    """Base of all errors that may reach a user.

    `message` says what happened, `fix` what to do, `field` where (a parameter,
    or `file:row:column`), `retry_after_ms` when trying again may help.
    `retryable` follows from the class unless an error says otherwise of itself.
    """

    code: ClassVar[str] = "internal"
    retryable: bool = False

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        fix: str | None = None,
        retry_after_ms: int | None = None,
        retryable: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.fix = fix
        self.retry_after_ms = retry_after_ms
        if retryable is not None:
            self.retryable = retryable

    def __str__(self) -> str:
        where = f" ({self.field})" if self.field else ""
        todo = f" {self.fix}" if self.fix else ""
        return f"{self.message}{where}{todo}"

    def as_dict(self) -> dict[str, str | int | bool | None]:
        """The error as it travels to programs: code, message, field, fix, retryable, retry_after_ms."""
        return {
            "code": self.code,
            "message": self.message,
            "field": self.field,
            "fix": self.fix,
            "retryable": self.retryable,
            "retry_after_ms": self.retry_after_ms,
        }


class InvalidInput(RedaptiveError):
    """Raised when an input cannot be used or is missing; names the field."""

    code = "invalid"


class NotFound(RedaptiveError):
    """Raised when an id does not exist for this tenant."""

    code = "not_found"


class Conflict(RedaptiveError):
    """Raised when the present state forbids the action."""

    code = "conflict"


class Unauthorized(RedaptiveError):
    """Raised when the caller is unknown or lacks a scope."""

    code = "unauthorized"


class Unavailable(RedaptiveError):
    """Raised when a dependency does not answer; a later try may succeed."""

    code = "unavailable"
    retryable = True


class Exhausted(RedaptiveError):
    """Raised when a limit is reached: rate, deadline, budget or size."""

    code = "exhausted"
    retryable = True


class Internal(RedaptiveError):
    """Raised for a defect of ours; users see a reference, the log has the detail."""

    code = "internal"
