"""One channel: what was said, and the line to write on.

Law: what a person has written is theirs until it is sent: it survives leaving the screen, a refusal and a
lost daemon. A message counts as sent when the daemon has it on disk: it stands among the messages then, and
comes back to the line if it could not be sent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from meshcoal.api.commands import (
    DropUpload,
    ListMessages,
    MarkRead,
    PostMessage,
    ShowHolders,
)
from meshcoal.api.views import (
    Done,
    GapView,
    HoldersView,
    MessagesView,
    MessageView,
    Notice,
    NoticeKind,
)
from meshcoal.errors import Locked, MeshcoalError, Unknown
from meshcoal.tui import shown
from meshcoal.tui.actions import bindings
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.screens.base import BUSY_AFTER_S, MeshScreen, Ready, Refused, sentence_of
from meshcoal.tui.screens.files import FileForm, Handed, attached_line, fetch_or_save, numbered
from meshcoal.tui.screens.holders import message_holders
from meshcoal.tui.widgets.bars import BusyLine
from meshcoal.tui.widgets.composer import Composer
from meshcoal.tui.widgets.plain import PlainStatic, lines, name, say
from meshcoal.tui.widgets.timeline import Timeline

PAGE: Final = 100


class ChannelScreen(MeshScreen[None]):
    """Timeline above, composer below."""

    PLACE = "channel"
    CONCERNS = frozenset(
        {
            NoticeKind.MESSAGES,
            NoticeKind.ERASED,
            NoticeKind.HELD,
            NoticeKind.CAMPAIGN,
            NoticeKind.ATTACHMENT,
        }
    )
    BINDINGS = bindings("channel")
    AUTO_FOCUS = "Composer"

    def __init__(self, campaign: bytes, channel: bytes, channel_name: str) -> None:
        super().__init__()
        self.campaign = campaign
        self.channel = channel
        self._channel_name = channel_name
        self._messages: tuple[MessageView, ...] = ()
        self._more = False
        self._loading_older = False
        self._reply_to: MessageView | None = None
        self._marked = b""
        self._erased = False  # something was, since the last page came
        self._files: tuple[Handed, ...] = ()

    @property
    def _draft_key(self) -> tuple[str, ...]:
        return ("message", self.campaign.hex(), self.channel.hex())

    def body(self) -> ComposeResult:
        yield Timeline()
        yield PlainStatic("", id="gaps")
        with Vertical(id="composer-box"):
            yield PlainStatic("", id="replying")
            yield PlainStatic("", id="attached")
            yield Composer(self.mesh.drafts.get(self._draft_key, ""))

    def on_mount(self) -> None:
        self.head(_("# %(channel)s") % {"channel": name(self._channel_name, 60)})
        composer = self.query_one(Composer)
        composer.move_cursor(composer.document.end)

    def about(self, notice: Notice) -> bool:
        if notice.kind == NoticeKind.MESSAGES and notice.subject not in (b"", self.channel):
            return False
        if notice.campaign not in (b"", self.campaign):
            return False
        if notice.kind in (NoticeKind.ERASED, NoticeKind.OVERRUN):
            self._erased = True
        return True

    async def load(self) -> Callable[[], None]:
        erased, self._erased = self._erased, False
        command = ListMessages(campaign=self.campaign, channel=self.channel, limit=PAGE)
        page = await self.mesh.session.send(command, MessagesView)
        return lambda: self.show_newest(page, alone=erased)

    def show_newest(self, page: MessagesView, *, alone: bool = False) -> None:
        """Draw the newest page under the older messages that are already here.

        Args:
            alone: without those: some of them have vanished.
        """
        kept = () if alone else _before(self._messages, page.messages)
        if not kept:
            self._more = page.more
        self._messages = (*kept, *page.messages)
        if self._reply_to is not None and self._reply_to.id not in {one.id for one in self._messages}:
            self._answer(None)
        self.head(
            ngettext(
                "# %(channel)s   messages vanish after %(days)d day",
                "# %(channel)s   messages vanish after %(days)d days",
                page.talk_days,
            )
            % {"channel": name(self._channel_name, 60), "days": page.talk_days}
        )
        self._draw(page.gaps)
        newest = page.messages[-1].id if page.messages else b""
        if newest and newest != self._marked and self.is_current:
            self._marked = newest
            command = MarkRead(campaign=self.campaign, channel=self.channel, message=newest)
            self.ask(command, Done, lambda _done: None)

    def _draw(self, gaps: Sequence[GapView]) -> None:
        self.query_one(Timeline).show_messages(
            self._messages, more=self._more, now_ms=self.mesh.now_ms(), zone=self.mesh.zone
        )
        bar = self.query_one("#gaps", PlainStatic)
        bar.set_class(bool(gaps), "-on")
        parts = ["! " + shown.gap(gap) for gap in gaps[:2]]
        if len(gaps) > 2:
            parts.append(_("! … and gaps of %(count)d more") % {"count": len(gaps) - 2})
        bar.show(lines(parts))

    # --- Older messages

    @on(Timeline.TopReached)
    def load_older(self) -> None:
        """One more page above, once at a time."""
        if self._loading_older or not self._more or not self._messages:
            return
        self._loading_older = True
        self.ask(
            ListMessages(
                campaign=self.campaign, channel=self.channel, before=self._messages[0].id, limit=PAGE
            ),
            MessagesView,
            self._show_older,
            self._older_failed,
            busy=_("Fetching older messages"),
        )

    def _show_older(self, page: MessagesView) -> None:
        self._loading_older = False
        self._more = page.more
        known = {message.id for message in self._messages}
        self._messages = (*[message for message in page.messages if message.id not in known], *self._messages)
        self._draw(page.gaps)

    def _older_failed(self, exc: MeshcoalError) -> None:
        self._loading_older = False
        self._refusal(exc)()

    # --- Writing

    @on(Composer.Changed)
    def _keep_draft(self) -> None:
        text = self.query_one(Composer).text
        if text:
            self.mesh.drafts[self._draft_key] = text
        else:
            self.mesh.drafts.pop(self._draft_key, None)

    @on(Composer.Submitted)
    def action_send(self) -> None:
        composer = self.query_one(Composer)
        text = composer.text.strip()
        if not text and not self._files:
            return
        if composer.too_long_by > 0:
            say(
                self.app,
                _("Too long by %(count)d characters: send it in parts.") % {"count": composer.too_long_by},
                severity="warning",
            )
            return
        reply_to = b"" if self._reply_to is None else self._reply_to.id
        files = self._files
        command = PostMessage(
            campaign=self.campaign,
            channel=self.channel,
            text=text,
            reply_to=reply_to,
            attachments=tuple([one.upload for one in files]),
        )
        composer.fill("")
        self.mesh.drafts.pop(
            self._draft_key, None
        )  # now, for a refusal may be quicker than the line's own news
        self._answer(None)
        self._show_files(())
        # On the app: leaving the screen must not stop what is on its way.
        self.mesh.run_worker(self._send(command, files), group="ask")

    async def _send(self, command: PostMessage, files: tuple[Handed, ...]) -> None:
        timer = self.set_timer(BUSY_AFTER_S, lambda: self._busy(_("Sending")))
        try:
            message = await self.mesh.session.send(command, MessageView)
        except MeshcoalError as exc:
            failure = exc
            self.mesh.post_message(Refused(lambda: self._not_sent(command.text, files, failure)))
        else:
            self.post_message(Ready(lambda: self._sent(message)))
        finally:
            timer.stop()

    def _sent(self, message: MessageView) -> None:
        if message.id not in {known.id for known in self._messages}:
            self._messages = (*self._messages, message)
            timeline = self.query_one(Timeline)
            timeline.show_messages(
                self._messages, more=self._more, now_ms=self.mesh.now_ms(), zone=self.mesh.zone
            )
            timeline.to_end()
        self.refetch()

    def _not_sent(self, text: str, files: tuple[Handed, ...], exc: MeshcoalError) -> None:
        """Put the text and the files back, before whatever was written since."""
        if not isinstance(exc, Unknown) and self.is_attached:  # else the daemon has them no longer
            self._show_files((*files, *self._files))
        since = self.mesh.drafts.get(self._draft_key, "")
        self.mesh.drafts[self._draft_key] = f"{text}\n{since}" if since and text else text or since
        for composer in self.query(Composer):
            composer.fill(self.mesh.drafts[self._draft_key])
        for busy in self.query(BusyLine):
            busy.end()
        if isinstance(exc, Locked):
            self.mesh.need_unlock()
            return
        say(
            self.app,
            _("Not sent; your text is kept. %(why)s") % {"why": sentence_of(exc)},
            severity="error",
        )

    # --- Actions

    def action_newline(self) -> None:
        self.query_one(Composer).newline()

    def action_reply(self) -> None:
        """Answer the chosen message; a second time stops it."""
        if self._reply_to is not None:
            self._answer(None)
            return
        chosen = self.query_one(Timeline).chosen
        self._answer(next((message for message in self._messages if message.id.hex() == chosen), None))

    def _answer(self, message: MessageView | None) -> None:
        self._reply_to = message
        bar = self.query_one("#replying", PlainStatic)
        bar.set_class(message is not None, "-on")
        if message is not None:
            bar.show(
                _("Answering %(name)s: %(text)s")
                % {"name": name(message.name, 20), "text": name(message.text, 40)}
            )
            self.query_one(Composer).focus()

    def action_attach(self) -> None:
        """Choose a file to go with the message; a second time takes back what was chosen."""
        if self._files:
            for one in self._files:
                self.ask(
                    DropUpload(campaign=self.campaign, upload=one.upload), Done, _nothing, lambda _exc: None
                )
            self._show_files(())
            return
        self.app.push_screen(FileForm(self.mesh.session, self.campaign), self._file_chosen)

    def _file_chosen(self, file: Handed | None) -> None:
        if file is not None:
            self._show_files((*self._files, file))

    def _show_files(self, files: tuple[Handed, ...]) -> None:
        self._files = files
        bar = self.query_one("#attached", PlainStatic)
        bar.set_class(bool(files), "-on")
        bar.show(attached_line(files) if files else "")

    def action_file(self) -> None:
        """Fetch the files of the chosen message; stop what is coming; save what is here."""
        chosen = self.query_one(Timeline).chosen
        message = next((one for one in self._messages if one.id.hex() == chosen), None)
        if message is None or not message.attachments:
            say(self.app, _("Choose a message with a file first."))
            return
        files = numbered((message.id, one) for one in message.attachments)
        fetch_or_save(self, self.campaign, files, MessageView, lambda _view: self.refetch())

    def action_holders(self) -> None:
        """Who is known to hold the chosen message."""
        chosen = self.query_one(Timeline).chosen
        message = next((one for one in self._messages if one.id.hex() == chosen), None)
        if message is None:
            say(self.app, _("Choose a message first."))
            return
        command = ShowHolders(campaign=self.campaign, operation=message.id)
        self.ask(command, HoldersView, self._show_holders)

    def _show_holders(self, view: HoldersView) -> None:
        self.app.push_screen(message_holders(view, self.mesh))

    def action_older(self) -> None:
        timeline = self.query_one(Timeline)
        timeline.focus()
        timeline.action_page_up()

    def action_switch(self) -> None:
        target = self.query_one(Timeline) if self.query_one(Composer).has_focus else self.query_one(Composer)
        target.focus()


def _nothing(_view: object) -> None:
    """Nothing to show."""


def _before(held: Sequence[MessageView], page: Sequence[MessageView]) -> tuple[MessageView, ...]:
    """The messages held that stand before the page; none if the page does not join them."""
    if not page:
        return ()
    for at, message in enumerate(held):
        if message.id == page[0].id:
            return tuple(held[:at])
    return ()
