"""Views of sealed sign-ons: how many, how safe, never who.

Law: until envelopes open, what is shown of others is one number. Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Callable

from meshcoal.api.views import SealedMine, SealPhase, SealView
from meshcoal.errors import UnsafeSeal
from meshcoal.ids import AuthorId, PersonId
from meshcoal.node.campaign import Campaign
from meshcoal.node.people import People
from meshcoal.node.round_records import Held
from meshcoal.node.sealing import Sealing
from meshcoal.statement.model import Statement
from meshcoal.statement.sealed.box import State
from meshcoal.statement.sealed.terms import Choice, check_known
from meshcoal.wire.sealed import Envelope


class SealShows:
    """Builds views. Holds no state of its own."""

    def __init__(
        self,
        *,
        people: People,
        persons: dict[AuthorId, PersonId],
        sealing: Sealing,
        name_of: Callable[[Campaign, AuthorId], str],
    ) -> None:
        self._people = people
        self._persons = persons
        self._sealing = sealing
        self._name_of = name_of

    def knows(self, campaign: Campaign, author: AuthorId) -> bool:
        """Whether I verified this member in person: as a contact, or by words of members."""
        if author in campaign.rounds.known:
            return True
        contact = self._people.contacts.get(self._persons.get(author, PersonId(b"")))
        return bool(contact and contact.verified)

    def verified(self, campaign: Campaign, held: Held) -> int:
        """Of a round's other members, how many I verified in person."""
        others = [AuthorId(one) for one in held.record.authors if one != campaign.me]
        return sum(self.knows(campaign, one) for one in others)

    def view(self, campaign: Campaign, statement: Statement, now_ms: int) -> SealView | None:
        """The sealed sign-ons to the text that holds; None where it asks for none."""
        frozen = statement.frozen
        if frozen is None or not frozen.body.sealed_until:
            return None
        held = campaign.rounds.of_freeze(frozen.id)
        if held is None:
            return SealView(
                phase=SealPhase.UNSAFE,
                threshold=frozen.body.sealed_until,
                members=0,
                shares_needed=0,
                verified=0,
                expires_ms=frozen.body.seal_expires_ms,
                count=0,
                opened=0,
                false_envelopes=0,
                mine=SealedMine.NONE,
                floor=0,
                sentences=(),
                refusal="When this text was frozen, too few members had keys to sign sealed with.",
                without_keys=self._without(campaign),
            )
        terms, verified = held.terms, self.verified(campaign, held)
        choice = Choice(
            members=held.box.round.members, threshold=terms.threshold, shares_needed=terms.shares_needed
        )
        mine, floor = self._mine(campaign, held)
        standing = held.box.standing(now_ms)
        opened = len(held.box.opened())
        return SealView(
            phase=_phase(opened, bool(standing.openable), now_ms >= terms.expires_ms),
            threshold=terms.threshold,
            members=choice.members,
            shares_needed=terms.shares_needed,
            verified=verified,
            expires_ms=terms.expires_ms,
            count=standing.count,
            opened=opened,
            false_envelopes=list(held.box.states().values()).count(State.FALSE),
            mine=mine,
            floor=floor,
            sentences=choice.sentences(verified),
            refusal=self._refusal(campaign, statement, held, choice, verified, now_ms),
            without_keys=self._without(campaign, held),
        )

    def _without(self, campaign: Campaign, held: Held | None = None) -> tuple[str, ...]:
        inside = held.record.authors if held is not None else ()
        lacking = [one for one in campaign.rounds.signers() if one not in inside]
        if held is None:
            lacking = campaign.rounds.lacking()
        return tuple([self._name_of(campaign, one) for one in lacking])

    def _mine(self, campaign: Campaign, held: Held) -> tuple[SealedMine, int]:
        if any(held.author_of(signed) == campaign.me for signed in held.box.opened()):
            return SealedMine.OPEN, 0  # also when my keys are gone
        tag = campaign.rounds.my_tag(held)
        if not tag:
            return SealedMine.NONE, 0
        leaving = [one for one in self._sealing.leaving(campaign) if one.tag == tag]
        state, floor = held.box.mark_of(tag), held.box.floor_of(tag)
        if held.box.is_withdrawn(tag):
            return SealedMine.TAKEN_BACK, 0
        if any(not isinstance(one, Envelope) for one in leaving):
            return SealedMine.TAKING_BACK, floor
        if state is not None:
            return SealedMine.THERE, floor
        floors = [one.floor for one in leaving if isinstance(one, Envelope)]
        return (SealedMine.LEAVING, floors[0]) if floors else (SealedMine.NONE, 0)

    def _refusal(
        self,
        campaign: Campaign,
        statement: Statement,
        held: Held,
        choice: Choice,
        verified: int,
        now_ms: int,
    ) -> str:
        """Why I cannot sign sealed now; empty where I can, or have."""
        if campaign.rounds.mine(held) is None:
            return "You had published no keys when this text was frozen, or they are erased."
        if now_ms >= held.terms.expires_ms:
            return "The time for sealed sign-ons to this statement is over."
        try:
            check_known(choice, verified)
        except UnsafeSeal as refusal:
            return str(refusal)
        return ""


def _phase(opened: int, openable: bool, expired: bool) -> SealPhase:
    if opened:
        return SealPhase.OPEN
    if expired:
        return SealPhase.EXPIRED
    return SealPhase.OPENING if openable else SealPhase.SHUT
