"""Pages of a channel or thread: the newest, older and later ones, and where unread messages begin.

Law: what a person looks at does not jump, and only so much is held as is near it. A message counts as read
when it was on the screen and nothing unread stood above it unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from textual import on
from textual.timer import Timer

from meshcoal.api.commands import ListChanged, ListMessages, MarkRead
from meshcoal.api.views import ChangedView, Done, GapView, MessagesView, MessageView
from meshcoal.errors import MeshcoalError, Unknown
from meshcoal.limits import SHOWN_AGAIN_MAX
from meshcoal.tui import shown
from meshcoal.tui.locale import _, ngettext
from meshcoal.tui.screens.reading import ReadingScreen
from meshcoal.tui.screens.talking import Talking
from meshcoal.tui.widgets.plain import PlainStatic, lines, name, plain
from meshcoal.tui.widgets.timeline import Timeline, draw_message

PAGE: Final = 100
_SETTLE_S: Final = 0.1
WINDOW: Final = 600  # messages that are held: what is further away is fetched again
WINDOW_MAX: Final = (
    WINDOW + PAGE
)  # where messages come all the time, so that not each of them moves the window
_MARK_AGAIN_S: Final = 1.0


class Paging(Talking):
    """A screen with a timeline, page by page."""

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
        super().__init__()
        self.campaign = campaign
        self.channel = channel
        self._channel_name = channel_name
        self._thread = thread
        self._anchor = around  # what is shown is around this message, and does not reach the newest
        self._to_unread = unread
        self._unread_from = b""  # where unread messages began when the screen was opened
        self._counted = False  # that is known
        self._more = False
        self._loading_older = False
        self._loading_later = False
        self._settling = False
        self._stands_at = b""  # what was gone to last
        self._marked = self._told = b""
        self._marking: Timer | None = None
        self._anew = True  # a page is to be fetched: what has changed alone would not do
        self._erased = False  # something was, since the last page came
        self._as_of = 0  # up to when changes are shown

    def _left_the_page(self) -> None:
        """The page was drawn anew: what is chosen for answering may not be on it."""

    async def load(self) -> Callable[[], None]:
        if self._anew or self._erased or not self._as_of:
            return await self._load_page()
        command = ListChanged(
            campaign=self.campaign,
            channel=self.channel,
            since=self._as_of,
            thread=self._thread,
            also=tuple([bytes.fromhex(key) for key in self.query_one(Timeline).seen[:SHOWN_AGAIN_MAX]]),
        )
        view = await self.mesh.session.send(command, ChangedView)
        if view.whole or self._anew:
            return await self._load_page()
        return lambda: self._show_changed(view)

    async def _load_page(self) -> Callable[[], None]:
        self._anew = False
        erased, self._erased = self._erased, False
        place: dict[str, bytes | bool] = {}
        if self._thread:
            place = {"thread": self._thread}
        elif self._to_unread:
            place = {"unread": True}
        elif self._anchor:
            place = {"around": self._anchor}
        command = ListMessages(campaign=self.campaign, channel=self.channel, limit=PAGE, **place)  # type: ignore[arg-type]
        try:
            page = await self.mesh.session.send(command, MessagesView)
        except Unknown:  # it has vanished
            self._anchor = b""
            command = ListMessages(campaign=self.campaign, channel=self.channel, limit=PAGE)
            page = await self.mesh.session.send(command, MessagesView)
        if self._to_unread or self._anchor:
            return lambda: self._show_around(page)
        return lambda: self.show_newest(page, alone=erased)

    def show_newest(self, page: MessagesView, *, alone: bool = False) -> None:
        """Draw the newest page under the older messages that are already here.

        Args:
            alone: without those: some of them have vanished.
        """
        kept = () if alone else _before(self._messages, page.messages)
        if not kept:
            self._more = page.more
        to_end = not self._messages
        self._as_of = page.as_of
        self._messages = (*kept, *page.messages)
        self._left_the_page()
        self._name_it(page)
        self._note_unread(page.first_unread, page.unread)
        self._draw(page.gaps)
        if to_end:
            self.query_one(Timeline).to_end()
        self._mark_read(page.messages[-1].id if page.messages else b"", page.first_unread)

    def _show_changed(self, view: ChangedView) -> None:
        """Put what is new or has changed where it belongs, as far as that is held here."""
        self._as_of = view.as_of
        timeline = self.query_one(Timeline)
        at_end = timeline.at_end
        self._take(view)
        if len(self._messages) > WINDOW_MAX and not self._anchor:
            if at_end:
                self._messages, self._more = self._messages[-WINDOW:], True
            else:  # what one reads stays; what comes below it waits until somebody goes there
                self._messages = self._messages[:WINDOW]
                self._anchor = self._stands_at = self._messages[-1].id
        self._left_the_page()
        self._note_unread(view.first_unread, view.unread)
        self._draw(view.gaps)
        if at_end and self._messages:
            self._mark_read(self._messages[-1].id, view.first_unread)

    def _take(self, view: ChangedView) -> None:
        gone = set(view.gone)
        held = {one.id: one for one in self._messages if one.id not in gone}
        first = place_of(self._messages[0]) if self._messages else None
        last = place_of(self._messages[-1]) if self._messages else None
        added = False
        for one in view.messages:
            before = held.get(one.id)
            if before is not None:
                if before != one:
                    held[one.id] = one
                continue
            above = first is not None and place_of(one) < first and self._more
            below = last is not None and place_of(one) > last and bool(self._anchor)
            if not above and not below:
                held[one.id], added = one, True
        self._messages = tuple(sorted(held.values(), key=place_of) if added else held.values())

    def _name_it(self, page: MessagesView) -> None:
        self.head(
            ngettext(
                "# %(channel)s   messages vanish after %(days)d day",
                "# %(channel)s   messages vanish after %(days)d days",
                page.talk_days,
            )
            % {"channel": name(self._channel_name, 60), "days": page.talk_days}
        )

    def _note_unread(self, first_unread: bytes, unread: int) -> None:
        """Remember where unread messages began; say so where that is further up."""
        if not self._counted:
            self._counted = True
            self._unread_from = first_unread
        above = unread if self._is_above(first_unread) else 0
        bar = self.query_one("#unread", PlainStatic)
        bar.set_class(above > 0, "-on")
        if above:
            bar.show(
                ngettext("%(count)d unread further up: u", "%(count)d unread further up: u", above)
                % {"count": above}
            )

    def _is_above(self, message: bytes) -> bool:
        return bool(message) and not self._thread and message not in {one.id for one in self._messages}

    def _mark_read(self, newest: bytes, first_unread: bytes) -> None:
        """What is on the screen was seen, unless some of what is unread stands above it."""
        if not newest or newest == self._marked or not self.is_current or self._thread:
            return
        if first_unread and first_unread not in {one.id for one in self._messages}:
            return
        self._marked = newest
        if self._marking is None:
            self._mark_now()

    def _mark_now(self) -> None:
        """Tell the daemon, and again after a pause if more was seen meanwhile."""
        self._marking = None
        if self._told == self._marked:
            return
        self._told = self._marked
        self._marking = self.set_timer(_MARK_AGAIN_S, self._mark_now)
        self.ask(self._mark(), Done, lambda _done: None)

    def _mark(self) -> MarkRead:
        return MarkRead(campaign=self.campaign, channel=self.channel, message=self._marked)

    def on_unmount(self) -> None:
        """What was seen in the last moment."""
        if self._told != self._marked:
            self.mesh.run_worker(self._mark_at_last(self._mark()), group="ask")

    async def _mark_at_last(self, command: MarkRead) -> None:
        try:
            await self.mesh.session.send(command, Done)
        except MeshcoalError:
            return  # it counts as unread, and is shown again

    def _show_around(self, page: MessagesView) -> None:
        """Draw a page that need not reach the newest message."""
        target = page.first_unread if self._to_unread else self._anchor
        self._to_unread = False
        self._as_of = page.as_of
        if target and target == self._stands_at and self._messages:
            # Nobody went anywhere: what has changed of what is shown.
            changed = {message.id: message for message in page.messages}
            self._messages = tuple([changed.get(message.id, message) for message in self._messages])
            self._draw(page.gaps)
            return
        self._stands_at = target
        self._messages, self._more = page.messages, page.more
        self._name_it(page)
        self._anchor = (target or self._anchor) if page.later else b""
        self._settling = True  # what is drawn anew passes the top on its way to its place
        self._note_unread(page.first_unread, page.unread)
        self._draw(page.gaps)
        timeline = self.query_one(Timeline)
        timeline.choose(target.hex())
        timeline.focus()
        self.call_after_refresh(self._settle)
        self._mark_read(page.messages[-1].id if page.messages else b"", page.first_unread)

    def _draw(self, gaps: Sequence[GapView]) -> None:
        self._draw_messages()
        bar = self.query_one("#gaps", PlainStatic)
        bar.set_class(bool(gaps), "-on")
        parts = ["! " + shown.gap(gap) for gap in gaps[:2]]
        if len(gaps) > 2:
            more = len(gaps) - 2
            told = ngettext(
                "! … and messages of %(count)d more member are missing",
                "! … and messages of %(count)d more members are missing",
                more,
            )
            parts.append(told % {"count": more})
        bar.show(lines(parts))

    def _settle(self) -> None:
        self.query_one(Timeline).show_chosen()
        self.set_timer(_SETTLE_S, self._settled)

    def _settled(self) -> None:
        self._settling = False

    def _draw_messages(self) -> None:
        self.query_one(Timeline).show_messages(
            self._messages,
            more=self._more,
            later=bool(self._anchor),
            unread_from=self._unread_from,
            now_ms=self.mesh.now_ms(),
            zone=self.mesh.zone,
        )

    # --- Older messages, and later ones

    @on(Timeline.TopReached)
    def load_older(self) -> None:
        """One more page above, once at a time."""
        if self._settling or self._loading_older or not self._more or not self._messages:
            return
        self._loading_older = True
        self.ask(
            ListMessages(
                campaign=self.campaign,
                channel=self.channel,
                before=self._messages[0].id,
                thread=self._thread,
                limit=PAGE,
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
        older = [message for message in page.messages if message.id not in known]
        whole = (*older, *self._messages)
        if len(whole) > WINDOW:  # what is far below is fetched again when somebody goes there
            whole = whole[:WINDOW]
            self._anchor = self._stands_at = whole[len(older)].id
        self._messages = whole
        self._draw(page.gaps)

    @on(Timeline.BottomReached)
    def load_later(self) -> None:
        """One more page below, where what is shown does not reach the newest."""
        if self._settling or self._loading_later or not self._anchor or not self._messages:
            return
        self._loading_later = True
        self.ask(
            ListMessages(
                campaign=self.campaign, channel=self.channel, after=self._messages[-1].id, limit=PAGE
            ),
            MessagesView,
            self._show_later,
            self._later_failed,
            busy=_("Fetching later messages"),
        )

    def _show_later(self, page: MessagesView) -> None:
        self._loading_later = False
        known = {message.id for message in self._messages}
        later = [message for message in page.messages if message.id not in known]
        whole = (*self._messages, *later)
        if len(whole) > WINDOW:
            whole = whole[-WINDOW:]
            self._more = True
        self._messages = whole
        self._anchor = self._stands_at = whole[-1].id if page.later else b""
        self._draw(page.gaps)
        self._mark_read(page.messages[-1].id if page.messages else b"", page.first_unread)

    def _later_failed(self, exc: MeshcoalError) -> None:
        self._loading_later = False
        self._refusal(exc)()

    def _older_failed(self, exc: MeshcoalError) -> None:
        self._loading_older = False
        self._refusal(exc)()

    # --- Going elsewhere

    def action_unread(self) -> None:
        """Where unread messages began."""
        if self._thread:
            return
        self._stands_at = b""
        self._anew = True
        if self._unread_from:
            self._anchor = self._unread_from
        else:
            self._to_unread = True
        self.refetch()

    def action_newest(self) -> None:
        """Back to the end."""
        self._anchor = self._stands_at = b""
        self._messages = ()
        self._anew = True
        self.refetch()

    def action_pins(self) -> None:
        """What is pinned here."""
        command = ListMessages(campaign=self.campaign, channel=self.channel, pinned=True)
        self.ask(command, MessagesView, self._show_pins)

    def _show_pins(self, page: MessagesView) -> None:
        now_ms, zone = self.mesh.now_ms(), self.mesh.zone
        drawn = [draw_message(one, {}, now_ms, zone, more=True, dated=True) for one in page.messages]
        text = lines(drawn) if drawn else plain(_("Nothing is pinned here. Choose a message and press p."))
        self.app.push_screen(ReadingScreen(_("Pinned"), text))


def place_of(message: MessageView) -> tuple[int, bytes]:
    return message.depth, message.id


def _before(held: Sequence[MessageView], page: Sequence[MessageView]) -> tuple[MessageView, ...]:
    """The messages held that stand before the page; none if the page does not join them."""
    if not page:
        return ()
    for at, message in enumerate(held):
        if message.id == page[0].id:
            return tuple(held[:at])
    return ()
