"""Commands of those who wish to be counted and not named.

Law: as in `node.commands`. That nothing of mine is begun twice, and that it is not unsafe, is asked here.
"""

from __future__ import annotations

from meshcoal.api import commands as ask
from meshcoal.api.views import CountedMine
from meshcoal.crypto.ring import RingKey
from meshcoal.errors import NotPermitted, UnsafeSeal, WrongPhase
from meshcoal.node.campaign import Campaign
from meshcoal.node.commands import Commands, handles
from meshcoal.node.counted_shows import NO_RING, count_of, refusal
from meshcoal.node.polls import HeldPoll
from meshcoal.node.sign_ons import poll_of
from meshcoal.node.statement_commands import statement_of
from meshcoal.node.step import Step
from meshcoal.statement.counted import sign_counted, withdraw_counted
from meshcoal.statement.model import Statement
from meshcoal.wire.counted import CountedSignOn
from meshcoal.wire.record import Record
from meshcoal.wire.sealed import item_id
from meshcoal.wire.terms import NameMode


@handles(ask.SignCounted)
def _sign_counted(self: Commands, step: Step, command: ask.SignCounted) -> Record:
    campaign, statement, held = _poll(self, command.campaign, command.statement)
    assert statement.frozen is not None, "it has a ring"
    if command.digest != statement.frozen.digest:
        raise WrongPhase("The text that was frozen is not the one you read: read it again before you sign.")
    mine = self.core.shows.counted.mine(campaign, statement, held)
    if mine in (CountedMine.LEAVING, CountedMine.THERE, CountedMine.TAKING_BACK):
        raise WrongPhase("You are counted already, or what you did is still on its way.")
    why_not = refusal(campaign, statement, held, mine, step.now_ms)
    if why_not and count_of(statement).is_unsafe:
        raise UnsafeSeal(why_not)
    if why_not:
        raise WrongPhase(why_not)
    if _is_sealed(self, campaign, statement):
        raise WrongPhase("You signed this text sealed: take that back first, so that you do not stand twice.")
    entry = sign_counted(held.box.poll, ring_key=_ring_key(campaign, held), entropy=self.entropy)
    self.core.sealing.begin(step, campaign, entry)
    return self.core.shows.statement(campaign, statement, step.now_ms)


@handles(ask.WithdrawCounted)
def _withdraw_counted(self: Commands, step: Step, command: ask.WithdrawCounted) -> Record:
    campaign, statement, held = _poll(self, command.campaign, command.statement)
    ring_key = _ring_key(campaign, held)
    mine = self.core.shows.counted.mine(campaign, statement, held)
    if mine in (CountedMine.TAKEN_BACK, CountedMine.TAKING_BACK):
        raise WrongPhase("You have taken your counted sign-on back already.")
    if mine not in (CountedMine.THERE, CountedMine.LEAVING):
        raise WrongPhase("You are not counted on this text.")
    tag = ring_key.tag(held.box.poll.event)
    for one in self.core.sealing.leaving(campaign):  # others may have it already
        if isinstance(one, CountedSignOn) and one.tag == tag:
            self.core.sealing.stop(step, campaign, item_id(one))
    gone = withdraw_counted(held.box.poll, ring_key=ring_key, entropy=self.entropy)
    self.core.sealing.begin(step, campaign, gone)
    return self.core.shows.statement(campaign, statement, step.now_ms)


def _poll(self: Commands, where: bytes, which: bytes) -> tuple[Campaign, Statement, HeldPoll]:
    campaign = self.acting(where)
    statement = statement_of(self, campaign, which)
    frozen = statement.frozen
    if frozen is None or NameMode.COUNTED not in frozen.body.modes:
        raise WrongPhase("On this letter nobody is counted without a name: whoever freezes a text decides.")
    held = poll_of(campaign, statement)
    if held is None or statement.unnamed is None:
        raise WrongPhase(NO_RING)
    return campaign, statement, held


def _ring_key(campaign: Campaign, held: HeldPoll) -> RingKey:
    secrets = campaign.rounds.polls.mine(campaign.rounds.weeks, held)
    if secrets is None or held.record.over:
        raise NotPermitted("The keys by which you could be counted, or take it back, are not here any more.")
    return RingKey(secrets.ring_seed)


def _is_sealed(self: Commands, campaign: Campaign, statement: Statement) -> bool:
    assert statement.frozen is not None, "it has a ring"
    held = campaign.rounds.of_freeze(statement.frozen.id)
    if held is None:
        return False
    tag = campaign.rounds.my_tag(held)
    leaving = any(item.tag == tag for item in self.core.sealing.leaving(campaign))
    return bool(tag) and (leaving or held.box.mark_of(tag) is not None)
