"""The fixed set of pure functions that expressions may use: signatures, types of the results, and what they do.

A null where a list, an object or a number is needed makes the result null. Lists of numbers leave nulls out.
Paths into items are texts like `evidence[0].value`; a key that an item lacks is null.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, cast

from redaptive.errors import InvalidInput
from redaptive.orchestration.plans.arithmetic import Sign, combine, rounded, to_json, total
from redaptive.orchestration.plans.comparison import Operand, compare, equal, number, order_problem, sort_key
from redaptive.orchestration.plans.json_types import (
    ANY,
    INTEGER,
    NULL,
    TEXT,
    JsonType,
    object_of,
    of_kind,
    union_of,
)
from redaptive.orchestration.plans.schema import Json, Op
from redaptive.orchestration.plans.signatures import Function, Operands, type_at, value_at


def _list(given: Operand) -> list[Json]:
    if not isinstance(given.value, list):
        raise InvalidInput("It needs a list.")
    return given.value


def _int(given: Operand) -> int:
    if isinstance(given.value, bool) or not isinstance(given.value, int):
        raise InvalidInput("It needs a whole number.")
    return given.value


def _text(operands: Operands, index: int) -> str:
    return str(operands[index].value) if index < len(operands) else ""


def _item(given: Operand) -> JsonType:
    return given.type.items or ANY


def _figures(given: Operand) -> list[Json]:
    return [value for value in _list(given) if value is not None]


def _numeric(types: Sequence[JsonType], *, whole: bool = True) -> JsonType:
    """The type of a number computed from such; `whole`: integers give an integer. Units must agree.

    :raises InvalidInput: when the units differ.
    """
    units = {unit for each in types if (unit := each.mark("unit"))}
    if len(units) > 1:
        raise InvalidInput(f"It mixes the units {' and '.join(sorted(units))}.", fix="Convert one of them first.")
    return _figure(types, whole=whole, unit=units.pop() if units else None)


def _figure(types: Sequence[JsonType], *, whole: bool, unit: str | None = None) -> JsonType:
    kinds = frozenset(kind for each in types for kind in each.solid)
    kind = of_kind("number" if kinds - {"integer"} or not whole else "integer", unit=unit)
    if "any" in kinds:
        return of_kind("any") if not unit else kind
    return of_kind("decimal", unit=unit) if "decimal" in kinds else kind


def _each(given: Operand) -> JsonType:
    return _numeric([_item(given)])


def _ordered(operands: Operands) -> list[Json]:
    """The list sorted by a path; stable, nulls last in both directions."""
    at = 2 if len(operands) > 1 and isinstance(operands[1].value, int) else 1
    path, direction = _text(operands, at), _text(operands, at + 1) if at == 1 else "desc"
    kind = type_at(_item(operands[0]), path)
    keyed = [(sort_key(value_at(item, path), kind), item) for item in _list(operands[0])]
    present, missing = [pair for pair in keyed if not pair[0][0]], [pair[1] for pair in keyed if pair[0][0]]
    present.sort(key=lambda pair: pair[0], reverse=direction == "desc")
    return [item for _, item in present] + missing


def _sorted_type(operands: Operands) -> JsonType:
    type_at(
        _item(operands[0]), _text(operands, 2 if len(operands) > 1 and operands[1].type.kinds == {"integer"} else 1)
    )
    return operands[0].type


def _filter(operands: Operands) -> Json:
    items, path, op, right = operands[0], _text(operands, 1), cast(Op, operands[2].value), operands[3]
    kind = type_at(_item(items), path)
    return [item for item in _list(items) if _keeps(op, Operand(value_at(item, path), kind), right)]


def _keeps(op: Op, left: Operand, right: Operand) -> bool:
    if op != "in":
        return compare(op, left, right)
    members = [Operand(each, _item(right), right.literal) for each in _list(right) if each is not None]
    return any(compare("eq", left, each) for each in members)


def _filter_type(operands: Operands) -> JsonType:
    left = Operand(None, type_at(_item(operands[0]), _text(operands, 1)))
    problem = order_problem(left, operands[3]) if operands[2].value in {"gt", "ge", "lt", "le"} else None
    if problem:
        raise InvalidInput(f"{problem[0].upper()}{problem[1:]}.")
    return operands[0].type


def _unique(operands: Operands) -> Json:
    found: list[Json] = []
    for item in _list(operands[0]):
        if not any(equal(item, each) for each in found):
            found.append(item)
    return found


def _flat(operands: Operands) -> Json:
    return [item for part in _list(operands[0]) if part is not None for item in _list(Operand(part, ANY))]


def _unnest(operands: Operands) -> Json:
    path, found = _text(operands, 1), list[Json]()
    for outer in _list(operands[0]):
        around = {key: value for key, value in outer.items() if key != path} if isinstance(outer, dict) else {}
        inner = value_at(outer, path)
        found += (
            [{**around, **each} for each in inner or [] if isinstance(each, dict)] if isinstance(inner, list) else []
        )
    return found


def _unnest_type(operands: Operands) -> JsonType:
    outer, path = _item(operands[0]), _text(operands, 1)
    inner = type_at(outer, path).items
    if outer.unknown or inner is None or inner.unknown:
        return ANY.listed
    names = [*(name for name in outer.field_names() if name != path), *inner.field_names()]
    return object_of({name: (inner.step(name) or outer.step(name) or ANY) for name in names}).listed


def _objects_type(operands: Operands) -> JsonType:
    item = _item(operands[0])
    return object_of({key: type_at(item, str(path.value)) for key, path in _pairs(operands[1:])}).listed


def _objects(operands: Operands) -> Json:
    pairs = [(key, str(path.value)) for key, path in _pairs(operands[1:])]
    return [{key: value_at(item, path) for key, path in pairs} for item in _list(operands[0])]


def _zipped_type(operands: Operands) -> JsonType:
    return object_of({key: _item(each) for key, each in _pairs(operands)}).listed


def _zipped(operands: Operands) -> Json:
    lists = {key: _list(each) for key, each in _pairs(operands)}
    if len({len(each) for each in lists.values()}) > 1:
        sizes = ", ".join(f"{key} {len(each)}" for key, each in lists.items())
        raise InvalidInput(f"The lists differ in length: {sizes}.")
    return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]


def _labelled_type(operands: Operands) -> JsonType:
    item = _item(operands[0])
    for path in operands[3:]:
        type_at(item, str(path.value))
    fields = {name: item.step(name) or ANY for name in item.field_names()}
    return ANY.listed if item.unknown else object_of({**fields, _text(operands, 1): TEXT}).listed


def _labelled(operands: Operands) -> Json:
    key, between, found = _text(operands, 1), _text(operands, 2), list[Json]()
    for item in _list(operands[0]):
        if not isinstance(item, dict):
            raise InvalidInput("It needs a list of objects.")
        said = [value_at(item, str(path.value)) for path in operands[3:]]
        found.append({**item, key: between.join(str(each) for each in said if each is not None)})
    return found


def _chunks(operands: Operands) -> Json:
    items, size = _list(operands[0]), max(_int(operands[1]), 1)
    return [items[at : at + size] for at in range(0, len(items), size)]


def _pick_type(operands: Operands) -> JsonType:
    keys = [str(each.value) for each in operands[1:]]
    return object_of({key: type_at(operands[0].type, key) for key in keys})


def _pick(operands: Operands) -> Json:
    whole = operands[0].value
    if not isinstance(whole, dict):
        raise InvalidInput("It needs an object.")
    return {key: whole.get(key) for key in (str(each.value) for each in operands[1:])}


def _pairs(operands: Operands) -> Iterator[tuple[str, Operand]]:
    for key, value in zip(operands[::2], operands[1::2], strict=True):
        yield str(key.value), value


def _coalesce_type(operands: Operands) -> JsonType:
    found = union_of([each.type.not_null for each in operands if each.type.solid] or [NULL])
    return found.or_null if all(each.type.nullable for each in operands) else found


def _size(operands: Operands) -> Json:
    if not isinstance(operands[0].value, (list, dict, str)):
        raise InvalidInput("It needs a list, an object or a text.")
    return len(operands[0].value)


def _extreme(pick: Callable[..., Json]) -> Callable[[Operands], Json]:
    return lambda operands: pick(_figures(operands[0]), key=number, default=None)


def _mean(operands: Operands) -> Json:
    found = _figures(operands[0])
    return to_json(combine("div", to_json(total(found)), len(found))) if found else None


def _percent(operands: Operands) -> Json:
    part = to_json(combine("mul", operands[0].value, 100))
    return to_json(combine("div", part, operands[1].value))


def _round_type(operands: Operands) -> JsonType:
    kind = operands[0].type
    whole = len(operands) < 2 or (operands[1].literal and isinstance(operands[1].value, int) and operands[1].value <= 0)
    if "decimal" in kind.kinds or kind.unknown or not whole:
        return kind
    return of_kind("integer", unit=kind.mark("unit"))


def _joined(operands: Operands) -> Json:
    texts = [each if isinstance(each, str) else str(each) for each in _figures(operands[0])]
    return _text(operands, 1).join(texts)


def _arithmetic(sign: Sign) -> Callable[[Operands], Json]:
    return lambda operands: to_json(combine(sign, operands[0].value, operands[1].value))


def _alike(operands: Operands) -> JsonType:
    return _numeric([each.type for each in operands])


def _product(operands: Operands) -> JsonType:
    return _figure([each.type for each in operands], whole=True)


def _ratio(operands: Operands) -> JsonType:
    return _figure([each.type for each in operands], whole=False)


def _mean_type(operands: Operands) -> JsonType:
    return _numeric([_item(operands[0])], whole=False).or_null


def _same(operands: Operands) -> JsonType:
    return operands[0].type


def _list_of(operands: Operands) -> JsonType:
    return union_of([each.type for each in operands]).listed


def _end(index: int) -> Callable[[Operands], Json]:
    return lambda operands: (_list(operands[0]) or [None])[index]


_ALL: Final = (
    Function(
        "get",
        ("any", "path"),
        "the value at a path, null when it is not there",
        lambda o: type_at(o[0].type, _text(o, 1)).or_null,
        lambda o: value_at(o[0].value, _text(o, 1)),
    ),
    Function("pick", ("object", "key"), "an object with some keys of another", _pick_type, _pick, rest=("key",)),
    Function(
        "object",
        (),
        "an object of keys and values",
        lambda o: object_of({key: value.type for key, value in _pairs(o)}),
        lambda o: {key: value.value for key, value in _pairs(o)},
        rest=("key", "any"),
    ),
    Function("list", (), "a list of the values", _list_of, lambda o: [each.value for each in o], rest=("any",)),
    Function("first", ("list",), "the first item, null of none", lambda o: _item(o[0]).or_null, _end(0)),
    Function("last", ("list",), "the last item, null of none", lambda o: _item(o[0]).or_null, _end(-1)),
    Function("take", ("list", "count"), "the first items", _same, lambda o: _list(o[0])[: max(_int(o[1]), 0)]),
    Function("len", ("sized",), "how many items, keys or characters", lambda _: INTEGER, _size),
    Function(
        "sum", ("numbers",), "the sum, 0 of nothing", lambda o: _each(o[0]), lambda o: to_json(total(_figures(o[0])))
    ),
    Function("min", ("numbers",), "the least, null of nothing", lambda o: _each(o[0]).or_null, _extreme(min)),
    Function("max", ("numbers",), "the greatest, null of nothing", lambda o: _each(o[0]).or_null, _extreme(max)),
    Function("avg", ("numbers",), "the mean, null of nothing", _mean_type, _mean),
    Function(
        "sort",
        ("list", "path", "direction"),
        "the items by the value at a path, nulls last; equal ones keep their order",
        _sorted_type,
        _ordered,
        optional=2,
    ),
    Function(
        "top",
        ("list", "count", "path"),
        "the items with the greatest values at a path, greatest first",
        _sorted_type,
        lambda o: _ordered(o)[: max(_int(o[1]), 0)],
        optional=1,
    ),
    Function("filter", ("list", "path", "op", "any"), "the items whose value compares so", _filter_type, _filter),
    Function(
        "map",
        ("list", "path"),
        "the value at a path of each item",
        lambda o: type_at(_item(o[0]), _text(o, 1)).listed,
        lambda o: [value_at(item, _text(o, 1)) for item in _list(o[0])],
    ),
    Function(
        "flatten",
        ("list",),
        "the items of a list of lists",
        lambda o: (_item(o[0]).not_null.items or ANY).listed,
        _flat,
    ),
    Function(
        "unnest",
        ("list", "path"),
        "the objects of the list at a path of each item, each with the other keys of the item around it",
        _unnest_type,
        _unnest,
    ),
    Function(
        "objects",
        ("list",),
        "of each item an object of keys and the values at paths",
        _objects_type,
        _objects,
        rest=("key", "path"),
    ),
    Function(
        "zip",
        ("key", "list"),
        "an object for each place of lists of one length, with the items there by key",
        _zipped_type,
        _zipped,
        rest=("key", "list"),
    ),
    Function(
        "labelled",
        ("list", "key", "key", "path"),
        "the objects with a text under the first key: the values at the paths, nulls left out, the second key between",
        _labelled_type,
        _labelled,
        rest=("path",),
    ),
    Function("chunks", ("list", "count"), "the items in lists of at most so many", lambda o: o[0].type.listed, _chunks),
    Function("unique", ("list",), "the items, each once, in the order of their first places", _same, _unique),
    Function(
        "concat",
        ("list",),
        "the items of several lists",
        lambda o: union_of([_item(each) for each in o]).listed,
        lambda o: [item for each in o for item in _list(each)],
        rest=("list",),
    ),
    Function("join", ("list", "key"), "the items as one text, the second argument between", lambda _: TEXT, _joined),
    Function(
        "coalesce",
        ("any",),
        "the first value that is not null",
        _coalesce_type,
        lambda o: next((each.value for each in o if each.value is not None), None),
        rest=("any",),
    ),
    Function(
        "round",
        ("number", "count"),
        "the number to so many places, halves away from zero",
        _round_type,
        lambda o: to_json(rounded(o[0].value, _int(o[1]) if len(o) > 1 else 0)),
        optional=1,
    ),
    Function("add", ("number", "number"), "the sum", _alike, _arithmetic("add")),
    Function("sub", ("number", "number"), "the difference", _alike, _arithmetic("sub")),
    Function("mul", ("number", "number"), "the product", _product, _arithmetic("mul")),
    Function("div", ("number", "number"), "the quotient", _ratio, _arithmetic("div")),
    Function("percent", ("number", "number"), "the first in percent of the second", _ratio, _percent),
    Function(
        "abs",
        ("number",),
        "the number without its sign",
        _same,
        lambda o: to_json(abs(number(o[0].value))) if isinstance(o[0].value, str) else abs(cast(float, o[0].value)),
    ),
)
FUNCTIONS: Final[Mapping[str, Function]] = {function.name: function for function in _ALL}
