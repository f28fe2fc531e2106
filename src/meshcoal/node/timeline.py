"""Views of talk: pages of a channel, threads, pins, and a message as it stands.

Law: as in `node.shows`. A page costs what it shows: one look for what was done about all of its messages.
What points at a message that has vanished shows without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from meshcoal.api.attachment_views import AttachmentView
from meshcoal.api.gap_views import GapView
from meshcoal.api.talk_commands import ListChanged, ListMessages
from meshcoal.api.talk_views import (
    ChangedView,
    EditionView,
    MessageDetailView,
    MessageState,
    MessagesView,
    MessageView,
    ReactionView,
)
from meshcoal.clock import DAY_MS
from meshcoal.errors import BadArgument, Unknown
from meshcoal.ids import AuthorId, OperationId
from meshcoal.limits import (
    API_PAGE_MAX,
    EDITIONS_SHOWN_MAX,
    MARKS_EACH_MAX,
    MENTIONS_MAX,
    PINS_READ_MAX,
    PINS_SHOWN_MAX,
    REACTIONS_SHOWN_MAX,
    REACTORS_SHOWN_MAX,
    UNREAD_SHOWN_MAX,
)
from meshcoal.log.reader import MarkRow, MessageRow
from meshcoal.node import talk
from meshcoal.node.campaign import Campaign
from meshcoal.node.forks import doubted
from meshcoal.node.marks import Standing, authors, pinned, spoken, standing
from meshcoal.node.records import READS, ReadRecord, load
from meshcoal.node.rights import authors_change, may_hide
from meshcoal.wire.attachment import Attachment
from meshcoal.wire.operation import Kind

_Attached = Callable[[Campaign, AuthorId, tuple[Attachment, ...], int], tuple[AttachmentView, ...]]


class Timelines:
    """Builds these views. Holds no state of its own."""

    def __init__(
        self,
        *,
        name_of: Callable[[Campaign, AuthorId], str],
        attached: _Attached,
        gaps: Callable[[Campaign], tuple[GapView, ...]],
    ) -> None:
        self._name_of = name_of
        self._attached = attached
        self._gaps = gaps

    # --- Pages

    def page(self, campaign: Campaign, command: ListMessages, now_ms: int) -> MessagesView:
        """Raises `Unknown`, `BadArgument`."""
        channel, limit = command.channel, command.limit
        if channel not in campaign.roster().channels:
            raise Unknown("There is no such channel.")
        ways = (command.before, command.after, command.around, command.unread, command.pinned)
        if sum(map(bool, ways)) > 1 or (command.thread and any(ways[1:])):
            raise BadArgument("These choices of a page exclude each other.")
        read = self.read_to(campaign, channel)
        first_unread = self._first_unread(campaign, channel, read)
        more = later = False
        if command.pinned:
            rows = self._pinned(campaign, channel)
        elif command.thread:
            rows, more = self._thread(campaign, channel, command)
        elif command.after:
            rows, later = self._behind(campaign, channel, self._place(campaign, command.after), limit)
            more = True
        elif command.around or (command.unread and first_unread):
            middle = self._place(campaign, command.around or first_unread)
            earlier, more = self._earlier(campaign, channel, middle, limit // 2)
            rows, later = self._behind(
                campaign, channel, (middle[0], _just_before(middle[1])), limit - limit // 2
            )
            rows = [*earlier, *rows]
        else:
            before = self._place(campaign, command.before) if command.before else None
            rows, more = self._earlier(campaign, channel, before, limit)
        return MessagesView(
            campaign=campaign.id,
            channel=channel,
            messages=self.messages(campaign, rows),
            more=more,
            gaps=self._gaps(campaign),
            talk_days=talk.days(campaign),
            later=later,
            first_unread=first_unread,
            unread=self.unread(campaign, channel),
            mentions=self.unread(campaign, channel, calling=True),
            pins=len(self._pins(campaign, channel)),
            as_of=campaign.lately.upto(now_ms),
        )

    def changed(self, campaign: Campaign, command: ListChanged, now_ms: int) -> ChangedView:
        """What is new since an earlier look. Raises `Unknown`."""
        channel = command.channel
        if channel not in campaign.roster().channels:
            raise Unknown("There is no such channel.")
        as_of = campaign.lately.upto(now_ms)
        since = campaign.lately.since(command.since, channel)
        asked = tuple(dict.fromkeys((*(since or ()), *command.also)))
        whole = since is None or len(asked) > API_PAGE_MAX
        found = [campaign.reader.message(OperationId(one)) for one in (() if whole else asked)]
        here = [row for row in found if row is not None and row.channel == channel]
        rows = sorted(_counting(campaign, here), key=lambda row: (row.depth, row.id))
        standing_now = dict.fromkeys(row.id for row in rows)
        if command.thread:
            rows = [row for row in rows if command.thread in (row.id, row.thread)]
        read = self.read_to(campaign, channel)
        return ChangedView(
            campaign=campaign.id,
            channel=channel,
            as_of=as_of,
            whole=whole,
            messages=self.messages(campaign, rows),
            gone=() if whole else tuple([one for one in asked if one not in standing_now]),
            gaps=self._gaps(campaign),
            first_unread=self._first_unread(campaign, channel, read),
            unread=self.unread(campaign, channel),
        )

    def read_to(self, campaign: Campaign, channel: bytes) -> ReadRecord | None:
        """How far a channel was read here, or None."""
        return load(campaign.reader, ReadRecord, READS, campaign.id + channel)

    def unread(self, campaign: Campaign, channel: bytes, *, calling: bool = False) -> int:
        """Messages of others that were not read here; `calling`: those that mention me."""
        read = self.read_to(campaign, channel)
        return campaign.reader.messages_behind(
            campaign.id,
            channel,
            after=(read.depth, read.message) if read else None,
            since_ms=read.at_ms if read else 0,
            limit=UNREAD_SHOWN_MAX,
            calling=calling,
        )

    def _first_unread(self, campaign: Campaign, channel: bytes, read: ReadRecord | None) -> bytes:
        after = (read.depth, read.message) if read else None
        found = campaign.reader.first_behind(
            campaign.id, channel, after=after, since_ms=read.at_ms if read else 0
        )
        return found or b""

    @staticmethod
    def _place(campaign: Campaign, message: bytes) -> tuple[int, bytes]:
        place = talk.place_of(campaign, OperationId(message))
        if place is None:
            raise Unknown("There is no such message.")
        return place

    @staticmethod
    def _earlier(
        campaign: Campaign, channel: bytes, start: tuple[int, bytes] | None, limit: int
    ) -> tuple[list[MessageRow], bool]:
        shown: list[MessageRow] = []
        while len(shown) <= limit:  # rows that do not count are passed over, however many there are
            rows = campaign.reader.messages(campaign.id, channel, before=start, limit=limit + 1)
            shown = [*_counting(campaign, rows), *shown]
            if len(rows) <= limit:
                break
            start = (rows[0].depth, rows[0].id)
        return shown[max(0, len(shown) - limit) :], len(shown) > limit

    @staticmethod
    def _behind(
        campaign: Campaign, channel: bytes, start: tuple[int, bytes], limit: int
    ) -> tuple[list[MessageRow], bool]:
        shown: list[MessageRow] = []
        while len(shown) <= limit:
            rows = campaign.reader.messages_after(campaign.id, channel, after=start, limit=limit + 1)
            shown += _counting(campaign, rows)
            if len(rows) <= limit:
                break
            start = (rows[-1].depth, rows[-1].id)
        return shown[:limit], len(shown) > limit

    def _thread(
        self, campaign: Campaign, channel: bytes, command: ListMessages
    ) -> tuple[list[MessageRow], bool]:
        before = self._place(campaign, command.before) if command.before else None
        limit = command.limit
        rows = campaign.reader.thread(campaign.id, channel, command.thread, before=before, limit=limit + 1)
        more = len(rows) > limit
        shown = _counting(campaign, rows[-limit:])
        first = campaign.reader.message(OperationId(command.thread))
        if first is not None and first.channel == channel and not more and not command.before:
            shown = [*_counting(campaign, (first,)), *shown]
        return shown, more

    def _pins(self, campaign: Campaign, channel: bytes) -> list[MessageRow]:
        marks = [
            mark
            for mark in campaign.reader.pins(campaign.id, channel, limit=PINS_READ_MAX)
            if campaign.talk_counts(mark.author, mark.context, channel)
        ]
        rows = [campaign.reader.message(OperationId(one)) for one in pinned(marks)]
        return [row for row in rows if row is not None and row.channel == channel][:PINS_SHOWN_MAX]

    def _pinned(self, campaign: Campaign, channel: bytes) -> list[MessageRow]:
        rows = _counting(campaign, self._pins(campaign, channel))
        return sorted(rows, key=lambda row: (row.depth, row.id))

    # --- Messages

    def messages(self, campaign: Campaign, rows: Sequence[MessageRow]) -> tuple[MessageView, ...]:
        """As they stand."""
        ids = [row.id for row in rows]
        marks: dict[bytes, list[MarkRow]] = {}
        for mark in campaign.reader.marks(campaign.id, ids, each=MARKS_EACH_MAX):
            marks.setdefault(mark.about, []).append(mark)
        counts = campaign.reader.thread_counts(campaign.id, ids)
        return tuple(
            [self._view(campaign, row, marks.get(row.id, ()), counts.get(row.id, 0)) for row in rows]
        )

    def message(
        self,
        campaign: Campaign,
        row: MessageRow,
        *,
        attachments: tuple[Attachment, ...] | None = None,
        fresh: MarkRow | None = None,
    ) -> MessageView:
        """One message as it stands.

        Args:
            attachments: of a message written in the step in progress.
            fresh: what was done about it in the step in progress.
        """
        counts = campaign.reader.thread_counts(campaign.id, (row.id,))
        return self._view(
            campaign, row, self._marks(campaign, row, fresh), counts.get(row.id, 0), attachments
        )

    def detail(self, campaign: Campaign, row: MessageRow) -> MessageDetailView:
        """With what it said before."""
        view = self.message(campaign, row)
        stands = self._standing(campaign, row, self._marks(campaign, row, None))
        before = () if stands.gone else stands.editions[:-1]
        names = self._names(campaign)
        return MessageDetailView(
            message=view,
            editions=tuple(
                [
                    EditionView(at_ms=one.at_ms, text=spoken(one.text, one.mentions, names))
                    for one in before[-EDITIONS_SHOWN_MAX:]
                ]
            ),
        )

    @staticmethod
    def _marks(campaign: Campaign, row: MessageRow, fresh: MarkRow | None) -> list[MarkRow]:
        marks = list(campaign.reader.marks(campaign.id, (row.id,), each=MARKS_EACH_MAX))
        return marks if fresh is None else [*marks, fresh]

    @staticmethod
    def _standing(campaign: Campaign, row: MessageRow, marks: Iterable[MarkRow]) -> Standing:
        return standing(row, marks, lambda one: talk.mark_counts(campaign, row, one))

    def _names(self, campaign: Campaign) -> Callable[[AuthorId], str]:
        return lambda author: self._name_of(campaign, author)

    def _view(
        self,
        campaign: Campaign,
        row: MessageRow,
        marks: Iterable[MarkRow],
        replies: int,
        attachments: tuple[Attachment, ...] | None = None,
    ) -> MessageView:
        stands = self._standing(campaign, row, marks)
        if stands.gone:
            attachments = ()
        elif attachments is None:
            attachments = campaign.files.of_message(row.id)
        last = stands.editions[-1]
        mentioned = () if stands.gone else tuple(authors(last.mentions))[:MENTIONS_MAX]
        names = self._names(campaign)
        concerned = campaign.concerned(Kind.POST, row.context)
        mine, roster = row.author == campaign.me, campaign.roster()
        active = roster.is_active(campaign.me) and not stands.gone
        changeable = mine and active and authors_change(roster)
        hides = not mine and active and may_hide(roster, campaign.me)
        return MessageView(
            id=row.id,
            author=row.author,
            name=names(row.author),
            me=mine,
            at_ms=row.at_ms,
            text="" if stands.gone else spoken(last.text, last.mentions, names),
            reply_to=row.reply_to,
            doubted=doubted(campaign, row),
            held_by=campaign.holders.count(concerned, row.author, row.seq, me=campaign.me),
            held_of=len(concerned),
            attachments=self._attached(campaign, row.author, attachments, row.context),
            thread=row.thread,
            replies=replies,
            mentions=mentioned,
            mentions_me=campaign.me in mentioned and not mine,
            state=_state(stands),
            hidden_by=names(stands.hidden_by) if stands.hidden_by else "",
            edited_ms=last.at_ms if len(stands.editions) > 1 and not stands.gone else 0,
            reactions=tuple(
                [
                    ReactionView(
                        emoji=emoji,
                        count=len(who),
                        mine=campaign.me in who,
                        names=tuple([names(author) for author in who[:REACTORS_SHOWN_MAX]]),
                    )
                    for emoji, who in stands.reactions[:REACTIONS_SHOWN_MAX]
                ]
            ),
            pinned_by=names(stands.pinned_by) if stands.pinned_by else "",
            expires_ms=row.received_ms + talk.days(campaign) * DAY_MS if row.received_ms else 0,
            may_change=changeable,
            may_take_back=changeable or hides,
            depth=row.depth,
        )


def _counting(campaign: Campaign, rows: Iterable[MessageRow]) -> list[MessageRow]:
    return [row for row in rows if campaign.talk_counts(row.author, row.context, row.channel)]


def _just_before(operation: bytes) -> bytes:
    """The greatest id that is less, of the same length or shorter."""
    return (int.from_bytes(operation, "big") - 1).to_bytes(len(operation), "big") if any(operation) else b""


def _state(stands: Standing) -> MessageState:
    if stands.taken_back:
        return MessageState.TAKEN_BACK
    return MessageState.SAID if stands.hidden_by is None else MessageState.HIDDEN
