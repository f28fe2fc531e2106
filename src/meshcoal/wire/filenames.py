"""File names that others gave, made safe to write.

Law: a name from outside never picks the folder, never hides a file, never collides with a device, and never
surprises a shell, an archive or another system's file manager. Letters outside ASCII give way to `-`: a name
that is only such letters becomes the caller's default, and the title stays in the file itself.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

FILE_NAME_CHARS_MAX: Final = 100
_SUFFIX: Final = re.compile(r"(\.[A-Za-z0-9]{1,8}){1,2}\Z")
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")
_DOTS: Final = re.compile(r"\.{2,}")
# Devices of Windows, whatever their suffix or case.
_RESERVED: Final = frozenset(
    ["con", "prn", "aux", "nul", *[f"{port}{n}" for port in ("com", "lpt") for n in range(10)]]
)


def safe_file_name(text: str, default: str) -> str:
    """One path component made of `A-Za-z0-9._-`, at most `FILE_NAME_CHARS_MAX` characters.

    Args:
        text: what somebody called the file; anything.
        default: the name where nothing usable is left. Our own, and itself safe.
    """
    assert _tidy(default) == default, "the default is one of our own names"
    return _tidy(text) or default


def _tidy(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    name = _DOTS.sub(".", _UNSAFE.sub("-", plain))
    # Accents go with their letter; other scripts leave only leftovers such as `-.txt`, which say nothing.
    name = re.sub(r"-{2,}", "-", name).strip("-._")
    if len(name) > FILE_NAME_CHARS_MAX:
        suffix = _SUFFIX.search(name)
        tail = suffix.group() if suffix else ""
        name = name[: FILE_NAME_CHARS_MAX - len(tail)].rstrip("-._") + tail
    if name.split(".", 1)[0].lower() in _RESERVED:
        name = f"file-{name}"[:FILE_NAME_CHARS_MAX].rstrip("-._")
    return name
