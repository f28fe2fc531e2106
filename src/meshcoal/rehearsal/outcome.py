"""What comes out of a rehearsal: the released letter as files, checked as a stranger would check it.

Law: nothing that exists is overwritten. The files are checked after they are written, from the disk, by this
process and by `meshcoal verify` in one of its own, which has no vault and no network.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final

from meshcoal.api.views import EntryState, StatementView
from meshcoal.errors import ReadOnly, RehearsalFailed
from meshcoal.export.files import with_exports
from meshcoal.rehearsal.comparison import Portrait, differences, portraits
from meshcoal.rehearsal.performance import Performance
from meshcoal.rehearsal.theatre import Theatre
from meshcoal.statement.publication import verify
from meshcoal.wire.package import SUFFIX

FOLDER_NAME: Final = "rehearsal-release"
KEPT_FOLDER_NAME: Final = "released"
VERIFY_TIMEOUT_S: Final = 60.0
_LOOKS_MAX: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A released letter on which all nodes agree."""

    letter: StatementView
    paths: tuple[Path, ...]
    package: Path


async def conclude(theatre: Theatre, performance: Performance) -> Outcome:
    """Compare all nodes, write the files of the letter, check them.

    The files go into the folder that is kept, else into a new folder where the user stands.

    Raises:
        RehearsalFailed: nodes disagree, or the letter does not verify; the sentence says which and on what.
        ReadOnly: the files cannot be written.
    """
    for _ in range(_LOOKS_MAX):  # a person may write something between two nodes' answers
        await theatre.until_agreed("The nodes do not agree")
        drawn = await portraits(theatre.players, theatre.campaign, performance.letter)
        found = differences(drawn)
        if not found:
            break
    else:
        raise RehearsalFailed(" ".join(found))
    letter = await performance.statement(theatre.user)
    paths = _write(drawn[0], theatre.folder, letter.digest.hex()[:8])
    (package,) = [path for path in paths if path.name.endswith(SUFFIX)]
    _check_here(package, letter)
    await _check_apart(package)
    return Outcome(letter=letter, paths=paths, package=package)


def _write(drawn: Portrait, kept: Path | None, name: str) -> tuple[Path, ...]:
    try:
        folder = _new_folder(kept, name)
        paths = []
        for file, data in with_exports(drawn.files):
            assert PurePath(file).name == file, "the daemon made it safe"
            path = folder / file
            with path.open("xb") as stream:
                stream.write(data)
            paths.append(path)
    except OSError as exc:
        raise ReadOnly(f"The released letter cannot be written: {exc.strerror}.") from exc
    return tuple(paths)


def _new_folder(kept: Path | None, name: str) -> Path:
    if kept is not None:
        folder = kept / KEPT_FOLDER_NAME
        folder.mkdir()
        return folder
    for number in itertools.count(1):
        folder = Path.cwd() / f"{FOLDER_NAME}-{name}{'' if number == 1 else f'-{number}'}"
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder
    raise AssertionError("there is always another number")


def _check_here(package: Path, letter: StatementView) -> None:
    report = verify(package.read_bytes())
    if not report.sound:
        raise RehearsalFailed(f"The released letter does not verify: {report.problems[0].sentence}")
    listed = sorted(one.name for one in report.signatories)
    counted = sorted(one.name for one in letter.tally.entries if one.state is EntryState.COUNTED)
    if report.digest != letter.digest or listed != counted:
        raise RehearsalFailed("The released letter is not the one that was signed.")


async def _check_apart(package: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-P", "-m", "meshcoal", "verify", str(package)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(VERIFY_TIMEOUT_S):
            code = await process.wait()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    if code != 0:
        raise RehearsalFailed(f"`meshcoal verify` does not accept the released letter (exit code {code}).")
