"""`repair` mends what is damaged, touches nothing else, and never removes an original."""

from __future__ import annotations

import json
import os
import shutil
import stat
import traceback
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from corpus.core.article import Article, make_id
from corpus.core.errors import InaccessibleError, IndexBrokenError, OtherVersionError
from corpus.core.wire import article_json
from indexer.care.backup import back_up, restore
from indexer.care.check import check_archive
from indexer.care.quarantine import quarantine
from indexer.care.repair import repair_archive
from indexer.commands import COMMANDS
from indexer.segment.columns import _TRAILER, ArrayFile
from indexer.segment.stored import article_from
from indexer.store.durable import checksum
from indexer.store.generations import POINTER_NAME, QUARANTINE_NAME, commit, hold
from indexer.store.toc import FileEntry, toc_name
from indexer.update.file_manifest import REMEMBERED_NAME
from indexer.update.reading import fingerprint
from indexer.update.update import update
from indexer.whoosh.archive import Archive, FolderStore

OTHER_SCHEMA = 99


def write(folder: Path, numbers: range, version: int = 0) -> None:
    writer = FolderStore(folder).writer()
    articles = [
        Article(
            id=make_id(own=f"a{n}"),
            url=f"https://courier.example/{n}",
            title=f"Report {n}",
            body=(f"Version {version} of the harbour report {n}. " + "Quay crane ferry. " * 40,),
            language="en",
        )
        for n in numbers
    ]
    writer.put(articles, [fingerprint(article_json(one)) for one in articles], "wire")
    writer.commit()
    writer.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two segments of unlike sizes, in the first of which an article is deleted."""
    folder = tmp_path / "archive"
    write(folder, range(90))
    write(folder, range(89, 130), version=1)
    assert len(list(folder.glob("segment-*"))) == 2
    assert len(list(folder.glob("deleted-*"))) == 1
    return folder


def bodies(folder: Path) -> dict[str, str]:
    with Archive.open(folder) as archive:
        return {article.title: article.body[0][:9] for _, article, _ in archive.articles()}


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a folder, without the one that says who is writing."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "writer.lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def quarantined(folder: Path) -> dict[str, bytes]:
    found = (folder / QUARANTINE_NAME).rglob("*")
    return {path.name: path.read_bytes() for path in found if path.is_file()}


def damage(path: Path, place: int, length: int = 1) -> None:
    content = bytearray(path.read_bytes())
    for at in range(place, place + length):
        content[at] ^= 0x55
    path.write_bytes(content)


def as_nobody(work, folder: Path, mode: int = 0o777) -> None:
    """Do some work in another process as a user to whom permissions mean something."""
    for path in (folder, *folder.parents):
        if path != Path("/") and not path.stat().st_mode & stat.S_IXOTH:
            path.chmod(path.stat().st_mode | 0o755)
    for path in folder.iterdir():
        if path.stat().st_mode & 0o400:
            path.chmod(0o666)
    folder.chmod(mode)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            if not os.geteuid():
                os.setgid(65534)
                os.setuid(65534)
            work()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    folder.chmod(0o755)


def committed_again(folder: Path, name: str) -> None:
    """Commit the same generation anew, with a file as it is now."""
    held = hold(folder)
    held.release()
    content = (folder / name).read_bytes()
    segments = tuple(
        entry._replace(files=(FileEntry(name, len(content), checksum(content)),))
        if entry.files[0].name == name else entry
        for entry in held.toc.segments
    )  # fmt: skip
    commit(folder, held.toc._replace(segments=segments))


def of_another_version(folder: Path) -> None:
    """Make the first segment one of a newer format, whole and committed so."""
    path = folder / "segment-00000001.segment"
    content = bytearray(path.read_bytes())
    content[8] += 1
    content[-_TRAILER.size + 32] += 1
    path.write_bytes(content)
    committed_again(folder, path.name)


def with_another_end(folder: Path) -> None:
    """Make the first segment one of a newer format whose end nobody knows yet."""
    path = folder / "segment-00000001.segment"
    content = bytearray(path.read_bytes())
    content[8] += 1
    content[-_TRAILER.size :] = b"\x07" * 80
    path.write_bytes(content)
    committed_again(folder, path.name)


def of_another_schema(folder: Path) -> None:
    held = hold(folder)
    held.release()
    commit(folder, held.toc._replace(schema=OTHER_SCHEMA))


def of_another_head(folder: Path) -> None:
    """Make the table of contents and the pointer those of a newer form."""
    path = folder / toc_name(2)
    content = path.read_bytes().replace(b"broadsheet-toc 1 ", b"broadsheet-toc 2 ")
    path.write_bytes(content)
    body = json.dumps({"generation": 2, "toc": checksum(content)}, separators=(",", ":")).encode()
    (folder / POINTER_NAME).write_bytes(f"broadsheet-current 2 {checksum(body)}\n".encode() + body)


@pytest.mark.parametrize(
    "change", [of_another_version, with_another_end, of_another_schema, of_another_head]
)
def test_what_another_version_wrote_is_refused_and_left_alone(change, folder, tmp_path):
    change(folder)
    before = contents(folder)
    for work in (
        lambda: bodies(folder),
        lambda: check_archive(folder),
        lambda: back_up(folder, tmp_path / "backup"),
        lambda: restore(folder, tmp_path / "restored"),
        lambda: repair_archive(folder),
        lambda: FolderStore(folder).writer(),
    ):
        with pytest.raises(OtherVersionError) as refused:
            work()
        assert "repair" not in str(refused.value)
    assert contents(folder) == before
    assert not (tmp_path / "backup").exists()


@pytest.mark.parametrize("name", ["segment-00000001.segment", "CURRENT", "generation-00000002.toc"])
def test_what_may_not_be_read_is_refused_and_left_alone(name, folder):
    def work() -> None:
        try:
            report = check_archive(folder)
        except InaccessibleError as error:
            assert "repair" not in str(error)
        else:
            assert [problem.file for problem in report.problems] == [name]
            assert not report.problems[0].damaged
        with pytest.raises(InaccessibleError, match="right to read") as refused:
            repair_archive(folder)
        assert "broadsheet repair" not in str(refused.value)

    before = contents(folder)
    (folder / name).chmod(0)
    as_nobody(work, folder)
    (folder / name).chmod(0o644)
    assert contents(folder) == before
    assert not check_archive(folder).problems


def test_a_folder_that_may_not_be_listed_is_reported(folder):
    def work() -> None:
        for look in (check_archive, repair_archive):
            with pytest.raises(InaccessibleError, match="right to read"):
                look(folder)

    (folder / POINTER_NAME).unlink()
    as_nobody(work, folder, 0o333)


def test_segments_whose_names_were_swapped_are_known_by_their_content(folder):
    before = bodies(folder)
    one, two = (folder / f"segment-0000000{number}.segment" for number in (1, 2))
    one.rename(folder / "aside")
    two.rename(one)
    (folder / "aside").rename(two)
    assert len(check_archive(folder).problems) >= 2
    result = repair_archive(folder)
    assert result.complete
    assert (result.kept, result.recovered) == (len(before), 0)
    assert bodies(folder) == before
    assert not check_archive(folder).problems


def test_a_segment_is_found_again_in_the_quarantine_and_under_any_name(folder):
    before = bodies(folder)
    (folder / "segment-00000002.segment").rename(folder / "segment-00000002.segment.old")
    place = quarantine(folder, ["segment-00000001.segment"], 1)
    (folder / "segment-00000001.segment").unlink()
    assert (place / "segment-00000001.segment").exists()
    assert repair_archive(folder).complete
    assert bodies(folder) == before
    assert not check_archive(folder).problems


def test_the_originals_of_what_is_damaged_are_kept(folder):
    path = folder / "segment-00000001.segment"
    damage(path, path.stat().st_size // 2, 4000)
    original = path.read_bytes()
    readable = bodies(folder).keys() if not check_archive(folder).problems else set()
    result = repair_archive(folder)
    assert quarantined(folder)[path.name] == original
    assert readable <= bodies(folder).keys()
    assert QUARANTINE_NAME in result.quarantine
    assert result.quarantine in result.verdict
    write(folder, range(500, 503))
    FolderStore(folder).optimise()
    assert quarantined(folder)[path.name] == original, "later writers leave it alone"
    assert not check_archive(folder).problems


def test_lost_articles_are_named_and_end_the_command_with_a_status(folder):
    path = folder / "segment-00000001.segment"
    file = ArrayFile.open(path)
    place = file.row("stored/blocks").place
    middle = (place.start + place.stop) // 2
    del file
    before = bodies(folder)
    damage(path, middle, 64)
    command = next(one for one in COMMANDS if one.name == "repair")
    done = CliRunner().invoke(command, ["--index", str(folder)])
    assert done.exit_code == 1
    missing = before.keys() - bodies(folder).keys()
    assert 0 < len(missing) < 40
    for title in sorted(missing)[:20]:
        assert f"{title}, https://courier.example/{title.split()[1]}" in done.output
    assert "restore a backup" in done.output
    again = CliRunner().invoke(command, ["--index", str(folder)])
    assert again.exit_code == 0, "what is lost is lost once"


@pytest.mark.parametrize("merged", [False, True])
@pytest.mark.parametrize("cut", [1, 7, 8, 47, 48, 49, 500, 4_000])
def test_articles_before_the_end_that_was_cut_off_are_recovered(folder, cut, merged):
    """They come first in the file, and their lines in its table: the rest is made of them."""
    if merged:
        FolderStore(folder).optimise()
    with Archive.open(folder) as archive:
        before = {one.id: article_json(one) for _, one, _ in archive.articles()}
    for path in folder.glob("segment-*"):
        os.truncate(path, path.stat().st_size - cut)
    report = repair_archive(folder)
    assert (report.recovered, len(report.lost)) == (len(before), 0)
    with Archive.open(folder) as archive:
        assert {one.id: article_json(one) for _, one, _ in archive.articles()} == before
    assert not check_archive(folder).problems


@pytest.mark.parametrize("left", [0.5, 0.0])
def test_articles_of_which_the_table_is_cut_off_are_counted_as_lost(folder, left):
    n_before = len(bodies(folder))
    largest = max(folder.glob("segment-*"), key=lambda path: path.stat().st_size)
    os.truncate(largest, int(largest.stat().st_size * left))
    report = repair_archive(folder)
    assert report.kept + report.recovered + len(report.lost) == n_before
    assert len(report.lost) > 40
    assert not check_archive(folder).problems


def test_a_segment_that_is_gone_is_counted_as_lost(folder):
    before = bodies(folder)
    (folder / "segment-00000001.segment").unlink()
    result = repair_archive(folder)
    assert not result.complete
    assert len(result.lost) == len(before) - len(bodies(folder)) == 89


def test_a_flipped_version_of_a_small_file_is_damage(folder):
    before = bodies(folder)
    for name in (POINTER_NAME, toc_name(3)):
        path = folder / name
        path.write_bytes(path.read_bytes().replace(b" 1 ", b" 3 ", 1))
        with pytest.raises(IndexBrokenError, match="repair"):
            bodies(folder)
        assert repair_archive(folder).complete
        assert bodies(folder) == before


def test_damage_to_what_is_remembered_is_no_damage_of_the_archive(folder, tmp_path):
    (tmp_path / "in.jsonl").write_text('{"title": "A quay", "text": "It stands."}\n')
    update(FolderStore(folder), [str(tmp_path / "in.jsonl")], processes=1)
    path = folder / REMEMBERED_NAME
    damage(path, path.stat().st_size // 2)
    report = check_archive(folder)
    assert not report.problems
    assert REMEMBERED_NAME in report.notes[0]
    assert "Nothing is damaged" in repair_archive(folder).verdict
    update(FolderStore(folder), [str(tmp_path / "in.jsonl")], processes=1)
    assert not check_archive(folder).notes


def test_an_archive_without_its_small_files_is_not_begun_anew(folder):
    before = bodies(folder)
    (folder / POINTER_NAME).unlink()
    for path in folder.glob("generation-*"):
        path.unlink()
    with pytest.raises(IndexBrokenError, match="broadsheet repair"):
        FolderStore(folder).writer()
    result = repair_archive(folder)
    assert result.complete
    assert bodies(folder) == before
    shutil.rmtree(folder / QUARANTINE_NAME)
    assert not check_archive(folder).problems


def test_what_was_written_after_the_last_readable_table_is_taken_up(folder):
    older = hold(folder)  # so that its table of contents stays
    write(folder, range(200, 230))
    write(folder, range(3), version=2)
    (folder / toc_name(4)).write_bytes(b"gone")
    (folder / toc_name(3)).unlink(missing_ok=True)
    (folder / POINTER_NAME).write_bytes(b"gone too")
    repair_archive(folder)
    older.release()
    found = bodies(folder)
    assert len(found) == 160
    assert found["Report 1"] == "Version 2"
    assert found["Report 95"] == "Version 1"


def test_a_language_that_was_assumed_is_no_damage(tmp_path):
    folder = tmp_path / "archive"
    lines = [
        {"id": f"l{n}", "title": f"Kiln {n}", "text": "The kiln burns and the ferry waits. " * 9,
         "source": "The Slate"} for n in range(5)
    ]  # fmt: skip
    lines += [{"id": f"s{n}", "title": f"{n}", "text": "12", "source": "The Slate"} for n in (1, 2)]
    source = tmp_path / "in.jsonl"
    source.write_text("".join(json.dumps(line) + "\n" for line in lines))
    update(FolderStore(folder), [str(source)], processes=1)
    assert not check_archive(folder).problems
    assert "Nothing is damaged" in repair_archive(folder).verdict
    before = bodies(folder)
    path = folder / "segment-00000001.segment"
    place = ArrayFile.open(path).row("fingerprints").place
    damage(path, place.stop - 1)
    repair_archive(folder)
    assert bodies(folder) == before
    assert not check_archive(folder).problems
    summary = update(FolderStore(folder), [str(source)], processes=1)
    assert (summary.added, summary.changed) == (0, 0), "each is as it was read"


def arrivals(folder: Path) -> dict[str, int]:
    """When each article came first."""
    found = {}
    with Archive.open(folder) as archive:
        for leaf in archive.snapshot().leaves:
            docs = range(leaf.segment.n_docs) if leaf.live is None else np.flatnonzero(leaf.live)
            for doc, stored in zip(docs, leaf.segment.stored.get(list(docs)), strict=True):
                found[article_from(stored).title] = int(leaf.segment.added[doc])
    return found


@pytest.mark.parametrize("lost", [False, True])
def test_articles_that_are_recovered_are_not_new(folder, lost):
    before = arrivals(folder)
    assert len(set(before.values())) == 2
    for path in folder.glob("segment-*"):
        place = ArrayFile.open(path).row("added" if lost else "text/text/postings").place
        damage(path, place.start)
    result = repair_archive(folder)
    assert result.recovered == 130
    after = arrivals(folder)
    if lost:
        assert min(after.values()) > max(before.values())
        assert sum("they count as new" in loss for loss in result.losses) == 2
    else:
        assert after == before
        assert not any("count as new" in loss for loss in result.losses)
