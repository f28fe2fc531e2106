"""Other networks on the same machine with the same messages: what `bench/live.py` is measured beside.

Each is a process a node, in a ring with chords of mean degree 4 drawn from a seed, and passes on what is new
to it. `flood` and `signed` use the packages of meshcoal; Reticulum and LXMF are installed into an environment
of their own in the user's cache, from pinned hashes (`bench/networks/requirements.txt`), and are no part of
meshcoal: their licence is not open source.

    python bench/beside.py [--networks flood signed reticulum lxmf] [--nodes 2 8 32] [--messages N] [--quick]
"""

from __future__ import annotations

import hashlib
import json
import random
import select
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from common import arguments, free_ports, median, quantile, report, sent_over_tcp
from platformdirs import user_cache_path

NETWORKS = Path(__file__).parent / "networks"
NAMES = ("flood", "signed", "reticulum", "lxmf")
_SCRIPTS = {
    "flood": ("flood.py",),
    "signed": ("flood.py", "--signed"),
    "reticulum": ("reticulum.py",),
    "lxmf": ("lxmf_flood.py",),
}
_FOREIGN = ("reticulum", "lxmf")
_START_S = 90.0
_WARM_S = 3.0
_LATE_S = 30.0
_SEED = 4


def graph(nodes: int) -> list[tuple[int, int]]:
    """A ring, and chords up to a mean degree of 4; the same each time."""
    chance = random.Random(_SEED)
    edges = {(min(a, b), max(a, b)) for a in range(nodes) if (b := (a + 1) % nodes) != a}
    wanted = min(2 * nodes, nodes * (nodes - 1) // 2)
    while len(edges) < wanted:
        a, b = sorted(chance.sample(range(nodes), 2))
        edges.add((a, b))
    return sorted(edges)


def environment(of: Path = NETWORKS) -> Path:
    """The interpreter that has the packages of others; made when it is first asked for."""
    pinned = of / "requirements.txt"
    digest = hashlib.sha256(pinned.read_bytes()).hexdigest()[:12]
    folder = user_cache_path("meshcoal-bench") / f"{of.name}-{digest}"
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        sys.stderr.write(f"Installing other {of.name} into an environment of their own ...\n")
        venv.create(folder, with_pip=True, clear=True)
        command = [str(python), "-m", "pip", "--disable-pip-version-check", "-q", "install"]
        subprocess.run(
            [*command, "--require-hashes", "--only-binary", ":all:", "-r", str(pinned)], check=True
        )
        (folder / "complete").touch()
    return python


class Node:
    """One process of another network."""

    def __init__(self, python: Path, script: Sequence[str], setup: str) -> None:
        command = [str(python), str(NETWORKS / script[0]), setup, *script[1:]]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self._unread = b""

    @property
    def number(self) -> int:
        return self._process.pid

    def say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()

    def hear(self, until_s: float) -> str:
        """The next line it tells. Raises `TimeoutError`, also where it has ended."""
        stream: IO[bytes] | None = self._process.stdout
        assert stream is not None
        while b"\n" not in self._unread:
            if not select.select([stream], [], [], max(0.0, until_s - time.monotonic()))[0]:
                raise TimeoutError("nothing was told in time")
            more = stream.read1(1 << 20)  # type: ignore[attr-defined]
            if not more:
                raise TimeoutError(f"it ended: {self.complaint()}")
            self._unread += more
        line, _, self._unread = self._unread.partition(b"\n")
        return line.decode()

    def wait_for(self, word: str, until_s: float) -> None:
        while self.hear(until_s) != word:
            pass

    def complaint(self) -> str:
        """The end of what it wrote to standard error."""
        self._process.kill()
        _, told = self._process.communicate()
        return told.decode(errors="replace")[-300:]

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()


def play(name: str, *, nodes: int, messages: int, rate: float, size: int) -> dict[str, float]:
    """One round of one network. Raises `TimeoutError` where it does not come about."""
    python = environment() if name in _FOREIGN else Path(sys.executable)
    running: list[Node] = []
    with tempfile.TemporaryDirectory(prefix="meshcoal-bench-") as folder:
        common = {
            "ports": free_ports(nodes),
            "edges": graph(nodes),
            "messages": messages,
            "rate": rate,
            "bytes": size,
            "folder": folder,
        }
        try:
            until_s = time.monotonic() + _START_S
            for index in range(nodes):
                running.append(Node(python, _SCRIPTS[name], json.dumps({"index": index, **common})))
                running[-1].wait_for("listening", until_s)
            for node in running:
                node.wait_for("ready", until_s)
            for node in running:
                node.say("warm")
            time.sleep(_WARM_S)
            before = sent_over_tcp([node.number for node in running])
            start_s = time.monotonic() + 0.5
            for node in running:
                node.say(f"go {start_s}")
            until_s = start_s + messages / rate + _LATE_S
            for node in running:
                node.wait_for("done", until_s)
            after = sent_over_tcp([node.number for node in running])
            for node in running:
                node.say("stop")
            told = [json.loads(node.hear(until_s)) for node in running]
        finally:
            for node in running:
                node.stop()
    latencies = [one for node in told for one in node["latencies_ms"]]
    return {
        "p50_ms": median(latencies),
        "p99_ms": quantile(latencies, 0.99),
        "cpu_us_per_delivery": sum(node["cpu_s"] for node in told) / len(latencies) * 1e6,
        "rss_mib": median([node["rss_mib"] for node in told]),
        "bytes_per_delivery": (after - before) / len(latencies) if before >= 0 else -1.0,
    }


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--networks", nargs="+", default=NAMES, choices=NAMES)
    parser.add_argument("--nodes", type=int, nargs="+", default=[2, 8, 32])
    parser.add_argument("--messages", type=int, default=200)
    parser.add_argument("--rate", type=float, default=20.0, help="messages a second in all")
    parser.add_argument("--bytes", type=int, default=300)
    parser.add_argument("--quick", action="store_true", help="2 and 8 nodes, 60 messages, floods alone")
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.nodes, chosen.messages, chosen.networks = [2, 8], 60, ("flood", "signed")
    figures: dict[str, float] = {}
    for nodes in chosen.nodes:
        for name in chosen.networks:
            one = play(name, nodes=nodes, messages=chosen.messages, rate=chosen.rate, size=chosen.bytes)
            figures |= {f"nodes_{nodes}_{name}_{key}": value for key, value in one.items()}
    report("beside", messages=chosen.messages, rate_per_s=chosen.rate, message_bytes=chosen.bytes, **figures)


if __name__ == "__main__":
    main()
