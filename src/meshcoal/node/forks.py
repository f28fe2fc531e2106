"""Members who gave two different operations at one place: noticing it, halting them, and the proof.

Law: a fork splits nobody and hides nothing. An organiser's node halts the author by itself; people decide
what becomes of them. Specified in docs/protocol/membership.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from meshcoal.api.views import ForkState, ForkView, NoticeKind
from meshcoal.campaign.membership import may
from meshcoal.ids import AuthorId, OperationId
from meshcoal.limits import BRANCHES_MAX, CLOSINGS_MAX, FORK_BYTES_MAX, TAKEN_OPERATIONS_MAX
from meshcoal.log.dag import Dag, past_of
from meshcoal.log.fork import encode_fork, prove_fork
from meshcoal.log.reader import MessageRow
from meshcoal.node.campaign import Campaign
from meshcoal.node.records import FORK_NOTICES, ForkNoticeRecord
from meshcoal.node.step import Step
from meshcoal.node.vouching import signs
from meshcoal.wire.bodies import HaltBody, RemoveBody
from meshcoal.wire.operation import Kind, Operation, decode_operation
from meshcoal.wire.terms import Role

if TYPE_CHECKING:
    from meshcoal.node.compose import Composer

_HALT_AFTER_MS: Final = 400
_HALT_STAGGER_MS: Final = 1_500


def note_fork(campaign: Campaign, step: Step, operation: Operation, before: int) -> bool:
    """An operation entered beside another: pass it on at once, and remember a fork that is new.

    Args:
        before: where the author's log was forked until now; -1: nowhere.

    Returns:
        Whether the log is forked where it was not.
    """
    author = operation.header.author
    campaign.branched_now.add(operation.id)
    if campaign.dag.forks[author].seq == before:
        return False
    kept = ForkNoticeRecord(at_ms=step.now_ms, told_by=campaign.told_by or b"")
    if author not in campaign.fork_notices:
        campaign.fork_notices[author] = kept
        step.put(FORK_NOTICES, campaign.id + author, kept)
    step.notice(NoticeKind.CAMPAIGN, campaign.id, author)
    return True


def cut_of(dag: Dag, operation: Operation, body: RemoveBody | HaltBody) -> tuple[OperationId, ...] | None:
    """What a removal or halt leaves standing of its target's log: the ends of what its past holds of it.

    None if it says otherwise than its past: it could be dated back to undo what its author had long seen.
    """
    target = AuthorId(body.member)
    if isinstance(body, HaltBody):
        ends = dag.ends_seen(past_of(operation), target) if target in dag.forks else ()
        return ends[:BRANCHES_MAX] if len(ends) >= 2 and ends[:BRANCHES_MAX] == body.ends else None
    last = dag.operations_at(target, body.last_seq) if body.last_seq >= 0 else ()
    last = tuple([one for one in last if dag.descends(operation, one)])
    if body.last_seq >= 0 and not last:
        return None
    if any(dag.descends(operation, one) for one in dag.operations_at(target, body.last_seq + 1)):
        return None
    fork = dag.forks.get(target)
    if fork is None or body.last_seq < fork.seq:
        return last
    return dag.ends_seen(past_of(operation), target)


def undecided(campaign: Campaign, author: AuthorId) -> bool:
    """Whether a member's log is forked in a way that nobody has halted or decided on yet."""
    roster = campaign.roster()
    if author not in campaign.dag.forks or not roster.is_active(author) or roster.is_halted(author):
        return False
    if campaign.retired.branches(author) < 2:
        return False  # anybody could have made the other
    pasts = [campaign.past_of(end) for end in campaign.dag.tips(author)]
    return all(sum(past >> restore & 1 for past in pasts) >= 2 for restore in roster.restores.get(author, ()))


def want_halts(campaign: Campaign, step: Step) -> None:
    """Where a fork is open and I am an organiser, halt its author soon: the first organiser first."""
    roster = campaign.roster()
    if not campaign.dag.forks or not roster.is_organiser(campaign.me):
        return
    if any(undecided(campaign, author) for author in campaign.dag.forks if author != campaign.me):
        organisers = [one for one in roster.active() if roster.members[one].role is Role.ORGANISER]
        delay_ms = _HALT_AFTER_MS + min(organisers.index(campaign.me), 20) * _HALT_STAGGER_MS
        step.timer(f"halt:{campaign.id.hex()}", step.now_ms + delay_ms)


def halt_all(campaign: Campaign, step: Step, composer: Composer) -> None:
    """Halt everybody whose fork is open, as far as my rights go."""
    for author in sorted(campaign.dag.forks):
        if author == campaign.me or not undecided(campaign, author):
            continue
        ends = campaign.dag.ends_seen(campaign.dag.parents_for_next, author)[:BRANCHES_MAX]
        if len(ends) < 2:
            continue  # not all of it fits among the parents of one operation: with the next one
        body = HaltBody(at_ms=step.now_ms, member=author, ends=ends)
        if may(campaign.roster(), campaign.me, body):
            composer.write_control(campaign, step, Kind.HALT, body)


def fork_state(campaign: Campaign, author: AuthorId) -> ForkState:
    """What became of a member whose log is forked."""
    roster = campaign.roster()
    if author not in campaign.dag.forks:
        return ForkState.NONE
    if not roster.is_active(author):
        return ForkState.OUT
    if roster.is_halted(author):
        return ForkState.HALTED
    if campaign.retired.branches(author) < 2:
        return ForkState.NONE
    return ForkState.OPEN if undecided(campaign, author) else ForkState.RESTORED


def doubted(campaign: Campaign, row: MessageRow) -> bool:
    """Whether what was said here may be one of two stories: behind a fork, before a decision on it."""
    fork = campaign.dag.forks.get(row.author)
    if fork is None or row.seq < fork.seq:
        return False
    if campaign.retired.branches(row.author) < 2:
        return campaign.retired.void(row.author, row.id, row.seq)
    past = campaign.dag.context_bits(row.context)
    restored = row.author in campaign.membership.roster_at(past).restores
    return not restored or not campaign.stands(row.author, row.id, row.seq, past)


def set_aside(campaign: Campaign, statement: OperationId) -> tuple[AuthorId, ...]:
    """Members with a forked log who signed a statement in vain, and did not sign it anew."""
    if not campaign.dag.forks:
        return ()
    void: dict[AuthorId, None] = {}
    for row in campaign.statements.rows_of(statement):
        if row.author not in campaign.dag.forks or Kind(row.kind) is not Kind.SIGN:
            continue
        past = campaign.dag.context_bits(row.context)
        if not campaign.stands(row.author, row.id, row.seq, past):
            void[row.author] = None
    held = campaign.statements.get(statement)
    return tuple([one for one in sorted(void) if held is None or held.entry_of(one) is None])


def vouchers(campaign: Campaign, operation: Operation) -> list[Operation] | None:
    """What stands behind an operation up to the nearest whose signature holds; none where its own does.

    None: that is farther than a proof can show.
    """
    author = operation.header.author
    key = campaign.dag.signers.behind(author, OperationId(operation.header.backlink))
    lines: list[list[Operation]] = [[operation]]
    while lines:
        line = lines.pop(0)
        last = line[-1]
        if signs(key, last):
            return line[1:]
        if last.header.successor or len(line) > TAKEN_OPERATIONS_MAX:
            continue
        for one in campaign.dag.operations_at(author, last.header.seq + 1):
            encoded = campaign.reader.operation(one)
            after = decode_operation(encoded) if encoded is not None else None
            if after is not None and after.header.backlink == last.id:
                lines.append([*line, after])
    return None


def fork_view(campaign: Campaign, author: AuthorId, *, name: str, told_by: str) -> ForkView:
    """A fork with its proof: the two operations of the least ids at its first place."""
    dag = campaign.dag
    seq = dag.forks[author].seq
    pair = dag.operations_at(author, seq)[:2]
    closings = [one.operation for one in dag.signers.closings(author) if one.seq < seq]
    encoded = [campaign.reader.operation(one) for one in (*pair, *closings)]
    assert None not in encoded, "what is shown is on disk"
    first, second, *before = [decode_operation(one) for one in encoded if one is not None]
    behind = {one.id: vouchers(campaign, one) for one in (first, second)}
    proof = b""
    if len(before) <= CLOSINGS_MAX and None not in behind.values():
        found = {one: after for one, after in behind.items() if after is not None}
        proof = encode_fork(prove_fork(first, second, before, behind=found))
    notice = campaign.fork_notices[author]
    return ForkView(
        author=author,
        name=name,
        me=author == campaign.me,
        state=fork_state(campaign, author),
        seq=seq,
        operations=len(dag.operations_at(author, seq)),
        first=pair[0],
        second=pair[1],
        noticed_ms=notice.at_ms,
        told_by=told_by,
        proof=proof if len(proof) <= FORK_BYTES_MAX else b"",
    )
