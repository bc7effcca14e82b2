"""Connections to the log server: short outages are ridden over, long ones become errors of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from valkey.asyncio import Valkey
from valkey.asyncio.retry import Retry
from valkey.backoff import ExponentialBackoff
from valkey.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
)
from valkey.exceptions import ConnectionError as ValkeyConnectionError
from valkey.exceptions import TimeoutError as ValkeyTimeoutError

from redaptive.errors import Exhausted, Internal, Unauthorized, Unavailable

TIMEOUT_S: Final = 10.0
"""Longest wait for a reply; a blocking read must ask for less."""
ATTEMPTS: Final = 3
"""Of connecting and of sending, nested: together about 1.5 s. A server that was killed is back in 0.1 s."""
RETRY_AFTER_MS: Final = 500


def connect(url: str) -> Valkey:
    """A client whose commands are sent again after a lost connection.

    An entry may so be added twice when the reply was lost: readers drop the second by its batch mark or event id.
    """
    client: Valkey = Valkey.from_url(
        url,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=2.0,
        retry=Retry(ExponentialBackoff(cap=0.4, base=0.02), ATTEMPTS, (ValkeyConnectionError,)),
        retry_on_error=[ValkeyConnectionError, BusyLoadingError],
    )
    return client


@contextmanager
def server_errors() -> Iterator[None]:
    """A block whose errors of the server or the network come out as errors of ours."""
    try:
        yield
    except OutOfMemoryError as error:
        raise Exhausted(
            "The log's server has no memory left.",
            fix="Wait until workers have caught up, or raise its maxmemory.",
            retry_after_ms=RETRY_AFTER_MS,
        ) from error
    except (AuthenticationError, NoPermissionError) as error:
        raise Unauthorized(f"The log's server refuses us: {error}", fix="Check REDAPTIVE_LOG_URL.") from error
    except (ValkeyConnectionError, ValkeyTimeoutError, ReadOnlyError, OSError) as error:
        raise Unavailable(
            f"The log's server does not answer: {error}",
            fix="Try again; `redaptive services status` shows the server.",
            retry_after_ms=RETRY_AFTER_MS,
        ) from error
    except ResponseError as error:
        raise Internal(f"The log's server refused a command: {error}") from error
