"""A picture of how time grows with the number of meters, on logarithmic axes, for the documentation."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

Points = Sequence[tuple[float, float]]
WIDTH, HEIGHT, LEFT, TOP = 560, 320, 64, 24
COLORS = ("#1f6feb", "#d1560e", "#1a7f37")


def growth_picture(title: str, lines: Mapping[str, Points], limit: tuple[str, float, float]) -> str:
    """An SVG of seconds over meters, a line for each name; `limit` is a goal: its words, its meters, its seconds."""
    all_points = [point for points in lines.values() for point in points] + [limit[1:]]
    x0, x1 = _decades([x for x, _ in all_points])
    y0, y1 = _decades([y for _, y in all_points])

    def place(x: float, y: float) -> tuple[float, float]:
        across, up = (math.log10(x) - x0) / (x1 - x0), (math.log10(y) - y0) / (y1 - y0)
        return round(LEFT + across * WIDTH, 1), round(TOP + (1 - up) * HEIGHT, 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 40} {TOP + HEIGHT + 48}" role="img">',
        f"<title>{escape(title)}</title>",
        '<rect width="100%" height="100%" fill="#fff"/><g font-family="sans-serif" font-size="12" fill="#24292f">',
    ]
    for power in range(x0, x1 + 1):
        x, y = place(10.0**power, 10.0**y0)
        parts.append(
            f'<path d="M{x} {TOP}V{y}" stroke="#d8dee4"/>'
            f'<text x="{x}" y="{y + 18}" text-anchor="middle">{10**power:,}</text>'
        )
    for power in range(y0, y1 + 1):
        x, y = place(10.0**x0, 10.0**power)
        parts.append(
            f'<path d="M{LEFT} {y}H{LEFT + WIDTH}" stroke="#d8dee4"/>'
            f'<text x="{x - 8}" y="{y + 4}" text-anchor="end">{10.0**power:g} s</text>'
        )
    for color, (name, points) in zip(COLORS, lines.items(), strict=False):
        drawn = [place(*point) for point in points]
        path = " ".join(f"{x},{y}" for x, y in drawn)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"/>')
        parts += [f'<circle cx="{x}" cy="{y}" r="4" fill="{color}"/>' for x, y in drawn]
        x, y = drawn[0]
        parts.append(
            f'<text x="{x + 8}" y="{y - 10 if color == COLORS[1] else y + 20}" fill="{color}">{escape(name)}</text>'
        )
    x, y = place(*limit[1:])
    parts.append(f'<path d="M{x - 60} {y}H{x}" stroke="#cf222e" stroke-width="2" stroke-dasharray="5 4"/>')
    parts.append(f'<text x="{x - 66}" y="{y + 4}" text-anchor="end" fill="#cf222e">{escape(limit[0])}</text>')
    parts.append(f'<text x="{LEFT + WIDTH / 2}" y="{TOP + HEIGHT + 40}" text-anchor="middle">meters</text></g></svg>')
    return "\n".join(parts) + "\n"


def _decades(values: Sequence[float]) -> tuple[int, int]:
    """The powers of ten around the values."""
    return math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
