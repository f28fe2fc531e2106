"""Two real daemons that are never up together, and a real relay between them."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from processwork import RealNode, environment, found, meet, until

from meshcoal.api.commands import (
    AddRelay,
    ListMessages,
    ListRelays,
    PostMessage,
    ShowCampaign,
    ShowIdentity,
)
from meshcoal.api.views import (
    CampaignView,
    IdentityView,
    MessagesView,
    MessageView,
    RelayFault,
    RelayState,
    RelaysView,
)
from meshcoal.limits import ENVELOPE_CLASSES_BYTES

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
CANARY = "kestrel4417zug"


class RealRelay:
    """`meshcoal relay serve` as an operator runs it."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "relay"
        self.folder = folder
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None
        self.noise = folder / "relay.stderr"

    def start(self) -> str:
        """Returns the text to hand on."""
        with self.noise.open("ab") as noise:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "meshcoal", "relay", "serve"),
                    *("--listen", f"127.0.0.1:{self.port}", "--data", str(self.data)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=noise,
                env=environment(self.folder),
            )
        assert self.process.stdout is not None
        text = self.process.stdout.readline().decode().strip()
        self.port = int(text.rpartition(":")[2])
        return text

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(30)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


async def wake(node: RealNode) -> None:
    await node.start()
    await node.unlock()


async def post(node: RealNode, campaign: bytes, channel: bytes, text: str) -> None:
    await node.ask(PostMessage(campaign=campaign, channel=channel, text=text), MessageView)


async def taken(node: RealNode, campaign: bytes) -> None:
    """Wait until all that this node has to post is posted."""
    last = -1

    async def lacking() -> object:
        nonlocal last
        (one,) = (await node.ask(ListRelays(campaign=campaign), RelaysView)).relays
        before, last = last, one.taken_ms
        fresh = one.state is RelayState.WORKING and one.taken_ms > start and before == last
        return None if fresh and not one.waiting else one

    (one,) = (await node.ask(ListRelays(campaign=campaign), RelaysView)).relays
    start = one.taken_ms
    await until(lacking)


async def read(node: RealNode, campaign: bytes, channel: bytes, texts: set[str]) -> None:
    async def lacking() -> object:
        view = await node.ask(ListMessages(campaign=campaign, channel=channel), MessagesView)
        return texts - {one.text for one in view.messages}

    await until(lacking)


async def heads(node: RealNode, campaign: bytes) -> bytes:
    return (await node.ask(ShowCampaign(campaign=campaign), CampaignView)).heads_digest


async def test_two_daemons_that_are_never_up_together_end_equal(tmp_path: Path) -> None:
    """Goal: a relay with one command stands in for meeting, survives kill -9, and holds nothing readable.

    Method: they meet once, then take turns; the relay is killed between; then its files are searched.
    """
    ana, ben, relay = RealNode(tmp_path, "ana"), RealNode(tmp_path, "ben"), RealRelay(tmp_path)
    try:
        text = relay.start()
        for node in (ana, ben):
            node.make_vault_cheaply()
            await wake(node)
        campaign = await found(ana, f"{CANARY} campaign")
        await meet(ana, ben, campaign)
        view = await ana.ask(ShowCampaign(campaign=campaign), CampaignView)
        channel = view.channels[0].id
        await ana.ask(AddRelay(campaign=campaign, text=text), RelaysView)

        async def unknown() -> object:
            return not (await ben.ask(ListRelays(campaign=campaign), RelaysView)).relays

        await until(unknown)
        identity = await ana.ask(ShowIdentity(), IdentityView)
        await ben.stop()
        await post(ana, campaign, channel, f"{CANARY} one")
        await taken(ana, campaign)
        await ana.stop()
        relay.kill()
        assert relay.start() == text
        await wake(ben)
        await read(ben, campaign, channel, {f"{CANARY} one"})
        await post(ben, campaign, channel, f"{CANARY} two")
        await taken(ben, campaign)
        digest = await heads(ben, campaign)
        await ben.stop()
        await wake(ana)
        await read(ana, campaign, channel, {f"{CANARY} two"})
        assert await heads(ana, campaign) == digest
        (one,) = (await ana.ask(ListRelays(campaign=campaign), RelaysView)).relays
        assert one.fault is RelayFault.NONE
        secrets = [CANARY.encode(), b"127.0.0.1", campaign, channel, identity.person]
        secrets += [member.author for member in view.members]
        secrets += [secret.hex().encode() for secret in secrets]
    finally:
        for node in (ana, ben):
            await node.stop()
        code = relay.stop()
    assert code == 0
    assert "Traceback" not in relay.noise.read_text()
    files = [path for path in relay.data.iterdir() if path.is_file()]
    assert {path.name for path in files} <= {"relay.key", "relay.db", "relay.db-wal", "relay.db-shm"}
    for path in [*files, relay.noise]:
        data = path.read_bytes()
        assert not [secret for secret in secrets if secret in data], path
    with sqlite3.connect(relay.data / "relay.db") as database:
        rows = database.execute("SELECT envelope, hour FROM envelopes").fetchall()
    database.close()
    assert rows
    assert {len(envelope) for envelope, _ in rows} <= set(ENVELOPE_CLASSES_BYTES)
