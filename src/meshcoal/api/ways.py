"""Which ways this machine may take, for a campaign or towards a person: commands and views.

Law: as in `api.commands` and `api.views`, of which this is a part.
"""

from __future__ import annotations

import enum
from typing import Annotated

from meshcoal.api.fields import Command, Short
from meshcoal.limits import MEMBERS_MAX
from meshcoal.wire.record import Id32, Items, OptionalId32, Record
from meshcoal.wire.shape import dataclass


class Advice(enum.StrEnum):
    """What becomes of what organisers recommend for a seat."""

    UNDECIDED = "undecided"  # followed, but Tor alone only where Tor is in use
    FOLLOW = "follow"
    REFUSE = "refuse"


class Reason(enum.StrEnum):
    """Whose choice it is that a way is closed."""

    MACHINE = "machine"  # of the whole node
    CAMPAIGN = "campaign"
    PERSON = "person"
    ADVICE = "advice"  # of the campaign's rules, which is followed here


Reasons = Annotated[tuple[Reason, ...], Items(0, len(Reason))]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetWays(Command):
    """Choose the ways of one campaign from this machine. Answered by `WaysView`.

    `only_tor`: its members are told no plain address, and no plain way leads to or from them. `nearby`: it
    takes part when this machine meets on a local network, and addresses of local networks are used.
    """

    campaign: Id32
    only_tor: bool
    nearby: bool
    advice: Advice = Advice.UNDECIDED


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowWays(Command):
    """Answered by `WaysView`."""

    campaign: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPersonWays(Command):
    """Choose the ways to one person: a member of a campaign, or a contact. Answered by `PersonWaysView`.

    A member who is known to be a contact has the contact's choice, in every campaign.
    """

    campaign: OptionalId32  # empty: a contact
    who: Id32  # the member's author key, or the contact's link key
    only_tor: bool
    nearby: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowPersonWays(Command):
    """Answered by `PersonWaysView`."""

    campaign: OptionalId32
    who: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysView(Record):
    """`only_tor` and `nearby` as chosen; what holds, with all that is stricter, stands below."""

    campaign: Id32
    only_tor: bool
    nearby: bool
    advice: Advice = Advice.UNDECIDED
    advised_only_tor: bool = False  # what the rules recommend for my seat
    advised_nearby: bool = True
    only_tor_by: Reasons = ()  # who closes all but Tor; empty: plain addresses are used
    apart_by: Reasons = ()  # who closes local networks; empty: they are used
    exposed: Annotated[tuple[Short, ...], Items(0, MEMBERS_MAX)] = ()  # advised Tor alone, tell plain ones


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonWaysView(Record):
    """As `WaysView`, towards one person."""

    campaign: OptionalId32
    who: Id32
    name: Short
    only_tor: bool
    nearby: bool
    only_tor_by: Reasons
    apart_by: Reasons
    campaigns: Annotated[tuple[Short, ...], Items(0, 64)]  # shared with them: these are told no more, too
