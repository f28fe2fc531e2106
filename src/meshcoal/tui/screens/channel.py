"""One channel: what was said, and the line to write on.

Law: what a person has written is theirs until it is sent: it survives leaving the screen, a refusal, a lost
daemon and a lost window (`tui.drafts`). A message counts as sent when the daemon has it on disk: it stands
among the messages then, and comes back to the line if it could not be sent.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from meshcoal.api.commands import (
    DropUpload,
    PostMessage,
    ShowHolders,
)
from meshcoal.api.views import (
    Done,
    HoldersView,
    MessageView,
    Notice,
    NoticeKind,
)
from meshcoal.errors import Locked, MeshcoalError, Unknown
from meshcoal.tui.actions import bindings
from meshcoal.tui.drafts import DraftKey
from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import BUSY_AFTER_S, Ready, Refused, sentence_of
from meshcoal.tui.screens.changing import Changing
from meshcoal.tui.screens.files import FileForm, Handed, attached_line, fetch_or_save, numbered
from meshcoal.tui.screens.holders import message_holders
from meshcoal.tui.screens.paging import place_of
from meshcoal.tui.widgets.bars import BusyLine
from meshcoal.tui.widgets.composer import Composer
from meshcoal.tui.widgets.plain import PlainStatic, name, say
from meshcoal.tui.widgets.timeline import Timeline


class ChannelScreen(Changing):
    """Timeline above, composer below: a channel, or one thread of it."""

    PLACE = "channel"
    CONCERNS = frozenset(
        {
            NoticeKind.MESSAGES,
            NoticeKind.MARKS,
            NoticeKind.ERASED,
            NoticeKind.HELD,
            NoticeKind.CAMPAIGN,
            NoticeKind.ATTACHMENT,
        }
    )
    BINDINGS = bindings("channel")
    AUTO_FOCUS = "Composer"

    def __init__(
        self,
        campaign: bytes,
        channel: bytes,
        channel_name: str,
        *,
        thread: bytes = b"",
        around: bytes = b"",
        unread: bool = False,
    ) -> None:
        """A channel.

        Args:
            thread: only the conversation that begins with this message.
            around: begin at this message, and not at the newest.
            unread: begin where unread messages begin.
        """
        super().__init__(campaign, channel, channel_name, thread=thread, around=around, unread=unread)
        self._reply_to: MessageView | None = None
        self._files: tuple[Handed, ...] = ()

    @property
    def _draft_key(self) -> tuple[str, ...]:
        place = ("message", self.campaign.hex(), self.channel.hex())
        return (*place, self._thread.hex()) if self._thread else place

    def body(self) -> ComposeResult:
        yield Timeline()
        yield PlainStatic("", id="unread")
        yield PlainStatic("", id="gaps")
        with Vertical(id="composer-box"):
            yield PlainStatic("", id="replying")
            yield PlainStatic("", id="attached")
            yield Composer(self.mesh.drafts.get(self._draft_key, ""))

    def on_mount(self) -> None:
        self.head(_("# %(channel)s") % {"channel": name(self._channel_name, 60)})
        composer = self.query_one(Composer)
        composer.move_cursor(composer.document.end)
        self.tell_draft(self._draft_key)

    def about(self, notice: Notice) -> bool:
        if notice.kind in (NoticeKind.MESSAGES, NoticeKind.MARKS) and notice.subject not in (
            b"",
            self.channel,
        ):
            return False
        if notice.campaign not in (b"", self.campaign):
            return False
        if notice.kind is NoticeKind.ERASED:
            self._erased = True
        elif notice.kind is NoticeKind.CAMPAIGN:
            self._anew = True  # who counts, and under what name, may have changed
        return True

    def on_notice(self, notice: Notice) -> None:
        if notice.kind is NoticeKind.OVERRUN:
            self._erased = True
        super().on_notice(notice)

    # --- Writing

    def tell_drafts(self, keys: Sequence[DraftKey]) -> None:
        if self._draft_key not in keys or self._changing is not None:
            return
        composer = self.query_one(Composer)
        text = self.mesh.drafts.get(self._draft_key, "")
        if composer.text != text:
            composer.fill(text)
            self.tell_draft(self._draft_key)

    @on(Composer.Changed)
    def _keep_draft(self) -> None:
        if self._changing is not None:
            return  # the draft is what stood there before
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
        if self._changing is not None:
            self._send_change(self._changing, text)
            return
        reply_to = self._thread if self._reply_to is None else self._reply_to.id
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
            words, mentions = await self._with_mentions(command.text)
            whole = dataclasses.replace(command, text=words, mentions=mentions)
            message = await self.mesh.drafts.send(self.mesh.session, self._draft_key, command.text, whole)
        except MeshcoalError as exc:
            failure = exc
            self.mesh.post_message(Refused(lambda: self._not_sent(command.text, files, failure)))
        else:
            self.post_message(Ready(lambda: self._sent(message)))
        finally:
            timer.stop()

    def _sent(self, message: MessageView | None) -> None:
        if self._anchor:
            self.action_newest()
            return
        if message is not None and message.id not in {known.id for known in self._messages}:
            self._messages = tuple(sorted((*self._messages, message), key=place_of))
            self._draw_messages()
            self.query_one(Timeline).to_end()
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
        if message is None:
            self._show_bar("")
            return
        self._show_bar(
            _("Answering %(name)s: %(text)s")
            % {"name": name(message.name, 20), "text": name(message.text, 40)}
        )
        self.query_one(Composer).focus()

    def _left_the_page(self) -> None:
        if self._reply_to is not None and self._reply_to.id not in {one.id for one in self._messages}:
            self._answer(None)

    def _show_bar(self, text: str) -> None:
        bar = self.query_one("#replying", PlainStatic)
        bar.set_class(bool(text), "-on")
        if text:
            bar.show(text)

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

    def action_thread(self) -> None:
        """The conversation of the chosen message."""
        message = self.chosen_message()
        if message is None or self._thread:
            return
        root = message.thread or message.id
        self.app.push_screen(ChannelScreen(self.campaign, self.channel, self._channel_name, thread=root))

    def action_older(self) -> None:
        timeline = self.query_one(Timeline)
        timeline.focus()
        timeline.action_page_up()

    def action_switch(self) -> None:
        target = self.query_one(Timeline) if self.query_one(Composer).has_focus else self.query_one(Composer)
        target.focus()


def _nothing(_view: object) -> None:
    """Nothing to show."""
