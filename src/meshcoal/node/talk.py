"""What is kept of talk, and when it goes: after as many days as the campaign's founder set, or taken back.

Law: by the time of arrival on this device's clock. An author's clock neither erases nor keeps what others
hold. The sealed operation stays, because others cite it; nothing here opens it any more. What was done about
a message goes with it, and so does what was written to be said and never sent.
"""

from __future__ import annotations

from typing import Final

from meshcoal.api.views import NoticeKind
from meshcoal.clock import DAY_MS
from meshcoal.ids import AuthorId, OperationId
from meshcoal.limits import MARKS_EACH_MAX, TALK_DAYS
from meshcoal.log.changes import BlankMessage, EraseMessages, PutMark, PutMessage
from meshcoal.log.reader import CALLS_ME, OWN, MarkRow, MessageRow, Place
from meshcoal.node.campaign import Campaign
from meshcoal.node.records import DRAFTS, DraftRecord, load_all
from meshcoal.node.rights import authors_change, may_hide
from meshcoal.node.step import Step
from meshcoal.wire.bodies import PostBody
from meshcoal.wire.operation import Kind, Operation, decode_operation
from meshcoal.wire.terms import TalkAct

AGAIN_MS: Final = 600_000  # at the earliest after this, so that a busy channel is not a step for each message
_SWEEP_AFTER_MS: Final = 1_000  # files that no message names any more go then
LOOK_MS: Final = 12 * 3_600_000  # at the latest: the rule may have become known since


def days(campaign: Campaign) -> int:
    """How many days talk lives on each device: the founder's number, once it can be read here."""
    create = campaign.roster().create
    return create.talk_days if create else TALK_DAYS


def expire(campaign: Campaign, step: Step) -> None:
    """Erase what was received too long ago, and have this called again when more is due."""
    lifetime_ms = days(campaign) * DAY_MS
    before_ms = step.now_ms - lifetime_ms + 1
    for key, draft in load_all(campaign.reader, DraftRecord, DRAFTS):
        if draft.campaign == campaign.id and draft.at_ms < before_ms:
            step.erase(DRAFTS, key)
    oldest_ms = campaign.reader.oldest_message_ms(campaign.id)
    if oldest_ms is not None and oldest_ms < before_ms:
        step.change(EraseMessages(campaign=campaign.id, before_ms=before_ms))
        step.notice(NoticeKind.ERASED, campaign.id)
        step.timer(f"keep:{campaign.id.hex()}", step.now_ms + _SWEEP_AFTER_MS)
        oldest_ms = before_ms  # perhaps: the store knows when this step is done
    due_ms = lifetime_ms + (step.now_ms if oldest_ms is None else oldest_ms)
    wait_ms = min(max(due_ms - step.now_ms, AGAIN_MS), LOOK_MS)
    step.timer(f"expire:{campaign.id.hex()}", step.now_ms + wait_ms)


def place_of(campaign: Campaign, message: OperationId) -> tuple[int, bytes] | None:
    """Where a message stands in its timeline, also after it was erased; None where it never was.

    So an open screen may go on from a message, or mark it as read, that has vanished meanwhile.
    """
    encoded = campaign.reader.operation(message)
    place = campaign.reader.place(message)
    if encoded is None or place is None:
        return None
    header = decode_operation(encoded).header
    return (place.depth, message) if header.kind is Kind.POST and header.campaign == campaign.id else None


def message(
    campaign: Campaign,
    operation: Operation,
    place: Place,
    body: PostBody,
    *,
    received_ms: int,
    gone: bool = False,
) -> PutMessage:
    """A message as it is kept; `gone`: its author took it back before it could be read here."""
    author = operation.header.author
    bearing = OWN if author == campaign.me else CALLS_ME if campaign.me in body.mentions else 0
    return PutMessage(
        campaign=campaign.id,
        channel=body.channel,
        id=operation.id,
        author=author,
        seq=operation.header.seq,
        depth=place.depth,
        context=place.context,
        at_ms=body.at_ms,
        received_ms=received_ms,
        text="" if gone else body.text,
        reply_to=body.reply_to,
        thread=body.thread,
        mentions=b"" if gone else b"".join(body.mentions),
        bearing=0 if gone and bearing == CALLS_ME else bearing,
    )


def mark(
    campaign: Campaign, operation: Operation, place: Place, body: PostBody, *, received_ms: int
) -> PutMark:
    """What was done about a message, as it is kept."""
    return PutMark(
        campaign=campaign.id,
        channel=body.channel,
        id=operation.id,
        author=operation.header.author,
        seq=operation.header.seq,
        depth=place.depth,
        context=place.context,
        at_ms=body.at_ms,
        received_ms=received_ms,
        act=body.act.value,
        about=body.reply_to,
        text=body.text,
        mentions=b"".join(body.mentions),
    )


def blank_own(campaign: Campaign, step: Step, author: AuthorId, place: Place, body: PostBody) -> None:
    """Erase what its author took back. What an organiser hides is hidden only.

    Nor what somebody takes back whose log is forked: it may be another who speaks.
    """
    about = campaign.dag.place(OperationId(body.reply_to))
    if (
        body.act is TalkAct.TAKE_BACK
        and about is not None
        and about.author == author
        and author not in campaign.dag.forks
        and campaign.talk_counts(author, place.context, body.channel)
        and authors_change(campaign.roster_at(place.context))
    ):
        step.change(BlankMessage(id=OperationId(body.reply_to)))
        step.timer(f"keep:{campaign.id.hex()}", step.now_ms + _SWEEP_AFTER_MS)


def taken_back_already(campaign: Campaign, identifier: OperationId, author: AuthorId) -> bool:
    """Whether its author took back what can be read here only now."""
    if author in campaign.dag.forks:
        return False
    marks = campaign.reader.marks(campaign.id, (identifier,), each=MARKS_EACH_MAX)
    return any(
        one.act == TalkAct.TAKE_BACK
        and one.author == author
        and authors_change(campaign.roster_at(one.context))
        for one in marks
    )


def mark_counts(campaign: Campaign, row: MessageRow, one: MarkRow) -> bool:
    """Whether what somebody did about a message counts, by their place in the log: all nodes agree."""
    if one.channel != row.channel or not campaign.talk_counts(one.author, one.context, one.channel):
        return False
    roster = campaign.roster_at(one.context)
    if one.act == TalkAct.EDIT:
        return one.author == row.author and authors_change(roster)
    if one.act == TalkAct.TAKE_BACK:
        if one.author == row.author:
            return authors_change(roster)
        return may_hide(roster, one.author)
    return True
