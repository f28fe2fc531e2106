"""The contract of `relay.store.Store`: what every store of a relay keeps to."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from meshcoal.clock import HOUR_MS
from meshcoal.relay.jetstream import JetStreamStore
from meshcoal.relay.sqlite import SqliteStore
from meshcoal.relay.store import End, Envelope, Full, MemoryStore, Placed, Store, StoreLimits
from meshcoal.sync.board import NO_HEAD, envelope_hash, head_after

sys.path.insert(0, str(Path(__file__).parents[1] / "relay"))

from natswork import NatsCluster, nats_cluster

Opened = Callable[[StoreLimits], Awaitable[Store]]
NOW_MS = 1_800_000_000_000


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsCluster]:
    """One cluster for all: it takes some seconds to agree on a leader."""
    with nats_cluster(tmp_path_factory.mktemp("nats")) as made:
        yield made


async def emptied(cluster: NatsCluster) -> str:
    """The address of the cluster, without any stream of an earlier test."""
    import nats

    client = await nats.connect(servers=cluster.url.replace("nats://", "").split(",")[0])
    manager = client.jetstream(timeout=30)
    for _ in range(100):
        try:
            for info in await manager.streams_info():
                assert info.config.name is not None
                await manager.delete_stream(info.config.name)
            break
        except (nats.errors.Error, TimeoutError):
            await asyncio.sleep(0.2)  # no leader yet
    await client.close()
    return f"{cluster.url}?shards=2&replicas=3"


@pytest.fixture(params=["memory", "sqlite", "jetstream"])
async def opened(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Opened]:
    """Opens a store of a kind, again on what it kept; all are closed in the end."""
    made: list[Store] = []
    url = await emptied(request.getfixturevalue("cluster")) if request.param == "jetstream" else ""

    async def open_one(limits: StoreLimits) -> Store:
        if request.param == "jetstream":
            made.append(await JetStreamStore.connect(url, limits))
        elif request.param == "sqlite":
            made.append(SqliteStore(tmp_path / "relay.db", limits))
        else:
            made.append(MemoryStore(limits))
        return made[-1]

    yield open_one
    for store in made:
        await store.close()


@pytest.fixture
async def store(opened: Opened) -> Store:
    return await opened(StoreLimits())


def envelope(topic: str, number: int, size: int = 512) -> Envelope:
    data = hashlib.shake_256(f"{topic} {number}".encode()).digest(size)
    return Envelope(
        topic=hashlib.sha256(topic.encode()).digest(),
        hashed=envelope_hash(data),
        envelope=data,
        signature=bytes([number % 256]) * 64,
    )


async def everything(store: Store, topic: bytes) -> list[bytes]:
    found: list[bytes] = []
    after = 0
    while True:
        page = await store.page(topic, after, envelopes_max=3, bytes_max=10_000)
        if not page.first:
            return found
        assert page.first > after
        found += [data for data, _ in page.envelopes]
        after = page.first + len(page.envelopes) - 1


async def test_serials_and_heads_follow_from_what_was_put(store: Store) -> None:
    """Goal: serials without gaps, heads chained. Method: put some, compute the chain, compare."""
    head = NO_HEAD
    for number in range(1, 8):
        one = envelope("a", number)
        head = head_after(head, one.hashed)
        assert await store.put(one, NOW_MS) == Placed(serial=number, head=head, new=True)
        assert await store.end(one.topic) == End(last=number, head=head)
    assert await store.end(b"n" * 32) == End()
    assert await store.ends([b"n" * 32, envelope("a", 1).topic]) == [End(), End(last=7, head=head)]


async def test_the_same_envelope_is_kept_once(store: Store) -> None:
    """Goal: repeating changes nothing and is answered alike. Method: put twice, with others between."""
    first, second = envelope("a", 1), envelope("a", 2)
    placed = await store.put(first, NOW_MS)
    await store.put(second, NOW_MS)
    again = await store.put(first, NOW_MS)
    assert (again.serial, again.head, again.new) == (placed.serial, placed.head, False)
    assert (await store.end(first.topic)).last == 2
    other = Envelope(topic=b"o" * 32, hashed=first.hashed, envelope=first.envelope, signature=first.signature)
    assert (await store.put(other, NOW_MS)).new


async def test_pages_hold_what_was_put_in_order(store: Store) -> None:
    """Goal: every envelope once, in order, within the bounds. Method: read in small pages."""
    put = [envelope("a", number, size=(512, 2_048)[number % 2]) for number in range(20)]
    for one in put:
        await store.put(one, NOW_MS)
        await store.put(envelope("b", int.from_bytes(one.hashed[:2], "big")), NOW_MS)
    assert await everything(store, put[0].topic) == [one.envelope for one in put]
    page = await store.page(put[0].topic, 4, envelopes_max=50, bytes_max=2_048 + 512 + 1)
    assert [data for data, _ in page.envelopes] == [one.envelope for one in put[4:6]]
    assert page.first == 5
    head = NO_HEAD
    for one in put[:4]:
        head = head_after(head, one.hashed)
    assert page.before == head
    assert page.envelopes[0][1] == put[4].signature
    large = await store.page(put[0].topic, 0, envelopes_max=50, bytes_max=1)
    assert len(large.envelopes) == 1
    assert not (await store.page(put[0].topic, 20, envelopes_max=5, bytes_max=9_999)).first


async def test_many_at_once_each_get_a_place_of_their_own(store: Store) -> None:
    """Goal: puts that overlap. Method: 200 under three topics at once; serials are 1 to n each."""
    put = [envelope("abc"[number % 3], number) for number in range(200)]
    placed = await asyncio.gather(*[store.put(one, NOW_MS) for one in put])
    for topic in {one.topic for one in put}:
        serials = [place.serial for one, place in zip(put, placed, strict=True) if one.topic == topic]
        assert sorted(serials) == list(range(1, len(serials) + 1))
        assert len(await everything(store, topic)) == len(serials)


async def test_what_is_old_goes_and_the_rest_keeps_its_place(store: Store) -> None:
    """Goal: expiry. Method: some hours old, some new; a topic that lost its beginning, one that lost all."""
    old, new = [envelope("a", number) for number in range(3)], envelope("a", 9)
    for one in old:
        await store.put(one, NOW_MS)
    await store.put(envelope("gone", 1), NOW_MS)
    later_ms = NOW_MS + 5 * HOUR_MS
    placed = await store.put(new, later_ms)
    assert await store.expire(NOW_MS + 2 * HOUR_MS) == 4
    page = await store.page(new.topic, 0, envelopes_max=9, bytes_max=99_999)
    assert (page.first, [data for data, _ in page.envelopes]) == (4, [new.envelope])
    assert head_after(page.before, new.hashed) == placed.head
    assert await store.end(envelope("gone", 1).topic) == End()
    assert await store.expire(NOW_MS + 2 * HOUR_MS) == 0
    assert (await store.put(envelope("a", 10), later_ms)).serial == 5


async def test_bounds_are_kept_and_named(opened: Opened) -> None:
    """Goal: a topic's share, and the whole. Method: small bounds, filled; what was there stays."""
    store = await opened(StoreLimits(bytes_max=5 * 512, topic_bytes_max=3 * 512))
    for number in range(3):
        await store.put(envelope("a", number), NOW_MS)
    with pytest.raises(Full) as full:
        await store.put(envelope("a", 4), NOW_MS)
    assert full.value.topic
    await store.put(envelope("b", 1), NOW_MS)
    await store.put(envelope("c", 1), NOW_MS)
    with pytest.raises(Full) as full:
        await store.put(envelope("d", 1), NOW_MS)
    assert not full.value.topic
    assert not (await store.put(envelope("a", 0), NOW_MS)).new
    assert len(await everything(store, envelope("a", 0).topic)) == 3
    assert await store.filled() == pytest.approx(1.0)
    assert (await store.end(envelope("d", 1).topic)).last == 0
