"""Files on their way to a message and back to a folder, for every interface alike.

Law: a picture loses what was written beside it before anything of it leaves the program, unless the person
asked to keep it. What is written gets a safe name, the owner's rights alone, and never another file's place;
half a file never stays. Nothing is opened.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from types import TracebackType
from typing import Final

from meshcoal.api.views import AttachmentView
from meshcoal.errors import BadArgument, DiskFull, OverLimit, ReadOnly, StoreError
from meshcoal.home import expanded
from meshcoal.limits import ATTACHMENT_BYTES_MAX, ATTACHMENT_NAME_CHARS_MAX, MIB, UPLOAD_PART_BYTES_MAX
from meshcoal.wire.attachment import file_hash
from meshcoal.wire.filenames import safe_file_name
from meshcoal.wire.pictures import cleaned, is_picture

_TRIES_MAX: Final = 1_000
_UNKNOWN_TYPE: Final = "application/octet-stream"
_TYPES: Final = {
    "csv": "text/csv", "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "gif": "image/gif", "heic": "image/heic", "html": "text/html", "jpeg": "image/jpeg",
    "jpg": "image/jpeg", "json": "application/json", "m4a": "audio/mp4", "mov": "video/quicktime",
    "mp3": "audio/mpeg", "mp4": "video/mp4", "odt": "application/vnd.oasis.opendocument.text",
    "ogg": "audio/ogg", "pdf": "application/pdf", "png": "image/png", "svg": "image/svg+xml",
    "txt": "text/plain", "wav": "audio/wav", "webm": "video/webm", "webp": "image/webp",
    "zip": "application/zip",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A file ready to be handed over."""

    name: str
    media_type: str
    data: bytes
    hash: bytes
    cleaned: bool  # its format is one whose metadata is known, and gone
    kept_metadata: bool  # the person asked for that

    def parts(self) -> Iterator[bytes]:
        """Its bytes, as `AppendUpload` takes them."""
        for start in range(0, len(self.data), UPLOAD_PART_BYTES_MAX):
            yield self.data[start : start + UPLOAD_PART_BYTES_MAX]


def prepare(path: Path, *, keep_metadata: bool = False) -> Prepared:
    """Read a file, and free a picture of what was written beside it.

    Raises:
        BadArgument: it cannot be read, is no file, or is a picture that does not parse.
        OverLimit: it is longer than an attachment may be.
    """
    try:
        path = path.expanduser()
        with path.open("rb") as file:
            data = file.read(ATTACHMENT_BYTES_MAX + 1)
    except (OSError, RuntimeError) as exc:  # the second: a home that nobody has
        reason = getattr(exc, "strerror", None) or "no such place"
        raise BadArgument(f"The file cannot be read: {reason.lower()}.") from None
    return prepare_bytes(path.name, data, keep_metadata=keep_metadata)


def prepare_bytes(name: str, data: bytes, *, keep_metadata: bool = False) -> Prepared:
    """The same for a file that was read already. Raises as `prepare`."""
    if len(data) > ATTACHMENT_BYTES_MAX:
        raise OverLimit(f"The file is larger than {ATTACHMENT_BYTES_MAX // MIB} MiB.")
    picture = is_picture(data)
    if not keep_metadata:
        data = cleaned(data)
    return Prepared(
        name=_own_name(name),
        media_type=_TYPES.get(PurePath(name).suffix.lower().removeprefix("."), _UNKNOWN_TYPE),
        data=data,
        hash=file_hash(data),
        cleaned=picture and not keep_metadata,
        kept_metadata=picture and keep_metadata,
    )


def _own_name(given: str) -> str:
    """The file's name, with its end where it is too long. A name that is no text loses what is not."""
    name = PurePath(given).name.encode("utf-8", "ignore").decode() or "file"
    if len(name) > ATTACHMENT_NAME_CHARS_MAX:
        suffix = PurePath(name).suffix[:20]
        name = name[: ATTACHMENT_NAME_CHARS_MAX - len(suffix)] + suffix
    return name


def safe_name(view: AttachmentView) -> str:
    """The name under which an attachment is written."""
    default = f"attachment-{view.file[:4].hex()}"
    name = safe_file_name(view.name, default)
    suffix = safe_file_name(PurePath(view.name).suffix.removeprefix("."), "bin")
    # Of a name in another script only its end is left: it goes on saying what the file is.
    return f"{default}.{suffix}" if "." not in name else name


class Saving:
    """An attachment being written into a folder. Use as a context: what is not finished does not stay."""

    def __init__(self, view: AttachmentView, folder: Path) -> None:
        """Raises `BadArgument`, `ReadOnly`, `DiskFull`, `StoreError`."""
        self._size = view.size
        self._name = safe_name(view)
        self._folder = expanded(folder).absolute()
        self.written = 0
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._part = self._folder / f".{self._name[:100]}.{os.getpid()}.part"
            handle = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        except OSError as exc:
            raise _explained(exc) from None
        self._file = os.fdopen(handle, "wb")

    def __enter__(self) -> Saving:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._part.unlink(missing_ok=True)

    @property
    def complete(self) -> bool:
        return self.written >= self._size

    def append(self, data: bytes) -> None:
        """The next bytes. Raises `DiskFull`, `StoreError`."""
        try:
            self._file.write(data)
        except OSError as exc:
            raise _explained(exc) from None
        self.written += len(data)

    def finish(self) -> Path:
        """Give the file its name, or the next free one. Raises as `append`, and `BadArgument`."""
        assert self.complete, "all bytes have come"
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            stem, dot, suffix = self._name.partition(".")
            for number in range(1, _TRIES_MAX):
                path = self._folder / (self._name if number == 1 else f"{stem}-{number}{dot}{suffix}")
                try:
                    os.link(self._part, path)  # unlike a rename, refuses a name that is taken
                except FileExistsError:
                    continue
                return path
        except OSError as exc:
            raise _explained(exc) from None
        raise BadArgument("Every name for this file is taken in that folder.")


def _explained(exc: OSError) -> BadArgument | StoreError:
    if exc.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull("The disk is full: nothing was written.")
    if exc.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return ReadOnly("That folder cannot be written: choose another.")
    if exc.errno in (errno.EEXIST, errno.ENOTDIR):
        return BadArgument("Something stands in the way of the file: choose another folder.")
    return StoreError("The file could not be written there.")
