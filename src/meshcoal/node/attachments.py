"""Attachments between members: who is told what is held, who is asked for chunks, and who gets them.

Law: only active members are answered. Chunks go out only on request, one frame each; what is fetched without
being asked for is small, and bounded in all. A peer that sends what was not asked for is cut off, and another
is asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from meshcoal.api.saving import SavingLevel
from meshcoal.api.views import AttachmentState, AttachmentView, NoticeKind
from meshcoal.errors import ChunkUnasked, MalformedAttachment, OverLimit, WrongLink
from meshcoal.ids import AuthorId, CampaignId
from meshcoal.limits import (
    ATTACHMENT_UNASKED_BYTES_MAX,
    ATTACHMENTS_BYTES_MAX,
    ATTACHMENTS_UNASKED_BYTES_MAX,
    SEEK_FILES_MAX,
    UPLOAD_IDLE_MS,
)
from meshcoal.node.campaign import Campaign
from meshcoal.node.files import Files
from meshcoal.node.links import Link, Links
from meshcoal.node.rules import allowed, kept_bytes_max
from meshcoal.node.step import Step
from meshcoal.sync.fetching import Arrived
from meshcoal.text.risks import is_risky
from meshcoal.wire.attachment import Attachment, chunk_count
from meshcoal.wire.frames import Chunk, Hold, Holding, LackChunks, Message, Seek, WantChunks

_PARTS_TOLD: Final = 32  # of a file that comes, a notice is published so many times
_TIMER: Final = "chunks"


class Attachments:
    """Moves the files of all campaigns. Holds no state of its own but who must not be asked again."""

    def __init__(self, *, links: Links, campaigns: dict[CampaignId, Campaign]) -> None:
        self._links = links
        self._campaigns = campaigns
        self._distrusted: dict[tuple[CampaignId, AuthorId], None] = {}  # sent what was not asked for

    @property
    def _fetches(self) -> bool:
        """Whether chunks go at all; at the user's cap on data they do not."""
        return self._links.level is not SavingLevel.CAPPED

    # --- Room

    def room_left(self, campaign: Campaign) -> int:
        """Bytes that may still be kept of a campaign's files, by its rules and beside other campaigns."""
        total_left = ATTACHMENTS_BYTES_MAX - sum(one.files.kept_bytes for one in self._campaigns.values())
        return min(total_left, kept_bytes_max(campaign.roster()) - campaign.files.kept_bytes)

    # --- Links

    def meet(self, step: Step, link: Link, campaign: Campaign) -> None:
        """A member is at the other end: tell what is held here, ask for what is wanted."""
        if (
            link.author is None
            or link.closing
            or link.steady_s
            or (campaign.id, link.author) in self._distrusted
        ):
            return
        files = campaign.files
        if link.number in files.fetching.sources:
            return
        whole = [file for file, kept in files.records.items() if kept.whole]
        whole.sort(key=lambda file: files.records[file].used_ms)
        if whole:
            self._links.say(step, link, [self._hold(files, whole[-SEEK_FILES_MAX:])])
        self._links.say(step, link, files.fetching.meet(link.number, link.author))
        self._set_timer(step, campaign)

    def lose(self, step: Step, link: Link) -> None:
        """A link went down."""
        campaign = self._campaigns.get(link.campaign) if link.campaign else None
        if campaign is not None:
            campaign.files.fetching.lose(link.number)
            self.pump(step, campaign)

    # --- What members say

    def hear(self, step: Step, link: Link, campaign: Campaign, message: Message) -> None:
        """Act on what a member said. Raises `RemoteError` where they had no business saying it."""
        files = campaign.files
        if link.author is None:
            if isinstance(message, (Hold, Seek)):
                return  # a member whom I do not know yet: they will be heard once I do
            raise WrongLink("attachments are between members")
        match message:
            case Seek():
                self._links.say(step, link, [self._hold(files, message.files)])
            case Hold():
                files.fetching.on_hold(link.number, message)
                self._note_holders(step, link.author, campaign, message)
            case WantChunks():
                self._links.say(step, link, self._answers(campaign, message))
            case LackChunks():
                files.fetching.on_lack(link.number, message)
            case Chunk():
                self._take(step, link, campaign, message)
            case _:
                raise AssertionError("no word about attachments")
        self.pump(step, campaign)

    @staticmethod
    def _hold(files: Files, wanted: Iterable[bytes]) -> Hold:
        holdings = []
        for file in wanted:
            kept = files.records.get(file)
            held = files.held.get(file, 0) if kept else 0
            of = chunk_count(kept.size) + 1 if kept and held else 0
            holdings.append(Holding(file=file, held=held, of=of))
        return Hold(holdings=tuple(holdings))

    def _note_holders(self, step: Step, author: AuthorId, campaign: Campaign, message: Hold) -> None:
        for holding in message.holdings:
            if (
                holding.held
                and holding.held >= holding.of
                and campaign.files.note_holder(step, holding.file, author)
            ):
                step.notice(NoticeKind.ATTACHMENT, campaign.id, holding.file)

    def _answers(self, campaign: Campaign, message: WantChunks) -> list[Message]:
        found: list[Message] = []
        lacking = []
        for chunk in message.chunks:
            sealed = campaign.reader.chunk(campaign.id, chunk) if self._fetches else None
            if sealed is None:
                lacking.append(chunk)
            else:
                found.append(Chunk(sealed=sealed))
        if lacking:
            found.append(LackChunks(chunks=tuple(lacking)))
        return found

    def _take(self, step: Step, link: Link, campaign: Campaign, message: Chunk) -> None:
        files = campaign.files
        assert link.author is not None
        try:
            arrived = files.fetching.on_chunk(link.number, message.sealed, step.now_ms)
        except ChunkUnasked:
            self._distrusted[campaign.id, link.author] = None
            files.fetching.lose(link.number)
            raise
        if arrived is not None:
            self._keep(step, campaign, arrived, message.sealed)

    def bring(self, step: Step, campaign: Campaign, file: bytes, chunk: bytes, sealed: bytes) -> None:
        """A bundle brought a chunk of a file: kept where it is wanted."""
        place = campaign.files.fetching.brought(file, chunk)
        if place is not None:
            self._keep(step, campaign, Arrived(file=file, place=place, chunk=chunk), sealed)

    def tell(self, step: Step, campaign: Campaign, file: bytes) -> None:
        """How a file stands has changed."""
        step.notice(NoticeKind.ATTACHMENT, campaign.id, file)

    def _keep(self, step: Step, campaign: Campaign, arrived: Arrived, sealed: bytes) -> None:
        files = campaign.files
        try:
            whole = files.take(step, arrived.file, arrived.place, arrived.chunk, sealed)
        except MalformedAttachment as refusal:
            self._links.counters[refusal.code] = self._links.counters.get(refusal.code, 0) + 1
            files.broke(step, arrived.file)
            step.notice(NoticeKind.ATTACHMENT, campaign.id, arrived.file)
            return
        held, of = files.held[arrived.file], chunk_count(files.records[arrived.file].size) + 1
        if whole:
            for other in self._links.by_number.values():
                if other.campaign == campaign.id and other.author and other.established:
                    self._links.say(step, other, [self._hold(files, [arrived.file])])
        if whole or held * _PARTS_TOLD // of != (held - 1) * _PARTS_TOLD // of:
            step.notice(NoticeKind.ATTACHMENT, campaign.id, arrived.file, done=held, total=of)

    # --- Fetching

    def want(self, step: Step, campaign: Campaign, attachment: Attachment, *, asked: bool) -> None:
        """Fetch a file. Raises `OverLimit` where there is no room for it."""
        campaign.files.want(step, attachment, asked=asked, room_left=self.room_left(campaign))
        self._seek(step, campaign, [attachment.manifest])
        self.pump(step, campaign)

    def _seek(self, step: Step, campaign: Campaign, files: list[bytes]) -> None:
        for link in self._links.by_number.values():
            if link.number in campaign.files.fetching.sources and link.campaign == campaign.id:
                self._links.say(step, link, [Seek(files=tuple(files))])

    def pump(self, step: Step, campaign: Campaign) -> None:
        """Ask for what may be asked for now."""
        asked = campaign.files.fetching.requests(step.now_ms) if self._fetches else ()
        for number, message in asked:
            link = self._links.by_number.get(number)
            if link is not None:
                self._links.say(step, link, [message])
        self._set_timer(step, campaign)

    def _set_timer(self, step: Step, campaign: Campaign) -> None:
        due_ms = campaign.files.fetching.due_ms(step.now_ms)
        # One timer that fires too early is cheaper than one set at each chunk.
        if due_ms is not None and not step.now_ms < campaign.files.timer_ms <= due_ms:
            campaign.files.timer_ms = due_ms
            step.timer(f"{_TIMER}:{campaign.id.hex()}", due_ms)

    def timer(self, step: Step, campaign: Campaign) -> None:
        """The timer came due."""
        files = campaign.files
        files.timer_ms = 0
        files.fetching.expire(step.now_ms)
        for number, message in files.fetching.seek_again(step.now_ms):
            link = self._links.by_number.get(number)
            if link is not None:
                self._links.say(step, link, [message])
        self.pump(step, campaign)

    # --- After each step

    def after(self, step: Step, campaign: Campaign) -> None:
        """Messages were opened in this step: fetch what is small, and ask who holds the rest."""
        files = campaign.files
        if not files.attached_now:
            return
        seek: list[bytes] = []
        for author, attachment in files.attached_now:
            file = attachment.manifest
            if author == campaign.me or file in files.records:
                continue
            files.note_holder(step, file, author)
            if (
                not self._links.sparing
                and attachment.size <= ATTACHMENT_UNASKED_BYTES_MAX
                and files.kept_bytes + attachment.size <= ATTACHMENTS_UNASKED_BYTES_MAX
            ):
                try:
                    files.want(step, attachment, asked=False, room_left=self.room_left(campaign))
                except OverLimit as refusal:
                    self._links.counters[refusal.code] = self._links.counters.get(refusal.code, 0) + 1
            if file not in seek and len(seek) < SEEK_FILES_MAX:
                seek.append(file)
        files.attached_now.clear()
        if seek:
            self._seek(step, campaign, seek)
        self.pump(step, campaign)

    def keep(self, step: Step, campaign: Campaign) -> None:
        """Now and then: erase what no message refers to, and what was handed over and not sent."""
        files = campaign.files
        for token, upload in list(files.uploads.items()):
            if step.now_ms - upload.touched_ms >= UPLOAD_IDLE_MS:
                files.drop_upload(step, token)
        files.sweep(step)
        files.trim(step, self.room_left(campaign))  # where the rules allow less than before

    # --- Showing

    def views(
        self, campaign: Campaign, author: AuthorId, attachments: Iterable[Attachment], *, context: int
    ) -> tuple[AttachmentView, ...]:
        """The attachments of a message that `author` wrote in a context."""
        return tuple([self._view(campaign, author, one, context) for one in attachments])

    @staticmethod
    def _view(campaign: Campaign, author: AuthorId, attachment: Attachment, context: int) -> AttachmentView:
        files, file = campaign.files, attachment.manifest
        kept = files.records.get(file)
        active = set(campaign.roster().active())
        holders = (files.holders_of(file) | {author}) & active
        holders.discard(campaign.me)
        if kept is not None and kept.whole:
            state = AttachmentState.HERE
            holders.add(campaign.me)
        elif not allowed(campaign, attachment.size, context):
            state = AttachmentState.OVER
        elif file in files.broken:
            state = AttachmentState.BROKEN
        elif kept is not None and kept.wanted:
            reached = not files.fetching.unreached(file)
            state = AttachmentState.COMING if reached else AttachmentState.NOBODY
            if not reached and file in files.asked_boards:
                state = AttachmentState.RELAYED
        else:
            state = AttachmentState.ABSENT
        return AttachmentView(
            file=file,
            name=attachment.name,
            media_type=attachment.media_type,
            size=attachment.size,
            state=state,
            held=files.held.get(file, 0),
            of=chunk_count(attachment.size) + 1,
            held_by=len(holders & active),
            held_of=len(active),
            risky=is_risky(attachment.name, attachment.media_type),
        )
