"""Packages with members who are counted and not named, sound and damaged, for page and command."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.ring import RingKey
from meshcoal.statement.counted import Poll, name_in_ring, sign_counted, withdraw_counted
from meshcoal.statement.counted_checks import tally_of
from meshcoal.wire.counted import CountedSignOn, CountedWithdrawal, placed
from meshcoal.wire.package import Addendum, Package, encode_package
from meshcoal.wire.package_counted import NamedKey, PublicCount
from meshcoal.wire.public_text import (
    TallyLine,
    canonical_text,
    digest_of,
    release_text,
    rules_of,
    sign_on_text,
    tally_text,
)
from meshcoal.wire.terms import Capacity, NameMode

sys.path.insert(0, str(Path(__file__).parent))

import addenda_damage
import damage

Case = tuple[str, bytes]
MODES: Final = (NameMode.NAMED, NameMode.ROLE, NameMode.COUNTED)
MEMBERS: Final = 12
NAMED: Final = 3  # the first of them; a fourth entry is from outside the ring
COUNTED: Final = (4, 5, 6, 7)


@functools.cache
def ring_key(at: int) -> RingKey:
    return RingKey(hashlib.sha256(b"export ring %d" % at).digest())


def text() -> str:
    return canonical_text(damage.statement(modes=MODES, rules=rules_of(MODES))).decode()


def poll_of(digest: bytes, members: int = MEMBERS) -> Poll:
    return Poll.of(digest, [ring_key(at).public for at in range(members)])


@functools.cache
def signed(digest: bytes, at: int, seed: bytes = b"", members: int = MEMBERS) -> CountedSignOn:
    chance = SeededEntropy(b"%d" % at + seed)
    return sign_counted(poll_of(digest, members), ring_key=ring_key(at), entropy=chance)


@functools.cache
def taken_back(digest: bytes, at: int) -> CountedWithdrawal:
    return withdraw_counted(poll_of(digest), ring_key=ring_key(at), entropy=SeededEntropy(b"w%d" % at))


@functools.cache
def named(digest: bytes, at: int, ring_at: int) -> NamedKey:
    act_key = damage.key(f"signer {at}")
    chance = SeededEntropy(b"n%d" % at)
    poll = poll_of(digest)
    place = placed(name_in_ring(poll, ring_key=ring_key(ring_at), act_key=act_key, entropy=chance))
    return NamedKey(act_key=act_key.public, place=place)


def released(package: Package, unnamed: PublicCount | None) -> Package:
    """With this count, and released anew by an organiser who lies."""
    lines = [
        TallyLine(
            act_key=one.act_key,
            sign_on=digest_of(sign_on_text(package.digest, one.act_key, one.fields)),
            capacity=one.fields.capacity,
            name=one.fields.name,
        )
        for one in package.sign_ons
    ]
    organiser = damage.key("organiser")
    tally = digest_of(tally_text(package.digest, tuple(lines), (), tally_of(unnamed)))
    release = dataclasses.replace(package.release, tally_digest=tally)
    act = release_text(package.digest, organiser.public, tally, release.released_ms)
    release = dataclasses.replace(release, signature=organiser.sign(act))
    return dataclasses.replace(package, release=release, unnamed=unnamed)


def count_of(
    digest: bytes, counted: tuple[CountedSignOn, ...], withdrawn: tuple[CountedWithdrawal, ...] = ()
) -> PublicCount:
    names = [named(digest, at, at) for at in range(NAMED)]
    return PublicCount(
        ring=poll_of(digest).ring.keys,
        named=tuple(sorted(names, key=lambda one: one.act_key)),
        sign_ons=tuple(sorted([one.signature for one in counted])),
        withdrawals=tuple(sorted([one.signature for one in withdrawn])),
        counted=len(counted) - len(withdrawn),
    )


def plain() -> Package:
    """Three of the ring by name, one of them by role, and somebody from outside it."""
    entries = (
        damage.fields("The Centre"),
        damage.fields("بن جهانی", capacity=Capacity.INDIVIDUAL, languages_read=("fa",)),
        damage.fields("A lawyer", capacity=Capacity.INDIVIDUAL, mode=NameMode.ROLE),
        damage.fields("A bystander", capacity=Capacity.INDIVIDUAL),
    )
    return damage.package(text(), entries)


@functools.cache
def sound() -> Package:
    package = plain()
    counted = tuple([signed(package.digest, at) for at in COUNTED])
    return released(package, count_of(package.digest, counted))


def large(members: int, counted: int) -> bytes:
    """A ring of so many, of whom so many are counted and one is named."""
    package = damage.package(text(), (damage.fields("The Centre"),))
    poll = poll_of(package.digest, members)
    act_key = damage.key("signer 0")
    place = placed(name_in_ring(poll, ring_key=ring_key(0), act_key=act_key, entropy=SeededEntropy(b"large")))
    entries = [signed(package.digest, at, members=members) for at in range(1, counted + 1)]
    count = PublicCount(
        ring=poll.ring.keys,
        named=(NamedKey(act_key=act_key.public, place=place),),
        sign_ons=tuple(sorted([one.signature for one in entries])),
        withdrawals=(),
        counted=counted,
    )
    return encode_package(released(package, count))


def counted_cases() -> Iterator[Case]:
    whole = sound()
    digest, count = whole.digest, whole.unnamed
    assert count is not None
    yield "counted: sound", encode_package(whole)
    yield "counted: nobody", encode_package(released(whole, count_of(digest, ())))
    yield "counted: no ring", encode_package(released(whole, None))
    gone = (taken_back(digest, COUNTED[0]),)
    entries = tuple([signed(digest, at) for at in COUNTED])
    yield "counted: one withdrew", encode_package(released(whole, count_of(digest, entries, gone)))
    yield (
        "counted: two withdrew",
        encode_package(released(whole, count_of(digest, entries, (*gone, taken_back(digest, COUNTED[2]))))),
    )
    everybody = tuple([signed(digest, at) for at in range(NAMED, MEMBERS)])
    yield "counted: everybody", encode_package(released(whole, count_of(digest, everybody)))
    yield "counted: an addendum", _added(whole)
    yield from _forbidden()
    for lied in (False, True):  # with the old release, and with one that an organiser makes up
        how = "released anew" if lied else "changed behind the release"
        for name, changed in _changed(digest, count):
            package = released(whole, changed) if lied else dataclasses.replace(whole, unnamed=changed)
            yield f"counted: {name}, {how}", encode_package(package)
    yield from _spelled(encode_package(whole))


def _added(whole: Package) -> bytes:
    """Somebody signed by name after the release, who may be one of the counted."""
    late = damage.entry("somebody late", whole.digest, damage.fields("Somebody late"))
    blank = Addendum(
        number=1,
        act_key=bytes(32),
        release=whole.release.tally_digest,
        before=b"",
        tally_digest=bytes(32),
        published_ms=whole.release.released_ms + 1_000,
        signature=bytes(64),
        sign_ons=(late,),
        withdrawals=(),
    )
    addendum = addenda_damage.signed(whole, blank)
    return encode_package(dataclasses.replace(whole, addenda=(addendum,)))


def _forbidden() -> Iterator[Case]:
    """A text that permits no such thing."""
    package = damage.sound()
    names = [named(package.digest, 0, 0)]
    count = PublicCount(
        ring=poll_of(package.digest).ring.keys,
        named=tuple(names),
        sign_ons=(signed(package.digest, 5).signature,),
        withdrawals=(),
        counted=1,
    )
    yield "counted: not permitted", encode_package(released(package, count))
    hidden = dataclasses.replace(package.sign_ons[0].fields, mode=NameMode.COUNTED)
    first = dataclasses.replace(package.sign_ons[0], fields=hidden)
    yield (
        "counted: an entry of nobody",
        encode_package(dataclasses.replace(package, sign_ons=(first, *package.sign_ons[1:]))),
    )


def _changed(digest: bytes, count: PublicCount) -> Iterator[tuple[str, PublicCount]]:
    def but(**changes: Any) -> PublicCount:
        return dataclasses.replace(count, **changes)

    def shown(*entries: CountedSignOn, stated: int | None = None, **changes: Any) -> PublicCount:
        signatures = sorted([one.signature for one in entries])
        number = len(entries) if stated is None else stated
        return but(sign_ons=tuple(signatures), counted=number, **changes)

    four = [signed(digest, at) for at in COUNTED]
    yield "one left out", shown(*four[1:])
    yield "another number", but(counted=5)
    yield "a tag reused", shown(*four, signed(digest, COUNTED[0], b"again"))
    yield "the same twice", shown(*four, four[0])
    yield "one who is named", shown(*four, signed(digest, 0))
    yield "out of order", but(sign_ons=count.sign_ons[::-1])
    yield "of another text", shown(*four[1:], signed(bytes(32), COUNTED[0]))
    yield "of a larger ring", shown(*four[1:], signed(digest, COUNTED[0], members=MEMBERS + 1))
    stranger = ring_key(MEMBERS + 3).public
    yield "a member added to the ring", but(ring=tuple(sorted([*count.ring, stranger])))
    yield "a member left out of the ring", but(ring=count.ring[1:])
    swapped = tuple(sorted([stranger, *count.ring[1:]]))
    yield "a key of the ring swapped", but(ring=swapped)
    yield "the ring out of order", but(ring=count.ring[::-1])
    yield "a key of the ring twice", but(ring=(count.ring[0], *count.ring))
    yield "a key that is none", but(ring=(bytes(32), *count.ring[1:]))
    odd = bytes([count.ring[0][0] ^ 1, *count.ring[0][1:]])
    yield "a key in another spelling", but(ring=tuple(sorted([odd, *count.ring[1:]])))
    first, second, third = count.named
    yield "nobody named", but(named=())
    yield "one named less", but(named=count.named[1:])
    yield "names out of order", but(named=count.named[::-1])
    yield "one named twice", but(named=(first, first, second, third))
    mixed = dataclasses.replace(first, place=second.place)
    yield "ring keys swapped", but(named=(mixed, dataclasses.replace(second, place=first.place), third))
    yield "two of one key", but(named=(mixed, second, third))
    yield (
        "a stranger named",
        but(named=tuple(sorted([*count.named, named(digest, 9, 9)], key=lambda one: one.act_key))),
    )
    for what in ("ring_key", "tag", "opening", "act_signature"):
        other = dataclasses.replace(first.place, **{what: getattr(second.place, what)})
        yield f"another's {what}", but(named=(dataclasses.replace(first, place=other), second, third))
        blank = dataclasses.replace(first.place, **{what: bytes(len(getattr(first.place, what)))})
        yield f"no {what}", but(named=(dataclasses.replace(first, place=blank), second, third))
    high = dataclasses.replace(first.place, opening=first.place.opening[:32] + bytes([0xFF]) * 32)
    yield "an opening beyond the order", but(named=(dataclasses.replace(first, place=high), second, third))
    gone = taken_back(digest, COUNTED[0]).signature
    yield "a withdrawn tag still counted", but(withdrawals=(gone,))
    yield "a withdrawal twice", but(withdrawals=(gone, gone), counted=3)
    yield "a withdrawal of nobody", but(withdrawals=(taken_back(digest, 9).signature,))
    yield "a withdrawal of who is named", but(withdrawals=(taken_back(digest, 0).signature,))
    yield "a sign-on as a withdrawal", but(withdrawals=(count.sign_ons[0],), counted=3)
    yield (
        "withdrawals out of order",
        but(
            withdrawals=tuple(sorted([gone, taken_back(digest, COUNTED[1]).signature], reverse=True)),
            counted=2,
        ),
    )
    start = count.sign_ons[0]
    places = {"the tag": 0, "the first challenge": 32, "an answer": 64, "the last": len(start) - 32}
    for name, at in places.items():
        blank_one = start[:at] + bytes(32) + start[at + 32 :]
        yield f"{name} of zeros", but(sign_ons=(blank_one, *count.sign_ons[1:]))
        beyond = start[:at] + bytes([0xFF]) * 32 + start[at + 32 :]
        yield f"{name} beyond the order", but(sign_ons=tuple(sorted([beyond, *count.sign_ons[1:]])))
        flipped = start[: at + 5] + bytes([start[at + 5] ^ 4]) + start[at + 6 :]
        yield f"{name} changed", but(sign_ons=tuple(sorted([flipped, *count.sign_ons[1:]])))
    yield "a scalar less", but(sign_ons=(start[:-32], *count.sign_ons[1:]))
    yield "a scalar more", but(sign_ons=(start + start[-32:], *count.sign_ons[1:]))
    turned = start[:64] + start[96:] + start[64:96]
    yield "answers turned round", but(sign_ons=(turned, *count.sign_ons[1:]))


def _spelled(data: bytes) -> Iterator[Case]:
    """JSON that is not in its form."""

    def with_count(**changes: Any) -> bytes:
        whole = json.loads(data)
        whole["unnamed"] |= changes
        return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    whole = json.loads(data)
    for name, value in (("null", None), ("a list", []), ("a number", 4), ("a text", "")):
        other = whole | {"unnamed": value}
        spelled = json.dumps(other, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        yield f"counted: {name}", spelled.encode()
    yield "counted: no word of it", json.dumps(
        {key: value for key, value in whole.items() if key != "unnamed"},
        ensure_ascii=False, sort_keys=True, separators=(",", ":"),
    ).encode()  # fmt: skip
    ring: list[str] = whole["unnamed"]["ring"]
    yield "counted: an empty ring", with_count(ring=[])
    yield "counted: a ring of 257", with_count(ring=[f"{number:064x}" for number in range(257)])
    yield "counted: upper case", with_count(ring=[ring[0].upper(), *ring[1:]])
    yield "counted: a short key", with_count(ring=[ring[0][:-2], *ring[1:]])
    yield "counted: a field too many", with_count(more=1)
    yield "counted: a negative number", with_count(counted=-1)
    yield "counted: a signature of two", with_count(sign_ons=["00" * 64])
    yield "counted: a signature of 259", with_count(sign_ons=["00" * 32 * 259])
    yield "counted: an odd signature", with_count(sign_ons=["00" * 97])
    yield "counted: an empty signature", with_count(sign_ons=[""])
    yield "counted: words for a signature", with_count(withdrawals=["x" * 192])
    yield (
        "counted: a name that lacks its tag",
        with_count(
            named=[{key: value for key, value in whole["unnamed"]["named"][0].items() if key != "tag"}]
        ),
    )
