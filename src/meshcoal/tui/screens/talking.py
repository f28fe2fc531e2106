"""What can be done about the chosen message of a channel.

Law: as in `tui.screens.channel`. What cannot be undone is asked about first, in words that say what remains.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from meshcoal.api.commands import PinMessage, ReactToMessage, ShowMessage, TakeBackMessage
from meshcoal.api.views import MessageDetailView, MessageState, MessageView
from meshcoal.client.reacting import REACTIONS, emoji_of
from meshcoal.tui import shown
from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import MeshScreen
from meshcoal.tui.screens.form import Field, Form, Values
from meshcoal.tui.screens.reading import ReadingScreen
from meshcoal.tui.widgets.plain import Styled, lines, name, say, styled
from meshcoal.tui.widgets.timeline import Timeline

if TYPE_CHECKING:
    from meshcoal.tui.app import MeshcoalApp


class Talking(MeshScreen[None]):
    """A screen with a timeline."""

    campaign: bytes
    channel: bytes
    _messages: tuple[MessageView, ...] = ()

    def chosen_message(self) -> MessageView | None:
        """The chosen one; a toast where there is none."""
        chosen = self.query_one(Timeline).chosen
        found = next((one for one in self._messages if one.id.hex() == chosen), None)
        if found is None:
            say(self.app, _("Choose a message first."))
        return found

    def _said(self) -> MessageView | None:
        """The chosen one, unless it was taken back."""
        message = self.chosen_message()
        if message is not None and message.state != MessageState.SAID:
            say(self.app, _("This message was taken back."))
            return None
        return message

    def _replace(self, message: MessageView | None) -> None:
        """A message has changed: show it so."""
        if message is not None:
            self._messages = tuple([message if one.id == message.id else one for one in self._messages])
            self.refetch()

    def action_react(self) -> None:
        message = self._said()
        if message is None:
            return
        mine = next((one.emoji for one in message.reactions if one.mine), "")
        form: Form[MessageView] = Form(
            _("React"),
            (
                Field(
                    name="emoji",
                    label=_("Emoji"),
                    kind="choice",
                    value=mine if mine in REACTIONS.values() else "",
                    choices=(*_choices(), ("", _("no reaction"))),
                ),
                Field(
                    name="other", label=_("Or any other"), value="" if mine in REACTIONS.values() else mine
                ),
            ),
            _reacting(self.mesh, self.campaign, message.id),
            submit=_("React"),
            explain=_(
                "Everybody in the channel sees who reacted how. One emoji of each member on each message."
            ),
        )
        self.app.push_screen(form, self._replace)

    def action_take_back(self) -> None:
        message = self._said()
        if message is None:
            return
        if not message.may_take_back:
            say(self.app, _("The rules of this campaign do not let you take this message back."))
            return
        if message.me:
            explain = _(
                "It is erased on every device that hears of it, with its files. Who has read it may have "
                "copied it; a device that is off keeps it until it hears. This cannot be undone."
            )
        else:
            explain = _(
                "It is off the screens of all members, with your name beside it, and erased in its time. "
                "This cannot be undone."
            )
        form: Form[MessageView] = Form(
            _("Take this message back?") if message.me else _("Hide this message?"),
            (),
            _taking_back(self.mesh, self.campaign, message.id),
            submit=_("Take back") if message.me else _("Hide"),
            explain=explain,
            danger=True,
        )
        self.app.push_screen(form, self._replace)

    def action_pin(self) -> None:
        message = self._said()
        if message is not None:
            command = PinMessage(campaign=self.campaign, message=message.id, pinned=not message.pinned_by)
            self.ask(command, MessageView, self._replace)

    def action_history(self) -> None:
        message = self.chosen_message()
        if message is not None:
            command = ShowMessage(campaign=self.campaign, message=message.id)
            self.ask(command, MessageDetailView, self._show_history)

    def _show_history(self, view: MessageDetailView) -> None:
        self.app.push_screen(ReadingScreen(_("Before it was changed"), _history(view, self.mesh)))


def _choices() -> tuple[tuple[str, str], ...]:
    words = {
        "yes": _("yes"),
        "no": _("no"),
        "thanks": _("thanks"),
        "done": _("done"),
        "sad": _("sad"),
        "question": _("question"),
    }
    return tuple([(emoji, f"{emoji} {words[word]}") for word, emoji in REACTIONS.items()])


def _reacting(
    mesh: MeshcoalApp, campaign: bytes, message: bytes
) -> Callable[[Values], Awaitable[MessageView]]:
    async def act(values: Values) -> MessageView:
        emoji = emoji_of(values["other"]) or values["emoji"]
        return await mesh.session.send(
            ReactToMessage(campaign=campaign, message=message, emoji=emoji), MessageView
        )

    return act


def _taking_back(
    mesh: MeshcoalApp, campaign: bytes, message: bytes
) -> Callable[[Values], Awaitable[MessageView]]:
    async def act(_values: Values) -> MessageView:
        return await mesh.session.send(TakeBackMessage(campaign=campaign, message=message), MessageView)

    return act


def _history(view: MessageDetailView, mesh: MeshcoalApp) -> Styled:
    message = view.message
    parts: list[Styled] = []
    for edition in view.editions:
        when = shown.moment(edition.at_ms, now_ms=mesh.now_ms(), zone=mesh.zone)
        parts.append(styled((when, "dim"), "\n", edition.text, "\n"))
    when = shown.moment(message.edited_ms or message.at_ms, now_ms=mesh.now_ms(), zone=mesh.zone)
    parts.append(styled((_("%(when)s, as it is now") % {"when": when}, "dim"), "\n", message.text, "\n"))
    for one in message.reactions:
        who = ", ".join([name(each, 30) for each in one.names])
        parts.append(styled(f"{one.emoji} {one.count}  {who}"))
    return lines(parts)
