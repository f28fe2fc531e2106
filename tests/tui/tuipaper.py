"""Sheets of signatures on paper, for the daemon in memory of the interface's tests."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any, Final

from meshcoal.api import commands as c
from meshcoal.api import views as v
from meshcoal.clock import DAY_MS
from meshcoal.errors import WrongPhase
from meshcoal.wire.record import Record

NOW_MS: Final = 1_795_356_000_000  # 22 November 2026, 14:00 UTC
MINE: Final = hashlib.sha256(b"Ana's act key").digest()
BENS: Final = hashlib.sha256(b"Ben's act key").digest()


def line(number: int, name: str, **changes: Any) -> v.PaperLineView:
    base = v.PaperLineView(
        line=number,
        capacity=c.Capacity.INDIVIDUAL,
        name=name,
        title="",
        affiliation="",
        country="Bahrain",
        state=v.EntryState.COUNTED,
        doubles=(),
    )
    return dataclasses.replace(base, **changes)


def sheet(number: int, *lines: v.PaperLineView, **changes: Any) -> v.SheetView:
    base = v.SheetView(
        id=hashlib.sha256(f"sheet {number}".encode()).digest(),
        key=MINE,
        number=number,
        name="Ana",
        mine=True,
        witness="",
        scan=hashlib.sha256(f"scan {number}".encode()).digest(),
        dated_ms=NOW_MS - NOW_MS % DAY_MS - DAY_MS,
        entered_ms=NOW_MS,
        note="",
        attachments=(),
        same_scan=False,
        lines=lines,
        may_strike=True,
    )
    return dataclasses.replace(base, **changes)


class FakePaper:
    """What it knows of sheets, and how it answers."""

    def __init__(self) -> None:
        self.sheets: dict[tuple[bytes, int], v.SheetView] = {}
        self.refuse_sheet = False

    def _paper(self, command: Any) -> v.PaperView:
        sheets = tuple([self.sheets[key] for key in sorted(self.sheets)])
        lines = [one for sheet in sheets for one in sheet.lines if one.state is v.EntryState.COUNTED]
        return v.PaperView(
            campaign=command.campaign,
            statement=command.statement,
            digest=hashlib.sha256(b"digest").digest(),
            permitted=True,
            may_enter=True,
            on_paper=len(lines),
            witnesses=len({sheet.key for sheet in sheets}),
            sheets=sheets,
            more=False,
        )

    def on_list_paper(self, command: c.ListPaper) -> Record:
        return self._paper(command)

    def on_enter_sheet(self, command: c.EnterSheet) -> Record:
        if self.refuse_sheet:
            raise WrongPhase("the text on the sheet is not the one that holds now")
        number = command.number or max([key[1] for key in self.sheets if key[0] == MINE], default=0) + 1
        lines = [
            line(
                one.line,
                one.name,
                capacity=one.capacity,
                title=one.title,
                affiliation=one.affiliation,
                country=one.country,
            )
            for one in command.lines
        ]
        made = sheet(
            number,
            *lines,
            scan=command.scan,
            dated_ms=command.dated_ms,
            note=command.note,
            witness=command.witness,
        )
        self.sheets[MINE, number] = made
        return self._paper(command)

    def on_strike_lines(self, command: c.StrikeLines) -> Record:
        key = (command.witness or MINE, command.number)
        lines = tuple(
            [
                dataclasses.replace(one, state=v.EntryState.WITHDRAWN) if one.line in command.lines else one
                for one in self.sheets[key].lines
            ]
        )
        self.sheets[key] = dataclasses.replace(self.sheets[key], lines=lines)
        return self._paper(command)
