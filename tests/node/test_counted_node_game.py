"""What infiltrators among the members, and whoever sees all frames, can tell of those who are counted."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from meshcoal.clock import MINUTE_MS
from meshcoal.crypto.ring import RingKey
from meshcoal.node.polls import HeldPoll
from meshcoal.wire.sealed import SEALED
from meshcoal.wire.terms import NameMode

sys.path.insert(0, str(Path(__file__).parent))

from sealwork import Sealers
from spywork import Seen, inside, stored, watch

HONEST = ("m01", "m02", "m03")
SPIES = ("m00", "m04", "m05", "m06", "m07", "m08", "m09")  # all others, the organiser among them
MODES = (NameMode.NAMED, NameMode.COUNTED)


def the_poll(group: Sealers, name: str) -> HeldPoll:
    (found,) = inside(group, name)[0].polls.held.values()
    return found


def ring_key(group: Sealers, name: str) -> RingKey:
    rounds, _ = inside(group, name)
    secrets = rounds.polls.mine(rounds.weeks, the_poll(group, name))
    assert secrets is not None
    return RingKey(secrets.ring_seed)


def play(monkeypatch: pytest.MonkeyPatch, *signers: str) -> tuple[Sealers, Seen]:
    """Two of the three honest ones are counted, and one infiltrator; another infiltrator signs by name."""
    group = Sealers(10, threshold=0)
    seen = watch(group, monkeypatch, SPIES)
    group.freeze(modes=MODES)
    for name in (*signers, "m09"):
        group.count(name)
    group.sign("m08")
    group.world.run_ms(10 * MINUTE_MS)
    return group, seen


def test_all_but_three_with_every_byte_they_hold_cannot_tell_which_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Goal: everybody else in league learns the number, and nothing of which. Method: every byte of seven
    disks, all that reached them and all frames are searched for the keys that would tell; their own keys make
    none of the tags; and they see and hold the same where another of the three was silent."""
    group, seen = play(monkeypatch, "m01", "m02")
    poll = the_poll(group, "m00")
    own = {ring_key(group, name).tag(poll.box.poll.event) for name in SPIES}
    assert len(own & set(poll.box.sign_ons)) == 1  # that of m09: they know it
    others = set(poll.box.sign_ons) - own
    true = {ring_key(group, name).tag(poll.box.poll.event) for name in HONEST}
    assert len(others) == 2
    assert others < true
    held = [*seen.relayed, *seen.heard, *[value for name in SPIES for value in stored(group, name)]]
    assert len(seen.heard) > 50
    for name in HONEST:
        key = ring_key(group, name)
        assert not any(key.seed in data for data in held)
        assert not any(key._secret in data for data in held)
    other, _ = play(monkeypatch, "m02", "m03")
    assert [other.unnamed(name) for name in SPIES] == [group.unnamed(name) for name in SPIES]
    boxes = [the_poll(each, "m00").box for each in (group, other)]
    sizes = [sorted([len(SEALED.encode(one)) for one in box.items()]) for box in boxes]
    assert sizes[0] == sizes[1]


def test_whoever_is_counted_is_never_the_first_to_hold_it() -> None:
    """Goal: no store and no name that is told gives them away, in signing and in taking it back. Method: as
    soon as anybody holds what was begun, its beginner does not."""
    group = Sealers(10, threshold=0)
    group.freeze(modes=MODES)
    number = 0
    for act in (group.count, group.count_no_more):
        for name in ("m01", "m02", "m03", "m04"):
            act(name)
            number += 1
            while not any(len(inside(group, one)[0].items) == number for one in group.names):
                group.world.run_ms(10)
            assert len(inside(group, name)[0].items) == number - 1
            group.world.run_ms(MINUTE_MS)
            assert {len(inside(group, one)[0].items) for one in group.names} == {number}
    assert {group.unnamed(one).counted for one in group.names} == {0}
