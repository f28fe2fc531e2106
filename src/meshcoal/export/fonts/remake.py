"""Makes the fonts in this folder anew: parts of Noto, without what no letter needs.

Law: the same sources and the same fontTools give the same bytes. A source that is not the one named here is
refused. What each font keeps is written here and nowhere else. Not imported by meshcoal; run by hand:

    python remake.py /usr/share/fonts/truetype/noto FOLDER

Sources: Debian's package fonts-noto-core 20201225-1. Tool: fontTools 4.68.0.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Final

from fontTools import subset

Ranges = tuple[tuple[int, int], ...]

PUNCTUATION: Final[Ranges] = ((0x20, 0x7E), (0xA0, 0xBF), (0x2000, 0x206F), (0x25CC, 0x25CC))
LATIN_CYRILLIC_GREEK: Final[Ranges] = (
    (0x20, 0x7E), (0xA0, 0x24F), (0x259, 0x259), (0x2BB, 0x2C7), (0x2D8, 0x2DD), (0x300, 0x36F),
    (0x370, 0x3FF), (0x400, 0x52F), (0x1E00, 0x1EFF), (0x1F00, 0x1FFF), (0x2000, 0x206F), (0x2070, 0x20CF),
    (0x2100, 0x214F),
    (0x2190, 0x2193), (0x2212, 0x2212), (0x25CC, 0x25CC), (0xFFFD, 0xFFFD),
)  # fmt: skip
ARABIC: Final[Ranges] = (*PUNCTUATION, (0x600, 0x6FF), (0x750, 0x77F), (0x8A0, 0x8FF), (0xFD3E, 0xFD3F))
ETHIOPIC: Final[Ranges] = (*PUNCTUATION, (0x1200, 0x137F), (0x1380, 0x139F))
OWN_SCRIPT: Final[Ranges] = ((0x20, 0x10FFFF),)  # small: kept whole

# Name; SHA-256 of the source; what is kept; features of OpenType, where not all.
FONTS: Final[tuple[tuple[str, str, Ranges, tuple[str, ...]], ...]] = (
    (
        "NotoSans-Regular",
        "89c3c497f618fdaa0b2d1e98fef93582f28c71debd2c4a8cdf41f190ced2909d",
        LATIN_CYRILLIC_GREEK,
        ("ccmp", "locl", "mark", "mkmk", "kern"),
    ),
    (
        "NotoNaskhArabic-Regular",
        "8c67eaa2f0086872628fc3f7f760386f83c8be5c5e9a1ba3a38891237b2ac7cb",
        ARABIC,
        (),
    ),
    (
        "NotoSansMyanmar-Regular",
        "3fe9a4babc12081adc979e0313433e6ec85bb3ad069681c23ee8d8ea8b91332b",
        OWN_SCRIPT,
        (),
    ),
    (
        "NotoSansEthiopic-Regular",
        "58bc43b062961b38ee45757d2e74e6a991a12011aa0399fb03004ac432e5c852",
        ETHIOPIC,
        (),
    ),
    (
        "NotoSansDevanagari-Regular",
        "79a470365ccb210fa3c7d8d8ff2e005ef9d983cfd067f735a0caf7e15070ca9f",
        OWN_SCRIPT,
        (),
    ),
    (
        "NotoSansKhmer-Regular",
        "bc9a5e2afcee249849e409aabe6e22330c479b878ea3e59bf5e7c84482d7ee53",
        OWN_SCRIPT,
        (),
    ),
    (
        "NotoSansThai-Regular",
        "dfbd5ed0f1e68c3cbc51aa08f646d1ab0e68e7c4ceab70a69e465225ff701f93",
        OWN_SCRIPT,
        (),
    ),
    (
        "NotoSansLao-Regular",
        "6c3de7db369e85cba20255d161eeeb3d934ea3c4c51e2574c2ddcce79a25025c",
        OWN_SCRIPT,
        (),
    ),
    (
        "NotoSansGeorgian-Regular",
        "ba75f2154fef9beac8439f94c631dc37ef9c708d32f9254bb019afdfa9aa3138",
        OWN_SCRIPT,
        (),
    ),
    (
        "NotoSansArmenian-Regular",
        "9636c32c121f4fc1fc6963dfad60ea32c41889507118a46f83a818eacf40348e",
        OWN_SCRIPT,
        (),
    ),
    (
        "NotoSansHebrew-Regular",
        "436900d5ad77d33e4234247f3076eaecd25b92b9bea0519514f684140e3566a7",
        OWN_SCRIPT,
        (),
    ),
)


def remake(sources: Path, target: Path) -> int:
    """Write every font; returns how many bytes they have together."""
    total = 0
    for name, sha256, ranges, features in FONTS:
        source = sources / f"{name}.ttf"
        if hashlib.sha256(source.read_bytes()).hexdigest() != sha256:
            raise SystemExit(f"{source} is not the file that was used")
        options = subset.Options()
        options.hinting = False  # a PDF is drawn without it
        options.layout_features = list(features) or ["*"]
        options.name_IDs = ["*"]  # copyright and licence stay in the font
        options.notdef_outline = True
        options.recalc_timestamp = False
        font = subset.load_font(str(source), options)
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=[code for first, last in ranges for code in range(first, last + 1)])
        subsetter.subset(font)
        made = target / f"{name}.ttf"
        font.save(str(made))
        total += made.stat().st_size
    return total


if __name__ == "__main__":
    sys.stdout.write(f"{remake(Path(sys.argv[1]), Path(sys.argv[2]))} bytes\n")
