"""Members whose logs fork: one who tells different stories to different people, and one with an old disk.

Law: whatever they do, all honest nodes end with the same operations and the same verdicts, and nothing that
an honest member wrote waits for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any, Final

from meshcoal.api.commands import RemoveMember, RestoreMember, ShowCampaign
from meshcoal.api.views import CampaignView, ForkState, MemberState
from meshcoal.errors import LocalError
from meshcoal.group import agreement
from meshcoal.ids import AuthorId, CampaignId, OperationId
from meshcoal.node.campaign import Campaign
from meshcoal.sim.broken import Broken
from meshcoal.sim.coalition import author_of, form_campaign
from meshcoal.sim.convergence import check_converged, open_campaign, settle
from meshcoal.sim.insider import Insider
from meshcoal.sim.invariants import CANARY, Held
from meshcoal.sim.machine import Crashed, Unanswered
from meshcoal.sim.network import HARSH, KIND, Faults
from meshcoal.sim.run import SETTLE_MS, names_of
from meshcoal.sim.workload import Workload
from meshcoal.sim.world import World
from meshcoal.wire.bodies import Body, ChannelBody, ChannelSeed, LeaveBody, PostBody, RoleBody
from meshcoal.wire.operation import Kind, Operation
from meshcoal.wire.terms import Role, Seat

_SILENCE_MS: Final = 22_000  # longer than it takes others to notice that a link is dead
BACK_MAX: Final = 4  # how far behind its last operation a liar begins a story


class TwoTongues(Insider):
    """Somebody with a copy of a member's device, who tells each member what that member can take in.

    It speaks when the member's own node is out of reach: of two links to one member a node keeps one.
    """

    def __init__(self, world: World, victim: str, campaign: CampaignId, *, name: str = "two tongues") -> None:
        super().__init__(world, victim, campaign, name=name)
        self._victim = victim

    def give(self, victim: str, *operations: bytes) -> None:
        if self._world.machines[self._victim].online:
            self._world.offline(self._victim)
            self._world.after(_SILENCE_MS, lambda: self._world.online(self._victim))
        give = super().give
        self._world.after(_SILENCE_MS - 1_500, lambda: give(victim, *operations))

    def told_from(self, listener: str) -> Campaign:
        """What a listener holds. The liar is a member, and could have it from them."""
        return open_campaign(self._world.machines[listener].disk, self.campaign.id)

    def tell(self, listener: str, kind: Kind, body: Body, *, back: int = 0) -> Operation | None:
        """Say something new to one member, behind what they hold of this log but for the last `back`.

        None where there is no key to seal under.
        """
        seen = self.told_from(listener)
        ready = agreement.ready(seen.keyring, seen.view())
        if ready is None:
            return None
        chance = Random(f"{self._world.seed} {self.name} {self._dial}")
        line, seq = OperationId(b""), -1
        if tips := seen.dag.tips(self.author):
            line = chance.choice(tips)
            place = seen.dag.place(line)
            assert place is not None
            seq = place.seq
        for _ in range(min(back, seq + 1)):
            line, seq = seen.dag.backlink(line), seq - 1
        key = self.campaign.seeds.key(seen.dag.signers.behind(self.author, line))
        if key is None:
            return None  # closed since the device was copied: nothing can be told behind that
        mine, self.campaign = self.campaign, seen
        try:
            told = self.forge(
                kind,
                body,
                seq=seq + 1,
                backlink=line,
                parents=seen.dag.parents_for_next,
                epoch=ready.epoch,
                key=key,
                author=mine.me,
            )
        finally:
            self.campaign = mine
        self.give(listener, told.encoded)
        return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A machine's disk as it once was, and what the watch knew of it."""

    machine: str
    disk: Any
    held: Held


def back_up(world: World, name: str) -> Backup:
    """Copy a disk between two steps."""
    return Backup(machine=name, disk=world.machines[name].disk.copy(), held=world.watch.shadow(name))


def put_back(world: World, backup: Backup, campaign: CampaignId) -> None:
    """Somebody's disk fails, and they go on from an old copy: honestly, and with numbers used before."""
    world.watch.suspects.add(author_of(world, backup.machine, campaign))
    world.crash(backup.machine)
    machine = world.machines[backup.machine]
    machine.disk = backup.disk.copy()
    world.watch.put_back(machine, backup.held)
    world.restart(backup.machine)


def has_begun_epochs(world: World, backup: Backup, campaign: CampaignId) -> bool:
    """Whether a machine is down, or sealed for others since the backup what it could not open any more.

    Nobody seals to themselves: whoever loses the keys of an epoch that they began gets them from nobody.
    """
    machine = world.machines[backup.machine]
    if not machine.up:
        return True
    now, then = open_campaign(machine.disk, campaign), open_campaign(backup.disk, campaign)
    return any(
        control.author == now.me and control.id not in then.membership.controls
        for control in now.membership.controls.values()
    )


class Stories:
    """A world with a liar in it, drawn by lot."""

    def __init__(self, world: World, names: tuple[str, ...], campaign: CampaignId, victim: str) -> None:
        self.world = world
        self.names = names
        self.campaign = campaign
        self.victim = victim
        self.told = self.decided = 0
        self._chance = Random(f"{world.seed} stories")
        self._liar = TwoTongues(world, victim, campaign)

    def tell(self) -> None:
        """The liar says something to one or two members."""
        listeners = [name for name in self.names if name != self.victim and self.world.machines[name].up]
        for _ in range(self._chance.randint(1, 2)):
            if not listeners:
                return
            listener = self._chance.choice(listeners)
            if self._view(listener) is None:
                continue
            kind, body = self._body()
            back = self._chance.choice((0, 0, 1, self._chance.randint(0, BACK_MAX)))
            self.told += self._liar.tell(listener, kind, body, back=back) is not None

    def decide(self) -> None:
        """Some organiser decides about somebody who is halted, or who is not."""
        name = self._chance.choice(self.names)
        view = self._view(name)
        if view is None or view.role is not Role.ORGANISER:
            return
        halted = [one for one in view.members if one.fork is ForkState.HALTED and not one.me]
        if not halted:
            return
        author = self._chance.choice(halted).author
        out = self._chance.random() < 0.2
        command = (RemoveMember if out else RestoreMember)(campaign=self.campaign, author=author)
        try:
            self.world.command(name, command, CampaignView)
            self.decided += 1
        except (LocalError, Crashed, Unanswered):
            pass  # a user is told no, or nothing, and goes on

    def _view(self, name: str) -> CampaignView | None:
        if not self.world.machines[name].up:
            return None
        try:
            view = self.world.look(name, ShowCampaign(campaign=self.campaign), CampaignView)
        except LocalError:
            return None
        return view if view.state is MemberState.ACTIVE and view.channels else None

    def _body(self) -> tuple[Kind, Body]:
        world, chance, campaign = self.world, self._chance, self._liar.campaign
        at_ms = world.now_ms
        channel = next(iter(campaign.roster().channels))
        text = f"{CANARY} story {self.told} {chance.randrange(1000)}"
        match chance.choice(("post", "post", "post", "role", "channel", "leave", "add")):
            case "role":
                member = chance.choice(campaign.roster().active())
                role = chance.choice(list(Role))
                return Kind.ROLE, RoleBody(at_ms=at_ms, member=member, seat=Seat.EXILE, role=role)
            case "channel" if len(campaign.roster().channels) < 6:
                seed = ChannelSeed(id=chance.randbytes(16), name=text)
                return Kind.CHANNEL, ChannelBody(at_ms=at_ms, channel=seed)
            case "leave" if chance.random() < 0.1:
                return Kind.LEAVE, LeaveBody(at_ms=at_ms)
        return Kind.POST, PostBody(at_ms=at_ms, channel=channel, text=text, reply_to=b"")


def run_tongues(
    seed: int, *, nodes: int = 6, steps: int = 50, faults: Faults = HARSH, copies: bool = True
) -> dict[str, int]:
    """Form a campaign, let one lie and another go on from an old disk, then calm. Raises `Broken`.

    Returns:
        How often the things happened that this is about.
    """
    world = World(seed, KIND)
    names = names_of(nodes)
    world.spawn(*names)
    campaign = form_campaign(world, names[0], names[1:], organisers=names[1:4])
    chance = Random(f"{seed} tongues")
    stories = Stories(world, names, campaign, chance.choice(names))
    workload = Workload(world, names)
    backup = back_up(world, chance.choice(names))
    world.set_faults(faults)
    back_at = chance.randrange(max(1, steps))
    for step in range(steps):
        if copies and step == back_at and not has_begun_epochs(world, backup, campaign):
            put_back(world, backup, campaign)
        match chance.choice(("users", "users", "users", "story", "story", "decide")):
            case "users":
                workload.step()
            case "story":
                stories.tell()
            case "decide":
                stories.decide()
        world.run_ms(chance.randint(50, 4_000))
    settled = settle(world, limit_ms=SETTLE_MS)
    check_converged(world)
    if not settled:
        raise Broken("same operations", "the nodes do not agree although the network has long been whole")
    last = open_campaign(world.machines[names[0]].disk, campaign)
    return {
        "told": stories.told,
        "decided": stories.decided,
        "forks": len(last.dag.forks),
        "halts": sum(len(halts) for halts in last.roster().halts.values()),
        "restores": sum(len(restores) for restores in last.roster().restores.values()),
        "crashes": world.crashes,
    }


def forked(world: World, name: str, campaign: CampaignId) -> dict[AuthorId, ForkState]:
    """Members whose logs are forked, as one node shows them."""
    view = world.look(name, ShowCampaign(campaign=campaign), CampaignView)
    return {AuthorId(one.author): one.fork for one in view.members if one.fork is not ForkState.NONE}
