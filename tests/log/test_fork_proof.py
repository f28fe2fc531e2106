"""The proof of a fork: whoever has the file can check it, and nobody can make one up."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.crypto.signing import SigningKey
from meshcoal.errors import BadSignature, MalformedFork, OverLimit
from meshcoal.ids import AuthorId, OperationId
from meshcoal.limits import FORK_BYTES_MAX
from meshcoal.log.fork import FORK_MAGIC, ForkProof, decode_fork, encode_fork, prove_fork, verify_fork
from meshcoal.wire.operation import Kind, Operation, encode_header, signing_input

sys.path.insert(0, str(Path(__file__).parent))

from logwork import create, operation

KEY = SigningKey.from_seed(bytes(range(32)))
OTHER = SigningKey.from_seed(bytes(32))
FIRST = create()


def signed(*, key: SigningKey = KEY, seq: int = 4, body: bytes = b"one", campaign: bytes = b"") -> Operation:
    unsigned = operation(
        AuthorId(key.public),
        campaign=FIRST.campaign if not campaign else FIRST.campaign.__class__(campaign),
        seq=seq,
        backlink=bytes(32) if seq else b"",
        parents=[OperationId(FIRST.id)],
        body=body,
    )
    return dataclasses.replace(unsigned, signature=key.sign(signing_input(unsigned.id)))


def test_two_operations_at_one_place_prove_it_in_either_order() -> None:
    """Goal: one proof, whoever makes it. Method: both orders, through the file and back."""
    one, other = signed(), signed(body=b"other")
    proof = prove_fork(one, other)
    assert proof == prove_fork(other, one) == decode_fork(encode_fork(proof))
    assert {header.body_hash for header in verify_fork(proof)} == {
        one.header.body_hash,
        other.header.body_hash,
    }
    assert b"other" not in encode_fork(proof), "what they say is not in it"


@pytest.mark.parametrize(
    "other",
    [
        signed(),
        signed(seq=5, body=b"other"),
        signed(key=OTHER, body=b"other"),
        signed(campaign=bytes(range(32)), body=b"other"),
    ],
    ids=["itself", "another place", "another author", "another campaign"],
)
def test_what_is_no_fork_proves_none(other: Operation) -> None:
    """Goal: nobody honest can be shown up. Method: two operations that an honest author may sign."""
    with pytest.raises(MalformedFork):
        prove_fork(signed(), other)


def test_a_forged_signature_proves_nothing() -> None:
    """Goal: only the author can make it. Method: another key; swapped; turned round; cut."""
    one, other = signed(), signed(body=b"other")
    proof = prove_fork(one, other)
    forged = OTHER.sign(signing_input(other.id))
    with pytest.raises(BadSignature):
        verify_fork(dataclasses.replace(proof, second_signature=forged))
    swapped = dataclasses.replace(
        proof, first_signature=proof.second_signature, second_signature=proof.first_signature
    )
    with pytest.raises(BadSignature):
        verify_fork(swapped)
    with pytest.raises(MalformedFork):
        verify_fork(
            ForkProof(
                first=proof.second,
                first_signature=proof.second_signature,
                second=proof.first,
                second_signature=proof.first_signature,
            )
        )
    with pytest.raises(MalformedFork):
        verify_fork(dataclasses.replace(proof, second=encode_header(one.header)[:-1]))


def rotation(key: SigningKey, seq: int, successor: SigningKey, *, author: SigningKey = KEY) -> Operation:
    unsigned = operation(
        AuthorId(author.public),
        campaign=FIRST.campaign,
        seq=seq,
        backlink=bytes(32) if seq else b"",
        parents=[OperationId(FIRST.id)],
        kind=Kind.REKEY,
        successor=successor.public,
    )
    return dataclasses.replace(unsigned, signature=key.sign(signing_input(unsigned.id)))


def signed_later(key: SigningKey, body: bytes) -> Operation:
    one = signed(seq=9, body=body)
    return dataclasses.replace(one, signature=key.sign(signing_input(one.id)))


def test_a_key_that_changed_proves_it_with_what_changed_it() -> None:
    """Goal: proofs after rotations. Method: two closings; leave one out, swap, forge, misplace."""
    third = SigningKey.from_seed(b"\x03" * 32)
    closings = [rotation(KEY, 2, OTHER), rotation(OTHER, 5, third)]
    one, other = signed_later(third, b"one"), signed_later(third, b"other")
    proof = prove_fork(one, other, closings)
    assert decode_fork(encode_fork(proof)) == proof
    for false in (closings[:1], closings[1:], [], [rotation(OTHER, 2, third)]):
        with pytest.raises(BadSignature):
            prove_fork(one, other, false)
    stranger = [rotation(OTHER, 2, third, author=OTHER)]
    late = [rotation(KEY, 9, third)]
    for misplaced in (closings[::-1], stranger, late, [signed(seq=2)]):
        with pytest.raises((MalformedFork, BadSignature)):
            prove_fork(one, other, misplaced)
    assert prove_fork(one, other, [rotation(KEY, 8, third)])


def following(before: Operation, *, key: SigningKey = KEY, seq: int = 0, successor: bytes = b"") -> Operation:
    """The next of the same log; unsigned unless a key is given."""
    unsigned = operation(
        before.header.author,
        campaign=FIRST.campaign,
        seq=seq or before.header.seq + 1,
        backlink=before.id,
        parents=[before.id],
        kind=Kind.REKEY if successor else Kind.POST,
        successor=successor,
    )
    return dataclasses.replace(unsigned, signature=key.sign(signing_input(unsigned.id)))


def test_a_later_signature_proves_what_it_vouches_for() -> None:
    """Goal: a fork is proven by a voucher. Method: two operations behind one that is unsigned."""
    one, other = dataclasses.replace(signed(), signature=bytes(64)), signed(body=b"other")
    line = [dataclasses.replace(following(one), signature=bytes(64))]
    line.append(following(line[0]))
    with pytest.raises(BadSignature):
        prove_fork(one, other)
    proof = prove_fork(one, other, behind={one.id: line})
    assert decode_fork(encode_fork(proof)) == proof
    assert {header.body_hash for header in verify_fork(proof)} == {
        one.header.body_hash,
        other.header.body_hash,
    }
    beside, elsewhere = following(other), following(one, seq=9)
    handed = following(one, successor=OTHER.public)
    for false in (line[1:], [*line, beside], [elsewhere], [handed, following(handed, key=KEY)]):
        with pytest.raises(MalformedFork):
            prove_fork(one, other, behind={one.id: false})
    for false in (line[:1], [line[0], following(line[0], key=OTHER)]):
        with pytest.raises(BadSignature):
            prove_fork(one, other, behind={one.id: false})


@given(data=st.one_of(st.binary(max_size=300), st.binary(max_size=300).map(lambda tail: FORK_MAGIC + tail)))
def test_any_bytes_are_refused_by_name(data: bytes) -> None:
    """Goal: a total decoder. Method: any bytes, with and without the file's head."""
    try:
        proof = decode_fork(data)
    except (MalformedFork, OverLimit):
        return
    with pytest.raises((MalformedFork, BadSignature)):
        verify_fork(proof)


def test_a_file_that_is_too_long_is_not_looked_into() -> None:
    """Goal: bounded. Method: one byte more than the largest file."""
    with pytest.raises(MalformedFork):
        decode_fork(FORK_MAGIC.ljust(FORK_BYTES_MAX + 1, b"\0"))
