"""What one node's Tor keeps up: services, keys, its own standing; through restarts, and with false tors."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.onion import client_public, service_public
from meshcoal.errors import MalformedTor, TorAbsent, TorClock, TorOff, TorRefused, TorStuck
from meshcoal.net.tor.process import OwnTor, bridge_line, torrc
from meshcoal.net.tor.status import TorState, TorStatus
from meshcoal.net.tor.tor import CLIENTS_MAX, Tor, TorSetup
from meshcoal.node.effects import OnionService
from meshcoal.wire.onion import OnionHint, onion_name

sys.path.insert(0, str(Path(__file__).parent))

from faketor import FakeTor

SEED = bytes(range(32))
OTHER = bytes(range(1, 33))
CLIENT = client_public(bytes(range(2, 34)))
NAME = onion_name(service_public(SEED))


class Watched:
    """A Tor, what it told, and how long it would have paused."""

    def __init__(self, setup: TorSetup) -> None:
        self.heard: asyncio.Queue[TorStatus] = asyncio.Queue()
        self.pauses: list[float] = []
        self.may_go_on = asyncio.Semaphore(0)
        self.doors: list[bytes] = []
        self.tor = Tor(
            setup,
            entropy=SeededEntropy(bytes(32)),
            door=self._door,
            tell=self.heard.put_nowait,
            pause=self._pause,
        )

    async def _door(self, key: bytes) -> str:
        self.doors.append(key)
        return "127.0.0.1:9"

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await self.may_go_on.acquire()

    async def until(self, true: Callable[[TorStatus], bool]) -> TorStatus:
        while not true(self.tor.status):
            await self.heard.get()
        return self.tor.status


@asynccontextmanager
async def at_work(setup: TorSetup) -> AsyncIterator[Watched]:
    watched = Watched(setup)
    running = asyncio.create_task(watched.tor.run())
    try:
        yield watched
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def _grants(line: str) -> bytes | None:
    if line.startswith("ADD_ONION"):
        return f"250-ServiceID={NAME}\r\n250 OK\r\n".encode()
    return None


async def _told(tor: FakeTor, verb: str, times: int = 1) -> list[str]:
    while len(found := [line for line in tor.told if line.startswith(verb)]) < times:  # noqa: ASYNC110
        await asyncio.sleep(0)
    return found


async def test_a_service_is_added_with_its_clients_and_counted_once_published(tmp_path: Path) -> None:
    """Goal: only those who are authorised, and the truth about what can be found. Method: read the command;
    tell of uploads for this and for another address."""
    async with (
        FakeTor(tmp_path, answer=_grants).running() as fake,
        at_work(TorSetup(control=fake.control)) as at,
    ):
        at.tor.serve((OnionService(seed=SEED, clients=(CLIENT,)),))
        (line,) = await _told(fake, "ADD_ONION")
        assert " Flags=V3Auth " in line
        assert line.count("ClientAuthV3=") == 1
        assert "Port=80,127.0.0.1:9" in line
        assert at.tor.status.published == 0
        fake.say(
            f"650 HS_DESC UPLOADED {'a' * 56} UNKNOWN x\r\n650 HS_DESC UPLOADED {NAME} UNKNOWN x\r\n".encode()
        )
        status = await at.until(lambda one: one.published > 0)
        assert (status.services, status.published) == (1, 1)


async def test_a_service_without_clients_is_never_added(tmp_path: Path) -> None:
    """Goal: no service answers strangers. Method: ask for one without clients before one with."""
    async with (
        FakeTor(tmp_path, answer=_grants).running() as fake,
        at_work(TorSetup(control=fake.control)) as at,
    ):
        at.tor.serve((OnionService(seed=OTHER, clients=()), OnionService(seed=SEED, clients=(CLIENT,))))
        (line,) = await _told(fake, "ADD_ONION")
        assert at.doors == [service_public(SEED)]
        assert "ClientAuthV3" in line


async def test_changed_clients_are_served_anew_and_what_is_not_wanted_ends(tmp_path: Path) -> None:
    """Goal: a key taken back opens nothing. Method: change the clients, then want nothing."""
    async with (
        FakeTor(tmp_path, answer=_grants).running() as fake,
        at_work(TorSetup(control=fake.control)) as at,
    ):
        at.tor.serve((OnionService(seed=SEED, clients=(CLIENT,)),))
        await _told(fake, "ADD_ONION")
        at.tor.serve((OnionService(seed=SEED, clients=(client_public(OTHER),)),))
        first, second = await _told(fake, "ADD_ONION", 2)
        assert first != second
        at.tor.serve(())
        assert await _told(fake, "DEL_ONION", 2) == [f"DEL_ONION {NAME}"] * 2


async def test_after_a_restart_of_tor_all_is_added_anew(tmp_path: Path) -> None:
    """Goal: tor may end at any time. Method: end the conversation; it comes back after a pause, with services
    and keys as before."""
    theirs = OnionHint(service=service_public(OTHER), client=OTHER)
    ready = b'250-status/bootstrap-phase=NOTICE BOOTSTRAP PROGRESS=100 TAG=done SUMMARY="Done"\r\n250 OK\r\n'

    def answer(line: str) -> bytes | None:
        return ready if line == "GETINFO status/bootstrap-phase" else _grants(line)

    async with (
        FakeTor(tmp_path, answer=answer).running() as fake,
        at_work(TorSetup(control=fake.control)) as at,
    ):
        at.tor.serve((OnionService(seed=SEED, clients=(CLIENT,)),))
        for round_ in (1, 2):
            await at.until(lambda one: one.state is TorState.READY)
            await _told(fake, "ADD_ONION", round_)
            with pytest.raises(TorAbsent):  # there is no SOCKS port behind this one
                await at.tor.connect(theirs)
            added = await _told(fake, "ONION_CLIENT_AUTH_ADD", round_)
            assert "Permanent" not in added[-1]
            fake.writers[-1].close()
            status = await at.until(lambda one: one.state is TorState.FAILED)
            assert status.code == TorAbsent.code
            assert status.sentence
            with pytest.raises(TorOff):
                await at.tor.connect(theirs)
            at.may_go_on.release()


async def test_each_end_of_each_service_has_circuits_of_its_own(tmp_path: Path) -> None:
    """Goal: whoever serves cannot tell that two campaigns come from one device. Method: what tor is told for
    three ends of two services, twice."""
    ends = (b"", b"a" * 32, b"b" * 32)
    hints = [OnionHint(service=service_public(seed)) for seed in (SEED, OTHER)]
    async with at_work(TorSetup(control=tmp_path / "none")) as at:
        told = [at.tor.isolation(hint, apart) for hint in hints for apart in ends]
        assert len(set(told)) == 6
        assert told == [at.tor.isolation(hint, apart) for hint in hints for apart in ends]
        assert all(1 <= len(one) <= 255 and one.isascii() for one in told)


async def test_tries_are_spaced_wider_and_never_alike(tmp_path: Path) -> None:
    """Goal: an absent tor costs nothing, and nodes do not move in step. Method: let ten tries fail."""
    async with at_work(TorSetup(control=tmp_path / "none")) as at:
        for _ in range(10):
            at.may_go_on.release()
        while len(at.pauses) < 11:  # noqa: ASYNC110
            await asyncio.sleep(0)
        assert all(0.5 * 2**n <= pause <= 1.5 * 2**n for n, pause in enumerate(at.pauses[:6]))
        assert max(at.pauses) <= 90
        assert len(set(at.pauses)) == len(at.pauses)
        assert at.tor.status.code == TorAbsent.code


@pytest.mark.parametrize(
    ("command", "answer", "code"),
    [
        ("ADD_ONION", b"550 Onion address collision\r\n", TorRefused.code),
        ("ADD_ONION", b"250-ServiceID=elsewhere\r\n250 OK\r\n", MalformedTor.code),
        ("SETEVENTS", b"552 Unrecognized event\r\n", TorRefused.code),
        ("GETINFO net", b"250-net/listeners/socks=\r\n250 OK\r\n", TorRefused.code),
        ("GETINFO status", b"250 OK\r\n", MalformedTor.code),
    ],
)
async def test_what_tor_refuses_has_a_code(tmp_path: Path, command: str, answer: bytes, code: str) -> None:
    """Goal: each refusal is explained, and tried again. Method: refuse one command each."""

    def say(line: str) -> bytes | None:
        return answer if line.startswith(command) else None

    async with FakeTor(tmp_path, answer=say).running() as fake, at_work(TorSetup(control=fake.control)) as at:
        at.tor.serve((OnionService(seed=SEED, clients=(CLIENT,)),))
        status = await at.until(lambda one: one.state is TorState.FAILED)
        assert status.code == code
        assert "elsewhere" not in status.sentence
        assert "collision" not in status.sentence


async def test_progress_trouble_and_a_wrong_clock_are_told_in_words(tmp_path: Path) -> None:
    """Goal: a user knows what to try. Method: progress, a warning, a skewed clock, then the end of it."""
    async with FakeTor(tmp_path).running() as fake, at_work(TorSetup(control=fake.control)) as at:
        status = await at.until(lambda one: one.state is TorState.BOOTSTRAPPING)
        assert (status.percent, status.doing, status.code) == (45, "Asking for relays", "")
        fake.say(
            b'650 STATUS_CLIENT WARN BOOTSTRAP PROGRESS=10 TAG=conn SUMMARY="Connecting" REASON=NOROUTE\r\n'
        )
        status = await at.until(lambda one: one.code == TorStuck.code)
        assert "10 %" in status.sentence
        assert "bridges" in status.sentence
        fake.say(b"650 STATUS_GENERAL WARN CLOCK_SKEW SKEW=-7260 SOURCE=CONSENSUS\r\n")
        status = await at.until(lambda one: one.code == TorClock.code)
        assert "121 minutes behind" in status.sentence
        fake.say(b'650 STATUS_CLIENT NOTICE BOOTSTRAP PROGRESS=100 TAG=done SUMMARY="Done"\r\n')
        status = await at.until(lambda one: one.state is TorState.READY)
        assert (status.code, status.sentence) == ("", "")


def test_a_service_has_far_fewer_clients_than_tor_can_publish() -> None:
    """Goal: no service vanishes without an error. Method: the bound stands well below 330."""
    assert CLIENTS_MAX * 4 < 330


@pytest.mark.parametrize(
    ("line", "sound"),
    [
        ("obfs4 192.0.2.7:443 " + "A" * 40 + " cert=abc+/ iat-mode=0", True),
        ("Bridge   obfs4 [2001:db8::1]:443 " + "A" * 40 + " cert=abc iat-mode=0 ", True),
        ("192.0.2.7:443", True),
        ("192.0.2.7:443 " + "A" * 40, True),
        ("obfs4 bridge.example:443 " + "A" * 40, False),
        ("meek 192.0.2.7:443", False),
        ("obfs4 192.0.2.7:443\nSocksPort 0.0.0.0:9", False),
        ('obfs4 192.0.2.7:443 x="a b"', False),
        ("", False),
        ("obfs4 192.0.2.7:443 " + "a=" + "b" * 700, False),
    ],
)
def test_bridges_are_read_as_people_copy_them(line: str, sound: bool) -> None:
    """Goal: no line smuggles a setting into the torrc. Method: sound ones, broken ones, one with a break."""
    from meshcoal.errors import BadArgument

    if sound:
        assert not bridge_line(line).startswith("Bridge ")
        assert "\n" not in bridge_line(line)
    else:
        with pytest.raises(BadArgument):
            bridge_line(line)


def test_the_torrc_opens_no_port(tmp_path: Path) -> None:
    """Goal: a tor of our own is reached by no other program. Method: read what is written for it."""
    lines = torrc(OwnTor(data=tmp_path / "d", sockets=tmp_path / "s"), owner=7)
    assert [line for line in lines if "Port" in line] == [
        f"SocksPort unix:{tmp_path}/s/socks IsolateSOCKSAuth ExtendedErrors"
    ]
    assert "__OwningControllerProcess 7" in lines
