"""What a user chooses of constant rate.

Law: as in `node.commands`. A change hangs up on everybody: how a link sends is agreed when it opens.
"""

from __future__ import annotations

from meshcoal.api import steady as ask
from meshcoal.errors import LinkClosed, WrongPhase
from meshcoal.limits import NAME_CHARS_MAX
from meshcoal.node.commands import Commands, handles
from meshcoal.node.core import Core
from meshcoal.node.links import RELAY
from meshcoal.node.step import Step
from meshcoal.wire.record import Record


@handles(ask.SetSteady)
def _set_steady(self: Commands, step: Step, command: ask.SetSteady) -> Record:
    core = self.core
    steady = core.links.steady
    if command.every_s and steady.declines:
        raise WrongPhase(
            "This device saves data, and a constant rate sends all the time. Switch one off before the other."
        )
    if command.every_s != steady.every_s:
        steady.choose(step, command.every_s)
        for link in list(core.links.by_number.values()):
            core.links.cut(step, link, LinkClosed.code)
        core.refresh_targets(step)
    return _view(core)


@handles(ask.ShowSteady)
def _show_steady(self: Commands, step: Step, command: ask.ShowSteady) -> Record:
    return _view(self.core)


def _view(core: Core) -> ask.SteadyView:
    steady = core.links.steady
    standing = [link for link in core.links.by_number.values() if link.steady_s and not link.closing]
    people = {key[2] for key in core.links.targets if key[0] != RELAY}
    # Those too who dial and are not dialled, and with whom a link was hung up for this very change.
    linked = [link for link in core.links.by_number.values() if link.established and not link.to_relay]
    people |= {link.session.remote_static for link in linked if link.session is not None}
    names = [core.name_of_target(key)[0][:NAME_CHARS_MAX] for key in steady.refusing]
    return ask.SteadyView(
        every_s=steady.every_s,
        links=len(standing),
        people=len(people),
        day_bytes=ask.day_bytes(steady.every_s, len(people)),
        waiting_bytes=sum(link.waiting_bytes for link in standing),
        refusing=tuple(names[: ask.REFUSING_SHOWN_MAX]),
        relays=sum(len(campaign.boards.boards) for campaign in core.campaigns.values()) if steady.on else 0,
        files=sum(len(one.files.fetching.wanted) for one in core.campaigns.values()) if steady.on else 0,
    )
