"""What organisers can ask: members, their roles, and the campaign's rules.

Law: as in `api.commands`, which is where clients take these from.
"""

from __future__ import annotations

from typing import Annotated

from meshcoal.api.fields import Command
from meshcoal.limits import ATTACHMENT_BYTES_MAX, ATTACHMENTS_CAMPAIGN_BYTES_MAX, MEMBERS_MAX
from meshcoal.wire.record import Id32, Items, Range
from meshcoal.wire.shape import dataclass
from meshcoal.wire.terms import DRAFT_SEATS, Role, Seat


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveMember(Command):
    """Remove a member and re-key, so that they open nothing that follows. `CampaignView`."""

    campaign: Id32
    author: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreMember(Command):
    """Let a member go on whose device gave two different operations at one place. `CampaignView`."""

    campaign: Id32
    author: Id32


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRole(Command):
    """Answered by `CampaignView`."""

    campaign: Id32
    author: Id32
    seat: Seat
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRules(Command):
    """Rules from now on: files, in bytes; letters; consent to a release, in members. `CampaignView`."""

    campaign: Id32
    file_bytes_max: Annotated[int, Range(0, ATTACHMENT_BYTES_MAX)]  # 0: no files
    kept_bytes_max: Annotated[int, Range(0, ATTACHMENTS_CAMPAIGN_BYTES_MAX)]  # on each device
    draft_seats: Annotated[tuple[Seat, ...], Items(1, len(DRAFT_SEATS))] = DRAFT_SEATS  # who writes letters
    comments_by_seat: bool = False  # who comments is shown as a seat, not by name
    in_country_quorum: Annotated[int, Range(0, MEMBERS_MAX)] = 1
    exile_quorum: Annotated[int, Range(0, MEMBERS_MAX)] = 0
    ingo_quorum: Annotated[int, Range(0, MEMBERS_MAX)] = 0
    witness_seats: Annotated[tuple[Seat, ...], Items(1, len(DRAFT_SEATS))] = DRAFT_SEATS  # who enters paper
    tor_seats: Annotated[tuple[Seat, ...], Items(0, len(Seat))] = ()  # recommended: Tor alone
    apart_seats: Annotated[tuple[Seat, ...], Items(0, len(Seat))] = ()  # recommended: no local networks
    authors_change: bool = True  # members may change and take back what they said
    organisers_hide: bool = False  # organisers may take off the screens what others said
