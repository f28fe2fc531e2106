"""Blind relays: envelopes in and out, over SQLite and over JetStream x3, beside bare nats-py in the same run.

Real relay processes, real links (handshake, sealed frames, signatures checked), clients in this process. Then
memory and start with a million envelopes stored; and a JetStream server killed under load. One JSON line.

Run: PYTHONPATH=src python bench/relay.py [--envelopes 20000] [--links 64] [--stored 1000000] [--quick]
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "relay"))

import aiohttp
from common import report
from natswork import SERVERS, NatsCluster, nats_cluster

import meshcoal
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.entropy import OsEntropy
from meshcoal.crypto.kem import MLKEM768
from meshcoal.crypto.signing import SigningKey
from meshcoal.net.websocket import PATH
from meshcoal.node.deposits import grouped
from meshcoal.relay.jetstream import JetStreamStore
from meshcoal.relay.sqlite import SqliteStore
from meshcoal.relay.store import Envelope, Placed, Store
from meshcoal.sync.board import deposit_text, envelope_hash, relay_psk, work
from meshcoal.sync.knock import Knocks, Pattern
from meshcoal.sync.session import Session, Tools
from meshcoal.wire.message import Message
from meshcoal.wire.relay_text import Relay, decode_relay
from meshcoal.wire.relaying import (
    RELAYING,
    Answers,
    Deposit,
    Deposited,
    Found,
    Place,
    Poll,
    Polled,
    Refusal,
    Terms,
)

WINDOW = 16  # deposits of one link that wait for an answer
SIZE = 512
WORK_BITS = 14
ENTROPY = OsEntropy()


class RelayProcess:
    """`meshcoal relay serve`."""

    def __init__(self, data: Path, store: str = "") -> None:
        self.data = data
        command = [
            *(sys.executable, "-m", "meshcoal", "relay", "serve"),
            *("--data", str(data), "--listen", "127.0.0.1:0"),
        ]
        if store:
            command += ["--store", store]
        environment = dict(os.environ, PYTHONPATH=str(Path(meshcoal.__path__[0]).parent))
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
        )
        assert self.process.stdout is not None
        self.relay: Relay = decode_relay(self.process.stdout.readline().decode())

    def memory_mib(self) -> float:
        """Resident now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        assert self.process.stdout is not None
        self.process.stdout.close()


class Client:
    """One link to a relay."""

    def __init__(self, stream: Any, session: Session) -> None:
        self._stream = stream
        self._session = session

    async def say(self, message: Message) -> None:
        for frame in self._session.write(message, 0):
            await self._stream.send_bytes(frame)

    async def hear(self) -> list[Message]:
        data = (await self._stream.receive()).data
        assert isinstance(data, bytes), "the relay hung up"
        answers, messages = self._session.read(data, 0)
        for frame in answers:
            await self._stream.send_bytes(frame)
        return messages


@asynccontextmanager
async def client_of(relay: Relay, http: aiohttp.ClientSession) -> AsyncIterator[Client]:
    """A link that has been told the terms."""
    async with http.ws_connect(f"http://{relay.address}{PATH}", autoping=False, compress=0) as stream:
        session, frame = Session.dial(
            name=("relay", b""),
            pattern=Pattern.KNOWN,
            static=AgreementKey.from_private(ENTROPY.take(32)),
            remote=relay.key,
            psk=relay_psk(relay.passing),
            tools=Tools(entropy=ENTROPY, kem=MLKEM768(), knocks=Knocks()),
            now_ms=int(time.time() * 1000),
            family=RELAYING,
        )
        await stream.send_bytes(frame)
        client = Client(stream, session)
        messages: list[Message] = []
        while not messages:
            messages = await client.hear()
        assert isinstance(messages[0], Terms)
        yield client


def deposits(relay: Relay, writer: SigningKey, count: int) -> list[Deposit]:
    """Ready to be said."""
    nonce = work(relay.key, writer.public, WORK_BITS, start=0, tries=2**24)
    made = []
    for _ in range(count):
        data = ENTROPY.take(SIZE)
        signature = writer.sign(deposit_text(relay.key, writer.public, envelope_hash(data)))
        made.append(Deposit(topic=writer.public, envelope=data, signature=signature, work=nonce))
    return made


async def put_all(client: Client, made: Sequence[Deposit]) -> list[float]:
    """Milliseconds from each deposit to its answer."""
    took: list[float] = []
    began: dict[bytes, float] = {}
    waiting = iter(made)

    async def send(count: int) -> None:
        some = list(itertools.islice(waiting, count))
        for one in some:
            began[envelope_hash(one.envelope)] = time.perf_counter()
        for message in grouped(some):
            await client.say(message)

    await send(WINDOW)
    while len(took) < len(made):
        for message in await client.hear():
            answers = message.answers if isinstance(message, Answers) else (message,)
            for one in answers:
                assert isinstance(one, Deposited)
                assert one.refusal is Refusal.NONE, one.refusal
                took.append(1000 * (time.perf_counter() - began[one.envelope]))
            await send(len(answers))
    return took


async def take_all(client: Client, topic: bytes, count: int) -> None:
    """Fetch everything under a topic."""
    after = 0
    while after < count:
        await client.say(Poll(places=(Place(topic=topic, after=after),), stay=False))
        done = False
        while not done:
            for message in await client.hear():
                if isinstance(message, Found):
                    after += len(message.envelopes)
                done = done or isinstance(message, Polled)


async def through_relay(process: RelayProcess, envelopes: int, links: int) -> dict[str, object]:
    """Rates of a relay process."""
    each = envelopes // links
    writers = [SigningKey.from_seed(ENTROPY.take(32)) for _ in range(links)]
    made = [deposits(process.relay, writer, each) for writer in writers]
    async with aiohttp.ClientSession() as http:
        contexts = [client_of(process.relay, http) for _ in range(links)]
        clients = [await context.__aenter__() for context in contexts]
        began = time.perf_counter()
        took = await asyncio.gather(
            *[put_all(client, some) for client, some in zip(clients, made, strict=True)]
        )
        put_s = time.perf_counter() - began
        began = time.perf_counter()
        await asyncio.gather(
            *[take_all(client, writer.public, each) for client, writer in zip(clients, writers, strict=True)]
        )
        take_s = time.perf_counter() - began
        for context in contexts:
            await context.__aexit__(None, None, None)
    every = sorted(itertools.chain(*took))
    return {
        "in_per_s": round(each * links / put_s),
        "out_per_s": round(each * links / take_s),
        "in_p50_ms": round(statistics.median(every), 1),
        "in_p99_ms": round(every[int(0.99 * len(every))], 1),
        "memory_mib": round(process.memory_mib(), 1),
    }


async def bare_nats(cluster: NatsCluster, envelopes: int, links: int) -> dict[str, object]:
    """The same bytes by nats-py alone: one stream of three replicas, one subject for each link."""
    import nats
    from nats.js import api

    client = await nats.connect(servers=cluster.url.replace("nats://", "").split(","))
    stream = client.jetstream(timeout=30)
    await stream.add_stream(name="BARE", subjects=["bare.*"], num_replicas=3, storage=api.StorageType.FILE)
    data = ENTROPY.take(SIZE)
    took: list[float] = []
    each = envelopes // links
    left = dict.fromkeys(range(links), each)

    async def publish(link: int) -> None:
        while left[link] > 0:
            left[link] -= 1
            began = time.perf_counter()
            await stream.publish(f"bare.{link}", data)
            took.append(1000 * (time.perf_counter() - began))

    began = time.perf_counter()
    await asyncio.gather(*[publish(link) for link in range(links) for _ in range(WINDOW)])
    put_s = time.perf_counter() - began

    async def fetch(link: int) -> None:
        pulled = await stream.pull_subscribe(f"bare.{link}", stream="BARE")
        count = 0
        while count < each:
            messages = await pulled.fetch(64, timeout=30)
            count += len(messages)
            for message in messages:
                await message.ack()

    began = time.perf_counter()
    await asyncio.gather(*[fetch(link) for link in range(links)])
    take_s = time.perf_counter() - began
    await stream.delete_stream("BARE")
    await client.close()
    took.sort()
    return {
        "in_per_s": round(each * links / put_s),
        "out_per_s": round(each * links / take_s),
        "in_p50_ms": round(statistics.median(took), 1),
        "in_p99_ms": round(took[int(0.99 * len(took))], 1),
    }


async def fill(store: Store, count: int, topics: int = 1_000) -> float:
    """Put so many envelopes straight into a store. Seconds."""
    numbers = iter(range(count))

    async def put() -> None:
        for number in numbers:
            data = number.to_bytes(8, "big") + bytes(SIZE - 8)
            topic = (number % topics).to_bytes(32, "big")
            await store.put(
                Envelope(topic=topic, hashed=envelope_hash(data), envelope=data, signature=bytes(64)),
                int(time.time() * 1000),
            )

    began = time.perf_counter()
    await asyncio.gather(*[put() for _ in range(512)])
    return time.perf_counter() - began


async def million(folder: Path, count: int) -> dict[str, object]:
    """A relay with so much stored: memory, file, start, and a poll."""
    data = folder / "full"
    data.mkdir()
    store = SqliteStore(data / "relay.db")
    fill_s = await fill(store, count)
    await store.close()
    began = time.perf_counter()
    process = RelayProcess(data)
    start_s = time.perf_counter() - began
    try:
        async with aiohttp.ClientSession() as http, client_of(process.relay, http) as client:
            each = count // 1_000
            began = time.perf_counter()
            for topic in range(20):
                await take_all(client, topic.to_bytes(32, "big"), each)
            poll_s = (time.perf_counter() - began) / 20
        memory = process.memory_mib()
    finally:
        process.stop()
    return {
        "stored": count,
        "memory_mib": round(memory, 1),
        "file_mib": round((data / "relay.db").stat().st_size / 2**20),
        "start_s": round(start_s, 2),
        "store_puts_per_s": round(count / fill_s),
        "fetch_of_a_topic_ms": round(1000 * poll_s, 1),
    }


async def killed(cluster: NatsCluster, count: int) -> dict[str, object]:
    """kill -9 of each JetStream server in turn under load: what of the acknowledged is missing afterwards."""
    store = await JetStreamStore.connect(f"{cluster.url}?shards=4")
    placed: dict[bytes, Placed] = {}
    stop = False
    gap_s = 0.0
    last = time.perf_counter()

    async def write(writer: int) -> None:
        nonlocal gap_s, last
        topic = (7_000_000 + writer % 16).to_bytes(32, "big")
        for number in itertools.count():
            if stop:
                return
            data = f"{writer} {number} ".encode().ljust(SIZE, b"\x00")
            one = Envelope(topic=topic, hashed=envelope_hash(data), envelope=data, signature=bytes(64))
            placed[data] = await store.put(one, int(time.time() * 1000))
            now = time.perf_counter()
            gap_s, last = max(gap_s, now - last), now

    writers = [asyncio.create_task(write(writer)) for writer in range(64)]
    for place in range(SERVERS):
        await asyncio.sleep(count / 10_000)
        cluster.kill(place)
        await asyncio.sleep(8)
        cluster.start(place)
        await asyncio.sleep(6)
    stop = True
    await asyncio.gather(*writers)
    await store.close()
    other = await JetStreamStore.connect(f"{cluster.url}?shards=4")
    found: dict[bytes, int] = {}
    for number in range(16):
        topic = (7_000_000 + number).to_bytes(32, "big")
        after = 0
        while (page := await other.page(topic, after, envelopes_max=512, bytes_max=2**20)).first:
            for at, (data, _) in enumerate(page.envelopes):
                found[data] = page.first + at
            after = page.first + len(page.envelopes) - 1
    await other.close()
    lost = sum(found.get(data) != one.serial for data, one in placed.items())
    return {"acknowledged": len(placed), "lost": lost, "kills": SERVERS, "longest_gap_s": round(gap_s, 1)}


async def measure(folder: Path, envelopes: int, links: int, stored: int) -> dict[str, object]:
    result: dict[str, object] = {"envelopes": envelopes, "links": links, "bytes": SIZE}
    process = RelayProcess(folder / "sqlite")
    try:
        result["sqlite"] = await through_relay(process, envelopes, links)
    finally:
        process.stop()
    result["full"] = await million(folder, stored)
    with nats_cluster(folder / "nats") as cluster:
        store = await JetStreamStore.connect(f"{cluster.url}?shards=1")  # makes the streams, once
        await store.close()
        process = RelayProcess(folder / "jetstream", f"{cluster.url}?shards=1")
        try:
            result["jetstream"] = await through_relay(process, envelopes, links)
        finally:
            process.stop()
        result["bare"] = await bare_nats(cluster, envelopes, links)
        result["servers_mib"] = round(cluster.memory_mib())
        result["killed"] = await killed(cluster, envelopes)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--envelopes", type=int, default=20_000)
    parser.add_argument("--links", type=int, default=64)
    parser.add_argument("--stored", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    if options.quick:
        options.envelopes, options.stored = 4_000, 20_000
    folder = Path(tempfile.mkdtemp(prefix="mc-relay-"))
    try:
        report(
            "relay",
            **asyncio.run(measure(folder, options.envelopes, options.links, options.stored)),
        )
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
