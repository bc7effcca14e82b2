"""Plain arithmetic on the figures of an answer; each computed figure names those that it is made of."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from redaptive.orchestration.answers.arrangement import quantity_in
from redaptive.orchestration.answers.figures import Figure, RunAnswer, Sentence
from redaptive.orchestration.answers.ranking import amount, heading, unit_of
from redaptive.orchestration.answers.templates import Outputs, of_period, when
from redaptive.orchestration.dialogue.basis import (
    ADDED,
    Basis,
    Rows,
    answer_of,
    given_total,
    headed,
    named,
    names,
    only,
    rows_of,
    spelled,
    total_of,
    value_of,
)  # fmt: skip
from redaptive.orchestration.dialogue.fuels import FUELS, share_of_fuel
from redaptive.orchestration.dialogue.reckoning import Kind, Reckoning, Span
from redaptive.orchestration.dialogue.summaries import counted, middle, summed, without_outliers
from redaptive.orchestration.plans.schema import Json
from redaptive.orchestration.plans.signatures import value_at

_DAYS: Final[dict[Span, float]] = {"year": 365.0, "month": 365.0 / 12, "week": 7.0, "day": 1.0}
_PER: Final[dict[Span, re.Pattern[str]]] = {"year": re.compile(r"/yr$|\.yr$"), "day": re.compile(r"/day$")}
_WHOLE_YEAR: Final = range(360, 373)
_GROWTH: Final = "yoy_pct"


def reckoned(wish: Reckoning, basis: Basis) -> RunAnswer | str:
    """The answer, or the question why it cannot be reckoned; computed figures name those that they are made of."""
    if wish.kind == "count":
        return counted(wish.limit, basis)
    fuel = quantity_in(wish.part) if wish.part else None
    if fuel in FUELS:
        return share_of_fuel(str(fuel), basis)
    if wish.kind in ("difference", "change", "compare") and (beside := _beside(basis)) is not None:
        return beside
    rows = rows_of(basis, wish.of)
    if rows is None:
        of = f" of {wish.of}" if wish.of else ""
        return f"The last answer has no figure{of} in rows to reckon with. Of what, and of which period?"
    return _OF_ROWS[wish.kind](wish, rows, basis)


def _change(wish: Reckoning, rows: Rows, basis: Basis) -> RunAnswer | str:
    """The change on the answer before; of rows that are not ordered their difference may mean that, too."""
    if wish.kind == "change" or rows.table.ordered_by is None:
        if (changed := _changed(rows, basis)) is not None:
            return changed
        if wish.kind == "change":
            return "There is no answer of the same kind before this one. Compared with what?"
    return _difference(rows, basis)


def _compared(_wish: Reckoning, rows: Rows, basis: Basis) -> RunAnswer | str:
    """Two rows figure by figure; of more rows the first against the next and the last, of one row that before it."""
    if rows.count == 1:
        return _changed(rows, basis) or _difference(rows, basis)
    if rows.count > 2:
        return _difference(rows, basis)
    columns = [replace(rows, field=field, unit=unit_of(field)) for field in rows.table.fields if unit_of(field)]
    pairs = [(each.own(0), each.own(1)) for each in columns]
    told = [_against(rows.name(0), rows.name(1), one, other) for one, other in pairs if one and other]
    return answer_of(rows, basis, told) if told else _difference(rows, basis)


def comparable(basis: Basis) -> bool:
    """Whether the answer alone, or with the one before, has two things to compare."""
    rows = rows_of(basis)
    if rows is None:
        return _beside(basis) is not None
    return rows.count > 1 or _changed(rows, basis) is not None


def _shared(wish: Reckoning, rows: Rows, basis: Basis) -> RunAnswer | str:
    """Shares of rows in the total; of the only row that the words name, where they name one."""
    if not wish.part:
        return _shares(rows, basis)
    named_so = [at for at in range(len(rows.records)) if names(rows, at) == spelled(wish.part)]
    if not named_so:
        return f'No row of the last list is called "{wish.part}". In percent of what?'
    return _shares(only(rows, named_so), basis)


def _rated(wish: Reckoning, rows: Rows, basis: Basis) -> RunAnswer | str:
    return _rates(rows, basis, wish.span)


def _middle(wish: Reckoning, rows: Rows, basis: Basis) -> RunAnswer | str:
    return middle(wish.kind, rows, basis)


def _summed(wish: Reckoning, rows: Rows, basis: Basis) -> RunAnswer | str:
    return summed(rows, basis, only=bool(wish.of))


def _spread(_wish: Reckoning, rows: Rows, basis: Basis) -> RunAnswer | str:
    found = without_outliers(rows)
    return found if isinstance(found, str) else answer_of(rows, basis, [found.told])


_OF_ROWS: Final[dict[Kind, Callable[[Reckoning, Rows, Basis], RunAnswer | str]]] = {
    "difference": _change, "change": _change, "compare": _compared, "share": _shared, "rate": _rated,
    "mean": _middle, "median": _middle, "sum": _summed, "outliers": _spread,
}  # fmt: skip


def _beside(basis: Basis) -> RunAnswer | None:
    """What two calls of one tool say, figure by figure; None where the answer is not of just two such calls."""
    calls = [each for each in basis.answer.citations if each.tool and each.tool == basis.answer.citations[-1].tool]
    found = [_figures_of(basis.answer, each.node) for each in calls]
    names = [_thing_of(basis.outputs.get(each.node)) for each in calls]
    if len(calls) != 2 or not all(names):
        return None
    pairs = [(one, found[1][path]) for path, one in found[0].items() if path in found[1]]
    sentences = [_against(names[0], names[1], one, other) for one, other in pairs]
    told = (*sentences, *of_period(basis.period))
    return RunAnswer(told, (), tuple(calls), basis.answer.warnings) if sentences else None


def _figures_of(answer: RunAnswer, node: str) -> dict[str, Figure]:
    """The figures with a unit that the sentences about a call tell, by path."""
    told = (figure for each in answer.sentences for figure in each.figures if figure.node == node)
    plain = [each for each in told if isinstance(each.value, int | float) and unit_of(each.path.rpartition(".")[2])]
    return {each.path: each for each in plain}


def _thing_of(output: Json) -> str:
    """The meter or building that an output is of; empty where it says none."""
    named = (value_at(output, f"value.{name}") for name in ("meter_code", "building_code"))
    return next((each for each in named if isinstance(each, str)), "")


def _difference(rows: Rows, basis: Basis) -> RunAnswer | str:
    """The first row against the next and the last that are shown; of one row its change on the year before."""
    if rows.own(0) is None:
        return f"There is no figure of {named(rows)} to compare."
    if rows.count < 2:
        return _growth(rows, basis)
    last = [(rows.count - 1, f"the last of {rows.count} shown")] if rows.count > 2 else []
    pairs = [(1, "the next"), *last]
    sentences = [said for at, place in pairs if (said := _apart(rows, at, place)) is not None]
    return answer_of(rows, basis, sentences)


def _apart(rows: Rows, at: int, place: str) -> Sentence | None:
    """How far the first row is from another one."""
    one, other = rows.own(0), rows.own(at)
    if one is None or other is None:
        return None
    gap, base, between = value_of(one) - value_of(other), value_of(other), f"{one.path} - {other.path}"
    figure = rows.figure(abs(gap), rows.unit, between)
    share = [rows.figure(100 * abs(gap) / abs(base), "%", f"({between}) / {other.path}")] if base else []
    more = f" ({share[0].shown})" if share else ""
    way = f"{'above' if gap >= 0 else 'below'} {rows.name(at)} ({other.shown}), {place}, by {named(rows)}"
    return Sentence(f"{rows.name(0)} ({one.shown}) is {figure.shown}{more} {way}.", (one, figure, *share, other))


def _changed(rows: Rows, basis: Basis) -> RunAnswer | None:
    """What the last answer says against the one before, figure by figure; None where they have none in common.

    Of two periods the later one is told against the earlier, in whichever order they were asked for.
    """
    earlier = rows_of(basis.before) if basis.before is not None else None
    if basis.before is None or earlier is None or earlier.table.tool != rows.table.tool:
        return None
    if basis.period < basis.before.period:
        rows, earlier, basis = earlier, rows, replace(basis.before, before=replace(basis, before=None))
    assert basis.before is not None
    now, then = _sums(rows, basis.outputs), _sums(earlier, basis.before.outputs)
    names = (rows.name(0), earlier.name(0)) if rows.count == earlier.count == 1 else ("", "")
    if now is None or then is None or (names[0] == names[1] and basis.period == basis.before.period):
        return None
    labels = names if names[0] != names[1] else (when(basis.period), when(basis.before.period))
    sentences = [_against(*labels, now[field], then[field]) for field in now if field in then]
    if not sentences:
        return None
    citations = [*basis.answer.citations, *basis.before.answer.citations]
    period = of_period(basis.period) if names[0] != names[1] else ()
    return RunAnswer((*sentences, *period), (), tuple(dict.fromkeys(citations)), basis.answer.warnings)


def _against(now: str, then: str, figure: Figure, other: Figure) -> Sentence:
    """A figure against the same one of another answer or thing."""
    gap, base = value_of(figure) - value_of(other), value_of(other)
    unit = unit_of(figure.path.rpartition(".")[2])
    path = f"{figure.node}.{figure.path} - {other.node}.{other.path}"
    more = Figure(amount(abs(gap), unit), abs(gap), figure.node, figure.tool, path)
    share = f" ({100 * abs(gap) / abs(base):,.1f} %)" if base and unit != "%" else ""
    one, two = (amount(value_of(each), unit) for each in (figure, other))
    of = heading(figure.path.rpartition(".")[2]).partition(",")[0]
    more_or_less = f"{more.shown}{share} {'more' if gap > 0 else 'less'}" if gap else "the same"
    text = f"{of}, {now} against {then}: {one} against {two}, {more_or_less}."
    return Sentence(text, (figure, other, more))


def _sums(rows: Rows, outputs: Outputs) -> dict[str, Figure] | None:
    """The figures of the only row, else the totals over all rows, by field; None where there is neither."""
    shown = [replace(rows, field=field, unit=unit_of(field)) for field in rows.table.fields if unit_of(field) in ADDED]
    if rows.count == 1:
        return {each.field: figure for each in shown if (figure := each.own(0)) is not None}
    return {each.field: total for each in shown if (total := given_total(each, outputs)) is not None} or None


def _growth(rows: Rows, basis: Basis) -> RunAnswer | str:
    """The change of the only row on the year before, where the tool found one."""
    field = replace(rows, field=_GROWTH, unit="%").own(0)
    if field is None:
        return f"The last answer has one row, {rows.name(0)}. Compared with what?"
    way = "more" if value_of(field) >= 0 else "less"
    figure = rows.figure(abs(value_of(field)), "%", field.path)
    text = f"{rows.name(0)} used {figure.shown} {way} energy than in the same months of the year before."
    return answer_of(rows, basis, [Sentence(text, (figure,))])


def _shares(rows: Rows, basis: Basis) -> RunAnswer | str:
    """The share of each row that is shown in the total of all rows of the list; of one row that of each column."""
    if rows.count == 1 and len(rows.records) == 1:
        return f"The last answer is of {rows.name(0)} alone. In percent of what?"
    cells: list[tuple[Json, ...]] = []
    sentences: list[Sentence] = []
    for each in rows.summed:
        if each.unit not in ADDED:
            return f"Figures of {named(each)} do not add up, so they have no shares. In percent of what?"
        total = total_of(each, basis.outputs)
        if not value_of(total):
            return f"The total of {named(each)} is 0, so there are no shares of it."
        shown = each.figures
        parts = [
            each.figure(100 * value_of(own) / value_of(total), "%", f"{own.path} / {total.path}") for _, own in shown
        ]
        sentences += _first_share(each, *shown[0], parts, total) if shown else []
        cells += [(name, value_of(own), value_of(part)) for (name, own), part in zip(shown, parts, strict=True)]
    return answer_of(rows, basis, sentences, () if rows.count == 1 else cells, "Share, %")


def _first_share(rows: Rows, name: str, own: Figure, parts: Sequence[Figure], total: Figure) -> list[Sentence]:
    """The share of the first row that has a figure, and that of all that have one."""
    text = f"{name}: {own.shown} is {parts[0].shown} of the {total.shown} of all {len(rows.records)}."
    found = [Sentence(text, (own, parts[0], total))]
    if len(parts) > 1:
        together = rows.figure(sum(map(value_of, parts)), "%", f"sum of the {len(parts)} shares")
        found.append(Sentence(f"The {len(parts)} that are shown are {together.shown} together.", (together,)))
    return found


def _rates(rows: Rows, basis: Basis, span: Span) -> RunAnswer | str:
    """The figures of the rows that are shown at the same rate over another span; of one row all that add up."""
    cells: list[tuple[Json, ...]] = []
    sentences = [] if rows.count == 1 or rows.table.ordered_by else _rates_of_total(rows, basis, span)
    for each in rows.summed:
        days, said = _days(each, basis, span)
        if days is None:
            return said
        scaled = [(name, own, _scaled(each, own, days, span)) for name, own in each.figures]
        cells += [(name, value_of(own), value_of(new)) for name, own, new in scaled]
        sentences += [_at_the_same_rate(name, own, said, new) for name, own, new in scaled[:1]]
    sentences.append(Sentence("Seasons and weather are not reckoned with: it is the same rate on every day."))
    head = f"{headed(rows).partition(',')[0]}, {_unit_over(rows, span)}"
    return answer_of(rows, basis, sentences, () if rows.count == 1 else cells, head)


def _unit_over(rows: Rows, span: Span) -> str:
    return f"{rows.unit.partition('/')[0]}/{'yr' if span == 'year' else span}"


def _scaled(rows: Rows, figure: Figure, days: float, span: Span) -> Figure:
    """A figure of so many days at the same rate over a span."""
    factor = _DAYS[span] / days
    return rows.figure(value_of(figure) * factor, _unit_over(rows, span), f"{figure.path} * {factor:.6g}")


def _at_the_same_rate(name: str, figure: Figure, said: str, scaled: Figure) -> Sentence:
    text = f"{name}: {f'{figure.shown} {said}'.strip()} is {scaled.shown} at the same rate."
    return Sentence(text, (figure, scaled))


def _rates_of_total(rows: Rows, basis: Basis, span: Span) -> list[Sentence]:
    """The total over all rows at the same rate over another span, where the tool gave it."""
    days, said = _days(rows, basis, span)
    total = given_total(rows, basis.outputs)
    if days is None or total is None:
        return []
    return [_at_the_same_rate(f"All {len(rows.records)}", total, said, _scaled(rows, total, days, span))]


def _days(rows: Rows, basis: Basis, span: Span) -> tuple[float | None, str]:
    """The days that the figures are of, and how that is said; None with the reason where they cannot be scaled."""
    if span in _PER and _PER[span].search(rows.unit):
        return None, f"Figures of {named(rows)} are those of a {span} already ({rows.unit})."
    if _PER["day"].search(rows.unit):
        return 1.0, ""
    if _PER["year"].search(rows.unit):
        return _DAYS["year"], ""
    if rows.unit not in ADDED:
        return (
            None,
            f"Figures of {named(rows)} ({rows.unit or 'no unit'}) are not sums over time. What shall be scaled?",
        )
    days = days_of(basis.period)
    if days is None:
        return None, "The last answer does not say which period its figures are of. Of which period, and what?"
    if span == "year" and days in _WHOLE_YEAR:
        return None, f"The figures are those of a whole year already: {when(basis.period)}."
    return float(days), f"in {when(basis.period)}"


def days_of(period: str) -> int | None:
    """The days of a period of whole months; None where it is none.

    >>> days_of("2025-03"), days_of("2025-01..2025-12"), days_of("June")
    (31, 365, None)
    """
    months = [(int(year), int(month)) for year, month in re.findall(r"(\d{4})-(\d\d)(?!\d|-)", period)]
    if not months or any(not 1 <= month <= 12 for _, month in months):
        return None
    (year, month), (last_year, last_month) = months[0], months[-1]
    return (date(last_year, last_month, monthrange(last_year, last_month)[1]) - date(year, month, 1)).days + 1
