"""Signing, withdrawing and releasing: only an explicit act, only when it would count."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from meshcoal.crypto.signing import verify
from meshcoal.errors import BadArgument, NotPermitted, WrongPhase
from meshcoal.statement.model import Statement
from meshcoal.statement.signon import make_release, make_sign_on, make_withdrawal
from meshcoal.statement.tally import fields_of
from meshcoal.wire.bodies import SignBody
from meshcoal.wire.public_text import sign_on_text
from meshcoal.wire.terms import Capacity, Seat

sys.path.insert(0, str(Path(__file__).parent))

from lettering import DEADLINE_MS, START_MS, Desk, act_key, author, released_desk


def sign(statement: Statement, **values: Any) -> SignBody:
    given: dict[str, Any] = {
        "me": author("ana"),
        "seat": Seat.IN_COUNTRY,
        "act_key": act_key("ana"),
        "digest": statement.frozen.digest if statement.frozen else bytes(32),
        "capacity": Capacity.ORGANISATION,
        "name": "The Centre",
        "title": "",
        "affiliation": "",
        "country": "",
        "languages_read": (),
        "now_ms": START_MS + 1_234,
    }
    return make_sign_on(statement, **{**given, **values})


def opened() -> Statement:
    desk = Desk()
    draft = desk.draft()
    desk.translate(draft)
    desk.freeze(draft)
    return desk.view(draft.id)


def test_a_sign_on_stands_by_itself() -> None:
    """Goal: the act key's signature covers what is published. Method: rebuild the text and verify."""
    statement = opened()
    assert statement.frozen is not None
    body = sign(
        statement,
        capacity=Capacity.AFFILIATED,
        name=" Dr.  Ana\tKhalil ",
        title="Physician",
        affiliation="City Hospital",
        country="Bahrain",
        languages_read=("fa", "EN", "en"),
    )
    assert body.name == "Dr. Ana Khalil"
    assert body.languages_read == ("en", "fa")
    assert body.at_ms == START_MS + 1_000
    text = sign_on_text(
        statement.frozen.digest, act_key("ana").public, fields_of(body, act_key("ana").public)
    )
    verify(act_key("ana").public, text, body.act_signature)
    assert text.decode().splitlines()[0] == "meshcoal sign-on 1"
    assert "name: Dr. Ana Khalil" in text.decode().splitlines()


@pytest.mark.parametrize(
    "values",
    [
        {"name": ""},
        {"name": "\u200b"},
        {"name": "N" * 81},
        {"title": "T" * 81},
        {"country": "C" * 81},
        {"capacity": Capacity.AFFILIATED},
        {"capacity": Capacity.AFFILIATED, "affiliation": "  "},
        {"capacity": Capacity.INDIVIDUAL, "affiliation": "The Centre"},
        {"capacity": Capacity.ORGANISATION, "affiliation": "The Centre"},
        {"languages_read": ("ru",)},
    ],
)
def test_details_that_do_not_fit_are_refused_in_words(values: dict[str, Any]) -> None:
    """Goal: errors for people. Method: each misfit."""
    with pytest.raises(BadArgument):
        sign(opened(), **values)


def test_observers_do_not_sign() -> None:
    """Goal: a seat that watches does not count. Method: sign from it."""
    with pytest.raises(NotPermitted):
        sign(opened(), seat=Seat.OBSERVER)


def test_only_the_text_that_was_read_is_signed() -> None:
    """Goal: no signature under an unseen text. Method: another digest; a draft; after deadline; twice."""
    statement = opened()
    with pytest.raises(WrongPhase, match="not the one you read"):
        sign(statement, digest=bytes(32))
    sign(statement, now_ms=DEADLINE_MS)
    with pytest.raises(WrongPhase, match="deadline"):
        sign(statement, now_ms=DEADLINE_MS + 1)
    desk = Desk()
    draft = desk.draft()
    with pytest.raises(WrongPhase, match="draft"):
        sign(desk.view(draft.id))
    desk.freeze(draft)
    desk.sign(draft, "ana")
    with pytest.raises(WrongPhase, match="signed already"):
        sign(desk.view(draft.id))
    desk.withdraw(draft, "ana")
    assert sign(desk.view(draft.id)).name == "The Centre"


def test_withdrawing_needs_something_to_take_back() -> None:
    """Goal: no empty acts. Method: withdraw as a draft, unsigned, and twice."""
    desk = Desk()
    draft = desk.draft()
    for _ in range(2):
        with pytest.raises(WrongPhase, match="not signed"):
            make_withdrawal(desk.view(draft.id), me=author("ana"), act_key=act_key("ana"), now_ms=START_MS)
        if len(desk.rows) == 1:
            desk.freeze(draft)
    desk.sign(draft, "ana")
    desk.withdraw(draft, "ana")
    with pytest.raises(WrongPhase, match="already"):
        desk.withdraw(draft, "ana")


def test_releasing_needs_an_open_letter_and_a_signatory() -> None:
    """Goal: no empty release, none twice. Method: release at each phase."""
    desk = Desk()
    draft = desk.draft()
    with pytest.raises(WrongPhase, match="draft"):
        desk.release(draft)
    desk.freeze(draft)
    with pytest.raises(WrongPhase, match="Nobody"):
        desk.release(draft)
    released, again = released_desk()
    with pytest.raises(WrongPhase, match="released"):
        make_release(released.view(again.id), act_key=act_key("ana"), now_ms=START_MS)
    with pytest.raises(WrongPhase, match="released"):
        sign(released.view(again.id), me=author("dov"))
