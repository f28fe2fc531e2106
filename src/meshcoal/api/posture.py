"""What would hurt most, of what this device can know: the command and its view.

Law: as in `api.commands` and `api.views`, of which this is a part. A finding is a fact about this device,
with how much it weighs; it never says that anything is safe. Sentences belong to the interfaces.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Annotated, Final

from meshcoal.api.fields import Command, Short
from meshcoal.limits import POSTURE_SHOWN_MAX
from meshcoal.wire import shape
from meshcoal.wire.record import Count, Items, OptionalId32, Record


class Danger(enum.StrEnum):
    """When it hurts."""

    TAKEN = "taken"  # somebody takes this machine
    WATCHED = "watched"  # somebody watches the network, or runs a part of it
    ARRESTED = "arrested"  # somebody is arrested, or their machine is taken
    POSED = "posed"  # somebody poses as a member


class Weight(enum.StrEnum):
    """How much it matters, the weightiest first."""

    GRAVE = "grave"
    SERIOUS = "serious"
    SLIGHT = "slight"


class Weakness(enum.StrEnum):
    """What is weak. Of one weight those that stand first here are shown first."""

    WARNED = "warned"  # names under other keys, devices that keep something back: not looked into
    EXPOSED = "exposed"  # my seat is advised to use Tor alone, and I tell plain addresses
    UNCOMPARED_ORGANISER = "uncompared-organiser"  # organisers with whom no words were compared
    OPEN_LONG = "open-long"  # the vault has been open for days
    NO_LOCK = "no-lock"  # the interface never locks itself
    SILENT = "silent"  # members of whom nothing was heard for weeks; what is written goes to them too
    ONE_ORGANISER = "one-organiser"  # nobody could take their place
    UNCOMPARED = "uncompared"  # members with whom no words were compared
    PLAIN = "plain"  # whoever watches sees with whom I connect
    OPEN_PORT = "open-port"  # tor's control port asks nobody for a proof
    KEYS_OLD = "keys-old"  # this device began no epoch for weeks while others wrote
    ONE_RELAY = "one-relay"  # all relays of a campaign were added by one member, or there is but one
    PLAIN_RELAY = "plain-relay"  # a relay sees my address
    MEMBERS_EXPOSED = "members-exposed"  # members who are advised to use Tor alone tell plain addresses
    TALK_LONG = "talk-long"  # messages stay for months
    INVITED = "invited"  # invitations that nobody used yet
    NEARBY = "nearby"  # this device announces something on its network
    BROWSER = "browser"  # pages in a browser are open


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class ShowPosture(Command):
    """What is weak, as far as the node can know, the weightiest first. Answered by `PostureView`."""


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class FindingView(Record):
    """One weak spot. `count` of `of` what is weak; `days` since when, or for how long."""

    weakness: Weakness
    danger: Danger
    weight: Weight
    campaign: OptionalId32 = b""  # empty: of the whole device
    campaign_name: Short = ""
    count: Count = 1
    of: Count = 1
    days: Count = 0


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class PostureView(Record):
    findings: Annotated[tuple[FindingView, ...], Items(0, POSTURE_SHOWN_MAX)]


_WEIGHTS: Final = list(Weight)
_WEAKNESSES: Final = list(Weakness)


def weightiest_first(findings: Iterable[FindingView]) -> tuple[FindingView, ...]:
    """One order for every interface: by weight, then by kind, then by how many it concerns."""

    def rank(one: FindingView) -> tuple[int, int, int, str, bytes]:
        return (
            _WEIGHTS.index(one.weight),
            _WEAKNESSES.index(one.weakness),
            -one.count,
            one.campaign_name,
            one.campaign,
        )

    return tuple(sorted(findings, key=rank)[:POSTURE_SHOWN_MAX])
