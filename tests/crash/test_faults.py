"""Faults at every operation on files, under real processes: kills, power cuts, full disks, EIO.

A layer is preloaded (`faults.c`) that counts operations and strikes at one of them. After a power
cut the device holds what was flushed: a file's content as of its last flush, and either the names
that its folder had when that was flushed, or those of the moment of the cut. ``BROADSHEET_FAULTS``
is how many points of each kind of work are tried, spread evenly; ``all`` for every one.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.core.errors import BroadsheetError, IndexBrokenError
from indexer.care.check import check_archive
from indexer.store.generations import QUARANTINE_NAME
from indexer.whoosh.archive import Archive

HERE = Path(__file__).parent
POINTS = os.environ.get("BROADSHEET_FAULTS", "4")
KINDS = (
    "first index", "update", "removal", "reindex", "optimise", "restore", "backup", "repair",
)  # fmt: skip
COUNT, KILL, FULL, ERROR = range(4)
DONE, REFUSED = 0, 3
KILLED = -9


class Layer:
    """The helper process that does work under the layer."""

    def __init__(self, library: Path, source: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "faulty.py"), str(source)],
            env=os.environ | {"LD_PRELOAD": str(library), "PYTHONPATH": str(HERE.parents[1])},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def do(self, **task: object) -> dict[str, object]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(task, default=str) + "\n")
        self._process.stdin.flush()
        answer: dict[str, object] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        self._process.communicate(timeout=60)


@pytest.fixture(scope="module")
def layer(prepared, tmp_path_factory) -> Iterator[Layer]:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("a C compiler is needed for the layer of faults")
    library = tmp_path_factory.mktemp("layer") / "faults.so"
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", library, HERE / "faults.c", "-ldl"]
    subprocess.run(command, check=True)
    started = Layer(library, prepared / "source")
    yield started
    started.close()


@pytest.fixture(scope="module")
def damaged(prepared, tmp_path_factory) -> Path:
    """An archive of which a few bytes of stored articles are damaged."""
    folder = tmp_path_factory.mktemp("damaged") / "archive"
    shutil.copytree(prepared / "archive", folder)
    path = sorted(folder.glob("segment-*"))[0]
    content = bytearray(path.read_bytes())
    content[200:204] = b"\xff" * 4
    path.write_bytes(content)
    assert check_archive(folder).problems
    return folder


class Scene:
    """A root with an archive in it, and beside it the notes of what reached the device."""

    def __init__(self, place: Path, kind: str, origin: Path) -> None:
        self.place, self.kind = place, kind
        self.root, self.shadow = place / "root", place / "shadow"
        self.folder = self.root / "archive"
        self.root.mkdir(parents=True)
        if kind != "first index":
            shutil.copytree(origin, self.folder)
        for name in ("data", "names", "kept"):
            (self.shadow / name).mkdir(parents=True)
        self._note(self.root)

    def _note(self, folder: Path) -> None:
        """Note that all that is there has reached the device."""
        lines = []
        for path in folder.iterdir():
            status = path.lstat()
            lines.append(f"{status.st_ino} {'d' if path.is_dir() else 'f'} {path.name}\n")
            if path.is_dir():
                self._note(path)
            else:
                shutil.copyfile(path, self.shadow / "data" / str(status.st_ino))
        (self.shadow / "names" / str(folder.stat().st_ino)).write_text("".join(lines))

    def after_power(self, names: str) -> Path:
        """Return a copy of the root as it is after a power cut; `names` "flushed" or "current"."""
        copy = self.place / f"after-{names}"
        self._restore(self.root, self.root.stat().st_ino, copy, names)
        return copy / "archive"

    def _restore(self, folder: Path, inode: int, copy: Path, names: str) -> None:
        copy.mkdir()
        for number, kind, name in self._listed(folder, inode, names):
            if kind == "d":
                self._restore(folder / name, number, copy / name, names)
                continue
            content = self.shadow / "data" / str(number)
            if content.exists():
                shutil.copyfile(content, copy / name)
            else:
                (copy / name).touch()

    def _listed(self, folder: Path, inode: int, names: str) -> list[tuple[int, str, str]]:
        if names == "current":
            return [
                (path.lstat().st_ino, "d" if path.is_dir() else "f", path.name)
                for path in folder.iterdir()
            ]
        listing = self.shadow / "names" / str(inode)
        lines = listing.read_text().splitlines() if listing.exists() else []
        return [(int(n), kind, name) for n, kind, name in (line.split(" ", 2) for line in lines)]


def points(count: int) -> list[int]:
    if POINTS == "all" or count <= int(POINTS):
        return list(range(1, count + 1))
    step = (count - 1) / (int(POINTS) - 1)
    return sorted({round(1 + step * turn) for turn in range(int(POINTS))})


class Trial:
    """One kind of work, tried at point after point."""

    def __init__(self, kind, layer, prepared, damaged, crashes, tmp_path) -> None:
        self.kind, self._layer, self._prepared = kind, layer, prepared
        self._crashes, self._place = crashes, tmp_path
        self._origin = damaged if kind == "repair" else prepared / "archive"
        self._turn = 0
        old = crashes.expected(crashes.OLD)
        state = {"first index": crashes.NEW, "backup": crashes.OLD}.get(kind)
        self.old, self.after = old, old
        if kind == "repair":
            scene = self.scene()
            assert self.run(scene, COUNT)["status"] == DONE
            self.after = crashes.titles_in(scene.folder)
            self.original = {path.read_bytes() for path in damaged.glob("segment-*")}
        else:
            self.after = crashes.expected(crashes.AFTER[kind] if state is None else state)

    def scene(self) -> Scene:
        self._turn += 1
        return Scene(self._place / str(self._turn), self.kind, self._origin)

    def run(self, scene: Scene, fault: int, at: int = 0, *, reads: bool = False):
        return self._layer.do(
            kind=self.kind, folder=scene.folder, prepared=self._prepared, root=scene.root,
            shadow=scene.shadow, fault=fault, at=at, reads=reads, said=scene.place / "said",
        )  # fmt: skip

    def operations(self, *, reads: bool) -> int:
        return int(self.run(self.scene(), COUNT, reads=reads)["passed"])

    def is_sound(self, folder: Path, status: object, why: object) -> None:
        """Check that an archive is as it was before the work or after it, and can go on."""
        if self.kind == "backup":
            assert self._crashes.titles_in(folder) == self.old, why
            copy = folder.with_name("backup")
            try:
                assert self._crashes.titles_in(copy) == self.after, why
            except IndexBrokenError:
                assert status != DONE, why
            return
        found = self._found(folder)
        if self.kind == "repair":
            self._keeps_originals(folder, why)
            assert status != DONE or found == self.after, why
        else:
            before = [] if self.kind == "first index" else self.old
            assert found in ([self.after] if status == DONE else [before, self.after]), why
        again = self._layer.do(
            kind=self.kind, folder=folder, prepared=self._prepared, root="/nowhere/at/all",
            shadow="", fault=COUNT, at=0, reads=False, said=folder.with_name("said"),
        )  # fmt: skip
        assert again["status"] == DONE, (why, again)
        assert self._found(folder) == self.after, why
        assert not check_archive(folder).problems, why
        # A repair that finds nothing to do leaves tidying up to the next writer.
        assert self.kind == "repair" or not self._crashes.orphans_in(folder), why

    def _found(self, folder: Path) -> list[str]:
        try:
            return self._crashes.titles_in(folder)
        except BroadsheetError:
            return []

    def _keeps_originals(self, folder: Path, why: object) -> None:
        kept = [*folder.glob("segment-*"), *(folder / QUARANTINE_NAME).rglob("segment-*")]
        assert self.original <= {path.read_bytes() for path in kept}, why


@pytest.fixture
def trial(request, layer, prepared, damaged, crashes, tmp_path) -> Trial:
    return Trial(request.param, layer, prepared, damaged, crashes, tmp_path)


every = pytest.mark.parametrize("trial", KINDS, indirect=True)


@pytest.mark.slow
@every
def test_a_kill_or_a_power_cut_at_any_operation_loses_nothing(trial):
    count = trial.operations(reads=False)
    for at in (*points(count), count + 1):
        scene = trial.scene()
        answer = trial.run(scene, KILL, at)
        assert answer["status"] == (KILLED if at <= count else DONE), (at, answer)
        for names in ("flushed", "current"):
            trial.is_sound(scene.after_power(names), answer["status"], (at, names))
        trial.is_sound(scene.folder, answer["status"], (at, "killed"))
        shutil.rmtree(scene.place)


@pytest.mark.slow
@every
def test_a_disk_that_is_full_from_any_operation_on_loses_nothing(trial):
    for at in points(trial.operations(reads=False)):
        scene = trial.scene()
        answer = trial.run(scene, FULL, at)
        assert answer["status"] in (DONE, REFUSED), (at, answer)
        assert answer["status"] == DONE or "disk" in str(answer["text"]), (at, answer)
        trial.is_sound(scene.folder, answer["status"], (at, answer))
        shutil.rmtree(scene.place)


@pytest.mark.slow
@every
def test_an_error_of_the_disk_at_any_operation_loses_nothing(trial):
    for at in points(trial.operations(reads=True)):
        scene = trial.scene()
        answer = trial.run(scene, ERROR, at, reads=True)
        assert answer["status"] in (DONE, REFUSED), (at, answer)
        trial.is_sound(scene.folder, answer["status"], (at, answer))
        shutil.rmtree(scene.place)


@pytest.mark.slow
def test_an_error_of_the_disk_that_holds_the_sources_loses_nothing(
    layer, prepared, crashes, tmp_path
):
    """Articles of files that cannot be read stay, whatever `--prune` says."""
    old, new = crashes.OLD, crashes.AFTER["update"]

    def scene(number: int) -> Path:
        place = tmp_path / str(number)
        shutil.copytree(prepared / "archive", place / "archive")
        shutil.copytree(prepared / "source", place / "source")
        return place

    def run(place: Path, fault: int, at: int) -> dict[str, object]:
        return layer.do(
            kind="sources", folder=place / "archive", prepared=prepared, root=place / "source",
            shadow="", fault=fault, at=at, reads=True, said=place / "said",
        )  # fmt: skip

    count = int(run(scene(0), COUNT, 0)["passed"])
    for at in points(count):
        place = scene(at)
        answer = run(place, ERROR, at)
        assert answer["status"] in (DONE, REFUSED), (at, answer)
        numbers = {int(article.title.split()[1]) for article in articles_in(place / "archive")}
        assert numbers >= old.keys() & new.keys(), (at, answer)
        assert run(place, COUNT, 0)["status"] == DONE
        assert {int(one.title.split()[1]) for one in articles_in(place / "archive")} >= new.keys()
        shutil.rmtree(place)


def articles_in(folder: Path):
    with Archive.open(folder) as archive:
        return [article for _, article, _ in archive.articles()]
