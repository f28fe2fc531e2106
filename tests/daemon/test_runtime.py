"""The runtime: disk before wire, and a new start when the disk fails."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from meshcoal.api.commands import Command, GetCounters, ListPeers, Lock, ShowIdentity
from meshcoal.api.views import Done, Notice, NoticeKind
from meshcoal.daemon.runtime import ERASE_EVERY_S, TIDY_EVERY_S, Core, Runtime
from meshcoal.daemon.server import Answer
from meshcoal.errors import Corrupt, DiskFull, Locked
from meshcoal.log.reader import LogReader
from meshcoal.node.effects import (
    Dial,
    Effect,
    HangUp,
    Publish,
    Reply,
    SendFrame,
    SetTimer,
)
from meshcoal.node.events import (
    CommandReceived,
    DialFailed,
    Event,
    FrameReceived,
    LinkDown,
    LinkUp,
    Listening,
    Refused,
    TimerFired,
)

sys.path.insert(0, str(Path(__file__).parent))

from stand import Script, Shelf, Wire, change, one_thread, persist

Handle = Callable[[Event, int], tuple[Effect, ...]]
FULL = DiskFull("The disk is full.")


class Bench:
    """A runtime over a shelf and a scripted core. `story` has commits, sends and answers in order."""

    def __init__(self, runtime: Runtime, shelf: Shelf, running: asyncio.Task[None]) -> None:
        self.runtime = runtime
        self.shelf = shelf
        self.running = running
        self.story = shelf.story

    async def ask(self, command: Command) -> Answer:
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def respond(answer: Answer) -> None:
            self.story.append("answer")
            answered.set_result(answer)

        await self.runtime.submit(command, respond)
        return await answered

    async def link(self, number: int) -> Wire:
        wire = Wire(number, self.story)
        await self.runtime.link_up(wire, None)
        return wire


@asynccontextmanager
async def bench(
    do: Handle,
    *,
    shelf: Shelf | None = None,
    recover: Callable[[LogReader, int], tuple[Core, tuple[Effect, ...]]] | None = None,
    notices: list[Notice] | None = None,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncIterator[Bench]:
    shelf = shelf or Shelf()
    heard = notices if notices is not None else []

    async def dialler(dial: int, hint: str, apart: bytes) -> None:
        shelf.story.append(f"dial {dial} {hint}")
        runtime.dial_failed(dial, "dial-failed")

    with one_thread() as thread:
        async with asyncio.TaskGroup() as tasks:
            runtime = Runtime(
                store=shelf,
                recover=recover or (lambda reader, now_ms: (Script(do), ())),
                thread=thread,
                now_ms=lambda: 5,
                publish=heard.append,
                tasks=tasks,
                pause=pause,
            )
            await runtime.start(dialler)
            shelf.story.clear()
            running = tasks.create_task(runtime.run())
            yield Bench(runtime, shelf, running)
            runtime.stop()
            await running
            runtime.hang_up(Locked("locked"))


async def test_nothing_is_sent_or_answered_before_the_commit() -> None:
    """Goal: disk before wire. Method: a core that sends and answers first, and persists last."""

    def do(event: Event, now_ms: int) -> tuple[Effect, ...]:
        if isinstance(event, CommandReceived):
            return (
                SendFrame(link=7, data=b"hello"),
                Reply(request=event.request, answer=Done()),
                persist(b"1"),
                HangUp(link=7, code="closed"),
            )
        return ()

    async with bench(do) as it:
        await it.link(7)
        assert await it.ask(GetCounters()) == Done()
        assert it.story[-4:] == ["commit", "send 7 hello", "answer", "close 7 closed"]
        assert it.shelf.committed == [change(b"1")]


async def test_only_what_leaves_or_is_promised_waits_for_the_disk() -> None:
    """Goal: an fsync where it is owed. Method: a step that shows, one that sends, a question, a change."""
    does: dict[str, tuple[Effect, ...]] = {
        "show": (persist(b"1"), Publish(notice=Notice(kind=NoticeKind.MESSAGES)), SetTimer(key="t", at_ms=9)),
        "send": (SendFrame(link=7, data=b"hello"),),
    }

    def do(event: Event, now_ms: int) -> tuple[Effect, ...]:
        if isinstance(event, TimerFired):
            return does[event.key]
        if isinstance(event, CommandReceived):
            change = (persist(b"2"),) if isinstance(event.command, Lock) else ()
            return (*change, Reply(request=event.request, answer=Done()))
        return ()

    async with bench(do) as it:
        await it.link(7)
        await it.ask(GetCounters())  # the link is up
        it.story.clear()
        it.runtime._intake.push(TimerFired(key="show"))
        await it.ask(GetCounters())
        it.runtime._intake.push(TimerFired(key="send"))
        await it.ask(GetCounters())
        await it.ask(Lock())
        assert it.story == [
            "commit for now",
            "answer",
            "commit",
            "send 7 hello",
            "answer",
            "commit",
            "answer",
        ]


async def test_when_the_commit_fails_nothing_is_sent() -> None:
    """Goal: disk before wire, also without disk. Method: a failing commit under a send and an answer."""
    shelf = Shelf()
    cores: list[int] = []

    def do(event: Event, now_ms: int) -> tuple[Effect, ...]:
        if isinstance(event, CommandReceived) and event.command == ListPeers():
            return (Reply(request=event.request, answer=Done()),)
        if isinstance(event, CommandReceived):
            return (
                persist(b"lost"),
                SendFrame(link=7, data=b"x"),
                Reply(request=event.request, answer=Done()),
            )
        return ()

    def recover(reader: LogReader, now_ms: int) -> tuple[Core, tuple[Effect, ...]]:
        cores.append(len(cores))
        return Script(do), ()

    async with bench(do, shelf=shelf, recover=recover) as it:
        await it.link(7)
        assert await it.ask(ListPeers()) == Done()  # the link's own step is over
        shelf.fail_commits.append(FULL)
        assert isinstance(await it.ask(GetCounters()), DiskFull)
        assert not [line for line in it.story if line.startswith("send")]
        assert "close 7 closed" in it.story
        assert cores == [0, 1]
        assert await it.ask(GetCounters()) == Done()
        assert shelf.committed == [change(b"lost")]


async def test_a_new_start_forgets_links_timers_and_open_requests() -> None:
    """Goal: the new core is alone with the disk. Method: old link, timer, request; a failed commit."""
    shelf = Shelf()
    seen: list[list[Event]] = []

    def recover(reader: LogReader, now_ms: int) -> tuple[Core, tuple[Effect, ...]]:
        events: list[Event] = []
        seen.append(events)

        def do(event: Event, now_ms: int) -> tuple[Effect, ...]:
            events.append(event)
            match event:
                case CommandReceived(command=ListPeers()):
                    return (SetTimer(key="old", at_ms=10**12),)  # answered later, or never
                case CommandReceived(request=request):
                    return (persist(b"x"), Reply(request=request, answer=Done()))
                case _:
                    return ()

        return Script(do), ()

    async with bench(lambda event, now_ms: (), shelf=shelf, recover=recover) as it:
        it.runtime.listening(("127.0.0.1:7",))
        wire = await it.link(7)
        late = asyncio.create_task(it.ask(ListPeers()))
        await asyncio.sleep(0)
        assert await it.ask(ShowIdentity()) == Done()  # the steps before are over
        shelf.fail_commits.append(FULL)
        answer = await it.ask(GetCounters())
        assert isinstance(answer, DiskFull)
        assert isinstance(await late, DiskFull)
        await it.runtime.frame(wire, b"of yesterday")
        it.runtime.link_down(wire, "closed")
        assert await it.ask(GetCounters()) == Done()
        assert len(it.runtime._performer.alarms) == 0
    assert len(seen) == 2
    assert seen[1][0] == Listening(hints=("127.0.0.1:7",))
    assert not [event for event in seen[1] if isinstance(event, (LinkUp, FrameReceived, LinkDown))]


async def test_a_disk_that_stays_full_ends_the_node_with_its_error() -> None:
    """Goal: no endless rebuilding. Method: the commit of the recovery fails as well."""
    shelf = Shelf()

    def do(event: Event, now_ms: int) -> tuple[Effect, ...]:
        return (persist(b"x"),) if isinstance(event, CommandReceived) else ()

    async def scenario() -> None:
        async with bench(do, shelf=shelf, recover=lambda reader, now: (Script(do), (persist(b"r"),))) as it:
            shelf.fail_commits += [FULL, FULL]
            await it.ask(GetCounters())

    with pytest.raises(ExceptionGroup) as caught:
        await scenario()
    assert caught.group_contains(DiskFull)


async def test_a_bug_in_the_core_ends_everything_and_writes_nothing() -> None:
    """Goal: a failed assertion is never swallowed. Method: persist, then fail, in one batch."""
    shelf = Shelf()

    def do(event: Event, now_ms: int) -> tuple[Effect, ...]:
        assert not isinstance(event, TimerFired), "a bug"
        return (persist(b"half"),)

    async def scenario() -> None:
        async with bench(do, shelf=shelf) as it:
            it.runtime._intake.command(CommandReceived(request=1, command=GetCounters()))
            it.runtime._intake.push(TimerFired(key="x"))
            await it.running

    with pytest.raises(ExceptionGroup) as caught:
        await scenario()
    assert caught.group_contains(AssertionError, match="a bug")
    assert shelf.committed == []


async def test_a_batch_is_one_transaction_on_one_thread() -> None:
    """Goal: 64 events cost one commit, off the loop's thread. Method: push 64 at once, count."""

    def do(event: Event, now_ms: int) -> tuple[Effect, ...]:
        if isinstance(event, CommandReceived):
            return (persist(b"x"), Reply(request=event.request, answer=Done()))
        return (persist(b"x"),)

    async with bench(do) as it:
        for _ in range(63):
            it.runtime._intake.push(TimerFired(key="t"))
        await it.ask(GetCounters())
        assert it.story == ["commit", "answer"]
        assert len(it.shelf.committed) == 64
        assert len(it.shelf.threads) == 1
        assert threading.get_ident() not in it.shelf.threads


async def test_every_effect_is_performed_and_every_event_delivered() -> None:
    """Goal: the shell is complete. Method: one of each, in and out."""
    seen: list[Event] = []
    notices: list[Notice] = []
    out = (
        SetTimer(key="t", at_ms=0),
        Dial(dial=3, hint="127.0.0.1:1"),
        Publish(notice=Notice(kind=NoticeKind.PEERS)),
        SendFrame(link=99, data=b"to nobody"),
        HangUp(link=99, code="closed"),
    )

    def do(event: Event, now_ms: int) -> tuple[Effect, ...]:
        assert now_ms == 5
        seen.append(event)
        return (
            (*out, Reply(request=event.request, answer=Done())) if isinstance(event, CommandReceived) else ()
        )

    async with bench(do, notices=notices) as it:
        it.runtime.listening(("a:1",))
        wire = await it.link(7)
        await it.runtime.frame(wire, b"data")
        it.runtime.link_down(wire, "closed")
        it.runtime.link_down(wire, "closed")
        await it.runtime.frame(wire, b"late")
        it.runtime.refused("over-limit")
        await it.ask(GetCounters())
        while TimerFired(key="t") not in seen or DialFailed(dial=3, code="dial-failed") not in seen:  # noqa: ASYNC110
            await asyncio.sleep(0)
    assert notices == [Notice(kind=NoticeKind.PEERS)]
    assert "dial 3 127.0.0.1:1" in it.story
    links = [event for event in seen if isinstance(event, (LinkUp, FrameReceived, LinkDown))]
    assert links == [
        LinkUp(link=7, dial=None, transport="test"),
        FrameReceived(link=7, data=b"data"),
        LinkDown(link=7, code="closed"),
    ]
    assert seen.count(Refused(code="over-limit")) == 1
    assert Listening(hints=("a:1",)) in seen


async def test_stopping_answers_what_is_open() -> None:
    """Goal: a lock leaves no client waiting. Method: a command never answered, and one after the stop."""
    asked: list[asyncio.Task[Answer]] = []
    async with bench(lambda event, now_ms: ()) as it:
        asked.append(asyncio.create_task(it.ask(GetCounters())))
        await asyncio.sleep(0)
    assert isinstance(await asked[0], Locked)
    assert isinstance(await it.ask(GetCounters()), Locked)


async def test_a_store_that_cannot_be_read_does_not_start() -> None:
    """Goal: damage is said at unlock. Method: a recovery that finds it."""

    def recover(reader: LogReader, now_ms: int) -> tuple[Core, tuple[Effect, ...]]:
        raise Corrupt("The store is damaged.")

    with pytest.raises(ExceptionGroup) as caught:
        async with bench(lambda event, now_ms: (), recover=recover):
            pytest.fail("it runs")
    assert caught.group_contains(Corrupt)


async def test_the_store_is_tidied_between_steps() -> None:
    """Goal: traces go soon, on the store's own thread. Method: pauses that the test ends; steps meanwhile."""
    asked: list[float] = []
    turn = asyncio.Semaphore(0)

    async def pause(seconds: float) -> None:
        asked.append(seconds)
        await turn.acquire()

    def do(event: Event, now_ms: int) -> tuple[Effect, ...]:
        assert isinstance(event, CommandReceived)
        return persist(b"1"), Reply(request=event.request, answer=Done())

    async with bench(do, pause=pause) as it:
        for _ in range(3):
            await it.ask(GetCounters())
            turn.release()
            while it.story[-1] != "tidy":  # noqa: ASYNC110
                await asyncio.sleep(0)
        await it.ask(GetCounters())
        assert it.story == ["commit", "answer", "tidy"] * 3 + ["commit", "answer"]
    assert asked == [TIDY_EVERY_S] * 4
    assert TIDY_EVERY_S <= 30, "what the pages promise: within a minute"
    assert len(it.shelf.threads) == 1


async def test_a_large_erasure_lets_others_have_their_turn() -> None:
    """Goal: slices of an erasure come soon one after another, with steps between. Method: three of them."""
    asked: list[float] = []
    turn = asyncio.Semaphore(0)

    async def pause(seconds: float) -> None:
        asked.append(seconds)
        await turn.acquire()

    def do(event: Event, now_ms: int) -> tuple[Effect, ...]:
        assert isinstance(event, CommandReceived)
        return persist(b"1"), Reply(request=event.request, answer=Done())

    async with bench(do, shelf=Shelf(slices=3), pause=pause) as it:
        for _ in range(3):
            await it.ask(GetCounters())
            turn.release()
            while it.story[-1] != "tidy":  # noqa: ASYNC110
                await asyncio.sleep(0)
        await it.ask(GetCounters())
    assert asked == [TIDY_EVERY_S, ERASE_EVERY_S, ERASE_EVERY_S, TIDY_EVERY_S]


async def test_a_store_that_fails_while_tidied_ends_the_run() -> None:
    """Goal: a store that is gone is not used on. Method: a tidying that raises; nothing else happens."""
    shelf = Shelf()

    def tidy() -> bool:
        raise Corrupt("The store is damaged.")

    shelf.tidy = tidy  # type: ignore[method-assign]
    with pytest.raises(ExceptionGroup) as caught:
        async with bench(lambda event, now_ms: (), shelf=shelf, pause=lambda seconds: asyncio.sleep(0)) as it:
            await asyncio.wait({it.running})
    assert caught.group_contains(Corrupt)
