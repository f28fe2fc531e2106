"""Figures as pictures: line plots and bars as SVG, without any library.

Law: the same figures give the same bytes. Colours are told apart by people who do not see red and green
(Okabe and Ito 2008), and each line has its name at its end, so that nobody has to match colours with a key.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 74, 150, 52, 50
BAR_HEIGHT = 22
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999")
LOG_FROM = 30.0  # times that the largest value is the smallest, from which on a scale is logarithmic
LOG_ACROSS_FROM = 4.0  # sizes are mostly chosen as powers
LABEL_APART = 14.0

Points = Sequence[tuple[float, float]]


class Scale:
    """From values to places on one axis."""

    def __init__(
        self, values: Sequence[float], start: float, end: float, *, log_from: float = LOG_FROM
    ) -> None:
        low, high = min(values), max(values)
        self.log = low > 0 and high / low >= log_from
        self._start, self._end = start, end
        if self.log:
            self.ticks = _powers(low, high)
            self._low, self._high = math.log10(min(low, self.ticks[0])), math.log10(max(high, self.ticks[-1]))
        else:
            low = min(0.0, low)
            self.ticks = _steps(low, high)
            self._low, self._high = min(low, self.ticks[0]), max(high, self.ticks[-1])
        if self._low == self._high:
            self._high = self._low + 1.0

    def at(self, value: float) -> float:
        along = ((math.log10(value) if self.log else value) - self._low) / (self._high - self._low)
        return self._start + along * (self._end - self._start)


def _steps(low: float, high: float) -> list[float]:
    """Four to eight round values from below the lowest to above the highest."""
    if high == low:
        high = low + 1.0
    step = 10.0 ** math.floor(math.log10((high - low) / 4))
    for factor in (1, 2, 5, 10):
        if (high - low) / (step * factor) <= 6:
            step *= factor
            break
    first, last = math.floor(low / step), math.ceil(high / step)
    return [number * step for number in range(first, last + 1)]


def _powers(low: float, high: float) -> list[float]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    factors = (1,) if last - first > 4 else (1, 2, 5) if last - first <= 2 else (1, 3)
    found = [factor * 10.0**power for power in range(first, last + 1) for factor in factors]
    below = [value for value in found if value <= low]
    above = [value for value in found if value >= high]
    return [value for value in found if below[-1] <= value <= above[0]]


def number(value: float) -> str:
    """A value in few characters."""
    if value == 0:
        return "0"
    if abs(value) >= 100_000:
        return f"{value / 1e6:.3g} M" if abs(value) >= 1e6 else f"{value / 1e3:.3g} k"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


class Picture:
    """Collects shapes."""

    def __init__(self, title: str, height: float) -> None:
        self._height = height
        self._parts: list[str] = []
        self.text(16, 28, title, size=16, weight="600")

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: int = 12,
        anchor: str = "start",
        colour: str = "#222222",
        weight: str = "400",
        turned: bool = False,
    ) -> None:
        turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turned else ""
        self._parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" '
            f'text-anchor="{anchor}" fill="{colour}"{turn}>{escape(words)}</text>'
        )

    def line(self, x1: float, y1: float, x2: float, y2: float, colour: str = "#dddddd") -> None:
        self._parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'
        )

    def shape(self, markup: str) -> None:
        self._parts.append(markup)

    def svg(self) -> str:
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self._height:.0f}" '
            f'width="{WIDTH}" height="{self._height:.0f}" font-family="sans-serif">\n'
            f'<rect width="{WIDTH}" height="{self._height:.0f}" fill="#ffffff"/>\n'
            + "\n".join(self._parts)
            + "\n</svg>\n"
        )


def lines(title: str, lines: Mapping[str, Points], *, x_label: str, y_label: str) -> str:
    """A plot of lines over one another, each by its name. Every line has at least one point."""
    xs = [x for points in lines.values() for x, _ in points]
    ys = [y for points in lines.values() for _, y in points]
    across = Scale(xs, LEFT, WIDTH - RIGHT, log_from=LOG_ACROSS_FROM)
    up = Scale(ys, HEIGHT - BOTTOM, TOP)
    picture = Picture(title, HEIGHT)
    for tick in up.ticks:
        picture.line(LEFT, up.at(tick), WIDTH - RIGHT, up.at(tick))
        picture.text(LEFT - 8, up.at(tick) + 4, number(tick), anchor="end")
    taken_up_to = -math.inf
    for x in sorted(set(xs)):  # where something was measured, and no other place
        picture.line(across.at(x), HEIGHT - BOTTOM, across.at(x), HEIGHT - BOTTOM + 5, "#888888")
        if across.at(x) - taken_up_to > 30:
            picture.text(across.at(x), HEIGHT - BOTTOM + 20, number(x), anchor="middle")
            taken_up_to = across.at(x)
    picture.line(LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM, "#888888")
    scale = ", logarithmic" if up.log else ""
    picture.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, x_label, anchor="middle")
    picture.text(18, (TOP + HEIGHT - BOTTOM) / 2, y_label + scale, anchor="middle", turned=True)
    ends = []
    for place, (name, points) in enumerate(lines.items()):
        colour = COLOURS[place % len(COLOURS)]
        ordered = [(across.at(x), up.at(y)) for x, y in sorted(points)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in ordered)
        picture.shape(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for x, y in ordered:
            picture.shape(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>')
        ends.append((ordered[-1][1], name, colour))
    last = -math.inf
    for y, name, colour in sorted(ends):  # names of lines that end side by side are moved apart
        last = max(y + 4, last + LABEL_APART)
        picture.text(WIDTH - RIGHT + 10, last, name, colour=colour, weight="600")
    return picture.svg()


def bars(title: str, values: Mapping[str, float], *, x_label: str) -> str:
    """Bars across, each with its name and its value, in the order given."""
    widest = max(len(name) for name in values)
    left = min(16 + 7.0 * widest, WIDTH / 2)
    height = TOP + BAR_HEIGHT * len(values) + 34
    across = Scale([*values.values(), 0.0], left, WIDTH - 90)
    picture = Picture(title, height)
    for place, (name, value) in enumerate(values.items()):
        y = TOP + BAR_HEIGHT * place
        start, end = sorted((across.at(0.0), across.at(value)))
        picture.text(left - 8, y + 14, name, anchor="end")
        picture.shape(
            f'<rect x="{start:.1f}" y="{y + 3:.1f}" width="{max(1.0, end - start):.1f}" '
            f'height="{BAR_HEIGHT - 7}" fill="{COLOURS[0]}"/>'
        )
        picture.text(end + 6, y + 14, number(value))
    picture.text((left + WIDTH - 90) / 2, height - 10, x_label, anchor="middle")
    return picture.svg()
