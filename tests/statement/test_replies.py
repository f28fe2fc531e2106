"""Calls and replies: one spelling, nothing shown, and each put together from the page."""

from __future__ import annotations

import base64
import dataclasses
import functools
import hashlib
import json
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.crypto.agreement import AgreementKey, XWingSealer
from meshcoal.crypto.deterministic import DeterministicSealer
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.signing import SigningKey
from meshcoal.errors import (
    BadArgument,
    BadEnvelope,
    BadSeal,
    BadShare,
    BadSignature,
    MalformedCall,
    MalformedReply,
    MeshcoalError,
    OverLimit,
)
from meshcoal.limits import CALL_LINK_CHARS_MAX, REPLY_CLASSES_BYTES
from meshcoal.statement import replies
from meshcoal.wire.call import (
    Call,
    call_code,
    call_text,
    link_text,
    parse_call,
    parse_link,
    qr_text,
)
from meshcoal.wire.public_text import SignOnFields
from meshcoal.wire.reply import Pile, plain_reply, read_plain_reply, reply_file, reply_text
from meshcoal.wire.terms import Capacity

sys.path.insert(0, str(Path(__file__).parents[1] / "vectors"))

import contextlib

import make_call

VECTORS = Path(__file__).parents[1] / "vectors" / "call.json"
SEED = make_call.SEED
CALL = make_call.call()
SEALER = XWingSealer()
NAMES = st.text(st.characters(exclude_categories=("C", "Z"), min_codepoint=33), min_size=1, max_size=80)


@functools.cache
def vectors() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(VECTORS.read_text(encoding="utf-8"))
    return loaded


def fields(name: str = "The Forum", **more: Any) -> SignOnFields:
    said: dict[str, Any] = {
        "capacity": Capacity.ORGANISATION,
        "name": name,
        "title": "",
        "affiliation": "",
        "country": "",
        "languages_read": (),
        "signed_ms": make_call.FROZEN_MS,
    }
    return SignOnFields(**(said | more))


def unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


# --- From the page


def test_a_call_is_put_together_from_the_page() -> None:
    """Goal: another program can give out and read calls. Method: its lines as the page has them."""
    letter = make_call.letter()
    lines = [
        "meshcoal call 1",
        "until: 2026-11-19T11:06:40Z",
        "readers: 2 of 3",
        "asks: The Coalition for Dr. Haddad",
        "reply to: signon@example.org",
        "reply to: Signal: ask whoever gave you this",
        "data: Your name is published with the letter.",
        "key: " + base64.urlsafe_b64encode(CALL.key).decode().rstrip("="),
        f"statement: {hashlib.sha256(letter).hexdigest()}",
        f"bytes: {len(letter)}",
        "",
        letter.decode(),
    ]
    text = "\n".join(lines)
    assert vectors()["call"] == text
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert vectors()["code"] == " ".join(digest[at : at + 5] for at in (0, 5, 10, 15))
    link = vectors()["link_opens_to_the_call"]
    assert zlib.decompress(unpadded(link.removeprefix("meshcoal-call-1:").removesuffix("."))) == text.encode()


@pytest.mark.parametrize("place", [0, 1])
def test_what_is_sealed_is_put_together_from_the_page(place: int) -> None:
    """Goal: another program can answer. Method: purpose, key, signature, rest, mark, zeros; sign it anew."""
    one = vectors()["replies"][place]
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(vectors()["outsider_seed"]))
    key = private.public_key().public_bytes_raw()
    signature = private.sign(one["signed_text"].encode())
    assert signature.hex() == one["signature"]
    rest = one["signed_text"].split("\n", 3)[3].encode()
    plain = (b"S" if place == 0 else b"W") + key + signature + rest + b"\x80"
    assert plain.ljust(512, b"\0").hex() == one["padded"]
    info = b"meshcoal reply 1\x00" + hashlib.sha256(vectors()["call"].encode()).digest()
    opened = SEALER.open(SEED, bytes.fromhex(one["reply"]), info)
    assert opened.hex() == one["padded"]
    letters = base64.urlsafe_b64encode(bytes.fromhex(one["reply"])).decode().rstrip("=")
    assert one["text"] == f"meshcoal-reply-1:{letters}."


def test_the_file_is_the_one_that_comes_out() -> None:
    """Goal: vectors and code agree. Method: build again; kept replies open."""
    assert make_call.build() == vectors()


# --- Calls


def test_a_call_comes_back_as_file_and_as_text() -> None:
    """Goal: one meaning. Method: each form and back; blanks in a text are forgiven."""
    assert parse_call(call_text(CALL)) == CALL
    link = link_text(CALL)
    assert parse_link("  " + link[:300] + "\n" + link[300:]) == CALL
    assert qr_text(CALL).whole
    assert qr_text(CALL).text == link
    assert len(call_code(CALL).replace(" ", "")) == 20


def test_a_long_letter_goes_as_a_file_and_the_qr_code_says_so() -> None:
    """Goal: no code that cannot be read. Method: a letter of many words that do not repeat."""
    words = " ".join(hashlib.sha256(bytes([at % 256, at // 256])).hexdigest() for at in range(400))
    text = make_call.letter().decode()
    body = "Dear Minister,\n\n" + words
    head = text[: text.index("Dear Minister,")].rsplit("bytes: ", 1)[0]
    tail = text[text.index("She is ill.") + len("She is ill.") :]
    long = dataclasses.replace(CALL, canonical_text=head + f"bytes: {len(body.encode())}\n\n" + body + tail)
    assert parse_call(call_text(long)) == long
    with pytest.raises(OverLimit):
        link_text(long)
    qr = qr_text(long)
    assert not qr.whole
    packed = unpadded(qr.text.removeprefix("meshcoal-call-key-1:").removesuffix("."))
    assert packed == long.digest + long.key


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("readers: 2 of 3", "readers: 4 of 3"),
        ("readers: 2 of 3", "readers: 2 from 3"),
        ("until: 2026-11-19", "until: 2027-11-19"),
        ("asks: The", "asks:  The"),
        ("asks: The", "asks: \u202eThe"),
        ("bytes: ", "bytes: 0"),
        ("Dr. Haddad.\nShe", "Dr. Haddad.\nHe"),
        ("data: Your", "date: Your"),
        ("meshcoal call 1", "meshcoal call 2"),
        ("statement: ", "statement: 0"),
        ("\n\nend\n", "\n\nend\n\n"),
    ],
)
def test_a_changed_call_is_refused(old: str, new: str) -> None:
    """Goal: one spelling, and the letter that it names. Method: change each part."""
    text = call_text(CALL).decode()
    assert old in text
    with pytest.raises(MalformedCall):
        parse_call(text.replace(old, new, 1).encode())


@given(st.binary(max_size=300), st.integers(0, 2_000), st.integers(0, 255))
def test_no_bytes_crash_the_reader_of_calls(junk: bytes, at: int, value: int) -> None:
    """Goal: bad input has a code. Method: junk, and the real call with a byte changed."""
    data = bytearray(call_text(CALL))
    data[at % len(data)] = value
    for one in (junk, bytes(data), b"meshcoal call 1\n" + junk):
        with contextlib.suppress(MalformedCall, OverLimit):
            assert call_text(parse_call(one)) == one
        with contextlib.suppress(MalformedCall, OverLimit):
            parse_link(one.decode("latin-1"))


def test_a_text_that_unpacks_without_end_is_refused() -> None:
    """Goal: no bomb. Method: a megabyte of zeros in a short text."""
    packed = base64.urlsafe_b64encode(zlib.compress(bytes(10_000_000), 9)).decode().rstrip("=")
    assert len(packed) < CALL_LINK_CHARS_MAX
    with pytest.raises(MalformedCall):
        parse_link(f"meshcoal-call-1:{packed}.")


# --- Replies


@given(NAMES, NAMES, NAMES, st.sampled_from(list(Capacity)))
def test_a_sign_on_comes_back_as_it_was(name: str, title: str, country: str, capacity: Capacity) -> None:
    """Goal: nothing is lost or changed on the way. Method: any values that a public text takes."""
    key = SigningKey.from_seed(bytes(32))
    affiliation = name if capacity is Capacity.AFFILIATED else ""
    try:
        said = replies.make_sign_on(
            CALL, key, fields(name, title=title, country=country, affiliation=affiliation, capacity=capacity)
        )
    except (BadArgument, MeshcoalError):
        return  # what no public text can hold
    try:
        padded = plain_reply(CALL.digest, said)
    except OverLimit:
        return
    assert len(padded) in REPLY_CLASSES_BYTES
    assert read_plain_reply(CALL.digest, padded) == said


@given(st.binary(max_size=600), st.integers(0, 511), st.integers(0, 255))
def test_no_bytes_crash_the_reader_of_replies(junk: bytes, at: int, value: int) -> None:
    """Goal: bad input has a code, and one spelling. Method: junk; a real one with a byte changed."""
    good = plain_reply(CALL.digest, make_call.said()[0])
    changed = good[:at] + bytes([value]) + good[at + 1 :]
    for one in (junk, junk[:512].ljust(512, b"\0"), changed):
        with contextlib.suppress(MalformedReply):
            assert plain_reply(CALL.digest, read_plain_reply(CALL.digest, one)) == one


def test_a_signature_that_does_not_hold_is_refused() -> None:
    """Goal: nobody signs for another, or another letter. Method: swap name, key and call."""
    opener = replies.Opener(CALL, SEED, SEALER)
    said = replies.make_sign_on(CALL, SigningKey.from_seed(bytes(32)), fields())
    for forged in (
        dataclasses.replace(said, fields=fields("The Other Forum")),
        dataclasses.replace(said, act_key=SigningKey.from_seed(bytes(31) + b"1").public),
    ):
        with pytest.raises(BadSignature):
            opener.open(replies.seal_reply(CALL, forged, SEALER))
    other = dataclasses.replace(CALL, asks="Somebody else")
    with pytest.raises(BadSeal):
        opener.open(replies.seal_reply(other, said, SEALER))
    with pytest.raises(BadSeal):
        replies.Opener(CALL, bytes(32), SEALER).open(replies.seal_reply(CALL, said, SEALER))


def test_without_the_key_a_reply_shows_its_size_class_and_nothing_else() -> None:
    """Goal: who carries replies learns no name. Method: a game over all bytes of many."""
    key = SigningKey.from_seed(bytes(32))
    names = ("Ann Mbeki, Nairobi", "The Association of Relatives of the Disappeared, Northern Region")
    piles = [
        [replies.seal_reply(CALL, replies.make_sign_on(CALL, key, fields(name)), SEALER) for _ in range(60)]
        for name in names
    ]
    assert {len(one) for pile in piles for one in pile} == {512 + 1136}
    whole = b"".join(one for pile in piles for one in pile)
    for name in (*names, "The Forum", CALL.digest.hex(), call_code(CALL)):
        assert name.encode() not in whole
    for secret in (key.public, CALL.digest, CALL.key[:32]):
        assert secret not in whole

    # Two replies of one person share no more bytes at one place than two of different people do.
    def same(left: bytes, right: bytes) -> int:
        return sum(a == b for a, b in zip(left, right, strict=True))

    alike = [same(piles[0][at], piles[0][at + 1]) for at in range(0, 60, 2)]
    apart = [same(one, other) for one, other in zip(piles[0], piles[1], strict=True)]
    assert max(alike + apart) < 60  # of 1,648, where chance gives about 7
    long = replies.make_sign_on(CALL, key, fields("م" * 80, title="م" * 80, country="م" * 80))
    assert len(replies.seal_reply(CALL, long, SEALER)) == 1024 + 1136


@given(st.lists(st.integers(0, 3), max_size=6), st.integers(1, 200), st.booleans())
def test_replies_are_found_in_any_pile(parts: list[int], step: int, quoted: bool) -> None:
    """Goal: mail, chats and many files in one do no harm. Method: any parts, fed in pieces of any size."""
    sealed = [bytes.fromhex(one["reply"]) for one in vectors()["replies"]]
    forms = [
        reply_text(sealed[0]),
        reply_file(sealed[1]).decode(),
        "meshcoal-reply-1:AAAA",
        "words. and (more) meshcoal-",
    ]
    pile = "\n\n".join(forms[part] for part in parts)
    if quoted:
        pile = "> " + pile.replace("\n", "\r\n> ")
    found = Pile()
    got = [one for at in range(0, len(pile), step) for one in found.feed(pile[at : at + step])]
    got += list(found.finish())
    wanted = [sealed[part] if part < 2 else b"" for part in parts if part < 3]
    assert [one.sealed for one in got] == wanted
    assert [one.number for one in got] == list(range(1, len(wanted) + 1))


# --- The key in parts


def test_a_key_in_parts_needs_as_many_as_were_asked_for() -> None:
    """Goal: fewer holders read nothing. Method: 3 of 4; two parts, a wrong part, then three."""
    entropy = SeededEntropy(b"parts")
    links = [AgreementKey(entropy.take(32)) for _ in range(4)]
    publics = [link.public for link in links]
    place = CALL.digest
    dealt = replies.deal_key(SEED, publics, 3, place, entropy)
    parts = {at: replies.own_part(dealt, at, links[at - 1], 3, place) for at in range(1, 5)}
    assert replies.join_key(dealt, {at: parts[at] for at in (1, 2, 4)}, publics, 3, place) == SEED
    with pytest.raises(BadShare):
        replies.join_key(dealt, {1: parts[1], 2: parts[2]}, publics, 3, place)
    with pytest.raises(BadShare):
        replies.join_key(dealt, {1: parts[1], 2: parts[2], 3: parts[4]}, publics, 3, place)
    with pytest.raises(BadShare):
        replies.own_part(dealt, 2, links[0], 3, place)
    with pytest.raises(BadShare):
        replies.own_part(dealt, 1, links[0], 2, place)
    passed = replies.pass_part(parts[2], 2, publics, place, entropy)
    assert replies.passed_part(passed, 2, 4, links[3], publics, place) == parts[2]
    with pytest.raises((BadShare, BadEnvelope)):
        replies.passed_part(passed, 3, 4, links[3], publics, place)
    assert SEED not in repr((dealt, passed)).encode()


def test_the_simulators_sealer_serves_as_well() -> None:
    """Goal: the simulator plays the same game. Method: a reply sealed and opened with its sealer."""
    entropy = SeededEntropy(b"sim")
    sealer = DeterministicSealer(entropy)
    seed, public = replies.new_key(entropy, sealer)
    call: Call = dataclasses.replace(CALL, key=public)
    said = replies.make_sign_on(call, SigningKey.from_seed(bytes(32)), fields())
    assert replies.Opener(call, seed, sealer).open(replies.seal_reply(call, said, sealer)) == said
