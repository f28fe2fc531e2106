"""What a user asks about talk, one function a command.

Law: as in `node.commands`. What would not count for the others is refused here, with the reason.
"""

from __future__ import annotations

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.errors import BadArgument, NotPermitted, SentAlready, Unknown, WrongPhase
from meshcoal.ids import AuthorId, OperationId
from meshcoal.log.reader import OWN, MarkRow, MessageRow
from meshcoal.node import talk
from meshcoal.node.campaign import Campaign
from meshcoal.node.commands import Commands, finished_uploads, handles
from meshcoal.node.records import DRAFTS, READS, DraftRecord, ReadRecord, load
from meshcoal.node.rights import authors_change, may_hide
from meshcoal.node.step import Step
from meshcoal.wire.emoji import is_emoji
from meshcoal.wire.operation import Kind
from meshcoal.wire.post import MENTION, PostBody
from meshcoal.wire.record import Record
from meshcoal.wire.terms import TalkAct


@handles(ask.PostMessage)
def _post_message(self: Commands, step: Step, command: ask.PostMessage) -> Record:
    campaign = self.writable(command.campaign)
    if command.channel not in campaign.roster().channels:
        raise Unknown("There is no such channel in this campaign.")
    attachments = finished_uploads(campaign, command.attachments)
    if not command.text and not attachments:
        raise BadArgument("A message needs a text or a file.")
    _check_mentions(campaign, command.text, command.mentions)
    draft = command.draft.encode()
    if draft and load(self.core.reader, DraftRecord, DRAFTS, draft) is None:
        raise SentAlready("This was sent already: its draft is gone.")
    answered = campaign.reader.message(OperationId(command.reply_to)) if command.reply_to else None
    body = PostBody(
        at_ms=step.now_ms,
        channel=command.channel,
        text=command.text,
        reply_to=command.reply_to,
        attachments=attachments,
        # Who answers in a thread stays in it; any other message that is answered begins one.
        thread=(answered.thread if answered is not None else b"") or command.reply_to,
        mentions=command.mentions,
    )
    timelines = self.core.shows.timelines
    all_read = not timelines.unread(campaign, command.channel)
    identifier = self.write(campaign, step, Kind.POST, body)
    if draft:
        step.erase(DRAFTS, draft)
    place = campaign.dag.place(identifier)
    assert place is not None
    if all_read:  # one's own message is not news
        kept = ReadRecord(depth=place.depth, message=identifier, at_ms=step.now_ms)
        step.put(READS, campaign.id + command.channel, kept)
    row = MessageRow(
        id=identifier,
        author=campaign.me,
        seq=place.seq,
        depth=place.depth,
        context=place.context,
        at_ms=step.now_ms,
        text=command.text,
        reply_to=command.reply_to,
        thread=body.thread,
        mentions=b"".join(command.mentions),
        channel=command.channel,
        received_ms=step.now_ms,
        bearing=OWN,
    )
    for token in command.attachments:
        del campaign.files.uploads[token]
    return timelines.message(campaign, row, attachments=attachments)


@handles(ask.EditMessage)
def _edit_message(self: Commands, step: Step, command: ask.EditMessage) -> Record:
    campaign, row = _message(self, command.campaign, command.message)
    if row.author != campaign.me:
        raise NotPermitted("Only its author changes a message.")
    _check_changes(campaign)
    if not command.text and not campaign.files.of_message(row.id):
        raise BadArgument("A message needs a text or a file. To remove it, take it back.")
    _check_mentions(campaign, command.text, command.mentions)
    return _act(self, step, campaign, row, TalkAct.EDIT, text=command.text, mentions=command.mentions)


@handles(ask.TakeBackMessage)
def _take_back_message(self: Commands, step: Step, command: ask.TakeBackMessage) -> Record:
    campaign, row = _message(self, command.campaign, command.message)
    if row.author == campaign.me:
        _check_changes(campaign)
    elif not may_hide(campaign.roster(), campaign.me):
        raise NotPermitted(
            "You can take back what you said yourself. That organisers hide what others said, "
            "the rules of this campaign would have to allow."
        )
    return _act(self, step, campaign, row, TalkAct.TAKE_BACK)


@handles(ask.ReactToMessage)
def _react_to_message(self: Commands, step: Step, command: ask.ReactToMessage) -> Record:
    campaign, row = _message(self, command.campaign, command.message)
    if command.emoji and not is_emoji(command.emoji):
        raise BadArgument("A reaction is one emoji.")
    return _act(self, step, campaign, row, TalkAct.REACT, text=command.emoji)


@handles(ask.PinMessage)
def _pin_message(self: Commands, step: Step, command: ask.PinMessage) -> Record:
    campaign, row = _message(self, command.campaign, command.message)
    return _act(self, step, campaign, row, TalkAct.PIN if command.pinned else TalkAct.UNPIN)


@handles(ask.ListMessages)
def _list_messages(self: Commands, step: Step, command: ask.ListMessages) -> Record:
    return self.core.shows.timelines.page(self.campaign(command.campaign), command, step.now_ms)


@handles(ask.ListChanged)
def _list_changed(self: Commands, step: Step, command: ask.ListChanged) -> Record:
    return self.core.shows.timelines.changed(self.campaign(command.campaign), command, step.now_ms)


@handles(ask.ShowMessage)
def _show_message(self: Commands, step: Step, command: ask.ShowMessage) -> Record:
    campaign = self.campaign(command.campaign)
    return self.core.shows.timelines.detail(campaign, _row(campaign, command.message))


@handles(ask.MarkRead)
def _mark_read(self: Commands, step: Step, command: ask.MarkRead) -> Record:
    campaign = self.campaign(command.campaign)
    place = talk.place_of(campaign, OperationId(command.message))
    if place is None or command.channel not in campaign.roster().channels:
        raise Unknown("There is no such message.")
    depth, message = place
    kept = ReadRecord(depth=depth, message=message, at_ms=step.now_ms)
    step.put(READS, campaign.id + command.channel, kept)
    return show.Done()


def _row(campaign: Campaign, message: bytes) -> MessageRow:
    row = campaign.reader.message(OperationId(message))
    place = campaign.dag.place(OperationId(message)) if row is not None else None
    if row is None or place is None or not campaign.talk_counts(row.author, row.context, row.channel):
        raise Unknown("There is no such message here. It may have vanished after its time.")
    return row


def _message(self: Commands, identifier: bytes, message: bytes) -> tuple[Campaign, MessageRow]:
    """A message about which something can be done."""
    campaign = self.writable(identifier)
    row = _row(campaign, message)
    if self.core.shows.timelines.message(campaign, row).state is not show.MessageState.SAID:
        raise WrongPhase("This message was taken back: nothing more can be done about it.")
    return campaign, row


def _check_changes(campaign: Campaign) -> None:
    if not authors_change(campaign.roster()):
        raise NotPermitted("By the rules of this campaign, what was said stays as it was said.")


def _check_mentions(campaign: Campaign, text: str, mentions: tuple[bytes, ...]) -> None:
    if any(AuthorId(one) not in campaign.roster().members for one in mentions):
        raise Unknown("Somebody mentioned is not a member of this campaign.")
    if text.count(MENTION) != len(mentions):
        raise BadArgument("The text does not mention as many members as were given.")


def _act(
    self: Commands,
    step: Step,
    campaign: Campaign,
    row: MessageRow,
    act: TalkAct,
    *,
    text: str = "",
    mentions: tuple[bytes, ...] = (),
) -> Record:
    """Write it, and show the message as it stands then."""
    body = PostBody(
        at_ms=step.now_ms, channel=row.channel, text=text, reply_to=row.id, mentions=mentions, act=act
    )
    identifier = self.write(campaign, step, Kind.POST, body)
    place = campaign.dag.place(identifier)
    assert place is not None
    fresh = MarkRow(
        id=identifier,
        author=campaign.me,
        seq=place.seq,
        depth=place.depth,
        context=place.context,
        at_ms=step.now_ms,
        act=act.value,
        channel=row.channel,
        about=row.id,
        text=text,
        mentions=b"".join(mentions),
    )
    return self.core.shows.timelines.message(campaign, row, fresh=fresh)
