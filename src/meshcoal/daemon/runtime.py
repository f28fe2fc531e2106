"""Runs the core: events in, one transaction a batch, then what the core asked for.

Law: disk before wire. Nothing is sent, answered or dialled before the changes of the same batch are
committed, and no frame leaves and no change is answered as done before all that was ever committed outlives
a power cut. If they cannot be committed, none of it happens: the disk stays as it was, the commands of the
batch are answered with the disk's error, links are closed, and the core is rebuilt from the disk, because its
memory is ahead of it. The core and the store live on one thread of their own, so no disk ever stops the loop.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import Executor
from typing import Any, Final, Protocol

from meshcoal.api.commands import Command
from meshcoal.api.views import Notice
from meshcoal.daemon.alarms import Alarms
from meshcoal.daemon.intake import Intake
from meshcoal.daemon.perform import Performer
from meshcoal.daemon.server import Respond
from meshcoal.errors import Locked, NoNetwork, StoreError
from meshcoal.log.changes import Change
from meshcoal.log.reader import LogReader
from meshcoal.net.lan import Watcher
from meshcoal.net.link import CLOSED, Link, Tasks
from meshcoal.node.effects import Effect, OnionService, Persist, is_whole, must_last
from meshcoal.node.events import (
    CommandReceived,
    DialFailed,
    Event,
    FrameReceived,
    LinkDown,
    LinkUp,
    Listening,
    NearbyBegan,
    NearbyFailed,
    NearbyMoved,
    Sent,
    Sighted,
    TimerFired,
    Used,
)

BATCH_EVENTS_MAX: Final = 64
TIDY_EVERY_S: Final = 30.0  # traces of used keys and erased talk stay in the files so long


ERASE_EVERY_S: Final = 0.05  # while a campaign is being erased: half of the time is for the others


class Core(Protocol):
    """As much of `node.node.Node` as the shell uses."""

    def handle(self, event: Event, now_ms: int) -> tuple[Effect, ...]: ...


class StepStore(Protocol):
    """As much of `store.store.Store` as the shell uses. After a `StoreError` the step is rolled back."""

    @property
    def reader(self) -> LogReader: ...

    def begin(self) -> None: ...

    def apply(self, changes: Sequence[Change], /) -> None: ...

    def commit_step(self, *, lasting: bool = True, whole: bool = True) -> None: ...

    def rollback(self) -> None: ...

    def tidy(self) -> bool: ...

    def close(self) -> None: ...


class LocalNetwork(Protocol):
    """As much of `net.lan.Lan` as the shell uses."""

    def announce(self, data: bytes) -> None: ...

    def hush(self) -> None: ...


Recover = Callable[[LogReader, int], tuple[Core, tuple[Effect, ...]]]
Dial = Callable[[int, str, bytes], Coroutine[Any, Any, None]]


class Runtime:
    """One node at work. Implements `net.link.Sink` for its links and takes its users' commands."""

    def __init__(
        self,
        *,
        store: StepStore,
        recover: Recover,
        thread: Executor,
        now_ms: Callable[[], int],
        publish: Callable[[Notice], None],
        tasks: Tasks,
        intake: Intake | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        serve: Callable[[tuple[OnionService, ...]], None] = lambda _: None,
    ) -> None:
        """`thread` has one worker, on which `store` was opened. `serve` hears what is to be found in Tor."""
        self._store = store
        self._recover_core = recover
        self._thread = thread
        self._now_ms = now_ms
        self._tasks = tasks
        self._core: Core | None = None
        self._whole = True  # nothing is owed to what was written so far
        self._intake = intake or Intake()
        self._pause = pause
        self._numbers = itertools.count(1)
        self._listening = Listening(hints=())
        self._dials: dict[int, asyncio.Task[None]] = {}
        self._dialler: Dial | None = None
        self._lan: LocalNetwork | None = None
        self._performer = Performer(
            alarms=Alarms(lambda key: self._intake.push(TimerFired(key=key)), now_ms),
            dial=self._dial,
            publish=publish,
            seat=self._intake.seat,
            sent=lambda number: self._intake.push(Sent(link=number)),
            announce=self._announce,
            hush=self._hush,
            serve=serve,
        )
        self.watcher = Watcher(
            began=lambda: self._intake.push(NearbyBegan()),
            failed=lambda code: self._intake.push(NearbyFailed(code=code)),
            moved=lambda: self._intake.push(NearbyMoved()),
            sighted=lambda data, hints: self._intake.push(Sighted(data=data, hints=hints)),
        )

    # --- What goes in

    async def submit(self, command: Command, respond: Respond, client: int = 0) -> None:
        """Hand a command to the core; clients take turns."""
        request = next(self._numbers)
        self._performer.requests[request] = respond
        taken = self._intake.command(CommandReceived(request=request, command=command), client)
        if not taken and self._performer.requests.pop(request, None) is not None:
            respond(Locked("The vault was locked before this was done. Unlock it and try again."))

    def listening(self, hints: tuple[str, ...], *, onion: bool = False, direct: bool = True) -> None:
        """Tell the core where links come in now, and which ways are open."""
        self._listening = Listening(hints=hints, onion=onion, direct=direct)
        self._intake.push(self._listening)

    def close_links(self, transport: str) -> None:
        """Hang up on all links of one kind."""
        for link in list(self._performer.links.values()):
            if link.transport == transport:
                link.close(CLOSED)

    async def link_up(self, link: Link, dial: int | None) -> None:
        self._performer.links[link.number] = link
        if dial is not None:
            self._dials.pop(dial, None)
        if not await self._intake.put(LinkUp(link=link.number, dial=dial, transport=link.transport)):
            link.close(CLOSED)

    async def frame(self, link: Link, data: bytes) -> None:
        if self._performer.links.get(link.number) is link:
            await self._intake.put(FrameReceived(link=link.number, data=data))

    def link_down(self, link: Link, code: str) -> None:
        if self._performer.lose(link.number):
            self._intake.end(LinkDown(link=link.number, code=code))

    def dial_failed(self, dial: int, code: str) -> None:
        self._intake.push(DialFailed(dial=dial, code=code))

    def refused(self, code: str) -> None:
        self._intake.refuse(code)

    def used(self, count_bytes: int) -> None:
        """Tell the core how much went through sockets."""
        self._intake.push(Used(count_bytes=count_bytes))

    # --- The work

    async def start(self, dialler: Dial, lan: LocalNetwork | None = None) -> None:
        """Rebuild the core from the store, and do what it asks for. Raises `StoreError`."""
        self._dialler = dialler
        self._lan = lan
        loop = asyncio.get_running_loop()
        self._perform(await loop.run_in_executor(self._thread, self._recover))

    async def run(self) -> None:
        """Work until `stop`. Raises `StoreError` when the core cannot be rebuilt after a failed step."""
        loop = asyncio.get_running_loop()
        tidying = asyncio.create_task(self._tidy_now_and_then())
        tidying.add_done_callback(lambda _: self._intake.close())  # a store that cannot be used any longer
        try:
            while batch := await self._intake.take(BATCH_EVENTS_MAX):
                effects, error = await loop.run_in_executor(self._thread, self._step, batch)
                if error is not None:
                    self._start_over(error)
                self._perform(effects)
            if tidying.done():
                await tidying
        finally:
            tidying.cancel()

    async def _tidy_now_and_then(self) -> None:
        """On the core's thread, so between two steps and never within one."""
        loop = asyncio.get_running_loop()
        while True:
            await self._pause(TIDY_EVERY_S)
            while await loop.run_in_executor(self._thread, self._store.tidy):
                await self._pause(ERASE_EVERY_S)

    def stop(self) -> None:
        """Finish the batch in progress, then let `run` return. What still waits is not done."""
        self._intake.close()

    def hang_up(self, error: StoreError | Locked) -> None:
        """After `run`: close links, drop dials and timers, answer what is open with `error`."""
        self.stop()
        self._drop()
        self._performer.fail(error)

    def _start_over(self, error: StoreError) -> None:
        # The new core knows nothing of links, dials and timers of the old one.
        self._drop()
        waiting = self._intake.keep_commands()
        self._performer.fail(error, but=waiting)
        self._intake.push(self._listening)

    def _announce(self, data: bytes) -> None:
        if self._lan is None:
            self._intake.push(NearbyFailed(code=NoNetwork.code))
        else:
            self._lan.announce(data)

    def _hush(self) -> None:
        if self._lan is not None:
            self._lan.hush()

    def _drop(self) -> None:
        self._hush()
        self._performer.hang_up()
        for task in self._dials.values():
            task.cancel()
        self._dials.clear()

    def _perform(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            self._performer.perform(effect)

    def _dial(self, dial: int, hint: str, apart: bytes) -> None:
        assert self._dialler is not None
        task = self._tasks.create_task(self._dialler(dial, hint, apart))
        self._dials[dial] = task
        task.add_done_callback(lambda _: self._forget_dial(dial, task))

    def _forget_dial(self, dial: int, task: asyncio.Task[None]) -> None:
        if self._dials.get(dial) is task:
            del self._dials[dial]

    # --- On the core's thread

    def _recover(self) -> list[Effect]:
        self._whole = True
        self._core, effects = self._recover_core(self._store.reader, self._now_ms())
        rest: list[Effect] = []
        self._store.begin()
        try:
            self._apply(effects, rest)
            self._store.commit_step()
        except BaseException:
            self._store.rollback()
            raise
        return rest

    def _step(self, batch: list[Event]) -> tuple[list[Effect], StoreError | None]:
        assert self._core is not None
        rest: list[Effect] = []
        lasting = False
        try:
            self._store.begin()
            for event in batch:
                effects = self._core.handle(event, self._now_ms())
                lasting = lasting or must_last(effects)
                self._whole = is_whole(effects, self._whole)
                self._apply(effects, rest)
            self._store.commit_step(lasting=lasting, whole=self._whole)
        except StoreError as error:
            self._store.rollback()
            return self._recover(), error
        except BaseException:
            self._store.rollback()
            raise
        return rest, None

    def _apply(self, effects: Sequence[Effect], rest: list[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Persist):
                self._store.apply(effect.changes)
            else:
                rest.append(effect)
