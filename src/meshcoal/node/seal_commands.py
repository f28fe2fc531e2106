"""Commands about sealed sign-ons, and about members who are verified in person.

Law: as in `node.commands`. Whether sealing is safe is for `statement.sealed`; that nothing of mine is begun
twice is asked here.
"""

from __future__ import annotations

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.clock import DAY_MS
from meshcoal.crypto.fingerprint import member_words
from meshcoal.crypto.ring import RingKey
from meshcoal.errors import BadArgument, NotPermitted, Unknown, WrongPhase
from meshcoal.ids import AuthorId
from meshcoal.node.campaign import Campaign
from meshcoal.node.commands import Commands, handles
from meshcoal.node.round_records import Held
from meshcoal.node.sign_ons import sign_body
from meshcoal.node.statement_commands import statement_of
from meshcoal.node.step import Step
from meshcoal.statement.model import Statement
from meshcoal.statement.sealed.envelope import seal, withdraw
from meshcoal.statement.tally import fields_of
from meshcoal.wire.record import Record
from meshcoal.wire.sealed import Envelope, item_id
from meshcoal.wire.terms import WordList
from meshcoal.wire.week_keys import WeekSecrets


@handles(ask.SignSealed)
def _sign_sealed(self: Commands, step: Step, command: ask.SignSealed) -> Record:
    campaign, statement, held = _round(self, command.campaign, command.statement)
    secrets = _secrets(campaign, held)
    body = sign_body(self, step, campaign, statement, command, unit_ms=DAY_MS)
    tag = campaign.rounds.my_tag(held)
    if any(item.terms == held.terms.id and item.tag == tag for item in self.core.sealing.leaving(campaign)):
        raise WrongPhase("What you did here is still on its way.")
    if held.box.is_withdrawn(tag):
        raise WrongPhase("You have taken your sealed sign-on back, and cannot sign this text sealed again.")
    if held.box.mark_of(tag) is not None:
        raise WrongPhase("You have signed sealed already.")
    envelope = seal(
        held.box.round,
        ring_key=RingKey(secrets.ring_seed),
        act_key=campaign.persona.act,
        fields=fields_of(body, campaign.persona.act.public),
        floor=command.floor or held.terms.threshold,
        verified=self.core.shows.seals.verified(campaign, held),
        now_ms=step.now_ms,
        entropy=self.entropy,
        in_ring=body.in_ring,
    )
    self.core.sealing.begin(step, campaign, envelope)
    return self.core.shows.statement(campaign, statement, step.now_ms)


@handles(ask.WithdrawSealed)
def _withdraw_sealed(self: Commands, step: Step, command: ask.WithdrawSealed) -> Record:
    campaign, statement, held = _round(self, command.campaign, command.statement)
    secrets = _secrets(campaign, held)
    tag = campaign.rounds.my_tag(held)
    leaving = [item for item in self.core.sealing.leaving(campaign) if item.tag == tag]
    envelopes = [item for item in leaving if isinstance(item, Envelope)]
    state = held.box.mark_of(tag)
    if held.box.is_withdrawn(tag) or len(envelopes) < len(leaving):
        raise WrongPhase("You have taken your sealed sign-on back already.")
    if state is None and not envelopes:
        raise WrongPhase("You have not signed this text sealed.")
    if held.box.standing(step.now_ms).openable and state is not None:
        raise WrongPhase("It is opened, or about to be: take it back as you would any signature.")
    for one in envelopes:  # others may have it already; they drop it
        self.core.sealing.stop(step, campaign, item_id(one))
    ring_key = RingKey(secrets.ring_seed)
    self.core.sealing.begin(step, campaign, withdraw(held.box.round, ring_key=ring_key, entropy=self.entropy))
    return self.core.shows.statement(campaign, statement, step.now_ms)


def _round(self: Commands, where: bytes, which: bytes) -> tuple[Campaign, Statement, Held]:
    campaign = self.acting(where)
    statement = statement_of(self, campaign, which)
    frozen = statement.frozen
    if frozen is None or not frozen.body.sealed_until:
        raise WrongPhase("This letter is not signed sealed: whoever freezes a text decides that.")
    held = campaign.rounds.of_freeze(frozen.id)
    if held is None:
        raise WrongPhase("When this text was frozen, too few members had keys to sign sealed with.")
    return campaign, statement, held


def _secrets(campaign: Campaign, held: Held) -> WeekSecrets:
    found = campaign.rounds.mine(held)
    if found is None:
        raise NotPermitted(
            "You had published no keys when this text was frozen, or they are erased: "
            "you cannot sign it sealed."
        )
    return found[1]


# --- Members who are verified in person


@handles(ask.ShowMemberWords)
def _show_member_words(self: Commands, step: Step, command: ask.ShowMemberWords) -> Record:
    return _words(self, self.campaign(command.campaign), command.author)


@handles(ask.ConfirmMember)
def _confirm_member(self: Commands, step: Step, command: ask.ConfirmMember) -> Record:
    campaign = self.writable(command.campaign)
    view = _words(self, campaign, command.author)
    campaign.rounds.know(step, AuthorId(command.author), match=command.match)
    step.notice(show.NoticeKind.CAMPAIGN, campaign.id, by_me=True)
    return view if command.match == view.verified else _words(self, campaign, command.author)


def _words(self: Commands, campaign: Campaign, author: bytes) -> show.MemberWordsView:
    member = AuthorId(author)
    if member == campaign.me:
        raise BadArgument("These words are for you and another member.")
    if not campaign.roster().is_active(member):
        raise Unknown("There is no such member.")
    return show.MemberWordsView(
        campaign=campaign.id,
        author=member,
        name=self.core.shows.name_of(campaign, member),
        words=tuple(
            [
                show.SpellingView(
                    word_list=one, words=member_words(campaign.id, campaign.me, member, one.value)
                )
                for one in WordList
            ]
        ),
        verified=self.core.shows.seals.knows(campaign, member),
    )
