"""A whole letter by forms alone, in a real Chromium, with a real daemon; and what strangers can do."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

import pytest
from aiohttp import web

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from pagecheck import faults
from pagework import Person, at_the_pages, enter
from processwork import RealNode

from meshcoal.api.commands import GetStatus, ListDrafts, Lock, ShowBrowser
from meshcoal.api.views import BrowserView, DraftsView, StatusView, VaultState
from meshcoal.browser.frame import TITLE
from tools import require_tool

pytestmark = pytest.mark.e2e

HOSTILE: Final = '<script>document.title="x"</script>"><img src=http://192.0.2.9/a onerror=alert(1)>'
ARABIC: Final = "أطلقوا سراح المحامين الخمسة"
BURMESE: Final = "ရှေ့နေငါးဦးကို ပြန်လွှတ်ပေးပါ"


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="mc-"))  # short: a socket's path is
    yield made
    shutil.rmtree(made)


@pytest.fixture
async def ana(folder: Path) -> AsyncIterator[RealNode]:
    node = RealNode(folder, "ana")
    node.make_vault_cheaply()
    await node.start()
    await node.unlock()
    yield node
    await node.stop()


async def draft_and_translate(person: Person) -> None:
    """From nothing to a text in three languages, one of them kept as a draft in between."""
    await person.follow("Found a campaign")
    await person.fill(name=f"Evin five {HOSTILE}"[:80], goal=HOSTILE)
    await person.press("Found it")
    await person.follow("Draft a letter")
    await person.fill(language="en", title="Release the five", text=f"First kestrel paragraph.\n\n{HOSTILE}")
    await person.press("Keep as a draft")
    assert "Kept as a draft" in await person.text()


async def translated(person: Person, language: str, title: str, text: str) -> None:
    await person.follow("Add a further language")
    await person.fill(language=language, title=title, text=text)
    await person.press("Put it before the others")


async def test_a_whole_letter_by_forms_alone(ana: RealNode, folder: Path) -> None:
    """Goal: somebody without a terminal can read, write, sign and release. Method: a real browser in which
    pages run no script, with hostile names everywhere; each page is checked, and what lies on the disk."""
    async with at_the_pages(require_tool("chromium"), folder, ana) as person:
        await draft_and_translate(person)
        await hidden_and_back(person, ana)
        await person.follow("Drafts")
        await person.follow("a new letter")
        assert await person.tab.evaluate("document.querySelector('[name=title]').value") == "Release the five"
        await person.press("Put it before the others")
        await translated(person, "ar", ARABIC, f"{ARABIC}.\n\nالفقرة الثانية.")
        await translated(person, "my", BURMESE, f"{BURMESE}။\n\nဒုတိယစာပိုဒ်။")
        assert (await ana.ask(ListDrafts(), DraftsView)).drafts == ()
        await commented(person)
        await person.follow("Two languages side by side")
        await person.follow("Release the five")
        await frozen(person)
        await signed(person)
        await person.follow("Release the letter")
        assert "Before you release" in await person.text()
        await person.fill(typed="release")
        await person.press("Release")
        await released(person)
        await strangers(person)
        await person.follow("Home")
        await locked(person, ana)
        for page in person.seen:
            assert faults("<!DOCTYPE html>" + page) == []
        titles = await person.tab.call("Page.getNavigationHistory")
        assert {one["title"] for one in titles["entries"]} <= {TITLE, "about:blank", "", "stranger"}
        kept = json.dumps([one["url"] for one in titles["entries"]])
        requests = person.tab.requests
    assert "kestrel" not in kept
    assert "letter" not in kept
    assert all(one.startswith(("http://127.0.0.1:", "data:", "about:")) for one in requests), requests
    assert b"kestrel" not in (ana.home / "daemon.log").read_bytes() + ana.noise.read_bytes()
    # The profile of the browser lies there, too: nothing of a page is put by.
    assert await asyncio.to_thread(holding, folder, b"kestrel") == []


def holding(folder: Path, wanted: bytes) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and wanted in file.read_bytes()]


async def hidden_and_back(person: Person, ana: RealNode) -> None:
    """Hide, look in vain, give a wrong passphrase and the right one."""
    before = await person.address()
    await person.press("Hide")
    assert "Release the five" not in await person.source()
    await person.open(before)
    assert "kestrel" not in await person.source()
    await person.fill(passphrase="not this one at all")
    await person.press("Go on")
    assert "wrong-passphrase" in await person.text()
    await person.fill(passphrase=ana.passphrase)
    await person.press("Go on")
    assert "kestrel" in await person.source()


async def commented(person: Person) -> None:
    await person.follow("English (en)")
    await person.follow("Comment on paragraph 2")
    await person.fill(text="We cannot sign this.", stance="block")
    await person.press("Comment")
    assert "Red lines that stand: 1" in await person.text()
    await person.follow("Comment on paragraph 2")
    await person.press("Comment")  # nothing written
    assert "write what you have to say" in (await person.text()).lower()
    lift = "[...document.querySelectorAll('[name=stance]')].find((one) => one.value.length === 64).click()"
    await person.tab.evaluate(lift)
    await person.press("Comment")
    assert "Red lines that stand" not in await person.text()


async def frozen(person: Person) -> None:
    """A freeze that is refused loses nothing of what was filled in."""
    await person.follow("Freeze the text")
    await person.fill(addressees=f"The Minister\n{HOSTILE}", typed="wrong", modes=["role", "addressee"])
    await person.press("Freeze")
    assert "type exactly: freeze" in (await person.text()).lower()
    filled = "document.querySelector('[name=addressees]').value"
    assert (await person.tab.evaluate(filled)).startswith("The Minister\n<script>")
    await person.fill(typed="freeze")
    await person.press("Freeze")
    assert "open for signing" in await person.text()


async def signed(person: Person) -> None:
    """By role; a look back from the last look keeps what was entered; then by name."""
    await person.follow("Sign")
    await person.fill(name="Ana of the bar", role="A lawyer", mode="role", capacity="individual")
    await person.press("Look at what is signed")
    review = await person.text()
    assert "Signed by: A lawyer" in review.replace("\n", " ")
    assert "Ana of the bar" not in review
    assert "meshcoal statement 1" in review
    await person.press("Change something")
    assert await person.tab.evaluate("document.querySelector('[name=name]').value") == "Ana of the bar"
    await person.fill(mode="named", languages_read=["en", "ar"])
    await person.press("Look at what is signed")
    await person.fill(typed="no")
    await person.press("Sign")
    assert "type exactly: sign" in await person.text()
    await person.fill(typed="sign")
    await person.press("Sign")
    assert "You have signed." in await person.text()
    assert "Ana of the bar" in await person.text()


async def released(person: Person) -> None:
    """The files, and the page as others will see it: no script of it runs."""
    assert "Save all files in one" in await person.text()
    back = await person.address()
    await person.follow("See the page as others will")
    assert "Release the five" in await person.text()
    assert await person.tab.evaluate("document.title") == TITLE
    assert await person.tab.evaluate("document.documentElement.dataset.checkedMs") is None, "its script ran"
    person.seen.pop()  # it is not a page of ours
    await person.open(back)


async def strangers(person: Person) -> None:
    """A page of somebody else on this machine, to which an address was betrayed, can do nothing with it."""
    target = await person.address()
    key = await person.tab.evaluate("document.querySelector('[name=form-key]').value")
    page = f"""<!DOCTYPE html><title>stranger</title><form method=post action="{target}" id=f>
      <input name=form-key value="{key}"><input name=do value=all></form><iframe src="{target}"></iframe>
      <img src="{target}"><link rel=stylesheet href="{target}">"""

    async def stranger(_request: web.Request) -> web.Response:
        return web.Response(text=page, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", stranger)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        await person.open(f"http://127.0.0.1:{port}/")
        person.seen.pop()
        framed = "document.querySelector('iframe').contentDocument === null"
        assert await person.tab.evaluate(framed), "not ours to look into"
        how = "{credentials: 'include', mode: 'no-cors'}"
        read = f"fetch('{target}', {how}).then(() => 'read', () => 'refused')"
        assert await person.tab.evaluate(read) == "refused"
        await person._leave("document.getElementById('f').submit()")
        assert await person.text() == "Wrong origin."
        person.seen.pop()
    finally:
        await runner.cleanup()
    await person.open(target)


async def locked(person: Person, ana: RealNode) -> None:
    """Locked elsewhere while a form was filled in: nothing is lost; locked here: it is over."""
    await person.follow("Evin five")
    await person.follow("# general")
    await person.fill(text="half a thought")
    await ana.ask(Lock(), StatusView)
    await person.press("Send")
    assert "Evin" not in await person.text()
    await person.fill(passphrase=ana.passphrase)
    await person.press("Go on")
    assert "Nothing was sent while this was hidden" in await person.text()
    assert await person.tab.evaluate("document.querySelector('[name=text]').value") == "half a thought"
    await person.press("Send")
    assert "half a thought" in await person.text()
    address = await person.address()
    await person.press("Lock")
    assert "these pages are closed" in await person.text()
    assert (await ana.ask(GetStatus(), StatusView)).vault is VaultState.LOCKED
    end = asyncio.get_running_loop().time() + 30
    while (await ana.ask(ShowBrowser(), BrowserView)).running:
        assert asyncio.get_running_loop().time() < end
        await asyncio.sleep(0.05)
    await ana.unlock()
    view = await enter(person, ana)
    assert not view.address.startswith(address[:22])
    await person.open(view.address)
    assert "These pages are closed" in await person.text() or "means nothing" in await person.text()
