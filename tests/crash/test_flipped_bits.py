"""A flipped bit anywhere is harmless or reported; it never changes an answer."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

from corpus.core.errors import BroadsheetError, IndexBrokenError
from indexer.care.check import check_archive
from indexer.care.repair import repair_archive
from indexer.care.salvage import LEADING
from indexer.segment.columns import ArrayFile
from indexer.store.lock import LOCK_NAME
from indexer.update.file_manifest import REMEMBERED_NAME
from indexer.whoosh.archive import Archive
from search.embedded.engine import EmbeddedEngine
from search.request import Request

FLIPS = int(os.environ.get("BROADSHEET_FLIPS", "800"))
"""Bits flipped in looking for a wrong answer, spread over all files in proportion to their size."""

REQUESTS = (
    Request(text="storm"),
    Request(text='"storm election"', match="all"),
    Request(text="har* OR title:report", sort="newest"),
    Request(text="mark3x0", filters={"tags": ("budget",)}, facets=("tags", "year", "month")),
    Request(text="council river", match="any", since="2021-03", sort="oldest"),
    Request(text="NOT tram", facets=("tags", "source", "language")),
)


@pytest.fixture
def archive(prepared, crashes, tmp_path) -> Path:
    """An archive of several segments, in one of which an article is deleted."""
    folder = tmp_path / "archive"
    shutil.copytree(prepared / "archive", folder)
    assert crashes.run_apart(crashes.work_of("removal", folder, prepared)) == 0
    return folder


def flips(folder: Path, seed: int, count: int):
    """Yield the name of a file and a bit of it, `count` times."""
    chance = random.Random(seed)
    paths = sorted(path for path in folder.iterdir() if path.stat().st_size)
    sizes = [path.stat().st_size for path in paths]
    small = [path for path in paths if path.stat().st_size < 5000]
    for turn in range(count):
        # Every other flip is in a small file, of which there would else be hardly any.
        path = chance.choice(small) if turn % 2 else chance.choices(paths, sizes)[0]
        yield path, chance.randrange(8 * path.stat().st_size)


class flipped:
    """A bit of a file that is flipped for the time of a with statement."""

    def __init__(self, path: Path, bit: int) -> None:
        self.path = path
        self.place, self.mask = bit // 8, 1 << bit % 8

    def _flip(self) -> None:
        with self.path.open("r+b") as file:
            file.seek(self.place)
            (byte,) = file.read(1)
            file.seek(self.place)
            file.write(bytes([byte ^ self.mask]))

    def __enter__(self) -> None:
        self._flip()

    def __exit__(self, *_: object) -> None:
        self._flip()


def answers(folder: Path):
    """Return everything that a reader can see."""
    engine = EmbeddedEngine(folder)
    try:
        found = [engine.search(request)._replace(took_ms=0.0) for request in REQUESTS]
        titles = []
        for hit in engine.search(Request(size=100, facets=())).hits:
            article = engine.article(hit.id)
            titles.append((hit.id, article))
        return found, titles
    finally:
        engine.close()


def test_check_reports_every_flipped_bit_with_its_file(archive):
    assert not check_archive(archive).problems
    for path, bit in flips(archive, 1, FLIPS // 2):
        with flipped(path, bit):
            problems = check_archive(archive).problems
        reported = [problem for problem in problems if path.name in problem.file + problem.what]
        assert reported or path.name == REMEMBERED_NAME, (path.name, bit)
    assert not check_archive(archive).problems


def test_no_flipped_bit_changes_an_answer(archive):
    whole = answers(archive)
    refused = 0
    for path, bit in flips(archive, 2, FLIPS):
        with flipped(path, bit):
            try:
                assert answers(archive) == whole, (path.name, bit)
            except IndexBrokenError as error:
                refused += 1
                assert path.name in str(error), (path.name, bit)
                assert "broadsheet" in str(error)
    assert refused > FLIPS / 3


def test_a_flipped_bit_found_while_writing_leaves_the_archive_as_it_was(archive, prepared, crashes):
    """Merging reads every array; what is damaged is not copied under a new checksum."""
    before = {path.name: path.read_bytes() for path in archive.iterdir()}
    segments = sorted(archive.glob("segment-*"))
    for path, bit in flips(archive, 3, FLIPS // 20):
        if path not in segments:
            continue
        with flipped(path, bit):
            damaged = archive.with_name("damaged")
            shutil.copytree(archive, damaged)
        try:
            crashes.work_of("optimise", damaged, prepared)()
        except IndexBrokenError as error:
            assert path.name in str(error)
            (damaged / path.name).write_bytes(before[path.name])
        assert not check_archive(damaged).problems
        shutil.rmtree(damaged)


def test_repair_of_a_flipped_bit_loses_a_block_of_articles_at_most(archive, crashes):
    before = crashes.titles_in(archive)
    for path, bit in flips(archive, 4, FLIPS // 20):
        if path.name in (LOCK_NAME, REMEMBERED_NAME):
            continue
        damaged = archive.with_name("damaged")
        shutil.copytree(archive, damaged)
        with flipped(damaged / path.name, bit):
            pass
        flipped(damaged / path.name, bit)._flip()
        readable = _readable(damaged)
        repaired = repair_archive(damaged)
        found = crashes.titles_in(damaged)
        assert not check_archive(damaged).problems, (path.name, bit)
        assert readable <= set(found), (path.name, bit)
        assert set(found) - {"Report 7 version 0"} <= set(before)
        assert len(found) == repaired.articles == len(set(found))
        assert not crashes.orphans_in(damaged)
        shutil.rmtree(damaged)


def test_repair_mends_a_flipped_bit_in_what_leads_to_many_articles(archive, crashes):
    before = crashes.titles_in(archive)
    path = max(archive.glob("segment-*.segment"), key=lambda path: path.stat().st_size)
    file = ArrayFile.open(path)
    chance = random.Random(6)
    for name in LEADING:
        place = file.row(name).place
        if place.start == place.stop:
            continue
        damaged = archive.with_name("damaged")
        shutil.copytree(archive, damaged)
        bit = chance.randrange(8 * place.start, 8 * place.stop)
        flipped(damaged / path.name, bit)._flip()
        assert check_archive(damaged).problems
        repair_archive(damaged)
        assert sorted(crashes.titles_in(damaged)) == sorted(before), name
        assert not check_archive(damaged).problems
        shutil.rmtree(damaged)


def test_repair_reads_what_lines_are_left_of_a_damaged_table(archive, crashes):
    """A flip in the table costs the array of its line, one behind the table or in the head none."""
    before = crashes.titles_in(archive)
    path = max(archive.glob("segment-*.segment"), key=lambda path: path.stat().st_size)
    content = path.read_bytes()
    line = content.rindex(b'["text/text/block_tf"')
    for place in (3, line + 40, len(content) - 45, len(content) - 30, len(content) - 3):
        damaged = archive.with_name("damaged")
        shutil.copytree(archive, damaged)
        flipped(damaged / path.name, 8 * place)._flip()
        assert check_archive(damaged).problems
        repair_archive(damaged)
        assert sorted(crashes.titles_in(damaged)) == sorted(before), place
        assert not check_archive(damaged).problems
        shutil.rmtree(damaged)


def _readable(folder: Path) -> set[str]:
    try:
        with Archive.open(folder) as archive:
            return {article.title for _, article, _ in archive.articles()}
    except BroadsheetError:
        return set()
