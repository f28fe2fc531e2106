"""Reading a bundle: what is in it is shown first, and taken in only when the user says so.

Law: nothing of a bundle has a way in of its own. Runs go into the spool, or through `node.accept` later;
items are judged by their rounds; chunks are checked against the manifest that a message names. Looking at a
part changes nothing; taking it twice, or in any order, changes nothing more. What is wrong is counted by its
code and costs its own part alone. What waits is bounded: whoever reads on too fast is told to wait.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from meshcoal.crypto.agreement import Sealer
from meshcoal.crypto.chunks import chunk_id
from meshcoal.crypto.parts import Locks
from meshcoal.errors import BadSeal, Busy, MalformedAttachment, OverLimit, RemoteError
from meshcoal.ids import AuthorId, CampaignId
from meshcoal.limits import (
    BUNDLE_RECORDS_TRIED_MAX,
    BUNDLE_STRETCHES_MAX,
    BUNDLE_WAITING_MAX,
    SLICE_OPERATIONS,
)
from meshcoal.node.accept import Acceptor
from meshcoal.node.attachments import Attachments
from meshcoal.node.campaign import Campaign
from meshcoal.node.catching import Catching, note_news
from meshcoal.node.events import LEISURE_TIMERS
from meshcoal.node.joining import Found, FoundAnswer, FoundRequest, Refused
from meshcoal.node.rules import allowed
from meshcoal.node.sealing import Sealing
from meshcoal.node.step import Step
from meshcoal.node.stretches import Stretches
from meshcoal.node.taking import Outcome
from meshcoal.wire.attachment import Attachment
from meshcoal.wire.bundle import Content, FilePiece, decode_content
from meshcoal.wire.operation import decode_operation
from meshcoal.wire.packing import unpack
from meshcoal.wire.path import PathKind
from meshcoal.wire.sealed import SEALED, LooseItem, item_id

BUNDLE_TIMER: Final = "bundle"
assert BUNDLE_TIMER in LEISURE_TIMERS
_AGAIN_MS: Final = 50  # while what was spooled is taken in
_CHUNKS_AT_ONCE: Final = 8
UNREFERRED: Final = "unknown"  # counted for chunks of files that no message here names


@dataclass(slots=True)
class Tally:
    """What a bundle holds of one campaign, as far as it was looked at."""

    operations: int = 0
    new_operations: int = 0
    new_items: int = 0
    new_chunks: int = 0
    files: dict[bytes, None] = field(default_factory=dict)  # of which a chunk is new
    made_ms: int = 0
    first_ms: int = 0
    last_ms: int = 0
    closed: int = 0  # parts of it that no key here opens
    seen: Stretches = field(default_factory=Stretches)
    items: dict[bytes, None] = field(default_factory=dict)
    chunks: dict[tuple[bytes, int], None] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Piece:
    """A few milliseconds of work that waits: one of these is not empty."""

    campaign: Campaign
    operations: Sequence[bytes] = ()
    item: LooseItem | None = None
    file: FilePiece | None = None


class Reading:
    """One bundle that is being looked at or taken in."""

    def __init__(self, token: bytes, campaigns: Mapping[CampaignId, Campaign], sealer: Sealer) -> None:
        self.token = token
        self._campaigns = campaigns
        self._sealer = sealer
        self._locks = [_locks(campaign) for campaign in campaigns.values()]
        self.tallies: dict[CampaignId, Tally] = {}
        self.parts = 0
        self.strange = 0  # parts that are of no campaign here, or damaged, or fill the bundle up
        self.place = 0  # of the part that was looked at last, among all that are taken in
        self.opened = False  # whether it could be
        self.taken = 0  # new operations
        self.refused: dict[str, int] = {}
        self.waiting: deque[Piece] = deque()
        self.requests: dict[bytes, FoundRequest] = {}  # to invitations of mine, by the request's name
        self.answers: dict[bytes, FoundAnswer] = {}  # to requests of mine, by introduction
        self._wanted: dict[bytes, Campaign] = {}  # files that were not asked for before this came
        self._named: dict[CampaignId, tuple[int, dict[bytes, tuple[Attachment, int]]]] = {}

    # --- Looking

    def open(self, part: bytes) -> tuple[Campaign, Content] | None:
        """What stands in a part; None where nobody here can know. Counts what is wrong with it."""
        self.opened, self.place = False, 0
        for at, locks in enumerate(self._locks):
            campaign = self._campaigns.get(CampaignId(locks.campaign))
            if campaign is None:
                continue
            try:
                padded = locks.open(part, self._sealer)
            except BadSeal:
                self.tally(campaign).closed += 1
                return None
            if padded is None:
                continue
            self._locks.insert(0, self._locks.pop(at))
            try:
                content = decode_content(padded)
            except RemoteError as refusal:
                self.count(refusal.code)
                return None
            self.opened = True
            self.place = (content.made_ms << 20) + min(content.number, 2**20 - 1)
            return campaign, content
        self.strange += 1
        return None

    def look(self, part: bytes) -> None:
        """Note what a part holds. Nothing is taken in."""
        self.parts += 1
        found = self.open(part)
        if found is None:
            return
        campaign, content = found
        tally = self.tally(campaign)
        tally.made_ms = max(tally.made_ms, content.made_ms)
        tally.last_ms = max(tally.last_ms, content.last_ms)
        if content.first_ms:
            tally.first_ms = min(tally.first_ms or content.first_ms, content.first_ms)
        try:
            for packed in content.runs:
                for chain in unpack(campaign.id, packed).chains:
                    self._look_at(campaign, tally, chain.author, chain.first, len(chain.ids))
            for encoded in content.operations:
                header = decode_operation(encoded).header
                self._look_at(campaign, tally, header.author, header.seq, 1)
            for encoded in content.items:
                name = item_id(_item(encoded))
                known = name in campaign.rounds.items or name in tally.items
                if not known and len(tally.items) < BUNDLE_STRETCHES_MAX:
                    tally.items[name] = None
                    tally.new_items += 1
        except RemoteError as refusal:
            self.count(refusal.code)
        for piece in content.files:
            self._look_at_file(campaign, tally, piece)

    def look_at(self, found: Found) -> None:
        """Note a part that is a request or an answer. It is best taken in before all others."""
        self.parts += 1
        self.place, self.opened = 0, not isinstance(found, Refused)
        match found:
            case FoundRequest(name=name):
                self.requests[name] = found
            case FoundAnswer(introduction=introduction):
                self.answers[introduction] = found
            case Refused(code=code):
                self.count(code)

    def _look_at(self, campaign: Campaign, tally: Tally, author: AuthorId, first: int, count: int) -> None:
        last = first + count - 1
        tally.operations += count
        tally.new_operations += tally.seen.add(author, max(first, campaign.spool.top(author) + 1), last)

    @staticmethod
    def _look_at_file(campaign: Campaign, tally: Tally, piece: FilePiece) -> None:
        kept = campaign.files.records.get(piece.file)
        if kept is not None and kept.whole:
            return
        here = frozenset(campaign.reader.chunk_places(campaign.id, piece.file)) if kept else frozenset()
        for chunk in piece.chunks:
            known = chunk.place in here or (piece.file, chunk.place) in tally.chunks
            if not known and len(tally.chunks) < BUNDLE_STRETCHES_MAX:
                tally.chunks[piece.file, chunk.place] = None
                tally.files[piece.file] = None
                tally.new_chunks += 1

    def tally(self, campaign: Campaign) -> Tally:
        """What was noted of one campaign."""
        return self.tallies.setdefault(campaign.id, Tally())

    def count(self, code: str, times: int = 1) -> None:
        self.refused[code] = self.refused.get(code, 0) + times

    def note(self, outcomes: Sequence[Outcome | RemoteError]) -> None:
        """What became of operations that this brought."""
        for outcome in outcomes:
            if isinstance(outcome, RemoteError):
                self.count(outcome.code)
            else:
                self.taken += outcome is Outcome.NEW

    @property
    def left(self) -> int:
        """What waits to be judged: pieces, and operations in the spools of campaigns of this bundle."""
        spooled = [self._campaigns[one].spool.operations for one in self.tallies if one in self._campaigns]
        return len(self.waiting) + sum(spooled)

    # --- Files

    def attachment(self, campaign: Campaign, file: bytes) -> Attachment | None:
        """What a message here says of a file, unless the rules of the campaign forbid it."""
        count, named = self._named.get(campaign.id, (-1, {}))
        if count != campaign.count:
            named = {}
            for message, attachment in campaign.files.references():
                place = campaign.dag.place(message)
                named[attachment.manifest] = attachment, place.context if place is not None else 0
            self._named[campaign.id] = campaign.count, named
        found = named.get(file)
        return found[0] if found is not None and allowed(campaign, found[0].size, found[1]) else None

    def wants(self, campaign: Campaign, file: bytes) -> None:
        """A file is fetched because some of it came: when this ends, no longer."""
        self._wanted[file] = campaign

    def end(self, step: Step) -> None:
        """No more comes. What lacks of files is not fetched from others unless a person asks for it."""
        self.waiting.clear()
        for file, campaign in self._wanted.items():
            campaign.files.unwant(step, file)


class Unbundling:
    """Takes in what bundles bring, a little at a time, behind everything else."""

    def __init__(
        self, *, acceptor: Acceptor, catching: Catching, sealing: Sealing, attachments: Attachments
    ) -> None:
        self._acceptor = acceptor
        self._catching = catching
        self._sealing = sealing
        self._attachments = attachments
        self.readings: dict[bytes, Reading] = {}
        catching.on_brought = self._note

    def _note(self, outcomes: Sequence[Outcome | RemoteError]) -> None:
        """What was spooled is taken in; of whichever bundle, where several are read at once."""
        for reading in self.readings.values():
            reading.note(outcomes)

    def take(self, step: Step, reading: Reading, part: bytes) -> None:
        """Take a part in: at once what goes into the spool, the rest soon.

        Raises:
            Busy: too much waits already. Hand the same part over again, a little later.
        """
        if len(reading.waiting) >= BUNDLE_WAITING_MAX:
            raise Busy("What came before is still being taken in.")
        found = reading.open(part)
        if found is None:
            return
        campaign, content = found
        reading.tally(campaign)
        if not self._catching.has_room(campaign, sum([len(packed) for packed in content.runs])):
            raise Busy("What came before is still being taken in.")
        for packed in content.runs:
            try:
                run = unpack(campaign.id, packed)
                if not self._catching.keep_brought(step, campaign, run, packed):
                    self._wait_run(reading, campaign, run.operations())
            except RemoteError as refusal:
                reading.count(refusal.code)
        self._wait_run(reading, campaign, content.operations)
        for encoded in content.items:
            try:
                reading.waiting.append(Piece(campaign=campaign, item=_item(encoded)))
            except RemoteError as refusal:
                reading.count(refusal.code)
        for piece in content.files:
            for start in range(0, len(piece.chunks), _CHUNKS_AT_ONCE):
                chunks = piece.chunks[start : start + _CHUNKS_AT_ONCE]
                some = FilePiece(file=piece.file, manifest=piece.manifest, chunks=chunks)
                reading.waiting.append(Piece(campaign=campaign, file=some))
        if reading.waiting:
            step.timer(BUNDLE_TIMER, step.now_ms)

    @staticmethod
    def _wait_run(reading: Reading, campaign: Campaign, operations: Sequence[bytes]) -> None:
        for start in range(0, len(operations), SLICE_OPERATIONS):
            some = operations[start : start + SLICE_OPERATIONS]
            reading.waiting.append(Piece(campaign=campaign, operations=some))

    def work(self, step: Step) -> None:
        """The timer came due: one more piece, of a campaign whose spool is empty."""
        for reading in self.readings.values():
            for at, piece in enumerate(reading.waiting):
                if not piece.campaign.spool:  # else it may stand behind what is there
                    del reading.waiting[at]
                    self._work(step, reading, piece)
                    step.timer(BUNDLE_TIMER, step.now_ms)
                    return
        if any(reading.waiting for reading in self.readings.values()):
            step.timer(BUNDLE_TIMER, step.now_ms + _AGAIN_MS)

    def _work(self, step: Step, reading: Reading, piece: Piece) -> None:
        campaign = piece.campaign
        if piece.operations:
            before = len(campaign.taken_now)
            outcomes = self._acceptor.receive_run(campaign, step, piece.operations)
            reading.note(outcomes)
            note_news(step, campaign, campaign.taken_now[before:])
            authors = [one.header.author for one in campaign.taken_now[before:]]
            self._catching.came(step, campaign, authors, PathKind.CARRIED)
        elif piece.item is not None:
            try:
                if item_id(piece.item) not in campaign.rounds.items:
                    self._sealing.bring(step, campaign, piece.item)
            except RemoteError as refusal:
                reading.count(refusal.code)
        elif piece.file is not None:
            self._take_chunks(step, reading, campaign, piece.file)

    def _take_chunks(self, step: Step, reading: Reading, campaign: Campaign, piece: FilePiece) -> None:
        kept = campaign.files.records.get(piece.file)
        if kept is not None and kept.whole:
            return
        attachment = reading.attachment(campaign, piece.file)
        if attachment is None:
            reading.count(UNREFERRED, len(piece.chunks))
            return
        if piece.file not in campaign.files.fetching.wanted:
            try:
                self._attachments.want(step, campaign, attachment, asked=False)
            except OverLimit as refusal:
                reading.count(refusal.code, len(piece.chunks))
                return
            reading.wants(campaign, piece.file)
        for sealed in [piece.manifest, *[chunk.sealed for chunk in piece.chunks]]:
            self._attachments.bring(step, campaign, piece.file, chunk_id(sealed), sealed)
        if piece.file in campaign.files.broken:
            reading.count(MalformedAttachment.code)


def _locks(campaign: Campaign) -> Locks:
    """The keys by which a member opens parts, the newest first."""
    began = campaign.view().began
    held = [
        (began[epoch].number if epoch in began else -1, keys.record)
        for epoch, keys in campaign.keyring.epochs.items()
        if keys.record
    ]
    held.sort(reverse=True)
    seeds = [bundle.last_resort.seed for bundle in reversed(campaign.keyring.prekeys.bundles)]
    records = [record for _, record in held[:BUNDLE_RECORDS_TRIED_MAX]]
    return Locks(campaign=campaign.id, records=records, seeds=seeds)


def _item(encoded: bytes) -> LooseItem:
    """Raises `MalformedSealed`, `OverLimit`."""
    item = SEALED.decode(encoded)
    assert isinstance(item, LooseItem), "the family of items"
    return item
