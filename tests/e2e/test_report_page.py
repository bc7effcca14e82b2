"""The written report in a real browser, and its outline for those who do not see it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.e2e.report_in_browser import assert_drawn, needs_browser


class _Outline(HTMLParser):
    """What assistive technology finds: ids, headings, scopes of header cells, language, title."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.scopes: list[str | None] = []
        self.elements: dict[str, dict[str, str | None]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = dict(attrs)
        self.elements[tag] = own
        if own.get("id"):
            self.ids.append(str(own["id"]))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "th":
            self.scopes.append(own.get("scope"))


@needs_browser
@pytest.mark.parametrize("width", [400, 1280])
def test_the_page_draws_without_error_overflow_or_network(analysed, tmp_path: Path, width: int) -> None:
    assert_drawn((analysed.folder / "report.html").read_text(), width, tmp_path, charts=4)


def test_the_page_has_an_outline_for_assistive_technology(analysed) -> None:
    outline = _Outline()
    outline.feed((analysed.folder / "report.html").read_text())
    assert len(outline.ids) == len(set(outline.ids))
    assert outline.headings.count(1) == 1
    assert outline.headings[0] == 1
    assert all(b <= a + 1 for a, b in zip(outline.headings, outline.headings[1:], strict=False))
    assert outline.scopes
    assert set(outline.scopes) <= {"col", "row"}
    assert outline.elements["html"]["lang"] == "en"
    assert "title" in outline.elements
