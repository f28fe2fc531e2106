"""An unlocked node with its links: everything that exists only between unlock and lock.

Law: when `run` returns, no link, timer, task, thread or open store of the node is left.
"""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import itertools
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from meshcoal.api.commands import Command
from meshcoal.api.views import Notice, NoticeKind
from meshcoal.crypto.entropy import OsEntropy
from meshcoal.daemon import garbage
from meshcoal.daemon.lines import LineChoice
from meshcoal.daemon.listening import ListenAddress
from meshcoal.daemon.paths import Paths
from meshcoal.daemon.runtime import Recover, Runtime, StepStore
from meshcoal.daemon.server import Respond
from meshcoal.daemon.ways import Ways
from meshcoal.errors import Locked, StoreError
from meshcoal.net.admission import Admission, LinkLimits
from meshcoal.net.dialer import Dialer
from meshcoal.net.lan import Lan
from meshcoal.net.line import Line
from meshcoal.net.listener import Listener
from meshcoal.net.meter import Meter
from meshcoal.net.neighbours import Neighbours
from meshcoal.net.serial import SerialPort
from meshcoal.net.tor.status import TorStatus
from meshcoal.net.websocket import Patience

GOODBYE_TIMEOUT_S: Final = 5.0
LOOK_AROUND_S: Final = 60.0
USED_LOOK_S: Final = 0.5
USED_SOON_BYTES: Final = 64 * 1024  # so many are written down at once
USED_SELDOM: Final = 240  # and fewer after so many looks


class Hosting:
    """One node, from unlock to lock."""

    def __init__(
        self,
        *,
        open_store: Callable[[], StepStore],
        recover: Recover,
        home: Path,
        listen: ListenAddress,
        paths: Paths,
        lines: tuple[LineChoice, ...] = (),
        now_ms: Callable[[], int],
        publish: Callable[[Notice], None],
        note: Callable[[str], None],
    ) -> None:
        """`open_store` runs on the core's thread; `note` writes a line to the log."""
        self._open_store = open_store
        self._recover = recover
        self._home = home
        self._listen = listen
        self._paths = paths
        self._lines = lines
        self._ways: Ways | None = None
        self._now_ms = now_ms
        self._publish = publish
        self._note = note
        self._runtime: Runtime | None = None
        self._failure: StoreError | None = None
        self.up: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def hints(self) -> tuple[str, ...]:
        """Where links come in by plain addresses."""
        return self._ways.hints if self._ways is not None else ()

    @property
    def tor_status(self) -> TorStatus:
        return self._ways.tor_status if self._ways is not None else TorStatus()

    async def use(self, paths: Paths) -> None:
        """From now on these ways in and out."""
        self._paths = paths
        if self._ways is not None:
            await self._ways.use(paths)

    async def submit(self, command: Command, respond: Respond, client: int = 0) -> None:
        """Hand a command to the node, which is up."""
        assert self._runtime is not None
        await self._runtime.submit(command, respond, client)

    def stop(self) -> None:
        """Let `run` finish its step and return."""
        if self._runtime is not None:
            self._runtime.stop()

    async def run(self) -> StoreError | None:
        """Open the store and be a node until `stop`. `up` is set once commands are taken.

        Returns:
            What the disk said, where that ended it; `up` carries it too, where the node never came up.
        """
        loop = asyncio.get_running_loop()
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="core")
        try:
            store = await loop.run_in_executor(thread, self._open_store)
            try:
                await self._live(store, thread)
            finally:
                await asyncio.shield(loop.run_in_executor(thread, store.close))
        except StoreError as error:
            self._fail(error)
        finally:
            thread.shutdown(wait=False)
        return self._failure

    def _fail(self, error: StoreError) -> None:
        self._failure = error
        if not self.up.done():
            self.up.set_exception(error)
            self.up.exception()  # whoever asked may be gone

    async def _live(self, store: StepStore, thread: ThreadPoolExecutor) -> None:
        async with asyncio.TaskGroup() as group:
            crew = _Crew(group)
            runtime = Runtime(
                store=store,
                recover=self._recover,
                thread=thread,
                now_ms=self._now_ms,
                publish=self._publish,
                tasks=crew,
                serve=lambda services: ways.serve(services),  # noqa: PLW0108  (made below)
            )
            numbers = itertools.count(1)
            admission, patience, meter = Admission(LinkLimits()), Patience(), Meter()
            dialer = Dialer(
                sink=runtime, numbers=numbers, admission=admission, patience=patience, meter=meter
            )
            listener = Listener(
                sink=runtime, tasks=crew, numbers=numbers, admission=admission, patience=patience, meter=meter
            )
            heard = runtime.watcher
            lan = Lan(
                watcher=dataclasses.replace(
                    heard,
                    failed=lambda code: neighbours.lan_failed(code),  # noqa: PLW0108  (made below)
                ),
                sink=runtime,
                tasks=crew,
                numbers=numbers,
                admission=admission,
                patience=patience,
                entropy=OsEntropy(),
            )
            neighbours = Neighbours(
                lan=lan,
                lines={str(one): functools.partial(SerialPort, one.device, one.baud) for one in self._lines},
                new_line=lambda stream, sighted: Line(
                    stream,
                    sink=runtime,
                    tasks=crew,
                    numbers=numbers,
                    patience=patience,
                    entropy=OsEntropy(),
                    sighted=sighted,
                ),
                watcher=heard,
                sink=runtime,
                tasks=crew,
                dial=dialer.dial,
            )
            ways = Ways(
                home=self._home,
                listen=self._listen,
                listener=listener,
                dialer=dialer,
                neighbours=neighbours,
                heard=runtime,
                note=self._note,
                tell=lambda: self._publish(Notice(kind=NoticeKind.STATUS)),
            )
            ways.restrict(self._paths)
            aside: list[asyncio.Task[None]] = []
            reason: StoreError | Locked = Locked("The vault was locked before this was done.")
            try:
                await runtime.start(neighbours.dial, neighbours)
                self._runtime = runtime
                await ways.use(self._paths)
                self._ways = ways
                garbage.leave_out()
                aside += [group.create_task(_look_around(ways)), group.create_task(_watch(ways.failed))]
                aside.append(group.create_task(_tell_used(meter, runtime)))
                self.up.set_result(None)
                await runtime.run()
            except StoreError as error:
                reason = error
                self._fail(error)
            for task in aside:
                task.cancel()
            runtime.hang_up(reason)
            await neighbours.close()
            garbage.take_back()
            await crew.dismiss(GOODBYE_TIMEOUT_S)
            self._ways = None
            await ways.close()
            await dialer.close()


async def _look_around(ways: Ways) -> None:
    """A laptop changes networks; its peers are told where it is now."""
    while True:
        await asyncio.sleep(LOOK_AROUND_S)
        ways.look_around()


async def _tell_used(meter: Meter, runtime: Runtime) -> None:
    """Soon where much goes, else now and then: each is written down."""
    for turn in itertools.count(1):
        await asyncio.sleep(USED_LOOK_S)
        if meter.bytes >= USED_SOON_BYTES or (meter.bytes and turn % USED_SELDOM == 0):
            runtime.used(meter.take())


async def _watch(failed: asyncio.Future[None]) -> None:
    """In the daemon's own group, so that a bug in it ends the daemon."""
    await failed


class _Crew:
    """A task group whose members can be sent home."""

    def __init__(self, group: asyncio.TaskGroup) -> None:
        self._group = group
        self._members: set[asyncio.Task[None]] = set()

    def create_task(self, coroutine: Coroutine[Any, Any, None], /) -> asyncio.Task[None]:
        task = self._group.create_task(coroutine)
        self._members.add(task)
        task.add_done_callback(self._members.discard)
        return task

    async def dismiss(self, timeout_s: float) -> None:
        """Wait for everybody, and cancel whoever is still there after `timeout_s`."""
        members = set(self._members)
        if members:
            _, late = await asyncio.wait(members, timeout=timeout_s)
            for task in late:
                task.cancel()
