"""The confusion matrix as an SVG file: rows are what was meant, columns what was understood."""

from __future__ import annotations

from html import escape
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CELL, LEFT, TOP = 13, 290, 290
_STYLE = "font-family:system-ui,sans-serif;font-size:10px;fill:#1f2937"


def write_picture(matrix: NDArray[np.int64], labels: tuple[str, ...], caption: str, path: Path) -> None:
    """Writes the picture; a cell's colour is its share of the row, and pointing at it shows the count."""
    size = CELL * len(labels)
    share = matrix / np.maximum(matrix.sum(1, keepdims=True), 1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + size + 20} {TOP + size + 40}" role="img">',
        f"<title>{escape(caption)}</title>",
        f'<rect width="100%" height="100%" fill="#ffffff"/><g style="{_STYLE}">',
    ]
    parts += [_row_name(i, label) + _column_name(i, label) for i, label in enumerate(labels)]
    parts += [_cell(i, j, int(matrix[i, j]), float(share[i, j]), labels) for i, j in np.argwhere(matrix > 0)]
    parts.append(f'<rect x="{LEFT}" y="{TOP}" width="{size}" height="{size}" fill="none" stroke="#9ca3af"/>')
    parts.append(f'<text x="{LEFT}" y="{TOP + size + 24}">{escape(caption)}</text></g></svg>')
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(parts) + "\n", encoding="utf-8")


def _row_name(i: int, label: str) -> str:
    return f'<text x="{LEFT - 4}" y="{TOP + i * CELL + 10}" text-anchor="end">{escape(label)}</text>'


def _column_name(i: int, label: str) -> str:
    x, y = LEFT + i * CELL + 10, TOP - 4
    return f'<text x="{x}" y="{y}" transform="rotate(-90 {x} {y})">{escape(label)}</text>'


def _cell(i: int, j: int, count: int, share: float, labels: tuple[str, ...]) -> str:
    colour = "#2563eb" if i == j else "#dc2626"
    strength = max(0.12, share if i == j else min(1.0, 4 * share))
    said = escape(f"{labels[i]} understood as {labels[j]}: {count}")
    return (
        f'<rect x="{LEFT + j * CELL}" y="{TOP + i * CELL}" width="{CELL}" height="{CELL}" fill="{colour}"'
        f' fill-opacity="{strength:.2f}"><title>{said}</title></rect>'
    )
