"""Ed25519: the RFC's vectors hold, and every key that could split opinions is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.crypto.signing import SigningKey, check_public, verify
from meshcoal.errors import BadKey, BadSignature, RemoteError

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493

# RFC 8032 section 7.1: TEST 1, 2, 3 (seed, public, message, signature)
RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a",
    ),
]

# y of the points of order 8, from "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko 2020), table 1.
ORDER_8_Y = [
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]


def small_order_spellings() -> list[bytes]:
    """Every byte string that some decoder reads as a point of small order, canonical or not."""
    ys = {0, 1, P - 1, *(int.from_bytes(bytes.fromhex(text), "little") for text in ORDER_8_Y)}
    found = []
    for y in sorted(ys):
        for same in (y, y + P):
            if same < 2**255:
                found += [(same | sign << 255).to_bytes(32, "little") for sign in (0, 1)]
    return found


# Affine Edwards arithmetic, slow and plain, to build points that no honest key has.
D = -121665 * pow(121666, -1, P) % P


def add(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    (x1, y1), (x2, y2) = a, b
    t = D * x1 * x2 * y1 * y2 % P
    return (
        (x1 * y2 + x2 * y1) * pow(1 + t, -1, P) % P,
        (y1 * y2 + x1 * x2) * pow(1 - t, -1, P) % P,
    )


def decode(data: bytes) -> tuple[int, int]:
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    xx = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    assert (x * x - xx) % P == 0
    return (P - x if x % 2 != sign else x), y


def encode(point: tuple[int, int]) -> bytes:
    return (point[1] | (point[0] % 2) << 255).to_bytes(32, "little")


@pytest.mark.parametrize(("seed", "public", "message", "signature"), RFC_8032)
def test_rfc_8032(seed: str, public: str, message: str, signature: str) -> None:
    """Goal: this is Ed25519. Method: the RFC's vectors, both ways."""
    key = SigningKey.from_seed(bytes.fromhex(seed))
    assert key.seed.hex() == seed
    assert key.public.hex() == public
    assert key.sign(bytes.fromhex(message)).hex() == signature
    verify(key.public, bytes.fromhex(message), bytes.fromhex(signature))


def test_any_changed_byte_is_noticed() -> None:
    """Goal: a signature holds for one text and one key. Method: change each byte of each part in turn."""
    key = SigningKey.from_seed(bytes(32))
    message = b"meshcoal test\x00a letter"
    signature = key.sign(message)
    for place in range(64):
        changed = bytearray(signature)
        changed[place] ^= 1
        with pytest.raises(BadSignature):
            verify(key.public, message, bytes(changed))
    with pytest.raises(BadSignature):
        verify(key.public, message + b".", signature)
    with pytest.raises(BadSignature):
        verify(SigningKey.from_seed(bytes([1] * 32)).public, message, signature)


@pytest.mark.parametrize("size", [0, 63, 65, 128])
def test_signatures_of_other_sizes_are_refused(size: int) -> None:
    """Goal: no reading past or short. Method: cut or lengthen a good signature."""
    key = SigningKey.from_seed(bytes(32))
    with pytest.raises(BadSignature):
        verify(key.public, b"text", (key.sign(b"text") * 2)[:size])


def test_s_plus_the_order_is_refused() -> None:
    """Goal: a signature has one spelling. Method: add the group order to S, which keeps the equation true."""
    key = SigningKey.from_seed(bytes(32))
    signature = key.sign(b"text")
    s = int.from_bytes(signature[32:], "little")
    for times in range(1, 15):
        other = (s + times * ORDER).to_bytes(32, "little")
        with pytest.raises(BadSignature):
            verify(key.public, b"text", signature[:32] + other)


def test_the_key_that_signs_everything_is_refused() -> None:
    """Goal: key 01 00.. with signature 01 00.. holds for no text. Method: try it; browsers accept it."""
    key = b"\x01" + bytes(31)
    with pytest.raises(BadKey):
        verify(key, b"any text", b"\x01" + bytes(63))


def test_small_order_keys_are_refused_in_every_spelling() -> None:
    """Goal: none of the small-order points passes. Method: all spellings, y + p and -0 too."""
    spellings = small_order_spellings()
    assert len(spellings) == len(set(spellings)) == 14
    for public in spellings:
        with pytest.raises(BadKey):
            check_public(public)


def test_non_canonical_spellings_are_refused() -> None:
    """Goal: one key, one spelling. Method: every y from p to 2^255 - 1, with both signs."""
    for y in range(P, 2**255):
        for sign in (0, 1):
            with pytest.raises(BadKey):
                check_public((y | sign << 255).to_bytes(32, "little"))


def test_keys_with_a_small_order_part_are_refused() -> None:
    """Goal: only the prime-order subgroup. Method: add each point of order 8, 4 and 2 to an honest key."""
    honest = decode(SigningKey.from_seed(bytes(32)).public)
    step = decode(bytes.fromhex(ORDER_8_Y[0]))
    torsion = step
    for _ in range(7):
        mixed = encode(add(honest, torsion))
        assert decode(mixed)  # on the curve
        with pytest.raises(BadKey):
            check_public(mixed)
        torsion = add(torsion, step)
    assert torsion == (0, 1)
    check_public(encode(add(honest, torsion)))


def test_points_off_the_curve_are_refused() -> None:
    """Goal: not every 32 bytes are a key. Method: y = 2 has no x on the curve."""
    with pytest.raises(BadKey):
        check_public(b"\x02" + bytes(31))


@given(st.binary(max_size=40), st.binary(max_size=80), st.binary(max_size=20))
def test_any_bytes_give_only_remote_errors(public: bytes, signature: bytes, message: bytes) -> None:
    """Goal: peer bytes never crash. Method: random keys and signatures of any size."""
    with pytest.raises(RemoteError):
        verify(public, message, signature)
    sound = SigningKey.from_seed(bytes(32)).public
    with pytest.raises(BadSignature):
        verify(sound, message, signature)


def test_a_key_does_not_show_itself() -> None:
    """Goal: no secret in a log by accident. Method: its text form."""
    assert repr(SigningKey.from_seed(bytes(32))) == "SigningKey(...)"
