"""The project as a whole: the flow of imports, the table of commands, what the README says."""

from __future__ import annotations

import ast
import importlib
import re
import signal
import subprocess
import sys
from collections.abc import Collection
from datetime import UTC, datetime
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from click.testing import CliRunner

from broadsheet import MODULES, commands
from search.query.parse import parse

ROOT = Path(__file__).resolve().parent.parent
FLOW = ("corpus", "indexer", "search", "web")
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def imported(path: Path) -> set[str]:
    """Return the top-level packages that a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def modules() -> dict[str, Path]:
    """Return the modules of the product by their names."""
    found = {}
    for path in (path for package in FLOW for path in (ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def loaded_by(path: Path, known: Collection[str]) -> set[str]:
    """Return the modules of `known` that a module imports while it is loaded."""
    found: set[str] = set()
    todo = list(ast.parse(path.read_text(encoding="utf-8")).body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            todo += node.orelse
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            todo += [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)]
    return found & set(known)


def test_no_modules_import_each_other_in_a_circle() -> None:
    """A package that gathers what its modules have stands above them, so it is left out."""
    paths = {name: path for name, path in modules().items() if path.name != "__init__.py"}
    TopologicalSorter({name: loaded_by(path, paths) for name, path in paths.items()}).prepare()


def test_the_table_of_packages_has_the_question_that_each_states() -> None:
    table = dict(re.findall(r"^\| `([\w/]+)/` \| (.+) \|$", ARCHITECTURE, re.MULTILINE))
    stated = {
        path.parent.relative_to(ROOT).as_posix(): ast.get_docstring(ast.parse(path.read_text()))
        for path in modules().values()
        if path.name == "__init__.py" and path.parent.parent != ROOT
    }
    assert table == {
        name: (text or "").partition("\n\n")[0].replace("\n", " ") for name, text in stated.items()
    }


def test_what_the_architecture_names_is_there() -> None:
    files = {
        path.relative_to(ROOT).as_posix()
        for package in (*FLOW, "tests")
        for path in (ROOT / package).rglob("*")
        if path.suffix in (".py", ".pyx", ".pxd")
    } | {"broadsheet.py", "setup.py"}
    for name in re.findall(r"`([\w/]+\.(?:py|pyx|pxd))`", ARCHITECTURE):
        assert any(file == name or file.endswith(f"/{name}") for file in files), name


@pytest.mark.parametrize("package", FLOW)
def test_no_import_points_against_the_flow(package: str) -> None:
    later = set(FLOW[FLOW.index(package) + 1 :]) | {"broadsheet", "tests"}
    for path in (ROOT / package).rglob("*.py"):
        assert not imported(path) & later, path


def test_the_embedded_engine_needs_no_client_of_a_cluster() -> None:
    code = "import sys, broadsheet, web.app, search.embedded.engine, search.commands\n"
    code += "assert not any(name.startswith('opensearch') for name in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_the_table_of_commands_is_what_the_modules_have() -> None:
    for module, names in MODULES.items():
        found = tuple(command.name for command in importlib.import_module(module).COMMANDS)
        assert found == names, module


def test_every_command_tells_how_it_is_used() -> None:
    for name in (name for names in MODULES.values() for name in names):
        shown = CliRunner().invoke(commands, [name, "--help"])
        assert shown.exit_code == 0
        assert "Usage:" in shown.output


def test_the_list_of_commands_says_what_each_does_in_usual_words() -> None:
    listed = CliRunner().invoke(commands, ["--help"]).output.split("Commands:")[1]
    assert "..." not in listed
    assert "Merge into one segment." in listed
    assert "Rebuild the archive and swap it in without downtime." in listed


def test_the_demo_names_the_setting_of_its_port() -> None:
    done = subprocess.run(["make", "help"], capture_output=True, text=True, check=True, cwd=ROOT)
    line = next(line for line in done.stdout.splitlines() if line.strip().startswith("make demo"))
    assert "PORT=" in line


def test_what_a_user_can_act_on_is_printed_without_a_traceback(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "broadsheet", "search", "x", "--index", str(tmp_path / "none")],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr
    assert "broadsheet index" in done.stderr


def test_what_the_system_refuses_is_printed_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"title": "A kiln", "text": "It burns."}\n')
    limited = "import resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, ({0}, {0}));"
    run = "broadsheet.main()"
    for files in (5, 7, 9):
        done = subprocess.run(
            [
                sys.executable, "-c", f"import broadsheet; {limited.format(files)}{run}",
                "index", "--index", str(tmp_path / "index"), str(tmp_path / "a.jsonl"),
            ],
            capture_output=True, text=True, timeout=120, cwd=ROOT,
        )  # fmt: skip
        assert "Traceback" not in done.stderr
        assert done.returncode == 0 or done.stderr.startswith("Error: ")
        if done.returncode:
            assert "open files" in done.stderr


def test_an_interruption_while_the_program_starts_says_nothing() -> None:
    code = """
import builtins, os, signal, sys
sys.argv = ["/usr/bin/broadsheet", "--version"]
imported = builtins.__import__
def importing(name, *given):
    if name == "click":
        os.kill(os.getpid(), signal.SIGINT)
    return imported(name, *given)
builtins.__import__ = importing
from broadsheet import main
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, cwd=ROOT
    )
    assert done.returncode == -signal.SIGINT
    assert not done.stderr


def asked_in_the_readme() -> list[str]:
    """Return the queries of the table under 'Asking'."""
    table = README.partition("## Asking")[2].partition("Filters in the side bar")[0]
    rows = re.findall(r"^\| (`.*?) \| [^|]*\|$", table, re.M)
    return [query for row in rows for query in re.findall(r"`([^`]+)`", row)]


@pytest.mark.parametrize("query", [q for q in asked_in_the_readme() if not q.endswith(":")])
def test_the_readmes_queries_are_read_as_meant(query: str) -> None:
    parsed = parse(query, now=datetime(2024, 5, 1, tzinfo=UTC), timezone="UTC")
    assert not parsed.notes, parsed.notes
    assert parsed.parsed


def test_the_readmes_commands_and_options_exist() -> None:
    known = {name for names in MODULES.values() for name in names}
    named = set(re.findall(r"broadsheet ([a-z]+)\b", README)) - {"turns"}
    assert named <= known
    for name in ("index", "reindex", "search", "serve"):
        text = CliRunner().invoke(commands, [name, "--help"]).output
        for line in re.findall(rf"broadsheet {name}\b[^\n|]*", README):
            for option in re.findall(r"--[a-z][a-z-]+", line):
                assert option in text, (name, option)


def test_the_readmes_files_exist() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_each_promise_names_a_test_that_is_there() -> None:
    rows = (ROOT / "RELIABILITY.md").read_text("utf-8").split("| promise |")[1]
    named = re.findall(r"`((?:[a-z_]+/)+test_\w+\.py)`", rows)
    assert len(named) > 20
    assert [name for name in named if not (ROOT / "tests" / name).exists()] == []


@pytest.mark.parametrize("suffix", ["py", "md", "cfg", "toml", "html", "js", "css", "yml"])
def test_nothing_is_left_to_do(suffix: str) -> None:
    listed = subprocess.run(
        ["git", "ls-files", f"*.{suffix}"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    mark = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    for name in listed:
        path = ROOT / name
        if path.is_file() and "sample" not in name and "fixtures" not in name:
            assert not mark.search(path.read_text(encoding="utf-8")), name
