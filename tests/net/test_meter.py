"""What the meter says went through sockets, beside what a TCP proxy in between saw go by."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from linkwork import HOST, WebSocketGround

from meshcoal.limits import FRAME_BYTES_MAX
from meshcoal.net.meter import OPENING_BYTES, Meter
from meshcoal.net.websocket import NEARBY, TRANSPORT, transport_to


class Proxy:
    """Carries bytes between a dialer and a listener, and counts them."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.bytes = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(HOST, self._port)
        await asyncio.gather(self._carry(reader, back), self._carry(there, writer))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                self.bytes += len(data)
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass  # the end of a link is its end
        finally:
            writer.close()


@pytest.mark.parametrize(
    ("sizes", "off_at_most"), [((FRAME_BYTES_MAX, 512, 2_048, 125, 126) * 20, 200), ((), 100)]
)
async def test_the_meter_counts_what_goes_through_the_sockets(
    sizes: tuple[int, ...], off_at_most: int
) -> None:
    """Goal: a cap is true. Method: frames of every head both ways, through a proxy that counts; compare the
    meters of both sides with it; and a link on which nothing is said."""
    async with WebSocketGround() as ground:
        proxy = Proxy(ground.port)
        near_meter = ground.dialer._meter = Meter()
        far_meter = ground.listener._meter = Meter()
        server = await asyncio.start_server(proxy.serve, HOST, 0)
        ground.dial(1, f"{HOST}:{server.sockets[0].getsockname()[1]}")
        (near, _), (far, _) = await ground.near.ups.get(), await ground.far.ups.get()
        for size in sizes:
            near.send(bytes(size))
            assert len(await ground.far.frames.get()) == size
            far.send(bytes(size))
            assert len(await ground.near.frames.get()) == size
        counted = proxy.bytes
        assert abs(near_meter.bytes - counted) <= off_at_most
        assert abs(far_meter.bytes - counted) <= off_at_most
        assert near_meter.take() > 2 * sum(sizes)
        assert near_meter.bytes == 0
        near.close("closed")
        await ground.far.downs.get()
        server.close()


def test_links_on_one_network_cost_nothing() -> None:
    """Goal: nobody's cap is spent at home. Method: what decides; what a frame counts."""
    assert transport_to(("192.168.0.7", 1)) == transport_to(("fe80::1", 1, 0, 2)) == NEARBY
    assert (
        transport_to(("127.0.0.1", 1)) == transport_to(("198.51.100.7", 1)) == transport_to(None) == TRANSPORT
    )
    meter = Meter()
    meter.opened()
    meter.frame(10, masked=True)
    assert meter.take() == OPENING_BYTES + 16
