"""Every body comes back as it was, and no bytes make a decoder do anything but refuse."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.errors import MalformedBody, OverLimit, RemoteError
from meshcoal.limits import BODY_BYTES_MAX, CANONICAL_BYTES_MAX, SIGNATORIES_MAX, TEXT_CHARS_MAX
from meshcoal.wire import canonical
from meshcoal.wire.bodies import (
    BODIES,
    AmendBody,
    Body,
    DraftBody,
    FreezeBody,
    PostBody,
    ReleaseBody,
    SignBody,
    decode_body,
    encode_body,
)
from meshcoal.wire.operation import Kind
from meshcoal.wire.terms import Capacity

sys.path.insert(0, str(Path(__file__).parent))

from recordwork import PLAIN, damaged, records

KINDS = st.sampled_from(Kind)
PAIRS = KINDS.flatmap(lambda kind: st.tuples(st.just(kind), records(BODIES[kind])))


def test_every_kind_has_a_body_of_its_own() -> None:
    """Goal: no kind is forgotten. Method: compare the two tables."""
    assert set(BODIES) == set(Kind)
    assert len(set(BODIES.values())) == len(BODIES)


@given(pair=PAIRS)
def test_every_body_comes_back(pair: tuple[Kind, Body]) -> None:
    """Goal: nothing is lost. Method: round trip of every kind; the time stands first."""
    kind, body = pair
    data = encode_body(body)
    assert decode_body(kind, data) == body
    plain = canonical.decode(data)
    assert isinstance(plain, tuple)
    assert plain[0] == body.at_ms


@given(kind=KINDS, value=PLAIN)
def test_any_value_is_refused_or_fits(kind: Kind, value: canonical.Value) -> None:
    """Goal: decoders raise their one error. Method: arbitrary canonical values."""
    data = canonical.encode(value)
    try:
        body = decode_body(kind, data)
    except (MalformedBody, OverLimit):
        return
    assert encode_body(body) == data


@given(kind=KINDS, data=st.binary(max_size=200))
def test_any_bytes_are_refused_with_a_remote_error(kind: Kind, data: bytes) -> None:
    """Goal: the decoder is total. Method: arbitrary bytes."""
    try:
        body = decode_body(kind, data)
    except RemoteError:
        return
    assert encode_body(body) == data


@given(data=st.data(), pair=PAIRS)
def test_damage_is_refused_or_is_another_body(data: st.DataObject, pair: tuple[Kind, Body]) -> None:
    """Goal: one spelling. Method: damage good bytes anywhere."""
    kind, body = pair
    good = encode_body(body)
    bad = data.draw(damaged(good))
    try:
        other = decode_body(kind, bad)
    except RemoteError:
        return
    assert encode_body(other) == bad
    assert (other == body) == (bad == good)


SIGN = SignBody(
    at_ms=0,
    statement=bytes(32),
    digest=bytes(32),
    capacity=Capacity.INDIVIDUAL,
    name="Ana",
    title="",
    affiliation="",
    country="",
    languages_read=(),
    act_signature=bytes(64),
)
POST = PostBody(at_ms=0, channel=bytes(16), text="x", reply_to=b"")
DRAFT = DraftBody(at_ms=0, language="en", title="T", text="x")


@pytest.mark.parametrize(
    ("body", "values"),
    [
        (POST, {"channel": bytes(15)}),
        (POST, {"text": "x" * 8_001}),
        (POST, {"reply_to": bytes(33)}),
        (POST, {"at_ms": -1}),
        (DRAFT, {"language": "e"}),
        (DRAFT, {"language": "e" * 17}),
        (DRAFT, {"title": ""}),
        (DRAFT, {"title": "T" * 81}),
        (DRAFT, {"text": "x" * (TEXT_CHARS_MAX + 1)}),
        (SIGN, {"logo": b"L" * 16_385}),
        (SIGN, {"members": -1}),
        (SIGN, {"name": "N" * 81}),
        (SIGN, {"act_signature": bytes(63)}),
        (SIGN, {"capacity": "crowd"}),
        (SIGN, {"languages_read": ("en",) * 33}),
        (SIGN, {"digest": b""}),
    ],
    ids=lambda value: repr(value)[:40] if isinstance(value, dict) else "",
)
def test_bounds_hold_on_construction(body: Body, values: dict[str, Any]) -> None:
    """Goal: what exists is valid. Method: one step beyond each bound."""
    with pytest.raises(MalformedBody):
        dataclasses.replace(body, **values)


def test_the_largest_lawful_bodies_fit_an_operation() -> None:
    """Goal: no bound promises what another refuses. Method: the largest text and the longest list."""
    text = "\U00010400" * TEXT_CHARS_MAX
    amend = AmendBody(
        at_ms=0, statement=bytes(32), base=bytes(32), language="e" * 16, title="T" * 80, text=text
    )
    ids = tuple([n.to_bytes(32, "big") for n in range(SIGNATORIES_MAX)])
    release = ReleaseBody(
        at_ms=0,
        statement=bytes(32),
        digest=bytes(32),
        sign_ons=ids,
        tally_digest=bytes(32),
        act_signature=bytes(64),
    )
    freeze = FreezeBody(
        at_ms=0,
        statement=bytes(32),
        revisions=ids[:32],
        addressees=("\U00010400" * 200,) * 64,
        deadline_ms=0,
        digest=bytes(32),
    )
    for kind, body in ((Kind.AMEND, amend), (Kind.RELEASE, release), (Kind.FREEZE, freeze)):
        data = encode_body(body)
        assert len(data) <= BODY_BYTES_MAX - 1_024
        assert decode_body(kind, data) == body
    with pytest.raises(OverLimit):
        decode_body(Kind.AMEND, bytes(CANONICAL_BYTES_MAX + 1))
