"""The tenant's names: exact, by code, misspelt, ambiguous."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from redaptive.orchestration.intelligent.matchers.entities.names import Name, NameIndex
from redaptive.orchestration.intelligent.matchers.entities.tenant_names import CachedIndex

NAMES = [
    Name("customer", "CHB", "Cobalt Harbor Bank (fictitious)"),
    Name("customer", "NLS", "Northlight Software (fictitious)"),
    Name("site", "CHB-PHX", "Cobalt Harbor Bank Phoenix"),
    Name("site", "NLS-CHI", "Northlight Software Chicago"),
    Name("building", "NLS-CHI-001", "Northlight Software Chicago 1", ("the glass tower",)),
    Name("building", "NLS-CHI-002", "Northlight Software Chicago 2"),
    Name("building", "B-9", "Riverside Annex"),
    Name("site", "S-9", "Riverside Annex"),
    Name("meter", "NLS-CHI-001-E1"),
    Name("meter", "51177"),
    Name("project", "P0001", "LED at Riverside Annex"),
]
INDEX = NameIndex(NAMES)


def _codes(text: str) -> list[list[str]]:
    return [[o.name.code for o in m.options] for m in INDEX.find(text)]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("How is Northlight Software Chicago 1 doing?", ["NLS-CHI-001"]),
        ("northlite software chicago usage", ["NLS-CHI"]),
        ("cobalt harbour phoenix", ["CHB-PHX"]),
        ("Cobalt Harbor Bank last quarter", ["CHB"]),
        ("peak at the glass tower", ["NLS-CHI-001"]),
        ("meter nls-chi-001-e1 offline?", ["NLS-CHI-001-E1"]),
        ("load factor of 51177", ["51177"]),
        ("site NLS-CHI", ["NLS-CHI"]),
    ],
)
def test_a_name_is_found_by_code_name_alias_or_nearly(text: str, codes: list[str]) -> None:
    assert _codes(text) == [codes]


@pytest.mark.parametrize(
    "text",
    ["Which Chicago offices waste the most?", "software updates", "bank holidays in phoenix", "the annex", "an harbor"],
)
def test_common_words_of_names_name_nothing(text: str) -> None:
    assert _codes(text) == []


def test_two_things_of_one_name_are_both_reported() -> None:
    (mention,) = INDEX.find("usage of Riverside Annex")
    assert mention.ambiguous
    assert {(o.name.kind, o.name.code) for o in mention.options} == {("building", "B-9"), ("site", "S-9")}


def test_the_kind_that_is_said_decides() -> None:
    (mention,) = INDEX.find("usage of the building Riverside Annex")
    assert [o.name.code for o in mention.options] == ["B-9"]


def test_several_mentions_come_in_order_with_their_places() -> None:
    text = "compare Northlight Software Chicago 2 with Cobalt Harbor Bank Phoenix"
    mentions = INDEX.find(text)
    assert [m.options[0].name.code for m in mentions] == ["NLS-CHI-002", "CHB-PHX"]
    assert all(text[m.start : m.end] == m.text for m in mentions)


def test_an_index_without_names_finds_nothing() -> None:
    assert NameIndex([]).find("Northlight Software Chicago 1") == []


class FakeNames:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    async def names(self) -> Sequence[Name]:
        self.asked += 1
        return [Name("site", "S", f"Site number {self.asked}")]


def test_the_index_is_read_again_when_it_is_old() -> None:
    async def work() -> None:
        fake, now = FakeNames(), [0.0]
        cached = CachedIndex(fake, keep_s=60, clock=lambda: now[0])
        assert await cached.index() is await cached.index()
        now[0] = 61.0
        await cached.index()
        assert fake.asked == 2

    asyncio.run(work())
