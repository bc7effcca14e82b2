"""Errors of PostgreSQL and of the pool as errors of the platform."""

from __future__ import annotations

import psycopg
import structlog
from psycopg import errors as pg
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from redaptive.errors import Conflict, Exhausted, Internal, InvalidInput, RedaptiveError, Unauthorized, Unavailable

CONNECTION_LOST = (psycopg.OperationalError, psycopg.InterfaceError)
NOT_A_LOST_CONNECTION = (
    pg.QueryCanceled,
    pg.LockNotAvailable,
    pg.DeadlockDetected,
    pg.SerializationFailure,
    pg.DiskFull,
    pg.OutOfMemory,
    pg.ConfigurationLimitExceeded,
    pg.ObjectInUse,
    PoolClosed,
    PoolTimeout,
    TooManyRequests,
)
log = structlog.get_logger(__name__)


def is_connection_lost(error: BaseException) -> bool:
    """True when the connection is gone, so that an idempotent statement may run again on another one."""
    return isinstance(error, CONNECTION_LOST) and not isinstance(error, NOT_A_LOST_CONNECTION)


def translate(error: psycopg.Error) -> RedaptiveError:
    """The platform's error for `error`, naming the constraint or the limit; unknown ones become Internal."""
    for kinds, make in _RULES:
        if isinstance(error, kinds):
            return make(error)
    log.error("database_error", sqlstate=error.sqlstate, message=str(error))
    return Internal(
        f"The database refused a statement of ours (SQLSTATE {error.sqlstate}).",
        fix="Report it with the time; the log has the detail.",
    )


def _constraint(error: psycopg.Error) -> str:
    return error.diag.constraint_name or error.diag.column_name or "unnamed constraint"


def _detail(error: psycopg.Error) -> str:
    return error.diag.message_detail or error.diag.message_primary or str(error)


def _duplicate(error: psycopg.Error) -> RedaptiveError:
    return Conflict(f"A row with this key exists already: {_detail(error)}", field=_constraint(error))


def _invalid(error: psycopg.Error) -> RedaptiveError:
    name = _constraint(error)
    return InvalidInput(
        f"A value breaks the rule {name}: {error.diag.message_primary or error}",
        field=name,
        fix="Correct the value and send the row again.",
    )


def _reference(error: psycopg.Error) -> RedaptiveError:
    if "still referenced" in _detail(error):
        return Conflict(f"The row is still in use: {_detail(error)}", field=_constraint(error))
    return InvalidInput(
        f"A row refers to something that does not exist in this tenant ({_constraint(error)}).",
        field=_constraint(error),
        fix="Create what it refers to first.",
    )


def _forbidden(error: psycopg.Error) -> RedaptiveError:
    return Unauthorized(f"The database role may not do this: {error.diag.message_primary or error}")


def _slow(_error: psycopg.Error) -> RedaptiveError:
    return Exhausted(
        "The statement ran longer than its limit and was cancelled.",
        fix="Ask for less, or raise REDAPTIVE_STATEMENT_TIMEOUT_S.",
    )


def _busy(error: psycopg.Error) -> RedaptiveError:
    return Conflict(
        f"Another transaction holds the same rows: {error.diag.message_primary or error}",
        fix="Try again.",
        retry_after_ms=200,
    )


def _lost(error: psycopg.Error) -> RedaptiveError:
    return Unavailable(
        f"The database does not answer: {' '.join(str(error).split()) or type(error).__name__}",
        fix="Try again; `redaptive status` shows the server.",
        retry_after_ms=500,
    )


_RULES = (
    ((pg.UniqueViolation, pg.ExclusionViolation), _duplicate),
    ((pg.ForeignKeyViolation,), _reference),
    ((pg.IntegrityError, psycopg.DataError), _invalid),
    ((pg.InsufficientPrivilege,), _forbidden),
    ((pg.QueryCanceled,), _slow),
    ((pg.LockNotAvailable, pg.DeadlockDetected, pg.SerializationFailure), _busy),
    (CONNECTION_LOST, _lost),
)
