"""`broadsheet count`: a list of queries in, a table out, as a user runs it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from broadsheet import commands

ARTICLES = [
    {"title": "Old kiln burns", "text": "The kiln burned.", "date": "2021-03-04"},
    {"title": "Kiln rebuilt", "text": "A kiln again, by Ada Quill.", "date": "2023-05-06"},
    {"title": "Weir opens", "text": "Quill and Ada spoke.", "date": "2022"},
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of three articles."""
    folder = tmp_path_factory.mktemp("count")
    source = folder / "a.jsonl"
    source.write_text("".join(json.dumps(each) + "\n" for each in ARTICLES))
    done = CliRunner().invoke(
        commands, ["index", "--index", str(folder / "index"), str(source)], catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    return folder / "index"


def run(index: Path, queries: str, *options: str) -> str:
    done = CliRunner().invoke(
        commands, ["count", "--index", str(index), "--queries", "-", *options], input=queries
    )
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_list_becomes_a_table(index: Path) -> None:
    options = ("--by-year", "--format", "csv", "--site", "https://paper.example/")
    found = csv.DictReader(io.StringIO(run(index, "kiln\nada quill\n=x\n", *options)))
    kiln, quill, formula = found
    assert (kiln["count"], kiln["first"], kiln["last"]) == ("2", "2021-03-04", "2023-05-06")
    assert (kiln["2021"], kiln["2022"], kiln["2023"]) == ("1", "0", "1")
    assert (quill["count"], quill["first"]) == ("2", "2022")
    assert kiln["link"] == "https://paper.example/search?q=kiln&match=all"
    assert formula["query"] == "'=x"


def test_names_are_phrases_and_options_narrow(index: Path) -> None:
    row = json.loads(run(index, "ada quill\n", "--phrases", "--format", "jsonl"))
    assert (row["count"], row["first"]) == (1, "2023-05-06")
    row = json.loads(run(index, "kiln\n", "--to", "2022", "--format", "jsonl"))
    assert row["count"] == 1


def test_people_read_a_table_and_errors_are_counted(index: Path, tmp_path: Path) -> None:
    queries = tmp_path / "q.csv"
    queries.write_text("name,id\nkiln,1\n,2\n")
    done = CliRunner().invoke(
        commands, ["count", "--index", str(index), "--queries", str(queries), "--by-year"]
    )
    assert done.exit_code == 0
    assert "line 3: There is no query on this line." in done.stdout
    assert "1 of 2 lines have an error." in done.stderr
    missing = CliRunner().invoke(
        commands, ["count", "--index", str(index), "--queries", str(tmp_path / "none")]
    )
    assert missing.exit_code == 2 and "does not exist" in missing.output
