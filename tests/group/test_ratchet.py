"""Chains of message keys: order, gaps, replay, misplacement, and what is left after erasure."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.crypto.sealing import padded_size
from meshcoal.errors import BadSeal, OverLimit, Replayed, SkippedTooFar, Truncated, WrongRecipient
from meshcoal.group.ratchet import Chain, Heading, erase_skipped, open_message, seal_next, start
from meshcoal.ids import AuthorId, CampaignId, EpochId, OperationId
from meshcoal.limits import BODY_BYTES_MAX, SKIP_MAX
from meshcoal.wire import record
from meshcoal.wire.operation import Kind

ANA = AuthorId(b"a" * 32)
SECRET = b"s" * 32
NOW_MS = 1_800_000_000_000


def heading(index: int, **changes: object) -> Heading:
    made = Heading(
        campaign=CampaignId(b"c" * 32),
        author=ANA,
        seq=index + 7,
        parents=(OperationId(b"p" * 32),),
        kind=Kind.POST,
        epoch=EpochId(b"e" * 32),
        index=index,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def written(count: int) -> list[tuple[Heading, bytes]]:
    chain = start(SECRET, ANA)
    letters = []
    for index in range(count):
        chain, sealed = seal_next(chain, heading(index), b"text %d" % index)
        letters.append((heading(index), sealed))
    return letters


def take(chain: Chain, letter: tuple[Heading, bytes]) -> tuple[Chain, bytes]:
    after, plain = open_message(chain, *letter, now_ms=NOW_MS)
    assert record.decode(Chain, record.encode(after)) == after
    return after, plain


@settings(max_examples=100, deadline=None)
@given(st.permutations(range(12)), st.integers(0, 12))
def test_messages_open_in_any_order_once(order: list[int], lost: int) -> None:
    """Goal: gaps and reordering within a chain. Method: deliver all but some in any order, each twice."""
    letters = written(12)
    chain = start(SECRET, ANA)
    for index in order[lost:]:
        chain, plain = take(chain, letters[index])
        assert plain == b"text %d" % index
        with pytest.raises(Replayed):
            take(chain, letters[index])
    assert {one.index for one in chain.skipped} == {index for index in order[:lost] if index < chain.index}


def test_sizes_are_blurred() -> None:
    """Goal: a length says little. Method: seal texts of several lengths."""
    for size in (0, 1, 63, 64, 5000):
        _, sealed = seal_next(start(SECRET, ANA), heading(0), bytes(size))
        assert len(sealed) == padded_size(size) + 16
    with pytest.raises(OverLimit):
        seal_next(start(SECRET, ANA), heading(0), bytes(BODY_BYTES_MAX))
    with pytest.raises(OverLimit):
        take(start(SECRET, ANA), (heading(0), bytes(BODY_BYTES_MAX + 1)))


def test_the_window_is_bounded() -> None:
    """Goal: a peer cannot make me work or hold without end. Method: messages at and beyond the bound."""
    letters = written(SKIP_MAX + 3)
    chain, _ = take(start(SECRET, ANA), letters[SKIP_MAX])
    assert len(chain.skipped) == SKIP_MAX
    with pytest.raises(SkippedTooFar):
        take(start(SECRET, ANA), letters[SKIP_MAX + 1])
    chain, _ = take(chain, letters[SKIP_MAX + 2])
    assert len(chain.skipped) == SKIP_MAX
    with pytest.raises(Replayed):
        take(chain, letters[0])  # pushed out
    take(chain, letters[SKIP_MAX + 1])


def test_a_message_opens_in_its_place_alone() -> None:
    """Goal: each part of the heading is bound. Method: change one after another; cut and flip the bytes."""
    (place, sealed), *_ = written(1)
    chain = start(SECRET, ANA)
    for changed in (
        replace(place, campaign=CampaignId(b"d" * 32)),
        replace(place, seq=place.seq + 1),
        replace(place, parents=()),
        replace(place, kind=Kind.COMMENT),
        replace(place, epoch=EpochId(b"f" * 32)),
        replace(place, index=1),
    ):
        with pytest.raises(BadSeal):
            take(chain, (changed, sealed))
    with pytest.raises(WrongRecipient):
        take(chain, (replace(place, author=AuthorId(b"b" * 32)), sealed))
    for wrong in (b"", sealed[:-1], sealed + b"\0"):
        with pytest.raises(Truncated):
            take(chain, (place, wrong))
    for wrong in (sealed.ljust(144, b"\0"), bytes([sealed[0] ^ 1]) + sealed[1:]):
        with pytest.raises(BadSeal):
            take(chain, (place, wrong))
    assert take(chain, (place, sealed))[1] == b"text 0"


def test_chains_of_authors_and_epochs_differ() -> None:
    """Goal: no key has two uses. Method: compare chains from one secret and from another."""
    keys = {start(SECRET, ANA).key, start(SECRET, AuthorId(b"b" * 32)).key, start(b"t" * 32, ANA).key}
    assert len(keys) == 3


def test_nothing_left_opens_what_was_opened() -> None:
    """Goal: forward secrecy. Method: write the chain's index back in all that is held after opening, and try
    every key that is still there as chain key."""
    letters = written(5)
    chain = start(SECRET, ANA)
    for letter in letters[:4]:
        chain, _ = take(chain, letter)
    assert letters[0][1] not in record.encode(chain)
    for index in range(4):
        with pytest.raises(BadSeal):
            take(replace(chain, index=index), letters[index])
    sender = start(SECRET, ANA)
    for index in range(4):
        sender, _ = seal_next(sender, heading(index), b"")
        with pytest.raises(BadSeal):
            take(replace(sender, index=index), letters[index])


def test_keys_of_messages_that_never_came_are_erased_with_age() -> None:
    """Goal: talk that expired cannot be opened. Method: skip one, let its time pass, deliver it."""
    letters = written(2)
    chain, _ = take(start(SECRET, ANA), letters[1])
    assert erase_skipped(chain, before_ms=NOW_MS) is chain
    chain = erase_skipped(chain, before_ms=NOW_MS + 1)
    assert chain.skipped == ()
    with pytest.raises(Replayed):
        take(chain, letters[0])
