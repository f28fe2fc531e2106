"""One campaign as this node knows it: its log, who is in it, who holds which key, what was said.

Law: everything here follows from the operations held and the keys held; the order in which they came leaves
no trace. Messages stay on disk; membership and statements are in memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Final, cast

from meshcoal.api.views import MemberState
from meshcoal.campaign.membership import Control, Member, Membership, Roster
from meshcoal.crypto.agreement import Sealer
from meshcoal.group import agreement, keyring
from meshcoal.group.coverage import View
from meshcoal.group.keyring import Keyring
from meshcoal.group.prekeys import of_identity
from meshcoal.ids import AuthorId, CampaignId, EpochId, OperationId
from meshcoal.limits import AUTHORS_MAX, CARRIED_EPOCHS_MAX
from meshcoal.log.changes import Change
from meshcoal.log.dag import Dag
from meshcoal.log.pending import Pending
from meshcoal.log.reader import BodyRow, LogReader
from meshcoal.node.boards import Boards
from meshcoal.node.cases import Cases
from meshcoal.node.files import Files
from meshcoal.node.holders import Holders
from meshcoal.node.keyrings import RingHolder, recover_keyring, view_of
from meshcoal.node.lately import Lately
from meshcoal.node.pace import USUAL, Pace
from meshcoal.node.persona import Persona
from meshcoal.node.quorum import standing
from meshcoal.node.quota import Quotas
from meshcoal.node.records import (
    FORK_NOTICES,
    HINTS,
    CampaignRecord,
    ForkNoticeRecord,
    HintsRecord,
    load_all,
)
from meshcoal.node.retired import Retired
from meshcoal.node.rights import authority_of, may_touch, signer_of, signers_of
from meshcoal.node.rolls import recover_rolls, slim
from meshcoal.node.rounds import Rounds
from meshcoal.node.seeds import Seeds
from meshcoal.node.shelf import Shelf
from meshcoal.node.spool import Spool
from meshcoal.node.step import Step
from meshcoal.node.watch import Watch
from meshcoal.statement.model import Signer
from meshcoal.sync.loose import LooseSet
from meshcoal.wire import canonical
from meshcoal.wire.bodies import Body, HaltBody, RetireBody, decode_body
from meshcoal.wire.frames import Held
from meshcoal.wire.operation import EPOCH_KINDS, Kind, Operation, decode_operation

QUIET_KINDS: Final = (Kind.REKEY, Kind.RETIRE, Kind.WEEK)  # nothing that new keys would have to protect
CUTS: Final = "cuts"  # of removals and halts: the ends of what they leave standing; empty: it was false


class Campaign(RingHolder):
    """State of one campaign. Changed by `node.compose` and `node.accept` alone."""

    def __init__(
        self,
        *,
        id: CampaignId,
        record: CampaignRecord,
        reader: LogReader,
        sealer: Sealer,
        pace: Pace = USUAL,
    ) -> None:
        self.id = id
        self.record = record
        self.reader = reader
        self.sealer = sealer
        self.persona = Persona(record.persona, sealer)
        self.dag = Dag(id, reader)
        self.dag.me = self.me
        self.spool = Spool(id, self.dag)
        self.loose = LooseSet()  # of what stands in no author's log: sealed and counted sign-ons
        self.membership = Membership()
        self.keyring = Keyring(campaign=id, me=self.me)
        self.seeds = Seeds(self.dag)
        self.pace = pace
        self.retired = Retired(self.dag, self.membership, pace)
        self._view: View | None = None
        self.own_epoch: tuple[int, int] = (-1, 0)  # the last epoch that I began: its seq, and when
        self.stirred = True  # something other than a rekey has come since
        self.rounds = Rounds(id, dag=self.dag, membership=self.membership, reader=reader, loose=self.loose)
        self.statements = Shelf(
            id,
            reader,
            judge=self._may_touch_statements,
            roster=self.signer,
            then=self._signer_then,
            authority=lambda row: authority_of(self.roster_at(row.context)),
            standing=lambda row: standing(self.roster_at(row.context)),
            verdicts=self.verdicts,
            me=lambda: self.me,
            rounds=self.rounds,
        )
        self.cases = Cases(id, reader, judge=self._may_touch_statements, verdicts=self.verdicts)
        self.pending = Pending()
        self.files = Files(id, reader, first_place=int.from_bytes(self.me[:4], "big"))
        self.look_untaken = False  # what waits, and had its directs not taken, is to be looked at again
        self.welcomes: list[OperationId] = []  # admissions of me that wait, and open nothing yet
        self.taken_waiting: set[OperationId] = set()  # what waits, and had its directs taken; never iterated
        self.hints: dict[AuthorId, tuple[int, tuple[str, ...]]] = {}  # (seq, addresses)
        self.holders = Holders(id, self.dag)
        self.boards, self.watch, self.lately = Boards(id), Watch(id), Lately()
        self.claimed: dict[AuthorId, int] = {}  # highest seq that anybody says exists
        self.parted: dict[bytes, None] = {}  # link keys of those who say I was removed; in memory only
        self.unopened: dict[EpochId, int] = {}
        self.unopened_now: dict[EpochId, list[Operation]] = {}  # of the step in progress
        self.count = 0
        self.taken_now: list[Operation] = []  # in the step in progress
        self.branched_now: set[OperationId] = set()  # of these, what stands beside another; never iterated
        self.told_by: AuthorId | None = None  # whose link brings what is taken in
        self.midway = False  # the step in progress takes in a slice, and the next will take in more
        self.fork_notices: dict[AuthorId, ForkNoticeRecord] = {}
        self.controls_changed = self.hints_changed = False
        self.announce_ms = 0  # when the members are told next what is held here
        self.news: dict[AuthorId, None] = {}  # of whom something came since
        self.quotas = Quotas()
        self.asked_ms = 0  # when a peer was last asked for what is lacking here, or sent some of it
        self.mending: list[Change] = []  # of copies on disk that did not fit the log
        self._rosters_at: dict[int, Roster] = {}  # by context

    @classmethod
    def recover(
        cls,
        *,
        id: CampaignId,
        record: CampaignRecord,
        reader: LogReader,
        sealer: Sealer,
        pace: Pace = USUAL,
    ) -> Campaign:
        """Rebuild from what is stored; `review_retired` is to follow."""
        campaign = cls(id=id, record=record, reader=reader, sealer=sealer, pace=pace)
        campaign.dag = Dag.recover(id, reader)
        campaign.spool = Spool.recover(id, campaign.dag, reader)
        campaign.retired = Retired(campaign.dag, campaign.membership, pace)
        campaign.dag.me = campaign.me
        campaign.unopened = reader.unopened_counts(id)
        campaign.count = campaign.dag.count()
        cuts = {key[len(id) :]: _read_cut(value) for key, value in reader.documents(CUTS, id)}
        controls, campaign.mending = recover_rolls(campaign.dag, reader)
        for row, body in controls:
            campaign.membership.add(campaign.control(row, body, cuts.get(row.id, ())))
            campaign.note_own_epoch(Kind(row.kind), row, body)
        for row in reader.bodies(id, (Kind.RETIRE,)):
            body = decode_body(Kind.RETIRE, row.body)
            assert isinstance(body, RetireBody)
            campaign.retired.note(body, campaign.dag.context_bits(row.context))
        for key, kept in load_all(reader, HintsRecord, HINTS, id):
            campaign.hints[AuthorId(key)] = kept.seq, kept.hints
        campaign.rounds.recover(campaign.dag)
        campaign.statements.recover()
        campaign.cases.recover()
        campaign.seeds = Seeds.recover(campaign.dag, reader)
        # What the log ends with: where that is rekeys alone, nothing was written since mine to heal from.
        campaign.stirred = any(
            decode_operation(encoded).header.kind not in QUIET_KINDS
            for head in campaign.dag.heads
            if (encoded := reader.operation(head)) is not None
        )
        campaign.keyring = campaign._keyring_kept = recover_keyring(reader, id, campaign.me)
        campaign.holders = Holders(id, campaign.dag)
        campaign.holders.recover(reader)
        campaign.watch.recover(reader)
        campaign.boards.recover(reader)
        for held in campaign.holders.said.values():
            for author, seq in held.items():
                campaign.claim(author, seq)
        for key, notice in load_all(reader, ForkNoticeRecord, FORK_NOTICES, id):
            campaign.fork_notices[AuthorId(key)] = notice
        return campaign

    def take_persona(self, step: Step, record: CampaignRecord) -> None:
        """Enter the campaign, or go on as somebody else; the log and the keys held stay.

        The persona's operation key goes to the seeds, its sealing keys to the keyring, which erase them
        when they have served.
        """
        self.seeds.abandon(step)
        self.persona = Persona(record.persona, self.sealer)
        self.dag.me = self.me
        self.record = replace(record, persona=replace(record.persona, operation=b"", seal=b"", prekey=b""))
        self.seeds.add(step, record.persona.operation, author=self.me, seq=0)
        self.parted = {}  # that was said to the old one
        prekeys, _ = of_identity(
            record.persona.seal, record.persona.prekey, sealer=self.sealer, now_ms=step.now_ms
        )
        self.keyring = Keyring(
            campaign=self.id,
            me=self.me,
            prekeys=prekeys,
            bundles=self.keyring.bundles,
            epochs=self.keyring.epochs,
            chains=self.keyring.chains,
        )
        self._view = None

    # --- Me

    @property
    def me(self) -> AuthorId:
        return self.persona.author

    @property
    def founded(self) -> bool:
        """The `create` operation has been opened: the campaign can be shown and worked in."""
        return self.roster().create is not None

    def my_member(self) -> Member | None:
        return self.roster().members.get(self.me)

    @property
    def my_state(self) -> MemberState:
        """Mine, as the log and the others say; `active` while my own admission has not arrived yet."""
        member = self.my_member()
        state = member.state if member else self.record.state
        if state is MemberState.ACTIVE and self.parted and self.put_out:
            return MemberState.REMOVED
        return state

    @property
    def may_write(self) -> bool:
        """Whether I am an active member, as far as is known here, and can sign."""
        return self.my_member() is not None and self.my_state is MemberState.ACTIVE and not self.seeds.lost

    @property
    def put_out(self) -> bool:
        """The others told me that I was removed; the removal itself I cannot read.

        Two of them must say so, or the only other one: a single member could lie.
        """
        if self.my_member() is None:
            others = {peer.link for peer in self.record.peers}
        else:
            members = self.roster().members
            others = {members[one].card.link for one in self.roster().active() if one != self.me}
        return 0 < min(2, len(others)) <= sum(link in self.parted for link in others)

    @property
    def parting(self) -> bool:
        """I left, and fewer than half of the members are known to have heard of it: I stay to tell.

        One would not do: it may be somebody whom I admitted and the others have not heard of either.
        """
        if self.my_state is not MemberState.LEFT:
            return False
        last, _ = self.dag.frontier[self.me]
        others = self.roster().active()
        told = sum(self.holders.said.get(one, {}).get(self.me, -1) >= last for one in others)
        return 2 * told < len(others)

    # --- Members

    def roster(self) -> Roster:
        return self.membership.roster()

    def control(self, row: BodyRow, body: Body, cut: tuple[OperationId, ...] | None) -> Control:
        """A control operation with its place; `cut` as `node.forks.cut_of` found it."""
        branches = cut if isinstance(body, HaltBody) and cut is not None else ()
        return Control(
            id=row.id,
            number=self.dag.control_number(row.id),
            author=row.author,
            seq=row.seq,
            depth=row.depth,
            past=self.dag.context_bits(row.context),
            body=slim(body),
            true_cut=cut is not None,
            cut=cut or (),
            branches=tuple([self.past_of(end) for end in branches]),
        )

    def past_of(self, operation: OperationId) -> int:
        """The control operations in the past of one that is held, as bits."""
        place = self.dag.place(operation)
        assert place is not None
        return self.dag.context_bits(place.context)

    def out(self) -> frozenset[AuthorId]:
        """Everyone who ever was named a member and is not an active one."""
        return self.membership.ever_in() - set(self.roster().active())

    def member_by_link(self, link: bytes) -> AuthorId | None:
        """The active member who authenticates links with this key."""
        return self.roster().by_link().get(link)

    def learn_hints(self, step: Step, author: AuthorId, seq: int, hints: tuple[str, ...]) -> None:
        """A member said where they can be reached."""
        # Two may stand at one place: the order in which they came leaves no trace.
        if (seq, hints) > self.hints.get(author, (-1, ())):
            self.hints[author] = seq, hints
            self.hints_changed = True
            step.put(HINTS, self.id + author, HintsRecord(seq=seq, hints=hints))

    def hints_of(self, author: AuthorId) -> tuple[str, ...]:
        """Where a member may be reached: what they said last, else what their card says."""
        told = self.hints.get(author)
        if told is not None:
            return told[1]
        member = self.roster().members.get(author)
        return member.card.hints if member else ()

    # --- Keys

    def view(self) -> View:
        """Membership as the coverage rules want it told."""
        if self._view is None:
            self._view = view_of(self.membership)
        return self._view

    def note_own_epoch(self, kind: Kind, row: BodyRow, body: Body) -> None:
        """A control operation was opened: if I began an epoch by it, the next is due later."""
        if row.author == self.me and kind in EPOCH_KINDS:
            self.own_epoch = (row.seq, body.at_ms)
            self.stirred = False

    def review_retired(self, now_ms: int) -> None:
        """Operations came, or time went by: which keys count as published, and what does that make void?"""
        changed = self.retired.review(now_ms)
        if self.membership.set_void(self.retired.void_controls()) or changed:
            self.roster_moved()

    def roster_moved(self) -> None:
        """A control operation was opened, or what was counts for something else."""
        self._view = None
        self._rosters_at.clear()
        self.controls_changed = True
        self.look_untaken = True  # somebody may be a member now, or I

    @property
    def key_fits(self) -> bool:
        """There is an epoch to write under that all members hold, and nobody lacks a record key held here."""
        ready = agreement.ready(self.keyring, self.view())
        return (
            ready is not None
            and not ready.lacking
            and not keyring.lacking_records(self.keyring, self.view().inside)
        )

    def follows_taken(self, operation: Operation) -> bool:
        """Whether all directs before these, in their author's log, were taken: they open in that order."""
        last = OperationId(operation.header.backlink)
        return not last or last in self.taken_waiting or self.dag.holds(last)

    @property
    def closed(self) -> bool:
        """Something is here whose record key is not: it may say of more people that they are members."""
        held = self.keyring.epochs
        return any(epoch not in held or not held[epoch].record for epoch in self.unopened)

    def waiting_count(self) -> int:
        """How many operations wait here for a key that is still to come.

        Not talk from before I came, nor of an epoch whose keys were erased: that is closed for good.
        """
        return sum(waiting for epoch, waiting in self.unopened.items() if self._key_to_come(epoch))

    def _key_to_come(self, epoch: EpochId) -> bool:
        known = self.keyring.epochs.get(epoch)
        if known is None or not known.record:
            return True
        return self.me in known.covered and epoch not in self.keyring.chains and not known.superseded_ms

    def missing_epochs(self) -> tuple[EpochId, ...]:
        """Epochs under which something was written that waits here for their record key."""
        held = self.keyring.epochs
        missing = [epoch for epoch in self.unopened if epoch not in held or not held[epoch].record]
        return tuple(sorted(missing)[:CARRIED_EPOCHS_MAX])

    # --- Verdicts

    def act_counts(self, author: AuthorId, operation: OperationId, seq: int, context: int) -> bool:
        """Whether an act (not talk) of this author counts: active at that place, and not struck since."""
        past = self.dag.context_bits(context)
        return self.roster_at(context).is_active(author) and self.stands(author, operation, seq, past)

    def roster_at(self, context: int) -> Roster:
        """Members and channels as the past of an operation made them."""
        known = self._rosters_at.get(context)
        if known is None:
            known = self.membership.roster_at(self.dag.context_bits(context))
            self._rosters_at[context] = known
        return known

    def stands(self, author: AuthorId, operation: OperationId, seq: int, past: int) -> bool:
        """Whether no removal or halt strikes this place, nor can anybody have written it; `past`: as bits."""
        if author not in self.dag.forks:
            return not self.membership.fell(author, seq)
        return not self.retired.void(author, operation, seq) and all(
            any(self.dag.on_line(end, operation, author, seq) for end in cut)
            for cut in self.membership.cuts(author, past)
        )

    def talk_counts(self, author: AuthorId, context: int, channel: bytes) -> bool:
        """Whether a message is shown: its author was an active member, and the channel existed."""
        roster = self.roster_at(context)
        return roster.is_active(author) and channel in roster.channels

    # --- Statements

    def verdicts(self) -> bytes:
        """32 bytes that change whenever what counts in statements, or who their authors are, may change."""
        data = canonical.encode((self.me, self.membership.fingerprint(), self.retired.fingerprint()))
        return hashlib.blake2b(data, digest_size=32).digest()

    def _may_touch_statements(self, row: BodyRow) -> bool:
        if not self.act_counts(row.author, row.id, row.seq, row.context):
            return False
        return may_touch(Kind(row.kind), row.author, self.roster_at(row.context))

    def signer(self, author: AuthorId) -> Signer | None:
        """Act key and seat of whoever ever was a member."""
        return signer_of(self.roster(), author)

    def _signer_then(self, row: BodyRow) -> Callable[[AuthorId], Signer | None]:
        return signers_of(self.roster_at(row.context))

    # --- Frontiers

    def surely_held(self, held: Held) -> int:
        """Up to where a peer that says this holds what I hold: all of it, as far as I can compare."""
        author = AuthorId(held.author)
        if held.seq > self.dag.top(author) or self.dag.mark(author, held.seq) == held.mark:
            return held.seq
        return self.dag.agreed(author)

    def claim(self, author: AuthorId, seq: int) -> None:
        """Somebody says that this author's log reaches this far."""
        if author in self.claimed or len(self.claimed) < 2 * AUTHORS_MAX:
            self.claimed[author] = max(seq, self.claimed.get(author, -1))

    def concerned(self, kind: Kind, context: int) -> tuple[AuthorId, ...]:
        """Who is counted when it is asked who holds an operation, of those who are members now.

        Of talk, whom it was sealed to: the members at its place. Of all else, everybody: whoever came later
        gets it too, and counts it.
        """
        active = self.roster().active()
        if kind is not Kind.POST:
            return active
        then = self.roster_at(context)
        return tuple([member for member in active if then.is_active(member)])

    def behind(self, member: AuthorId) -> int:
        """How many operations held here that member is not known to hold; -1 if nothing is known."""
        if not self.holders.met(member):
            return -1
        return sum(
            max(0, self.dag.top(author) - self.holders.upto(member, author))
            for author in self.dag.authors()
            if author != member
        )

    def heads_digest(self) -> bytes:
        """32 bytes, equal on two nodes exactly when they hold the same operations of this campaign."""
        data = self.dag.digest_input()
        return hashlib.blake2b(data, digest_size=32, person=b"meshcoal-heads-1").digest()

    @property
    def relays(self) -> bool:
        """Whether this node passes on what others wrote: a member of a campaign too large for a full mesh."""
        members = self.roster().active()
        return len(members) > self.pace.full_mesh_max and self.roster().is_active(self.me)

    def end_step(self, step: Step, *, put_off: bool = False) -> None:
        """Write down what changed of heads and keys; what was noted for the step in progress has served.

        Args:
            put_off: not the keys. They move with every message: of slices that come one after another they
                are written once. The step is not whole then.
        """
        self.statements.end_step(step, moved=self.controls_changed)
        self.cases.end_step()
        step.change(*self.dag.settle())
        if not put_off:
            self.put_keys(step)
        elif self.keyring_moved:
            step.whole, self.owes_keys = False, True
        self.unopened_now.clear()
        self.taken_now.clear()
        self.branched_now.clear()
        self.midway = False
        self.controls_changed = False
        self.hints_changed = False


def _read_cut(value: bytes) -> tuple[OperationId, ...] | None:
    return cast(tuple[OperationId, ...], canonical.decode(value)) if value else None
