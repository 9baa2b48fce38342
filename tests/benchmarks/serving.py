"""Ask a server for different searches of two words, from several clients at once.

    python tests/benchmarks/serving.py [--workers 2] [--clients 8] [--seconds 10] [--index FOLDER]

The archive is made of the shared corpora, if there is none yet in the folder of the cache. Clients
are connections of one process that stay open; each asks again as soon as it has its answer. Every
search is of two words of one title, with all facets, the timeline and ten snippets: first by the
API, then as pages. Told are requests a second, their median and 95th percentile, and the processor
time that the server's workers and the clients took for one. Clients share the processors with the
server: what they take of a second, about a twentieth, is not the server's to have.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import selectors
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote_plus

ROOT = Path(__file__).resolve().parents[2]
sys.path[0] = str(ROOT)  # beside this file lies a module that is named as the package

from search.embedded.engine import EmbeddedEngine  # noqa: E402
from search.request import Request  # noqa: E402

CACHE = Path(os.environ.get("BROADSHEET_BENCHMARKS", ROOT / ".cache" / "benchmarks"))
CORPORA = ("reuters21578", "huffpost.jsonl", "seed")
SEED = 20_240_229
LEAST = 200
"""Requests that are made at least: each worker reads and verifies arrays with its first ones."""

_TITLES = 4_000
_WORD = re.compile(r"[A-Za-z]{4,}")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_TICKS = os.sysconf("SC_CLK_TCK")


def archive(folder: Path, corpora: Path) -> None:
    """Make the archive of the shared corpora."""
    sources = [str(corpora / name) for name in CORPORA]
    command = [sys.executable, str(ROOT / "broadsheet.py"), "index", "--index", str(folder)]
    subprocess.run([*command, *sources], check=True)


def searches(folder: Path) -> list[str]:
    """Return searches of two words each, no two alike."""
    engine = EmbeddedEngine(folder)
    chance = random.Random(SEED)
    found: dict[str, None] = {}
    for article in engine.scan(Request(sort="newest", collapse=False)):
        if chance.random() < 0.2:
            words = _WORD.findall(article.title)
            if len(words) > 1:
                found[" ".join(chance.sample(words, 2)).lower()] = None
        if len(found) == _TITLES:
            break
    engine.close()
    made = list(found)
    chance.shuffle(made)
    return made


class Client:
    """A connection that stays open, with one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._answer = bytearray()
        self._asked = 0.0

    def ask(self, path: str) -> None:
        """Send a request."""
        self._answer.clear()
        self._asked = time.perf_counter()
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())

    def seconds(self) -> float | None:
        """Read what has come; return how long the answer took once it is whole.

        Raises ConnectionError where the server said anything but 200.
        """
        piece = self.socket.recv(1 << 18)
        self._answer += piece
        end = self._answer.find(b"\r\n\r\n")
        length = _LENGTH.search(self._answer, 0, max(end, 0) + 2)
        if not piece or (end > 0 and (not length or not self._answer.startswith(b"HTTP/1.1 200"))):
            raise ConnectionError(bytes(self._answer[:300]).decode("utf-8", "replace"))
        if length is None or len(self._answer) < end + 4 + int(length[1]):
            return None
        return time.perf_counter() - self._asked


def load(port: int, paths: Iterator[str], clients: int, seconds: float) -> list[float]:
    """Return the seconds that each request took, `LEAST` or as many as are answered in a time."""
    took = []
    with selectors.DefaultSelector() as selector:
        for _ in range(clients):
            client = Client(port)
            selector.register(client.socket, selectors.EVENT_READ, client)
            client.ask(next(paths))
        until = time.perf_counter() + seconds
        while time.perf_counter() < until or len(took) < LEAST:
            for key, _ in selector.select(timeout=1):
                if (spent := key.data.seconds()) is not None:
                    took.append(spent)
                    key.data.ask(next(paths))
        for key in list(selector.get_map().values()):
            key.data.socket.close()
    return took


def cpu_seconds(process: int) -> float:
    """Return the processor time of a process and its living children."""
    pids = [process]
    for task in Path(f"/proc/{process}/task").iterdir():
        pids += map(int, (task / "children").read_text().split())
    total = 0
    for pid in pids:
        rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(rest[11]) + int(rest[12])
    return total / _TICKS


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description="Measure how many requests a server answers.")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--index", type=Path, default=CACHE / "serving")
    parser.add_argument("--corpora", type=Path, default=ROOT.parent / "shared" / "corpora")
    options = parser.parse_args()
    if not options.index.exists():
        archive(options.index, options.corpora)
    texts = searches(options.index)
    paths = {
        "API": [f"/api/v1/search?q={quote_plus(text)}" for text in texts],
        "pages": [f"/search?q={quote_plus(text)}" for text in texts],
    }
    command = [sys.executable, str(ROOT / "broadsheet.py"), "serve", "--index", str(options.index)]
    command += ["--port", str(options.port), "--workers", str(options.workers)]
    command += ["--rate-limit", "", "--no-log-requests"]
    with subprocess.Popen(command) as server:
        try:
            _await(options.port)
            for name, asked in paths.items():
                half = len(asked) // 2
                load(options.port, _around(asked[:half]), options.clients, 2)
                before, begun = cpu_seconds(server.pid), time.perf_counter()
                own = time.process_time()
                took = load(options.port, _around(asked[half:]), options.clients, options.seconds)
                elapsed = time.perf_counter() - begun
                spent = cpu_seconds(server.pid) - before
                own = time.process_time() - own
                hundredths = statistics.quantiles(took, n=100)
                print(
                    f"{name}: {len(took) / elapsed:.0f} a second, median {hundredths[49] * 1e3:.1f}"
                    f" ms, p95 {hundredths[94] * 1e3:.1f} ms, {spent / len(took) * 1e3:.2f} ms of"
                    f" processor time each, {own / len(took) * 1e3:.2f} ms of the clients'"
                    f" ({len(took):,} requests, {options.clients} clients, {options.workers}"
                    " workers)",
                    flush=True,
                )
        finally:
            server.terminate()


def _around(paths: list[str]) -> Iterator[str]:
    while True:
        yield from paths


def _await(port: int) -> None:
    """Wait until the server listens."""
    until = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


if __name__ == "__main__":
    main()
