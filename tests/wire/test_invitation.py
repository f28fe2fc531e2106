"""An invitation: one short text that survives being retyped, and says when it did not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.errors import MalformedInvitation, OverLimit
from meshcoal.limits import HINT_CHARS_MAX, INVITATION_TEXT_CHARS_MAX
from meshcoal.wire.invitation import PREFIX, Invitation, decode_invitation, encode_invitation

GOOD = Invitation(
    code=bytes(range(16)),
    person=b"\x07" * 32,
    hints=("192.0.2.7:4400", "mesh.example.org:4400"),
    expires_ms=1_800_000_000_000,
)
TEXT = encode_invitation(GOOD)


@settings(deadline=None)
@given(
    code=st.binary(min_size=16, max_size=16),
    person=st.binary(min_size=32, max_size=32),
    hints=st.lists(st.text("abc.:0123456789", min_size=1, max_size=40), max_size=6),
    expires_ms=st.integers(0, 253_402_300_799_000),
)
def test_what_is_written_is_read(code: bytes, person: bytes, hints: list[str], expires_ms: int) -> None:
    """Goal: round trip, in letters that a QR code packs well. Method: random invitations."""
    invitation = Invitation(code=code, person=person, hints=tuple(hints), expires_ms=expires_ms)
    text = encode_invitation(invitation)
    assert decode_invitation(text) == invitation
    assert text.startswith(PREFIX)
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    assert len(text) <= INVITATION_TEXT_CHARS_MAX


@given(data=st.data())
def test_spaces_case_hyphens_and_line_breaks_are_forgiven(data: st.DataObject) -> None:
    """Goal: a text that went through a chat or a phone call. Method: break it up anywhere."""
    text = data.draw(st.sampled_from((TEXT, TEXT.lower(), TEXT.title())))
    places = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)), reverse=True)
    for place in places:
        gap = data.draw(st.sampled_from((" ", "\n", "-", "\t", "\r\n", " - ", "\u00a0")))
        text = text[:place] + gap + text[place:]
    assert decode_invitation(text) == GOOD


@settings(max_examples=300)
@given(
    place=st.integers(len(PREFIX), len(TEXT) - 1), to=st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ01234567890")
)
def test_a_wrong_letter_is_noticed(place: int, to: str) -> None:
    """Goal: typos. Method: one letter anywhere replaced by any other."""
    changed = TEXT[:place] + to + TEXT[place + 1 :]
    try:
        found = decode_invitation(changed)
    except MalformedInvitation:
        return
    # The last letter of base32 carries unused bits: another spelling of the same invitation.
    assert found == GOOD
    assert changed == TEXT or place == len(TEXT) - 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        PREFIX,
        PREFIX + "A",
        PREFIX + "1",
        PREFIX + "ÄÖÜ",
        PREFIX + "=" * 8,
        TEXT[:-1],
        TEXT[:40],
        TEXT[1:],
        TEXT + "A",
        TEXT + TEXT,
        TEXT.replace(PREFIX, "MESHCOAL2"),
        TEXT + "A" * INVITATION_TEXT_CHARS_MAX,
        "\ud800",
    ],
)
def test_what_is_no_invitation_is_refused_in_words(text: str) -> None:
    """Goal: one error for everything. Method: cut, lengthened, doubled, foreign and empty texts."""
    with pytest.raises(MalformedInvitation) as caught:
        decode_invitation(text)
    assert len(str(caught.value)) > 20


@given(text=st.text(max_size=200))
def test_any_text_is_refused_or_read(text: str) -> None:
    """Goal: total. Method: random text, with and without the prefix."""
    for candidate in (text, PREFIX + text):
        try:
            found = decode_invitation(candidate)
        except MalformedInvitation:
            continue
        assert decode_invitation(encode_invitation(found)) == found


def test_addresses_that_do_not_fit_are_refused_when_it_is_made() -> None:
    """Goal: no text that cannot be read again. Method: eight of the longest addresses."""
    long = Invitation(code=bytes(16), person=bytes(32), hints=("a" * HINT_CHARS_MAX,) * 8, expires_ms=0)
    with pytest.raises(OverLimit):
        encode_invitation(long)
