"""A real daemon as a process, that can be killed at any moment, and a client of it."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import meshcoal
from meshcoal.api.commands import (
    AcceptInvitation,
    Admit,
    Command,
    ConfirmWords,
    FoundCampaign,
    ListCampaigns,
    ListIntroductions,
    MakeInvitation,
    Role,
    Seat,
    Unlock,
)
from meshcoal.api.views import (
    CampaignsView,
    CampaignView,
    ContactView,
    IntroductionState,
    IntroductionsView,
    IntroductionView,
    InvitationView,
    StatusView,
)
from meshcoal.client.connection import Client
from meshcoal.daemon.backing import HomeBacking
from meshcoal.daemon.main import now_ms
from meshcoal.errors import DaemonUnreachable
from meshcoal.limits import ARGON2_MEMORY_MIN_KIB, INVITATION_LIFETIME_MS
from meshcoal.wire.record import Record

V = TypeVar("V", bound=Record)

SOURCE = Path(meshcoal.__path__[0]).parent
PATIENCE_S = 60.0
LOOK_S = 0.2


def environment(temporary: Path) -> dict[str, str]:
    """Of a process that finds this code, and neither home nor temporary files of the user's."""
    return {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(SOURCE),
        "HOME": str(temporary / "nobody"),
        "TMPDIR": str(temporary),
        "LANG": "C.UTF-8",
    }


class RealNode:
    """A home, and its daemon while it runs. Standard error goes to a file."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.home = folder / name
        self.noise = folder / f"{name}.stderr"
        self.folder = folder
        self.passphrase = f"correct horse battery {name}"
        self.process: subprocess.Popen[bytes] | None = None
        self.client: Client | None = None

    def make_vault_cheaply(self) -> None:
        """A vault at the least cost that is allowed, for tests that unlock often."""
        self.home.mkdir(mode=0o700)
        backing = HomeBacking(self.home, memory_kib=ARGON2_MEMORY_MIN_KIB)
        backing.create(name=self.name, passphrase=self.passphrase, now_ms=now_ms()).close()

    def launch(self) -> None:
        with self.noise.open("ab") as noise:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "meshcoal.daemon", "--home", str(self.home)],
                stdin=subprocess.DEVNULL,
                stdout=noise,
                stderr=noise,
                env=environment(self.folder),
                start_new_session=True,
            )

    async def connect(self) -> None:
        self.client = await Client.connect(self.home, patience_ms=int(PATIENCE_S * 1000))

    async def start(self) -> None:
        self.launch()
        await self.connect()

    async def unlock(self) -> None:
        await self.ask(Unlock(passphrase=self.passphrase), StatusView)

    async def ask(self, command: Command, view: type[V]) -> V:
        if self.client is None:
            raise DaemonUnreachable("not connected")
        answer = await self.client.send(command)
        assert isinstance(answer, view), (command, answer)
        return answer

    async def kill(self) -> None:
        """As a power cut does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        await self.hang_up()

    async def stop(self) -> int:
        """As the system does when it shuts down. Returns the exit code."""
        await self.hang_up()
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.to_thread(self.process.wait, PATIENCE_S)

    async def hang_up(self) -> None:
        client, self.client = self.client, None
        if client is not None:
            await client.close()


async def until(lacking: Callable[[], Awaitable[object]], *, patience_s: float = PATIENCE_S) -> None:
    """Look again until nothing is lacking; the last thing that was is in the failure."""
    loop = asyncio.get_running_loop()
    end = loop.time() + patience_s
    while missing := await lacking():
        assert loop.time() < end, missing
        await asyncio.sleep(LOOK_S)


async def found(founder: RealNode, name: str = "Evin five") -> bytes:
    view = await founder.ask(
        FoundCampaign(name=name, goal="", my_name="", seat=Seat.EXILE, channels=("general",)), CampaignView
    )
    return view.id


async def introduced(node: RealNode, identifier: bytes, state: IntroductionState) -> IntroductionView:
    """Wait until an introduction has words to compare and stands at `state`."""
    seen: list[IntroductionView] = []

    async def lacking() -> str:
        listed = await node.ask(ListIntroductions(), IntroductionsView)
        seen[:] = [
            one for one in listed.introductions if one.id == identifier and one.state is state and one.words
        ]
        return "" if seen else f"{node.name} has no introduction that is {state}: {listed}"

    await until(lacking)
    return seen[0]


async def meet(host: RealNode, guest: RealNode, campaign: bytes, *, role: Role = Role.MEMBER) -> None:
    """From an invitation to a member, words compared on both sides."""
    invitation = await host.ask(
        MakeInvitation(campaign=campaign, seat=Seat.EXILE, lifetime_ms=INVITATION_LIFETIME_MS), InvitationView
    )
    accepted = await guest.ask(AcceptInvitation(text=invitation.text), IntroductionView)
    theirs = await introduced(guest, accepted.id, IntroductionState.WAITING)
    ours = await introduced(host, invitation.id, IntroductionState.ASKING)
    assert ours.words == theirs.words
    await host.ask(ConfirmWords(person=ours.person, match=True), ContactView)
    await guest.ask(ConfirmWords(person=theirs.person, match=True), ContactView)
    await host.ask(Admit(introduction=ours.id, seat=Seat.EXILE, role=role), CampaignView)

    async def lacking() -> str:
        listed = await guest.ask(ListCampaigns(), CampaignsView)
        return "" if any(one.members for one in listed.campaigns) else f"{guest.name} is not in yet"

    await until(lacking)
