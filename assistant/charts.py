"""Small charts as SVG text, readable without scripts: for the evaluation report and the Kwaliteit page.

Every chart has a title for screen readers, and its values as text beside its marks.
"""

from __future__ import annotations

import base64
import html
import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

COLOURS = ("#154273", "#b36200", "#2a7d4f", "#8a2b6b", "#535353", "#0079a8")
"""Rijkshuisstijl-like, each at least 4.5:1 on white."""

_TEXT, _FAINT, _LINE = "#1b1b1b", "#535353", "#d0d4da"


class Interval(NamedTuple):
    """A mean between 0 and 1 with the bounds of its interval."""

    mean: float
    low: float
    high: float


def _svg(width: int, height: int, title: str, parts: Sequence[str]) -> str:
    named = html.escape(title, quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="{named}" '
        f'style="width:100%;max-width:{width}px;height:auto" font-family="system-ui,sans-serif" fill="{_TEXT}">'
        f"<title>{named}</title>{''.join(parts)}</svg>"
    )


def _text(x: float, y: float, text: str, anchor: str = "start", fill: str = _TEXT, size: int = 13) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place} fill="{fill}" font-size="{size}">{html.escape(text)}</text>'


def _rule(x1: float, y1: float, x2: float, y2: float, stroke: str = _LINE, width: float = 1) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}" stroke-width="{width}"/>'


def _key(names: Sequence[str], x: float, y: float) -> list[str]:
    parts = []
    for number, name in enumerate(names):
        parts.append(f'<circle cx="{x + 5:.1f}" cy="{y - 4:.1f}" r="5" fill="{COLOURS[number % len(COLOURS)]}"/>')
        parts.append(_text(x + 15, y, name))
        x += 30 + 7.2 * len(name)
    return parts


def as_image(svg: str, title: str) -> str:
    """A chart as an image element, for a page that takes no SVG elements; `title` is read to who cannot see it."""
    data = base64.b64encode(svg.encode()).decode()
    return f'<img src="data:image/svg+xml;base64,{data}" alt="{html.escape(title, quote=True)}">'


def intervals(title: str, rows: Mapping[str, Mapping[str, Interval]]) -> str:
    """Means with their intervals on a scale from 0 to 1: a row a measure, a dot a series."""
    series = list(dict.fromkeys(name for row in rows.values() for name in row))
    # A label that is longer than usual is given its room; none is cut off.
    left = max(260, 20 + math.ceil(7.4 * max((len(label) for label in rows), default=0)))
    right, gap = left + 380, 15
    parts = _key(series, left, 16) if len(series) > 1 else []
    y = 40.0
    for tenth in range(0, 11, 2):
        x = left + (right - left) * tenth / 10
        parts.append(_text(x, y - 6, f"{tenth / 10:.1f}", "middle", _FAINT, 11))
    top = y
    for label, row in rows.items():
        height = gap * max(1, len(row)) + 8
        parts.append(_text(left - 10, y + height / 2 + 4, label, "end"))
        for line, (name, value) in enumerate(row.items()):
            colour = COLOURS[series.index(name) % len(COLOURS)]
            at = y + 4 + gap * line + gap / 2
            low, mid, high = (left + (right - left) * v for v in (value.low, value.mean, value.high))
            parts += [
                _rule(low, at, high, at, colour, 2),
                f'<circle cx="{mid:.1f}" cy="{at:.1f}" r="4.5" fill="{colour}"/>',
                _text(right + 10, at + 4, f"{value.mean:.3f} [{value.low:.2f}–{value.high:.2f}]", fill=_FAINT, size=11),
            ]
        y += height
        parts.append(_rule(20, y, right, y))
    grid = [_rule(left + (right - left) * t / 10, top, left + (right - left) * t / 10, y) for t in range(0, 11, 2)]
    return _svg(right + 140, int(y + 12), title, grid + parts)


def heat_map(title: str, columns: Sequence[str], rows: Mapping[str, Sequence[float | None]]) -> str:
    """Shares as shaded cells, the figure in each; an empty cell was not measured. `columns` may be long: they slant."""
    left, wide, high, top = 230, 64, 22, 150
    parts = []
    for n, name in enumerate(columns):
        turned = f"translate({left + wide * n + wide / 2:.0f},{top - 8}) rotate(-38)"
        parts.append(f'<g transform="{turned}">{_text(0, 0, name, size=12)}</g>')
    for line, (label, values) in enumerate(rows.items()):
        y = top + high * line
        parts.append(_text(left - 8, y + 15, label, "end", size=12))
        for n, value in enumerate(values):
            if value is None:
                continue
            dark = value >= 0.55
            shade = f"rgb({int(255 - 234 * value)},{int(255 - 189 * value)},{int(255 - 140 * value)})"
            parts.append(
                f'<rect x="{left + wide * n}" y="{y}" width="{wide - 2}" height="{high - 2}" fill="{shade}" '
                f'stroke="{_LINE}"/>'
            )
            x = left + wide * n + wide / 2
            parts.append(_text(x, y + 15, f"{value:.2f}", "middle", "#ffffff" if dark else _TEXT, 11))
    return _svg(left + wide * len(columns) + 150, top + high * len(rows) + 10, title, parts)


def calibration(title: str, bins: Sequence[tuple[str, int, float, float]], names: tuple[str, str]) -> str:
    """Two shares per bin, side by side: (label, number of questions, first share, second share)."""
    wide, base, tall = max(72, 620 // max(1, len(bins))), 240, 190
    parts = _key(names, 60, 16)
    for tenth in (0, 5, 10):
        y = base - tall * tenth / 10
        parts += [_rule(50, y, 50 + wide * len(bins), y), _text(44, y + 4, f"{tenth / 10:.1f}", "end", _FAINT, 11)]
    for n, (label, count, first, second) in enumerate(bins):
        x = 56 + wide * n
        for number, share in enumerate((first, second)):
            height = tall * share
            at = x + number * (wide - 14) / 2
            parts.append(
                f'<rect x="{at:.1f}" y="{base - height:.1f}" width="{(wide - 18) / 2:.1f}" height="{height:.1f}" '
                f'fill="{COLOURS[number]}"/>'
            )
            parts.append(_text(at + (wide - 18) / 4, base - height - 3, f"{share:.2f}", "middle", size=10))
        parts += [
            _text(x + wide / 2 - 7, base + 16, label, "middle", size=11),
            _text(x + wide / 2 - 7, base + 31, f"n={count}", "middle", _FAINT, 11),
        ]
    return _svg(70 + wide * len(bins), base + 44, title, parts)


def bars(title: str, rows: Mapping[str, tuple[float, float]], names: tuple[str, str], unit: str) -> str:
    """Two amounts per row as horizontal bars, such as p50 and p95 in milliseconds."""
    left, right = 160, 600
    longest = max((value for row in rows.values() for value in row), default=1.0) or 1.0
    parts = _key(names, left, 16)
    y = 34.0
    for label, row in rows.items():
        parts.append(_text(left - 10, y + 20, label, "end"))
        for number, value in enumerate(row):
            width = max(1.0, (right - left) * value / longest)
            at = y + 3 + 14 * number
            parts.append(f'<rect x="{left}" y="{at:.0f}" width="{width:.1f}" height="11" fill="{COLOURS[number]}"/>')
            parts.append(_text(left + width + 6, at + 10, f"{value:.0f} {unit}", fill=_FAINT, size=11))
        y += 38
    return _svg(720, int(y + 6), title, parts)


def over_time(title: str, moments: Sequence[str], series: Mapping[str, Sequence[float | None]]) -> str:
    """Shares over moments, oldest first: a line a series; a moment without a value breaks the line."""
    left, top, base = 46, 40, 250
    step = min(150.0, 680 / max(1, len(moments) - 1))
    parts = []
    for tenth in range(0, 11, 2):
        y = base - (base - top) * tenth / 10
        parts += [_rule(left, y, left + 680, y), _text(left - 6, y + 4, f"{tenth / 10:.1f}", "end", _FAINT, 11)]
    for n, moment in enumerate(moments):
        if len(moments) <= 12 or n % (len(moments) // 12 + 1) == 0:
            parts.append(_text(left + step * n, base + 18, moment, "middle" if n else "start", _FAINT, 11))
    for number, values in enumerate(series.values()):
        colour = COLOURS[number % len(COLOURS)]
        points = [(left + step * n, base - (base - top) * v) for n, v in enumerate(values) if v is not None]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in points]
    return _svg(760, base + 30, title, [*_key(list(series), left, 16), *parts])
