"""A report in a headless browser: charts are drawn, nothing fails, nothing overflows, nothing is fetched."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
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
needs_browser = pytest.mark.skipif(
    BROWSER is None, reason="needs chromium, chromium-browser or google-chrome on the PATH"
)


def _told(folder: Path, profile: str) -> subprocess.CompletedProcess[str]:
    command = [str(BROWSER), *FLAGS, f"--user-data-dir={folder / profile}", (folder / "frame.html").as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def assert_drawn(page: str, width: int, folder: Path, charts: int) -> None:
    """Fail unless the page draws each of its charts, at least so many, in a frame of that many pixels."""
    copy = page.replace("<head>", f"<head>{RECORDER}", 1)
    end = copy.rindex("</body>")
    (folder / "report.html").write_text(copy[:end] + TELLER + copy[end:])
    (folder / "frame.html").write_text(FRAME % width)
    done = _told(folder, "profile")
    if done.returncode < 0:  # the browser itself died by a signal, as it may on a crowded machine
        done = _told(folder, "profile-2")
    done.check_returncode()
    found = re.search(r'<pre id="told">(\{.*?\})</pre>', done.stdout, re.DOTALL)
    assert found, f"the page told nothing: {done.stderr[-2000:]}"
    told = json.loads(found[1])
    assert told["failures"] == []
    assert told["fetched"] == []
    assert len(told["charts"]) == page.count("data-chart=") >= charts
    assert all(drawn > 0 for drawn in told["charts"])
    assert told["width"] == width
    assert told["scroll"] <= width
