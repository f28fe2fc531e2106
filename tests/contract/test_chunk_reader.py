"""The part of `LogReader` about attachments: the encrypted store and the simulator's dicts agree."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from meshcoal.ids import AuthorId, CampaignId, EpochId, OperationId
from meshcoal.log.changes import (
    Change,
    EraseCampaign,
    EraseFile,
    EraseMessages,
    PutAttached,
    PutBody,
    PutChunk,
    PutMessage,
    PutOperation,
    RenameFile,
)
from meshcoal.log.reader import AttachedRow
from meshcoal.sim.disk import MemoryDisk
from meshcoal.store.store import STORE_NAME, Store

KEY = bytes(range(32))
CAMPAIGN, OTHER = CampaignId(b"c" * 32), CampaignId(b"d" * 32)
FILE, STAGED = b"f" * 32, b"s" * 32
HALL = b"h" * 16


def _id(*parts: object) -> bytes:
    return hashlib.sha256(repr(parts).encode()).digest()


def chunk(
    place: int, *, file: bytes = FILE, campaign: CampaignId = CAMPAIGN, sealed: bytes = b""
) -> PutChunk:
    return PutChunk(
        campaign=campaign,
        file=file,
        place=place,
        id=_id(file, place),
        sealed=sealed or b"sealed %d" % place,
    )


def message(seq: int, campaign: CampaignId = CAMPAIGN) -> tuple[Change, ...]:
    id_, author = OperationId(_id(campaign, seq)), AuthorId(_id("ana", campaign))
    put = PutOperation(
        campaign=campaign, id=id_, author=author, seq=seq, depth=seq, context=0, kind=16,
        epoch=EpochId(b"e" * 32), encoded=b"encoded " + id_, opened=True,
    )  # fmt: skip
    said = PutMessage(
        campaign=campaign, channel=HALL, id=id_, author=author, seq=seq, depth=seq, context=0, at_ms=1,
        received_ms=1_000 + seq, text="see", reply_to=b"",
    )  # fmt: skip
    return put, said, PutAttached(id=id_, encoded=b"attached %d" % seq)


@pytest.fixture(params=["memory", "store"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MemoryDisk | Store]:
    made: MemoryDisk | Store
    if request.param == "memory":
        made = MemoryDisk()
    else:
        Store.create(tmp_path, KEY)
        made = Store.open(tmp_path, KEY)
    yield made
    made.close()


def test_nothing(disk: MemoryDisk | Store) -> None:
    """Goal: nothing held is answered with nothing. Method: every method on a new disk."""
    reader = disk.reader
    assert list(reader.attached(CAMPAIGN)) == []
    assert reader.attached_to(OperationId(b"m" * 32)) is None
    assert reader.chunk(CAMPAIGN, b"x" * 32) is None
    assert reader.chunk_at(CAMPAIGN, FILE, 0) is None
    assert list(reader.chunk_places(CAMPAIGN, FILE)) == []
    assert list(reader.files(CAMPAIGN)) == []
    disk.commit([EraseFile(campaign=CAMPAIGN, file=FILE)])


def test_chunks(disk: MemoryDisk | Store) -> None:
    """Goal: a chunk is found by id and by place, in its campaign alone. Method: two campaigns, one file."""
    disk.commit([chunk(2), chunk(0), chunk(1, campaign=OTHER, sealed=b"elsewhere")])
    reader = disk.reader
    assert list(reader.chunk_places(CAMPAIGN, FILE)) == [0, 2]
    assert reader.chunk(CAMPAIGN, _id(FILE, 2)) == b"sealed 2"
    assert reader.chunk(OTHER, _id(FILE, 2)) is None
    assert reader.chunk(CAMPAIGN, _id(FILE, 1)) is None
    assert reader.chunk_at(OTHER, FILE, 1) == b"elsewhere"
    disk.commit([chunk(2, sealed=b"something else")])
    assert reader.chunk_at(CAMPAIGN, FILE, 2) == b"sealed 2", "a place that is taken keeps what it holds"
    assert list(reader.files(CAMPAIGN)) == [FILE]


def test_renamed_and_erased(disk: MemoryDisk | Store) -> None:
    """Goal: a file that is whole gets its name, and goes whole. Method: rename, roll back, erase."""
    disk.commit([chunk(0, file=STAGED), chunk(1, file=STAGED)])
    disk.begin()
    disk.apply([RenameFile(campaign=CAMPAIGN, file=STAGED, to=FILE), chunk(2)])
    assert list(disk.reader.chunk_places(CAMPAIGN, FILE)) == [0, 1, 2]
    disk.rollback()
    assert list(disk.reader.files(CAMPAIGN)) == [STAGED]
    disk.commit([RenameFile(campaign=CAMPAIGN, file=STAGED, to=FILE)])
    assert disk.reader.chunk(CAMPAIGN, _id(STAGED, 1)) == b"sealed 1"
    with pytest.raises((AssertionError, KeyError)):
        disk.commit([RenameFile(campaign=CAMPAIGN, file=STAGED, to=FILE)])
    disk.commit([EraseFile(campaign=CAMPAIGN, file=FILE), chunk(5, file=STAGED)])
    assert disk.reader.chunk(CAMPAIGN, _id(STAGED, 1)) is None
    assert list(disk.reader.files(CAMPAIGN)) == [STAGED]
    disk.commit([EraseCampaign(campaign=CAMPAIGN)])
    assert list(disk.reader.files(CAMPAIGN)) == []


def test_attached(disk: MemoryDisk | Store) -> None:
    """Goal: what messages say of files is found with them. Method: two messages, another campaign's."""
    disk.commit([*message(0), *message(1), *message(0, OTHER)])
    first, second = OperationId(_id(CAMPAIGN, 0)), OperationId(_id(CAMPAIGN, 1))
    assert list(disk.reader.attached(CAMPAIGN)) == [
        AttachedRow(message=first, channel=HALL, encoded=b"attached 0"),
        AttachedRow(message=second, channel=HALL, encoded=b"attached 1"),
    ]
    for limit, numbers in ((0, []), (1, [1]), (2, [0, 1]), (3, [0, 1])):
        newest = disk.reader.attached(CAMPAIGN, limit=limit)
        assert [row.encoded for row in newest] == [b"attached %d" % number for number in numbers]
    found = disk.reader.attached_to(second)
    assert found is not None
    assert found.encoded == b"attached 1"
    with pytest.raises(AssertionError):
        disk.commit([PutAttached(id=OperationId(b"n" * 32), encoded=b"")])


def test_what_is_attached_in_a_statement(disk: MemoryDisk | Store) -> None:
    """Goal: files of comments are found, outlive talk, and go with the campaign. Method: one of each."""
    id_, about = OperationId(_id("comment")), b"a" * 32
    put, body = (
        PutOperation(
            campaign=CAMPAIGN, id=id_, author=AuthorId(_id("ana", CAMPAIGN)), seq=1, depth=1, context=0,
            kind=34, epoch=EpochId(b"e" * 32), encoded=b"encoded", opened=True,
        ),
        PutBody(campaign=CAMPAIGN, id=id_, kind=34, about=about, body=b"body"),
    )  # fmt: skip
    disk.commit([*message(0), put, body, PutAttached(id=id_, encoded=b"scan")])
    row = AttachedRow(message=id_, channel=b"", encoded=b"scan", about=about)
    assert disk.reader.attached_to(id_) == row
    assert [one.encoded for one in disk.reader.attached(CAMPAIGN)] == [b"attached 0", b"scan"]
    disk.commit([EraseMessages(campaign=CAMPAIGN, before_ms=5_000)])
    assert list(disk.reader.attached(CAMPAIGN)) == [row]
    disk.commit([EraseCampaign(campaign=CAMPAIGN)])
    assert list(disk.reader.attached(CAMPAIGN)) == []
    assert disk.reader.attached_to(id_) is None
    if isinstance(disk, Store):
        assert disk._database.rows("SELECT * FROM attached") == []


def test_what_was_attached_goes_with_the_message(disk: MemoryDisk | Store) -> None:
    """Goal: no key of a file outlives its message. Method: erase one of two, and one that is put back."""
    disk.commit([*message(0), *message(1), *message(0, OTHER)])
    disk.begin()
    disk.apply([EraseMessages(campaign=CAMPAIGN, before_ms=1_002)])
    assert list(disk.reader.attached(CAMPAIGN)) == []
    disk.rollback()
    disk.commit([EraseMessages(campaign=CAMPAIGN, before_ms=1_001)])
    assert [row.encoded for row in disk.reader.attached(CAMPAIGN)] == [b"attached 1"]
    assert disk.reader.attached_to(OperationId(_id(CAMPAIGN, 0))) is None
    assert [row.encoded for row in disk.reader.attached(OTHER)] == [b"attached 0"]
    disk.commit([message(0)[1]])
    assert disk.reader.attached_to(OperationId(_id(CAMPAIGN, 0))) is None, "said again, without files"
    if isinstance(disk, Store):
        disk.tidy()
    assert [row.encoded for row in disk.reader.attached(CAMPAIGN)] == [b"attached 1"]


def test_an_erased_file_leaves_no_byte(tmp_path: Path) -> None:
    """Goal: erased chunks are gone from the disk. Method: open the database's pages with its key, look."""
    Store.create(tmp_path, KEY)
    store = Store.open(tmp_path, KEY)
    canary = hashlib.shake_256(b"canary").digest(30_000)
    store.commit([chunk(1, sealed=canary), chunk(2)])
    store.commit([EraseFile(campaign=CAMPAIGN, file=FILE)])
    # Every page as SQLite has it, free ones too, without the cipher in between.
    pages = store._database.rows("SELECT count(*) FROM pragma_freelist_count, pragma_page_count")
    assert pages
    plain = tmp_path / "plain.db"
    store._database.write(f"ATTACH '{plain}' AS plain KEY ''")
    store._database.rows("SELECT sqlcipher_export('plain')")
    store._database.write("DETACH plain")
    store.close()
    assert canary[:64] not in plain.read_bytes()
    assert (tmp_path / STORE_NAME).exists()
