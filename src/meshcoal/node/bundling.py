"""Writing a bundle: what members who are not linked lack, part by part.

Law: a part is filled with operations in the order in which they were taken in here, then items of sealed
rounds, then chunks of files, of one campaign. Writing changes nothing here: what a bundle holds is not held
by anybody until they say so. What is on the stick already, and can be opened here, is not written again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from meshcoal.crypto.agreement import Sealer
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.parts import part_room, seal_part
from meshcoal.errors import OverLimit
from meshcoal.ids import AuthorId, OperationId
from meshcoal.limits import (
    BUNDLE_FILES_MAX,
    BUNDLE_ITEMS_MAX,
    BUNDLE_PART_BYTES,
    BUNDLE_RUNS_MAX,
    PAGE_BYTES_MAX,
    RUN_OPERATIONS_MAX,
    SLIP_CLASSES_BYTES,
    SLIPS_MAX,
)
from meshcoal.node.audience import Audience
from meshcoal.node.campaign import Campaign
from meshcoal.node.stretches import Stretches
from meshcoal.wire import canonical
from meshcoal.wire.attachment import chunk_count
from meshcoal.wire.bundle import (
    MINE_BYTES,
    Content,
    FilePiece,
    PlacedChunk,
    content_bytes,
    encode_content,
    padded_parts,
)
from meshcoal.wire.operation import Kind, decode_operation, operation_id
from meshcoal.wire.packing import pack, unpack
from meshcoal.wire.sealed import SEALED, LooseItem, item_id

_RECORD_BYTES: Final = 256  # around everything that varies
_EACH_BYTES: Final = 64  # around each thing
_ENOUGH_PART: Final = 128  # with less room than this of its size a part is full
_PAGES_MAX: Final = 16  # of operations that are looked at for one part
_UNPACKED_MAX: Final = 64
_TIMES_TRIED: Final = 8  # operations at either end of a run whose time is looked for


@dataclass(slots=True)
class _Filled:
    """What stands in a part so far."""

    room: int
    enough: int
    runs: list[bytes] = field(default_factory=list)
    operations: list[bytes] = field(default_factory=list)
    items: list[bytes] = field(default_factory=list)
    files: list[FilePiece] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    things: int = 0
    passed_over: int = 0  # on the stick already

    def take(self, size_bytes: int) -> bool:
        """Whether something of this size still fits; then its room is gone."""
        if size_bytes + _EACH_BYTES > self.room:
            return False
        self.room -= size_bytes + _EACH_BYTES
        return True


class Shipment:
    """What goes into a bundle of one campaign, and how far it has been written."""

    def __init__(
        self,
        campaign: Campaign,
        audience: Audience,
        *,
        frontier: dict[AuthorId, int],
        row: int,
        items: Sequence[LooseItem],
        files: Sequence[bytes],
    ) -> None:
        """
        Args:
            frontier: what all recipients are known to hold. row: nothing up to here is written.
            items: of sealed rounds. files: manifests of files that are here whole.
        """
        self.campaign = campaign
        self.audience = audience
        self._frontier = frontier
        self._row = row
        self._items = {item_id(item): SEALED.encode(item) for item in items}
        self._chunks = {
            file: list(range(1, chunk_count(campaign.files.records[file].size) + 1)) for file in files
        }
        self._have = Stretches()
        dag = campaign.dag
        self.operations = sum([max(0, dag.top(one) - frontier.get(one, -1)) for one in dag.authors()])
        self.items = len(self._items)
        self.files = len(self._chunks)
        self.total = self.operations + self.items + sum([len(places) for places in self._chunks.values()])
        self.left = self.total
        self.exhausted = False  # all is written

    def have(self, content: Content) -> None:
        """A part that I wrote is on the stick already."""
        for packed in content.runs:
            for chain in unpack(self.campaign.id, packed).chains:
                if not self.campaign.dag.is_forked(chain.author):
                    self._have.add(chain.author, chain.first, chain.first + len(chain.ids) - 1)
        for encoded in content.operations:
            header = decode_operation(encoded).header
            if not self.campaign.dag.is_forked(header.author):
                self._have.add(header.author, header.seq, header.seq)
        for encoded in content.items:
            item = SEALED.decode(encoded)
            assert isinstance(item, LooseItem), "the family of items"
            self._items.pop(item_id(item), None)
        for piece in content.files:
            places = self._chunks.get(piece.file)
            if places is not None:
                on_stick = {chunk.place for chunk in piece.chunks}
                self._chunks[piece.file] = [place for place in places if place not in on_stick]

    def fill(self, part_bytes: int) -> _Filled:
        """The next part. It may stay empty where much is looked through that is on the stick already."""
        room = part_room(len(self.audience.members), part_bytes) - _RECORD_BYTES
        filled = _Filled(room=room, enough=part_bytes // _ENOUGH_PART)
        steps = (self._fill_operations, self._fill_items, self._fill_files)
        self.exhausted = all(fill(filled) for fill in steps)
        self.left = 0 if self.exhausted else max(0, self.left - filled.things - filled.passed_over)
        return filled

    def _fill_operations(self, filled: _Filled) -> bool:
        for _ in range(_PAGES_MAX):
            if filled.room < filled.enough or len(filled.runs) == BUNDLE_RUNS_MAX:
                return False
            page, row = self._page(RUN_OPERATIONS_MAX, min(PAGE_BYTES_MAX, filled.room - _EACH_BYTES))
            if not page:
                return True
            fresh = [encoded for encoded in page if not self._on_stick(encoded)]
            packed = pack(fresh) if fresh else b""
            if packed is None:  # a forked log: a few at a time, for they travel as they are
                page, row = self._page(_UNPACKED_MAX, filled.room // 2)
                fresh = [encoded for encoded in page if not self._on_stick(encoded)]
                packed = pack(fresh) if fresh else b""
            if not self._put_run(filled, fresh, packed):
                return False
            filled.passed_over += len(page) - len(fresh)
            self._row = row
            if filled.operations:
                return False  # they have one column, and behind it comes nothing
        return False

    def _page(self, operations_max: int, bytes_max: int) -> tuple[list[bytes], int]:
        return self.campaign.reader.after(
            self.campaign.id,
            self._frontier,
            row=self._row,
            operations_max=operations_max,
            bytes_max=bytes_max,
        )

    def _put_run(self, filled: _Filled, fresh: list[bytes], packed: bytes | None) -> bool:
        """Put operations into a part, packed or as they are. False: they do not fit."""
        if not fresh:
            return True
        if packed is not None:
            if not filled.take(len(packed)):
                return False
            filled.runs.append(packed)
        elif not filled.take(sum([len(one) + _EACH_BYTES for one in fresh])):
            return False
        else:
            filled.operations += fresh
        filled.things += len(fresh)
        filled.times += [at_ms for at_ms in (self._time(fresh), self._time(fresh[::-1])) if at_ms]
        return True

    def _on_stick(self, encoded: bytes) -> bool:
        header = canonical.reread(canonical.reread(encoded)[0])
        return self._have.has(AuthorId(header[2]), header[3])

    def _time(self, operations: Sequence[bytes]) -> int:
        """When one of the first of these was written, by its author's clock; 0: not known."""
        for encoded in operations[:_TIMES_TRIED]:
            header = canonical.reread(encoded)[0]
            name = OperationId(operation_id(header))
            control = self.campaign.membership.controls.get(name)
            if control is not None:
                return control.body.at_ms
            row = self.campaign.reader.message(name) if canonical.reread(header)[6] == Kind.POST else None
            if row is not None:
                return row.at_ms
        return 0

    def _fill_items(self, filled: _Filled) -> bool:
        for name, encoded in list(self._items.items()):
            if len(filled.items) == BUNDLE_ITEMS_MAX or not filled.take(len(encoded)):
                return False
            filled.items.append(encoded)
            filled.things += 1
            del self._items[name]
        return True

    def _fill_files(self, filled: _Filled) -> bool:
        for file, places in list(self._chunks.items()):
            manifest = self.campaign.reader.chunk_at(self.campaign.id, file, 0)
            if manifest is None:  # let go since: nothing of it can be told from junk
                del self._chunks[file]
                continue
            if len(filled.files) == BUNDLE_FILES_MAX or not filled.take(len(manifest)):
                return False
            chunks = list(self._pieces(filled, file, places))
            if chunks:
                filled.files.append(FilePiece(file=file, manifest=manifest, chunks=tuple(chunks)))
            if places:
                return False
            del self._chunks[file]
        return True

    def _pieces(self, filled: _Filled, file: bytes, places: list[int]) -> Iterator[PlacedChunk]:
        for _ in range(BUNDLE_FILES_MAX):
            if not places:
                return
            sealed = self.campaign.reader.chunk_at(self.campaign.id, file, places[0])
            if sealed is not None:
                if not filled.take(len(sealed)):
                    return
                filled.things += 1
                yield PlacedChunk(place=places[0], sealed=sealed)
            del places[0]


@dataclass(slots=True, kw_only=True)
class Writing:
    """One bundle that is being written."""

    token: bytes
    bundle: bytes
    made_ms: int
    shipments: list[Shipment]
    paper: bool = False
    number: int = 0  # parts with content, so far
    parts: int = 0  # in all, those on the stick and what fills up among them
    had: int = 0  # of these, written by me before and for the same members
    answers: dict[bytes, bytes] = field(default_factory=dict)  # parts to who asked by a file, by introduction

    @property
    def total(self) -> int:
        return sum([one.total for one in self.shipments])

    @property
    def done(self) -> int:
        return sum([one.total - one.left for one in self.shipments])

    def have(self, campaign: Campaign | None, content: Content | None) -> None:
        """A part is on the stick already; None: nobody here can open it, or it is no part of ours."""
        self.parts += 1
        if campaign is None or content is None:
            return
        for shipment in self.shipments:
            if shipment.campaign is campaign and shipment.audience.is_mine(content):
                self.had += 1
                shipment.have(content)

    @property
    def whole(self) -> bool:
        """Nothing is left to write, and the number of parts is one of those that bundles have."""
        filled_up = not self.parts or self.paper or self.parts == padded_parts(self.parts)
        return filled_up and not self.answers and all(one.exhausted for one in self.shipments)

    def next_part(self, sealer: Sealer, entropy: Entropy) -> bytes:
        """The next part. Empty: the bundle is `whole`, or there was much to look through; ask again."""
        if self.answers:
            self.parts += 1
            return self.answers.pop(next(iter(self.answers)))
        for shipment in self.shipments:
            while not shipment.exhausted:
                filled = shipment.fill(SLIP_CLASSES_BYTES[-1] if self.paper else BUNDLE_PART_BYTES)
                if self.paper and self.parts >= SLIPS_MAX and not shipment.exhausted:
                    raise OverLimit("This is too much for paper: use a stick, or write only what is newer.")
                if filled.things:
                    self.parts += 1
                    return self._seal(shipment, filled, sealer, entropy)
                if not shipment.exhausted:
                    return b""
        if self.whole:
            return b""
        self.parts += 1
        return entropy.take(BUNDLE_PART_BYTES)

    def _seal(self, shipment: Shipment, filled: _Filled, sealer: Sealer, entropy: Entropy) -> bytes:
        audience = shipment.audience
        content = Content(
            bundle=self.bundle,
            number=self.number,
            mine=bytes(MINE_BYTES),
            made_ms=self.made_ms,
            first_ms=min(filled.times, default=0),
            last_ms=max(filled.times, default=0),
            runs=tuple(filled.runs),
            operations=tuple(filled.operations),
            items=tuple(filled.items),
            files=tuple(filled.files),
        )
        self.number += 1
        content, members = audience.marked(content), len(audience.members)
        sizes = SLIP_CLASSES_BYTES if self.paper else (BUNDLE_PART_BYTES,)
        rooms = [part_room(members, size) for size in sizes]
        room = next(one for one in rooms if one >= content_bytes(content))
        return seal_part(
            encode_content(content, room),
            campaign=shipment.campaign.id,
            epochs=audience.epochs,
            members=audience.members,
            sealer=sealer,
            entropy=entropy,
        )
