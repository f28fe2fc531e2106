"""Counted, not named: everybody once, by name or without, and nobody in two ways."""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
import pathlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.crypto import ring as ring_signatures
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.ring import Ring, RingKey
from meshcoal.crypto.signing import SigningKey, verify
from meshcoal.errors import BadRing, BadSignature, DoubledEnvelope, MalformedSealed
from meshcoal.statement.counted import (
    Count,
    Poll,
    check_counted,
    check_named,
    count,
    name_in_ring,
    sign_counted,
    withdraw_counted,
)
from meshcoal.wire.counted import COUNTED, CountedSignOn, NamedInRing, PublicRing, counted_event

FILE = pathlib.Path(__file__).parents[1] / "vectors" / "counted.json"
VECTOR: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
STATEMENT = hashlib.sha256(b"a frozen text").digest()
RINGS = [RingKey(hashlib.sha256(b"ring %d" % number).digest()) for number in range(10)]
ACTS = [SigningKey(hashlib.sha256(b"act %d" % number).digest()) for number in range(10)]
POLL = Poll.of(STATEMENT, [key.public for key in RINGS])


@functools.cache
def nameless(at: int, seed: bytes = b"") -> CountedSignOn:
    return sign_counted(POLL, ring_key=RINGS[at], entropy=SeededEntropy(b"%d" % at + seed))


@functools.cache
def named(at: int, act: int = -1) -> NamedInRing:
    act_key = ACTS[at if act < 0 else act]
    return name_in_ring(POLL, ring_key=RINGS[at], act_key=act_key, entropy=SeededEntropy(b"n%d" % at))


def test_a_list_is_counted() -> None:
    """Goal: so many, and so many by name. Method: three named, four not, over the wire; one takes it back."""
    entries = [COUNTED.decode(COUNTED.encode(nameless(at))) for at in (3, 4, 5, 6)]
    names = [COUNTED.decode(COUNTED.encode(named(at))) for at in (0, 1, 2)]
    signed = [one for one in entries if isinstance(one, CountedSignOn)]
    known = [one for one in names if isinstance(one, NamedInRing)]
    seen = count(POLL, known, signed)
    assert (seen.named, seen.counted, seen.members, seen.crowd) == (3, 4, 10, 7)
    assert seen.is_small
    gone = withdraw_counted(POLL, ring_key=RINGS[4], entropy=SeededEntropy(b"w"))
    assert count(POLL, known, signed, [gone]).counted == 3


def test_nobody_is_counted_twice() -> None:
    """Goal: the count is of people. Method: two counted sign-ons of one member; a named one who also signs
    without her name; one named twice; two members who name one act key."""
    with pytest.raises(DoubledEnvelope):
        count(POLL, [], [nameless(3), nameless(3, b"again")])
    with pytest.raises(DoubledEnvelope):
        count(POLL, [named(3)], [nameless(3)])
    with pytest.raises(DoubledEnvelope):
        count(POLL, [named(3), named(3)], [])
    with pytest.raises(DoubledEnvelope):
        count(POLL, [named(3), named(4, act=3)], [])


def test_a_smaller_ring_makes_no_second_voice() -> None:
    """Goal: a ring chosen to fit does not split a member in two. Method: sign once more in another ring: the
    list refuses it, and its tag is the same."""
    other = Poll.of(STATEMENT, [key.public for key in RINGS[:5]])
    again = sign_counted(other, ring_key=RINGS[3], entropy=SeededEntropy(b"o"))
    with pytest.raises(BadRing):
        count(POLL, [], [nameless(3), again])
    assert check_counted(other, again) == check_counted(POLL, nameless(3))


def test_what_is_not_of_this_list_is_refused() -> None:
    """Goal: entries cannot be moved. Method: another statement, another ring, a stranger, other parts."""
    other = Poll.of(bytes(32), [key.public for key in RINGS])
    for entry in (sign_counted(other, ring_key=RINGS[0], entropy=SeededEntropy(b"s")), nameless(0)):
        with pytest.raises(BadRing):
            check_counted(other if entry.statement == STATEMENT else POLL, entry)
    moved = replace(nameless(0), statement=bytes(32))
    with pytest.raises(BadSignature):
        check_counted(other, moved)
    stranger = RingKey(b"s" * 32)
    for act in (sign_counted, withdraw_counted):
        with pytest.raises(BadRing):
            act(POLL, ring_key=stranger, entropy=SeededEntropy(b"x"))
    with pytest.raises(BadRing):
        name_in_ring(POLL, ring_key=stranger, act_key=ACTS[0], entropy=SeededEntropy(b"x"))
    withdrawal = withdraw_counted(POLL, ring_key=RINGS[0], entropy=SeededEntropy(b"w"))
    with pytest.raises(BadSignature):
        check_counted(POLL, replace(nameless(0), signature=withdrawal.signature))


def test_a_name_is_not_put_on_another_s_tag() -> None:
    """Goal: who is named is who signed. Method: each part of one named entry in the place of another's."""
    hers, mine = named(1), named(2)
    for field in ("act_key", "ring_key", "tag", "opening", "act_signature"):
        change: dict[str, Any] = {field: getattr(hers, field)}
        with pytest.raises(BadSignature):
            check_named(POLL, replace(mine, **change))
    outside = RingKey(b"o" * 32).public
    with pytest.raises(BadRing):
        check_named(POLL, replace(mine, ring_key=outside))


def judge(data: bytes) -> bytes:
    """The tag of a counted sign-on, from its bytes."""
    entry = COUNTED.decode(data)
    if not isinstance(entry, CountedSignOn):
        raise MalformedSealed("another kind")
    return check_counted(POLL, entry)


@given(at=st.integers(0, len(COUNTED.encode(nameless(7))) - 1), bit=st.integers(0, 7))
@settings(max_examples=40, deadline=None)
def test_damage_is_refused(at: int, bit: int) -> None:
    """Goal: a package that was tampered with does not count. Method: turn a bit anywhere in an entry."""
    damaged = bytearray(COUNTED.encode(nameless(7)))
    damaged[at] ^= 1 << bit
    with pytest.raises((BadRing, BadSignature, MalformedSealed)):
        judge(bytes(damaged))


def test_nameless_entries_tell_nothing() -> None:
    """Goal: no entry says whose it is. Method: each has the same size, the same texts, and no key in it."""
    entries = [COUNTED.encode(nameless(at)) for at in range(10)]
    assert len({len(entry) for entry in entries}) == 1
    keys = [*[key.public for key in RINGS], *[key.public for key in ACTS]]
    for entry, key in itertools.product(entries, keys):
        assert key not in entry


@pytest.mark.parametrize(
    ("members", "by_name", "without", "small", "everybody"),
    [(20, 12, 3, False, False), (20, 13, 3, True, False), (20, 10, 10, False, True), (9, 9, 0, True, False)],
)
def test_the_crowd_is_told(members: int, by_name: int, without: int, small: bool, everybody: bool) -> None:
    """Goal: whoever hides among few is warned. Method: both sides of eight, and all of them."""
    seen = Count(members=members, named=by_name, counted=without)
    assert (seen.is_small, seen.is_everybody) == (small, everybody)
    told = " ".join(seen.sentences())
    assert ("crowd is small" in told) == (small and not everybody)
    assert ("is no secret" in told) == everybody


def test_frozen_vectors_by_the_page() -> None:
    """Goal: the page suffices. Method: put each text together as it says, beside the vectors."""
    keys = [bytes.fromhex(one) for one in VECTOR["ring"]]
    text = "meshcoal ring of signatories 1\n" + "".join(f"key: {key.hex()}\n" for key in sorted(keys))
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert digest == VECTOR["ring_digest"]
    statement = VECTOR["statement"]
    head = f"statement: {statement}\nring: {digest}\n"
    event = b"meshcoal counted event 1\x00" + bytes.fromhex(statement)
    assert event == counted_event(bytes.fromhex(statement))
    ring = Ring(tuple(sorted(keys)))
    said = {"counted": "meshcoal counted sign-on 1\n", "withdrawal": "meshcoal counted withdrawal 1\n"}
    for name, first in said.items():
        assert VECTOR[name]["text"] == first + head
        signature = bytes.fromhex(VECTOR[name]["signature"])
        tag = ring_signatures.verify(ring, event, (first + head).encode(), signature)
        assert tag.hex() == VECTOR[name]["tag"]
    entry = {name: bytes.fromhex(value) for name, value in VECTOR["named"].items() if name != "text"}
    spoken = f"meshcoal named in ring 1\n{head}key: {entry['act_key'].hex()}\n"
    spoken += f"ring key: {entry['ring_key'].hex()}\n"
    assert VECTOR["named"]["text"] == spoken
    verify(entry["act_key"], spoken.encode(), entry["act_signature"])
    ring_signatures.check_opening(entry["ring_key"], event, entry["tag"], spoken.encode(), entry["opening"])
    assert PublicRing(keys=ring.keys).digest.hex() == digest
