"""What a person chose for the interface, kept beside the vault so that it holds before the vault opens.

Law: nothing here tells who somebody is or what they do; it is readable by whoever takes the disk. A file that
cannot be read counts as none, and says so once: settings must never keep somebody out.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from meshcoal.errors import BadArgument

FILE: Final = "interface.json"
FILE_BYTES_MAX: Final = 4096
_WRITTEN_ANEW: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`language`: a code of `locale.tongues`; `bidi`: a value of `bidi.Mode`. Empty: as the system says.

    `linear`: "linear" to be spoken to line by line.
    `steps`: "put-away" where the first steps are not to stand on the first screen.
    """

    language: str = ""
    bidi: str = ""
    linear: str = ""
    steps: str = ""
    cover: str = ""  # what F9 does, `cover.HIDES` or empty: it locks too
    look: str = ""  # a name of `look.LOOKS`
    motion: str = ""  # `motion.LESS` or `motion.FULL`; empty: less where the terminal is far away
    lock_after: str = ""  # minutes, or `idle.NEVER`; empty: `idle.MINUTES`


def read_settings(home: Path) -> tuple[Settings, bool]:
    """The settings of a home, and whether a file was there that could not be read."""
    try:
        with (home / FILE).open("rb") as file:
            held = file.read(FILE_BYTES_MAX + 1)
    except FileNotFoundError:
        return Settings(), False
    except OSError:
        return Settings(), True
    try:
        table = json.loads(held.decode("utf-8"))
    except (ValueError, RecursionError):
        return Settings(), True
    if len(held) > FILE_BYTES_MAX or not isinstance(table, dict):
        return Settings(), True
    known = {key: table.get(key, "") for key in Settings.__slots__}
    if not all(isinstance(value, str) for value in known.values()):
        return Settings(), True
    return Settings(**known), False


def write_settings(home: Path, settings: Settings) -> None:
    """Keep the settings; whole or not at all.

    Raises:
        BadArgument: the home cannot be written.
    """
    new = home / f"{FILE}.new"
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(new, _WRITTEN_ANEW, 0o600), "w", encoding="utf-8") as file:
            json.dump(asdict(settings), file)
        new.replace(home / FILE)
    except OSError as exc:
        raise BadArgument(f"The settings cannot be kept in {home}: {exc.strerror}.") from exc
