"""Quality flags of a reading, one int8 of bits; 0 is a plain measured value."""

from __future__ import annotations

from enum import IntFlag


class Quality(IntFlag):
    """Bits of the `quality` column; combine with `|`. Bit 7 is unused: the column is a signed int8."""

    MEASURED = 0
    ESTIMATED = 1
    """Filled in by us or marked estimated by the source; never settles savings silently."""
    SUSPECT_ZERO = 2
    """A zero that may be a gap which the source filled with zeros."""
    SUSPECT_STUCK = 4
    """Part of a long run of one repeated non-zero value."""
    SUSPECT_SPIKE = 8
    """Far above the meter's own usual maximum."""
    EXPORT = 16
    """Negative: energy flowed out of the building at this meter."""
    EDITED = 32
    """Corrected by a person or a later file."""
    DST_AMBIGUOUS = 64
    """Local time stamp fell into the repeated or the missing hour of a clock change."""


SUSPECT = Quality.SUSPECT_ZERO | Quality.SUSPECT_STUCK | Quality.SUSPECT_SPIKE
DOUBTFUL = SUSPECT | Quality.ESTIMATED | Quality.DST_AMBIGUOUS
"""What counts as flagged in an answer; export and edited values are sound."""
