"""The tree and what goes around it: no cycle ever, one tree in the end, bounds on what peers can cause."""

from __future__ import annotations

import hashlib
import random
from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.ids import AuthorId
from meshcoal.limits import MEMBERS_MAX
from meshcoal.sync import broadcast
from meshcoal.sync.broadcast import (
    ANNOUNCE_LINKS_MAX,
    DOUBT_AFTER_MS,
    ENTRIES_MAX,
    EXTRAS_MIN,
    GRACE_MS,
    MEMBERS_PER_EXTRA,
    PROBE_AFTER_MS,
    QUIET_MS,
    SUSPECT_AFTER_MS,
    Broadcast,
)
from meshcoal.sync.tree import LISTEN_MS, NO_WAVE, ROOT_BYTES, WAVE_AHEAD_S, WAVE_EVERY_MS, Standing, Tree
from meshcoal.sync.wants import ASKED_MAX, WANTED_MAX

START_MS = 1_700_000_000_000


def member(number: int) -> AuthorId:
    return AuthorId(hashlib.sha256(b"%d" % number).digest())


class Grove:
    """Trees of several nodes, and what is under way between them: in order on each link, else in any."""

    def __init__(self, count: int, seed: int) -> None:
        self.chance = random.Random(seed)
        self.now_ms = START_MS
        self.keys = [member(number) for number in range(count)]
        self.index = {key: number for number, key in enumerate(self.keys)}
        self.trees = [Tree(me=key, entropy=SeededEntropy(key)) for key in self.keys]
        self.links: set[tuple[int, int]] = set()
        self.under_way: dict[tuple[int, int], deque[Standing]] = {}

    def post(self, source: int, said: list[tuple[AuthorId, Standing]]) -> None:
        for peer, standing in said:
            self.under_way[source, self.index[peer]].append(standing)

    def link(self, one: int, other: int) -> None:
        if one == other or (one, other) in self.links:
            return
        self.links |= {(one, other), (other, one)}
        self.under_way[one, other], self.under_way[other, one] = deque(), deque()
        way_us = self.chance.randrange(1_000, 60_000)
        self.post(one, self.trees[one].up(self.keys[other], way_us, self.now_ms))
        self.post(other, self.trees[other].up(self.keys[one], way_us, self.now_ms))

    def unlink(self, one: int, other: int) -> None:
        self.links -= {(one, other), (other, one)}
        del self.under_way[one, other], self.under_way[other, one]
        self.post(one, self.trees[one].down(self.keys[other], self.now_ms))
        self.post(other, self.trees[other].down(self.keys[one], self.now_ms))

    def deliver(self) -> bool:
        """One message, on a link chosen by chance."""
        waiting = sorted(pair for pair, said in self.under_way.items() if said)
        if not waiting:
            return False
        source, target = self.chance.choice(waiting)
        said = self.under_way[source, target].popleft()
        self.post(target, self.trees[target].hear(self.keys[source], said, self.now_ms))
        self.check()
        return True

    def tick(self, ms: int) -> None:
        self.now_ms += ms
        for number, tree in enumerate(self.trees):
            self.post(number, tree.tick(self.now_ms))
        self.check()

    def check(self) -> None:
        """Whoever is above me in my wave has a lesser label: no way upwards comes back."""
        for tree in self.trees:
            if tree.upper is not None:
                above = self.trees[self.index[tree.upper]]
                assert above.wave >= tree.wave
                assert above.wave != tree.wave or above.label_us < tree.label_us

    def settle(self) -> None:
        for _ in range(12):
            while self.deliver():
                pass
            self.tick(7_000)
        while self.deliver():
            pass

    def parts(self) -> list[set[int]]:
        left, found = set(range(len(self.keys))), []
        while left:
            todo, part = [min(left)], {min(left)}
            while todo:
                one = todo.pop()
                for other in range(len(self.keys)):
                    if (one, other) in self.links and other not in part:
                        part.add(other)
                        todo.append(other)
            found.append(part)
            left -= part
        return found


@settings(max_examples=120, deadline=None)
@given(st.integers(2, 12), st.integers(0, 2**32), st.integers(0, 60))
def test_one_tree_in_each_part_and_never_a_cycle(count: int, seed: int, changes: int) -> None:
    """Goal: whatever links come and go, and whatever order news takes, the tree is one and spans everybody.

    Method: links, cuts and writers by chance, deliveries in between; the law is checked at each delivery.
    """
    grove = Grove(count, seed)
    for _ in range(changes):
        one, other = grove.chance.randrange(count), grove.chance.randrange(count)
        match grove.chance.randrange(6):
            case 0 | 1 | 2:
                grove.link(one, other)
            case 3 if (one, other) in grove.links:
                grove.unlink(one, other)
            case 4:
                grove.post(one, grove.trees[one].wrote(grove.now_ms))
            case _:
                grove.tick(grove.chance.randrange(2_000))
        for _ in range(grove.chance.randrange(12)):
            grove.deliver()
    grove.settle()
    for part in grove.parts():
        waves = {grove.trees[number].wave for number in part}
        assert len(waves) == 1
        if len(part) == 1:
            assert waves == {NO_WAVE}
            continue
        roots = [number for number in part if grove.trees[number].upper is None]
        assert [grove.keys[root][:ROOT_BYTES] for root in roots] == [wave[1] for wave in waves]
        for number in part:
            tree = grove.trees[number]
            for other in part:
                if (number, other) not in grove.links:
                    continue
                used = tree.upper == grove.keys[other] or grove.trees[other].upper == grove.keys[number]
                assert tree.uses(grove.keys[other]) == used
                assert tree.eager(grove.keys[other]) == used


def test_a_wave_of_the_future_or_too_soon_is_not_believed() -> None:
    """Goal: nobody makes themselves root for good, or has everybody build anew all the time. Method: both."""
    tree = Tree(me=member(0), entropy=SeededEntropy(b"future"))
    tree.up(member(1), 10_000, START_MS)

    def says(began_s: int, now_ms: int) -> None:
        root = member(1)[:ROOT_BYTES]
        tree.hear(member(1), Standing(began_s=began_s, root=root, label_us=0, chosen=False), now_ms)

    says(START_MS // 1000 + WAVE_AHEAD_S + 1, START_MS)
    assert tree.wave == NO_WAVE
    says(START_MS // 1000, START_MS)
    assert tree.wave[0] == START_MS // 1000
    says(START_MS // 1000 + 1, START_MS + WAVE_EVERY_MS - 1)
    assert tree.wave[0] == START_MS // 1000
    assert tree.eager(member(1))  # not in one tree with it: it is sent everything
    tree.tick(START_MS + WAVE_EVERY_MS)
    assert tree.wave[0] == START_MS // 1000 + 1


class Shelf(dict[AuthorId, int]):
    """How far a test's node holds whose log."""

    def top(self, author: AuthorId) -> int:
        return self.get(author, -1)


def star(links: int) -> tuple[Broadcast, Shelf, list[AuthorId]]:
    """A node at the root of a settled tree: the first two links hang below it, the others do not."""
    shelf = Shelf()
    node = Broadcast(me=member(0), tops=shelf, entropy=SeededEntropy(b"star"))
    peers = [member(number) for number in range(1, links + 1)]
    for peer in peers:
        node.handle(broadcast.LinkUp(peer, 20_000), START_MS)
    node.handle(broadcast.Wrote(member(0), 0), START_MS)
    shelf[member(0)] = 0
    began_s, root = node.tree.wave
    for index, peer in enumerate(peers):
        said = Standing(began_s=began_s, root=root, label_us=25_000, chosen=index < 2)
        node.handle(broadcast.Heard(peer, said), START_MS + 50)
        node.handle(broadcast.Arrived(peer, member(0), 0, False), START_MS + 60)
    return node, shelf, peers


def pushed(effects: list[broadcast.Effect]) -> list[AuthorId]:
    return [effect.peer for effect in effects if isinstance(effect, broadcast.Push)]


def said(effects: list[broadcast.Effect], kind: type) -> list[broadcast.Say]:
    return [
        effect for effect in effects if isinstance(effect, broadcast.Say) and isinstance(effect.said, kind)
    ]


def test_new_goes_down_the_tree_and_the_rest_hears_of_it() -> None:
    """Goal: one copy to each link of the tree, few beside, the others are told. Method: one arrival."""
    node, shelf, peers = star(9)
    author = member(99)
    shelf[author] = 0
    now_ms = START_MS + 5_000
    assert pushed(node.handle(broadcast.Arrived(peers[0], author, 0, True), now_ms)) == [peers[1]]
    assert pushed(node.handle(broadcast.Arrived(peers[5], author, 0, False), now_ms + 1)) == []
    told: list[AuthorId] = []
    for second in range(1, 6):
        effects = node.handle(broadcast.TimerFired(), now_ms + 1_000 * second)
        announced = said(effects, broadcast.Announce)
        assert len(announced) <= ANNOUNCE_LINKS_MAX
        told += [effect.peer for effect in announced]
    # Who sent it needs no telling, nor does the tree.
    assert sorted(told) == sorted(set(peers) - {peers[0], peers[1], peers[5]})
    shelf[member(0)] = 1
    mine = pushed(node.handle(broadcast.Wrote(member(0), 1), now_ms + 10_000))
    assert set(peers[:2]) <= set(mine)
    assert len(mine) == 2 + EXTRAS_MIN


def test_what_does_not_come_is_asked_for_of_one_after_the_other() -> None:
    """Goal: a claim costs nothing but a few questions. Method: two announce, nobody sends."""
    node, shelf, peers = star(6)
    author = member(99)
    now_ms = START_MS + 5_000
    assert (
        said(
            node.handle(broadcast.Heard(peers[4], broadcast.Announce(((author, 3),))), now_ms), broadcast.Lack
        )
        == []
    )
    node.handle(broadcast.Heard(peers[5], broadcast.Announce(((author, 3),))), now_ms + 10)
    asked: list[AuthorId] = []
    for step in range(1, 40):
        effects = node.handle(broadcast.TimerFired(), now_ms + step * GRACE_MS)
        lacks = said(effects, broadcast.Lack)
        assert len(lacks) <= 1
        for effect in lacks:
            assert effect.said == broadcast.Lack(((author, -1),))
            asked.append(effect.peer)
    assert asked == [peers[4], peers[5]] * ASKED_MAX
    shelf[author] = 3
    effects = node.handle(broadcast.Heard(peers[3], broadcast.Lack(((author, 1),))), now_ms + 60_000)
    assert effects[-1:] == [broadcast.Supply(peers[3], author, 1)]


def test_what_came_in_time_is_not_asked_for() -> None:
    """Goal: an announcement that outran its push costs nothing. Method: announced, then it arrives."""
    node, shelf, peers = star(6)
    author = member(99)
    now_ms = START_MS + 5_000
    node.handle(broadcast.Heard(peers[4], broadcast.Announce(((author, 0),))), now_ms)
    shelf[author] = 0
    node.handle(broadcast.Arrived(peers[0], author, 0, True), now_ms + GRACE_MS - 1)
    for step in range(1, 10):
        effects = node.handle(broadcast.TimerFired(), now_ms + step * GRACE_MS)
        assert said(effects, broadcast.Lack) == []


@pytest.mark.parametrize("honest_label_us", [20_000, 30_000])
def test_an_upper_neighbour_that_lets_things_be_missed_is_not_relied_on(honest_label_us: int) -> None:
    """Goal: a silent member above me costs a few delays, not the link to the rest.

    Method: it claims to be nearest to the root and sends nothing; another has to be asked. That one stands
    above me, or, by the liar's doing, not.
    """
    shelf = Shelf()
    node = Broadcast(me=member(0), tops=shelf, entropy=SeededEntropy(b"silent"))
    mute, honest, author = member(1), member(2), member(99)
    began_s, root = START_MS // 1000, member(50)[:ROOT_BYTES]
    for peer, label_us in ((mute, 1), (honest, honest_label_us)):
        node.handle(broadcast.LinkUp(peer, 20_000), START_MS)
        standing = Standing(began_s=began_s, root=root, label_us=label_us, chosen=False)
        node.handle(broadcast.Heard(peer, standing), START_MS)
    assert node.tree.upper == mute
    now_ms = START_MS + 10_000
    last: list[broadcast.Say] = []
    for seq in range(3):
        assert not node.tree.uses(honest)
        now_ms += 5_000
        node.handle(broadcast.Heard(honest, broadcast.Announce(((author, seq),))), now_ms)
        asked = said(node.handle(broadcast.TimerFired(), now_ms + GRACE_MS), broadcast.Lack)
        assert [effect.peer for effect in asked] == [honest]
        shelf[author] = seq
        last = said(
            node.handle(broadcast.Arrived(honest, author, seq, True), now_ms + GRACE_MS + 40), Standing
        )
    assert node.tree.uses(honest)
    chosen = [effect.peer for effect in last if isinstance(effect.said, Standing) and effect.said.chosen]
    assert chosen == [honest]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2_000), st.integers(0, 2**40)), max_size=200))
def test_a_flood_of_claims_is_bounded(claims: list[tuple[int, int, int]]) -> None:
    """Goal: what peers claim takes no more memory and frames than the bounds. Method: any claims."""
    node, _, peers = star(6)
    now_ms = START_MS + 5_000
    for number, author, seq in claims:
        now_ms += 30
        held = tuple([(member(author + index), seq) for index in range(ENTRIES_MAX)])
        node.handle(broadcast.Heard(peers[number], broadcast.Announce(held)), now_ms)
        effects = node.handle(broadcast.TimerFired(), now_ms)
        lacks = said(effects, broadcast.Lack)
        assert (
            sum(len(effect.said.held) for effect in lacks if isinstance(effect.said, broadcast.Lack))
            <= WANTED_MAX
        )
        assert all(
            isinstance(one.said, broadcast.Lack) and len(one.said.held) <= ENTRIES_MAX for one in lacks
        )


def test_a_link_that_does_not_answer_is_probed_and_then_ended() -> None:
    """Goal: who is gone without a word is noticed soon. Method: something is pushed, nothing comes back."""
    node, shelf, peers = star(3)
    shelf[member(0)] = 1
    now_ms = START_MS + 5_000
    assert peers[0] in pushed(node.handle(broadcast.Wrote(member(0), 1), now_ms))
    node.handle(broadcast.Alive(peers[1]), now_ms + 100)
    node.handle(broadcast.Alive(peers[2]), now_ms + 100)
    probed_ms = now_ms + PROBE_AFTER_MS + 200
    effects = node.handle(broadcast.TimerFired(), probed_ms)
    assert [effect for effect in effects if isinstance(effect, broadcast.Probe)] == [
        broadcast.Probe(peers[0])
    ]
    doubted_ms = probed_ms + DOUBT_AFTER_MS + 200
    effects = node.handle(broadcast.TimerFired(), doubted_ms)
    assert broadcast.Doubt(peers[0]) in effects
    # Where one is gone others may be.
    assert {effect.peer for effect in effects if isinstance(effect, broadcast.Probe)} == set(peers[1:])
    node.handle(broadcast.Alive(peers[1]), doubted_ms + 100)
    effects = node.handle(broadcast.TimerFired(), doubted_ms + SUSPECT_AFTER_MS + 200)
    assert [effect for effect in effects if isinstance(effect, broadcast.Suspect)] == [
        broadcast.Suspect(peers[0])
    ]
    assert node.handle(broadcast.Alive(peers[2]), doubted_ms + 1_300)[0] == broadcast.Trust(peers[2])


def test_a_node_that_hears_nothing_any_more_asks_soon() -> None:
    """Goal: who is cut off while others talk does not wait for long. Method: something new, then silence."""
    node, shelf, peers = star(6)
    shelf[peers[0]] = 0
    heard_ms = START_MS + 60_000
    node.handle(broadcast.Arrived(peers[0], peers[0], 0, True), heard_ms)
    for peer in peers:
        node.handle(broadcast.Alive(peer), heard_ms + 100)
    doubted: dict[AuthorId, int] = {}
    for step in range(1, 40):
        now_ms = heard_ms + 100 * step
        for effect in node.handle(broadcast.TimerFired(), now_ms):
            if isinstance(effect, broadcast.Doubt):
                doubted.setdefault(effect.peer, now_ms)
    assert set(doubted) == set(peers)
    assert max(doubted.values()) <= heard_ms + 100 + QUIET_MS + 2 * (DOUBT_AFTER_MS + 200)


def test_a_quiet_node_finds_out_that_it_is_alone() -> None:
    """Goal: who has nothing to say notices, too, that all its neighbours are gone. Method: time passes."""
    node, _, peers = star(4)
    gone: set[AuthorId] = set()
    for second in range(1, 40):
        for effect in node.handle(broadcast.TimerFired(), START_MS + 1_000 * second):
            if isinstance(effect, broadcast.Suspect):
                gone.add(effect.peer)
    assert gone == set(peers)


def test_a_newcomer_who_writes_at_once_joins_the_wave_there_is() -> None:
    """Goal: a join does not set all relabelling. Method: write on the first link, before hearing of a wave;
    then hear of one; and once more where there is none."""
    newcomer, alone = (Tree(me=member(0), entropy=SeededEntropy(b"new")) for _ in range(2))
    for tree in (newcomer, alone):
        assert tree.up(member(1), 10_000, START_MS) == []
        assert tree.wrote(START_MS + 10) == [], "nothing is begun yet"
    said = Standing(began_s=START_MS // 1000 - 60, root=bytes(ROOT_BYTES), label_us=5_000, chosen=False)
    newcomer.hear(member(1), said, START_MS + 30)
    newcomer.tick(START_MS + 60_000)
    assert (newcomer.upper, newcomer.wave) == (member(1), (said.began_s, said.root))
    (told,) = alone.tick(START_MS + 10 + LISTEN_MS)
    assert told[1].root == member(0)[:ROOT_BYTES]


def test_no_campaign_is_so_large_that_copies_must_be_left_to_others() -> None:
    """Goal: `Run` needs no number of copies. Method: the largest campaign wants the least number."""
    assert MEMBERS_MAX // MEMBERS_PER_EXTRA <= EXTRAS_MIN
    largest = Broadcast(me=member(0), tops=Shelf(), entropy=SeededEntropy(b"largest"))
    largest.handle(broadcast.Counted(MEMBERS_MAX), 0)
    assert largest._extras_max == EXTRAS_MIN
