"""The local socket in the face of clients that are many, slow or wrong."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from meshcoal.api import framing
from meshcoal.api.commands import Command, GetStatus, ListPeers, SetName, Subscribe
from meshcoal.api.views import Done, ErrorView, FilesView, FileView, Notice, NoticeKind
from meshcoal.daemon.server import ApiServer, Respond
from meshcoal.errors import BadArgument, Busy, DaemonUnreachable, Locked, MalformedCommand, OverLimit
from meshcoal.limits import API_CLIENTS_MAX, API_FRAME_BYTES_MAX, API_REQUESTS_MAX, NOTICE_QUEUE_MAX
from meshcoal.wire import canonical
from meshcoal.wire.record import Record

LARGE = FilesView(files=(FileView(name="a", data=bytes(4 * 1024 * 1024)),))
TOO_LARGE = FilesView(files=(FileView(name="a", data=bytes(API_FRAME_BYTES_MAX)),))


class Clerk:
    """A desk that counts, answers, and gives a large view for `ListPeers`."""

    def __init__(self) -> None:
        self.count = 0
        self.large: Record = LARGE

    async def submit(self, command: Command, respond: Respond, client: int = 0) -> None:
        self.count += 1
        if isinstance(command, SetName):
            respond(Locked("the vault is locked"))
        else:
            respond(self.large if isinstance(command, ListPeers) else Done())


class Wire:
    """A raw connection to the local socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def payload(self) -> bytes:
        length = int.from_bytes(await self.reader.readexactly(4), "big")
        return await self.reader.readexactly(length)

    async def answer(self) -> tuple[int, Record]:
        return framing.decode_answer(await self.payload())

    def ask(self, request: int, command: Command) -> None:
        self.writer.write(framing.frame(framing.encode_request(request, command)))

    def leave(self) -> None:
        self.writer.transport.abort()


class Ground:
    def __init__(self, path: Path, clerk: Clerk, server: ApiServer) -> None:
        self.path = path
        self.clerk = clerk
        self.server = server

    async def knock(self) -> Wire:
        wire = Wire(*await asyncio.open_unix_connection(str(self.path)))
        assert framing.check_greeting(await wire.payload()) == "9"
        return wire


@asynccontextmanager
async def serving(path: Path) -> AsyncIterator[Ground]:
    async with asyncio.TaskGroup() as tasks:
        clerk = Clerk()
        server = ApiServer(path, version="9", tasks=tasks)
        await server.open(clerk)
        yield Ground(path, clerk, server)
        await server.close()


async def refusal(path: Path) -> str:
    """Why a server does not come up there."""
    with pytest.raises(ExceptionGroup) as caught:
        async with serving(path):
            pytest.fail("it listens")
    reason = caught.value.exceptions[0]
    assert isinstance(reason, DaemonUnreachable)
    return str(reason)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def change(path: Path, mode: int) -> None:
    path.chmod(mode)


@pytest.fixture
async def ground(tmp_path: Path) -> AsyncIterator[Ground]:
    async with serving(tmp_path / "api.sock") as ground:
        yield ground


async def test_only_the_owner_can_reach_the_socket(tmp_path: Path) -> None:
    """Goal: 0600 in 0700. Method: open the folder to be read first; look at both modes; gone afterwards."""
    change(tmp_path, 0o755)
    async with serving(tmp_path / "api.sock") as ground:
        assert mode(ground.path) == 0o600
        assert mode(tmp_path) == 0o700
    assert not ground.path.exists()


async def test_another_users_process_is_hung_up_on(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: the kernel's word counts, not the path's mode alone. Method: be another user than the peer."""
    me = os.getuid()
    monkeypatch.setattr("meshcoal.home.os.getuid", lambda: me + 1)
    reader, writer = await asyncio.open_unix_connection(str(ground.path))
    try:
        assert await reader.read() == b""
    except ConnectionResetError:
        assert reader.at_eof()
    writer.transport.abort()
    monkeypatch.undo()
    (await ground.knock()).leave()


async def test_a_folder_others_can_write_to_is_refused(tmp_path: Path) -> None:
    """Goal: nobody can swap the socket. Method: a folder writable by all, and a link to a folder."""
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    assert "somebody else" in await refusal(shared / "api.sock")
    shared.chmod(0o700)
    (tmp_path / "link").symlink_to(shared)
    assert "somebody else" in await refusal(tmp_path / "link" / "api.sock")


async def test_a_dead_daemons_socket_is_replaced_but_no_other_file(tmp_path: Path) -> None:
    """Goal: kill -9 needs no cleaning up. Method: a stale socket, then an ordinary file in its place."""
    path = tmp_path / "api.sock"
    async with serving(path):
        path.rename(tmp_path / "stale")
    (tmp_path / "stale").rename(path)
    async with serving(path) as ground:
        (await ground.knock()).leave()
    path.write_text("mine")
    assert "in the way" in await refusal(path)
    assert path.read_text() == "mine"


@pytest.mark.parametrize(
    ("payload", "request_number", "code"),
    [
        (b"", 0, MalformedCommand.code),
        (b"\xc1garbage", 0, MalformedCommand.code),
        (canonical.encode((0, b"")), 0, MalformedCommand.code),
        (canonical.encode((3, b"\xc1")), 3, MalformedCommand.code),
        (canonical.encode((4, canonical.encode((9_999,)))), 4, MalformedCommand.code),
        (canonical.encode((5, canonical.encode((11, "x" * 81)))), 5, BadArgument.code),
        (canonical.encode((6, canonical.encode((11,)))), 6, BadArgument.code),
    ],
)
async def test_nonsense_is_answered_and_forgiven(
    ground: Ground, payload: bytes, request_number: int, code: str
) -> None:
    """Goal: a wrong command costs only itself. Method: nonsense, then a sound command on the same wire."""
    wire = await ground.knock()
    wire.writer.write(framing.frame(payload))
    number, view = await wire.answer()
    assert number == request_number
    assert isinstance(view, ErrorView)
    assert view.code == code
    wire.ask(7, GetStatus())
    assert await wire.answer() == (7, Done())
    wire.leave()


async def test_a_garbage_length_is_cut_off(ground: Ground) -> None:
    """Goal: no memory for a lie. Method: a length of 4 GiB; an error, then the end."""
    wire = await ground.knock()
    wire.writer.write(b"\xff\xff\xff\xff")
    number, view = await wire.answer()
    assert isinstance(view, ErrorView)
    assert (number, view.code) == (0, OverLimit.code)
    assert await wire.reader.read() == b""
    wire.leave()


async def test_an_error_carries_its_code_and_sentence(ground: Ground) -> None:
    """Goal: the user's words cross the socket. Method: a desk that raises."""
    wire = await ground.knock()
    wire.ask(1, SetName(name="Ana"))
    assert await wire.answer() == (1, ErrorView(code=Locked.code, message="the vault is locked"))
    wire.leave()


async def test_an_answer_that_does_not_fit_is_an_error(ground: Ground) -> None:
    """Goal: a large view never breaks the framing. Method: a view over the bound of a frame."""
    ground.clerk.large = TOO_LARGE
    wire = await ground.knock()
    wire.ask(1, ListPeers())
    _, view = await wire.answer()
    assert isinstance(view, ErrorView)
    assert view.code == OverLimit.code
    wire.leave()


async def test_clients_over_the_bound_are_told_and_the_others_go_on(ground: Ground) -> None:
    """Goal: `API_CLIENTS_MAX` holds. Method: one more than fit; then one leaves and the next gets in."""
    wires = [await ground.knock() for _ in range(API_CLIENTS_MAX)]
    extra = await ground.knock()
    number, view = await extra.answer()
    assert isinstance(view, ErrorView)
    assert (number, view.code) == (0, Busy.code)
    assert await extra.reader.read() == b""
    extra.leave()
    for index, wire in enumerate(wires):
        wire.ask(index + 1, GetStatus())
    for index, wire in enumerate(wires):
        assert await wire.answer() == (index + 1, Done())
    wires.pop().leave()
    while True:
        late = await ground.knock()
        late.ask(1, GetStatus())
        if (await late.answer())[1] == Done():
            break
        late.leave()
    for wire in (*wires, late):
        wire.leave()


async def test_a_client_that_does_not_read_is_not_read_from(ground: Ground) -> None:
    """Goal: answers do not pile up. Method: ask for 4 MiB a hundred times and read nothing."""
    wire = await ground.knock()
    for number in range(1, 101):
        wire.ask(number, ListPeers())
    other = await ground.knock()
    for number in range(1, 201):  # the daemon gets round to everybody many times
        other.ask(number, GetStatus())
        assert await other.answer() == (number, Done())
    assert ground.clerk.count - 200 <= API_REQUESTS_MAX
    for number in range(1, 101):
        assert await wire.answer() == (number, LARGE)
    wire.leave()
    other.leave()


async def test_a_slow_reader_of_notices_is_told_that_it_missed_some(ground: Ground) -> None:
    """Goal: bounded, never silent. Method: publish twice what fits; find `OVERRUN`, then the rest."""
    wire = await ground.knock()
    wire.ask(1, Subscribe())
    assert await wire.answer() == (1, Done())
    total = 2 * NOTICE_QUEUE_MAX
    for index in range(total):
        ground.server.publish(Notice(kind=NoticeKind.PROGRESS, done=index, total=total))
    wire.ask(2, GetStatus())
    got: list[Notice] = []
    while not got or got[-1].done != total - 1:
        number, view = await wire.answer()
        if number == 0:
            assert isinstance(view, Notice)
            got.append(view)
    assert len(got) < total
    assert [notice.kind for notice in got].count(NoticeKind.OVERRUN) >= 1
    after = got[max(i for i, notice in enumerate(got) if notice.kind is NoticeKind.OVERRUN) + 1 :]
    assert [notice.done for notice in after] == list(range(total - len(after), total))
    wire.leave()


async def test_closing_sends_what_was_answered(ground: Ground) -> None:
    """Goal: the answer to `StopDaemon` arrives. Method: ask, and close once it was carried out."""
    wire = await ground.knock()
    wire.ask(1, GetStatus())
    while not ground.clerk.count:  # noqa: ASYNC110
        await asyncio.sleep(0)
    await ground.server.close()
    assert await wire.answer() == (1, Done())
    assert await wire.reader.read() == b""
    wire.leave()
