"""The door of the pages in the face of requests that no page of ours makes. A real daemon, raw sockets."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))

from pagecheck import faults
from processwork import RealNode

from meshcoal.api.commands import GetStatus, ListCampaigns, ShowBrowser, StartBrowser, StopBrowser
from meshcoal.api.views import BrowserView, CampaignsView, StatusView, VaultState
from meshcoal.browser.bodies import FORM_BYTES_MAX
from meshcoal.browser.loopback import CONNECTIONS_MAX, owner_of

pytestmark = pytest.mark.e2e


@dataclass
class Answered:
    status: int
    headers: dict[str, str]
    body: str


@dataclass
class Knocker:
    """Sends whatever it likes to the pages' port."""

    port: int
    cookie: str = ""
    home: str = ""
    seen: list[str] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def raw(self, data: bytes) -> Answered:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(data)
            await writer.drain()
            whole = await asyncio.wait_for(reader.read(), 30)
        finally:
            writer.transport.abort()
        head, _, body = whole.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = {}
        for line in lines[1:]:
            key, _, value = line.partition(": ")
            headers[key.lower()] = value
        return Answered(
            int(lines[0].split(" ")[1]) if lines[0] else 0, headers, body.decode("utf-8", "replace")
        )

    async def ask(
        self, path: str, *, method: str = "GET", form: dict[str, str] | None = None, **headers: str | None
    ) -> Answered:
        """A request as a browser makes it, but for the headers that are named; None leaves one out."""
        body = urlencode(form).encode() if form is not None else b""
        sent: dict[str, str | None] = {"Host": f"127.0.0.1:{self.port}"}
        if self.cookie:
            sent["Cookie"] = f"page={self.cookie}"
        if form is not None:
            method = "POST"
            sent |= {
                "Origin": self.origin,
                "Sec-Fetch-Site": "same-origin",
                "Content-Type": "application/x-www-form-urlencoded",
                "Content-Length": str(len(body)),
            }
        sent |= {key.replace("_", "-"): value for key, value in headers.items()}
        lines = [
            f"{method} {path} HTTP/1.1",
            *[f"{key}: {value}" for key, value in sent.items() if value is not None],
        ]
        found = await self.raw("\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + body)
        self.seen.append(found.body)
        return found

    async def enter(self, address: str) -> Answered:
        """Use an address up."""
        path = address.removeprefix(self.origin)
        found = await self.ask(path, form={})
        if found.status == 303:
            self.cookie = re.findall(r"page=([^;]+)", found.headers["set-cookie"])[0]
            self.home = found.headers["location"]
        return found

    async def key(self) -> str:
        page = await self.ask(self.home)
        return str(re.findall(r'name="form-key" value="([^"]+)"', page.body)[0])


@pytest.fixture
async def ana() -> AsyncIterator[RealNode]:
    folder = Path(tempfile.mkdtemp(prefix="mc-"))
    node = RealNode(folder, "ana")
    node.make_vault_cheaply()
    await node.start()
    await node.unlock()
    yield node
    await node.stop()
    shutil.rmtree(folder)


async def started(node: RealNode) -> tuple[Knocker, str]:
    view = await node.ask(StartBrowser(), BrowserView)
    return Knocker(int(view.address.split(":")[2].split("/")[0])), view.address


async def test_only_the_browser_that_is_in_gets_pages(ana: RealNode) -> None:
    """Goal: cookie, address, host, origin and form key each keep strangers out. Method: each request a little
    wrong; what each answers, and that nothing was done."""
    knocker, address = await started(ana)
    token = address.removeprefix(knocker.origin)
    assert (await knocker.ask("/")).status == 403
    assert (await knocker.ask("/style.css")).status == 200
    assert (await knocker.ask("/style.css", Sec_Fetch_Site="cross-site")).status == 403
    assert (await knocker.ask(token)).status == 200, "looking does not use it up"
    assert (await knocker.ask(token)).status == 200
    assert (await knocker.ask(token, form={}, Origin="http://127.0.0.1:1")).status == 403
    assert (await knocker.ask(token, form={}, Origin="null")).status == 403
    assert (await knocker.ask(token, form={}, Origin=None)).status == 403
    entered = await knocker.enter(address)
    assert entered.status == 303
    assert "HttpOnly" in entered.headers["set-cookie"]
    assert "SameSite=Strict" in entered.headers["set-cookie"]
    assert (await knocker.ask(token)).status == 404, "it is used up"
    assert (await knocker.ask(token, form={})).status == 404
    home = await knocker.ask(knocker.home)
    assert home.status == 200
    assert "Campaigns of" in home.body
    assert home.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in home.headers["content-security-policy"]
    assert "script" not in home.headers["content-security-policy"]
    # An address alone, and a cookie alone
    stranger = Knocker(knocker.port)
    assert (await stranger.ask(knocker.home)).status == 403
    assert (await stranger.ask(knocker.home, Cookie="page=")).status == 403
    assert (await stranger.ask(knocker.home, Cookie="page=\udcff")).status in (400, 403)
    for path in (
        "/",
        "/home",
        "/../../etc/passwd",
        "/%2e%2e/api.sock",
        "//x",
        "/style.css/..",
        "/?page=home",
    ):
        refused = await knocker.ask(path)
        assert refused.status in (400, 403, 404), path
        assert not re.findall(r'(?:href|action)="/[^s]', refused.body), "the cookie alone is told no address"
    # Another name for this machine, as after a DNS answer that changed
    for host in (
        "localhost",
        f"localhost:{knocker.port}",
        "evil.example",
        "127.0.0.1",
        f"127.1:{knocker.port}",
    ):
        assert (await knocker.ask(knocker.home, Host=host)).status == 403, host
    twice = f"GET {knocker.home} HTTP/1.1\r\nHost: 127.0.0.1:{knocker.port}\r\nHost: evil.example\r\n\r\n"
    assert (await knocker.raw(twice.encode())).status in (400, 403)
    assert (await knocker.ask(knocker.home, Sec_Fetch_Dest="iframe")).status == 403
    assert (await knocker.ask(knocker.home, method="PUT")).status == 405
    await no_form_of_strangers(ana, knocker)
    pages = [one for one in knocker.seen if one.startswith("<!DOCTYPE")]
    assert len(pages) > 10
    assert [faults(one) for one in pages] == [[]] * len(pages)


async def no_form_of_strangers(ana: RealNode, knocker: Knocker) -> None:
    page = await knocker.ask(knocker.home)
    found = re.findall(r'href="([^"]+)">Found a campaign<', page.body)[0]
    form = {"name": "Evin", "channels": "general", "seat": "exile", "talk_days": "7", "do": "found"}
    key = await knocker.key()
    assert (await knocker.ask(found, form=form)).status == 403, "no key"
    assert (await knocker.ask(found, form=form | {"form-key": key[:-1]})).status == 403
    assert (await knocker.ask(found, form=form | {"form-key": key}, Origin=None)).status == 403
    assert (
        await knocker.ask(found, form=form | {"form-key": key}, Origin="http://evil.example")
    ).status == 403
    wrong = await knocker.ask(found, form=form | {"form-key": key}, Sec_Fetch_Site="same-site")
    assert wrong.status == 403
    assert (await knocker.ask(found, form=form | {"form-key": key}, Cookie=None)).status == 403
    assert (await knocker.ask(found, form=form | {"form-key": key}, Content_Type="text/plain")).status == 400
    assert (await ana.ask(ListCampaigns(), CampaignsView)).campaigns == ()
    refused = await knocker.ask(found, form=form | {"form-key": key, "talk_days": "0"})
    assert refused.status == 422
    assert 'value="Evin"' in refused.body
    assert (await knocker.ask(found, form=form | {"form-key": key})).status == 303
    assert len((await ana.ask(ListCampaigns(), CampaignsView)).campaigns) == 1


async def test_what_is_too_much_is_refused_and_others_are_served(ana: RealNode) -> None:
    """Goal: nobody fills our memory or keeps the person out. Method: forms too large, too many fields, silent
    and dripping connections beyond the bound; then a page."""
    knocker, address = await started(ana)
    await knocker.enter(address)
    key = await knocker.key()
    large = await knocker.ask(knocker.home, form={"form-key": key, "x": "y" * (FORM_BYTES_MAX + 1)})
    assert large.status == 413
    many = await knocker.ask(
        knocker.home, form={"form-key": key} | {f"f{number}": "" for number in range(500)}
    )
    assert many.status == 400
    long_line = await knocker.ask("/" + "a" * 20_000)
    assert long_line.status in (0, 400, 414)
    silent = [await asyncio.open_connection("127.0.0.1", knocker.port) for _ in range(CONNECTIONS_MAX + 8)]
    for _reader, writer in silent:
        writer.write(b"GET / HTTP/1.1\r\nX-Slow: ")
    assert (await knocker.ask(knocker.home)).status == 200
    first = silent[0][0]
    assert await asyncio.wait_for(first.read(), 20) == b"", "the slowest was cut off"
    for _reader, writer in silent:
        writer.transport.abort()
    assert (await knocker.ask(knocker.home)).status == 200


async def test_a_locked_vault_is_opened_at_the_door(ana: RealNode) -> None:
    """Goal: whoever has the address alone gets nothing from a locked vault. Method: enter without, with a
    wrong and with the right passphrase; stop; a second address throws the first browser out."""
    await ana.stop()
    await ana.start()
    knocker, address = await started(ana)
    token = address.removeprefix(knocker.origin)
    assert 'type="password"' in (await knocker.ask(token)).body
    assert (await knocker.ask(token, form={})).status == 403
    wrong = await knocker.ask(token, form={"passphrase": "certainly not"})
    assert wrong.status == 403
    assert "wrong-passphrase" in wrong.body
    assert "certainly" not in wrong.body
    right = await knocker.ask(token, form={"passphrase": ana.passphrase})
    assert right.status == 303
    assert (await ana.ask(GetStatus(), StatusView)).vault is VaultState.UNLOCKED
    knocker.cookie = re.findall(r"page=([^;]+)", right.headers["set-cookie"])[0]
    knocker.home = right.headers["location"]
    assert (await knocker.ask(knocker.home)).status == 200
    assert (await ana.ask(ShowBrowser(), BrowserView)).entered
    second = Knocker(knocker.port)
    await second.enter((await ana.ask(StartBrowser(), BrowserView)).address)
    assert (await second.ask(second.home)).status == 200
    assert (await knocker.ask(knocker.home)).status == 403
    assert not (await ana.ask(StopBrowser(), BrowserView)).running
    with pytest.raises(OSError):
        await second.ask(second.home)
    assert not (await ana.ask(ShowBrowser(), BrowserView)).running


async def test_the_system_tells_whose_a_connection_is() -> None:
    """Goal: another user's program is known for one. Method: our own connection, looked up in the table; and
    one that is not there."""
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    _reader, writer = await asyncio.open_connection("127.0.0.1", port)
    mine = writer.get_extra_info("sockname")[1]
    assert owner_of(mine, port) == (os.getuid() if sys.platform == "linux" else None)
    assert owner_of(1, port) is None
    writer.close()
    server.close()
