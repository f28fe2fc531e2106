"""Commands about sign-ons from outside: calls, replies, and what becomes of them.

Law: as in `node.commands`. Only organisers open calls, read replies and accept; what a reply says is refused
or kept by its bytes alone, and reading the same twice changes nothing.
"""

from __future__ import annotations

import dataclasses
from typing import Final

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.errors import (
    BadArgument,
    BadKey,
    BadShare,
    MalformedCall,
    MalformedPackage,
    NotPermitted,
    Unknown,
    WrongPhase,
)
from meshcoal.ids import AuthorId, OperationId
from meshcoal.node.asking_commands import write_note
from meshcoal.node.campaign import Campaign
from meshcoal.node.commands import Commands, handles
from meshcoal.node.desk import organisers_of
from meshcoal.node.replies import Likeness, Line, Replies, ReplyRecord, reviewed
from meshcoal.node.reply_desk import ReplyDesk, frozen_of, links_of, openers, seed_of
from meshcoal.node.statement_commands import statement_of
from meshcoal.node.step import Step
from meshcoal.statement import outside, replies
from meshcoal.statement.desk import Told, reviews
from meshcoal.statement.model import Called, Frozen, Statement, StatementPhase
from meshcoal.wire.bodies import AcceptBody, CallBody, GrantBody
from meshcoal.wire.call import call_code, call_text
from meshcoal.wire.desk import DeskNote, Review
from meshcoal.wire.operation import Kind
from meshcoal.wire.outsider import Outsider, OutsiderWithdrawal
from meshcoal.wire.plain import normalise_line
from meshcoal.wire.record import Record

# Said where an organiser says nothing else: what holds whatever they do.
USUAL: Final = (
    "Your name, title, organisation and country are published with the letter, under your signature.",
    "Until then only the organisers who hold the key of this call can read them.",
    "You can withdraw with the key file that you keep. Copies that are out by then keep your name.",
)


@handles(ask.OpenCall)
def _open_call(self: Commands, step: Step, command: ask.OpenCall) -> Record:
    campaign, statement = _organising(self, command.campaign, command.statement)
    frozen = statement.frozen
    if frozen is None or statement.phase is not StatementPhase.OPEN:
        raise WrongPhase("A call needs a letter that is frozen and not released yet.")
    if command.digest != frozen.digest:
        raise WrongPhase("The text that was frozen is not the one you read: read it again before you call.")
    holders = _holders(campaign, alone=command.needed == 1)
    if command.needed > len(holders):
        raise BadArgument(f"There are {len(holders)} organisers: no more can be needed to read replies.")
    seed, public = replies.new_key(self.entropy, self.core.sealer)
    links = links_of(campaign, holders)
    body = CallBody(
        at_ms=step.now_ms,
        statement=statement.id,
        digest=frozen.digest,
        until_ms=command.until_ms or frozen.deadline_ms,
        asks=normalise_line(command.asks) or command.asks,
        reply_to=_lines(command.reply_to),
        data=_lines(command.data) if command.data else USUAL,
        key=public,
        needed=command.needed,
        holders=holders,
        shares=replies.deal_key(seed, links, command.needed, frozen.digest, self.entropy),
    )
    try:
        called = Called(id=OperationId(bytes(32)), author=campaign.me, body=body, grants=())
        call_text(outside.call_of(called, frozen))
    except (MalformedCall, MalformedPackage) as exc:
        raise BadArgument(f"This call cannot be given out: {exc}.") from exc
    self.write(campaign, step, Kind.CALL, body)
    return _calls(self, campaign, command.statement)


@handles(ask.ShowCalls)
def _show_calls(self: Commands, step: Step, command: ask.ShowCalls) -> Record:
    return _calls(self, self.campaign(command.campaign), command.statement)


@handles(ask.GrantCall)
def _grant_call(self: Commands, step: Step, command: ask.GrantCall) -> Record:
    campaign, statement = _organising(self, command.campaign, command.statement)
    called = next((one for one in statement.calls if one.id == command.call), None)
    if called is None:
        raise Unknown("There is no such call.")
    mine = outside.me_among(called.body.holders, campaign.me)
    frozen = frozen_of(statement, called)
    if not mine or frozen is None:
        raise NotPermitted("You hold no part of this call's key.")
    if campaign.me in dict(called.grants):
        raise WrongPhase("You have agreed already.")
    links, place = links_of(campaign, called.body.holders), frozen.digest
    try:
        part = replies.own_part(called.body.shares, mine, campaign.persona.link, called.body.needed, place)
        share = replies.pass_part(part, mine, links, place, self.entropy)
    except (BadShare, BadKey) as exc:
        raise WrongPhase("Your part of this call's key does not open: make a new call.") from exc
    body = GrantBody(at_ms=step.now_ms, statement=statement.id, call=called.id, share=share)
    self.write(campaign, step, Kind.GRANT, body)
    return _calls(self, campaign, command.statement)


@handles(ask.ImportReplies)
def _import_replies(self: Commands, step: Step, command: ask.ImportReplies) -> Record:
    campaign, statement = _organising(self, command.campaign, command.statement)
    if not statement.calls:
        raise WrongPhase("There is no call for this letter.")
    found = openers(campaign, statement, self.core.sealer, self.core.acceptor.count)
    if not found:
        raise NotPermitted(
            "Replies cannot be read here yet: more holders of the call's key have to agree "
            "(meshcoal statement call --agree)."
        )
    desk = ReplyDesk(campaign, statement, step)
    told = tuple([desk.take(sealed, found) for sealed in command.replies])
    for letter, taken in desk.withdrawn():
        _write(self, campaign, step, statement.id, letter, (), taken)
    step.notice(show.NoticeKind.STATEMENT, campaign.id, statement.id, by_me=True)
    return show.ImportedView(outcomes=told)


@handles(ask.ListReplies)
def _list_replies(self: Commands, step: Step, command: ask.ListReplies) -> Record:
    campaign, statement = _organising(self, command.campaign, command.statement)
    kept = Replies(campaign.reader, campaign.id, statement.id)
    told = reviews(self.core.shows.desk.told(campaign, statement))
    lines = reviewed(kept.lines(), told)
    likeness = Likeness.of(statement, lines)
    rows = sorted(
        [line for line in lines if line.state is command.state],
        key=lambda line: (line.name.casefold(), line.id),
    )
    start = 0
    if command.after:
        places = [at for at, line in enumerate(rows) if line.id == command.after]
        if not places:
            raise Unknown("There is no such reply any more: begin from the first.")
        start = places[0] + 1
    deadlines = {bytes(one.digest): one.deadline_ms for one in _versions(statement)}
    shown = []
    for line in rows[start : start + command.limit]:
        one = kept.get(line.id)
        assert one is not None, "it was listed in this step"
        word = told.get(line.id)
        by = self.core.shows.name_of(campaign, word.author) if word else ""
        shown.append(_reply_view(line, one, likeness, deadlines.get(one.letter, 0), word, by))
    return show.RepliesView(replies=tuple(shown), more=start + command.limit < len(rows))


@handles(ask.DecideReplies)
def _decide_replies(self: Commands, step: Step, command: ask.DecideReplies) -> Record:
    campaign = _organised(self, command.campaign)
    kept = Replies(campaign.reader, campaign.id, command.statement)
    chosen = {identifier: kept.get(identifier) for identifier in command.replies}
    found = {identifier: one for identifier, one in chosen.items() if one is not None}
    if command.decision is ask.Decision.ACCEPT:
        by_letter: dict[bytes, list[Outsider]] = {}
        for _, one in sorted(found.items()):
            by_letter.setdefault(one.letter, []).append(one.said)
        for letter, sign_ons in sorted(by_letter.items()):
            _write(self, campaign, step, command.statement, letter, sign_ons, ())
        for identifier in found:
            kept.erase(step, identifier)
    else:
        state = _STATES[command.decision]
        for identifier, one in found.items():
            kept.put(step, identifier, dataclasses.replace(one, state=state, note=command.note or one.note))
        _tell_holders(self, campaign, step, command, found)
    step.notice(show.NoticeKind.STATEMENT, campaign.id, command.statement, by_me=True)
    return show.DecidedView(done=len(found), gone=len(chosen) - len(found))


def _tell_holders(
    self: Commands,
    campaign: Campaign,
    step: Step,
    command: ask.DecideReplies,
    found: dict[bytes, ReplyRecord],
) -> None:
    """Let the other holders of the calls' keys see it; where I alone hold one, it stays on this device."""
    statement = campaign.statements.get(OperationId(command.statement))
    by_letter: dict[bytes, list[bytes]] = {}
    for identifier, one in sorted(found.items()):
        by_letter.setdefault(one.letter, []).append(identifier)
    for letter, ids in sorted(by_letter.items()):
        calls = [one.body for one in statement.calls if one.body.digest == letter] if statement else []
        holders = {AuthorId(holder) for body in calls for holder in body.holders}
        holders &= set(organisers_of(campaign))
        if statement is not None and campaign.me in holders and len(holders) > 1:
            note = DeskNote(replies=tuple(ids), review=_REVIEWS[command.decision], words=command.note)
            write_note(self, campaign, step, statement, note, digest=letter, holders=holders)


_REVIEWS: Final = {
    ask.Decision.ASK: Review.ASK,
    ask.Decision.REFUSE: Review.REFUSE,
    ask.Decision.WAIT: Review.WAIT,
}
_STATES: Final = {
    ask.Decision.ASK: ask.ReplyState.ASKED,
    ask.Decision.REFUSE: ask.ReplyState.REFUSED,
    ask.Decision.WAIT: ask.ReplyState.WAITING,
}


@handles(ask.ListOutside)
def _list_outside(self: Commands, step: Step, command: ask.ListOutside) -> Record:
    campaign = self.campaign(command.campaign)
    statement = statement_of(self, campaign, command.statement)
    behind = [one for one in statement.outside if one.sign_on.said.act_key > command.after]
    return show.OutsidersView(
        outsiders=tuple(
            [
                show.OutsiderView(
                    key=one.sign_on.said.act_key,
                    capacity=one.sign_on.said.fields.capacity,
                    name=one.sign_on.said.fields.name,
                    title=one.sign_on.said.fields.title,
                    affiliation=one.sign_on.said.fields.affiliation,
                    country=one.sign_on.said.fields.country,
                    signed_ms=one.sign_on.said.fields.signed_ms,
                    accepted_by=self.core.shows.name_of(campaign, one.sign_on.accepted_by),
                    state=one.state,
                )
                for one in behind[: command.limit]
            ]
        ),
        more=command.limit < len(behind),
    )


# --- Taking up


def _write(
    self: Commands,
    campaign: Campaign,
    step: Step,
    statement: bytes,
    letter: bytes,
    sign_ons: list[Outsider] | tuple[()],
    withdrawals: list[OutsiderWithdrawal] | tuple[()],
) -> None:
    for taken, back in outside.batches(sign_ons, withdrawals):
        body = AcceptBody(
            at_ms=step.now_ms, statement=statement, digest=letter, sign_ons=taken, withdrawals=back
        )
        self.write(campaign, step, Kind.ACCEPT, body)


# --- Showing


def _calls(self: Commands, campaign: Campaign, identifier: bytes) -> show.CallsView:
    statement = statement_of(self, campaign, identifier)
    told = reviews(self.core.shows.desk.told(campaign, statement))
    counts = Replies(campaign.reader, campaign.id, statement.id).counts(told)
    shown = [_call_view(self, campaign, statement, one) for one in statement.calls]
    return show.CallsView(
        campaign=campaign.id,
        statement=statement.id,
        calls=tuple([one for one in shown if one is not None][-show.CALLS_SHOWN_MAX :]),
        waiting=counts[ask.ReplyState.WAITING],
        asked=counts[ask.ReplyState.ASKED],
        refused=counts[ask.ReplyState.REFUSED],
        accepted=len(statement.counted_outside()),
    )


def _call_view(
    self: Commands, campaign: Campaign, statement: Statement, called: Called
) -> show.CallView | None:
    frozen = frozen_of(statement, called)
    if frozen is None:
        return None
    try:
        call = outside.call_of(called, frozen)
        text = call_text(call)
    except MalformedCall:
        return None  # written by a node that does not keep the rules: nothing can be given out
    granted = dict(called.grants)
    return show.CallView(
        id=called.id,
        name=self.core.shows.name_of(campaign, called.author),
        digest=frozen.digest,
        code=call_code(call),
        until_ms=called.body.until_ms,
        needed=called.body.needed,
        holders=tuple(
            [
                show.CallHolderView(
                    name=self.core.shows.name_of(campaign, AuthorId(holder)),
                    mine=holder == campaign.me,
                    granted=AuthorId(holder) in granted,
                )
                for holder in called.body.holders
            ]
        ),
        readable=seed_of(campaign, called, frozen, self.core.sealer, self.core.acceptor.count) is not None,
        current=statement.frozen is not None and frozen.digest == statement.frozen.digest,
        text=text,
    )


def _reply_view(
    line: Line, one: ReplyRecord, likeness: Likeness, deadline_ms: int, word: Told | None, by: str
) -> show.ReplyView:
    fields = one.said.fields
    return show.ReplyView(
        id=line.id,
        key=one.said.act_key,
        capacity=fields.capacity,
        name=fields.name,
        title=fields.title,
        affiliation=fields.affiliation,
        country=fields.country,
        languages_read=fields.languages_read,
        signed_ms=fields.signed_ms,
        state=line.state,
        note=word.note.words if word else one.note,
        decided_by=by,
        late=fields.signed_ms > deadline_ms,
        double=likeness.is_double(line),
        further=likeness.is_further(line),
    )


# --- Finding


def _organising(self: Commands, campaign: bytes, statement: bytes) -> tuple[Campaign, Statement]:
    found = _organised(self, campaign)
    return found, statement_of(self, found, statement)


def _organised(self: Commands, identifier: bytes) -> Campaign:
    found = self.acting(identifier)
    if not found.roster().is_organiser(found.me):
        raise NotPermitted("Only an organiser of the campaign can do this.")
    return found


def _versions(statement: Statement) -> tuple[Frozen, ...]:
    return (*statement.replaced, *([statement.frozen] if statement.frozen else []))


def _frozen(statement: Statement, called: Called) -> Frozen | None:
    return outside.frozen_of(called.body.digest, statement.frozen, statement.replaced)


def _holders(campaign: Campaign, *, alone: bool) -> tuple[AuthorId, ...]:
    """Me, or every organiser."""
    if alone:
        return (campaign.me,)
    roster = campaign.roster()
    return tuple([author for author in roster.active() if roster.is_organiser(author)])


def _links(campaign: Campaign, holders: tuple[bytes, ...] | tuple[AuthorId, ...]) -> tuple[bytes, ...]:
    """The X25519 keys on their cards; former members included."""
    members = campaign.roster().members
    return tuple([members[AuthorId(one)].card.link for one in holders if AuthorId(one) in members])


def _lines(lines: tuple[str, ...]) -> tuple[str, ...]:
    return tuple([clean for line in lines if (clean := normalise_line(line))])
