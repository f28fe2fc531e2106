"""Hosts in network namespaces, joined by a switch that runs here: delay, loss and partitions from a seed.

Needs root, `ip` (iproute2) and /dev/net/tun. Each host has a loopback and one cable; the kernel's own stack
speaks, so what crosses the switch is what would cross a network.
"""

from __future__ import annotations

import ctypes
import fcntl
import heapq
import itertools
import os
import random
import selectors
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))

from processwork import RealNode, environment

from tools import leave_out, require_tool

TUN = Path("/dev/net/tun")
_NEW_NETWORK = 0x4000_0000  # CLONE_NEWNET
_SET_INTERFACE = 0x4004_54CA  # TUNSETIFF
_TAP_PLAIN = 0x1002  # IFF_TAP | IFF_NO_PI
_FRAME_BYTES_MAX = 65_536
_counter = itertools.count()


def allowed() -> None:
    """Leaves the test out where nobody may make network namespaces; fails it where CI wants all of them."""
    require_tool("ip")
    if os.geteuid() != 0 or not os.access(TUN, os.R_OK | os.W_OK):
        leave_out("network namespaces need root and /dev/net/tun")


@dataclass(slots=True)
class Cable:
    """Between a host and the switch; counts for both directions."""

    delay_s: float = 0.0
    jitter_s: float = 0.0
    loss: float = 0.0


@dataclass(slots=True)
class Host:
    name: str
    namespace: str
    tap: int
    cable: Cable = field(default_factory=Cable)

    @property
    def inside(self) -> tuple[str, ...]:
        """What to put before a command so that it runs on this host."""
        return ("ip", "netns", "exec", self.namespace)


class Switch:
    """All hosts of one network, and what passed between them."""

    def __init__(self, seed: int) -> None:
        self.hosts: dict[str, Host] = {}
        self.frames: list[bytes] = []
        self.moments_s: list[float] = []  # of these, on the monotonic clock
        self._chance = random.Random(seed)
        self._islands: dict[str, int] = {}
        self._ports: dict[bytes, str] = {}  # MAC address -> host
        self._due: list[tuple[float, int, str, bytes]] = []
        self._number = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def partition(self, *islands: Iterable[str]) -> None:
        """Frames pass inside an island only."""
        self._islands = {name: number for number, names in enumerate(islands) for name in names}

    def heal(self) -> None:
        self._islands = {}

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def _work(self) -> None:
        with selectors.DefaultSelector() as selector:
            for host in self.hosts.values():
                selector.register(host.tap, selectors.EVENT_READ, host)
            while not self._ended.is_set():
                wait_s = 0.2 if not self._due else min(0.2, max(0.0, self._due[0][0] - time.monotonic()))
                for key, _ in selector.select(wait_s):
                    self._read(key.data)
                while self._due and self._due[0][0] <= time.monotonic():
                    _, _, name, frame = heapq.heappop(self._due)
                    os.write(self.hosts[name].tap, frame)

    def _read(self, host: Host) -> None:
        for _ in range(64):
            try:
                frame = os.read(host.tap, _FRAME_BYTES_MAX)
            except BlockingIOError:
                return
            self.frames.append(frame)
            self.moments_s.append(time.monotonic())
            self._ports[frame[6:12]] = host.name
            known = self._ports.get(frame[:6])
            for name in [known] if known else list(self.hosts):
                if name != host.name:
                    self._pass_on(host, self.hosts[name], frame)

    def _pass_on(self, source: Host, target: Host, frame: bytes) -> None:
        islands = self._islands
        if islands and islands.get(source.name, source.name) != islands.get(target.name, target.name):
            return
        delay_s = 0.0
        for cable in (source.cable, target.cable):
            if self._chance.random() < cable.loss:
                return
            delay_s += max(0.0, cable.delay_s + cable.jitter_s * self._chance.uniform(-1, 1))
        self._number += 1
        heapq.heappush(self._due, (time.monotonic() + delay_s, self._number, target.name, frame))


@contextmanager
def network(*names: str, seed: int = 1, ipv4: bool = True, ipv6: bool = True) -> Iterator[Switch]:
    """Hosts on one network, up when this is entered and gone when it is left."""
    allowed()
    switch = Switch(seed)
    run = next(_counter)
    made: list[str] = []
    try:
        for place, name in enumerate(names, start=1):
            namespace = f"mc{os.getpid()}n{run}h{place}"
            _ip("netns", "add", namespace)
            made.append(namespace)
            switch.hosts[name] = Host(name, namespace, _tap_in(namespace))
            inside = ("-n", namespace)
            _ip(*inside, "link", "set", "lo", "up")
            if not ipv6:
                switches = Path("/proc/sys/net/ipv6/conf/eth0/disable_ipv6")
                _in(namespace, "sh", "-c", f"echo 1 > {switches}")
            if ipv4:
                _ip(*inside, "addr", "add", f"10.99.0.{place}/24", "dev", "eth0")
            _ip(*inside, "link", "set", "eth0", "up")
            if ipv4:
                _ip(*inside, "route", "add", "224.0.0.0/4", "dev", "eth0")
        switch.start()
        yield switch
    finally:
        switch.end()
        for host in switch.hosts.values():
            os.close(host.tap)
        for namespace in made:
            subprocess.run(["ip", "netns", "delete", namespace], check=False, capture_output=True)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def _in(namespace: str, *words: str) -> None:
    _ip("netns", "exec", namespace, *words)


def _tap_in(namespace: str) -> int:
    """A TAP device called eth0 in a namespace; returns the end that is held here."""
    made: list[int] = []

    def make() -> None:
        # A thread of its own: the namespace is the thread's, and ends with it.
        library = ctypes.CDLL(None, use_errno=True)
        with Path(f"/var/run/netns/{namespace}").open() as place:
            if library.setns(place.fileno(), _NEW_NETWORK):
                raise OSError(ctypes.get_errno(), "setns")
        tap = os.open(TUN, os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(tap, _SET_INTERFACE, struct.pack("16sH22x", b"eth0", _TAP_PLAIN))
        made.append(tap)

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    assert made, "no TAP device"
    return made[0]


class HostNode(RealNode):
    """A daemon that lives on one host of a network. Its API is a file, so it is asked from outside."""

    def __init__(self, folder: Path, host: Host, *options: str) -> None:
        """`options`: of the daemon's command line."""
        super().__init__(folder, host.name)
        self.host = host
        self.options = options

    def launch(self) -> None:
        with self.noise.open("ab") as noise:
            self.process = subprocess.Popen(
                [
                    *(*self.host.inside, sys.executable, "-m", "meshcoal.daemon"),
                    *("--home", str(self.home), *self.options),
                ],
                stdin=subprocess.DEVNULL,
                stdout=noise,
                stderr=noise,
                env=environment(self.folder) | {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
                start_new_session=True,
            )
