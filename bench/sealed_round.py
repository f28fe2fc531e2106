"""A sealed round among members who are not always there: how long from the freeze until all see all names.

    python bench/sealed_round.py [--members 40] [--threshold 20] [--period-s 30] [--here-minutes 5]

Law: boxes, beats, envelopes and their cryptography are those of the tree; the network is a model: whoever is
on reaches whoever else is on after 300 ms, and compares what they hold with one of them when they come on. A
third of the members are on for some minutes of each hour only. All sign within the first ten minutes in which
they are on, and those of few minutes in the first half of them. Minutes are those of the model, the same for
each seed; `last_signed_minutes` is when the last member signs, before which nobody can see all names.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from common import arguments, median, progress, report

from meshcoal.clock import DAY_MS, HOUR_MS
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.ring import RingKey
from meshcoal.crypto.signing import SigningKey
from meshcoal.errors import RemoteError
from meshcoal.ids import AuthorId
from meshcoal.statement.sealed.box import Box
from meshcoal.statement.sealed.envelope import Round, seal
from meshcoal.statement.sealed.keys import NO_WEEKS, begin_week, gather, mine
from meshcoal.statement.sealed.terms import make_terms
from meshcoal.sync.beats import Beats
from meshcoal.wire.beats import decode_beat
from meshcoal.wire.public_text import SignOnFields
from meshcoal.wire.sealed import SEALED, Envelope, SealedItem, item_id
from meshcoal.wire.terms import Capacity

MINUTE_MS = 60_000
HOP_MS = 300
BEGAN_MS = 20_000 * DAY_MS
CAMPAIGN = bytes(32)
RARE = 3  # each third member


@dataclass
class Node:
    """One member's node."""

    author: AuthorId
    place: int
    ring_key: RingKey
    act: SigningKey
    trustee: AgreementKey
    box: Box
    beats: Beats
    from_ms: int  # on from this minute of each hour
    here_ms: int  # for so long
    judged: set[bytes] = field(default_factory=set)
    done_ms: int = 0

    def is_on(self, now_ms: int) -> bool:
        return (now_ms - self.from_ms) % HOUR_MS < self.here_ms


class Model:
    """Members, what is on its way, and when each of them saw every name."""

    def __init__(self, *, members: int, threshold: int, period_ms: int, here_ms: int, seed: int) -> None:
        self.random = random.Random(seed)
        self.now_ms = BEGAN_MS
        self._heap: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0
        self.frames = 0
        self.last_signed_ms = 0
        acts, published, held = {}, {}, {}
        for number in range(members):
            author = AuthorId(number.to_bytes(32, "big"))
            entropy = SeededEntropy(b"week %d %d" % (seed, number))
            held[author], published[author] = begin_week(
                NO_WEEKS, campaign=CAMPAIGN, author=author, entropy=entropy, now_ms=BEGAN_MS
            )
            acts[author] = SigningKey(entropy.take(32))
        roster = gather({author: act.public for author, act in acts.items()}, published)
        self.terms = make_terms(
            campaign=CAMPAIGN, statement=bytes(32), roster=roster, threshold=threshold,
            expires_ms=BEGAN_MS + 7 * DAY_MS,
        )  # fmt: skip
        self.round = Round.of(self.terms, roster)
        self.nodes = []
        for number, (author, weeks) in enumerate(held.items()):
            place, week = mine(weeks, roster)
            rare = number % RARE == 0
            entropy = SeededEntropy(b"beats %d %d" % (seed, number))
            node = Node(
                author=author,
                place=place,
                ring_key=RingKey(week.ring_seed),
                act=acts[author],
                trustee=AgreementKey(week.trustee),
                box=Box(self.round),
                beats=Beats(period_ms=period_ms, entropy=entropy, now_ms=BEGAN_MS),
                from_ms=BEGAN_MS + (self.random.randrange(HOUR_MS) if rare else 0),
                here_ms=here_ms if rare else HOUR_MS,
            )
            self.nodes.append(node)
            self.at(node.beats.due_ms, lambda node=node: self.beat(node))  # type: ignore[misc]
            self.at(self._signs_ms(node), lambda node=node: self.sign(node))  # type: ignore[misc]
            if rare:
                self.at(node.from_ms, lambda node=node: self.come_on(node))  # type: ignore[misc]

    def _signs_ms(self, node: Node) -> int:
        return node.from_ms + self.random.randrange(min(10 * MINUTE_MS, node.here_ms // 2))

    def at(self, when_ms: int, what: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._heap, (when_ms, self._count, what))

    def run(self, tell: Callable[[int], None]) -> None:
        """Until all have seen all names, or for two days."""
        while self._heap and self.now_ms < BEGAN_MS + 2 * DAY_MS:
            self.now_ms, _, what = heapq.heappop(self._heap)
            what()
            if all(node.done_ms for node in self.nodes):
                return
            tell((self.now_ms - BEGAN_MS) // MINUTE_MS)

    def on(self) -> list[Node]:
        return [node for node in self.nodes if node.is_on(self.now_ms)]

    def sign(self, node: Node) -> None:
        self.last_signed_ms = self.now_ms
        fields = SignOnFields(
            capacity=Capacity.INDIVIDUAL, name=f"member {node.place}", title="", affiliation="",
            country="", languages_read=("en",), signed_ms=BEGAN_MS,
        )  # fmt: skip
        envelope = seal(
            self.round, ring_key=node.ring_key, act_key=node.act, fields=fields, floor=self.terms.threshold,
            verified=len(self.nodes) - 1, now_ms=self.now_ms, entropy=SeededEntropy(b"sign" + node.author),
        )  # fmt: skip
        node.beats.begin(SEALED.encode(envelope))

    def beat(self, node: Node) -> None:
        if self.now_ms < node.beats.due_ms:
            return  # it came earlier, on waking
        peers = [one.author for one in self.on() if one is not node] if node.is_on(self.now_ms) else []
        sent = node.beats.on_beat(self.now_ms, sorted(peers))
        self.at(node.beats.due_ms, lambda: self.beat(node))
        if sent is None:
            return
        self.frames += 1
        receiver = next(one for one in self.nodes if one.author == sent.to)
        for data in receiver.beats.on_items(decode_beat(sent.data)):
            item = SEALED.decode(data)
            assert isinstance(item, Envelope)
            self.at(self.now_ms + HOP_MS, lambda item=item: self.give(receiver, item))  # type: ignore[misc]

    def give(self, node: Node, item: SealedItem) -> None:
        """An item reaches a node: it judges, tells what is due, and sends what is new to all who are on."""
        name = item_id(item)
        if name in node.judged:
            return
        node.judged.add(name)
        if isinstance(item, Envelope):
            node.beats.seen(SEALED.encode(item))
        try:
            moved = node.box.take(item, now_ms=self.now_ms)
        except RemoteError:
            return
        fresh = list(moved.added)
        if isinstance(item, Envelope):
            for told in node.box.tell(member=node.place, trustee=node.trustee, now_ms=self.now_ms):
                node.judged.add(item_id(told))
                fresh += node.box.take(told, now_ms=self.now_ms).added
        if not node.done_ms and len(node.box.opened()) == len(self.nodes):
            node.done_ms = self.now_ms
        for one in fresh:
            node.judged.add(item_id(one))
            for other in self.on():
                if item_id(one) not in other.judged:
                    self.at(self.now_ms + HOP_MS, lambda o=other, i=one: self.give(o, i))  # type: ignore[misc]

    def come_on(self, node: Node) -> None:
        """Compare with one who is on, both ways."""
        self.at(self.now_ms + HOUR_MS, lambda: self.come_on(node))
        node.beats.wake(self.now_ms)
        self.at(node.beats.due_ms, lambda: self.beat(node))
        others = [one for one in self.on() if one is not node]
        if not others:
            return
        other = self.random.choice(others)
        for one, items in ((node, other.box.items()), (other, node.box.items())):
            for item in items:
                self.at(self.now_ms + HOP_MS, lambda o=one, i=item: self.give(o, i))  # type: ignore[misc]


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--members", type=int, default=40)
    parser.add_argument("--threshold", type=int, default=20)
    parser.add_argument("--period-s", type=int, default=30)
    parser.add_argument("--here-minutes", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    model = Model(
        members=chosen.members,
        threshold=chosen.threshold,
        period_ms=chosen.period_s * 1000,
        here_ms=chosen.here_minutes * MINUTE_MS,
        seed=chosen.seed,
    )
    model.run(progress("minute"))
    minutes = [(node.done_ms - BEGAN_MS) / MINUTE_MS for node in model.nodes if node.done_ms]
    always = [
        (node.done_ms - BEGAN_MS) / MINUTE_MS
        for node in model.nodes
        if node.done_ms and node.here_ms == HOUR_MS
    ]
    report(
        "sealed_round",
        members=chosen.members,
        threshold=chosen.threshold,
        period_s=chosen.period_s,
        done=len(minutes),
        last_signed_minutes=(model.last_signed_ms - BEGAN_MS) / MINUTE_MS,
        always_on_median_minutes=median(always) if always else -1.0,
        median_minutes=median(minutes) if minutes else -1.0,
        worst_minutes=max(minutes, default=-1.0),
        beats_per_node_hour=model.frames / chosen.members / max(max(minutes, default=1.0) / 60, 1e-9),
    )


if __name__ == "__main__":
    main()
