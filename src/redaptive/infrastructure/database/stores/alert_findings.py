"""What people found out about an alert, and how its history tells a change of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from redaptive.errors import InvalidInput


@dataclass(frozen=True)
class Finding:
    """The cause of an alert (None: not known yet), a note on it, and causes that were looked at and ruled out."""

    cause: str | None = None
    note: str = ""
    rejected: tuple[str, ...] = ()

    def amended(self, cause: str, note: str, rejected: Sequence[str]) -> Finding:
        """The finding with another cause, and with the note and the causes ruled out where such are given.

        :raises InvalidInput: the cause is among those that are ruled out now.
        """
        if cause in rejected:
            raise InvalidInput(
                f"{cause} cannot be the cause and ruled out.", field="rejected", fix="Give it as one of the two."
            )
        kept = tuple(word for word in self.rejected if word != cause)
        return Finding(cause, note or self.note, tuple(dict.fromkeys(rejected)) or kept)

    def since(self, before: Finding) -> str:
        """What changed, with what it was; empty if nothing did.

        >>> Finding("fouling", "dirty", ()).since(Finding("meter_fault"))
        'cause fouling (was meter_fault); note "dirty"'
        """
        pairs = (
            ("cause ", self.cause or "", before.cause or ""),
            ("note ", _quoted(self.note), _quoted(before.note)),
            ("ruled out ", ", ".join(self.rejected), ", ".join(before.rejected)),
        )
        return "; ".join(
            f"{what}{now or 'nothing'}{f' (was {was})' if was else ''}" for what, now, was in pairs if now != was
        )


def _quoted(text: str) -> str:
    return f'"{text}"' if text else ""
