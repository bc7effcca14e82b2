"""States of an alert and the ways between them."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from redaptive.errors import Conflict


class State(StrEnum):
    """Where an alert stands."""

    PROVISIONAL = "provisional"
    """Seen on arrival; a promise until the log is flushed, then waiting for judgement."""
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    """A person named the cause and is done."""
    CLOSED = "closed"
    """The condition is gone."""
    WITHDRAWN = "withdrawn"
    SUPPRESSED = "suppressed"
    """Part of another alert, or not wanted now."""


LIVE: Final = (State.OPEN, State.ACKNOWLEDGED, State.IN_PROGRESS)
DONE: Final = (State.RESOLVED, State.CLOSED)
WAYS: Final[dict[State, tuple[State, ...]]] = {
    State.PROVISIONAL: (State.OPEN, State.WITHDRAWN, State.SUPPRESSED),
    State.OPEN: (
        State.ACKNOWLEDGED,
        State.IN_PROGRESS,
        State.RESOLVED,
        State.CLOSED,
        State.SUPPRESSED,
        State.WITHDRAWN,
    ),
    State.ACKNOWLEDGED: (State.IN_PROGRESS, State.RESOLVED, State.CLOSED, State.SUPPRESSED),
    State.IN_PROGRESS: (State.ACKNOWLEDGED, State.RESOLVED, State.CLOSED),
    State.RESOLVED: (State.OPEN, State.CLOSED),
    State.CLOSED: (State.OPEN, State.RESOLVED),
    State.WITHDRAWN: (State.PROVISIONAL,),
    State.SUPPRESSED: (State.PROVISIONAL, State.WITHDRAWN),
}


def require_live(current: State, what: str, alert: str) -> None:
    """Raise Conflict when an alert is over, or not one that people see, so that it cannot be `what` (snoozed, ...)."""
    if current not in LIVE:
        raise Conflict(
            f"Alert {alert} is {current.replace('_', ' ')} and cannot be {what}.",
            field="alert",
            fix="Choose one that is open, acknowledged or in progress: `redaptive alerts list`.",
        )


def before(target: State) -> tuple[State, ...]:
    """The states from which `target` can be reached."""
    return tuple(state for state, ways in WAYS.items() if target in ways)


def require_way(current: State, target: State, alert: str) -> None:
    """Raise Conflict, saying what is possible, when an alert in `current` cannot become `target`."""
    if target in WAYS[current]:
        return
    possible = ", ".join(WAYS[current])
    raise Conflict(
        f"Alert {alert} is {current.replace('_', ' ')} and cannot become {target.replace('_', ' ')}.",
        field="alert",
        fix=f"From here it can become: {possible}.",
    )
