"""Which key signs where: a function of the log alone, from memory and from the disk alike."""

from __future__ import annotations

import sys
from pathlib import Path

from hypothesis import given, settings

from meshcoal.ids import OperationId
from meshcoal.log.dag import Dag
from meshcoal.log.signers import CLOSINGS
from meshcoal.wire.operation import Kind, Operation

sys.path.insert(0, str(Path(__file__).parent))

from logwork import Log, author, operation, trees


def signed_by(written: list[Operation]) -> dict[OperationId, bytes]:
    """The key that signs each operation, by walking each chain."""
    found: dict[OperationId, bytes] = {}
    by_id = {one.id: one for one in written}
    for one in written:
        before = by_id.get(OperationId(one.header.backlink))
        found[one.id] = (before.header.successor or found[before.id]) if before else one.header.author
    return found


@settings(max_examples=300, deadline=None)
@given(drawn=trees())
def test_the_key_follows_from_the_chain(drawn: tuple[Log, list[Operation]]) -> None:
    """Goal: one key at each place. Method: random trees of logs with rotations, live and recovered."""
    log, written = drawn
    keys = signed_by(written)
    for dag in (log.dag, Dag.recover(log.campaign, log.disk.reader)):
        for one in written:
            who = one.header.author
            assert dag.signers.behind(who, OperationId(one.header.backlink)) == keys[one.id]
            assert dag.signers.behind(who, one.id) == (one.header.successor or keys[one.id])
        for who in dag.authors():
            closings = [
                (one.header.seq, one.id, keys[one.id], one.header.successor)
                for one in written
                if one.header.author == who and one.header.successor
            ]
            found = [(one.seq, one.operation, one.key, one.successor) for one in dag.signers.closings(who)]
            assert found == sorted(closings)
            for _, _, key, _ in closings:
                assert {one.operation for one in dag.signers.closings_of(who, key)} == {
                    operation for _, operation, closed, _ in closings if closed == key
                }


def test_before_the_first_closing_the_author_is_the_key() -> None:
    """Goal: the id is the first key. Method: an empty log, a log without closings, another's closing."""
    log = Log()
    log.take(log.first)
    signers = log.dag.signers
    assert signers.behind(author(1), OperationId(b"")) == author(1)
    one = log.next(author(1), [log.first.id])
    log.take(one)
    log.take(
        operation(
            author(2), campaign=log.campaign, parents=[one.id], kind=Kind.REKEY, successor=bytes(range(32))
        )
    )
    assert signers.behind(author(1), one.id) == author(1)
    assert signers.closings(author(1)) == ()
    assert len(log.disk.reader.documents(CLOSINGS, log.campaign)) == 1


def test_two_branches_close_one_key_each_in_its_way() -> None:
    """Goal: a fork at the closing. Method: two rekeys at one place; both go on, also after a restart."""
    log = Log()
    log.take(log.first)
    who = author(1)
    first = log.next(who, [log.first.id])
    log.take(first)
    ends = []
    for successor in (b"\x01" * 32, b"\x02" * 32):
        closing = operation(
            who,
            campaign=log.campaign,
            seq=1,
            backlink=first.id,
            parents=[first.id],
            kind=Kind.REKEY,
            successor=successor,
        )
        log.take(closing)
        ends.append(closing)
    assert len(log.dag.signers.closings_of(who, who)) == 2
    for _ in range(2):
        for index, end in enumerate(ends):
            expected = bytes([index + 1]) * 32
            assert log.dag.signers.behind(who, end.id) == expected
            following = operation(
                who, campaign=log.campaign, seq=end.header.seq + 1, backlink=end.id, parents=[end.id]
            )
            log.take(following)
            assert log.dag.signers.behind(who, following.id) == expected
            ends[index] = following
        log.dag = Dag.recover(log.campaign, log.disk.reader)
