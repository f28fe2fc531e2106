"""Thousands of members who pass on what is new: the machines of `sync.overlay` and `sync.broadcast` alone.

Law: the machines run as they are; network, stores and time are as little as will do. Each pair of members has
one delay for good. A seed decides everything. For figures of whole nodes there is `sim.world`.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from meshcoal.ids import AuthorId
from meshcoal.sync import broadcast, overlay
from meshcoal.sync.tree import Standing

DELAY_LEAST_US: Final = 10_000
DELAY_MOST_US: Final = 50_000
DIAL_TIMEOUT_US: Final = 1_500_000


class Chance:
    """Entropy of a node: quick and repeatable; `SeededEntropy` would take half of the time of a swarm."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def take(self, count: int, /) -> bytes:
        return self._random.randbytes(count)


@dataclass(slots=True)
class Sent:
    """One message on its way."""

    at_us: int
    arrived: dict[int, tuple[int, int]] = field(default_factory=dict)  # node -> when, hops
    copies: int = 0


class Node:
    """The two machines of one member, and how far it holds whose log."""

    __slots__ = ("alive", "broadcast", "links", "overlay", "pending", "tops")

    def __init__(self, me: AuthorId, roster: overlay.Roster, seed: int, members: int) -> None:
        self.alive = True
        self.tops: dict[AuthorId, int] = {}
        self.pending: dict[AuthorId, set[int]] = {}
        self.links: dict[AuthorId, int] = {}
        self.broadcast = broadcast.Broadcast(me=me, tops=self, entropy=Chance(2 * seed + 1))
        self.overlay = overlay.Overlay(
            me=me, roster=roster, in_use=self.broadcast.in_use, entropy=Chance(2 * seed)
        )
        self.broadcast.handle(broadcast.Counted(members), 0)

    def top(self, author: AuthorId) -> int:
        return self.tops.get(author, -1)


class Swarm:
    """Members, their links, and what is under way. It is the roster, too.

    Args:
        count: members.
        near: delays by distance on a square: 5 ms, up to 71 for the way, up to 10 by chance. Else each pair
            has its own, evenly from 10 to 50 ms, as in the simulations of iroh-gossip.
        silent: who fails says nothing more. Else their links close, as those of a process that dies do.
        mute: members that take everything, pass nothing on, and claim to stand next to the root.
    """

    def __init__(
        self, count: int, *, seed: int, near: bool = False, silent: bool = False, mute: Iterable[int] = ()
    ) -> None:
        self.chance = random.Random(seed)
        self.seed = seed
        self.now_us = 0
        self.silent = silent
        self.mute = frozenset(mute)
        self.apart: dict[int, int] = {}  # node -> side, while the swarm is cut in two
        self.keys = [AuthorId(self.chance.randbytes(32)) for _ in range(count)]
        self.index = {key: number for number, key in enumerate(self.keys)}
        self.places = [(self.chance.random(), self.chance.random()) for _ in range(count)] if near else []
        self.nodes = [
            Node(key, self, seed * 1_000_003 + number, count) for number, key in enumerate(self.keys)
        ]
        self._heap: list[tuple[int, int, int, str, Any]] = []
        self._number = 0
        self._link = 0
        self.control = 0
        self.events = 0
        self.sent: dict[tuple[AuthorId, int], Sent] = {}

    # --- Roster

    def __len__(self) -> int:
        return len(self.keys)

    def at(self, index: int) -> AuthorId:
        return self.keys[index]

    def has(self, peer: AuthorId) -> bool:
        return peer in self.index

    # --- Time

    def delay_us(self, one: int, other: int) -> int:
        """One way between two members; the same both ways and always."""
        low, high = (one, other) if one < other else (other, one)
        mixed = (low * 0x9E3779B97F4A7C15 + high * 0xC2B2AE3D27D4EB4F + self.seed) & 0xFFFFFFFFFFFFFFFF
        mixed = ((mixed ^ (mixed >> 31)) * 0xD6E8FEB86659FD93) & 0xFFFFFFFFFFFFFFFF
        part = (mixed >> 33) / (1 << 31)
        if self.places:
            (x, y), (v, w) = self.places[one], self.places[other]
            return int(5_000 + 50_000 * ((x - v) ** 2 + (y - w) ** 2) ** 0.5 + 10_000 * part)
        return int(DELAY_LEAST_US + (DELAY_MOST_US - DELAY_LEAST_US) * part)

    def at_us(self, when_us: int, node: int, what: str, payload: Any) -> None:
        """Let something happen to a node."""
        self._number += 1
        heapq.heappush(self._heap, (when_us, self._number, node, what, payload))

    def run_until(self, until_us: int) -> None:
        handlers: dict[str, Callable[[int, Node, Any], None]] = {
            "views": self._views,
            "tree": self._tree,
            "knock": self._knock,
            "dialled": self._dialled,
            "answered": self._answered,
            "closed": self._closed,
            "frame": self._frame,
        }
        while self._heap and self._heap[0][0] <= until_us:
            self.now_us, _, number, what, payload = heapq.heappop(self._heap)
            self.events += 1
            node = self.nodes[number]
            if node.alive:
                handlers[what](number, node, payload)
        self.now_us = until_us

    # --- What happens at a node

    def _views(self, number: int, node: Node, event: overlay.Event) -> None:
        for effect in node.overlay.handle(event, self.now_us // 1000):
            match effect:
                case overlay.Say(peer, said):
                    self._send(number, node, peer, "views_said", said)
                case overlay.SetTimer(at_ms):
                    self.at_us(max(at_ms * 1000, self.now_us), number, "views", overlay.TimerFired())
                case overlay.Dial(peer):
                    other = self.index[peer]
                    self.at_us(self.now_us + self.delay_us(number, other), number, "knock", other)
                case overlay.Close(peer):
                    self._close(number, node, peer)

    def _tree(self, number: int, node: Node, event: broadcast.Event) -> None:
        for effect in node.broadcast.handle(event, self.now_us // 1000):
            if number in self.mute:
                if isinstance(effect, broadcast.Push | broadcast.Supply):
                    continue
                if isinstance(effect, broadcast.Say) and isinstance(effect.said, Standing):
                    lie = Standing(
                        began_s=effect.said.began_s,
                        root=effect.said.root,
                        label_us=1,
                        chosen=effect.said.chosen,
                    )
                    effect = broadcast.Say(effect.peer, lie)
            match effect:
                case broadcast.Push(peer, author, seq, extras):
                    self._send(number, node, peer, "run", (author, seq, extras))
                case broadcast.Say(peer, said):
                    self._send(number, node, peer, "tree_said", said)
                case broadcast.SetTimer(at_ms):
                    self.at_us(max(at_ms * 1000, self.now_us), number, "tree", broadcast.TimerFired())
                case broadcast.Supply(peer, author, after):
                    for seq in range(after + 1, node.top(author) + 1):
                        self._send(number, node, peer, "run", (author, seq, 0))
                case broadcast.Probe(peer):
                    self._send(number, node, peer, "ping", None)
                case broadcast.Doubt(peer):
                    self._views(number, node, overlay.Doubted(peer))
                case broadcast.Trust(peer):
                    self._views(number, node, overlay.Trusted(peer))
                case broadcast.Suspect(peer):
                    self._close(number, node, peer)
                    self._views(number, node, overlay.Down(peer))

    def _send(self, number: int, node: Node, peer: AuthorId, what: str, payload: object) -> None:
        link = node.links.get(peer)
        if link is None:
            return
        other = self.index[peer]
        if what != "run":
            self.control += 1
        self.at_us(self.now_us + self.delay_us(number, other), other, "frame", (number, link, what, payload))

    def _frame(self, number: int, node: Node, payload: tuple[int, int, str, Any]) -> None:
        source, link, what, content = payload
        peer = self.keys[source]
        if node.links.get(peer) != link:
            return
        match what:
            case "views_said":
                self._views(number, node, overlay.Heard(peer, content))
            case "tree_said":
                self._tree(number, node, broadcast.Heard(peer, content))
            case "run":
                self._take(number, node, source, *content)
            case "frontier":
                theirs: dict[AuthorId, int] = content
                if number in self.mute:
                    return
                for author, top in node.tops.items():
                    for seq in range(theirs.get(author, -1) + 1, top + 1):
                        self._send(number, node, peer, "run", (author, seq, 0))
            case "ping":
                self._send(number, node, peer, "pong", None)
            case "pong":
                self._tree(number, node, broadcast.Alive(peer))

    def _take(self, number: int, node: Node, source: int, author: AuthorId, seq: int, extras: int) -> None:
        peer = self.keys[source]
        sent = self.sent[author, seq]
        sent.copies += 1
        if number not in sent.arrived:
            sent.arrived[number] = self.now_us, sent.arrived[source][1] + 1
        if self.nodes[source].alive:  # every run is answered by `Taken`
            self.nodes[source].broadcast.handle(broadcast.Alive(self.keys[number]), self.now_us // 1000)
        top = node.top(author)
        if seq <= top:
            self._tree(number, node, broadcast.Arrived(peer, author, seq, False))
        elif seq > top + 1:
            node.pending.setdefault(author, set()).add(seq)
            self._tree(number, node, broadcast.Heard(peer, broadcast.Announce(((author, seq),))))
        else:
            waiting = node.pending.get(author, set())
            node.tops[author] = seq
            self._tree(number, node, broadcast.Arrived(peer, author, seq, True, extras))
            while node.tops[author] + 1 in waiting:
                node.tops[author] += 1
                waiting.discard(node.tops[author])
                self._tree(number, node, broadcast.Arrived(peer, author, node.tops[author], True))

    # --- Links

    def _knock(self, number: int, node: Node, other: int) -> None:
        """A dial has got there, or not."""
        delay_us, peer = self.delay_us(number, other), self.keys[other]
        if not self.nodes[other].alive or self.apart.get(number) != self.apart.get(other):
            later_us = DIAL_TIMEOUT_US if self.silent else delay_us
            self.at_us(self.now_us + later_us, number, "views", overlay.Failed(peer))
            return
        self.at_us(self.now_us + delay_us, number, "dialled", other)

    def _dialled(self, number: int, node: Node, other: int) -> None:
        peer = self.keys[other]
        if peer in node.links or not self.nodes[other].alive or peer not in node.overlay.wanted:
            return
        self._link += 1
        delay_us = self.delay_us(number, other)
        node.links[peer] = self._link
        self.at_us(self.now_us + delay_us, other, "answered", (number, self._link))
        self._views(number, node, overlay.Up(peer, delay_us, True))
        self._greet(number, node, peer, delay_us)

    def _answered(self, number: int, node: Node, payload: tuple[int, int]) -> None:
        other, link = payload
        peer = self.keys[other]
        if not self.nodes[other].alive and not self.silent:
            return
        if peer in node.links:  # both dialled: the smaller number's link stays
            if other > number:
                return
            self._tree(number, node, broadcast.LinkDown(peer))
        node.links[peer] = link
        if self.nodes[other].links.get(self.keys[number]) not in (link, None):
            node.links[peer] = self.nodes[other].links[self.keys[number]]
        delay_us = self.delay_us(number, other)
        self._views(number, node, overlay.Up(peer, delay_us, False))
        self._greet(number, node, peer, delay_us)

    def _greet(self, number: int, node: Node, peer: AuthorId, delay_us: int) -> None:
        if peer not in node.links:
            return
        self._tree(number, node, broadcast.LinkUp(peer, delay_us))
        self._send(number, node, peer, "frontier", dict(node.tops))

    def _close(self, number: int, node: Node, peer: AuthorId) -> None:
        link = node.links.pop(peer, None)
        if link is None:
            return
        other = self.index[peer]
        self.at_us(self.now_us + self.delay_us(number, other), other, "closed", (number, link))
        self._tree(number, node, broadcast.LinkDown(peer))

    def _closed(self, number: int, node: Node, payload: tuple[int, int]) -> None:
        other, link = payload
        peer = self.keys[other]
        if node.links.get(peer) != link:
            return
        del node.links[peer]
        self._tree(number, node, broadcast.LinkDown(peer))
        self._views(number, node, overlay.Down(peer))

    # --- What befalls it

    def cut(self, some: Iterable[int]) -> None:
        """Keep some apart from all others: links between them close, dials between them fail."""
        self.apart = dict.fromkeys(some, 1)
        for number, node in enumerate(self.nodes):
            for peer in list(node.links):
                other = self.index[peer]
                if self.apart.get(number) != self.apart.get(other):
                    del node.links[peer]
                    self._tree(number, node, broadcast.LinkDown(peer))
                    self._views(number, node, overlay.Down(peer))

    def heal(self) -> None:
        self.apart = {}

    def join(self, *, within_us: int = 2_000_000) -> None:
        """Let everybody begin, each at a moment of their own."""
        for number in range(len(self.nodes)):
            self.at_us(self.chance.randrange(within_us), number, "views", overlay.Changed())

    def fail(self, numbers: Sequence[int]) -> None:
        """Let these be gone from now on."""
        for number in numbers:
            node = self.nodes[number]
            node.alive = False
            if self.silent:
                continue
            for peer, link in node.links.items():
                other = self.index[peer]
                self.at_us(self.now_us + self.delay_us(number, other), other, "closed", (number, link))

    def send(self, number: int) -> Sent:
        """One member writes."""
        node, author = self.nodes[number], self.keys[number]
        seq = node.top(author) + 1
        node.tops[author] = seq
        sent = self.sent[author, seq] = Sent(self.now_us)
        sent.arrived[number] = self.now_us, 0
        self._tree(number, node, broadcast.Wrote(author, seq))
        return sent

    def living(self) -> list[int]:
        return [number for number, node in enumerate(self.nodes) if node.alive]

    # --- Floors

    def floor_us(self, source: int) -> int:
        """When the last would hear if all links carried everything at once and for nothing."""
        graph = {
            number: [self.index[peer] for peer in node.links]
            for number, node in enumerate(self.nodes)
            if node.alive
        }
        return self._quickest(graph, source)

    def floor_of_five_us(self, source: int) -> int:
        """The same on a random graph of five links each, as views of five make it."""
        graph: dict[int, list[int]] = {number: [] for number in range(len(self.nodes))}
        ends = [number for number in graph for _ in range(5)]
        random.Random(self.seed).shuffle(ends)
        for one, other in zip(ends[::2], ends[1::2], strict=False):
            graph[one].append(other)
            graph[other].append(one)
        return self._quickest(graph, source)

    def _quickest(self, graph: dict[int, list[int]], source: int) -> int:
        best = {source: 0}
        heap = [(0, source)]
        last = 0
        done = set()
        while heap:
            at_us, number = heapq.heappop(heap)
            if number in done:
                continue
            done.add(number)
            last = at_us
            for other in graph[number]:
                if other not in graph:
                    continue
                there_us = at_us + self.delay_us(number, other)
                if there_us < best.get(other, 1 << 62):
                    best[other] = there_us
                    heapq.heappush(heap, (there_us, other))
        return last
