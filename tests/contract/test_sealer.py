"""The contract of `Sealer`: the real one and the simulator's must be told apart only by their bytes."""

from __future__ import annotations

import pytest

from meshcoal.crypto.agreement import SEALER_OVERHEAD_BYTES, SEALER_PUBLIC_BYTES, Sealer, XWingSealer
from meshcoal.crypto.deterministic import DeterministicSealer
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.errors import BadKey, BadSeal

ANA = bytes(range(32))
BEN = bytes(range(32, 64))
INFO = b"epoch secret for ana"


@pytest.fixture(params=["x-wing", "deterministic"])
def sealer(request: pytest.FixtureRequest) -> Sealer:
    if request.param == "x-wing":
        return XWingSealer()
    return DeterministicSealer(SeededEntropy(b"contract"))


@pytest.mark.parametrize(
    "plaintext", [b"", b"x", bytes(32), b"long" * 5000], ids=["none", "one", "key", "long"]
)
def test_what_is_sealed_opens(sealer: Sealer, plaintext: bytes) -> None:
    """Goal: round trip and size. Method: seal plaintexts of several lengths and open them."""
    sealed = sealer.seal(sealer.public_of(ANA), plaintext, INFO)
    assert len(sealed) == len(plaintext) + SEALER_OVERHEAD_BYTES
    assert sealer.open(ANA, sealed, INFO) == plaintext
    opened = sealer.opener(ANA)
    assert opened(sealed, INFO) == opened(sealed, INFO) == plaintext
    with pytest.raises(BadSeal):
        opened(sealed[:20], INFO)


def test_a_seed_has_one_public_key_of_the_stated_size(sealer: Sealer) -> None:
    """Goal: keys can be made again from the seed. Method: derive twice, and from another seed."""
    public = sealer.public_of(ANA)
    assert len(public) == sealer.public_bytes == SEALER_PUBLIC_BYTES
    assert public == sealer.public_of(ANA) != sealer.public_of(BEN)
    sealer.check_public(public)


def test_two_seals_of_one_text_differ(sealer: Sealer) -> None:
    """Goal: an onlooker cannot tell that the same thing was sent twice. Method: seal twice, compare parts."""
    public = sealer.public_of(ANA)
    first, second = sealer.seal(public, b"text", INFO), sealer.seal(public, b"text", INFO)
    assert first[:1120] != second[:1120]
    assert first[1120:] != second[1120:]


def test_another_person_cannot_open(sealer: Sealer) -> None:
    """Goal: only the recipient opens. Method: open with another seed."""
    sealed = sealer.seal(sealer.public_of(ANA), b"text", INFO)
    with pytest.raises(BadSeal):
        sealer.open(BEN, sealed, INFO)


@pytest.mark.parametrize("info", [b"", INFO[:-1], INFO + b"\0", b"epoch secret for ben"])
def test_a_seal_cannot_be_moved(sealer: Sealer, info: bytes) -> None:
    """Goal: `info` binds. Method: open under another one."""
    sealed = sealer.seal(sealer.public_of(ANA), b"text", INFO)
    with pytest.raises(BadSeal):
        sealer.open(ANA, sealed, info)


def test_a_flipped_bit_anywhere_is_noticed(sealer: Sealer) -> None:
    """Goal: no malleability. Method: flip one bit in every 13th byte and in each part's last byte."""
    sealed = sealer.seal(sealer.public_of(ANA), b"text", INFO)
    for place in {*range(0, len(sealed), 13), 1087, 1088, 1119, 1120, len(sealed) - 1}:
        for bit in (0x01, 0x80):
            changed = bytearray(sealed)
            changed[place] ^= bit
            with pytest.raises(BadSeal):
                sealer.open(ANA, bytes(changed), INFO)


def test_a_seal_of_the_wrong_length_is_refused(sealer: Sealer) -> None:
    """Goal: cut and lengthened seals are refused in one way. Method: several lengths, from none upwards."""
    sealed = sealer.seal(sealer.public_of(ANA), b"text", INFO)
    for count in (0, 1, 31, 32, 1087, 1088, 1119, 1120, 1135, 1136, len(sealed) - 1):
        with pytest.raises(BadSeal):
            sealer.open(ANA, sealed[:count], INFO)
    for extra in (b"\0", bytes(16), sealed):
        with pytest.raises(BadSeal):
            sealer.open(ANA, sealed + extra, INFO)


def test_an_ephemeral_key_of_small_order_is_refused(sealer: Sealer) -> None:
    """Goal: no seal under a known secret is taken. Method: zero the X25519 key where each sealer has it."""
    sealed = sealer.seal(sealer.public_of(ANA), b"text", INFO)
    for begin, end in ((0, 32), (1088, 1120)):
        with pytest.raises(BadSeal):
            sealer.open(ANA, sealed[:begin] + bytes(32) + sealed[end:], INFO)


def test_unsound_public_keys_are_refused(sealer: Sealer) -> None:
    """Goal: a bad key is refused on entry and when sealing. Method: wrong sizes, bits set, small order."""
    public = sealer.public_of(ANA)
    high_bit = bytearray(public)
    high_bit[1215] |= 0x80
    bad = [
        b"",
        public[:-1],
        public + b"\0",
        public[:32],
        b"\xff" * len(public),
        bytes(len(public)),
        b"\xff" * 1184 + public[1184:],  # coefficients not below q
        public[:1184] + bytes(32),  # an X25519 half of small order
        public[:1184] + b"\xed" + b"\xff" * 30 + b"\x7f",  # u = p
        bytes(high_bit),
    ]
    for key in bad:
        with pytest.raises(BadKey):
            sealer.check_public(key)
        with pytest.raises(BadKey):
            sealer.seal(key, b"text", INFO)


def test_one_coefficient_out_of_range_is_enough() -> None:
    """Goal: the modulus check of FIPS 203 covers the whole key. Method: set one 12-bit coefficient to q."""
    sealer = XWingSealer()
    public = bytearray(sealer.public_of(ANA))
    for pair in (0, 100, 383):
        changed = bytearray(public)
        changed[3 * pair] = 3329 & 0xFF
        changed[3 * pair + 1] = (changed[3 * pair + 1] & 0xF0) | (3329 >> 8)
        with pytest.raises(BadKey):
            sealer.check_public(bytes(changed))


def test_the_simulators_sealer_repeats_itself() -> None:
    """Goal: a world's bytes follow from its seed. Method: two sealers of one seed, one of another."""
    first, second, other = (DeterministicSealer(SeededEntropy(seed)) for seed in (b"1", b"1", b"2"))
    public = first.public_of(ANA)
    assert [first.seal(public, b"a", INFO) for _ in range(3)] == [
        second.seal(public, b"a", INFO) for _ in range(3)
    ]
    assert first.seal(public, b"a", INFO) != other.seal(public, b"a", INFO)
