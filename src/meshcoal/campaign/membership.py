"""Who is a member, in what seat and role, and whose acts count: the same answer on every node.

Law: the answer depends on the set of control operations alone, never on the order in which they came.

1. An operation is *authorised* when its author may do it according to the control operations in its past.
2. Strong removal: an effective removal names the last operation of the member that its author had seen;
   everything the member wrote after that place falls, whether concurrent or later. A removal can itself fall
   this way. Where removals strike each other in a ring (two organisers remove each other), all of the ring
   hold. What rested on a fallen operation is not authorised any more.
3. Talk does not fall: it was said, and hiding it would lose messages silently. Acts fall.
4. Whoever is out, by removal or by leaving, stays out under that persona; a new invitation makes a new one.

Ours, unreviewed. Specified in docs/protocol/membership.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from meshcoal.api.views import MemberState
from meshcoal.ids import AuthorId, OperationId
from meshcoal.limits import CHANNELS_MAX, MEMBERS_MAX
from meshcoal.wire.bodies import (
    AddBody,
    Body,
    Card,
    ChannelBody,
    ChannelSeed,
    CreateBody,
    LeaveBody,
    RekeyBody,
    RemoveBody,
    RoleBody,
)
from meshcoal.wire.terms import Role, Seat

_NOBODY: Final = AuthorId(b"")


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
    true_cut: bool = True  # for a removal: `last_seq` is what its past really holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    card: Card
    seat: Seat
    role: Role
    state: MemberState
    admitted_by: AuthorId
    added: OperationId
    since_ms: int

    @property
    def active(self) -> bool:
        return self.state is MemberState.ACTIVE


@dataclass(slots=True)
class Roster:
    """Members and channels as some set of control operations makes them."""

    members: dict[AuthorId, Member] = field(default_factory=dict)
    channels: dict[bytes, ChannelSeed] = field(default_factory=dict)
    create: CreateBody | None = None

    def active(self) -> list[AuthorId]:
        """Active members, in the order of their keys."""
        return sorted(author for author, member in self.members.items() if member.active)

    def is_active(self, author: AuthorId) -> bool:
        member = self.members.get(author)
        return member is not None and member.active

    def is_organiser(self, author: AuthorId) -> bool:
        member = self.members.get(author)
        return member is not None and member.active and member.role is Role.ORGANISER


class Membership:
    """Every control operation of a campaign, and what follows from them."""

    def __init__(self) -> None:
        self._controls: dict[int, Control] = {}
        self._by_id: dict[OperationId, Control] = {}
        self._fallen: frozenset[int] = frozenset()
        self._effective: dict[int, bool] = {}
        self._rosters: dict[int, Roster] = {}
        self._cuts: dict[AuthorId, int] = {}
        self._settled = True
        self._bits = 0
        self._named: frozenset[AuthorId] = frozenset()

    @property
    def controls(self) -> Mapping[OperationId, Control]:
        return self._by_id

    def add(self, control: Control) -> None:
        """Take in an opened control operation. Verdicts are worked out afresh when next asked for."""
        assert control.number not in self._controls
        bit = 1 << control.number
        # Verdicts change only through removals, and through an operation opened later than one that
        # follows it; everything else is settled by its own past.
        settled = (
            self._settled
            and not isinstance(control.body, RemoveBody)
            and not any(other.past & bit for other in self._controls.values())
        )
        self._controls[control.number] = control
        self._by_id[control.id] = control
        match control.body:
            case CreateBody(founder=card) | AddBody(member=card):
                self._named |= {AuthorId(card.author)}
        self._bits |= bit
        self._settled = settled
        if settled and self.fell(control.author, control.seq):
            self._fallen |= {control.number}

    def roster(self) -> Roster:
        """As all the control operations held here make it."""
        self._settle()
        return self._roster_of(self._bits)

    def roster_at(self, bits: int) -> Roster:
        """As the control operations in `bits` make it."""
        self._settle()
        return self._roster_of(bits & self._bits)

    def effective(self, operation: OperationId) -> bool:
        """Whether a control operation counts."""
        self._settle()
        return self._is_effective(self._by_id[operation])

    def fell(self, author: AuthorId, seq: int) -> bool:
        """Whether an act of this author at this place falls to a removal."""
        self._settle()
        return seq > self._cuts.get(author, seq)

    def ever_in(self) -> frozenset[AuthorId]:
        """Everyone whom any operation, effective or not, made a member."""
        return self._named

    def _settle(self) -> None:
        """Find which operations fall: grow the fallen set until nothing more falls."""
        if self._settled:
            return
        fallen: frozenset[int] = frozenset()
        while True:
            self._fallen = fallen
            self._effective = {}
            self._rosters = {}
            for control in sorted(self._controls.values(), key=_order):
                self._is_effective(control)  # from the bottom up, so that no verdict recurses deep
            more = fallen | self._struck()
            if more == fallen:
                break
            fallen = more
        self._settled = True

    def _struck(self) -> frozenset[int]:
        removals = [
            control
            for control in sorted(self._controls.values(), key=_order)
            if isinstance(control.body, RemoveBody) and self._is_effective(control)
        ]
        holding = _standing(removals)
        self._cuts = {}
        for control in holding:
            assert isinstance(control.body, RemoveBody)
            target = AuthorId(control.body.member)
            self._cuts[target] = min(control.body.last_seq, self._cuts.get(target, control.body.last_seq))
        # Members of a ring strike each other and hold all the same.
        spared = {control.number for control in holding}
        return frozenset(
            control.number
            for control in self._controls.values()
            if control.number not in spared and control.seq > self._cuts.get(control.author, control.seq)
        )

    def _is_effective(self, control: Control) -> bool:
        if control.number in self._fallen:
            return False
        known = self._effective.get(control.number)
        if known is None:
            known = control.true_cut and self._authorised(control)
            self._effective[control.number] = known
        return known

    def _authorised(self, control: Control) -> bool:
        if isinstance(control.body, CreateBody):
            return True
        roster = self._roster_of(control.past & self._bits)
        return may(roster, control.author, control.body)

    def _roster_of(self, bits: int) -> Roster:
        cached = self._rosters.get(bits)
        if cached is not None:
            return cached
        chosen = [control for number, control in self._controls.items() if bits >> number & 1]
        chosen.sort(key=_order)
        roster = Roster()
        if chosen:
            before = self._rosters.get(bits & ~(1 << chosen[-1].number))
            if before is not None:  # one operation further than a roster that is known
                roster = Roster(
                    members=dict(before.members), channels=dict(before.channels), create=before.create
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
    match body:
        case AddBody():
            newcomer = AuthorId(body.member.author)
            return organiser and newcomer not in roster.members and len(roster.active()) < MEMBERS_MAX
        case RemoveBody():
            return organiser and body.member != author and roster.is_active(AuthorId(body.member))
        case RoleBody():
            return organiser and roster.is_active(AuthorId(body.member)) and _keeps_an_organiser(roster, body)
        case ChannelBody():
            return (
                member.seat is not Seat.OBSERVER
                and body.channel.id not in roster.channels
                and len(roster.channels) < CHANNELS_MAX
            )
        case LeaveBody() | RekeyBody():
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
        case ChannelBody() as body:
            roster.channels.setdefault(body.channel.id, body.channel)


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


def _standing(removals: Sequence[Control]) -> list[Control]:
    """The removals that hold: those that no standing removal outside their own ring strikes.

    A strikes B when A removes B's author and B comes after the place that A names. The strikes form a
    graph; its strongly connected components are the rings, taken in the order in which they strike.
    """
    strikes: dict[int, list[int]] = {
        index: [
            other for other, struck in enumerate(removals) if other != index and _strikes(striker, struck)
        ]
        for index, striker in enumerate(removals)
    }
    component = _components(strikes)
    standing: list[Control] = []
    fallen: set[int] = set()
    # Tarjan numbers a component after everything it strikes; so strikers come last. Walk backwards.
    for number in sorted(set(component.values()), reverse=True):
        ring = [index for index in strikes if component[index] == number]
        if number in fallen:
            continue
        for index in ring:
            standing.append(removals[index])
            fallen.update(component[other] for other in strikes[index] if component[other] != number)
    return sorted(standing, key=_order)


def _strikes(striker: Control, struck: Control) -> bool:
    assert isinstance(striker.body, RemoveBody)
    return striker.body.member == struck.author and struck.seq > striker.body.last_seq


def _components(edges: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """Strongly connected components (Tarjan 1972), without recursion, in reverse topological order."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    component: dict[int, int] = {}
    stack: list[int] = []
    for root in edges:
        if root in index:
            continue
        walk = [(root, iter(edges[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        while walk:
            node, following = walk[-1]
            advanced = False
            for other in following:
                if other not in index:
                    index[other] = low[other] = len(index)
                    stack.append(other)
                    walk.append((other, iter(edges[other])))
                    advanced = True
                    break
                if other not in component:
                    low[node] = min(low[node], index[other])
            if advanced:
                continue
            walk.pop()
            if walk:
                parent = walk[-1][0]
                low[parent] = min(low[parent], low[node])
            if low[node] == index[node]:
                number = len(set(component.values()))
                while True:
                    member = stack.pop()
                    component[member] = number
                    if member == node:
                        break
    return component
