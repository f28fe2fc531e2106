"""A coalition that is alive: three daemons, of which two talk, draft, comment, freeze, sign and release.

Law: what the third does is somebody else's business, and nothing of it ends the life of the others: a refusal
is counted, a daemon that is gone is a failure.
"""

from __future__ import annotations

import asyncio
import random
import sys
import threading
from collections import Counter
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parent))

from processwork import RealNode, found, meet

from meshcoal.api.commands import (
    Capacity,
    CommentStatement,
    DraftStatement,
    FreezeStatement,
    GetStatus,
    OpenCase,
    PostMessage,
    ReactToMessage,
    ReleaseStatement,
    Role,
    ShowCampaign,
    ShowStatement,
    SignStatement,
)
from meshcoal.api.views import (
    CampaignView,
    CaseView,
    MessageView,
    StatementPhase,
    StatementView,
    StatusView,
)
from meshcoal.clock import DAY_MS
from meshcoal.daemon.main import now_ms
from meshcoal.errors import DaemonUnreachable, LinkError, MeshcoalError

HOSTILE: Final = (
    "A\x1b]0;PWNED\x07B\x1b[2JC\x9b31mD\u202eEFG\u202c [bold red]M[/] [@click=app.bell]link[/] "
    "\x07\x08\x08zz\rR\tT\u2066U\U000e0041V\u2028W\x7fX [/nothing] [Y"
)
SAID: Final = (
    "Gate 4 at nine.",
    "¿Quién puede traducir esto hoy?",
    "خانواده‌ها موافق‌اند که نامه منتشر شود (Evin 5).",
    "موافق؟ نعم، ولكن بعد المراجعة",
    "我们今天晚上把信发出去，好吗？",
    "ယနေ့ညတွင် စာကို ထုတ်ပြန်ပါမည်။",
    "ዛሬ ማታ ደብዳቤውን እንልካለን።",
    "👩‍👩‍👧‍👦 👍🏽 🏳️‍🌈",
    "one line\nand another\n\nand a third",
    "word " * 120,
    "x" * 500,
    HOSTILE,
)
EMOJI: Final = ("👍", "❤️", "🕯", "")
_REST_S: Final = 0.4
_LETTERS_MAX: Final = 12


class Coalition:
    """Ana, whom somebody else plays, and Ben and Chi, who live by themselves."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.ana, self.ben, self.chi = (RealNode(folder, name) for name in ("ana", "ben", "chi"))
        self.campaign = b""
        self.refused: Counter[str] = Counter()
        self.acts = 0
        self._chance = random.Random(seed)
        self._letters: list[bytes] = []

    async def come_together(self) -> None:
        """Three homes, one campaign; Ana is an organiser."""
        for node in (self.ana, self.ben, self.chi):
            node.make_vault_cheaply()
            await node.start()
            await node.unlock()
        self.campaign = await found(self.ben)
        await meet(self.ben, self.ana, self.campaign, role=Role.ORGANISER)
        await meet(self.ben, self.chi, self.campaign)

    async def live(self, stop: Callable[[], bool]) -> None:
        """Until told to stop."""
        weighted: tuple[tuple[Callable[[RealNode], Awaitable[None]], int], ...] = (
            (self._talk, 12),
            (self._react, 3),
            (self._draft, 1),
            (self._comment, 2),
            (self._freeze, 2),
            (self._sign, 3),
            (self._release, 1),
            (self._alert, 1),
        )
        acts, weights = zip(*weighted, strict=True)
        while not stop():
            (act,) = self._chance.choices(acts, weights)
            try:
                await act(self._chance.choice((self.ben, self.chi)))
                self.acts += 1
            except (DaemonUnreachable, LinkError):
                raise
            except MeshcoalError as exc:
                self.refused[exc.code] += 1
            await self.ana.ask(GetStatus(), StatusView)
            await asyncio.sleep(_REST_S)

    async def end(self) -> None:
        for node in (self.ana, self.ben, self.chi):
            await node.stop()

    # --- What they do

    async def _talk(self, who: RealNode) -> None:
        view = await who.ask(ShowCampaign(campaign=self.campaign), CampaignView)
        channel = self._chance.choice(view.channels)
        text = self._chance.choice(SAID)
        await who.ask(PostMessage(campaign=self.campaign, channel=channel.id, text=text), MessageView)

    async def _react(self, who: RealNode) -> None:
        view = await who.ask(ShowCampaign(campaign=self.campaign), CampaignView)
        channel = self._chance.choice(view.channels)
        said = await who.ask(
            PostMessage(campaign=self.campaign, channel=channel.id, text=self._chance.choice(SAID)),
            MessageView,
        )
        emoji = self._chance.choice(EMOJI)
        await who.ask(ReactToMessage(campaign=self.campaign, message=said.id, emoji=emoji), MessageView)

    async def _draft(self, who: RealNode) -> None:
        if len(self._letters) >= _LETTERS_MAX:
            return
        view = await who.ask(
            DraftStatement(
                campaign=self.campaign,
                language=self._chance.choice(("en", "fa", "zh")),
                title=f"Letter {len(self._letters)}: {self._chance.choice(SAID[:5])}"[:100],
                text="\n\n".join(self._chance.sample(SAID[:9], 3)),
            ),
            StatementView,
        )
        self._letters.append(view.id)

    async def _letter(self, who: RealNode, phase: StatementPhase) -> StatementView | None:
        """One of those that stand so."""
        for letter in self._chance.sample(self._letters, len(self._letters)):
            command = ShowStatement(campaign=self.campaign, statement=letter)
            view = await who.ask(command, StatementView)
            if view.phase is phase:
                return view
        return None

    async def _comment(self, who: RealNode) -> None:
        letter = await self._letter(who, StatementPhase.DRAFT)
        if letter is not None:
            command = CommentStatement(
                campaign=self.campaign,
                statement=letter.id,
                revision=letter.revisions[-1].id,
                paragraph=self._chance.randrange(2),
                text=self._chance.choice(SAID),
            )
            await who.ask(command, StatementView)

    async def _freeze(self, who: RealNode) -> None:
        letter = await self._letter(who, StatementPhase.DRAFT)
        if letter is not None:
            command = FreezeStatement(
                campaign=self.campaign,
                statement=letter.id,
                revisions=(),
                addressees=("The Minister of Justice",),
                deadline_ms=now_ms() + DAY_MS,
            )
            await who.ask(command, StatementView)

    async def _sign(self, who: RealNode) -> None:
        letter = await self._letter(who, StatementPhase.OPEN)
        if letter is not None:
            command = SignStatement(
                campaign=self.campaign,
                statement=letter.id,
                digest=letter.digest,
                capacity=Capacity.INDIVIDUAL,
                name=who.name,
                languages_read=(),
            )
            await who.ask(command, StatementView)

    async def _release(self, who: RealNode) -> None:
        letter = await self._letter(who, StatementPhase.OPEN)
        if letter is not None and letter.tally.counted:
            await who.ask(ReleaseStatement(campaign=self.campaign, statement=letter.id), StatementView)

    async def _alert(self, who: RealNode) -> None:
        if self._chance.random() < 0.2:
            await who.ask(OpenCase(campaign=self.campaign, title=self._chance.choice(SAID[:5])), CaseView)


class Living:
    """A coalition's life beside a program that is busy with a window."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.coalition = Coalition(folder, seed)
        self._together = threading.Event()
        self._stop = threading.Event()
        self._threads = ThreadPoolExecutor(1)
        self._life = self._threads.submit(lambda: asyncio.run(self._live()))

    async def _live(self) -> None:
        try:
            await self.coalition.come_together()
            self._together.set()
            await self.coalition.live(self._stop.is_set)
        finally:
            await self.coalition.end()

    def until_together(self) -> None:
        """Wait until all three are members."""
        while not self._together.wait(_REST_S):
            self.check()

    def check(self) -> None:
        """Raise what ended it, if it has ended."""
        if self._life.done():
            self._life.result()
            raise AssertionError("the coalition has ended")

    def stop(self) -> None:
        """End all of it. Raises what ended it before."""
        self._stop.set()
        try:
            self._life.result()
        finally:
            self._threads.shutdown()
