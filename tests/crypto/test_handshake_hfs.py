"""The hybrid handshake: both halves count, every byte counts, and unsound KEM keys end it."""

from __future__ import annotations

import functools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.deterministic import DeterministicKem
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.handshake import Handshake, _parse
from meshcoal.crypto.kem import KEM_CIPHERTEXT_BYTES, KEM_PUBLIC_BYTES, MLKEM768, Kem, KemKey
from meshcoal.errors import BadHandshake, BadKey, RemoteError

PSK = b"p" * 32
PATTERNS = ["XXhfs", "XKhfs", "XXhfs+psk0", "XKhfs+psk0", "XXhfs+psk3", "IKhfs", "NNhfs+psk0", "KK1hfs"]
LINKS = ["XKhfs+psk0", "XXhfs+psk0"]


@functools.cache
def key(name: str) -> AgreementKey:
    return AgreementKey.from_private(name.encode().ljust(32, b"."))


def pair(
    pattern: str, *, psks: tuple[bytes, bytes] = (PSK, PSK), kems: tuple[Kem, Kem] | None = None
) -> tuple[Handshake, Handshake]:
    """Ana, who begins, and Ben. Nothing in it is random unless a KEM is given."""
    first, second = kems or (DeterministicKem(SeededEntropy(b"1")), DeterministicKem(SeededEntropy(b"2")))
    base = pattern.partition("hfs")[0]
    ana = Handshake(
        pattern=pattern,
        initiator=True,
        prologue=b"1",
        static=None if base[0] == "N" else key("ana"),
        ephemeral=key("ana ephemeral"),
        remote_static=key("ben").public if base[1] == "K" else None,
        psk=psks[0] if "psk" in pattern else None,
        kem=first,
        kem_seed=b"a" * 64,
    )
    ben = Handshake(
        pattern=pattern,
        initiator=False,
        prologue=b"1",
        static=None if base[1] == "N" else key("ben"),
        ephemeral=key("ben ephemeral"),
        remote_static=key("ana").public if base[0] == "K" else None,
        psk=psks[1] if "psk" in pattern else None,
        kem=second,
    )
    return ana, ben


def run(ana: Handshake, ben: Handshake) -> list[bytes]:
    writer, reader = ana, ben
    messages = []
    while not writer.finished:
        messages.append(writer.write(b"hello"))
        assert reader.read(messages[-1]) == b"hello"
        writer, reader = reader, writer
    return messages


@pytest.mark.parametrize(
    ("pattern", "messages"),
    [
        ("XXhfs", ["e e1", "e ee ekem1 s es", "s se"]),
        ("XKhfs", ["e es e1", "e ee ekem1", "s se"]),
        ("IKhfs", ["e es e1 s ss", "e ee ekem1 se"]),
        ("NNhfs", ["e e1", "e ee ekem1"]),
        ("XKhfs+psk0", ["psk e es e1", "e ee ekem1", "s se"]),
        ("XXhfs+psk3", ["e e1", "e ee ekem1 s es", "s se psk"]),
    ],
)
def test_tokens_stand_where_the_extension_puts_them(pattern: str, messages: list[str]) -> None:
    """Goal: HFS section 5. Method: its rule, applied by hand to six patterns."""
    assert [" ".join(message) for message in _parse(pattern)[1]] == messages


@pytest.mark.parametrize("real", [True, False])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_both_sides_end_with_the_same_link(pattern: str, real: bool) -> None:
    """Goal: a link both ways. Method: run it with either KEM, then send both ways."""
    ana, ben = pair(pattern, kems=(MLKEM768(), MLKEM768()) if real else None)
    run(ana, ben)
    assert ana.handshake_hash == ben.handshake_hash
    (to_ben, from_ben), (to_ana, from_ana) = ana.split(), ben.split()
    assert from_ana.decrypt(to_ben.encrypt(b"1")) == b"1"
    assert from_ben.decrypt(to_ana.encrypt(b"2")) == b"2"


@pytest.mark.parametrize(
    ("pattern", "sizes"), [("XKhfs+psk0", [1248, 1152, 64]), ("XXhfs+psk0", [1248, 1200, 64])]
)
def test_sizes(pattern: str, sizes: list[int]) -> None:
    """Goal: the sizes that the page gives. Method: empty payloads, the real KEM."""
    ana, ben = pair(pattern, kems=(MLKEM768(), MLKEM768()))
    found = []
    writer, reader = ana, ben
    while not writer.finished:
        message = writer.write()
        reader.read(message)
        found.append(len(message))
        writer, reader = reader, writer
    assert found == sizes


class _Stubborn:
    """A KEM whose key ignores what came: what a peer sees that knows every X25519 key and no KEM secret."""

    name = "Simulated"

    def __init__(self) -> None:
        self._inner = DeterministicKem(SeededEntropy(b"1"))

    def encapsulate(self, public: bytes) -> tuple[bytes, bytes]:
        return self._inner.encapsulate(public)

    def key_of(self, seed: bytes) -> KemKey:
        inner = self._inner.key_of(seed)

        class Wrong:
            public = inner.public

            def decapsulate(self, ciphertext: bytes) -> bytes:
                inner.decapsulate(ciphertext)
                return bytes(32)

        return Wrong()


@pytest.mark.parametrize("pattern", LINKS)
def test_without_the_kem_secret_all_else_is_of_no_use(pattern: str) -> None:
    """Goal: who breaks X25519 one day still opens nothing. Method: every key but the KEM's secret."""
    ana, ben = pair(pattern, kems=(_Stubborn(), DeterministicKem(SeededEntropy(b"2"))))
    ben.read(ana.write())
    with pytest.raises(BadHandshake):
        ana.read(ben.write())


@pytest.mark.parametrize("pattern", LINKS)
def test_without_the_agreement_the_kem_is_of_no_use(pattern: str) -> None:
    """Goal: who breaks ML-KEM one day still opens nothing. Method: the right KEM seed, another X25519 key."""
    ana, ben = pair(pattern)
    ben.read(ana.write())
    broken, _ = pair(pattern)
    broken.write()
    broken._ephemeral = key("guessed")
    with pytest.raises(BadHandshake):
        broken.read(ben.write())


@pytest.mark.parametrize("pattern", LINKS)
def test_another_psk_fails_at_the_first_message(pattern: str) -> None:
    """Goal: psk0 keeps the responder silent. Method: a psk that differs in one bit."""
    ana, ben = pair(pattern, psks=(PSK, b"q" + PSK[1:]))
    with pytest.raises(BadHandshake):
        ben.read(ana.write())


@pytest.mark.parametrize("pattern", LINKS)
def test_every_changed_or_missing_byte_ends_it(pattern: str) -> None:
    """Goal: nothing of a handshake can be altered. Method: change bytes of each message, cut, lengthen."""
    messages = run(*pair(pattern))
    for step, message in enumerate(messages):
        bad = [
            message[:place] + bytes([message[place] ^ 1]) + message[place + 1 :]
            for place in [*range(0, len(message), 37), len(message) - 1]
        ]
        bad += [message[:-1], message + b"\0", b"", message[:32], message[: 32 + KEM_CIPHERTEXT_BYTES]]
        for changed in [one for one in bad if one != message]:
            sides = pair(pattern)
            for number, earlier in enumerate(messages[:step]):
                assert sides[number % 2].write(b"hello") == earlier
                sides[1 - number % 2].read(earlier)
            with pytest.raises(BadHandshake):
                sides[1 - step % 2].read(changed)


class _Crooked:
    """A KEM whose own public keys and ciphertexts are what a test says: an authenticated peer that cheats."""

    name = "MLKEM768"

    def __init__(self, public: bytes, ciphertext: bytes = b"") -> None:
        self._public = public
        self._ciphertext = ciphertext

    def encapsulate(self, public: bytes) -> tuple[bytes, bytes]:
        return self._ciphertext, bytes(32)

    def key_of(self, seed: bytes) -> KemKey:
        forged = self._public

        class Key:
            public = forged

            def decapsulate(self, ciphertext: bytes) -> bytes:
                raise BadKey("never asked")

        return Key()


@pytest.mark.parametrize("pattern", ["XXhfs", *LINKS])
@pytest.mark.parametrize("public", [b"\xff" * KEM_PUBLIC_BYTES, b"\xff\x0f" + bytes(KEM_PUBLIC_BYTES - 2)])
def test_an_unsound_kem_key_ends_it_in_the_message_that_brought_it(pattern: str, public: bytes) -> None:
    """Goal: FIPS 203's check, and no exception of another kind. Method: keys with coefficients above q."""
    ana, ben = pair(pattern, kems=(_Crooked(public), MLKEM768()))
    with pytest.raises(BadHandshake):
        ben.read(ana.write())
    with pytest.raises(BadHandshake):
        ben.write()


@pytest.mark.parametrize("ciphertext", [bytes(KEM_CIPHERTEXT_BYTES), b"\xff" * KEM_CIPHERTEXT_BYTES])
def test_a_ciphertext_for_nobody_ends_it(ciphertext: bytes) -> None:
    """Goal: implicit rejection shows as a handshake that does not hold. Method: made-up ciphertexts."""
    ana, ben = pair("XKhfs+psk0", kems=(MLKEM768(), _Crooked(b"", ciphertext)))
    ben.read(ana.write())
    with pytest.raises(BadHandshake):
        ana.read(ben.write())


def test_the_two_kems_do_not_meet() -> None:
    """Goal: the simulator's KEM never guards a real link. Method: one side each; with its name it fails."""
    ana, ben = pair("XKhfs+psk0", kems=(DeterministicKem(SeededEntropy(b"1")), MLKEM768()))
    with pytest.raises(BadHandshake):
        ben.read(ana.write())


@settings(max_examples=100)
@given(st.sampled_from(PATTERNS), st.lists(st.binary(max_size=1500), min_size=1, max_size=2), st.booleans())
def test_any_bytes_give_only_remote_errors(pattern: str, messages: list[bytes], initiator: bool) -> None:
    """Goal: a hostile peer never crashes a node. Method: feed random messages to either side."""
    side = pair(pattern)[0 if initiator else 1]
    try:
        for message in messages:
            if side.my_turn:
                side.write()
            if not side.finished:
                side.read(message)
    except RemoteError:
        pass
    assert not side.finished


@settings(max_examples=40)
@given(st.binary(min_size=1184 + 16 + 16, max_size=1184 + 16 + 16))
def test_random_bytes_after_a_true_ephemeral_fail(tail: bytes) -> None:
    """Goal: the same past the first check, at the right size. Method: a sound ephemeral, then random."""
    for pattern in LINKS:
        with pytest.raises(BadHandshake):
            pair(pattern)[1].read(key("ana ephemeral").public + tail)
