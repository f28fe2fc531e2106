"""The interface's conversation with the daemon.

Law: a question that changes nothing is asked again after the daemon came back; a command that changes
something is sent once, and its failure is told, so that nothing is done twice; but for a message that is sent
from a draft, which the daemon itself sends once. Losing the daemon is no
event a person has to deal with: notices resume by themselves, and everything shown is fetched anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final, Protocol, TypeVar

from meshcoal.api.commands import (
    Command,
    DropDraft,
    ExportAnnex,
    ExportStatement,
    FetchAttachment,
    GetCounters,
    GetStatus,
    GetTor,
    KeepDraft,
    ListAcquaintances,
    ListAttachments,
    ListCampaigns,
    ListCases,
    ListChanged,
    ListContacts,
    ListDrafts,
    ListForks,
    ListIntroductions,
    ListInvitations,
    ListMessages,
    ListOffices,
    ListOutside,
    ListPaper,
    ListPeers,
    ListProfiles,
    ListReach,
    ListRelays,
    ListReplies,
    ListStatements,
    ListWarnings,
    MarkRead,
    PreviewStatement,
    ReadAttachment,
    Search,
    ShowBrowser,
    ShowCalls,
    ShowCampaign,
    ShowCase,
    ShowChase,
    ShowData,
    ShowHistory,
    ShowHolders,
    ShowIdentity,
    ShowLetterHolders,
    ShowMemberWords,
    ShowMessage,
    ShowNearby,
    ShowPersonWays,
    ShowPosture,
    ShowReading,
    ShowStatement,
    ShowSteady,
    ShowToday,
    ShowWays,
    StopAttachment,
)
from meshcoal.api.views import Notice, NoticeKind
from meshcoal.errors import DaemonUnreachable, LinkError, VersionMismatch
from meshcoal.tui import hiding
from meshcoal.wire.record import Record

V = TypeVar("V", bound=Record)

# Asking these twice does no harm.
HARMLESS: Final[tuple[type[Command], ...]] = (
    GetStatus,
    GetTor,
    ShowIdentity,
    ListContacts,
    ListInvitations,
    ListIntroductions,
    ListAcquaintances,
    ListWarnings,
    ListCampaigns,
    ShowCampaign,
    ListForks,
    ListMessages,
    ListChanged,
    ShowHolders,
    ShowLetterHolders,
    MarkRead,
    ListAttachments,
    FetchAttachment,
    StopAttachment,
    ReadAttachment,
    Search,
    ListStatements,
    ShowStatement,
    ShowHistory,
    ShowToday,
    ExportStatement,
    ExportAnnex,
    PreviewStatement,
    ListCases,
    ListOffices,
    ListOutside,
    ListPaper,
    ShowCalls,
    ShowCase,
    ShowChase,
    ShowData,
    ShowMemberWords,
    ShowMessage,
    ShowNearby,
    ShowPersonWays,
    ShowPosture,
    ShowSteady,
    ShowWays,
    ShowReading,
    ListProfiles,
    ListPeers,
    ListReach,
    ListRelays,
    ListReplies,
    GetCounters,
    ListDrafts,
    KeepDraft,
    DropDraft,
    ShowBrowser,
)
LOST: Final = (DaemonUnreachable, LinkError)
RETRY_MIN_S: Final = 0.25
RETRY_MAX_S: Final = 5.0


class ClientLike(Protocol):
    """What the interface needs of `client.connection.Client`."""

    async def send(self, command: Command) -> Record: ...

    def notices(self) -> AsyncIterator[Notice]: ...

    async def close(self) -> None: ...


Connect = Callable[[], Awaitable[ClientLike]]


class Session:
    """One daemon, through as many connections as it takes."""

    def __init__(self, connect: Connect) -> None:
        """`connect` starts the daemon where needed; it raises `DaemonUnreachable` or `VersionMismatch`."""
        self._connect = connect
        self._client: ClientLike | None = None
        self._connecting = asyncio.Lock()

    async def send(self, command: Command, kind: type[V]) -> V:
        """The daemon's answer. Raises what the daemon answered, or `DaemonUnreachable`."""
        client = await self._ready()
        try:
            view = await client.send(command)
        except LOST:
            await self._drop(client)
            if not isinstance(command, HARMLESS) and not getattr(command, "draft", ""):
                raise
            client = await self._ready()
            view = await client.send(command)
        assert isinstance(view, kind), f"{type(command).__name__} is answered by {kind.__name__}"
        hiding.learn(view)
        return view

    async def listen(self, tell: Callable[[Notice], None], lost: Callable[[bool], None]) -> None:
        """Pass on notices for ever. `lost` is told when the daemon goes (true) and is back (false)."""
        wait_s = RETRY_MIN_S
        gone = False
        while True:
            client: ClientLike | None = None
            try:
                client = await self._ready()
                if gone:
                    gone = False
                    lost(False)
                    tell(Notice(kind=NoticeKind.OVERRUN))  # what was missed is unknown: fetch everything
                async for notice in client.notices():
                    wait_s = RETRY_MIN_S
                    tell(notice)
            except (*LOST, VersionMismatch):
                pass
            if client is not None:
                await self._drop(client)
            if not gone:
                gone = True
                lost(True)
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, RETRY_MAX_S)

    async def close(self) -> None:
        """Hang up. The daemon goes on."""
        if self._client is not None:
            await self._drop(self._client)

    async def _ready(self) -> ClientLike:
        async with self._connecting:
            if self._client is None:
                self._client = await self._connect()
            return self._client

    async def _drop(self, client: ClientLike) -> None:
        if self._client is client:
            self._client = None
            await client.close()
