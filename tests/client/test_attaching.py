"""Files that are attached lose what hides in them; files that are saved get safe names and harm nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from meshcoal.api.views import AttachmentState, AttachmentView
from meshcoal.client.attaching import Saving, prepare, safe_name
from meshcoal.errors import BadArgument, OverLimit, ReadOnly
from meshcoal.limits import ATTACHMENT_BYTES_MAX, UPLOAD_PART_BYTES_MAX
from meshcoal.wire.attachment import file_hash

SECRET = b"35.6892 N"
PIXELS = b"\xff\xdb\x00\x05abc\xff\xda\x00\x04xypixels\xff\xd9"
PICTURE = b"\xff\xd8\xff\xfe\x00" + bytes([2 + len(SECRET)]) + SECRET + PIXELS


def view(name: str = "ruling.pdf", size: int = 5) -> AttachmentView:
    return AttachmentView(
        file=b"\xab" * 32, name=name, media_type="a/b", size=size, state=AttachmentState.HERE, held=2, of=2,
        held_by=1, held_of=2, risky=False,
    )  # fmt: skip


def save(folder: Path, data: bytes = b"hello", name: str = "ruling.pdf") -> Path:
    with Saving(view(name, len(data)), folder) as saving:
        while not saving.complete:
            saving.append(data[saving.written : saving.written + 3])
        return saving.finish()


def test_a_picture_is_cleaned(tmp_path: Path) -> None:
    """Goal: no place leaves with a picture. Method: a comment; with and without leave to keep it."""
    path = tmp_path / "gate.JPG"
    path.write_bytes(PICTURE)
    clean = prepare(path)
    assert SECRET not in clean.data
    assert clean.data == b"\xff\xd8" + PIXELS
    assert (clean.name, clean.media_type, clean.cleaned) == ("gate.JPG", "image/jpeg", True)
    assert clean.hash == file_hash(clean.data)
    kept = prepare(path, keep_metadata=True)
    assert (kept.data, kept.cleaned, kept.kept_metadata) == (PICTURE, False, True)
    path.write_bytes(PICTURE[:-1])
    with pytest.raises(BadArgument):
        prepare(path)


def test_parts_and_bounds(tmp_path: Path) -> None:
    """Goal: a file is handed over whole and within its bound. Method: at the bound, and a byte more."""
    path = tmp_path / "scan"
    path.write_bytes(bytes(ATTACHMENT_BYTES_MAX))
    found = prepare(path)
    parts = list(found.parts())
    assert b"".join(parts) == found.data
    assert max(map(len, parts)) == UPLOAD_PART_BYTES_MAX
    with path.open("ab") as file:
        file.write(b"!")
    with pytest.raises(OverLimit):
        prepare(path)
    for wrong in (tmp_path / "none", tmp_path):
        with pytest.raises(BadArgument):
            prepare(wrong)


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("ruling.pdf", "ruling.pdf"),
        ("../../.bashrc", "bashrc"),
        ("/etc/passwd", "etc-passwd"),
        ("حكم.pdf", "attachment-abababab.pdf"),
        ("приговор", "attachment-abababab.bin"),
        ("con.txt", "file-con.txt"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("-rf", "rf"),
    ],
)
def test_names(given: str, written: str) -> None:
    """Goal: a name picks no folder, hides no file and no end. Method: names that try."""
    name = safe_name(view(given))
    assert name == written if "." in written else name.startswith((written, "attachment-"))
    assert "/" not in name
    assert not name.startswith(".")


def test_saved(tmp_path: Path) -> None:
    """Goal: nothing is overwritten, and only its owner reads it. Method: twice, in a new folder."""
    first, second = save(tmp_path / "case"), save(tmp_path / "case", b"other")
    assert (first.name, second.name) == ("ruling.pdf", "ruling-2.pdf")
    assert (first.read_bytes(), second.read_bytes()) == (b"hello", b"other")
    assert first.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in (tmp_path / "case").iterdir()) == ["ruling-2.pdf", "ruling.pdf"]


def test_nothing_half_stays(tmp_path: Path) -> None:
    """Goal: half a file never stands there. Method: stop in the middle."""

    def stopped() -> None:
        with Saving(view(), tmp_path) as saving:
            saving.append(b"he")
            assert not saving.complete
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    """Goal: a refusal in words. Method: a file in the folder's place, and a folder without leave."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BadArgument):
        save(tmp_path / "file")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    import os

    if os.geteuid():
        with pytest.raises(ReadOnly):
            save(closed)
