"""A disk that is really full: a file system of two megabytes, mounted for one process."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SIZE = "3m"
SCRIPT = """
import os, sys
import numpy as np, polars as pl
from pathlib import Path
from redaptive.infrastructure.readings.store import ReadingsStore
from redaptive.infrastructure.readings.streams import STREAM_COLUMNS, StreamRows, no_rows
from redaptive.streams.flush import PASSING

root = Path(sys.argv[1])
store = ReadingsStore.open(str(root / "readings"))

def rows(step):
    rng, n = np.random.default_rng(step), 20_000
    return pl.DataFrame({
        "meter_id": pl.Series(np.arange(n) + 1).cast(STREAM_COLUMNS["meter_id"]),
        "ts": pl.Series(np.full(n, (1_780_272_000 + 900 * step) * 1_000_000)).cast(STREAM_COLUMNS["ts"]),
        "value": pl.Series(rng.integers(0, 2**31 - 1, n)).cast(STREAM_COLUMNS["value"]),
        "quality": pl.Series(np.zeros(n)).cast(STREAM_COLUMNS["quality"]),
        "position": pl.Series(np.full(n, step + 1)).cast(STREAM_COLUMNS["position"]),
    })

def append(step):
    store.append_streams([StreamRows("log:0", step + 1, rows(step), no_rows())])

ballast = root / "ballast"
ballast.write_bytes(b"x" * 2_000_000)
step, refused = 0, None
while refused is None and step < 100:
    try:
        append(step)
        step += 1
    except PASSING as error:
        refused = error
assert refused is not None, "the disk was never full"
assert store.statistics().hot_rows == 20_000 * step, "a refused append left rows"
ballast.unlink()
append(step)
append(step)  # sent again, as a worker does that does not know
assert store.statistics().hot_rows == 20_000 * (step + 1)
assert store.latest([7])["value"].to_list() == rows(step)["value"].to_list()[6:7]
store.close()
print("refused", step, type(refused).__name__, str(refused)[:200])
"""


def _can_mount(tmp_path: Path) -> bool:
    if sys.platform != "linux" or shutil.which("unshare") is None:
        return False
    tried = f"mount -t tmpfs -o size={SIZE} tmpfs {tmp_path}"
    return subprocess.run(["unshare", "-Urm", "sh", "-c", tried], check=False, capture_output=True).returncode == 0


def test_a_full_disk_refuses_what_does_not_fit_and_takes_it_when_there_is_room(tmp_path: Path) -> None:
    if not _can_mount(tmp_path):
        pytest.skip("no unprivileged mount of a tmpfs here")
    (script := tmp_path.parent / "full_disk_run.py").write_text(SCRIPT)
    mount = f"mount -t tmpfs -o size={SIZE} tmpfs {tmp_path} && exec {sys.executable} {script} {tmp_path}"
    done = subprocess.run(["unshare", "-Urm", "sh", "-c", mount], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.startswith("refused ")
    assert "No space left on device" in done.stdout
