"""After erasure nothing on a copied device opens a message: real stores, real keys, virtual time."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from meshcoal.clock import DAY_MS, MINUTE_MS
from meshcoal.group import keyring, prekeys, ratchet
from meshcoal.group.keyring import Keyring
from meshcoal.group.ratchet import Chain, Heading, Skipped
from meshcoal.ids import CampaignId, EpochId, OperationId
from meshcoal.node import upkeep
from meshcoal.node.keyrings import RingHolder
from meshcoal.sim.coalition import author_of, campaign_view, form_campaign, post, timeline
from meshcoal.sim.world import World, real
from meshcoal.wire.operation import TALK_KINDS, Kind

sys.path.insert(0, str(Path(__file__).parent))

from nodework import CALM
from thief import Chronicle, RecordedEntropy, Scribe, StoreDisk, Thief, note_operations, pages, steal

NAMES = ("ana", "ben", "chi")


@dataclass
class Stage:
    """Three members with real stores, whose every secret is noted."""

    world: World
    chronicle: Chronicle
    campaign: CampaignId
    folder: Path
    copies: Iterator[int]

    def disk(self, name: str) -> StoreDisk:
        disk = self.world.machines[name].disk
        assert isinstance(disk, StoreDisk)
        return disk

    def tidy(self) -> None:
        """What the daemon does each half minute."""
        for name in self.world.machines:
            self.disk(name).store.tidy()

    def thief(self, name: str) -> Thief:
        """Somebody who copies this member's device now."""
        note_operations(self.chronicle, self.disk(name), self.campaign)
        copy = steal(self.world, name, self.campaign, self.folder / f"copy{next(self.copies)}")
        return copy.thief(self.chronicle)

    def talk(self) -> set[OperationId]:
        return {
            operation.id
            for operation in self.chronicle.operations.values()
            if operation.header.kind in TALK_KINDS
        }

    def epoch_of(self, message: OperationId) -> EpochId:
        return self.chronicle.operations[message].epoch

    def clock_ms(self, name: str) -> int:
        return self.world.clock_ms(self.world.machines[name])

    def keyring(self, name: str) -> Keyring:
        core: Any = self.world.core(name)
        found: Keyring = core._core.campaigns[self.campaign].keyring
        return found

    def pages_with(self, name: str, words: bytes) -> int:
        """How many pages of a member's files hold these words."""
        return sum(words in page for page in pages(self.disk(name).home))

    def away(self, span_ms: int) -> None:
        """All devices are off for so long, and on again for as long as the daily work takes."""
        for name in NAMES:
            self.world.crash(name)
            self.disk(name).store.close()
        self.world.run_ms(span_ms)
        for name in NAMES:
            disk = self.disk(name)
            disk.open()
            self.world.restart(name)
        self.world.run_ms(4 * MINUTE_MS)
        self.tidy()


@pytest.fixture
def make_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Stage]]:
    made: list[Stage] = []

    def make() -> Stage:
        chronicle = Chronicle()
        monkeypatch.setattr(RecordedEntropy, "chronicle", chronicle)
        monkeypatch.setattr("meshcoal.sim.world.SeededEntropy", RecordedEntropy)
        homes = count()
        world = World(
            5,
            CALM,
            means=real,
            watch=Scribe(chronicle),
            new_disk=lambda _: StoreDisk(tmp_path / f"home{next(homes)}"),
        )
        world.spawn(*NAMES)
        campaign = form_campaign(world, "ana", ("ben", "chi"))
        world.run_ms(20_000)
        stage = Stage(world, chronicle, campaign, tmp_path, count())
        made.append(stage)
        return stage

    yield make
    for stage in made:
        for name in stage.world.machines:
            stage.disk(name).store.close()


def converse(stage: Stage, rounds: int, what: str = "round") -> set[OperationId]:
    """All write in turn, and all read."""
    said: set[OperationId] = set()
    before = len(timeline(stage.world, "ana", stage.campaign))
    for number in range(rounds):
        for name in NAMES:
            said.add(post(stage.world, name, stage.campaign, f"{what} {number} by {name}"))
            stage.world.run_ms(2_000)
    for name in NAMES:
        assert len(timeline(stage.world, name, stage.campaign)) == before + len(NAMES) * rounds
    return said


def test_what_was_read_is_closed(make_stage: Callable[[], Stage]) -> None:
    """Goal: a copied device opens no message that was read or written before, by any key in it and by none
    that follows from them. Method: talk, wait the half minute, copy files and memory of each; the one
    documented exception is seen to be found, and to end. Pages: docs/protocol/ratchet.md#erasure.
    """
    stage = make_stage()
    first = converse(stage, 3)
    assert stage.thief("ana").talk() == first, "until the store is tidied, the log holds the old pages"
    stage.tidy()
    assert stage.thief("ana").talk() == set()
    assert stage.thief("ben").talk() == set()
    # Ben sealed to Chi before they ever wrote to each other, and no one-time prekey of hers was his.
    assert stage.thief("chi").talk() == first, "the documented exception: sealed to a last resort"

    stage.away(8 * DAY_MS)  # all begin epochs of their own, by one-time prekeys or known channels
    second = converse(stage, 2, "a week later")
    stage.tidy()
    for name in NAMES:
        assert stage.thief(name).talk() & second == set(), name
    assert {stage.epoch_of(one) for one in second}.isdisjoint(map(stage.epoch_of, first))

    stage.away(21 * DAY_MS)  # fourteen days after the last resort's lifetime of fourteen
    for name in NAMES:
        assert stage.thief(name).talk() == set(), name


def test_superseded_epochs(make_stage: Callable[[], Stage]) -> None:
    """Goal: chains go fourteen days after another epoch took over. Method: a message that does not arrive
    in that time: a copy opens it before, and never after; its ciphertext is with the thief all along.
    """
    stage = make_stage()
    converse(stage, 1)
    stage.world.offline("chi")
    late = post(stage.world, "chi", stage.campaign, "nobody hears this in time")
    note_operations(stage.chronicle, stage.disk("chi"), stage.campaign)
    old = stage.epoch_of(late)
    stage.away(8 * DAY_MS)
    assert late in stage.thief("ana").talk(), "a key of a message that did not come waits for it"
    stage.away(13 * DAY_MS)
    assert late in stage.thief("ana").talk()
    stage.away(2 * DAY_MS)
    assert old not in stage.keyring("ana").chains
    assert stage.thief("ana").talk() == set()
    stage.world.online("chi")
    stage.world.run_ms(3 * MINUTE_MS)
    held = stage.disk("ana").reader
    assert held.operation(late) is not None, "it came at last"
    assert held.message(late) is None


def test_skipped_keys_go_with_the_talk(make_stage: Callable[[], Stage]) -> None:
    """Goal: the key of a message that never came is erased when it would have expired. Method: a chain
    with a gap, as a refused operation leaves it; seven days, in an epoch still in use.
    """
    stage = make_stage()
    converse(stage, 1)
    core: Any = stage.world.core("ana")
    campaign = core._core.campaigns[stage.campaign]
    ben = author_of(stage.world, "ben", stage.campaign)
    epoch = next(one for one, chains in campaign.keyring.chains.items() if ben in chains)
    chain = campaign.keyring.chains[epoch][ben]
    kept = Skipped(index=chain.index, key=bytes(range(32)), since_ms=stage.clock_ms("ana"))
    campaign.keyring = keyring.with_chain(
        campaign.keyring, epoch, replace(chain, index=chain.index + 1, skipped=(kept,))
    )
    upkeep.erase_keys(campaign, stage.clock_ms("ana") + 7 * DAY_MS)
    assert campaign.keyring.chains[epoch][ben].skipped == (kept,)
    upkeep.erase_keys(campaign, stage.clock_ms("ana") + 7 * DAY_MS + 1)
    assert campaign.keyring.chains[epoch][ben].skipped == ()


def test_talk_expires(make_stage: Callable[[], Stage]) -> None:
    """Goal: after seven days no page holds a word of it, own or another's. Method: search every page."""
    stage = make_stage()
    converse(stage, 2, "old words")
    stage.away(3 * DAY_MS)
    converse(stage, 1, "new words")
    stage.tidy()
    for name in NAMES:
        assert stage.pages_with(name, b"old words")
        assert stage.pages_with(name, b"new words")
    stage.away(4 * DAY_MS + MINUTE_MS)
    for name in NAMES:
        assert timeline(stage.world, name, stage.campaign) == [f"new words 0 by {one}" for one in NAMES]
        assert not stage.pages_with(name, b"old words")
        assert stage.pages_with(name, b"new words")
        assert [
            channel.messages for channel in campaign_view(stage.world, name, stage.campaign).channels
        ] == [3]


@pytest.mark.parametrize("kept", ["message keys", "one-time prekeys"])
def test_without_erasure_the_thief_succeeds(
    make_stage: Callable[[], Stage], monkeypatch: pytest.MonkeyPatch, kept: str
) -> None:
    """Goal: the tests above can fail. Method: the same, with keys that are kept after use."""
    if kept == "message keys":
        monkeypatch.setattr(ratchet, "seal_next", keeping(ratchet.seal_next))
        monkeypatch.setattr(ratchet, "open_message", keeping(ratchet.open_message))
        monkeypatch.setattr(RingHolder, "winding", lambda *_: None)  # else most go another way
    else:
        monkeypatch.setattr(prekeys, "spend", lambda held, used: held)
    stage = make_stage()
    said = converse(stage, 1)
    stage.tidy()
    thief = stage.thief("ben")
    if kept == "message keys":
        assert thief.talk() == said
    else:
        thief.talk()
        welcomes = {one for one in thief.directs if stage.chronicle.operations[one].header.kind is Kind.ADD}
        assert len(welcomes) == 1, "what Ana sealed to the prekey in his request"


def keeping(real: Callable[..., tuple[Chain, bytes]]) -> Callable[..., tuple[Chain, bytes]]:
    """As it is, but the key that was used stays beside the chain."""

    def act(chain: Chain, heading: Heading, data: bytes, **more: int) -> tuple[Chain, bytes]:
        after, result = real(chain, heading, data, **more)
        used, _ = ratchet._wind(chain.key)
        kept = Skipped(index=heading.index, key=used, since_ms=2_000_000_000_000)
        return replace(after, skipped=(*after.skipped, kept)), result

    return act
