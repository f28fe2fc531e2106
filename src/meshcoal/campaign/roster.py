"""Members, channels, rules and offices of a campaign, as some set of its control operations makes them.

Law: values; `campaign.membership` says which operations count, and makes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from meshcoal.api.views import MemberState
from meshcoal.campaign.authority import Mandate
from meshcoal.ids import AuthorId, OperationId
from meshcoal.wire.authority import OfficeBody
from meshcoal.wire.bodies import Card, ChannelSeed, CreateBody, RulesBody
from meshcoal.wire.terms import Role, Seat

if TYPE_CHECKING:
    from meshcoal.campaign.membership import Control


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    card: Card
    seat: Seat
    role: Role
    state: MemberState
    admitted_by: AuthorId
    added: OperationId
    since_ms: int

    @property
    def active(self) -> bool:
        return self.state is MemberState.ACTIVE


@dataclass(slots=True)
class Roster:
    """Members and channels as some set of control operations makes them."""

    members: dict[AuthorId, Member] = field(default_factory=dict)
    channels: dict[bytes, ChannelSeed] = field(default_factory=dict)
    create: CreateBody | None = None
    rules: RulesBody | None = None  # None: those that hold where nobody wrote any
    halts: dict[AuthorId, tuple[Control, ...]] = field(default_factory=dict)
    restores: dict[AuthorId, tuple[int, ...]] = field(default_factory=dict)  # numbers of control operations
    offices: dict[OperationId, OfficeBody] = field(default_factory=dict)
    mandates: dict[OperationId, Mandate] = field(default_factory=dict)
    # Worked out when first asked for: a roster that is shown is not changed any more.
    _active: tuple[AuthorId, ...] | None = None
    _by_link: dict[bytes, AuthorId] | None = None

    def is_halted(self, author: AuthorId) -> bool:
        """Whether nothing the member writes counts for now."""
        restores, halts = self.restores.get(author, ()), self.halts.get(author, ())
        return any(all(halt.about_what_follows(restore) for restore in restores) for halt in halts)

    def active(self) -> tuple[AuthorId, ...]:
        """Active members, in the order of their keys."""
        if self._active is None:
            self._active = tuple(sorted(author for author, member in self.members.items() if member.active))
        return self._active

    def by_link(self) -> Mapping[bytes, AuthorId]:
        """Active members by the key with which they authenticate links; of two with one key, the first."""
        if self._by_link is None:
            self._by_link = {}
            for author, member in self.members.items():
                if member.active:
                    self._by_link.setdefault(member.card.link, author)
        return self._by_link

    def is_active(self, author: AuthorId) -> bool:
        member = self.members.get(author)
        return member is not None and member.active

    def is_organiser(self, author: AuthorId) -> bool:
        member = self.members.get(author)
        return member is not None and member.active and member.role is Role.ORGANISER
