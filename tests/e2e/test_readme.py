"""Two new users with the README alone, on terminals of their own; a third checks what came out."""

from __future__ import annotations

import os
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from processwork import PATIENCE_S, environment

pytestmark = pytest.mark.e2e

README = Path(__file__).parent.parent.parent / "README.md"
READ_BYTES = 65_536
ENTER, END = b"\r", b"\x04"


class User:
    """Somebody at a terminal, with a home of their own."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.folder = folder / name.lower()
        self.folder.mkdir()
        self.passphrase = f"correct horse battery {name}"
        self.typed: list[str] = []
        self._environment = {
            **environment(folder),
            "MESHCOAL_HOME": str(self.folder / "home"),
            "COLUMNS": "300",
        }

    def types(self, *arguments: str, answers: tuple[tuple[str, str], ...] = ()) -> str:
        """Run `meshcoal` on a pseudo-terminal of its own, answering each question when it is asked.

        Returns what stood on the screen. Fails unless the command succeeds.
        """
        self.typed.append(" ".join(arguments))
        ours, theirs = os.openpty()
        # The session's terminal, so that a passphrase is asked for there, unseen.
        code = (
            "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
            "os.execv(sys.executable, [sys.executable, '-m', 'meshcoal', *sys.argv[1:]])"
        )
        with subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=self.folder,
            env=self._environment,
            start_new_session=True,
        ) as process:
            os.close(theirs)
            screen = ""
            for question, answer in answers:
                screen += self._read(ours, question)
                os.write(ours, answer.encode() + ENTER)
            screen += self._read(ours, None)
            os.close(ours)
            assert process.wait(PATIENCE_S) == 0, screen
        return screen.replace("\r\n", "\n")

    def follows(self, pattern: str, *arguments: str) -> str:
        """Type it again until the screen shows what was expected to come."""
        end = time.monotonic() + PATIENCE_S
        while not re.search(pattern, screen := self.types(*arguments)):
            assert time.monotonic() < end, screen
        return screen

    def pipes(self, text: str, *arguments: str) -> str:
        """The same with text pasted into it."""
        self.typed.append(" ".join(arguments))
        done = subprocess.run(
            [sys.executable, "-m", "meshcoal", *arguments],
            input=text,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=self._environment,
            timeout=PATIENCE_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _read(self, ours: int, pattern: str | None) -> str:
        """Until the pattern was written, or to the end."""
        seen = ""
        while pattern is None or not re.search(pattern, seen):
            assert select.select([ours], [], [], PATIENCE_S)[0], f"nothing more came after: {seen}"
            try:
                data = os.read(ours, READ_BYTES)
            except OSError:  # Linux: the other end was closed
                data = b""
            seen += data.decode(errors="replace")
            if not data:
                assert pattern is None, f"it ended before {pattern!r}: {seen}"
                break
        return seen


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="mc-"))  # short: a socket's path is
    yield made
    shutil.rmtree(made)


@pytest.fixture
def users(folder: Path) -> Iterator[tuple[User, User, User]]:
    all_three = (User(folder, "Ana"), User(folder, "Ben"), User(folder, "Chi"))
    yield all_three
    for user in all_three[:2]:
        user.types("daemon", "stop")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_two_users_get_from_nothing_to_a_verified_letter(users: tuple[User, User, User]) -> None:
    """Goal: the README is enough. Method: type what it says, answer what is asked; then compare what was
    typed with what the README shows, so that neither goes its own way."""
    ana, ben, chi = users
    # 1. Each makes an identity
    for user in (ana, ben):
        twice = (("New passphrase.*:", user.passphrase), ("(?s)same again.*:", user.passphrase))
        user.types("identity", "create", user.name, "--suggest", answers=twice)
    # 2. One of them must be reachable
    address = f"127.0.0.1:{free_port()}"
    ana.types("daemon", "stop")
    ana.types("daemon", "start", "--listen", address)
    ana.types("unlock", answers=(("Passphrase.*:", ana.passphrase),))
    ana.types("identity", "address", address)
    # 3. A campaign and an invitation
    ana.types("campaign", "found", "Evin five", "--goal", "A joint letter by Friday", "--seat", "exile")
    shown = ana.types("invite", "make", "--campaign", "Evin five", "--seat", "in-country")
    (invitation,) = [line for line in shown.splitlines() if len(line) > 100]
    ben.pipes(invitation + "\n", "invite", "accept", "-")
    # 4. They compare words
    words = [
        re.findall(r"\d ([a-z]+)", user.follows("(?s)Words to compare.*", "invite", "pending"))
        for user in (ana, ben)
    ]
    assert words[0] == words[1]
    assert len(words[0]) == 6
    ana.types("contact", "confirm", "ben", "--match")
    ben.types("contact", "confirm", "ana", "--match")
    # 5. Ana admits Ben, and they talk
    ana.types("admit", "ben", "--seat", "in-country", "--role", "member")
    ana.types("send", "evin", "general", "Welcome. The hearing is on Tuesday.")
    ben.follows("Evin five", "campaign", "list")
    ben.follows("The hearing is on Tuesday.", "read", "evin", "general")
    ben.types("send", "evin", "general", "Thank you.")
    ana.follows("Thank you.", "read", "evin", "general")
    # 6. A letter, frozen
    (ana.folder / "letter.txt").write_text("They are held since May.\n\nRelease them.\n", encoding="utf-8")
    ana.types("statement", "draft", "evin", "letter.txt", "--language", "en", "--title", "Free them")
    ana.types(
        *("statement", "freeze", "evin", "free", "--to", "The Minister of Justice", "--deadline", "in 24h"),
        answers=(("yes", "yes"),),
    )
    # 7. Both read and sign it
    sign = (("type sign", "sign"),)
    seen = ana.types(
        *("statement", "sign", "evin", "free", "--as", "organisation", "--name", "Committee of Families"),
        answers=sign,
    )
    assert "They are held since May." in seen
    ben.follows("open", "statement", "list", "evin")
    ben.types(
        *("statement", "sign", "evin", "free", "--as", "individual", "--name", "Ben B.", "--read", "en"),
        answers=sign,
    )
    both_signed = "Signed: 1 organisation and 1 individual"
    shown_letters = [user.follows(both_signed, "statement", "show", "evin", "free") for user in (ana, ben)]
    tallies = [re.findall("Tally digest: ([0-9a-f]{64})", one) for one in shown_letters]
    assert tallies[0] == tallies[1]
    assert len(tallies[0]) == 1
    # 8. Ana releases it, and anybody checks it
    ana.types("statement", "release", "evin", "free", answers=(("yes", "yes"),))
    ana.types("statement", "export", "evin", "free", "--to", "letter")
    (package,) = (ana.folder / "letter").glob("statement-*.meshcoal.json")
    assert "SOUND: " in chi.types("verify", str(package))
    assert not (chi.folder / "home").exists()

    blocks = re.findall(r"^```sh\n(.*?)^```", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    shown_commands = {
        _command(line) for block in blocks for line in re.findall(r"^meshcoal (.+)$", block, re.MULTILINE)
    }
    assert len(shown_commands) > 15
    typed_commands = {_command(line) for user in users for line in user.typed}
    assert shown_commands - typed_commands == set(), "the README shows what was not tried"


def _command(line: str) -> str:
    """The words of a command before its first argument that somebody chose."""
    known = ("identity", "daemon", "campaign", "invite", "contact", "statement")
    first, *rest = line.split()
    return f"{first} {rest[0]}" if first in known else first
