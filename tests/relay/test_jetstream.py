"""A relay's store over a real JetStream cluster: servers that die, and two relays on one cluster."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from meshcoal.errors import BadArgument
from meshcoal.relay.jetstream import JetStreamStore
from meshcoal.relay.nats_streams import parse_url
from meshcoal.relay.store import Envelope, Placed
from meshcoal.sync.board import NO_HEAD, envelope_hash, head_after

sys.path.insert(0, str(Path(__file__).parent))

from natswork import SERVERS, NatsCluster, nats_cluster

pytestmark = pytest.mark.timeout(300)
NOW_MS = 1_800_000_000_000


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsCluster]:
    with nats_cluster(tmp_path_factory.mktemp("nats")) as made:
        yield made


def envelope(topic: str, number: int) -> Envelope:
    data = hashlib.shake_256(f"{topic} {number}".encode()).digest(512)
    return Envelope(
        topic=hashlib.sha256(topic.encode()).digest(),
        hashed=envelope_hash(data),
        envelope=data,
        signature=bytes(64),
    )


async def everything(store: JetStreamStore, topic: bytes) -> list[bytes]:
    """All envelopes of a topic; heads and serials are checked on the way."""
    found: list[bytes] = []
    after, head = 0, NO_HEAD
    while True:
        page = await store.page(topic, after, envelopes_max=64, bytes_max=100_000)
        if not page.first:
            assert (await store.end(topic)).head == head
            return found
        assert page.first == after + 1
        assert page.before == head
        for data, _ in page.envelopes:
            head = head_after(head, envelope_hash(data))
            found.append(data)
        after = page.first + len(page.envelopes) - 1


async def test_nothing_acknowledged_is_lost_when_servers_are_killed(cluster: NatsCluster) -> None:
    """Goal: kill -9 of one server after another under load. Method: writers; each server dies and comes back;
    then all that was acknowledged is read by another store, each at its place."""
    store = await JetStreamStore.connect(f"{cluster.url}?shards=2")
    placed: dict[bytes, Placed] = {}
    stop, grown = asyncio.Event(), asyncio.Event()

    async def write(writer: int) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            one = envelope(f"load {writer % 8}", 1_000_000 * writer + number)
            placed[one.envelope] = await store.put(one, NOW_MS)
            grown.set()

    async def more(count: int) -> None:
        wanted = len(placed) + count
        while len(placed) < wanted:
            grown.clear()
            await grown.wait()

    writers = [asyncio.create_task(write(writer)) for writer in range(16)]
    await more(200)
    for place in range(SERVERS):
        cluster.kill(place)
        await more(200)
        cluster.start(place)
        await more(200)
    stop.set()
    await asyncio.gather(*writers)
    await store.close()
    other = await JetStreamStore.connect(f"{cluster.url}?shards=2")
    found: dict[bytes, int] = {}
    for topic in range(8):
        name = hashlib.sha256(f"load {topic}".encode()).digest()
        for serial, data in enumerate(await everything(other, name), 1):
            assert data not in found, "nothing is there twice"
            found[data] = serial
    assert {data: one.serial for data, one in placed.items()} == found
    await other.close()


async def test_two_relays_on_one_cluster_never_give_a_serial_twice(cluster: NatsCluster) -> None:
    """Goal: the relay itself keeps nothing. Method: two stores write under one topic at once, some of it the
    same; each reads what the other wrote."""
    first = await JetStreamStore.connect(f"{cluster.url}?shards=2")
    second = await JetStreamStore.connect(f"{cluster.url}?shards=2")
    topic = envelope("shared", 0).topic

    async def write(store: JetStreamStore, numbers: range) -> list[Placed]:
        return [await store.put(envelope("shared", number), NOW_MS) for number in numbers]

    mine, theirs = await asyncio.gather(write(first, range(40)), write(second, range(30, 70)))
    serials = {number: one.serial for number, one in zip(range(40), mine, strict=True)}
    again = {number: one.serial for number, one in zip(range(30, 70), theirs, strict=True)}
    assert all(serials[number] == again[number] for number in range(30, 40))
    assert sorted({**serials, **again}.values()) == list(range(1, 71))
    both = [await everything(store, topic) for store in (first, second)]
    assert both[0] == both[1]
    assert len(both[0]) == 70
    assert await first.end(topic) == await second.end(topic)
    await first.close()
    await second.close()


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:1", "nats://", "nats://a:1?shards=x", "nats://a:1?replicas=2", "nats://a?shards=0"],
)
def test_what_is_no_store_is_refused_in_words(url: str) -> None:
    """Goal: BadArgument. Method: each mistake."""
    with pytest.raises(BadArgument):
        parse_url(url)


async def test_where_nobody_answers_it_says_so(cluster: NatsCluster) -> None:
    """Goal: no endless wait. Method: a port nobody listens on."""
    assert parse_url("nats://u:p@one:1,two:2?shards=4&replicas=1") == (
        ["nats://u:p@one:1", "nats://u:p@two:2"],
        4,
        1,
    )
    with pytest.raises(BadArgument):
        await JetStreamStore.connect("nats://127.0.0.1:9")
