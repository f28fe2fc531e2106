"""From nothing to a released letter: two people, two windows, two daemons; by keys alone, and by mouse.

Law: whatever is done is done in the windows; what is checked stands on them, or in the files they wrote.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from hands import HANDS, Hand
from panes import Pane
from processwork import PATIENCE_S, environment

from tools import require_tool

pytestmark = pytest.mark.e2e

PASSPHRASE = "correct horse battery staple"
CAMPAIGN = "Evin five"
TITLE = "Freedom for the five"
TEXT = "Five people have been held since March. We ask for their release."
COMMENT = "Say who decides about it."
STOPS = 2  # what is about to start when the window closes is stopped by the second


class Person:
    """A name, an empty home, a window."""

    def __init__(self, folder: Path, name: str, kind: type[Hand]) -> None:
        self.name = name
        self.home = folder / name.lower()
        self.home.mkdir()
        self.environment = {
            **environment(folder),
            "HOME": str(self.home),
            "MESHCOAL_HOME": str(self.home / "mesh"),
            "TERM": "xterm-256color",
        }
        program = [sys.executable, "-m", "meshcoal"]
        socket = folder / f"{name.lower()}.tmux"
        self.pane = Pane(socket, program, self.environment, tmux=require_tool("tmux"))
        self.hand = kind(self.pane)

    def meshcoal(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "meshcoal", *arguments],
            check=False,
            capture_output=True,
            text=True,
            env=self.environment,
            timeout=PATIENCE_S,
        )

    def close(self) -> None:
        self.pane.close()  # first: an open interface starts a daemon that was stopped
        for _ in range(STOPS):
            self.meshcoal("daemon", "stop")

    # --- What they do

    def make_identity(self) -> None:
        self.pane.shows("Start for real")
        self.hand.do("start", "real")
        self.pane.shows("Make my identity")
        self.hand.write("Name", self.name, beside=False)
        self.hand.write("Passphrase", PASSPHRASE, beside=False, secret=True)
        self.hand.write("Passphrase again", PASSPHRASE, beside=False, secret=True)
        self.hand.push("Make my identity")
        self.pane.shows(f"You are {self.name}")
        self.hand.do("first", "back")
        self.pane.shows("No campaign yet")

    def found(self) -> None:
        self.hand.do("home", "found")
        self.pane.shows("Found a campaign")
        self.hand.write("Name", CAMPAIGN)
        self.hand.write("Goal", "Freedom for five people")
        self.hand.push("Found it")
        self.pane.shows("Write the first letter")

    def invite(self) -> Path:
        """The file with the invitation."""
        self.hand.do("campaign", "invite")
        self.pane.shows("Invite somebody")
        self.hand.push("Make it")
        self.pane.shows("MESHCOAL1")
        self.hand.do("invitation", "save")
        self.pane.shows("Save the invitation")
        self.hand.push("Save")
        self.pane.shows("The invitation was written")
        self.hand.push("Close")
        self.pane.gone("The invitation was written")
        self.hand.do("invitation", "back")
        self.pane.shows("Write the first letter")
        self.hand.do("campaign", "back")
        self.pane.shows("Campaigns of")
        return self.home / "invitation.txt"

    def accept(self, invitation: Path) -> None:
        self.hand.do("home", "accept")
        self.pane.shows("Accept an invitation")
        self.hand.write("The invitation", str(invitation))
        self.hand.push("Accept")
        self.pane.shows("New people")

    def words(self) -> list[str]:
        """What they read to each other."""
        seen = self.pane.shows("1. ", "6. ")
        return re.findall(r"\b\d\. (\w+)", seen.text)

    def match(self) -> None:
        self.hand.do("introductions", "match")
        self.pane.shows("✓ words compared")

    def admit(self) -> None:
        self.hand.do("introductions", "admit")
        self.pane.shows(f"Admit to {CAMPAIGN}")
        self.hand.push("Admit")
        self.pane.shows("admitted · ")

    def go_home(self) -> None:
        self.hand.do("introductions", "back")
        self.pane.shows("Campaigns of", CAMPAIGN)

    def enter(self) -> None:
        """The campaign, and its channel."""
        self.hand.open(CAMPAIGN)
        self.pane.shows("# general")
        self.hand.open("# general")
        self.pane.shows("Write here")

    def draft(self) -> None:
        self.hand.do("campaign", "draft")
        self.pane.shows("A new letter")
        assert re.search(r"Language +en\b", self.pane.still().text), (
            "the language of the interface stands there"
        )
        self.hand.write("Title", TITLE, anew=True)
        self.hand.write("written here.", TEXT, beside=False, below=1)
        self.hand.do("write", "save")
        self.pane.shows("1 Text", "have been held since March")

    def read_letter(self) -> None:
        self.pane.shows(TITLE)
        self.hand.open(TITLE)
        self.pane.shows("1 Text", "have been held since March")

    def comment(self) -> None:
        self.hand.do("statement", "comment")
        self.pane.shows("Comment on")
        self.hand.write("Comment", COMMENT)
        self.hand.push("Comment")
        self.pane.gone("Comment on")
        self.pane.shows(COMMENT)

    def read_comment(self) -> None:
        """What others say is folded until somebody wants it."""
        self.pane.shows("1 comment, by Ben")
        self.hand.open("1 comment, by Ben")
        self.pane.shows(COMMENT)

    def freeze(self) -> None:
        self.hand.do("statement", "freeze")
        self.pane.shows("Freeze the text")
        self.hand.write("Addressees", "The court of appeal")
        self.hand.write("Type “freeze”", "freeze")
        self.hand.push("Freeze")

    def sign(self, name: str, *, capacity: str = "") -> None:
        self.hand.do("statement", "sign")
        self.pane.shows("Sign: how?")
        self.hand.open("with my name")
        self.pane.shows("Sign: who signs?")
        if capacity:
            self.hand.choose(capacity)
        self.hand.write("Name on the letter", name, anew=True)
        self.hand.push("Look at what is signed")
        seen = self.pane.shows("Exactly this is signed", name)
        assert seen.has("To sign, type “sign”"), seen.text
        self.hand.write("To sign, type", "sign")
        self.hand.do("sign", "confirm")
        self.pane.shows("3 Signatures", name)

    def release(self) -> None:
        self.hand.do("statement", "release")
        self.pane.shows("Release the letter", "2 counted")
        self.hand.write("Type “release”", "release")
        self.hand.push("Release")
        self.pane.shows("released")

    def export(self) -> Path:
        """The package, out of the files that were written."""
        self.hand.do("statement", "export")
        self.pane.shows("Export the released letter")
        self.hand.push("Write the files")
        self.pane.shows("These files were written")
        (package,) = self.home.glob("meshcoal-letters/*/*.meshcoal.json")
        return package


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="mc-"))  # short: a socket's path is
    yield made
    shutil.rmtree(made)


@pytest.mark.parametrize("kind", HANDS, ids=lambda kind: kind.kind)
def test_two_people_release_a_letter(folder: Path, kind: type[Hand]) -> None:
    """Goal: all that a coalition does can be done by keys, and by mouse. Method: from empty homes to a
    released letter in two windows of tmux, each step by what stands on the screen; then `verify`."""
    ana, ben = Person(folder, "Ana", kind), Person(folder, "Ben", kind)
    try:
        play(ana, ben)
    finally:
        ana.close()
        ben.close()


def play(ana: Person, ben: Person) -> None:
    """The whole story."""
    with ThreadPoolExecutor() as both:
        list(both.map(Person.make_identity, (ana, ben)))
    ana.found()
    ben.accept(ana.invite())
    ana.hand.do("home", "introductions")
    assert len(ana.words()) == 6
    assert ana.words() == ben.words()
    ana.match()
    ben.match()
    ana.admit()
    for one in (ana, ben):
        one.go_home()
        one.enter()
    ben.hand.say("I am in, and the words were the same")
    ana.pane.shows("Ben", "the words were the same")
    ana.hand.say("Good. I write a draft")
    ben.pane.shows("Good. I write a draft")
    for one in (ana, ben):
        one.hand.do("channel", "back")
        one.pane.shows("Letters")
    ana.draft()
    ben.read_letter()
    ben.comment()
    ana.read_comment()
    ana.freeze()
    for one in (ana, ben):
        one.pane.shows("open for signing")
    ana.sign("Harbour House")
    ben.sign("Ben Tal", capacity="a person")
    ana.pane.shows("Harbour House", "Ben Tal")
    ana.release()
    ben.pane.shows("released")
    package = ana.export()
    told = ana.meshcoal("verify", str(package))
    assert told.returncode == 0, told.stdout + told.stderr
    assert "Harbour House" in told.stdout
    assert "Ben Tal" in told.stdout
    for one in (ana, ben):
        assert one.pane.screen().alternate, "the scrollback stays clean"
        assert not re.search("(?i)evin|five|freedom|ben|ana|harbour", " ".join(one.pane.titles))
        for log in (one.home / "mesh").glob("*.log"):
            assert "Traceback" not in log.read_text(encoding="utf-8")
