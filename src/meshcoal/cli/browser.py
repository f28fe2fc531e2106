"""`meshcoal browser`: the pages for a web browser on this machine."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import time
import webbrowser
from pathlib import Path
from typing import Final

import click

from meshcoal.api.commands import ShowBrowser, StartBrowser, StopBrowser
from meshcoal.api.views import BrowserView
from meshcoal.cli.leaf import leaf
from meshcoal.cli.output import say, until
from meshcoal.cli.session import Session
from meshcoal.errors import BadArgument, DaemonUnreachable, ReadOnly
from meshcoal.tui.locale.tongues import named

_FILE: Final = "open-browser.html"
_WAIT_S: Final = 30.0
_LOOK_S: Final = 0.5
_LEAP: Final = (
    '<!DOCTYPE html>\n<html lang="en"><meta charset="utf-8"><title>Local page</title>'
    '<meta http-equiv="refresh" content="0; url={address}"><p><a href="{address}">Open</a></p></html>\n'
)


@leaf("browser", example="meshcoal browser\nmeshcoal browser --open\nmeshcoal browser --stop")
@click.option("--open", "leap", is_flag=True, help="Open the address in your web browser at once.")
@click.option("--stop", is_flag=True, help="Close the pages, and end what serves them.")
@click.option("--status", "standing", is_flag=True, help="Say whether pages are served, and start nothing.")
@click.pass_obj
def browser(session: Session, leap: bool, stop: bool, standing: bool) -> None:
    """Show everything as plain pages in a web browser on this machine.

    For people whom a terminal does not suit, for screen readers, and for scripts that terminals break: read,
    write, sign, release. The address that is printed works once, for five minutes, in one browser. The pages
    stay on this machine; they close when they are locked.
    """
    if leap + stop + standing > 1:
        raise BadArgument("Choose one of --open, --stop and --status.")
    if stop or standing:
        _without_starting(session, stop=stop)
        return
    code = named(session.language).code if session.language else ""
    view = session.ask_plainly(StartBrowser(language=code), BrowserView)
    if leap:
        _open(session, view)
        return
    session.show(view, lambda: _print(session, view))


def _print(session: Session, view: BrowserView) -> None:
    when = until(view.until_ms, session.now_ms())
    say("Open this in a web browser on this machine. It works once, and ends {when}:", when=when)
    say("    {address}", address=view.address)
    say("What your browser keeps: that a page of this machine was opened, and what you save.", err=True)


def _without_starting(session: Session, *, stop: bool) -> None:
    view = BrowserView(running=False)
    with contextlib.suppress(DaemonUnreachable):
        command = StopBrowser() if stop else ShowBrowser()
        view = session.ask_plainly(command, BrowserView, start=False)
    if stop:
        session.show(view, lambda: say("The pages are closed."))
    elif not view.running:
        session.show(view, lambda: say("No pages are served."))
    else:
        words = "somebody is in" if view.entered else "nobody is in"
        session.show(view, lambda: say("Pages are served; {words}.", words=words))


def _open(session: Session, view: BrowserView) -> None:
    """By a file that this user alone can read: others on this machine see what programs are started with."""
    file = session.home / _FILE
    try:
        _write(file, _LEAP.format(address=view.address))
    except OSError as exc:
        raise ReadOnly(f"Nothing can be written in the home: {exc.strerror}.") from exc
    try:
        if not webbrowser.open(file.as_uri()):
            raise BadArgument(
                "No web browser was found. Open the address yourself: `meshcoal browser` prints it."
            )
        entered = _await(session)
    finally:
        file.unlink(missing_ok=True)
    view = dataclasses.replace(view, address="", entered=entered)  # it is used up, or about to be
    told = "Your web browser has it." if entered else "Nobody has opened it so far. It works once."
    session.show(view, lambda: say("{told}", told=told))


def _write(file: Path, text: str) -> None:
    file.unlink(missing_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        opened.write(text)


def _await(session: Session) -> bool:
    """Until somebody is in, or half a minute has passed: then the file goes."""
    end = time.monotonic() + _WAIT_S
    while time.monotonic() < end:
        view = session.ask_plainly(ShowBrowser(), BrowserView)
        if view.entered and view.until_ms < 0:
            return True
        time.sleep(_LOOK_S)
    return False
