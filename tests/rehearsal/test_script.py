"""The case as data: marked as a drill, and possible for those who act in it."""

from __future__ import annotations

import dataclasses

from meshcoal.api.commands import Role, Seat
from meshcoal.limits import MESSAGE_CHARS_MAX, NAME_CHARS_MAX
from meshcoal.rehearsal import cast
from meshcoal.rehearsal.cast import CAST, MARK, USER
from meshcoal.rehearsal.script import SCRIPT, ComeBack, Draft, Freeze, GoOffline, Release, Sign
from meshcoal.text.sanitise import clean


def said() -> list[str]:
    """Every text that leaves somebody's node, or is published."""
    texts = [value for step in SCRIPT for value in vars_of(step.act) if isinstance(value, str)]
    texts += [part.signs.name for part in CAST if part.signs is not None]
    texts += [text for _, text in cast.FURTHER_ANSWERS]
    return [*texts, cast.CAMPAIGN_NAME, cast.CAMPAIGN_GOAL, *cast.ADDRESSEES]


def vars_of(act: object) -> list[object]:
    assert dataclasses.is_dataclass(act)
    return [getattr(act, part.name) for part in dataclasses.fields(act)]


def test_every_text_says_that_it_is_a_rehearsal() -> None:
    """Goal: a page that gets out alarms nobody. Method: look for the mark in each text."""
    spoken = [text for text in said() if text not in (*cast.CHANNELS, "en", "fa", "es")]
    assert len(spoken) > 20
    assert [text for text in spoken if MARK not in text] == []


def test_texts_fit_and_show_as_written() -> None:
    """Goal: no step fails for its text. Method: compare with the limits and the sanitiser."""
    assert all(len(text) <= MESSAGE_CHARS_MAX for text in said())
    assert all(clean(text, multiline=True) == text for text in said())
    titles = (cast.TITLE, cast.TITLE_IN_PERSIAN, cast.TITLE_IN_SPANISH, cast.CAMPAIGN_NAME)
    assert all(len(title) <= NAME_CHARS_MAX for title in titles)


def test_several_scripts_and_seats_take_part() -> None:
    """Goal: the case shows what coalitions are. Method: count scripts and seats."""
    assert any("\u0600" <= letter <= "\u06ff" for text in said() for letter in text)
    assert {part.seat for part in CAST} == set(Seat)
    assert len({part.name for part in CAST}) == len(CAST) == 6


def test_the_person_is_asked_and_may_do_what_is_asked() -> None:
    """Goal: no dead end for the person. Method: read their steps and their role."""
    theirs = [step for step in SCRIPT if step.who is USER]
    assert all(step.asked for step in theirs)
    assert [type(step.act) for step in theirs][-2:] == [Sign, Release]
    assert USER.role is Role.ORGANISER
    assert all(not step.asked for step in SCRIPT if step.who is not USER)


def test_acts_come_in_an_order_that_can_be() -> None:
    """Goal: the script is possible. Method: draft before freeze before sign, offline before back."""
    kinds = [type(step.act) for step in SCRIPT]
    assert kinds.index(Draft) < kinds.index(Freeze) < kinds.index(Sign) < kinds.index(Release)
    away = next(step.who for step in SCRIPT if isinstance(step.act, GoOffline))
    gone, back = kinds.index(GoOffline), kinds.index(ComeBack)
    assert gone < back
    assert SCRIPT[back].who is away
    assert all(step.who is not away for step in SCRIPT[gone + 1 : back])
    signing = [step.who for step in SCRIPT if isinstance(step.act, Sign)]
    assert all(part.signs is not None and part.seat is not Seat.OBSERVER for part in signing)
