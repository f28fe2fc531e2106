"""Carries out the case on six nodes: once by itself, once around a person.

Law: a step is over when every node that is online holds what it brought. In the headless form anything that
goes another way than the script is a failure; with a person, who may do what they like, it is a remark.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from meshcoal.api.commands import (
    AmendStatement,
    CommentStatement,
    DraftStatement,
    FreezeStatement,
    ListMessages,
    PostMessage,
    ReleaseStatement,
    ShowCampaign,
    ShowStatement,
    SignStatement,
    WithdrawSignature,
)
from meshcoal.api.views import (
    CampaignView,
    EntryState,
    MessagesView,
    MessageView,
    RevisionView,
    StatementPhase,
    StatementView,
)
from meshcoal.errors import DaemonUnreachable, LocalError, RehearsalFailed
from meshcoal.rehearsal.cast import FURTHER_ANSWERS, USER, Part
from meshcoal.rehearsal.coach import both, line, marked
from meshcoal.rehearsal.player import Player
from meshcoal.rehearsal.script import (
    SCRIPT,
    Act,
    Amend,
    ComeBack,
    Comment,
    Draft,
    Freeze,
    GoOffline,
    Release,
    Say,
    Sign,
    Step,
    Withdraw,
)
from meshcoal.rehearsal.theatre import Theatre

PACE_S: Final = 2.5  # between the others' steps, for somebody who watches

_COUNTED: Final = marked("Counted now: %(count)d.")
Tell = Callable[[str, int], None]  # what, and how many steps are over


class Performance:
    """One run of the script."""

    def __init__(
        self,
        theatre: Theatre,
        *,
        now_ms: Callable[[], int],
        tell: Tell,
        with_person: bool = False,
        pause: Callable[[float], Awaitable[None]] | None = None,
    ) -> None:
        """
        Args:
            tell: told each step: before it where a person has to act, after it otherwise.
            with_person: the user's steps are a person's, and are waited for as long as it takes.
            pause: waits so many seconds between steps; None: no pauses.
        """
        self._theatre = theatre
        self._now_ms = now_ms
        self._tell = tell
        self._with_person = with_person
        self._pause = pause
        self._letter = b""
        self._user = b""  # the person's author key in the campaign
        self._left_with: dict[Part, int] = {}  # operations a node held when it went off
        self._answered = 0  # messages of the person's that somebody reacted to
        self._over = 0

    @property
    def letter(self) -> bytes:
        """The statement's id, once it is drafted."""
        return self._letter

    async def run(self) -> None:
        """Play every step. Raises `RehearsalFailed`, or what a node answered."""
        mine = await self._show(self._theatre.user)
        self._user = next(member.author for member in mine.members if member.me)
        for step in SCRIPT:
            if self._with_person and step.who is USER:
                await self._wait_for_person(step)
            else:
                await self._play(step)
        if self._pause is not None:
            await self._pause(PACE_S)

    async def statement(self, player: Player) -> StatementView:
        return await player.ask(
            ShowStatement(campaign=self._theatre.campaign, statement=self._letter), StatementView
        )

    # --- The others' steps, and in the headless form everybody's

    async def _play(self, step: Step) -> None:
        if self._pause is not None:
            await self._pause(PACE_S)
        told = step.told
        try:
            more = await self._act(step.who, step.act)
        except (RehearsalFailed, DaemonUnreachable):
            raise
        except LocalError as error:
            if not self._with_person:
                raise RehearsalFailed(
                    f"{step.who.name}'s node refused a step ({error.code}): {error}"
                ) from error
            stuck = marked("%(name)s cannot do the next step any more: %(error)s")
            told, more = line(stuck, name=step.who.name, error=str(error)), ""
        await self._theatre.until_agreed(f"Not every node has it that {step.told.rstrip('.')}")
        self._done(both(told, more))

    def _done(self, told: str) -> None:
        self._over += 1
        self._tell(told, self._over)

    async def _act(self, who: Part, act: Act) -> str:
        """Do it; what more there is to tell about it, or nothing."""
        player = self._theatre.player(who)
        match act:
            case Say():
                await self._say(player, act)
            case Draft():
                view = await player.ask(
                    DraftStatement(
                        campaign=self._theatre.campaign, language=act.language, title=act.title, text=act.text
                    ),
                    StatementView,
                )
                self._letter = view.id
            case Amend():
                await self._amend(player, act)
            case Comment():
                await self._comment(player, act)
            case Freeze():
                await player.ask(
                    FreezeStatement(
                        campaign=self._theatre.campaign,
                        statement=self._letter,
                        revisions=(),
                        addressees=act.addressees,
                        deadline_ms=self._now_ms() + act.lifetime_ms,
                    ),
                    StatementView,
                )
            case Sign():
                return await self._sign(player)
            case Withdraw():
                view = await player.ask(
                    WithdrawSignature(campaign=self._theatre.campaign, statement=self._letter), StatementView
                )
                return line(_COUNTED, count=view.tally.counted)
            case Release():
                view = await player.ask(
                    ReleaseStatement(campaign=self._theatre.campaign, statement=self._letter), StatementView
                )
                return line(marked("Signatures on it: %(count)d."), count=view.tally.counted)
            case GoOffline():
                self._left_with[who] = (await self._show(player)).operations
                await player.leave()
            case ComeBack():
                return await self._come_back(player)
        return ""

    async def _say(self, player: Player, act: Say) -> None:
        campaign, channel = self._theatre.campaign, await self._channel(player, act.channel)
        reply_to = b""
        if act.to_user:
            heard = await self._heard_from_user(player)
            if heard:
                channel, reply_to = heard[-1]
                self._answered = len(heard)
        await player.ask(
            PostMessage(campaign=campaign, channel=channel, text=act.text, reply_to=reply_to), MessageView
        )

    async def _amend(self, player: Player, act: Amend) -> None:
        edited = _text_of(await self.statement(player), act.language)
        await player.ask(
            AmendStatement(
                campaign=self._theatre.campaign,
                statement=self._letter,
                language=act.language,
                title=act.title,
                text=act.text,
                base=edited.id if edited is not None else b"",
            ),
            StatementView,
        )

    async def _comment(self, player: Player, act: Comment) -> None:
        about = _text_of(await self.statement(player), act.language)
        if about is None:
            raise RehearsalFailed(f"{player.name} finds no text to comment on.")
        await player.ask(
            CommentStatement(
                campaign=self._theatre.campaign,
                statement=self._letter,
                revision=about.id,
                paragraph=min(act.paragraph, len(about.paragraphs)),
                text=act.text,
            ),
            StatementView,
        )

    async def _sign(self, player: Player) -> str:
        signs = player.part.signs
        assert signs is not None, "observers have no step that signs"
        letter = await self.statement(player)  # what is signed is what this node shows
        view = await player.ask(
            SignStatement(
                campaign=self._theatre.campaign,
                statement=self._letter,
                digest=letter.digest,
                capacity=signs.capacity,
                name=signs.name,
                title=signs.title,
                affiliation=signs.affiliation,
                country=signs.country,
                languages_read=signs.languages_read,
            ),
            StatementView,
        )
        return line(_COUNTED, count=view.tally.counted)

    async def _come_back(self, player: Player) -> str:
        await player.start()
        await player.unlock()
        await self._theatre.until_agreed(f"{player.name} has not caught up")
        held = (await self._show(player)).operations
        fetched = held - self._left_with[player.part]
        return line(marked("Fetched: %(count)d operations."), count=fetched)

    async def _show(self, player: Player) -> CampaignView:
        return await player.ask(ShowCampaign(campaign=self._theatre.campaign), CampaignView)

    async def _channel(self, player: Player, name: str) -> bytes:
        view = await self._show(player)
        for channel in view.channels:
            if channel.name == name:
                return channel.id
        raise RehearsalFailed(f"{player.name} sees no channel #{name}.")

    # --- A person's steps

    async def _wait_for_person(self, step: Step) -> None:
        assert step.asked, "a person is asked"
        self._tell(step.asked, self._over)
        written = len(await self._heard_from_user(self._theatre.user))
        await self._theatre.until(
            "The person has not acted", lambda: self._person_lacks(step.act, written), timeout_s=None
        )
        await self._theatre.until_agreed("Not every node has what the person did")
        self._done(marked("Done."))

    async def _person_lacks(self, act: Act, written: int) -> str:
        """What the person has still to do, on the node's own word; meanwhile somebody answers them."""
        user = self._theatre.user
        if isinstance(act, Say):
            heard = await self._heard_from_user(user)
            return "" if len(heard) > written else "nothing was written"
        await self._answer_person()
        letter = await self.statement(user)
        if letter.phase is StatementPhase.RELEASED:
            return ""
        if isinstance(act, Sign):
            return "" if letter.mine is EntryState.COUNTED else "not signed"
        assert isinstance(act, Release), "no other step is a person's"
        return "not released"

    async def _answer_person(self) -> None:
        heard = await self._heard_from_user(self._theatre.user)
        if len(heard) <= self._answered:
            return
        part, text = FURTHER_ANSWERS[self._answered % len(FURTHER_ANSWERS)]
        self._answered = len(heard)
        channel, message = heard[-1]
        player = self._theatre.player(part)
        if player.online:
            await player.ask(
                PostMessage(campaign=self._theatre.campaign, channel=channel, text=text, reply_to=message),
                MessageView,
            )

    async def _heard_from_user(self, player: Player) -> list[tuple[bytes, bytes]]:
        """Channel and id of each message of the user's that this player holds, oldest first."""
        campaign = await self._show(player)
        found: list[tuple[int, bytes, bytes]] = []
        for channel in campaign.channels:
            view = await player.ask(
                ListMessages(campaign=campaign.id, channel=channel.id, limit=500), MessagesView
            )
            found += [(one.at_ms, channel.id, one.id) for one in view.messages if one.author == self._user]
        return [(channel, message) for _, channel, message in sorted(found)]


def _text_of(letter: StatementView, language: str) -> RevisionView | None:
    """The newest current text of a language."""
    fits = [one for one in letter.revisions if one.current and one.language == language]
    return fits[-1] if fits else None
