"""Talk's one body: what each act may hold, and what is one emoji."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.errors import MalformedBody
from meshcoal.wire import canonical, record
from meshcoal.wire.bodies import PostBody, decode_body, encode_body
from meshcoal.wire.emoji import is_emoji
from meshcoal.wire.operation import Kind
from meshcoal.wire.post import plain_post
from meshcoal.wire.terms import TalkAct

ABOUT = bytes(range(32))
SAY = PostBody(at_ms=1, channel=bytes(16), text="x", reply_to=b"")


@pytest.mark.parametrize(
    ("act", "values"),
    [
        (TalkAct.REACT, {"text": "👍"}),
        (TalkAct.REACT, {"text": ""}),
        (TalkAct.EDIT, {"text": "other", "mentions": (bytes(32),)}),
        (TalkAct.TAKE_BACK, {"text": ""}),
        (TalkAct.PIN, {"text": ""}),
        (TalkAct.UNPIN, {"text": ""}),
    ],
)
def test_each_act_comes_back(act: TalkAct, values: dict[str, Any]) -> None:
    """Goal: nothing is lost. Method: a lawful body of each act, by the codec that operations use."""
    body = dataclasses.replace(SAY, act=act, reply_to=ABOUT, **values)
    assert decode_body(Kind.POST, encode_body(body)) == body


@pytest.mark.parametrize(
    "values",
    [
        {"act": TalkAct.PIN, "text": "", "reply_to": b""},
        {"act": TalkAct.PIN, "text": "x"},
        {"act": TalkAct.TAKE_BACK, "text": "👍"},
        {"act": TalkAct.REACT, "text": "ok"},
        {"act": TalkAct.REACT, "text": "👍👍"},
        {"act": TalkAct.REACT, "text": "👍", "mentions": (bytes(32),)},
        {"act": TalkAct.EDIT, "thread": ABOUT},
        {"act": TalkAct.SAY, "mentions": (bytes(32),) * 17},
        {"act": TalkAct.SAY, "mentions": (bytes(31),)},
        {"act": TalkAct.SAY, "thread": bytes(31)},
    ],
    ids=str,
)
def test_what_does_not_belong_together_is_refused(values: dict[str, Any]) -> None:
    """Goal: an act holds what it needs and no more. Method: one thing too many or too few, made and read."""
    with pytest.raises(MalformedBody):
        dataclasses.replace(SAY, **{"reply_to": ABOUT, **values})
    whole = dataclasses.replace(SAY, reply_to=ABOUT)
    plain = list(record.fields_of(whole))
    places = {"text": 4, "reply_to": 5, "thread": 7, "mentions": 8, "act": 9}
    for name, value in values.items():
        plain[places[name]] = value.value if isinstance(value, TalkAct) else value
    with pytest.raises(MalformedBody):
        decode_body(Kind.POST, canonical.encode(tuple(plain)))


@given(text=st.text(max_size=9), reply_to=st.sampled_from((b"", ABOUT)), thread=st.sampled_from((b"", ABOUT)))
def test_the_quick_way_says_what_the_codec_says(text: str, reply_to: bytes, thread: bytes) -> None:
    """Goal: one truth of a plain message. Method: read it both ways; an act is left to the codec."""
    body = dataclasses.replace(SAY, text=text, reply_to=reply_to, thread=thread)
    data = encode_body(body)
    assert plain_post(data) == record.decode(PostBody, data) == body
    pin = dataclasses.replace(SAY, text="", reply_to=ABOUT, act=TalkAct.PIN)
    assert plain_post(encode_body(pin)) is None


EMOJI = ("👍", "❤️", "❤", "👩‍👩‍👧‍👦", "🇨🇭", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "👍🏽", "1️⃣", "☮", "⚠️", "🤷🏾‍♀️", "✊")
OTHERS = (
    "",
    "a",
    "ok",
    "م",
    "👍👍",
    "👍 ",
    "1",
    "#",
    "\u200d👍",
    "👍\u200d",
    "\ufe0f",
    "🇨",
    "👍\n",
    "က",
    "漢",
    "\u202e",
)


@pytest.mark.parametrize("text", EMOJI)
def test_one_emoji(text: str) -> None:
    """Goal: what keyboards send is taken. Method: pictures, flags, families, tones, keycaps, signs."""
    assert is_emoji(text)


@pytest.mark.parametrize("text", OTHERS)
def test_no_text_in_disguise(text: str) -> None:
    """Goal: no letter and no second emoji in a reaction. Method: letters of scripts, joiners alone, pairs."""
    assert not is_emoji(text)


def test_an_emoji_is_bounded() -> None:
    """Goal: a reaction is short. Method: a family of too many."""
    assert not is_emoji("\u200d".join(["👩"] * 9))
