"""The handshake beyond its vectors: hostile bytes, unsound keys, wrong secrets, the cipher's counter."""

from __future__ import annotations

import functools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.handshake import CipherState, Handshake
from meshcoal.errors import BadHandshake, BadKey, BadSeal, OverLimit, RemoteError

PSK = b"p" * 32
PATTERNS = ["XX", "XXpsk0", "XXpsk3", "XK", "XKpsk0", "XKpsk3", "IK", "NNpsk0"]
P = 2**255 - 19
SMALL = [bytes(32), b"\x01" + bytes(31), (P - 1).to_bytes(32, "little"), P.to_bytes(32, "little")]


@functools.cache
def key(name: str) -> AgreementKey:
    return AgreementKey.from_private(name.encode().ljust(32, b"."))


BOTH_1 = (b"1", b"1")


def pair(
    pattern: str, *, psks: tuple[bytes, bytes] = (PSK, PSK), prologues: tuple[bytes, bytes] = BOTH_1
) -> tuple[Handshake, Handshake]:
    has_psk, knows = "psk" in pattern, pattern[1] == "K"
    ana = Handshake(
        pattern=pattern,
        initiator=True,
        prologue=prologues[0],
        static=None if pattern.startswith("N") else key("ana"),
        ephemeral=key("ana ephemeral"),
        remote_static=key("ben").public if knows else None,
        psk=psks[0] if has_psk else None,
    )
    ben = Handshake(
        pattern=pattern,
        initiator=False,
        prologue=prologues[1],
        static=None if pattern[1] == "N" else key("ben"),
        ephemeral=key("ben ephemeral"),
        psk=psks[1] if has_psk else None,
    )
    return ana, ben


def run(ana: Handshake, ben: Handshake) -> None:
    writer, reader = ana, ben
    while not writer.finished:
        assert reader.read(writer.write(b"hello")) == b"hello"
        writer, reader = reader, writer


@pytest.mark.parametrize("pattern", PATTERNS)
def test_both_sides_end_with_the_same_link(pattern: str) -> None:
    """Goal: a link both ways, and each knows whom it speaks to. Method: run it, then send both ways."""
    ana, ben = pair(pattern)
    assert ana.my_turn
    assert not ben.my_turn
    run(ana, ben)
    assert ana.finished
    assert ben.finished
    assert ana.handshake_hash == ben.handshake_hash
    assert len(ana.handshake_hash) == 32
    if not pattern.startswith("N"):
        assert ben.remote_static == key("ana").public
        assert ana.remote_static == key("ben").public
    (to_ben, from_ben), (to_ana, from_ana) = ana.split(), ben.split()
    for number in range(3):
        assert from_ana.decrypt(to_ben.encrypt(b"%d" % number, b"a"), b"a") == b"%d" % number
        assert from_ben.decrypt(to_ana.encrypt(b"%d" % number)) == b"%d" % number
    assert (to_ben.count, from_ana.count) == (3, 3)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_another_prologue_fails(pattern: str) -> None:
    """Goal: both must mean the same thing. Method: two prologues; no handshake ends with a link."""
    ana, ben = pair(pattern, prologues=(b"1", b"2"))
    with pytest.raises(BadHandshake):
        run(ana, ben)


@pytest.mark.parametrize("pattern", ["XXpsk0", "XXpsk3", "XKpsk0", "XKpsk3", "NNpsk0"])
def test_another_psk_fails(pattern: str) -> None:
    """Goal: without the invitation's secret there is no link. Method: a psk that differs in one bit."""
    ana, ben = pair(pattern, psks=(PSK, b"q" + PSK[1:]))
    with pytest.raises(BadHandshake):
        run(ana, ben)


def test_dialling_somebody_else_fails() -> None:
    """Goal: XK reaches the one who was meant. Method: Mallory answers in Ben's place."""
    ana, _ = pair("XK")
    mallory = Handshake(
        pattern="XK",
        initiator=False,
        prologue=b"1",
        static=key("mallory"),
        ephemeral=key("mallory ephemeral"),
    )
    with pytest.raises(BadHandshake):
        run(ana, mallory)


def flipped(message: bytes, place: int) -> bytes:
    return message[:place] + bytes([message[place] ^ 1]) + message[place + 1 :]


def answer(reader: Handshake, message: bytes, writer: Handshake) -> None:
    """Where a message carries no tag yet, a change shows at the next one."""
    reader.read(message)
    writer.read(reader.write())


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_changed_or_missing_byte_ends_it(pattern: str) -> None:
    """Goal: nothing of a handshake can be altered. Method: change each byte, cut, lengthen."""
    for step in range(3 if pattern[0] == "X" else 2):
        messages: list[bytes] = []
        ana, ben = pair(pattern)
        for number in range(step + 1):
            messages.append((ana, ben)[number % 2].write(b"payload"))
            if number < step:
                (ben, ana)[number % 2].read(messages[-1])
        message = messages.pop()
        bad = [
            message[:place] + bytes([message[place] ^ 1]) + message[place + 1 :]
            for place in range(len(message))
        ]
        bad += [message[:-1], message + b"\0", b"", message[:31], message[:32]]
        for changed in bad:
            ana, ben = pair(pattern)
            sides = (ana, ben)
            for number, earlier in enumerate(messages):
                sides[number % 2].write(b"payload")
                sides[1 - number % 2].read(earlier)
            sides[step % 2].write(b"payload")
            with pytest.raises(BadHandshake):
                answer(sides[1 - step % 2], changed, sides[step % 2])


@pytest.mark.parametrize("public", SMALL)
def test_unsound_ephemerals_are_refused(public: bytes) -> None:
    """Goal: no link under a known secret. Method: each side is sent an ephemeral of small order or u = p."""
    _, ben = pair("XX")
    with pytest.raises(BadHandshake):
        ben.read(public)
    ana, _ = pair("XX")
    ana.write()
    with pytest.raises(BadHandshake):
        ana.read(public + bytes(64))


@pytest.mark.parametrize("public", SMALL)
def test_unsound_static_keys_are_refused(public: bytes) -> None:
    """Goal: the same for long-term keys. Method: send one in the clear (IX); give one as known (XK)."""
    ben = Handshake(pattern="IX", initiator=False, prologue=b"", static=key("ben"), ephemeral=key("e"))
    with pytest.raises(BadHandshake):
        ben.read(key("ana ephemeral").public + public)
    with pytest.raises(BadKey):
        Handshake(
            pattern="XK",
            initiator=True,
            prologue=b"",
            static=key("ana"),
            ephemeral=key("e"),
            remote_static=public,
        )


def test_after_an_error_it_is_dead() -> None:
    """Goal: no second try on spoilt state. Method: spoil it, then offer the right message."""
    ana, ben = pair("XX")
    good = ana.write()
    with pytest.raises(BadHandshake):
        ben.read(good[:-1])
    with pytest.raises(BadHandshake):
        ben.read(good)
    with pytest.raises(BadHandshake):
        ben.write()
    assert not ben.finished
    assert not ben.my_turn


def test_messages_are_at_most_65535_bytes() -> None:
    """Goal: bounded, section 3. Method: the largest passes, one byte more does not, either way."""
    ana, ben = pair("NNpsk0")
    message = ana.write(bytes(65_535 - 32 - 16))
    assert len(message) == 65_535
    assert len(ben.read(message)) == 65_535 - 48
    ana, ben = pair("NNpsk0")
    with pytest.raises(OverLimit):
        ana.write(bytes(65_535 - 47))
    with pytest.raises(BadHandshake):
        ben.read(bytes(65_536))


@settings(max_examples=150)
@given(st.sampled_from(PATTERNS), st.lists(st.binary(max_size=200), min_size=1, max_size=3), st.booleans())
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


@settings(max_examples=60)
@given(st.binary(min_size=1, max_size=100))
def test_random_bytes_after_a_true_ephemeral_fail(tail: bytes) -> None:
    """Goal: the same past the first check. Method: a sound key, then random bytes."""
    _, ben = pair("XKpsk0")
    with pytest.raises(BadHandshake):
        ben.read(key("ana ephemeral").public + tail)


def test_a_cipher_takes_messages_once_and_in_order() -> None:
    """Goal: no replay, no reordering. Method: second first, first twice, a wrong context."""
    sender, receiver = CipherState(PSK), CipherState(PSK)
    first, second = sender.encrypt(b"1"), sender.encrypt(b"2", b"context")
    with pytest.raises(BadSeal):
        receiver.decrypt(second, b"context")
    assert receiver.decrypt(first) == b"1"
    with pytest.raises(BadSeal):
        receiver.decrypt(first)
    with pytest.raises(BadSeal):
        receiver.decrypt(second, b"other")
    assert receiver.count == 1
    assert receiver.decrypt(second, b"context") == b"2"


def test_rekeying_changes_the_key_and_keeps_the_count() -> None:
    """Goal: section 11.3. Method: both rekey and go on; one alone cannot; the old key is of no use."""
    sender, receiver, stale = CipherState(PSK), CipherState(PSK), CipherState(PSK)
    receiver.decrypt(sender.encrypt(b"1"))
    sender.rekey()
    sealed = sender.encrypt(b"2")
    with pytest.raises(BadSeal):
        receiver.decrypt(sealed)
    receiver.rekey()
    assert receiver.decrypt(sealed) == b"2"
    assert sender.count == receiver.count == 2
    stale.count = 1
    with pytest.raises(BadSeal):
        stale.decrypt(sealed)


def test_spent_nonces_are_an_error() -> None:
    """Goal: a nonce is never used again, section 5.1. Method: put the counter at its end."""
    cipher = CipherState(PSK)
    cipher.count = 2**64 - 2
    assert cipher.encrypt(b"last")
    with pytest.raises(OverLimit):
        cipher.encrypt(b"one too many")
    with pytest.raises(OverLimit):
        cipher.decrypt(bytes(16))


def test_secrets_do_not_show_themselves() -> None:
    """Goal: no secret in a log by accident. Method: the text forms."""
    ana, _ = pair("XXpsk3")
    assert repr(ana) == "Handshake(step=0, finished=False)"
    assert repr(CipherState(PSK)) == "CipherState(count=0)"
