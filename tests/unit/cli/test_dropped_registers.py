"""Files of the drop folder that hold states of registers: read as `import readings` reads them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from redaptive.cli.ingest import read_dropped
from redaptive.documents.declared_registers import read_declared
from redaptive.documents.options import ReadingsOptions
from redaptive.errors import InvalidInput

START = datetime(2026, 1, 1, tzinfo=UTC)
KNOWN = {"M": 900, "N": 900}


def written(folder: Path, header: str, **values: Sequence[Decimal]) -> Path:
    lines = [
        f"{meter},{START + timedelta(minutes=15 * k):%Y-%m-%dT%H:%M:%SZ},{value}"
        for meter, column in values.items()
        for k, value in enumerate(column)
    ]
    (folder / "r.csv").write_text("\n".join([f"meter,timestamp,{header}", *lines]) + "\n")
    return folder / "r.csv"


def state(k: int) -> Decimal:
    return Decimal(5000) + k * Decimal("0.3")


def rolling(k: int) -> Decimal:
    return (Decimal(99_990) + k * Decimal("0.5")) % 100_000


def dropped(path: Path) -> tuple[list[tuple[str, int, float]], tuple[str, ...]]:
    found = read_dropped(path, KNOWN)
    assert found.refused == ()
    rows = []
    for part in found.parts:
        columns = getattr(part, "columns", part)
        codes = [columns.codes[k] for k in columns.code_of]
        rows += list(zip(codes, columns.start_s.tolist(), columns.value.tolist(), strict=True))
    return rows, tuple(found.assumed)


@pytest.mark.parametrize(
    ("header", "made", "n", "wh", "said"),
    [
        ("kwh", state, 200, 300, "The values of M never fall"),
        ("register reading (kWh)", state, 200, 300, "The header calls the values of M registers"),
        ("register reading (kWh)", state, 24, 300, "The header calls the values of M registers"),
        ("register reading (kWh)", rolling, 200, 500, "The header calls the values of M registers"),
        ("kwh", rolling, 200, 500, "The values of M never fall"),
    ],
)
def test_states_are_read_as_differences_and_that_is_said(
    tmp_path: Path, header: str, made: Callable[[int], Decimal], n: int, wh: int, said: str
) -> None:
    path = written(tmp_path, header, M=[made(k) for k in range(n)])
    rows, assumed = dropped(path)
    begin = int(START.timestamp())
    assert rows == [("M", begin + 900 * k, wh) for k in range(n - 1)]
    assert any(said in text for text in assumed)
    with read_declared(path, ReadingsOptions()) as found:
        assert found.frame()["value"].to_list() == [wh] * (n - 1), "as the command reads it"


def test_energies_under_a_header_of_registers_stay_energies(tmp_path: Path) -> None:
    values = [Decimal(5 + (7 * k) % 11) for k in range(200)]
    rows, assumed = dropped(written(tmp_path, "register (kWh)", M=values))
    assert [value for *_, value in rows] == [1000 * int(value) for value in values]
    assert not any("register" in text for text in assumed)


def test_a_file_of_both_is_rejected_with_what_to_do(tmp_path: Path) -> None:
    path = written(tmp_path, "kwh", M=[state(k) for k in range(200)], N=[Decimal(k % 7) for k in range(200)])
    with pytest.raises(InvalidInput, match="The values of M never fall") as refused:
        read_dropped(path, KNOWN)
    assert "in a file of their own" in str(refused.value.fix)
