"""The commands as a user runs them: what they print, and the status they end with."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from corpus.core.article import Article, make_id
from corpus.core.errors import BroadsheetError, IndexBrokenError, UnreadableError
from indexer.commands import COMMANDS
from indexer.segment.stored import article_from
from indexer.store.options import Engines
from indexer.whoosh.archive import Archive, FolderStore


def line(number: int, version: int = 0) -> str:
    return json.dumps(
        {"url": f"https://news.example/{number}", "title": f"R{number}", "text": f"v{version} word"}
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    place = tmp_path / "in"
    place.mkdir()
    (place / "a.jsonl").write_text("\n".join(map(line, range(5))) + "\n{broken\n")
    return place


@pytest.fixture
def run(folder):
    """Run a command in this process; returns what it printed, and raises what it raised."""

    def call(name: str, *arguments: object, status: int = 0, **options: object) -> str:
        command = next(one for one in COMMANDS if one.name == name)
        given = ["--index", str(folder), *map(str, arguments)]
        result = CliRunner().invoke(command, given, **options)  # type: ignore[arg-type]
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == status, result.output
        return result.output

    return call


def test_index_ends_with_a_summary_of_one_screen(run, source, folder):
    printed = run("index", source)
    assert "5 articles added" in printed
    assert "a.jsonl, article 6" in printed
    assert "generation 1" in printed
    assert str(folder) in printed
    assert len(printed.splitlines()) < 15
    assert "Nothing has changed." in run("index", source)


def test_index_speaks_json(run, source):
    told = json.loads(run("index", "--json", source))
    assert (told["read"], told["added"], told["skipped"], told["generation"]) == (5, 5, 1, 1)
    assert told["skips"][0]["position"] == 6
    assert told["per_second"] > 0


def test_the_whole_list_of_skips_goes_to_a_file(run, source, tmp_path):
    (source / "b.jsonl").write_text(line(8) + "\n" + "{broken\n" * 30)
    listed = tmp_path / "skips.jsonl"
    printed = run("index", "--skipped", listed, source)
    assert str(listed) in printed
    skips = [json.loads(one) for one in listed.read_text().splitlines()]
    assert len(skips) == 31
    assert {"path", "position", "reason"} == set(skips[0])


def test_a_file_name_that_is_not_unicode_is_shown_and_listed(run, source, tmp_path):
    name = os.fsencode(source) + b"/\xff\x1b[31mbad"
    Path(os.fsdecode(name)).write_bytes(bytes(range(256)) * 9)
    listed = tmp_path / "skips.jsonl"
    printed = run("index", "--skipped", listed, source)
    assert "\x1b" not in printed
    assert len(listed.read_bytes().splitlines()) == 2
    assert json.loads(run("index", "--json", source))["skipped"] == 2


def test_nothing_readable_is_an_error(run, source, tmp_path):
    (tmp_path / "junk").write_bytes(bytes(range(256)) * 9)
    with pytest.raises(UnreadableError, match="junk"):
        run("index", tmp_path / "junk")
    with pytest.raises(UnreadableError, match="no such"):
        run("index", tmp_path / "absent")


def test_reindex_uses_the_sources_that_are_remembered(run, source, folder):
    run("index", source)
    (source / "a.jsonl").write_text(line(0, 1) + "\n")
    printed = run("reindex")
    assert "generation 2" in printed
    with Archive.open(folder) as archive:
        assert [one.body for _, one, _ in archive.articles()] == [("v1 word",)]
        assert len(archive.snapshot().leaves) == 1


def test_reindex_without_an_archive_says_what_to_do(run):
    with pytest.raises(IndexBrokenError, match="broadsheet index"):
        run("reindex")


def test_reindex_refuses_when_a_source_is_gone(run, source, folder):
    run("index", source)
    source.rename(source.with_name("elsewhere"))
    with pytest.raises(BroadsheetError, match="--from-index"):
        run("reindex")
    run("reindex", "--from-index", folder)
    with Archive.open(folder) as archive:
        assert archive.snapshot().n_live == 5
        assert archive.snapshot().generation == 2


def test_an_archive_that_lies_in_its_source_is_not_read(run, source, folder):
    run("index", folder.parent)
    told = json.loads(run("index", "--json", folder.parent))
    assert (told["read"], told["skipped"], told["files"]) == (5, 1, 1)


def test_standard_input_is_read_and_not_forgotten_by_a_reindex(folder, source):
    command = [sys.executable, "-m", "broadsheet", "index", "--index", str(folder), "-"]
    piped = subprocess.run(
        command, input=line(1) + "\n", text=True, capture_output=True, timeout=60, check=True
    )
    assert "1 article added" in piped.stdout
    reindex = next(one for one in COMMANDS if one.name == "reindex")
    result = CliRunner().invoke(reindex, ["--index", str(folder)])
    assert "standard input" in str(result.exception)


def test_the_module_reports_errors_in_a_sentence(folder, tmp_path):
    absent = str(tmp_path / "absent")
    command = [sys.executable, "-m", "broadsheet", "index", "--index", str(folder), absent]
    failed = subprocess.run(command, text=True, capture_output=True, timeout=60, check=False)
    assert failed.returncode == 1
    assert failed.stderr.startswith("Error: No article could be read")
    assert "Traceback" not in failed.stderr


def test_progress_is_shown_on_a_terminal(folder, source):
    (source / "more.jsonl").write_text("\n".join(map(line, range(10, 3000))) + "\n")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "broadsheet", "index", "--index", str(folder), str(source)]
    run = subprocess.Popen(command, stderr=theirs, stdout=subprocess.PIPE, close_fds=True)
    os.close(theirs)
    shown = b""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if select.select([ours], [], [], 0.2)[0]:
            try:
                shown += os.read(ours, 1 << 16)
            except OSError:
                break
        elif run.poll() is not None:
            break
    out, _ = run.communicate(timeout=30)
    os.close(ours)
    assert run.returncode == 0
    assert b"Indexing" in shown
    assert b"skipped" in shown
    assert b"generation 1" in out


def test_check_says_that_all_is_well_or_what_is_not(run, source, folder):
    run("index", source)
    assert "every checksum right" in run("check")
    path = next(folder.glob("segment-*"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)
    printed = run("check", status=1)
    assert path.name in printed
    assert "broadsheet repair" in printed
    told = json.loads(run("check", "--json", status=1))
    assert told["problems"][0]["file"] == path.name


def test_repair_makes_a_damaged_archive_whole(run, source, folder):
    run("index", source)
    assert "Nothing is damaged" in run("repair")
    path = next(folder.glob("segment-*"))
    content = bytearray(path.read_bytes())
    content[200] ^= 1
    path.write_bytes(content)
    told = json.loads(run("repair", "--json"))
    assert (told["recovered"], told["articles"]) == (5, 5)
    assert "every checksum right" in run("check")
    assert "Nothing has changed." in run("index", source)


def test_repair_of_what_is_no_archive_touches_nothing(run, folder):
    folder.mkdir()
    (folder / "mine").write_text("mine")
    with pytest.raises(IndexBrokenError, match="nothing to repair"):
        run("repair")
    assert [path.name for path in folder.iterdir()] == ["mine"]


@pytest.mark.parametrize("lost", ["CURRENT", "generation-00000002.toc"])
def test_repair_finds_the_archive_without_its_small_files(lost, run, source, folder):
    run("index", source)
    (source / "a.jsonl").write_text("\n".join([line(0, 1), *map(line, range(1, 5))]) + "\n")
    run("index", source)
    (folder / lost).unlink()
    printed = run("repair")
    assert lost in printed
    with Archive.open(folder) as archive:
        bodies = {one.title: one.body[0] for _, one, _ in archive.articles()}
    assert bodies == {"R0": "v1 word"} | {f"R{n}": "v0 word" for n in range(1, 5)}
    assert "every checksum right" in run("check")


@pytest.mark.parametrize("name", ["CURRENT", "generation-00000001.toc", "segment-00000001.segment"])
def test_a_damaged_archive_can_be_reindexed_from_its_sources(name, run, source, folder):
    run("index", source)
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[:-9])
    with pytest.raises(IndexBrokenError, match=name):
        run("index", source)
    told = json.loads(run("reindex", "--json", source))
    assert (told["added"], told["generation"]) == (5, 2)
    assert "every checksum right" in run("check")
    assert len(list(folder.glob("generation-*"))) == 1


def test_optimise_leaves_one_segment(run, source, folder):
    run("index", source)
    (source / "b.jsonl").write_text(line(77) + "\n")
    run("index", source)
    assert "6 articles in one segment" in run("optimise")
    assert len(list(folder.glob("segment-*"))) == 1
    assert not list(folder.glob("deleted-*"))
    assert json.loads(run("optimise", "--json"))["generation"] == 3, "once more is no work"


def test_a_backup_is_restored_over_whatever_is_there(run, source, folder, tmp_path):
    run("index", source)
    backup = tmp_path / "backup"
    assert "verified" in run("backup", backup)
    (source / "b.jsonl").write_text(line(77) + "\n")
    run("index", source)
    (folder / "CURRENT").write_bytes(b"damage")
    assert "5 articles restored" in run("restore", backup)
    assert "5 articles" in run("check")
    with pytest.raises(BroadsheetError, match="not empty"):
        run("backup", backup)


def test_a_damaged_backup_is_not_restored(run, source, folder, tmp_path):
    run("index", source)
    backup = tmp_path / "backup"
    run("backup", backup)
    path = next(backup.glob("segment-*"))
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(IndexBrokenError, match=path.name):
        run("restore", backup)
    assert "every checksum right" in run("check")


def test_the_index_is_found_by_the_environment(source, folder):
    command = next(one for one in COMMANDS if one.name == "index")
    result = CliRunner().invoke(command, [str(source)], env={"BROADSHEET_INDEX": str(folder)})
    assert result.exit_code == 0, result.output
    assert FolderStore(folder).sources() == (str(source),)


def test_a_time_zone_is_checked_and_kept(run, source, folder):
    assert "Mars/Olympus" in run("index", "--timezone", "Mars/Olympus", source, status=2)
    run("index", "--timezone", "Europe/Paris", source)
    with Archive.open(folder) as archive:
        assert archive.snapshot().settings.timezone == "Europe/Paris"
    run("index", "--timezone", "Europe/Paris", source)
    with pytest.raises(BroadsheetError, match=r"Europe/Paris.*reindex"):
        run("index", "--timezone", "Asia/Tokyo", source)
    run("reindex", source)
    with Archive.open(folder) as archive:
        assert archive.snapshot().settings.timezone == "Europe/Paris", "it is kept"
    run("reindex", "--timezone", "Asia/Tokyo", source)
    with Archive.open(folder) as archive:
        assert archive.snapshot().settings.timezone == "Asia/Tokyo"


class ListStore:
    """A store that keeps articles in a dict: what an engine behind a URL would be."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[Article, int, str]] = {}
        self.came: dict[str, int] = {}

    def writer(self, *, rebuild: bool = False):
        return ListWriter(self, {} if rebuild else dict(self.kept))

    def sources(self) -> tuple[str, ...]:
        return tuple({root for _, _, root in self.kept.values()})

    def articles(self):
        return ((root, one, 0) for one, _, root in self.kept.values())


class ListWriter:
    main_language = ""

    def languages(self):
        return {}

    def __init__(self, store: ListStore, articles: dict) -> None:
        self.store, self.articles, self.seen = store, articles, set()
        self.refused: list[tuple[str, str, str]] = []

    def lookup(self, ids):
        self.seen.update(ids)
        return [self.articles[own][1] if own in self.articles else 0 for own in ids]

    def put_stored(self, stored, fingerprints, root):
        for one, own in zip(map(article_from, stored), fingerprints, strict=True):
            self.seen.add(one.id)
            if one.title == "R99":
                self.refused.append((one.id, one.origin.path, "it is one too many"))
            else:
                self.articles[one.id] = (one, own, root)

    def came(self, id_, at):
        self.store.came[id_] = at

    def rejected(self, *, wait=False):
        told, self.refused = self.refused, []
        return told

    def remove(self, ids):
        return sum(self.articles.pop(own, None) is not None for own in ids)

    def prune(self, roots):
        return self.remove(
            [own for own, (_, _, r) in self.articles.items() if r in roots and own not in self.seen]
        )

    def commit(self):
        self.store.kept = self.articles
        return 1

    def close(self):
        pass


def test_another_engine_is_written_to_through_the_same_commands(run, source, folder):
    store = ListStore()
    engines = Engines({"opensearch": lambda url: store})
    where = ("--engine", "opensearch", "--url", "https://cluster.example")
    printed = run("index", *where, source, obj=engines)
    assert "5 articles added" in printed
    assert "https://cluster.example" in printed
    assert len(store.kept) == 5
    assert "Nothing has changed" in run("index", *where, source, obj=engines)
    (source / "b.jsonl").write_text(line(99) + "\n")
    told = json.loads(run("index", *where, "--json", source, obj=engines))
    assert (told["added"], told["unchanged"], told["skipped"]) == (0, 5, 2)
    assert "one too many" in told["skips"][-1]["reason"]
    assert told["skips"][-1]["path"].endswith("b.jsonl")
    (source / "b.jsonl").unlink()
    (source / "a.jsonl").write_text(line(0, 1) + "\n")
    told = json.loads(run("index", *where, "--prune", "--json", source, obj=engines))
    assert (told["changed"], told["removed"]) == (1, 4)
    assert not folder.exists()
    run("index", source)
    run("reindex", *where, "--from-index", folder, obj=engines)
    assert set(store.kept) == set(store.came) == {make_id(url="https://news.example/0")}
    assert min(store.came.values()) > 1_700_000_000


def test_an_engine_that_is_not_there_is_named(run, source):
    with pytest.raises(BroadsheetError, match="opensearch"):
        run("index", "--engine", "opensearch", "--url", "https://c.example", source)
    with pytest.raises(BroadsheetError, match="--url"):
        run("index", "--engine", "opensearch", source, obj=Engines({"opensearch": lambda u: None}))
