"""A member's node that keeps operations back from others; and what the others say of it.

Law: a withholder has one node's place and keys. It forges nothing: it leaves out, and says what suits it.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import replace

from meshcoal.api.commands import ShowCampaign
from meshcoal.api.views import CampaignView, WithheldView
from meshcoal.crypto.entropy import Entropy
from meshcoal.ids import AuthorId, CampaignId
from meshcoal.node.campaign import Campaign
from meshcoal.node.links import Link, Links
from meshcoal.node.node import Node
from meshcoal.node.spool import Spool
from meshcoal.node.step import Step
from meshcoal.sim.broken import Broken
from meshcoal.sim.world import World
from meshcoal.sync.reconcile import Reconciliation
from meshcoal.wire.frames import Frontier, Held, Message, PackedRun, Run
from meshcoal.wire.operation import decode_operation
from meshcoal.wire.packing import unpack
from meshcoal.wire.reconciling import Digest


class Manner(enum.StrEnum):
    """How a node keeps back what an author wrote."""

    KEEPS = "keeps"  # says that it holds it, and does not send it
    DENIES = "denies"  # says that it holds no more than before, and does not send it


def withhold(
    world: World,
    name: str,
    campaign: CampaignId,
    author: AuthorId,
    *,
    victims: Iterable[AuthorId],
    manner: Manner = Manner.KEEPS,
) -> None:
    """From now on, until it restarts, a node keeps from some members what an author writes."""
    node = world.core(name)
    assert isinstance(node, Node)
    links, entropy = node._core.links, node._core.links.entropy
    place = node._core.campaigns[campaign]
    dag = place.dag
    floor = dag.top(author)
    mark = dag.mark(author, floor) if floor >= 0 else b""
    kept_from = frozenset(victims)

    def denied(held: Held) -> Held | None:
        if held.author != author or held.seq <= floor:
            return held
        return replace(held, seq=floor, mark=mark) if floor >= 0 else None

    def censored(link: Link, message: Message) -> Message | None:
        if isinstance(message, Frontier) and manner is Manner.DENIES:
            held = tuple([one for held in message.held if (one := denied(held)) is not None])
            return replace(message, held=held)
        if isinstance(message, Digest) and manner is Manner.DENIES:
            return _compare(link, place, _Denying(place.spool, author, floor), entropy)
        if not isinstance(message, (Run, PackedRun)):
            return message
        encoded = (
            message.operations if isinstance(message, Run) else unpack(campaign, message.packed).operations()
        )
        passed = tuple([one for one in encoded if not _is_by(one, author, floor)])
        if len(passed) == len(encoded):
            return message
        if not passed:
            assert link.exchange is not None
            link.exchange._sent_runs -= 1  # its own node must not wait for a receipt
            return None
        return Run(operations=passed)

    class Censoring(Links):
        __slots__ = ()

        def say(self, step: Step, link: Link, messages: Iterable[Message]) -> None:
            if link.author in kept_from and link.campaign == campaign:
                messages = [said for one in messages if (said := censored(link, one)) is not None]
            super().say(step, link, messages)

    links.__class__ = Censoring


class _Denying:
    """What a node holds, but for what an author wrote behind a place."""

    def __init__(self, true: Spool, author: AuthorId, floor: int) -> None:
        self._true = true
        self._author = author
        self.floor = floor

    def authors(self) -> list[AuthorId]:
        return [one for one in self._true.authors() if self.top(one) >= 0]

    def top(self, author: AuthorId) -> int:
        top = self._true.top(author)
        return min(top, self.floor) if author == self._author else top

    def mark(self, author: AuthorId, seq: int) -> bytes:
        return self._true.mark(author, seq)

    def count(self) -> int:
        return sum(self.top(author) + 1 for author in self.authors())


def _compare(link: Link, place: Campaign, held: _Denying, entropy: Entropy) -> Digest:
    """Begin the comparison of stores anew, with a store that holds less."""
    assert link.session is not None
    link.reconciling = Reconciliation(
        held,
        place.loose,
        operations=held.count(),
        secret=link.session.handshake_hash,
        dialled=link.target is not None,
        entropy=entropy,
    )
    return link.reconciling.digest


def _is_by(encoded: bytes, author: AuthorId, floor: int) -> bool:
    header = decode_operation(encoded).header
    return header.author == author and header.seq > floor


def withheld(world: World, name: str, campaign: CampaignId) -> tuple[WithheldView, ...]:
    """Whom a node names."""
    return world.look(name, ShowCampaign(campaign=campaign), CampaignView).withheld


def check_nobody_named(world: World) -> None:
    """With honest nodes nobody is suspected of keeping anything back. Raises `Broken`."""
    for name, machine in world.machines.items():
        if not machine.up:
            continue
        node = world.core(name)
        assert isinstance(node, Node)
        for campaign in node._core.campaigns:
            for one in withheld(world, name, campaign):
                raise Broken(
                    "nobody is accused falsely",
                    f"{name} names {one.peer_name} for {one.count} of {one.name}: {one.shown_by.value}, "
                    f"{'certain' if one.certain else 'suspected'}",
                )
