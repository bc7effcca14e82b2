"""The total of a register's gap, divided at the counts that came late.

The reading after a gap holds what was used in all of it, and that was stored as even estimates. A count from within
says how much of it was used before and how much after: the total stays what it was, whatever comes in whatever order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from redaptive.domain.detectors import registers
from redaptive.domain.quality.flags import Quality
from redaptive.streams.pending import RegisterGap


@dataclass(frozen=True)
class Register:
    """What is known of the meter: seconds and credible Wh of an interval, digits, billionths of a Wh per count."""

    cadence_s: int
    cap_wh: int
    digits: int
    nwh_per_count: int


@dataclass
class Division:
    """Rows to store as (start, Wh, quality) over the whole gap; starts of the counts that it rests on, and of others.

    `refused`: counts that contradict those beside them.
    """

    rows: list[tuple[int, int, int]] = field(default_factory=list)
    used: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)


def divide(gap: RegisterGap, counts: Iterable[tuple[int, int]], register: Register) -> Division:
    """The gap's intervals anew, given late counts as (start, count); the sum is `gap.energy_wh` always.

    An interval between two counts that follow each other is measured; where several lie between, they are estimated.
    """
    done, at_s, count, left = Division(), gap.from_s - register.cadence_s, gap.before_count, gap.energy_wh
    for start_s, value in sorted(counts):
        energy = _between(at_s, count, start_s, value, register)
        rest = _between(start_s, value, gap.to_s, gap.after_count, register)
        # Whole Wh of totals that earlier releases rounded down by themselves may differ by one.
        if energy is None or rest is None or abs(left - energy - rest) > 1:
            done.refused.append(start_s)
            continue
        done.rows += _shares(at_s, start_s, energy, register)
        done.used.append(start_s)
        at_s, count, left = start_s, value, left - energy
    done.rows += _shares(at_s, gap.to_s, left, register)
    return done


def _between(from_s: int, before: int, to_s: int, after: int, register: Register) -> int | None:
    """Wh between two counts; None where a reset or more than the meter can read lies between."""
    found = registers.energy_of(
        count=np.array([after], np.int64),
        last=np.array([before], np.int64),
        steps=np.array([(to_s - from_s) // register.cadence_s], np.int64),
        cap_wh=np.array([register.cap_wh], np.int64),
        digits=np.array([register.digits], np.uint8),
        nwh_per_count=np.array([register.nwh_per_count], np.int64),
        own=np.array([1], np.int64),
    )
    return int(found.energy[0]) if found.known[0] else None


def _shares(from_s: int, to_s: int, energy_wh: int, register: Register) -> list[tuple[int, int, int]]:
    steps = (to_s - from_s) // register.cadence_s
    quality = Quality.MEASURED if steps == 1 else Quality.ESTIMATED
    shares = registers.split(energy_wh, steps)
    return [(from_s + (k + 1) * register.cadence_s, share, int(quality)) for k, share in enumerate(shares)]
