"""The files of a bundle, on a stick or wherever they are carried, for every interface alike.

Law: what is written can be cut off at any byte, and the next run goes on. Each file has the size of whole
parts, a random name or the one the person chose, and a time that says nothing. Nothing that stands there
already is changed but what an earlier run left unfinished. Reading changes nothing.

The daemon seals and opens; this moves bytes. One part is in memory at a time.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from meshcoal.api.commands import (
    BeginBundle,
    BeginReading,
    Command,
    EndBundle,
    EndReading,
    HavePart,
    LookAtPart,
    NextPart,
    ShowReading,
    TakePart,
)
from meshcoal.api.views import Answered, BundlePartView, BundleView, ReadingView
from meshcoal.errors import (
    BadArgument,
    BadSeal,
    BadSignature,
    DiskFull,
    InvitationExpired,
    InvitationRevoked,
    InvitationServed,
    MalformedCommand,
    MeshcoalError,
    NotAuthorized,
    OverLimit,
    ReadOnly,
    StoreError,
    Unknown,
)
from meshcoal.home import expanded
from meshcoal.limits import BUNDLE_PART_BYTES
from meshcoal.wire.record import Record

T = TypeVar("T")

_NAME: Final = re.compile(r"[a-z2-7]{16}")
_PLAIN_TIME_S: Final = 315_619_200  # 1980-01-02: the first day that every kind of stick can hold
_BUSY_MS: Final = 100
_FILES_MAX: Final = 100_000


# What is refused without anybody having made it up: there is no room for it, no use, or it comes late.
_HONESTLY_REFUSED: Final = frozenset(
    {
        OverLimit.code,
        Unknown.code,
        InvitationServed.code,
        InvitationRevoked.code,
        InvitationExpired.code,
    }
)


def is_harm(code: str) -> bool:
    """Whether what was refused by this code is forged or broken, rather than too much or of no use."""
    return code not in _HONESTLY_REFUSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One whole part that lies in a file."""

    path: Path
    at: int  # bytes before it
    data: bytes = b""  # itself, where it comes from paper

    @property
    def size(self) -> int:
        return len(self.data) or BUNDLE_PART_BYTES


def find_parts(place: Path) -> list[Found]:
    """Whole parts in a file, or in all files of a folder that can be parts; in no order that matters.

    Raises:
        BadArgument: there is no such place, or it cannot be read.
    """
    try:
        place = expanded(place)
        paths = sorted(place.iterdir())[:_FILES_MAX] if place.is_dir() else [place]
        found = []
        for path in paths:
            kind = path.lstat() if place.is_dir() else path.stat()
            if stat.S_ISREG(kind.st_mode) and (path == place or not kind.st_size % BUNDLE_PART_BYTES):
                whole = kind.st_size // BUNDLE_PART_BYTES
                found += [Found(path=path, at=number * BUNDLE_PART_BYTES) for number in range(whole)]
    except (OSError, RuntimeError) as exc:
        raise _unreadable(exc) from None
    return found


def read_part(found: Found) -> bytes:
    """The bytes of a part; fewer where the file has become shorter since. Raises `BadArgument`."""
    if found.data:
        return found.data
    try:
        with found.path.open("rb") as file:
            file.seek(found.at)
            return file.read(BUNDLE_PART_BYTES)
    except OSError as exc:
        raise _unreadable(exc) from None


def _unreadable(exc: OSError | RuntimeError) -> BadArgument:
    reason = getattr(exc, "strerror", None) or "no such place"
    return BadArgument(f"The bundle cannot be read: {reason.lower()}.")


class Stick:
    """Where a bundle is written: a folder, one file for each part; or one file with all of them."""

    def __init__(self, place: Path) -> None:
        """
        Args:
            place: a folder that is there; or a file, which need not be.
        """
        self._place = expanded(place).absolute()
        with _explained():
            self._whole = not self._place.is_dir()
        self._folder = self._place.parent if self._whole else self._place

    @classmethod
    def at(cls, written: str) -> Stick:
        """The place that a person wrote; a folder that ends in a slash is made. Raises as `mend`."""
        place = expanded(Path(written))
        if written.endswith("/"):
            with _explained():
                place.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(place)

    def mend(self) -> list[Found]:
        """Remove what an earlier run left half done. Returns the whole parts that are there.

        Removed are files with a name as parts have that are shorter than one.

        Raises:
            BadArgument: something else stands there. `ReadOnly`, `DiskFull`, `StoreError`.
        """
        with _explained():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = []
            for path in sorted(self._folder.iterdir())[:_FILES_MAX]:
                kind = path.lstat()
                if not _NAME.fullmatch(path.name) or not stat.S_ISREG(kind.st_mode):
                    continue
                if kind.st_size < BUNDLE_PART_BYTES:
                    path.unlink()
                elif kind.st_size == BUNDLE_PART_BYTES and not self._whole:
                    found.append(Found(path=path, at=0))
            if self._whole and self._place.exists():
                if not stat.S_ISREG(self._place.lstat().st_mode):
                    raise BadArgument("That is neither a file nor a folder: choose another place.")
                return find_parts(self._place)
        return found

    def check(self, had: int) -> None:
        """Make sure that the one file may be written to, and take off what follows its last whole part.

        Args:
            had: how many parts in it are of this bundle, as the daemon found.

        Raises:
            BadArgument: there is a file, and no bundle in it that can be gone on with.
        """
        if not self._whole or not self._place.exists():
            return
        if not had:
            raise BadArgument(
                "There is a file of that name, and in it no bundle for the same people. Choose another name."
            )
        with _explained(), self._place.open("r+b") as file:
            file.truncate(os.fstat(file.fileno()).st_size // BUNDLE_PART_BYTES * BUNDLE_PART_BYTES)

    def write(self, part: bytes, name: str) -> None:
        """Write one part down, for good. Raises `DiskFull`, `ReadOnly`, `StoreError`, `BadArgument`.

        Args:
            name: of its file, sixteen letters and digits, all of them chance.
        """
        assert len(part) == BUNDLE_PART_BYTES, "parts have one size"
        assert _NAME.fullmatch(name), "a name as parts have"
        goes_on = self._whole and self._place.exists()
        path = self._place if goes_on else self._folder / name
        flags = os.O_APPEND if goes_on else os.O_CREAT | os.O_EXCL
        with _explained():
            handle = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | flags, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(part)
                file.flush()
                os.fsync(file.fileno())
            if self._whole and not goes_on:
                path.rename(self._place)  # so that under this name there is no beginning of a part alone
                path = self._place
            os.utime(path, (_PLAIN_TIME_S, _PLAIN_TIME_S), follow_symlinks=False)


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        if exc.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise DiskFull("There is no room left. What is there stays: go on with another stick.") from None
        if exc.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise ReadOnly("That place cannot be written: choose another.") from None
        if exc.errno in (errno.EEXIST, errno.ENOTDIR, errno.ELOOP, errno.EISDIR):
            raise BadArgument("Something stands in the way there: choose another place.") from None
        raise StoreError("The bundle could not be written there.") from None


def place_request(stick: Stick, part: bytes, name: str) -> None:
    """Write a part that stands for itself: a request to an invitation. Raises as `Stick.write`.

    Raises:
        BadArgument: a file of the chosen name is there already.
    """
    stick.check(0)
    stick.write(part, name)


# --- What is said to the daemon meanwhile: whoever drives these sends each command and hands back the view


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Wait so long, and go on."""

    wait_ms: int


Tell = Callable[[int, int], None]  # done of total
Said = Generator[Command | Pause, Record | None, T]


def writing(stick: Stick, command: BeginBundle, shown: Callable[[BundleView], None], tell: Tell) -> Said[int]:
    """Write a bundle, or go on with it. Returns how many parts were written.

    Args:
        shown: called with what goes into it and who can open it, before anything is written.
    """
    lying = stick.mend()
    view = expected(BundleView, (yield command))
    bundle = view.bundle
    for number, found in enumerate(lying):
        part = read_part(found)
        if len(part) == BUNDLE_PART_BYTES:
            view = expected(BundleView, (yield HavePart(bundle=bundle, data=part)))
        tell(number, 2 * len(lying))
    stick.check(view.had)
    shown(view)
    written = 0
    while True:
        answer = expected(BundlePartView, (yield NextPart(bundle=bundle)))
        if answer.data:
            stick.write(answer.data, answer.name)
            written += 1
        tell(answer.done if answer.more else answer.total, answer.total)
        if not answer.more:
            break
    yield EndBundle(bundle=bundle)
    return written


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a place was found to hold."""

    view: ReadingView
    order: tuple[Found, ...]  # what can be opened here, as it is best taken in


def looking(place: Path, tell: Tell) -> Said[Looked]:
    """Look through a file or a folder. Nothing is taken in; the daemon keeps the reading for `taking`."""
    return (yield from looking_at(find_parts(place), tell))


def looking_at(lying: Sequence[Found], tell: Tell) -> Said[Looked]:
    """As `looking`, for parts that were found."""
    view = expected(ReadingView, (yield BeginReading()))
    opened: list[tuple[int, Found]] = []
    for number, found in enumerate(lying, 1):
        part = read_part(found)
        if len(part) == found.size:
            view = expected(ReadingView, (yield LookAtPart(reading=view.reading, data=part)))
            if view.opened:
                opened.append((view.place, found))
        tell(number, len(lying))
    opened.sort(key=lambda one: one[0])
    return Looked(view=view, order=tuple([found for _, found in opened]))


def leads_on(looked: Looked) -> bool:
    """Whether there is an answer that, taken in, makes more readable: then look at the same place again."""
    return any(one.new and one.verdict is Answered.ADMITTED for one in looked.view.answers)


def nothing_in(looked: Looked) -> MeshcoalError:
    """Why there is nothing to take in, where nothing could be opened."""
    codes = [one.code for one in looked.view.refused]
    for error, sentence in _REFUSED:
        if error.code in codes:
            return error(sentence)
    return Unknown("Nothing there is for you, or it is damaged. Nothing was taken in.")


_REFUSED: Final[tuple[tuple[type[MeshcoalError], str], ...]] = (
    (
        InvitationServed,
        "This asks to come in by an invitation that somebody has used already. Nothing was taken in. If this "
        "is whom you meant, somebody else came first: compare words with whoever did, and invite again.",
    ),
    (InvitationRevoked, "This asks to come in by an invitation that you took back. Nothing was taken in."),
    (
        InvitationExpired,
        "This asks to come in by an invitation that is past its date. Nothing was taken in. Make a new one.",
    ),
    (
        BadSignature,
        "This comes from somebody else than the person whose key it names. Nothing was taken in.",
    ),
    (NotAuthorized, "This comes from a contact whose words did not match. Nothing was taken in."),
    (BadSeal, "This was changed or damaged on its way. Nothing was taken in. Ask for another copy."),
)


def taking(looked: Looked, tell: Tell) -> Said[ReadingView]:
    """Take in what was looked at, and wait until all of it is judged."""
    view = looked.view
    total = len(looked.order)
    for number, found in enumerate(looked.order):
        part = read_part(found)
        if len(part) < found.size:
            continue  # taken away since: the same as a part that was never there
        view = expected(ReadingView, (yield TakePart(reading=view.reading, data=part)))
        while view.busy:
            yield Pause(wait_ms=_BUSY_MS)
            view = expected(ReadingView, (yield TakePart(reading=view.reading, data=part)))
        tell(number, total)
    while view.waiting:
        yield Pause(wait_ms=_BUSY_MS)
        view = expected(ReadingView, (yield ShowReading(reading=view.reading)))
    tell(total, total)
    yield EndReading(reading=view.reading)
    return view


def leaving(looked: Looked) -> Said[None]:
    """Nothing of it is to be taken in."""
    yield EndReading(reading=looked.view.reading)


V = TypeVar("V", bound=Record)


def expected(view: type[V], answer: Record | None) -> V:
    """The daemon's answer, where it is what was asked for. Raises `MalformedCommand`."""
    if not isinstance(answer, view):
        raise MalformedCommand("The daemon answered something that was not asked: is it another version?")
    return answer
