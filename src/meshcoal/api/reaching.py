"""How each person can be reached: which paths work, since when not, and what to try next.

Law: as in `api.commands` and `api.views`, of which this is a part.
"""

from __future__ import annotations

import enum
from typing import Annotated

from meshcoal.api.fields import Command, Short, SignedMs
from meshcoal.limits import CONTACTS_MAX
from meshcoal.wire.path import PathKind as PathKind
from meshcoal.wire.record import Id32, Items, OptionalId32, Record
from meshcoal.wire.shape import dataclass

STEPS_MAX = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ListReach(Command):
    """How the other members of a campaign can be reached from here; without one, contacts. `ReachesView`."""

    campaign: OptionalId32 = b""


class NextStep(enum.StrEnum):
    """What to try, where somebody is not connected."""

    WAIT = "wait"  # they are tried again by themselves
    WAIT_FOR_TOR = "wait-for-tor"  # it is on, and was not ready when they were tried
    TOR_ON = "tor-on"  # their address in Tor is known, and Tor is off here
    THEIR_TOR = "their-tor"  # only Tor is open here, and no address of theirs in it is known
    OPEN = "open"  # what is known of them is closed here by a choice
    ADDRESS = "address"  # no address of theirs is known
    KEY_WRONG = "key-wrong"  # their address in Tor does not take the key that they gave
    CUT_OFF = "cut-off"  # words differed: meet, and invite each other afresh
    NEARBY = "nearby"  # meet on one network
    NEARBY_GOES_ON = "nearby-goes-on"  # it is on here: they must have begun too
    RELAY_KEEPS = "relay-keeps"  # a relay works: what is written waits there for them
    RELAY_DOWN = "relay-down"  # there are relays, and none answers
    ADD_RELAY = "add-relay"
    STICK = "stick"  # by hand: a stick, or paper
    ASK = "ask"  # long nothing: ask by another way whether their device is on


@dataclass(frozen=True, slots=True, kw_only=True)
class PathView(Record):
    """One path to one person."""

    kind: PathKind
    known: bool  # there is an address, a relay or a hand for it
    open: bool  # it may be used, as was chosen here
    up: bool  # it works now: a link stands, or for a relay, one answers
    worked_ms: SignedMs  # when something of theirs came last; -1: never, or it is not known any more
    by_day: bool  # `worked_ms` is the beginning of that day, UTC: no more is kept
    failed_ms: SignedMs  # when it was tried in vain last, since it worked
    code: Short  # why


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachView(Record):
    """How one person can be reached."""

    who: Id32  # a member's author key, or a contact's link key
    name: Short
    connected: bool
    paths: Annotated[tuple[PathView, ...], Items(0, len(PathKind))]
    steps: Annotated[tuple[NextStep, ...], Items(0, STEPS_MAX)]  # the likeliest to help first
    next_try_ms: SignedMs  # when they are dialled next


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachesView(Record):
    reaches: Annotated[tuple[ReachView, ...], Items(0, CONTACTS_MAX)]
