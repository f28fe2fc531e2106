"""Strangers with an address and bad intentions.

Law: an adversary has what a real one has: the addresses of nodes, the frames it saw pass, and time. It has
nobody's keys. Whatever it sends, a node cuts it off, counts it and goes on; that is for the invariants to
check, not for the adversary.
"""

from __future__ import annotations

from random import Random
from typing import Final

from meshcoal.clock import MINUTE_MS, SECOND_MS
from meshcoal.limits import FRAME_BYTES_MAX, LINKS_PER_ADDRESS_MAX
from meshcoal.sim.world import World

REPLAYS_MAX: Final = 32  # links kept for sending again later
TRICKS: Final = ("garbage", "half", "oversize", "many", "replay", "silence")


class Stranger:
    """A `network.Party` without a node: dials, says what it likes, and never understands an answer."""

    def __init__(self, world: World, name: str) -> None:
        self.name = name
        self.address = world.stranger_address()
        self.frames_received = 0
        self.links_ended = 0
        self.dials_failed = 0
        self._world = world
        self._chance = Random(f"{world.seed} stranger {name}")
        self._dial = 0
        self._plans: dict[int, list[bytes]] = {}  # dial -> what to say once the link stands
        self._captured: list[tuple[str, list[bytes]]] = []
        world.network.join(self)
        world.network.on_replay = self.capture

    # --- As a party

    def reachable(self) -> bool:
        return True

    def link_up(self, link: int, dial: int | None) -> None:
        frames = self._plans.pop(dial, []) if dial is not None else [self._chance.randbytes(96)]
        for frame in frames:
            self._world.network.send(self, link, frame)
        self._world.after(self._chance.randint(1, MINUTE_MS), lambda: self._world.network.hang_up(self, link))

    def link_down(self, link: int, code: str) -> None:
        self.links_ended += 1

    def dial_failed(self, dial: int, code: str) -> None:
        self._plans.pop(dial, None)
        self.dials_failed += 1

    def frame(self, link: int, data: bytes) -> None:
        self.frames_received += 1

    def refused(self, code: str) -> None:
        """Somebody sent it too much; it does not mind."""

    # --- What it does

    def say(self, address: str, frames: list[bytes]) -> None:
        """Dial somebody and send these frames, one after another."""
        self._dial += 1
        self._plans[self._dial] = frames
        self._world.network.dial(self, self._dial, address)

    def capture(self, address: str, frames: list[bytes]) -> None:
        """Frames of a link that ended, sent to `address`: sent there again, soon and once more later."""
        self._captured = [*self._captured, (address, frames)][-REPLAYS_MAX:]
        self._world.after(self._chance.randint(0, 30 * SECOND_MS), lambda: self.say(address, frames))

    def trick(self, address: str, what: str | None = None) -> None:
        """One of `TRICKS` on whoever lives at this address."""
        chance = self._chance
        match what if what is not None else chance.choice(TRICKS):
            case "garbage":
                count = chance.randint(1, 8)
                self.say(
                    address,
                    [chance.randbytes(chance.choice((0, 1, 48, 96, 528, 4_000))) for _ in range(count)],
                )
            case "half":
                # The length of a true first message, with nothing true in it, and what might follow.
                self.say(address, [chance.randbytes(64), chance.randbytes(528)][: chance.randint(1, 2)])
            case "oversize":
                self.say(address, [bytes(FRAME_BYTES_MAX), bytes(FRAME_BYTES_MAX + 1)])
            case "many":
                for _ in range(LINKS_PER_ADDRESS_MAX + 8):
                    self.say(address, [])
            case "silence":
                self.say(address, [])
            case "replay":
                if self._captured:
                    captured_at, frames = chance.choice(self._captured)
                    self.say(captured_at, frames)
                    self.say(address, frames)
            case unknown:
                raise AssertionError(f"no trick {unknown}")
