"""Links over onion services of a private network; every test of the contract of links runs over Tor as
well."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from meshcoal.crypto.entropy import OsEntropy
from meshcoal.crypto.onion import client_public, service_public
from meshcoal.errors import OnionKeyMissing, OnionKeyWrong, OnionUnreachable, PathClosed, TorOff
from meshcoal.net.link import Link
from meshcoal.net.tor.status import TorState
from meshcoal.net.tor.tor import Tor, TorSetup
from meshcoal.net.websocket import ONION
from meshcoal.node.effects import OnionService
from meshcoal.wire.onion import OnionHint, encode_onion

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2] / "contract"))

import test_link as contract
from linkwork import WebSocketGround
from tornet import TorNet, TorNode

PATIENCE_S = 60.0
pytest_plugins = ["networkplugin"]

for _name in dir(contract):
    if _name.startswith("test_"):
        globals()[_name] = getattr(contract, _name)


class OnionGround(WebSocketGround):
    """As the ground of plain WebSockets, with a service between the two ends, each with a tor of its own."""

    def __init__(self, ana: TorNode, ben: TorNode) -> None:
        super().__init__(dial_timeout_ms=1)  # what is not dialled through tor fails
        entropy = OsEntropy()
        self.seed, self.client = entropy.take(32), entropy.take(32)
        self.serving = Tor(TorSetup(control=ana.control), entropy=entropy, door=self._door, tell=self._wake)
        self.dialling = Tor(TorSetup(control=ben.control), entropy=entropy, door=self._door, tell=self._wake)
        self._changed = asyncio.Event()
        self._running: list[asyncio.Task[None]] = []

    async def _door(self, service: bytes) -> str:
        return await self.listener.open_onion(service, None)

    def _wake(self, _: object) -> None:
        self._changed.set()

    def hint(self, client: bytes | None = None) -> str:
        key = self.client if client is None else client
        return encode_onion(OnionHint(service=service_public(self.seed), client=key))

    async def __aenter__(self) -> OnionGround:
        await super().__aenter__()
        self.dialer.onion = self.dialling.connect
        self.dialer.direct = False
        self.serving.serve((OnionService(seed=self.seed, clients=(client_public(self.client),)),))
        self._running = [asyncio.create_task(one.run()) for one in (self.serving, self.dialling)]
        async with asyncio.timeout(PATIENCE_S):
            while not (self.serving.status.published and self.dialling.status.state is TorState.READY):
                self._changed.clear()
                await self._changed.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.listener.close_onions()
        await super().__aexit__()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def connect(self, hint: str | None = None) -> tuple[Link, Link]:
        """As for plain links; what tor does not find at once is dialled again, as the node does."""
        async with asyncio.timeout(PATIENCE_S):
            self.dial(hint=hint)
            up = asyncio.ensure_future(self.near.ups.get())
            while not up.done():
                failed = asyncio.ensure_future(self.near.failures.get())
                await asyncio.wait({up, failed}, return_when=asyncio.FIRST_COMPLETED)
                if failed.done():
                    self.dial(hint=hint)
                failed.cancel()
            near, far = up.result()[0], (await self.far.ups.get())[0]
        self._held += (near, far)
        return near, far

    def dial(self, dial: int = 1, hint: str | None = None) -> asyncio.Task[None]:
        return super().dial(dial, hint or self.hint())


@pytest.fixture(scope="session")
def tors(net: TorNet) -> tuple[TorNode, TorNode]:
    return net.client("ana"), net.client("ben")


@pytest.fixture
async def ground(tors: tuple[TorNode, TorNode]) -> AsyncIterator[OnionGround]:
    async with OnionGround(*tors) as ground:
        yield ground


async def test_the_transport_is_named_onion_at_both_ends(ground: OnionGround) -> None:
    """Goal: what is shown of a link is true. Method: look at both ends."""
    near, far = await ground.connect()
    assert near.transport == far.transport == ONION


async def test_each_way_to_fail_has_its_code(ground: OnionGround) -> None:
    """Goal: a wrong key, a missing one, an address that nobody serves, a direct address where Tor alone is
    allowed, and a tor that is off are told apart. Method: each once."""
    nobody = encode_onion(OnionHint(service=service_public(OsEntropy().take(32))))
    cases = [
        (ground.hint(b""), OnionKeyMissing.code),
        (ground.hint(OsEntropy().take(32)), OnionKeyWrong.code),
        (nobody, OnionUnreachable.code),
        (f"127.0.0.1:{ground.port}", PathClosed.code),
        (nobody.replace(".onion", "x.onion"), "malformed-onion"),
    ]
    for number, (hint, code) in enumerate(cases):
        async with asyncio.timeout(PATIENCE_S):
            while True:
                ground.dial(number, hint)
                found = (await ground.near.failures.get())[1]
                if found != OnionUnreachable.code or found == code:  # tor may not find a service at once
                    break
        assert found == code
    ground.dialer.onion = None
    ground.dial(9)
    assert await ground.near.failures.get() == (9, TorOff.code)
    assert ground.near.ups.empty()


async def test_two_addresses_share_no_circuit(ground: OnionGround, tors: tuple[TorNode, TorNode]) -> None:
    """Goal: contacts stay apart inside tor. Method: a second address of the same service; tor shows the user
    names under which it keeps circuits apart."""
    held: list[Link] = [*await ground.connect()]
    seed, client = OsEntropy().take(32), OsEntropy().take(32)
    both = tuple(
        OnionService(seed=one, clients=(client_public(key),))
        for one, key in ((ground.seed, ground.client), (seed, client))
    )
    ground.serving.serve(both)
    async with asyncio.timeout(PATIENCE_S):
        while ground.serving.status.published < 2:
            ground._changed.clear()
            await ground._changed.wait()
    held += await ground.connect(encode_onion(OnionHint(service=service_public(seed), client=client)))
    control = ground.dialling._control
    assert control is not None
    told = await control.must("GETINFO circuit-status")
    names = {
        word
        for line in told.lines
        for row in line.splitlines()
        for word in row.split(" ")
        if "PURPOSE=HS_CLIENT_REND" in row and word.startswith("SOCKS_USERNAME=")
    }
    assert len(names) >= 2
    for link in held:
        link.close("closed")
