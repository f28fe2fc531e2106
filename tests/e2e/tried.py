"""The guide, followed on terminals by people who begin with nothing: `docs/guide/tried/`.

    python tests/e2e/tried.py [nearby tor relays bundles paper line]

Law: what a person would do is done by keys and typed words. Only what the page says happened before (an
identity, being members of one campaign) is made by program, where another page shows how people do it.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "net"))
sys.path.insert(0, str(Path(__file__).parents[1] / "net" / "tor"))
sys.path.insert(0, str(Path(__file__).parents[2] / "src"))

from desks import PASSPHRASE, Desk, Page, one_campaign
from eightnet import places
from eightnodes import print_pages
from linework import Pump
from tornet import new_net

PAGES: Final = Path(__file__).parents[2] / "docs" / "guide" / "tried"


@contextmanager
def at_desks(folder: Path, *names: str, inside: tuple[tuple[str, ...], ...] = ()) -> Iterator[list[Desk]]:
    made: list[Desk] = []
    try:
        for number, name in enumerate(names):
            made.append(Desk(folder, name, inside[number] if inside else ()))
        yield made
    finally:
        for desk in made:
            desk.close()


def first_start(desk: Desk, page: Page | None = None) -> None:
    """From `meshcoal` to an identity, in the interface."""
    desk.enter("meshcoal")
    desk.until("Start for real")
    if page is not None:
        page.shows(desk, "types `meshcoal`.")
    desk.press("s")
    desk.until("A new identity")
    desk.enter(desk.name, PASSPHRASE)
    desk.type(PASSPHRASE)
    desk.still()
    if page is not None:
        page.shows(desk, "presses `s`, and fills in the form.")
    desk.press("Enter")
    desk.until("No campaign yet")


def nearby(folder: Path) -> Page:
    """Two strangers on one cable, from the first start to a message."""
    page = Page(
        "on the same network",
        "../nearby.md",
        "Two machines are joined by one cable; there is no other network. All is done in the interface.",
    )
    with places() as net:
        for name in ("Ana", "Ben"):
            net.add(name)
        net.cable("Ana", "Ben")
        with at_desks(folder, "Ana", "Ben", inside=(net.inside("Ana"), net.inside("Ben"))) as (ana, ben):
            first_start(ana, page)
            first_start(ben)
            page.says("Ben does the same. Then Ana founds a campaign, and invites him.")
            ana.press("f")
            ana.until("Found a campaign")
            ana.enter("Evin five", "Freedom for five", "", "", "", "", "")
            ana.until("Nothing was said here yet")
            ana.press("Escape")
            ana.until("Letters")
            ana.press("i")
            ana.until("It works for")
            ana.enter("", "", "")
            page.shows(ana, "presses `i` in the campaign.")
            ana.press("Enter")
            ana.until("MESHCOAL1")
            page.shows(ana, "has the invitation before her, and presses `s` to save it onto a stick.")
            ana.press("s")
            ana.until("Save the invitation")
            ana.press("C-u")
            ana.enter(str(folder))
            ana.until("The invitation was written")
            page.shows(ana, "is told where it is.")
            (invitation,) = [one for one in folder.iterdir() if one.is_file() and "vitation" in one.name]
            for _ in range(3):
                ana.press("Escape")
                ana.still()
            ben.press("a")
            ben.until("(?i)accept")
            ben.type(str(invitation))
            page.shows(ben, "presses `a` and types the path of the file on the stick.")
            ben.press("Tab")  # Enter begins a line: invitations are long texts
            ben.enter("")
            ben.until("DIALLING|dialling|reached|New people")
            page.shows(ben, "has accepted; nobody can be reached yet.")
            for desk in (ana, ben):
                while "Found" not in desk.screen():
                    desk.press("Escape")
                    desk.still()
                desk.press("b")
                desk.until("People on this network")
                desk.press("b")
                desk.until("Begin")
                if desk is ana:
                    page.shows(desk, "presses `b` on the first screen, then `b` again, and reads.")
                desk.enter("")
                desk.until("On; it ends")
            ben.until("1 announcement|connected")
            ana.until("announcement|connected")
            page.shows(ana, "sees that somebody was found, some seconds after Ben has begun as well.")
            page.shows(ben, "the same.")
            for desk in (ana, ben):
                desk.press("Escape")
                desk.still()
                desk.press("n")
                desk.until(r"\b1\b.*\b2\b|words")
            page.says("Both open *New people* (`n`) and read the words to each other.")
            page.shows(ana, "")
            page.shows(ben, "")
            for desk in (ana, ben):
                desk.press("m")
                desk.still()
            ana.press("a")
            ana.still()
            page.shows(ana, "has pressed `m`, since the words are the same, and `a` to admit.")
            ana.enter("", "", "")
            ana.still()
            for desk in (ana, ben):
                while "Found" not in desk.screen():
                    desk.press("Escape")
                    desk.still()
            ben.until("Evin five")
            ben.enter("")
            ben.until("general")
            ben.enter("")
            ben.until("Nothing was said|Write here")
            ben.enter("no internet at all")
            ben.until("held 2/2")
            page.shows(ben, "writes; it is on both machines.")
    return page


def relays(folder: Path) -> Page:
    """A relay with one command; two who are never on together."""
    page = Page("relays", "../relays.md", "Ana and Ben are members of one campaign. Kim runs the relay.")
    with at_desks(folder, "Ana", "Ben", "Kim") as (ana, ben, kim):
        asyncio.run(one_campaign(folder, ana, ben))
        kim.enter("meshcoal relay serve --listen 127.0.0.1:7700")
        kim.until("MESHCOALRELAY1")
        page.shows(kim, "runs the relay, and hands the line on.")
        text = re.sub(r"\s", "", kim.words().partition("MESHCOALRELAY1")[2])
        for desk in (ana, ben):
            desk.unlock()
        ana.shell(f"meshcoal relay add evin MESHCOALRELAY1{text}")
        page.shows(ana, "adds it for all.")
        ana.shell("meshcoal relay list evin")
        page.shows(ana, "looks a moment later.")
        ben.shell("meshcoal relay list evin", "meshcoal daemon stop")
        page.shows(ben, "has heard of it, and switches off.")
        ana.shell('meshcoal send evin general "gate 4 at nine"')
        taken = "meshcoal relay list evin"
        for _ in range(30):
            ana.shell(taken)
            if ana.has("It took something"):
                break
        page.shows(ana, "has written something; the relay has it.")
        ana.shell("meshcoal daemon stop")
        ben.unlock()
        for _ in range(30):
            ben.shell("meshcoal read evin general")
            if ben.has("gate 4"):
                break
        page.shows(ben, "is on again, when Ana is off.")
        ben.shell("meshcoal relay list evin")
        ben.enter("clear", "meshcoal")
        ben.until("Evin five")
        ben.press("w")
        ben.until("127.0.0.1:7700")
        page.shows(ben, "presses `w` on the first screen of the interface.")
    return page


def bundles(folder: Path) -> Page:
    """A stick to and fro."""
    page = Page("a stick", "../bundles.md", "Ana and Ben are members of one campaign; only one is ever on.")
    with at_desks(folder, "Ana", "Ben") as (ana, ben):
        asyncio.run(one_campaign(folder, ana, ben))
        ana.unlock()
        for number in range(1, 4):
            ana.shell(f'meshcoal send evin general "what happened, part {number}"')
        ana.shell(f"meshcoal bundle write evin --to {folder}/stick/", f"ls -l --full-time {folder}/stick")
        page.shows(ana, "writes what Ben is not known to have.")
        ana.shell("meshcoal daemon stop")
        ben.unlock()
        ben.shell(f"meshcoal bundle inspect {folder}/stick/")
        page.shows(ben, "looks first.")
        ben.enter("clear", f"meshcoal bundle read {folder}/stick/")
        ben.until("Type yes")
        ben.enter("yes")
        ben.until("Taken in")
        page.shows(ben, "takes it in.")
        ben.shell("meshcoal read evin general", 'meshcoal send evin general "read all of it"')
        ben.enter("clear", "meshcoal")
        ben.until("Evin five")
        ben.enter("")
        ben.until("Channels")
        ben.press("w")
        ben.until("(?i)stick")
        page.shows(ben, "answers, and presses `w` in the campaign to write one back.")
    return page


def paper(folder: Path) -> Page:
    """A sheet of codes, printed and photographed."""
    page = Page(
        "codes on paper",
        "../bundles.md#on-paper",
        "Ana and Ben are members of one campaign; only one is ever on. The page was printed by Chromium to a "
        "PDF and made a picture; over its first code there is a stain.",
    )
    with at_desks(folder, "Ana", "Ben") as (ana, ben):
        asyncio.run(one_campaign(folder, ana, ben))
        ana.unlock()
        ana.shell('meshcoal send evin general "they were taken to the third wing"')
        ana.shell("meshcoal paper write evin --to sheet.html --since 1d")
        page.shows(ana, "writes the sheet.")
        ana.shell("meshcoal daemon stop")
        for number, photo in enumerate(print_pages(ana.home / "sheet.html"), 1):
            shutil.copy(photo, ben.home / f"photo-{number}.png")
        ben.unlock()
        ben.enter("clear", "meshcoal paper read photo-*.png")
        ben.until(r"(?m)Type yes|^\$\Z")
        page.shows(ben, "gives all pictures at once.")
        ben.enter("yes")
        ben.until("Taken in")
        ben.shell("meshcoal read evin general")
        page.shows(ben, "has it.")
    return page


def tor(folder: Path) -> Page:
    """Nothing but Tor, in a private network of tors."""
    page = Page(
        "Tor",
        "../tor.md",
        "Ana and Ben are members of one campaign. Tor is a private network on one machine: that is what "
        "`--torrc` says, which nobody else needs.",
    )
    with new_net(folder / "t") as net, at_desks(folder, "Ana", "Ben") as (ana, ben):
        asyncio.run(one_campaign(folder, ana, ben))
        (ben.home / "bridges.txt").write_text(f"{net.bridge_line}\n")
        for desk in (ana, ben):
            desk.unlock()
        ana.shell(f"meshcoal tor on --own --torrc {net.settings}", "meshcoal tor status")
        page.shows(ana, "switches it on, and looks.")
        for desk in (ana, ben):
            if desk is ben:
                desk.shell(
                    "meshcoal tor bridges bridges.txt", f"meshcoal tor on --own --torrc {net.settings}"
                )
                page.shows(desk, "goes through a bridge.")
            for _ in range(40):
                desk.shell("meshcoal tor status")
                if re.search(r"(?i)ready\b(?!.*being announced)", desk.screen()):
                    break
        page.shows(ana, "some seconds later.")
        for desk in (ana, ben):
            desk.shell("meshcoal paths tor")
        page.shows(ana, "wants nothing but Tor.")
        for _ in range(40):
            ana.shell("meshcoal peers")
            if ana.has("onion"):
                break
        page.shows(ana, "is connected to Ben through Tor.")
        ana.shell('meshcoal send evin general "gate 4 at nine"')
        for _ in range(20):
            ben.shell("meshcoal read evin general")
            if ben.has("gate 4"):
                break
        page.shows(ben, "reads it.")
        ana.enter("clear", "meshcoal")
        ana.until("Evin five")
        page.shows(ana, "sees in the interface that Tor alone is used.")
    return page


def line(folder: Path) -> Page:
    """A serial cable, and nothing else."""
    page = Page(
        "a serial cable",
        "../nearby.md#a-cable-or-a-radio",
        "Ana and Ben are members of one campaign, on machines without any network. The cable is a pair of "
        "pseudo-terminals.",
    )

    async def run(ana: Desk, ben: Desk) -> None:
        await one_campaign(folder, ana, ben)
        pump = Pump()
        pump.start()
        try:
            await asyncio.to_thread(acts, ana, ben, [str(one) for one in pump.devices])
        finally:
            pump.end()

    def acts(ana: Desk, ben: Desk, devices: list[str]) -> None:
        for desk, device in zip((ana, ben), devices, strict=True):
            desk.shell(f"meshcoal daemon start --line serial:{device}@57600")
            page.shows(desk, "tells meshcoal the device.")
            desk.unlock()
        for desk in (ana, ben):
            desk.enter("clear", "meshcoal nearby start")
            desk.until("Type yes")
            if desk is ana:
                page.shows(desk, "begins.")
            desk.enter("yes")
        for _ in range(30):
            ana.shell("meshcoal nearby show", "meshcoal peers")
            if " connected" in ana.screen().replace("not connected", ""):
                break
        page.shows(ana, "has found Ben.")
        ben.shell('meshcoal send evin general "through the wall"')
        for _ in range(20):
            ana.shell("meshcoal read evin general")
            if ana.has("through the wall"):
                break
        page.shows(ana, "reads what he wrote.")

    with places() as net:
        for name in ("Ana", "Ben"):
            net.add(name)
        with at_desks(folder, "Ana", "Ben", inside=(net.inside("Ana"), net.inside("Ben"))) as (ana, ben):
            asyncio.run(run(ana, ben))
    return page


TRIED: Final[dict[str, Callable[[Path], Page]]] = {
    "nearby": nearby,
    "tor": tor,
    "relays": relays,
    "bundles": bundles,
    "paper": paper,
    "line": line,
}


def main() -> int:
    PAGES.mkdir(exist_ok=True)
    for name in sys.argv[1:] or TRIED:
        folder = Path(tempfile.mkdtemp(prefix="mc-"))
        try:
            text = TRIED[name](folder).text(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        (PAGES / f"{name}.md").write_text(text, encoding="utf-8")
        sys.stdout.write(f"docs/guide/tried/{name}.md\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
