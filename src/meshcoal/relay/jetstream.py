"""Envelopes in a NATS JetStream cluster, behind a relay that keeps nothing itself.

Law: as in `relay.store`. A topic is a subject; what waits for one topic goes out as one message, under the
condition that the topic's last message is the one known here, so that several relays on one cluster never
give a serial twice. A message that may or may not have been stored is sent again under its own id. Clients
never speak to NATS: subjects are topics, and a wildcard would list them.
"""

from __future__ import annotations

import asyncio
import hashlib
from bisect import bisect_right
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Any, Final, cast

from meshcoal.clock import HOUR_MS
from meshcoal.errors import BadArgument, DiskFull
from meshcoal.limits import KIB, SHELF_LIFE_DAYS
from meshcoal.relay.nats_streams import (
    RETRIES,
    RETRY_S,
    STREAM,
    SUBJECT,
    TIMEOUT_S,
    make_streams,
    open_client,
    parse_url,
)
from meshcoal.relay.store import End, Envelope, Full, Page, Placed, StoreLimits
from meshcoal.sync.board import NO_HEAD, head_after
from meshcoal.wire import canonical

_GROUP_MAX: Final = 64  # envelopes in one message
_GROUP_BYTES_MAX: Final = 700 * KIB
_HASH_BYTES: Final = 12  # that stand in headers
_TOPICS_KNOWN_MAX: Final = 4_096
_WRONG_LAST_SEQUENCE: Final = 10_071
_MAXIMUM_BYTES: Final = 10_077
_INSUFFICIENT: Final = 10_023
_FILLED_FOR_S: Final = 30.0
# Headers of a message: first serial, how many, head before, hashes, bytes of the topic so far, hour.
_SERIAL, _COUNT, _BEFORE, _HASHES, _BYTES, _HOUR = "S", "N", "B", "H", "T", "A"


@dataclass(slots=True)
class _Group:
    """One message: some envelopes of a topic, one after another."""

    first: int
    count: int
    sequence: int  # in the stream
    before: bytes


@dataclass(slots=True)
class _Topic:
    groups: list[_Group] = field(default_factory=list)
    firsts: list[int] = field(default_factory=list)
    last: int = 0
    head: bytes = NO_HEAD
    sequence: int = 0  # of the last message
    size_bytes: int = 0
    hashes: dict[bytes, int] = field(default_factory=dict)
    known: bool = False
    refreshed: int = 0  # how often that was begun
    waiting: deque[_Put] = field(default_factory=deque)
    working: asyncio.Task[None] | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(slots=True)
class _Put:
    envelope: Envelope
    hour: int
    answer: asyncio.Future[Placed]
    sent: bool = False  # it may be stored already


class JetStreamStore:
    """A `Store`. Made by `connect`; must be closed."""

    def __init__(self, client: Any, *, limits: StoreLimits, shards: int) -> None:
        self._client = client
        self._stream = client.jetstream(timeout=TIMEOUT_S)
        self._limits = limits
        self._shards = shards
        self._topics: OrderedDict[bytes, _Topic] = OrderedDict()
        self._bytes = 0
        self._counted_s = -_FILLED_FOR_S
        self._closed = False

    @classmethod
    async def connect(
        cls, url: str, limits: StoreLimits | None = None, *, days: int = SHELF_LIFE_DAYS
    ) -> JetStreamStore:
        """Connect, and make the streams where there are none.

        Args:
            url: `nats://[USER:PASSWORD@]HOST:PORT[,HOST:PORT...][?shards=1&replicas=3]`, or `tls://`.

        Raises:
            BadArgument: the address is none, or nobody answers there.
            Unsupported: the library is not installed.
        """
        limits = limits or StoreLimits()
        servers, shards, replicas = parse_url(url)
        client = await open_client(servers)
        try:
            await make_streams(
                client, shards=shards, replicas=replicas, days=days, bytes_max=limits.bytes_max
            )
        except BadArgument:
            await client.close()
            raise
        return cls(client, limits=limits, shards=shards)

    # --- Topics

    def _subject(self, topic: bytes) -> tuple[str, str]:
        """Stream and subject."""
        shard = topic[-1] % self._shards
        return f"{STREAM}_{shard}", f"{SUBJECT}.{shard}.{topic.hex()}"

    def _topic(self, topic: bytes) -> _Topic:
        found = self._topics.get(topic)
        if found is None:
            found = self._topics[topic] = _Topic()
        self._topics.move_to_end(topic)
        while len(self._topics) > _TOPICS_KNOWN_MAX:
            oldest, kept = next(iter(self._topics.items()))
            if kept.working is not None or kept.lock.locked() or oldest == topic:
                break
            del self._topics[oldest]
        return found

    async def _refresh(self, name: bytes, topic: _Topic) -> None:
        """Learn what others have put there, or all of it."""
        from nats.js.errors import NotFoundError

        stream, subject = self._subject(name)
        asked = topic.refreshed
        async with topic.lock:
            if topic.refreshed > asked:  # somebody else did, after this was asked for
                return
            topic.refreshed += 1
            try:
                last = await self._ask(lambda: self._stream.get_last_msg(stream, subject))
            except NotFoundError:
                self._forget(topic)
                topic.known = True
                return
            if topic.known and last.seq == topic.sequence:
                return
            if int(last.headers[_SERIAL]) == topic.last + 1 and topic.known:
                self._note(topic, last.seq, last.headers)
                return
            if not topic.known:
                self._forget(topic)
            await self._scan(stream, subject, topic, last.seq)
            topic.known = True

    @staticmethod
    def _forget(topic: _Topic) -> None:
        topic.groups.clear()
        topic.firsts.clear()
        topic.hashes.clear()
        topic.last, topic.head, topic.sequence, topic.size_bytes = 0, NO_HEAD, 0, 0

    async def _scan(self, stream: str, subject: str, topic: _Topic, upto: int) -> None:
        """Read the headers of what stands behind what is known."""
        from nats.js import api

        config = api.ConsumerConfig(
            deliver_policy=api.DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=topic.sequence + 1
        )
        listening = await self._ask(
            lambda: self._stream.subscribe(
                subject, stream=stream, ordered_consumer=True, headers_only=True, config=config
            )
        )
        try:
            while topic.sequence < upto:
                message = await listening.next_msg(timeout=TIMEOUT_S)
                self._note(topic, message.metadata.sequence.stream, message.headers)
        except TimeoutError as exc:
            raise DiskFull("The relay's store does not answer.") from exc
        finally:
            await listening.unsubscribe()

    @staticmethod
    def _note(topic: _Topic, sequence: int, headers: Any) -> None:
        first, count = int(headers[_SERIAL]), int(headers[_COUNT])
        before, hashes = bytes.fromhex(headers[_BEFORE]), bytes.fromhex(headers[_HASHES])
        topic.groups.append(_Group(first, count, sequence, before))
        topic.firsts.append(first)
        head = before
        for at in range(count):
            hashed = hashes[32 * at : 32 * at + 32]
            topic.hashes[hashed[:_HASH_BYTES]] = first + at
            head = head_after(head, hashed)
        topic.last, topic.head, topic.sequence = first + count - 1, head, sequence
        topic.size_bytes = int(headers[_BYTES])

    async def _ask(self, ask: Any) -> Any:
        """An answer of the cluster, over changes of its leaders. Raises `DiskFull`, `NotFoundError`."""
        from nats.errors import ConnectionClosedError, NoRespondersError
        from nats.js.errors import NoStreamResponseError, ServerError, ServiceUnavailableError

        for _ in range(RETRIES):
            try:
                return await ask()
            except (
                NoStreamResponseError,
                NoRespondersError,
                ServerError,
                ServiceUnavailableError,
                TimeoutError,
            ):
                await asyncio.sleep(RETRY_S)
            except ConnectionClosedError:
                break
        raise DiskFull("The relay's store does not answer.")

    # --- Writing

    async def put(self, envelope: Envelope, now_ms: int) -> Placed:
        assert not self._closed, "the store is closed"
        topic = self._topic(envelope.topic)
        waiting = _Put(envelope, now_ms // HOUR_MS, asyncio.get_running_loop().create_future())
        topic.waiting.append(waiting)
        if topic.working is None:
            topic.working = asyncio.create_task(self._work(envelope.topic, topic))
        return await asyncio.shield(waiting.answer)

    async def _work(self, name: bytes, topic: _Topic) -> None:
        """Write what waits for a topic, in groups."""
        group: list[_Put] = []
        try:
            if not topic.known:
                await self._refresh(name, topic)
            while topic.waiting:
                group = self._group(topic)
                while group:
                    group = await self._write(name, topic, group)
        except DiskFull as refusal:
            for put in [*group, *topic.waiting]:
                if not put.answer.done():
                    put.answer.set_exception(DiskFull(str(refusal)))
            topic.waiting.clear()
            topic.known = False
        finally:
            topic.working = None

    @staticmethod
    def _group(topic: _Topic) -> list[_Put]:
        group: list[_Put] = []
        size = 0
        while topic.waiting and len(group) < _GROUP_MAX:
            size += len(topic.waiting[0].envelope.envelope)
            if group and size > _GROUP_BYTES_MAX:
                break
            group.append(topic.waiting.popleft())
        return group

    async def _write(self, name: bytes, topic: _Topic, group: list[_Put]) -> list[_Put]:
        """Write a group as one message. Returns what is to be tried again, after what others wrote."""
        fresh = await self._admit(topic, group)
        if not fresh:
            return []
        stream, subject = self._subject(name)
        before = topic.size_bytes
        size = before + sum(len(put.envelope.envelope) for put in fresh)
        hashes = b"".join([put.envelope.hashed for put in fresh])
        first = topic.last + 1
        headers = {
            _SERIAL: str(first),
            _COUNT: str(len(fresh)),
            _BEFORE: topic.head.hex(),
            _HASHES: hashes.hex(),
            _BYTES: str(size),
            _HOUR: str(fresh[0].hour),
            "Nats-Expected-Last-Subject-Sequence": str(topic.sequence),
            "Nats-Msg-Id": hashlib.sha256(name + hashes + first.to_bytes(8, "big")).hexdigest(),
        }
        payload = canonical.encode(
            tuple([(put.envelope.signature, put.envelope.envelope) for put in fresh]),
        )
        for put in fresh:
            put.sent = True
        sequence = await self._publish(subject, payload, stream, headers)
        if sequence == 0:  # somebody else was first
            await self._refresh(name, topic)
            return fresh
        if sequence < 0:
            for put in fresh:
                put.answer.set_exception(Full(topic=False))
            return []
        head = topic.head
        self._note(topic, sequence, headers)
        self._bytes += size - before
        for place, put in enumerate(fresh):
            head = head_after(head, put.envelope.hashed)
            if not put.answer.done():
                put.answer.set_result(Placed(serial=first + place, head=head, new=True))
        return []

    async def _publish(self, subject: str, payload: bytes, stream: str, headers: dict[str, str]) -> int:
        """The message's place in the stream; 0: another was last; below 0: there is no room."""
        from nats.js.errors import APIError

        try:
            ack = await self._ask(
                lambda: self._stream.publish(subject, payload, stream=stream, headers=headers)
            )
        except APIError as refusal:
            if refusal.err_code == _WRONG_LAST_SEQUENCE:
                return 0
            if refusal.err_code in (_MAXIMUM_BYTES, _INSUFFICIENT):
                return -1
            raise DiskFull("The relay's store refuses to write.") from refusal
        return int(ack.seq)

    async def _admit(self, topic: _Topic, group: list[_Put]) -> list[_Put]:
        """Answer what is there already and what there is no room for; the rest is to be written."""
        fresh: list[_Put] = []
        seen: set[bytes] = set()
        later: list[_Put] = []
        size = 0
        for put in group:
            one = put.envelope
            key = one.hashed[:_HASH_BYTES]
            serial = topic.hashes.get(key)
            size += len(one.envelope)
            if serial is not None:
                head = await self._head_at(one.topic, topic, serial)
                put.answer.set_result(Placed(serial=serial, head=head, new=put.sent))
            elif key in seen:
                later.append(put)
            elif await self._used() + size > self._limits.bytes_max:
                put.answer.set_exception(Full(topic=False))
            elif topic.size_bytes + size > self._limits.topic_bytes_max:
                put.answer.set_exception(Full(topic=True))
            else:
                seen.add(key)
                fresh.append(put)
        topic.waiting.extendleft(reversed(later))
        return fresh

    async def _head_at(self, name: bytes, topic: _Topic, serial: int) -> bytes:
        group = topic.groups[bisect_right(topic.firsts, serial) - 1]
        stream, _ = self._subject(name)
        message = await self._ask(lambda: self._stream.get_msg(stream, group.sequence))
        hashes, head = bytes.fromhex(message.headers[_HASHES]), group.before
        for at in range(serial - group.first + 1):
            head = head_after(head, hashes[32 * at : 32 * at + 32])
        return head

    async def expire(self, before_ms: int) -> int:
        gone = 0
        for shard in range(self._shards):
            gone += await self._expire_shard(f"{STREAM}_{shard}", before_ms // HOUR_MS)
        if gone:
            for topic in self._topics.values():
                topic.known = topic.working is not None
            self._counted_s = -_FILLED_FOR_S
        return gone

    async def _expire_shard(self, stream: str, before_hour: int) -> int:
        """Age limits do this as well; here it is to the hour, by the relay's clock."""
        from nats.js.errors import NotFoundError

        state = (await self._ask(lambda: self._stream.stream_info(stream))).state
        gone, sequence = 0, state.first_seq
        while state.messages and sequence <= state.last_seq:
            try:
                message = await self._ask(lambda at=sequence: self._stream.get_msg(stream, at))
            except NotFoundError:
                sequence += 1
                continue
            if int(message.headers[_HOUR]) >= before_hour:
                break
            gone += int(message.headers[_COUNT])
            sequence += 1
        if gone:
            await self._ask(lambda: self._stream.purge_stream(stream, seq=sequence))
        return gone

    # --- Reading

    async def end(self, topic: bytes) -> End:
        found = self._topic(topic)
        await self._refresh(topic, found)
        return End(last=found.last, head=found.head)

    async def ends(self, topics: list[bytes]) -> list[End]:
        return list(await asyncio.gather(*[self.end(topic) for topic in topics]))

    async def page(self, topic: bytes, after: int, *, envelopes_max: int, bytes_max: int) -> Page:
        from nats.js.errors import NotFoundError

        found = self._topic(topic)
        if not found.known or after >= found.last:
            await self._refresh(topic, found)
        stream, _ = self._subject(topic)
        first, before, size = 0, NO_HEAD, 0
        envelopes: list[tuple[bytes, bytes]] = []
        start = max(0, bisect_right(found.firsts, after + 1) - 1)
        for group in list(found.groups[start:]):
            if group.first + group.count - 1 <= after:
                continue
            if len(envelopes) >= envelopes_max or (envelopes and size > bytes_max):
                break
            try:
                message = await self._ask(lambda at=group.sequence: self._stream.get_msg(stream, at))
            except NotFoundError:
                continue  # it has expired
            hashes, head = bytes.fromhex(message.headers[_HASHES]), group.before
            rows = cast(Any, canonical.decode(message.data, bytes_max=2 * _GROUP_BYTES_MAX))
            for at, (signature, envelope) in enumerate(rows):
                serial = group.first + at
                size += len(envelope)
                if serial > after and len(envelopes) < envelopes_max and not (envelopes and size > bytes_max):
                    if not envelopes:
                        first, before = serial, head
                    envelopes.append((envelope, signature))
                elif serial <= after:
                    size -= len(envelope)
                head = head_after(head, hashes[32 * at : 32 * at + 32])
        return Page(first=first, before=before, envelopes=envelopes)

    # --- Room

    async def filled(self) -> float:
        return await self._used() / self._limits.bytes_max

    async def _used(self) -> int:
        """Bytes of envelopes, counted by the streams now and then, and by what is written here between."""
        now_s = asyncio.get_running_loop().time()
        if now_s - self._counted_s >= _FILLED_FOR_S:
            self._counted_s = now_s
            self._bytes = 0
            for shard in range(self._shards):
                name = f"{STREAM}_{shard}"
                state = (await self._ask(lambda name=name: self._stream.stream_info(name))).state
                self._bytes += state.bytes
        return self._bytes

    async def close(self) -> None:
        self._closed = True
        working = [topic.working for topic in self._topics.values() if topic.working is not None]
        await asyncio.gather(*working)
        await self._client.close()
