"""How many codes go on one side of paper: pages drawn, photographed by arithmetic, and read back.

A telephone's picture of an A4 page is imitated: so many pixels to the millimetre, turned, tilted, blurred,
unevenly lit, noisy, and compressed. What counts is the share of codes that are read.

    python bench/paper.py [--quick]
"""

from __future__ import annotations

import io
import random
import statistics
import time

import segno
import zxingcpp
from common import arguments, progress, report
from PIL import Image, ImageChops, ImageFilter, ImageOps

from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.wire.slips import codes_of

PAGE_MM = (186, 273)  # A4 less margins of 12 mm
CODE_BYTES = 512
LAYOUTS = ((2, 2), (3, 4), (4, 5), (5, 7))
PHOTOS = 2
PHOTOGRAPHS = ((12.0, 1.5), (9.0, 1.2), (7.0, 1.0))  # pixels per mm, blur in pixels


def page(codes: list[str], columns: int, error: str, pixels_per_mm: float) -> tuple[Image.Image, float]:
    """A page as a flawless picture, and the size of a module on it in millimetres."""
    cell_mm = PAGE_MM[0] / columns * 0.96
    sheet = Image.new("L", (int(PAGE_MM[0] * pixels_per_mm), int(PAGE_MM[1] * pixels_per_mm)), 255)
    module_mm = 0.0
    for number, code in enumerate(codes):
        symbol = segno.make(code, error=error, micro=False, boost_error=False)
        out = io.BytesIO()
        symbol.save(out, kind="png", scale=8, border=4)
        module_mm = cell_mm / (symbol.symbol_size(border=4)[0])
        side = int(cell_mm * pixels_per_mm)
        drawn = Image.open(out).convert("L").resize((side, side), Image.Resampling.LANCZOS)
        x, y = number % columns, number // columns
        pitch = PAGE_MM[0] / columns * pixels_per_mm
        sheet.paste(drawn, (int(x * pitch), int(y * pitch * 1.02)))
    return sheet, module_mm


def photo(sheet: Image.Image, chance: random.Random, *, blur: float) -> Image.Image:
    """As a telephone held by hand would have it."""
    margin = sheet.width // 12
    sheet = ImageOps.expand(sheet, margin, 255)
    width, height = sheet.size
    lean = 0.03
    corners = [
        (chance.uniform(-lean, lean) * width + x * width, chance.uniform(-lean, lean) * height + y * height)
        for x, y in ((0, 0), (0, 1), (1, 1), (1, 0))
    ]
    taken = sheet.transform(
        sheet.size,
        Image.Transform.QUAD,
        [value for corner in corners for value in corner],
        Image.Resampling.BICUBIC,
        fillcolor=230,
    ).rotate(chance.uniform(-4, 4), Image.Resampling.BICUBIC, expand=True, fillcolor=140)
    taken = taken.filter(ImageFilter.GaussianBlur(blur))
    light = Image.linear_gradient("L").resize(taken.size).point(lambda value: 120 + value // 2)
    taken = ImageChops.multiply(taken, light)
    noise = Image.effect_noise(taken.size, 10)
    taken = ImageChops.add(taken, noise, 1, -128)
    out = io.BytesIO()
    taken.save(out, "JPEG", quality=75)
    return Image.open(out).convert("L")


def read(picture: Image.Image) -> int:
    found = zxingcpp.read_barcodes(
        picture,
        formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode),
        text_mode=zxingcpp.TextMode.Plain,
    )
    return len({one.text for one in found if one.valid})


def main() -> None:
    chosen = arguments(__doc__)
    chosen.add_argument("--quick", action="store_true", help="one layout")
    layouts = LAYOUTS[1:2] if chosen.parse_args().quick else LAYOUTS
    chance = random.Random(7)
    entropy = SeededEntropy(b"paper bench")
    figures: dict[str, float] = {}
    tell = progress("codes a page:")
    for columns, rows in layouts:
        for error in ("l", "m"):
            tell(columns * rows)
            where = f"codes_{columns * rows}_{error}"
            codes = list(codes_of(entropy.take(32_768)))[: columns * rows]
            figures[f"{where}_kib_a_page"] = columns * rows * CODE_BYTES * 4 / 5 / 1024
            took_s: list[float] = []
            for pixels_per_mm, blur in PHOTOGRAPHS:
                sheet, figures[f"{where}_module_mm"] = page(codes, columns, error, pixels_per_mm)
                shares = []
                for _ in range(PHOTOS):
                    picture = photo(sheet, chance, blur=blur)
                    began = time.perf_counter()
                    shares.append(read(picture) / len(codes))
                    took_s.append(time.perf_counter() - began)
                figures[f"{where}_read_at_{pixels_per_mm:.0f}_pixels_per_mm"] = statistics.fmean(shares)
            figures[f"{where}_reading_s"] = statistics.median(took_s)
    report("paper", photos=PHOTOS, **figures)


if __name__ == "__main__":
    main()
