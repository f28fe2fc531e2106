"""Signing from outside with real processes: a call given out, answered without a vault, read and released."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import segno

sys.path.insert(0, str(Path(__file__).parent))

from test_cli_e2e import Person

pytestmark = pytest.mark.e2e


@pytest.fixture
def ana(tmp_path: Path) -> Iterator[Person]:
    person = Person(tmp_path, "ana")
    person.begins()
    person.types("campaign", "found", "Evin five", "--seat", "exile")
    (person.folder / "letter.txt").write_text("Release them.\n", encoding="utf-8")
    person.types("statement", "draft", "evin", "letter.txt", "--language", "en", "--title", "Free them")
    person.types("statement", "freeze", "evin", "free", "--deadline", "in 24h", "--yes")
    yield person
    person.types("daemon", "stop")


def call_of(ana: Person) -> Path:
    """Make a call; the file that is given out."""
    asked = ("statement", "call", "evin", "free", "--asks", "Coalition", "--reply-to", "a@example.org")
    made = ana.asks(*asked, "--to", "out", "--yes")
    (text, page) = [Path(ana.folder, name) for name in made["files"]]
    assert text.name.endswith(".meshcoal-call.txt")
    assert page.read_bytes().startswith(b"<!DOCTYPE html>")
    return text


def test_from_a_call_to_the_public_list(ana: Person, tmp_path: Path) -> None:
    """Goal: the guide's way works. Method: call, answer three times, import, decide, withdraw, release."""
    text = call_of(ana)
    outside = Person(tmp_path, "outside")  # has no vault, and no daemon is ever started for them
    digest = re.search(r"statement: ([0-9a-f]{64})\nbytes", text.read_text(encoding="utf-8"))
    assert digest is not None
    for folder, source, name in (
        ("one", str(text), "Kenya Forum"),
        ("two", str(text.with_name(text.name.replace(".meshcoal-call.txt", ".html"))), "Spam Ltd"),
        ("three", pictured(link_of(ana), tmp_path / "call.png"), "Solo"),
    ):
        answer = ("statement", "answer", source, "--as", "organisation", "--name", name, "--to", folder)
        outside.types(*answer, "--digest", digest[1], "--yes")
    assert outside.types(
        "statement", "answer", str(text), "--as", "organisation", "--name", "x", "--code", "00", code=2
    ).endswith("(bad-argument)\n")
    assert not (outside.folder / "home").exists()

    pile = outside.folder / "pile.txt"
    replies = sorted(outside.folder.glob("*/*.meshcoal-reply.txt"))
    assert len(replies) == 3
    pile.write_text("".join(f"> {one.read_text()}\nmore talk\n" for one in replies) + "meshcoal-reply-1:cut")
    broken = json.loads(
        subprocess.run(
            [sys.executable, "-m", "meshcoal", "statement", "import", "evin", "free", str(pile), "--json"],
            capture_output=True, text=True, cwd=ana.folder, env=ana.environment, check=False,
        ).stdout
    )  # fmt: skip
    assert (broken["new"], broken["known"]) == (3, 0)
    assert broken["refused"] == [{"file": "pile.txt", "number": 4, "code": "damaged"}]
    again = ana.asks("statement", "import", "evin", "free", *[str(one) for one in replies])
    assert (again["new"], again["known"], again["refused"]) == (0, 3, [])
    scanned = pictured(re.sub(r"\s", "", replies[0].read_text(encoding="utf-8")), tmp_path / "reply.png")
    assert ana.asks("statement", "import", "evin", "free", scanned)["known"] == 1

    shown = ana.types("statement", "replies", "evin", "free", "--refuse", "Spam")
    assert "Kenya Forum" in shown
    assert "Spam" not in shown
    done = ana.asks("statement", "replies", "evin", "free", "--accept-all", "--yes")
    assert done["done"] == {"accept": 2}
    assert "Kenya Forum" in ana.types("statement", "outside", "evin", "free")

    (key,) = outside.folder.glob("three/*.meshcoal-key.txt")
    outside.types("statement", "answer", str(text), "--withdraw", "--key", str(key), "--to", "back", "--yes")
    assert ana.asks("statement", "import", "evin", "free", str(outside.folder / "back"))["withdrawal"] == 1
    tally = ana.asks("statement", "show", "evin", "free")["tally"]
    assert (tally["counted"], tally["outside"]) == (1, 1)
    ana.types("statement", "release", "evin", "free", "--yes")
    written = ana.asks("statement", "export", "evin", "free", "--to", "released")["files"]
    (package,) = [name for name in written if name.endswith(".meshcoal.json")]
    verified = ana.types("verify", package)
    assert "SOUND" in verified
    assert "Kenya Forum" in verified


def pictured(text: str, path: Path) -> str:
    """A picture of the QR code of a text."""
    segno.make(text, error="l", micro=False, boost_error=False).save(str(path), scale=4, border=4)
    return str(path)


def link_of(ana: Person) -> str:
    told = ana.types("statement", "calls", "evin", "free", "--link")
    return next(line for line in told.splitlines() if line.startswith("meshcoal-call-1:"))


def test_a_person_sees_the_letter_before_they_sign(ana: Person, tmp_path: Path) -> None:
    """Goal: nobody signs unseen, nothing is overwritten. Method: without a terminal; twice into a folder."""
    text = call_of(ana)
    outside = Person(tmp_path, "outside")
    answer = ("statement", "answer", str(text), "--as", "individual", "--name", "Ann")
    refused = outside.types(*answer, code=2)
    assert "Release them." in refused
    assert "Coalition" in refused
    digest = re.search(r"Digest: ([0-9a-f]{64})", refused)
    assert digest is not None
    outside.types(*answer, "--digest", digest[1], "--yes")
    outside.types(*answer, "--digest", digest[1], "--yes", code=2)
    damaged = outside.folder / "damaged.txt"
    shutil.copy(text, damaged)
    damaged.write_text(damaged.read_text(encoding="utf-8").replace("Release", "Detain"), encoding="utf-8")
    assert "(bad-argument)" in outside.types(
        "statement", "answer", str(damaged), "--as", "individual", "--name", "Ann", code=2
    )
