"""The part of the interface that has drafts kept, and brings them back.

Law: as in `tui.drafts`. What cannot be kept now is kept as soon as the vault is open again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from textual.app import App
from textual.message import Message

from meshcoal.errors import MeshcoalError, OverLimit
from meshcoal.tui.drafts import KEEP_AFTER_S, DraftKey, Drafts
from meshcoal.tui.locale import _
from meshcoal.tui.screens.base import MeshScreen, Refused
from meshcoal.tui.session import Session
from meshcoal.tui.widgets.plain import say

LAST_WORDS_S: Final = 0.5  # for drafts, before the vault is locked or the window closes


class DraftsCame(Message):
    """The vault had more, or other, drafts than this window."""

    def __init__(self, keys: Sequence[DraftKey]) -> None:
        super().__init__()
        self.keys = keys


class WritingApp(App[int]):
    """What the interface is, as far as something is written in it."""

    drafts: Drafts
    session: Session
    away: bool
    _keeping_soon = False

    def mesh_screens(self) -> list[MeshScreen[object]]:
        """All screens that lie upon each other."""
        return [screen for screen in self.screen_stack if isinstance(screen, MeshScreen)]

    def bring_drafts(self) -> None:
        """The vault is open: keep what is in memory only, and fetch what is kept."""
        self.run_worker(self._bring_drafts(), group="drafts")

    async def _bring_drafts(self) -> None:
        await self._keep_drafts()
        try:
            keys = await self.drafts.fetch(self.session)
        except MeshcoalError:
            return  # locked again, or away: then this is called again
        self.post_message(DraftsCame(keys))

    def on_drafts_came(self, event: DraftsCame) -> None:
        for screen in self.mesh_screens():
            screen.tell_drafts(event.keys)

    def keep_soon(self) -> None:
        if not self._keeping_soon:
            self._keeping_soon = True
            self.set_timer(KEEP_AFTER_S, self._keep_now)

    def _keep_now(self) -> None:
        self._keeping_soon = False
        self.run_worker(self._keep_drafts(), group="drafts")

    async def _keep_drafts(self) -> None:
        try:
            await self.drafts.put(self.session)
        except OverLimit:
            text = _(
                "What you write is kept only while this window is open: it is too long, or too many other "
                "things wait to be sent. Send or empty some of them."
            )
            self.post_message(Refused(lambda: say(self, text, severity="warning")))
        except MeshcoalError:
            return  # locked or away: it is kept when the vault is open again

    async def last_words(self) -> None:
        """Keep what was written in the last second, if the daemon is there to do it."""
        if self.drafts.unkept and not self.away:
            await asyncio.wait({asyncio.ensure_future(self._keep_drafts())}, timeout=LAST_WORDS_S)
