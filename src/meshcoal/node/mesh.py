"""What gossip keeps of one large campaign: the machines, and the links they know of.

Law: a link stands here from when its peer has said what it holds until it ends; nothing here decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from meshcoal.ids import AuthorId, OperationId
from meshcoal.node.campaign import Campaign
from meshcoal.node.links import Link, Target
from meshcoal.node.targets import campaign_targets
from meshcoal.sync.broadcast import Broadcast
from meshcoal.sync.overlay import Overlay

NEAR_MAX: Final = 4


class Active:
    """The active members as `sync.overlay` wants them."""

    def __init__(self, members: Sequence[AuthorId]) -> None:
        self.members = tuple(members)
        self._set = frozenset(members)

    def __len__(self) -> int:
        return len(self.members)

    def at(self, index: int) -> AuthorId:
        return self.members[index]

    def has(self, peer: AuthorId) -> bool:
        return peer in self._set

    def become(self, members: Sequence[AuthorId]) -> None:
        self.members = tuple(members)
        self._set = frozenset(members)


def near_members(
    campaign: Campaign, sighted: Callable[[Iterable[Target]], Sequence[Target]]
) -> tuple[AuthorId, ...]:
    """Members who were seen on this network: neighbours without internet, and quick ones."""
    found = [campaign.member_by_link(one.remote) for one in sighted(campaign_targets(campaign, None))]
    return tuple([author for author in found if author is not None][:NEAR_MAX])


@dataclass(slots=True)
class Mesh:
    """The machines of one campaign, and the links they know of."""

    me: AuthorId
    roster: Active
    broadcast: Broadcast
    overlay: Overlay
    linked: dict[AuthorId, Link] = field(default_factory=dict)
    brought: dict[OperationId, AuthorId] = field(default_factory=dict)  # by whom, in the step in progress
    now_ms: int = 0

    def peer_of(self, link: Link) -> AuthorId | None:
        """Whom this link leads to, as far as the machines know of it."""
        if link.author is not None and self.linked.get(link.author) is link:
            return link.author
        return next((peer for peer, other in self.linked.items() if other is link), None)
