"""The reply: what comes back on a call, as the bytes that are sealed and as the text that travels.

Law: inside stands what is published, a sign-on or a withdrawal with its signature, over the same text as a
member's; outside nothing shows but a size class. One reply has one text: it begins and ends visibly, so that
many can lie in one file, between whatever mail puts around them. Specified in docs/protocol/call.md.
Ours, unreviewed: the layout and the padding. The seal is in `statement/replies.py`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Final

from meshcoal.errors import MalformedPackage, MalformedReply, OverLimit
from meshcoal.limits import ADDRESSEES_MAX, REPLY_CHARS_MAX, REPLY_CLASSES_BYTES
from meshcoal.wire.naming import NameIn, SignOnFields
from meshcoal.wire.outsider import Outsider, OutsiderWithdrawal, Said, check_said, said_text
from meshcoal.wire.plain import read_hex32, read_number, read_time, read_utf8
from meshcoal.wire.shape import dataclass
from meshcoal.wire.terms import Capacity

PREFIX: Final = "meshcoal-reply-1:"
SUFFIX: Final = ".meshcoal-reply.txt"
SEAL_BYTES: Final = 1120 + 16  # HPKE with X-Wing (RFC 9180): the KEM's ciphertext and a tag

_SIGN_ON: Final = b"S"
_WITHDRAWAL: Final = b"W"
_NAME_IN: Final = "name in "
_KEY_ENDS: Final = 33
_TAIL_BEGINS: Final = _KEY_ENDS + 64
_MARK: Final = b"\x80"
_ENDS: Final = "."
_LINE_CHARS: Final = 76
_SIZES: Final = frozenset(size + SEAL_BYTES for size in REPLY_CLASSES_BYTES)
# Between the letters of a reply mail may put blanks, line breaks and marks of quoting.
_LETTERS: Final = re.compile(r"[A-Za-z0-9_\-\s>]*")
_BLANKS: Final = re.compile(r"[\s>]+")
_LINES_MAX: Final = ADDRESSEES_MAX  # of the tail of a sign-on, whatever it says


# --- What is sealed


def plain_reply(digest: bytes, said: Said) -> bytes:
    """Purpose (1), key (32), signature (64), the rest of what was signed, padding up to a size class.

    Raises:
        OverLimit: more than the largest class takes.
        MalformedPackage: what no public text can hold.
    """
    text = said_text(digest, said)
    kind = _WITHDRAWAL if isinstance(said, OutsiderWithdrawal) else _SIGN_ON
    plain = kind + said.act_key + said.signature + text[_head_bytes(text) :] + _MARK
    fits = [size for size in REPLY_CLASSES_BYTES if len(plain) <= size]
    if not fits:
        raise OverLimit("there is more in this sign-on than a reply can hold")
    return plain.ljust(fits[0], b"\x00")


def read_plain_reply(digest: bytes, padded: bytes) -> Said:
    """Inverse of `plain_reply`: that spelling and no other. The signature is not looked at here.

    Raises:
        MalformedReply: the sentence says what is wrong, and quotes nothing.
    """
    plain = padded.rstrip(b"\x00")
    kind, tail = plain[:1], plain[_TAIL_BEGINS:-1]
    if len(padded) not in REPLY_CLASSES_BYTES or not plain.endswith(_MARK) or len(plain) <= _TAIL_BEGINS:
        raise MalformedReply("the reply is not padded as replies are")
    act_key, signature = plain[1:_KEY_ENDS], plain[_KEY_ENDS:_TAIL_BEGINS]
    try:
        said = _read(kind, act_key, signature, read_utf8(tail))
        check_said(said)
        again = plain_reply(digest, said)
    except MalformedPackage as exc:
        raise MalformedReply(str(exc)) from exc
    except OverLimit as exc:
        raise MalformedReply("the reply does not fit its size") from exc
    if again != padded:
        raise MalformedReply("the reply is not in its one canonical spelling")
    return said


def check_size(sealed: bytes) -> None:
    """Raises `MalformedReply` where no reply has this size."""
    if len(sealed) not in _SIZES:
        raise MalformedReply("no reply has this size")


def _read(kind: bytes, act_key: bytes, signature: bytes, tail: str) -> Said:
    if kind == _SIGN_ON:
        return Outsider(act_key=act_key, fields=_fields(tail), signature=signature)
    if kind != _WITHDRAWAL:
        raise MalformedReply("a reply signs or withdraws")
    values = _values(tail)
    return OutsiderWithdrawal(
        act_key=act_key,
        sign_on=read_hex32(values.get("sign-on", ""), "the sign-on taken back"),
        withdrawn_ms=read_time(values.get("withdrawn", "")),
        signature=signature,
    )


def _fields(tail: str) -> SignOnFields:
    """What a signatory says of themselves, out of the lines behind their key. Raises `MalformedPackage`."""
    values = _values(tail)
    capacity = values.get("capacity", "")
    if capacity not in {known.value for known in Capacity}:
        raise MalformedReply("a capacity is unknown")
    languages = values.get("languages read", "")
    return SignOnFields(
        capacity=Capacity(capacity),
        name=values.get("name", ""),
        title=values.get("title", ""),
        affiliation=values.get("affiliation", ""),
        country=values.get("country", ""),
        languages_read=tuple(languages.split(", ")) if languages else (),
        signed_ms=read_time(values.get("signed", "")),
        names=tuple(
            [
                NameIn(language=key.removeprefix(_NAME_IN), name=value)
                for key, value in values.items()
                if key.startswith(_NAME_IN)
            ]
        ),
        members=read_number(values.get("members", "0")),
    )


def _values(tail: str) -> dict[str, str]:
    """Values by key. What is missing, doubled or in another place is found by writing it again."""
    lines = tail.split("\n", _LINES_MAX)
    return {key: value for key, colon, value in (line.partition(": ") for line in lines) if colon}


def _head_bytes(text: bytes) -> int:
    """Up to the end of the third line: purpose, letter and key, which the reader knows already."""
    at = 0
    for _ in range(3):
        at = text.index(b"\n", at) + 1
    return at


# --- As text


def reply_text(sealed: bytes) -> str:
    """One text without blanks, as it is copied and as a QR code holds it."""
    return PREFIX + base64.urlsafe_b64encode(sealed).decode().rstrip("=") + _ENDS


def reply_file(sealed: bytes) -> bytes:
    """The same in lines, for a file or a mail."""
    text = reply_text(sealed)
    lines = [text[at : at + _LINE_CHARS] for at in range(0, len(text), _LINE_CHARS)]
    return ("\n".join(lines) + "\n").encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A reply in a pile of text: its bytes, or nothing where its letters were lost on the way."""

    number: int  # from 1, in the order of the pile
    sealed: bytes  # empty: damaged


class Pile:
    """Finds replies in text that comes in parts, however much there is.

    Holds no more than one part and one reply at a time. A reply that begins in the middle of another ends it:
    the first is told as damaged.
    """

    def __init__(self) -> None:
        self._held = ""
        self._count = 0

    def feed(self, part: str) -> Iterator[Found]:
        """The replies that end in this part."""
        self._held += part
        yield from self._take(at_end=False)

    def finish(self) -> Iterator[Found]:
        """What is left: a reply that was cut off is told as damaged."""
        yield from self._take(at_end=True)

    @property
    def count(self) -> int:
        """Found so far, whole or damaged."""
        return self._count

    def _take(self, *, at_end: bool) -> Iterator[Found]:
        at = 0
        while (start := self._held.find(PREFIX, at)) >= 0:
            begins = start + len(PREFIX)
            letters = _LETTERS.match(self._held, begins, begins + REPLY_CHARS_MAX)
            assert letters is not None, "no letters are a match as well"
            ends = letters.end()
            if ends == len(self._held) and not at_end:
                self._held = self._held[start:]  # its end has not come yet
                return
            whole = self._held.startswith(_ENDS, ends)
            self._count += 1
            yield Found(number=self._count, sealed=_from_text(letters[0]) if whole else b"")
            at = self._behind(begins, ends)
        # The first letters of the next prefix may have come.
        self._held = "" if at_end else self._held[max(at, len(self._held) - len(PREFIX) + 1) :]

    def _behind(self, begins: int, ends: int) -> int:
        """Where to go on: a prefix is made of letters too, and may stand among those of a damaged reply."""
        inner = self._held.find(PREFIX[:-1], begins, ends)
        return ends if inner < 0 else inner


def _from_text(letters: str) -> bytes:
    packed = _BLANKS.sub("", letters)
    try:
        sealed = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return b""  # told as damaged
    return sealed if len(sealed) in _SIZES and reply_text(sealed) == PREFIX + packed + _ENDS else b""
