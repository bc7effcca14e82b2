"""Which hot files of a month are merged: those of like size, so that a reading is written again a few times only.

Merging all of them each time would write the whole month again every half hour of a fleet that reports by the minute.
Size-tiered compaction: O'Neil et al., The log-structured merge-tree, 1996.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from redaptive.infrastructure.readings.files import DataFile

FAN_IN: Final = 4
"""The largest of the merged files holds at most one row of so many; each merge makes a file so much larger."""


def to_merge(hot: Sequence[DataFile], most: int) -> list[DataFile]:
    """The files of one month to merge into one so that at most `most` are left; none where no more are there.

    Small ones first. Larger ones are among them where the others hold three times their rows, or where too many
    files would be left.
    """
    if len(hot) <= most:
        return []
    files = sorted(hot, key=lambda file: file.rows)
    least = len(files) - most + 1
    total = sum(file.rows for file in files)
    while len(files) > least and FAN_IN * files[-1].rows > total:
        total -= files.pop().rows
    return files
