"""Searching, updating, reindexing, killing and backing up at once, every answer checked.

A model of each generation, a map from articles to versions, is written down before the generation
is committed; searchers in other processes look up the one that answered them. The long run is
``make soak``: BROADSHEET_SOAK_SECONDS, ten minutes unless told otherwise.
"""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from corpus.core.errors import BroadsheetError
from indexer.care.backup import back_up, restore
from indexer.care.check import check_archive
from indexer.store.generations import read_pointer
from indexer.update.update import update
from indexer.whoosh.archive import Archive, FolderStore
from search.embedded.engine import EmbeddedEngine
from search.request import Request

SECONDS = float(os.environ.get("BROADSHEET_SOAK_SECONDS", "600"))
SEARCHERS = 2
NUMBERS = range(150)


@dataclass
class Soak:
    """The places of one run."""

    place: Path
    newspaper: object
    seconds: float

    @property
    def folder(self) -> Path:
        return self.place / "archive"

    def model_path(self, generation: int) -> Path:
        return self.place / f"model-{generation}.json"

    def write_model(self, generation: int, model: dict[int, int]) -> None:
        new = self.place / "model.new"
        new.write_text(json.dumps(model))
        new.rename(self.model_path(generation))

    def model(self, generation: int) -> dict[int, int]:
        plain = json.loads(self.model_path(generation).read_text())
        return {int(number): version for number, version in plain.items()}


def search(soak: Soak, number: int) -> None:
    """Ask and check until the time is up; writes how often."""
    chance = random.Random(number)
    engine = EmbeddedEngine(soak.folder)
    counts: Counter[str] = Counter()
    generations = set()
    end = time.monotonic() + soak.seconds
    while time.monotonic() < end:
        counts["refreshed"] += engine.refresh()
        if chance.random() < 0.02:
            engine.close()
            engine = EmbeddedEngine(soak.folder)
            counts["opened"] += 1
        kind = chance.choice(["mark", "all", "tags", "stored", "version"])
        _CHECKS[kind](soak, engine, chance)
        counts["answers"] += 1
        generations.add(engine.search(Request(size=1, facets=())).generation)
    counts["generations"] = len(generations)
    (soak.place / f"searched-{number}.json").write_text(json.dumps(counts))


def _check_mark(soak: Soak, engine: EmbeddedEngine, chance: random.Random) -> None:
    number, version = chance.choice(NUMBERS), chance.randrange(4)
    answer = engine.search(Request(text=f"mark{number}x{version}", collapse=False))
    expected = soak.model(answer.generation).get(number) == version
    assert answer.total == expected, (answer.generation, number, version)
    assert [hit.title for hit in answer.hits] == [f"Report {number} version {version}"] * expected


def _check_all(soak: Soak, engine: EmbeddedEngine, chance: random.Random) -> None:
    answer = engine.search(Request(facets=(), collapse=False, page=1, size=7))
    assert answer.total == len(soak.model(answer.generation))


def _check_tags(soak: Soak, engine: EmbeddedEngine, chance: random.Random) -> None:
    answer = engine.search(Request(facets=("tags",), facet_size=50, collapse=False))
    expected: Counter[str] = Counter()
    for number, version in soak.model(answer.generation).items():
        expected.update(set(soak.newspaper.plain(number, version)["tags"]))
    found = {value.value: value.count for value in answer.facets[0].values if value.count}
    assert found == dict(expected)


def _check_stored(soak: Soak, engine: EmbeddedEngine, chance: random.Random) -> None:
    answer = engine.search(Request(text="report", facets=(), collapse=False, size=20))
    model = soak.model(answer.generation)
    for hit in answer.hits:
        _, number, _, version = hit.title.split()
        assert model[int(number)] == int(version)


def _check_version(soak: Soak, engine: EmbeddedEngine, chance: random.Random) -> None:
    version = chance.randrange(4)
    answer = engine.search(Request(text=f'title:"version {version}"', facets=(), collapse=False))
    model = soak.model(answer.generation)
    assert answer.total == sum(one == version for one in model.values())


_CHECKS = {
    "mark": _check_mark,
    "all": _check_all,
    "tags": _check_tags,
    "stored": _check_stored,
    "version": _check_version,
}


def write(soak: Soak, crashes) -> Counter[str]:
    """Change the archive in every way until the time is up; returns how often each was done."""
    chance = random.Random(0)
    done: Counter[str] = Counter()
    end = time.monotonic() + soak.seconds
    while time.monotonic() < end:
        generation = read_pointer(soak.folder).generation
        model = soak.model(generation)
        kind = chance.choices(
            ["update", "reindex", "optimise", "backup", "restore", "same"], [8, 2, 1, 1, 1, 1]
        )[0]
        if kind in ("update", "reindex"):
            for number in chance.sample(NUMBERS, chance.randrange(1, 40)):
                if chance.random() < 0.3:
                    model.pop(number, None)
                else:
                    model[number] = chance.randrange(4)
            model.setdefault(0, 0)
        elif kind == "restore" and (soak.place / "backup-model.json").exists():
            model = json.loads((soak.place / "backup-model.json").read_text())
            model = {int(number): version for number, version in model.items()}
        soak.write_model(generation + 1, model)
        source = soak.newspaper.write(model)
        work = _work(soak, kind, source)
        if chance.random() < 0.3 and kind != "backup":
            status = crashes.run_apart(work, kill_after=chance.uniform(0, 0.3))
            done["killed"] += status == -signal.SIGKILL
        else:
            work()
            done[kind] += 1
        if kind == "backup":
            (soak.place / "backup-model.json").write_text(
                json.dumps(soak.model(read_pointer(soak.place / "backup").generation))
            )
    return done


def _work(soak: Soak, kind: str, source: Path):
    store = FolderStore(soak.folder, wait=10)
    match kind:
        case "update" | "same":
            return lambda: update(store, [str(source)], prune=True, processes=1)
        case "reindex":
            return lambda: update(store, [str(source)], rebuild=True, processes=1)
        case "optimise":
            return store.optimise
        case "backup":
            return lambda: _back_up(soak)
    if (soak.place / "backup").exists():
        return lambda: restore(soak.place / "backup", soak.folder, wait=10)
    return lambda: None


def _back_up(soak: Soak) -> None:
    backup = soak.place / "backup"
    if backup.exists():
        for path in backup.iterdir():
            path.unlink()
    back_up(soak.folder, backup)
    assert not check_archive(backup).problems


def run(soak: Soak, crashes) -> dict[str, int]:
    """Search in some processes and write in this one; returns what was done."""
    first = {number: 0 for number in NUMBERS if number % 2}
    soak.write_model(1, first)
    crashes.index(soak.folder, soak.newspaper.write(first))
    children = []
    for number in range(SEARCHERS):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                search(soak, number)
                status = 0
            except BaseException:
                import traceback

                traceback.print_exc()
            finally:
                os._exit(status)
        children.append(child)
    done: Counter[str] = Counter()
    try:
        done = write(soak, crashes)
    finally:
        for child in children:
            _, status = os.waitpid(child, 0)
            done["searchers failed"] += status != 0
    for number in range(SEARCHERS):
        done.update(json.loads((soak.place / f"searched-{number}.json").read_text()))
    assert not done["searchers failed"]
    assert not check_archive(soak.folder).problems
    with pytest.raises(BroadsheetError):
        Archive.open(soak.place)
    return dict(done)


def test_a_few_seconds_of_everything_at_once(newspaper, crashes, tmp_path):
    done = run(Soak(tmp_path, newspaper, 5.0), crashes)
    assert done["answers"] > 20


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_everything_at_once_for_long(newspaper, crashes, tmp_path):
    done = run(Soak(tmp_path, newspaper, SECONDS), crashes)
    print(json.dumps(done, indent=1))
    assert done["answers"] > 10 * SECONDS
    assert done["killed"] > SECONDS / 30
