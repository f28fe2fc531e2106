"""A campaign as large as they come: it forms, talks, loses and gains members while it is split, and heals.

Law: what the crowd does follows from the plan and its seed; users meet, write, remove and admit by the
commands that users have, at random moments and at random nodes. At the end everything that `convergence` asks
of a small world must hold of this one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from meshcoal.api.commands import (
    AcceptInvitation,
    Admit,
    ConfirmWords,
    ListIntroductions,
    MakeInvitation,
    PostMessage,
    RemoveMember,
    Role,
)
from meshcoal.api.views import (
    CampaignView,
    ContactView,
    IntroductionState,
    IntroductionsView,
    IntroductionView,
    InvitationView,
    MessageView,
)
from meshcoal.clock import DAY_MS, MINUTE_MS, SECOND_MS
from meshcoal.ids import CampaignId
from meshcoal.limits import MEMBERS_MAX
from meshcoal.sim.broken import Broken
from meshcoal.sim.coalition import SEATS, channel_of, found, members, shows_itself
from meshcoal.sim.convergence import check_converged, settle
from meshcoal.sim.invariants import CANARY, Watch
from meshcoal.sim.network import KIND
from meshcoal.sim.world import Means, World, repeatable

ORGANISERS_PER_MEMBER: Final = 1 / 15
AWAY_PART: Final = 0.2  # of the members, cut off from the others while people come and go
CHURN_AWAY_PART: Final = 0.25  # of removals and joins, by those who are cut off
FAR_PART: Final = 0.3  # of removals, of anybody on either side
_LOOK_EVERY_MS: Final = 500
_LOOKS_MAX: Final = 600
_SETTLE_MS: Final = 30 * MINUTE_MS

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a crowd is to do."""

    members: int
    messages: int
    removals: int
    joins: int
    seed: int = 0
    pause_ms: tuple[int, int] = (0, 1_000)  # between two things that users do, both ends included

    def __post_init__(self) -> None:
        assert self.members >= 4, "two on either side of a split"
        assert self.joins <= self.removals, "members make room for newcomers"
        assert self.removals <= (self.members - self.organisers) // 2, "plain members are removed"

    @property
    def organisers(self) -> int:
        """How many bring the others in, the founder among them: at least two, one for either side."""
        return max(2, round(self.members * ORGANISERS_PER_MEMBER))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What it came to."""

    members: int
    operations: int
    messages: int
    removals: int
    joins: int
    frames: int
    frame_bytes: int
    events: int
    disk_bytes_per_node: int
    virtual_ms: int
    trace: str

    def plain(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


class Crowd:
    """The world and the people of one plan.

    Args:
        means: how keys are made and used; real ones cannot be repeated to the byte.
        tell: told of each stage: its name, what is done of it, and how much it has.
        watch: what looks at each step; one that checks no recoveries unless given.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        means: Means = repeatable,
        tell: Tell | None = None,
        watch: Watch | None = None,
    ) -> None:
        self.plan = plan
        watch = watch if watch is not None else Watch(recoveries_every=0)
        self.world = World(plan.seed, KIND, means=means, watch=watch)
        self.chance = Random(f"{plan.seed} crowd")
        self.inside: list[str] = []
        self._tell = tell if tell is not None else lambda stage, done, total: None
        self._spawned = 0
        self._messages = 0
        self._sides: list[list[str]] = []  # while the world is split: who is where

    def run(self) -> Figures:
        """The whole story. Raises `Broken` where something does not hold."""
        plan = self.plan
        campaign = self.form()
        before = plan.messages * 6 // 10
        after = plan.messages // 10
        for _ in range(before):
            self.write(campaign, self.inside)
        removed = self._churn(campaign, plan.messages - before - after)
        for _ in range(after):
            self.write(campaign, self.inside)
        self._tell("settling", 0, 1)
        settled = settle(
            self.world,
            limit_ms=_SETTLE_MS,
            tell=lambda agree, members, waited_ms: self._tell(
                f"settling for {waited_ms // SECOND_MS} s", agree, members
            ),
        )
        self._tell("checking", 0, 1)
        check_converged(self.world)  # first, because it says what differs
        if not settled:
            raise Broken("same operations", "the nodes do not agree although the network has long been whole")
        self._check_roster(campaign, removed)
        return self._figures(campaign)

    # --- Forming

    def form(self) -> CampaignId:
        """Bring the campaign together; everybody is in then."""
        plan = self.plan
        founder = self._spawn()
        campaign = found(self.world, founder)
        self.inside = [founder]
        while len(self.inside) < plan.organisers:
            count = min(len(self.inside), plan.organisers - len(self.inside))
            self.inside += self._let_in(campaign, self.inside[:count], role=Role.ORGANISER)
        while len(self.inside) < plan.members:
            count = min(plan.organisers, plan.members - len(self.inside))
            self.inside += self._let_in(campaign, self.inside[:count])
            self._tell("forming", len(self.inside), plan.members)
        return campaign

    def _spawn(self, side: int = 0) -> str:
        name = f"m{self._spawned}"
        self._spawned += 1
        if self._sides:
            self._sides[side].append(name)
            self.world.partition(*self._sides)
        self.world.spawn(name)
        return name

    def _let_in(
        self, campaign: CampaignId, by: Sequence[str], *, role: Role = Role.MEMBER, side: int = 0
    ) -> list[str]:
        """Each of these organisers meets somebody new and admits them, all at about the same time."""
        world = self.world
        pairs = [(organiser, self._spawn(side)) for organiser in by]
        seats = {invited: SEATS[index % len(SEATS)] for index, (_, invited) in enumerate(pairs)}
        mine = {}
        for organiser, invited in pairs:
            command = MakeInvitation(campaign=campaign, seat=seats[invited], lifetime_ms=DAY_MS)
            text = world.command(organiser, command, InvitationView).text
            mine[invited] = world.command(invited, AcceptInvitation(text=text), IntroductionView).id
        self._wait(lambda: all(self._asking(*pair) for pair in pairs), "somebody invited never arrived")
        self._wait(lambda: all(self._own(one, mine[one]).words for _, one in pairs), "somebody sees no words")
        for organiser, invited in pairs:
            theirs, own = self._asking(organiser, invited), self._own(invited, mine[invited])
            assert theirs is not None
            if theirs.words != own.words:
                raise Broken("meeting", f"{invited} and {organiser} see different words")
            world.command(organiser, ConfirmWords(person=theirs.person, match=True), ContactView)
            world.command(invited, ConfirmWords(person=own.person, match=True), ContactView)
            # Who admits must have heard of the removal that made room.
            self._wait(lambda by=organiser: self._has_room(by, campaign), "a removal never arrived")  # type: ignore[misc]
            seat = seats[invited]
            world.command(organiser, Admit(introduction=theirs.id, seat=seat, role=role), CampaignView)
            self._pause()
        self._wait(
            lambda: all(shows_itself(world, invited, campaign) for _, invited in pairs),
            "somebody admitted does not show the campaign",
        )
        return [invited for _, invited in pairs]

    def _has_room(self, organiser: str, campaign: CampaignId) -> bool:
        return len(members(self.world, organiser, campaign)) < MEMBERS_MAX

    def _asking(self, organiser: str, invited: str) -> IntroductionView | None:
        listed = self.world.look(organiser, ListIntroductions(), IntroductionsView).introductions
        for one in listed:
            if one.name == invited and not one.mine and one.state is IntroductionState.ASKING:
                return one
        return None

    def _own(self, name: str, introduction: bytes) -> IntroductionView:
        listed = self.world.look(name, ListIntroductions(), IntroductionsView).introductions
        return next(one for one in listed if one.id == introduction)

    def _wait(self, reached: Callable[[], bool], otherwise: str) -> None:
        for _ in range(_LOOKS_MAX):
            if reached():
                return
            self.world.run_ms(_LOOK_EVERY_MS)
        raise Broken("meeting", otherwise)

    # --- Living

    def _pause(self) -> None:
        self.world.run_ms(self.chance.randint(*self.plan.pause_ms))

    def write(self, campaign: CampaignId, among: Sequence[str]) -> None:
        """One of these writes something, and time passes."""
        name = self.chance.choice(among)
        text = f"{CANARY} {self._messages} " + "so it is " * self.chance.randrange(30)
        channel = channel_of(self.world, name, campaign)
        self.world.command(name, PostMessage(campaign=campaign, channel=channel, text=text), MessageView)
        self._messages += 1
        if self._messages % 10 == 0:
            self._tell("writing", self._messages, self.plan.messages)
        self._pause()

    def _churn(self, campaign: CampaignId, messages: int) -> list[str]:
        """Split; on both sides people are removed, others join, and everybody writes; then whole again."""
        plan, world = self.plan, self.world
        organisers = self.inside[: plan.organisers]
        plain = self.inside[plan.organisers :]
        self.chance.shuffle(plain)
        leading = len(organisers) - max(1, int(len(organisers) * AWAY_PART))
        staying = len(plain) - int(len(plain) * AWAY_PART)
        by = [organisers[:leading], organisers[leading:]]
        here = [[*by[0], *plain[:staying]], [*by[1], *plain[staying:]]]  # who writes on each side
        self._sides = [list(group) for group in here]
        world.partition(*self._sides)
        world.run_ms(SECOND_MS)
        removed: list[str] = []
        room, owed = [0, 0], [0, 0]  # places made by removals, and newcomers who wait for one
        for side, what in self._acts(messages):
            if what == "write":
                self.write(campaign, here[side])
                continue
            if what == "remove":
                target = self._remove(campaign, self.chance.choice(by[side]), here[side], plain, removed)
                removed.append(target)
                if target in here[side]:
                    here[side].remove(target)  # the other side has not heard of it, nor has the one removed
                room[side] += 1
            else:
                owed[side] += 1
            if room[side] and owed[side]:
                room[side] -= 1
                owed[side] -= 1
                here[side] += self._let_in(campaign, (self.chance.choice(by[side]),), side=side)
            self._tell("coming and going", len(removed), plan.removals)
        assert owed == [0, 0], "there are as many removals as joins on each side"
        world.heal()
        self._sides = []
        self.inside = [name for group in here for name in group if name not in removed]
        world.run_ms(10 * SECOND_MS)
        return removed

    def _acts(self, messages: int) -> list[tuple[int, str]]:
        """What happens during the split, and on which side, in an order chosen by lot."""
        acts = []
        for what, count in (("remove", self.plan.removals), ("join", self.plan.joins)):
            away = round(count * CHURN_AWAY_PART)
            acts += [(int(index < away), what) for index in range(count)]
        acts += [(int(self.chance.random() < AWAY_PART), "write") for _ in range(messages)]
        self.chance.shuffle(acts)
        return acts

    def _remove(
        self,
        campaign: CampaignId,
        organiser: str,
        here: Sequence[str],
        plain: Sequence[str],
        removed: Sequence[str],
    ) -> str:
        """Remove a plain member of this side, or of the other, where nobody hears of it for now."""
        left = [name for name in plain if name not in removed]
        near = [name for name in left if name in here]
        far = self.chance.random() < FAR_PART or not near
        target = self.chance.choice(left if far else near)
        author = members(self.world, organiser, campaign)[target]
        self.world.command(organiser, RemoveMember(campaign=campaign, author=author), CampaignView)
        self._pause()
        return target

    # --- Ending

    def _check_roster(self, campaign: CampaignId, removed: Sequence[str]) -> None:
        shown = members(self.world, self.inside[0], campaign)
        if sorted(shown) != sorted(self.inside):
            raise Broken("same members", "the members are not those who were admitted and not removed")
        expected = self.plan.members + self.plan.joins - self.plan.removals
        if len(shown) != expected or len(set(removed)) != self.plan.removals:
            raise Broken("same members", f"{len(shown)} members are left, not {expected}")
        written = [promise for promise in self.world.watch.promises if promise.what == "message"]
        if len(written) != self.plan.messages:
            raise Broken("promises", f"{len(written)} messages were acknowledged")

    def _figures(self, campaign: CampaignId) -> Figures:
        world, plan = self.world, self.plan
        first = world.machines[self.inside[0]]
        disks = [machine.disk.size_bytes for machine in world.machines.values()]
        return Figures(
            members=len(self.inside),
            operations=first.disk.reader.operation_count(campaign),
            messages=plan.messages,
            removals=plan.removals,
            joins=plan.joins,
            frames=world.network.frames,
            frame_bytes=world.network.bytes,
            events=world.trace.events,
            disk_bytes_per_node=sum(disks) // len(disks),
            virtual_ms=world.elapsed_ms,
            trace=world.trace.hexdigest(),
        )
