"""The written report in a real browser: charts are drawn, nothing fails, nothing overflows, nothing is fetched."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

BROWSER = next((p for n in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(n))), None)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=4000",
    "--dump-dom",
)
RECORDER = """<script>
window.failures = [];
addEventListener("error", e => failures.push(String(e.message)), true);
addEventListener("unhandledrejection", e => failures.push(String(e.reason)));
</script>"""
TELLER = """<script>
parent.postMessage(JSON.stringify({
  failures, width: innerWidth, scroll: document.documentElement.scrollWidth,
  fetched: performance.getEntriesByType("resource").map(e => e.name),
  charts: [...document.querySelectorAll("[data-chart]")].map(h => h.querySelectorAll("svg path").length),
}), "*");
</script>"""
# Headless windows are never narrower than about 500 px; a frame may be.
FRAME = """<!doctype html><body><pre id="told"></pre>
<script>addEventListener("message", e => { document.getElementById("told").textContent = e.data; });</script>
<iframe src="report.html" style="width:%dpx;height:900px;border:0"></iframe></body>"""


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


@pytest.mark.skipif(BROWSER is None, reason="needs chromium, chromium-browser or google-chrome on the PATH")
@pytest.mark.parametrize("width", [400, 1280])
def test_the_page_draws_without_error_overflow_or_network(analysed, tmp_path: Path, width: int) -> None:
    page = (analysed.folder / "report.html").read_text()
    copy = page.replace("<head>", f"<head>{RECORDER}", 1)
    end = copy.rindex("</body>")
    (tmp_path / "report.html").write_text(copy[:end] + TELLER + copy[end:])
    (tmp_path / "frame.html").write_text(FRAME % width)
    command = [str(BROWSER), *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", (tmp_path / "frame.html").as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    found = re.search(r'<pre id="told">(\{.*?\})</pre>', done.stdout, re.DOTALL)
    assert found, f"the page told nothing: {done.stderr[-2000:]}"
    told = json.loads(found[1])
    assert told["failures"] == []
    assert told["fetched"] == []
    assert len(told["charts"]) == page.count("data-chart=") >= 4
    assert all(drawn > 0 for drawn in told["charts"])
    assert told["width"] == width
    assert told["scroll"] <= width


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
