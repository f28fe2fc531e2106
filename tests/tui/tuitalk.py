"""Talk as the daemon in memory keeps it, and what is being written: a part of `tuidouble`."""

from __future__ import annotations

import dataclasses
from typing import Final

from meshcoal.api import commands as c
from meshcoal.api import views as v
from meshcoal.wire.record import Record

_AT_MS: Final = 1_795_356_000_000


class FakeTalk:
    """Drafts, and what has changed since a page was shown."""

    messages: dict[bytes, list[v.MessageView]]

    def __init__(self) -> None:
        self.drafts: dict[str, v.DraftView] = {}
        self._seen: dict[tuple[bytes, int], tuple[v.MessageView, ...]] = {}  # by channel and `as_of`
        self._as_of = 0

    def on_keep_draft(self, command: c.KeepDraft) -> Record:
        self.drafts[command.slot] = v.DraftView(slot=command.slot, body=command.body, at_ms=_AT_MS)
        return self.on_list_drafts(c.ListDrafts())

    def on_drop_draft(self, command: c.DropDraft) -> Record:
        self.drafts.pop(command.slot, None)
        return self.on_list_drafts(c.ListDrafts())

    def on_list_drafts(self, _command: c.ListDrafts) -> Record:
        return v.DraftsView(drafts=tuple(self.drafts.values()))

    def placed(self, channel: bytes) -> tuple[v.MessageView, ...]:
        """All of a channel, with their places."""
        return tuple([dataclasses.replace(one, depth=at) for at, one in enumerate(self.messages[channel], 1)])

    def shown_now(self, channel: bytes) -> int:
        """Remember what stands here now; under which number."""
        self._as_of += 1
        self._seen[channel, self._as_of] = self.placed(channel)
        return self._as_of

    def on_list_changed(self, command: c.ListChanged) -> Record:
        before = {one.id: one for one in self._seen.get((command.channel, command.since), ())}
        now = self.placed(command.channel)
        here = {one.id for one in now}
        changed = [
            one
            for one in now
            if (before.get(one.id) != one or one.id in command.also)
            and (not command.thread or command.thread in (one.id, one.thread))
        ]
        page = self.on_list_messages(c.ListMessages(campaign=command.campaign, channel=command.channel))
        assert isinstance(page, v.MessagesView)
        return v.ChangedView(
            campaign=command.campaign,
            channel=command.channel,
            as_of=self.shown_now(command.channel),
            whole=(command.channel, command.since) not in self._seen,
            messages=tuple(changed),
            gone=tuple([one for one in command.also if one not in here]),
            gaps=page.gaps,
            first_unread=page.first_unread,
            unread=page.unread,
        )

    def on_list_messages(self, command: c.ListMessages) -> Record:
        raise NotImplementedError
