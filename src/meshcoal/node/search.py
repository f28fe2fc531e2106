"""Finding talk and letters again.

Law: nothing is found that is not shown: what does not count, was taken back or has vanished is passed over,
and who comments behind a seat is found behind it. Nobody hears of what is looked for.
"""

from __future__ import annotations

from typing import Final

from meshcoal.api.search import FoundKind, FoundsView, FoundView, Search
from meshcoal.api.talk_views import MessageState
from meshcoal.errors import BadArgument
from meshcoal.ids import AuthorId, CampaignId, OperationId
from meshcoal.limits import MARKS_EACH_MAX
from meshcoal.log.reader import FoundRow
from meshcoal.node.campaign import Campaign
from meshcoal.node.commands import Commands, handles
from meshcoal.node.marks import spoken
from meshcoal.node.rights import commenters
from meshcoal.node.step import Step
from meshcoal.node.talk import mark_counts
from meshcoal.node.timeline import Timelines
from meshcoal.statement.model import Attaching
from meshcoal.text.folding import Question, place, question
from meshcoal.wire.operation import Kind
from meshcoal.wire.record import Record

_EXCERPT_CHARS: Final = 160
_BEFORE_CHARS: Final = 40
_KINDS: Final = {Kind.COMMENT: FoundKind.COMMENT, Kind.DRAFT: FoundKind.LETTER, Kind.AMEND: FoundKind.LETTER}


@handles(Search)
def _search(self: Commands, step: Step, command: Search) -> Record:
    asked = question(command.text)
    if asked.empty:
        raise BadArgument("Write a word to look for: letters or digits.")
    only = self.campaign(command.campaign).id if command.campaign else None
    reader = self.core.reader
    finds = reader.find(only, asked, before=command.before or None, limit=command.limit)
    finder = _Finder(self, asked)
    shown = [finder.view(row) for row in finds.rows]
    left, operations = reader.unindexed()
    return FoundsView(
        found=tuple([one for one in shown if one is not None]),
        before=finds.before or 0,
        unindexed=left,
        operations=operations,
    )


class _Finder:
    """Turns rows into views, for one question."""

    def __init__(self, commands: Commands, asked: Question) -> None:
        self._core = commands.core
        self._asked = asked

    @property
    def _timelines(self) -> Timelines:
        return self._core.shows.timelines

    def view(self, row: FoundRow) -> FoundView | None:
        """None for what is not shown."""
        campaign = self._core.campaigns.get(CampaignId(row.campaign))
        if campaign is None:
            return None
        if row.kind == Kind.POST:
            return self._message(campaign, row)
        if row.kind in (Kind.CASE, Kind.REPORT):
            return self._case(campaign, row)
        return self._letter(campaign, row)

    def _message(self, campaign: Campaign, row: FoundRow) -> FoundView | None:
        said = campaign.reader.message(OperationId(row.about))
        if said is None or said.channel not in campaign.roster().channels:
            return None
        if not campaign.talk_counts(said.author, said.context, said.channel):
            return None
        marks = campaign.reader.marks(campaign.id, (said.id,), each=MARKS_EACH_MAX)
        mentions, at_ms = said.mentions, said.at_ms
        if row.id != said.id:
            edition = next((one for one in marks if one.id == row.id), None)
            if edition is None or not mark_counts(campaign, said, edition):
                return None
            mentions, at_ms = edition.mentions, edition.at_ms
        view = self._timelines.message(campaign, said)
        if view.state is not MessageState.SAID:
            return None
        text = spoken(row.text, mentions, lambda author: self._core.shows.name_of(campaign, author))
        return self._found(
            campaign,
            FoundKind.EDITION if row.id != said.id or view.edited_ms else FoundKind.MESSAGE,
            text,
            channel=said.channel,
            where=campaign.roster().channels[said.channel].name,
            message=said.id,
            about=b"",
            name=view.name,
            me=view.me,
            at_ms=at_ms,
        )

    def _letter(self, campaign: Campaign, row: FoundRow) -> FoundView | None:
        statement = campaign.statements.get(OperationId(row.about))
        if statement is None:
            return None
        parts: list[Attaching] = [*statement.comments, *statement.revisions]
        one = next((part for part in parts if part.id == row.id), None)
        if one is None:
            return None

        def name_of(author: AuthorId) -> str:
            return self._core.shows.name_of(campaign, author)

        called = commenters(campaign, name_of) if row.kind == Kind.COMMENT else name_of
        return self._found(
            campaign,
            _KINDS[Kind(row.kind)],
            row.text,
            channel=b"",
            where=statement.title,
            message=b"",
            about=statement.id,
            name=called(AuthorId(one.author)),
            me=one.author == campaign.me,
            at_ms=one.at_ms,
        )

    def _case(self, campaign: Campaign, row: FoundRow) -> FoundView | None:
        for case in campaign.cases.all():
            written: list[Attaching] = [case, *case.entries]
            for one in written:
                if one.id == row.id:
                    return self._found(
                        campaign,
                        FoundKind.CASE,
                        row.text,
                        channel=b"",
                        where=case.title,
                        message=b"",
                        about=case.id,
                        name=self._core.shows.name_of(campaign, AuthorId(one.author)),
                        me=one.author == campaign.me,
                        at_ms=one.at_ms,
                    )
        return None

    def _found(
        self,
        campaign: Campaign,
        kind: FoundKind,
        text: str,
        *,
        channel: bytes,
        where: str,
        message: bytes,
        about: bytes,
        name: str,
        me: bool,
        at_ms: int,
    ) -> FoundView:
        begin, end = place(text, self._asked) or (0, 0)
        cut = max(0, begin - _BEFORE_CHARS)
        excerpt = text[cut : cut + _EXCERPT_CHARS]
        create = campaign.roster().create
        return FoundView(
            kind=kind,
            campaign=campaign.id,
            campaign_name=create.name if create else "",
            channel=channel,
            place=where,
            message=message,
            about=about,
            name=name,
            me=me,
            at_ms=at_ms,
            excerpt=excerpt,
            lit_from=min(begin - cut, len(excerpt)),
            lit_to=min(end - cut, len(excerpt)),
        )
