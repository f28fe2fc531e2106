"""The package file: one spelling, strictly read, whatever a stranger's file holds."""

from __future__ import annotations

import dataclasses
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.errors import MalformedPackage, OverLimit, RemoteError
from meshcoal.limits import MIB, NAME_CHARS_MAX, PUBLISHED_MAX
from meshcoal.wire.naming import NameIn
from meshcoal.wire.package import (
    Addendum,
    Counts,
    Package,
    Release,
    SignOn,
    Withdrawal,
    decode_package,
    encode_package,
)
from meshcoal.wire.plain import normalise_line
from meshcoal.wire.public_text import SignOnFields
from meshcoal.wire.terms import Capacity

LINES = st.text(max_size=NAME_CHARS_MAX).map(normalise_line).filter(lambda line: len(line) <= NAME_CHARS_MAX)
IDS = st.binary(min_size=32, max_size=32)
SIGNATURES = st.binary(min_size=64, max_size=64)
TIMES_MS = st.integers(0, 4_000_000_000_000)
SIGN_ONS = st.builds(
    SignOn,
    act_key=IDS,
    fields=st.builds(
        SignOnFields,
        capacity=st.sampled_from(Capacity),
        name=LINES.filter(bool),
        title=LINES,
        affiliation=LINES,
        country=LINES,
        languages_read=st.lists(st.sampled_from(["en", "fa", "zh-hans"]), max_size=3).map(tuple),
        signed_ms=TIMES_MS,
    ),
    signature=SIGNATURES,
)
PACKAGES = st.builds(
    Package,
    canonical_text=st.text(min_size=1, max_size=200),
    digest=IDS,
    sign_ons=st.lists(SIGN_ONS, max_size=4).map(tuple),
    withdrawals=st.lists(
        st.builds(Withdrawal, act_key=IDS, withdrawn_ms=TIMES_MS, signature=SIGNATURES), max_size=2
    ).map(tuple),
    release=st.builds(
        Release,
        act_key=IDS,
        released_ms=TIMES_MS,
        tally_digest=IDS,
        signature=SIGNATURES,
        not_before_ms=TIMES_MS,
    ),
    addenda=st.lists(
        st.builds(
            Addendum,
            number=st.integers(1, 256),
            act_key=IDS,
            release=IDS,
            before=IDS | st.just(b""),
            tally_digest=IDS,
            published_ms=TIMES_MS,
            signature=SIGNATURES,
            sign_ons=st.lists(SIGN_ONS, max_size=2).map(tuple),
            withdrawals=st.just(()),
        ),
        max_size=2,
    ).map(tuple),
    counts=st.builds(Counts, organisations=st.integers(0, 4_000), individuals=st.integers(0, 4_000)),
)

EXAMPLE = Package(
    canonical_text='سلام\n"quoted" \\ \x1b',
    digest=bytes(32),
    sign_ons=(
        SignOn(
            act_key=b"\x02" * 32,
            fields=SignOnFields(
                capacity=Capacity.ORGANISATION,
                name="The Centre",
                title="",
                affiliation="",
                country="Bahrain",
                languages_read=("en",),
                signed_ms=0,
                names=(NameIn(language="fa", name="مرکز"),),
                logo=b"\x09" * 32,
            ),
            signature=b"\x03" * 64,
        ),
    ),
    withdrawals=(Withdrawal(act_key=b"\x04" * 32, withdrawn_ms=1_500, signature=b"\x05" * 64),),
    release=Release(
        act_key=b"\x06" * 32, released_ms=1_000, tally_digest=b"\x07" * 32, signature=b"\x08" * 64
    ),
    counts=Counts(organisations=1, individuals=0),
    logos=(b"\x01\x02",),
    addenda=(
        Addendum(
            number=2,
            act_key=b"\x0a" * 32,
            release=b"\x07" * 32,
            before=b"\x0b" * 32,
            tally_digest=b"\x0c" * 32,
            published_ms=2_000,
            signature=b"\x0d" * 64,
            sign_ons=(),
            withdrawals=(),
        ),
    ),
)
SPELLED = (
    f'{{"addenda":[{{"before":"{"0b" * 32}","key":"{"0a" * 32}","number":2,'
    '"published":"1970-01-01T00:00:02Z",'
    f'"release":"{"07" * 32}","sign_ons":[],"signature":"{"0d" * 64}","tally":"{"0c" * 32}",'
    '"withdrawals":[]}],'
    '"canonical_text":"سلام\\n\\"quoted\\" \\\\ \\u001b",'
    f'"digest":"{"00" * 32}","format":"meshcoal package 1","logos":["AQI="],'
    '"paper":[],"paper_withdrawals":[],'
    f'"release":{{"key":"{"06" * 32}","not_before":"","released":"1970-01-01T00:00:01Z",'
    f'"signature":"{"08" * 64}","tally":"{"07" * 32}"}},'
    '"sign_ons":[{"affiliation":"","annex":"","capacity":"organisation","condition":"","country":"Bahrain",'
    f'"key":"{"02" * 32}","languages_read":["en"],"logo":"{"09" * 32}","members":0,"mode":"named",'
    f'"name":"The Centre","names":[{{"language":"fa","name":"مرکز"}}],"signature":"{"03" * 64}",'
    '"signed":"1970-01-01T00:00:00Z","title":""}],'
    '"tally":{"counted":1,"individuals":0,"on_paper":0,"organisations":1},"unnamed":{},'
    f'"withdrawals":[{{"key":"{"04" * 32}","signature":"{"05" * 64}",'
    '"withdrawn":"1970-01-01T00:00:01.500Z"}]}'
)


def respelled(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def test_the_file_reads_as_the_page_says() -> None:
    """Goal: RFC 8785 spelling. Method: an example written out by hand."""
    assert encode_package(EXAMPLE).decode() == SPELLED
    assert decode_package(SPELLED.encode()) == EXAMPLE


@given(package=PACKAGES)
def test_every_package_comes_back(package: Package) -> None:
    """Goal: nothing is lost or changed. Method: round trip."""
    assert decode_package(encode_package(package)) == package


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff",
        SPELLED.encode() + b"\n",
        b"\xef\xbb\xbf" + SPELLED.encode(),
        SPELLED.encode("utf-16"),
        SPELLED.replace(":1,", ":1.0,").encode(),
        SPELLED.replace(":1,", ":1e0,").encode(),
        SPELLED.replace(":1,", ":01,").encode(),
        SPELLED.replace(":1,", ":NaN,").encode(),
        SPELLED.replace(":1,", ":Infinity,").encode(),
        SPELLED.replace(":1,", ":true,").encode(),
        SPELLED.replace(":1,", ":-1,").encode(),
        SPELLED.replace('"individuals":0', '"individuals":1' + "0" * 5_000).encode(),
        SPELLED.replace('"counted":1', '"counted":2').encode(),
        SPELLED.replace("سلام", "\\u0633لام").encode(),
        SPELLED.replace("سلام", "\\ud800").encode(),
        SPELLED.replace("\\u001b", "\\u001B").encode(),
        SPELLED.replace("\\u001b", "\x1b").encode(),
        SPELLED.replace('"digest"', '"digest":"","digest"').encode(),
        SPELLED.replace("{", "{ ").encode(),
        SPELLED.replace("organisation", "organization").encode(),
        SPELLED.replace("The Centre", "The\\nCentre").encode(),
        SPELLED.replace("The Centre", "T" * 81).encode(),
        SPELLED.replace("The Centre", "\u200b").encode(),
        SPELLED.replace("meshcoal package 1", "meshcoal package 2").encode(),
        SPELLED.replace("06" * 32, "0F" * 32).encode(),
        SPELLED.replace("08" * 64, "08" * 63).encode(),
        SPELLED.replace('"en"', "1").encode(),
        SPELLED.replace('["en"]', json.dumps(["en"] * 33)).encode(),
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
    ids=lambda data: repr(data[-12:]) + str(len(data)),
)
def test_no_other_spelling_is_taken(data: bytes) -> None:
    """Goal: one file, one meaning. Method: near misses of each kind."""
    assert data != SPELLED.encode()
    with pytest.raises(MalformedPackage):
        decode_package(data)


@pytest.mark.parametrize(
    "path", [(), ("release",), ("tally",), ("sign_ons", 0), ("withdrawals", 0), ("addenda", 0)]
)
def test_unknown_missing_and_mistyped_fields_are_named(path: tuple[Any, ...]) -> None:
    """Goal: nothing rides along. Method: add, drop and retype each field at each level."""

    def spoiled(name: str, *values: Any) -> bytes:
        plain = json.loads(SPELLED)
        place = plain
        for step in path:
            place = place[step]
        place.pop(name, None)
        for value in values:
            place[name] = value
        return respelled(plain)

    place = json.loads(SPELLED)
    for step in path:
        place = place[step]
    for name in place:
        with pytest.raises(MalformedPackage, match=f"`{name}`"):
            decode_package(spoiled(name))
        wrong: tuple[Any, ...] = (None, {}, 1.5, ["x", 1])
        for value in wrong if name != "unnamed" else (None, 1.5, ["x", 1], []):
            with pytest.raises(MalformedPackage):
                decode_package(spoiled(name, value))
    with pytest.raises(MalformedPackage, match="`note`"):
        decode_package(spoiled("note", 1))
    with pytest.raises(MalformedPackage) as caught:
        decode_package(spoiled("\x1b[31m", 1))
    assert "\x1b" not in str(caught.value)


@given(data=st.binary(max_size=200))
def test_any_bytes_are_refused_with_a_remote_error(data: bytes) -> None:
    """Goal: the decoder is total. Method: arbitrary bytes."""
    with pytest.raises(RemoteError):
        decode_package(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from([*json.loads(SPELLED), "x"]), inner, max_size=8)
    ),
    max_leaves=12,
)


@given(value=JSON)
def test_any_json_is_refused_with_a_remote_error(value: Any) -> None:
    """Goal: as above, past the parser. Method: arbitrary values under the right names."""
    with pytest.raises(RemoteError):
        decode_package(json.dumps(value, sort_keys=True).encode())


@given(data=st.data())
def test_a_damaged_file_is_refused_or_reads_as_itself(data: st.DataObject) -> None:
    """Goal: nothing is read that would not be written so. Method: damage anywhere."""
    good = SPELLED.encode()
    at = data.draw(st.integers(0, len(good)))
    damaged = good[:at] + data.draw(st.binary(max_size=3)) + good[at + data.draw(st.integers(0, 3)) :]
    try:
        package = decode_package(damaged)
    except RemoteError:
        return
    assert encode_package(package) == damaged


@pytest.mark.parametrize("part", [b"[],", b"{},", b'"",', b"[[", b'{"a":', b"0,", b"-"])
def test_a_hostile_file_takes_bounded_memory(part: bytes) -> None:
    """Goal: no file exhausts a machine. Method: 15 MiB of each smallest part, under tracemalloc."""
    data = b"[" + part * (15 * MIB // len(part))
    tracemalloc.start()
    try:
        with pytest.raises(RemoteError):
            decode_package(data)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 128 * MIB


def test_sizes_are_bounded() -> None:
    """Goal: as limits say. Method: one byte too many; more parts than any package has."""
    with pytest.raises(OverLimit):
        decode_package(b" " * (16 * MIB + 1))
    with pytest.raises(OverLimit):
        decode_package(b"[" * 300_000)
    with pytest.raises(MalformedPackage):
        dataclasses.replace(EXAMPLE, sign_ons=EXAMPLE.sign_ons * (PUBLISHED_MAX + 1))


def test_a_large_but_lawful_package_comes_back() -> None:
    """Goal: the bounds leave room for a thousand signatories. Method: round trip of them."""
    entry = EXAMPLE.sign_ons[0]
    many = tuple([dataclasses.replace(entry, act_key=n.to_bytes(32, "big")) for n in range(1_000)])
    package = dataclasses.replace(EXAMPLE, sign_ons=many)
    assert decode_package(encode_package(package)) == package
