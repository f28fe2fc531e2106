"""Packed runs: what comes out is what went in, and nothing comes out that could not have gone in."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.errors import MalformedOperation, OverLimit, RemoteError
from meshcoal.ids import CampaignId
from meshcoal.limits import PACKED_BYTES_MAX
from meshcoal.wire import canonical
from meshcoal.wire.operation import Operation, decode_operation
from meshcoal.wire.packing import pack, unpack

sys.path.insert(0, str(Path(__file__).parent.parent / "log"))

from logwork import Log, author, logs, operation, trees


def packed(operations: list[Operation]) -> bytes:
    found = pack([one.encoded for one in operations])
    assert found is not None
    return found


@given(made=logs(), data=st.data())
@settings(deadline=None)
def test_any_stretch_comes_out_as_it_went_in(made: tuple[Log, list[Operation]], data: st.DataObject) -> None:
    """Goal: an operation has one form, however it came. Method: any stretch of any logs, there and back."""
    log, written = made
    start = data.draw(st.integers(0, len(written) - 1))
    end = data.draw(st.integers(start + 1, len(written)))
    stretch = written[start:end]
    run = unpack(log.campaign, packed(stretch))
    assert run.operations() == tuple([one.encoded for one in stretch])
    assert run.ids == [one.id for one in stretch]
    for chain in run.chains:
        own = [one for one in stretch if one.header.author == chain.author]
        assert chain.ids == [one.id for one in own]
        assert [one.header.seq for one in own] == list(range(chain.first, chain.first + len(own)))
        assert chain.backlink == own[0].header.backlink


@given(made=trees())
@settings(deadline=None)
def test_what_is_forked_is_left_to_plain_runs(made: tuple[Log, list[Operation]]) -> None:
    """Goal: nothing is lost that the columns cannot say. Method: forked logs: packed whole, or not at all."""
    log, written = made
    found = pack([one.encoded for one in written])
    if found is None:
        assert log.dag.forks
    else:
        assert unpack(log.campaign, found).operations() == tuple([one.encoded for one in written])
        assert unpack(log.campaign, found).decoded() == written


def test_a_run_takes_little_beyond_bodies_and_signatures() -> None:
    """Goal: nothing travels that follows from the rest. Method: 500 operations of five authors, weighed."""
    log = Log()
    log.take(log.first)
    written = []
    for number in range(500):
        written.append(log.next(author(number % 5), log.dag.heads))
        log.take(written[-1])
    beside = sum(len(one.sealed_body) + len(one.signature) + len(one.header.salt) for one in written)
    assert len(packed(written)) < beside + 9 * len(written) + 400
    assert sum(len(one.encoded) for one in written) > beside + 250 * len(written)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2**63) | st.binary(max_size=70) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4).map(tuple),
    max_leaves=8,
)


@given(made=logs(most=8), data=st.data())
@settings(deadline=None, max_examples=300)
def test_what_unpacks_is_well_formed(made: tuple[Log, list[Operation]], data: st.DataObject) -> None:
    """Goal: a packed run is no way round the rules of an operation. Method: put anything into any column;
    what is not refused decodes, one by one, to operations of these ids."""
    log, written = made
    columns = list(cast(tuple[Any, ...], canonical.decode(packed(written))))
    at = data.draw(st.integers(0, len(columns) - 1))
    column = columns[at]
    if isinstance(column, tuple) and column and data.draw(st.booleans()):
        place = data.draw(st.integers(0, len(column) - 1))
        column = (*column[:place], data.draw(VALUES), *column[place + 1 :])
    elif isinstance(column, bytes) and column and data.draw(st.booleans()):
        place = data.draw(st.integers(0, len(column) - 1))
        column = column[:place] + bytes([data.draw(st.integers(0, 255))]) + column[place + 1 :]
    else:
        column = data.draw(VALUES)
    columns[at] = column
    try:
        run = unpack(log.campaign, canonical.encode(tuple(columns)))
        operations = run.operations()
        decoded = run.decoded()
    except RemoteError:
        return
    assert decoded == [decode_operation(encoded) for encoded in operations]
    for encoded, identifier in zip(operations, run.ids, strict=True):
        assert decode_operation(encoded).id == identifier
    again = pack(operations)
    assert again is not None
    assert unpack(log.campaign, again).operations() == operations


@given(noise=st.binary(max_size=400))
def test_noise_is_refused(noise: bytes) -> None:
    """Goal: no bytes of a peer's do harm. Method: random ones."""
    with pytest.raises(RemoteError):
        unpack(CampaignId(bytes(32)), noise)


def test_what_is_too_much_is_refused() -> None:
    """Goal: bounded work. Method: too many bytes; more operations than a run has; none at all."""
    campaign = CampaignId(bytes(32))
    with pytest.raises(OverLimit):
        unpack(campaign, bytes(PACKED_BYTES_MAX + 1))
    log = Log()
    columns = list(cast(tuple[Any, ...], canonical.decode(packed([log.first]))))
    columns[6] = bytes([16]) * 513
    with pytest.raises(MalformedOperation):
        unpack(campaign, canonical.encode(tuple(columns)))
    columns[6] = b""
    with pytest.raises(MalformedOperation):
        unpack(campaign, canonical.encode(tuple(columns)))


def test_a_run_of_another_campaign_has_other_ids() -> None:
    """Goal: what is carried elsewhere is not what its author signed. Method: unpack for another campaign."""
    log = Log()
    log.take(log.first)
    one = operation(author(1), campaign=log.campaign, parents=log.dag.heads)
    run = unpack(CampaignId(bytes(32)), packed([one]))
    assert run.ids != [one.id]


def test_the_vector_is_what_the_page_says() -> None:
    """Goal: another node understands it. Method: the frozen run, both ways, and its columns."""
    path = Path(__file__).parents[1] / "vectors" / "packing.json"
    vector = json.loads(path.read_text(encoding="utf-8"))
    campaign = CampaignId(bytes.fromhex(vector["campaign"]))
    operations = tuple([bytes.fromhex(one) for one in vector["operations"]])
    whole = bytes.fromhex(vector["packed"])
    assert pack(operations) == whole
    run = unpack(campaign, whole)
    assert run.operations() == operations
    assert [one.hex() for one in run.ids] == vector["ids"]
    columns = cast(tuple[Any, ...], canonical.decode(whole))
    starts, backs, before, whose, parents = columns[1], columns[2], columns[3], columns[5], columns[9]
    assert (starts, backs, whose) == ((0, 7), (0, 1), (0, 0, 1, 0, 1))
    assert len(before) == 64, "Ben's sixth operation, and one more that is cited"
    assert (parents[0], parents[1], parents[3], parents[4]) == ((), 1, 1, 1)
    assert sorted(parents[2]) == [1, 4], "the operation before it, and the second of `before`"
