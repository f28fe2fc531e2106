"""Goal: the world itself behaves, before any node lives in it. Method: a scripted core that writes a log."""

from __future__ import annotations

import pytest

from meshcoal.api.commands import GetCounters, SetName, ShowIdentity
from meshcoal.api.views import Done
from meshcoal.crypto.agreement import Sealer
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.kem import Kem
from meshcoal.errors import Unknown
from meshcoal.log.changes import Change, PutDocument
from meshcoal.log.reader import LogReader
from meshcoal.node.effects import Dial, Effect, HangUp, Persist, Reply, SendFrame, SetTimer
from meshcoal.node.events import (
    CommandReceived,
    DialFailed,
    Event,
    FrameReceived,
    LinkDown,
    LinkUp,
    Listening,
    Refused,
    TimerFired,
)
from meshcoal.sim.broken import Broken
from meshcoal.sim.invariants import Watch
from meshcoal.sim.machine import Crashed, Unanswered
from meshcoal.sim.network import Faults
from meshcoal.sim.world import World

SMOOTH = Faults(delay_ms=(10, 10), breaking_ms=(100, 100), refusal_ms=(50, 50), lateness_ms=(0, 0))


class Scripted:
    """Keeps what it hears in memory, what it is told by its user on disk, and counts as it is told."""

    def __init__(self, reader: LogReader, now_ms: int) -> None:
        self.reader = reader
        self.heard: list[tuple[str, object]] = []
        self.started_ms = now_ms
        self.hints: tuple[str, ...] = ()

    @staticmethod
    def first_changes(*, name: str, entropy: Entropy, now_ms: int) -> tuple[Change, ...]:
        return (PutDocument(space="identity", key=b"name", value=name.encode()),)

    @classmethod
    def recover(
        cls, *, reader: LogReader, entropy: Entropy, sealer: Sealer, kem: Kem, now_ms: int
    ) -> tuple[Scripted, tuple[Effect, ...]]:
        return cls(reader, now_ms), (SetTimer(key="tick", at_ms=now_ms + 1_000),)

    def handle(self, event: Event, now_ms: int, /) -> tuple[Effect, ...]:
        match event:
            case Listening(hints=hints):
                self.hints = hints
            case LinkUp(link=link, dial=dial):
                self.heard.append(("up", dial))
                return (
                    () if dial is None else tuple([SendFrame(link=link, data=bytes([n])) for n in range(9)])
                )
            case LinkDown(code=code):
                self.heard.append(("down", code))
            case FrameReceived(data=data):
                self.heard.append(("frame", data))
            case DialFailed(dial=dial):
                self.heard.append(("failed", dial))
            case Refused(code=code):
                self.heard.append(("refused", code))
            case TimerFired(key=key):
                self.heard.append((key, now_ms - self.started_ms))
                return (SetTimer(key="tick", at_ms=now_ms + 1_000),) if key == "tick" else ()
            case CommandReceived(request=request, command=SetName(name=name)):
                change = PutDocument(space="identity", key=b"name", value=name.encode())
                return (
                    SetTimer(key="other", at_ms=now_ms),
                    Reply(request=request, answer=Done()),
                    Persist(changes=(change,)),
                )
            case CommandReceived(request=request, command=ShowIdentity()):
                return (Reply(request=request, answer=Unknown("nobody")),)
            case CommandReceived():
                return ()
        return ()

    def name(self) -> bytes:
        value = self.reader.document("identity", b"name")
        assert value is not None
        return value

    def frames(self) -> list[object]:
        return [what for kind, what in self.heard if kind == "frame"]


class Dialler(Scripted):
    """Dials the first address it was given at its start, twice over."""

    def handle(self, event: Event, now_ms: int, /) -> tuple[Effect, ...]:
        effects = super().handle(event, now_ms)
        if isinstance(event, CommandReceived):
            return (*effects, Dial(dial=event.request, hint="11.0.0.2:7000"))
        return effects


def world_of(*names: str, faults: Faults = SMOOTH, seed: int = 7, core: type[Scripted] = Dialler) -> World:
    world = World(seed, faults, maker=core, watch=Watch(recoveries_every=0))
    world.spawn(*names)
    return world


def scripted(world: World, name: str) -> Scripted:
    core = world.core(name)
    assert isinstance(core, Scripted)
    return core


def test_timers_fire_once_at_their_time_and_the_last_setting_counts() -> None:
    """Goal: SetTimer as the contract says. Method: a timer that sets itself again, over three seconds."""
    world = world_of("ana")
    world.run_ms(3_500)
    assert scripted(world, "ana").heard == [("tick", 1_000), ("tick", 2_000), ("tick", 3_000)]


def test_clocks_differ_by_at_most_five_minutes() -> None:
    """Goal: no node can rely on another's clock. Method: the skews of many machines."""
    world = world_of(*[f"n{index}" for index in range(20)])
    skews = [machine.skew_ms for machine in world.machines.values()]
    assert len(set(skews)) > 10
    assert all(abs(skew) <= 300_000 for skew in skews)


def test_a_dial_raises_a_link_at_both_ends_and_frames_keep_their_order() -> None:
    """Goal: a link is a stream. Method: nine frames over a link with wildly differing delays."""
    faults = Faults(delay_ms=(0, 500), lateness_ms=(0, 0))
    world = world_of("ana", "ben", faults=faults)
    world.submit("ben", GetCounters())  # ben dials itself: its own address is the second
    world.submit("ana", GetCounters())
    world.run_ms(9_000)
    assert ("up", None) in scripted(world, "ben").heard
    frames = scripted(world, "ben").frames()
    assert sorted(frames) == sorted([bytes([n]) for n in range(9)] * 2)  # type: ignore[type-var]
    assert scripted(world, "ana").frames() == []


def test_in_a_partition_dials_fail_and_standing_links_go_down() -> None:
    """Goal: nothing crosses. Method: one link before the split, one dial after, one after healing."""
    world = world_of("ana", "ben")
    world.submit("ana", GetCounters())
    world.run_ms(200)
    assert len(scripted(world, "ben").frames()) == 9
    world.partition(["ana"], ["ben"])
    world.run_ms(200)
    assert ("down", "link-closed") in scripted(world, "ana").heard
    assert ("down", "link-closed") in scripted(world, "ben").heard
    request = world.submit("ana", GetCounters())
    world.run_ms(200)
    assert ("failed", request.number) in scripted(world, "ana").heard
    world.heal()
    world.submit("ana", GetCounters())
    world.run_ms(200)
    assert len(scripted(world, "ben").frames()) == 18


def test_a_lost_frame_takes_the_link_down_and_nothing_behind_it_arrives() -> None:
    """Goal: loss as a stream knows it. Method: every frame is lost."""
    world = world_of("ana", "ben", faults=Faults(loss=1.0, breaking_ms=(30, 30)))
    world.submit("ana", GetCounters())
    world.run_ms(1_000)
    assert scripted(world, "ben").frames() == []
    assert ("down", "link-closed") in scripted(world, "ben").heard
    assert world.network.links() == 0


def test_a_frame_may_arrive_although_the_link_breaks() -> None:
    """Goal: 'duplicate' makes a sender repeat itself. Method: the first frame comes, then the end."""
    world = world_of("ana", "ben", faults=Faults(duplicate=1.0, breaking_ms=(30, 30)))
    world.submit("ana", GetCounters())
    world.run_ms(1_000)
    assert scripted(world, "ben").frames() == [bytes([0])]
    assert ("down", "link-closed") in scripted(world, "ana").heard


def test_changes_are_on_disk_before_anything_else_and_a_crash_may_fall_between() -> None:
    """Goal: disk before wire, at each boundary. Method: one command, dying at each of its boundaries."""
    outcomes = []
    for boundary in range(5):
        world = world_of("ana", core=Scripted)
        world.crash_at("ana", boundary)
        request = world.submit("ana", SetName(name="changed"))
        died = not world.machines["ana"].up
        world.restart("ana")
        outcomes.append((died, request.answer is not None, scripted(world, "ana").name()))
    assert outcomes == [
        (True, False, b"ana"),  # before the disk
        (True, False, b"changed"),  # before the timer
        (True, False, b"changed"),  # before the answer
        (True, True, b"changed"),  # after everything
        (False, True, b"changed"),  # there is no such boundary
    ]


def test_a_crash_ends_links_timers_and_requests() -> None:
    """Goal: only the disk survives. Method: crash with a link, a timer and a question under way."""
    world = world_of("ana", "ben")
    request = world.submit("ana", GetCounters())
    world.run_ms(100)
    world.crash("ana")
    with pytest.raises(Crashed):
        request.view()
    world.run_ms(500)
    assert ("down", "link-closed") in scripted(world, "ben").heard
    with pytest.raises(Crashed):
        world.command("ana", GetCounters(), Done)
    world.restart("ana")
    assert scripted(world, "ana").heard == []
    assert scripted(world, "ana").hints == (world.machines["ana"].address,)


def test_errors_and_silence_reach_the_user() -> None:
    """Goal: a command raises what the node answers. Method: an error, and a command nobody answers."""
    world = world_of("ana")
    with pytest.raises(Unknown):
        world.command("ana", ShowIdentity(), Done)
    with pytest.raises(Unanswered):
        world.command("ana", GetCounters(), Done, wait_ms=500)


def test_chance_crashes_come_back_by_themselves() -> None:
    """Goal: a node that died by chance restarts. Method: one step in two is fatal, for a minute."""
    world = world_of("ana", faults=Faults(crash=0.5, restart_ms=(10, 100)))
    world.run_ms(60_000)
    assert world.crashes > 5
    world.calm()
    assert world.machines["ana"].up


class Babbler(Scripted):
    """Answers every timer with another that is due at once."""

    def handle(self, event: Event, now_ms: int, /) -> tuple[Effect, ...]:
        if isinstance(event, TimerFired):
            return (SetTimer(key="tick", at_ms=now_ms),)
        return ()


class Clumsy(Scripted):
    """Has a bug."""

    def handle(self, event: Event, now_ms: int, /) -> tuple[Effect, ...]:
        if isinstance(event, TimerFired):
            raise KeyError("a bug")
        return ()


class Shouter(Scripted):
    """Sends what its user wrote as it is."""

    def handle(self, event: Event, now_ms: int, /) -> tuple[Effect, ...]:
        if isinstance(event, LinkUp):
            return (SendFrame(link=event.link, data=b"the kanarie sings"),)
        return (Dial(dial=1, hint="11.0.0.2:7000"),) if isinstance(event, TimerFired) else ()


class Repeater(Scripted):
    """Answers twice."""

    def handle(self, event: Event, now_ms: int, /) -> tuple[Effect, ...]:
        if isinstance(event, CommandReceived):
            return (Reply(request=event.request, answer=Done()), Reply(request=event.request, answer=Done()))
        return (HangUp(link=99, code="none"),)


@pytest.mark.parametrize(
    ("core", "name"),
    [(Babbler, "quiet"), (Clumsy, "total"), (Shouter, "no plaintext"), (Repeater, "answers")],
)
def test_a_broken_core_is_caught(core: type[Scripted], name: str) -> None:
    """Goal: the laws of a step bite. Method: cores that each break one."""
    world = world_of("ana", "ben", core=core, faults=Faults(delay_ms=(0, 0), lateness_ms=(0, 0)))

    def ask() -> None:
        world.submit("ana", ShowIdentity())

    world.after(0, ask)
    with pytest.raises(Broken) as caught:
        world.run_ms(2_000)
    assert caught.value.name == name


def test_one_seed_one_trace() -> None:
    """Goal: a seed is a world. Method: two runs of one seed, one of another."""

    def run(seed: int) -> str:
        world = world_of("ana", "ben", seed=seed, faults=Faults(loss=0.1, crash=0.01, restart_ms=(10, 90)))
        for _ in range(20):
            world.submit("ana", GetCounters())
            world.run_ms(300)
        return world.trace.hexdigest()

    assert run(1) == run(1)
    assert run(1) != run(2)
