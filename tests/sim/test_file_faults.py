"""Attachments on bad networks, with crashes, partitions and hostile peers: identical bytes, or the truth."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "node"))

from attachwork import attach, fetch, here, message_of, read_back, some_bytes, view_of
from nodework import coalition, counted

from meshcoal.api.commands import ListMessages, PostMessage
from meshcoal.api.views import AttachmentState, MessagesView, MessageView
from meshcoal.ids import CampaignId
from meshcoal.limits import ATTACHMENT_UNASKED_BYTES_MAX, CHUNK_BYTES
from meshcoal.node.node import Node
from meshcoal.sim.convergence import settle
from meshcoal.sim.network import Faults
from meshcoal.sim.world import World
from meshcoal.wire.frames import Chunk, Hold, Holding, LackChunks, WantChunks

LARGE = some_bytes(ATTACHMENT_UNASKED_BYTES_MAX + 6 * CHUNK_BYTES + 99)
MANY = 20
BAD = Faults(
    loss=0.02, duplicate=0.01, tamper=0.005, crash=0.002, delay_ms=(5, 300), breaking_ms=(0, 3_000),
    refusal_ms=(1, 1_000), restart_ms=(50, 5_000),
)  # fmt: skip


def arrived(world: World, campaign: CampaignId, message: bytes, *names: str) -> bool:
    return all(world.machines[name].up and here(world, name, campaign, message) for name in names)


@pytest.mark.parametrize("seed", range(MANY))
def test_whoever_asked_has_the_same_bytes(seed: int) -> None:
    """Goal: loss, changed bytes, cuts and crashes cost time, never a byte. Method: seeds; all fetch."""
    world, campaign = coalition("ana", "ben", "chi", "dov", seed=seed)
    sent = attach(world, "ana", campaign, LARGE)
    names = ("ben", "chi", "dov")
    world.run_ms(3_000)
    for name in names:
        fetch(world, name, campaign, sent.id)
    world.set_faults(BAD)
    world.run_ms(20_000)
    world.partition({"ana", "ben"}, {"chi", "dov"})
    world.run_ms(20_000)
    world.heal()
    world.run_ms(30_000)
    world.calm()
    assert world.run_until(lambda: arrived(world, campaign, sent.id, *names), 20 * 60_000)
    assert settle(world, limit_ms=600_000)
    for name in names:
        assert read_back(world, name, campaign, sent.id) == LARGE
    world.run_ms(60_000)
    for name in ("ana", *names):
        assert view_of(world, name, campaign, sent.id).held_by == 4, name


def test_split_off_from_all_who_have_it() -> None:
    """Goal: the truth where nothing comes. Method: a partition without any holder; then heal."""
    world, campaign = coalition("ana", "ben", "chi", "dov")
    sent = attach(world, "ana", campaign, LARGE)
    world.run_ms(3_000)
    world.partition({"ana", "ben"}, {"chi", "dov"})
    world.run_ms(5_000)
    fetch(world, "chi", campaign, sent.id)
    world.run_ms(90_000)
    assert view_of(world, "chi", campaign, sent.id).state is AttachmentState.NOBODY
    world.heal()
    assert world.run_until(lambda: here(world, "chi", campaign, sent.id), 300_000)
    assert read_back(world, "chi", campaign, sent.id) == LARGE


class Liar:
    """Takes over what one honest node answers about files: it claims to hold all, and then does this."""

    def __init__(self, world: World, name: str, how: str) -> None:
        self.wanted = 0
        node = world.machines[name].node
        assert isinstance(node, Node)
        attachments = node._core.attachments
        honest = attachments.hear
        say = node._core.links.say

        def hear(step, link, campaign, message) -> None:  # type: ignore[no-untyped-def]
            if not isinstance(message, WantChunks):
                honest(step, link, campaign, message)
                return
            self.wanted += len(message.chunks)
            if how == "wrong":
                say(step, link, [Chunk(sealed=bytes(CHUNK_BYTES))])
            elif how == "endless":
                say(step, link, [Chunk(sealed=bytes([n]) * 500) for n in range(100)])
            elif how == "lacks":
                say(step, link, [LackChunks(chunks=message.chunks)])

        attachments.hear = hear  # type: ignore[method-assign]
        attachments._hold = lambda files, wanted: Hold(  # type: ignore[method-assign]
            holdings=tuple([Holding(file=file, held=9, of=9) for file in wanted])
        )


@pytest.mark.parametrize("how", ["wrong", "endless", "silent", "lacks"])
def test_a_liar_is_left_for_another(how: str) -> None:
    """Goal: one hostile member delays a file and no more. Method: it answers every seek, and then lies."""
    world, campaign = coalition("ana", "ben", "chi")
    liar = Liar(world, "chi", how)
    sent = attach(world, "ana", campaign, LARGE)
    world.run_ms(3_000)
    fetch(world, "ben", campaign, sent.id)
    assert world.run_until(lambda: here(world, "ben", campaign, sent.id), 120_000)
    assert read_back(world, "ben", campaign, sent.id) == LARGE
    assert liar.wanted > 0, "it was asked"
    assert (counted(world, "ben").get("chunk-unasked", 0) > 0) == (how in ("wrong", "endless"))
    asked = liar.wanted
    again = attach(world, "ana", campaign, some_bytes(len(LARGE), 7))
    world.run_ms(3_000)
    fetch(world, "ben", campaign, again.id)
    assert world.run_until(lambda: here(world, "ben", campaign, again.id), 240_000)
    if how in ("wrong", "endless"):
        assert liar.wanted == asked, "it is not asked again"


def test_talk_overtakes_a_file() -> None:
    """Goal: a message sent while a file comes arrives as if there were none. Method: count frames between."""
    world, campaign = coalition("ana", "ben")
    sent = attach(world, "ana", campaign, some_bytes(100 * CHUNK_BYTES))
    world.run_ms(3_000)
    fetch(world, "ben", campaign, sent.id)
    assert world.run_until(lambda: view_of(world, "ben", campaign, sent.id).held > 20, 60_000)
    view = message_of(world, "ana", campaign, sent.id)
    assert view is not None
    channel = world.look("ana", _page(world, campaign), MessagesView).channel
    said = world.command(
        "ana", PostMessage(campaign=campaign, channel=channel, text="they are at the gate"), MessageView
    )
    started_ms = world.now_ms
    assert world.run_until(lambda: message_of(world, "ben", campaign, said.id) is not None, 5_000)
    assert world.now_ms - started_ms <= 100
    assert view_of(world, "ben", campaign, sent.id).state is AttachmentState.COMING


def _page(world: World, campaign: CampaignId) -> ListMessages:
    from attachwork import hall

    return ListMessages(campaign=campaign, channel=hall(world, "ana", campaign))


def test_two_runs_of_one_seed_are_one() -> None:
    """Goal: a failing seed can be replayed. Method: one transfer twice; compare the traces."""

    def run() -> str:
        world, campaign = coalition("ana", "ben", "chi", seed=3)
        sent = attach(world, "ana", campaign, LARGE)
        world.set_faults(BAD)
        world.run_ms(30_000)
        assert sent.id
        return world.trace.hexdigest()

    assert run() == run()
