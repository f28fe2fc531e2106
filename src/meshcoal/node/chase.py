"""The list of those whom to ask for a signature, of one open letter.

Law: it says what is known, and for nobody that they declined.
"""

from __future__ import annotations

from typing import Final

from meshcoal.api.chase_views import AskedState, AskedView, ChaseView, OfficeAskedView
from meshcoal.api.views import RequestState, RequestView
from meshcoal.errors import WrongPhase
from meshcoal.ids import AuthorId
from meshcoal.node.campaign import Campaign
from meshcoal.node.shows import Shows
from meshcoal.statement.desk import last_asked
from meshcoal.statement.model import Statement, StatementPhase
from meshcoal.statement.office_view import request_views
from meshcoal.statement.quorum import agreeing
from meshcoal.wire.desk import Way
from meshcoal.wire.terms import NameMode, Seat

_OPEN: Final = (RequestState.WAITING, RequestState.TO_SIGN)


def chase(shows: Shows, campaign: Campaign, statement: Statement, now_ms: int) -> ChaseView:
    """Raises `WrongPhase`: the letter is not open for signing."""
    frozen = statement.frozen
    if frozen is None or statement.phase is not StatementPhase.OPEN:
        raise WrongPhase("The letter is not open for signing: there is nobody to ask.")
    roster = campaign.roster()
    standing = {entry.sign_on.author for entry in statement.entries if entry.standing is not None}
    lapsed = {one.sign_on.author for one in statement.lapsed}
    asked = {
        author
        for author in roster.active()
        if author not in standing and roster.members[author].seat is not Seat.OBSERVER
    }
    texts = [revision.id for revision in statement.revisions if revision.frozen]
    agreed = agreeing(statement)
    # By their keys: names can be the same.
    requests = request_views(statement, lambda one: one.hex(), me=campaign.me, now_ms=now_ms)
    members = shows.delivery.holders(campaign, [frozen.id, *texts]).members
    told = last_asked(shows.desk.told(campaign, statement))
    found = []
    for one in members:
        author = AuthorId(one.author)
        if author not in asked:
            continue
        before, times = told.get(author, (None, 0))
        state = AskedState.UNKNOWN if one.lacking else AskedState.REACHED
        found.append(
            AskedView(
                author=author,
                name=one.name,
                me=one.me,
                state=AskedState.EARLIER if author in lapsed else state,
                agrees=author in agreed,
                decides_for=tuple([request.office for request in requests if _decides(request, author)]),
                connected=one.connected,
                last_seen_ms=one.last_seen_ms,
                wrote_ms=one.wrote_ms,
                asked_ms=before.at_ms if before else -1,
                asked_by=shows.name_of(campaign, before.author) if before else "",
                asked_way=before.note.way if before else Way.NONE,
                times=times,
            )
        )
    return ChaseView(
        campaign=campaign.id,
        statement=statement.id,
        title=statement.title,
        version=frozen.version,
        digest=frozen.digest,
        deadline_ms=frozen.deadline_ms,
        soft_deadline_ms=frozen.body.soft_deadline_ms or -1,
        counted=len(statement.counted()),
        may_mark=roster.is_organiser(campaign.me),
        sealed=bool(frozen.body.sealed_until),
        unnamed=NameMode.COUNTED in frozen.body.modes,
        asked=tuple(sorted(found, key=lambda one: (not one.connected, -one.last_seen_ms, one.name))),
        offices=tuple(
            [
                OfficeAskedView(
                    office=one.office,
                    step=one.step,
                    waits_for=shows.name_of(campaign, AuthorId(bytes.fromhex(one.waits_for))),
                    since_ms=one.since_ms,
                )
                for one in requests
                if one.state in _OPEN
            ]
        ),
    )


def _decides(request: RequestView, author: AuthorId) -> bool:
    return request.state in _OPEN and author.hex() in (request.waits_for, *request.deputies)
