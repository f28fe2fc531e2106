"""What a browser sends with a form, read within bounds and into memory alone.

Law: nothing of it touches the disk. What does not fit is refused by size before it is read to its end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web

from meshcoal.browser.forms import Upload, Values
from meshcoal.errors import MalformedCommand, OverLimit
from meshcoal.limits import ATTACHMENT_BYTES_MAX, MIB

FORM_BYTES_MAX: Final = 2 * MIB
FIELDS_MAX: Final = 400
FILES_MAX: Final = 4
BODY_S: Final = 60.0
_PIECE_BYTES: Final = 64 * 1024


async def read_values(request: web.BaseRequest) -> Values:
    """The fields and files of a form.

    Raises:
        OverLimit: too large, too many, or too slow.
        MalformedCommand: it is no form.
    """
    try:
        async with asyncio.timeout(BODY_S):
            match request.content_type:
                case "application/x-www-form-urlencoded":
                    told = f"A form holds at most {FORM_BYTES_MAX // MIB} MiB."
                    return _collected(_pairs(await _all_of(request.content.read, FORM_BYTES_MAX, told)))
                case "multipart/form-data":
                    return await _parts(request)
                case _other:
                    raise MalformedCommand("A form was expected.")
    except TimeoutError as exc:
        raise OverLimit("The form took too long to arrive.") from exc
    except (aiohttp.ClientPayloadError, aiohttp.http.HttpProcessingError) as exc:
        raise MalformedCommand("The form did not arrive whole.") from exc


def _pairs(data: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            data.decode("ascii"), keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="replace"
        )
    except ValueError as exc:
        raise MalformedCommand("The form does not parse.") from exc


def _collected(pairs: list[tuple[str, str]], files: tuple[Upload, ...] = ()) -> Values:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        found[name] = (*found.get(name, ()), value)
    return Values(found, files)


async def _all_of(read: Callable[[int], Awaitable[bytes]], most: int, refusal: str) -> bytes:
    """What `read` gives piece by piece. Raises `OverLimit` with these words beyond `most` bytes."""
    data = bytearray()
    while piece := await read(_PIECE_BYTES):
        data += piece
        if len(data) > most:
            raise OverLimit(refusal)
    return bytes(data)


async def _parts(request: web.BaseRequest) -> Values:
    try:
        reader = await request.multipart()
    except (ValueError, AssertionError) as exc:
        raise MalformedCommand("The form does not parse.") from exc
    pairs: list[tuple[str, str]] = []
    files: list[Upload] = []
    left = FORM_BYTES_MAX
    try:
        while (part := await reader.next()) is not None:
            if not isinstance(part, aiohttp.BodyPartReader) or len(pairs) + len(files) >= FIELDS_MAX:
                raise MalformedCommand("The form does not parse.")
            most = left if part.filename is None else ATTACHMENT_BYTES_MAX
            data = await _all_of(part.read_chunk, most, f"That is larger than {most // MIB} MiB.")
            if part.filename is None:
                left -= len(data)
                pairs.append((part.name or "", data.decode("utf-8", "replace")))
            elif part.filename or data:
                if len(files) >= FILES_MAX:
                    raise OverLimit(f"At most {FILES_MAX} files go with one form.")
                files.append(Upload(name=part.filename or "file", data=data))
    except ValueError as exc:  # a boundary that is missing
        raise MalformedCommand("The form does not parse.") from exc
    return _collected(pairs, tuple(files))
