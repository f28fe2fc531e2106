"""Eight people, six ways: who stands where, and what leads from one to another.

Law: this is the one description. The play builds its namespaces and cables from it and carries nothing where
no line is drawn; the picture in the guide is drawn from it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final


class Way(enum.StrEnum):
    """How something passes between two places."""

    LAN = "local network"
    TOR = "Tor"
    RELAY = "relay"
    STICK = "stick"
    PAPER = "paper"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    name: str
    stands: tuple[str, ...]  # lines of a picture: what there is where they are


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A machine that is nobody's of the eight."""

    name: str
    address: str  # its own, on no cable
    stands: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What leads from one to another. LAN, TOR and RELAY are cables; the others are carried by hand."""

    way: Way
    one: str
    other: str
    says: str = ""

    @property
    def is_cable(self) -> bool:
        return self.way not in (Way.STICK, Way.PAPER)


ANA: Final = Person(name="Ana", stands=("one cable to Ben", "no route, no internet"))
BEN: Final = Person(name="Ben", stands=("one cable to Ana", "no route, no internet"))
CHI: Final = Person(name="Chi", stands=("nothing but Tor",))
DOV: Final = Person(name="Dov", stands=("nothing but Tor,", "through a bridge"))
ESI: Final = Person(name="Esi", stands=("the relay alone,", "in the morning"))
FARAH: Final = Person(name="Farah", stands=("the relay alone,", "in the evening"))
GITA: Final = Person(name="Gita", stands=("no network device,", "a USB stick"))
HIBA: Final = Person(name="Hiba", stands=("no network at all,", "printer and camera"))
PEOPLE: Final = (ANA, BEN, CHI, DOV, ESI, FARAH, GITA, HIBA)

TOR_NETWORK: Final = Station(
    name="Tor", address="10.88.0.1", stands=("in this play seven", "relays and a bridge")
)
RELAY: Final = Station(name="Relay", address="10.77.0.1", stands=("an address, and", "an onion service"))
STATIONS: Final = (TOR_NETWORK, RELAY)

LINES: Final = (
    Line(way=Way.LAN, one="Ana", other="Ben"),
    Line(way=Way.TOR, one="Chi", other="Tor"),
    Line(way=Way.TOR, one="Dov", other="Tor", says="obfs4"),
    Line(way=Way.TOR, one="Relay", other="Tor", says="onion service"),
    Line(way=Way.RELAY, one="Esi", other="Relay"),
    Line(way=Way.RELAY, one="Farah", other="Relay"),
    Line(way=Way.STICK, one="Chi", other="Gita"),
    Line(way=Way.STICK, one="Gita", other="Ben"),
    Line(way=Way.PAPER, one="Ana", other="Hiba"),
)


def carried(way: Way, one: str, other: str) -> Line:
    """The line by which something is carried between two, in either direction."""
    found = [line for line in LINES if line.way is way and {line.one, line.other} == {one, other}]
    assert found, f"no {way} leads from {one} to {other}"
    return found[0]
