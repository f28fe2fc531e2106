"""A relay on a socket: the desk behind the same listener that nodes have.

Law: whoever was not given the relay's text learns nothing, not even that a relay is there. Nothing of a link
is written anywhere: no address, no time, no count that outlives the process.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import Final

from meshcoal.clock import DAY_MS, MINUTE_MS
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.kem import MLKEM768
from meshcoal.errors import DiskFull, RemoteError
from meshcoal.limits import ANSWERS_AT_ONCE_MAX, HANDSHAKE_TIMEOUT_MS, RELAY_DEPOSITS_UNDER_WAY_MAX
from meshcoal.net.admission import Admission, LinkLimits
from meshcoal.net.link import CLOSED, Link, Tasks
from meshcoal.net.listener import Listener
from meshcoal.net.websocket import Patience
from meshcoal.relay.desk import Desk, DeskLimits, Visit
from meshcoal.relay.store import Store
from meshcoal.sync.knock import Knocks
from meshcoal.sync.session import Tools
from meshcoal.wire.message import Message
from meshcoal.wire.relaying import Answers, Deposit, Deposited, SeveralDeposits

_LOOK_EVERY_MS: Final = MINUTE_MS


class _Guest:
    """A link and what is under way for it."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.visit: Visit | None = None
        self.room = asyncio.Semaphore(RELAY_DEPOSITS_UNDER_WAY_MAX)
        self.gone = False
        self.answers: list[Deposited] = []  # that are about to be said
        self.late: asyncio.TimerHandle | None = None


class RelayServer:
    """Serves until its task group is cancelled. It is a `net.link.Sink`."""

    def __init__(
        self,
        *,
        store: Store,
        static: AgreementKey,
        passing: bytes,
        entropy: Entropy,
        tasks: Tasks,
        now_ms: Callable[[], int],
        links: LinkLimits | None = None,
        limits: DeskLimits | None = None,
    ) -> None:
        self._store = store
        self._tasks = tasks
        self._now_ms = now_ms
        self._limits = limits or DeskLimits()
        tools = Tools(entropy=entropy, kem=MLKEM768(), knocks=Knocks())
        self._desk = Desk(store=store, static=static, passing=passing, tools=tools, limits=self._limits)
        self._guests: dict[int, _Guest] = {}
        self._listener = Listener(
            sink=self,
            tasks=tasks,
            numbers=itertools.count(1),
            admission=Admission(links or LinkLimits()),
            patience=Patience(),
        )

    async def open(self, host: str, port: int) -> int:
        """Listen, and look after what is kept. Returns the port. Raises `OSError`."""
        bound = await self._listener.open(host, port)
        self._tasks.create_task(self._look_after())
        return bound

    async def close(self) -> None:
        """Take no more links, and end those that stand."""
        await self._listener.close()
        for guest in list(self._guests.values()):
            guest.link.close(CLOSED)

    async def _look_after(self) -> None:
        while True:
            await self._store.expire(self._now_ms() - self._limits.days * DAY_MS)
            await self._desk.look()
            await asyncio.sleep(_LOOK_EVERY_MS / 1_000)

    # --- As a sink

    async def link_up(self, link: Link, dial: int | None) -> None:
        guest = self._guests[link.number] = _Guest(link)
        guest.visit = self._desk.enter(lambda message: self._say(guest, message), self._now_ms())
        loop = asyncio.get_running_loop()
        guest.late = loop.call_later(HANDSHAKE_TIMEOUT_MS / 1_000, self._too_late, guest)

    @staticmethod
    def _too_late(guest: _Guest) -> None:
        visit = guest.visit
        if visit is None or visit.session is None or not visit.session.established:
            guest.link.close(CLOSED)

    async def frame(self, link: Link, data: bytes) -> None:
        guest = self._guests.get(link.number)
        if guest is None or guest.visit is None:
            return
        try:
            answers, messages = self._desk.read(guest.visit, data, self._now_ms())
            for answer in answers:
                link.send(answer)
            for message in messages:
                if isinstance(message, (Deposit, SeveralDeposits)):
                    for one in message.deposits if isinstance(message, SeveralDeposits) else (message,):
                        await guest.room.acquire()
                        self._tasks.create_task(self._take(guest, one))
                else:
                    await self._desk.hear(guest.visit, message, self._now_ms())
        except RemoteError:
            link.close(CLOSED)

    async def _take(self, guest: _Guest, message: Deposit) -> None:
        assert guest.visit is not None
        try:
            await self._desk.hear(guest.visit, message, self._now_ms())
        except (RemoteError, DiskFull):
            guest.link.close(CLOSED)
        finally:
            guest.room.release()

    def _say(self, guest: _Guest, message: Message) -> None:
        """Answers to deposits wait for others that are known in the same moment: they go in one message."""
        if isinstance(message, Deposited):
            guest.answers.append(message)
            if len(guest.answers) == 1:
                asyncio.get_running_loop().call_soon(self._tell, guest)
            elif len(guest.answers) == ANSWERS_AT_ONCE_MAX:
                self._tell(guest)
            return
        self._tell(guest)  # what follows may rest on it
        self._write(guest, message)

    def _tell(self, guest: _Guest) -> None:
        answers, guest.answers = guest.answers, []
        if answers:
            self._write(guest, Answers(answers=tuple(answers)) if len(answers) > 1 else answers[0])

    def _write(self, guest: _Guest, message: Message) -> None:
        visit = guest.visit
        if guest.gone or visit is None or visit.session is None:
            return
        for frame in visit.session.write(message, self._now_ms()):
            guest.link.send(frame)

    def link_down(self, link: Link, code: str) -> None:
        guest = self._guests.pop(link.number, None)
        if guest is not None and guest.visit is not None:
            guest.gone = True
            self._desk.leave(guest.visit)
            if guest.late is not None:
                guest.late.cancel()

    def dial_failed(self, dial: int, code: str) -> None:
        raise AssertionError("a relay dials nobody")

    def refused(self, code: str) -> None:
        """Nothing is counted."""
