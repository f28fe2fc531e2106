"""The messages of one channel, newest at the bottom.

Law: what a person looks at does not jump: new messages follow only who is at the end, and older ones are
put above without moving the choice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo

from textual.message import Message

from meshcoal.api.views import MessageView
from meshcoal.tui import shown
from meshcoal.tui.locale import _
from meshcoal.tui.widgets.plain import PlainOptions, Row, Styled, name, styled


class Timeline(PlainOptions):
    """Messages to read and choose."""

    class TopReached(Message):
        """Somebody scrolled or moved to the first message."""

    def __init__(self) -> None:
        super().__init__(id="timeline")

    def show_messages(
        self, messages: Sequence[MessageView], *, more: bool, now_ms: int, zone: tzinfo | None
    ) -> None:
        """Draw these, oldest first."""
        at_end = self.highlighted is None or self.highlighted >= len(self.rows) - 1
        by_id = {message.id: message for message in messages}
        rows = [Row(message.id.hex(), _draw(message, by_id, now_ms, zone, more=more)) for message in messages]
        if more:
            rows.insert(0, Row("more", styled((_("Older messages: PgUp"), "dim")), live=False))
        elif not rows:
            rows.append(Row("none", styled((_("Nothing was said here yet."), "dim")), live=False))
        self.fill(rows)
        if at_end:
            self.to_end()

    def to_end(self) -> None:
        """Choose the newest and show it."""
        if self.rows:
            self.highlighted = len(self.rows) - 1
            self.call_after_refresh(self.scroll_end, animate=False)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if new_value <= 0 < old_value:
            self.post_message(self.TopReached())

    def action_page_up(self) -> None:
        first = next((at for at, row in enumerate(self.rows) if row.live), None)
        if self.scroll_offset.y <= 0 or self.highlighted == first:
            self.post_message(self.TopReached())
        super().action_page_up()  # type: ignore[no-untyped-call]


def _draw(
    message: MessageView,
    by_id: Mapping[bytes, MessageView],
    now_ms: int,
    zone: tzinfo | None,
    *,
    more: bool,
) -> Styled:
    who = _("me") if message.me else name(message.name, 30)
    when = shown.moment(message.at_ms, now_ms=now_ms, zone=zone)
    parts: list[str | tuple[str, str] | Styled] = [
        (who, "bold $accent" if message.me else "bold $primary"),
        (f"  {when}  {shown.held(message)}", "dim"),
        "\n",
    ]
    if message.reply_to:
        answered = by_id.get(message.reply_to)
        elsewhere = _("a message further up") if more else _("a message that is not here any more")
        quoted = name(answered.text, 50) if answered else elsewhere
        quoted_name = "" if answered is None else _("me") if answered.me else name(answered.name, 30)
        parts.append((f"  ┆ {quoted_name} {quoted}\n" if quoted_name else f"  ┆ {quoted}\n", "dim italic"))
    if message.doubted:
        doubt = _("  ! May be one of two stories: this device gave two different operations at one place.")
        parts.append((doubt + "\n", "$warning"))
    parts.append(message.text)
    for number, file in enumerate(message.attachments):
        begin = "\n" if number or message.text else ""
        parts.append((f"{begin}  ▤ {name(file.name, 40)}", "bold"))
        parts.append((f"  {shown.size(file.size)}  {shown.file_state(file)}", "dim"))
        if file.risky:
            parts.append((f"  {_('! can do harm when opened')}", "$warning"))
    return styled(*parts)
