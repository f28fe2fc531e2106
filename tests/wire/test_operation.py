"""An operation has one spelling, and its id covers all of it."""

from __future__ import annotations

import dataclasses
import hashlib
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.errors import MalformedOperation, OverLimit, RemoteError
from meshcoal.ids import AuthorId, CampaignId, EpochId, OperationId
from meshcoal.limits import (
    BODY_BYTES_MAX,
    DIRECT_BYTES_MAX,
    DIRECTS_MAX,
    OPERATION_BYTES_MAX,
    PARENTS_MAX,
    SEQ_MAX,
)
from meshcoal.wire import canonical
from meshcoal.wire.operation import (
    CONTROL_KINDS,
    EPOCH_KINDS,
    NO_CAMPAIGN,
    TALK_KINDS,
    Direct,
    Header,
    Kind,
    Operation,
    body_hash,
    decode_header,
    decode_operation,
    directs_hash,
    encode_header,
    operation_id,
    signing_input,
)

sys.path.insert(0, str(Path(__file__).parent))

from recordwork import PLAIN, damaged

IDS = st.binary(min_size=32, max_size=32)
DIRECTS = st.lists(
    st.builds(Direct, tag=st.binary(min_size=8, max_size=8), sealed=st.binary(max_size=20)), max_size=3
).map(tuple)


@st.composite
def operations(draw: st.DrawFn) -> Operation:
    kind = draw(st.sampled_from(Kind))
    is_create = kind is Kind.CREATE
    seq = 0 if is_create else draw(st.integers(0, SEQ_MAX))
    body = draw(st.binary(max_size=60))
    directs = () if is_create else draw(DIRECTS)
    parents = [] if is_create else draw(st.lists(IDS, min_size=1, max_size=4, unique=True))
    header = Header(
        campaign=NO_CAMPAIGN if is_create else CampaignId(draw(IDS.filter(any))),
        author=AuthorId(draw(IDS)),
        seq=seq,
        backlink=draw(IDS) if seq else b"",
        parents=tuple([OperationId(parent) for parent in sorted(parents)]),
        kind=kind,
        epoch=EpochId(b"" if kind in EPOCH_KINDS else draw(IDS)),
        salt=draw(st.binary(min_size=16, max_size=16)),
        index=draw(st.integers(0, SEQ_MAX)) if kind in TALK_KINDS else 0,
        successor=draw(st.one_of(st.just(b""), IDS)) if kind is Kind.REKEY else b"",
        body_hash=body_hash(body),
        directs_hash=directs_hash(directs),
    )
    signature = draw(st.binary(min_size=64, max_size=64))
    return Operation(header=header, sealed_body=body, directs=directs, signature=signature)


def post(**values: Any) -> Header:
    given: dict[str, Any] = {
        "campaign": b"\x01" * 32,
        "author": b"\x02" * 32,
        "seq": 1,
        "backlink": b"\x03" * 32,
        "parents": (b"\x03" * 32,),
        "kind": Kind.POST,
        "epoch": b"\x04" * 32,
        "salt": b"\x05" * 16,
        "index": 7,
        "body_hash": body_hash(b"body"),
        "directs_hash": directs_hash(()),
    }
    return Header(**{**given, **values})


def create(**values: Any) -> Header:
    return post(
        **{
            "campaign": NO_CAMPAIGN,
            "seq": 0,
            "backlink": b"",
            "parents": (),
            "kind": Kind.CREATE,
            "epoch": b"",
            "index": 0,
            **values,
        }
    )


@given(operation=operations())
def test_every_operation_comes_back(operation: Operation) -> None:
    """Goal: nothing is lost, the id is derived. Method: round trip."""
    again = decode_operation(operation.encoded)
    assert again == operation
    assert again.id == operation.id == operation_id(encode_header(operation.header))
    assert decode_header(encode_header(operation.header)) == operation.header


def test_the_bytes_are_those_on_the_page() -> None:
    """Goal: others can write a codec. Method: the example of docs/protocol/operation.md by hand."""
    header = post()
    spelled = (
        "9d" "02" "c420" + "01" * 32 + "c420" + "02" * 32 + "01" "c420" + "03" * 32
        + "91c420" + "03" * 32 + "10" "c420" + "04" * 32 + "c410" + "05" * 16 + "07" "c400"
        + "c420" + hashlib.blake2b(b"body", digest_size=32, person=b"meshcoal-body--1").hexdigest()
        + "c420" + hashlib.blake2b(b"\x90", digest_size=32, person=b"meshcoal-direc-1").hexdigest()
    )  # fmt: skip
    assert encode_header(header).hex() == spelled
    expected = hashlib.blake2b(bytes.fromhex(spelled), digest_size=32, person=b"meshcoal-op-id-1").digest()
    operation = Operation(header=header, sealed_body=b"body", directs=(), signature=bytes(64))
    assert operation.id == expected
    assert signing_input(operation.id) == b"meshcoal operation 1\x00" + expected
    assert operation.encoded == canonical.encode((bytes.fromhex(spelled), bytes(64), b"body", ()))


def test_a_create_operation_is_its_own_campaign_and_epoch() -> None:
    """Goal: a campaign's id is not chosen. Method: compare create, rekey and post."""
    first = Operation(header=create(), sealed_body=b"body", directs=(), signature=bytes(64))
    assert bytes(first.campaign) == bytes(first.epoch) == bytes(first.id)
    header = post(kind=Kind.REKEY, epoch=b"", index=0, successor=b"\x06" * 32)
    rekey = Operation(header=header, sealed_body=b"body", directs=(), signature=bytes(64))
    assert rekey.campaign == b"\x01" * 32
    assert bytes(rekey.epoch) == bytes(rekey.id)
    talk = Operation(header=post(), sealed_body=b"body", directs=(), signature=bytes(64))
    assert talk.epoch == b"\x04" * 32
    assert EPOCH_KINDS <= CONTROL_KINDS
    assert not CONTROL_KINDS & TALK_KINDS


BAD_HEADERS: list[dict[str, Any]] = [
    {"kind": 16},
    {"index": -1},
    {"index": SEQ_MAX + 1},
    {"index": True},
    {"index": 1, "kind": Kind.CHANNEL},
    {"successor": b"\x06" * 32},
    {"successor": b"\x06" * 31, "kind": Kind.REKEY, "epoch": b"", "index": 0},
    {"successor": None},
    {"seq": -1},
    {"seq": SEQ_MAX + 1},
    {"seq": True},
    {"seq": 0},  # with a backlink
    {"backlink": b""},
    {"backlink": b"\x03" * 31},
    {"parents": ()},
    {"parents": [b"\x03" * 32]},
    {"parents": b""},
    {"parents": (b"\x03" * 31,)},
    {"parents": (b"\x03" * 32, b"\x03" * 32)},
    {"parents": (b"\x04" * 32, b"\x03" * 32)},
    {"parents": tuple([bytes([n]) * 32 for n in range(PARENTS_MAX + 1)])},
    {"campaign": bytes(32)},
    {"campaign": b""},
    {"author": "a" * 32},
    {"author": b"\x02" * 33},
    {"epoch": b""},
    {"epoch": None},
    {"salt": b"\x05" * 15},
    {"salt": None},
    {"body_hash": b""},
    {"directs_hash": b""},
]


@pytest.mark.parametrize("values", BAD_HEADERS, ids=repr)
def test_no_header_out_of_form_exists(values: dict[str, Any]) -> None:
    """Goal: what exists is well-formed. Method: each rule of `post` broken once."""
    with pytest.raises(MalformedOperation):
        post(**values)


@pytest.mark.parametrize(
    "values",
    [
        {"campaign": b"\x01" * 32},
        {"parents": (b"\x03" * 32,)},
        {"seq": 1, "backlink": b"\x03" * 32},
        {"epoch": b"\x04" * 32},
    ],
    ids=repr,
)
def test_a_create_has_nothing_before_it(values: dict[str, Any]) -> None:
    """Goal: one beginning. Method: each rule of `create` broken once."""
    create()
    with pytest.raises(MalformedOperation):
        create(**values)


def test_an_operation_out_of_form_does_not_exist() -> None:
    """Goal: hashes bind body and directs. Method: each rule broken once."""
    good = Operation(header=post(), sealed_body=b"body", directs=(), signature=bytes(64))
    for values in (
        {"signature": bytes(63)},
        {"signature": "s" * 64},
        {"sealed_body": b"other"},
        {"sealed_body": None},
        {"sealed_body": bytes(BODY_BYTES_MAX + 1)},
        {"directs": (Direct(tag=bytes(8), sealed=b""),)},
    ):
        with pytest.raises(MalformedOperation):
            dataclasses.replace(good, **values)


def with_directs(directs: tuple[Direct, ...]) -> Operation:
    header = post(directs_hash=directs_hash(directs))
    return Operation(header=header, sealed_body=b"body", directs=directs, signature=bytes(64))


def test_directs_are_bounded() -> None:
    """Goal: as limits say. Method: size of tag, of one, their number, their sum."""
    one = Direct(tag=bytes(8), sealed=bytes(DIRECT_BYTES_MAX))
    with_directs((one,))
    small = Direct(tag=bytes(8), sealed=b"")
    with_directs((small,) * DIRECTS_MAX)
    for directs in (
        (dataclasses.replace(one, sealed=bytes(DIRECT_BYTES_MAX + 1)),),
        (dataclasses.replace(one, tag=bytes(7)),),
        (small,) * (DIRECTS_MAX + 1),
        (one,) * 9,
    ):
        with pytest.raises(MalformedOperation):
            with_directs(directs)
    with pytest.raises(MalformedOperation):  # a founder is alone
        Operation(
            header=create(directs_hash=directs_hash((small,))),
            sealed_body=b"body",
            directs=(small,),
            signature=bytes(64),
        )
    other = dataclasses.replace(small, tag=b"\x01" * 8)
    with pytest.raises(MalformedOperation):
        dataclasses.replace(with_directs((small,)), directs=(other,))


def test_a_decoder_names_what_it_cannot_read() -> None:
    """Goal: versions and kinds may grow. Method: an unknown version, kind, count of fields, wrong parts."""
    fields = canonical.decode(encode_header(post()))
    assert isinstance(fields, tuple)
    for index, value in ((0, 1), (0, True), (6, 99), (6, "post"), (6, None)):
        spoiled = (*fields[:index], value, *fields[index + 1 :])
        with pytest.raises(MalformedOperation):
            decode_header(canonical.encode(spoiled))
    for wrong in (fields[:-1], (*fields, 0), 1, None):
        with pytest.raises(MalformedOperation):
            decode_header(canonical.encode(wrong))
    operation = Operation(header=post(), sealed_body=b"body", directs=(), signature=bytes(64))
    parts = canonical.decode(operation.encoded)
    assert isinstance(parts, tuple)
    spoils: list[tuple[int, canonical.Value]] = [
        (0, ""),
        (1, None),
        (2, "body"),
        (3, None),
        (3, (1,)),
        (3, ((b"",),)),
        (3, ((b"", "x"),)),
    ]
    for index, spoil in spoils:
        with pytest.raises(MalformedOperation):
            decode_operation(canonical.encode((*parts[:index], spoil, *parts[index + 1 :])))
    for wrong in (parts[:-1], (*parts, b""), 1):
        with pytest.raises(MalformedOperation):
            decode_operation(canonical.encode(wrong))
    with pytest.raises(OverLimit):
        decode_operation(bytes(OPERATION_BYTES_MAX + 1))


@given(value=PLAIN)
def test_any_value_is_refused_with_a_remote_error(value: canonical.Value) -> None:
    """Goal: the decoders are total. Method: arbitrary canonical values, whole and as a header."""
    data = canonical.encode(value)
    for candidate in (data, canonical.encode((data, bytes(64), b"", ()))):
        with pytest.raises(RemoteError):
            decode_operation(candidate)
    with pytest.raises(RemoteError):
        decode_header(data)


@given(data=st.data(), operation=operations())
def test_damage_is_refused_or_is_another_operation(data: st.DataObject, operation: Operation) -> None:
    """Goal: one id, one operation. Method: damage anywhere in good bytes."""
    bad = data.draw(damaged(operation.encoded))
    try:
        other = decode_operation(bad)
    except RemoteError:
        return
    assert other.encoded == bad
    assert (other == operation) == (bad == operation.encoded)
    if other.id == operation.id:
        assert (other.sealed_body, other.directs) == (operation.sealed_body, operation.directs)


@given(data=st.data(), operation=operations())
def test_a_damaged_header_is_refused_or_has_another_id(data: st.DataObject, operation: Operation) -> None:
    """Goal: the id covers every field. Method: damage the header alone."""
    good = encode_header(operation.header)
    bad = data.draw(damaged(good))
    try:
        other = decode_header(bad)
    except RemoteError:
        return
    assert encode_header(other) == bad
    assert (operation_id(bad) == operation.id) == (bad == good)
