"""A control port that says what a test wants it to: false, broken and hostile tors."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

COOKIE = bytes(range(32))
_NONCE = bytes(32)

Answer = Callable[[str], bytes | None]


@dataclass
class FakeTor:
    """Answers each command by `answer`, else as a tor that authenticates by safe-cookie and grants all."""

    folder: Path
    methods: str = "COOKIE,SAFECOOKIE"
    answer: Answer = lambda _: None
    told: list[str] = field(default_factory=list)  # every command line
    knows_cookie: bool = True

    @property
    def control(self) -> Path:
        return self.folder / "control"

    @property
    def cookie(self) -> Path:
        return self.folder / "cookie"

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[FakeTor]:
        if not self.cookie.exists():
            self.cookie.write_bytes(COOKIE)
        self.writers: list[asyncio.StreamWriter] = []
        server = await asyncio.start_unix_server(self._serve, self.control)
        try:
            yield self
        finally:
            server.close()
            for writer in self.writers:
                writer.close()

    def say(self, data: bytes) -> None:
        self.writers[-1].write(data)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        while line := await reader.readline():
            command = line.decode().removesuffix("\r\n")
            self.told.append(command)
            writer.write(self.answer(command) or self._usual(command))

    def _usual(self, command: str) -> bytes:
        verb, _, rest = command.partition(" ")
        if verb == "PROTOCOLINFO":
            return (
                f'250-PROTOCOLINFO 1\r\n250-AUTH METHODS={self.methods} COOKIEFILE="{self.cookie}"\r\n'
                '250-VERSION Tor="0.4.9.11"\r\n250 OK\r\n'
            ).encode()
        if verb == "AUTHCHALLENGE":
            nonce = bytes.fromhex(rest.split(" ")[1])
            key = b"Tor safe cookie authentication server-to-controller hash"
            told = (COOKIE if self.knows_cookie else bytes(32)) + nonce + _NONCE
            shown = hmac.digest(key, told, hashlib.sha256).hex()
            return f"250 AUTHCHALLENGE SERVERHASH={shown} SERVERNONCE={_NONCE.hex()}\r\n".encode()
        if command == "GETINFO net/listeners/socks":
            return b'250-net/listeners/socks="127.0.0.1:1"\r\n250 OK\r\n'
        if command == "GETINFO status/bootstrap-phase":
            phase = b'NOTICE BOOTSTRAP PROGRESS=45 TAG=x SUMMARY="Asking for relays"'
            return b"250-status/bootstrap-phase=" + phase + b"\r\n250 OK\r\n"
        return b"250 OK\r\n"
