"""QR codes read from files: photos as they come, and files that are none."""

from __future__ import annotations

import io
import random
import sys
from pathlib import Path

import pytest
import segno
from PIL import Image

from meshcoal.client import picture_reader, pictures
from meshcoal.client.pictures import codes_in, is_picture_file
from meshcoal.client.replies_in import files_in, parts_of_file, sealed_in
from meshcoal.errors import BadArgument, OverLimit, Unsupported
from meshcoal.wire.qr_parts import joined, parts_of
from meshcoal.wire.reply import reply_text

SEALED = bytes(range(256)) * 6 + bytes(112)  # 1,648: the smallest size of a reply
LARGE = bytes(3_184)


def code(text: str, *, scale: int = 5) -> Image.Image:
    out = io.BytesIO()
    segno.make(text, error="l", micro=False, boost_error=False).save(out, kind="png", scale=scale, border=4)
    return Image.open(io.BytesIO(out.getvalue())).convert("RGB")


def photo(picture: Image.Image, path: Path, *, quality: int = 70) -> Path:
    """As a camera gives it: turned, noisy, with uneven light, in JPEG."""
    turned = picture.rotate(4, expand=True, fillcolor=(200, 190, 180))
    pixels = turned.load()
    assert pixels is not None
    chance = random.Random(1)
    for x in range(0, turned.width, 2):
        for y in range(0, turned.height, 2):
            red, green, blue = pixels[x, y]  # type: ignore[misc]
            shade = chance.randrange(-20, 20) - 40 * x // turned.width
            pixels[x, y] = tuple([max(0, min(255, part + shade)) for part in (red, green, blue)])
    turned.save(path, "JPEG", quality=quality)
    return path


def test_a_reply_is_read_from_a_photo(tmp_path: Path) -> None:
    """Goal: the largest single code of a reply survives a camera. Method: turn, shade and compress it."""
    path = photo(code(reply_text(SEALED)), tmp_path / "photo.jpg")
    assert is_picture_file(path)
    assert codes_in(path) == (reply_text(SEALED),)
    assert list(sealed_in(parts_of_file(path))) == [(1, SEALED)]


def test_several_codes_stand_in_one_picture(tmp_path: Path) -> None:
    """Goal: one photo of a page is enough. Method: the parts of a large reply, mixed up, side by side."""
    parts = list(parts_of(reply_text(LARGE)))
    assert len(parts) > 4
    random.Random(7).shuffle(parts)
    drawn = [code(part, scale=4) for part in parts]
    side = max(one.width for one in drawn) + 40
    page = Image.new("RGB", (3 * side, -(-len(drawn) // 3) * side), "white")
    for at, one in enumerate(drawn):
        page.paste(one, ((at % 3) * side, at // 3 * side))
    path = tmp_path / "page.png"
    page.save(path)
    assert joined(codes_in(path)) == ((reply_text(LARGE),), {})
    assert list(sealed_in(parts_of_file(path))) == [(1, LARGE)]


def test_a_terminal_in_light_on_dark_is_read(tmp_path: Path) -> None:
    """Goal: a screenshot of the drawn code works. Method: the same picture, inverted, in WebP."""
    inverted = Image.eval(code("MESHCOAL1ABC"), lambda part: 255 - part)
    path = tmp_path / "screen.webp"
    inverted.save(path, lossless=True)
    assert codes_in(path) == ("MESHCOAL1ABC",)


def test_a_picture_without_a_code_holds_none(tmp_path: Path) -> None:
    """Goal: nothing is made up. Method: an empty picture."""
    path = tmp_path / "empty.png"
    Image.new("L", (200, 200), 255).save(path)
    assert codes_in(path) == ()
    assert list(sealed_in(parts_of_file(path))) == [(0, b"")]


@pytest.mark.parametrize(
    "data",
    [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0" + bytes(400), b"RIFF1234WEBPVP8 ", b"GIF89a", b"text"],
)
def test_what_is_no_sound_picture_is_refused(tmp_path: Path, data: bytes) -> None:
    """Goal: broken and foreign files are told, not crashed on. Method: heads of formats, cut."""
    path = tmp_path / "broken"
    path.write_bytes(data)
    with pytest.raises(BadArgument):
        codes_in(path)


def test_a_picture_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    """Goal: a small file does not take the machine's memory. Method: 200 million white pixels in PNG."""
    path = tmp_path / "bomb.png"
    Image.new("1", (20_000, 10_000), 1).save(path)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(OverLimit):
        codes_in(path)


def test_a_file_of_too_many_bytes_is_not_read(tmp_path: Path) -> None:
    """Goal: the limit holds before anything is decoded. Method: one byte more."""
    path = tmp_path / "large.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(picture_reader.BYTES_MAX))
    with pytest.raises(OverLimit):
        codes_in(path)


def test_without_the_packages_the_way_to_them_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Goal: a plain installation says what is lacking. Method: an interpreter that sees no packages."""
    path = tmp_path / "code.png"
    code("MESHCOAL1ABC").save(path)
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "$@"\n', encoding="utf-8")
    bare.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(bare))
    with pytest.raises(Unsupported, match="make scan"):
        codes_in(path)


def test_the_reader_knows_nothing_of_ours() -> None:
    """Goal: what decodes strangers' pictures has no way to a key. Method: read its imports."""
    source = Path(picture_reader.__file__).read_text(encoding="utf-8")
    assert "import meshcoal" not in source
    assert "from meshcoal" not in source
    assert '"-I"' in Path(pictures.__file__).read_text(encoding="utf-8")


def test_folders_are_read_by_name_and_without_hidden_files(tmp_path: Path) -> None:
    """Goal: a folder of mails is one thing. Method: nested files, one hidden, one that is not there."""
    (tmp_path / "b").mkdir()
    for name in ("b/2.txt", "a.txt", ".hidden"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    assert [path.name for path in files_in(tmp_path)] == ["a.txt", "2.txt"]
    with pytest.raises(BadArgument):
        files_in(tmp_path / "none")
