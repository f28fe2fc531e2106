"""Which ways this machine may take, to whom: as chosen for a campaign or a person, and as rules recommend.

Law: the strictest wins. What may not be used is not dialled, not answered, not announced, and not told. The
choice is this machine's alone; nobody else hears of it. What organisers recommend for a seat only ever
closes ways, and never switches to Tor alone where Tor is not in use, unless the user says so. Without any
choice all ways are taken that the node has. Specified in docs/protocol/ways.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from meshcoal.api.ways import Advice
from meshcoal.ids import AuthorId, CampaignId, PersonId
from meshcoal.log.reader import LogReader
from meshcoal.node.campaign import Campaign
from meshcoal.node.links import CAMPAIGN, CONTACT, INVITATION, RELAY, Link, Target
from meshcoal.node.records import Document, InvitationRecord, load_all
from meshcoal.node.step import Step
from meshcoal.sync.knock import Door
from meshcoal.wire import shape
from meshcoal.wire.path import PathKind, path_of_hint, path_of_transport
from meshcoal.wire.terms import Seat

WAYS: Final = "ways"  # by campaign; or by campaign and member, where it is not known who they are
PERSON_WAYS: Final = "person-ways"
_ID_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What may be used."""

    only_tor: bool = False
    nearby: bool = True

    def permits(self, path: PathKind) -> bool:
        if path is PathKind.PLAIN:
            return not self.only_tor
        return path is not PathKind.NEARBY or (self.nearby and not self.only_tor)

    def strictest(self, *others: Policy) -> Policy:
        every = (self, *others)
        return Policy(only_tor=any(one.only_tor for one in every), nearby=all(one.nearby for one in every))


OPEN: Final = Policy()


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class WaysRecord(Document):
    """The choice for one campaign."""

    only_tor: bool
    nearby: bool
    advice: Advice = Advice.UNDECIDED  # what becomes of the organisers' recommendation
    held_tor: bool = False  # followed before: that it is withdrawn opens nothing
    held_apart: bool = False

    @property
    def policy(self) -> Policy:
        return Policy(only_tor=self.only_tor, nearby=self.nearby)


@shape.dataclass(frozen=True, slots=True, kw_only=True)
class PersonWaysRecord(Document):
    """The choice for one person."""

    only_tor: bool
    nearby: bool

    @property
    def policy(self) -> Policy:
        return Policy(only_tor=self.only_tor, nearby=self.nearby)


ALL_WAYS: Final = WaysRecord(only_tor=False, nearby=True)


class Ways:
    """The choices of one node."""

    def __init__(self, reader: LogReader) -> None:
        self._campaigns: Mapping[CampaignId, Campaign] = {}
        self._persons: Mapping[AuthorId, PersonId] = {}
        self._invitations: Mapping[bytes, InvitationRecord] = {}
        self.held: dict[bytes, Policy] = {}  # what `node.choosing` saw last, by campaign
        self._chosen: dict[bytes, WaysRecord] = {}
        self._members: dict[tuple[bytes, bytes], PersonWaysRecord] = {}
        for key, kept in load_all(reader, WaysRecord, WAYS):
            self._chosen[key] = kept
        for key, one in load_all(reader, PersonWaysRecord, PERSON_WAYS):
            self._members[key[:-_ID_BYTES], key[-_ID_BYTES:]] = one

    def attach(
        self,
        campaigns: Mapping[CampaignId, Campaign],
        persons: Mapping[AuthorId, PersonId],
        invitations: Mapping[bytes, InvitationRecord],
    ) -> None:
        """Whose rosters and rules count, who is which contact, and what was invited to."""
        self._campaigns, self._persons, self._invitations = campaigns, persons, invitations

    # --- Choosing

    def choice(self, campaign: bytes) -> WaysRecord:
        """As the user chose for a campaign."""
        return self._chosen.get(campaign, ALL_WAYS)

    def choose(self, step: Step, campaign: CampaignId, ways: WaysRecord) -> None:
        self._chosen[campaign] = ways
        step.put(WAYS, campaign, ways)

    def choice_of(self, campaign: bytes, who: bytes) -> Policy:
        """As the user chose for one person: a contact (`campaign` empty), or a member."""
        kept = self._members.get(self.place(campaign, who))
        return kept.policy if kept is not None else OPEN

    def choose_of(self, step: Step, campaign: bytes, who: bytes, policy: Policy) -> None:
        place = self.place(campaign, who)
        if policy == OPEN:
            if self._members.pop(place, None) is not None:
                step.erase(PERSON_WAYS, place[0] + place[1])
            return
        kept = PersonWaysRecord(only_tor=policy.only_tor, nearby=policy.nearby)
        self._members[place] = kept
        step.put(PERSON_WAYS, place[0] + place[1], kept)

    def place(self, campaign: bytes, who: bytes) -> tuple[bytes, bytes]:
        """Under what a person's choice is kept: a member who is a contact has that of the contact."""
        person = self._persons.get(AuthorId(who)) if campaign else None
        return (b"", person) if person is not None else (campaign, who)

    def forget(self, step: Step, campaign: bytes, who: bytes) -> None:
        """The contact is erased."""
        self.choose_of(step, campaign, who, OPEN)

    # --- What organisers recommend

    def advised(self, campaign: bytes, seat: Seat) -> Policy:
        """What the campaign's rules recommend for a seat."""
        found = self._campaigns.get(CampaignId(campaign))
        rules = found.roster().rules if found is not None else None
        if rules is None:
            return OPEN
        return Policy(only_tor=seat in rules.tor_seats, nearby=seat not in rules.apart_seats)

    def followed(self, campaign: bytes, seat: Seat) -> Policy:
        """As much of it as is followed here."""
        advice = self.choice(campaign).advice
        if advice is Advice.REFUSE:
            return OPEN
        advised = self.advised(campaign, seat)
        return advised if advice is Advice.FOLLOW else replace(advised, only_tor=False)

    def followed_here(self, campaign: bytes) -> Policy:
        """For my own seat: what is recommended and followed, or was once."""
        choice = self.choice(campaign)
        if choice.advice is Advice.REFUSE:
            return OPEN
        held = Policy(only_tor=choice.held_tor, nearby=not choice.held_apart)
        return held.strictest(self.followed(campaign, self.my_seat(campaign)))

    def my_seat(self, campaign: bytes) -> Seat:
        found = self._campaigns.get(CampaignId(campaign))
        member = found.my_member() if found is not None else None
        return member.seat if member is not None else Seat.OBSERVER

    # --- What holds

    def door(self, campaign: bytes) -> Policy:
        """Of a campaign as a whole: the choice, and what is recommended for my seat."""
        return self.choice(campaign).policy.strictest(self.followed_here(campaign))

    def persons_in(self, campaign: bytes) -> Policy:
        """The strictest of what was chosen for any active member: all hear what one hears."""
        found = self._campaigns.get(CampaignId(campaign))
        if found is None or not self._members:
            return OPEN
        others = [self.choice_of(campaign, one) for one in found.roster().active() if one != found.me]
        return OPEN.strictest(*others)

    def of(self, campaign: bytes) -> Policy:
        """For what all members of a campaign hear: what they are told, and what is announced."""
        return self.door(campaign).strictest(self.persons_in(campaign))

    def towards(self, campaign: bytes, link: bytes) -> Policy:
        """For a link to one member, by their link key."""
        found = self._campaigns.get(CampaignId(campaign))
        author = found.member_by_link(link) if found is not None else None
        return self.door(campaign) if author is None else self.towards_member(campaign, author)

    def towards_member(self, campaign: bytes, author: AuthorId) -> Policy:
        """For a link to one member."""
        found = self._campaigns[CampaignId(campaign)]
        member = found.roster().members.get(author)
        theirs = self.followed(campaign, member.seat) if member is not None else OPEN
        return self.door(campaign).strictest(theirs, self.choice_of(campaign, author))

    def contact(self, person: bytes) -> Policy:
        """For a link to a contact, outside campaigns."""
        return self.choice_of(b"", person)

    # --- Told

    def told(self, campaign: bytes, plain: Sequence[str]) -> tuple[str, ...]:
        """Of my plain addresses, those that a campaign's members are told."""
        return _filtered(self.of(campaign), plain)

    def told_person(self, person: bytes, campaign: bytes, plain: Sequence[str]) -> tuple[str, ...]:
        """Of my plain addresses, those that one person is told; about a campaign, or none."""
        return _filtered(self.contact(person).strictest(self.of(campaign) if campaign else OPEN), plain)

    # --- Dialled

    def open(self, targets: Iterable[Target]) -> list[Target]:
        """The same targets with the addresses that may be dialled."""
        found = []
        unbound: dict[bytes, bool] = {}  # campaigns of which nothing was chosen or recommended: mostly all
        for one in targets:
            kind, place, _ = one.key
            if kind in (CAMPAIGN, RELAY) and place not in unbound:
                unbound[place] = self._is_unbound(place)
            policy = OPEN if kind in (CAMPAIGN, RELAY) and unbound[place] else self._of_target(one)
            if policy != OPEN:
                one = replace(one, hints=_filtered(policy, one.hints))
            found.append(one)
        return found

    def _is_unbound(self, campaign: bytes) -> bool:
        found = self._campaigns.get(CampaignId(campaign))
        rules = found.roster().rules if found is not None else None
        advised = rules is not None and bool(rules.tor_seats or rules.apart_seats)
        return campaign not in self._chosen and not self._members and not advised

    def may_meet(self, target: Target) -> bool:
        """Whether somebody may be dialled where they were seen on a local network."""
        return self._of_target(target).permits(PathKind.NEARBY)

    def _of_target(self, target: Target) -> Policy:
        kind, place, remote = target.key
        if kind == CAMPAIGN:
            return self.towards(place, remote)
        return self.door(place) if kind == RELAY else self.contact(remote)

    # --- Answered, announced

    def answered(self, doors: Iterable[Door], transport: str) -> list[Door]:
        """The doors that open to somebody who comes this way."""
        path = path_of_transport(transport)
        return [door for door in doors if self._of_door(door, self.door).permits(path)]

    def announced(self, doors: Iterable[Door]) -> list[Door]:
        """The doors that are announced on a local network."""
        return [door for door in doors if self._of_door(door, self.of).permits(PathKind.NEARBY)]

    def _of_door(self, door: Door, of: Callable[[bytes], Policy]) -> Policy:
        kind, place = door.name
        if kind == CAMPAIGN:
            return of(place)
        if kind == CONTACT:
            return self.contact(place)
        invitation = self._invitations.get(place) if kind == INVITATION else None
        return of(invitation.campaign) if invitation and invitation.campaign else OPEN

    # --- Links that stand

    def bears(self, link: Link) -> bool:
        """Whether a link may go the way it goes."""
        if link.to_relay:
            assert link.target is not None
            return self.door(link.target.key[1]).permits(link.path)
        whom = link.whom
        if whom is None:
            return True
        campaign, remote = whom
        return (self.towards(campaign, remote) if campaign else self.contact(remote)).permits(link.path)


def _filtered(policy: Policy, hints: Sequence[str]) -> tuple[str, ...]:
    return tuple([hint for hint in hints if policy.permits(path_of_hint(hint))])
