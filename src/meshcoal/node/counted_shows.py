"""Views of those who are counted and not named: how many, how safe, never who.

Law: what is shown of others are numbers. Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Callable

from meshcoal.api.views import CountedMine, CountedView
from meshcoal.crypto.ring import RingKey
from meshcoal.ids import AuthorId
from meshcoal.node.campaign import Campaign
from meshcoal.node.polls import HeldPoll
from meshcoal.node.sealing import Sealing
from meshcoal.statement.counted import Count
from meshcoal.statement.model import Statement, StatementPhase
from meshcoal.wire.counted import CountedWithdrawal
from meshcoal.wire.terms import NameMode, Seat

NO_RING = "When this text was frozen, too few members had keys to be counted by."


class CountedShows:
    """Builds views. Holds no state of its own."""

    def __init__(self, *, sealing: Sealing, name_of: Callable[[Campaign, AuthorId], str]) -> None:
        self._sealing = sealing
        self._name_of = name_of

    def view(self, campaign: Campaign, statement: Statement, now_ms: int) -> CountedView | None:
        """Of the text that holds; None where it permits no such thing."""
        frozen = statement.frozen
        if frozen is None or NameMode.COUNTED not in frozen.body.modes:
            return None
        held = campaign.rounds.polls.of_freeze(frozen.id)
        if held is None or statement.unnamed is None:
            return CountedView(
                members=0,
                named=0,
                crowd=0,
                counted=0,
                withdrawn=0,
                everybody=False,
                mine=CountedMine.NONE,
                over=False,
                sentences=(),
                refusal=NO_RING,
                without_keys=self._names(campaign, campaign.rounds.lacking()),
            )
        count = count_of(statement)
        inside = held.record.authors
        mine = self.mine(campaign, statement, held)
        return CountedView(
            members=count.members,
            named=count.named,
            crowd=count.crowd,
            counted=count.counted,
            withdrawn=len(statement.unnamed.taken_back) if statement.released else 0,
            everybody=count.is_everybody,
            mine=mine,
            over=_over(statement, held, now_ms),
            sentences=count.for_signer() if mine is CountedMine.NONE else (),
            refusal=refusal(campaign, statement, held, mine, now_ms),
            without_keys=self._names(
                campaign, [one for one in campaign.rounds.signers() if one not in inside]
            ),
        )

    def _names(self, campaign: Campaign, authors: list[AuthorId]) -> tuple[str, ...]:
        return tuple([self._name_of(campaign, one) for one in authors])

    def mine(self, campaign: Campaign, statement: Statement, held: HeldPoll) -> CountedMine:
        """Where my own is, as far as the keys tell that I still hold."""
        entry = statement.entry_of(campaign.me)
        if entry is not None and entry.sign_on.body.in_ring is not None:
            return CountedMine.NAMED
        secrets = campaign.rounds.polls.mine(campaign.rounds.weeks, held)
        if secrets is None:
            return CountedMine.NONE
        tag = RingKey(secrets.ring_seed).tag(held.box.poll.event)
        leaving = [one for one in self._sealing.leaving(campaign) if one.tag == tag]
        if tag in held.box.withdrawals:
            return CountedMine.TAKEN_BACK
        if any(isinstance(one, CountedWithdrawal) for one in leaving):
            return CountedMine.TAKING_BACK
        if tag in held.box.sign_ons:
            return CountedMine.THERE
        return CountedMine.LEAVING if leaving else CountedMine.NONE


def count_of(statement: Statement) -> Count:
    """What may be said of a letter that has a ring."""
    assert statement.unnamed is not None, "it has a ring"
    return statement.unnamed.count([(one.act_key, one.body) for one in statement.counted()])


def _over(statement: Statement, held: HeldPoll, now_ms: int) -> bool:
    released = statement.phase is StatementPhase.RELEASED
    return released or held.record.over or now_ms >= held.record.ends_ms


def refusal(campaign: Campaign, statement: Statement, held: HeldPoll, mine: CountedMine, now_ms: int) -> str:
    """Why I cannot be counted now; empty where I can, or am."""
    frozen = statement.frozen
    assert frozen is not None, "it has a ring"
    member = campaign.my_member()
    if member is not None and member.seat is Seat.OBSERVER:
        return "Observers do not sign statements."
    if _over(statement, held, now_ms) or now_ms > frozen.deadline_ms:
        return "The time to be counted on this letter is over."
    if mine is CountedMine.NAMED:
        return "You signed by name on this letter: nobody is counted beside their own name."
    if campaign.rounds.polls.mine(campaign.rounds.weeks, held) is None:
        return "You had published no keys when this text was frozen, or they are erased."
    if mine is CountedMine.TAKEN_BACK:
        return "You took your counted sign-on back, and cannot be counted on this text again."
    if count_of(statement).is_unsafe:
        return "Too few members are left who are not named: another of them could tell that it is you."
    return ""
