"""Plain arithmetic on the figures of an answer: a difference, a share, the same rate over another span of time."""
# ruff: noqa: E501 -- tables of words

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

from redaptive.orchestration.answers.arrangement import QUANTITIES, Arrangement, quantity_in
from redaptive.orchestration.answers.figures import AnswerTable, Figure, RunAnswer, Sentence
from redaptive.orchestration.answers.ranking import field_for, figure_at, heading, unit_of
from redaptive.orchestration.answers.templates import Outputs
from redaptive.orchestration.plans.schema import Json
from redaptive.orchestration.plans.signatures import value_at

Span = Literal["year", "month", "week", "day"]
_I: Final = re.IGNORECASE
_DAYS: Final[dict[Span, float]] = {"year": 365.0, "month": 365.0 / 12, "week": 7.0, "day": 1.0}
_PER: Final[dict[Span, re.Pattern[str]]] = {"year": re.compile(r"/yr$|\.yr$"), "day": re.compile(r"/day$")}
_WHOLE_YEAR: Final = range(360, 373)
_ADDED: Final = frozenset(
    {"USD", "kWh", "therms", "kBtu", "tCO2e", "kL", "USD/yr", "tCO2e/yr", "USD/day", "kW/day", "ft2"}
)
"""Units of figures that add up, so that a share of their sum means something."""
_LIKELY: Final = ("cost", "use", "savings", "intensity", "peak")
_GROWTH: Final = "yoy_pct"
_THAT: Final = r"(?:(?:is|are|was|were|does|do|would|will|makes?)\s+)?(?:that|this|it|they|those|these|the\s+(?:difference|figure|cost|amount|sum|total))(?:\s+(?:be|make|come\s+to|amount\s+to|mean))?"
_SPAN: Final = r"(?P<span>year|month|week|day)"
_DIFFERENCE: Final = re.compile(
    r"by\s+how\s+(?:much|many)(?:\s+(?:\w+\s+){0,4}\w+)?|how\s+(?:much|big|large)\s+(?:is\s+|was\s+)?(?:the\s+)?(?:difference|gap|margin|lead)(?:\s+[\w\s-]{1,40})?|what(?:'s|\s+is|\s+was)\s+the\s+(?:difference|gap|margin)(?:\s+(?:then|there|between\s+(?:them|the\s+(?:two|first\s+two|best\s+and\s+(?:the\s+)?worst|worst\s+and\s+(?:the\s+)?best))))?|how\s+much\s+(?:more|less|higher|lower|worse|better|cheaper|dearer)(?:\s+(?:is|was|does|did)\s+(?:it|that|this|the\s+first(?:\s+one)?)(?:\s+(?:cost|use|save))?)?(?:\s+exactly)?|the\s+difference",
    _I,
)
_CHANGE: Final = re.compile(
    r"(?:by\s+)?how\s+(?:much|many|far)(?:\s+percent)?\s+(?:did|does|do|has|have|was)\s+(?:it|that|this|they|those|the\s+\w+|use|cost|costs|our\s+\w+)\s+(?:change|rise|rose|risen|grow|grown|go\s+(?:up|down)|gone\s+(?:up|down)|increase|fall|fell|fallen|drop|decrease|differ|improve|shrink|changed|increased|dropped|decreased|grew)d?(?:\s+by)?|what(?:'s|\s+is|\s+was)?\s+(?:the\s+change|changed)|the\s+change|how\s+much\s+(?:more|less|higher|lower|worse|better|cheaper|dearer)\s+(?:is|was|were|are)\s+(?:it|that|this|they)\s+than\s+(?:before|(?:the\s+)?last\s+(?:time|one|answer)|the\s+(?:\w+\s+)?(?:before|previous)(?:\s+\w+)?|the\s+other(?:\s+one)?|the\s+first(?:\s+one)?)|(?:what(?:'s|\s+is)\s+the\s+)?(?:difference|change)\s+(?:to|from|against|between)\s+(?:the\s+)?(?:before|last\s+(?:one|answer)|previous(?:\s+(?:one|answer))?|both|the\s+two)",
    _I,
)
_SCALED: Final = (
    re.compile(
        rf"(?:(?:how\s+much|what)(?:'s|\s+)\s*{_THAT}\s+)?(?:(?:in|per|for|over|on|by|each|every)\s+)?(?:a|an|one|the|whole|full|per|each|every)\s+(?:whole\s+|full\s+)?{_SPAN}(?:\s+then)?",
        _I,
    ),
    re.compile(
        rf"(?:(?:how\s+much|what)(?:'s|\s+)\s*{_THAT}\s+)?(?:on\s+an?\s+)?(?P<adverb>yearly|annual(?:ly|i[sz]ed)?|monthly|weekly|daily)(?:\s+(?:basis|figure|rate|terms))?",
        _I,
    ),
    re.compile(
        rf"(?:extrapolate|scale|project)\s+(?:that|this|it)\s+to\s+(?:a|one|the)\s+(?:whole\s+|full\s+)?{_SPAN}", _I
    ),
    re.compile(r"(?P<adverb>annuali[sz]e)(?:\s+(?:that|this|it|them))?", _I),
)
_ADVERBS: Final[dict[str, Span]] = {"year": "year", "annu": "year", "mont": "month", "week": "week", "dail": "day"}
_SHARED: Final = re.compile(
    rf"(?:(?:how\s+much|what)(?:'s|\s+)\s*{_THAT}\s+)?(?:in|as)\s+(?:a\s+)?(?:percent(?:ages?)?|%|per\s?cent|shares?)(?:\s+of\s+(?:the\s+|our\s+)?(?:total|whole|portfolio|all|sum|everything|bill|cost|use))?|(?:what|which|how\s+(?:big|large))\s+(?:a\s+)?(?:share|percent(?:age)?|part|fraction|proportion)(?:\s+of\s+(?:the\s+|our\s+)?(?:total|whole|portfolio|all|sum|everything|bill|cost|use))?(?:\s+(?:is|are|was|were|do|does|would)\s+(?:that|this|it|they|those|these|each|each\s+of\s+them)(?:\s+(?:have|make\s+up))?)?|how\s+(?:many\s+percent|much\s+of\s+(?:the\s+|our\s+)?(?:total|whole|portfolio|all|sum|bill))(?:\s+(?:is|are|was|were)\s+(?:that|this|it|they|those|these))?(?:\s+of\s+the\s+total)?|percent(?:ages?)?|shares?|(?:the\s+)?percentages?\s+of\s+the\s+total",
    _I,
)


@dataclass(frozen=True)
class Reckoning:
    """What is to be reckoned: the difference of rows, the change on the answer before, shares, or the rate of a `span`."""

    kind: Literal["difference", "change", "share", "rate"]
    span: Span = "year"


def reckoning_in(words: str) -> Reckoning | None:
    """The arithmetic that a sentence without its courtesies asks for; None where it asks for none.

    >>> reckoning_in("by how much"), reckoning_in("how much is that in a year")
    (Reckoning(kind='difference', span='year'), Reckoning(kind='rate', span='year'))
    >>> reckoning_in("in percent").kind, reckoning_in("benchmark B-1 in a year")
    ('share', None)
    """
    if _CHANGE.fullmatch(words):
        return Reckoning("change")
    if _DIFFERENCE.fullmatch(words):
        return Reckoning("difference")
    if _SHARED.fullmatch(words):
        return Reckoning("share")
    match = next((found for pattern in _SCALED if (found := pattern.fullmatch(words))), None)
    return Reckoning("rate", _span(match)) if match is not None else None


def _span(match: re.Match[str]) -> Span:
    named = match.groupdict()
    word = (named.get("span") or named.get("adverb") or "year").lower()
    return _ADVERBS.get(word[:4], "day")


@dataclass(frozen=True)
class Basis:
    """What is reckoned with: an answer, the outputs that it is made of, its wish, the request, its period; and the same of
    the answer before.
    """

    answer: RunAnswer
    outputs: Outputs
    wish: Arrangement
    asked: str
    period: str = ""
    before: Basis | None = None


def reckoned(wish: Reckoning, basis: Basis) -> RunAnswer | str:
    """The answer, or the question why it cannot be reckoned. Computed figures name the figures that they are made of."""
    rows = _rows_of(basis)
    if rows is None:
        return "The last answer has no figure in rows to reckon with. Of what, and of which period?"
    if wish.kind == "change" or (wish.kind == "difference" and rows.table.ordered_by is None):
        if (changed := _changed(rows, basis)) is not None:
            return changed
        if wish.kind == "change":
            return "There is no answer of the same kind before this one. Compared with what?"
    if wish.kind == "difference":
        return _difference(rows, basis)
    if wish.kind == "share":
        return _shares(rows, basis)
    return _rates(rows, basis, wish.span)


@dataclass(frozen=True)
class _Rows:
    """The rows of a list that are shown, with the field that is spoken of; `records` are all rows of the list."""

    table: AnswerTable
    field: str
    unit: str
    records: Sequence[Json]

    @property
    def count(self) -> int:
        return len(self.table.rows)

    @property
    def summed(self) -> list[_Rows]:
        """The same for each column whose figures add up, where one row is shown; else only for what is spoken of."""
        shown = [replace(self, field=each, unit=unit_of(each)) for each in self.table.fields]
        found = [each for each in shown if each.unit in _ADDED and each.own(0) is not None]
        return found if self.count == 1 and found else [self]

    def name(self, at: int) -> str:
        return str(self.table.rows[at][0])

    def figure(self, value: float, unit: str, path: str) -> Figure:
        return Figure(_shown(value, unit), value, self.table.node, self.table.tool, path)

    def own(self, at: int) -> Figure | None:
        """The figure of a row as the tool gave it."""
        place = self.table.places[at]
        value = figure_at(self.records[place], self.field)
        path = f"{self.table.path}[{place}].{self.field}"
        return self.figure(float(value), self.unit, path) if isinstance(value, int | float) else None


def _value(figure: Figure) -> float:
    return float(str(figure.value))


def _rows_of(basis: Basis) -> _Rows | None:
    """The first list of the answer with the quantity that is spoken of, else the likeliest that its rows have."""
    for table in basis.answer.tables:
        records = value_at(basis.outputs.get(table.node), table.path)
        if not isinstance(records, list) or not table.places:
            continue
        field = table.ordered_by or _spoken(basis, table, records)
        if field is not None:
            own = value_at(records[table.places[0]], "unit")
            return _Rows(table, field, unit_of(field) or (own if isinstance(own, str) else ""), records)
    return None


def _spoken(basis: Basis, table: AnswerTable, records: Sequence[Json]) -> str | None:
    """The field of the quantity that is spoken of; of its fields one that is shown, where one is."""
    spoken = [quantity for quantity in (basis.wish.by, *basis.wish.only, quantity_in(basis.asked)) if quantity]
    for quantity in (*spoken, *_LIKELY):
        seen = [each for each in QUANTITIES[quantity].fields if each in table.fields]
        number = next((each for each in seen if _has_numbers(each, records)), None)
        if field := number or field_for(quantity, records):
            return field
    return None


def _has_numbers(field: str, records: Sequence[Json]) -> bool:
    return any(isinstance(figure_at(row, field), int | float) for row in records)


def _difference(rows: _Rows, basis: Basis) -> RunAnswer | str:
    """The first row against the next and the last that are shown; of one row its change on the year before."""
    if rows.own(0) is None:
        return f"There is no figure of {_named(rows)} to compare."
    if rows.count < 2:
        return _growth(rows, basis)
    last = [(rows.count - 1, f"the last of {rows.count} shown")] if rows.count > 2 else []
    pairs = [(1, "the next"), *last]
    sentences = [said for at, place in pairs if (said := _apart(rows, at, place)) is not None]
    return _answer(rows, basis, sentences)


def _apart(rows: _Rows, at: int, place: str) -> Sentence | None:
    """How far the first row is from another one."""
    one, other = rows.own(0), rows.own(at)
    if one is None or other is None:
        return None
    gap, base, between = _value(one) - _value(other), _value(other), f"{one.path} - {other.path}"
    figure = rows.figure(abs(gap), rows.unit, between)
    share = [rows.figure(100 * abs(gap) / abs(base), "%", f"({between}) / {other.path}")] if base else []
    more = f" ({share[0].shown})" if share else ""
    way = f"{'above' if gap >= 0 else 'below'} {rows.name(at)} ({other.shown}), {place}, by {_named(rows)}"
    return Sentence(f"{rows.name(0)} ({one.shown}) is {figure.shown}{more} {way}.", (one, figure, *share, other))


def _changed(rows: _Rows, basis: Basis) -> RunAnswer | None:
    """What the last answer says against the one before, figure by figure; None where they have none in common.

    Of two periods the later one is told against the earlier, in whichever order they were asked for.
    """
    earlier = _rows_of(basis.before) if basis.before is not None else None
    if basis.before is None or earlier is None or earlier.table.tool != rows.table.tool:
        return None
    if basis.period < basis.before.period:
        rows, earlier, basis = earlier, rows, replace(basis.before, before=replace(basis, before=None))
    assert basis.before is not None
    now, then = _sums(rows, basis.outputs), _sums(earlier, basis.before.outputs)
    names = (rows.name(0), earlier.name(0)) if rows.count == earlier.count == 1 else ("", "")
    if now is None or then is None or (names[0] == names[1] and basis.period == basis.before.period):
        return None
    labels = names if names[0] != names[1] else (_when(basis.period), _when(basis.before.period))
    sentences = [_against(rows, *labels, now[field], then[field]) for field in now if field in then]
    if not sentences:
        return None
    citations = [*basis.answer.citations, *basis.before.answer.citations]
    period = [Sentence(f"The figures are of {_when(basis.period)}.")] if names[0] != names[1] and basis.period else []
    return RunAnswer((*sentences, *period), (), tuple(dict.fromkeys(citations)), basis.answer.warnings)


def _against(rows: _Rows, now: str, then: str, figure: Figure, other: Figure) -> Sentence:
    """A figure against the same one of the answer before."""
    gap, base = _value(figure) - _value(other), _value(other)
    unit = unit_of(figure.path.rpartition(".")[2])
    more = rows.figure(abs(gap), unit, f"{figure.path} - {other.path} of the other answer")
    share = f" ({100 * abs(gap) / abs(base):,.1f} %)" if base else ""
    text = f"{now}: {figure.shown}; {then}: {other.shown}: {more.shown}{share} {'more' if gap >= 0 else 'less'}."
    return Sentence(text, (figure, other, more))


def _sums(rows: _Rows, outputs: Outputs) -> dict[str, Figure] | None:
    """The figures of the only row, else the totals over all rows, by field; None where there is neither."""
    shown = [replace(rows, field=field, unit=unit_of(field)) for field in rows.table.fields if unit_of(field) in _ADDED]
    if rows.count == 1:
        return {each.field: figure for each in shown if (figure := each.own(0)) is not None}
    found = {each.field: value_at(outputs.get(rows.table.node), f"value.total.{each.field}") for each in shown}
    return {
        each.field: each.figure(float(value), each.unit, f"value.total.{each.field}")
        for each in shown
        if isinstance(value := found[each.field], int | float)
    } or None


def _when(period: str) -> str:
    return period.replace("..", " to ")


def _growth(rows: _Rows, basis: Basis) -> RunAnswer | str:
    """The change of the only row on the year before, where the tool found one."""
    field = replace(rows, field=_GROWTH, unit="%").own(0)
    if field is None:
        return f"The last answer has one row, {rows.name(0)}. Compared with what?"
    way = "more" if _value(field) >= 0 else "less"
    figure = rows.figure(abs(_value(field)), "%", field.path)
    text = f"{rows.name(0)} used {figure.shown} {way} energy than in the same months of the year before."
    return _answer(rows, basis, [Sentence(text, (figure,))])


def _shares(rows: _Rows, basis: Basis) -> RunAnswer | str:
    """The share of each row that is shown in the total of all rows of the list; of one row that of each column."""
    if rows.count == 1 and len(rows.records) == 1:
        return f"The last answer is of {rows.name(0)} alone. In percent of what?"
    cells: list[tuple[Json, ...]] = []
    sentences: list[Sentence] = []
    for each in rows.summed:
        if each.unit not in _ADDED:
            return f"Figures of {_named(each)} do not add up, so they have no shares. In percent of what?"
        total = _total(each, basis.outputs)
        if not _value(total):
            return f"The total of {_named(each)} is 0, so there are no shares of it."
        shown = [(at, own) for at in range(each.count) if (own := each.own(at)) is not None]
        parts = [each.figure(100 * _value(own) / _value(total), "%", f"{own.path} / {total.path}") for _, own in shown]
        sentences += _first_share(each, shown[0][1], parts, total) if shown else []
        cells += [(each.name(at), _value(own), _value(part)) for (at, own), part in zip(shown, parts, strict=True)]
    return _answer(rows, basis, sentences, () if rows.count == 1 else cells, "Share, %")


def _first_share(rows: _Rows, own: Figure, parts: Sequence[Figure], total: Figure) -> list[Sentence]:
    """The share of the first row, and that of all that are shown."""
    text = f"{rows.name(0)}: {own.shown} is {parts[0].shown} of the {total.shown} of all {len(rows.records)}."
    found = [Sentence(text, (own, parts[0], total))]
    if len(parts) > 1:
        together = rows.figure(sum(map(_value, parts)), "%", f"sum of the {len(parts)} shares")
        found.append(Sentence(f"The {len(parts)} that are shown are {together.shown} together.", (together,)))
    return found


def _total(rows: _Rows, outputs: Outputs) -> Figure:
    """The total of the field: as the tool gave it where it did, else the sum over all rows."""
    path = f"value.total.{rows.field}"
    found = value_at(outputs.get(rows.table.node), path)
    if isinstance(found, int | float):
        return rows.figure(float(found), rows.unit, path)
    values = [each for row in rows.records if isinstance(each := figure_at(row, rows.field), int | float)]
    return rows.figure(float(sum(values)), rows.unit, f"sum of {rows.table.path}[*].{rows.field}")


def _rates(rows: _Rows, basis: Basis, span: Span) -> RunAnswer | str:
    """The figures of the rows that are shown at the same rate over another span; of one row all that add up."""
    cells: list[tuple[Json, ...]] = []
    sentences = [] if rows.count == 1 or rows.table.ordered_by else _rates_of_total(rows, basis, span)
    unit = ""
    for each in rows.summed:
        days, said = _days(each, basis, span)
        if days is None:
            return said
        factor = _DAYS[span] / days
        unit = f"{each.unit.partition('/')[0]}/{'yr' if span == 'year' else span}"
        shown = [(at, own) for at in range(each.count) if (own := each.own(at)) is not None]
        scaled = [each.figure(_value(own) * factor, unit, f"{own.path} * {factor:.6g}") for _, own in shown]
        cells += [(each.name(at), _value(own), _value(new)) for (at, own), new in zip(shown, scaled, strict=True)]
        for (at, own), new in list(zip(shown, scaled, strict=True))[:1]:
            sentences.append(
                Sentence(f"{each.name(at)}: {own.shown} {said} is {new.shown} at the same rate.", (own, new))
            )
    sentences.append(Sentence("Seasons and weather are not reckoned with: it is the same rate on every day."))
    return _answer(rows, basis, sentences, () if rows.count == 1 else cells, f"{_headed(rows)[0]}, {unit}")


def _rates_of_total(rows: _Rows, basis: Basis, span: Span) -> list[Sentence]:
    """The total over all rows at the same rate over another span, where the tool gave it."""
    days, said = _days(rows, basis, span)
    value = value_at(basis.outputs.get(rows.table.node), f"value.total.{rows.field}")
    if days is None or not isinstance(value, int | float):
        return []
    total = rows.figure(float(value), rows.unit, f"value.total.{rows.field}")
    factor = _DAYS[span] / days
    unit = f"{rows.unit.partition('/')[0]}/{'yr' if span == 'year' else span}"
    new = rows.figure(float(value) * factor, unit, f"{total.path} * {factor:.6g}")
    text = f"All {len(rows.records)}: {total.shown} {said} is {new.shown} at the same rate."
    return [Sentence(text, (total, new))]


def _days(rows: _Rows, basis: Basis, span: Span) -> tuple[float | None, str]:
    """The days that the figures are of, and how that is said; None with the reason where they cannot be scaled."""
    if span in _PER and _PER[span].search(rows.unit):
        return None, f"Figures of {_named(rows)} are those of a {span} already ({rows.unit})."
    if _PER["day"].search(rows.unit):
        return 1.0, "a day"
    if _PER["year"].search(rows.unit):
        return _DAYS["year"], "a year"
    if rows.unit not in _ADDED:
        return (
            None,
            f"Figures of {_named(rows)} ({rows.unit or 'no unit'}) are not sums over time. What shall be scaled?",
        )
    days = days_of(basis.period)
    if days is None:
        return None, "The last answer does not say which period its figures are of. Of which period, and what?"
    if span == "year" and days in _WHOLE_YEAR:
        return None, f"The figures are those of a whole year already: {basis.period.replace('..', ' to ')}."
    return float(days), f"in {basis.period.replace('..', ' to ')}"


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


def _headed(rows: _Rows) -> tuple[str, str]:
    """The heading of the field without its unit, and with it."""
    full = heading(rows.field) if unit_of(rows.field) else heading(rows.field) + (f", {rows.unit}" if rows.unit else "")
    return full.partition(",")[0], full


def _named(rows: _Rows) -> str:
    name = _headed(rows)[0]
    return name if name.split()[0].isupper() else name[:1].lower() + name[1:]


def _answer(
    rows: _Rows, basis: Basis, sentences: Sequence[Sentence], cells: Sequence[tuple[Json, ...]] = (), last: str = ""
) -> RunAnswer:
    """The sentences, a table where there are several rows, the period, and the citations of the figures used."""
    table = rows.table
    heads = (table.columns[0], _headed(rows)[1], last)
    tables = (
        (AnswerTable(table.title, heads, tuple(cells), table.node, table.tool, table.path, table.left_out),)
        if len(cells) > 1
        else ()
    )
    period = [Sentence(f"The figures are of {basis.period.replace('..', ' to ')}.")] if basis.period else []
    citations = tuple(each for each in basis.answer.citations if each.node == table.node)
    return RunAnswer((*sentences, *period), tables, citations, basis.answer.warnings)


def _shown(value: float, unit: str) -> str:
    digits = 1 if unit == "%" else 0 if abs(value) >= 100 else 2
    return f"{value:,.{digits}f} {unit}".strip()
