"""The first run on a machine: no kernel is compiled yet, and readers are forked meanwhile."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("corpus", "indexer", "search", "web")


def test_the_first_run_compiles_while_readers_start_and_comes_to_its_end(tmp_path: Path) -> None:
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignored)
    shutil.copy(ROOT / "broadsheet.py", tmp_path)
    command = [sys.executable, "-m", "broadsheet", "index", "--index", "archive", "corpus/sample"]
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=150
    )
    assert done.returncode == 0, done.stderr
    assert "146" in done.stdout
    assert list((tmp_path / "indexer" / "__pycache__").glob("*.kernel"))
