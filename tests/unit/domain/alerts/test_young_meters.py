"""A meter with too few readings to compare with: its alarms are alerts, but one use is told once."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from redaptive.domain.alerts.faults import Fault
from redaptive.domain.alerts.states import State
from redaptive.domain.alerts.triage import By, Surroundings, triage

T0 = 1_773_248_400


def fault(kind: str, meter: int = 1, **changes: object) -> Fault:
    """A pending fault that lasts, of a meter of electricity."""
    given = Fault(
        uuid4(), kind, State.PROVISIONAL, T0, T0, T0, meter_no=meter, meter_id=UUID(int=meter), commodity="electricity"
    )
    return replace(given, **changes)  # type: ignore[arg-type]


def verdict(new: Fault, own: Fault) -> tuple[By | None, UUID | None] | None:
    """What becomes of a fault beside an alert that is open, days later."""
    found = triage([new], Surroundings(known=(own,)), T0 + 3 * 86_400).verdicts.get(new.id)
    return found and (found.by, found.target)


@pytest.mark.parametrize("kind", ["drift", "off_hours", "night_base", "weekend"])
def test_use_that_an_open_alert_tells_already_is_part_of_it(kind: str) -> None:
    own = fault("level_shift", state=State.OPEN)
    assert verdict(fault(kind), own) == (By.METER, own.id)


def test_use_of_a_meter_that_reads_by_a_wrong_factor_is_part_of_that() -> None:
    own = fault("multiplier", state=State.OPEN)
    assert verdict(fault("level_shift"), own) == (By.METER, own.id)


@pytest.mark.parametrize(
    ("new", "own"),
    [
        (fault("level_shift", commodity="gas"), fault("drift", state=State.OPEN)),
        (fault("drift"), fault("level_shift", state=State.OPEN, ended_s=T0 + 86_400)),
        (fault("drift"), fault("level_shift", 2, state=State.OPEN)),
        (fault("drift"), fault("level_shift", state=State.RESOLVED)),
        (fault("drift"), fault("spike", state=State.OPEN)),
        (fault("multiplier"), fault("level_shift", state=State.OPEN)),
        (fault("bad_value"), fault("level_shift", state=State.OPEN)),
    ],
    ids=["a leak", "it is over", "another meter", "it is done", "a peak", "a factor", "another thing"],
)
def test_what_it_does_not_tell_is_an_alert_of_its_own(new: Fault, own: Fault) -> None:
    assert verdict(new, own) == (None, None)
