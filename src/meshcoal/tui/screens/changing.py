"""Changing what was said, and saying it with mentions.

Law: while a message is changed, the line holds what it will say; what stood there before comes back after.
"""

from __future__ import annotations

from textual import on

from meshcoal.api.commands import EditMessage, ShowCampaign
from meshcoal.api.views import CampaignView, MessageView
from meshcoal.client.mentioning import mentioned
from meshcoal.errors import MeshcoalError
from meshcoal.tui.drafts import DraftKey
from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import Ready, Refused
from meshcoal.tui.screens.files import Handed
from meshcoal.tui.screens.paging import Paging
from meshcoal.tui.widgets.composer import Composer
from meshcoal.tui.widgets.plain import say


class Changing(Paging):
    """A screen with a line to write on."""

    def __init__(
        self,
        campaign: bytes,
        channel: bytes,
        channel_name: str,
        *,
        thread: bytes,
        around: bytes,
        unread: bool,
    ) -> None:
        super().__init__(campaign, channel, channel_name, thread=thread, around=around, unread=unread)
        self._changing: MessageView | None = None
        self._put_by = ""  # what stood on the line before a message was changed

    def _answer(self, message: MessageView | None) -> None:
        """Answer this message, or none."""
        raise NotImplementedError

    def _show_bar(self, text: str) -> None:
        """Say above the line what it is for; empty: for a message of its own."""
        raise NotImplementedError

    def _not_sent(self, text: str, files: tuple[Handed, ...], exc: MeshcoalError) -> None:
        """Put back what could not be sent."""
        raise NotImplementedError

    async def _with_mentions(self, text: str) -> tuple[str, tuple[bytes, ...]]:
        """The text, and whom it mentions. Raises `Ambiguous`."""
        if "@" not in text:
            return text, ()
        view = await self.mesh.session.send(ShowCampaign(campaign=self.campaign), CampaignView)
        return mentioned(text, view.members)

    def action_change(self) -> None:
        """Say the chosen message otherwise; a second time stops it."""
        if self._changing is not None:
            self._stop_changing()
            return
        message = self._said()
        if message is None:
            return
        if not message.may_change:
            say(
                self.app,
                _("The rules of this campaign do not let messages be changed.")
                if message.me
                else _("Only its author changes a message."),
            )
            return
        self._answer(None)
        composer = self.query_one(Composer)
        self._changing, self._put_by = message, composer.text
        composer.fill(self.mesh.drafts.get(self._change_key(message), message.text))
        self._show_bar(_("Changing what you said; Enter says it so, Esc leaves it as it is"))
        composer.focus()

    def _change_key(self, message: MessageView) -> DraftKey:
        """Where it is kept what a message is to say."""
        return ("change", self.campaign.hex(), message.id.hex())

    @on(Composer.Changed)
    def _keep_change(self) -> None:
        message = self._changing
        if message is None:
            return
        text = self.query_one(Composer).text
        if text and text != message.text:
            self.mesh.drafts[self._change_key(message)] = text
        else:
            self.mesh.drafts.pop(self._change_key(message), None)

    def action_back(self) -> None:
        if self._changing is not None:
            self._stop_changing()
        else:
            super().action_back()

    def _stop_changing(self) -> None:
        self._changing = None
        self.query_one(Composer).fill(self._put_by)
        self._show_bar("")

    def _send_change(self, message: MessageView, text: str) -> None:
        self._stop_changing()
        self.mesh.drafts.pop(self._change_key(message), None)
        if text != message.text:
            self.mesh.run_worker(self._change(message, text), group="ask")

    async def _change(self, message: MessageView, text: str) -> None:
        try:
            words, mentions = await self._with_mentions(text)
            command = EditMessage(campaign=self.campaign, message=message.id, text=words, mentions=mentions)
            changed = await self.mesh.session.send(command, MessageView)
        except MeshcoalError as exc:
            failure = exc
            self.mesh.post_message(Refused(lambda: self._not_sent(text, (), failure)))
        else:
            self.post_message(Ready(lambda: self._replace(changed)))
