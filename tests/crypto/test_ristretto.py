"""ristretto255 against the vectors of its RFC and of the VOPRF that is built on it."""

from __future__ import annotations

import hashlib
import json
import pathlib
from typing import Any

import nacl.bindings
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.crypto import dleq, ristretto
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.ristretto import ORDER, Element
from meshcoal.errors import BadKey, BadSignature

VECTORS = pathlib.Path(__file__).parent.parent / "vectors"
GROUP: dict[str, Any] = json.loads((VECTORS / "ristretto255.json").read_text(encoding="utf-8"))
VOPRF: dict[str, Any] = json.loads((VECTORS / "voprf_ristretto255.json").read_text(encoding="utf-8"))
REFUSED = [(one["why"], text) for one in GROUP["refused"] for text in one["encodings"]]
SUITES = {suite["mode"]: suite for suite in VOPRF["suites"]}
# Points of order 1, 2, 4 and 8 on edwards25519, as RFC 8032 spells them.
SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
]

scalars = st.integers(1, ORDER - 1).map(lambda number: number.to_bytes(32, "little"))


def scalar(number: int) -> bytes:
    return (number % ORDER).to_bytes(32, "little")


def test_the_files_are_whole() -> None:
    """Goal: no vector is lost on the way. Method: count them."""
    assert (len(GROUP["multiples"]), len(REFUSED), len(GROUP["mapped"])) == (16, 29, 7)
    assert {mode: len(suite["vectors"]) for mode, suite in SUITES.items()} == {0: 2, 1: 3, 2: 3}


def test_multiples_of_the_generator() -> None:
    """Goal: RFC 9496, A.1. Method: by sums and by multiples, spelled and read again."""
    total = Element.identity()
    for number, text in enumerate(GROUP["multiples"]):
        assert total.encode().hex() == text
        assert ristretto.base_times(scalar(number)) == total
        if number:
            assert ristretto.decode(bytes.fromhex(text)) == total
        total = total + ristretto.base_times(scalar(1))


@pytest.mark.parametrize(("why", "text"), REFUSED)
def test_what_spells_nothing_is_refused(why: str, text: str) -> None:
    """Goal: RFC 9496, A.2. Method: each encoding that must be refused."""
    with pytest.raises(BadKey):
        ristretto.decode(bytes.fromhex(text))


@pytest.mark.parametrize("data", [b"", bytes(31), bytes(33), bytes(32)])
def test_wrong_sizes_and_the_identity_are_refused(data: bytes) -> None:
    """Goal: nobody's key is no key. Method: sizes around 32, and the group's zero."""
    with pytest.raises(BadKey):
        ristretto.decode(data)


def test_the_one_way_map() -> None:
    """Goal: RFC 9496, A.3. Method: map SHA-512 of each label."""
    for one in GROUP["mapped"]:
        mapped = ristretto.from_uniform(hashlib.sha512(one["label"].encode()).digest())
        assert mapped.encode().hex() == one["element"]
        assert ristretto.decode(mapped.encode()) == mapped


@pytest.mark.parametrize("mode", [0, 1, 2])
def test_the_voprf_of_rfc_9497(mode: int) -> None:
    """Goal: hashing to the group, multiples and inverses are the standard's. Method: blind, evaluate and
    finalise each vector (RFC 9497, 3.3), in the three modes."""
    suite = SUITES[mode]
    context = b"OPRFV1-" + bytes([mode]) + b"-ristretto255-SHA512"
    for vector in suite["vectors"]:
        columns = [
            [bytes.fromhex(part) for part in vector[name].split(",")]
            for name in ("Input", "Blind", "BlindedElement", "EvaluationElement", "Output")
        ]
        for message, blind, blinded, evaluated, output in zip(*columns, strict=True):
            element = ristretto.hash_to_group(message, b"HashToGroup-" + context).times(blind)
            assert element.encode() == blinded
            key, tail = bytes.fromhex(suite["skSm"]), b""
            if mode == 2:
                info = bytes.fromhex(vector["Info"])
                tail = len(info).to_bytes(2, "big") + info
                tweak = ristretto.hash_to_scalar(b"Info" + tail, b"HashToScalar-" + context)
                key = ristretto.invert(
                    scalar(int.from_bytes(key, "little") + int.from_bytes(tweak, "little"))
                )
            answer = element.times(key)
            assert answer.encode() == evaluated
            unblinded = answer.times(ristretto.invert(blind)).encode()
            hashed = len(message).to_bytes(2, "big") + message + tail
            hashed += len(unblinded).to_bytes(2, "big") + unblinded + b"Finalize"
            assert hashlib.sha512(hashed).digest() == output


def test_the_proofs_of_rfc_9497() -> None:
    """Goal: our proof of equal logarithms is the RFC's. Method: verify its vectors, batched ones too; change
    each part."""
    suite, context = SUITES[1], b"OPRFV1-\x01-ristretto255-SHA512"
    base, public = ristretto.base_times(scalar(1)), ristretto.decode(bytes.fromhex(suite["pkSm"]))
    for vector in suite["vectors"]:
        blinded, evaluated = (
            [ristretto.decode(bytes.fromhex(part)) for part in vector[name].split(",")]
            for name in ("BlindedElement", "EvaluationElement")
        )
        pairs, proof = list(zip(blinded, evaluated, strict=True)), bytes.fromhex(vector["Proof"]["proof"])
        dleq.verify(base, public, pairs, context, proof)
        secret, given_scalar = bytes.fromhex(suite["skSm"]), Given(bytes.fromhex(vector["Proof"]["r"]))
        assert dleq.prove(secret, base, public, pairs, context, given_scalar) == proof
        own = dleq.prove(secret, base, public, pairs, context, SeededEntropy(b"proof"))
        dleq.verify(base, public, pairs, context, own)
        assert own != proof
        for at in (0, 31, 32, 63):
            changed = proof[:at] + bytes([proof[at] ^ 1]) + proof[at + 1 :]
            with pytest.raises(BadSignature):
                dleq.verify(base, public, pairs, context, changed)
        for wrong in (proof + b"\x00", proof[:-1], b"", _over(proof, 0), _over(proof, 32)):
            with pytest.raises(BadSignature):
                dleq.verify(base, public, pairs, context, wrong)
        with pytest.raises(BadSignature):
            dleq.verify(base, public, pairs, context + b"2", proof)
        with pytest.raises(BadSignature):
            dleq.verify(base, public + base, pairs, context, proof)
        with pytest.raises(BadSignature):
            dleq.verify(base, public, [*pairs, (base, base)], context, proof)


class Given:
    """Chance that a vector names: a scalar, which reducing 64 bytes leaves as it is."""

    def __init__(self, chosen: bytes) -> None:
        self._chosen = chosen

    def take(self, count: int, /) -> bytes:
        return self._chosen.ljust(count, b"\x00")


def _over(proof: bytes, at: int) -> bytes:
    """The same proof with the group's order added to one scalar: a second spelling."""
    number = int.from_bytes(proof[at : at + 32], "little") + ORDER
    return proof[:at] + number.to_bytes(32, "little") + proof[at + 32 :]


def test_expansion_of_messages() -> None:
    """Goal: expand_message_xmd is the standard's. Method: RFC 9380, K.3, SHA-512, the first of each size."""
    label = b"QUUX-V01-CS02-with-expander-SHA512-256"
    short = "6b9a7312411d92f921c6f68ca0b6380730a1a4d982c507211a90964c394179ba"
    assert ristretto.expand(b"", label, 32).hex() == short
    long = ristretto.expand(b"", label, 128)
    assert long[:16].hex() == "41b037d1734a5f8df225dd8c7de38f85"


@given(a=scalars, b=scalars)
@settings(max_examples=30, deadline=None)
def test_it_is_a_group(a: bytes, b: bytes) -> None:
    """Goal: sums, differences and multiples fit together. Method: two random scalars, two ways each."""
    x, y = ristretto.base_times(a), ristretto.base_times(b)
    total = scalar(int.from_bytes(a, "little") + int.from_bytes(b, "little"))
    assert x + y == y + x == ristretto.base_times(total)
    assert (x + y) - y == x
    assert (x - x).is_identity
    assert x.times(b) == y.times(a) == ristretto.base_times(ristretto.multiply(a, b))
    assert x.times(ristretto.invert(a)) == ristretto.base_times(scalar(1))
    assert x.times(bytes(32)).is_identity
    assert Element.identity().times(a).is_identity
    assert Element.identity().encode() == bytes(32)


@given(data=st.binary(min_size=32, max_size=32))
@settings(max_examples=200, deadline=None)
def test_one_spelling(data: bytes) -> None:
    """Goal: no element has two spellings. Method: what is read from random bytes is spelled the same."""
    try:
        element = ristretto.decode(data)
    except BadKey:
        return
    assert element.encode() == data


def test_points_that_differ_by_small_order_are_one_element() -> None:
    """Goal: no cofactor is left. Method: add each point of small order to the curve point behind an element;
    those in the cosets of four are the same element four times over, and all are in the prime-order group."""
    point = nacl.bindings.crypto_scalarmult_ed25519_base_noclamp(scalar(7))
    x, y = ristretto._point(point)
    wanted = ristretto.base_times(scalar(7))
    assert ristretto._quadruple(x, y) == wanted
    same = 0
    for small in SMALL_ORDER:
        moved = nacl.bindings.crypto_core_ed25519_add(point, bytes.fromhex(small))
        element = ristretto._quadruple(*ristretto._point(moved))
        same += element == wanted
        assert element == wanted or not nacl.bindings.crypto_core_ed25519_is_valid_point(element.quadrupled)
    assert same == 4


def test_chance_comes_from_entropy() -> None:
    """Goal: a seed reaches every scalar. Method: the same stream twice, another once."""
    first = ristretto.random_scalar(SeededEntropy(b"a"))
    assert (
        first == ristretto.random_scalar(SeededEntropy(b"a")) != ristretto.random_scalar(SeededEntropy(b"b"))
    )
    assert ristretto.is_scalar(first)
    assert not ristretto.is_scalar(scalar(0)[:31])
    assert not ristretto.is_scalar(ORDER.to_bytes(32, "little"))
