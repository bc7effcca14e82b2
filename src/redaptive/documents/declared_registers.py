"""Files of readings that are stored: registers are recognised, or asked for, before a state counts as energy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from redaptive.documents.options import ReadingsOptions
from redaptive.documents.readings_file import GREEN_BUTTON, read_readings
from redaptive.documents.readings_layout import find_layout
from redaptive.documents.register_signs import named_as_registers, registers_in, states_among, states_as_named
from redaptive.documents.results import ReadingsFile
from redaptive.documents.series_checks import TOO_MUCH_POWER
from redaptive.domain.shortlist import first_of
from redaptive.errors import InvalidInput


def read_declared(path: Path, options: ReadingsOptions) -> ReadingsFile:
    """The readings of a file; differences where the values of all its meters never fall and nobody said otherwise.

    A header that calls the values registers says so of short files as well. Raises InvalidInput where only some meters
    look like registers: a file is read one way, and a state that is stored as energy is wrong by thousands of times.
    Otherwise as `read_readings`.
    """
    plain = read_readings(path, options)
    if options.cumulative is not None or plain.summary.format == GREEN_BUTTON:
        return plain
    columns = find_layout(plain.rejected.columns, options, path.name).values
    named = named_as_registers(columns)
    names = {code for batch in plain.batches() for code in registers_in(batch)}
    too_large = plain.rejected.issues["reason"].str.contains(TOO_MUCH_POWER, literal=True).any()
    if not names and not too_large and not named:
        return plain
    states = read_readings(path, replace(options, cumulative=True))
    rising = states_as_named(states.meters) if named else []
    found = {hint.code for hint in (*rising, *states_among(states.meters, plain.meters, names))}
    if not found:
        states.close()
        return plain
    plain.close()
    _require_all(path, found, sorted({hint.code for hint in (*states.meters, *plain.meters)} - found), states)
    told = first_of(sorted(found))
    why = f"The header calls the values of {told} registers" if rising else f"The values of {told} never fall"
    states.summary.assume(
        f"{why}: they are taken as states of registers, and their differences as energy (--no-cumulative if they are "
        "energy)."
    )
    return states


def _require_all(path: Path, found: set[str], others: list[str], states: ReadingsFile) -> None:
    """Raises InvalidInput where `others` do not look like registers."""
    if others:
        states.close()
        raise InvalidInput(
            f"The values of {first_of(sorted(found))} never fall, as those of registers; those of {first_of(others)} "
            "do not look so.",
            field=path.name,
            fix="Import the registers in a file of their own with --cumulative, or give --no-cumulative if all values "
            "are energy.",
        )
