"""Likely causes and checklists by kind and commodity, from the dated reference rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from redaptive.domain.alerts.causes import Cause, LikelyCause, rank_causes
from redaptive.domain.alerts.kinds import kind_or_default
from redaptive.errors import InvalidInput
from redaptive.reference.loader import ReferenceData

LESS: Final = "less"
"""The row of causes of less use than usual, whatever kind noticed it."""
Tally = Mapping[str, Mapping[str, int]]
"""`confirmed` and `rejected`: cause to how many alerts of the kind and commodity."""
_NOTHING: Tally = {"confirmed": {}, "rejected": {}}


class Playbook:
    """What is known of each kind of alert beforehand; unknown kinds have no causes and no steps."""

    def __init__(self, reference: ReferenceData) -> None:
        self._causes = _rows(reference, "alert_causes", "causes")
        self._steps = _rows(reference, "alert_checklists", "steps")

    def causes(self, kind: str, commodity: str | None, *, falls: bool = False) -> tuple[Cause, ...]:
        """Typical causes with their prior shares; of less use or output than usual where it `falls`."""
        found = _pick(self._causes, LESS if falls and kind_or_default(kind).priced else kind, commodity)
        return tuple(Cause(str(key), str(title), float(weight)) for key, title, weight in found)

    def likely(
        self, kind: str, commodity: str | None, tally: Tally = _NOTHING, *, falls: bool = False
    ) -> tuple[LikelyCause, ...]:
        """The causes ranked, with what engineers of the tenant found."""
        return rank_causes(self.causes(kind, commodity, falls=falls), tally["confirmed"], tally["rejected"])

    def checklist(self, kind: str, commodity: str | None) -> tuple[str, ...]:
        """What a field engineer looks at, in order."""
        return tuple(str(step) for step in _pick(self._steps, kind, commodity))

    def require_cause(self, kind: str, commodity: str | None, cause: str) -> str:
        """The cause if it is one of the kind's or `other`; raises InvalidInput with the choices."""
        both = (*self.causes(kind, commodity), *self.causes(kind, commodity, falls=True))
        known = list(dict.fromkeys(c.key for c in both))
        if cause in known or cause == "other":
            return cause
        raise InvalidInput(
            f"{cause!r} is no known cause of {kind}.", field="cause", fix=f"Choose: {', '.join([*known, 'other'])}."
        )


def _rows(reference: ReferenceData, set_name: str, column: str) -> dict[str, Sequence[Sequence[str]]]:
    found = {}
    for key in reference.keys(set_name):
        value = reference.row(set_name, key).payload.get(column)
        if not isinstance(value, Sequence):
            raise InvalidInput(f"{set_name}/{key} has no list {column!r}.", field=set_name, fix="Correct the row.")
        found[key] = value
    return found


def _pick(rows: Mapping[str, Sequence[Sequence[str]]], kind: str, commodity: str | None) -> Sequence[Sequence[str]]:
    return rows.get(f"{kind}/{commodity}") or rows.get(kind, ())
