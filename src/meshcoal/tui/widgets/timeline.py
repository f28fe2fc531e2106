"""The messages of one channel, newest at the bottom.

Law: what a person looks at does not jump: new messages follow only who is at the end, and older ones are
put above without moving the choice. A message is drawn again only when it, or what it answers, has changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from textual.message import Message

from meshcoal.api.views import MessageState, MessageView
from meshcoal.clock import DAY_MS
from meshcoal.tui import shown
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.widgets.plain import Row, Styled, name, styled
from meshcoal.tui.widgets.window import WindowedOptions

_MINUTE_MS: Final = 60_000
_QUARTER_MS: Final = 900_000  # a day begins at a quarter of an hour in every zone
_AHEAD_SCREENS: Final = 3  # so far from an end the next page is asked for


@dataclass(slots=True)
class _Made:
    """A row as it was made, and of what: it stands while all of that does."""

    message: MessageView
    answered: MessageView | None
    elsewhere: bool  # that may still come from further up
    until_ms: int  # what it says of times holds until then
    day: str
    row: Row


class Timeline(WindowedOptions):
    """Messages to read and choose."""

    class TopReached(Message):
        """Somebody comes near the first message."""

    class BottomReached(Message):
        """Somebody comes near the last message."""

    def __init__(self) -> None:
        super().__init__(id="timeline")
        self._made: dict[bytes, _Made] = {}
        self._headings: dict[tuple[str, str], Row] = {}

    def show_messages(
        self,
        messages: Sequence[MessageView],
        *,
        more: bool,
        later: bool = False,
        unread_from: bytes = b"",
        now_ms: int,
        zone: tzinfo | None,
    ) -> None:
        """Draw these, oldest first. What is the same object as before is not drawn again.

        Args:
            more: there are older ones.
            later: there are later ones, which are not shown.
            unread_from: above this message a line says that those below were not read.
        """
        by_id = {message.id: message for message in messages}
        before, self._made = self._made, {}
        headings, self._headings = self._headings, {}
        rows: list[Row] = []

        def heading(key: str, words: str, style: str = "dim") -> None:
            made = headings.get((key, words)) or Row(key, styled((words, style)), live=False)
            self._headings[key, words] = made
            rows.append(made)

        if more:
            heading("more", _("Older messages: PgUp"))
        last = ""
        for message in messages:
            made = before.get(message.id)
            answered = by_id.get(message.reply_to) if message.reply_to else None
            elsewhere = more and bool(message.reply_to) and answered is None
            if (
                made is None
                or made.message is not message
                or made.answered is not answered
                or made.elsewhere != elsewhere
                or made.until_ms <= now_ms
            ):
                made = _Made(
                    message=message,
                    answered=answered,
                    elsewhere=elsewhere,
                    until_ms=now_ms + (_MINUTE_MS if _ends_soon(message, now_ms) else _QUARTER_MS),
                    day=shown.day(message.at_ms, now_ms=now_ms, zone=zone),
                    row=Row(message.id.hex(), draw_message(message, by_id, now_ms, zone, more=more)),
                )
            self._made[message.id] = made
            if made.day != last:
                heading(f"day {message.id.hex()}", f"── {made.day} ──")
                last = made.day
            if message.id == unread_from:
                heading("unread", _("── unread ──"), "bold $accent")
            rows.append(made.row)
        if later:
            heading("later", _("Later messages: PgDn; n for the newest"))
        if not rows:
            heading("none", _("Nothing was said here yet."))
        self.fill(rows)

    def to_end(self) -> None:
        """Choose the newest and show it."""
        live = [at for at, row in enumerate(self.rows) if row.live]
        self.set_reactive(WindowedOptions.highlighted, live[-1] if live else None)
        self._to_end()
        self.refresh()

    def show_chosen(self) -> None:
        """Scroll so that the choice stands at the top, below the line before it."""
        self.scroll_to_highlight(top=True)
        self.scroll_relative(y=-2, animate=False, immediate=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        ahead = _AHEAD_SCREENS * self.scrollable_content_region.height
        if new_value < old_value and new_value <= ahead:
            self.post_message(self.TopReached())
        elif old_value < new_value and new_value >= self.max_scroll_y - ahead:
            self.post_message(self.BottomReached())

    def action_page_up(self) -> None:
        first = next((at for at, row in enumerate(self.rows) if row.live), None)
        if self.scroll_offset.y <= 0 or self.highlighted == first:
            self.post_message(self.TopReached())
        super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        live = [at for at, row in enumerate(self.rows) if row.live]
        if live and (self.highlighted == live[-1] or self.scroll_offset.y >= self.max_scroll_y):
            self.post_message(self.BottomReached())
        super().action_page_down()  # type: ignore[no-untyped-call]


def _ends_soon(message: MessageView, now_ms: int) -> bool:
    """Whether how long it stays is said beside it."""
    return bool(message.expires_ms) and message.expires_ms - now_ms < DAY_MS + _QUARTER_MS


def draw_message(
    message: MessageView,
    by_id: Mapping[bytes, MessageView],
    now_ms: int,
    zone: tzinfo | None,
    *,
    more: bool,
    dated: bool = False,
) -> Styled:
    """One message: who, when and who has it; what it answers; what it says; what was done about it."""
    who = _("me") if message.me else name(message.name, 30)
    # The day stands above the first message of it.
    when = shown.moment(message.at_ms, now_ms=now_ms if dated else message.at_ms, zone=zone)
    parts: list[str | tuple[str, str] | Styled] = [
        (who, "bold $accent" if message.me else "bold $primary"),
        (f"  {when}  {shown.held(message)}{_facts(message, now_ms)}", "dim"),
        "\n",
    ]
    if message.mentions_me:
        parts.append((_("  ● mentions you") + "\n", "bold $accent"))
    if message.reply_to:
        answered = by_id.get(message.reply_to)
        elsewhere = _("a message further up") if more else _("a message that is not here any more")
        said = _("a message that was taken back") if answered and answered.state != MessageState.SAID else ""
        quoted = said or (name(answered.text, 50) if answered else elsewhere)
        quoted_name = "" if answered is None else _("me") if answered.me else name(answered.name, 30)
        parts.append((f"  ┆ {quoted_name} {quoted}\n" if quoted_name else f"  ┆ {quoted}\n", "dim italic"))
    if message.doubted:
        doubt = _("  ! May be one of two stories: this device gave two different operations at one place.")
        parts.append((doubt + "\n", "$warning"))
    if message.state == MessageState.TAKEN_BACK:
        parts.append((_("  taken back; copies may exist"), "dim italic"))
    elif message.state == MessageState.HIDDEN:
        parts.append((_("  hidden by %(name)s") % {"name": name(message.hidden_by, 30)}, "dim italic"))
    parts.append(message.text)
    for number, file in enumerate(message.attachments):
        begin = "\n" if number or message.text else ""
        parts.append((f"{begin}  ▤ {name(file.name, 40)}", "bold"))
        parts.append((f"  {shown.size(file.size)}  {shown.file_state(file)}", "dim"))
        if file.risky:
            parts.append((f"  {_('! can do harm when opened')}", "$warning"))
    if message.reactions:
        reactions = [f"{one.emoji} {one.count}{'*' if one.mine else ''}" for one in message.reactions]
        parts.append(("\n  " + "  ".join(reactions), "dim"))
    if message.replies:
        answers = ngettext("%(count)d answer: t", "%(count)d answers: t", message.replies)
        parts.append(("\n  ↳ " + answers % {"count": message.replies}, "$accent"))
    return styled(*parts)


def _facts(message: MessageView, now_ms: int) -> str:
    """What else is to be known of a message, behind who has it."""
    facts = []
    if message.edited_ms:
        facts.append(_("changed: h"))
    if message.pinned_by:
        facts.append(_("pinned by %(name)s") % {"name": name(message.pinned_by, 20)})
    if message.expires_ms and message.expires_ms - now_ms < DAY_MS:
        when = shown.until(max(message.expires_ms, now_ms), now_ms=now_ms)
        facts.append(_("vanishes %(when)s") % {"when": when})
    return "".join([f"  {fact}" for fact in facts])
