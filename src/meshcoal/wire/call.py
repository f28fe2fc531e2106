"""The call: what people outside a campaign are given to sign a letter by.

Law: plain text like the letter itself, in one spelling; it holds the letter's exact text, says who asks,
until when, where replies go, who can read them and what happens with the names. Its digest is its code: two
people who read each other the same code hold the same call. Specified in docs/protocol/call.md. Ours,
unreviewed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from typing import Annotated, ClassVar, Final

from meshcoal.errors import MalformedCall, MalformedPackage, MeshcoalError, OverLimit
from meshcoal.ids import Digest
from meshcoal.limits import (
    CALL_BYTES_MAX,
    CALL_LINES_MAX,
    CALL_LINK_CHARS_MAX,
    CALL_QR_CHARS_MAX,
    MEMBERS_MAX,
    NAME_CHARS_MAX,
    STATEMENT_CHARS_MAX,
)
from meshcoal.wire.plain import (
    LINE_CHARS_MAX,
    read_hex32,
    read_number,
    read_time,
    read_utf8,
    required_line,
    spell_id,
    spell_time,
)
from meshcoal.wire.public_text import digest_of, parse_canonical_text
from meshcoal.wire.record import Chars, Items, Range, Record, Size, TimeMs
from meshcoal.wire.shape import dataclass

SUFFIX: Final = ".meshcoal-call.txt"
CALL_KEY_BYTES: Final = 1216  # X-Wing
CODE_DIGITS: Final = 20  # of the call's digest, that people compare
LINK_PREFIX: Final = "meshcoal-call-1:"
KEY_PREFIX: Final = "meshcoal-call-key-1:"

_FIRST: Final = b"meshcoal call 1\n"
_ENDS: Final = "."  # what is copied short is seen to be short

Lines = Annotated[tuple[Annotated[str, Chars(1, LINE_CHARS_MAX)], ...], Items(1, CALL_LINES_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Record):
    """A call for sign-ons. `reply_to` and `data` are sentences for people, one a line."""

    error: ClassVar[type[MeshcoalError]] = MalformedCall

    until_ms: TimeMs  # until when replies are asked for; not behind the letter's deadline
    needed: Annotated[int, Range(1, MEMBERS_MAX)]  # so many of the holders together can read replies
    holders: Annotated[int, Range(1, MEMBERS_MAX)]  # organisers who hold a part of the key
    asks: Annotated[str, Chars(1, NAME_CHARS_MAX)]  # who asks
    reply_to: Lines  # where replies are sent
    data: Lines  # what happens with what is sent
    key: Annotated[bytes, Size(CALL_KEY_BYTES)]  # replies are sealed to it
    canonical_text: Annotated[str, Chars(1, STATEMENT_CHARS_MAX)]

    @property
    def digest(self) -> Digest:
        """Of the letter: what is signed."""
        return digest_of(self.canonical_text.encode())


def call_text(call: Call) -> bytes:
    """The call as it is given out, and hashed.

    Raises:
        MalformedCall: a value holds what is refused, more is needed than there is, or the call ends behind
            the letter's deadline.
    """
    if call.needed > call.holders:
        raise MalformedCall("more people are needed to read replies than can")
    try:
        if call.until_ms > parse_canonical_text(call.canonical_text.encode()).deadline_ms:
            raise MalformedCall("the call ends behind the letter's deadline")
        lines = [
            f"until: {spell_time(call.until_ms)}",
            f"readers: {call.needed} of {call.holders}",
            f"asks: {required_line(call.asks, 'who asks')}",
            *[f"reply to: {required_line(line, 'where replies go')}" for line in call.reply_to],
            *[f"data: {required_line(line, 'what happens with names')}" for line in call.data],
            f"key: {_base64(call.key)}",
            f"statement: {spell_id(call.digest)}",
            f"bytes: {len(call.canonical_text.encode())}",
            "",
            call.canonical_text,
        ]
    except MalformedPackage as exc:
        raise MalformedCall(str(exc)) from exc
    return _FIRST + "\n".join(lines).encode()


def parse_call(data: bytes) -> Call:
    """Inverse of `call_text`: that spelling and no other.

    Raises:
        OverLimit: longer than a call can be.
        MalformedCall: anything else; the sentence names the place.
    """
    if len(data) > CALL_BYTES_MAX:
        raise OverLimit(f"a call has at most {CALL_BYTES_MAX} bytes")
    if not data.startswith(_FIRST):
        raise MalformedCall("this is no call: it does not begin as one")
    head, blank, letter = data[len(_FIRST) :].partition(b"\n\n")
    try:
        reader = _Lines(read_utf8(head).split("\n"))
        until_ms = read_time(reader.one("until"))
        needed, of, holders = reader.one("readers").partition(" of ")
        call = Call(
            until_ms=until_ms,
            needed=read_number(needed),
            holders=read_number(holders),
            asks=reader.one("asks"),
            reply_to=reader.several("reply to"),
            data=reader.several("data"),
            key=_key(reader.one("key")),
            canonical_text=read_utf8(letter),
        )
        digest = read_hex32(reader.one("statement"), "the letter's digest")
        size = read_number(reader.one("bytes"))
    except MalformedPackage as exc:
        raise MalformedCall(str(exc)) from exc
    if not (blank and of) or size != len(letter) or digest != call.digest:
        raise MalformedCall("the letter in the call is not the one that it names")
    if call_text(call) != data:
        raise MalformedCall("the call is not in its one canonical spelling")
    return call


def call_digest(call: Call) -> bytes:
    """32 bytes: what replies are bound to."""
    return hashlib.sha256(call_text(call)).digest()


def call_code(call: Call) -> str:
    """What people read to each other: twenty hex digits of the digest, in fives."""
    digits = call_digest(call).hex()[:CODE_DIGITS]
    return " ".join(digits[at : at + 5] for at in range(0, CODE_DIGITS, 5))


# --- The call as a text to paste, and in a QR code


def link_text(call: Call) -> str:
    """The call as one text without blanks. Raises `OverLimit` for a long letter: give the file then."""
    text = LINK_PREFIX + _base64(zlib.compress(call_text(call), 9)) + _ENDS
    if len(text) > CALL_LINK_CHARS_MAX:
        raise OverLimit("this letter is too long for one text: give the file or the page")
    return text


def parse_link(text: str) -> Call:
    """Inverse of `link_text`; forgives blanks and line breaks. Raises `MalformedCall`, `OverLimit`."""
    packed = "".join(text.split())
    if len(packed) > CALL_LINK_CHARS_MAX:
        raise OverLimit("this text is too long to be a call")
    if not (packed.startswith(LINK_PREFIX) and packed.endswith(_ENDS)):
        raise MalformedCall(f"a call begins with {LINK_PREFIX} and ends with a full stop; copy all of it")
    inflate = zlib.decompressobj()
    try:
        data = inflate.decompress(_from_base64(packed[len(LINK_PREFIX) : -len(_ENDS)]), CALL_BYTES_MAX + 1)
    except (zlib.error, binascii.Error) as exc:
        raise MalformedCall("a character is wrong or missing; copy the call again") from exc
    if not inflate.eof or inflate.unused_data:
        raise MalformedCall("something is missing or too much; copy the call again")
    return parse_call(data)


@dataclass(frozen=True, slots=True, kw_only=True)
class InQr:
    """What a QR code of a call holds: all of it, or the letter's digest and the key alone."""

    text: str
    whole: bool


def qr_text(call: Call) -> InQr:
    """What fits. A QR code without the letter serves to compare, not to sign by."""
    whole = LINK_PREFIX + _base64(zlib.compress(call_text(call), 9)) + _ENDS
    if len(whole) <= CALL_QR_CHARS_MAX:
        return InQr(text=whole, whole=True)
    return InQr(text=KEY_PREFIX + _base64(call.digest + call.key) + _ENDS, whole=False)


class _Lines:
    """Takes the head apart in its order."""

    def __init__(self, lines: list[str]) -> None:
        self._left = lines[::-1]

    def one(self, key: str) -> str:
        if not self._left or not self._left[-1].startswith(f"{key}: "):
            raise MalformedCall(f"the call lacks its `{key}`")
        return self._left.pop()[len(key) + 2 :]

    def several(self, key: str) -> tuple[str, ...]:
        found = [self.one(key)]
        while len(found) < CALL_LINES_MAX and self._left and self._left[-1].startswith(f"{key}: "):
            found.append(self.one(key))
        return tuple(found)


def _key(text: str) -> bytes:
    try:
        return _from_base64(text)
    except binascii.Error as exc:
        raise MalformedCall("the key is not in base64") from exc


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _from_base64(text: str) -> bytes:
    """Raises `binascii.Error`."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError as exc:
        raise binascii.Error from exc
    if _base64(data) != text:
        raise binascii.Error("a second spelling")
    return data
