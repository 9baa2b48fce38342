"""A plot of up to six lines as the numbers of an SVG, which a template places.

Drawn by the server, in units that are about a pixel wide at the width it is meant for. Lines differ
by dashes and by letters at their ends besides their colours. Labels that would overlap are moved
apart, with a thin line to what they name.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

DASHES = ("", "9 5", "2 4", "12 4 2 4", "5 3", "16 6")
"""``stroke-dasharray`` of each line."""

_ROOM = 16.0
"""Units between two labels, one above the other."""


class Frame(NamedTuple):
    """The room of a plot: `marks` labels of periods stand below its lines, and `label_width` units
    are kept for the lines' own labels at the right."""

    width: float
    height: float
    marks: int
    label_width: float


WIDE, NARROW = Frame(1000, 340, 6, 200), Frame(340, 280, 3, 46)


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of an axis: where it is, and what it says; `anchor` is SVG's ``text-anchor``."""

    at: str
    label: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Curve:
    """A line: the points of its polyline, those of its bursts, its label and where that stands."""

    number: int
    letter: str
    label: str
    dash: str
    points: str
    bursts: tuple[str, ...]
    end_x: str
    end_y: str
    label_y: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot `width` by `height`, its axes at `left`, `right`, `top` and `bottom`."""

    width: str
    height: str
    left: str
    right: str
    top: str
    bottom: str
    label_x: str
    curves: tuple[Curve, ...]
    xs: tuple[Tick, ...]
    ys: tuple[Tick, ...]


def plot(
    lines: Sequence[tuple[str, Sequence[float], Sequence[tuple[int, int]]]],
    periods: Sequence[str],
    frame: Frame,
    percent: bool,
) -> Plot:
    """Draw lines, each its label, a value for each period, and bursts [first, last]; with
    `percent` values are shares from 0 to 1."""
    left, right = 48.0, frame.width - frame.label_width
    top, bottom = 12.0, frame.height - 26.0
    greatest = max((value for _, values, _ in lines for value in values), default=0.0)
    step = _step(greatest, percent)
    ceiling = max(math.ceil(greatest / step - 1e-9), 1) * step
    last = len(periods) - 1

    def x(at: int) -> float:
        return left + (right - left) * (at / last if last > 0 else 0.5)

    def y(value: float) -> float:
        return bottom - (bottom - top) * value / ceiling

    def points(values: Sequence[float], first: int, end: int) -> str:
        return " ".join(f"{_units(x(at))},{_units(y(values[at]))}" for at in range(first, end + 1))

    ends = [y(values[-1]) if values else bottom for _, values, _ in lines]
    places = _apart(ends, top, bottom)
    curves = tuple(
        Curve(
            number + 1, "ABCDEF"[number], label, DASHES[number],
            # One period alone has a short line of its own.
            points(values, 0, last) if last > 0 else _dot(x(0), ends[number]),
            tuple(
                points(values, max(first - (first == end), 0), min(end + (first == end), last))
                for first, end in bursts
            ),
            _units(x(last)), _units(ends[number]), _units(places[number]),
        )
        for number, (label, values, bursts) in enumerate(lines)
    )  # fmt: skip
    every = {round(at * last / max(frame.marks - 1, 1)) for at in range(frame.marks)}
    shown = sorted(every) if last > 0 else [0]
    xs = tuple(
        Tick(_units(x(at)), periods[at], "start" if at == 0 < last else "middle") for at in shown
    )
    ys = tuple(
        Tick(_units(y(at * step)), _label(at * step, step, percent), "end")
        for at in range(round(ceiling / step) + 1)
    )
    return Plot(
        _units(frame.width), _units(frame.height), _units(left), _units(right),
        _units(top), _units(bottom), _units(right + 14), curves, xs, ys,
    )  # fmt: skip


def _dot(x: float, y: float) -> str:
    return f"{_units(x - 6)},{_units(y)} {_units(x + 6)},{_units(y)}"


def _step(greatest: float, percent: bool) -> float:
    """Return the distance of the marks of the upright axis: 1, 2 or 5 times a power of ten."""
    if greatest <= 0:
        return 0.01 if percent else 1.0
    power = 10.0 ** math.floor(math.log10(greatest / 4))
    step = next(n * power for n in (1, 2, 5, 10) if greatest <= 5 * n * power)
    return step if percent else max(step, 1.0)


def _label(value: float, step: float, percent: bool) -> str:
    if not percent:
        return f"{value:.0f}"
    digits = max(0, -math.floor(math.log10(step * 100) + 1e-9))
    return f"{value * 100:.{digits}f}%"


def _apart(ends: Sequence[float], top: float, bottom: float) -> list[float]:
    """Return where labels stand: near their lines, in the same order, none over another."""
    order = sorted(range(len(ends)), key=lambda at: (ends[at], at))
    places = list(ends)
    above = top - _ROOM
    for at in order:
        above = places[at] = max(ends[at], above + _ROOM)
    below = bottom + _ROOM
    for at in reversed(order):
        below = places[at] = min(places[at], below - _ROOM)
    return places


def _units(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
