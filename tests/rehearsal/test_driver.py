"""The rehearsal around a person, with six real nodes; the person is played through the API."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

import meshcoal
from meshcoal.api.commands import (
    Capacity,
    GetStatus,
    ListCampaigns,
    ListMessages,
    Lock,
    PostMessage,
    ReleaseStatement,
    ShowCampaign,
    ShowStatement,
    SignStatement,
    StopDaemon,
    Unlock,
)
from meshcoal.api.views import (
    CampaignsView,
    CampaignView,
    MessagesView,
    StatementView,
    StatusView,
    VaultState,
)
from meshcoal.client.connection import Client
from meshcoal.errors import RehearsalFailed
from meshcoal.rehearsal.coach import CoachLine
from meshcoal.rehearsal.driver import TOTAL, Driver
from meshcoal.rehearsal.theatre import START_STEPS
from meshcoal.statement.publication import verify

pytestmark = pytest.mark.e2e


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder to stand in, an empty one for temporary files, and no home of the user's."""
    here = tmp_path / "here"
    here.mkdir()
    temporary = tempfile.mkdtemp(prefix="mc-")  # short: a socket's path is
    monkeypatch.setenv("TMPDIR", temporary)
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("PYTHONPATH", str(Path(meshcoal.__path__[0]).parent))
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.setenv("MESHCOAL_HOME", str(tmp_path / "nobody" / "home"))
    monkeypatch.chdir(here)
    yield here
    left = [path.name for path in Path(temporary).iterdir()]
    shutil.rmtree(temporary)
    assert left == []
    assert not (tmp_path / "nobody").exists()


class Person:
    """Whoever sits at the interface: does what the coach asks."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.campaign: CampaignView
        self.locks = False

    async def sees(self) -> StatementView:
        (summary,) = self.campaign.statements
        view = await self.client.send(ShowStatement(campaign=self.campaign.id, statement=summary.id))
        assert isinstance(view, StatementView)
        return view

    async def looks(self) -> None:
        listed = await self.client.send(ListCampaigns())
        assert isinstance(listed, CampaignsView)
        shown = await self.client.send(ShowCampaign(campaign=listed.campaigns[0].id))
        assert isinstance(shown, CampaignView)
        self.campaign = shown

    async def follows(self, line: CoachLine) -> None:
        if "passphrase here is" in line.text:
            await self.client.send(Unlock(passphrase=line.text.rpartition(": ")[2]))
            await self.signs()
            return
        await self.looks()
        if "answer there" in line.text:
            await self.writes("I have read it.")
        elif "sign it" in line.text:
            await self.writes("Is it final?")
            if self.locks:
                await self.client.send(Lock())
            else:
                await self.signs()
        elif "release it" in line.text:
            letter = await self.sees()
            await self.client.send(ReleaseStatement(campaign=self.campaign.id, statement=letter.id))

    async def signs(self) -> None:
        letter = await self.sees()
        await self.client.send(
            SignStatement(
                campaign=self.campaign.id,
                statement=letter.id,
                digest=letter.digest,
                capacity=Capacity.INDIVIDUAL,
                name="A. Person",
            )
        )

    async def writes(self, text: str) -> None:
        channel = self.campaign.channels[0].id
        await self.client.send(PostMessage(campaign=self.campaign.id, channel=channel, text=text))

    async def reads(self) -> MessagesView:
        channel = self.campaign.channels[0].id
        view = await self.client.send(ListMessages(campaign=self.campaign.id, channel=channel))
        assert isinstance(view, MessagesView)
        return view


@asynccontextmanager
async def begun() -> AsyncIterator[tuple[Driver, Person]]:
    told: list[tuple[int, int]] = []
    driver = Driver(pause=None)
    try:
        home = await driver.start(lambda what, done, total: told.append((done, total)))
        assert told == [(number, START_STEPS) for number in range(1, START_STEPS + 1)]
        client = await Client.connect(home)
        try:
            status = await client.send(GetStatus())
            assert isinstance(status, StatusView)
            assert status.vault is VaultState.UNLOCKED
            yield driver, Person(client)
        finally:
            await client.close()
    finally:
        await driver.stop()


async def test_a_person_reads_signs_and_releases(stage: Path) -> None:
    """Goal: the case goes with a person. Method: answer, write more, lock, unlock, sign, release."""
    lines: list[CoachLine] = []
    async with begun() as (driver, person):
        person.locks = True
        async for line in driver.steps():
            lines.append(line)
            await person.follows(line)
        letter = await person.sees()
        said = await person.reads()
    assert "A. Person" in [entry.name for entry in letter.tally.entries]
    assert (lines[-1].done, lines[-1].total, lines[-1].last) == (TOTAL, TOTAL, True)
    assert not any(line.last for line in lines[:-1])
    assert [line.done for line in lines] == sorted(line.done for line in lines)
    mine = [one.id for one in said.messages if one.me]
    assert len(mine) == 2
    assert {one.reply_to for one in said.messages} >= set(mine)
    check_released(stage, lines[-1].text)


def check_released(stage: Path, told: str) -> None:
    (package,) = stage.glob("rehearsal-release-*/*.meshcoal.json")
    assert str(package.parent) in told
    assert verify(package.read_bytes()).sound


async def test_a_node_that_dies_is_named(stage: Path) -> None:
    """Goal: the coach does not wait for the dead. Method: stop the person's node by its API."""
    async with begun() as (driver, person):
        steps = driver.steps()
        async for line in steps:
            if "answer there" in line.text:
                break
        await person.client.send(StopDaemon())
        with pytest.raises(RehearsalFailed, match="Ana's node"):
            await rest_of(steps)


async def rest_of(steps: AsyncIterator[CoachLine]) -> list[CoachLine]:
    return [line async for line in steps]


async def test_leaving_in_the_middle_ends_everything(stage: Path) -> None:
    """Goal: quitting leaves no node. Method: stop while the coach waits, then ask for the next line."""
    async with begun() as (driver, person):
        steps = driver.steps()
        async for line in steps:
            if "answer there" in line.text:
                break
        await driver.stop()
        with pytest.raises(asyncio.CancelledError):
            await anext(steps)
        with pytest.raises(Exception, match="daemon"):
            await person.looks()
