"""The walks of CONTRIBUTING.md: changes apply to this tree, commands show what is said."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"\A(?:# |\{# )([\w./]+)(?: #\})?\n")
WALKS = re.findall(r"^## (\d\. .+)$", PAGE, re.MULTILINE)
PACKAGES = ("corpus/", "indexer/", "search/", "web/")


def blocks(walk: str) -> Iterator[tuple[str, str]]:
    """Yield the language and the text of each block of a walk."""
    section = PAGE.split(f"## {walk}\n", 1)[1].split("\n## ", 1)[0]
    yield from BLOCK.findall(section)


@pytest.fixture
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is installed, which the walks change one after the other."""
    copy = tmp_path_factory.mktemp("tree")
    without = shutil.ignore_patterns("__pycache__", "sample", "*.pyx", "*.pxd")
    for package in ("corpus", "indexer", "search", "web"):
        shutil.copytree(ROOT / package, copy / package, ignore=without)
    shutil.copy(ROOT / "broadsheet.py", copy)
    return copy


def change(tree: Path, text: str) -> None:
    """Apply a change: the lines that stay or go must stand in the file exactly once."""
    first, _, hunk = text.partition("\n")
    path = tree / first.removeprefix("--- ")
    lines = hunk.rstrip("\n").split("\n")
    before = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "+")
    after = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "-")
    source = path.read_text(encoding="utf-8")
    assert source.count(before) == 1, f"{path.name} has no such lines, or several: {before}"
    path.write_text(source.replace(before, after), encoding="utf-8")


def run(tree: Path, folder: Path, command: str) -> str:
    """Return what a command prints, `python FILE` or `broadsheet ...`, with the tree's modules."""
    name, *arguments = shlex.split(command)
    program = tree / "broadsheet.py" if name == "broadsheet" else Path(arguments.pop(0))
    code = "import runpy, sys; sys.path.insert(0, sys.argv[1]); del sys.argv[:2]; "
    code += "sys.argv.insert(0, ''); runpy.run_path(sys.argv.pop(1), run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", code, str(tree), str(program), *arguments],
        cwd=folder, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def follow(walk: str, tree: Path, folder: Path) -> int:
    """Do what a walk says, in its order; return how many commands it ran."""
    ran = 0
    for kind, text in blocks(walk):
        if kind == "diff":
            change(tree, text)
        elif kind == "console":
            for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                command, *expected = part.strip("\n").split("\n")
                shown = run(tree, folder, command)
                ran += 1
                for line in expected:
                    assert line.strip(".") in shown, shown
        else:
            named = NAMED.match(text)
            assert named, text[:80]
            place = tree if named[1].startswith(PACKAGES) else folder
            path = place / named[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text[named.end() :], encoding="utf-8")
    return ran


def test_the_walks_do_what_they_say(tree: Path, tmp_path: Path) -> None:
    for walk in WALKS:
        assert follow(walk, tree, tmp_path), f"{walk} shows nothing"
