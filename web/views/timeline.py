"""The timeline: a histogram's bars as the rectangles of a drawing, each with where it leads.

Drawn by the server in units of its own (`WIDTH` by `HEIGHT`) and stretched by the browser, so that
nothing moves when the page arrives. A bar's dates are whole days of the archive's zone, in the
shortest form that the query language takes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from markupsafe import Markup

from search.answer import Sparkline, Timeline
from web.addresses import Addresses
from web.escaping import escaped
from web.i18n.wording import bar_label, language, number, span_label
from web.templating import GAP, parts, with_gaps

WIDTH = 1000.0
HEIGHT = 100.0
_GAP = 0.18
_WIDEST = 70.0
"""The greatest width of a bar: a single one would be a wall."""
_LEAST = 2.5
"""The least height of a bar that counts anything: one article among thousands is still seen."""


class Drawing(NamedTuple):
    """A timeline as it is drawn; `bars` is their markup."""

    bars: Markup
    greatest: str
    ticks: list[str]


class Spark(NamedTuple):
    """A sparkline as it is drawn: its path, and the time that it spans."""

    path: str
    label: str


def bounds(start: datetime, end: datetime, interval: str, zone: ZoneInfo) -> tuple[str, str]:
    """Return a bar's first and last day in the forms that the query language takes.

    Bars shorter than a day narrow to their day: dates are the finest that can be asked for.
    """
    first = start.astimezone(zone)
    last = end.astimezone(zone) - timedelta(microseconds=1)
    match interval:
        case "year" | "decade":
            return f"{first.year:04d}", f"{last.year:04d}"
        case "month" | "quarter":
            return first.strftime("%Y-%m"), last.strftime("%Y-%m")
        case _:
            return first.date().isoformat(), last.date().isoformat()


@lru_cache(maxsize=8192)
def _bar(
    start: datetime, end: datetime, interval: str, zone: ZoneInfo, code: str
) -> tuple[str, str, str]:
    """Return a bar in the language of the page, `code`, as archives repeat them: its label; its
    markup with gaps for what stands around the dates in the address, the total, and the rectangle;
    its markup where it counts nothing."""
    label = bar_label(start.astimezone(zone), interval)
    since, until = bounds(start, end, interval, zone)
    url = GAP + f"from={since}&to={until}" + GAP
    made = parts().bar(url, label, GAP, (GAP, GAP, GAP, GAP))
    return label, with_gaps(made), str(parts().empty_bar(since, until, label))


def draw(timeline: Timeline, addresses: Addresses, zone: ZoneInfo) -> Drawing | None:
    """Draw a timeline, or nothing when no bar counts anything."""
    greatest = max((bar.count for bar in timeline.bars), default=0)
    if not greatest:
        return None
    places, width = _places(len(timeline.bars))
    before, after = map(escaped, addresses.around_dates())
    code = language()
    labels, made = [], []
    for x, bar in zip(places, timeline.bars, strict=True):
        label, drawn, empty = _bar(bar.start, bar.end, timeline.interval, zone, code)
        labels.append(label)
        if bar.count:
            height = max(bar.count / greatest * HEIGHT, _LEAST)
            place = x, _units(HEIGHT - height), width, _units(height)
            made.append(drawn % (before, after, number(bar.count), *place))
        else:
            made.append(empty)
    last = len(labels) - 1
    marks = sorted({0, last // 3, 2 * last // 3, last}) if last > 5 else sorted({0, last})
    return Drawing(
        bars=Markup("".join(made)),  # nosec B704
        greatest=number(greatest),
        ticks=[labels[mark] for mark in marks],
    )


@lru_cache(maxsize=256)
def _places(bars: int) -> tuple[list[str], str]:
    """Return where so many bars begin, and how wide each is."""
    step = WIDTH / bars
    width = min(step * (1 - _GAP), _WIDEST)
    return [_units(each * step + (step - width) / 2) for each in range(bars)], _units(width)


def _units(value: float) -> str:
    """Return a length in the drawing's units, as short as it can be written."""
    return f"{value:.1f}".removesuffix(".0")


def spark(line: Sparkline, zone: ZoneInfo, height: int = 20, step: int = 4) -> Spark:
    """Draw a sparkline: one bar a count, scaled to the greatest of its own."""
    greatest = max(line.counts)
    path = []
    for position, count in enumerate(line.counts):
        if count:
            tall = max(round(count / greatest * height), 1)
            path.append(f"M{position * step},{height}h{step - 1}v-{tall}h-{step - 1}z")
    return Spark("".join(path), span_label(line.first, line.last, zone))
