"""Control operations of a coalition as plain history, and nodes that take them in in any order they may.

`History` writes: each writer sees what it is told it sees, and its own log. `taken_in` plays a node: it
numbers operations in the order in which they enter its log, and opens them in another one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from meshcoal.campaign.membership import Control, Membership
from meshcoal.ids import AuthorId, OperationId
from meshcoal.wire.bodies import (
    AddBody,
    Body,
    Card,
    ChannelBody,
    ChannelSeed,
    CreateBody,
    HaltBody,
    LeaveBody,
    RekeyBody,
    RemoveBody,
    RestoreBody,
    RoleBody,
)
from meshcoal.wire.terms import Role, Seat

SEAL = bytes(1216)


def author(name: str) -> AuthorId:
    return AuthorId(hashlib.sha256(b"author " + name.encode()).digest())


def card(name: str) -> Card:
    key = author(name)
    return Card(author=key, act=key, link=key, seal=SEAL, name=name, hints=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A control operation as all nodes have it."""

    id: OperationId
    author: AuthorId
    seq: int
    depth: int
    past: frozenset[OperationId]
    body: Body
    true_cut: bool
    backlink: OperationId | None
    cut: tuple[OperationId, ...]  # of a removal or halt: the ends of its target's log that its past holds


class History:
    """All operations of a campaign founded by Ana, in the order in which they were written."""

    def __init__(self) -> None:
        self.all: list[Written] = []
        self.by_id: dict[OperationId, Written] = {}
        founder = CreateBody(
            at_ms=0,
            name="coalition",
            goal="",
            founder=card("ana"),
            seat=Seat.IN_COUNTRY,
            channels=(ChannelSeed(id=bytes(16), name="hall"),),
        )
        self.create = self.write("ana", founder, seen=())

    def everything(self) -> tuple[Written, ...]:
        return tuple(self.all)

    def last_seq(self, name: str, seen: Iterable[Written]) -> int:
        return max([one.seq for one in seen if one.author == author(name)], default=-1)

    def own(self, name: str) -> Written | None:
        """What a writer wrote last."""
        return next((one for one in reversed(self.all) if one.author == author(name)), None)

    def closed(
        self, name: str, seen: Iterable[Written] | None, after: Written | None = None
    ) -> frozenset[OperationId]:
        """The past of what a writer writes now: what it saw, what stands behind that, and its own branch."""
        past: set[OperationId] = set()
        last = after or self.own(name)
        for one in (*(self.all if seen is None else seen), *((last,) if last else ())):
            past |= {one.id} | one.past
        return frozenset(past)

    def ends(self, name: str, past: frozenset[OperationId]) -> tuple[OperationId, ...]:
        """Ends of a writer's branches, as far as a past holds them."""
        own = [one for one in self.all if one.id in past and one.author == author(name)]
        followed = {one.backlink for one in own}
        return tuple(sorted(one.id for one in own if one.id not in followed))

    def write(
        self,
        name: str,
        body: Body,
        seen: Iterable[Written] | None = None,
        after: Written | None = None,
    ) -> Written:
        """`after`: an earlier operation of the writer, behind which this one stands: their log forks."""
        last = after or self.own(name)
        past = self.closed(name, seen, last)
        behind = [one for one in self.all if one.id in past]
        true_cut = True
        cut: tuple[OperationId, ...] = ()
        if isinstance(body, (RemoveBody, HaltBody)):
            own = [one for one in behind if one.author == body.member]
            followed = {one.backlink for one in own}
            cut = tuple(sorted(one.id for one in own if one.id not in followed))
            if isinstance(body, RemoveBody):
                true_cut = body.last_seq == max([one.seq for one in own], default=-1)
            else:
                true_cut = body.ends == cut
        one = Written(
            id=OperationId(hashlib.sha256(b"%d" % len(self.all)).digest()),
            author=author(name),
            seq=last.seq + 1 if last else 0,
            depth=1 + max([other.depth for other in behind], default=-1),
            past=past,
            body=body,
            true_cut=true_cut,
            backlink=last.id if last else None,
            cut=cut,
        )
        self.all.append(one)
        self.by_id[one.id] = one
        return one

    # --- What people do. `seen` is what the writer saw; everything if it is left out.

    def add(
        self,
        by: str,
        who: str,
        *,
        role: Role = Role.MEMBER,
        seat: Seat = Seat.EXILE,
        seen: Iterable[Written] | None = None,
    ) -> Written:
        return self.write(by, AddBody(at_ms=0, member=card(who), seat=seat, role=role, carried=()), seen)

    def remove(
        self, by: str, who: str, *, seen: Iterable[Written] | None = None, last_seq: int | None = None
    ) -> Written:
        past = self.closed(by, seen)
        known = self.last_seq(who, [one for one in self.all if one.id in past])
        cut = known if last_seq is None else last_seq
        return self.write(by, RemoveBody(at_ms=0, member=author(who), last_seq=cut, carried=()), seen)

    def role(
        self, by: str, who: str, role: Role, *, seat: Seat = Seat.EXILE, seen: Iterable[Written] | None = None
    ) -> Written:
        return self.write(by, RoleBody(at_ms=0, member=author(who), seat=seat, role=role), seen)

    def halt(
        self,
        by: str,
        who: str,
        *,
        seen: Iterable[Written] | None = None,
        ends: tuple[OperationId, ...] | None = None,
    ) -> Written:
        told = self.ends(who, self.closed(by, seen)) if ends is None else ends
        if len(told) < 2:  # a lie: there is no fork
            told = (OperationId(bytes(32)), OperationId(bytes([1]) * 32))
        return self.write(by, HaltBody(at_ms=0, member=author(who), ends=told), seen)

    def restore(self, by: str, who: str, *, seen: Iterable[Written] | None = None) -> Written:
        return self.write(by, RestoreBody(at_ms=0, member=author(who)), seen)

    def leave(self, who: str, *, seen: Iterable[Written] | None = None) -> Written:
        return self.write(who, LeaveBody(at_ms=0), seen)

    def rekey(self, who: str, *, seen: Iterable[Written] | None = None) -> Written:
        return self.write(who, RekeyBody(at_ms=0, carried=()), seen)

    def channel(self, who: str, name: str, *, seen: Iterable[Written] | None = None) -> Written:
        seed = ChannelSeed(id=hashlib.sha256(name.encode()).digest()[:16], name=name)
        return self.write(who, ChannelBody(at_ms=0, channel=seed), seen)


def in_causal_order(operations: Sequence[Written], order: Sequence[int]) -> list[Written]:
    """The operations as `order` would have them, each behind its past."""
    waiting = sorted(range(len(operations)), key=lambda index: order[index])
    placed: list[Written] = []
    held: set[OperationId] = set()
    known = {one.id for one in operations}
    while waiting:
        for index in waiting:
            if (operations[index].past & known) <= held:
                placed.append(operations[index])
                held.add(operations[index].id)
                waiting.remove(index)
                break
        else:
            raise AssertionError("a past that is not in the history")
    return placed


def control_of(one: Written, numbers: dict[OperationId, int], history: History) -> Control:
    branches = tuple(
        [sum(1 << numbers[other] for other in history.by_id[end].past) for end in one.cut if one.true_cut]
    )
    return Control(
        id=one.id,
        number=numbers[one.id],
        author=one.author,
        seq=one.seq,
        depth=one.depth,
        past=sum(1 << numbers[other] for other in one.past),
        body=one.body,
        true_cut=one.true_cut,
        cut=one.cut,
        branches=branches,
    )


def taken_in(
    history: History,
    arrival: Sequence[Written] | None = None,
    opening: Sequence[Written] | None = None,
    *,
    ask: bool = False,
) -> Membership:
    """A node that numbers as operations arrive and opens in another order; `ask`: it looks each time."""
    arrival = history.all if arrival is None else arrival
    numbers = {one.id: number for number, one in enumerate(arrival)}
    membership = Membership()
    for one in arrival if opening is None else opening:
        membership.add(control_of(one, numbers, history))
        if ask:
            membership.roster()
            membership.effective(one.id)
    return membership


def shown(membership: Membership, history: Sequence[Written]) -> dict[str, object]:
    """Everything that must not depend on the order: roster, verdicts, cuts, and each operation's own view."""
    numbers = {one.id: control.number for one in history for control in [membership.controls[one.id]]}
    roster = membership.roster()
    authors = sorted({one.author for one in history})
    return {
        "members": dict(sorted(roster.members.items())),
        "channels": dict(sorted(roster.channels.items())),
        "effective": [one.id for one in history if membership.effective(one.id)],
        "fell": [(who, seq) for who in authors for seq in range(12) if membership.fell(who, seq)],
        "at": [
            sorted(membership.roster_at(sum(1 << numbers[other] for other in one.past)).members.items())
            for one in history
        ],
        "cuts": [
            sorted(membership.cuts(who, sum(1 << numbers[other] for other in one.past)))
            for one in history
            for who in authors
        ],
        "halted": [who for who in authors if roster.is_halted(who)],
        "named": sorted(membership.ever_in()),
    }
