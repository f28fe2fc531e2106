"""Two real daemons of which only one ever runs at a time: one joins the other's campaign by three files."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from processwork import PATIENCE_S, RealNode, environment

from meshcoal.limits import BUNDLE_PART_BYTES

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


def typed(node: RealNode, *words: str, fails: int = 0) -> Any:
    """What a person types; the answer as JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "meshcoal", *words, "--json"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={**environment(node.folder), "MESHCOAL_HOME": str(node.home)},
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == fails, (words, done.stdout, done.stderr)
    return json.loads(done.stdout) if done.stdout else json.loads(done.stderr)


async def swap(gone: RealNode, comes: RealNode) -> None:
    """One daemon ends before the other begins."""
    assert await gone.stop() == 0
    gone.process = None
    await comes.start()
    await comes.unlock()


async def test_somebody_joins_and_signs_without_any_connection(tmp_path: Path) -> None:
    """Goal: files are enough from the first word on. Method: the guide's commands, by two people."""
    ana, ben = RealNode(tmp_path, "ana"), RealNode(tmp_path, "ben")
    sticks = [tmp_path / f"stick{number}" for number in range(10)]
    invitation = tmp_path / "invitation.txt"

    async def carried(giver: RealNode, taker: RealNode, stick: Path) -> Any:
        await asyncio.to_thread(typed, giver, "bundle", "write", "evin", "--to", f"{stick}/")
        await swap(giver, taker)
        return await asyncio.to_thread(typed, taker, "bundle", "read", str(stick), "--yes")

    async def say(node: RealNode, *words: str, fails: int = 0) -> Any:
        return await asyncio.to_thread(lambda: typed(node, *words, fails=fails))

    try:
        for node in (ana, ben):
            node.make_vault_cheaply()
        await ana.start()
        await ana.unlock()
        await say(ana, "campaign", "found", "Evin five", "--seat", "exile", "--channel", "general")
        await say(
            ana,
            "invite",
            "make",
            "--campaign",
            "evin",
            "--seat",
            "exile",
            "--by-file",
            "--file",
            str(invitation),
        )
        await swap(ana, ben)
        asked = await say(ben, "invite", "answer", "--file", str(invitation), "--to", f"{sticks[0]}/")
        assert asked["introduction"]["state"] == "carried"
        (request,) = sticks[0].iterdir()
        assert request.stat().st_size == BUNDLE_PART_BYTES
        await swap(ben, ana)
        read = await say(ana, "bundle", "read", str(sticks[0]), "--yes")
        assert [one["name"] for one in read["requests"]] == ["ben"]
        (shown,) = (await say(ana, "invite", "pending"))["introductions"]
        assert shown["words"] == asked["introduction"]["words"], "both see the same twelve words"
        await say(ana, "admit", "ben")
        text = tmp_path / "letter.txt"
        text.write_text("Free the five.")
        letter = await say(
            ana, "statement", "draft", "evin", str(text), "--title", "Free them", "--language", "en"
        )
        freeze = ("statement", "freeze", "evin", "Free", "--to", "Head of the Judiciary", "--deadline", "5d")
        frozen = await say(ana, *freeze, "--yes")
        await say(ana, "invite", "reply", "ben", "--to", f"{sticks[1]}/")
        await swap(ana, ben)
        read = await say(ben, "bundle", "read", str(sticks[1]), "--yes")
        assert read["taken"] > 0, "the answer, and behind it the campaign"
        sign = ("statement", "sign", "evin", "Free", "--as", "individual", "--name", "ben")
        await say(ben, *sign, "--digest", frozen["digest"], "--yes")
        await say(ben, "send", "evin", "general", "signed by hand")

        await carried(ben, ana, sticks[2])
        view = await say(ana, "statement", "show", "evin", "Free")
        assert [entry["name"] for entry in view["tally"]["entries"]] == ["ben"]
        await say(ana, "send", "evin", "general", "it arrived")
        await carried(ana, ben, sticks[3])
        told = await say(ben, "read", "evin", "general")
        assert [one["text"] for one in told["messages"]] == ["signed by hand", "it arrived"]
        for number in range(4, len(sticks)):  # new keys of the nodes' own may still be on their way
            giver, taker = (ben, ana) if number % 2 == 0 else (ana, ben)
            written = await say(giver, "bundle", "write", "evin", "--to", f"{sticks[number]}/")
            given = (await say(giver, "campaign", "show", "evin"))["heads_digest"]
            await swap(giver, taker)
            if written["parts"]:
                await say(taker, "bundle", "read", str(sticks[number]), "--yes")
            if (await say(taker, "campaign", "show", "evin"))["heads_digest"] == given:
                break
        else:
            pytest.fail("the two never were equal")
        if taker is ben:
            await swap(ben, ana)
        once_more = await say(ana, "bundle", "read", str(sticks[0]), "--yes")
        assert once_more["requests"] == [{"name": "", "campaign_name": "", "known": False, "new": False}]
        assert letter["title"] == "Free them"
    finally:
        for node in (ana, ben):
            assert await node.stop() in (0, -9)
    assert ana.noise.read_bytes() == b""
    assert ben.noise.read_bytes() == b""
