"""The contract of `Kem`: the real one and the simulator's must be told apart only by their bytes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.crypto.deterministic import DeterministicKem
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.kem import (
    KEM_CIPHERTEXT_BYTES,
    KEM_PUBLIC_BYTES,
    KEM_SECRET_BYTES,
    KEM_SEED_BYTES,
    MLKEM768,
    Kem,
)
from meshcoal.errors import BadKey

ANA = bytes(range(KEM_SEED_BYTES))
BEN = ANA[::-1]


def kems() -> list[Kem]:
    return [MLKEM768(), DeterministicKem(SeededEntropy(b"contract"))]


@pytest.fixture(params=[0, 1], ids=["ml-kem-768", "deterministic"])
def kem(request: pytest.FixtureRequest) -> Kem:
    return kems()[0 if request.param == 0 else 1]


def test_who_holds_the_seed_has_the_secret(kem: Kem) -> None:
    """Goal: what it is for. Method: encapsulate, and decapsulate with the key made again from its seed."""
    ciphertext, secret = kem.encapsulate(kem.key_of(ANA).public)
    assert kem.key_of(ANA).decapsulate(ciphertext) == secret
    assert len(secret) == KEM_SECRET_BYTES


def test_sizes_are_those_of_ml_kem_768(kem: Kem) -> None:
    """Goal: the simulator's frames are as long as real ones. Method: measure."""
    public = kem.key_of(ANA).public
    ciphertext, secret = kem.encapsulate(public)
    assert (len(public), len(ciphertext), len(secret)) == (1184, 1088, 32)
    assert (KEM_PUBLIC_BYTES, KEM_CIPHERTEXT_BYTES) == (1184, 1088)


def test_a_seed_gives_one_key(kem: Kem) -> None:
    """Goal: chance comes in from outside. Method: one seed twice, two seeds."""
    assert kem.key_of(ANA).public == kem.key_of(ANA).public != kem.key_of(BEN).public


def test_no_two_encapsulations_are_alike(kem: Kem) -> None:
    """Goal: each handshake has a secret of its own. Method: encapsulate twice to one key."""
    public = kem.key_of(ANA).public
    (first, one), (second, other) = kem.encapsulate(public), kem.encapsulate(public)
    assert first != second
    assert one != other


def test_a_wrong_ciphertext_gives_another_secret_and_no_error(kem: Kem) -> None:
    """Goal: FIPS 203 section 6.3; nothing is learnt from a refusal. Method: change bytes; another's key."""
    key = kem.key_of(ANA)
    ciphertext, secret = kem.encapsulate(key.public)
    found = {secret, kem.key_of(BEN).decapsulate(ciphertext)}
    for place in (0, 31, 32, 500, KEM_CIPHERTEXT_BYTES - 1):
        changed = bytearray(ciphertext)
        changed[place] ^= 1
        found.add(key.decapsulate(bytes(changed)))
        assert key.decapsulate(bytes(changed)) == key.decapsulate(bytes(changed))
    assert len(found) == 7
    assert key.decapsulate(ciphertext) == secret


@pytest.mark.parametrize("size", [0, 1, 32, KEM_CIPHERTEXT_BYTES - 1, KEM_CIPHERTEXT_BYTES + 1, 65_535])
def test_a_ciphertext_of_another_length_is_refused(kem: Kem, size: int) -> None:
    """Goal: FIPS 203 section 7.3. Method: lengths around the right one."""
    with pytest.raises(BadKey):
        kem.key_of(ANA).decapsulate(bytes(size))


def test_an_unsound_key_is_refused(kem: Kem) -> None:
    """Goal: one spelling of a key, FIPS 203 section 7.2. Method: wrong lengths; coefficients not below q."""
    public = kem.key_of(ANA).public
    for bad in (b"", public[:-1], public + b"\0", b"\xff" * KEM_PUBLIC_BYTES, b"\xff\x0f" + public[2:]):
        with pytest.raises(BadKey):
            kem.encapsulate(bad)


@settings(max_examples=60)
@given(st.one_of(st.binary(max_size=64), st.binary(min_size=1184, max_size=1184)), st.integers(0, 1))
def test_any_bytes_as_a_key_are_taken_or_refused(public: bytes, number: int) -> None:
    """Goal: a hostile peer never crashes a node. Method: random bytes as a public key."""
    try:
        ciphertext, secret = kems()[number].encapsulate(public)
    except BadKey:
        return
    assert (len(ciphertext), len(secret)) == (KEM_CIPHERTEXT_BYTES, KEM_SECRET_BYTES)


def test_the_deterministic_one_repeats_and_has_a_name_of_its_own() -> None:
    """Goal: a world can be run again; it never links to real nodes. Method: one seed twice; compare names."""
    first, second, other = (DeterministicKem(SeededEntropy(seed)) for seed in (b"1", b"1", b"2"))
    public = first.key_of(ANA).public
    assert first.encapsulate(public) == second.encapsulate(public) != other.encapsulate(public)
    assert MLKEM768().name == "MLKEM768" != first.name


def test_secrets_do_not_show_themselves(kem: Kem) -> None:
    """Goal: no secret in a log by accident. Method: the text form."""
    key = kem.key_of(ANA)
    assert ANA.hex() not in repr(key)
    assert key.public.hex() not in repr(key)
