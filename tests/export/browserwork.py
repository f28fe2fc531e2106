"""A headless Chromium, driven over its own debugging socket, with every way to a network closed."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp

_CHECKED: Final = """new Promise((done) => {
  const checked = () => document.documentElement?.dataset.checkedMs !== undefined;
  const look = () => (checked() ? done(true) : setTimeout(look, 10));
  look();
})"""
_OPTIONS: Final = (
    "--headless=new", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=127.0.0.1:9", "--disable-dev-shm-usage", "--window-size=900,1400",
)  # fmt: skip


class Tab:
    """One tab. `requests` holds the address of everything it asked for."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser = browser
        self._session = session
        self.requests: list[str] = []

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await self._browser.call(method, session=self._session, **parameters)
        return answer

    async def evaluate(self, expression: str) -> Any:
        answer = await self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    async def open_checked(self, page: Path) -> None:
        """Go to a page of ours and wait until it has said what it found."""
        await self.call("Page.navigate", url=page.as_uri())
        await self.evaluate(_CHECKED)


class Browser:
    """Calls and their answers, by number."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._tabs: dict[str, Tab] = {}

    async def call(self, method: str, *, session: str = "", **parameters: Any) -> dict[str, Any]:
        self._number += 1
        asked = {"id": self._number, "method": method, "params": parameters}
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[self._number] = answer
        await self._socket.send_json(asked | ({"sessionId": session} if session else {}))
        return await answer

    async def tab(self) -> Tab:
        target = await self.call("Target.createTarget", url="about:blank")
        attached = await self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        session = attached["sessionId"]
        tab = self._tabs[session] = Tab(self, session)
        for domain in ("Page", "Network", "Runtime"):
            await tab.call(f"{domain}.enable")
        return tab

    async def listen(self) -> None:
        async for frame in self._socket:
            told = json.loads(frame.data)
            if "id" in told:
                answer = self._waiting.pop(told["id"])
                if "error" in told:
                    answer.set_exception(AssertionError(told["error"]))
                else:
                    answer.set_result(told["result"])
            elif told["method"] == "Network.requestWillBeSent":
                self._tabs[told["sessionId"]].requests.append(told["params"]["request"]["url"])


@asynccontextmanager
async def chromium(program: str, profile: Path, *more: str) -> AsyncIterator[Browser]:
    """Start it, and end it again. Of a switch that stands twice the last holds: `more` comes last."""
    # Its sandbox refuses to run as root, as which containers run; it opens nothing but our own files.
    rooted = ["--no-sandbox"] if os.geteuid() == 0 else []
    process = await asyncio.create_subprocess_exec(
        program, *_OPTIONS, *rooted, f"--user-data-dir={profile}", *more, "about:blank",
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    said = ""
    async for line in process.stderr:
        said += line.decode(errors="replace")
        if "DevTools listening on " in said:
            break
    assert "DevTools listening on " in said, said
    address = said.partition("DevTools listening on ")[2].split()[0]
    drain = asyncio.create_task(_drained(process.stderr))
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(address, max_msg_size=0) as socket,
        ):
            browser = Browser(socket)
            listening = asyncio.create_task(browser.listen())
            try:
                yield browser
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
    finally:
        process.terminate()
        await process.wait()
        await drain


async def _drained(stream: asyncio.StreamReader) -> None:
    while await stream.read(65_536):
        pass
