"""Writing on the organisers' desk: who was asked to sign.

Law: as in `node.commands`. Two organisers do not press one person within a day unless they say that they
mean it.
"""

from __future__ import annotations

from collections.abc import Iterable

from meshcoal.api import commands as ask
from meshcoal.clock import DAY_MS
from meshcoal.errors import Unknown, WrongPhase
from meshcoal.ids import AuthorId
from meshcoal.node.campaign import Campaign
from meshcoal.node.chase import chase
from meshcoal.node.commands import Commands, handles
from meshcoal.node.desk import organisers_of
from meshcoal.node.reply_desk import links_of
from meshcoal.node.statement_commands import only_organisers, statement_of
from meshcoal.node.step import Step
from meshcoal.statement.desk import last_asked, seal_note
from meshcoal.statement.model import Statement
from meshcoal.wire.desk import DeskBody, DeskNote
from meshcoal.wire.operation import Kind
from meshcoal.wire.record import Record


@handles(ask.MarkAsked)
def _mark_asked(self: Commands, step: Step, command: ask.MarkAsked) -> Record:
    campaign = self.acting(command.campaign)
    only_organisers(campaign)
    statement = statement_of(self, campaign, command.statement)
    shows = self.core.shows
    waited_for = {one.author for one in chase(shows, campaign, statement, step.now_ms).asked if not one.me}
    if not waited_for.issuperset(command.members):
        raise Unknown("One of these is not waited for any more, or cannot sign: look at the list again.")
    before = last_asked(shows.desk.told(campaign, statement))
    for member in command.members:
        asked = before.get(AuthorId(member))
        recent = asked is not None and step.now_ms - asked[0].at_ms < DAY_MS
        if recent and asked is not None and asked[0].author != campaign.me and not command.again:
            raise WrongPhase(
                "Somebody else asked one of them less than a day ago. To note it all the same, add --again."
            )
    frozen = statement.frozen
    assert frozen is not None, "who is chased signs a frozen text"
    write_note(
        self,
        campaign,
        step,
        statement,
        DeskNote(asked=tuple(sorted(command.members)), way=command.way),
        digest=frozen.digest,
        holders=organisers_of(campaign),
    )
    return chase(shows, campaign, statement_of(self, campaign, command.statement), step.now_ms)


def write_note(
    self: Commands,
    campaign: Campaign,
    step: Step,
    statement: Statement,
    note: DeskNote,
    *,
    digest: bytes,
    holders: Iterable[AuthorId],
) -> None:
    """Write a note that these can read."""
    ordered = tuple(sorted(holders))
    sealed = seal_note(
        note, links_of(campaign, ordered), digest=digest, author=campaign.me, entropy=self.entropy
    )
    body = DeskBody(at_ms=step.now_ms, statement=statement.id, digest=digest, holders=ordered, note=sealed)
    self.write(campaign, step, Kind.DESK, body)
