"""The one door: every operation enters the log here, mine and those of others, over whatever path.

Law: two verdicts. *Well-formed* depends on the bytes alone; what fails is refused. *Effective* depends on the
causal past; what fails stays in the log, because others may cite it, and counts for nothing. Nothing else
writes to the log.
"""

from __future__ import annotations

import enum
from collections import deque

from meshcoal.api.views import NoticeKind
from meshcoal.crypto import signing
from meshcoal.crypto.agreement import Sealer, check_agreement_public
from meshcoal.crypto.sealing import unseal_body
from meshcoal.errors import BadSeal, Equivocation, NotAuthorized, RemoteError, Truncated, WrongCampaign
from meshcoal.group.epochs import Envelope, LaneKeys, lanes_of, open_welcome, recipients_of
from meshcoal.ids import AuthorId, EpochId, OperationId
from meshcoal.log.changes import MarkOpened, PutBody, PutDocument, PutMessage, PutOperation
from meshcoal.log.reader import BodyRow, Place
from meshcoal.node.campaign import FALSE_CUTS, Campaign
from meshcoal.node.step import Step
from meshcoal.statement.reducer import STATEMENT_KINDS
from meshcoal.wire.bodies import (
    AddBody,
    Body,
    Card,
    CreateBody,
    HintsBody,
    PostBody,
    RekeyBody,
    RemoveBody,
    encode_body,
)
from meshcoal.wire.bodies import decode_body as decode_kind
from meshcoal.wire.operation import (
    CONTROL_KINDS,
    EPOCH_KINDS,
    Kind,
    Operation,
    decode_operation,
    signing_input,
)


class Outcome(enum.Enum):
    """What became of an operation that came in."""

    NEW = "new"
    KNOWN = "known"
    WAITING = "waiting"  # its past, or its author's admission, is missing


class Acceptor:
    """Takes operations into campaigns. Holds no state of its own but the counters it is given."""

    def __init__(self, *, sealer: Sealer, counters: dict[str, int]) -> None:
        self._sealer = sealer
        self._counters = counters

    def receive(self, campaign: Campaign, step: Step, encoded: bytes) -> Outcome:
        """An operation from a peer.

        Raises:
            RemoteError: it is not well-formed, is signed falsely, is another campaign's, or by a stranger.
        """
        operation = decode_operation(encoded)
        if operation.campaign != campaign.id:
            raise WrongCampaign("an operation of another campaign")
        if operation.id in campaign.pending or campaign.dag.holds(operation.id):
            return Outcome.KNOWN
        signing.verify(operation.header.author, signing_input(operation.id), operation.signature)
        return self._offer(campaign, step, operation)

    def _offer(self, campaign: Campaign, step: Step, operation: Operation) -> Outcome:
        missing = campaign.dag.missing(operation)
        if not missing and not campaign.dag.check_place(operation):
            return Outcome.KNOWN
        if not missing and self._author_known(campaign, operation):
            self.insert(campaign, step, operation)
            return Outcome.NEW
        if not missing and not campaign.unopened:
            raise NotAuthorized("an operation by nobody who ever was a member")
        campaign.pending.hold(operation, missing)
        if campaign.unopened and operation.header.kind in EPOCH_KINDS:
            # A newcomer's keys come with an operation behind others that only those keys open.
            self._learn_keys(campaign, step, operation, None)
            self._drain(campaign, step, campaign.pending.strangers())
        return Outcome.NEW if campaign.dag.holds(operation.id) else Outcome.WAITING

    @staticmethod
    def _author_known(campaign: Campaign, operation: Operation) -> bool:
        if operation.header.kind is Kind.CREATE:
            return True
        return operation.header.author in campaign.membership.ever_in()

    def _note_fork(self, campaign: Campaign, step: Step, operation: Operation, before: int) -> None:
        """An operation entered beside another: pass it on at once, and tell the user of a new fork."""
        author = operation.header.author
        campaign.branched_now.add(operation.id)
        if campaign.dag.forks[author].seq != before:
            self.count(Equivocation.code)
            step.notice(NoticeKind.CAMPAIGN, campaign.id)

    def insert(
        self, campaign: Campaign, step: Step, operation: Operation, *, keys: LaneKeys | None = None
    ) -> None:
        """Take in an operation whose past is held, and whatever waited for it.

        Args:
            keys: lane keys of the epoch it begins, where I am its author.
        """
        self._insert_one(campaign, step, operation, keys)
        self._drain(campaign, step, self._released(campaign, operation))

    @staticmethod
    def _released(campaign: Campaign, operation: Operation) -> list[Operation]:
        waiting = campaign.pending.released_by(operation.id)
        if operation.header.kind in CONTROL_KINDS:
            waiting += campaign.pending.strangers()
        return waiting

    def _drain(self, campaign: Campaign, step: Step, waiting: list[Operation]) -> None:
        """Take in what waited, one after another, and what waited for that in turn."""
        todo = deque(waiting)
        while todo:
            candidate = todo.popleft()
            missing = campaign.dag.missing(candidate)
            try:
                if not missing and not campaign.dag.check_place(candidate):
                    continue
                if not missing and self._author_known(campaign, candidate):
                    self._insert_one(campaign, step, candidate, None)
                    todo.extend(self._released(campaign, candidate))
                elif missing or campaign.unopened:
                    campaign.pending.hold(candidate, missing)
                else:
                    raise NotAuthorized("an operation by nobody who ever was a member")
            except RemoteError as refusal:
                self.count(refusal.code)

    def _insert_one(
        self, campaign: Campaign, step: Step, operation: Operation, own_keys: LaneKeys | None
    ) -> None:
        author = operation.header.author
        _, last = campaign.dag.frontier.get(author, (-1, OperationId(b"")))
        fork = campaign.dag.forks.get(author)
        forked_at = fork.seq if fork is not None else -1
        place, changes = campaign.dag.insert(operation)
        step.change(*changes)
        if operation.header.backlink != last:
            self._note_fork(campaign, step, operation, forked_at)
        campaign.count += 1
        campaign.taken_now.append(operation)
        header = operation.header
        if header.kind in EPOCH_KINDS:
            self._learn_keys(campaign, step, operation, own_keys)
        opened = campaign.epochs.key_for(operation.epoch, header.kind) is not None
        step.change(
            PutOperation(
                campaign=campaign.id,
                id=operation.id,
                author=header.author,
                seq=header.seq,
                depth=place.depth,
                context=place.context,
                kind=int(header.kind),
                epoch=operation.epoch,
                encoded=operation.encoded,
                opened=opened,
            )
        )
        if opened:
            self._open(campaign, step, operation, place)
        else:
            campaign.unopened[operation.epoch] = campaign.unopened.get(operation.epoch, 0) + 1
            campaign.unopened_now.setdefault(operation.epoch, []).append(operation)

    def _learn_keys(
        self, campaign: Campaign, step: Step, operation: Operation, own_keys: LaneKeys | None
    ) -> None:
        """Take the keys that an epoch's first operation brings, older ones first."""
        if own_keys is not None:
            if campaign.epochs.learn_keys(EpochId(operation.id), own_keys):
                campaign.put_epoch(step, EpochId(operation.id))
            return
        try:
            welcome = open_welcome(
                envelope=envelope_of(operation),
                directs=operation.directs,
                me=campaign.me,
                seed=campaign.persona.record.seal,
                sealer=self._sealer,
            )
        except RemoteError as refusal:
            self.count(refusal.code)  # its author's fault: the operation stays, the epoch stays closed to me
            return
        if welcome is None:
            return
        learnt = []
        for carried in welcome.carried:
            epoch = EpochId(carried.epoch)
            if not _carried_keys_fit(campaign, epoch, carried.keys):
                self.count(BadSeal.code)
            elif campaign.epochs.learn_keys(epoch, carried.keys):
                learnt.append(epoch)
        if campaign.epochs.learn_keys(EpochId(operation.id), lanes_of(welcome.secret)):
            campaign.put_epoch(step, EpochId(operation.id))
        for epoch in learnt:
            campaign.put_epoch(step, epoch)
        for epoch in learnt:
            self._open_waiting(campaign, step, epoch)

    def _open_waiting(self, campaign: Campaign, step: Step, epoch: EpochId) -> None:
        if epoch not in campaign.unopened:
            return
        waiting = [decode_operation(encoded) for encoded in campaign.reader.unopened(campaign.id, epoch)]
        waiting += campaign.unopened_now.get(epoch, [])
        left = 0
        for operation in waiting:
            # The reader does not know yet what this step has opened: one lane's key may come first.
            if operation.id in step.opened:
                continue
            place = campaign.dag.place(operation.id)
            assert place is not None
            if self._open(campaign, step, operation, place):
                step.opened.add(operation.id)
                step.change(MarkOpened(id=operation.id))
            else:
                left += 1
        if left:
            campaign.unopened[epoch] = left
        else:
            del campaign.unopened[epoch]

    def _open(self, campaign: Campaign, step: Step, operation: Operation, place: Place) -> bool:
        """Open a body and apply it; False while its key is not held.

        A body that its key does not open, or that does not parse, is its author's fault: it counts as
        opened, is counted by code, and has no effect anywhere.
        """
        header = operation.header
        key = campaign.epochs.key_for(operation.epoch, header.kind)
        if key is None:
            return False
        try:
            plain = unseal_body(
                key, header.salt, header.author, header.seq, header.campaign, operation.sealed_body
            )
            body = decode_kind(header.kind, plain)
            check_body(body, self._sealer)
        except RemoteError as refusal:
            self.count(refusal.code)
            return True
        self._apply(campaign, step, operation, place, body)
        return True

    def _apply(self, campaign: Campaign, step: Step, operation: Operation, place: Place, body: Body) -> None:
        header = operation.header
        if isinstance(body, PostBody):
            # Kept in any case: whether it counts may change with what is opened later, and is asked then.
            step.change(
                PutMessage(
                    campaign=campaign.id,
                    channel=body.channel,
                    id=operation.id,
                    author=header.author,
                    seq=header.seq,
                    depth=place.depth,
                    context=place.context,
                    at_ms=body.at_ms,
                    text=body.text,
                    reply_to=body.reply_to,
                )
            )
            if campaign.talk_counts(header.author, place.context, body.channel):
                by_me = header.author == campaign.me
                step.notice(NoticeKind.MESSAGES, campaign.id, body.channel, by_me=by_me)
            else:
                self.count(NotAuthorized.code)
            return
        encoded = encode_body(body)
        row = BodyRow(
            id=operation.id,
            author=header.author,
            seq=header.seq,
            depth=place.depth,
            context=place.context,
            kind=int(header.kind),
            body=encoded,
        )
        step.change(PutBody(campaign=campaign.id, id=operation.id, body=encoded))
        if header.kind in CONTROL_KINDS:
            self._apply_control(campaign, step, operation, row, body)
        elif header.kind in STATEMENT_KINDS:
            campaign.add_statement_row(row, body)
            subject = operation.id if header.kind is Kind.DRAFT else getattr(body, "statement", b"")
            step.notice(NoticeKind.STATEMENT, campaign.id, subject, by_me=header.author == campaign.me)
        elif isinstance(body, HintsBody):
            campaign.learn_hints(header.author, header.seq, body.hints)
            step.notice(NoticeKind.PEERS, campaign.id)

    def _apply_control(
        self, campaign: Campaign, step: Step, operation: Operation, row: BodyRow, body: Body
    ) -> None:
        true_cut = not isinstance(body, RemoveBody) or _cut_is_true(campaign, operation, body)
        if not true_cut:
            step.change(PutDocument(space=FALSE_CUTS, key=campaign.id + operation.id, value=b""))
        stands = campaign.membership.add(campaign.control(row, body, true_cut=true_cut))
        if operation.header.kind in EPOCH_KINDS:
            carried = getattr(body, "carried", ())
            covered = recipients_of(
                envelope=envelope_of(operation),
                directs=operation.directs,
                candidates=campaign.membership.ever_in(),
            )
            epoch = EpochId(operation.id)
            campaign.epochs.learn_epoch(epoch, depth=row.depth, covered=covered, carried=carried)
            for touched in (epoch, *[EpochId(older) for older in carried]):
                campaign.put_epoch(step, touched)
        if stands:
            campaign.statements.refresh()  # the roster grew, and no verdict on an act changed
        else:
            campaign.rebuild_statements()
        campaign.controls_changed = True
        if not isinstance(body, RekeyBody):
            step.notice(NoticeKind.CAMPAIGN, campaign.id, by_me=row.author == campaign.me)

    def count(self, code: str) -> None:
        self._counters[code] = self._counters.get(code, 0) + 1


def _carried_keys_fit(campaign: Campaign, epoch: EpochId, keys: LaneKeys) -> bool:
    """Whether keys brought along for an older epoch are that epoch's: nobody can plant others.

    The epoch's first operation is in the past of whatever carries its keys, so it is held, or waits with
    it; and its body opens under the record key alone. A talk key cannot be tried before there is talk.
    """
    known = campaign.epochs.by_id.get(epoch)
    if known is not None and known.keys is not None:
        return keys.record == known.keys.record
    waiting = campaign.unopened_now.get(epoch, ())
    first = next((one for one in waiting if EpochId(one.id) == epoch), None)
    first = first or campaign.pending.get(OperationId(epoch))
    if first is None:
        encoded = campaign.reader.operation(OperationId(epoch))
        if encoded is None:
            return False
        first = decode_operation(encoded)
    header = first.header
    try:
        unseal_body(keys.record, header.salt, header.author, header.seq, header.campaign, first.sealed_body)
    except (BadSeal, Truncated):
        return False
    return True


def envelope_of(operation: Operation) -> Envelope:
    header = operation.header
    return Envelope(
        campaign=header.campaign,
        author=header.author,
        seq=header.seq,
        backlink=header.backlink,
        kind=header.kind,
        salt=header.salt,
    )


def check_body(body: Body, sealer: Sealer) -> None:
    """Refuse public keys of small order or in a second spelling wherever one enters. Raises `BadKey`."""
    match body:
        case CreateBody(founder=card) | AddBody(member=card):
            check_card(card, sealer)


def check_card(card: Card, sealer: Sealer) -> None:
    """Raises `BadKey`."""
    signing.check_public(card.author)
    signing.check_public(card.act)
    check_agreement_public(card.link)
    sealer.check_public(card.seal)


def _cut_is_true(campaign: Campaign, operation: Operation, body: RemoveBody) -> bool:
    """Whether `last_seq` is exactly what the removal's past holds of the removed member's log.

    Otherwise a removal could be dated back to undo what its author had long seen.
    """
    dag, target = campaign.dag, AuthorId(body.member)
    last = dag.operations_at(target, body.last_seq) if body.last_seq >= 0 else ()
    if body.last_seq >= 0 and not any(dag.descends(operation, one) for one in last):
        return False
    return not any(dag.descends(operation, one) for one in dag.operations_at(target, body.last_seq + 1))
