"""Work on archives under the layer of `faults.c`, which is preloaded into this process.

One task a line of JSON on standard input, one answer a line on standard output. Each task is done
in a child of this process, so that interpreter and libraries are loaded once.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from conftest import work_of

from corpus.core.errors import BroadsheetError
from indexer.care.backup import back_up
from indexer.care.repair import repair_archive
from indexer.update.update import update
from indexer.whoosh.archive import FolderStore

DONE, REFUSED, FAILED = 0, 3, 4


def work(kind: str, folder: Path, prepared: Path) -> Callable[[], object]:
    """Return some work on the archive in a folder."""
    match kind:
        case "first index":
            return lambda: update(FolderStore(folder), [str(prepared / "source")], processes=1)
        case "backup":
            return lambda: back_up(folder, folder.with_name("backup"))
        case "repair":
            return lambda: repair_archive(folder)
        case "sources":
            source = str(folder.parent / "source")
            return lambda: update(FolderStore(folder), [source], prune=True, processes=1)
    return work_of(kind, folder, prepared)


def main() -> None:
    """Do the tasks."""
    layer = ctypes.CDLL(os.environ["LD_PRELOAD"])
    layer.faults_passed.restype = ctypes.c_long
    with tempfile.TemporaryDirectory() as place:  # what reading needs is loaded once, here
        update(FolderStore(Path(place) / "warm"), [sys.argv[1]], processes=1)
    for line in sys.stdin:
        task = json.loads(line)
        said = Path(task["said"])
        child = os.fork()
        if child == 0:
            status, text = FAILED, ""
            job = work(task["kind"], Path(task["folder"]), Path(task["prepared"]))
            layer.faults_begin(
                task["root"].encode(),
                task["shadow"].encode(),
                task["fault"],
                ctypes.c_long(task["at"]),
                int(task["reads"]),
            )
            try:
                job()
                status = DONE
            except BroadsheetError as error:
                status, text = REFUSED, str(error)
            except BaseException:
                text = traceback.format_exc()
            passed = layer.faults_passed()
            layer.faults_end()
            said.write_text(json.dumps({"passed": passed, "text": text}))
            os._exit(status)
        _, ended = os.waitpid(child, 0)
        answer = {"status": os.waitstatus_to_exitcode(ended), "passed": 0, "text": ""}
        if said.exists():
            answer |= json.loads(said.read_text())
            said.unlink()
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
