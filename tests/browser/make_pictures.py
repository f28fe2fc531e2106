"""Makes the pictures of the guide: pages of a real daemon in a real Chromium.

python tests/browser/make_pictures.py FOLDER
"""

from __future__ import annotations

import asyncio
import base64
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parent))

from pagework import Person, at_the_pages
from processwork import RealNode

WIDTH: Final = 720
TEXTS: Final = {
    "en": (
        "Release the five lawyers",
        "We ask the Minister of Justice to release the five lawyers who were arrested on 3 November.\n\n"
        "They are held without charge, and have not seen their families.",
    ),
    "ar": (
        "أطلقوا سراح المحامين الخمسة",
        "نطلب من وزير العدل الإفراج عن المحامين الخمسة الذين اعتُقلوا في 3 نوفمبر.\n\n"
        "هم محتجزون دون تهمة، ولم يروا عائلاتهم.",
    ),
    "my": (
        "ရှေ့နေငါးဦးကို လွှတ်ပေးပါ",
        "နိုဝင်ဘာ ၃ ရက်က ဖမ်းဆီးခံထားရသော ရှေ့နေငါးဦးကို လွှတ်ပေးရန် တရားရေးဝန်ကြီးအား တောင်းဆိုပါသည်။\n\n"
        "သူတို့ကို တရားစွဲဆိုခြင်းမရှိဘဲ ထိန်းသိမ်းထားသည်။",
    ),
}


async def picture(person: Person, file: Path, *, top: int = 0, height: int) -> None:
    """A stretch of the page, as a PNG."""
    await person.tab.call(
        "Emulation.setDeviceMetricsOverride", width=WIDTH, height=height, deviceScaleFactor=1, mobile=False
    )
    clip = {"x": 0, "y": top, "width": WIDTH, "height": height, "scale": 1}
    made: dict[str, Any] = await person.tab.call(
        "Page.captureScreenshot", clip=clip, captureBeyondViewport=True
    )
    await asyncio.to_thread(file.write_bytes, base64.b64decode(made["data"]))


async def make(into: Path) -> None:
    folder = Path(tempfile.mkdtemp(prefix="mc-"))
    ana = RealNode(folder, "ana")
    ana.make_vault_cheaply()
    await ana.start()
    await ana.unlock()
    try:
        async with at_the_pages("chromium", folder, ana) as person:
            await person.follow("Found a campaign")
            await person.fill(name="Lawyers at risk", goal="Five colleagues, free and unharmed")
            await person.press("Found it")
            await person.follow("Draft a letter")
            for language, (title, text) in TEXTS.items():
                await person.fill(language=language, title=title, text=text)
                await person.press("Put it before the others")
                if language != "my":
                    await person.follow("Add a further language")
            await picture(person, into / "browser-burmese.png", height=880)
            await person.follow("Two languages side by side")
            await picture(person, into / "browser-beside.png", height=660)
            await person.follow("Release the five")
            await person.follow("Freeze the text")
            await person.fill(
                addressees="The Minister of Justice", typed="freeze", modes=["role", "addressee"]
            )
            await person.press("Freeze")
            await person.follow("Sign")
            top = await person.tab.evaluate("document.querySelectorAll('fieldset')[1].offsetTop - 20")
            await picture(person, into / "browser-sign.png", top=int(top), height=520)
    finally:
        await ana.stop()
        shutil.rmtree(folder)


if __name__ == "__main__":
    asyncio.run(make(Path(sys.argv[1])))
