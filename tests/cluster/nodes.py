"""A real OpenSearch cluster on loopback: one JVM a node, so that a node can be killed.

The node's classes come from Maven Central's artefacts (`pom.xml`), resolved once and kept in the
checkout's cache folder. As a script it starts three nodes and runs until Ctrl-C:
``python tests/cluster/nodes.py``.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
CACHE = HERE.parent.parent / ".cache" / "opensearch"
HEAP = "512m"
COLLECTOR = ("-XX:+UseG1GC", "-XX:G1ReservePercent=25", "-XX:InitiatingHeapOccupancyPercent=30")
"""As OpenSearch sets it: a node refuses requests while what is in use, garbage included, comes near
the heap's size, and only this collector is asked to clear it then."""
START_SECONDS = 180


class ClusterUnavailableError(Exception):
    """The cluster cannot be started on this machine; the message says what is missing."""


def classpath() -> str:
    """Return the class path of a node; resolves and compiles it once into the cache folder."""
    for command in ("java", "javac", "mvn"):
        if shutil.which(command) is None:
            raise ClusterUnavailableError(f"{command} is not installed")
    CACHE.mkdir(parents=True, exist_ok=True)
    listing, classes = CACHE / "classpath.txt", CACHE / "classes"
    stamp = max((HERE / name).stat().st_mtime for name in ("pom.xml", "ClusterNode.java"))
    if not listing.exists() or listing.stat().st_mtime < stamp:
        fresh = CACHE / "classpath.new"
        maven = subprocess.run(
            ["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:build-classpath",
             f"-Dmdep.outputFile={fresh}"],
            capture_output=True, text=True, timeout=600, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if maven.returncode:
            raise ClusterUnavailableError(f"Maven failed: {maven.stdout[-800:]}")
        jars = fresh.read_text().strip()
        subprocess.run(
            ["javac", "-cp", jars, "-d", str(classes), str(HERE / "ClusterNode.java")],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        fresh.replace(listing)
    return f"{classes}:{listing.read_text().strip()}"


def free_ports(count: int) -> list[int]:
    """Return ports that nothing listens on now."""
    held = [socket.socket() for _ in range(count)]
    try:
        for sock in held:
            sock.bind(("127.0.0.1", 0))
        return [sock.getsockname()[1] for sock in held]
    finally:
        for sock in held:
            sock.close()


@dataclass
class Cluster:
    """A cluster of `size` nodes in a folder; a context manager."""

    size: int = 3
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="cluster-")))
    processes: list[subprocess.Popen[bytes] | None] = field(default_factory=list)
    ports: list[int] = field(default_factory=list)
    transports: list[int] = field(default_factory=list)

    def __enter__(self) -> Cluster:
        """Start all nodes and wait until they have found each other."""
        ports = free_ports(2 * self.size)
        self.ports, self.transports = ports[: self.size], ports[self.size :]
        self.processes = [None] * self.size
        try:
            for number in range(self.size):
                self.start(number)
            self.wait(nodes=self.size, status="green")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Kill all nodes and remove their folder."""
        for number in range(self.size):
            self.kill(number)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self) -> str:
        """The addresses of all nodes, as ``--url`` takes them."""
        return ",".join(f"http://127.0.0.1:{port}" for port in self.ports)

    def start(self, number: int) -> None:
        """Start node `number` (from 0); its data folder is kept over a kill."""
        seeds = ",".join(f"127.0.0.1:{port}" for port in self.transports)
        names = ",".join(f"node{n}" for n in range(self.size))
        settings = {
            "node.name": f"node{number}",
            "cluster.name": "broadsheet-test",
            "network.host": "127.0.0.1",
            "http.port": self.ports[number],
            "transport.port": self.transports[number],
            "discovery.seed_hosts": seeds,
            "indices.query.bool.max_clause_count": "16384",
            "cluster.initial_cluster_manager_nodes": names,
            "cluster.routing.allocation.disk.threshold_enabled": "false",
            "node.processors": 2,
            "cluster.fault_detection.leader_check.interval": "500ms",
            "cluster.fault_detection.follower_check.interval": "500ms",
        }
        log = (self.folder / f"node{number}.log").open("ab")
        self.processes[number] = subprocess.Popen(
            ["java", f"-Xms{HEAP}", f"-Xmx{HEAP}", *COLLECTOR, "-cp", classpath(), "ClusterNode",
             str(self.folder / f"node{number}"),
             *(f"{name}={value}" for name, value in settings.items())],
            stdout=log, stderr=log, stdin=subprocess.PIPE, cwd=self.folder,
        )  # fmt: skip
        log.close()

    def kill(self, number: int) -> None:
        """SIGKILL a node, as a power cut would end it."""
        process = self.processes[number]
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait()
        self.processes[number] = None

    def wait(self, *, nodes: int, status: str, seconds: float = START_SECONDS) -> None:
        """Wait until the cluster has this many nodes and is at least this healthy."""
        deadline = time.monotonic() + seconds
        good = {"green": ("green",), "yellow": ("green", "yellow")}[status]
        seen: dict[str, Any] = {}
        while time.monotonic() < deadline:
            for process, port in zip(self.processes, self.ports, strict=True):
                if process is None:
                    continue
                try:
                    url = f"http://127.0.0.1:{port}/_cluster/health"
                    with urllib.request.urlopen(url, timeout=5) as reply:
                        seen = json.load(reply)
                except (OSError, urllib.error.URLError, ValueError):
                    continue
                if seen["number_of_nodes"] == nodes and seen["status"] in good:
                    return
                break
            time.sleep(0.3)
        logs = "\n".join(p.read_text()[-500:] for p in sorted(self.folder.glob("*.log")))
        raise ClusterUnavailableError(f"the cluster did not become {status}: {seen} {logs}")


@contextmanager
def cluster_or_skip() -> Iterator[Cluster]:
    """Start a cluster for tests, which are skipped where none can be, and fail there in CI."""
    import pytest

    try:
        with Cluster() as running:
            yield running
    except ClusterUnavailableError as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no cluster can be started: {missing}")


if __name__ == "__main__":
    with Cluster() as cluster:
        print(cluster.url, flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            sys.exit(0)
