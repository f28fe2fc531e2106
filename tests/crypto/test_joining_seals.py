"""Requests and answers under the real sealer: who opens them, and that every byte counts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.crypto.agreement import AgreementKey, XWingSealer
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.joining import (
    answer_room,
    campaign_mark,
    open_answer,
    open_request,
    proof,
    request_door,
    request_head,
    request_name,
    request_room,
    seal_answer,
    seal_request,
)
from meshcoal.errors import BadKey, BadSeal

SEALER = XWingSealer()
CHANCE = SeededEntropy(b"joining seals")
SEED, CODE, DIGEST, KEY = CHANCE.take(32), CHANCE.take(16), CHANCE.take(32), CHANCE.take(32)
CONTENT = CHANCE.take(request_room(2_048))
PART = seal_request(
    CONTENT, code=CODE, invitation=DIGEST, public=SEALER.public_of(SEED), name=request_name(KEY),
    sealer=SEALER, entropy=CHANCE,
)  # fmt: skip
ANSWER = seal_answer(CHANCE.take(answer_room(2_048)), key=KEY, entropy=CHANCE)


def test_the_inviter_opens_a_request_and_nobody_else() -> None:
    """Goal: sealed to one, bound to one invitation. Method: other seed, other digest, other code, no part."""
    head = request_head(PART, request_door(CODE))
    assert head is not None
    assert head.name == request_name(KEY)
    assert open_request(PART, head, seed=SEED, invitation=DIGEST, sealer=SEALER) == CONTENT
    for seed, digest in ((bytes(32), DIGEST), (SEED, bytes(32))):
        with pytest.raises(BadSeal):
            open_request(PART, head, seed=seed, invitation=digest, sealer=SEALER)
    assert request_head(PART, request_door(bytes(16))) is None
    assert request_head(PART[:-1], request_door(CODE)) is None


@settings(deadline=None, max_examples=60)
@given(at=st.integers(0, len(PART) - 1), bit=st.integers(0, 7))
def test_every_bit_of_a_request_counts(at: int, bit: int) -> None:
    """Goal: nothing can be changed. Method: one bit anywhere."""
    changed = PART[:at] + bytes([PART[at] ^ 1 << bit]) + PART[at + 1 :]
    head = request_head(changed, request_door(CODE))
    if head is not None:
        with pytest.raises(BadSeal):
            open_request(changed, head, seed=SEED, invitation=DIGEST, sealer=SEALER)


@given(at=st.integers(0, len(ANSWER) - 1), bit=st.integers(0, 7))
def test_every_bit_of_an_answer_counts(at: int, bit: int) -> None:
    """Goal: as above. Method: one bit anywhere makes it noise, or refused."""
    changed = ANSWER[:at] + bytes([ANSWER[at] ^ 1 << bit]) + ANSWER[at + 1 :]
    try:
        assert open_answer(changed, KEY) is None
    except BadSeal:
        assert at >= 48
    assert open_answer(ANSWER, bytes(32)) is None


def test_a_proof_is_of_two_keys_one_way_and_one_text() -> None:
    """Goal: nobody else makes it, and it stands for nothing else. Method: both sides; change each."""
    ana, ben, mallory = (AgreementKey(bytes([one]) * 32) for one in (1, 2, 3))
    made = proof(ben, ana.public, answers=False, about=b"me")
    assert made == proof(ana, ben.public, answers=False, about=b"me")
    others = [
        proof(mallory, ana.public, answers=False, about=b"me"),
        proof(ben, ana.public, answers=True, about=b"me"),
        proof(ben, ana.public, answers=False, about=b"you"),
    ]
    assert made not in others
    with pytest.raises(BadKey):
        proof(ben, bytes(32), answers=False, about=b"me")


def test_a_mark_says_only_that_there_is_a_campaign() -> None:
    """Goal: two invitations into one campaign have nothing in common. Method: marks under two codes."""
    assert campaign_mark(CODE, b"") == b""
    assert len(campaign_mark(CODE, bytes(32))) == 16
    assert campaign_mark(CODE, bytes(32)) != campaign_mark(bytes(16), bytes(32))
