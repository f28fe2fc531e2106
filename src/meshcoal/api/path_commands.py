"""What a user can ask about ways in and out: Tor, bridges, and whether anything else may be used.

Law: as in `api.commands`, of which this is a part. These work without an open vault, so that a way can be
closed before anything is opened.
"""

from __future__ import annotations

import enum
from typing import Annotated

from meshcoal.api.fields import Command, Short
from meshcoal.limits import BRIDGE_CHARS_MAX, BRIDGES_MAX
from meshcoal.wire.record import Chars, Count, Items, Range, Record
from meshcoal.wire.shape import dataclass

Path = Annotated[str, Chars(0, 1_000)]
Bridges = Annotated[tuple[Annotated[str, Chars(1, BRIDGE_CHARS_MAX)], ...], Items(0, BRIDGES_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class GetTor(Command):
    """How Tor stands, and which ways are open. Answered by `TorView`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchTor(Command):
    """Use Tor, or do not; kept. Answered by `TorView`.

    `own`: start a tor for this node; else the machine's is used, at `control` (`unix:PATH` or `HOST:PORT`;
    empty: where it usually is). `open_port`: its control port may ask for no proof. `torrc`: a file with
    further settings for a tor of our own.
    """

    on: bool
    own: bool
    control: Path
    open_port: bool
    torrc: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBridges(Command):
    """Reach Tor's network by these, with a tor of our own; none: without. Kept. Answered by `TorView`."""

    bridges: Bridges


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoosePaths(Command):
    """Use nothing but Tor, which switches it on; or plain addresses as well. Kept. Answered by `TorView`."""

    only_tor: bool


class TorStanding(enum.StrEnum):
    OFF = "off"
    LOCKED = "locked"  # it is switched on, and begins when the vault is opened
    STARTING = "starting"
    BOOTSTRAPPING = "bootstrapping"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TorView(Record):
    standing: TorStanding
    percent: Annotated[int, Range(0, 100)]  # of tor's way into its network
    doing: Short  # tor's own words for where it is
    code: Short  # of what is wrong; empty: nothing
    sentence: Short  # what is wrong, and what to try next
    version: Short  # of tor
    services: Count  # my addresses in Tor
    published: Count  # of these, known to be found by others
    only_tor: bool
    damaged: bool  # the choice could not be read: no way is open until a new one is made
    own: bool
    control: Path
    open_port: bool
    torrc: Path
    bridges: Count
