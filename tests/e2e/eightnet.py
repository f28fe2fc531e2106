"""Places without a network, and cables between two of them: namespaces of the kernel and pairs of devices.

Law: a place holds the cables that were laid to it and nothing else; no place passes on what is not for it.
When it is left, no namespace is.

Needs `ip` (iproute2), and root or what `unshare --map-root-user --mount --net` gives.
"""

from __future__ import annotations

import itertools
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager


class Places:
    """Namespaces by the names of who is there."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._numbers = itertools.count(1)

    def add(self, name: str, *, loopback: bool = True, address: str = "") -> None:
        """
        Args:
            address: one of its own, on its loopback, by which it is reached over every cable.
        """
        namespace = f"mc{os.getpid()}p{next(self._numbers)}"
        run("ip", "netns", "add", namespace)
        self._names[name] = namespace
        if loopback:
            self._at(name, "link", "set", "lo", "up")
        if address:
            self._at(name, "addr", "add", f"{address}/32", "dev", "lo")

    def namespace(self, name: str) -> str:
        return self._names[name]

    def inside(self, name: str) -> tuple[str, ...]:
        """What to put before a command so that it runs there."""
        return ("ip", "netns", "exec", self._names[name])

    def cable(self, one: str, other: str, *, address: str = "") -> None:
        """Lay a cable between two places.

        Args:
            address: the other's own, to which the cable leads; empty: two on one network, with its multicast.
        """
        number = next(self._numbers)
        ends = (one, other)
        devices = [f"to{far.lower()}"[:15] for far in (other, one)]
        self._at(
            *(one, "link", "add", devices[0], "type", "veth"),
            *("peer", "name", devices[1], "netns", self._names[other]),
        )
        for place, (end, device) in enumerate(zip(ends, devices, strict=True), 1):
            self._at(end, "addr", "add", f"10.99.{number}.{place}/30", "dev", device)
            self._at(end, "link", "set", device, "up")
            if not address:
                self._at(end, "route", "add", "224.0.0.0/4", "dev", device, "metric", "9")
        if address:
            self._at(one, "route", "add", f"{address}/32", "via", f"10.99.{number}.2")

    def hall(self, hall: str, guests: Sequence[str]) -> None:
        """One network for several, until `leave`."""
        self.add(hall)
        self._at(hall, "link", "add", "hub", "type", "bridge")
        self._at(hall, "link", "set", "hub", "up")
        for place, guest in enumerate(guests, 1):
            words = ("link", "add", "hall", "type", "veth", "peer", "name", f"seat{place}", "netns")
            self._at(guest, *words, self._names[hall])
            self._at(hall, "link", "set", f"seat{place}", "master", "hub")
            self._at(hall, "link", "set", f"seat{place}", "up")
            self._at(guest, "addr", "add", f"10.50.0.{place}/24", "dev", "hall")
            self._at(guest, "link", "set", "hall", "up")
            self._at(guest, "route", "add", "224.0.0.0/4", "dev", "hall", "metric", "1")

    def leave(self, hall: str) -> None:
        """Everybody goes home: the network of a hall is no more, nor the devices in it."""
        for guest in self._names:
            if "hall" in self.devices(guest):
                self._at(guest, "link", "delete", "hall")
        run("ip", "netns", "delete", self._names.pop(hall))

    def devices(self, name: str) -> dict[str, bool]:
        """The network devices of a place, and whether each is up."""
        told = self._at(name, "-o", "link")
        found = {}
        for line in told.splitlines():
            _, device, rest = line.split(": ", 2)
            found[device.partition("@")[0]] = "UP" in rest.partition(">")[0].strip("<").split(",")
        return found

    def reaches(self, name: str) -> list[str]:
        """Destinations that a place has a route to."""
        return sorted(line.split()[0] for line in self._at(name, "route").splitlines())

    def close(self) -> None:
        for namespace in self._names.values():
            subprocess.run(["ip", "netns", "delete", namespace], check=False, capture_output=True)

    def _at(self, name: str, *words: str) -> str:
        return run("ip", "-n", self._names[name], *words)


@contextmanager
def places() -> Iterator[Places]:
    made = Places()
    try:
        yield made
    finally:
        made.close()


def run(*words: str) -> str:
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}"
    return done.stdout
