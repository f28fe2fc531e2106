"""A plain flood over aiohttp WebSockets: whoever gets something new passes it on. No store, no sealing.

python bench/networks/flood.py SETUP [--signed]
"""

from __future__ import annotations

import asyncio
import sys
import threading

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, web
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey
from player import Player, tell

Socket = web.WebSocketResponse | ClientWebSocketResponse


class Flood:
    """One node. Everything but `send` runs on the loop."""

    def __init__(self, player: Player, *, signed: bool) -> None:
        self.player = player
        self.loop = asyncio.new_event_loop()
        self.sockets: list[Socket] = []
        self._key = SigningKey.generate() if signed else None

    def send(self, payload: bytes) -> None:
        if self._key is not None:
            payload = bytes(self._key.verify_key) + bytes(self._key.sign(payload))
        self.loop.call_soon_threadsafe(self._pass_on, payload, None)

    def _pass_on(self, data: bytes, source: Socket | None) -> None:
        for socket in self.sockets:
            if socket is not source:
                self.loop.create_task(socket.send_bytes(data))

    def _hear(self, data: bytes, source: Socket) -> None:
        payload = data
        if self._key is not None:
            try:
                payload = VerifyKey(data[:32]).verify(data[32:])
            except BadSignatureError:
                return
        if self.player.take(payload):
            self._pass_on(data, source)

    async def _read(self, socket: Socket) -> None:
        self.sockets.append(socket)
        if len(self.sockets) == len(self.player.neighbours()):
            tell("ready")
        async for message in socket:
            if message.type is WSMsgType.BINARY:
                self._hear(message.data, socket)

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        await self._read(socket)
        return socket

    async def run(self) -> None:
        """Listen, and dial the neighbours that were started before."""
        application = web.Application()
        application.router.add_get("/", self._serve)
        runner = web.AppRunner(application)
        await runner.setup()
        mine = self.player.ports[self.player.index]
        await web.TCPSite(runner, "127.0.0.1", mine).start()
        tell("listening")
        async with ClientSession() as session:
            earlier = [one for one in self.player.neighbours() if one < self.player.index]
            sockets = [
                await session.ws_connect(f"http://127.0.0.1:{self.player.ports[one]}/") for one in earlier
            ]
            await asyncio.gather(*(self._read(socket) for socket in sockets), asyncio.Event().wait())


def main() -> None:
    flood = Flood(Player(sys.argv[1]), signed="--signed" in sys.argv)
    threading.Thread(target=lambda: flood.loop.run_until_complete(flood.run()), daemon=True).start()
    flood.player.play(flood.send)


if __name__ == "__main__":
    main()
