"""Files of readings that are stored: registers are recognised, or asked for, before a state counts as energy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from redaptive.documents.options import ReadingsOptions
from redaptive.documents.readings_file import GREEN_BUTTON, read_readings
from redaptive.documents.register_signs import registers_in, states_among
from redaptive.documents.results import ReadingsFile
from redaptive.documents.series_checks import TOO_MUCH_POWER
from redaptive.domain.shortlist import first_of
from redaptive.errors import InvalidInput


def read_declared(path: Path, options: ReadingsOptions) -> ReadingsFile:
    """The readings of a file; differences where the values of all its meters never fall and nobody said otherwise.

    Raises InvalidInput where only some meters look like registers: a file is read one way, and a state that is stored
    as energy is wrong by thousands of times. Otherwise as `read_readings`.
    """
    plain = read_readings(path, options)
    if options.cumulative is not None or plain.summary.format == GREEN_BUTTON:
        return plain
    names = {code for batch in plain.batches() for code in registers_in(batch)}
    too_large = plain.rejected.issues["reason"].str.contains(TOO_MUCH_POWER, literal=True).any()
    if not names and not too_large:
        return plain
    states = read_readings(path, replace(options, cumulative=True))
    found = {hint.code for hint in states_among(states.meters, plain.meters, names)}
    if not found:
        states.close()
        return plain
    plain.close()
    others = sorted({hint.code for hint in (*states.meters, *plain.meters)} - found)
    told = first_of(sorted(found))
    if others:
        states.close()
        raise InvalidInput(
            f"The values of {told} never fall, as those of registers; those of {first_of(others)} do not look so.",
            field=path.name,
            fix="Import the registers in a file of their own with --cumulative, or give --no-cumulative if all values "
            "are energy.",
        )
    states.summary.assume(
        f"The values of {told} never fall: they are taken as states of registers, and their differences as energy "
        "(--no-cumulative if they are energy)."
    )
    return states
