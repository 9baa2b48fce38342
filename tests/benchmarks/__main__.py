"""Measure: build the corpora and indexes, ask every engine the same, write the report.

    python tests/benchmarks [--times 1,10,50] [--engines ...] [--rounds 5] [--reuse] [--no-report]

Indexes are built by a process of their own each, one after the other, so that time and peak memory
are theirs alone. Queries are asked by one process with everything warm, engine after engine for
each query, so that noise of the machine meets all alike; of each query and engine the median of the
rounds counts. What exists already in the folder of the cache is used again.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from benchmarks.corpus import write  # noqa: E402
from benchmarks.peers import UnableError, builders, peers  # noqa: E402
from benchmarks.queries import QUERIES  # noqa: E402
from benchmarks.report import report  # noqa: E402

CACHE = Path(os.environ.get("BROADSHEET_BENCHMARKS", ROOT / ".cache" / "benchmarks"))
MODES = ("top", "facets", "snippets")
MOST = {"Whoosh": 10, "Broadsheet through Whoosh": 10, "SQLite FTS5": 10, "bm25s": 10}
"""How many times Reuters an engine is given at most: beyond it building takes too long."""

BUDGET = 0.15
"""Seconds for the rounds of one query, engine and mode; at least one round is made."""


def build(name: str, times: int) -> None:
    """Build one index and write what it took; runs in a process of its own."""
    others = [one for _, one in builders()]
    engine = next(one for one in (*peers(), *others) if one.name == name)
    folder = _folder(name, times)
    shutil.rmtree(folder, ignore_errors=True)
    started = time.perf_counter()
    count = engine.build(CACHE / f"reuters-{times}.jsonl", folder)
    seconds = time.perf_counter() - started
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10
    found = {"articles": count, "seconds": seconds, "bytes": size, "peak": peak + children}
    _built(name, times).write_text(json.dumps(found))
    if engine in others:  # nothing is asked of it
        shutil.rmtree(folder)


def _folder(name: str, times: int) -> Path:
    return CACHE / f"{_file_name(name)}-{times}"


def _built(name: str, times: int) -> Path:
    return CACHE / f"{_file_name(name)}-{times}.json"


def _file_name(name: str) -> str:
    return name.lower().replace(",", "").replace(" ", "-")


def first_answer(name: str, times: int) -> float:
    """Return the seconds from nothing imported to the first answer, in a new process.

    Modules are compiled to bytecode, as those of an installed package are, whatever the
    environment says; of three runs the least counts, so that compiling it is not measured.
    """
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    code = (
        "import sys, time; started = time.perf_counter();"
        f"sys.path[:0] = {[str(ROOT), str(ROOT / 'tests')]!r};"
        "from benchmarks.peers import peers; from benchmarks.queries import QUERIES;"
        f"engine = next(one for one in peers() if one.name == {name!r});"
        f"from pathlib import Path; engine.open(Path({str(_folder(name, times))!r}));"
        "engine.search(QUERIES[11], 'top');"
        "print(time.perf_counter() - started)"
    )
    runs = [
        float(
            subprocess.run(
                [sys.executable, "-c", code], check=True, capture_output=True, env=environment
            ).stdout
        )
        for _ in range(3)
    ]
    return min(runs)


def measure(times: int, names: list[str], rounds: int) -> dict[str, Any]:
    """Return {engine: {mode: [milliseconds or None, one a query]}} for one corpus."""
    opened = [one for one in peers() if one.name in names and _built(one.name, times).exists()]
    found: dict[str, Any] = {one.name: {mode: [] for mode in MODES} for one in opened}
    totals: list[dict[str, int]] = []
    for engine in opened:
        engine.open(_folder(engine.name, times))
    for mode in MODES:
        for query in QUERIES:
            answers = {}
            for engine in opened:
                milliseconds, total = _timed(engine, query, mode, rounds)
                found[engine.name][mode].append(milliseconds)
                answers[engine.name] = total
            if mode == "top":
                totals.append(answers)
    found["totals"] = totals
    return found


def _timed(engine: Any, query: Any, mode: str, rounds: int) -> tuple[float | None, int | None]:
    try:
        engine.search(query, mode)  # what is compiled or read for the first time is not counted
        started = time.perf_counter()
        total = engine.search(query, mode)[0]
        once = time.perf_counter() - started
        if once > BUDGET:
            return once * 1e3, total
    except UnableError:
        return None, None
    runs = []
    end = time.perf_counter() + BUDGET
    for _ in range(rounds):
        batch = []
        for _ in range(3):
            started = time.perf_counter()
            engine.search(query, mode)
            batch.append(time.perf_counter() - started)
        runs.append(statistics.median(batch))
        if time.perf_counter() > end:
            break
    return statistics.median(runs) * 1e3, total


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description="Measure Broadsheet beside other engines.")
    parser.add_argument("--times", default="1,10,50")
    parser.add_argument("--engines", default=",".join(one.name for one in peers()))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--reuters", default=str(ROOT.parent / "shared/corpora/reuters21578"))
    parser.add_argument("--reuse", action="store_true", help="Take answers measured before.")
    parser.add_argument("--no-report", action="store_true")
    parser.add_argument("--build", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--measure", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    names = options.engines.split(",")
    if options.build:
        build(options.build[0], int(options.build[1]))
        return
    if options.measure:
        (CACHE / f"measured-{options.measure}.json").write_text(
            json.dumps(measure(options.measure, names, options.rounds))
        )
        return
    results: dict[int, dict[str, Any]] = {}
    for times in map(int, options.times.split(",")):
        source = CACHE / f"reuters-{times}.jsonl"
        print(f"corpus x{times}", flush=True)
        write(Path(options.reuters), times, source)
        built = [*names, *(one.name for engine, one in builders() if engine in names)]
        for name in built:
            if times <= MOST.get(name, times) and not _built(name, times).exists():
                print(f"  building {name}", flush=True)
                _again(options, "--build", name, str(times))
        if not options.reuse or not (CACHE / f"measured-{times}.json").exists():
            print("  asking", flush=True)
            _again(options, "--measure", str(times))
        measured = json.loads((CACHE / f"measured-{times}.json").read_text())
        results[times] = {
            "built": {
                name: json.loads(_built(name, times).read_text())
                for name in built
                if _built(name, times).exists()
            },
            "measured": measured,
            "first": {
                name: first_answer(name, times)
                for name in names
                if _built(name, times).exists() and name in ("Broadsheet", "Tantivy")
            },
        }
    (CACHE / "results.json").write_text(json.dumps(results))
    print(report(results, ROOT, keep=not options.no_report))


def _again(options: argparse.Namespace, *arguments: str) -> None:
    """Run this in a new process, with what is measured apart from what was measured before."""
    command = [sys.executable, str(Path(__file__).parent), "--engines", options.engines]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}  # as an installed package is
    command += ["--rounds", str(options.rounds), *arguments]
    subprocess.run(command, check=True, env=environment)


if __name__ == "__main__":
    main()
