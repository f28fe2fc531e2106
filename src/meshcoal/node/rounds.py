"""The rounds of sealed sign-ons of one campaign: whose they are, what is in their boxes, what came out.

Law: who may sign and who holds shares follows from the past of the freeze alone, so that nodes that hold it
come to the same, whatever they learn later. What a box holds is on disk before it is told to anybody; shares
are not, for they are told anew. My own keys of a week stay as long as a round needs them
(`statement.sealed.keys`). Ours, unreviewed: docs/protocol/sealed-signons.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from meshcoal.campaign.membership import KEY_BODIES, Membership, Roster
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.ring import RingKey
from meshcoal.errors import BadEnvelope, BadKey, BadRing, OverLimit, UnsafeSeal
from meshcoal.ids import AuthorId, CampaignId, Digest, OperationId
from meshcoal.limits import SEALED_ROUNDS_MAX
from meshcoal.log.changes import PutDocument
from meshcoal.log.dag import Dag
from meshcoal.log.reader import BodyRow, LogReader
from meshcoal.node.polls import Polls
from meshcoal.node.records import load_all
from meshcoal.node.round_records import (
    KNOWN,
    ROUNDS,
    SEALED_ITEMS,
    UNSEALED,
    WEEKS,
    Held,
    RoundRecord,
    UnsealedRecord,
)
from meshcoal.node.step import Step
from meshcoal.statement.model import SignOn
from meshcoal.statement.sealed import keys
from meshcoal.statement.sealed.box import Box, Moved, State, restore
from meshcoal.statement.sealed.envelope import Round, Signed
from meshcoal.statement.sealed.terms import make_terms
from meshcoal.statement.tally import sign_on_of
from meshcoal.sync.loose import LooseSet
from meshcoal.wire import record
from meshcoal.wire.bodies import FreezeBody, WeekBody
from meshcoal.wire.counted import CountedSignOn, CountedWithdrawal
from meshcoal.wire.loose import LooseItems, parted
from meshcoal.wire.sealed import (
    SEALED,
    Envelope,
    LooseItem,
    OpenedSignOn,
    SealedItem,
    SealedRoster,
    ToldShare,
    item_id,
)
from meshcoal.wire.terms import NameMode, Seat
from meshcoal.wire.week_keys import HeldWeeks, WeekKeys, WeekSecrets


class Rounds:
    """All rounds of one campaign."""

    def __init__(
        self, campaign: CampaignId, *, dag: Dag, membership: Membership, reader: LogReader, loose: LooseSet
    ) -> None:
        self._campaign = campaign
        self._dag = dag
        self._membership = membership
        self._reader = reader
        self._loose = loose
        self.held: dict[bytes, Held] = {}  # by terms
        self.items: dict[OperationId, LooseItem] = {}  # by name, of all boxes
        self.polls = Polls(campaign, reader=reader, loose=loose, items=self.items)
        self.weeks = keys.NO_WEEKS
        self._marks: dict[bytes, bytes] = {}  # of what came out, by statement
        self.known: dict[AuthorId, None] = {}  # members whom I verified in person, by words
        self.letters = False  # there is a letter, for which members need keys
        self.letters_now = False  # one came in the step in progress
        self.begun_now = False  # a round was begun in the step in progress
        self.unread: dict[OperationId, bytes] = {}  # freezes part of whose past is unread yet; of what letter

    def recover(self, dag: Dag) -> None:
        """Read back what was written. Raises `Corrupt`."""
        self._dag = dag
        self.polls.recover()
        for key, _ in self._reader.documents(KNOWN, self._campaign):
            self.known[AuthorId(key[len(self._campaign) :])] = None
        self.letters = any(about for about, _ in self._reader.body_counts(self._campaign))
        weeks = self._reader.document(WEEKS, self._campaign)
        self.weeks = record.decode(HeldWeeks, weeks) if weeks is not None else keys.NO_WEEKS
        kept = [one for _, one in load_all(self._reader, RoundRecord, ROUNDS, self._campaign)]
        found: dict[bytes, list[SealedItem]] = {one.terms.id: [] for one in kept}
        for _, value in self._reader.documents(SEALED_ITEMS, self._campaign):
            item = SEALED.decode(value)
            assert isinstance(item, SealedItem), "of this space"
            found[item.terms].append(item)
        opened: dict[bytes, dict[bytes, Signed]] = {terms: {} for terms in found}
        for key, one in load_all(self._reader, UnsealedRecord, UNSEALED, self._campaign):
            opened[one.terms][key] = Signed(
                content=one.content, ring_key=one.ring_key, text_digest=Digest(one.text_digest)
            )
        for round_ in kept:
            terms = round_.terms.id
            box = restore(Round.of(round_.terms, round_.roster), found[terms], opened[terms])
            self.held[terms] = Held(record=round_, box=box, written=dict.fromkeys(opened[terms]))
            for item in box.items():
                self._enter(item)
            self._mark(round_.statement)

    # --- Whose

    def gathered(self, bits: int, roster: Roster) -> tuple[SealedRoster, tuple[bytes, ...]]:
        """Roster and authors, place by place, of those who published keys in a past. Raises `BadRing`."""
        newest: dict[AuthorId, tuple[int, bytes, WeekKeys]] = {}
        for control in self._membership.controls.values():
            if isinstance(control.body, WeekBody) and bits >> control.number & 1:
                published = control.seq, bytes(control.id), control.body.keys
                newest[control.author] = max(published, newest.get(control.author, published), key=_place)
        acts = {
            author: roster.members[author].card.act
            for author in roster.active()
            if roster.members[author].seat is not Seat.OBSERVER
        }
        week = {author: found for author, (_, _, found) in newest.items()}
        gathered = keys.gather(acts, week)
        whose: dict[bytes, AuthorId] = {}
        for author in sorted(acts):
            if author in week:
                whose.setdefault(week[author].ring, author)
        return gathered, tuple([whose[one] for one in gathered.rings])

    def newest_weeks(self) -> dict[AuthorId, WeekKeys]:
        """The keys that each member published last."""
        newest: dict[AuthorId, tuple[int, bytes, WeekKeys]] = {}
        for control in self._membership.controls.values():
            if isinstance(control.body, WeekBody):
                published = control.seq, bytes(control.id), control.body.keys
                newest[control.author] = max(published, newest.get(control.author, published), key=_place)
        return {author: keys for author, (_, _, keys) in newest.items()}

    def sealable(self) -> int:
        """How many members a freeze that is written now would gather."""
        bits = sum(1 << control.number for control in self._membership.controls.values())
        try:
            return len(self.gathered(bits, self._membership.roster())[0].entries)
        except BadRing:
            return 0

    def signers(self) -> list[AuthorId]:
        """Active members who might sign."""
        roster = self._membership.roster()
        return [one for one in roster.active() if roster.members[one].seat is not Seat.OBSERVER]

    def lacking(self) -> list[AuthorId]:
        """Those of them who have published no keys."""
        have = {one.author for one in self._membership.controls.values() if isinstance(one.body, WeekBody)}
        return [one for one in self.signers() if one not in have]

    # --- Beginning

    def on_freeze(self, step: Step, row: BodyRow, body: FreezeBody) -> None:
        """A freeze was opened, or more of its past: begin its rounds, where it names any that are safe."""
        counted = NameMode.COUNTED in body.modes
        if not body.sealed_until and not counted:
            return
        bits = self._dag.context_bits(row.context)
        then, known = Membership(), 0
        for control in sorted(self._membership.controls.values(), key=lambda one: one.number):
            if bits >> control.number & 1:
                known |= 1 << control.number
                if not isinstance(control.body, KEY_BODIES):
                    then.add(control)
        roster = then.roster()
        self.unread.pop(row.id, None)
        if known != bits:
            self.unread[row.id] = body.statement
        if not roster.is_organiser(row.author):
            return
        try:
            gathered, authors = self.gathered(bits, roster)
        except BadRing:
            return  # nobody has keys: nobody signs but by name
        if counted and self.polls.begin(step, row, body, gathered.rings, authors):
            self.begun_now = True
        if body.sealed_until:
            self._begin_sealed(step, row, body, gathered, authors)

    def _begin_sealed(
        self, step: Step, row: BodyRow, body: FreezeBody, gathered: SealedRoster, authors: tuple[bytes, ...]
    ) -> None:
        try:
            terms = make_terms(
                campaign=self._campaign,
                statement=body.digest,
                roster=gathered,
                threshold=body.sealed_until,
                expires_ms=body.seal_expires_ms,
            )
            round_ = Round.of(terms, gathered)
        except (UnsafeSeal, BadRing, BadKey, BadEnvelope):
            return  # nobody can sign sealed; the letter says so, and is signed like any other
        self._replace(step, row.id, terms.id)
        if terms.id in self.held or len(self.held) >= SEALED_ROUNDS_MAX:
            return
        begun = RoundRecord(
            statement=body.statement,
            freeze=row.id,
            began_ms=body.at_ms,
            terms=terms,
            roster=gathered,
            authors=authors,
        )
        self.held[terms.id] = Held(record=begun, box=Box(round_), written={})
        step.put(ROUNDS, self._campaign + terms.id, begun)
        self.begun_now = True

    def read_freeze(self, step: Step, row: BodyRow) -> None:
        """The same of a freeze that is held."""
        body = record.decode(FreezeBody, row.body)
        self.on_freeze(step, row, body)

    def on_draft(self) -> None:
        """A letter was begun: members need keys."""
        self.letters = self.letters_now = True

    def _replace(self, step: Step, freeze: bytes, terms: bytes) -> None:
        """More of the past can be read: a round that was begun without it was another."""
        for other, held in list(self.held.items()):
            if held.record.freeze == freeze and other != terms:
                self.apply(step, held, Moved(dropped=tuple([item_id(one) for one in held.box.items()])))
                for envelope in held.written:
                    step.erase(UNSEALED, self._campaign + envelope)
                step.erase(ROUNDS, self._campaign + other)
                del self.held[other]
                self._mark(held.record.statement)

    def of_freeze(self, freeze: bytes) -> Held | None:
        for held in self.held.values():
            if held.record.freeze == freeze:
                return held
        return None

    def open_rounds(self, now_ms: int) -> list[Held]:
        """Rounds whose date is not past."""
        return [held for held in self.held.values() if now_ms < held.terms.expires_ms]

    # --- What a box did

    def take(self, step: Step, item: LooseItem) -> tuple[LooseItem, ...]:
        """Judge an item, and write down what came of it. Returns what is held from now on.

        Raises:
            RemoteError: as `Box.take`; `BadEnvelope` also where no round here is its own.
        """
        if isinstance(item, CountedSignOn | CountedWithdrawal):
            return self.polls.take(step, item)
        held = self.held.get(item.terms)
        if held is None:
            raise BadEnvelope("of a round that is not known here")
        moved = held.box.take(item, now_ms=step.now_ms)
        return self.apply(step, held, moved)

    def apply(self, step: Step, held: Held, moved: Moved) -> tuple[LooseItem, ...]:
        """Write down what a box did. Returns what is held from now on."""
        for name in moved.dropped:
            one = self.items.pop(name, None)
            self._loose.remove(name)
            if one is not None and not isinstance(one, ToldShare):
                step.erase(SEALED_ITEMS, self._campaign + name)
        for item in moved.added:
            name = self._enter(item)
            if not isinstance(item, ToldShare):
                step.change(
                    PutDocument(space=SEALED_ITEMS, key=self._campaign + name, value=SEALED.encode(item))
                )
        if moved.added or moved.dropped:
            self._note_opened(step, held)
        return moved.added

    def _note_opened(self, step: Step, held: Held) -> None:
        opened = held.box.opened_by_envelope()
        for envelope, signed in opened.items():
            if envelope not in held.written:
                held.written[envelope] = None
                came_out = UnsealedRecord(
                    terms=held.terms.id,
                    ring_key=signed.ring_key,
                    text_digest=signed.text_digest,
                    content=signed.content,
                )
                step.put(UNSEALED, self._campaign + envelope, came_out)
        for envelope in [one for one in held.written if one not in opened]:
            del held.written[envelope]
            step.erase(UNSEALED, self._campaign + envelope)
        self._mark(held.record.statement)

    def _enter(self, item: LooseItem) -> OperationId:
        name = item_id(item)
        self.items[name] = item
        self._loose.add(name)
        return name

    def expire(self, step: Step) -> bool:
        """Dates are past: what is shut goes, and my keys with it. Whether anything did."""
        gone = self.polls.expire(step)
        for held in self.held.values():
            if step.now_ms >= held.terms.expires_ms:
                moved = held.box.expire()
                gone = gone or bool(moved.dropped)
                self.apply(step, held, moved)
        return self._spend(step) or gone

    def _spend(self, step: Step) -> bool:
        """Erase my keys of rounds that are over, the newest among them. Whether any went."""
        over = {
            entry.ring
            for held in self.held.values()
            if step.now_ms >= held.terms.expires_ms
            for entry in held.record.roster.entries
        } | self.polls.spent(step.now_ms)
        running = [(held.terms, held.record.roster) for held in self.open_rounds(step.now_ms)]
        rings = self.polls.needed(step.now_ms)
        kept = keys.prune(self.weeks, running, step.now_ms, rings=rings) if self.weeks.weeks else self.weeks
        needed = {entry.ring for _, roster in running for entry in roster.entries} | rings
        weeks = [one for one in kept.weeks if one.public.ring in needed or one.public.ring not in over]
        return self._keep_weeks(step, HeldWeeks(weeks=tuple(weeks)))

    def _keep_weeks(self, step: Step, kept: HeldWeeks) -> bool:
        if kept == self.weeks:
            return False
        self.weeks = kept
        step.put(WEEKS, self._campaign, kept)
        return True

    def packed(self, names: Iterable[OperationId]) -> list[LooseItems]:
        """What is held of these, to be sent: envelopes first, for the rest waits for them."""
        found = [self.items[name] for name in names if name in self.items]
        found.sort(key=lambda item: not isinstance(item, Envelope))
        return parted([SEALED.encode(item) for item in found])

    # --- What came out

    def sign_ons(self, statement: bytes) -> tuple[SignOn, ...]:
        """What came out of a statement's envelopes, for the count."""
        found = []
        for held in self.held.values():
            if held.record.statement != statement:
                continue
            place = self._dag.place(OperationId(held.record.freeze))
            for signed in held.box.opened():
                one = OpenedSignOn(
                    author=held.author_of(signed),
                    act_key=signed.content.act_key,
                    fields=signed.content.fields,
                    act_signature=signed.content.act_signature,
                    in_ring=signed.content.in_ring,
                )
                made = sign_on_of(
                    one, statement, Digest(held.terms.statement), depth=place.depth if place else 0
                )
                if made is not None:
                    found.append(made)
        return tuple(found)

    def mark(self, statement: bytes) -> bytes:
        """Another value whenever `sign_ons` says something else; empty where it says nothing."""
        return self._marks.get(statement, b"") + self.polls.mark(statement)

    def _mark(self, statement: bytes) -> None:
        names = sorted([bytes(one.id) for one in self.sign_ons(statement)])
        self._marks[statement] = hashlib.blake2b(b"".join(names), digest_size=32).digest() if names else b""

    # --- Whom I know

    def know(self, step: Step, author: AuthorId, *, match: bool) -> None:
        """Words were compared with a member in person."""
        if match:
            self.known[author] = None
            step.change(PutDocument(space=KNOWN, key=self._campaign + author, value=b""))
        elif author in self.known:
            del self.known[author]
            step.erase(KNOWN, self._campaign + author)

    # --- My keys

    def mine(self, held: Held) -> tuple[int, WeekSecrets] | None:
        """My place in a round, from 1, and my keys there; None: I have none."""
        try:
            return keys.mine(self.weeks, held.record.roster)
        except BadKey:
            return None

    def my_tag(self, held: Held) -> bytes:
        """The tag of whatever I sign in a round; empty where I have no keys in it."""
        found = self.mine(held)
        return RingKey(found[1].ring_seed).tag(held.terms.event) if found is not None else b""

    def week_due(self, me: AuthorId, now_ms: int, *, stirred: bool) -> bool:
        """Whether I should publish keys: there is a letter and I have none, or they are a week old.

        Args:
            stirred: anything was written since I published the last.
        """
        if not self.letters:
            return False
        bodies = [one.body for one in self._membership.controls.values() if one.author == me]
        published = {body.keys.ring for body in bodies if isinstance(body, WeekBody)}
        if not self.weeks.weeks or self.weeks.weeks[-1].public.ring not in published:
            return True
        return stirred and keys.is_due(self.weeks, now_ms)

    def begin_week(self, step: Step, me: AuthorId, entropy: Entropy) -> WeekKeys | None:
        """Fresh keys, and what is to be published of them; None: I hold too many already."""
        self.prune(step)
        try:
            self.weeks, public = keys.begin_week(
                self.weeks, campaign=self._campaign, author=me, entropy=entropy, now_ms=step.now_ms
            )
        except OverLimit:
            return None
        step.put(WEEKS, self._campaign, self.weeks)
        return public

    def prune(self, step: Step) -> bool:
        """Keep no keys that nothing needs any more. Whether some went."""
        if not self.weeks.weeks:
            return False
        rounds = [(held.terms, held.record.roster) for held in self.held.values()]
        rings = self.polls.needed(step.now_ms)
        return self._keep_weeks(step, keys.prune(self.weeks, rounds, step.now_ms, rings=rings))

    def statement_of(self, terms: bytes) -> bytes | None:
        """Of which statement a round is, sealed or counted; None: it is not known here."""
        held = self.held.get(terms) or self.polls.held.get(terms)
        return held.record.statement if held is not None else None

    def statements(self) -> list[bytes]:
        """All whose rounds are held."""
        sealed = [held.record.statement for held in self.held.values()]
        return list(dict.fromkeys([*sealed, *[one.record.statement for one in self.polls.held.values()]]))

    def running(self, now_ms: int) -> dict[bytes, tuple[int, int]]:
        """Rounds in which something may begin: when they began, and when they end, by terms."""
        found = {
            one.terms.id: (one.record.began_ms, one.terms.expires_ms) for one in self.open_rounds(now_ms)
        }
        for poll in self.polls.open(now_ms):
            found[poll.id] = poll.record.began_ms, poll.record.ends_ms
        return found

    def settled(self, terms: bytes) -> bool:
        """Whether what matters of a round has happened: its names came out. A count is never settled."""
        held = self.held.get(terms)
        return held is not None and bool(held.box.opened())

    def examine(self, item: LooseItem, now_ms: int) -> None:
        """Return only if `take` would hold this beginning now. Raises `RemoteError` as the boxes do."""
        if isinstance(item, CountedSignOn | CountedWithdrawal):
            self.polls.held[item.terms].box.examine(item)
        else:
            self.held[item.terms].box.examine(item, now_ms=now_ms)

    def due(self, now_ms: int) -> list[Held]:
        """Rounds in which something is to be opened and is shut."""
        return [
            held
            for held in self.open_rounds(now_ms)
            if any(held.box.mark_of(one.tag) is State.SHUT for one in held.box.standing(now_ms).openable)
        ]

    def tell(self, step: Step, rounds: Iterable[Held]) -> Iterable[LooseItem]:
        """My shares that are due in these, held from now on."""
        told: list[LooseItem] = []
        for held in rounds:
            found = self.mine(held)
            if found is None:
                continue
            place, secrets = found
            trustee = AgreementKey(secrets.trustee)
            for share in held.box.tell(member=place, trustee=trustee, now_ms=step.now_ms):
                told += self.take(step, share)
        return told


def _place(published: tuple[int, bytes, WeekKeys]) -> tuple[int, bytes]:
    return published[0], published[1]
