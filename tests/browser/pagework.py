"""A person at the pages: a real daemon, its pages, and a real Chromium that fills in forms."""

from __future__ import annotations

import asyncio
import base64
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))
sys.path.insert(0, str(Path(__file__).parents[1] / "export"))

from browserwork import Tab, chromium
from processwork import RealNode

from meshcoal.api.commands import StartBrowser
from meshcoal.api.views import BrowserView

REACHES_LOOPBACK: Final = (
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--proxy-bypass-list=127.0.0.1",
)
PATIENCE_S: Final = 30.0
_LOADED: Final = """new Promise((done) => {
  const look = () => (document.readyState === "complete" ? done(true) : setTimeout(look, 5));
  look();
})"""


class Person:
    """One tab. Everything is done by links and forms, as a person without scripts does it."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.seen: list[str] = []  # the source of every page that was loaded

    async def open(self, address: str) -> None:
        await self.tab.call("Page.navigate", url=address)
        await self._arrived()

    async def _arrived(self) -> None:
        await self.tab.evaluate(_LOADED)
        self.seen.append(await self.source())

    async def source(self) -> str:
        return str(await self.tab.evaluate("document.documentElement.outerHTML"))

    async def text(self) -> str:
        return str(await self.tab.evaluate("document.body.innerText"))

    async def address(self) -> str:
        return str(await self.tab.evaluate("location.href"))

    async def follow(self, words: str) -> None:
        """Click the first link with just these words, else the first whose text holds them."""
        every = '[...document.querySelectorAll("a")]'
        exact = f"{every}.find((one) => one.textContent.trim() === {words!r})"
        found = f"({exact} ?? {every}.find((one) => one.textContent.includes({words!r})))"
        assert await self.tab.evaluate(f"Boolean({found})"), f"no link {words!r} in: {await self.text()}"
        await self._leave(f"{found}.click()")

    async def fill(self, **fields: str | bool | list[str]) -> None:
        """Write into fields by their names; choices by their values."""
        for name, value in fields.items():
            await self.tab.evaluate(
                f"""(() => {{
                  const all = [...document.querySelectorAll(`main [name="{name}"]`)];
                  if (!all.length) throw new Error("no field {name}");
                  const wanted = [{value!r}].flat();
                  for (const one of all) {{
                    const box = one.type === "checkbox" || one.type === "radio";
                    if (box) one.checked = wanted.includes(one.value); else one.value = wanted[0];
                  }}
                }})()"""
            )

    async def press(self, words: str) -> None:
        """Press the button with exactly these words."""
        found = f"""[...document.querySelectorAll("button")].find((one) => one.textContent === {words!r})"""
        assert await self.tab.evaluate(f"Boolean({found})"), f"no button {words!r} in: {await self.text()}"
        await self._leave(f"{found}.click()")

    async def _leave(self, act: str) -> None:
        """Do something that loads another page, and wait for it."""
        await self.tab.evaluate("document.documentElement.dataset.before = 'yes'")
        await self.tab.evaluate(act)
        end = asyncio.get_running_loop().time() + PATIENCE_S
        fresh = "document.documentElement?.dataset.before === undefined && document.readyState === 'complete'"
        while True:
            try:
                if await self.tab.evaluate(fresh):
                    break
            except AssertionError:
                pass  # between two pages there is none
            assert asyncio.get_running_loop().time() < end, "the next page did not come"
            await asyncio.sleep(0.02)
        self.seen.append(await self.source())

    async def picture(self, file: Path, *, width: int = 900, height: int = 1400) -> None:
        """What is seen, as a PNG."""
        await self.tab.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        made: dict[str, Any] = await self.tab.call("Page.captureScreenshot", captureBeyondViewport=True)
        await asyncio.to_thread(file.write_bytes, base64.b64decode(made["data"]))


@asynccontextmanager
async def at_the_pages(program: str, folder: Path, node: RealNode) -> AsyncIterator[Person]:
    """Chromium with the pages of a running, open node in it."""
    async with chromium(program, folder / "profile", *REACHES_LOOPBACK) as browser:
        person = Person(await browser.tab())
        await enter(person, node)
        yield person


async def enter(person: Person, node: RealNode) -> BrowserView:
    view = await node.ask(StartBrowser(language="en"), BrowserView)
    await person.open(view.address)
    await person.press("Open")
    return view
