"""The door of the pages: what is asked of loopback, checked before anything is looked at, and answered.

Law: a request is for this very host and port, from this user, from a page of ours where it changes something,
with the cookie of the browser that is in and an address that only a page could tell. Neither the cookie nor
an address is worth anything alone. Nothing is kept by the browser, nothing is loaded, no script runs.
Nothing of a request is written down. Decided in docs/design/0031-browser.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import tzinfo
from importlib import resources
from typing import Final

from aiohttp import web

from meshcoal.api.commands import CreateVault, GetStatus, Lock, Unlock
from meshcoal.api.views import Notice, NoticeKind, StatusView, VaultState
from meshcoal.browser import frame
from meshcoal.browser.bodies import read_values
from meshcoal.browser.book import PAGES
from meshcoal.browser.elements import STYLE, Address, Child, Element, el, spelled
from meshcoal.browser.forms import DO_FIELD, KEY_FIELD, NONE, Values, problem
from meshcoal.browser.gate import Gate, Place
from meshcoal.browser.loopback import HOST, Door
from meshcoal.browser.visit import DROP, KEEP, Download, Page, Sheet, Visit
from meshcoal.errors import BadArgument, Locked, MeshcoalError, NoVault, OverLimit, Unknown
from meshcoal.tui.faults import sentence_of
from meshcoal.tui.locale import _, spoken
from meshcoal.tui.session import Session
from meshcoal.wire.filenames import safe_file_name

COOKIE: Final = "page"
POLICY: Final = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_SHOWN: Final = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
)
_SAVED: Final = "sandbox; default-src 'none'"
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Not `no-referrer`: with that browsers write `Origin: null`, as a stranger's page can as well.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-DNS-Prefetch-Control": "off",
}
_FORGET: Final = {"Clear-Site-Data": '"cache"'}
_RELOAD_S: Final = 11 * 60  # a page that nobody looks at is asked for again, and is hidden by then
_PASS: Final = (frame.PASSPHRASE, frame.AGAIN)


class Pages:
    """Answers requests. One browser is in at a time."""

    def __init__(
        self,
        *,
        gate: Gate,
        session: Session,
        now_ms: Callable[[], int],
        zone: tzinfo | None = None,
        note: Callable[[str], None] = lambda _line: None,
    ) -> None:
        """`note` writes a line to the daemon's log: where a bug was, and never what was asked."""
        self.gate = gate
        self._session = session
        self._now_ms = now_ms
        self._zone = zone
        self._language = spoken().code.replace("_", "-")
        self._direction = "rtl" if spoken().from_right else "ltr"
        self._note = note
        self._told = ""  # on the page that comes next
        self._style = resources.files("meshcoal.browser").joinpath("style.css").read_bytes()
        self.locked = False
        self.over = asyncio.Event()  # nothing is to be served any more
        self.door = Door(web.Server(self.answer, access_log=None, keepalive_timeout=1.0))

    async def watch(self) -> None:
        """Hear from the daemon when the vault is locked or opened, for ever."""
        changed = asyncio.Event()

        def tell(notice: Notice) -> None:
            if notice.kind in (NoticeKind.STATUS, NoticeKind.OVERRUN):
                changed.set()

        async def look() -> None:
            while True:
                await changed.wait()
                changed.clear()
                try:
                    status = await self._session.send(GetStatus(), StatusView)
                except MeshcoalError:
                    continue  # the daemon went; whoever holds our leash ends us
                self.locked = status.vault is not VaultState.UNLOCKED
                if self.locked:
                    self.gate.hide()

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(look())
            changed.set()
            await self._session.listen(tell, lambda _gone: None)

    # --- What is asked

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Every request there is; each is the last of its connection."""
        self.door.begun(request)
        response = await self._answered(request)
        response.force_close()
        return response

    async def _answered(self, request: web.BaseRequest) -> web.StreamResponse:
        refused = self._stranger(request)
        if refused:
            return _refusal(403, refused)
        if request.method not in ("GET", "HEAD", "POST"):
            return _refusal(405, "GET, HEAD, POST.")
        if request.path == STYLE and request.method != "POST":
            return web.Response(body=self._style, headers=_HEADERS, content_type="text/css", charset="utf-8")
        if self.gate.opens(request.path.removeprefix("/"), self._now_ms()):
            return await self._enter(request)
        if not self.gate.knows(request.cookies.get(COOKIE, ""), self._now_ms()):
            return self._door_page(_closed(), status=403)
        place = self.gate.place(request.path)
        if place is None:
            # No way on from here: whoever got hold of the cookie alone is not to be told an address.
            words = _("This address means nothing, or nothing any more. Go back, or ask for a new one.")
            return self._door_page([el("p", words)], status=404)
        if request.method == "POST":
            return await self._posted(request, place)
        return await self._shown(place)

    def _stranger(self, request: web.BaseRequest) -> str:
        """Why a request is not looked at; empty: it is. Sources: Fetch; Fetch Metadata Request Headers."""
        here = f"{HOST}:{self.door.port}"
        headers = request.headers
        if headers.getall("Host", []) != [here]:
            return "Wrong host."
        if not self.door.is_mine(request):
            return "Wrong user."
        if request.method == "POST":
            if headers.getall("Origin", []) != [f"http://{here}"]:
                return "Wrong origin."
            if headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
                return "Wrong site."
        elif headers.get("Sec-Fetch-Dest", "document") not in ("document", "style"):
            return "Wrong destination."
        elif request.path == STYLE and headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            return "Wrong site."
        return ""

    # --- Coming in

    async def _enter(self, request: web.BaseRequest) -> web.StreamResponse:
        token = request.path.removeprefix("/")
        status = await self._status()
        wanted = status.vault is VaultState.LOCKED
        form = frame.enter_form(Address(request.path), locked=wanted)
        if request.method != "POST":
            words = _("These pages open in this browser, and in no other.")
            return self._door_page([el("p", words), form])
        if wanted:
            try:
                values = await read_values(request)
                await self._session.send(Unlock(passphrase=values[frame.PASSPHRASE] or " "), StatusView)
            except MeshcoalError as exc:
                return self._door_page([problem(sentence_of(exc)), form], status=403)
        cookie = self.gate.enter(token, self._now_ms())
        if not cookie:  # somebody was quicker
            return self._door_page(_closed(), status=403)
        self.locked = False
        absent = status.vault is VaultState.ABSENT
        return self._go(frame.CREATE if absent else frame.HOME, cookie=cookie)

    async def _status(self) -> StatusView:
        return await self._session.send(GetStatus(), StatusView)

    # --- Pages

    def _visit(self, place: Place, values: Values = NONE) -> Visit:
        return Visit(
            session=self._session,
            gate=self.gate,
            place=place,
            now_ms=self._now_ms(),
            zone=self._zone,
            values=values,
        )

    async def _shown(self, place: Place) -> web.StreamResponse:
        if place == frame.CREATE:
            return self._create_page(NONE)
        if self.gate.hidden or place.page not in PAGES:
            back = place if place.page in PAGES else frame.HOME
            return self._cover(back) if self.gate.hidden else self._go(frame.HOME)
        visit = self._visit(place)
        try:
            shown = await PAGES[place.page].show(visit)
        except (Locked, NoVault) as exc:
            return self._shut(place, exc)
        except MeshcoalError as exc:
            return self._failed(exc)
        return self._drawn(shown)

    async def _posted(self, request: web.BaseRequest, place: Place) -> web.StreamResponse:
        try:
            values = await read_values(request)
        except MeshcoalError as exc:
            return self._failed(exc, status=413 if isinstance(exc, OverLimit) else 400)
        if not self.gate.fits(values[KEY_FIELD]):
            return self._door_page(
                [el("p", _("This form is not of this visit. Nothing was done."))], status=403
            )
        match place:
            case frame.HIDE:
                self.gate.hide()
                return self._cover(frame.HOME, forget=True)
            case frame.LOCK:
                return await self._lock()
            case frame.UNLOCK:
                return await self._unlock(values)
            case frame.CREATE:
                return await self._create(values)
            case _other if place.page not in PAGES:
                return self._go(frame.HOME)
        if self.gate.hidden:
            return self._cover(place, carried=_carried(values))
        return await self._act(place, values)

    async def _act(self, place: Place, values: Values) -> web.StreamResponse:
        page = PAGES[place.page]
        visit = self._visit(place, values)
        try:
            if page.WRITES and values[DO_FIELD] in (KEEP, DROP):
                return await self._draft(visit, values)
            answer = await page.act(visit, values)
            if values[DO_FIELD] in page.WRITES:
                await visit.drop_draft()
        except (Locked, NoVault) as exc:
            return self._shut(place, exc, _carried(values))
        except MeshcoalError as exc:
            return await self._refused(page, visit, values, exc)
        self._told = visit.told
        if isinstance(answer, Place):
            return self._go(answer)
        return self._drawn(answer)

    async def _draft(self, visit: Visit, values: Values) -> web.StreamResponse:
        if values[DO_FIELD] == DROP:
            await visit.drop_draft()
        elif await visit.keep_draft(values):
            self._told = _("Kept as a draft on this device.")
        return self._go(visit.place)

    async def _refused(
        self, page: Page, visit: Visit, values: Values, why: MeshcoalError
    ) -> web.StreamResponse:
        """The same page with what was filled in, and the reason."""
        if values[DO_FIELD] in page.WRITES:
            try:
                await visit.keep_draft(values)
            except MeshcoalError as exc:
                self._note(f"browser draft-not-kept {exc.code}")
        if visit.values is NONE:
            visit.values = values
        try:
            shown = await page.show(visit)
        except (Locked, NoVault) as exc:
            return self._shut(visit.place, exc, _carried(values))
        except MeshcoalError:
            return self._failed(why)
        return self._drawn(shown, problem=problem(sentence_of(why)), status=422)

    # --- Hiding, locking, opening again

    def _shut(self, place: Place, why: MeshcoalError, carried: Values = NONE) -> web.StreamResponse:
        if isinstance(why, NoVault):
            return self._create_page(NONE)
        self.locked = True
        self.gate.hide()
        return self._cover(place, carried=carried)

    def _cover(
        self, back: Place, *, carried: Values = NONE, told: Child = None, forget: bool = False
    ) -> web.StreamResponse:
        """Nothing to see, and a field."""
        return self._door_page(
            [told, frame.unlock_form(self.gate, back, carried)],
            heading=frame.TITLE,
            more=_FORGET if forget else {},
        )

    async def _lock(self) -> web.StreamResponse:
        try:
            await self._session.send(Lock(), StatusView)
        except MeshcoalError as exc:
            told = _("The vault may still be open. %(why)s Stop the daemon or switch the machine off.")
            return self._door_page(
                [el("p", told % {"why": sentence_of(exc)}, class_="problem", role="alert")],
                heading=_("NOT locked"),
            )
        self.gate.leave()
        self.over.set()
        words = _("The vault is locked, and these pages are closed. Close this tab.")
        return self._door_page([el("p", words)], heading=frame.TITLE, more=_FORGET)

    async def _unlock(self, values: Values) -> web.StreamResponse:
        back = self.gate.place(values[frame.BACK]) or frame.HOME
        carried = _uncarried(values)
        try:
            await self._session.send(Unlock(passphrase=values[frame.PASSPHRASE] or " "), StatusView)
        except MeshcoalError as exc:
            return self._cover(back, carried=carried, told=problem(sentence_of(exc)))
        self.locked = False
        cookie = self.gate.reveal()
        if not carried.texts or back.page not in PAGES:
            return self._go(back, cookie=cookie)
        try:
            shown = await PAGES[back.page].show(self._visit(back, carried))
        except MeshcoalError as exc:
            return self._failed(exc, cookie=cookie)
        words = _("Nothing was sent while this was hidden: look at it, and send it again.")
        return self._drawn(shown, problem=problem(words), cookie=cookie)

    def _create_page(self, values: Values, told: Child = None, status: int = 200) -> web.StreamResponse:
        form = frame.create_form(self.gate.address(frame.CREATE), self.gate.form_key(), values)
        words = _("There is no identity on this machine yet. It is made here, and stays on this device.")
        return self._door_page([told, el("p", words), form], heading=_("Your identity"), status=status)

    async def _create(self, values: Values) -> web.StreamResponse:
        try:
            if values[frame.PASSPHRASE] != values[frame.AGAIN]:
                raise BadArgument(_("the two passphrases are not the same"))
            command = CreateVault(name=values.line("name"), passphrase=values[frame.PASSPHRASE])
            await self._session.send(command, StatusView)
        except MeshcoalError as exc:
            return self._create_page(values, problem(sentence_of(exc)), status=422)
        return self._go(frame.HOME)

    # --- Answers

    def _go(self, place: Place, *, cookie: str = "") -> web.StreamResponse:
        """To another address, by a question that changes nothing (RFC 9110, section 15.4.4)."""
        return _sealed(
            web.Response(status=303, headers={**_HEADERS, "Location": self.gate.address(place)}), cookie
        )

    def _drawn(
        self, shown: Sheet | Download, *, problem: Child = None, status: int = 200, cookie: str = ""
    ) -> web.StreamResponse:
        if isinstance(shown, Download):
            return _file(shown)
        told, self._told = self._told, ""
        root = frame.page(
            self.gate, shown, language=self._language, direction=self._direction, told=told, problem=problem
        )
        more = {} if shown.typed or problem is not None else {"Refresh": str(_RELOAD_S)}
        return _sealed(_html(root, status, more), cookie)

    def _door_page(
        self,
        body: Child,
        *,
        heading: str = frame.TITLE,
        status: int = 200,
        more: dict[str, str] | None = None,
    ) -> web.StreamResponse:
        root = frame.plain_page(heading, body, language=self._language, direction=self._direction)
        return _html(root, status, more or {})

    def _failed(self, why: MeshcoalError, *, status: int = 0, cookie: str = "") -> web.StreamResponse:
        home = el("p", el("a", _("Home"), href=self.gate.address(frame.HOME)))
        sheet = Sheet(heading=_("That did not work"), body=[el("p", sentence_of(why)), home])
        return self._drawn(
            replace(sheet, typed=True),
            status=status or (404 if isinstance(why, Unknown) else 409),
            cookie=cookie,
        )


def _closed() -> list[Child]:
    words = _("These pages are closed. Ask for a new address: meshcoal browser")
    return [el("p", words)]


def _carried(values: Values) -> Values:
    """What a form held, but for keys and passphrases; files are not carried."""
    kept = {key: texts for key, texts in values.texts.items() if key not in (KEY_FIELD, DO_FIELD, *_PASS)}
    return Values(kept)


def _uncarried(values: Values) -> Values:
    found = {
        key.removeprefix(frame.CARRIED): texts
        for key, texts in values.texts.items()
        if key.startswith(frame.CARRIED)
    }
    return Values(found) if found else NONE


def _sealed(response: web.Response, cookie: str) -> web.Response:
    if cookie:
        response.set_cookie(COOKIE, cookie, httponly=True, samesite="Strict", path="/")
    return response


def _html(root: Element, status: int, more: dict[str, str]) -> web.Response:
    headers = {**_HEADERS, "Content-Security-Policy": POLICY, **more}
    return web.Response(
        body=spelled(root), status=status, headers=headers, content_type="text/html", charset="utf-8"
    )


def _file(shown: Download) -> web.Response:
    kind = "inline" if shown.inline else "attachment"
    name = safe_file_name(shown.name, "file.bin")
    headers = {
        **_HEADERS,
        "Content-Security-Policy": _SHOWN if shown.inline else _SAVED,
        "Content-Disposition": f'{kind}; filename="{name}"',
        "Content-Type": shown.media_type,
    }
    return web.Response(body=shown.data, headers=headers)


def _refusal(status: int, words: str) -> web.Response:
    """For whoever is no browser of ours: a word, and nothing that tells what this is."""
    headers = {**_HEADERS, "Content-Security-Policy": POLICY}
    return web.Response(text=words, status=status, headers=headers)
