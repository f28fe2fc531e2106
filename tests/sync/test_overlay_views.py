"""Whom to keep links to: bounded views of members only, and links that nobody can take away."""

from __future__ import annotations

import hashlib

from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.ids import AuthorId
from meshcoal.sync import overlay
from meshcoal.sync.overlay import (
    DIAL_SLOW_MS,
    DIALS_AT_ALL_MAX,
    DIALS_IN_NEED_MAX,
    DIALS_MAX,
    PASSIVE_MAX,
    SAMPLE_MAX,
    USUAL,
    Overlay,
)

SECOND_MS = 1_000


def member(number: int) -> AuthorId:
    return AuthorId(hashlib.sha256(b"%d" % number).digest())


class Everybody:
    """A roster that a test can shorten."""

    def __init__(self, count: int) -> None:
        self.members = [member(number) for number in range(count)]

    def __len__(self) -> int:
        return len(self.members)

    def at(self, index: int) -> AuthorId:
        return self.members[index]

    def has(self, peer: AuthorId) -> bool:
        return peer in self.members


def begun(roster: Everybody, *, seed: bytes = b"views", used: frozenset[AuthorId] = frozenset()) -> Overlay:
    node = Overlay(me=roster.at(0), roster=roster, in_use=used.__contains__, entropy=SeededEntropy(seed))
    node.handle(overlay.Changed(), 0)
    return node


def dialled(effects: list[overlay.Effect]) -> list[AuthorId]:
    return [effect.peer for effect in effects if isinstance(effect, overlay.Dial)]


def closed(effects: list[overlay.Effect]) -> list[AuthorId]:
    return [effect.peer for effect in effects if isinstance(effect, overlay.Close)]


KINDS = (
    *("up", "dialled", "down", "failed", "doubted", "trusted"),
    *("hello", "sample", "spare", "timer", "roster"),
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.integers(0, 79),  # of whom; from 60 on they are no members
        st.integers(0, 40),
    ),
    max_size=120,
)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_views_stay_bounded_and_hold_members_only(steps: list[tuple[str, int, int]]) -> None:
    """Goal: no order of events, and nothing a peer says, breaks a bound. Method: any events, in any order."""
    roster = Everybody(60)
    node = begun(roster)
    now_ms = 0
    for what, number, value in steps:
        now_ms += value * 700
        peer = member(number)
        event: overlay.Event
        match what:
            case "up" | "dialled":
                if not roster.has(peer) or peer == roster.at(0) or peer in node.active:
                    continue
                event = overlay.Up(peer, 1_000 * value, what == "dialled")
            case "down":
                event = overlay.Down(peer)
            case "failed":
                event = overlay.Failed(peer)
            case "doubted":
                event = overlay.Doubted(peer)
            case "trusted":
                event = overlay.Trusted(peer)
            case "hello":
                event = overlay.Heard(peer, overlay.Hello(links=value, drawn=bool(value % 2)))
            case "sample":
                named = tuple([member(number + index) for index in range(value)])
                event = overlay.Heard(peer, overlay.Sample(peers=named, answer=bool(value % 2)))
            case "spare":
                event = overlay.Heard(peer, overlay.Spare(peers=(member(value), member(value + 40))))
            case "timer":
                event = overlay.TimerFired()
            case _:
                if len(roster.members) > 40:
                    roster.members.pop()
                event = overlay.Changed()
        effects = node.handle(event, now_ms)
        assert len(node.active) <= USUAL.most_anyway
        assert len(node.passive) <= PASSIVE_MAX
        assert len(node.wanted) - len(node.active) <= DIALS_AT_ALL_MAX
        assert not set(node.passive) & set(node.active)
        assert roster.at(0) not in (*node.passive, *node.wanted)
        assert all(roster.has(one) for one in dialled(effects))
        if what == "roster":
            assert all(roster.has(one) for one in (*node.passive, *node.wanted))
        for effect in effects:
            if isinstance(effect, overlay.Say) and isinstance(effect.said, overlay.Sample | overlay.Spare):
                assert len(effect.said.peers) <= SAMPLE_MAX
                assert effect.peer not in effect.said.peers


def test_links_are_sought_before_doubtful_ones_are_given_up() -> None:
    """Goal: no time is lost. Method: a node with all its links doubts four of them, and then trusts again."""
    roster = Everybody(200)
    node = begun(roster)
    while (lacking := [peer for peer in node.wanted if peer not in node.active]) and len(
        node.active
    ) < USUAL.wanted:
        node.handle(overlay.Up(lacking[0], 20_000, True), 100)
    before = list(node.active)
    found: list[AuthorId] = []
    for peer in before[:4]:
        found += dialled(node.handle(overlay.Doubted(peer), 1_000))
    assert len(found) >= 4
    assert set(before) == set(node.active), "they are kept for now"
    for peer in before[:4]:
        assert dialled(node.handle(overlay.Trusted(peer), 1_100)) == []


def test_a_dial_that_takes_long_holds_up_no_other() -> None:
    """Goal: the dead do not cost a timeout each. Method: no dial is ever answered."""
    roster = Everybody(200)
    node = begun(roster)
    first = len(node.wanted)
    assert 0 < first <= DIALS_MAX
    later = dialled(node.handle(overlay.TimerFired(), DIAL_SLOW_MS))
    assert len(later) == first
    for step in range(2, 200):
        node.handle(overlay.TimerFired(), step * DIAL_SLOW_MS)
        assert len(node.wanted) <= DIALS_AT_ALL_MAX


def test_it_dials_until_it_has_enough() -> None:
    """Goal: few dials at once, links up to what is wanted. Method: every dial succeeds."""
    roster = Everybody(200)
    node = Overlay(me=roster.at(0), roster=roster, in_use=lambda _: False, entropy=SeededEntropy(b"enough"))
    todo = dialled(node.handle(overlay.Changed(), 0))
    assert len(todo) == DIALS_MAX
    while todo:
        effects = node.handle(overlay.Up(todo.pop(), 30_000, True), 100)
        todo += dialled(effects)
        assert len(todo) <= DIALS_MAX
    assert len(node.active) == USUAL.wanted
    assert sum(neighbour.drawn for neighbour in node.active.values()) == USUAL.drawn


def test_where_dials_fail_more_are_tried_at_once() -> None:
    """Goal: a node whose peers are gone finds others soon. Method: nineteen of twenty dials fail."""
    roster = Everybody(400)
    node = Overlay(me=roster.at(0), roster=roster, in_use=lambda _: False, entropy=SeededEntropy(b"gone"))
    todo = dialled(node.handle(overlay.Changed(), 0))
    rounds, most = 0, 0
    while len(node.active) < USUAL.wanted and rounds < 60:
        rounds += 1
        most = max(most, len(todo))
        now, todo = todo, []
        for peer in now:
            there = int.from_bytes(peer[:2], "big") % 20 == 0
            event = overlay.Up(peer, 30_000, True) if there else overlay.Failed(peer)
            todo += dialled(node.handle(event, 50 * rounds))
    assert len(node.active) == USUAL.wanted
    assert DIALS_MAX < most <= DIALS_IN_NEED_MAX


def test_whom_i_drew_nobody_displaces() -> None:
    """Goal: members who crowd in cannot cut me off from the rest. Method: sixty quick, needy ones knock."""
    roster = Everybody(200)
    node = begun(roster)
    mine: list[AuthorId] = []
    for peer in node.wanted:
        node.handle(overlay.Up(peer, 40_000, True), 10)
        if node.active[peer].drawn:
            mine.append(peer)
    assert len(mine) == USUAL.drawn
    crowd = [peer for peer in roster.members[1:] if peer not in node.wanted][:60]
    for index, peer in enumerate(crowd):
        now_ms = 2 * SECOND_MS * (index + 1)
        node.handle(overlay.Up(peer, 1, False), now_ms)
        if peer in node.active:
            node.handle(overlay.Heard(peer, overlay.Hello(links=0, drawn=True)), now_ms)
    assert set(mine) <= set(node.active)
    assert len(node.active) <= USUAL.most


def test_a_link_of_the_tree_is_kept() -> None:
    """Goal: looking for quicker links does not tear the tree. Method: a crowd, and the slowest is in use."""
    roster = Everybody(100)
    slow = member(50)
    node = begun(roster, used=frozenset([slow]))
    node.handle(overlay.Up(slow, 900_000, False), 0)
    for number in range(51, 90):
        if member(number) in node.active:
            continue
        node.handle(overlay.Up(member(number), 1_000, False), number * SECOND_MS)
        node.handle(overlay.Heard(member(number), overlay.Hello(links=0, drawn=False)), number * SECOND_MS)
    assert slow in node.active


def test_a_slower_stranger_is_not_kept_and_told_of_others() -> None:
    """Goal: a look at somebody new ends with the quicker of two. Method: one slower, then one quicker."""
    roster = Everybody(100)
    node = begun(roster)
    while len(node.active) < USUAL.wanted:
        for peer in [one for one in node.wanted if one not in node.active]:
            node.handle(overlay.Up(peer, 30_000, True), 10)
            node.handle(overlay.Heard(peer, overlay.Hello(links=USUAL.wanted, drawn=False)), 10)
    before = set(node.active)

    def look(now_ms: int, way_us: int) -> tuple[AuthorId, list[overlay.Effect]]:
        tried = dialled(node.handle(overlay.TimerFired(), now_ms))
        assert len(tried) == 1
        return tried[0], node.handle(overlay.Up(tried[0], way_us, True), now_ms + 60)

    slower, effects = look(60 * SECOND_MS, 29_000)
    assert closed(effects) == [slower]
    assert [type(effect.said) for effect in effects if isinstance(effect, overlay.Say)][-1] is overlay.Spare
    assert set(node.active) == before
    quicker, effects = look(200 * SECOND_MS, 11_000)
    assert quicker in node.active
    assert len(closed(effects)) == 1
    assert closed(effects)[0] in before


def test_who_leaves_politely_may_be_dialled_again() -> None:
    """Goal: no grudge against who had no room, patience with who is gone. Method: both."""
    roster = Everybody(3)
    node = begun(roster)
    for peer in (member(1), member(2)):
        node.handle(overlay.Up(peer, 1_000, True), 0)
    node.handle(overlay.Heard(member(1), overlay.Spare(peers=())), 10)
    again = dialled(node.handle(overlay.Down(member(1)), 20))
    assert again == [member(1)]
    again = dialled(node.handle(overlay.Down(member(2)), 30))
    assert again == []
    assert dialled(node.handle(overlay.TimerFired(), 25 * SECOND_MS)) == [member(2)]
