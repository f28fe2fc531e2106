"""Replies of the control port: read to the letter, and never more than the bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.errors import MalformedTor
from meshcoal.net.tor.replies import LINE_BYTES_MAX, REPLY_BYTES_MAX, Reply, ReplyReader, pairs, quoted

words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=40)


def _encode(reply: Reply) -> bytes:
    *first, last = reply.lines
    lines = [f"{reply.code}-{line}" for line in first] + [f"{reply.code} {last}"]
    return "".join(f"{line}\r\n" for line in lines).encode()


replies = st.builds(
    Reply,
    code=st.sampled_from([250, 251, 451, 510, 552, 650]),
    lines=st.lists(words, min_size=1, max_size=5).map(tuple),
)


@given(st.lists(replies, max_size=5), st.data())
def test_replies_come_out_whole_however_they_are_cut(sent: list[Reply], data: st.DataObject) -> None:
    """Goal: where packets end means nothing. Method: cut the bytes of several replies at any places."""
    encoded = b"".join(map(_encode, sent))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(encoded)), max_size=8)))
    reader = ReplyReader()
    found: list[Reply] = []
    for begin, end in zip([0, *cuts], [*cuts, len(encoded)], strict=True):
        found += reader.feed(encoded[begin:end])
    assert found == sent


def test_data_lines_are_joined_and_their_dots_taken_off() -> None:
    """Goal: a `+` line brings what follows it. Method: one with a doubled dot, then the end."""
    (reply,) = ReplyReader().feed(b"250+key=\r\none\r\n..two\r\n.\r\n250 OK\r\n")
    assert reply.value("key") == "one\n.two"
    assert reply.ok


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_any_bytes_end_in_replies_or_in_the_error(parts: list[bytes]) -> None:
    """Goal: a hostile port makes nothing but `malformed-tor`. Method: any bytes."""
    reader = ReplyReader()
    try:
        for part in parts:
            for reply in reader.feed(part):
                assert 200 <= reply.code <= 699
                assert reply.lines
                pairs(reply.lines[0])
    except MalformedTor:
        pass


@given(st.binary(max_size=60).map(lambda noise: b"250-OK\r\n" + noise + b"\r\n250 OK\r\n"))
def test_noise_inside_a_reply_never_changes_its_code(data: bytes) -> None:
    """Goal: a reply has one code. Method: noise between two lines of one."""
    try:
        found = ReplyReader().feed(data)
    except MalformedTor:
        return
    assert all(reply.code == 250 for reply in found[:1])


@pytest.mark.parametrize(
    "data",
    [
        b"250 OK\n",
        b"25 OK\r\n",
        b"250_OK\r\n",
        b"150 OK\r\n",
        b"250-one\r\n251 two\r\n",
        b"250 a\x00b\r\n",
        b"250 a\x1bb\r\n",
        b"250 " + b"a" * LINE_BYTES_MAX + b"\r\n",
        b"a" * (LINE_BYTES_MAX + 1),
        b"250-a\r\n" * (REPLY_BYTES_MAX // 7 + 1),
        b"250+a\r\n" + b"b\r\n" * (REPLY_BYTES_MAX // 3 + 1),
    ],
)
def test_what_has_no_form_or_no_end_is_refused(data: bytes) -> None:
    """Goal: strict and bounded. Method: one broken rule each."""
    with pytest.raises(MalformedTor):
        ReplyReader().feed(data)


@given(st.dictionaries(st.text("ABCxyz_-", min_size=1, max_size=6), words, max_size=5))
def test_quoted_values_are_read_back(said: dict[str, str]) -> None:
    """Goal: what tor quotes is read as it was. Method: any values, quoted and joined."""
    line = " ".join(["NOTICE", *[f"{key}={quoted(value)}" for key, value in said.items()]])
    assert pairs(line) == said
