"""A coalition of nodes that sign sealed: everybody knows everybody, and a letter is frozen for it."""

from __future__ import annotations

from meshcoal.api.commands import (
    Capacity,
    ConfirmMember,
    DraftStatement,
    FreezeStatement,
    ReleaseStatement,
    ShowMemberWords,
    ShowStatement,
    SignCounted,
    SignSealed,
    SignStatement,
    WithdrawCounted,
    WithdrawSealed,
)
from meshcoal.api.views import CountedView, MemberWordsView, SealView, SpellingView, StatementView
from meshcoal.clock import DAY_MS, MINUTE_MS
from meshcoal.ids import CampaignId
from meshcoal.node.node import Node
from meshcoal.sim.coalition import admit, author_of, found
from meshcoal.sim.machine import Maker
from meshcoal.sim.network import Faults
from meshcoal.sim.world import World
from meshcoal.wire.terms import NAMED_ALONE, NameMode, Seat

CALM = Faults(delay_ms=(5, 15), breaking_ms=(0, 50), refusal_ms=(1, 50))


class Sealers:
    """Members by name; the first has founded the campaign."""

    def __init__(
        self, members: int, *, threshold: int = 5, seed: int = 7, faults: Faults = CALM, maker: Maker = Node
    ) -> None:
        self.names = [f"m{number:02}" for number in range(members)]
        self.world = World(seed, faults, maker=maker)
        self.world.spawn(*self.names)
        self.world.run_ms(100)
        first, *others = self.names
        self.campaign: CampaignId = found(self.world, first)
        for name in others:
            admit(self.world, first, name, self.campaign, seat=Seat.IN_COUNTRY)
        self.world.run_ms(MINUTE_MS)
        self.introduce()
        self.threshold = threshold
        self.statement = self.draft()

    def introduce(self) -> None:
        """All compare words with all, in person."""
        authors = {name: author_of(self.world, name, self.campaign) for name in self.names}
        for name in self.names:
            for other in self.names:
                if name < other:
                    mine = ShowMemberWords(campaign=self.campaign, author=authors[other])
                    theirs = ShowMemberWords(campaign=self.campaign, author=authors[name])
                    here = self.world.look(name, mine, MemberWordsView).words
                    assert here == self.world.look(other, theirs, MemberWordsView).words
                    for one, author in ((name, authors[other]), (other, authors[name])):
                        command = ConfirmMember(campaign=self.campaign, author=author, match=True)
                        self.world.command(one, command, MemberWordsView)

    def member_words(self, name: str, other: str) -> tuple[SpellingView, ...]:
        """What one shows of another."""
        author = author_of(self.world, other, self.campaign)
        command = ShowMemberWords(campaign=self.campaign, author=author)
        return self.world.look(name, command, MemberWordsView).words

    def draft(self) -> bytes:
        command = DraftStatement(
            campaign=self.campaign, language="en", title="Free them", text="All of them."
        )
        view = self.world.command(self.names[0], command, StatementView)
        self.world.run_ms(MINUTE_MS)
        return view.id

    def freeze(
        self,
        *,
        days: int = 7,
        expires_ms: int = 0,
        modes: tuple[NameMode, ...] = NAMED_ALONE,
        replaces: bytes = b"",
    ) -> StatementView:
        command = FreezeStatement(
            campaign=self.campaign,
            statement=self.statement,
            revisions=(),
            addressees=("The court",),
            deadline_ms=self.world.now_ms + days * DAY_MS,
            sealed_until=self.threshold,
            modes=modes,
            replaces=replaces,
            seal_expires_ms=expires_ms,
        )
        view = self.world.command(self.names[0], command, StatementView)
        self.world.run_ms(10_000)
        return view

    def seal(self, name: str, *, floor: int = 0) -> StatementView:
        shown = self.look(name)
        command = SignSealed(
            campaign=self.campaign,
            statement=self.statement,
            digest=shown.digest,
            capacity=Capacity.ORGANISATION,
            name=f"signatory {name}",
            floor=floor,
        )
        return self.world.command(name, command, StatementView)

    def sign(self, name: str, *, mode: NameMode = NameMode.NAMED, late: bool = False) -> StatementView:
        """In the member's own log."""
        command = SignStatement(
            campaign=self.campaign,
            statement=self.statement,
            digest=self.look(name).digest,
            capacity=Capacity.ORGANISATION,
            name=f"signatory {name}",
            mode=mode,
            late=late,
        )
        return self.world.command(name, command, StatementView)

    def count(self, name: str) -> StatementView:
        """As one who is counted and not named."""
        command = SignCounted(campaign=self.campaign, statement=self.statement, digest=self.look(name).digest)
        return self.world.command(name, command, StatementView)

    def count_no_more(self, name: str) -> StatementView:
        command = WithdrawCounted(campaign=self.campaign, statement=self.statement)
        return self.world.command(name, command, StatementView)

    def unnamed(self, name: str) -> CountedView:
        """What a node shows of those who are counted and not named."""
        view = self.look(name).unnamed
        assert view is not None
        return view

    def take_back(self, name: str) -> StatementView:
        command = WithdrawSealed(campaign=self.campaign, statement=self.statement)
        return self.world.command(name, command, StatementView)

    def release(self) -> StatementView:
        command = ReleaseStatement(campaign=self.campaign, statement=self.statement)
        return self.world.command(self.names[0], command, StatementView)

    def look(self, name: str) -> StatementView:
        return self.world.look(
            name, ShowStatement(campaign=self.campaign, statement=self.statement), StatementView
        )

    def shown(self, name: str) -> SealView:
        """What a node shows of the sealed sign-ons."""
        view = self.look(name).seal
        assert view is not None
        return view

    def signed(self, name: str) -> list[str]:
        """Names on the list, as one node shows it."""
        return sorted(entry.name for entry in self.look(name).tally.entries)
