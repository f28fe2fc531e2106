"""What the user must look into: names that stand under another key, devices that keep something back.

Law: a warning follows from what is stored, whatever the order in which it came, and stays until the user has
acted: compared, cut off, forgotten, removed, or said that both may stay, or that they have seen it. Names are
the same when they look alike (`text.skeleton`). That words were compared belongs to a key and goes over to
no other.

Ours, unreviewed: what counts as a name under another key.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from meshcoal.api.views import NoticeKind, RelayFault, WarningKind, WarningsView, WarningView
from meshcoal.errors import Unknown, WrongPhase
from meshcoal.ids import AuthorId, CampaignId, PersonId
from meshcoal.limits import WARNINGS_SHOWN_MAX
from meshcoal.log.reader import LogReader
from meshcoal.node.campaign import Campaign
from meshcoal.node.introducing import Introducing
from meshcoal.node.people import People
from meshcoal.node.records import DISMISSED, ContactRecord, DismissedRecord, load_all
from meshcoal.node.step import Step
from meshcoal.text.skeleton import skeleton

_PERSON: Final = b"meshcoal-warning"
_ID_BYTES: Final = 16
_SKELETONS_MAX: Final = 8_192


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bearer:
    """Whoever bears a name: a contact, somebody introduced, or a member."""

    key: bytes
    calls_themself: str
    shown: str  # my name for them where I have one
    verified_ms: int
    refused: bool
    since_ms: int
    active: bool = True
    me: bool = False
    person: bytes = b""  # of a member: the contact they are known to be

    @property
    def rank(self) -> tuple[bool, bool, int, bytes]:
        """Of two with one name the lower is the one that was known; the other is the news."""
        return (not self.me, not self.verified_ms, self.since_ms, self.key)


class Namesakes:
    """Finds warnings, and remembers which were looked into."""

    def __init__(
        self,
        *,
        reader: LogReader,
        people: People,
        introducing: Introducing,
        campaigns: Mapping[CampaignId, Campaign],
        persons: Mapping[AuthorId, PersonId],
    ) -> None:
        """`persons`: which member is known to be which contact."""
        self._people = people
        self._introducing = introducing
        self._campaigns = campaigns
        self._persons = persons
        self._skeletons: dict[str, str] = {}
        self._dismissed = {key for key, _ in load_all(reader, DismissedRecord, DISMISSED)}
        self._told: set[bytes] | None = None  # warnings of which notice was given since the start

    # --- What the user sees

    def view(self) -> WarningsView:
        """Everything that has not been looked into."""
        return WarningsView(warnings=tuple(self._open())[:WARNINGS_SHOWN_MAX])

    def dismiss(self, step: Step, identifier: bytes) -> None:
        """The user keeps both keys. Raises `Unknown`, `WrongPhase`."""
        live = list(self._all())
        found = next((one for one in live if one.id == identifier and one.id not in self._dismissed), None)
        if found is None:
            raise Unknown("There is no such warning, or it was looked into already.")
        if found.kind is WarningKind.DIFFERED:
            raise WrongPhase(
                "The key you were shown is not the one kept here. "
                "Compare again, cut the contact off, or forget it."
            )
        # What has no cause any more is forgotten, so that the list does not grow for ever.
        for gone in sorted(self._dismissed - {one.id for one in live}):
            self._dismissed.discard(gone)
            step.erase(DISMISSED, gone)
        self._dismissed.add(identifier)
        step.put(DISMISSED, identifier, DismissedRecord(at_ms=step.now_ms))
        step.notice(NoticeKind.WARNINGS)

    def persons_warned(self) -> frozenset[bytes]:
        """Contacts and people introduced who stand in an open warning, on either side of it."""
        found = (*self._differed(), *self._among_contacts())
        return frozenset(
            [key for one in found if one.id not in self._dismissed for key in (one.subject, one.known)]
        )

    def members_warned(self, campaign: CampaignId) -> frozenset[bytes]:
        """The newer keys of open warnings in a campaign."""
        found = self._in_campaign(campaign)
        return frozenset([one.subject for one in found if one.id not in self._dismissed])

    def namesakes(self, campaign: CampaignId) -> dict[AuthorId, str]:
        """Members called like a contact of mine, where nothing shows that it is they: my name for it."""
        contacts = {
            bones: bearer.shown
            for bearer in self._contacts()
            if not bearer.refused
            for bones in sorted(self._skeletons_of(bearer))
        }
        found = {}
        for author, member in self._campaigns[campaign].roster().members.items():
            shown = contacts.get(self._skeleton(member.card.name))
            if shown and author not in self._persons:
                found[author] = shown
        return found

    def look(self, step: Step) -> None:
        """Names or keys have changed: give notice of warnings that are new since the start."""
        # Of devices that keep something back `node.watch` gives notice itself, once.
        # Nor of relays, of which `node.relays` does.
        told = (WarningKind.WITHHELD, WarningKind.RELAY)
        now = {one.id for one in self._open() if one.kind not in told}
        if self._told is not None and not now <= self._told:
            step.notice(NoticeKind.WARNINGS)
        self._told = now

    # --- Finding them

    def _open(self) -> Iterator[WarningView]:
        return (one for one in self._all() if one.id not in self._dismissed)

    def _all(self) -> Iterator[WarningView]:
        yield from self._differed()
        yield from self._among_contacts()
        for campaign in sorted(self._campaigns):
            yield from self._in_campaign(campaign)
            yield from self._withholding(campaign)
            yield from self._relays(campaign)

    def _withholding(self, identifier: CampaignId) -> Iterator[WarningView]:
        """Members whose devices certainly keep something back."""
        campaign = self._campaigns[identifier]
        roster = campaign.roster()
        for peer, since_ms in sorted(campaign.watch.named_ms.items()):
            person = self._people.contacts.get(self._persons.get(peer, PersonId(b"")))
            member = roster.members.get(peer)
            given = member.card.name if member else ""
            data = b"\x00".join([WarningKind.WITHHELD.value.encode(), identifier, peer])
            called = (person.petname if person else "") or given
            yield self._bare(WarningKind.WITHHELD, data, identifier, peer, called, since_ms)

    def _relays(self, identifier: CampaignId) -> Iterator[WarningView]:
        """Relays that certainly lost, changed or made up something."""
        campaign = self._campaigns[identifier]
        for tag, board in sorted(campaign.boards.boards.items()):
            if board.fault not in (RelayFault.LOST, RelayFault.FALSE):
                continue
            what = [WarningKind.RELAY.value.encode(), board.fault.value.encode()]
            data = b"\x00".join([*what, identifier, tag])
            relay = board.relay
            yield self._bare(WarningKind.RELAY, data, identifier, relay.key, relay.address, board.fault_ms)

    def _bare(
        self, kind: WarningKind, data: bytes, identifier: CampaignId, subject: bytes, name: str, since_ms: int
    ) -> WarningView:
        """A warning in which nobody is mistaken for anybody. `data`: what makes its id."""
        roster = self._campaigns[identifier].roster()
        return WarningView(
            id=hashlib.blake2b(data, digest_size=_ID_BYTES, person=_PERSON).digest(),
            kind=kind,
            subject=subject,
            name=name,
            known=b"",
            known_name="",
            known_me=False,
            known_refused=False,
            known_verified_ms=-1,
            campaign=identifier,
            campaign_name=roster.create.name if roster.create else "",
            since_ms=since_ms,
        )

    def _differed(self) -> Iterator[WarningView]:
        for person, contact in sorted(self._people.contacts.items()):
            if contact.differed_ms and not contact.refused:
                bearer = self._contact(person, contact)
                found = self._warning(WarningKind.DIFFERED, subject=bearer, known=bearer)
                yield dataclasses.replace(found, since_ms=contact.differed_ms)

    def _contact(self, person: PersonId, contact: ContactRecord) -> _Bearer:
        return _Bearer(
            key=person,
            calls_themself=contact.given_name,
            shown=contact.petname or contact.given_name,
            verified_ms=contact.verified_ms,
            refused=contact.refused,
            since_ms=contact.met_ms,
        )

    def _contacts(self) -> list[_Bearer]:
        return [self._contact(person, one) for person, one in sorted(self._people.contacts.items())]

    def _among_contacts(self) -> Iterator[WarningView]:
        """Two keys with one name: contacts, and those who were introduced and are not contacts yet."""
        bearers = self._contacts()
        known = {bearer.key for bearer in bearers}
        for _, one in sorted(self._introducing.offered.items()):
            if not one.declined and one.person not in known:
                known.add(one.person)
                offered = _Bearer(
                    key=one.person,
                    calls_themself=one.name,
                    shown=one.name,
                    verified_ms=0,
                    refused=False,
                    since_ms=one.since_ms,
                )
                bearers.append(offered)
        seen: set[bytes] = set()
        for group in self._groups(bearers).values():
            first = group[0]
            for other in group[1:]:
                if other.refused:
                    continue  # cut off already: that it has a name like another's harms nobody
                calls = {self._skeleton(first.calls_themself), self._skeleton(other.calls_themself)}
                if not calls & (self._skeletons_of(first) & self._skeletons_of(other)):
                    continue  # alike by my own petnames only
                found = self._warning(WarningKind.CONTACT, subject=other, known=first)
                if found.id not in seen:
                    seen.add(found.id)
                    yield found

    def _in_campaign(self, identifier: CampaignId) -> Iterator[WarningView]:
        """Members with one name: two active ones, or one who bears the name of somebody who is out."""
        campaign = self._campaigns[identifier]
        roster = campaign.roster()
        bearers = []
        for author, member in roster.members.items():
            person = self._persons.get(author, PersonId(b""))
            contact = self._people.contacts.get(person)
            bearer = _Bearer(
                key=author,
                calls_themself=member.card.name,
                shown=(contact.petname if contact else "") or member.card.name,
                verified_ms=contact.verified_ms if contact else 0,
                refused=False,
                since_ms=member.since_ms,
                active=member.active,
                me=author == campaign.me,
                person=person if contact else b"",
            )
            bearers.append(bearer)
        name = roster.create.name if roster.create else ""
        for group in self._groups(bearers).values():
            first = group[0]
            for other in group[1:]:
                same_person = bool(other.person) and other.person == first.person
                if not other.active or same_person:
                    continue
                kind = WarningKind.MEMBER if first.active else WarningKind.RETURNED
                found = self._warning(kind, subject=other, known=first, campaign=identifier)
                yield dataclasses.replace(found, campaign_name=name)

    def _groups(self, bearers: list[_Bearer]) -> dict[str, list[_Bearer]]:
        """Those who share a skeleton, two or more, the one that was known first."""
        groups: dict[str, list[_Bearer]] = {}
        for bearer in sorted(bearers, key=lambda one: one.rank):
            for bones in sorted(self._skeletons_of(bearer)):
                groups.setdefault(bones, []).append(bearer)
        return {bones: group for bones, group in groups.items() if len(group) > 1}

    def _warning(
        self, kind: WarningKind, *, subject: _Bearer, known: _Bearer, campaign: bytes = b""
    ) -> WarningView:
        # The name is part of it: who takes another name is news again.
        bones = self._skeleton(subject.calls_themself).encode()
        data = b"\x00".join([kind.value.encode(), campaign, subject.key, known.key, bones])
        return WarningView(
            id=hashlib.blake2b(data, digest_size=_ID_BYTES, person=_PERSON).digest(),
            kind=kind,
            subject=subject.key,
            name=subject.calls_themself,
            known=known.key,
            known_name=known.shown,
            known_me=known.me,
            known_refused=known.refused,
            known_verified_ms=known.verified_ms or -1,
            campaign=campaign,
            campaign_name="",
            since_ms=subject.since_ms,
        )

    def _skeletons_of(self, bearer: _Bearer) -> frozenset[str]:
        names = (bearer.calls_themself, bearer.shown)
        return frozenset([bones for bones in map(self._skeleton, names) if bones])

    def _skeleton(self, name: str) -> str:
        found = self._skeletons.get(name)
        if found is None:
            if len(self._skeletons) >= _SKELETONS_MAX:
                self._skeletons.clear()
            found = self._skeletons[name] = skeleton(name)
        return found
