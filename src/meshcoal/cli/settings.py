"""`meshcoal settings`: what holds on this device and in the interface, as sentences; and choosing another."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

import click

from meshcoal.cli.leaf import leaf, yes_option
from meshcoal.cli.output import say
from meshcoal.cli.session import Session
from meshcoal.errors import BadArgument

if TYPE_CHECKING:
    from meshcoal.api.commands import Command
    from meshcoal.tui.setting import Ask, Known, Setting
    from meshcoal.wire.record import Record

V = TypeVar("V", bound="Record")
R = TypeVar("R")


@leaf(
    "settings",
    example="meshcoal settings\nmeshcoal settings paths\nmeshcoal settings paths tor",
)
@click.argument("name", required=False)
@click.argument("value", required=False)
@yes_option
@click.pass_obj
def settings(session: Session, name: str | None, value: str | None, yes: bool) -> None:
    """Show what holds, each setting as a sentence; show the choices of one; or choose.

    Settings of the interface hold when it opens next. What guards you less is asked for once more.
    """
    from meshcoal.tui.node_settings import all_settings, setting_of
    from meshcoal.tui.setting import choose, look
    from meshcoal.tui.settings import read_settings

    ask = asking(session)
    known = at_once(look(ask, read_settings(session.home)[0]))
    if name is None:
        found = all_settings(known)
        session.show({"settings": [_plain(one, known) for one in found]}, lambda: _print_all(found, known))
        return
    chosen = setting_of(known, name)
    if chosen is None:
        raise BadArgument("There is no setting of that name. `meshcoal settings` lists all.")
    if value is not None:
        _check(session, chosen, known, value, yes=yes)
        at_once(choose(ask, session.home, chosen, known, value))
        known = at_once(look(ask, read_settings(session.home)[0]))
        chosen = setting_of(known, name)
        assert chosen is not None, "it was there a moment ago"
    held = chosen
    session.show(_plain(held, known), lambda: _print_one(held, known))


def asking(session: Session) -> Ask:
    """The session as what the interface's sentences ask."""

    async def ask(command: Command, kind: type[V], /) -> V:
        return session.ask(command, kind)

    return ask


def at_once(asked: Coroutine[Any, Any, R]) -> R:
    """What a coroutine returns that asks this session alone: it waits for nothing, and needs no loop.

    The session's connection has a loop of its own, which does not run inside another.
    """
    try:
        asked.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]  # the coroutine's
    raise AssertionError("a session answers before it returns")


def _check(session: Session, setting: Setting, known: Known, value: str, *, yes: bool) -> None:
    """Raises `BadArgument`, `click.Abort`."""
    choices = setting.choices(known)
    if not choices:
        how = f"Do it with `{setting.typed}`." if setting.typed else "It cannot be changed."
        raise BadArgument(f"This setting is not one of several. {how}")
    found = next((one for one in choices if one.value == value), None)
    if found is None:
        raise BadArgument(f"It is one of: {', '.join([one.value for one in choices])}.")
    if setting.weakens(known, found) and session.on_terminal() and not yes:
        before = setting.choice(known)
        assert before is not None, "else it would not weaken"
        say("Now:  {holds}", holds=before.holds, err=True)
        say("Then: {holds} {means}", holds=found.holds, means=found.means, err=True)
        session.confirm("This guards you less. Do it? Type yes", yes=False)


def _plain(setting: Setting, known: Known) -> dict[str, object]:
    return {
        "name": setting.name,
        "group": setting.group,
        "value": setting.value(known),
        "holds": setting.now(known),
        "choices": [
            {"value": one.value, "holds": one.holds, "means": one.means} for one in setting.choices(known)
        ],
        "command": setting.typed,
    }


def _print_all(settings: tuple[Setting, ...], known: Known) -> None:
    from meshcoal.tui.setting import HEADINGS

    group = None
    for one in settings:
        if one.group is not group:
            group = one.group
            say("{heading}", heading=HEADINGS[group])
        say("  {holds}  ({name})", holds=one.now(known), name=one.name)
    if known.opened is None:
        say("The vault is shut: what else holds shows when it is open (`meshcoal unlock`).")


def _print_one(setting: Setting, known: Known) -> None:
    say("{holds}", holds=setting.now(known))
    if setting.why:
        say("{why}", why=setting.why)
    if setting.typed:
        say("To change it: {typed}", typed=setting.typed)
    value = setting.value(known)
    for one in setting.choices(known):
        mark = "*" if one.value == value else " "
        say("{mark} {value}: {holds}", mark=mark, value=one.value, holds=one.holds)
        say("      {means}", means=one.means)
