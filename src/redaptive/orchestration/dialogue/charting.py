"""The figures of an answer as a chart: one for each row, of the quantity that is spoken of."""

from __future__ import annotations

from redaptive.orchestration.answers.figures import AnswerTable, RunAnswer
from redaptive.orchestration.dialogue.basis import Basis, headed, rows_of, value_of


def charted(basis: Basis) -> RunAnswer | str:
    """A table of two columns, a name and its figure; what to ask instead where the answer has no such rows."""
    rows = rows_of(basis)
    found = rows.figures if rows is not None else []
    if rows is None or len(found) < 2:
        return "The last answer has no rows of figures to draw. Ask for a list, such as: use by building, or per month."
    table = rows.table
    heads, cells = (table.columns[0], headed(rows)), tuple((name, value_of(own)) for name, own in found)
    drawn = AnswerTable(table.title, heads, cells, table.node, table.tool, table.path, table.left_out, table.places)
    return RunAnswer((), (drawn,), basis.answer.cited(table.node), basis.answer.warnings)
