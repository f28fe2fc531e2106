"""`meshcoal daemon`: the program in the background that holds vault and connections."""

from __future__ import annotations

import contextlib

import click

from meshcoal.api.commands import GetStatus, StopDaemon
from meshcoal.api.views import Done, StatusView
from meshcoal.cli.leaf import branch
from meshcoal.cli.output import emit, say
from meshcoal.cli.session import Session
from meshcoal.cli.vault import print_status
from meshcoal.errors import AlreadyRunning, BadArgument, DaemonUnreachable


@branch("daemon")
def daemon() -> None:
    """The program in the background: run, start, stop."""


_paths = click.option(
    "--paths",
    type=click.Choice(["any", "tor"]),
    help="`tor`: use nothing but Tor from now on; `any`: plain addresses as well.",
)


_lines = click.option(
    "--line",
    "lines",
    multiple=True,
    metavar="serial:DEVICE[@SPEED]",
    help="A serial port or radio that leads to others; kept. `none`: none any more.",
)


@daemon.command("run", example="meshcoal daemon run --listen 0.0.0.0:7600\nmeshcoal daemon run --paths tor")
@click.option("--listen", metavar="HOST:PORT", help="Address to listen on.")
@_paths
@_lines
@click.pass_obj
def run(session: Session, listen: str | None, paths: str | None, lines: tuple[str, ...]) -> int:
    """Run the daemon in the foreground, until Ctrl-C or a request to stop."""
    if session.as_json:
        raise BadArgument("The daemon in the foreground has no JSON form: use `meshcoal daemon start`.")
    from meshcoal.daemon.main import run as run_daemon

    return run_daemon(
        session.home,
        listen=listen,
        only_tor=None if paths is None else paths == "tor",
        lines=lines or None,
        ready=lambda: say("The daemon runs. Ctrl-C ends it.", err=True),
    )


@daemon.command("start", example="meshcoal daemon start --listen 0.0.0.0:7600")
@click.option("--listen", metavar="HOST:PORT", help="Address to listen on.")
@_paths
@_lines
@click.pass_obj
def start(session: Session, listen: str | None, paths: str | None, lines: tuple[str, ...]) -> None:
    """Start the daemon in the background, unless it runs already.

    Every other command starts it by itself where needed.
    """
    from meshcoal.client.autostart import answers, ensure_daemon

    if (listen is not None or lines) and answers(session.home):
        raise AlreadyRunning("The daemon runs already, and listens where it was told before: stop it first.")
    if paths is not None and answers(session.home):
        raise AlreadyRunning("The daemon runs already. Choose with `meshcoal paths`, which works at once.")
    ensure_daemon(session.home, listen, paths, lines=lines)
    view = session.ask_plainly(GetStatus(), StatusView)
    session.show(view, lambda: print_status(view))


@daemon.command("stop", example="meshcoal daemon stop")
@click.pass_obj
def stop(session: Session) -> None:
    """Stop the daemon cleanly. Not running is fine too."""
    try:
        session.ask_plainly(StopDaemon(), Done, start=False)
    except DaemonUnreachable:
        session.done(lambda: say("The daemon was not running."), was_running=False)
        return
    session.done(lambda: say("The daemon is stopped."), was_running=True)


@daemon.command("status", example="meshcoal daemon status")
@click.pass_obj
def status(session: Session) -> None:
    """Show whether the daemon runs, without starting it."""
    view: StatusView | None = None
    with contextlib.suppress(DaemonUnreachable):
        view = session.ask_plainly(GetStatus(), StatusView, start=False)
    if session.as_json:
        emit({"running": view is not None, "status": view})
    elif view is None:
        say("The daemon does not run.")
    else:
        print_status(view)
