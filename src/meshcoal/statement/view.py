"""A statement as a client shows it.

Law: a view fits the local socket whatever members wrote: old texts give way before new ones, and the frozen
and current ones stay. Names of members are the caller's (petnames); names of signatories are their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from meshcoal.api.case_views import StepView
from meshcoal.api.views import (
    Action,
    AftermathView,
    AttachmentView,
    CommentView,
    CountedView,
    Direction,
    EntryView,
    QuorumView,
    RevisionView,
    SealView,
    StatementSummaryView,
    StatementView,
    TallyView,
)
from meshcoal.ids import AuthorId, OperationId
from meshcoal.limits import (
    AFTERMATH_SHOWN_MAX,
    CHECKERS_SHOWN_MAX,
    FOLLOW_UPS_SHOWN_MAX,
    KIB,
    LANGUAGES_MAX,
    MIB,
)
from meshcoal.statement import quorum
from meshcoal.statement.addenda_view import addendum_views, late_view
from meshcoal.statement.aftermath import follow_ups
from meshcoal.statement.model import (
    Aftermath,
    Attaching,
    Comment,
    Entry,
    EntryState,
    RedLine,
    Revision,
    Roster,
    Standing,
    Statement,
    StatementPhase,
)
from meshcoal.statement.office_view import request_views
from meshcoal.wire.naming import NameIn
from meshcoal.wire.terms import DRAFT_SEATS, NAMED_ALONE, ORGANISATIONS, AftermathKind, Role, Seat, Stance

Names = Callable[[AuthorId], str]
Attached = Callable[[Attaching], tuple[AttachmentView, ...]]
Held = Callable[[Iterable[OperationId]], tuple[int, int]]

REVISIONS_SHOWN_MAX: Final = 1_000
COMMENTS_SHOWN_MAX: Final = 4_000
_REVISION_BYTES_MAX: Final = 4 * MIB
_COMMENT_BYTES_MAX: Final = 2 * MIB
_AFTERMATH_BYTES_MAX: Final = 1 * MIB
_NAMES_BYTES_MAX: Final = 256 * KIB
_NEVER: Final = -1
_STANDING: Final = (
    EntryState.COUNTED,
    EntryState.WAITING,
    EntryState.DOUBLED,
    EntryState.LATE,
    EntryState.AFTER_RELEASE,
    EntryState.ADDED,
)


def statement_view(
    statement: Statement,
    *,
    me: AuthorId,
    active: bool,
    seat: Seat,
    role: Role,
    roster: Roster,
    names: Names,
    now_ms: int,
    held: Held,
    standing: Standing | None = None,
    attached: Attached = lambda _one: (),
    commenters: Names | None = None,
    draft_seats: tuple[Seat, ...] = DRAFT_SEATS,
    witness_seats: tuple[Seat, ...] = DRAFT_SEATS,
    set_aside: tuple[AuthorId, ...] = (),
    asked: tuple[AuthorId, ...] = (),
    course: tuple[StepView, ...] = (),
    replies: int = 0,
    seal: SealView | None = None,
    unnamed: CountedView | None = None,
) -> StatementView:
    """All of a statement, with what I may do about it now.

    Args:
        active: whether I am a member at present; who left or was removed may read and export.
        seat, role: mine.
        names: how this node names an author.
        held: how many members are known to hold all of some operations, and of how many.
        commenters: how who wrote a comment is called, if not as `names` has it.
        draft_seats: who may write letters.
        witness_seats: who may enter signatures on paper.
        standing: whose consent a release needs now; None: nobody's.
        attached: the files of a text or a comment, as they are shown.
        set_aside: whose sign-on is void because their log is forked.
        asked: active members who may sign.
        course: what comes next, and for whom it waits.
        replies: from outside, that wait on this device for a decision.
        seal: its sealed sign-ons.
        unnamed: who is counted and not named.
    """
    frozen = statement.frozen
    released = statement.released
    mine, lapsed = statement.entry_of(me), statement.lapsed_of(me)
    before = statement.replaced[-1] if statement.replaced else None
    earlier = lapsed.frozen if lapsed else before
    held_by, held_of = held(letter_operations(statement))
    checkers = _checkers(statement, commenters or names)
    agreed = quorum.agreeing(statement)
    waiting = late_view(statement, roster)
    return StatementView(
        campaign=statement.campaign,
        id=statement.id,
        title=statement.title,
        phase=statement.phase,
        name=names(statement.author),
        revisions=tuple(
            [_revision_view(revision, names, attached, checkers) for revision in _shown_revisions(statement)]
        ),
        comments=tuple(
            [
                _comment_view(comment, commenters or names, attached, me)
                for comment in _shown_comments(statement)
            ]
        ),
        version=frozen.version if frozen else 0,
        digest=frozen.digest if frozen else b"",
        canonical_text=frozen.canonical_text.decode() if frozen else "",
        addressees=frozen.body.addressees if frozen else (),
        languages=frozen.languages if frozen else _languages(statement),
        deadline_ms=frozen.deadline_ms if frozen else _NEVER,
        soft_deadline_ms=(frozen.body.soft_deadline_ms or _NEVER) if frozen else _NEVER,
        grace_ms=frozen.body.grace_ms if frozen else 0,
        released_ms=released.body.at_ms if released else _NEVER,
        released_by=names(released.author) if released else "",
        earlier_version=earlier.version if earlier else 0,
        earlier_text=earlier.canonical_text.decode() if earlier else "",
        lapsed=tuple([names(one.sign_on.author) for one in statement.lapsed]),
        unsigned=tuple([names(author) for author in _unsigned(statement, asked)]),
        tally=tally_view(statement, roster=roster, names=names, held=held),
        mine=mine.state if mine else EntryState.LAPSED if lapsed else None,
        actions=_actions(
            statement,
            mine,
            lapsed=lapsed is not None,
            active=active,
            seat=seat,
            role=role,
            draft_seats=draft_seats,
            late=waiting is not None,
            witness_seats=witness_seats,
            now_ms=now_ms,
        ),
        ineffective=len(statement.ineffective),
        set_aside=tuple([names(author) for author in set_aside]),
        held_by=held_by,
        held_of=held_of,
        aftermath=tuple([_aftermath_view(one, names, attached, me) for one in _shown_aftermath(statement)]),
        modes=frozen.body.modes if frozen else NAMED_ALONE,
        requests=request_views(statement, names, me=me, now_ms=now_ms),
        topics=frozen.body.topics if frozen else (),
        countries=frozen.body.countries if frozen else (),
        asks=frozen.body.asks if frozen else (),
        case=statement.case,
        course=course,
        calls=len(statement.calls),
        paper=frozen is not None and frozen.body.paper,
        replies=replies,
        seal=seal,
        unnamed=unnamed,
        quorum=_quorum_views(statement, standing),
        agreed=tuple([names(author) for author in agreed]),
        addenda=addendum_views(statement, names),
        late=waiting,
        not_before_ms=(released.body.not_before_ms or _NEVER) if released else _NEVER,
        agreed_by_me=agreed[me].id if me in agreed else b"",
    )


def _unsigned(statement: Statement, asked: tuple[AuthorId, ...]) -> list[AuthorId]:
    """Whom an organiser may remind. Who declined is not told apart: that is nobody's business."""
    if statement.phase is not StatementPhase.OPEN:
        return []
    standing = {entry.sign_on.author for entry in statement.entries if entry.standing is not None}
    return [author for author in asked if author not in standing]


def _quorum_views(statement: Statement, standing: Standing | None) -> tuple[QuorumView, ...]:
    if standing is None or statement.phase is not StatementPhase.OPEN:
        return ()
    return tuple(
        [
            QuorumView(seat=share.seat, needed=share.needed, have=share.have)
            for share in quorum.reached_so_far(statement, standing)
        ]
    )


def letter_operations(statement: Statement) -> tuple[OperationId, ...]:
    """All that matters of a statement now: who holds this, has the letter. The first texts stand first.

    Of a draft, its current texts; else the frozen ones, the freeze, the signatures on the list, the release,
    its addenda.
    """
    frozen, released = statement.frozen, statement.released
    if frozen is None:
        return tuple([revision.id for revision in statement.revisions if revision.current])
    texts = [revision.id for revision in statement.revisions if revision.frozen]
    signed = [sign_on.id for sign_on in statement.counted() if not sign_on.sealed]
    signed += dict.fromkeys([one.accept for one in statement.counted_outside()])
    signed += dict.fromkeys([one.sheet.id for one in statement.counted_on_paper()])
    for added in statement.addenda:
        signed += [one.id for one in added.sign_ons if not one.sealed]
        signed += dict.fromkeys([one.accept for one in added.outside])
    out = [released.id, *[added.id for added in statement.addenda]] if released else []
    return (*texts, frozen.id, *signed, *out)


def summary_view(statement: Statement, *, me: AuthorId) -> StatementSummaryView:
    """One line of a list of statements."""
    mine = statement.entry_of(me)
    return StatementSummaryView(
        id=statement.id,
        title=statement.title,
        phase=statement.phase,
        deadline_ms=statement.frozen.deadline_ms if statement.frozen else _NEVER,
        counted=len(statement.counted())
        + len(statement.counted_outside())
        + len(statement.counted_on_paper()),
        signed_by_me=mine is not None and mine.standing is not None,
        follow_ups_ms=follow_ups(statement)[:FOLLOW_UPS_SHOWN_MAX],
        case=statement.case,
    )


def tally_view(statement: Statement, *, roster: Roster, names: Names, held: Held) -> TallyView:
    """The count by class and seat, and the list. Seats are as of now, and stay inside the campaign."""
    counted, outside = statement.counted(), statement.counted_outside()
    capacities = [sign_on.body.capacity for sign_on in counted]
    capacities += [one.said.fields.capacity for one in outside]
    organisations = sum(capacity in ORGANISATIONS for capacity in capacities)
    seats = [_seat(sign_on.author, roster) for sign_on in counted]
    on_paper = statement.counted_on_paper()
    return TallyView(
        digest=statement.tally_digest,
        organisations=organisations,
        individuals=len(capacities) - organisations,
        counted=len(capacities),
        in_country=seats.count(Seat.IN_COUNTRY),
        exile=seats.count(Seat.EXILE),
        ingo=seats.count(Seat.INGO),
        entries=tuple(_entry_views(statement, roster, names, held)),
        outside=len(outside),
        on_paper=len(on_paper),
        witnesses=len({entry.sheet.head.act_key for entry in on_paper}),
    )


def _actions(
    statement: Statement,
    mine: Entry | None,
    *,
    lapsed: bool,
    active: bool,
    seat: Seat,
    role: Role,
    draft_seats: tuple[Seat, ...],
    late: bool,
    witness_seats: tuple[Seat, ...],
    now_ms: int,
) -> tuple[Action, ...]:
    released = statement.phase is StatementPhase.RELEASED
    frozen = statement.frozen
    stands = mine is not None and mine.state in _STANDING
    organiser = role is Role.ORGANISER
    gone = mine is not None and mine.state is EntryState.WITHDRAWN_AFTER_RELEASE
    may_sign = frozen is not None and not stands and not gone and seat is not Seat.OBSERVER
    in_time = frozen is not None and not released and now_ms <= frozen.deadline_ms
    allowed = {
        Action.AMEND: not released and seat in draft_seats,
        Action.COMMENT: not released,
        Action.FREEZE: frozen is None and organiser,
        Action.REVISE: frozen is not None and not released and organiser,
        Action.SIGN: may_sign and in_time,
        Action.SIGN_LATE: may_sign and not in_time,
        Action.WITHDRAW: stands or lapsed,
        Action.RELEASE: frozen is not None
        and not released
        and organiser
        and bool(statement.counted() or statement.counted_outside() or statement.counted_on_paper()),
        Action.WITNESS: frozen is not None and not released and frozen.body.paper and seat in witness_seats,
        Action.ADDENDUM: released and organiser and late,
        Action.ENTER: released and seat is not Seat.OBSERVER,
    }
    actions = [action for action, fits in allowed.items() if fits and active]
    if released:
        actions.append(Action.EXPORT)
    return tuple(actions)


def _languages(statement: Statement) -> tuple[str, ...]:
    return tuple(dict.fromkeys(revision.language for revision in statement.revisions))[:LANGUAGES_MAX]


def _shown_revisions(statement: Statement) -> list[Revision]:
    """Frozen and current ones first, then the newest, as far as there is room; in the order of the log."""
    wanted = sorted(
        enumerate(statement.revisions),
        key=lambda item: (not item[1].frozen, not item[1].current, -item[0]),
    )
    shown = []
    room_bytes = _REVISION_BYTES_MAX
    for index, revision in wanted[:REVISIONS_SHOWN_MAX]:
        room_bytes -= sum(len(paragraph.encode()) + 8 for paragraph in revision.paragraphs)
        if room_bytes < 0:
            break
        shown.append((index, revision))
    return [revision for _, revision in sorted(shown, key=lambda item: item[0])]


def _shown_comments(statement: Statement) -> list[Comment]:
    """Red lines that stand first, then the newest, as far as there is room; in the order of the log."""
    wanted = sorted(
        enumerate(statement.comments), key=lambda item: (item[1].red_line is not RedLine.STANDS, -item[0])
    )
    shown = []
    room_bytes = _COMMENT_BYTES_MAX
    for index, comment in wanted[:COMMENTS_SHOWN_MAX]:
        room_bytes -= len(comment.text.encode()) + 200
        if room_bytes < 0:
            break
        shown.append((index, comment))
    return [comment for _, comment in sorted(shown, key=lambda item: item[0])]


def _shown_aftermath(statement: Statement) -> list[Aftermath]:
    """What is open first, then the newest, as far as there is room; in the order of the log."""
    wanted = sorted(
        enumerate(statement.aftermath), key=lambda item: (not item[1].due_ms, item[1].replaced, -item[0])
    )
    shown = []
    room_bytes = _AFTERMATH_BYTES_MAX
    for index, entry in wanted[:AFTERMATH_SHOWN_MAX]:
        room_bytes -= len(entry.text.encode()) + len(entry.addressee.encode()) + 600
        if room_bytes < 0:
            break
        shown.append((index, entry))
    return [entry for _, entry in sorted(shown, key=lambda item: item[0])]


def _aftermath_view(entry: Aftermath, names: Names, attached: Attached, me: AuthorId) -> AftermathView:
    delivery = entry.entry is AftermathKind.DELIVERY
    return AftermathView(
        id=entry.id,
        entry=entry.entry,
        name=names(entry.author),
        mine=entry.author == me,
        at_ms=entry.at_ms,
        happened_ms=entry.happened_ms,
        addressee=entry.addressee,
        deliverer=(entry.deliverer or names(entry.author)) if delivery else "",
        means=entry.means,
        text=entry.text,
        receipt=entry.receipt,
        about=entry.about,
        follow_up_ms=entry.follow_up_ms or _NEVER,
        corrects=entry.corrects,
        replaced=entry.replaced,
        due_ms=entry.due_ms or _NEVER,
        addenda=entry.addenda,
        attachments=attached(entry),
    )


def _checkers(statement: Statement, names: Names) -> dict[OperationId, tuple[str, ...]]:
    """Who says of which translation that they compared it; nobody checks their own."""
    authors = {revision.id: revision.author for revision in statement.revisions}
    found: dict[OperationId, dict[AuthorId, None]] = {}
    for comment in statement.comments:
        if comment.stance is Stance.CHECKED and authors[comment.revision] != comment.author:
            found.setdefault(comment.revision, {})[comment.author] = None
    return {
        revision: tuple([names(one) for one in checkers])[:CHECKERS_SHOWN_MAX]
        for revision, checkers in found.items()
    }


def _revision_view(
    revision: Revision, names: Names, attached: Attached, checkers: dict[OperationId, tuple[str, ...]]
) -> RevisionView:
    return RevisionView(
        id=revision.id,
        language=revision.language,
        direction=Direction(revision.direction.value),
        title=revision.title,
        paragraphs=revision.paragraphs,
        name=names(revision.author),
        at_ms=revision.at_ms,
        base=revision.base,
        merges=revision.merges,
        translates=revision.translates,
        stale=revision.stale,
        checked_by=checkers.get(revision.id, ()),
        current=revision.current,
        frozen=revision.frozen,
        attachments=attached(revision),
        credit=revision.credit,
    )


def _comment_view(comment: Comment, names: Names, attached: Attached, me: AuthorId) -> CommentView:
    return CommentView(
        id=comment.id,
        revision=comment.revision,
        language=comment.language,
        paragraph=comment.paragraph,
        name=names(comment.author),
        at_ms=comment.at_ms,
        text=comment.text,
        stance=comment.stance,
        red_line=comment.red_line,
        mine=comment.author == me,
        lifts=comment.lifts,
        attachments=attached(comment),
    )


def _entry_views(statement: Statement, roster: Roster, names: Names, held: Held) -> list[EntryView]:
    """Where there are very many, the last ones without their names in other scripts."""
    found = []
    room_bytes = _NAMES_BYTES_MAX
    for entry in statement.entries:
        body = entry.sign_on.body
        spelled = body.annex.names if body.annex else body.names
        room_bytes -= sum(len(one.name.encode()) + 24 for one in spelled)
        found.append(_entry_view(entry, roster, names, held, spelled if room_bytes >= 0 else ()))
    return found


def _entry_view(
    entry: Entry, roster: Roster, names: Names, held: Held, spelled: tuple[NameIn, ...]
) -> EntryView:
    body = entry.sign_on.body
    annex = body.annex
    return EntryView(
        id=entry.sign_on.id,
        author=entry.sign_on.author,
        member=names(entry.sign_on.author),
        capacity=body.capacity,
        name=annex.name if annex else body.name,
        title=annex.title if annex else body.title,
        affiliation=body.affiliation,
        country=annex.country if annex else body.country,
        seat=_seat(entry.sign_on.author, roster),
        at_ms=body.at_ms,
        state=entry.state,
        held_by=0 if entry.sign_on.sealed else held((entry.sign_on.id,))[0],
        languages_read=body.languages_read,
        names=spelled,
        members=annex.members if annex else body.members,
        mode=body.mode,
        logo=bool(body.logo),
        needs=body.condition.needs if body.condition else (),
        office=entry.sign_on.office_name,
        mandate=names(entry.sign_on.mandate_giver) if entry.sign_on.mandate_giver else "",
        sealed=entry.sign_on.sealed,
        addendum=entry.addendum,
    )


def _seat(author: AuthorId, roster: Roster) -> Seat:
    signer = roster(author)
    assert signer is not None, "who has an entry is on the roster"
    return signer.seat
