"""A coalition of keyrings: members who write, add, remove, update, leave and gossip in any order.

Membership is the real one (`campaign.membership`), and what an operation says is readable only to who holds
its key. `SymbolicCourier` carries secrets in the open, to try many schedules; all the rest is what runs.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field, replace

from meshcoal.campaign.membership import Control, Membership
from meshcoal.crypto.agreement import Sealer
from meshcoal.crypto.entropy import Entropy
from meshcoal.errors import EpochErased, OutOfStep, Replayed
from meshcoal.group import agreement, keyring
from meshcoal.group.agreement import Courier, Place
from meshcoal.group.coverage import Began, View
from meshcoal.group.keyring import Keyring
from meshcoal.group.pairwise import NEXT_BYTES, Channel, Context, Form, Opened
from meshcoal.group.prekeys import NO_PREKEYS, Bundle, Prekeys, Target, publish
from meshcoal.ids import AuthorId, CampaignId, EpochId, OperationId
from meshcoal.wire.bodies import (
    AddBody,
    Body,
    Card,
    ChannelSeed,
    CreateBody,
    LeaveBody,
    RekeyBody,
    RemoveBody,
)
from meshcoal.wire.operation import EPOCH_KINDS, Direct, Kind
from meshcoal.wire.terms import Role, Seat

NOW_MS = 1_800_000_000_000
CAMPAIGN = CampaignId(b"c" * 32)
CONTROLS = {Kind.CREATE, Kind.ADD, Kind.REMOVE, Kind.LEAVE, Kind.REKEY}


class SymbolicCourier:
    """A courier whose messages hold the secret in the open, and who may open them, and in what order."""

    def send(
        self, channel: Channel, *, secret: bytes, context: Context, target: Target | None, now_ms: int
    ) -> tuple[Channel, bytes]:
        assert target is not None or channel.root_out
        count = channel.next_index
        after = replace(channel, root_out=bytes(32), next_index=count + 1, since_ms=now_ms)
        sealed = secret + context.recipient + context.sender + count.to_bytes(8, "big")
        return after, sealed.ljust(NEXT_BYTES, b"\0")

    def receive(
        self, channel: Channel, prekeys: Prekeys, *, sealed: bytes, context: Context, now_ms: int
    ) -> tuple[Channel, Prekeys, Opened]:
        if context.seq <= channel.last_seq:
            raise Replayed("opened before")
        taken = channel.sent_since  # serves as the number of messages taken
        place = channel.me + channel.peer + taken.to_bytes(8, "big")
        if sealed[32:104] != place:
            raise OutOfStep("not this one")
        after = replace(channel, last_seq=context.seq, sent_since=taken + 1)
        return after, prekeys, Opened(secret=sealed[:32], form=Form.NEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """An operation, and, for the checks, what its author knew."""

    number: int
    id: OperationId
    place: Place
    past: int  # bits of operations
    depth: int
    epoch: EpochId
    index: int = 0
    sealed: bytes = b""
    text: bytes = b""
    body: Body | None = None
    bundle: Bundle | None = None
    directs: tuple[Direct, ...] = ()
    recipients: tuple[AuthorId, ...] = ()
    handed: tuple[EpochId, ...] = ()  # whose chains all recipients get
    carried: tuple[EpochId, ...] = ()  # whose record keys all recipients get
    view: View

    @property
    def author(self) -> AuthorId:
        return self.place.author


@dataclass
class Member:
    """One node: what it holds, and what it could open."""

    me: AuthorId
    keyring: Keyring
    card: Card
    bundle: Bundle
    held: int = 0
    seq: int = 0
    heads: set[OperationId] = field(default_factory=set)
    membership: Membership = field(default_factory=Membership)
    unopened: list[Written] = field(default_factory=list)
    read: dict[int, bytes] = field(default_factory=dict)
    online: bool = True
    seen: View | None = None

    @property
    def active(self) -> bool:
        return self.me in self.view().inside

    def view(self) -> View:
        if self.seen is None:
            self.seen = view_of(self.membership)
        return self.seen


def view_of(membership: Membership) -> View:
    """The verdicts as the node will hand them over."""
    began = {}
    breaks = 0
    for control in membership.controls.values():
        if not membership.effective(control.id):
            continue
        if isinstance(control.body, CreateBody | RemoveBody | RekeyBody):
            began[EpochId(control.id)] = Began(number=control.number, past=control.past)
        healed = isinstance(control.body, RekeyBody) and control.body.heals
        if healed or isinstance(control.body, RemoveBody | LeaveBody):
            breaks |= 1 << control.number
    members = frozenset(membership.roster().active())
    return View(inside=members, out=membership.ever_in() - members, began=began, breaks=breaks)


class Coalition:
    """Members of one campaign, and everything they wrote, in an order that causality allows."""

    def __init__(
        self, size: int, *, courier: Courier, sealer: Sealer, entropy: Entropy, prekeys: int = 2
    ) -> None:
        self.courier, self.sealer, self.entropy = courier, sealer, entropy
        self.log: list[Written] = []
        self.control_bits = 0
        self.now_ms = NOW_MS
        self.members: dict[AuthorId, Member] = {}
        for number in range(size):
            me = AuthorId(bytes([number + 1]) * 32)
            held, bundle = publish(NO_PREKEYS, sealer=sealer, entropy=entropy, now_ms=NOW_MS, count=prekeys)
            card = Card(
                author=me, act=me, link=me, seal=bundle.last_resort, name=f"member {number}", hints=()
            )
            self.members[me] = Member(me, Keyring(campaign=CAMPAIGN, me=me, prekeys=held), card, bundle)

    # --- Writing

    def create(self, founder: Member) -> Written:
        seed = ChannelSeed(id=bytes(16), name="talk")
        body = CreateBody(
            at_ms=self.now_ms,
            name="campaign",
            goal="",
            founder=founder.card,
            seat=Seat.EXILE,
            channels=(seed,),
        )
        return self._begin(founder, Kind.CREATE, body, [], bundle=founder.bundle)

    def update(self, author: Member, *, new_prekeys: bool = False, heals: bool = True) -> Written:
        body = RekeyBody(at_ms=self.now_ms, carried=(), heals=heals)
        bundle = None
        if new_prekeys:
            held, bundle = publish(
                author.keyring.prekeys, sealer=self.sealer, entropy=self.entropy, now_ms=self.now_ms, count=0
            )
            author.keyring = replace(author.keyring, prekeys=held)
        return self._begin(author, Kind.REKEY, body, author.view().inside, bundle=bundle)

    def remove(self, author: Member, target: AuthorId) -> Written:
        held = [one.place.seq for one in self._held(author) if one.author == target]
        body = RemoveBody(at_ms=self.now_ms, member=target, last_seq=max(held, default=-1), carried=())
        return self._begin(author, Kind.REMOVE, body, author.view().inside - {target})

    def add(self, author: Member, newcomer: Member) -> Written:
        body = AddBody(
            at_ms=self.now_ms,
            member=newcomer.card,
            seat=Seat.EXILE,
            role=Role.ORGANISER,
            carried=(),
        )
        epoch, lacking = self._ready(author)
        author.keyring = keyring.note_bundle(
            author.keyring, newcomer.me, newcomer.bundle, author.view().inside
        )
        handed = tuple(agreement.safe_epochs(author.keyring, author.view()))
        return self._under(
            author, Kind.ADD, body, epoch, {newcomer.me, *lacking}, handed, bundle=newcomer.bundle
        )

    def leave(self, author: Member) -> Written:
        epoch, lacking = self._ready(author)
        return self._under(author, Kind.LEAVE, LeaveBody(at_ms=self.now_ms), epoch, set(lacking), (epoch,))

    def send(self, author: Member) -> Written:
        epoch, lacking = self._ready(author)
        return self._under(author, Kind.POST, None, epoch, set(lacking), (epoch,))

    def _ready(self, author: Member) -> tuple[EpochId, tuple[AuthorId, ...]]:
        ready = agreement.ready(author.keyring, author.view())
        if ready is None:
            self.update(author, heals=False)
            ready = agreement.ready(author.keyring, author.view())
            assert ready is not None, "a fresh epoch is safe"
        return ready.epoch, ready.lacking

    def _place(self, author: Member, kind: Kind) -> Place:
        return Place(
            campaign=CAMPAIGN,
            author=author.me,
            kind=kind,
            seq=author.seq,
            parents=tuple(sorted(author.heads)),
            salt=len(self.log).to_bytes(16, "big"),
        )

    def _begin(
        self,
        author: Member,
        kind: Kind,
        body: Body,
        recipients: frozenset[AuthorId] | list[AuthorId],
        *,
        bundle: Bundle | None = None,
    ) -> Written:
        place = self._place(author, kind)
        others = sorted({*recipients} - {author.me})
        carried = keyring.lacking_records(author.keyring, others)
        author.keyring, keys, directs = agreement.begin(
            author.keyring,
            place=place,
            recipients=others,
            carried=carried,
            courier=self.courier,
            entropy=self.entropy,
            now_ms=self.now_ms,
        )
        written = self._write(author, place, EpochId(b""), body, directs, others, (), carried, bundle=bundle)
        author.keyring = keyring.adopt(author.keyring, written.epoch, keys)
        self._accept(author, written)
        return written

    def _under(
        self,
        author: Member,
        kind: Kind,
        body: Body | None,
        epoch: EpochId,
        to: set[AuthorId],
        handed: tuple[EpochId, ...],
        *,
        bundle: Bundle | None = None,
    ) -> Written:
        place = self._place(author, kind)
        carried = keyring.lacking_records(author.keyring, to)
        directs: tuple[Direct, ...] = ()
        if to:
            author.keyring, directs = agreement.hand(
                author.keyring,
                place=place,
                to=to,
                epochs=handed,
                carried=carried,
                courier=self.courier,
                entropy=self.entropy,
                now_ms=self.now_ms,
            )
        sealed, index, text = b"", 0, b""
        if kind is Kind.POST:
            text = b"message %d" % len(self.log)
            author.keyring, sealed, index = agreement.write(
                author.keyring, place=place, epoch=epoch, plaintext=text
            )
        written = self._write(
            author, place, epoch, body, directs, sorted(to), handed, carried, bundle=bundle,
            sealed=sealed, index=index, text=text,
        )  # fmt: skip
        self._accept(author, written)
        return written

    def _write(
        self,
        author: Member,
        place: Place,
        epoch: EpochId,
        body: Body | None,
        directs: tuple[Direct, ...],
        recipients: list[AuthorId],
        handed: tuple[EpochId, ...],
        carried: tuple[EpochId, ...],
        *,
        bundle: Bundle | None,
        sealed: bytes = b"",
        index: int = 0,
        text: bytes = b"",
    ) -> Written:
        number = len(self.log)
        name = OperationId(hashlib.blake2b(place.salt + place.author, digest_size=32).digest())
        depths = [one.depth for one in self._held(author) if one.id in author.heads]
        written = Written(
            number=number,
            id=name,
            place=place,
            past=author.held,
            depth=max(depths, default=-1) + 1,
            epoch=epoch or EpochId(name),
            index=index,
            sealed=sealed,
            text=text,
            body=body,
            bundle=bundle,
            directs=directs,
            recipients=tuple(recipients),
            handed=handed if recipients else (),
            carried=carried,
            view=author.view(),
        )
        self.log.append(written)
        if place.kind in CONTROLS:
            self.control_bits |= 1 << number
        author.seq += 1
        author.read[number] = text
        return written

    def _held(self, member: Member) -> list[Written]:
        return [one for one in self.log if member.held >> one.number & 1]

    # --- Reading

    def pull(self, member: Member, source: Member, *, most: int | None = None) -> None:
        """What the source holds and the member lacks, oldest first; the first `most` of it."""
        missing = [one for one in self.log if (source.held & ~member.held) >> one.number & 1]
        for one in missing[:most]:
            self._accept(member, one)

    def gossip(self) -> None:
        """Everybody, whether still a member or not, gets everything."""
        for member in self.members.values():
            for one in self.log:
                if not member.held >> one.number & 1:
                    self._accept(member, one)

    def _accept(self, member: Member, written: Written) -> None:
        assert not written.past & ~member.held, "the past comes first"
        member.held |= 1 << written.number
        member.heads -= set(written.place.parents)
        member.heads.add(written.id)
        if member.me in written.recipients:
            member.keyring, taken = agreement.take(
                member.keyring,
                place=written.place,
                directs=written.directs,
                courier=self.courier,
                now_ms=self.now_ms,
            )
            assert taken is not None
            for handed in taken.handed:
                member.keyring = keyring.learn(member.keyring, handed, giver=written.author, proven=True)
            if written.place.kind in EPOCH_KINDS:
                holders = {written.author, *written.recipients}
                keys = keyring.fresh(taken.secret, written.place.names(holders))
                member.keyring = keyring.adopt(member.keyring, written.epoch, keys)
        self._note_handed(member, written)
        if written.body is not None:
            member.unopened.append(written)
        self._open(member)
        if written.place.kind is Kind.POST and written.author != member.me:
            try:
                member.keyring, plain = agreement.read(
                    member.keyring,
                    place=written.place,
                    epoch=written.epoch,
                    index=written.index,
                    sealed=written.sealed,
                    now_ms=self.now_ms,
                )
            except EpochErased:
                return
            assert plain == written.text
            member.read[written.number] = plain

    @staticmethod
    def _note_handed(member: Member, written: Written) -> None:
        for epoch in written.handed:
            member.keyring = keyring.cover(member.keyring, epoch, written.recipients)
        for epoch in written.carried:
            member.keyring = keyring.cover_records(member.keyring, epoch, written.recipients)

    def _open(self, member: Member) -> None:
        """Apply what the record keys held now open, in the order in which it came."""
        left = []
        for one in member.unopened:
            known = member.keyring.epochs.get(one.epoch)
            if known is None or not known.record:
                left.append(one)
                continue
            assert one.body is not None
            member.membership.add(self.control(one))
            member.seen = None
            if one.place.kind in EPOCH_KINDS:
                holders = {one.author, *one.recipients}
                member.keyring = keyring.cover(member.keyring, one.epoch, holders)
            if one.bundle is not None:
                whose = one.author
                if isinstance(one.body, AddBody):
                    whose = AuthorId(one.body.member.author)
                heals = isinstance(one.body, RekeyBody) and one.body.heals
                member.keyring = keyring.note_bundle(
                    member.keyring, whose, one.bundle, one.view.inside, heals=heals
                )
        member.unopened = left

    def control(self, one: Written) -> Control:
        assert one.body is not None
        return Control(
            id=one.id,
            number=one.number,
            author=one.author,
            seq=one.place.seq,
            depth=one.depth,
            past=one.past & self.control_bits,
            body=one.body,
        )

    # --- Checks

    def problems(self) -> list[str]:
        """What went wrong, once everybody holds everything."""
        found = []
        for one in self.log:
            if one.place.kind is not Kind.POST:
                continue
            found += [
                f"{one.number}: a member in the sender's view cannot read it"
                for member in one.view.inside
                if one.number not in self.members[member].read
            ]
            found += [
                f"{one.number}: somebody who is out in the sender's view holds its epoch"
                for member in one.view.out
                if self.members[member].keyring.chains.get(one.epoch)
            ]
        return found


def play(coalition: Coalition, chance: random.Random, *, steps: int, at_start: int = 5) -> None:
    """A random schedule: some found the campaign together, the rest are added, all write and gossip."""
    everybody = list(coalition.members.values())
    founder = everybody[0]
    coalition.create(founder)
    for newcomer in everybody[1:at_start]:
        coalition.add(founder, newcomer)
    for member in everybody[1:at_start]:
        coalition.pull(member, founder)
    waiting = everybody[at_start:]
    for _ in range(steps):
        chosen = chance.random()
        active = [member for member in everybody if member.active]
        member = chance.choice(active)
        if chosen < 0.40:
            source = chance.choice(active)
            target = chance.choice(everybody)
            if target.online and source.online:
                coalition.pull(target, source, most=chance.choice((None, None, 1, 3)))
        elif chosen < 0.45:
            for one in everybody:  # some go, those who were away come back
                one.online = not one.online or chance.random() < 0.6
        elif chosen < 0.76:
            coalition.send(member)
        elif chosen < 0.83:
            coalition.update(member, heals=chosen < 0.795)
        elif chosen < 0.91:
            if waiting:  # a persona is made for one invitation, so nobody is added twice
                coalition.add(member, waiting.pop())
        elif chosen < 0.985:
            others = sorted(member.view().inside - {member.me})
            if others and len(active) > 3:
                coalition.remove(member, chance.choice(others))
        elif len(active) > 3:
            coalition.leave(member)


def settle(coalition: Coalition) -> None:
    """Everybody hears everything, and everybody who thinks themselves a member updates once."""
    coalition.gossip()
    for member in coalition.members.values():
        if member.active:
            coalition.update(member)
            coalition.gossip()


def disagreements(coalition: Coalition) -> list[str]:
    """Two who take each other for members, and see different members or roles."""
    found = []
    everybody = list(coalition.members.values())
    for one in everybody:
        for other in everybody:
            mutual = other.me in one.view().inside and one.me in other.view().inside
            if mutual and one.membership.roster() != other.membership.roster():
                found.append(f"{one.card.name} and {other.card.name} disagree")
    return found
