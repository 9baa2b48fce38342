"""What was measured, as tables and a plot, and as the section of BENCHMARKS.md that is kept."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.queries import QUERIES

BEGIN = "<!-- benchmarks: written by make bench -->"
END = "<!-- end of benchmarks -->"
PLOT = "tests/benchmarks/latency.svg"
MODES = {
    "top": "best ten and total",
    "facets": "best ten, total and facets",
    "snippets": "best ten, total, facets and snippets",
}


def report(results: Mapping[int, Any], root: Path, *, keep: bool) -> str:
    """Return the report; with `keep` also put it, and the plot, where readers find them."""
    text = "\n\n".join([*_latencies(results), *_indexing(results), *_kinds(results)])
    if keep:
        plot(results, root / PLOT)
        path = root / "BENCHMARKS.md"
        before, begin, rest = path.read_text().partition(BEGIN)
        _, end, after = rest.partition(END)
        if begin and end:
            machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
            image = f"![Latency by size of the archive]({PLOT})"
            told = (
                f"Measured on {machine}: compare engines, not machines. ×1 is Reuters-21578, the"
                " others are made of it. The engines of a column took turns on every query."
            )
            section = f"{told}\n\n{image}\n\n{text}"
            path.write_text(f"{before}{BEGIN}\n\n{section}\n\n{END}{after}")
    return text


def _spread(values: list[float | None]) -> tuple[float, float, int]:
    """Return the median, the 95th percentile, and of how many queries."""
    known = sorted(value for value in values if value is not None)
    if not known:
        return float("nan"), float("nan"), 0
    return statistics.median(known), known[min(int(len(known) * 0.95), len(known) - 1)], len(known)


def _number(value: float) -> str:
    if value != value:
        return "–"
    return f"{value:,.2f}" if value < 10 else f"{value:,.0f}"


def _latencies(results: Mapping[int, Any]) -> list[str]:
    found = []
    for mode, title in MODES.items():
        lines = [
            f"**Milliseconds for {title}** (median / 95th percentile of {len(QUERIES)} queries)",
            "",
            "| engine | " + " | ".join(f"×{times}" for times in results) + " |",
            "|---|" + "---|" * len(results),
        ]
        names = dict.fromkeys(
            name for one in results.values() for name in one["measured"] if name != "totals"
        )
        for name in names:
            cells = []
            for one in results.values():
                if name not in one["measured"]:
                    cells.append("")
                    continue
                median, high, count = _spread(one["measured"][name][mode])
                note = "" if count in (0, len(QUERIES)) else f" ({count} queries)"
                cells.append(f"{_number(median)} / {_number(high)}{note}" if count else "–")
            lines.append(f"| {name} | " + " | ".join(cells) + " |")
        found.append("\n".join(lines))
    return found


def _indexing(results: Mapping[int, Any]) -> list[str]:
    lines = [
        "**Indexing** (articles a second, index in MB, peak memory in MB; first answer of a new"
        " process in seconds). Every engine is given JSON Lines; parsing and storing them counts."
        " `broadsheet index` is the command: it checks each line, and compares each article with"
        " what the archive has. Both engines work with more than one thread, Tantivy's writer of"
        " one thread beside the one that parses.",
        "",
        "| engine | " + " | ".join(f"×{times}" for times in results) + " |",
        "|---|" + "---|" * len(results),
    ]
    for name in dict.fromkeys(name for one in results.values() for name in one["built"]):
        cells = []
        for one in results.values():
            built = one["built"].get(name)
            if built is None:
                cells.append("")
                continue
            speed = built["articles"] / built["seconds"]
            first = one["first"].get(name)
            cells.append(
                f"{speed:,.0f}/s, {built['bytes'] / 1e6:,.0f}, {built['peak'] / 1e6:,.0f}"
                + (f"; {first:.2f} s" if first else "")
            )
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return ["\n".join(lines)]


def _kinds(results: Mapping[int, Any]) -> list[str]:
    """Return, for the largest corpus, each kind of query beside Tantivy."""
    times = max(results)
    measured = results[times]["measured"]
    if "Tantivy" not in measured:
        return []
    groups = dict.fromkeys(query.name for query in QUERIES)
    lines = [
        f"**By kind of query, ×{times}** (milliseconds, median of the kind: Broadsheet, Tantivy)",
        "",
        "| kind | best ten | with facets |",
        "|---|---|---|",
    ]
    slower: dict[str, list[str]] = {"top": [], "facets": []}
    for group in groups:
        cells = []
        for mode in ("top", "facets"):
            pair = []
            for name in ("Broadsheet", "Tantivy"):
                values = [
                    value
                    for value, query in zip(measured[name][mode], QUERIES, strict=True)
                    if query.name == group and value is not None
                ]
                pair.append(statistics.median(values))
            cells.append(f"{pair[0]:.3f}, {pair[1]:.3f}")
            if pair[0] > pair[1]:
                slower[mode].append(group)
        lines.append(f"| {group} | " + " | ".join(cells) + " |")
    told = [
        f"Tantivy is faster at {MODES[mode]} for: {', '.join(names)}."
        for mode, names in slower.items()
        if names
    ]
    return ["\n".join(lines), *told]


def plot(results: Mapping[int, Any], path: Path) -> None:
    """Draw the medians of the faceted request by the number of articles, both by powers of ten."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    matplotlib.rcParams["svg.hashsalt"] = "broadsheet"
    figure, axes = plt.subplots(figsize=(7, 4))
    names = dict.fromkeys(
        name for one in results.values() for name in one["measured"] if name != "totals"
    )
    for name in names:
        points = [
            (one["built"][name]["articles"], _spread(one["measured"][name]["facets"])[0])
            for one in results.values()
            if name in one["measured"] and _spread(one["measured"][name]["facets"])[2]
        ]
        if points:
            axes.loglog(*zip(*points, strict=True), marker="o", label=name)
    axes.set_xlabel("articles")
    axes.set_ylabel("milliseconds (median)")
    axes.set_title("Best ten, exact total and facets")
    axes.grid(True, which="both", alpha=0.3)
    axes.legend()
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
