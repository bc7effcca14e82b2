"""References: what they look like, where they stand, and what they find."""

from __future__ import annotations

import pytest

from redaptive.errors import InvalidInput
from redaptive.orchestration.plans.references import (
    MissingValue,
    Reference,
    Scope,
    escape,
    is_reference,
    node_references,
    parse,
    references,
    undo_references,
    undone_by_item,
    unescape,
)
from redaptive.orchestration.plans.schema import AllOf, Compare, Compensation, Expr, Foreach, Json, Node, Not

SCOPE = Scope(
    {"period": "2025"}, {"find": {"value": [{"measure": "led", "usd": None}]}, "gone": None}, {"code": "A"}, 3
)


@pytest.mark.parametrize(
    ("text", "root", "path"),
    [
        ("$find", "find", ()),
        ("$in.period", "in", ("period",)),
        ("$find.value[0].measure", "find", ("value", 0, "measure")),
        ("$item.a-b.c_d[12][3]", "item", ("a-b", "c_d", 12, 3)),
        ("$index", "index", ()),
    ],
)
def test_a_reference_is_read_and_written_alike(text: str, root: str, path: tuple[str | int, ...]) -> None:
    assert parse(text) == Reference(root, path)
    assert str(parse(text)) == text


@pytest.mark.parametrize("text", ["$", "$5", "$A", "$a.", "$a..b", "$a[x]", "$a[-1]", "$a b", "a.b", "$a[1", "$a]"])
def test_what_is_no_reference_is_refused_with_the_place(text: str) -> None:
    with pytest.raises(InvalidInput, match="not a reference: it is not understood from character") as caught:
        parse(text)
    assert "$$" in str(caught.value.fix)


@pytest.mark.parametrize("text", ["$5 per kWh", "$$", "$", "plain", ""])
def test_an_escaped_text_means_itself(text: str) -> None:
    assert not is_reference(escape(text)) or not text.startswith("$")
    assert unescape(escape(text)) == text
    assert SCOPE.resolve(escape(text)) == text


def test_references_inside_json_are_replaced() -> None:
    given: Json = {
        "p": "$in.period",
        "l": ["$item.code", {"n": "$index"}, "$$x", 1, None],
        "m": "$find.value[0].measure",
    }
    assert SCOPE.resolve(given) == {"p": "2025", "l": ["A", {"n": 3}, "$x", 1, None], "m": "led"}


def test_a_path_through_null_is_null() -> None:
    assert SCOPE.resolve("$find.value[0].usd.more[3]") is None
    assert SCOPE.resolve("$gone.value[0]") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("$nobody.value", "The node nobody has no output"),
        ("$find.valu", "has no key valu; there are: value"),
        ("$find.value[7]", "has 1 items, so none at \\[7\\]"),
        ("$find.value.x", "is a list, so it has no key x"),
        ("$find.value[0].measure.x", "is a text, so it has no key x"),
        ("$find[0]", "is an object, so it has no item \\[0\\]"),
        ("$in.nothing", "\\$in has no key nothing; there are: period"),
    ],
)
def test_what_is_not_there_is_said(text: str, message: str) -> None:
    with pytest.raises(MissingValue, match=message):
        SCOPE.resolve(text)


def test_an_item_is_known_only_inside_a_foreach() -> None:
    with pytest.raises(MissingValue, match="only inside a foreach"):
        Scope({}).resolve("$item.code")


def test_the_output_of_a_plan_is_null_where_nodes_were_skipped() -> None:
    assert SCOPE.gather({"a": "$find.value[0].measure", "b": "$skipped.value", "c": 1}) == {
        "a": "led",
        "b": None,
        "c": 1,
    }


def test_every_reference_of_a_node_is_found_with_its_place() -> None:
    node = Node(
        id="n",
        tool="a.b",
        args={"x": ["$a", {"y": "$b.c"}], "z": "$$no"},
        when=AllOf(all=(Compare(op="gt", left="$c", right="$d"), Not(not_=Compare(op="in", left="$e", right=["$f"])))),
        foreach=Foreach(items="$g.value"),
        compensate=Compensation(tool="a.c", args={"u": "$n.value"}),
    )
    assert sorted(node_references(node)) == [
        ("args.x[0]", "$a"),
        ("args.x[1].y", "$b.c"),
        ("foreach.items", "$g.value"),
        ("when.all[0].left", "$c"),
        ("when.all[0].right", "$d"),
        ("when.all[1].not.left", "$e"),
        ("when.all[1].not.right[0]", "$f"),
    ]
    assert list(undo_references(node)) == [("compensate.args.u", "$n.value")]


def test_references_in_nested_expressions_are_found() -> None:
    expr = Expr(fn="add", args=("$a", Expr(fn="sum", args=(["$b", 1],))))
    assert list(references(expr, "expr")) == [("expr.args[0]", "$a"), ("expr.args[1].args[0][0]", "$b")]


@pytest.mark.parametrize(
    ("args", "foreach", "by_item"),
    [
        ({"x": "$item.id"}, True, True),
        ({"x": ["$index"]}, True, True),
        ({"x": "$n.value.id"}, True, True),
        ({"x": "$other.value"}, True, False),
        ({"x": "$n.value.id"}, False, False),
    ],
)
def test_an_item_is_taken_back_alone_when_the_compensation_speaks_of_it(
    args: dict[str, Json], foreach: bool, by_item: bool
) -> None:
    undo = Compensation(tool="a.c", args=args)
    node = Node(id="n", tool="a.b", compensate=undo, foreach=Foreach(items=[1]) if foreach else None)
    assert undone_by_item(node) is by_item
