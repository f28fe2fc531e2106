"""Two lines, joined by two pseudo-terminals and a pump between them that can lose and change bytes."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
from pathlib import Path

from linkwork import Ear

from meshcoal.crypto.entropy import OsEntropy
from meshcoal.net.line import Line
from meshcoal.net.link import Link
from meshcoal.net.serial import SerialPort
from meshcoal.net.websocket import Patience
from meshcoal.sync.nearby import ANNOUNCEMENT_BYTES

PUMPED_BYTES = 2_048


class Pump:
    """Carries bytes between the far ends of two pseudo-terminals, as a cable does."""

    def __init__(self) -> None:
        self.chance = random.Random(1)
        self.noise = 0.0  # of each piece that is carried: a byte of it is changed
        self.carried = bytearray()
        self.sent: dict[int, bytearray] = {}  # the same, by the far end that it came from
        self._ends = [os.openpty(), os.openpty()]
        self.devices = [Path(os.ttyname(inner)) for _, inner in self._ends]
        self._waiting: dict[int, bytearray] = {outer: bytearray() for outer, _ in self._ends}

    def start(self) -> None:
        loop = asyncio.get_running_loop()
        (one, _), (other, _) = self._ends
        for source, target in ((one, other), (other, one)):
            os.set_blocking(source, False)
            loop.add_reader(source, self._carry, source, target)

    def end(self) -> None:
        loop = asyncio.get_running_loop()
        for outer, inner in self._ends:
            loop.remove_reader(outer)
            loop.remove_writer(outer)
            os.close(outer)
            os.close(inner)

    def _carry(self, source: int, target: int) -> None:
        loop = asyncio.get_running_loop()
        try:
            data = bytearray(os.read(source, PUMPED_BYTES))
        except BlockingIOError:
            return
        self.carried += data
        self.sent.setdefault(source, bytearray()).extend(data)
        if self.chance.random() < self.noise:
            data[self.chance.randrange(len(data))] ^= 0x55
        self._waiting[target] += data
        # A full cable holds the sender back.
        loop.remove_reader(source)
        self._drain(source, target)

    def _drain(self, source: int, target: int) -> None:
        loop = asyncio.get_running_loop()
        waiting = self._waiting[target]
        try:
            while waiting:
                del waiting[: os.write(target, waiting)]
        except BlockingIOError:
            loop.add_writer(target, self._drain, source, target)
            return
        loop.remove_writer(target)
        loop.add_reader(source, self._carry, source, target)


class LineGround:
    """A line and its other end, each with its own ear."""

    def __init__(self, patience: Patience | None = None) -> None:
        self.near = Ear()
        self.far = Ear()
        self.sighted: asyncio.Queue[bytes] = asyncio.Queue()
        self.pump = Pump()
        self._patience = patience or Patience()
        self._numbers = itertools.count(1)
        self._stop = asyncio.Event()
        self._held: list[Link] = []

    async def __aenter__(self) -> LineGround:
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
        self.pump.start()
        async with asyncio.TaskGroup() as tasks:
            self.tasks = tasks
            self.lines = [
                Line(
                    SerialPort(device),
                    sink=ear,
                    tasks=tasks,
                    numbers=self._numbers,
                    patience=self._patience,
                    entropy=OsEntropy(),
                    sighted=self.sighted.put_nowait,
                )
                for device, ear in zip(self.pump.devices, (self.near, self.far), strict=True)
            ]
            for place, line in enumerate(self.lines):
                tasks.create_task(line.run())
                line.announce(bytes([place]) * ANNOUNCEMENT_BYTES)
            self._opened.set_result(None)
            await self._stop.wait()
            for link in self._held:
                link.close("closed")
            await asyncio.sleep(0)
            for line in self.lines:
                line.close()
        self.pump.end()

    def dial(self, dial: int = 1) -> asyncio.Task[None]:
        return self.tasks.create_task(self.lines[0].dial(dial))

    async def connect(self) -> tuple[Link, Link]:
        """The dialling and the listening end of a new link."""
        self.dial()
        (near, _), (far, _) = await self.near.ups.get(), await self.far.ups.get()
        self._held += (near, far)
        return near, far
