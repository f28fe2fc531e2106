"""Members who are counted and not named: what checking a package costs the command and the page.

    python bench/counted.py [--ring 128] [--counted 40] [--no-page]

Law: the package is one that a release makes, with one named member, and real signatures; each is checked by
the code that people run. `verify_ms` and `page_make_ms` are processor time; `page_ms` is what Chromium took
on the wall, beside whatever else the machine did, from the script's start to its verdict.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import time
from pathlib import Path

from common import arguments, median, progress, report

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "export"))

from browserwork import chromium
from counted_damage import large

from meshcoal.crypto import ristretto
from meshcoal.export.letter import read_letter
from meshcoal.export.page import letter_page
from meshcoal.statement.verification import verify


async def page_ms(page: Path, program: str, profile: Path) -> float:
    async with chromium(program, profile) as browser:
        took = []
        for _ in range(3):
            tab = await browser.tab()
            await tab.open_checked(page)
            took.append(float(await tab.evaluate("document.documentElement.dataset.checkedMs")))
        return median(took)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--ring", type=int, default=128)
    parser.add_argument("--counted", type=int, default=40)
    parser.add_argument("--no-page", action="store_true")
    chosen = parser.parse_args()
    tell = progress("keys:")
    tell(chosen.ring)
    package = large(chosen.ring, chosen.counted)
    ristretto.decode.cache_clear()
    start = time.process_time()
    checked = verify(package)
    verify_ms = (time.process_time() - start) * 1000
    assert checked.sound
    assert checked.counts.unnamed == chosen.counted
    start = time.process_time()
    page = letter_page(read_letter(package))
    made_ms = (time.process_time() - start) * 1000
    figures: dict[str, float] = {
        "verify_ms": verify_ms,
        "package_bytes": len(package),
        "page_bytes": len(page),
        "page_make_ms": made_ms,
    }
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is not None and not chosen.no_page:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "letter.html"
            path.write_bytes(page)
            figures["page_ms"] = asyncio.run(page_ms(path, program, Path(folder) / "profile"))
    report("counted", ring=chosen.ring, counted=chosen.counted, **figures)


if __name__ == "__main__":
    main()
