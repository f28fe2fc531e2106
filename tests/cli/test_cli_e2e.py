"""The command line with real daemons: two people, two homes, one letter."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import meshcoal

SOURCE = Path(meshcoal.__path__[0]).parent
pytestmark = pytest.mark.e2e
ATTEMPTS = 600


class Person:
    """Somebody with a home of their own, who types commands."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.folder = folder / name
        self.folder.mkdir()
        self.phrase = self.folder / "phrase"
        self.phrase.write_text(f"correct horse battery {name}\n", encoding="utf-8")
        self.phrase.chmod(0o600)
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(SOURCE),
            "MESHCOAL_HOME": str(self.folder / "home"),
        }

    def starts(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "meshcoal", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env=self.environment,
            # A run in the background of a shell hands down that interrupts are ignored.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def types(self, *arguments: str, code: int = 0) -> str:
        """Standard output of a command that must end with `code`; for failures, standard error."""
        done = subprocess.run(
            [sys.executable, "-m", "meshcoal", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=self.environment,
            timeout=120,
            check=False,
        )
        assert done.returncode == code, (arguments, done.stdout, done.stderr)
        return done.stderr if code else done.stdout

    def asks(self, *arguments: str) -> Any:
        return json.loads(self.types(*arguments, "--json"))

    def begins(self) -> None:
        self.types("identity", "create", self.name, "--passphrase-file", "phrase")


@pytest.fixture
def people(tmp_path: Path) -> Iterator[tuple[Person, Person]]:
    both = (Person(tmp_path, "ana"), Person(tmp_path, "ben"))
    yield both
    for person in both:
        person.types("daemon", "stop")


def follows(person: Person, pattern: str, *arguments: str) -> str:
    """Goes on asking until the answer matches. Commands take their time, so there is no need to sleep."""
    for _ in range(ATTEMPTS):
        told = person.types(*arguments)
        if re.search(pattern, told):
            return told
    raise AssertionError(f"{arguments} never told {pattern!r}, but: {told}")


def test_one_person_from_nothing_to_a_verified_letter(people: tuple[Person, Person]) -> None:
    """Goal: the whole way works alone. Method: create, lock, unlock, talk, draft to verify."""
    ana, _ = people
    assert ana.asks("daemon", "status") == {"running": False, "status": None}
    assert ana.types("campaign", "list", code=3).endswith("(no-vault)\n")
    ana.begins()
    assert ana.types("identity", "create", "x", "--passphrase-file", "phrase", code=3).endswith(
        "(vault-exists)\n"
    )
    assert ana.asks("status")["vault"] == "unlocked"
    ana.types("lock")
    assert ana.types("campaign", "list", code=3).endswith("(locked)\n")
    wrong = ana.folder / "wrong"
    wrong.write_text("not the passphrase\n", encoding="utf-8")
    wrong.chmod(0o600)
    assert ana.types("unlock", "--passphrase-file", "wrong", code=3).endswith("(wrong-passphrase)\n")
    ana.types("unlock", "--passphrase-file", "phrase")
    ana.types(
        "campaign", "found", "Evin five", "--goal", "A letter", "--seat", "exile", "--channel", "general"
    )
    ana.types("send", "evin", "general", "The hearing is on Tuesday.")
    assert "The hearing is on Tuesday." in ana.types("read", "evin", "#general")

    (ana.folder / "letter.txt").write_text("They are held since May.\n\nRelease them.\n", encoding="utf-8")
    ana.types("statement", "draft", "evin", "letter.txt", "--language", "en", "--title", "Free the five")
    ana.types("statement", "freeze", "evin", "free", "--to", "The judiciary", "--deadline", "3d", "--yes")
    digest = ana.asks("statement", "show", "evin", "free")["digest"]
    sign = ("statement", "sign", "evin", "free", "--as", "individual", "--name", "Ana B.", "--yes")
    assert ana.types(*sign, "--digest", "00" * 32, code=2).endswith("(bad-argument)\n")
    assert ana.asks(*sign, "--digest", digest)["tally"]["counted"] == 1
    ana.types("statement", "release", "evin", "free", "--yes")
    written = ana.asks("statement", "export", "evin", "free", "--to", "out")["files"]
    (package,) = [name for name in written if name.endswith(".meshcoal.json")]
    assert "SOUND" in ana.types("verify", package)
    whole = (ana.folder / package).read_bytes()
    (ana.folder / package).write_bytes(whole.replace(b"since May", b"since Mai"))
    assert ana.types("verify", package, code=1) == ""


def test_two_people_meet_talk_and_sign(people: tuple[Person, Person]) -> None:
    """Goal: the guide holds. Method: invite, compare, admit, talk, sign, compare tallies."""
    ana, ben = people
    ana.begins()
    ben.begins()
    ana.types("campaign", "found", "Evin five", "--seat", "exile")
    ana.types("invite", "make", "--campaign", "evin", "--seat", "in-country", "--file", "invitation.txt")
    ben.types("invite", "accept", "--file", str(ana.folder / "invitation.txt"))
    follows(ana, "asks to be admitted", "invite", "pending")
    follows(ben, "the person who invited you decides", "invite", "pending")
    (at_ana,) = ana.asks("invite", "pending")["introductions"]
    (at_ben,) = ben.asks("invite", "pending")["introductions"]
    assert at_ana["words"] == at_ben["words"] != []
    ana.types("contact", "confirm", "ben", "--match")
    ben.types("contact", "confirm", "ana", "--match")
    ana.types("admit", "ben", "--seat", "in-country", "--role", "member")
    follows(ben, "Evin five", "campaign", "list")

    ana.types("send", "evin", "general", "welcome")
    follows(ben, "welcome", "read", "evin", "general")
    ben.types("send", "evin", "general", "thank you")
    follows(ana, "(?s)thank you", "read", "evin", "general")
    follows(ben, r"\[held by 2 of 2\]\n    thank you", "read", "evin", "general")
    said = ben.asks("read", "evin", "general")["messages"][-1]["id"]
    shown = ben.asks("message", "show", "evin", "general", said)
    assert [one["lacking"] for one in shown["members"]] == [0, 0]
    assert {one["proof"] for one in shown["members"] if not one["me"]} <= {"said", "cited"}
    assert "Held by 2 of 2." in ben.types("message", "show", "evin", "general", said[:8])

    (ana.folder / "letter.txt").write_text("Release them.\n", encoding="utf-8")
    ana.types("statement", "draft", "evin", "letter.txt", "--language", "en", "--title", "Free them")
    ana.types("statement", "freeze", "evin", "free", "--deadline", "in 24h", "--yes")
    follows(ben, "open", "statement", "list", "evin")
    for person in people:
        digest = person.asks("statement", "show", "evin", "free")["digest"]
        person.types(
            *("statement", "sign", "evin", "free", "--as", "individual", "--name", person.name),
            *("--digest", digest, "--yes"),
        )
    for person in people:
        follows(person, "2 individuals", "statement", "show", "evin", "free")
    follows(ben, "Held by 2 of 2", "statement", "holders", "evin", "free")
    tallies = [person.asks("statement", "show", "evin", "free")["tally"]["digest"] for person in people]
    assert tallies[0] == tallies[1]


def test_following_a_channel_until_interrupted(people: tuple[Person, Person]) -> None:
    """Goal: news appear by themselves, Ctrl-C is quiet. Method: follow in one process, send in another."""
    ana, _ = people
    ana.begins()
    ana.types("campaign", "found", "Evin five", "--seat", "exile")
    ana.types("send", "evin", "general", "first")
    with ana.starts("read", "evin", "general", "--follow", "--json") as reader:
        assert reader.stdout is not None
        assert json.loads(reader.stdout.readline())["text"] == "first"
        ana.types("send", "evin", "general", "second")
        assert json.loads(reader.stdout.readline())["text"] == "second"
        reader.send_signal(signal.SIGINT)
        _, noise = reader.communicate()
        assert reader.returncode == 130
    assert "Traceback" not in noise


def test_the_daemon_in_the_foreground(people: tuple[Person, Person]) -> None:
    """Goal: run, status, a second one, and Ctrl-C agree. Method: run it, ask, interrupt."""
    ana, _ = people
    with ana.starts("daemon", "run", "--listen", "127.0.0.1:0") as foreground:
        assert foreground.stderr is not None
        assert foreground.stderr.readline() == "The daemon runs. Ctrl-C ends it.\n"
        status = ana.asks("daemon", "status")
        assert (status["running"], status["status"]["process"]) == (True, foreground.pid)
        assert ana.types("daemon", "run", code=5).endswith("(already-running)\n")
        assert ana.types("daemon", "start", "--listen", "127.0.0.1:0", code=5).endswith("(already-running)\n")
        assert ana.asks("daemon", "start")["process"] == foreground.pid
        foreground.send_signal(signal.SIGINT)
        assert foreground.wait() == 0
    assert ana.asks("daemon", "status")["running"] is False
    assert ana.types("daemon", "run", "--listen", "nonsense", code=2).endswith("(bad-argument)\n")


def test_a_reader_is_told_when_the_daemon_ends(people: tuple[Person, Person]) -> None:
    """Goal: an end is not taken for silence. Method: watch, then stop the daemon."""
    ana, _ = people
    ana.begins()
    with ana.starts("watch") as watcher:
        assert watcher.stdout is not None
        # Found until the first line comes: only then is the watcher known to be subscribed.
        ana.types("campaign", "found", "Evin five", "--seat", "exile")
        while not _readable(watcher):
            ana.types("channel", "open", "evin", f"more {os.urandom(4).hex()}")
        ana.types("daemon", "stop")
        told, error = watcher.communicate()
        assert watcher.returncode == 5
    assert "Evin five" in told
    assert error.endswith("(daemon-unreachable)\n")


def _readable(process: subprocess.Popen[str]) -> bool:
    assert process.stdout is not None
    return bool(select.select([process.stdout], [], [], 0)[0])


ON_A_TERMINAL = """
import os, sys
os.open(sys.argv[1], os.O_RDWR)  # the first terminal a session opens is its own
os.execv(sys.executable, [sys.executable, "-m", "meshcoal", *sys.argv[2:]])
"""


class Screen:
    """A terminal of its own with a command on it, and somebody who types."""

    def __init__(self, person: Person, *arguments: str) -> None:
        self.end, screen = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", ON_A_TERMINAL, os.ttyname(screen), *arguments],
            stdin=screen,
            stdout=screen,
            stderr=screen,
            cwd=person.folder,
            env={**person.environment, "TERM": "dumb"},
            start_new_session=True,
        )
        os.close(screen)
        self.told = ""

    def answers(self, question: str, answer: str) -> None:
        """Wait until the question is on the screen, then type."""
        already = len(self.told)
        while question not in self.told[already:]:
            self.told += os.read(self.end, 4096).decode()
        os.write(self.end, answer.encode() + b"\n")

    def ends(self) -> int:
        while True:
            try:
                data = os.read(self.end, 4096)
            except OSError:  # Linux: the other end is closed
                break
            if not data:
                break
            self.told += data.decode()
        os.close(self.end)
        return self.process.wait()


def test_a_person_at_a_terminal(people: tuple[Person, Person]) -> None:
    """Goal: prompts work and hide what is typed. Method: a pseudo-terminal: create, lock, be asked, sign."""
    ana, _ = people
    phrase = "correct horse battery"
    creating = Screen(ana, "identity", "create", "Ana")
    creating.answers("New passphrase: ", phrase)
    creating.answers("The same again: ", phrase)
    assert creating.ends() == 0, creating.told
    assert "The identity Ana is made" in creating.told
    assert phrase not in creating.told
    ana.types("campaign", "found", "Evin five", "--seat", "exile")
    (ana.folder / "letter.txt").write_text("Release them.\n", encoding="utf-8")
    ana.types("statement", "draft", "evin", "letter.txt", "--language", "en", "--title", "Free them")
    ana.types("statement", "freeze", "evin", "free", "--deadline", "3d", "--yes")
    ana.types("lock")
    signing = Screen(ana, "statement", "sign", "evin", "free", "--as", "individual", "--name", "Ana")
    signing.answers("Passphrase: ", "mistyped")
    signing.answers("Passphrase: ", phrase)
    signing.answers("type sign: ", "sign")
    assert signing.ends() == 0, signing.told
    assert "  | Release them." in signing.told
    assert "Signed. Your signature is counted." in signing.told
    assert ana.asks("statement", "show", "evin", "free")["tally"]["counted"] == 1
