"""What is put on a shelf is kept: by many at once, through kills, damage and rebuilding."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from broadsheet import commands
from indexer.care.backup import back_up, restore
from indexer.store.beside import SHELF_NAME
from indexer.update.update import update
from indexer.whoosh.archive import FolderStore
from search.engine import Engine
from tests.web.test_shelf import SAMPLE, call, site_of
from web.shelf import lists
from web.shelf.database import Shelf, ShelfError


@pytest.fixture
def client(engine: Engine, tmp_path: Path) -> FlaskClient:
    return site_of(engine, tmp_path)


def test_many_that_use_a_new_shelf_at_once_all_can(tmp_path):
    failed = []

    def first_use(shelf: Shelf, start: threading.Barrier) -> None:
        start.wait()
        try:
            with shelf.writing() as db:
                lists.create(db, "reader", threading.current_thread().name)
        except ShelfError as error:
            failed.append(error)

    for number in range(60):
        (tmp_path / str(number)).mkdir()
        shelf, start = Shelf(tmp_path / str(number)), threading.Barrier(8)
        threads = [threading.Thread(target=first_use, args=(shelf, start)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with shelf.reading() as db:
            assert len(lists.every(db, "reader")) == 8, failed
    assert not failed


def test_many_writers_lose_nothing(tmp_path):
    shelf = Shelf(tmp_path)

    def write(name: str) -> None:
        for n in range(20):
            with shelf.writing() as db:
                lists.create(db, name, f"{name} {n}")

    threads = [threading.Thread(target=write, args=(f"reader {n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with shelf.reading() as db:
        assert all(len(lists.every(db, f"reader {n}")) == 20 for n in range(4))


_WRITE = """
import sys
from pathlib import Path
from corpus.core.article import Article
from web.shelf import lists
from web.shelf.database import Shelf

shelf = Shelf(Path(sys.argv[1]))
for n in range(100_000):
    with shelf.writing() as db:
        made, _ = lists.create(db, "reader", f"list {n % 400}")
        lists.add(db, "reader", made.id, [Article(id=f"{n:016x}")])
    print(n, flush=True)
"""


def test_what_was_answered_is_kept_when_the_process_is_killed(tmp_path):
    told = -1
    for lines in (1, 7, 40):
        (tmp_path / SHELF_NAME).unlink(missing_ok=True)
        process = subprocess.Popen(
            [sys.executable, "-c", _WRITE, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(lines):
            told = int(process.stdout.readline())
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        with Shelf(tmp_path).reading() as db:
            kept = {row[0] for row in db.execute("SELECT article FROM entries")}
            assert {f"{n:016x}" for n in range(told + 1)} <= kept
            assert len(kept) == db.execute("SELECT count(*) FROM lists").fetchone()[0], "whole"
            assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_a_shelf_of_a_later_version_is_left_alone(client, tmp_path):
    call(client, "POST", "/lists", {"name": "x"})
    with sqlite3.connect(tmp_path / SHELF_NAME) as db:
        db.execute("PRAGMA user_version = 999")
    with pytest.raises(ShelfError, match="later version"), Shelf(tmp_path).reading():
        pass
    assert client.get("/shelf").status_code == 503
    assert client.get("/search?q=bridge").status_code == 200


def test_a_damaged_shelf_keeps_nobody_from_searching(client, tmp_path):
    (tmp_path / SHELF_NAME).write_bytes(b"not a database" * 1000)
    answer = client.get("/shelf")
    assert answer.status_code == 503
    assert str(tmp_path) not in answer.text
    assert client.get("/search?q=bridge").status_code == 200


def test_a_backup_takes_the_shelf_along_and_a_restore_puts_it_back(folder, tmp_path):
    archive, copy, other = tmp_path / "archive", tmp_path / "copy", tmp_path / "other"
    back_up(folder, archive)
    with Shelf(archive).writing() as db:
        lists.create(db, "reader", "Before")
        assert back_up(archive, copy).shelf
    with Shelf(archive).writing() as db:
        lists.create(db, "reader", "After")
    with Shelf(copy).reading() as db:
        assert lists.every(db, "reader") == [], "what is not committed is not there"
    restored = restore(archive, other)
    assert (restored.shelf, restored.shelf_before) == (True, "")
    with Shelf(other).reading() as db:
        assert {each.name for each in lists.every(db, "reader")} == {"Before", "After"}
    before = Path(restore(copy, archive).shelf_before)
    with Shelf(archive).reading() as db:
        assert lists.every(db, "reader") == []
    with sqlite3.connect(before) as db:
        assert db.execute("SELECT count(*) FROM lists").fetchone()[0] == 2, "kept aside"


@pytest.mark.parametrize("command", [["reindex", "--from-index", "."], ["optimise"], ["repair"]])
def test_a_shelf_lives_through_what_is_done_to_the_index(tmp_path, command):
    archive = tmp_path / "archive"
    update(FolderStore(archive), [str(SAMPLE / "courier-features.zip")], processes=1)
    with Shelf(archive).writing() as db:
        lists.create(db, "reader", "Stays")
    if command == ["repair"]:
        segment = next(archive.glob("segment-*.segment"))
        content = bytearray(segment.read_bytes())
        content[len(content) // 2] ^= 0xFF
        segment.write_bytes(content)
    command = [str(archive) if part == "." else part for part in command]
    result = CliRunner().invoke(commands, [command[0], "--index", str(archive), *command[1:]])
    assert result.exit_code in ((0, 1) if command == ["repair"] else (0,)), result.output
    with Shelf(archive).reading() as db:
        assert [each.name for each in lists.every(db, "reader")] == ["Stays"]
    result = CliRunner().invoke(commands, ["check", "--index", str(archive)])
    assert result.exit_code == 0, result.output


def test_a_check_tells_of_a_damaged_shelf(folder, tmp_path):
    archive = tmp_path / "archive"
    back_up(folder, archive)
    (archive / SHELF_NAME).write_bytes(b"SQLite format 3\0" + b"\xff" * 9000)
    result = CliRunner().invoke(commands, ["check", "--index", str(archive)])
    assert result.exit_code
    assert SHELF_NAME in result.output
