"""Opens and shuts the vault, and answers what concerns the daemon itself.

Law: there is at most one open vault; between `Lock` and `Unlock` the process holds nothing that opens it. A
wrong passphrase costs a second of everybody's tries, whoever made it.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from meshcoal.api.commands import (
    DAEMON_COMMANDS,
    ChangePassphrase,
    ChoosePaths,
    Command,
    CreateVault,
    GetStatus,
    GetTor,
    ListCampaigns,
    Lock,
    SetBridges,
    ShowBrowser,
    ShowIdentity,
    StartBrowser,
    StopBrowser,
    StopDaemon,
    SwitchTor,
    Unlock,
)
from meshcoal.api.views import (
    CampaignsView,
    CatchingUpView,
    Done,
    IdentityView,
    Notice,
    NoticeKind,
    StatusView,
    TorView,
    VaultState,
)
from meshcoal.daemon import path_desk
from meshcoal.daemon.backing import Backing, Secret
from meshcoal.daemon.lines import LineChoice
from meshcoal.daemon.listening import ListenAddress
from meshcoal.daemon.paths import Paths, PathsFile
from meshcoal.daemon.server import Answer, Respond
from meshcoal.daemon.showing import Showing
from meshcoal.errors import DaemonUnreachable, Locked, MeshcoalError, NoVault, VaultExists, WrongPassphrase
from meshcoal.wire.record import Record

if TYPE_CHECKING:
    from meshcoal.daemon.hosting import Hosting

ATTEMPT_PAUSE_S: Final = 1.0


class Keeper:
    """The desk of the daemon: its own commands are done here, the others by the node."""

    def __init__(
        self,
        *,
        home: Path,
        backing: Backing,
        paths: PathsFile,
        listen: ListenAddress,
        lines: tuple[LineChoice, ...] = (),
        version: str,
        process: int,
        now_ms: Callable[[], int],
        tasks: asyncio.TaskGroup,
        publish: Callable[[Notice], None],
        note: Callable[[str], None],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._home = home
        self._backing = backing
        self._paths = paths
        self._listen = listen
        self._lines = lines
        self._version = version
        self._process = process
        self._now_ms = now_ms
        self._tasks = tasks
        self._publish = publish
        self._note = note
        self._pause = pause
        self._turn = asyncio.Lock()  # one change of state at a time
        self._wrong = False  # the last passphrase was
        self._hosting: Hosting | None = None
        self._hosted: asyncio.Task[None] | None = None
        self._showing = Showing(home, note=note)
        self.stopping = asyncio.Event()

    async def submit(self, command: Command, respond: Respond, client: int = 0) -> None:
        if isinstance(command, DAEMON_COMMANDS):
            self._tasks.create_task(self._answer(command, respond))
        elif self._hosting is not None:
            await self._hosting.submit(command, respond, client)
        else:
            respond(await self._shut())

    async def close(self) -> None:
        """Lock, if the vault is open; end what we started."""
        await self._showing.stop()
        async with self._turn:
            await self._let_go()

    async def _answer(self, command: Command, respond: Respond) -> None:
        try:
            answer: Answer = await self._carry_out(command)
        except MeshcoalError as error:
            answer = error
        respond(answer)

    async def _carry_out(self, command: Command) -> Record:
        match command:
            case GetStatus():
                return await self._status()
            case StopDaemon():
                self.stopping.set()
                return Done()
            case CreateVault(name=name, passphrase=passphrase):
                async with self._turn:
                    if self._hosting is not None:
                        raise VaultExists("There is an identity in this home already, and its vault is open.")
                    await self._host(
                        await asyncio.to_thread(
                            self._backing.create, name=name, passphrase=passphrase, now_ms=self._now_ms()
                        )
                    )
                return await self._status()
            case Unlock(passphrase=passphrase):
                async with self._turn:
                    key: Secret = await self._tried(self._backing.unwrap, passphrase)
                    if self._hosting is None:
                        await self._host(key)
                    else:
                        key.close()
                return await self._status()
            case Lock():
                async with self._turn:
                    await self._let_go()
                return await self._status()
            case StartBrowser(language=language):
                return await self._showing.start(language)
            case ShowBrowser():
                return await self._showing.show()
            case StopBrowser():
                return await self._showing.stop()
            case GetTor():
                return self._tor()
            case SwitchTor() | SetBridges() | ChoosePaths():
                async with self._turn:
                    await self._use(path_desk.chosen(command, self._paths))
                return self._tor()
            case ChangePassphrase(old=old, new=new):
                async with self._turn:
                    await self._tried(self._backing.change_passphrase, old, new)
                return Done()
            case _:
                raise AssertionError(f"{type(command).__name__} is not the daemon's")

    async def _tried(self, attempt: Callable[..., Any], *passphrases: str) -> Any:
        if self._wrong:
            await self._pause(ATTEMPT_PAUSE_S)
        try:
            done = await asyncio.to_thread(attempt, *passphrases)
        except WrongPassphrase:
            self._wrong = True
            raise
        self._wrong = False
        return done

    async def _use(self, paths: Paths) -> None:
        if self._hosting is not None:
            await self._hosting.use(paths)
        self._tell()

    def _tor(self) -> TorView:
        status = self._hosting.tor_status if self._hosting is not None else None
        return path_desk.tor_view(self._paths.paths, status)

    async def _host(self, key: Secret) -> None:
        if self.stopping.is_set():
            key.close()
            raise DaemonUnreachable("The daemon is stopping.")
        # What links need takes 14 MiB, and Argon2 has just given back what it needed: never both at once.
        await asyncio.to_thread(importlib.import_module, "meshcoal.daemon.hosting")
        from meshcoal.daemon.hosting import Hosting

        hosting = Hosting(
            open_store=lambda: self._backing.open(key),
            recover=self._backing.recover,
            home=self._home,
            listen=self._listen,
            paths=self._paths.paths,
            lines=self._lines,
            now_ms=self._now_ms,
            publish=self._publish,
            note=self._note,
        )
        self._hosted = self._tasks.create_task(self._run(hosting))
        await hosting.up
        if not self._hosted.done():
            self._hosting = hosting
            self._tell()

    async def _run(self, hosting: Hosting) -> None:
        failure = await hosting.run()
        if failure is not None:
            self._note(f"store-failed {failure.code}")
        if self._hosting is hosting:
            self._hosting = None
            self._tell()

    async def _let_go(self) -> None:
        if self._hosting is not None and self._hosted is not None:
            self._hosting.stop()
            await asyncio.wait({self._hosted})

    async def _status(self) -> StatusView:
        name = ""
        listening: tuple[str, ...] = ()
        catching_up = CatchingUpView()
        if self._hosting is not None:
            listening = self._hosting.hints
            name = await self._name(self._hosting)
            catching_up = await self._catching_up(self._hosting)
        return StatusView(
            version=self._version,
            vault=await self._state(),
            name=name,
            process=self._process,
            listening=listening,
            catching_up=catching_up,
        )

    @staticmethod
    async def _catching_up(hosting: Hosting) -> CatchingUpView:
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        await hosting.submit(ListCampaigns(), answered.set_result)
        view = await answered
        seen = [one.catching_up for one in view.campaigns] if isinstance(view, CampaignsView) else []
        return CatchingUpView(
            coming=sum(one.coming for one in seen),
            waiting=sum(one.waiting for one in seen),
            taken=sum(one.taken for one in seen),
        )

    async def _name(self, hosting: Hosting) -> str:
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        await hosting.submit(ShowIdentity(), answered.set_result)
        identity = await answered
        return identity.name if isinstance(identity, IdentityView) else ""

    async def _state(self) -> VaultState:
        if self._hosting is not None:
            return VaultState.UNLOCKED
        there = await asyncio.to_thread(self._backing.exists)
        return VaultState.LOCKED if there else VaultState.ABSENT

    async def _shut(self) -> MeshcoalError:
        if await self._state() is VaultState.ABSENT:
            return NoVault("There is no identity on this machine yet. Make one first.")
        return Locked("The vault is locked. Unlock it first.")

    def _tell(self) -> None:
        self._publish(Notice(kind=NoticeKind.STATUS))
