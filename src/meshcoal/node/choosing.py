"""A choice of ways has changed, or what is recommended: what stands is cut, told and dialled anew.

Law: what is closed ends in the step in which it is chosen, before anything else is opened.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from meshcoal.api.views import NoticeKind
from meshcoal.api.ways import Advice
from meshcoal.errors import PathClosed
from meshcoal.node.links import Link
from meshcoal.node.step import Step

if TYPE_CHECKING:
    from meshcoal.node.core import Core


def apply_ways(core: Core, step: Step) -> None:
    """From now on as it is chosen."""
    review_advice(core, step)
    for link in list(core.links.by_number.values()):
        if link.established and not link.closing and not core.people.ways.bears(link):
            core.links.cut(step, link, PathClosed.code)
    core.tell_hints(step)
    core.refresh_targets(step)
    core.nearby.again(step)
    step.notice(NoticeKind.PEERS)


def is_borne(core: Core, step: Step, link: Link) -> bool:
    """Whether somebody may be talked to over this way; else the link is cut before a word is said."""
    if core.people.ways.bears(link):
        return True
    core.links.cut(step, link, PathClosed.code)
    return False


def advice_changed(core: Core, step: Step) -> None:
    """Rules or seats are others than before."""
    if review_advice(core, step):
        apply_ways(core, step)


def review_advice(core: Core, step: Step) -> bool:
    """Rules, seats or Tor have changed: follow what is recommended, where nobody has to be asked.

    Where Tor is in use, its recommendation is followed from now on, also after Tor was switched off again. A
    recommendation that is withdrawn opens nothing: that is for the user to choose.

    Returns:
        Whether anything that holds here is another than before.
    """
    ways = core.people.ways
    changed = False
    for campaign in core.campaigns.values():
        choice = ways.choice(campaign.id)
        advised = ways.advised(campaign.id, ways.my_seat(campaign.id))
        if choice.advice is Advice.UNDECIDED and advised.only_tor and core.links.onion:
            ways.choose(step, campaign.id, replace(choice, advice=Advice.FOLLOW))
        followed = ways.followed_here(campaign.id)
        choice = ways.choice(campaign.id)
        kept = replace(choice, held_tor=followed.only_tor, held_apart=not followed.nearby)
        if kept != choice and choice.advice is not Advice.REFUSE:
            ways.choose(step, campaign.id, kept)
        held = ways.of(campaign.id)
        if ways.held.get(campaign.id) != held:
            changed = changed or campaign.id in ways.held
            ways.held[campaign.id] = held
    return changed
