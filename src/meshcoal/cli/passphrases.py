"""Where a passphrase may come from.

Law: a hidden prompt, standard input, or a file; never an argument and never the environment. Arguments and
environment of a process can be read by other programs of the same user, and arguments by every user of the
machine; shells write them into their history, and supervisors into their logs.
"""

from __future__ import annotations

import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from meshcoal.cli.output import say
from meshcoal.cli.session import Session
from meshcoal.errors import BadArgument
from meshcoal.limits import PASSPHRASE_BYTES_MAX, PASSPHRASE_CHARS_MIN

F = TypeVar("F", bound=Callable[..., Any])


def passphrase_options(function: F) -> F:
    """Add `--passphrase-stdin` and `--passphrase-file`, as `from_stdin` and `from_file`."""
    function = click.option(
        "--passphrase-file",
        "from_file",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Read the passphrase from the first line of this file.",
    )(function)
    return click.option(
        "--passphrase-stdin",
        "from_stdin",
        is_flag=True,
        help="Read the passphrase from standard input.",
    )(function)


def existing(session: Session, *, from_stdin: bool, from_file: Path | None) -> str:
    """The passphrase that opens the vault. Raises `BadArgument`."""
    lines = _lines(from_stdin=from_stdin, from_file=from_file, wanted=1)
    if lines is not None:
        return _present(lines[0])
    _need_terminal(session)
    return _present(session.ask_hidden("Passphrase"))


def chosen(session: Session, *, from_stdin: bool, from_file: Path | None) -> str:
    """A new passphrase: typed twice, with its strength in words; or one line. Raises `BadArgument`."""
    lines = _lines(from_stdin=from_stdin, from_file=from_file, wanted=1)
    if lines is not None:
        return _long_enough(lines[0])
    _need_terminal(session)
    return _typed_twice(session)


def old_and_new(session: Session, *, from_stdin: bool, from_file: Path | None) -> tuple[str, str]:
    """The present passphrase and the next: prompts, or two lines. Raises `BadArgument`."""
    lines = _lines(from_stdin=from_stdin, from_file=from_file, wanted=2)
    if lines is not None:
        return _present(lines[0]), _long_enough(lines[1])
    _need_terminal(session)
    return _present(session.ask_hidden("Present passphrase")), _typed_twice(session)


def suggest() -> None:
    """Print six words drawn by chance, as a passphrase to adopt and learn."""
    from meshcoal.crypto.entropy import OsEntropy
    from meshcoal.crypto.fingerprint import passphrase_suggestion

    drawn = " ".join(passphrase_suggestion(OsEntropy()))
    say(
        "A strong passphrase, drawn by chance. Keep it on paper until you know it, then burn the paper:",
        err=True,
    )
    say("    {words}", words=drawn, err=True)


def _typed_twice(session: Session) -> str:
    from meshcoal.crypto.passphrase import strength

    passphrase = _long_enough(session.ask_hidden("New passphrase"))
    say("{verdict}", verdict=strength(passphrase).sentence, err=True)
    if session.ask_hidden("The same again") != passphrase:
        raise BadArgument("The two passphrases differ: nothing was changed.")
    return passphrase


def _need_terminal(session: Session) -> None:
    if not session.on_terminal():
        raise BadArgument(
            "A passphrase is needed and there is no terminal to ask on: "
            "use --passphrase-stdin or --passphrase-file."
        )


def _present(passphrase: str) -> str:
    if not passphrase:
        raise BadArgument("The passphrase is empty.")
    if len(passphrase.encode("utf-8", "surrogatepass")) > PASSPHRASE_BYTES_MAX:
        raise BadArgument(f"A passphrase has at most {PASSPHRASE_BYTES_MAX} bytes.")
    return passphrase


def _long_enough(passphrase: str) -> str:
    if len(passphrase) < PASSPHRASE_CHARS_MIN:
        raise BadArgument(
            f"A passphrase has at least {PASSPHRASE_CHARS_MIN} characters; six words are better."
        )
    return _present(passphrase)


def _lines(*, from_stdin: bool, from_file: Path | None, wanted: int) -> list[str] | None:
    if from_stdin and from_file is not None:
        raise BadArgument("--passphrase-stdin and --passphrase-file exclude each other.")
    if from_stdin:
        stream = sys.stdin.buffer
        data = b"".join(stream.readline(PASSPHRASE_BYTES_MAX + 3) for _ in range(wanted))
    elif from_file is not None:
        data = _read(from_file, wanted)
    else:
        return None
    try:
        lines = [line.removesuffix("\r") for line in data.decode("utf-8").split("\n")]
    except UnicodeDecodeError:
        raise BadArgument("The passphrase is not UTF-8 text.") from None
    if len(lines) < wanted:
        raise BadArgument("Two lines are needed: the present passphrase and the new one.")
    return lines


def _read(path: Path, wanted: int) -> bytes:
    try:
        with path.open("rb") as file:
            if file.fileno() >= 0 and stat.S_IMODE(path.stat().st_mode) & 0o077:
                say("meshcoal: other users of this machine can read the passphrase file", err=True)
            return b"".join(file.readline(PASSPHRASE_BYTES_MAX + 3) for _ in range(wanted))
    except OSError as exc:
        raise BadArgument(
            f"The passphrase file cannot be read: {(exc.strerror or 'unknown reason').lower()}."
        ) from None
