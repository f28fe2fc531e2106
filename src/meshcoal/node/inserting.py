"""Putting an operation into the log, opening it, and what follows from what it says.

Law: called with operations whose past is held and whose author is known; `node.accept` decides on that, and
nothing else calls. What cannot be opened waits for its key; what opens and is false is its author's fault.
"""

from __future__ import annotations

from dataclasses import dataclass

from meshcoal.api.views import NoticeKind
from meshcoal.crypto import signing
from meshcoal.crypto.agreement import Sealer, check_agreement_public
from meshcoal.errors import (
    Equivocation,
    NotAuthorized,
    OverRule,
    RemoteError,
)
from meshcoal.group import keyring
from meshcoal.group.agreement import Courier
from meshcoal.group.keyring import Fresh
from meshcoal.ids import EpochId, OperationId
from meshcoal.limits import (
    RUN_BYTES_MAX,
    RUN_OPERATIONS_MAX,
)
from meshcoal.log.changes import MarkOpened, PutAttached, PutBody, PutDocument, PutOperation
from meshcoal.log.reader import BodyRow, Place
from meshcoal.node import talk
from meshcoal.node.campaign import CUTS, QUIET_KINDS, Campaign
from meshcoal.node.forks import cut_of, note_fork
from meshcoal.node.keys import Keys
from meshcoal.node.rolls import put_roll
from meshcoal.node.rules import allowed
from meshcoal.node.step import Step
from meshcoal.node.welcome import my_admission
from meshcoal.statement.reducer import STATEMENT_KINDS
from meshcoal.statement.sealed.keys import check_week
from meshcoal.wire import canonical
from meshcoal.wire.attachment import Attachment, encode_attached
from meshcoal.wire.bodies import (
    ATTACHING,
    AddBody,
    Body,
    Card,
    CaseBody,
    CreateBody,
    FreezeBody,
    HaltBody,
    HintsBody,
    PostBody,
    RekeyBody,
    RemoveBody,
    ReportBody,
    RetireBody,
    WeekBody,
    encode_body,
)
from meshcoal.wire.bodies import decode_body as decode_kind
from meshcoal.wire.operation import (
    CONTROL_KINDS,
    EPOCH_KINDS,
    Kind,
    Operation,
    decode_operation,
)
from meshcoal.wire.terms import TalkAct


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What I know of an operation that I wrote, and cannot read again: its talk key is gone."""

    body: Body
    keys: Fresh | None = None  # of the epoch that it begins


class Inserter:
    """Puts operations in. Holds no state of its own but the counters it is given."""

    def __init__(self, *, sealer: Sealer, courier: Courier, counters: dict[str, int]) -> None:
        self._sealer = sealer
        self._counters = counters
        self._keys = Keys(courier=courier, sealer=sealer, count=self.count)
        self.offered = 0  # operations that peers brought, known ones too

    def _insert_one(self, campaign: Campaign, step: Step, operation: Operation, own: Own | None) -> None:
        author = operation.header.author
        _, last = campaign.dag.frontier.get(author, (-1, OperationId(b"")))
        fork = campaign.dag.forks.get(author)
        forked_at = fork.seq if fork is not None else -1
        place, changes = campaign.dag.insert(operation)
        step.change(*changes)
        if operation.header.backlink != last and note_fork(campaign, step, operation, forked_at):
            self.count(Equivocation.code)
        campaign.count += 1
        campaign.taken_now.append(operation)
        campaign.taken_waiting.discard(operation.id)
        campaign.stirred = campaign.stirred or operation.header.kind not in QUIET_KINDS
        header = operation.header
        if own is not None:
            body: Body | None = own.body
            if own.keys is not None:
                campaign.keyring = keyring.adopt(campaign.keyring, EpochId(operation.id), own.keys)
            self._keys.note(campaign, operation, own.body)
            opened = True
        else:
            if operation.directs or header.kind is not Kind.POST:
                self._take_keys(campaign, step, operation)
            opened, body = self._read(campaign, operation, step.now_ms)
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
        if body is not None:
            self._apply(campaign, step, operation, place, body)
        if not opened:
            campaign.unopened[operation.epoch] = campaign.unopened.get(operation.epoch, 0) + 1
            campaign.unopened_now.setdefault(operation.epoch, []).append(operation)

    def _take_keys(self, campaign: Campaign, step: Step, operation: Operation) -> None:
        """Take the keys that an operation brings: what was handed first, for it may say who all are."""
        learnt, secret = self._keys.take(campaign, operation, step.now_ms)
        for epoch in learnt:
            self._open_waiting(campaign, step, epoch)
        if secret:
            self._keys.begin(campaign, operation, secret)
        elif operation.header.kind in EPOCH_KINDS:
            self._keys.try_record(campaign, operation)

    def take_again(self, campaign: Campaign, step: Step) -> None:
        """I have become another member, whose admission may be held already: take the keys meant for them.

        That is in the admission, and in what stands behind it and came before I knew who I am.
        """
        admission = my_admission(campaign)
        place = campaign.dag.place(admission) if admission is not None else None
        if place is None:
            return  # still to come, and will be taken then
        before = {
            author: campaign.dag.first_at_depth(author, place.depth) - 1 for author in campaign.dag.frontier
        }
        row = 0
        while True:
            held, row = campaign.reader.after(
                campaign.id, before, row=row, operations_max=RUN_OPERATIONS_MAX, bytes_max=RUN_BYTES_MAX
            )
            if not held:
                break
            for encoded in held:
                self._take_keys(campaign, step, decode_operation(encoded))
        for operation in list(campaign.taken_now):  # the reader does not show this step
            self._take_keys(campaign, step, operation)

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
            opened, body = self._read(campaign, operation, step.now_ms)
            if not opened:
                left += 1
                continue
            step.opened.add(operation.id)
            step.change(MarkOpened(id=operation.id))
            if body is not None:
                place = campaign.dag.place(operation.id)
                assert place is not None
                self._apply(campaign, step, operation, place, body, late=True)
        if left:
            campaign.unopened[epoch] = left
        else:
            del campaign.unopened[epoch]

    def _read(self, campaign: Campaign, operation: Operation, now_ms: int) -> tuple[bool, Body | None]:
        """Whether a body has been opened for good, and what it says.

        A body that its key does not open, or that does not parse, is its author's fault: it counts as
        opened, is counted by code, and has no effect anywhere.
        """
        try:
            plain = self._keys.unseal(campaign, operation, now_ms)
            if plain is None:
                return False, None
            body = decode_kind(operation.header.kind, plain)
            if operation.directs or operation.header.kind is not Kind.POST:  # else there are no keys in it
                check_body(body, self._sealer)
                if isinstance(body, WeekBody):
                    check_week(body.keys, campaign=campaign.id, author=operation.header.author)
                self._keys.note(campaign, operation, body)
        except RemoteError as refusal:
            self.count(refusal.code)
            return True, None
        return True, body

    def _apply(
        self,
        campaign: Campaign,
        step: Step,
        operation: Operation,
        place: Place,
        body: Body,
        *,
        late: bool = False,
    ) -> None:
        """What follows from what a body says; `late`: it waited for its key."""
        header = operation.header
        campaign.holders.wrote(header.author, body.at_ms, step.now_ms)
        if isinstance(body, PostBody):
            self._apply_post(campaign, step, operation, place, body, late=late)
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
        about = b""
        if header.kind in STATEMENT_KINDS:
            about = operation.id if header.kind is Kind.DRAFT else getattr(body, "statement", b"")
        step.change(
            PutBody(campaign=campaign.id, id=operation.id, kind=int(header.kind), about=about, body=encoded)
        )
        if isinstance(body, ATTACHING):
            active = campaign.roster_at(place.context).is_active(header.author)
            self._note_attached(campaign, step, operation, place, body.attachments, counts=active)
        if header.kind in CONTROL_KINDS:
            self._apply_control(campaign, step, operation, row, body)
        elif header.kind in STATEMENT_KINDS:
            campaign.statements.add(row, OperationId(about))
            if header.kind is Kind.DRAFT:
                campaign.rounds.on_draft()
            if isinstance(body, FreezeBody):
                campaign.rounds.on_freeze(step, row, body)
            step.notice(NoticeKind.STATEMENT, campaign.id, about, by_me=header.author == campaign.me)
        elif isinstance(body, (CaseBody, ReportBody)):
            campaign.cases.add(row)
            case = operation.id if isinstance(body, CaseBody) else body.case
            kind = NoticeKind.ALERT if header.kind is Kind.CASE else NoticeKind.CASE
            step.notice(kind, campaign.id, case, by_me=header.author == campaign.me)
        elif isinstance(body, RetireBody):
            for code in campaign.retired.note(body, campaign.dag.context_bits(place.context)):
                self.count(code)
            campaign.review_retired(step.now_ms)
        elif isinstance(body, HintsBody):
            campaign.learn_hints(step, header.author, header.seq, body.hints)
            campaign.boards.learn(step, header.author, header.seq, body)
            step.notice(NoticeKind.PEERS, campaign.id)

    def _apply_post(
        self,
        campaign: Campaign,
        step: Step,
        operation: Operation,
        place: Place,
        body: PostBody,
        *,
        late: bool,
    ) -> None:
        # Kept in any case: whether it counts may change with what is opened later, and is asked then.
        author = operation.header.author
        counts = campaign.talk_counts(author, place.context, body.channel)
        if body.act is TalkAct.SAY:
            gone = late and talk.taken_back_already(campaign, operation.id, author)
            step.change(talk.message(campaign, operation, place, body, received_ms=step.now_ms, gone=gone))
            if not gone:
                self._note_attached(campaign, step, operation, place, body.attachments, counts=counts)
            kind = NoticeKind.MESSAGES
        else:
            step.change(talk.mark(campaign, operation, place, body, received_ms=step.now_ms))
            talk.blank_own(campaign, step, author, place, body)
            kind = NoticeKind.MARKS
        campaign.lately.note(
            body.channel, body.reply_to if kind is NoticeKind.MARKS else operation.id, body.thread
        )
        if counts:
            step.notice(kind, campaign.id, body.channel, by_me=author == campaign.me)
        else:
            self.count(NotAuthorized.code)

    def _note_attached(
        self,
        campaign: Campaign,
        step: Step,
        operation: Operation,
        place: Place,
        attachments: tuple[Attachment, ...],
        *,
        counts: bool,
    ) -> None:
        """Keep the keys of files, and have those fetched that count and that the rules allow."""
        if not attachments:
            return
        step.change(PutAttached(id=operation.id, encoded=encode_attached(attachments)))
        for one in attachments if counts else ():
            if allowed(campaign, one.size, place.context):
                campaign.files.attached_now.append((operation.header.author, one))
            else:
                self.count(OverRule.code)

    def _apply_control(
        self, campaign: Campaign, step: Step, operation: Operation, row: BodyRow, body: Body
    ) -> None:
        cut: tuple[OperationId, ...] | None = ()
        if isinstance(body, (RemoveBody, HaltBody)):
            cut = cut_of(campaign.dag, operation, body)
            value = b"" if cut is None else canonical.encode(cut)
            step.change(PutDocument(space=CUTS, key=campaign.id + operation.id, value=value))
        step.change(put_roll(campaign.dag, row, body))
        campaign.membership.add(campaign.control(row, body, cut))
        campaign.note_own_epoch(operation.header.kind, row, body)
        if isinstance(body, WeekBody):
            return
        campaign.roster_moved()
        if not isinstance(body, RekeyBody):
            step.notice(NoticeKind.CAMPAIGN, campaign.id, by_me=row.author == campaign.me)

    def count(self, code: str, times: int = 1) -> None:
        self._counters[code] = self._counters.get(code, 0) + times


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
