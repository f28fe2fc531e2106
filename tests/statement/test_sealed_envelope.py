"""Envelopes: what is sealed comes out again; what is not one is refused, with its code."""

from __future__ import annotations

import functools
import pathlib
import sys
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.clock import HOUR_MS
from meshcoal.crypto import threshold
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.ring import RingKey
from meshcoal.crypto.signing import SigningKey
from meshcoal.errors import (
    BadArgument,
    BadEnvelope,
    BadRing,
    BadSignature,
    MalformedSealed,
    MeshcoalError,
    SealExpired,
    UnsafeSeal,
    WrongPhase,
)
from meshcoal.limits import MEMBERS_MAX, NAME_CHARS_MAX
from meshcoal.statement.sealed.envelope import check, check_withdrawal, read, seal, withdraw
from meshcoal.statement.sealed.opening import open_with_shares
from meshcoal.wire import record
from meshcoal.wire.public_text import sign_on_text
from meshcoal.wire.sealed import SEALED, Envelope, SealedSignOn

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from sealedround import EXPIRES_MS, NOW_MS, Coalition, Member


@functools.cache
def coalition() -> Coalition:
    return Coalition(12)


@functools.cache
def envelope() -> Envelope:
    return coalition().seal(3)


def shares(group: Coalition, checked: Any, places: range) -> dict[int, bytes]:
    return {
        at: threshold.open_share(
            checked.dealt, at, group.members[at - 1].trustee, group.round.place(checked.tag)
        )
        for at in places
    }


def test_what_is_sealed_comes_out() -> None:
    """Goal: the whole way. Method: seal, send, check, take five shares of twelve, open, look at the name."""
    group = coalition()
    sent = SEALED.encode(envelope())
    arrived = SEALED.decode(sent)
    assert isinstance(arrived, Envelope)
    checked = check(group.round, arrived, now_ms=NOW_MS)
    assert checked.tag == group.members[3].ring.tag(group.terms.event)
    signed, told = open_with_shares(group.round, checked, shares(group, checked, range(6, 11)))
    assert signed.content.fields.name == group.members[3].name
    assert signed.content.act_key == group.members[3].act.public
    assert told.envelope == checked.id


def test_sizes() -> None:
    """Goal: 40 members stay under 6 KiB, and nothing inside changes a size. Method: seal the shortest and the
    longest that fits, in several scripts."""
    group = Coalition(40)
    assert len(SEALED.encode(group.seal(0))) < 6 * 1024
    lengths = set()
    for name in ("A", "N" * NAME_CHARS_MAX, "ဝ" * NAME_CHARS_MAX, "Ф" * 30):
        member = coalition().members[0]
        made = seal_by(member, fields=replace(coalition().fields(member), name=name))
        lengths.add(len(SEALED.encode(made)))
    assert len(lengths) == 1


def seal_by(member: Member, **changes: Any) -> Envelope:
    group = coalition()
    chosen: dict[str, Any] = {
        "ring_key": member.ring,
        "act_key": member.act,
        "fields": group.fields(member),
        "floor": 5,
        "verified": 11,
        "now_ms": NOW_MS,
        "entropy": SeededEntropy(b"by"),
        **changes,
    }
    return seal(group.round, **chosen)


@pytest.mark.parametrize(
    ("error", "changes"),
    [
        (WrongPhase, {"now_ms": EXPIRES_MS}),
        (UnsafeSeal, {"verified": 6}),
        (BadArgument, {"floor": 4}),
        (BadArgument, {"floor": 13}),
        (BadRing, {"ring_key": RingKey(bytes(32))}),
        (BadRing, {"act_key": SigningKey(bytes(32))}),
    ],
)
def test_what_would_be_unsafe_is_not_sealed(error: type[MeshcoalError], changes: dict[str, Any]) -> None:
    """Goal: a client refuses before anything leaves. Method: each reason."""
    with pytest.raises(error):
        seal_by(coalition().members[0], **changes)


def test_too_long_and_too_exact_are_not_sealed() -> None:
    """Goal: all envelopes look alike, and none tells its hour. Method: too much text, a time of day."""
    member = coalition().members[0]
    fields = coalition().fields(member)
    long = "𞤀" * NAME_CHARS_MAX  # four bytes each
    for wrong in (
        replace(fields, name=long, title=long, country=long),
        replace(fields, signed_ms=fields.signed_ms + HOUR_MS),
        replace(fields, name="two\nlines"),
    ):
        with pytest.raises(BadArgument):
            seal_by(member, fields=wrong)


@given(
    part=st.sampled_from(["commitment", "ephemeral", "content", "shares", "checks", "signature"]),
    at=st.integers(0),
)
@settings(max_examples=40, deadline=None)
def test_any_changed_byte_is_refused(part: str, at: int) -> None:
    """Goal: an envelope cannot be mauled, its commitments not swapped. Method: turn a bit of each part."""
    value = bytearray(getattr(envelope(), part))
    value[at // 8 % len(value)] ^= 1 << at % 8
    change: dict[str, Any] = {part: bytes(value)}
    with pytest.raises(BadSignature):
        check(coalition().round, replace(envelope(), **change), now_ms=NOW_MS)


def test_what_is_not_for_these_terms_is_refused() -> None:
    """Goal: junk, foreign rings and late comers get their code. Method: one of each."""
    group = coalition()
    foreign = Coalition(12, label="foreign ")
    other_size = Coalition(13)
    with pytest.raises(BadEnvelope):  # a ring of strangers, as it comes
        check(group.round, foreign.seal(0), now_ms=NOW_MS)
    with pytest.raises(BadSignature):  # and made to look as if for these terms
        check(group.round, replace(foreign.seal(0), terms=group.terms.id), now_ms=NOW_MS)
    with pytest.raises(BadEnvelope):
        check(group.round, replace(other_size.seal(0), terms=group.terms.id), now_ms=NOW_MS)
    with pytest.raises(BadEnvelope):
        check(group.round, replace(envelope(), floor=4), now_ms=NOW_MS)
    with pytest.raises(BadEnvelope):
        check(group.round, replace(envelope(), floor=13), now_ms=NOW_MS)
    with pytest.raises(BadSignature):  # a higher floor, so that it stays shut
        check(group.round, replace(envelope(), floor=12), now_ms=NOW_MS)
    with pytest.raises(SealExpired):
        check(group.round, envelope(), now_ms=EXPIRES_MS)


def test_an_envelope_cannot_be_taken_over() -> None:
    """Goal: nobody signs by copying. Method: Mallory puts her ring signature on what Ana sealed: it passes as
    Mallory's, and opens to nothing, because shares and key are bound to Ana's tag."""
    group, mallory = coalition(), coalition().members[7]
    signature = mallory.ring.sign(group.round.ring, group.terms.event, envelope().signed, SeededEntropy(b"m"))
    checked = check(group.round, replace(envelope(), signature=signature), now_ms=NOW_MS)
    assert checked.tag == mallory.ring.tag(group.terms.event)
    with pytest.raises(MeshcoalError):
        shares(group, checked, range(1, 6))


def sealed_junk(plaintext: bytes, at: int = 2) -> Any:
    """An envelope by member `at` whose signature holds, around anything."""
    group = coalition()
    member = group.members[at]
    tag = member.ring.tag(group.terms.event)
    needed = group.terms.shares_needed
    dealt = threshold.deal(b"j" * 32, plaintext, group.roster.trustees, needed, group.round.place(tag))
    made = replace(
        envelope(), commitment=dealt.commitment, ephemeral=dealt.ephemeral, content=dealt.content,
        shares=b"".join(dealt.shares), checks=b"".join(dealt.checks),
    )  # fmt: skip
    signature = member.ring.sign(group.round.ring, group.terms.event, made.signed, SeededEntropy(b"j"))
    return check(group.round, replace(made, signature=signature), now_ms=NOW_MS)


def content_of(at: int) -> SealedSignOn:
    group = coalition()
    checked = group.checked(at)
    return open_with_shares(group.round, checked, shares(group, checked, range(1, 6)))[0].content


def padded(content: SealedSignOn) -> bytes:
    return (record.encode(content) + b"\x80").ljust(1024, b"\x00")


def test_junk_inside_is_told_when_it_opens() -> None:
    """Goal: what an infiltrator seals never becomes a name. Method: noise; somebody else's sign-on; another
    name under a sound signature; a stranger's key; another tag's opening; the hour; a second padding."""
    group = coalition()
    mine, hers = content_of(2), content_of(5)
    hourly = replace(mine.fields, signed_ms=mine.fields.signed_ms + HOUR_MS)
    member = group.members[2]
    resigned = member.act.sign(sign_on_text(group.terms.statement, member.act.public, hourly))
    opening = member.ring.open_tag(group.terms.event, resigned, SeededEntropy(b"h"))
    wrong = [
        bytes(1024),
        b"\xff" * 1024,
        padded(hers),
        padded(replace(mine, fields=replace(mine.fields, name="somebody else"))),
        padded(replace(mine, act_key=SigningKey(bytes(32)).public)),
        padded(replace(mine, opening=hers.opening)),
        padded(replace(mine, fields=hourly, act_signature=resigned, opening=opening)),
        padded(mine)[:-1] + b"\x01",
    ]
    for plaintext in wrong:
        checked = sealed_junk(plaintext)
        with pytest.raises(BadEnvelope):
            open_with_shares(group.round, checked, shares(group, checked, range(1, 6)))
    checked = sealed_junk(padded(mine))
    signed, _ = open_with_shares(group.round, checked, shares(group, checked, range(1, 6)))
    assert signed.content == mine
    with pytest.raises(BadEnvelope):
        read(group.round, padded(mine), group.members[5].ring.tag(group.terms.event))


def test_withdrawals() -> None:
    """Goal: only its maker takes an envelope back. Method: with her tag; by a stranger; for other terms; an
    envelope's signature passed off as a withdrawal, and back."""
    group = coalition()
    mine = withdraw(group.round, ring_key=group.members[3].ring, entropy=SeededEntropy(b"w"))
    assert check_withdrawal(group.round, mine) == check(group.round, envelope(), now_ms=NOW_MS).tag
    with pytest.raises(BadRing):
        withdraw(group.round, ring_key=RingKey(bytes(32)), entropy=SeededEntropy(b"w"))
    with pytest.raises(BadEnvelope):
        check_withdrawal(group.round, replace(mine, terms=bytes(32)))
    with pytest.raises(BadSignature):
        check_withdrawal(group.round, replace(mine, signature=envelope().signature))
    with pytest.raises(BadSignature):
        check(group.round, replace(envelope(), signature=mine.signature), now_ms=NOW_MS)
    with pytest.raises(BadSignature):
        check_withdrawal(group.round, replace(mine, signature=mine.signature + bytes(32)))


@pytest.mark.parametrize("part", ["shares", "checks", "signature"])
def test_sizes_that_do_not_fit_are_malformed(part: str) -> None:
    """Goal: the decoder is bounded. Method: a member more or less in one of the lists; far too many."""
    value = getattr(envelope(), part)
    for wrong in (value + value[:48], value[:-1], b"", value * MEMBERS_MAX):
        change: dict[str, Any] = {part: wrong}
        with pytest.raises(MalformedSealed):
            replace(envelope(), **change)
