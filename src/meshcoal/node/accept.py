"""The one door: every operation enters the log here, mine and those of others, over whatever path.

Law: two verdicts. *Well-formed* depends on the bytes alone; what fails is refused. *Effective* depends on the
causal past; what fails stays in the log, because others may cite it, and counts for nothing. Nothing else
writes to the log.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from meshcoal.errors import (
    BadSignature,
    LogClosed,
    NotAuthorized,
    RemoteError,
    WrongCampaign,
)
from meshcoal.ids import OperationId
from meshcoal.limits import PENDING_OPERATIONS_MAX, TAKEN_OPERATIONS_MAX
from meshcoal.log.pending import Waiting
from meshcoal.node.campaign import Campaign
from meshcoal.node.inserting import Inserter, Own
from meshcoal.node.step import Step
from meshcoal.node.taking import Outcome, Taking
from meshcoal.node.vouching import verify, vouched
from meshcoal.node.welcome import take_welcomes
from meshcoal.wire.operation import (
    CONTROL_KINDS,
    Kind,
    Operation,
    decode_operation,
)


class Acceptor(Inserter):
    """Takes operations into campaigns."""

    def receive(self, campaign: Campaign, step: Step, encoded: bytes) -> Outcome:
        """An operation from a peer.

        Raises:
            RemoteError: it is not well-formed, is signed falsely, is another campaign's, or by a stranger.
        """
        self.offered += 1
        operation = self._arrived(campaign, decode_operation(encoded))
        if operation is None:
            return Outcome.KNOWN
        return self._take_single(campaign, step, operation)

    def receive_run(
        self, campaign: Campaign, step: Step, operations: Sequence[bytes | Operation]
    ) -> list[Outcome | RemoteError]:
        """Operations from a peer, encoded or decoded, in the order in which they came.

        It is cheaper by far than one by one.

        Returns:
            For each what became of it: an outcome, or the refusal that `receive` would have raised. What
            stands behind a refused one is taken in all the same, as far as it can be. What is refused for
            its signature alone is kept a while, for the case that a later one vouches for it.
        """
        outcomes: list[Outcome | RemoteError] = []
        for start in range(0, len(operations), TAKEN_OPERATIONS_MAX):
            taking = self.gather(campaign, operations[start : start + TAKEN_OPERATIONS_MAX])
            self.take_slice(step, taking)
            outcomes += taking.became()
        return outcomes

    def gather(self, campaign: Campaign, operations: Sequence[bytes | Operation]) -> Taking:
        """The beginning of `receive_run`, for whoever goes on with `take_slice` as long as it is not done.

        At most `TAKEN_OPERATIONS_MAX`. Nothing is taken in yet.
        """
        self.offered += len(operations)
        arrived: list[Operation | Outcome | RemoteError] = []
        for one in operations:
            try:
                operation = one if isinstance(one, Operation) else decode_operation(one)
                arrived.append(self._arrived(campaign, operation) or Outcome.KNOWN)
            except RemoteError as refusal:
                arrived.append(refusal)
        run = [one for one in arrived if isinstance(one, Operation)]
        gathered = bool(campaign.pending.doubts)
        if gathered:
            run = campaign.pending.gather(run)
        words = vouched(campaign.dag, run)
        return Taking(campaign=campaign, arrived=arrived, run=run, words=words, gathered=gathered)

    def take_slice(self, step: Step, taking: Taking, *, weight_max: int | None = None) -> None:
        """Take in what comes next of a run; all that is left of it, unless a weight is given."""
        behind = taking.behind
        self._take_in(step, taking, taking.slice_end(weight_max))
        if taking.done and behind:
            run = taking.campaign.pending.gather(behind)
            again = Taking(campaign=taking.campaign, run=run, words=vouched(taking.campaign.dag, run))
            self._take_in(step, again, len(run))

    def _take_in(self, step: Step, taking: Taking, end: int) -> None:
        campaign, outcomes = taking.campaign, taking.outcomes
        start = len(outcomes)
        run, words = taking.run[start:end], taking.words[start:end]
        for operation, key in zip(run, words, strict=True):
            try:
                if key and self._is_plain(campaign, operation):
                    self._insert_one(campaign, step, operation, None)
                    outcomes.append(Outcome.NEW)
                elif start and campaign.dag.has(operation):
                    outcomes.append(Outcome.KNOWN)
                elif key is None:
                    outcomes.append(self._take_single(campaign, step, operation))
                elif key:
                    outcomes.append(self._offer(campaign, step, operation, key))
                else:
                    raise BadSignature("the signature does not hold, and nobody vouches for it")
            except BadSignature as refusal:
                taking.behind += self._doubt(campaign, operation)
                outcomes.append(refusal)
            except RemoteError as refusal:
                outcomes.append(refusal)

    @staticmethod
    def _is_plain(campaign: Campaign, operation: Operation) -> bool:
        """Whether an operation is talk that goes on with a known member's log, as nearly all are.

        Then `_offer` would find nothing to do but to insert it.
        """
        header = operation.header
        author = header.author
        return (
            header.kind is Kind.POST
            and not operation.directs
            and campaign.pending.idle
            and campaign.dag.frontier.get(author) == (header.seq - 1, header.backlink)
            and author not in campaign.dag.forks
            and author in campaign.membership.ever_in()
            and not campaign.retired.any_of(author)
            and not campaign.dag.missing(operation)
        )

    @staticmethod
    def _doubt(campaign: Campaign, operation: Operation) -> list[Operation]:
        """Keep what is refused for its signature alone. Returns what waits for it, and may vouch for it."""
        pending = campaign.pending
        pending.doubt(operation)
        unproven = []
        for waiting in pending.released_by(operation.id):
            one = waiting.operation
            pending.hold(one, campaign.dag.missing(one), key=waiting.key)
            if not waiting.key:
                unproven.append(one)
        return unproven

    @staticmethod
    def _arrived(campaign: Campaign, operation: Operation) -> Operation | None:
        """What came, or None if it is here already."""
        if operation.campaign != campaign.id:
            raise WrongCampaign("an operation of another campaign")
        pending = campaign.pending
        # While anything is doubted, what waits may vouch for it, or need it: it is looked at again.
        if campaign.dag.has(operation) or (pending.waits(operation) and not pending.doubts):
            return None
        return operation

    def _take_single(self, campaign: Campaign, step: Step, operation: Operation) -> Outcome:
        return self._offer(campaign, step, operation, verify(campaign, operation))

    def _offer(self, campaign: Campaign, step: Step, operation: Operation, key: bytes) -> Outcome:
        missing = campaign.dag.missing(operation)
        if not missing and not campaign.dag.check_place(operation):
            return Outcome.KNOWN
        if key and _is_refused(campaign, operation, key):
            self._drain(campaign, step, campaign.pending.park(operation, key=key))
            raise LogClosed("an operation under a published key that was not here before")
        if not missing and self._author_known(campaign, operation):
            self.insert(campaign, step, operation)
            return Outcome.NEW
        if not missing and not campaign.closed:
            raise NotAuthorized("an operation by nobody who ever was a member")
        self._drain(campaign, step, self._wait(campaign, step, operation, missing, key))
        return Outcome.NEW if campaign.dag.holds(operation.id) else Outcome.WAITING

    def _wait(
        self,
        campaign: Campaign,
        step: Step,
        operation: Operation,
        missing: tuple[OperationId, ...],
        key: bytes,
    ) -> list[Waiting]:
        """Keep an operation until its past, or its author's admission, is here.

        Returns:
            What was taken out again because of it: what it needs that was refused, what can be verified now
            that it was, and what may have a known author by the keys that it brought.
        """
        campaign.pending.hold(operation, missing, key=key)
        if not key:
            return []
        again = campaign.pending.needed(missing) + campaign.pending.unproven_behind(operation.id)
        return again + self._take_waiting(campaign, step, operation)

    @staticmethod
    def _author_known(campaign: Campaign, operation: Operation) -> bool:
        if operation.header.kind is Kind.CREATE:
            return True
        return operation.header.author in campaign.membership.ever_in()

    def insert(self, campaign: Campaign, step: Step, operation: Operation, *, own: Own | None = None) -> None:
        """Take in an operation whose past is held, and whatever waited for it.

        Args:
            own: where I am its author and have just written it.
        """
        self._insert_one(campaign, step, operation, own)
        self._note_inserted(campaign, operation)
        self._drain(campaign, step, self._released(campaign, operation))

    @staticmethod
    def _released(campaign: Campaign, operation: Operation) -> list[Waiting]:
        waiting = campaign.pending.released_by(operation.id)
        waiting += campaign.pending.unproven_behind(operation.id)
        if operation.header.kind in CONTROL_KINDS:
            waiting += campaign.pending.strangers()
        return waiting

    def _drain(self, campaign: Campaign, step: Step, waiting: list[Waiting]) -> None:
        """Take in what waited, one after another, and what waited for that in turn."""
        todo = deque(waiting)
        while todo or (todo := deque(self._take_untaken(campaign, step))):
            released = todo.popleft()
            candidate = released.operation
            missing = campaign.dag.missing(candidate)
            try:
                key = released.key or verify(campaign, candidate)
                if not missing and not campaign.dag.check_place(candidate):
                    continue
                if key and _is_refused(campaign, candidate, key):
                    todo.extend(campaign.pending.park(candidate, key=key))
                    raise LogClosed("an operation under a published key that was not here before")
                if not missing and self._author_known(campaign, candidate):
                    self._insert_one(campaign, step, candidate, None)
                    self._note_inserted(campaign, candidate)
                    todo.extend(self._released(campaign, candidate))
                elif missing or campaign.closed:
                    todo.extend(self._wait(campaign, step, candidate, missing, key))
                else:
                    raise NotAuthorized("an operation by nobody who ever was a member")
            except BadSignature as refusal:
                campaign.pending.doubt(candidate)
                self.count(refusal.code)
            except RemoteError as refusal:
                self.count(refusal.code)

    @staticmethod
    def _note_inserted(campaign: Campaign, operation: Operation) -> None:
        """Whether what waits may bring keys now: its log goes on, or a key is wanted that was not."""
        if campaign.unopened.get(operation.epoch) == 1 or campaign.pending.goes_on(operation.id):
            campaign.look_untaken = True

    def _take_untaken(self, campaign: Campaign, step: Step) -> list[Waiting]:
        """What came before its turn to bring keys: its author was unknown, or their log had a gap.

        Returns as `_take_waiting`.
        """
        if not campaign.look_untaken:
            return []
        campaign.look_untaken = False
        if not campaign.closed:
            return []  # not needed, so far
        names = [name for name in campaign.pending.proven() if name not in campaign.taken_waiting]
        waiting = [one for name in names if (one := campaign.pending.get(name)) is not None]
        again = []
        for one in sorted(waiting, key=lambda one: one.operation.header.seq):
            again += self._take_waiting(campaign, step, one.operation)
        return again

    def _take_waiting(self, campaign: Campaign, step: Step, operation: Operation) -> list[Waiting]:
        """Keys may come with an operation that stands behind others which only these keys open.

        For instance behind those of somebody whose admission is still closed to me, or they come from just
        that somebody. Directs are taken in the order of their author's log, like any others; who is no member
        yet looks for a welcome.

        Returns:
            Operations whose authors were unknown, if anything was learnt; taken out.
        """
        if not campaign.closed:
            return []  # not needed, so far
        header = operation.header
        secret = b""
        if campaign.my_member() is None:
            learnt = take_welcomes(self._keys, campaign, operation, step.now_ms)
        elif not campaign.follows_taken(operation):
            return []
        elif campaign.roster().is_active(header.author):
            learnt, secret = self._keys.take(campaign, operation, step.now_ms)
            _note_taken(campaign, operation)
        elif header.author not in campaign.membership.ever_in():
            found = self._keys.take_stranger(campaign, operation, step.now_ms)
            if found is None:
                return []
            learnt, secret = found
            _note_taken(campaign, operation)
        else:
            return []  # of somebody who is out
        for epoch in learnt:
            self._open_waiting(campaign, step, epoch)
        if secret:
            self._keys.begin(campaign, operation, secret)
        return campaign.pending.strangers() if learnt else []


def _note_taken(campaign: Campaign, operation: Operation) -> None:
    """The directs of an operation that waits were taken."""
    campaign.taken_waiting.add(operation.id)
    if len(campaign.taken_waiting) > 2 * PENDING_OPERATIONS_MAX:  # some were let go meanwhile
        campaign.taken_waiting &= set(campaign.pending.proven())


def _is_refused(campaign: Campaign, operation: Operation, key: bytes) -> bool:
    """Whether an operation that is not held can only have been made by a published key, and nobody needs it.

    Everything that its owner signed with that key stands behind the publication, and came before it.
    """
    author, last = operation.header.author, OperationId(operation.header.backlink)
    if (
        author not in campaign.dag.forks
        and not campaign.pending.parks
        and not campaign.retired.any_of(author)
    ):
        return False
    beside = last and (
        campaign.pending.parked(last) is not None
        or (campaign.dag.holds(last) and campaign.retired.void(author, last, operation.header.seq - 1))
    )
    if not beside and not campaign.retired.holds(author, key):
        return False
    return not campaign.pending.wanted(operation.id)
