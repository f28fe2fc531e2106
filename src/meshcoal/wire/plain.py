"""Characters, lines and values that may stand in a public text.

Law: one spelling a value, on one line, free of what hides, reorders or imitates. Whether a value is
well-formed depends on its code points alone, never on the Unicode tables of one Python release: otherwise
two nodes would judge one freeze differently. Only the `normalise_` functions use those tables, once, when
somebody types. Specified in docs/protocol/statement.md.
"""

from __future__ import annotations

import enum
import re
import unicodedata
from typing import Final

from meshcoal.clock import iso_utc, parse_iso
from meshcoal.errors import MalformedPackage

LINE_CHARS_MAX: Final = 200
LANGUAGE_CHARS_MAX: Final = 16

# Refused everywhere: C0 and C1 controls, line and paragraph separators, bidirectional embeddings, overrides
# and isolates (Trojan Source, CVE-2021-42574), deprecated format characters, byte order marks, annotations,
# tags, noncharacters, surrogates. Joiners, direction marks and zero-width spaces stay: scripts need them.
_PLANES: Final = "".join([f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17)])
_REFUSED: Final = (
    "\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb\ufdd0-\ufdef"
    f"\ud800-\udfff\U000e0000-\U000e007f{_PLANES}"
)
_BAD_IN_TEXT: Final = re.compile(f"[{_REFUSED}]")
_BAD_IN_LINE: Final = re.compile(f"[\n{_REFUSED}]")
# What leaves no mark on paper: a name made of these alone would be an empty place in the list.
_INVISIBLE: Final = re.compile(
    "[\u0020\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u202f\u205f-\u2064"
    "\u2800\u3000\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]+"
)
_LANGUAGE: Final = re.compile(r"[a-z]{2,8}(-[a-z0-9]{1,8})*")
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,8}")
_HEX32: Final = re.compile(r"[0-9a-f]{64}")
_HEX64: Final = re.compile(r"[0-9a-f]{128}")
_BREAKS: Final = re.compile("\r\n?|[\x0b\x0c\x85\u2028]")


class Direction(enum.StrEnum):
    """Which way a text runs."""

    LEFT_TO_RIGHT = "ltr"
    RIGHT_TO_LEFT = "rtl"


def normalise_text(text: str) -> str:
    """Text as it is stored: composed (NFC), breaks as LF, no characters a canonical text refuses."""
    text = _BREAKS.sub("\n", text.replace("\u2029", "\n\n"))
    # Composed last: what was taken out may have kept a letter and its accent apart.
    text = unicodedata.normalize("NFC", _BAD_IN_TEXT.sub("", text.replace("\t", " ")))
    text = "\n".join([line.rstrip(" ") for line in text.split("\n")]).strip("\n")
    return re.sub("\n{3,}", "\n\n", text)


def normalise_line(text: str) -> str:
    """One line as it is stored: composed, runs of white space as one space, nothing a value refuses."""
    text = " ".join(unicodedata.normalize("NFC", _BAD_IN_LINE.sub(_space_or_nothing, text)).split())
    return "" if is_blank(text) else text


def _space_or_nothing(match: re.Match[str]) -> str:
    return " " if match.group().isspace() else ""


def split_paragraphs(text: str) -> tuple[str, ...]:
    """Paragraphs of a text: what stands between blank lines."""
    return tuple([part for part in re.split("\n{2,}", text.strip("\n")) if part])


def direction_of(text: str) -> Direction:
    """The direction of the first strong character, in the manner of UAX 9 rule P2.

    Uses the Unicode 3.2 tables that every Python carries, and block ranges for what came later, so that no
    two Python releases disagree. Text without a strong character runs left to right.
    """
    for char in text:
        kind = unicodedata.ucd_3_2_0.bidirectional(char)
        if kind in ("R", "AL"):
            return Direction.RIGHT_TO_LEFT
        if kind == "L":
            return Direction.LEFT_TO_RIGHT
        if kind == "":
            point = ord(char)
            if 0x590 <= point < 0x900 or 0x10800 <= point < 0x11000 or 0x1E800 <= point < 0x1F000:
                return Direction.RIGHT_TO_LEFT
            # Letters of scripts added since; the ranges left out hold signs, which decide nothing.
            if not (0x2000 <= point < 0x2C00 or 0xFB00 <= point < 0x10000 or 0x1F000 <= point < 0x20000):
                return Direction.LEFT_TO_RIGHT
    return Direction.LEFT_TO_RIGHT


def is_language(tag: str) -> bool:
    """Whether a tag has the form of BCP 47 in lower case, such as `en`, `fa`, `zh-hans`."""
    return len(tag) <= LANGUAGE_CHARS_MAX and _LANGUAGE.fullmatch(tag) is not None


def check_paragraph(value: str) -> None:
    """Raise `MalformedPackage` unless the value can stand as one paragraph."""
    lines = value.split("\n")
    if _BAD_IN_TEXT.search(value) or any(line.strip(" ") == "" or line.endswith(" ") for line in lines):
        raise MalformedPackage(
            "a paragraph holds characters that are refused, a blank line or spaces at an end"
        )


def spell_time(at_ms: int) -> str:
    """RFC 3339 in UTC; milliseconds only where there are any, so each time has one spelling."""
    whole = iso_utc(at_ms)
    return f"{whole[:-1]}.{at_ms % 1000:03}Z" if at_ms % 1000 else whole


def read_time(text: str) -> int:
    """Inverse of `spell_time`. Raises `MalformedPackage`."""
    try:
        at_ms = parse_iso(text) if len(text) <= 24 else -1
    except (ValueError, OverflowError) as exc:
        raise MalformedPackage("a time is not in RFC 3339 form") from exc
    # parse_iso goes through a float, which may miss a millisecond: settle by respelling.
    for candidate in (at_ms, at_ms + 1, at_ms - 1):
        if candidate >= 0 and spell_time(candidate) == text:
            return candidate
    raise MalformedPackage("a time is not in its one spelling")


def check_line(value: str, what: str, *, empty: bool = False) -> None:
    """Raise `MalformedPackage` unless the value can stand on a line of its own."""
    if empty and value == "":
        return
    if len(value) > LINE_CHARS_MAX or _BAD_IN_LINE.search(value) or value.strip(" ") != value:
        raise MalformedPackage(f"{what} holds characters that are refused, or spaces at an end")
    if is_blank(value):
        raise MalformedPackage(f"{what} is empty")


def required_line(value: str, what: str) -> str:
    check_line(value, what)
    return value


def optional_line(value: str, what: str) -> str:
    check_line(value, what, empty=True)
    return value


def is_blank(value: str) -> bool:
    return _INVISIBLE.sub("", value) == ""


def spell_id(value: bytes) -> str:
    assert len(value) == 32, "digests and keys are 32 bytes"
    return value.hex()


def read_hex32(text: str, what: str) -> bytes:
    if _HEX32.fullmatch(text) is None:
        raise MalformedPackage(f"{what} is not 64 lower-case hex digits")
    return bytes.fromhex(text)


def read_number(text: str) -> int:
    if _NUMBER.fullmatch(text) is None:
        raise MalformedPackage("a number is not in its one spelling")
    return int(text)


def read_hex64(text: str, what: str) -> bytes:
    if _HEX64.fullmatch(text) is None:
        raise MalformedPackage(f"{what} is not 128 lower-case hex digits")
    return bytes.fromhex(text)


def read_utf8(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as exc:
        raise MalformedPackage("the text is not UTF-8") from exc
