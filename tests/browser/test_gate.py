"""Who gets in: one browser, once, and not for ever."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meshcoal.browser.gate import (
    IDLE_MS,
    LOCKED_LIFE_MS,
    PLACES_MAX,
    TOKEN_LIFE_MS,
    VISIT_LIFE_MS,
    Gate,
    Place,
)
from meshcoal.crypto.entropy import SeededEntropy

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=40)
PLACES = st.builds(lambda page, ids: Place(page=page, ids=tuple(ids)), WORDS, st.lists(WORDS, max_size=4))


def gate(seed: bytes = b"gate") -> Gate:
    return Gate(SeededEntropy(seed))


def entered(one: Gate, now_ms: int = 0) -> str:
    token, _until_ms = one.new_token(now_ms)
    return one.enter(token, now_ms)


def test_a_token_lets_one_in_once() -> None:
    """Goal: an address that somebody saw later is worth nothing. Method: use one twice; look does not use."""
    one = gate()
    token, until_ms = one.new_token(1_000)
    assert until_ms == 1_000 + TOKEN_LIFE_MS
    assert one.opens(token, 1_000)
    assert one.opens(token, until_ms - 1)
    cookie = one.enter(token, 2_000)
    assert cookie
    assert one.knows(cookie, 2_000)
    assert not one.opens(token, 2_000)
    assert one.enter(token, 2_000) == ""
    assert one.knows(cookie, 2_000), "a failed try throws nobody out"


def test_a_token_grows_old_and_is_replaced() -> None:
    """Goal: what nobody used ends. Method: wait; ask for another."""
    one = gate()
    first, until_ms = one.new_token(0)
    assert not one.opens(first, until_ms)
    assert one.enter(first, until_ms) == ""
    second, _until_ms = one.new_token(0)
    assert not one.opens(first, 1)
    assert one.opens(second, 1)
    for wrong in ("", "x", first, second[:-1], second + "A", "\udc80"):
        assert not one.opens(wrong, 1)


def test_who_comes_later_throws_out_who_was_in() -> None:
    """Goal: one browser at a time. Method: a second token is used."""
    one = gate()
    before = entered(one)
    after = entered(one)
    assert before != after
    assert not one.knows(before, 0)
    assert one.knows(after, 0)
    for wrong in ("", before, after[:-1], "\udcff"):
        assert not one.knows(wrong, 0)


def hides(one: Gate, cookie: str, now_ms: int) -> bool:
    """Whether a request of whoever is in would find the pages hidden."""
    assert one.knows(cookie, now_ms)
    return one.hidden


def test_an_idle_visit_is_hidden_and_an_old_one_over() -> None:
    """Goal: a tab that was forgotten shows nothing. Method: let time pass, with and without requests."""
    one = gate()
    cookie = entered(one)
    assert not hides(one, cookie, IDLE_MS - 1)
    assert not hides(one, cookie, 2 * IDLE_MS - 2), "counted from the last request"
    assert hides(one, cookie, 3 * IDLE_MS)
    fresh = one.reveal()
    assert not hides(one, fresh, 3 * IDLE_MS)
    assert fresh != cookie
    assert not one.knows(cookie, 3 * IDLE_MS)
    assert not one.knows(fresh, VISIT_LIFE_MS)
    assert one.is_over(VISIT_LIFE_MS, locked=False)


def test_pages_end_when_nobody_has_a_use_for_them() -> None:
    """Goal: no port stays open for nothing. Method: each reason to go on, and its end."""
    one = gate()
    assert one.is_over(0, locked=False)
    token, until_ms = one.new_token(0)
    assert not one.is_over(until_ms - 1, locked=True)
    assert one.is_over(until_ms, locked=False)
    token, _until_ms = one.new_token(0)
    one.enter(token, 0)
    assert not one.is_over(LOCKED_LIFE_MS, locked=False)
    assert one.is_over(LOCKED_LIFE_MS, locked=True)
    assert one.is_over(VISIT_LIFE_MS, locked=False)
    one.leave()
    assert one.is_over(0, locked=False)
    assert not one.entered


def test_a_form_belongs_to_a_visit() -> None:
    """Goal: a form that a stranger made is not taken. Method: keys of other visits, and none."""
    one = gate()
    assert not one.fits(one.form_key()), "nobody is in"
    entered(one)
    mine = one.form_key()
    assert one.fits(mine)
    assert not one.fits("")
    assert not one.fits(mine[:-1])
    one.reveal()
    assert not one.fits(mine)
    other = gate(b"another")
    entered(other)
    assert not other.fits(one.form_key())


@given(st.lists(PLACES, max_size=30))
def test_addresses_lead_back_and_tell_nothing(places: list[Place]) -> None:
    """Goal: history holds no name and no id. Method: any places; the same one has one address in a run, and
    another in the next."""
    one, other = gate(b"a"), gate(b"b")
    for place in places:
        address = one.address(place)
        assert one.place(address) == place
        assert one.address(place) == address
        assert other.place(address) is None
        assert other.address(place) != address
        assert len(address) == 23
        assert address.isascii()
        for word in (place.page, *place.ids):
            assert len(word) < 4 or word not in address


def test_places_are_bounded() -> None:
    """Goal: a browser cannot fill our memory. Method: more places than are kept; the oldest is forgotten."""
    one = gate()
    first = one.address(Place(page="first"))
    for number in range(PLACES_MAX):
        one.address(Place(page="p", ids=(str(number),)))
    assert one.place(first) is None
    assert one.place("/nowhere") is None
