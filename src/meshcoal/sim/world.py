"""A whole coalition in one process: seeded, single-threaded, in virtual milliseconds.

Law: the world owns time and chance, and drives the very node that the daemon drives. Things happen in the
order of (time, sequence number); each effect is performed as the real shell performs it, disk before wire;
a crash may fall between any two effects. Two worlds of one seed that are asked the same do the same.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from dataclasses import replace
from random import Random
from typing import Final, TypeVar

from meshcoal.api.commands import Command
from meshcoal.clock import MINUTE_MS
from meshcoal.crypto.agreement import Sealer, XWingSealer
from meshcoal.crypto.deterministic import DeterministicKem, DeterministicSealer
from meshcoal.crypto.entropy import Entropy, SeededEntropy
from meshcoal.crypto.kem import MLKEM768, Kem
from meshcoal.ids import OperationId
from meshcoal.node.effects import (
    Announce,
    Dial,
    Effect,
    HangUp,
    Hush,
    Pace,
    Persist,
    Publish,
    Reply,
    SendFrame,
    Serve,
    SetTimer,
    TakeTurns,
    TellSent,
    is_whole,
    must_last,
)
from meshcoal.node.events import CommandReceived, Event, Listening, Sent, TimerFired
from meshcoal.node.node import Node
from meshcoal.sim.broken import Broken
from meshcoal.sim.disk import MemoryDisk
from meshcoal.sim.invariants import Watch
from meshcoal.sim.lan import Lan
from meshcoal.sim.machine import Core, Machine, Maker, Request
from meshcoal.sim.network import KIND, Faults, Network
from meshcoal.sim.pacing import PacedLink
from meshcoal.sim.portrait import ask
from meshcoal.sim.trace import Trace
from meshcoal.wire.record import Record

START_MS: Final = 1_800_000_000_000  # 2027-01-15, a day like any other
SKEW_MS: Final = 5 * MINUTE_MS
COMMAND_WAIT_MS: Final = MINUTE_MS
EVENTS_PER_RUN_MAX: Final = 400_000  # more in one `run_ms` is a storm of nodes answering each other

V = TypeVar("V", bound=Record)
Means = Callable[[Entropy], tuple[Sealer, Kem]]  # what a node seals with, and agrees on links with


def repeatable(entropy: Entropy) -> tuple[Sealer, Kem]:
    """Of the real sizes, cheap, and the same to the byte in each run of a seed."""
    return DeterministicSealer(entropy), DeterministicKem(entropy)


def real(entropy: Entropy) -> tuple[Sealer, Kem]:
    """What the daemon uses. Draws chance that no seed reaches: traces of two runs differ."""
    return XWingSealer(), MLKEM768()


class World:
    """Machines, the network between them, a clock and a heap of what is to come.

    Args:
        seed: chance of this world, all of it.
        faults: what goes wrong; may be replaced at any time by `set_faults`.
        maker: how cores come to be; the real node unless a test says otherwise.
        means: with which keys they seal and agree.
        watch: what is checked at each step.
        new_disk: what machines keep their state on, where the real store is at stake; is given room for
            operations that all disks share.
    """

    def __init__(
        self,
        seed: int,
        faults: Faults = KIND,
        *,
        maker: Maker = Node,
        means: Means = repeatable,
        watch: Watch | None = None,
        new_disk: Callable[[dict[OperationId, bytes]], MemoryDisk] = MemoryDisk,
    ) -> None:
        self.seed = seed
        self.now_ms = START_MS
        self.chance = Random(f"{seed} world")
        self.trace = Trace()
        self.watch = watch if watch is not None else Watch()
        self.network = Network(self, Random(f"{seed} network"), faults)
        self.machines: dict[str, Machine] = {}
        self.lan = Lan(
            Random(f"{seed} lan"),
            after=self.after,
            deliver=lambda name, event: self.deliver(self.machines[name], event),
            reaches=lambda name, other: self.network.reaches(self.machines[name], self.machines[other]),
        )
        self.crashes = 0
        self._maker = maker
        self.means = means
        self._new_disk = new_disk
        self._heap: list[tuple[int, int, Callable[[], None]]] = []
        self._sequence = 0
        self._request = 0
        self._strangers = 0
        self._operations: dict[OperationId, bytes] = {}  # bytes that all disks share
        self._armed: dict[str, tuple[int, bool]] = {}  # where, and if only in a step that writes

    # --- Time

    def after(self, delay_ms: int, action: Callable[[], None]) -> None:
        """Have something done `delay_ms` from now, behind what is already due then."""
        assert delay_ms >= 0
        self._sequence += 1
        heapq.heappush(self._heap, (self.now_ms + delay_ms, self._sequence, action))

    def run_ms(self, span_ms: int) -> None:
        """Let time pass."""
        self.run_until(lambda: False, span_ms)

    def run_until(self, reached: Callable[[], bool], limit_ms: int) -> bool:
        """Let time pass until `reached()`, which is asked after each event, or for `limit_ms`."""
        end_ms = self.now_ms + limit_ms
        for _ in range(EVENTS_PER_RUN_MAX):
            if reached():
                return True
            if not self._heap or self._heap[0][0] > end_ms:
                self.now_ms = end_ms
                return reached()
            self.now_ms, _, action = heapq.heappop(self._heap)
            action()
        raise Broken("quiet", f"more than {EVENTS_PER_RUN_MAX} events in {limit_ms} ms")

    # --- Machines

    def spawn(self, *names: str) -> tuple[Machine, ...]:
        """New machines, each with a new identity, running."""
        made = []
        for name in names:
            index = len(self.machines)
            disk = self._new_disk(self._operations)
            machine = Machine(
                name=name,
                address=f"11.0.{index // 250}.{index % 250 + 1}:7000",
                skew_ms=self.chance.randint(-SKEW_MS, SKEW_MS),
                disk=disk,
                submit=self.deliver,
            )
            self.machines[name] = machine
            self.network.join(machine)
            entropy = SeededEntropy(f"{self.seed} {name} first".encode())
            disk.commit(self._maker.first_changes(name=name, entropy=entropy, now_ms=self.clock_ms(machine)))
            self._start(machine)
            made.append(machine)
        return tuple(made)

    @property
    def elapsed_ms(self) -> int:
        """How long this world has lived."""
        return self.now_ms - START_MS

    def stranger_address(self) -> str:
        """An address that is nobody's yet, in a range kept for documentation (RFC 5737)."""
        self._strangers += 1
        return f"203.0.113.{self._strangers % 250 + 1}:{7000 + self._strangers // 250}"

    def clock_ms(self, machine: Machine) -> int:
        """What the machine's own clock says."""
        return self.now_ms + machine.skew_ms

    def core(self, name: str) -> Core:
        """The running node of a machine."""
        node = self.machines[name].node
        assert node is not None, f"{name} is down"
        return node

    def recovered(self, disk: MemoryDisk, name: str) -> Core:
        """A node as it would stand after recovering from this disk now. It belongs to no machine."""
        machine = self.machines[name]
        entropy = SeededEntropy(f"{self.seed} {name} aside {machine.incarnation}".encode())
        sealer, kem = self.means(entropy)
        core, _ = self._maker.recover(
            reader=disk.reader,
            entropy=entropy,
            sealer=sealer,
            kem=kem,
            now_ms=self.clock_ms(machine),
        )
        return core

    def crash(self, name: str) -> None:
        """The power goes. The step in progress, if it is not on disk yet, never happened."""
        machine = self.machines[name]
        if not machine.up:
            return
        self.crashes += 1
        self._armed.pop(name, None)
        self.trace.note(self.now_ms, name, "crash")
        if not machine.writing:
            self.watch.crashing(self, machine)
        machine.disk.crash()
        self.watch.powerless(machine)
        machine.lose_memory()
        self.network.let_go(machine)

    def crash_at(self, name: str, boundary: int, *, writing: bool = False) -> None:
        """Die in the next step, or the next that writes: at 0 before it is on disk, at n + 1 after its n-th
        other effect. A step with fewer effects is survived, and nothing more is planned."""
        assert boundary >= 0
        self._armed[name] = boundary, writing

    def armed(self, name: str) -> bool:
        """Whether a planned death is still to come."""
        return name in self._armed

    def restart(self, name: str) -> None:
        machine = self.machines[name]
        if machine.up:
            return
        self.trace.note(self.now_ms, name, "restart")
        self._start(machine)

    def offline(self, name: str) -> None:
        """It runs, but nothing goes in or out."""
        machine = self.machines[name]
        if machine.online:
            self.trace.note(self.now_ms, name, "offline")
            machine.online = False
            self.network.cut(machine)

    def online(self, name: str) -> None:
        self.trace.note(self.now_ms, name, "online")
        self.machines[name].online = True

    def partition(self, *groups: Iterable[str]) -> None:
        """Only members of one group reach each other from now on."""
        split = [list(group) for group in groups]
        self.trace.note(self.now_ms, "-", f"partition {split}")
        self.network.split(split)

    def heal(self) -> None:
        self.trace.note(self.now_ms, "-", "heal")
        self.network.heal()

    def set_faults(self, faults: Faults) -> None:
        self.network.faults = faults
        self.network.recording = self.network.recording or faults.replay > 0.0

    def calm(self) -> None:
        """Everything that went wrong stops: no faults, no partition, every machine up and online."""
        self.set_faults(
            replace(self.network.faults, loss=0.0, duplicate=0.0, tamper=0.0, replay=0.0, crash=0.0)
        )
        self._armed.clear()
        self.heal()
        for name, machine in self.machines.items():
            if not machine.online:
                self.online(name)
            self.restart(name)

    # --- Users

    def submit(self, name: str, command: Command) -> Request:
        """Give a command now and do not wait."""
        machine = self.machines[name]
        self._request += 1
        request = Request(number=self._request, command=command, given_ms=self.now_ms)
        if not machine.up:
            request.crashed = True
            return request
        machine.requests[request.number] = request
        self.watch.given(self, machine, request)
        self.deliver(machine, CommandReceived(request=request.number, command=command))
        return request

    def command(self, name: str, command: Command, view: type[V], *, wait_ms: int = COMMAND_WAIT_MS) -> V:
        """Give a command and wait for its answer, which is a `view`.

        Raises:
            MeshcoalError: what the node answered.
            Crashed: it died before it answered, or is down.
            Unanswered: nothing came within `wait_ms`.
        """
        request = self.submit(name, command)
        self.run_until(lambda: not request.open, wait_ms)
        answer = request.view()
        assert isinstance(answer, view), f"{type(command).__name__} was answered by {type(answer).__name__}"
        return answer

    def look(self, name: str, command: Command, view: type[V]) -> V:
        """Ask something that changes nothing: no time passes and no crash falls. Raises what it answers."""
        return ask(self.core(name), command, view, self.clock_ms(self.machines[name]))

    # --- Steps

    def deliver(self, machine: Machine, event: Event) -> None:
        """One step: an event goes in, its effects are performed."""
        if machine.node is None:
            return
        self.trace.event(self.now_ms, machine.name, event)
        try:
            effects = machine.node.handle(event, self.clock_ms(machine))
        except Exception as exc:
            raise Broken("total", f"handle({type(event).__name__}) raised {exc!r}") from exc
        self._step(machine, effects)

    def _start(self, machine: Machine) -> None:
        machine.incarnation += 1
        entropy = SeededEntropy(f"{self.seed} {machine.name} {machine.incarnation}".encode())
        sealer, kem = self.means(entropy)
        try:
            node, effects = self._maker.recover(
                reader=machine.disk.reader,
                entropy=entropy,
                sealer=sealer,
                kem=kem,
                now_ms=self.clock_ms(machine),
            )
        except Exception as exc:
            raise Broken("total", f"recover raised {exc!r}") from exc
        machine.node = node
        self._step(machine, effects)
        self.watch.started(self, machine)
        self.deliver(machine, Listening(hints=(machine.address,)))

    def _step(self, machine: Machine, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            self.trace.effect(self.now_ms, machine.name, effect)
        boundary = self._boundary(machine, effects)
        self.perform(machine, effects, boundary)
        if machine.up:
            self.watch.stepped(self, machine)
        elif boundary is not None and self.network.faults.crash > 0.0:
            delay_ms = self.chance.randint(*self.network.faults.restart_ms)
            self.after(delay_ms, lambda: self.restart(machine.name))

    def _boundary(self, machine: Machine, effects: tuple[Effect, ...]) -> int | None:
        """Where in this step the machine dies, if it does."""
        others = sum(not isinstance(effect, Persist) for effect in effects)
        boundary, writing = self._armed.get(machine.name, (-1, False))
        if boundary >= 0 and (not writing or others < len(effects)):
            del self._armed[machine.name]
            return boundary if boundary <= others + 1 else None
        if self.network.faults.crash > 0.0 and self.chance.random() < self.network.faults.crash:
            return self.chance.randint(0, others + 1)
        return None

    def perform(self, machine: Machine, effects: tuple[Effect, ...], boundary: int | None) -> None:
        """As the daemon does: all changes in one transaction, then the rest in order."""
        disk = machine.disk
        disk.begin()
        machine.writing = True
        for effect in effects:
            if isinstance(effect, Persist):
                disk.apply(effect.changes)
        if boundary == 0:
            self.crash(machine.name)
            return
        lasting = self.waits(effects)
        machine.whole = is_whole(effects, machine.whole)
        disk.commit_step(lasting=lasting, whole=machine.whole)
        machine.writing = False
        self.watch.committed(self, machine, effects, lasting=lasting)
        others = [effect for effect in effects if not isinstance(effect, Persist)]
        incarnation = machine.incarnation
        for place, effect in enumerate(others, start=1):
            if boundary == place:
                self.crash(machine.name)
                return
            self.act(machine, effect)
            if not machine.up or machine.incarnation != incarnation:
                return  # what the effect led to at once was its death
        if boundary == len(others) + 1:
            self.crash(machine.name)

    def waits(self, effects: tuple[Effect, ...]) -> bool:
        """Whether the shell waits until the disk has all that was committed."""
        return must_last(effects)

    def act(self, machine: Machine, effect: Effect) -> None:
        """Perform one effect that is not `Persist`."""
        match effect:
            case SendFrame(link=link, data=data):
                self.watch.sent(self, machine, link, data)
                paced = machine.paced.get(link)
                if paced is not None:
                    paced.queue(data)
                else:
                    self.network.send(machine, link, data)
            case Dial(dial=dial, hint=hint):
                self.watch.dialled(self, machine, dial)
                self.network.dial(machine, dial, hint)
            case HangUp(link=link):
                if (paced := machine.paced.pop(link, None)) is not None:
                    paced.flush()
                self.network.hang_up(machine, link)
            case TellSent(link=link):
                if (paced := machine.paced.get(link)) is not None:
                    paced.tell_sent()
                else:
                    self._tell_sent(machine, link)
            case Pace(link=link, every_ms=every_ms):
                self._pace(machine, link, every_ms)
            case Announce(data=data):
                self.lan.announce(machine, data)
            case Hush():
                self.lan.hush(machine)
            case TakeTurns():
                pass  # each event here is a step of its own: nobody waits for a turn
            case SetTimer(key=key, at_ms=at_ms):
                self._set_timer(machine, key, at_ms)
            case Reply(request=number, answer=answer):
                request = machine.requests.pop(number, None)
                if request is None:
                    raise Broken("answers", "a reply to a request that was never made, or answered before")
                request.answer = answer
                self.watch.answered(self, machine, request)
            case Publish(notice=notice):
                self.watch.published(self, machine, notice)
            case Serve():
                pass  # there is no Tor here, and none was announced
            case Persist():
                raise AssertionError("changes are committed before")

    def _tell_sent(self, machine: Machine, link: int) -> None:
        self.after(1, self._teller(machine, link))

    def _teller(self, machine: Machine, link: int) -> Callable[[], None]:
        incarnation = machine.incarnation

        def tell() -> None:
            if machine.incarnation == incarnation and link in machine.links:
                self.deliver(machine, Sent(link=link))

        return tell

    def _pace(self, machine: Machine, link: int, every_ms: int) -> None:
        if link in machine.links:
            machine.paced[link] = PacedLink(
                every_ms,
                after=self.after,
                send=lambda data: self.network.send(machine, link, data),
                tell=self._teller(machine, link),
            )

    def _set_timer(self, machine: Machine, key: str, at_ms: int) -> None:
        self._sequence += 1
        number = self._sequence
        machine.timers[key] = number
        incarnation = machine.incarnation
        late_ms = self.chance.randint(*self.network.faults.lateness_ms)
        delay_ms = max(0, at_ms - self.clock_ms(machine)) + late_ms

        def fire() -> None:
            if machine.incarnation == incarnation and machine.timers.get(key) == number:
                del machine.timers[key]
                self.deliver(machine, TimerFired(key=key))

        self.after(delay_ms, fire)
