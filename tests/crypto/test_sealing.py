"""ChaCha20-Poly1305, BLAKE2b derivation, and how bodies are sealed and padded."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.crypto.sealing import (
    BODY_CLASSES_BYTES,
    BODY_PLAINTEXT_BYTES_MAX,
    check_sealed_size,
    derive,
    padded_size,
    seal,
    seal_body,
    unseal,
    unseal_body,
)
from meshcoal.errors import BadSeal, OverLimit, Truncated
from meshcoal.limits import BODY_BYTES_MAX

KEY, SALT, AUTHOR, CAMPAIGN = bytes(range(32)), bytes(16), b"a" * 32, b"c" * 32


def test_rfc_8439() -> None:
    """Goal: this is ChaCha20-Poly1305. Method: the vector of RFC 8439 section 2.8.2, both ways."""
    key = bytes(range(0x80, 0xA0))
    nonce = bytes.fromhex("070000004041424344454647")
    associated = bytes.fromhex("50515253c0c1c2c3c4c5c6c7")
    plaintext = (
        b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
        b"sunscreen would be it."
    )
    sealed = bytes.fromhex(
        "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b"
        "1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
        "3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691"
    )
    assert seal(key, nonce, plaintext, associated) == sealed
    assert unseal(key, nonce, sealed, associated) == plaintext


def test_rfc_7693() -> None:
    """Goal: the hash we key is BLAKE2b. Method: appendix A, and the designers' first keyed vectors."""
    assert hashlib.blake2b(b"abc").hexdigest() == (
        "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
        "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923"
    )
    key = bytes(range(64))
    assert hashlib.blake2b(b"", key=key).hexdigest() == (
        "10ebb67700b1868efb4417987acf4690ae9d972fb7a590c2f02871799aaa4786"
        "b5e996e8f0f4eb981fc214b005f42d2ff4233499391653df7aefcbc13fc51568"
    )


def test_derivation_is_what_the_page_says() -> None:
    """Goal: another program can derive the same keys. Method: compute it by the written rule."""
    expected = hashlib.blake2b(b"\x0cmeshcoal x 1" + b"data", key=KEY, digest_size=32).digest()
    assert derive(KEY, b"meshcoal x 1", b"data") == expected


def test_every_input_of_a_derivation_matters() -> None:
    """Goal: no two uses share a key. Method: vary each; shift bytes between two inputs."""
    found = [
        derive(KEY, b"meshcoal a", b"data"),
        derive(bytes(32), b"meshcoal a", b"data"),
        derive(KEY, b"meshcoal b", b"data"),
        derive(KEY, b"meshcoal a", b"date"),
        derive(KEY, b"meshcoal ad", b"ata"),
        derive(KEY, b"meshcoal a", b"data", 64)[:32],
    ]
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("change", ["key", "nonce", "associated", "sealed", "short", "empty"])
def test_a_seal_holds_only_as_made(change: str) -> None:
    """Goal: authenticated. Method: change one input at a time."""
    key, nonce, associated = KEY, bytes(12), b"place"
    sealed = seal(key, nonce, b"text", associated)
    match change:
        case "key":
            key = bytes(32)
        case "nonce":
            nonce = b"\x01" + bytes(11)
        case "associated":
            associated = b"plase"
        case "sealed":
            sealed = bytes([sealed[0] ^ 1]) + sealed[1:]
        case "short":
            sealed = sealed[:-1]
        case "empty":
            sealed = b""
    with pytest.raises(BadSeal):
        unseal(key, nonce, sealed, associated)


@given(st.binary(max_size=5000), st.integers(0, 2**40))
def test_a_body_comes_back_as_it_was(plaintext: bytes, seq: int) -> None:
    """Goal: round trip, padded to a class. Method: random bodies, some that end like padding."""
    for body in (plaintext, plaintext + b"\x80", plaintext + b"\x80\x00\x00", plaintext + b"\x00"):
        sealed = seal_body(KEY, SALT, AUTHOR, seq, CAMPAIGN, body)
        assert len(sealed) == padded_size(len(body)) + 16
        assert unseal_body(KEY, SALT, AUTHOR, seq, CAMPAIGN, sealed) == body


def test_a_body_opens_only_in_its_place() -> None:
    """Goal: a sealed body cannot be moved. Method: another lane key, salt, author, seq or campaign."""
    sealed = seal_body(KEY, SALT, AUTHOR, 7, CAMPAIGN, b"text")
    moved = [
        (bytes(32), SALT, AUTHOR, 7, CAMPAIGN),
        (KEY, b"s" * 16, AUTHOR, 7, CAMPAIGN),
        (KEY, SALT, b"b" * 32, 7, CAMPAIGN),
        (KEY, SALT, AUTHOR, 8, CAMPAIGN),
        (KEY, SALT, AUTHOR, 7, b"d" * 32),
    ]
    for place in moved:
        with pytest.raises(BadSeal):
            unseal_body(*place, sealed)


def test_salts_keep_equal_bodies_apart() -> None:
    """Goal: the zero nonce is safe. Method: one body under two salts shares no byte run."""
    first = seal_body(KEY, SALT, AUTHOR, 7, CAMPAIGN, b"text")
    second = seal_body(KEY, b"s" * 16, AUTHOR, 7, CAMPAIGN, b"text")
    assert first[:16] != second[:16]
    assert first[-16:] != second[-16:]


def test_wrong_padding_is_refused() -> None:
    """Goal: one spelling per body. Method: seal by hand what `seal_body` would not make."""
    key = derive(KEY, b"meshcoal body key 1", SALT + AUTHOR + (7).to_bytes(8, "big"))
    associated = CAMPAIGN + AUTHOR + (7).to_bytes(8, "big")
    good = (b"text\x80").ljust(64, b"\x00")
    of_no_class = [b"", b"\x80", b"text\x80", good[:-1], good + b"\0"]
    of_a_class = [bytes(64), b"t" * 64, (b"text\x80").ljust(128, b"\x00")]
    assert unseal_body(KEY, SALT, AUTHOR, 7, CAMPAIGN, seal(key, bytes(12), good, associated)) == b"text"
    for padded in of_no_class + of_a_class:
        with pytest.raises(Truncated if padded in of_no_class else BadSeal):
            unseal_body(KEY, SALT, AUTHOR, 7, CAMPAIGN, seal(key, bytes(12), padded, associated))


def test_sizes_are_blurred_and_bounded() -> None:
    """Goal: few lengths are seen, at little cost. Method: count classes, measure the overhead."""
    sizes = [padded_size(size) for size in range(BODY_PLAINTEXT_BYTES_MAX + 1)]
    assert all(padded > size for size, padded in enumerate(sizes))
    assert sizes == sorted(sizes)
    assert max(sizes) == BODY_BYTES_MAX - 16
    assert len(set(sizes)) < 180
    assert all(padded <= size * 1.12 for size, padded in enumerate(sizes) if size > 2048)
    assert set(sizes[:2048]) == set(BODY_CLASSES_BYTES)


def test_padme_examples() -> None:
    """Goal: this is Padme. Method: worked out by its definition: 2048 has E=11, S=4, so steps of 128."""
    assert padded_size(2048) == 2176  # 2049 with the mark
    assert padded_size(2176) == 2304
    assert padded_size(2175) == 2176
    assert padded_size(65_536) == 65_536 + 2048  # E=16, S=5: steps of 2048


def test_bodies_over_the_limit_are_refused() -> None:
    """Goal: bounded. Method: the largest body passes, one byte more does not, either way."""
    largest = bytes(BODY_PLAINTEXT_BYTES_MAX)
    sealed = seal_body(KEY, SALT, AUTHOR, 0, CAMPAIGN, largest)
    assert len(sealed) == BODY_BYTES_MAX
    assert unseal_body(KEY, SALT, AUTHOR, 0, CAMPAIGN, sealed) == largest
    with pytest.raises(OverLimit):
        seal_body(KEY, SALT, AUTHOR, 0, CAMPAIGN, largest + b"\0")
    with pytest.raises(OverLimit):
        unseal_body(KEY, SALT, AUTHOR, 0, CAMPAIGN, sealed + b"\0")


@given(st.binary(max_size=400))
def test_any_bytes_are_not_a_body(sealed: bytes) -> None:
    """Goal: peer bytes never crash. Method: random strings."""
    with pytest.raises((BadSeal, Truncated)):
        unseal_body(KEY, SALT, AUTHOR, 0, CAMPAIGN, sealed)


@given(st.integers(0, BODY_BYTES_MAX))
def test_a_length_says_whether_it_can_be_a_body(size: int) -> None:
    """Goal: what was cut off is told from what was changed. Method: every length against those of padding."""
    lengths = {padded_size(plain) + 16 for plain in range(max(0, size - 2_000), size + 1)}
    if size in lengths:
        check_sealed_size(bytes(size))
    else:
        with pytest.raises(Truncated):
            check_sealed_size(bytes(size))
