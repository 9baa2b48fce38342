"""Files of articles, and names as reference managers take them."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from broadsheet import commands
from corpus.core.article import Article
from search.exports.citations import bibtex, surname_first
from search.exports.exports import BOM, COLUMNS, file_name, written
from search.request import Request

UTC = ZoneInfo("UTC")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ines Vellamo", "Vellamo, Ines"),
        ("Hester M. Vale", "Vale, Hester M."),
        ("Ludo van der Merwe", "van der Merwe, Ludo"),
        ("María de la Cruz", "de la Cruz, María"),
        ("Robert Ashby Jr.", "Ashby, Robert, Jr."),
        ("Vellamo, Ines", "Vellamo, Ines"),
        ("Madonna", "Madonna"),
        ("Harbour Desk", "Harbour Desk"),
        ("Calder & Vane", "Calder & Vane"),
        ("王小明", "王小明"),
        ("김 철수", "김 철수"),
    ],
)
def test_a_name_is_turned_as_reference_managers_take_it(name: str, expected: str) -> None:
    assert surname_first(name) == expected


def test_bibtex_parts_people_and_keeps_bodies_whole() -> None:
    article = Article(id="0" * 16, title="T", authors=("Ines Vellamo", "Harbour Desk"))
    assert "author = {Vellamo, Ines and {Harbour Desk}}" in bibtex(article, UTC)


def test_csv_has_a_byte_order_mark_on_request_and_every_group_of_names() -> None:
    article = Article(
        id="1" * 16, title="A pier, reopened", people=("Maud Ennerdale",), places=("vell",),
        orgs=("Vell Line",),
    )  # fmt: skip
    plain = "".join(written("csv", [article], UTC))
    marked = "".join(written("csv", [article], UTC, bom=True))
    assert marked == BOM + plain
    heading, row = plain.splitlines()
    assert heading == ",".join(COLUMNS)
    assert {"people", "places", "orgs"} <= set(COLUMNS)
    assert "Maud Ennerdale" in row and "Vell Line" in row


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Request(text="Ember Bridge", filters={"tags": ("inquiry",)}),
         "ember-bridge-inquiry-2026-01-02.csv"),
        (Request(text="日本"), "broadsheet-2026-01-02.csv"),
        (Request(text='"a/b" ../c', since="2021"), "a-b-c-2021-2026-01-02.csv"),
        (Request(text="x" * 300), "x" * 60 + "-2026-01-02.csv"),
    ],
)  # fmt: skip
def test_a_file_is_called_by_what_was_asked_and_the_day(asked: Request, expected: str) -> None:
    assert file_name(asked, "csv", "2026-01-02") == expected


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["serach", "x"], "Did you mean 'search'?"),
        (["--index", "x", "search", "y"], "--index belongs behind the command"),
        (["--indx", "x"], "No such option"),
        (["zzz"], "There is no command 'zzz'."),
    ],
)
def test_a_slip_on_the_command_line_is_told_with_its_mend(arguments: list[str], said: str) -> None:
    done = CliRunner().invoke(commands, arguments)
    assert done.exit_code == 2
    assert said in done.output


def test_what_goes_into_another_program_is_not_wrapped(tmp_path: Path) -> None:
    title = "The pier reopens " + "after a winter of storms and of patience " * 4 + "at last"
    (tmp_path / "one.txt").write_text(f"{title}\n\nThe old pier reopened after the storm.\n")
    index = str(tmp_path / "index")
    runner = CliRunner()
    added = runner.invoke(commands, ["index", "--index", index, str(tmp_path / "one.txt")])
    assert "1 article added." in added.output
    found = runner.invoke(commands, ["search", "--index", index, "pier"]).output
    assert f"1. {title}" in found.splitlines()
    assert found.startswith("1 article (")


def test_a_source_that_is_not_there_ends_with_a_status_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("Pier reopens\n\nThe old pier reopened after the storm.\n")
    named = [str(tmp_path / "one.txt"), str(tmp_path / "nofile")]
    base = ["--index", str(tmp_path / "index")]
    for command in ("index", "reindex"):
        done = CliRunner().invoke(commands, [command, *base, *named])
        assert done.exit_code == 1
        assert "nofile: there is no such file or folder" in done.output
        assert CliRunner().invoke(commands, [command, *base, named[0]]).exit_code == 0


def test_the_command_writes_ris_and_the_same_csv_as_the_pages(tmp_path: Path) -> None:
    source = tmp_path / "one.txt"
    source.write_text("Pier reopens\n\nThe old pier reopened after the storm of last winter.\n")
    index = str(tmp_path / "index")
    runner = CliRunner()
    assert runner.invoke(commands, ["index", "--index", index, str(source)]).exit_code == 0
    ris = runner.invoke(commands, ["export", "--index", index, "--format", "ris", "pier"]).output
    assert ris.startswith("TY  - NEWS") and "TI  - Pier reopens" in ris
    table = runner.invoke(commands, ["export", "--index", index, "--format", "csv"]).output
    assert table.splitlines()[0] == ",".join(COLUMNS)
