"""QR codes in files of pictures: calls, replies, invitations that come as a photo or a screenshot.

Law: no picture is decoded in a process that holds anything. A file that cannot be read is told with its
reason; what is in its codes is foreign text.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

from meshcoal.client import picture_reader
from meshcoal.errors import BadArgument, OverLimit, Unsupported
from meshcoal.limits import INVITATION_LONG_CHARS_MAX
from meshcoal.wire.invitation import PREFIX
from meshcoal.wire.pictures import is_picture
from meshcoal.wire.qr_parts import joined
from meshcoal.wire.slips import texts_in

_SECONDS_MAX: Final = 60
_HEAD_BYTES: Final = 16  # tell a picture


def is_picture_file(path: Path) -> bool:
    """Whether a file is a picture that may hold codes, by its first bytes. Raises `BadArgument`."""
    return is_picture(_read(path, _HEAD_BYTES))


def codes_in(path: Path) -> tuple[str, ...]:
    """The texts of the QR codes in a picture, in no order that matters.

    Raises:
        BadArgument: the file cannot be read, or is no picture that can.
        OverLimit: it has too many bytes or pixels.
        Unsupported: what reads pictures is not installed.
    """
    data = _read(path, picture_reader.BYTES_MAX + 1)
    if len(data) > picture_reader.BYTES_MAX:
        raise OverLimit(f"A picture has at most {picture_reader.BYTES_MAX >> 20} MiB.")
    try:
        done = subprocess.run(  # noqa: S603  (our own interpreter and file)
            [sys.executable, "-I", picture_reader.__file__],
            input=data,
            capture_output=True,
            timeout=_SECONDS_MAX,
            check=False,
            env={},
        )
    except subprocess.TimeoutExpired:
        raise BadArgument("Reading this picture takes too long: cut it down to the code.") from None
    match done.returncode:
        case 0:
            return tuple([str(one) for one in json.loads(done.stdout)])
        case picture_reader.NO_PACKAGES:
            raise Unsupported(
                "To read QR codes from pictures, install what reads them: `make scan`, or the extra "
                "`meshcoal[scan]`."
            )
        case picture_reader.TOO_LARGE:
            raise OverLimit(f"A picture has at most {picture_reader.PIXELS_MAX // 1_000_000} million pixels.")
        case _other:  # its own code, or it was ended by a limit
            raise BadArgument("This picture cannot be read: PNG, JPEG and WebP can, where they are sound.")


def invitation_in(path: Path) -> str:
    """The invitation in a file: a picture of its QR code, or its text, broken into lines or not.

    Raises:
        BadArgument: it cannot be read, or is a picture without exactly one invitation.
        OverLimit, Unsupported: as `codes_in`.
    """
    if not is_picture_file(path):
        return "".join(_read(path, 4 * INVITATION_LONG_CHARS_MAX).decode("utf-8", "replace").split())
    found = [one for one in joined(texts_in(codes_in(path))[0])[0] if one.startswith(PREFIX)]
    if len(found) != 1:
        raise BadArgument("This picture holds no invitation, or more than one.")
    return found[0]


def _read(path: Path, bytes_max: int) -> bytes:
    try:
        with path.expanduser().open("rb") as file:
            return file.read(bytes_max)
    except (OSError, RuntimeError) as exc:  # the second: a home that nobody has
        reason = getattr(exc, "strerror", None) or "no such place"
        raise BadArgument(f"The file cannot be read: {reason.lower()}.") from None
