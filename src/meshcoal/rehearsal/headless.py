"""The rehearsal without a terminal: all parts are played, each step is a line, the end is checked.

Law: exit code 0 means that six nodes agreed and that the released files verify; anything else is 1 with a
sentence, or 128 and the number of the signal that ended it. Either way no node is left running.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from meshcoal.api.views import EntryState, TallyView
from meshcoal.errors import MeshcoalError
from meshcoal.rehearsal.cast import CAST
from meshcoal.rehearsal.outcome import Outcome, conclude
from meshcoal.rehearsal.performance import Performance
from meshcoal.rehearsal.script import SCRIPT
from meshcoal.rehearsal.theatre import START_STEPS, Theatre
from meshcoal.text.sanitise import one_line

Write = Callable[[str], None]

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_STEPS: Final = START_STEPS + len(SCRIPT) + 1


def run(*, keep: Path | None) -> int:
    """Play the whole rehearsal. Returns the exit code."""
    return asyncio.run(_until_signal(keep, _print))


async def _until_signal(keep: Path | None, write: Write) -> int:
    loop = asyncio.get_running_loop()
    play = asyncio.create_task(rehearse(keep, write))
    came: list[int] = []

    def stop(number: int) -> None:
        if not came:  # a second one must not interrupt the tidying up
            came.append(number)
            play.cancel()

    for number in _SIGNALS:
        loop.add_signal_handler(number, stop, number)
    try:
        return await play
    except asyncio.CancelledError:
        if not came:
            raise
        write("Interrupted. All nodes have ended.")
        return 128 + came[0]
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


async def rehearse(keep: Path | None, write: Write) -> int:
    """From six empty homes to a verified letter, line by line. Returns the exit code."""
    began_s = time.monotonic()
    over = 0

    def tell(what: str) -> None:
        nonlocal over
        over += 1
        write(f"[{time.monotonic() - began_s:6.1f} s] {over:2d}/{_STEPS} {one_line(what)}")

    write("REHEARSAL. Six nodes on this machine act out an invented case. Nothing leaves the machine.")
    theatre = Theatre(keep=keep)
    try:
        try:
            await theatre.open(lambda what, done, total: tell(what))
            performance = Performance(theatre, now_ms=now_ms, tell=lambda what, done: tell(what))
            await performance.run()
            outcome = await conclude(theatre, performance)
            tell(f"All {len(CAST)} nodes agree on every operation, message, signature and file.")
        finally:
            await theatre.close()
    except MeshcoalError as error:
        write(f"The rehearsal failed: {one_line(str(error))} ({error.code})")
        return 1
    _conclude(outcome, theatre.folder, write)
    return 0


def _conclude(outcome: Outcome, kept: Path | None, write: Write) -> None:
    write("")
    for line in tally_lines(outcome.letter.tally):
        write(line)
    write("")
    write("The released letter, equal on all six nodes:")
    for path in outcome.paths:
        write(f"  {path}")
    write(f"Verified. Check it yourself: meshcoal verify {outcome.package}")
    if kept is not None:
        write(f"The homes of the six are kept in {kept}; passphrase.txt there opens each of them.")
    else:
        write("The six homes are removed.")


def tally_lines(tally: TallyView) -> list[str]:
    """The count and every name, for people."""
    counted = [entry for entry in tally.entries if entry.state is EntryState.COUNTED]
    others = [entry for entry in tally.entries if entry.state is not EntryState.COUNTED]
    lines = [
        f"Signed: {tally.counted}. Organisations: {tally.organisations}, individuals: {tally.individuals}. "
        f"Seats: {tally.in_country} in the country, {tally.exile} in exile, {tally.ingo} international.",
    ]
    for entry in counted:
        parts = (entry.name, entry.title, entry.affiliation, entry.country)
        lines.append(f"  {one_line(', '.join(part for part in parts if part))}  [{entry.capacity.value}]")
    lines += [f"  {one_line(entry.name)}  [not counted: {entry.state.value}]" for entry in others]
    lines.append(f"Tally digest: {tally.digest.hex()}")
    return lines


def now_ms() -> int:
    """Unix time in milliseconds."""
    return time.time_ns() // 1_000_000


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
