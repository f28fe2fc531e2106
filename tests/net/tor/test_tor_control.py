"""The control port: proof of the right to use it, false tors, and the end of a conversation."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import sys
from pathlib import Path

import pytest

from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.errors import MalformedTor, TorAbsent, TorError, TorForbidden, TorRefused
from meshcoal.net.tor.control import EVENTS_MAX, Control

sys.path.insert(0, str(Path(__file__).parent))

from faketor import COOKIE, FakeTor


def _entropy() -> SeededEntropy:
    return SeededEntropy(bytes(32))


async def test_safe_cookie_shows_no_cookie(tmp_path: Path) -> None:
    """Goal: the cookie itself never leaves. Method: read what the port was sent, and work the proof out."""
    async with FakeTor(tmp_path).running() as tor:
        control = await Control.open(tor.control, _entropy())
        await control.close()
        sent = " ".join(tor.told)
        nonce = bytes.fromhex(tor.told[1].split(" ")[2])
        key = b"Tor safe cookie authentication controller-to-server hash"
        proof = hmac.digest(key, COOKIE + nonce + bytes(32), hashlib.sha256).hex()
        assert tor.told[2] == f"AUTHENTICATE {proof}"
        assert COOKIE.hex() not in sent.lower()


async def test_a_port_that_does_not_know_the_cookie_gets_no_proof(tmp_path: Path) -> None:
    """Goal: a program that took tor's place learns nothing. Method: a port with a false hash."""
    async with FakeTor(tmp_path, knows_cookie=False).running() as tor:
        with pytest.raises(TorForbidden, match="another tor"):
            await Control.open(tor.control, _entropy())
        assert not any(line.startswith("AUTHENTICATE") for line in tor.told)


async def test_cookie_is_used_where_nothing_better_is_offered(tmp_path: Path) -> None:
    """Goal: older tors work. Method: offer the plain cookie only."""
    async with FakeTor(tmp_path, methods="COOKIE").running() as tor:
        control = await Control.open(tor.control, _entropy())
        await control.close()
        assert tor.told[1] == f"AUTHENTICATE {COOKIE.hex()}"


async def test_an_open_port_is_refused_unless_asked_for(tmp_path: Path) -> None:
    """Goal: no proof, no use, unless the user says so. Method: a port of the method NULL, both ways."""
    async with FakeTor(tmp_path, methods="NULL").running() as tor:
        with pytest.raises(TorForbidden, match="no proof"):
            await Control.open(tor.control, _entropy())
        control = await Control.open(tor.control, _entropy(), open_port=True)
        await control.close()
        assert tor.told[-1] == "AUTHENTICATE"


async def test_a_password_is_explained(tmp_path: Path) -> None:
    """Goal: what to do is said. Method: a port that wants a password."""
    async with FakeTor(tmp_path, methods="HASHEDPASSWORD").running() as tor:
        with pytest.raises(TorForbidden, match="CookieAuthentication 1"):
            await Control.open(tor.control, _entropy())


@pytest.mark.parametrize("size", [0, 31, 33, 5_000])
async def test_a_file_that_is_no_cookie_is_not_sent(tmp_path: Path, size: int) -> None:
    """Goal: a port cannot have us send it any file. Method: files of other sizes than a cookie's."""
    (tmp_path / "cookie").write_bytes(bytes(size))
    async with FakeTor(tmp_path, methods="COOKIE").running() as tor:
        with pytest.raises(TorForbidden, match="no cookie"):
            await Control.open(tor.control, _entropy())
        assert len(tor.told) == 1


async def test_an_absent_cookie_is_explained(tmp_path: Path) -> None:
    """Goal: lacking rights are told from an absent tor. Method: name a cookie that cannot be read."""
    fake = FakeTor(tmp_path)
    async with fake.running() as tor:
        fake.cookie.unlink()
        with pytest.raises(TorForbidden, match="debian-tor"):
            await Control.open(tor.control, _entropy())


async def test_an_absent_tor_is_explained(tmp_path: Path) -> None:
    """Goal: it says what to install. Method: no socket, a dead one, and a closed port."""
    dead = tmp_path / "dead"
    server = await asyncio.start_unix_server(lambda *_: None, dead)
    server.close()
    await server.wait_closed()
    for address in (tmp_path / "none", dead, ("127.0.0.1", 1)):
        with pytest.raises(TorAbsent, match="apt install tor"):
            await Control.open(address, _entropy())


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 400 Bad Request\r\n", b"\x05\xff\r\n", b"250 OK\r\n", b"250-x\r\n250 y\r\n"]
)
async def test_another_server_is_told_from_tor(tmp_path: Path, answer: bytes) -> None:
    """Goal: a wrong port is a coded error. Method: answers of other servers."""
    async with FakeTor(tmp_path, answer=lambda _: answer).running() as tor:
        with pytest.raises(MalformedTor):
            await Control.open(tor.control, _entropy())


async def test_the_end_of_tor_reaches_whoever_waits(tmp_path: Path) -> None:
    """Goal: nobody waits for a dead tor. Method: it closes in the middle of a command, and of events."""
    fake = FakeTor(tmp_path)
    async with fake.running() as tor:
        control = await Control.open(tor.control, _entropy())

        def half(line: str) -> bytes:
            tor.writers[-1].close()
            return b"250-half\r\n"

        tor.answer = half
        with pytest.raises(TorAbsent):
            await control.ask("GETINFO version")
        assert await control.event() is None
        with pytest.raises(TorError):
            await control.ask("GETINFO version")
        await control.close()


async def test_events_pass_between_replies_and_are_bounded(tmp_path: Path) -> None:
    """Goal: events do not disturb replies, nor fill memory. Method: one before a reply; then too many."""
    async with FakeTor(tmp_path).running() as tor:
        control = await Control.open(tor.control, _entropy())
        tor.answer = lambda _: b"650 HS_DESC UPLOADED x\r\n552 no\r\n"
        with pytest.raises(TorRefused, match="552"):
            await control.must("ADD_ONION x")
        event = await control.event()
        assert event is not None
        assert event.lines == ("HS_DESC UPLOADED x",)
        tor.say(b"650 X\r\n" * (EVENTS_MAX + 1))
        for _ in range(EVENTS_MAX):
            assert await control.event() is not None
        assert await control.event() is None
        assert isinstance(control.failure, MalformedTor)
        await control.close()


async def test_a_reply_to_nothing_ends_it(tmp_path: Path) -> None:
    """Goal: replies never slip by one. Method: a reply that nobody asked for."""
    async with FakeTor(tmp_path).running() as tor:
        control = await Control.open(tor.control, _entropy())
        tor.say(b"250 OK\r\n")
        assert await control.event() is None
        assert isinstance(control.failure, MalformedTor)
        await control.close()
