"""What tor says on its control port, read strictly and within bounds.

Law: bytes in, whole replies out, and nothing else: a line that does not have the form of the control protocol
ends the conversation, and so does one that is longer than `LINE_BYTES_MAX` or a reply of more than
`REPLY_BYTES_MAX`. Whoever sits behind the port cannot make us hold more than that. Source: tor's
control-spec, section 2.3.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from meshcoal.errors import MalformedTor

LINE_BYTES_MAX: Final = 16 * 1024
REPLY_BYTES_MAX: Final = 256 * 1024
EVENT: Final = 650
_LINE: Final = re.compile(rb"([2456][0-9]{2})([ +-])([^\x00-\x08\x0a-\x1f\x7f]*)")
_PAIR: Final = re.compile(r'([A-Za-z0-9_-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))(?: |\Z)', re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One reply or event: its code, and each line's text; the data of a `+` line stands behind its text."""

    code: int
    lines: tuple[str, ...]

    @property
    def is_event(self) -> bool:
        return self.code == EVENT

    @property
    def ok(self) -> bool:
        return self.code == 250

    def value(self, key: str) -> str | None:
        """The value of the line `key=value`, which may have quotes around it; None: no such line."""
        for line in self.lines:
            if line.startswith(f"{key}="):
                return line[len(key) + 1 :].removeprefix("\n")
        return None


class ReplyReader:
    """Takes bytes as they come and gives whole replies. Unusable after it raised."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._code = 0  # of the reply under way
        self._lines: list[str] = []
        self._bytes = 0
        self._data: list[bytes] | None = None  # of the `+` line under way

    def feed(self, data: bytes) -> list[Reply]:
        """The replies that `data` completes.

        Raises:
            MalformedTor: a line or reply is too long, or not one of the control protocol.
        """
        self._buffer += data
        found: list[Reply] = []
        while (end := self._buffer.find(b"\n")) >= 0:
            line = bytes(self._buffer[: end + 1])
            del self._buffer[: end + 1]
            if len(line) > LINE_BYTES_MAX or not line.endswith(b"\r\n"):
                raise MalformedTor("a line does not end as it should")
            self._bytes += len(line)
            if self._bytes > REPLY_BYTES_MAX:
                raise MalformedTor("a reply is too long")
            reply = self._take(line[:-2])
            if reply is not None:
                found.append(reply)
        if len(self._buffer) > LINE_BYTES_MAX:
            raise MalformedTor("a line is too long")
        return found

    def _take(self, line: bytes) -> Reply | None:
        if self._data is not None:
            if line == b".":
                # Doubled dots at the beginning of data lines: control-spec, section 2.1, as in SMTP.
                text = [one[1:] if one.startswith(b".") else one for one in self._data]
                self._lines[-1] += "\n" + "\n".join([one.decode("utf-8", "replace") for one in text])
                self._data = None
            else:
                self._data.append(line)
            return None
        parsed = _LINE.fullmatch(line)
        if parsed is None:
            raise MalformedTor("a line is not of the control protocol")
        code = int(parsed[1])
        if self._code and code != self._code:
            raise MalformedTor("the lines of one reply have different codes")
        self._code = code
        self._lines.append(parsed[3].decode("utf-8", "replace"))
        if parsed[2] == b"+":
            self._data = []
            return None
        if parsed[2] == b"-":
            return None
        reply = Reply(code=code, lines=tuple(self._lines))
        self._code, self._lines, self._bytes = 0, [], 0
        return reply


def pairs(text: str) -> dict[str, str]:
    """The `KEY=value` and `KEY="quoted value"` parts of a line; what is not one is passed over."""
    return {
        key: _unquote(quoted) if quoted or not plain else plain for key, quoted, plain in _PAIR.findall(text)
    }


def _unquote(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def quoted(text: str) -> str:
    """A QuotedString of the control protocol. The text holds no line break."""
    assert not {"\r", "\n"} & set(text), "one line"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
