"""The file that somebody keeps who signed from outside: with it they can take their sign-on back.

Law: plain text in one spelling. It holds a key that signs, so it is a secret; it holds no name.
Specified in docs/protocol/call.md.
"""

from __future__ import annotations

from typing import ClassVar, Final

from meshcoal.errors import MalformedPackage, MalformedReply, MeshcoalError
from meshcoal.wire.plain import read_hex32, read_utf8
from meshcoal.wire.record import Id32, Record
from meshcoal.wire.shape import dataclass

KEY_SUFFIX: Final = ".meshcoal-key.txt"
KEY_FILE_BYTES_MAX: Final = 4_096
_FIRST: Final = "meshcoal signatory key 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatoryKey(Record):
    error: ClassVar[type[MeshcoalError]] = MalformedReply

    statement: Id32  # digest of the letter
    sign_on: Id32  # SHA-256 of the text that was signed
    seed: Id32  # Ed25519, secret


def key_file(kept: SignatoryKey) -> bytes:
    """The file. The sentence in it is for whoever finds it years later."""
    lines = (
        _FIRST,
        "Keep this secret. Whoever has it can take back your signature, or sign this letter anew.",
        f"statement: {kept.statement.hex()}",
        f"sign-on: {kept.sign_on.hex()}",
        f"seed: {kept.seed.hex()}",
    )
    return ("\n".join(lines) + "\n").encode()


def parse_key_file(data: bytes) -> SignatoryKey:
    """Inverse of `key_file`; line breaks of other systems are forgiven. Raises `MalformedReply`."""
    try:
        text = read_utf8(data[:KEY_FILE_BYTES_MAX]).removeprefix("\ufeff").replace("\r\n", "\n")
        values = dict(line.split(": ", 1) for line in text.split("\n") if ": " in line)
        kept = SignatoryKey(
            statement=read_hex32(values.get("statement", ""), "the letter's digest"),
            sign_on=read_hex32(values.get("sign-on", ""), "the sign-on"),
            seed=read_hex32(values.get("seed", ""), "the key"),
        )
    except MalformedPackage as exc:
        raise MalformedReply(f"this is no key file: {exc}") from exc
    if key_file(kept) != text.encode():
        raise MalformedReply("this is no key file, or it was changed")
    return kept
