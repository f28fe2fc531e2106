"""Two ends for tests of links: sinks that remember what they were told, and a pair of real WebSocket ends."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from meshcoal.net.admission import Admission, LinkLimits
from meshcoal.net.dialer import Dialer
from meshcoal.net.link import Link
from meshcoal.net.listener import Listener
from meshcoal.net.websocket import Patience

HOST = "127.0.0.1"


@dataclass(eq=False)
class Ear:
    """A sink that keeps everything; `gate` holds frames back as a full queue would."""

    ups: asyncio.Queue[tuple[Link, int | None]] = field(default_factory=asyncio.Queue)
    frames: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    downs: asyncio.Queue[tuple[Link, str]] = field(default_factory=asyncio.Queue)
    failures: asyncio.Queue[tuple[int, str]] = field(default_factory=asyncio.Queue)
    refusals: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    story: list[str] = field(default_factory=list)  # up, frame, down of all links, in order

    def __post_init__(self) -> None:
        self.gate.set()

    async def link_up(self, link: Link, dial: int | None) -> None:
        self.story.append("up")
        await self.ups.put((link, dial))

    async def frame(self, link: Link, data: bytes) -> None:
        await self.gate.wait()
        self.story.append("frame")
        await self.frames.put(data)

    def link_down(self, link: Link, code: str) -> None:
        self.story.append("down")
        self.downs.put_nowait((link, code))

    def dial_failed(self, dial: int, code: str) -> None:
        self.failures.put_nowait((dial, code))

    def refused(self, code: str) -> None:
        self.refusals.put_nowait(code)


class WebSocketGround:
    """A listener and a dialer on loopback, each with its own ear."""

    def __init__(
        self,
        *,
        limits: LinkLimits | None = None,
        patience: Patience | None = None,
        dial_timeout_ms: int = 10_000,
    ) -> None:
        self.near = Ear()  # dials
        self.far = Ear()  # listens
        self.port = 0
        self.admission = Admission(limits or LinkLimits())
        self._patience = patience or Patience()
        self._dial_timeout_ms = dial_timeout_ms
        self._numbers = itertools.count(1)
        self._stop = asyncio.Event()
        self._held: list[Link] = []

    async def __aenter__(self) -> WebSocketGround:
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._keeper = asyncio.create_task(self._keep())
        await self._opened
        return self

    async def __aexit__(self, *_: object) -> None:
        self.near.gate.set()
        self.far.gate.set()
        self._stop.set()
        await self._keeper

    async def _keep(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            self.tasks = tasks
            self.listener = Listener(
                sink=self.far,
                tasks=tasks,
                numbers=self._numbers,
                admission=self.admission,
                patience=self._patience,
            )
            self.port = await self.listener.open(HOST, 0)
            self.dialer = Dialer(
                sink=self.near,
                numbers=self._numbers,
                admission=Admission(LinkLimits()),
                patience=self._patience,
                timeout_ms=self._dial_timeout_ms,
            )
            self._opened.set_result(None)
            await self._stop.wait()
            links = [*self._held, *_drained(self.near), *_drained(self.far)]
            for link in links:
                link.close("closed")
            await self.listener.close()
        await self.dialer.close()

    def dial(self, dial: int = 1, hint: str | None = None) -> asyncio.Task[None]:
        return self.tasks.create_task(self.dialer.dial(dial, hint or f"{HOST}:{self.port}"))

    async def connect(self) -> tuple[Link, Link]:
        """The dialling and the listening end of a new link."""
        self.dial()
        (near, _), (far, _) = await self.near.ups.get(), await self.far.ups.get()
        self._held += (near, far)
        return near, far


async def until(true: Callable[[], bool]) -> None:
    """Let the loop turn until something holds that has no event of its own."""
    while not true():  # noqa: ASYNC110
        await asyncio.sleep(0)


def _drained(ear: Ear) -> list[Link]:
    links = []
    while not ear.ups.empty():
        links.append(ear.ups.get_nowait()[0])
    return links
