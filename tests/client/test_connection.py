"""The client against a real socket with a desk of the test's own, and against daemons that misbehave."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from meshcoal.api import framing
from meshcoal.api.commands import Command, GetStatus, ListPeers, SetName, ShowIdentity, Subscribe
from meshcoal.api.views import Done, ErrorView, Notice, NoticeKind, PeersView
from meshcoal.client.connection import Client
from meshcoal.daemon.server import ApiServer, Respond
from meshcoal.errors import (
    Busy,
    DaemonUnreachable,
    Locked,
    MalformedCommand,
    MeshcoalError,
    OverLimit,
    VersionMismatch,
)
from meshcoal.home import socket_path


class Clerk:
    """A desk that answers what it was told to, or holds the answer back."""

    def __init__(self) -> None:
        self.asked: asyncio.Queue[tuple[Command, Respond]] = asyncio.Queue()

    async def submit(self, command: Command, respond: Respond, client: int = 0) -> None:
        if isinstance(command, GetStatus):
            respond(Done())
        else:
            await self.asked.put((command, respond))


def make(home: Path, mode: int = 0o700) -> None:
    home.mkdir(exist_ok=True)
    home.chmod(mode)


@asynccontextmanager
async def serving(home: Path) -> AsyncIterator[tuple[Clerk, ApiServer]]:
    make(home)
    clerk = Clerk()
    async with asyncio.TaskGroup() as tasks:
        server = ApiServer(socket_path(home), version="1", tasks=tasks)
        await server.open(clerk)
        yield clerk, server
        await server.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


async def test_a_command_is_answered_by_its_view(home: Path) -> None:
    """Goal: the round trip. Method: one command whose answer is known."""
    async with serving(home):
        client = await Client.connect(home)
        assert client.version == "1"
        assert await client.send(GetStatus()) == Done()
        await client.close()


async def test_answers_find_their_questions_in_any_order(home: Path) -> None:
    """Goal: several requests in flight. Method: answer the second first."""
    async with serving(home) as (clerk, _):
        client = await Client.connect(home)
        first = asyncio.create_task(client.send(ListPeers()))
        second = asyncio.create_task(client.send(ShowIdentity()))
        (asked_first, respond_first), (asked_second, respond_second) = (
            await clerk.asked.get(),
            await clerk.asked.get(),
        )
        assert (asked_first, asked_second) == (ListPeers(), ShowIdentity())
        respond_second(Locked("locked"))
        with pytest.raises(Locked):
            await second
        respond_first(PeersView(peers=()))
        assert await first == PeersView(peers=())
        await client.close()


async def test_errors_come_back_as_themselves(home: Path) -> None:
    """Goal: a client catches errors by class. Method: several codes, and one from a newer daemon."""
    async with serving(home) as (clerk, _):
        client = await Client.connect(home)
        for error in (Locked("a sentence"), Busy("another")):
            sending = asyncio.create_task(client.send(ListPeers()))
            (await clerk.asked.get())[1](error)
            with pytest.raises(type(error), match=str(error)):
                await sending
        await client.close()


async def test_notices_arrive_after_subscribing_in_order(home: Path) -> None:
    """Goal: notices reach subscribers only. Method: publish before and after; repeated ones once."""
    async with serving(home) as (_, server):
        client = await Client.connect(home)
        server.publish(Notice(kind=NoticeKind.PEERS))
        notices = client.notices()
        coming = asyncio.create_task(anext(notices))
        other = await Client.connect(home)
        await other.send(Subscribe())  # by now the first client's own subscription has been read
        for kind in (NoticeKind.STATUS, NoticeKind.CONTACTS, NoticeKind.CAMPAIGNS):
            server.publish(Notice(kind=kind))
        assert (await coming).kind is NoticeKind.STATUS
        assert (await anext(notices)).kind is NoticeKind.CONTACTS
        assert (await anext(notices)).kind is NoticeKind.CAMPAIGNS
        await client.close()
        assert await anext(notices, None) is None
        await other.close()


async def test_a_daemon_that_ends_fails_what_is_open(home: Path) -> None:
    """Goal: nobody waits for ever. Method: the server closes under an open request."""
    async with serving(home) as (clerk, server):
        client = await Client.connect(home)
        sending = asyncio.create_task(client.send(ListPeers()))
        await clerk.asked.get()
        await server.close()
        with pytest.raises(DaemonUnreachable):
            await sending
        with pytest.raises(DaemonUnreachable):
            await client.send(ListPeers())
        await client.close()


async def test_without_a_daemon_the_sentence_says_what_to_do(home: Path) -> None:
    """Goal: the person knows the next step. Method: connect to nothing, and to a dead daemon's socket."""
    with pytest.raises(DaemonUnreachable, match="meshcoal daemon start"):
        await Client.connect(home)
    async with serving(home):
        os.link(socket_path(home), home / "kept")
    (home / "kept").rename(socket_path(home))
    with pytest.raises(DaemonUnreachable, match="meshcoal daemon start"):
        await Client.connect(home)


async def test_patience_waits_for_a_daemon_that_is_starting(home: Path) -> None:
    """Goal: reconnecting needs no loop of one's own. Method: connect first, serve afterwards."""
    make(home)
    connecting = asyncio.create_task(Client.connect(home, patience_ms=60_000))
    await asyncio.sleep(0)
    async with serving(home):
        client = await connecting
        assert await client.send(GetStatus()) == Done()
        await client.close()


async def test_a_folder_others_can_write_to_is_not_trusted(home: Path) -> None:
    """Goal: no passphrase for a planted socket. Method: open the folder to the group, then connect."""
    async with serving(home):
        make(home, 0o770)
        with pytest.raises(DaemonUnreachable, match="somebody else"):
            await Client.connect(home)
        make(home)


Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def false_daemon(home: Path, said: bytes) -> AsyncIterator[None]:
    make(home)
    over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        with contextlib.suppress(OSError):
            await reader.read()
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        over.set_result(None)

    server = await asyncio.start_unix_server(serve, str(socket_path(home)))
    yield
    server.close()
    await over


GREETING = framing.frame(framing.encode_greeting("1"))


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (framing.frame(b"\x01"), VersionMismatch),
        (framing.frame(b""), VersionMismatch),
        (framing.frame(framing.encode_greeting("1").replace(b"meshcoal", b"mishcoal")), VersionMismatch),
        (b"\xff\xff\xff\xff", DaemonUnreachable),
    ],
)
async def test_a_false_greeting_is_refused(home: Path, said: bytes, error: type[MeshcoalError]) -> None:
    """Goal: a client talks to a daemon of its version only. Method: false first frames."""
    async with false_daemon(home, said):
        with pytest.raises(error):
            await Client.connect(home)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (framing.frame(b"\x01"), MalformedCommand),
        (framing.frame(framing.encode_answer(0, Done())), MalformedCommand),
        (b"\xff\xff\xff\xff", OverLimit),
        (framing.frame(framing.encode_answer(0, ErrorView(code="busy", message="full"))), Busy),
    ],
)
async def test_a_false_answer_fails_what_is_open(home: Path, said: bytes, error: type[MeshcoalError]) -> None:
    """Goal: nonsense from the daemon ends the connection with a reason. Method: false second frames."""
    async with false_daemon(home, GREETING + said):
        client = await Client.connect(home)
        with pytest.raises(error):
            await client.send(SetName(name="Ana"))
        await client.close()
