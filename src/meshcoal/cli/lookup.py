"""From what a person types to the one thing they mean.

Law: names are chosen by other people, so a name never wins silently over an id. A full id is always itself;
an exact name and the beginning of an id count alike; the beginning of a name counts only where neither
fits. More than one fit is an error that lists them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from meshcoal.api.views import (
    CampaignView,
    ContactView,
    IntroductionView,
    InvitationView,
    RevisionView,
)
from meshcoal.cli.output import field
from meshcoal.errors import Ambiguous, Unknown
from meshcoal.ids import short

HEX_CHARS_MIN: Final = 4
_LISTED_MAX: Final = 8
_HEX: Final = re.compile(r"[0-9a-f]+")


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that can be meant."""

    id: bytes
    name: str
    other_names: tuple[str, ...] = ()


def pick(kind: str, wanted: str, things: Iterable[Thing], *, by_words: bool = False) -> bytes:
    """The id of the one thing that `wanted` names.

    Args:
        kind: what it is, for the error: `campaign`, `member`, ...
        wanted: a name in any case, a unique beginning of one, or at least four hex digits of an id.
        by_words: the beginning of any word of a name will do, where nothing else fits: for titles, not for
            people.

    Raises:
        Unknown: nothing fits. Lists what there is.
        Ambiguous: several fit. Lists them.
    """
    known = tuple(things)
    name, digits = _folded(wanted), wanted.strip().lower()
    whole = [thing for thing in known if thing.id.hex() == digits]
    if whole:
        return whole[0].id
    by_id = len(digits) >= HEX_CHARS_MIN and _HEX.fullmatch(digits) is not None
    fits = [
        thing for thing in known if name in _names(thing) or (by_id and thing.id.hex().startswith(digits))
    ] or [thing for thing in known if any(own.startswith(name) for own in _names(thing))]
    if name and not fits and by_words:
        fits = [
            thing
            for thing in known
            if any(word.startswith(name) for own in _names(thing) for word in own.split())
        ]
    if name and len(fits) == 1:
        return fits[0].id
    if name and fits:
        raise Ambiguous(f"`{field(wanted)}` fits more than one {kind}: {_listed(fits)}.")
    if not known:
        raise Unknown(f"There is no {kind} yet.")
    raise Unknown(f"No {kind} is called `{field(wanted)}`; there is {_listed(known)}.")


def _names(thing: Thing) -> tuple[str, ...]:
    return tuple(_folded(name) for name in (thing.name, *thing.other_names) if name)


def _folded(name: str) -> str:
    # What is compared is what is seen: invisible characters in a name must not hide it or split it.
    return unicodedata.normalize("NFKC", field(name)).casefold()


def _listed(things: Iterable[Thing]) -> str:
    shown = [f"{field(thing.name) or '(no name)'} ({short(thing.id)})" for thing in things]
    more = len(shown) - _LISTED_MAX
    return ", ".join(shown[:_LISTED_MAX]) + (f" and {more} more" if more > 0 else "")


def channel_things(campaign: CampaignView) -> tuple[Thing, ...]:
    return tuple(Thing(channel.id, channel.name) for channel in campaign.channels)


def member_things(campaign: CampaignView) -> tuple[Thing, ...]:
    return tuple(Thing(member.author, member.name, (member.given_name,)) for member in campaign.members)


def contact_things(contacts: Iterable[ContactView]) -> tuple[Thing, ...]:
    return tuple(
        Thing(contact.person, contact.petname or contact.given_name, (contact.given_name,))
        for contact in contacts
    )


def introduction_things(introductions: Iterable[IntroductionView]) -> tuple[Thing, ...]:
    return tuple(Thing(introduction.id, introduction.name) for introduction in introductions)


def invitation_things(invitations: Iterable[InvitationView]) -> tuple[Thing, ...]:
    return tuple(Thing(invitation.id, invitation.campaign_name) for invitation in invitations)


def revision_things(revisions: Iterable[RevisionView]) -> tuple[Thing, ...]:
    return tuple(Thing(revision.id, revision.language) for revision in revisions)
