"""The moment from which a command reads dates in words: now, or the one that is given."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from redaptive.errors import InvalidInput

Now = Annotated[str | None, typer.Option("--now", help="Read dates in words as of this ISO time; default: now.")]


def moment(text: str | None) -> datetime:
    """The instant that the text is, UTC unless it has an offset; the present one for None.

    :raises InvalidInput: when the text is no ISO time.
    """
    if text is None:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{text!r} is no ISO time.", field="--now", fix="Write 2026-11-26T10:00+00:00.") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
