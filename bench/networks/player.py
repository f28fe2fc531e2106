"""What a node of any other network does: send when it is its turn, note when which message came first.

Law: nothing of meshcoal is imported, since some of these run under packages of their own. Told on standard
input: `warm`, `go START`, `stop`; tells on standard output: `listening`, `ready`, `done`, and one JSON line.
"""

from __future__ import annotations

import json
import os
import struct
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

HEAD = struct.Struct(">QQ")  # number of the message, nanoseconds of the system's clock when it was sent
WARMING = 1 << 32  # numbers from here on are not counted


class Player:
    """One node's part. `take` may be called from any thread."""

    def __init__(self, setup: str) -> None:
        told = json.loads(setup)
        self.index: int = told["index"]
        self.ports: list[int] = told["ports"]
        self.folder = Path(told["folder"])
        self.edges: list[tuple[int, int]] = [(a, b) for a, b in told["edges"]]
        self._nodes = len(self.ports)
        self._messages: int = told["messages"]
        self._rate: float = told["rate"]
        self._bytes: int = told["bytes"]
        self._latencies_ms: dict[int, float] = {}
        self._seen: set[int] = set()
        self._lock = threading.Lock()
        self._wanted = self._messages - len(self.own())

    def own(self) -> range:
        return range(self.index, self._messages, self._nodes)

    def neighbours(self) -> list[int]:
        return [b if a == self.index else a for a, b in self.edges if self.index in (a, b)]

    def take(self, payload: bytes) -> bool:
        """Note a message that has arrived and was found good; whether it is new, and to be passed on."""
        now_ns = time.monotonic_ns()
        number, sent_ns = HEAD.unpack_from(payload)
        with self._lock:
            if number in self._seen:
                return False
            self._seen.add(number)
            if number < WARMING:
                self._latencies_ms[number] = (now_ns - sent_ns) / 1e6
                if len(self._latencies_ms) == self._wanted:
                    tell("done")
        return True

    def message(self, number: int) -> bytes:
        """A message of mine, sent now."""
        with self._lock:
            self._seen.add(number)
        return HEAD.pack(number, time.monotonic_ns()).ljust(self._bytes, b"m")

    def play(self, send: Callable[[bytes], None]) -> None:
        """Follow what is told until the end. `send` gives a message to all neighbours, from this thread."""
        before_s = 0.0
        for line in sys.stdin:
            word, *rest = line.split()
            if word == "warm":
                send(self.message(WARMING + self.index))
            elif word == "go":
                before_s = time.process_time()
                start_s = float(rest[0])
                for number in self.own():
                    time.sleep(max(0.0, start_s + number / self._rate - time.monotonic()))
                    send(self.message(number))
            elif word == "stop":
                pages = int(Path("/proc/self/statm").read_text().split()[1])
                figures = {
                    "latencies_ms": list(self._latencies_ms.values()),
                    "cpu_s": time.process_time() - before_s,
                    "rss_mib": pages * os.sysconf("SC_PAGE_SIZE") / 1024**2,
                }
                tell(json.dumps(figures))
                return


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
