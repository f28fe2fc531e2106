"""The files of a bundle: cut at any byte and gone on with, of one size, and silent about themselves."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from meshcoal.api import commands as ask
from meshcoal.api.views import BundlePartView, BundleView, Done, ReadingView
from meshcoal.client.carrying import (
    Found,
    Pause,
    Said,
    Stick,
    find_parts,
    looking,
    read_part,
    taking,
    writing,
)
from meshcoal.errors import BadArgument, MeshcoalError, ReadOnly
from meshcoal.limits import BUNDLE_PART_BYTES
from meshcoal.wire.record import Record

NAME = re.compile(r"[a-z2-7]{16}")
PARTS = [bytes([number]) * BUNDLE_PART_BYTES for number in range(1, 5)]
COMMAND = ask.BeginBundle(campaigns=(ask.BundleFor(campaign=bytes(32)),))


class Daemon:
    """Has four parts to write; knows its own again; takes two at a time and is busy between."""

    def __init__(self) -> None:
        self.had: list[bytes] = []
        self.left = list(PARTS)
        self.taken: list[bytes] = []
        self.busy = 0
        self.waiting = 3
        self.sent: list[type[Record]] = []

    def answer(self, command: Record) -> Record:
        self.sent.append(type(command))
        match command:
            case ask.BeginBundle():
                self.had, self.left = [], list(PARTS)
                return self.view()
            case ask.HavePart(data=data):
                if data in PARTS:
                    self.had.append(data)
                    self.left.remove(data)
                return self.view()
            case ask.NextPart():
                data = self.left.pop(0) if self.left else b""
                name = base64.b32encode(os.urandom(10)).decode().lower()
                done = 4 - len(self.left)
                return BundlePartView(data=data, name=name, more=bool(data), done=done, total=4)
            case ask.BeginReading():
                return self.reading()
            case ask.LookAtPart(data=data):
                place = PARTS.index(data) if data in PARTS else 0
                return self.reading(opened=data in PARTS, place=place)
            case ask.TakePart(data=data):
                self.busy = (self.busy + 1) % 3
                if not self.busy:
                    return self.reading(busy=True)
                self.taken.append(data)
                return self.reading()
            case ask.ShowReading():
                self.waiting -= 1
                return self.reading()
            case _:
                return Done()

    def view(self) -> BundleView:
        return BundleView(bundle=bytes(16), shipments=(), had=len(self.had), done=0, total=4)

    def reading(self, *, opened: bool = False, place: int = 0, busy: bool = False) -> ReadingView:
        return ReadingView(
            reading=bytes(16), parts=0, strange=0, opened=opened, place=place, news=(), busy=busy,
            taken=0, waiting=self.waiting, refused=(),
        )  # fmt: skip


def drive(daemon: Daemon, said: Said[Any]) -> Any:
    answer: Record | None = None
    try:
        while True:
            asked = said.send(answer)
            answer = None if isinstance(asked, Pause) else daemon.answer(asked)
    except StopIteration as end:
        return end.value


def write(place: Path, daemon: Daemon | None = None) -> int:
    told: list[tuple[int, int]] = []
    stick = Stick(place)
    count = drive(
        daemon or Daemon(), writing(stick, COMMAND, lambda view: None, lambda *one: told.append(one))
    )
    assert told[-1] == (4, 4)
    assert isinstance(count, int)
    return count


def contents(place: Path) -> list[bytes]:
    return sorted([read_part(found) for found in find_parts(place)])


@pytest.mark.parametrize("name", ["", "holiday.bin"])
def test_what_lies_there_says_nothing(tmp_path: Path, name: str) -> None:
    """Goal: only sizes are seen. Method: a folder and a file; names, sizes, times, rights."""
    assert write(tmp_path / name if name else tmp_path) == 4
    for path in tmp_path.iterdir():
        kind = path.stat()
        assert path.name == name or NAME.fullmatch(path.name)
        assert kind.st_size == (4 * BUNDLE_PART_BYTES if name else BUNDLE_PART_BYTES)
        assert (int(kind.st_mtime), int(kind.st_atime)) == (315_619_200, 315_619_200)
        assert kind.st_mode & 0o777 == 0o600
    assert len({path.name for path in tmp_path.iterdir()}) == (1 if name else 4)
    assert contents(tmp_path) == PARTS


def test_names_repeat_nothing(tmp_path: Path) -> None:
    """Goal: two sticks cannot be linked. Method: the same bundle twice; names, and letters of names."""
    first, second = tmp_path / "one", tmp_path / "two"
    for folder in (first, second):
        folder.mkdir()
        write(folder)
    assert not {path.name for path in first.iterdir()} & {path.name for path in second.iterdir()}


def cuts() -> Iterator[int]:
    """At the ends of parts, beside them, and here and there."""
    for end in range(0, 4 * BUNDLE_PART_BYTES, BUNDLE_PART_BYTES):
        yield from (end, end + 1, end + 77_777, end + BUNDLE_PART_BYTES - 1)


@pytest.mark.parametrize("cut", list(cuts()))
def test_one_file_goes_on_wherever_it_was_cut(tmp_path: Path, cut: int) -> None:
    """Goal: a stick pulled out costs what was under way. Method: cut the file short; write once more."""
    place = tmp_path / "holiday.bin"
    write(place)
    if cut < BUNDLE_PART_BYTES:  # the first part lay under another name then
        place.unlink()
        (tmp_path / "abcdefghij234567").write_bytes(PARTS[0][:cut])
    else:
        os.truncate(place, cut)
    assert write(place) == 4 - cut // BUNDLE_PART_BYTES
    assert [path.name for path in tmp_path.iterdir()] == ["holiday.bin"]
    assert contents(place) == PARTS
    assert write(place) == 0


@pytest.mark.parametrize("cut", [0, 1, 4_096, BUNDLE_PART_BYTES - 1])
@pytest.mark.parametrize("lost", [0, 2])
def test_a_folder_goes_on_wherever_it_was_cut(tmp_path: Path, lost: int, cut: int) -> None:
    """Goal: as for a file. Method: some parts are gone, one is short; write once more."""
    write(tmp_path)
    (tmp_path / "photo.jpg").write_bytes(b"mine")
    files = sorted(path for path in tmp_path.iterdir() if NAME.fullmatch(path.name))
    os.truncate(files[3], cut)
    for path in files[:lost]:
        path.unlink()
    assert write(tmp_path) == lost + 1
    assert contents(tmp_path) == PARTS
    assert (tmp_path / "photo.jpg").read_bytes() == b"mine"


def test_a_file_that_is_no_bundle_stays_as_it_is(tmp_path: Path) -> None:
    """Goal: a wrong name destroys nothing. Method: a film, a short text, a link to a film, a pipe."""
    film = tmp_path / "film.avi"
    film.write_bytes(b"x" * (BUNDLE_PART_BYTES + 5))
    note = tmp_path / "note.txt"
    note.write_bytes(b"short")
    link = tmp_path / "link"
    link.symlink_to(film)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for place in (film, note, link, pipe):
        with pytest.raises(BadArgument):
            write(place)
    assert film.stat().st_size == BUNDLE_PART_BYTES + 5
    assert note.read_bytes() == b"short"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: a sentence, not a crash. Method: a stick that is read-only, as the system tells it."""

    def refuse(*given: object, **named: object) -> int:
        raise PermissionError(13, "no")

    monkeypatch.setattr("meshcoal.client.carrying.os.open", refuse)
    with pytest.raises(ReadOnly):
        write(tmp_path)


def test_reading_puts_parts_in_order_and_waits(tmp_path: Path) -> None:
    """Goal: any order on the stick will do. Method: random names, junk between; a daemon that is busy."""
    write(tmp_path)
    (tmp_path / "junk.bin").write_bytes(bytes(BUNDLE_PART_BYTES))
    (tmp_path / "short.bin").write_bytes(b"x")
    (tmp_path / "folder").mkdir()
    (tmp_path / "away").symlink_to("/nowhere")
    daemon = Daemon()
    looked = drive(daemon, looking(tmp_path, lambda done, total: None))
    assert len(looked.order) == 4
    assert daemon.taken == []
    told: list[tuple[int, int]] = []
    view = drive(daemon, taking(looked, lambda *one: told.append(one)))
    assert daemon.taken == PARTS
    assert not view.waiting
    assert told[-1] == (4, 4)
    assert daemon.sent[-1] is ask.EndReading


def test_what_vanishes_meanwhile_is_passed_over(tmp_path: Path) -> None:
    """Goal: a file that shrank is a lost part. Method: cut one between looking and taking in."""
    write(tmp_path)
    daemon = Daemon()
    looked = drive(daemon, looking(tmp_path, lambda done, total: None))
    os.truncate(looked.order[1].path, 9)
    drive(daemon, taking(looked, lambda done, total: None))
    assert daemon.taken == [PARTS[0], *PARTS[2:]]


def test_a_place_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Goal: as above, for reading. Method: no such file, a home that nobody has, a part that is gone."""
    for place in (tmp_path / "none", Path("~nobody-of-this-name/x")):
        with pytest.raises(BadArgument):
            find_parts(place)
    with pytest.raises(BadArgument):
        read_part(Found(path=tmp_path / "gone", at=0))


@pytest.mark.parametrize("written", ["~nobody-of-this-name", "x" * 5_000, "~nobody-of-this-name/"])
def test_a_place_that_cannot_be_is_refused(written: str) -> None:
    """Goal: whatever is written as a place is answered. Method: a home nobody has, an endless name."""
    with pytest.raises(MeshcoalError):
        Stick.at(written)
