"""What contacts say between campaigns, misplaced: rows of the table for the messages 32 to 36."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hostile_links import (
    CONTACTS,
    MEMBERS,
    NO_ORDER,
    core_of_ana,
    inside,
    link_of_a_contact,
    said_between_contacts,
    said_in_a_campaign,
    unmoved,
    wrong_link,
)
from refusalwork import Harmless, Refused, Row
from sessionwork import NOW_MS

from meshcoal.api.views import AcquaintanceState
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.ids import PersonId
from meshcoal.node.links import INTRODUCED, Link
from meshcoal.node.records import AcquaintanceRecord
from meshcoal.node.step import Step
from meshcoal.wire.frames import Greeting, Introduction, Kept, Remembered, Whereabouts

KEY: Final = b"introduction 123"
THIRD: Final = AgreementKey.from_private(b"t" * 32).public
INTRODUCTION: Final = Introduction(
    reference=KEY,
    person=THIRD,
    name="Dov",
    hints=(),
    secret=b"s" * 32,
    note="",
    expires_ms=NOW_MS + 1_000_000,
)
REMEMBERED: Final = Remembered(reference=KEY)
GREETING: Final = Greeting(name="Dov", hints=(), pair=b"y" * 32)
WHEREABOUTS: Final = Whereabouts(hints=("198.51.100.9:7000",))
KEPT: Final = Kept()
NOT_ACCEPTED: Final = "In both cases nobody was accepted who may say it."


def introduced_twice() -> object:
    """A contact sends the same twice: one is kept, and both are acknowledged."""
    core = core_of_ana()
    introducer = _contact(link_of_a_contact())
    try:
        for _ in range(2):
            assert core.introducing.on_introduction(Step(NOW_MS), introducer, INTRODUCTION) is not None
        assert len(core.introducing.offered) == 1
    finally:
        core.introducing.offered.clear()
        del core.people.contacts[introducer]
    return None


def _contact(link: Link) -> PersonId:
    """Whoever is at the other end is a contact of Ana's from now on."""
    assert link.session is not None
    person = PersonId(link.session.remote_static)
    core_of_ana().people.meet(Step(NOW_MS), person, name="Ben", hints=(), pair=b"p" * 32)
    return person


def greeted(
    *, times: int = 1, state: AcquaintanceState = AcquaintanceState.ACCEPTED, by_another: bool = False
) -> Callable[[], object]:
    """A greeting on a link of an introduction."""

    def attack() -> object:
        core, link = core_of_ana(), link_of_a_contact()
        assert link.session is not None
        remote = link.session.remote_static
        accepted = state is AcquaintanceState.ACCEPTED
        link.session.name = (INTRODUCED, KEY)
        core.introducing.offered[KEY] = AcquaintanceRecord(
            introducer=THIRD,
            reference=KEY,
            person=THIRD if by_another else remote,
            name="Dov",
            hints=(),
            note="",
            secret=b"s" * 32 if accepted else b"",
            pair=b"x" * 32 if accepted else b"",
            state=state,
            declined=not accepted,
            since_ms=NOW_MS,
            expires_ms=NOW_MS + 1_000_000,
        )
        try:
            for _ in range(times):
                core.introducing.on_greeting(Step(NOW_MS), link, GREETING)
            assert core.people.contacts[PersonId(remote)].pair == b"x" * 32
        finally:
            core.introducing.offered.clear()
            core.people.contacts.pop(PersonId(remote), None)
        return None

    return attack


def told_twice() -> object:
    """A contact says twice where they are: it is kept, and nobody else's addresses change."""
    core, link = core_of_ana(), link_of_a_contact()
    person = _contact(link)
    others = {one: kept for one, kept in core.people.contacts.items() if one != person}
    try:
        for _ in range(2):
            core.hear(Step(NOW_MS), link, WHEREABOUTS)
        assert core.people.contacts[person].hints == WHEREABOUTS.hints
        assert {one: kept for one, kept in core.people.contacts.items() if one != person} == others
    finally:
        del core.people.contacts[person]
    return None


def introductions() -> tuple[Row, ...]:
    return (
        inside(
            INTRODUCTION,
            Harmless(how="The same twice: one is kept", attack=introduced_twice),
            NO_ORDER,
            wrong_link(MEMBERS, said_in_a_campaign(INTRODUCTION)),
            Refused(
                how="By somebody who is no contact",
                code="not-authorized",
                attack=said_between_contacts(INTRODUCTION),
            ),
        ),
        inside(
            REMEMBERED,
            Harmless(how="Said twice", attack=unmoved(REMEMBERED, 2)),
            NO_ORDER,
            wrong_link(MEMBERS, said_in_a_campaign(REMEMBERED)),
            Harmless(how="Of an introduction that was never made", attack=unmoved(REMEMBERED)),
        ),
        inside(
            WHEREABOUTS,
            Harmless(how="The same twice: kept once, of nobody else", attack=told_twice),
            NO_ORDER,
            wrong_link(MEMBERS, said_in_a_campaign(WHEREABOUTS)),
            Refused(
                how="By somebody who is no contact",
                code="not-authorized",
                attack=said_between_contacts(WHEREABOUTS),
            ),
        ),
        inside(
            KEPT,
            Harmless(how="Said twice", attack=unmoved(KEPT, 2)),
            NO_ORDER,
            wrong_link(MEMBERS, said_in_a_campaign(KEPT)),
            Harmless(how="Of what was never said", attack=unmoved(KEPT)),
        ),
        inside(
            GREETING,
            Harmless(how="Twice: one contact, one secret", attack=greeted(times=2)),
            Refused(
                how="After I declined",
                code="not-authorized",
                attack=greeted(state=AcquaintanceState.OFFERED),
                why=NOT_ACCEPTED,
            ),
            wrong_link(f"{MEMBERS}; {CONTACTS.lower()}", said_in_a_campaign(GREETING)),
            Refused(
                how="By another person than was introduced",
                code="not-authorized",
                attack=greeted(by_another=True),
                why=NOT_ACCEPTED,
            ),
        ),
    )
