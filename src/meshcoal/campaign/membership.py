"""Who is a member, in what seat and role, and whose acts count: the same answer on every node.

Law: the answer depends on the set of control operations alone, never on the order in which they came.

1. An operation is *authorised* when its author may do it according to the control operations in its past.
2. Strong removal: an effective removal names the last operation of the member that its author had seen;
   everything the member wrote after that place falls, whether concurrent or later, and what rests on it falls
   with it. A removal can itself fall this way. Where removals undo each other in a ring, directly (two
   organisers remove each other) or through what they rest on (somebody just removed admits a friend who
   removes the remover), all of the ring hold: nobody escapes a removal by removing the remover.
3. Talk does not fall: it was said, and hiding it would lose messages silently. Nor does a channel, for what
   others said in it would go with it. Acts fall.
4. Whoever is out, by removal or by leaving, stays out under that persona; a new invitation makes a new one.
5. A member whose log is forked is *halted* by an organiser's node: an effective halt strikes what the member
   writes beyond what its author had seen, like a removal, but only until an organiser restores the member:
   what has the restore in its past counts again. A halt about a fork behind a restore is a new one.

Ours, unreviewed. Specified in docs/protocol/membership.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from meshcoal.api.views import MemberState
from meshcoal.campaign import authority, quorum
from meshcoal.campaign.rings import in_turn
from meshcoal.campaign.roster import Member as Member
from meshcoal.campaign.roster import Roster as Roster
from meshcoal.ids import AuthorId, OperationId
from meshcoal.limits import CHANNELS_MAX, MEMBERS_MAX
from meshcoal.wire.authority import MandateBody, OfficeBody, RevokeBody
from meshcoal.wire.bodies import (
    AddBody,
    Body,
    Card,
    ChannelBody,
    CreateBody,
    HaltBody,
    LeaveBody,
    RekeyBody,
    RemoveBody,
    RestoreBody,
    RoleBody,
    RulesBody,
    WeekBody,
)
from meshcoal.wire.terms import Role, Seat

# What others say in a channel would go with it; keys are not the author's affair; and everybody may go.
_NEVER_HALTED: Final = (ChannelBody, RekeyBody, LeaveBody)
KEY_BODIES: Final = (RekeyBody, WeekBody)  # change no roster; most control operations are these


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """An opened operation on membership, with its place."""

    id: OperationId
    number: int  # its bit in contexts
    author: AuthorId
    seq: int
    depth: int
    past: int  # bits of the control operations in its past
    body: Body
    true_cut: bool = True  # for a removal or a halt: it says truly what its past holds of its target's log
    cut: tuple[OperationId, ...] = ()  # for these: the ends of what its past holds of its target's log
    branches: tuple[int, ...] = ()  # for a halt: bits of the control operations in the past of each end

    @property
    def strikes(self) -> bool:
        """Whether it makes void what a member writes elsewhere."""
        return isinstance(self.body, (RemoveBody, HaltBody))

    @property
    def target(self) -> AuthorId:
        """Whom it is about."""
        assert isinstance(self.body, (RemoveBody, HaltBody, RestoreBody))
        return AuthorId(self.body.member)

    def about_what_follows(self, restore: int) -> bool:
        """For a halt: whether the fork it speaks of is behind a restore, so that this does not end it.

        A stale branch that grows beside the one that goes on is no new fork: two must have seen the restore.
        """
        return sum(bits >> restore & 1 for bits in self.branches) >= 2


class Membership:
    """Every control operation of a campaign, and what follows from them."""

    def __init__(self) -> None:
        self._controls: dict[int, Control] = {}
        self._by_id: dict[OperationId, Control] = {}
        self._void = 0  # bits of what anybody could have written, see `set_void`
        self._fallen = 0  # bits of what removals strike, themselves holding or not
        self._holding = 0  # bits of the removals and halts that hold
        self._removals: dict[AuthorId, list[Control]] = {}  # those, by target
        self._halts: dict[AuthorId, list[Control]] = {}
        self._restores: dict[AuthorId, list[Control]] = {}  # all there are, effective or not
        self._effective: dict[int, bool] = {}
        self._rosters: dict[int, Roster] = {}
        self._cuts: dict[AuthorId, int] = {}
        self._settled = True
        self._pasts = 0  # bits of what stands in the past of any of them
        # Of those that can change a roster, which a new key cannot: most control operations are new keys.
        self._shaping: dict[int, Control] = {}
        self._shaping_bits = 0
        self._naming: dict[AuthorId, list[Control]] = {}
        self._named: frozenset[AuthorId] = frozenset()

    @property
    def controls(self) -> Mapping[OperationId, Control]:
        return self._by_id

    def add(self, control: Control) -> bool:
        """Take in an opened control operation. Verdicts are worked out afresh when next asked for.

        Returns:
            Whether every verdict given before still stands, on acts as well as on control operations.
        """
        assert control.number not in self._controls
        bit = 1 << control.number
        # Verdicts that stand change only through a removal that strikes something, and through an operation
        # opened later than one that follows it; everything else is decided by its own past.
        settled = (
            self._settled
            and (not self._pasts & bit or isinstance(control.body, KEY_BODIES))
            and not (control.strikes and self._struck_by(control))
        )
        self._controls[control.number] = control
        self._by_id[control.id] = control
        match control.body:
            case CreateBody(founder=card) | AddBody(member=card):
                self._naming.setdefault(AuthorId(card.author), []).append(control)
                self._named |= {AuthorId(card.author)}
            case RestoreBody():
                self._restores.setdefault(control.target, []).append(control)
        self._pasts |= control.past
        if not isinstance(control.body, KEY_BODIES):
            self._shaping[control.number] = control
            self._shaping_bits |= bit
        self._settled = settled
        if settled:
            if any(not removal.past & bit for removal in self._removals.get(control.author, ())):
                self._fallen |= bit
            elif control.strikes:
                self._decide((control,))
        return settled and not isinstance(control.body, (RemoveBody, HaltBody, RestoreBody))

    def set_void(self, bits: int) -> bool:
        """Say which control operations count for nothing, whoever wrote them. Whether that has changed."""
        if bits == self._void:
            return False
        self._void = bits
        self._settled = False
        return True

    def fingerprint(self) -> bytes:
        """Equal where the same operations, less those that only begin epochs, were taken in and are void."""
        return f"{self._shaping_bits:x}/{self._void:x}".encode()

    def roster(self) -> Roster:
        """As all the control operations held here make it."""
        self._settle()
        return self._roster_of(self._shaping_bits)

    def roster_at(self, bits: int) -> Roster:
        """As the control operations in `bits` make it."""
        self._settle()
        return self._roster_of(bits & self._shaping_bits)

    def effective(self, operation: OperationId) -> bool:
        """Whether a control operation counts."""
        self._settle()
        return self._is_effective(self._by_id[operation])

    def fell(self, author: AuthorId, seq: int) -> bool:
        """Whether an act of this author at this place falls to a removal; for a log that is not forked."""
        self._settle()
        return seq > self._cuts.get(author, seq)

    def cuts(self, author: AuthorId, past: int) -> list[tuple[OperationId, ...]]:
        """What is left standing of a forked log: only what is on a branch to one of the ends of each.

        Args:
            past: bits of the control operations in the past of what is judged.

        Returns:
            One cut for each removal that holds, and for each halt that holds and was not ended in that past.
        """
        self._settle()
        found = [removal.cut for removal in self._removals.get(author, ())]
        return found + [halt.cut for halt in self._halts.get(author, ()) if self._stops(halt, past)]

    def _stops(self, halt: Control, past: int) -> bool:
        """Whether no restore in this past ends the halt."""
        return not any(
            past >> restore.number & 1
            and not halt.about_what_follows(restore.number)
            and self._is_effective(restore)
            for restore in self._restores.get(halt.target, ())
        )

    def _halted(self, control: Control) -> bool:
        return not isinstance(control.body, _NEVER_HALTED) and any(
            not halt.past >> control.number & 1 and self._stops(halt, control.past)
            for halt in self._halts.get(control.author, ())
        )

    def ever_in(self) -> frozenset[AuthorId]:
        """Everyone whom any operation, effective or not, made a member."""
        return self._named

    def naming(self, author: AuthorId) -> Sequence[Control]:
        """What names somebody a member, effective or not."""
        return self._naming.get(author, [])

    def named_by_link(self, link: bytes) -> AuthorId | None:
        """Whom any operation, effective or not, made a member with this link key."""
        for control in self._controls.values():
            match control.body:
                case CreateBody(founder=card) | AddBody(member=card) if card.link == link:
                    return AuthorId(card.author)
        return None

    def _settle(self) -> None:
        """Decide which removals and halts hold, each after those that could undo it; the rest follows."""
        if self._settled:
            return
        self._settled = True
        self._fallen = self._holding = 0
        self._effective = {}
        self._rosters = {}
        self._cuts = {}
        self._removals = {}
        self._halts = {}
        may_remove = self._ever_organisers()
        removals = [
            control
            for control in sorted(self._controls.values(), key=_order)
            if control.strikes and control.true_cut and control.author in may_remove
            if not self._void >> control.number & 1
        ]
        touched = [removal.past | 1 << removal.number for removal in removals]
        reached = [self._struck_by(removal) | 1 << removal.number for removal in removals]
        for ring in in_turn(touched, reached):
            self._decide([removals[index] for index in ring])

    def _decide(self, ring: Sequence[Control]) -> None:
        """Which of a ring hold, given those decided before; their strikes come into force together.

        In order of depth: one may stand in the past of another.
        """
        holding = []
        for removal in ring:
            fallen = self._fallen >> removal.number & 1 or self._halted(removal)
            if removal.true_cut and not fallen and self._authorised(removal):
                self._holding |= 1 << removal.number
                holding.append(removal)
        struck = halted = 0
        for removal in holding:
            if isinstance(removal.body, RemoveBody):
                self._removals.setdefault(removal.target, []).append(removal)
                last_seq = removal.body.last_seq
                self._cuts[removal.target] = min(last_seq, self._cuts.get(removal.target, last_seq))
                struck |= self._struck_by(removal)
            else:
                self._halts.setdefault(removal.target, []).append(removal)
                halted |= self._struck_by(removal)
        if struck & ~self._fallen or halted:
            self._fallen |= struck
            self._effective = {}
            self._rosters = {}

    def _struck_by(self, removal: Control) -> int:
        """Bits of what falls if this removal holds; of a halt: of what may, if no restore ends it."""
        bits = 0
        for control in self._controls.values():
            if control.author == removal.target and control.number != removal.number:
                bits |= 1 << control.number
        return bits & ~removal.past

    def _ever_organisers(self) -> frozenset[AuthorId]:
        """Everyone whom any operation, effective or not, made an organiser: nobody else can remove."""
        found = set()
        for control in self._controls.values():
            match control.body:
                case CreateBody(founder=card) | AddBody(member=card, role=Role.ORGANISER):
                    found.add(AuthorId(card.author))
                case RoleBody(member=member, role=Role.ORGANISER):
                    found.add(AuthorId(member))
        return frozenset(found)

    def _is_effective(self, control: Control) -> bool:
        if self._void >> control.number & 1:
            return False
        if control.strikes:
            return bool(self._holding >> control.number & 1)
        if self._fallen >> control.number & 1 and not isinstance(control.body, ChannelBody):
            return False
        known = self._effective.get(control.number)
        if known is None:
            known = self._effective[control.number] = not self._halted(control) and self._authorised(control)
        return known

    def _authorised(self, control: Control) -> bool:
        if isinstance(control.body, CreateBody):
            return True
        roster = self._roster_of(control.past & self._shaping_bits)
        if isinstance(control.body, HaltBody):
            restores = roster.restores.get(control.target, ())
            if not all(control.about_what_follows(restore) for restore in restores):
                return False
        return may(roster, control.author, control.body)

    def _roster_of(self, bits: int) -> Roster:
        cached = self._rosters.get(bits)
        if cached is not None:
            return cached
        chosen = [control for number, control in self._shaping.items() if bits >> number & 1]
        chosen.sort(key=_order)
        roster = Roster()
        if chosen:
            before = self._rosters.get(bits & ~(1 << chosen[-1].number))
            if before is not None:  # one operation further than a roster that is known
                roster = Roster(
                    members=dict(before.members),
                    channels=dict(before.channels),
                    create=before.create,
                    rules=before.rules,
                    halts=dict(before.halts),
                    restores=dict(before.restores),
                    offices=dict(before.offices),
                    mandates=dict(before.mandates),
                )
                del chosen[:-1]
        for control in chosen:
            if self._is_effective(control):
                _apply(roster, control)
        self._rosters[bits] = roster
        return roster


def may(roster: Roster, author: AuthorId, body: Body) -> bool:
    """Whether the author may do this to a campaign that stands as `roster` says."""
    member = roster.members.get(author)
    if member is None or not member.active:
        return False
    organiser = member.role is Role.ORGANISER
    if roster.is_halted(author) and not isinstance(body, _NEVER_HALTED):
        return False
    match body:
        case AddBody():
            newcomer = AuthorId(body.member.author)
            return organiser and newcomer not in roster.members and len(roster.active()) < MEMBERS_MAX
        case RemoveBody():
            return organiser and body.member != author and roster.is_active(AuthorId(body.member))
        case RoleBody():
            return organiser and roster.is_active(AuthorId(body.member)) and _keeps_an_organiser(roster, body)
        case RulesBody():
            return organiser and quorum.may_set(roster, member, body)
        case OfficeBody() | MandateBody() | RevokeBody():
            return authority.may(roster, author, body)
        case ChannelBody():
            return (
                member.seat is not Seat.OBSERVER
                and body.channel.id not in roster.channels
                and len(roster.channels) < CHANNELS_MAX
            )
        case HaltBody():
            target = AuthorId(body.member)
            halted = roster.is_halted(target)
            return organiser and target != author and roster.is_active(target) and not halted
        case RestoreBody():
            target = AuthorId(body.member)
            return organiser and target != author and roster.is_active(target) and roster.is_halted(target)
        case LeaveBody() | RekeyBody() | WeekBody():
            return True
        case _:
            return False


def _keeps_an_organiser(roster: Roster, body: RoleBody) -> bool:
    if body.role is Role.ORGANISER:
        return True
    return any(
        member.active and member.role is Role.ORGANISER and author != body.member
        for author, member in roster.members.items()
    )


def _apply(roster: Roster, control: Control) -> None:
    match control.body:
        case CreateBody() as body:
            roster.create = body
            for seed in body.channels:
                roster.channels.setdefault(seed.id, seed)
            _enter(roster, control, body.founder, body.seat, Role.ORGANISER)
        case AddBody() as body:
            _enter(roster, control, body.member, body.seat, body.role)
        case RemoveBody() as body:
            _change_state(roster, AuthorId(body.member), MemberState.REMOVED)
        case LeaveBody():
            _change_state(roster, control.author, MemberState.LEFT)
        case RoleBody() as body:
            member = roster.members.get(AuthorId(body.member))
            if member is not None:
                roster.members[AuthorId(body.member)] = replace(member, seat=body.seat, role=body.role)
        case HaltBody():
            target = control.target
            roster.halts[target] = (*roster.halts.get(target, ()), control)
        case RestoreBody():
            target = control.target
            roster.restores[target] = (*roster.restores.get(target, ()), control.number)
        case ChannelBody() as body:
            roster.channels.setdefault(body.channel.id, body.channel)
        case RulesBody() as body:
            roster.rules = body
        case OfficeBody() | MandateBody() | RevokeBody() as body:
            authority.apply(roster, control.id, control.author, body)


def _enter(roster: Roster, control: Control, card: Card, seat: Seat, role: Role) -> None:
    roster.members.setdefault(
        AuthorId(card.author),
        Member(
            card=card,
            seat=seat,
            role=role,
            state=MemberState.ACTIVE,
            admitted_by=control.author,
            added=control.id,
            since_ms=control.body.at_ms,
        ),
    )


def _change_state(roster: Roster, author: AuthorId, state: MemberState) -> None:
    member = roster.members.get(author)
    if member is not None and member.state is not MemberState.REMOVED:
        roster.members[author] = replace(member, state=state)


def _order(control: Control) -> tuple[int, bytes]:
    return control.depth, control.id
