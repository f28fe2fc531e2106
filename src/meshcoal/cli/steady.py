"""`meshcoal steady`: sending the same amount all the time, so that nobody sees when somebody writes."""

from __future__ import annotations

import click

from meshcoal.api.commands import SetSteady, ShowSteady
from meshcoal.api.steady import STEADY_EVERY_S, day_bytes
from meshcoal.api.views import SteadyView
from meshcoal.cli.attachment import size_of
from meshcoal.cli.leaf import leaf, yes_option
from meshcoal.cli.output import plural, say
from meshcoal.cli.session import Session
from meshcoal.errors import BadArgument
from meshcoal.limits import STEADY_EVERY_MAX_S


@leaf("steady", example="meshcoal steady\nmeshcoal steady on --every 2\nmeshcoal steady off")
@click.argument("choice", type=click.Choice(["on", "off"]), required=False)
@click.option(
    "--every",
    "every_s",
    type=click.IntRange(1, STEADY_EVERY_MAX_S),
    metavar="SECONDS",
    help=f"One frame each way every so many seconds, 1 to {STEADY_EVERY_MAX_S}; else {STEADY_EVERY_S}.",
)
@yes_option
@click.pass_obj
def steady(session: Session, choice: str | None, every_s: int | None, yes: bool) -> None:
    """Send at a constant rate, or as there is something to say.

    With `on`, one frame of one size leaves on each connection every few seconds, and one comes back, day and
    night: whoever watches your network sees the same whether you write, sign or sleep. What you write waits
    for its frame. Files and relays are left alone meanwhile. It works at once, and stays so.
    """
    if every_s is not None and choice != "on":
        raise BadArgument("--every goes with `meshcoal steady on`.")
    before = session.ask(ShowSteady(), SteadyView)
    if choice is None:
        session.show(before, lambda: print_steady(before))
        return
    every = (every_s or STEADY_EVERY_S) if choice == "on" else 0
    if every and session.on_terminal() and not yes:
        for line in consequences(every, before.people):
            say("{line}", line=line, err=True)
        session.confirm("Do this? Type yes", yes=False)
    view = session.ask(SetSteady(every_s=every), SteadyView)
    session.show(view, lambda: print_steady(view))


def consequences(every_s: int, people: int) -> list[str]:
    """What it brings, hides not, and costs."""
    return [
        f"A message takes about {(every_s + 1) // 2} seconds more for each device that it passes; a long "
        f"letter minutes: {2_045 // every_s} bytes go in a second.",
        "Files wait until it is off again, and relays are not used.",
        "It does not hide that your computer is on and to whom it is connected.",
        f"With the {plural(people, 'connection', 'connections')} you keep: about "
        f"{size_of(day_bytes(every_s, people))} a day, both ways; as much for the other sides.",
    ]


def print_steady(view: SteadyView) -> None:
    if not view.every_s:
        say("Off: this device sends when there is something to say.")
        if view.links:
            say(
                "Others asked for it: {links} steady.",
                links=plural(view.links, "connection is", "connections are"),
            )
        say("`meshcoal steady on` sends the same all the time.")
        return
    say(
        "On: one frame each way every {every}, on {links}.",
        every=plural(view.every_s, "second", "seconds"),
        links=plural(view.links, "connection", "connections"),
    )
    say(
        "Costs about {size} a day, with {count}.",
        size=size_of(view.day_bytes),
        count=plural(view.people, "connection", "connections"),
    )
    if view.waiting_bytes:
        wait_s = view.waiting_bytes * view.every_s // (2_045 * max(1, view.links))
        say(
            "Waits for its frames: {size}, some {wait}.",
            size=size_of(view.waiting_bytes),
            wait=plural(max(1, wait_s), "second", "seconds"),
        )
    if view.files:
        say("{files} until it is off.", files=plural(view.files, "file waits", "files wait"))
    if view.relays:
        say("{relays} left alone meanwhile.", relays=plural(view.relays, "relay is", "relays are"))
    for name in view.refusing:
        say("{name}'s device saves data and takes no part: nothing is said to it meanwhile.", name=name)
