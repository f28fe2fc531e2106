"""`python -m meshcoal.daemon`: for those who start it by program; people use `meshcoal daemon`.

Law: it says through `--ready-fd` whether it came up: `ready`, or `error CODE SENTENCE`, one line.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from pathlib import Path

from meshcoal.errors import MeshcoalError


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m meshcoal.daemon")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--listen", metavar="HOST:PORT")
    parser.add_argument("--paths", choices=("any", "tor"))
    parser.add_argument("--line", action="append", metavar="serial:DEVICE[@SPEED]")
    parser.add_argument("--ready-fd", type=int, metavar="N")
    parser.add_argument("--leash-fd", type=int, metavar="N", help="end when this pipe's other end is closed")
    parser.add_argument("--detach", action="store_true", help="go into the background")
    given = parser.parse_args(arguments)
    if given.detach:
        _detach()
    told = given.ready_fd
    if told is not None:
        os.set_inheritable(told, False)
    if given.leash_fd is not None:
        os.set_inheritable(given.leash_fd, False)

    def tell(line: str) -> None:
        nonlocal told
        if told is not None:
            with contextlib.suppress(OSError):  # whoever wanted to know has gone
                os.write(told, f"{line}\n".encode())
                os.close(told)
            told = None

    try:
        from meshcoal.daemon.main import run  # after the fork: it is slow, and may say what is missing

        only_tor = None if given.paths is None else given.paths == "tor"
        return run(
            given.home,
            listen=given.listen,
            only_tor=only_tor,
            lines=None if given.line is None else tuple(given.line),
            ready=lambda: tell("ready"),
            leash=given.leash_fd,
        )
    except MeshcoalError as error:
        tell(f"error {error.code} {error}")
        sys.stderr.write(f"{error}\n")
        return error.exit_code


def _detach() -> None:
    # The one who starts us waits for this process, not for the daemon, and is left no zombie.
    if os.fork():
        os._exit(0)
    os.setsid()


if __name__ == "__main__":
    sys.exit(main())
