"""The vault's states: absent, locked, unlocked, and the ways between them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from meshcoal.api.commands import (
    ChangePassphrase,
    Command,
    CreateVault,
    GetCounters,
    GetStatus,
    Lock,
    ShowIdentity,
    StopDaemon,
    Unlock,
    WordList,
)
from meshcoal.api.views import (
    CountersView,
    Done,
    IdentityView,
    Notice,
    NoticeKind,
    StatusView,
    VaultState,
)
from meshcoal.daemon.keeper import ATTEMPT_PAUSE_S, Keeper
from meshcoal.daemon.listening import FILE_NAME, ListenAddress
from meshcoal.daemon.paths import PathsFile
from meshcoal.daemon.server import Answer
from meshcoal.errors import Corrupt, DaemonUnreachable, Locked, NoVault, WrongPassphrase
from meshcoal.net import address
from meshcoal.node.effects import Effect, Reply
from meshcoal.node.events import CommandReceived, Event, Listening
from meshcoal.wire.record import Record

sys.path.insert(0, str(Path(__file__).parent))

from stand import Cabinet

ANA = IdentityView(
    person=bytes(32), name="Ana", fingerprint=(), hints=(), link_text="", word_list=WordList.ENGLISH
)
COUNTERS = CountersView(counters=())


class House:
    """A keeper over a cabinet whose node knows its name and keeps silent on `GetCounters` when told to."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.notices: list[Notice] = []
        self.notes: list[str] = []
        self.pauses: list[float] = []
        self.hints: list[tuple[str, ...]] = []
        self.mute = False
        self.cabinet = Cabinet(self._do)

    def _do(self, event: Event, now_ms: int) -> tuple[Effect, ...]:
        if isinstance(event, Listening):
            self.hints.append(event.hints)
        if not isinstance(event, CommandReceived):
            return ()
        if isinstance(event.command, GetCounters):
            return () if self.mute else (Reply(request=event.request, answer=COUNTERS),)
        return (Reply(request=event.request, answer=ANA),)

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def keeper(self, tasks: asyncio.TaskGroup, listen: str | None = None) -> Keeper:
        return Keeper(
            home=self.home,
            backing=self.cabinet,
            paths=PathsFile(self.home),
            listen=ListenAddress(self.home, listen),
            version="9",
            process=77,
            now_ms=lambda: 1,
            tasks=tasks,
            publish=self.notices.append,
            note=self.notes.append,
            pause=self._pause,
        )


async def ask(keeper: Keeper, command: Command) -> Answer:
    answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    await keeper.submit(command, answered.set_result)
    return await answered


async def status(keeper: Keeper) -> StatusView:
    view = await ask(keeper, GetStatus())
    assert isinstance(view, StatusView)
    return view


@asynccontextmanager
async def keeping(house: House, listen: str | None = None) -> AsyncIterator[Keeper]:
    async with asyncio.TaskGroup() as tasks:
        keeper = house.keeper(tasks, listen)
        yield keeper
        await keeper.close()


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def vault(view: Record | Exception) -> VaultState:
    assert isinstance(view, StatusView)
    return view.vault


async def test_from_nothing_to_unlocked_and_back(house: House) -> None:
    """Goal: each state says what it is and refuses what it must. Method: walk through all of them."""
    async with keeping(house) as keeper:
        assert vault(await status(keeper)) is VaultState.ABSENT
        assert isinstance(await ask(keeper, ShowIdentity()), NoVault)
        made = await ask(keeper, CreateVault(name="Ana", passphrase="p" * 8))
        assert isinstance(made, StatusView)
        assert (made.vault, made.name, made.version, made.process) == (VaultState.UNLOCKED, "Ana", "9", 77)
        assert len(made.listening) == 1
        assert await ask(keeper, ShowIdentity()) == ANA
        assert vault(await ask(keeper, Lock())) is VaultState.LOCKED
        locked = await status(keeper)
        assert (locked.name, locked.listening) == ("", ())
        assert isinstance(await ask(keeper, ShowIdentity()), Locked)
        assert house.cabinet.shelf.closed
        assert vault(await ask(keeper, Lock())) is VaultState.LOCKED
        assert vault(await ask(keeper, Unlock(passphrase="p" * 8))) is VaultState.UNLOCKED
        assert await ask(keeper, ShowIdentity()) == ANA
    assert house.cabinet.opened == 2
    assert house.cabinet.shelf.closed
    assert all(key.closed for key in house.cabinet.keys)
    assert [notice.kind for notice in house.notices] == [NoticeKind.STATUS] * 4


async def test_unlocking_what_is_open_checks_the_passphrase_and_opens_nothing(house: House) -> None:
    """Goal: no second store, and no wrong phrase that seems right. Method: unlock twice, right and wrong."""
    house.cabinet.passphrase = "right"
    async with keeping(house) as keeper:
        await ask(keeper, Unlock(passphrase="right"))
        assert vault(await ask(keeper, Unlock(passphrase="right"))) is VaultState.UNLOCKED
        assert isinstance(await ask(keeper, Unlock(passphrase="wrong")), WrongPassphrase)
        assert vault(await status(keeper)) is VaultState.UNLOCKED
    assert house.cabinet.opened == 1
    assert all(key.closed for key in house.cabinet.keys)


async def test_a_wrong_passphrase_slows_the_next_try(house: House) -> None:
    """Goal: one try a second. Method: count the pauses before tries, of both commands that take one."""
    house.cabinet.passphrase = "right"
    async with keeping(house) as keeper:
        assert isinstance(await ask(keeper, Unlock(passphrase="wrong")), WrongPassphrase)
        assert house.pauses == []
        assert isinstance(await ask(keeper, Unlock(passphrase="wrong")), WrongPassphrase)
        assert house.pauses == [ATTEMPT_PAUSE_S]
        wrong = ChangePassphrase(old="wrong", new="n" * 8)
        assert isinstance(await ask(keeper, wrong), WrongPassphrase)
        assert house.pauses == [ATTEMPT_PAUSE_S] * 2
        assert vault(await ask(keeper, Unlock(passphrase="right"))) is VaultState.UNLOCKED
        assert house.pauses == [ATTEMPT_PAUSE_S] * 3
        assert await ask(keeper, ChangePassphrase(old="right", new="n" * 8)) == Done()
        assert house.pauses == [ATTEMPT_PAUSE_S] * 3
    assert house.cabinet.passphrase == "n" * 8


async def test_a_store_that_does_not_open_leaves_the_vault_locked(house: House) -> None:
    """Goal: damage is answered in the user's words. Method: an opening that fails, then one that does not."""
    house.cabinet.passphrase = "right"
    house.cabinet.shelf.fail_opening = Corrupt("The store is damaged.")
    async with keeping(house) as keeper:
        answer = await ask(keeper, Unlock(passphrase="right"))
        assert isinstance(answer, Corrupt)
        assert vault(await status(keeper)) is VaultState.LOCKED
        house.cabinet.shelf.fail_opening = None
        assert vault(await ask(keeper, Unlock(passphrase="right"))) is VaultState.UNLOCKED
    assert house.notes == ["store-failed corrupt"]


async def test_locking_answers_what_the_node_still_owes(house: House) -> None:
    """Goal: a lock leaves nobody waiting. Method: a question the node sits on."""
    house.cabinet.passphrase = "right"
    house.mute = True
    async with keeping(house) as keeper:
        await ask(keeper, Unlock(passphrase="right"))
        waiting = asyncio.create_task(ask(keeper, GetCounters()))
        await asyncio.sleep(0)
        await ask(keeper, Lock())
        assert isinstance(await waiting, Locked)


async def test_the_port_stays_the_same_after_lock_and_restart(house: House) -> None:
    """Goal: hints stay true. Method: unlock, lock, unlock, then a new keeper in the same home."""
    house.cabinet.passphrase = "right"
    for _ in range(2):
        async with keeping(house) as keeper:
            await ask(keeper, Unlock(passphrase="right"))
            await ask(keeper, Lock())
            await ask(keeper, Unlock(passphrase="right"))
    assert len(set(house.hints)) == 1
    hint = house.hints[0][0]
    assert address.is_loopback(address.parse(hint)[0])
    kept = house.home / FILE_NAME
    assert kept.read_text() == f"{hint}\n"


async def test_a_taken_port_is_replaced_on_loopback_and_told_elsewhere(house: House) -> None:
    """Goal: a squatter stops nothing. Method: take the port, on loopback and on all addresses."""
    house.cabinet.passphrase = "right"
    squatter = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = squatter.sockets[0].getsockname()[1]
    async with keeping(house, f"127.0.0.1:{port}") as keeper:
        await ask(keeper, Unlock(passphrase="right"))
        (hint,) = (await status(keeper)).listening
        assert address.parse(hint)[1] != port
    async with keeping(house, f"0.0.0.0:{port}") as keeper:
        await ask(keeper, Unlock(passphrase="right"))
        assert (await status(keeper)).listening == ()
    assert house.notes[0].startswith("listen-failed errno ")
    squatter.close()


async def test_a_stopping_daemon_opens_nothing(house: House) -> None:
    """Goal: an unlock cannot outrun the end. Method: stop, then unlock."""
    house.cabinet.passphrase = "right"
    async with keeping(house) as keeper:
        assert await ask(keeper, StopDaemon()) == Done()
        assert keeper.stopping.is_set()
        assert isinstance(await ask(keeper, Unlock(passphrase="right")), DaemonUnreachable)
    assert house.cabinet.opened == 0
    assert all(key.closed for key in house.cabinet.keys)
