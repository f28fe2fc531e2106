"""What a node has of one campaign's attachments: which are here, wanted or handed over, and who holds them.

Law: what is kept stays under the campaign's bound. Room is made only by letting go of what others hold: never
of what was attached here and nobody has fetched. A file whose last message is gone is erased. The keys stay
with the messages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from meshcoal.crypto.chunks import chunk_id, chunk_key, digest_of, open_chunk, seal_chunk
from meshcoal.crypto.sealing import pad, unpad
from meshcoal.errors import BadArgument, BadSeal, MalformedAttachment, OverLimit
from meshcoal.ids import AuthorId, CampaignId, OperationId
from meshcoal.limits import (
    CHUNK_BYTES,
    MEMBERS_MAX,
)
from meshcoal.log.changes import EraseFile, PutChunk, RenameFile
from meshcoal.log.reader import LogReader
from meshcoal.node.records import FILES, FileRecord, load_all
from meshcoal.node.step import Step
from meshcoal.sync.fetching import Fetching
from meshcoal.wire import record
from meshcoal.wire.attachment import (
    Attachment,
    Manifest,
    chunk_bytes,
    chunk_count,
    decode_attached,
    padded_file_bytes,
)


@dataclass(slots=True)
class Upload:
    """A file that one of the user's programs is handing over, sealed as it comes."""

    campaign: CampaignId
    staged: bytes  # the file's name until it is whole
    name: str
    media_type: str
    size: int
    hash: bytes  # as the program announced it
    key: bytes
    digest: bytes
    expected: bytes  # manifest of the file that this must turn out to be; empty: a new one
    touched_ms: int
    received: int = 0
    chunks: list[bytes] = field(default_factory=list)
    attachment: Attachment | None = None  # once it is whole
    _rest: bytearray = field(default_factory=bytearray)
    _hash: hashlib.blake2b = field(default_factory=lambda: hashlib.blake2b(digest_size=32))

    def append(self, step: Step, data: bytes) -> None:
        """Take the next bytes. Raises `BadArgument` where it becomes longer than announced."""
        if self.received + len(data) > self.size:
            raise BadArgument("More bytes came than the file was said to have.")
        self.received += len(data)
        self._hash.update(data)
        self._rest += data
        if self.received == self.size:
            self._rest += bytes(padded_file_bytes(self.size) - self.size)
        while self._rest and len(self.chunks) < chunk_count(self.size):
            length = chunk_bytes(self.size, len(self.chunks) + 1)
            if len(self._rest) < length:
                return
            self._seal(step, len(self.chunks) + 1, bytes(self._rest[:length]))
            del self._rest[:length]

    def close(self, step: Step) -> Attachment:
        """Seal the manifest. Raises `BadArgument` where the bytes were not those that were announced."""
        if self._hash.digest() != self.hash:
            raise BadArgument("The file changed while it was read. Attach it again.")
        manifest = self._seal(step, 0, pad(record.encode(Manifest(chunks=tuple(self.chunks)))))
        self.attachment = Attachment(
            name=self.name,
            media_type=self.media_type,
            size=self.size,
            key=self.key,
            digest=self.digest,
            manifest=manifest,
        )
        return self.attachment

    def _seal(self, step: Step, place: int, plain: bytes) -> bytes:
        sealed = seal_chunk(chunk_key(self.key, self.digest, self.campaign), place, plain)
        chunk = chunk_id(sealed)
        if place:
            self.chunks.append(chunk)
        step.change(PutChunk(campaign=self.campaign, file=self.staged, place=place, id=chunk, sealed=sealed))
        return chunk


class Files:
    """The attachments of one campaign, as far as this node is concerned with them."""

    def __init__(self, campaign: CampaignId, reader: LogReader, *, first_place: int) -> None:
        self.campaign = campaign
        self.first_place = first_place  # differs from member to member
        self.reader = reader
        self.records: dict[bytes, FileRecord] = {}
        self.held: dict[bytes, int] = {}  # chunks here, manifest included
        self.named: dict[bytes, Attachment] = {}  # what is wanted, with its key
        self.broken: dict[bytes, None] = {}  # its author sealed something else than announced
        self.uploads: dict[bytes, Upload] = {}
        self.holders: dict[bytes, list[AuthorId]] = {}  # of what is not kept here
        self.attached_now: list[tuple[AuthorId, Attachment]] = []  # in the step in progress
        self.fetching = Fetching()
        self.asked_boards: dict[bytes, int] = {}  # files that were asked for at relays, and when
        self.timer_ms = 0  # when the timer of `node.attachments` fires next

    def recover(self, now_ms: int) -> None:
        """Go on where the last run stopped."""
        for file, kept in load_all(self.reader, FileRecord, FILES, self.campaign):
            self.records[file] = kept
            places = len(self.reader.chunk_places(self.campaign, file))
            self.held[file] = places
        wanted = {file for file, kept in self.records.items() if kept.wanted}
        if not wanted:
            return
        for _, attachment in self.references():
            if attachment.manifest in wanted and attachment.manifest not in self.named:
                self._resume(attachment, now_ms)

    # --- What messages say

    def references(self) -> Iterable[tuple[OperationId, Attachment]]:
        """All attachments of all messages here."""
        for row in self.reader.attached(self.campaign):
            for attachment in decode_attached(row.encoded):
                yield row.message, attachment

    def of_message(self, message: OperationId) -> tuple[Attachment, ...]:
        row = self.reader.attached_to(message)
        return decode_attached(row.encoded) if row else ()

    def known(self, size: int, hash: bytes) -> Attachment | None:
        """An attachment of the campaign that claims to be this very file."""
        for _, attachment in self.references():
            if (
                attachment.size == size
                and attachment.manifest not in self.broken
                and digest_of(attachment.key, hash) == attachment.digest
            ):
                return attachment
        return None

    # --- Room

    @property
    def kept_bytes(self) -> int:
        """What is kept or promised, in bytes before sealing."""
        whole = sum(padded_file_bytes(kept.size) for kept in self.records.values())
        return whole + sum(padded_file_bytes(upload.size) for upload in self.uploads.values())

    def make_room(self, step: Step, size: int, room_left: int) -> None:
        """Let go of the oldest that others hold until so much fits.

        Raises:
            OverLimit: it does not fit beside what must stay.
        """
        going, lacking = self._going(padded_file_bytes(size) - room_left)
        if lacking > 0:
            raise OverLimit("There is no room for this file: too many attachments are kept here already.")
        for file in going:
            self.erase(step, file)

    def trim(self, step: Step, room_left: int) -> None:
        """Let go of the oldest that others hold where more is kept than may be; of none attached here.

        For all do this at the same time, and would otherwise let go of the same.
        """
        for file in self._going(-room_left, mine=False)[0]:
            self.erase(step, file)

    def _going(self, needed: int, *, mine: bool = True) -> tuple[list[bytes], int]:
        """Files that can go to make so much room, the oldest first; and how much is lacking all the same."""
        going: list[bytes] = []
        for file, kept in sorted(self.records.items(), key=lambda item: (item[1].used_ms, item[0])):
            if needed <= 0:
                break
            if kept.whole and kept.holders and (mine or not kept.mine):
                going.append(file)
                needed -= padded_file_bytes(kept.size)
        return going, needed

    # --- Changes

    def put(self, step: Step, file: bytes, kept: FileRecord) -> None:
        self.records[file] = kept
        step.put(FILES, self.campaign + file, kept)

    def erase(self, step: Step, file: bytes) -> None:
        """Let go of a file: its chunks, and what is remembered of it."""
        self.fetching.stop(file)
        self.named.pop(file, None)
        if self.records.pop(file, None) is not None:
            step.erase(FILES, self.campaign + file)
        self.held.pop(file, None)
        step.change(EraseFile(campaign=self.campaign, file=file))

    def sweep(self, step: Step) -> None:
        """Erase what no message refers to any more, and what was handed over before a crash."""
        referred = {attachment.manifest for _, attachment in self.references()}
        referred.update(
            attachment.manifest for _, attachment in self.attached_now
        )  # not to be seen by the reader yet
        staged = {upload.staged for upload in self.uploads.values()}
        finished = {one.attachment.manifest for one in self.uploads.values() if one.attachment}
        for file in {**dict.fromkeys(self.reader.files(self.campaign)), **dict.fromkeys(self.records)}:
            if file not in referred and file not in staged and file not in finished:
                self.erase(step, file)

    def want(self, step: Step, attachment: Attachment, *, asked: bool, room_left: int) -> None:
        """Fetch a file, or go on with it. Raises `OverLimit` where there is no room."""
        file = attachment.manifest
        kept = self.records.get(file)
        if kept is not None and (kept.whole or (kept.wanted and kept.asked >= asked)):
            return
        if kept is None:
            self.make_room(step, attachment.size, room_left)
            kept = FileRecord(
                size=attachment.size,
                mine=False,
                wanted=True,
                asked=asked,
                whole=False,
                used_ms=step.now_ms,
                holders=tuple(self.holders.pop(file, ())),
            )
        self.put(step, file, replace(kept, wanted=True, asked=asked, used_ms=step.now_ms))
        self.broken.pop(file, None)
        self._resume(attachment, step.now_ms)

    def unwant(self, step: Step, file: bytes) -> None:
        """Stop fetching. What has come stays, for a later try."""
        kept = self.records.get(file)
        if kept is not None and kept.wanted:
            self.fetching.stop(file)
            self.put(step, file, replace(kept, wanted=False))

    def _resume(self, attachment: Attachment, now_ms: int) -> None:
        file = attachment.manifest
        self.named[file] = attachment
        sealed = self.reader.chunk_at(self.campaign, file, 0)
        missing = {file: 0} if sealed is None else self._missing(attachment, sealed)
        self.fetching.begin(file, missing, asked=self.records[file].asked, now_ms=now_ms)

    def _missing(self, attachment: Attachment, sealed: bytes) -> dict[bytes, int]:
        """What lacks of a file whose manifest is here. Raises `MalformedAttachment`."""
        chunks = self.open_manifest(attachment, sealed)
        here = set(self.reader.chunk_places(self.campaign, attachment.manifest))
        places = [place for place in range(1, len(chunks) + 1) if place not in here]
        # Whoever fetches begins elsewhere, so that they soon have something for each other.
        turn = self.first_place % max(1, len(places))
        return {chunks[place - 1]: place for place in places[turn:] + places[:turn]}

    def open_manifest(self, attachment: Attachment, sealed: bytes) -> tuple[bytes, ...]:
        """The ids of a file's chunks. Raises `MalformedAttachment`."""
        key = chunk_key(attachment.key, attachment.digest, self.campaign)
        try:
            plain = unpad(open_chunk(key, 0, sealed))
        except BadSeal as exc:
            raise MalformedAttachment("a manifest does not open") from exc
        chunks = record.decode(Manifest, plain).chunks
        if len(chunks) != chunk_count(attachment.size) or len(set(chunks)) != len(chunks):
            raise MalformedAttachment("a manifest names another number of chunks")
        return chunks

    def take(self, step: Step, file: bytes, place: int, chunk: bytes, sealed: bytes) -> bool:
        """A chunk that was wanted has come: keep it. True once the file is whole.

        Raises:
            MalformedAttachment: it does not open: the fault of whoever attached the file.
        """
        attachment = self.named[file]
        if place == 0:
            self.fetching.extend(file, self._missing(attachment, sealed))
        else:
            key = chunk_key(attachment.key, attachment.digest, self.campaign)
            try:
                plain = open_chunk(key, place, sealed)
            except BadSeal as exc:
                raise MalformedAttachment("a chunk does not open") from exc
            if len(plain) != chunk_bytes(attachment.size, place):
                raise MalformedAttachment("a chunk has another length")
        step.change(PutChunk(campaign=self.campaign, file=file, place=place, id=chunk, sealed=sealed))
        self.held[file] = self.held.get(file, 0) + 1
        if self.fetching.wanted[file].missing:
            return False
        self.fetching.stop(file)
        self.put(step, file, replace(self.records[file], wanted=False, whole=True))
        return True

    def broke(self, step: Step, file: bytes) -> None:
        """The file is not what its author announced: forget what came of it."""
        self.erase(step, file)
        if len(self.broken) >= MEMBERS_MAX:
            self.broken.pop(next(iter(self.broken)))
        self.broken[file] = None

    def keep_upload(self, step: Step, upload: Upload) -> None:
        """A file was handed over whole: give it its name. Its record makes it one to be kept."""
        attachment = upload.attachment
        assert attachment is not None, "whole"
        file = attachment.manifest
        kept = self.records.get(file)
        if kept is not None and kept.whole:
            step.change(EraseFile(campaign=self.campaign, file=upload.staged))
        else:
            if kept is not None:
                self.erase(step, file)
            step.change(RenameFile(campaign=self.campaign, file=upload.staged, to=file))
        holders = kept.holders if kept is not None else tuple(self.holders.pop(file, ()))
        self.held[file] = chunk_count(attachment.size) + 1
        self.put(
            step,
            file,
            FileRecord(
                size=attachment.size,
                mine=True,
                wanted=False,
                asked=False,
                whole=True,
                used_ms=step.now_ms,
                holders=holders,
            ),
        )
        upload.staged = file

    def drop_upload(self, step: Step, token: bytes) -> None:
        """It will not be sent: erase what no message refers to."""
        upload = self.uploads.pop(token)
        if upload.attachment is None:
            step.change(EraseFile(campaign=self.campaign, file=upload.staged))
        else:
            self.sweep(step)

    def note_holder(self, step: Step, file: bytes, author: AuthorId) -> bool:
        """Somebody holds a file whole. True where that is news."""
        kept = self.records.get(file)
        if kept is None:
            known = self.holders.setdefault(file, [])
            if author in known or len(known) >= MEMBERS_MAX:
                return False
            if len(self.holders) > 1_024:
                self.holders.pop(next(iter(self.holders)))
            known.append(author)
            return True
        if author in kept.holders or len(kept.holders) >= MEMBERS_MAX:
            return False
        self.put(step, file, replace(kept, holders=(*kept.holders, author)))
        return True

    def holders_of(self, file: bytes) -> set[AuthorId]:
        kept = self.records.get(file)
        return {AuthorId(one) for one in (kept.holders if kept else self.holders.get(file, ()))}

    # --- Reading

    def read(self, attachment: Attachment, offset: int, length: int) -> bytes:
        """Bytes of a file that is whole here. Raises `MalformedAttachment`."""
        key = chunk_key(attachment.key, attachment.digest, self.campaign)
        end = min(attachment.size, offset + length)
        parts = []
        for place in range(offset // CHUNK_BYTES + 1, -(-end // CHUNK_BYTES) + 1):
            sealed = self.reader.chunk_at(self.campaign, attachment.manifest, place)
            assert sealed is not None, "the file is whole"
            start = (place - 1) * CHUNK_BYTES
            try:
                plain = open_chunk(key, place, sealed)
            except BadSeal as exc:
                raise MalformedAttachment("a chunk does not open") from exc
            parts.append(plain[max(0, offset - start) : end - start])
        return b"".join(parts)
