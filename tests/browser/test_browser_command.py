"""`meshcoal browser`, typed by somebody, with a real daemon and a browser of ours that only looks."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))

from processwork import RealNode, environment

pytestmark = pytest.mark.e2e

# A browser that notes what it was told to open, and how it is guarded; then it goes there and enters.
LOOKER = """import re, stat, sys, urllib.parse, urllib.request
from pathlib import Path
file = Path(urllib.parse.unquote(urllib.parse.urlparse(sys.argv[1]).path))
address = re.findall('url=(http[^"]+)', file.read_text())[0]
Path(r"{noted}").write_text(f"{{stat.S_IMODE(file.stat().st_mode):o}} {{address not in ' '.join(sys.argv)}}")
origin = address.rpartition("/")[0]
asked = urllib.request.Request(address, data=b"", headers={{"Origin": origin}})
class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_): return None
try:
    urllib.request.build_opener(Stay).open(asked)
except urllib.error.HTTPError as entered:
    assert entered.code == 303
"""


class Typist:
    """Runs the command in the environment of nobody."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.environment = environment(folder)

    async def types(self, *words: str, code: int = 0) -> Any:
        ended = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "meshcoal", "--home", str(self.home), *words, "--json"],
            capture_output=True,
            text=True,
            env=self.environment,
            check=False,
            timeout=120,
        )
        assert ended.returncode == code, ended.stderr
        return json.loads(ended.stdout)


@pytest.fixture
def typist() -> Iterator[Typist]:
    made = Path(tempfile.mkdtemp(prefix="mc-"))
    yield Typist(made)
    shutil.rmtree(made)


async def test_the_command_starts_opens_and_closes_the_pages(typist: Typist) -> None:
    """Goal: one command is all there is to know. Method: with no daemon, before there is a vault, in a
    language, opened in a browser by itself, and closed; each answer in JSON."""
    assert not (await typist.types("browser", "--status"))["running"], "and no daemon was started to say so"
    assert not typist.home.exists()
    begun = await typist.types("browser")
    try:
        assert begun["running"]
        assert begun["address"].startswith("http://127.0.0.1:")
        page = await asyncio.to_thread(_read, begun["address"])
        assert 'lang="en" dir="ltr"' in page
        assert "Open</button>" in page
        persian = await typist.types("--language", "fa", "browser")
        assert 'lang="fa" dir="rtl"' in await asyncio.to_thread(_read, persian["address"])
        noted, looker = typist.folder / "noted", typist.folder / "looker.py"
        looker.write_text(LOOKER.format(noted=noted))
        typist.environment["BROWSER"] = f"{sys.executable} {looker} %s"
        opened = await typist.types("browser", "--open")
        assert opened["entered"]
        assert opened["address"] == ""
        assert noted.read_text() == "600 True"
        assert list(typist.home.glob("*.html")) == []
        assert (await typist.types("browser", "--status"))["entered"]
        assert not (await typist.types("browser", "--stop"))["running"]
        assert not (await typist.types("browser", "--status"))["running"]
        wrong = await typist.types("--language", "tlh", "browser", code=2)
        assert wrong["error"]["code"] == "bad-argument"
        both = await typist.types("browser", "--open", "--stop", code=2)
        assert both["error"]["code"] == "bad-argument"
    finally:
        await typist.types("daemon", "stop")


def _read(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return str(answer.read().decode())


async def test_a_first_identity_is_made_on_the_pages(typist: Typist) -> None:
    """Goal: nobody needs a terminal for their first steps. Method: the form that makes a vault; passphrases
    that differ, then the right ones."""
    sys.path.insert(0, str(Path(__file__).parent))
    from test_pages_door import started

    node = RealNode(typist.folder, "home")
    await node.start()
    try:
        knocker, address = await started(node)
        await knocker.enter(address)
        page = await knocker.ask(knocker.home)
        assert "Your identity" in page.body
        form = {"name": "Ana", "passphrase": "correct horse battery", "form-key": await knocker.key()}
        refused = await knocker.ask(knocker.home, form=form | {"again": "another"})
        assert refused.status == 422
        assert 'value="Ana"' in refused.body
        assert "horse" not in refused.body
        made = await knocker.ask(knocker.home, form=form | {"again": "correct horse battery"})
        assert made.status == 303
        assert "Campaigns of" in (await knocker.ask(made.headers["location"])).body
    finally:
        await node.stop()
