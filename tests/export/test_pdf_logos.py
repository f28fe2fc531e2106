"""Logos in the PDF: beside names, no larger than a line and a half, never in the letter's way."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata
import zlib
from pathlib import Path
from typing import Final

from meshcoal.export.letter import read_letter
from meshcoal.export.pdf import letter_pdf
from meshcoal.export.pictures import HEIGHT_POINTS, WIDTH_POINTS, drawable, spelled
from meshcoal.export.reading import examine
from meshcoal.wire.logo import check_logo, logo_digest
from meshcoal.wire.public_text import canonical_text

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from damage import fields, package, png, statement, with_logos

from tools import require_tool

DRAWN: Final = png(24, body=b"".join([b"\0" + b"\xd0\x10\x10" * 24 for _ in range(24)]))
BROKEN: Final = png(24)  # begins as a picture of that size and ends too soon


def wide(width: int, height: int) -> bytes:
    """A picture of another shape than a square."""
    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 0, 0, 0, 0])
    body = zlib.compress(b"".join([b"\0" + bytes(width) for _ in range(height)]))

    def part(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", body) + part(b"IEND", b"")


def letter(*logos: bytes, shown: bool = True) -> bytes:
    """A letter that only our fonts are needed for, with an organisation for each logo and one without."""
    text = canonical_text(statement(texts=statement().texts[:2])).decode()
    people = [fields(f"Organisation {number}", logo=logo_digest(one)) for number, one in enumerate(logos)]
    held = sorted(set(logos), key=logo_digest) if shown else ()
    return with_logos(package(text, (fields("Plain"), *people)), *held)


def pdf(*logos: bytes, shown: bool = True) -> bytes:
    return letter_pdf(read_letter(letter(*logos, shown=shown)))


def words_of(data: bytes, folder: Path) -> list[str]:
    path = folder / "read.pdf"
    path.write_bytes(data)
    ran = subprocess.run([require_tool("pdftotext"), str(path), "-"], capture_output=True, check=True)
    text = unicodedata.normalize("NFC", ran.stdout.decode())
    return "".join([char for char in text if unicodedata.category(char) != "Cf"]).split()


def red_pixels(data: bytes, folder: Path) -> tuple[int, int, int]:
    """How many red pixels a file has at 72 to the inch, and the width and height of all together."""
    path = folder / "drawn.pdf"
    path.write_bytes(data)
    run = subprocess.run([require_tool("pdftoppm"), "-r", "72", str(path)], capture_output=True, check=True)
    places, at = [], 0
    while head := re.compile(rb"P6\s(\d+)\s(\d+)\s255\s").match(run.stdout, at):
        width, height = int(head[1]), int(head[2])
        pixels, at = run.stdout[head.end() : head.end() + 3 * width * height], head.end() + 3 * width * height
        for place in range(width * height):
            red, green, blue = pixels[3 * place : 3 * place + 3]
            if red > 150 and green < 90 and blue < 90:
                places.append((place % width, place // width))
    across, down = [x for x, _ in places] or [0], [y for _, y in places] or [0]
    return len(places), max(across) - min(across) + 1, max(down) - min(down) + 1


def test_a_logo_stands_beside_its_name(tmp_path: Path) -> None:
    """Goal: what is in the page is on paper. Method: count the colour of a logo in the
    drawn file, with it in the package and without."""
    count, width, height = red_pixels(pdf(DRAWN), tmp_path)
    assert count > 100
    assert width <= HEIGHT_POINTS + 2
    assert height <= HEIGHT_POINTS + 2
    assert red_pixels(pdf(DRAWN, shown=False), tmp_path)[0] == 0


def test_logos_leave_text_and_bytes_as_they_are(tmp_path: Path) -> None:
    """Goal: one file for all who make it, and its words come back out.
    Method: twice; with logos and without."""
    made = pdf(DRAWN, wide(90, 10))
    assert made == pdf(DRAWN, wide(90, 10))
    plain = pdf(DRAWN, wide(90, 10), shown=False)
    assert words_of(made, tmp_path) == words_of(plain, tmp_path)
    assert examine(made).findings[-1].key == "pdf.ok"


def test_a_logo_that_cannot_be_drawn_is_left_out(tmp_path: Path) -> None:
    """Goal: nobody keeps a letter from being printed.
    Method: a picture that ends too soon beside a whole one."""
    assert check_logo(BROKEN) == (24, 24)
    assert drawable((BROKEN, DRAWN)) == {DRAWN}
    made = pdf(BROKEN, DRAWN)
    assert red_pixels(made, tmp_path)[0] > 100
    assert "Organisation" in words_of(made, tmp_path)
    assert pdf(BROKEN).startswith(b"%PDF-1.7")


def test_sizes_are_bounded_and_keep_their_shape() -> None:
    """Goal: a long thin logo covers no page. Method: shapes at the edge."""
    for width, height in ((512, 1), (1, 512), (512, 512), (1, 1), (300, 100)):
        found = spelled(wide(width, height))
        assert found["width"] <= WIDTH_POINTS
        assert found["height"] <= HEIGHT_POINTS
        assert found["width"] == WIDTH_POINTS or found["height"] == HEIGHT_POINTS
