"""Offices and mandates, for the daemon in memory of the interface's tests."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any, Final

from meshcoal.api import commands as c
from meshcoal.api import views as v
from meshcoal.api.office_commands import StepView, UseView
from meshcoal.errors import Unknown
from meshcoal.wire.record import Record

NOW_MS: Final = 1_795_356_000_000  # 22 November 2026, 14:00 UTC
HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS


def _id(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


OFFICE: Final = _id("office")
_NAMES: Final = {_id("author " + name): name for name in ("Ana", "Ben", "Chi", "Dov")}


def office(**changes: Any) -> v.OfficeView:
    """Ana decides policy, and Dov after a day; Ben signs."""
    base = v.OfficeView(
        id=OFFICE,
        name="The Centre",
        steps=(
            StepView(name="policy", holders=("Ana", "Dov"), wait_ms=24 * HOUR_MS),
            StepView(name="director", holders=("Ben",), wait_ms=0),
        ),
        mine=True,
    )
    return dataclasses.replace(base, **changes)


def mandate(**changes: Any) -> v.MandateView:
    """Ben lets Ana sign for the Centre, on torture in Iran."""
    base = v.MandateView(
        id=_id("mandate"),
        office=OFFICE,
        office_name="The Centre",
        giver="Ben",
        holder="Ana",
        words="Torture cases. Nothing that calls for sanctions.",
        topics=("torture",),
        countries=("ir",),
        asks_excluded=("sanctions",),
        expires_ms=NOW_MS + 20 * DAY_MS,
        revoked=False,
        mine=True,
        uses=(),
    )
    return dataclasses.replace(base, **changes)


def use(number: int) -> UseView:
    return UseView(
        statement=_id(f"letter {number}"), title=f"Letter {number}", at_ms=NOW_MS - number * DAY_MS
    )


class FakeOffices:
    """Answers the commands about offices."""

    def __init__(self) -> None:
        self.offices: dict[bytes, v.OfficeView] = {}
        self.mandates: dict[bytes, v.MandateView] = {}

    def office(self, identifier: bytes) -> v.OfficeView:
        if identifier not in self.offices:
            raise Unknown("There is no such office in this campaign.")
        return self.offices[identifier]

    def give_offices(self) -> None:
        """The Centre, and three mandates: mine, one of Chi's that is over, one that was taken back."""
        over = mandate(
            id=_id("mandate of Chi"), holder="Chi", mine=False, expires_ms=NOW_MS - DAY_MS,
            uses=tuple([use(number) for number in range(1, 6)]),
        )  # fmt: skip
        back = mandate(
            id=_id("mandate of Dov"), holder="Dov", mine=False, revoked=True, topics=(), countries=()
        )
        self.offices = {OFFICE: office()}
        self.mandates = {one.id: one for one in (mandate(), over, back)}

    def on_list_offices(self, _command: c.ListOffices) -> Record:
        return v.OfficesView(offices=tuple(self.offices.values()), mandates=tuple(self.mandates.values()))

    def on_make_office(self, command: c.MakeOffice) -> Record:
        if command.replaces:
            del self.offices[self.office(command.replaces).id]
        made = v.OfficeView(
            id=_id(f"office {len(self.offices)} {command.name}"),
            name=command.name,
            steps=tuple(
                [
                    StepView(
                        name=one.name,
                        holders=tuple([_NAMES[holder] for holder in one.holders]),
                        wait_ms=one.wait_ms,
                    )
                    for one in command.steps
                ]
            ),
            mine=True,
        )
        self.offices[made.id] = made
        return self.on_list_offices(c.ListOffices(campaign=command.campaign))

    def on_give_mandate(self, command: c.GiveMandate) -> Record:
        made = mandate(
            id=_id(f"mandate {len(self.mandates)}"),
            office_name=self.office(command.office).name,
            giver="Ana",
            holder=_NAMES[command.holder],
            words=command.scope.words,
            topics=command.scope.topics,
            countries=command.scope.countries,
            asks_excluded=command.scope.asks_excluded,
            expires_ms=command.expires_ms,
            mine=False,
        )
        self.mandates[made.id] = made
        return self.on_list_offices(c.ListOffices(campaign=command.campaign))

    def on_revoke_mandate(self, command: c.RevokeMandate) -> Record:
        self.mandates[command.mandate] = dataclasses.replace(self.mandates[command.mandate], revoked=True)
        return self.on_list_offices(c.ListOffices(campaign=command.campaign))
