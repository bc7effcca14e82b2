"""The rows of an answer's list as a conversation remembers them: the things that they are of, in their order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from redaptive.orchestration.answers.arrangement import Arrangement
from redaptive.orchestration.answers.composer import Finished, compose
from redaptive.orchestration.answers.figures import RunAnswer
from redaptive.orchestration.answers.templates import Outputs
from redaptive.orchestration.plans.schema import Json, Plan
from redaptive.orchestration.plans.signatures import value_at

MOST_KEPT: Final = 200
_KINDS: Final[Mapping[str, str]] = {
    "meter_code": "meter", "building_code": "building", "site_code": "site", "customer_code": "customer",
    "tariff_id": "tariff", "project_id": "project", "ticket_id": "ticket", "alert_id": "alert",
}  # fmt: skip
"""Fields of rows that name a thing, the narrowest kind first."""
NO_KIND: Final = ""
"""The kind of rows that are of no one thing, such as a state; they are called by their first column."""
_GROUP: Final = "group"
_ALERTS: Final = "Alerts"


@dataclass(frozen=True)
class Listed:
    """A list of an answer of a run. `rows` are the things of each row by kind, `shown` how many of `total` were seen.

    `node` and `path` say where the rows stand in the outputs of the run, `places` at which places; `asked` is what it
    answers.
    """

    run_id: str
    title: str
    node: str
    path: str
    rows: tuple[Mapping[str, str], ...]
    places: tuple[int, ...]
    shown: int
    total: int
    asked: str = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of things that every row names, the narrowest first."""
        return tuple(kind for kind in self.rows[0] if all(kind in row for row in self.rows)) if self.rows else ()

    def records(self, rows: Iterable[int], outputs: Outputs) -> list[Json]:
        """What the run found for these rows; nothing where its output is not kept any more."""
        found = value_at(outputs.get(self.node), self.path)
        return [found[self.places[at]] for at in rows] if isinstance(found, list) else []

    def as_dict(self) -> dict[str, Any]:
        """JSON for the store of a conversation."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Listed:
        """The list that `as_dict` wrote."""
        lists = {"rows": tuple(map(dict, stored["rows"])), "places": tuple(stored["places"])}
        return cls(**{**stored, **lists})


def listed_of(
    run_id: str, plan: Plan, finished: Finished, wish: Arrangement, answer: RunAnswer, codes: Mapping[str, Set[str]]
) -> Listed | None:
    """The first list of a run's answer whose rows name things, as it was wished; None where there is none.

    `answer` is the one that is shown for the wish, `codes` are the tenant's, by kind.
    """
    whole = compose(plan, finished, replace(wish, most=0)).tables
    for table, full in zip(answer.tables, whole, strict=True):
        places = full.places[:MOST_KEPT]
        found = value_at(finished.outputs.get(table.node), table.path)
        rows = [_things(found[at], table.title, codes) for at in places] if isinstance(found, list) else []
        rows = rows if all(rows) else [{NO_KIND: str(row[0])} for row in full.rows[:MOST_KEPT]]
        if rows and table.places:
            counts = (len(table.rows), len(full.rows))
            return Listed(run_id, table.title, table.node, table.path, tuple(rows), places, *counts, plan.title)
    return None


def _things(row: Json, title: str, codes: Mapping[str, Set[str]]) -> dict[str, str]:
    """What a row is of, by kind; a group is of the kind whose codes have it, an alert names itself by its id."""
    if not isinstance(row, dict):
        return {}
    found = {kind: str(row[name]) for name, kind in _KINDS.items() if row.get(name)}
    if title.startswith(_ALERTS) and row.get("id"):
        found = {"alert": str(row["id"]), **found}
    group = row.get(_GROUP)
    kind = next((kind for kind in ("building", "site", "customer") if group in codes.get(kind, ())), None)
    return {kind: str(group), **found} if kind else found
