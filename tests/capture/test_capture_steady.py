"""Two real daemons at a constant rate: what crosses between them while they write, and while they do not."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))
sys.path.insert(0, str(Path(__file__).parents[1] / "lan"))

from capturework import check_links, secrets_of, segment_of, streams, websocket
from processwork import found, meet, until
from switchwork import HostNode, Switch, network

from meshcoal.api.commands import (
    ListMessages,
    PostMessage,
    SetSteady,
    ShowCampaign,
    ShowSteady,
)
from meshcoal.api.steady import WIRE_BYTES
from meshcoal.api.views import CampaignView, MessagesView, MessageView, SteadyView
from meshcoal.crypto.handshake import TAG_BYTES
from meshcoal.limits import STEADY_FRAME_BYTES

FRAME_BYTES = STEADY_FRAME_BYTES + TAG_BYTES
EVERY_S = 1
MESSAGES = 8
SPELL_S = 5.0


async def steady(node: HostNode) -> None:
    """Wait until its link stands and is steady."""

    async def lacking() -> object:
        view = await node.ask(ShowSteady(), SteadyView)
        return "" if view.links == 1 else view

    await until(lacking)


async def posted(node: HostNode, campaign: bytes, texts: list[str]) -> None:
    channel = (await node.ask(ShowCampaign(campaign=campaign), CampaignView)).channels[0].id
    for text in texts:
        await node.ask(PostMessage(campaign=campaign, channel=channel, text=text), MessageView)


async def heard(node: HostNode, campaign: bytes, texts: list[str]) -> None:
    channel = (await node.ask(ShowCampaign(campaign=campaign), CampaignView)).channels[0].id

    async def lacking() -> object:
        page = await node.ask(ListMessages(campaign=campaign, channel=channel), MessagesView)
        return set(texts) - {one.text for one in page.messages}

    await until(lacking)


def test_talk_and_silence_are_one_on_the_wire(tmp_path: Path) -> None:
    """Goal: with real sockets, too, who writes looks like who does not. Method: a spell of silence, then one
    in which both write a message each third of a second; frames that crossed in each, their sizes, and how
    many: never more than the schedule has, however much there is to say."""
    spells: dict[str, tuple[float, float]] = {}

    async def run(switch: Switch) -> dict[str, bytes]:
        hosts = list(switch.hosts.values())
        ana, ben = (
            HostNode(tmp_path, host, "--listen", f"10.99.0.{place}:740{place}")
            for place, host in enumerate(hosts, 1)
        )
        try:
            for node in (ana, ben):
                node.make_vault_cheaply()
                await node.start()
                await node.unlock()
            campaign = await found(ana)
            await meet(ana, ben, campaign)
            await ana.ask(SetSteady(every_s=EVERY_S), SteadyView)
            for node in (ana, ben):
                await steady(node)
            begun_s = time.monotonic()

            async def silent() -> bool:
                return time.monotonic() < begun_s + SPELL_S

            await until(silent)
            spells["silence"] = begun_s, time.monotonic()
            begun_s = time.monotonic()
            texts = [f"gate {number} at nine" for number in range(MESSAGES)]
            await asyncio.gather(posted(ana, campaign, texts[::2]), posted(ben, campaign, texts[1::2]))
            for node in (ana, ben):
                await heard(node, campaign, texts)
            spells["talk"] = begun_s, time.monotonic()
        finally:
            for node in (ana, ben):
                await node.stop()
        return {
            f"{node.name} {name}": secret
            for node in (ana, ben)
            for name, secret in secrets_of(node.home, node.passphrase).items()
        }

    with network("anahita", "benyamin", ipv6=False) as switch:
        secrets = asyncio.run(run(switch))
        frames, moments_s = list(switch.frames), list(switch.moments_s)
    links = [one for one in streams(frames) if one.data]
    check_links(links, secrets)
    long = [one for one in links if {len(frame) for frame in websocket(one.data).frames} == {FRAME_BYTES}]
    assert len(long) >= 2, "both directions, from the handshake to the last"
    sizes: dict[str, dict[bytes, set[int]]] = {}
    for name, (first_s, last_s) in spells.items():
        sent: dict[bytes, list[float]] = {}
        seen = sizes[name] = {}
        for frame, at_s in zip(frames, moments_s, strict=True):
            size = segment_of(frame)
            if size and first_s <= at_s <= last_s:
                seen.setdefault(frame[6:12], set()).add(size)
                if size == max(
                    seen[frame[6:12]]
                ):  # a frame goes in two packets of the network, a long one first
                    sent.setdefault(frame[6:12], []).append(at_s)
        assert len(sent) == 2, f"{name}: both send"
        for both in sent.values():
            assert len(both) <= (last_s - first_s) / EVERY_S + 2, f"{name}: no more than the schedule has"
        if os.environ.get("MESHCOAL_FIGURES"):
            steps = [later - earlier for both in sent.values() for earlier, later in pairwise(both)]
            print(name, f"{last_s - first_s:.1f} s", [f"{step:.4f}" for step in sorted(steps)])
        count = sum(map(len, sent.values()))
        spent = sum(
            [len(one) for one, at_s in zip(frames, moments_s, strict=True) if first_s <= at_s <= last_s]
        )
        assert FRAME_BYTES < spent / count < 1.15 * WIRE_BYTES, "what people are told that it costs"
        if os.environ.get("MESHCOAL_FIGURES"):
            print(name, f"{spent / count:.0f} bytes on the wire for each frame")
    assert sizes["silence"] == sizes["talk"], "packets of the same sizes, each way"
    assert all(len(packets) <= 2 for packets in sizes["talk"].values())
