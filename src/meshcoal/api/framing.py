"""Frames of the local socket: four bytes of length (big-endian), then one canonical value.

Daemon, on connect: `[0, "meshcoal", API_VERSION, version]`.  Client: `[request, command]`, request from 1.
Daemon: `[request, view]`, or `[0, notice]` after `Subscribe`. Specified in docs/reference/api.md.
"""

from __future__ import annotations

from typing import Final

from meshcoal.api.commands import COMMANDS, Command
from meshcoal.api.views import VIEWS
from meshcoal.errors import Malformed, MalformedCommand, OverLimit, VersionMismatch
from meshcoal.limits import API_FRAME_BYTES_MAX
from meshcoal.wire import canonical
from meshcoal.wire.record import Record

API_VERSION: Final = 1
LENGTH_BYTES: Final = 4
_MAGIC: Final = "meshcoal"


def frame(payload: bytes) -> bytes:
    """Payload with its length in front. Raises `OverLimit`."""
    if len(payload) > API_FRAME_BYTES_MAX:
        raise OverLimit(f"an answer of {len(payload)} bytes does not fit the local socket")
    return len(payload).to_bytes(LENGTH_BYTES, "big") + payload


def payload_bytes(length: bytes) -> int:
    """How many bytes follow. Raises `OverLimit`."""
    count = int.from_bytes(length, "big")
    if count > API_FRAME_BYTES_MAX:
        raise OverLimit(f"a frame of {count} bytes is more than {API_FRAME_BYTES_MAX}")
    return count


def encode_greeting(version: str) -> bytes:
    return canonical.encode((0, _MAGIC, API_VERSION, version))


def check_greeting(data: bytes) -> str:
    """The daemon's version. Raises `VersionMismatch` where this client cannot talk to it."""
    try:
        value = canonical.decode(data, bytes_max=256)
    except (Malformed, OverLimit) as exc:
        raise VersionMismatch("whatever listens there is not a meshcoal daemon") from exc
    match value:
        case (0, str(magic), int(api), str(version)) if magic == _MAGIC and api == API_VERSION:
            return version
        case _:
            raise VersionMismatch(
                "the running daemon is of another version: stop it with `meshcoal daemon stop`"
            )


def encode_request(request: int, command: Command) -> bytes:
    return canonical.encode((request, COMMANDS.encode(command)))


def decode_request(data: bytes) -> tuple[int, Command]:
    """Raises `MalformedCommand`, `OverLimit`, or `BadArgument` naming the field."""
    request, inner = _pair(data)
    command = COMMANDS.decode(inner, bytes_max=API_FRAME_BYTES_MAX)
    assert isinstance(command, Command)
    return request, command


def request_of(data: bytes) -> int:
    """The request number of a frame whose command may be broken, so that the error finds its way back."""
    return _pair(data)[0]


def encode_answer(request: int, view: Record) -> bytes:
    return canonical.encode((request, VIEWS.encode(view)))


def decode_answer(data: bytes) -> tuple[int, Record]:
    """Request number (0: a notice) and view. Raises `MalformedCommand`, `OverLimit`."""
    request, inner = _pair(data)
    return request, VIEWS.decode(inner, bytes_max=API_FRAME_BYTES_MAX)


def _pair(data: bytes) -> tuple[int, bytes]:
    try:
        value = canonical.decode(data, bytes_max=API_FRAME_BYTES_MAX)
    except Malformed as exc:
        raise MalformedCommand("a frame of the local socket does not parse") from exc
    match value:
        case (int(request), bytes(inner)) if request is not True and request is not False and request >= 0:
            return request, inner
        case _:
            raise MalformedCommand("a frame of the local socket is a number and a record")
