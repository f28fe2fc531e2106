"""`meshcoal posture`: what would hurt most, of what this device can know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from meshcoal.cli.leaf import leaf
from meshcoal.cli.output import say
from meshcoal.cli.session import Session
from meshcoal.cli.settings import asking, at_once

if TYPE_CHECKING:
    from meshcoal.api.views import FindingView


@leaf("posture", example="meshcoal posture\nmeshcoal posture --json")
@click.pass_obj
def posture(session: Session) -> None:
    """Show what is weak here, the weightiest first: why it matters, and what to do.

    An empty list is no proof that you are safe: much cannot be known from here.
    """
    from meshcoal.tui.posture import look_for_weakness, told
    from meshcoal.tui.settings import read_settings

    found = at_once(look_for_weakness(asking(session), read_settings(session.home)[0]))
    plain = [{"finding": one, "what": (words := told(one)).what, "why": words.why, "do": words.do,
              "command": words.typed} for one in found]  # fmt: skip
    session.show({"findings": plain}, lambda: _print(found))


def _print(found: tuple[FindingView, ...]) -> None:
    from meshcoal.tui.posture import BESIDE, DANGERS, NOTHING, WEIGHTS, told

    for one in found:
        words = told(one)
        say("{weight}  {what}", weight=WEIGHTS[one.weight], what=words.what)
        say("    {danger}: {why}", danger=DANGERS[one.danger], why=words.why)
        say("    {do}  ({typed})", do=words.do, typed=words.typed)
    say("{beside}", beside=BESIDE if found else NOTHING)
