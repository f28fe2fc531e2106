"""From a command that signs to the body that is signed.

Law: the one place that reads who signs out of a command. What a way of signing adds comes as arguments.
"""

from __future__ import annotations

from meshcoal.api.signing import SigningCommand
from meshcoal.crypto.ring import RingKey
from meshcoal.errors import NotPermitted
from meshcoal.node.campaign import Campaign
from meshcoal.node.commands import Commands
from meshcoal.node.polls import HeldPoll
from meshcoal.node.rights import authority_of
from meshcoal.node.step import Step
from meshcoal.statement.counted import name_in_ring
from meshcoal.statement.model import Statement, StatementPhase
from meshcoal.statement.signon import make_sign_on
from meshcoal.wire.bodies import Need, SignBody
from meshcoal.wire.counted import RingPlace, placed
from meshcoal.wire.terms import NameMode


def sign_body(
    self: Commands,
    step: Step,
    campaign: Campaign,
    statement: Statement,
    command: SigningCommand,
    *,
    mode: NameMode = NameMode.NAMED,
    logo: bytes = b"",
    needs: tuple[Need, ...] = (),
    request: bytes = b"",
    mandate: bytes = b"",
    unit_ms: int = 1_000,
    late: bool = False,
) -> SignBody:
    """Sign for the user of this device, who takes part in the campaign. Raises as `make_sign_on` does."""
    member = campaign.my_member()
    assert member is not None, "writable"
    return make_sign_on(
        statement,
        me=campaign.me,
        seat=member.seat,
        act_key=campaign.persona.act,
        digest=command.digest,
        capacity=command.capacity,
        name=command.name,
        title=command.title,
        affiliation=command.affiliation,
        country=command.country,
        languages_read=command.languages_read,
        names=command.names,
        members=command.members,
        mode=mode,
        logo=logo,
        needs=needs,
        request=request,
        mandate=mandate,
        authority=authority_of(campaign.roster()),
        entropy=self.entropy,
        now_ms=step.now_ms,
        unit_ms=unit_ms,
        late=late,
        in_ring=my_place(self, campaign, statement),
    )


def poll_of(campaign: Campaign, statement: Statement) -> HeldPoll | None:
    """The ring of the text that holds; None where it has none here."""
    frozen = statement.frozen
    return campaign.rounds.polls.of_freeze(frozen.id) if frozen is not None else None


def my_place(self: Commands, campaign: Campaign, statement: Statement) -> RingPlace | None:
    """Which key of the letter's ring is mine, so that nobody is counted beside their own name.

    Raises:
        NotPermitted: a key of mine is in the ring of an open letter, and this device has it no more.
    """
    held = poll_of(campaign, statement)
    if held is None or campaign.me not in held.record.authors:
        return None
    secrets = campaign.rounds.polls.mine(campaign.rounds.weeks, held)
    if statement.phase is StatementPhase.RELEASED:
        return None  # keys are gone, on all devices alike: nobody can say it any more
    if secrets is None:
        raise NotPermitted(
            "On this letter members may be counted and not named, so whoever signs by name says which key of "
            "the ring is theirs. This device does not have yours any more: ask for a new version of the text."
        )
    key = RingKey(secrets.ring_seed)
    act_key = campaign.persona.act
    return placed(name_in_ring(held.box.poll, ring_key=key, act_key=act_key, entropy=self.entropy))
