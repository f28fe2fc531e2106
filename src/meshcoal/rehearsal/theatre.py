"""Six nodes on this machine, from nothing to a coalition, and back to nothing.

Law: nothing is waited for by the clock. A wait ends when the nodes say what was waited for, or fails at its
deadline with a sentence that names who lacks what. When the theatre closes, no process and no file is left.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from pathlib import Path
from typing import Any, Final

from meshcoal.api.commands import (
    AcceptInvitation,
    Admit,
    ConfirmWords,
    FoundCampaign,
    ListCampaigns,
    ListIntroductions,
    MakeInvitation,
    ShowCampaign,
)
from meshcoal.api.views import (
    CampaignsView,
    CampaignView,
    ContactView,
    IntroductionState,
    IntroductionsView,
    IntroductionView,
    InvitationView,
    MemberState,
)
from meshcoal.crypto.entropy import OsEntropy
from meshcoal.crypto.fingerprint import passphrase_suggestion
from meshcoal.errors import RehearsalFailed
from meshcoal.limits import INVITATION_LIFETIME_MS
from meshcoal.rehearsal.cast import CAMPAIGN_GOAL, CAMPAIGN_NAME, CAST, CHANNELS, FOUNDER, USER, Part
from meshcoal.rehearsal.coach import line, marked
from meshcoal.rehearsal.place import Place
from meshcoal.rehearsal.player import Player

Progress = Callable[[str, int, int], None]

AGREE_TIMEOUT_S: Final = 90.0
LOOK_AGAIN_S: Final = 1.0  # where no notice comes, as after a change that nobody announces
START_STEPS: Final = 2 * len(CAST) + 1


class Theatre:
    """Six players who form a coalition."""

    def __init__(self, *, keep: Path | None = None) -> None:
        """`keep`: an empty folder to leave the homes in; None: a temporary one, removed at the end."""
        self._keep = keep
        self._place: Place | None = None
        self._leash: tuple[int, int] | None = None
        self._news = asyncio.Event()
        self._players: dict[Part, Player] = {}
        self.campaign = b""

    @property
    def user(self) -> Player:
        return self._players[USER]

    @property
    def players(self) -> tuple[Player, ...]:
        return tuple(self._players.values())

    @property
    def folder(self) -> Path | None:
        """What is kept, if anything."""
        return self._place.folder if self._place is not None and self._place.kept else None

    def player(self, part: Part) -> Player:
        return self._players[part]

    # --- From nothing to a coalition

    async def open(self, progress: Progress) -> None:
        """Start the nodes and let them meet. Close the theatre afterwards, whether this succeeded or not.

        Raises:
            BadArgument, ReadOnly: there is no place for the files.
            RehearsalFailed: a node did not do its part.
        """
        self._place = Place(self._keep)
        self._leash = os.pipe()
        passphrase = " ".join(passphrase_suggestion(OsEntropy()))
        if self._place.kept:
            self._place.tell_passphrase(passphrase)
        for part in CAST:
            self._players[part] = Player(
                part,
                self._place.home(part.name),
                passphrase,
                leash=self._leash[0],
                news=self._tell,
            )
        done = 0

        def tell(what: str) -> None:
            nonlocal done
            done += 1
            progress(what, done, START_STEPS)

        await self._start(tell)
        await self._found(tell)
        await self._gather([self._meet(part, tell) for part in CAST if part is not FOUNDER])
        await self.until_agreed("The coalition has not come together", members=len(CAST))
        tell(marked("All six are in, and hold the same."))

    async def _start(self, tell: Callable[[str], None]) -> None:
        # Each vault takes a quarter of a GiB and a second of a core while it is made.
        room = asyncio.Semaphore(max(2, min(3, os.cpu_count() or 1)))

        async def begin(player: Player) -> None:
            async with room:
                await player.start()
                await player.make_vault()
            up = marked("%(name)s's node is up, with a vault of its own (%(about)s).")
            tell(line(up, name=player.name, about=player.part.about))

        await self._gather([begin(player) for player in self.players])

    async def _found(self, tell: Callable[[str], None]) -> None:
        view = await self.player(FOUNDER).ask(
            FoundCampaign(
                name=CAMPAIGN_NAME, goal=CAMPAIGN_GOAL, my_name="", seat=FOUNDER.seat, channels=CHANNELS
            ),
            CampaignView,
        )
        self.campaign = view.id
        tell(line(marked("%(name)s founds the campaign."), name=FOUNDER.name))

    async def _meet(self, part: Part, tell: Callable[[str], None]) -> None:
        founder, guest = self.player(FOUNDER), self.player(part)
        invitation = await founder.ask(
            MakeInvitation(campaign=self.campaign, seat=part.seat, lifetime_ms=INVITATION_LIFETIME_MS),
            InvitationView,
        )
        accepted = await guest.ask(AcceptInvitation(text=invitation.text), IntroductionView)
        theirs = await self._introduction(guest, accepted.id, IntroductionState.WAITING)
        ours = await self._introduction(founder, invitation.id, IntroductionState.ASKING)
        if ours.words != theirs.words:
            raise RehearsalFailed(
                f"The words of {founder.name} and {guest.name} differ: somebody sits between them."
            )
        await founder.ask(ConfirmWords(person=ours.person, match=True), ContactView)
        await guest.ask(ConfirmWords(person=theirs.person, match=True), ContactView)
        await founder.ask(Admit(introduction=ours.id, seat=part.seat, role=part.role), CampaignView)
        await self.until(f"{guest.name} has not got in", lambda: self._is_in(guest))
        met = marked("%(name)s accepts an invitation, the words agree on both sides, %(founder)s admits.")
        tell(line(met, name=part.name, founder=FOUNDER.name))

    async def _introduction(
        self, player: Player, identifier: bytes, state: IntroductionState
    ) -> IntroductionView:
        found: list[IntroductionView] = []

        async def lacking() -> str:
            listed = await player.ask(ListIntroductions(), IntroductionsView)
            found[:] = [
                one
                for one in listed.introductions
                if one.id == identifier and one.state is state and one.words
            ]
            return "" if found else f"{player.name} sees nobody {state.value}"

        await self.until("An invitation led to nothing", lacking)
        return found[0]

    async def _is_in(self, player: Player) -> str:
        listed = await player.ask(ListCampaigns(), CampaignsView)
        mine = [one for one in listed.campaigns if one.id == self.campaign and one.members]
        return "" if mine else f"{player.name} does not see the campaign"

    # --- Waiting

    async def until_agreed(self, otherwise: str, *, members: int = 0) -> None:
        """Wait until all players that are online hold the same operations, and can read all of them.

        `members`: how many active ones each has to see, at least.
        """
        await self.until(otherwise, lambda: self._disagreement(members))

    async def until_unlocked(self) -> None:
        """Wait until the person has opened their vault again."""

        async def lacking() -> str:
            return "it is locked" if await self.user.is_locked() else ""

        await self.until("The vault stayed locked", lacking, timeout_s=None)

    async def _disagreement(self, members: int) -> str:
        online = [player for player in self.players if player.online]
        views = await asyncio.gather(
            *[player.ask(ShowCampaign(campaign=self.campaign), CampaignView) for player in online]
        )
        first = views[0]
        for player, view in zip(online, views, strict=True):
            active = sum(member.state is MemberState.ACTIVE for member in view.members)
            if active < members:
                return f"{player.name} sees {active} members of {members}"
            if view.unopened:
                return f"{player.name} cannot read {view.unopened} operations"
            if view.gaps:
                return f"{player.name} misses operations"
            if view.heads_digest != first.heads_digest:
                return (
                    f"{player.name} holds {view.operations} operations, {online[0].name} {first.operations}, "
                    "and they are not the same"
                )
        return ""

    async def until(
        self,
        otherwise: str,
        lacking: Callable[[], Awaitable[str]],
        *,
        timeout_s: float | None = AGREE_TIMEOUT_S,
    ) -> None:
        """Wait until `lacking` has nothing to say.

        Args:
            otherwise: what it means if it never comes to that, for the error.
            lacking: what is missing still, in words; empty: nothing.
            timeout_s: None: as long as it takes, which a person decides.

        Raises:
            RehearsalFailed: it took too long.
        """
        loop = asyncio.get_running_loop()
        until = None if timeout_s is None else loop.time() + timeout_s
        while True:
            news = self._news  # before looking: what changes meanwhile must not be missed
            missing = await lacking()
            if not missing:
                return
            if until is not None and loop.time() >= until:
                raise RehearsalFailed(f"{otherwise}: {missing}.")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_AGAIN_S):
                    await news.wait()

    def _tell(self) -> None:
        told, self._news = self._news, asyncio.Event()
        told.set()

    # --- Back to nothing

    async def close(self) -> None:
        """End all nodes and remove their files, unless they are kept. Again is allowed."""
        if self._leash is not None:
            for end in self._leash:
                os.close(end)
            self._leash = None
        await self._gather([player.end() for player in self.players])
        if self._place is not None:
            self._place.clear(tuple([player.home for player in self.players]))

    @staticmethod
    async def _gather(work: Iterable[Coroutine[Any, Any, None]]) -> None:
        """All at once; the first failure ends the others and is the one that is raised."""
        try:
            async with asyncio.TaskGroup() as group:
                for one in work:
                    group.create_task(one)
        except ExceptionGroup as failures:  # not `except*`, which wraps what is raised in a group again
            raise _first(failures) from failures


def _first(failures: BaseExceptionGroup[Exception]) -> Exception:
    found: BaseException = failures
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    assert isinstance(found, Exception), "a group of exceptions holds exceptions"
    return found
