"""Contacts who were met before Tor was switched on are told my address in Tor.

Law: each contact is told their own key to it, in a conversation of the two alone, and only over ways that the
user's choice leaves open towards them; nobody who was cut off is told anything. It is repeated until it is on
their disk. A few at a time are dialled for it, each at a time of their own, and hung up on once they know:
nobody learns from it who else is a contact.
"""

from __future__ import annotations

import dataclasses
from typing import Final

from meshcoal.clock import HOUR_MS, MINUTE_MS
from meshcoal.errors import LinkClosed, NotAuthorized
from meshcoal.ids import PersonId
from meshcoal.node.links import CONTACT, Link, Links, Target
from meshcoal.node.people import People
from meshcoal.node.records import INTRODUCTIONS, ContactRecord
from meshcoal.node.step import Step
from meshcoal.sync.knock import Pattern, contact_psk
from meshcoal.wire.frames import Kept, Whereabouts

AT_ONCE_MAX: Final = 16  # contacts that are dialled for it; an hour later the next
_SPREAD_MS: Final = 10 * MINUTE_MS
_NO_BUSINESS: Final = b""  # in the place of an introduction's id


class MyWhereabouts:
    """Who has my address in Tor, and who is still to be told."""

    def __init__(self, *, people: People, links: Links) -> None:
        self._people = people
        self._links = links

    def targets(self, now_ms: int) -> list[Target]:
        """Whom to dial so that they learn it."""
        if not self._people.onions.on:
            return []
        owed = [person for person, one in sorted(self._people.contacts.items()) if _is_owed(one)]
        first = now_ms // HOUR_MS * AT_ONCE_MAX % len(owed) if len(owed) > AT_ONCE_MAX else 0
        return [self._target(person) for person in (owed + owed)[first : first + AT_ONCE_MAX][: len(owed)]]

    def _target(self, person: PersonId) -> Target:
        contact = self._people.contacts[person]
        return Target(
            key=(CONTACT, _NO_BUSINESS, person),
            pattern=Pattern.KNOWN,
            static=self._people.link,
            remote=person,
            psk=contact_psk(contact.pair),
            hints=contact.hints,
            # Not all in one moment, which would show who belongs together.
            delay_ms=_SPREAD_MS * int.from_bytes(person[:2], "big") >> 16,
        )

    def tell(self, step: Step, link: Link) -> None:
        """On a link to a contact, whoever dialled: say where I am, if they do not know."""
        assert link.session is not None
        person = PersonId(link.session.remote_static)
        contact = self._people.contacts.get(person)
        if contact is not None and _is_owed(contact) and self._people.onions.on:
            self._links.say(step, link, [Whereabouts(hints=self._people.hints_for(step, person))])

    def on_told(self, step: Step, link: Link, message: Whereabouts) -> None:
        """A contact says where they are. Raises `NotAuthorized`: nobody I know says so."""
        assert link.session is not None
        person = PersonId(link.session.remote_static)
        contact = self._people.contacts.get(person)
        if contact is None or contact.refused:
            raise NotAuthorized("whereabouts of nobody I know")
        if message.hints and message.hints != contact.hints:
            self._people.put_contact(step, person, dataclasses.replace(contact, hints=message.hints))
            for key, met in self._people.introductions.items():
                if met.person == person:
                    moved = dataclasses.replace(met, hints=message.hints)
                    self._people.introductions[key] = moved
                    step.put(INTRODUCTIONS, key, moved)
        self._links.say(step, link, [Kept()])

    def on_kept(self, step: Step, link: Link) -> None:
        """They know. A link that was made for this alone has served."""
        assert link.session is not None
        person = PersonId(link.session.remote_static)
        contact = self._people.contacts.get(person)
        if contact is not None and _is_owed(contact) and self._people.onions.on:
            self._people.put_contact(step, person, dataclasses.replace(contact, told_onion=True))
        if link.target is not None and link.target.key[:2] == (CONTACT, _NO_BUSINESS):
            self._links.cut(step, link, LinkClosed.code)


def _is_owed(contact: ContactRecord) -> bool:
    return not (contact.told_onion or contact.refused)
