"""A NATS JetStream cluster of three on loopback, whose servers can be killed."""

from __future__ import annotations

import importlib.util
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools import leave_out, require_tool

SERVERS = 3


def require_nats() -> str:
    """Path of nats-server; leaves the test out, or fails it in CI, where it or the library is missing."""
    if importlib.util.find_spec("nats") is None:
        leave_out("nats-py is not installed (the extra relay-nats)")
    return require_tool("nats-server")


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


class NatsCluster:
    """Processes and their folder."""

    def __init__(self, folder: Path, program: str) -> None:
        self.folder = folder
        self._program = program
        ports = _free_ports(2 * SERVERS)
        self.ports, self._routes = ports[:SERVERS], ports[SERVERS:]
        self._processes: dict[int, subprocess.Popen[bytes]] = {}

    @property
    def url(self) -> str:
        return "nats://" + ",".join(f"127.0.0.1:{port}" for port in self.ports)

    def start(self, place: int) -> None:
        """Start one server, again on what it kept."""
        folder = self.folder / f"n{place}"
        folder.mkdir(parents=True, exist_ok=True)
        routes = ",".join(f'"nats://127.0.0.1:{port}"' for port in self._routes)
        config = folder / "config"
        config.write_text(
            f"server_name: n{place}\n"
            f"listen: 127.0.0.1:{self.ports[place]}\n"
            f'jetstream {{ store_dir: "{folder}/js", max_memory_store: 64MB, max_file_store: 64GB }}\n'
            f"cluster {{ name: mc, listen: 127.0.0.1:{self._routes[place]}, routes: [{routes}] }}\n"
        )
        with (folder / "log").open("ab") as log:
            self._processes[place] = subprocess.Popen(
                [self._program, "-c", str(config)], stdout=log, stderr=log, start_new_session=True
            )

    def kill(self, place: int) -> None:
        """As a power cut of one server."""
        self._processes[place].kill()
        self._processes[place].wait()

    def memory_mib(self) -> float:
        """What all servers hold resident."""
        total = 0
        for process in self._processes.values():
            status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
            line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
            total += int(line.split()[1])
        return total / 1024

    def stop(self) -> None:
        for process in self._processes.values():
            if process.poll() is None:
                process.terminate()
        for process in self._processes.values():
            process.wait(20)


@contextmanager
def nats_cluster(folder: Path) -> Iterator[NatsCluster]:
    """Three servers, while the block lasts."""
    cluster = NatsCluster(folder, require_nats())
    try:
        for place in range(SERVERS):
            cluster.start(place)
        yield cluster
    finally:
        cluster.stop()
