"""The PDF: shaped, attached, archived, the same each time, and found again without a PDF library."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import unicodedata
import zlib
from importlib import resources
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.errors import MalformedPackage, NoFont, Unsupported
from meshcoal.export.attached import package_in_pdf
from meshcoal.export.files import exports
from meshcoal.export.letter import read_letter
from meshcoal.export.pdf import FAMILIES, letter_pdf
from meshcoal.export.reading import examine
from meshcoal.statement.verification import Severity
from meshcoal.wire.package import decode_package, encode_package
from meshcoal.wire.plain import direction_of
from meshcoal.wire.public_text import LanguageText, canonical_text

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from damage import TEXTS, fields, package, statement

from tools import require_tool

FONTS: Final = resources.files("meshcoal.export").joinpath("fonts")
FONT_BYTES_MAX: Final = 1_000_000
# As `remake.py` makes them of the sources that it names.
MADE: Final = {
    "NotoNaskhArabic-Regular.ttf": "ec7cab65bdfa058b6199f18d789e88282660108a3cbd7864bbaa8b24350aca40",
    "NotoSans-Regular.ttf": "cafe1e299412fabe29e5e97c0a5554d51d234d8c8ec1f88796f266c86f7348f9",
    "NotoSansArmenian-Regular.ttf": "273e920e637e1daea4b79ebe2ee3b428ffb9fe3201cbe16c5dbe3e929dbe2e73",
    "NotoSansDevanagari-Regular.ttf": "03c55d39a9cdf88d4c1ad95065528e3571216b35b6902e7afbde217b154fc99d",
    "NotoSansEthiopic-Regular.ttf": "960ec55394b7bd5901ce3750fcebf3cc33058acb75b53829f0a407393eea303b",
    "NotoSansGeorgian-Regular.ttf": "da4dab3d3a276e1d29463e4cfdd3b3fac58ad7eb8f50255c1e84bbf1473f8ae9",
    "NotoSansHebrew-Regular.ttf": "14716f2464619e04324696d50411af41efe8267cce959d9d7ace1779a8536c40",
    "NotoSansKhmer-Regular.ttf": "54cc07a48a103af0f49faacc6a76373496def774f5606e6639b3ea74795451e7",
    "NotoSansLao-Regular.ttf": "528779460bf8436ae95b53aa45fe4053116b1931f1b698ed22d9d72a532aba7c",
    "NotoSansMyanmar-Regular.ttf": "0d269da408250ae4dd2dac5242297eeda10ef355defb6a44bcdd33bf6fc52ee3",
    "NotoSansThai-Regular.ttf": "f3d8e84c9eea7bae328fdc7be2dee578bad6e6cc77ed6fc2d64a464ff347c673",
}


def letter(*texts: tuple[str, str, str], people: tuple[str, ...] = ("The Centre",)) -> bytes:
    """A package with these texts: language, title, one paragraph."""
    parts = tuple(
        [
            LanguageText(language=language, direction=direction_of(text), title=title, paragraphs=(text,))
            for language, title, text in texts
        ]
    )
    return encode_package(
        package(
            canonical_text(statement(texts=parts, addressees=("The Minister",))).decode(),
            tuple([fields(name) for name in people]),
        )
    )


def pdf(*texts: tuple[str, str, str]) -> bytes:
    return letter_pdf(read_letter(letter(*texts)))


def own_scripts() -> tuple[tuple[str, str, str], ...]:
    """Every text of the tests that the fonts here draw."""
    return tuple(
        [(language, title, " ".join(lines)) for language, _, title, lines in TEXTS if language != "zh-hans"]
    )


def extracted(data: bytes, folder: Path) -> str:
    """What other programs take out of it, in composed form, without marks of direction."""
    path = folder / "letter.pdf"
    path.write_bytes(data)
    ran = subprocess.run([require_tool("pdftotext"), str(path), "-"], capture_output=True, check=True)
    text = unicodedata.normalize("NFC", ran.stdout.decode())
    return "".join([char for char in text if unicodedata.category(char) != "Cf"])


def columns_of_ink(data: bytes, folder: Path) -> int:
    """How many pieces the title of the first page falls into, seen from above."""
    path = folder / "drawn.pdf"
    path.write_bytes(data)
    command = [
        require_tool("pdftoppm"), "-gray", "-r", "150", "-f", "1", "-l", "1",
        "-x", "0", "-y", "115", "-W", "1240", "-H", "60", str(path),
    ]  # fmt: skip
    image = subprocess.run(command, capture_output=True, check=True).stdout
    head = re.match(rb"P5\s(\d+)\s(\d+)\s255\s", image)
    assert head is not None
    width, height = int(head[1]), int(head[2])
    pixels = image[head.end() :]
    inked = [any(pixels[row * width + column] < 200 for row in range(height)) for column in range(width)]
    return sum(here and not before for before, here in zip([False, *inked], inked))


def test_the_fonts_are_those_that_were_made() -> None:
    """Goal: nobody slips a font in, and they stay small. Method: hashes, sizes, the licence beside them."""
    found = {one.name: one.read_bytes() for one in FONTS.iterdir() if one.name.endswith(".ttf")}
    assert {name: hashlib.sha256(data).hexdigest() for name, data in found.items()} == MADE
    assert sum(len(data) for data in found.values()) < FONT_BYTES_MAX
    assert len(found) == len(FAMILIES)
    assert "SIL OPEN FONT LICENSE" in FONTS.joinpath("LICENSE.noto").read_text(encoding="utf-8")


def test_the_same_letter_gives_the_same_bytes() -> None:
    """Goal: two organisers make one file. Method: make it twice; it is an archive's PDF."""
    first = pdf(*own_scripts())
    assert first == pdf(*own_scripts())
    assert first.startswith(b"%PDF-1.7")
    assert b"<pdfaid:part>3</pdfaid:part>" in first
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in first
    assert len(first) < 200_000


def test_another_letter_gives_other_bytes() -> None:
    """Goal: the file is of this letter. Method: change one word."""
    assert pdf(("en", "Free her", "Now.")) != pdf(("en", "Free her", "Soon."))


@pytest.mark.parametrize(
    ("language", "word", "pieces"),
    [("ar", "سلسبيل", 1), ("fa", "نمیشینیم", 1), ("en", "Hill", 4)],
)
def test_letters_that_join_are_joined(tmp_path: Path, language: str, word: str, pieces: int) -> None:
    """Goal: Arabic and Persian are shaped, not strung together. Method: draw a word whose letters all join,
    and count what is drawn apart; letters of Latin stand apart, so the count is one that can fail."""
    assert columns_of_ink(pdf((language, word, word)), tmp_path) == pieces


def test_texts_come_back_in_each_language(tmp_path: Path) -> None:
    """Goal: what is printed can be searched, copied and read aloud. Method: pdftotext, word by word."""
    texts = (
        ("en", "Free Dr. Haddad", "Set her free, now."),
        ("fa", "دکتر حداد را آزاد کنید", "از شما پاسخ میخواهیم"),
        ("ar", "أطلقوا سراح الدكتورة حداد", "نطالب بالإفراج عنها"),
        ("my", "ဒေါက်တာ ဟက်ဒတ်ကို လွှတ်ပေးပါ", "သူမကို ချက်ချင်း လွှတ်ပေးပါ။"),
        ("ru", "Освободите доктора Хаддад", "Освободите её."),
        ("am", "ዶ/ር ሐዳድን ፍቱ", "ክቡር ሚኒስትር፣ አሁኑኑ ይፍቷት።"),
        ("hi", "डॉ. हद्दाद को रिहा करें", "उन्हें तुरंत रिहा करें।"),
        ("he", "שחררו את ד״ר חדאד", "שחררו אותה עכשיו"),
    )
    found = extracted(pdf(*texts), tmp_path)
    for language, title, text in texts:
        for word in [*title.split(), *text.split()]:
            bare = word.strip(".,:;()")  # full stops move about between the directions
            assert unicodedata.normalize("NFC", bare) in found, (language, word)


def test_chinese_needs_a_font_of_the_machine(tmp_path: Path) -> None:
    """Goal: Chinese is drawn where there is a font, and refused with a code where none is. Method: a letter
    in Chinese, and one with a character that hardly any font has."""
    families = subprocess.run(
        [require_tool("fc-list"), ":lang=zh", "family"], capture_output=True, check=True
    )
    if families.stdout.strip():
        assert "释放哈达德医生" in extracted(pdf(("zh-hans", "释放哈达德医生", "请立即释放她。")), tmp_path)
    with pytest.raises(NoFont) as raised:
        pdf(("zh-hans", "释放哈达德医生", "\U000323af"))
    assert raised.value.code == "no-font"


def test_typed_text_is_never_markup(tmp_path: Path) -> None:
    """Goal: nobody runs code in somebody else's typesetter. Method: typst's syntax as title, text, name."""
    hostile = '#read("/etc/passwd") *b* $x$ #import "@preview/x:1.0.0": * \\u{41} "]) // /* <a> @b ```'
    data = letter(("en", "#panic()", hostile), people=('"]); #panic("x")', "= Heading", "- item"))
    found = extracted(letter_pdf(read_letter(data)), tmp_path)
    for word in (*hostile.split(), "#panic()", '#panic("x")', "=", "Heading", "-"):
        assert word in found, word


def test_a_region_or_script_that_nobody_knows_does_no_harm() -> None:
    """Goal: a tag is data too. Method: tags of every form that a letter may have."""
    for tag in ("zz", "en-qq", "aaaaaaaa", "en-zzzz", "sr-latn-rs", "en-1234", "aa-bb-cc"):
        assert pdf((tag, "Title", "Text"))


def test_verify_reads_the_package_in_it() -> None:
    """Goal: the PDF is as good as the package. Method: examine it; then with one byte of it changed."""
    held = letter(*own_scripts())
    data = letter_pdf(read_letter(held))
    assert package_in_pdf(data) == held
    report = examine(data)
    assert report.sound
    assert report.findings[-1].code == "pdf"
    assert report.findings[-1].severity is Severity.OK
    changed = examine(data.replace(b"%%EOF", b"%%EOf"))
    assert changed.sound
    assert changed.findings[-1].severity is Severity.NOTICE


def test_a_pdf_that_holds_no_package_is_no_letter() -> None:
    """Goal: a plain answer for foreign PDFs. Method: none, one cut off, two that differ, too many."""
    stream = b"stream\n%s\nendstream\n"
    one, other = letter(("en", "A", "B")), letter(("en", "A", "C"))
    packed = [stream % zlib.compress(data) for data in (one, other)]
    assert package_in_pdf(b"%PDF-1.7\n" + packed[0] + packed[0]) == one
    for content in (
        b"",
        stream % zlib.compress(one)[:-9],
        packed[0] + packed[1],
        stream % zlib.compress(b'{"a":1}') * 17,
        stream % zlib.compress(b'{"format":"meshcoal package 1"' + bytes(17 << 20)),
    ):
        with pytest.raises(MalformedPackage):
            package_in_pdf(b"%PDF-1.7\n" + content)
        assert not examine(b"%PDF-1.7\n" + content).sound


@given(st.binary(max_size=300))
def test_no_bytes_do_harm(data: bytes) -> None:
    """Goal: a hostile PDF gives a code. Method: any bytes, alone and as a stream."""
    for content in (data, b"stream\n" + data, b"stream\r\n" + zlib.compress(b'{"' + data)):
        with pytest.raises(MalformedPackage):  # by now, or once what was found is read
            decode_package(package_in_pdf(content))


def test_without_typst_printing_the_page_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: nobody is stuck without the extra. Method: hide the module, ask for a PDF."""
    monkeypatch.setitem(sys.modules, "typst", None)
    held = letter(("en", "A", "B"))
    with pytest.raises(Unsupported, match=r"print it"):
        exports(held, pdf=True)
    assert len(exports(held)) == 3


def test_files_hold_a_pdf_where_one_is_asked_for() -> None:
    """Goal: `--pdf` adds one file. Method: names with and without."""
    held = letter(("en", "A", "B"))
    assert {name for name, _ in exports(held, pdf=True)} - {name for name, _ in exports(held)} == {
        f"{read_letter(held).stem}.pdf"
    }
