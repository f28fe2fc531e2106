"""Signatures on paper among nodes: all count the same, the scan stays inside, the rules decide who enters."""

from __future__ import annotations

import dataclasses
import hashlib
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from attachwork import hand_over, some_bytes
from nodework import coalition, refused

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.clock import DAY_MS, HOUR_MS, MINUTE_MS
from meshcoal.errors import BadArgument, NotPermitted, Unknown, WrongPhase
from meshcoal.export.files import with_exports
from meshcoal.export.reading import examine
from meshcoal.ids import CampaignId
from meshcoal.limits import KIB, MIB
from meshcoal.sim.world import World
from meshcoal.wire.terms import Capacity, Seat

SCAN = some_bytes(9 * KIB)
SECRET = "At the back door, from a cousin"


def open_letter(world: World, campaign: CampaignId, *, paper: bool = True) -> show.StatementView:
    """A frozen letter, known to all."""
    text = ask.DraftStatement(campaign=campaign, language="en", title="Free them", text="We ask.")
    letter = world.command("ana", text, show.StatementView)
    freeze = ask.FreezeStatement(
        campaign=campaign,
        statement=letter.id,
        revisions=(),
        addressees=("The Minister",),
        deadline_ms=world.now_ms + 3 * DAY_MS,
        paper=paper,
    )
    letter = world.command("ana", freeze, show.StatementView)
    world.run_ms(MINUTE_MS)
    return letter


def sheet(world: World, letter: show.StatementView, *names: str, number: int = 0) -> ask.EnterSheet:
    now_ms = world.now_ms
    return ask.EnterSheet(
        campaign=letter.campaign,
        statement=letter.id,
        digest=letter.digest,
        number=number,
        scan=hashlib.sha256(repr(names).encode()).digest(),
        dated_ms=now_ms - now_ms % DAY_MS,
        lines=tuple([ask.GivenLine(line=at, name=name) for at, name in enumerate(names, start=1)]),
    )


def seen(world: World, name: str, letter: show.StatementView) -> show.StatementView:
    return world.look(
        name, ask.ShowStatement(campaign=letter.campaign, statement=letter.id), show.StatementView
    )


def listed(world: World, name: str, letter: show.StatementView) -> show.PaperView:
    return world.look(name, ask.ListPaper(campaign=letter.campaign, statement=letter.id), show.PaperView)


def test_every_node_has_the_same_count_and_digest() -> None:
    """Goal: one list. Method: two witnesses, a correction, a line taken back by an organiser; a restart."""
    world, campaign = coalition("ana", "ben", "chi")
    letter = open_letter(world, campaign)
    world.command("ben", sheet(world, letter, "Ana One", "Ben Two"), show.PaperView)
    world.command("chi", sheet(world, letter, "Chi Three", "ana one"), show.PaperView)
    world.run_ms(MINUTE_MS)
    fixed = sheet(world, letter, "Ana One", "Ben Too", number=1)
    refused(world, "ben", fixed, WrongPhase)
    corrected = dataclasses.replace(fixed, corrects=True)
    world.command("ben", corrected, show.PaperView)
    key = listed(world, "ben", letter).sheets
    chis = next(one for one in key if one.name == "chi")
    strike = ask.StrikeLines(campaign=campaign, statement=letter.id, witness=chis.key, number=1, lines=(1,))
    refused(world, "ben", strike, NotPermitted)
    world.command("ana", strike, show.PaperView)
    world.run_ms(MINUTE_MS)
    world.crash("chi")
    world.restart("chi")
    world.run_ms(MINUTE_MS)
    tallies = [seen(world, name, letter).tally for name in ("ana", "ben", "chi")]
    assert {one.digest for one in tallies} == {tallies[0].digest}
    assert [(one.on_paper, one.witnesses) for one in tallies] == [(3, 2)] * 3
    lines = {
        (line.name, line.state.value): line.doubles
        for one in listed(world, "ana", letter).sheets
        for line in one.lines
    }
    assert set(lines) == {
        ("Ana One", "counted"), ("Ben Too", "counted"), ("Chi Three", "withdrawn"), ("ana one", "counted"),
    }  # fmt: skip
    assert lines["Ana One", "counted"] == ("sheet 1, line 2",)
    assert show.Action.WITNESS in seen(world, "ben", letter).actions


def test_the_scan_is_a_file_of_the_campaign_and_leaves_with_nothing() -> None:
    """Goal: scan and note never leave. Method: attach a scan, read it at another node, release, look through
    every file that is made."""
    world, campaign = coalition("ana", "ben", "chi")
    letter = open_letter(world, campaign)
    upload = hand_over(world, "ben", campaign, SCAN)
    given = sheet(world, letter, "Ana One", "Ben Two")
    command = dataclasses.replace(
        given,
        attachments=(upload,),
        note=SECRET,
        scan=hashlib.sha256(SCAN).digest(),
        witness="Forum",
    )
    world.command("ben", command, show.PaperView)
    world.run_ms(MINUTE_MS)
    (one,) = listed(world, "chi", letter).sheets
    assert (one.note, one.witness, one.attachments[0].state) == (SECRET, "Forum", show.AttachmentState.HERE)
    attached = world.look("chi", ask.ListAttachments(campaign=campaign), show.AttachmentsView).attachments
    assert [(file.statement, file.message) for file in attached] == [(letter.id, one.id)]
    part = ask.ReadAttachment(campaign=campaign, message=one.id, number=0, offset=0)
    assert world.look("chi", part, show.PartView).data == SCAN
    agree = ask.SignStatement(
        campaign=campaign,
        statement=letter.id,
        digest=letter.digest,
        capacity=Capacity.ORGANISATION,
        name="Us",
    )
    for name in ("ana", "ben", "chi"):
        world.command(name, agree, show.StatementView)
    world.run_ms(MINUTE_MS)
    world.command("ana", ask.ReleaseStatement(campaign=campaign, statement=letter.id), show.StatementView)
    out = world.look("ana", ask.ExportStatement(campaign=campaign, statement=letter.id), show.FilesView).files
    for name, data in with_exports([(file.name, file.data) for file in out], outgoing=True):
        assert SECRET.encode() not in data, name
        assert SCAN[:64] not in data, name
    package = next(file.data for file in out if file.name.endswith(".json"))
    report = examine(package)
    assert report.sound, report.problems
    assert (report.counts.on_paper, report.counts.witnesses) == (2, 1)
    assert {person.scan for person in report.on_paper} == {hashlib.sha256(SCAN).digest()}


def test_the_campaign_says_who_enters() -> None:
    """Goal: a right by seat, from the rules on. Method: one seat alone, then a sheet by another."""
    world, campaign = coalition("ana", "ben", "chi")
    letter = open_letter(world, campaign)
    mine = world.look("ben", ask.ShowCampaign(campaign=campaign), show.CampaignView).seat
    others = tuple([seat for seat in (Seat.IN_COUNTRY, Seat.EXILE, Seat.INGO) if seat is not mine])
    world.command("ben", sheet(world, letter, "Before"), show.PaperView)
    world.run_ms(MINUTE_MS)
    rules = ask.SetRules(
        campaign=campaign, file_bytes_max=MIB, kept_bytes_max=10 * MIB, witness_seats=others[:1]
    )
    assert world.command("ana", rules, show.CampaignView).witness_seats == others[:1]
    world.run_ms(MINUTE_MS)
    assert not listed(world, "ben", letter).may_enter
    refused(world, "ben", sheet(world, letter, "Behind"), NotPermitted)
    assert seen(world, "chi", letter).tally.on_paper == 1


def test_a_letter_without_the_rule_takes_none() -> None:
    """Goal: the frozen text decides. Method: enter on one that does not say so."""
    world, campaign = coalition("ana", "ben")
    letter = open_letter(world, campaign, paper=False)
    refused(world, "ben", sheet(world, letter, "Ana One"), WrongPhase)
    assert not listed(world, "ben", letter).permitted
    assert show.Action.WITNESS not in seen(world, "ben", letter).actions


def test_pages_of_sheets_follow_one_another() -> None:
    """Goal: many sheets can be read. Method: five, in pages of two."""
    world, campaign = coalition("ana", "ben")
    letter = open_letter(world, campaign)
    for number in range(1, 6):
        world.command("ben", sheet(world, letter, f"Person {number}"), show.PaperView)
    found: list[int] = []
    key, after, more = b"", 0, True
    while more:
        page = world.look(
            "ben",
            ask.ListPaper(
                campaign=campaign, statement=letter.id, after_witness=key, after_number=after, limit=2
            ),
            show.PaperView,
        )
        found += [one.number for one in page.sheets]
        key, after, more = page.sheets[-1].key, page.sheets[-1].number, page.more
    assert found == [1, 2, 3, 4, 5]
    strike = ask.StrikeLines(campaign=campaign, statement=letter.id, number=9)
    refused(world, "ben", strike, Unknown)
    double = sheet(world, letter, "A", "B")
    twice = (double.lines[0], double.lines[0])
    refused(world, "ben", dataclasses.replace(double, lines=twice), BadArgument)


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**16), split=st.sampled_from([("ana",), ("ben",), ("chi",), ("ben", "chi")]))
def test_nodes_that_were_apart_agree(seed: int, split: tuple[str, ...]) -> None:
    """Goal: no partition leaves two lists. Method: enter, correct and take back on both sides, then heal."""
    world, campaign = coalition("ana", "ben", "chi", seed=seed)
    letter = open_letter(world, campaign)
    world.command("ben", sheet(world, letter, "Ana One", "Ben Two", "Chi Three"), show.PaperView)
    world.run_ms(MINUTE_MS)
    bens = listed(world, "ana", letter).sheets[0].key
    world.partition(set(split), {"ana", "ben", "chi"} - set(split))
    given = sheet(world, letter, "Ana One", "Ben Two changed", number=1)
    again = dataclasses.replace(given, corrects=True)
    world.command("ben", again, show.PaperView)
    strike = ask.StrikeLines(campaign=campaign, statement=letter.id, witness=bens, number=1, lines=(1,))
    world.command("ana", strike, show.PaperView)
    world.command("chi", sheet(world, letter, f"Dov {seed}"), show.PaperView)
    world.run_ms(MINUTE_MS)
    world.heal()
    world.run_ms(HOUR_MS // 4)
    tallies = {seen(world, name, letter).tally.digest for name in ("ana", "ben", "chi")}
    assert len(tallies) == 1
    assert seen(world, "chi", letter).tally.on_paper == 2


@pytest.mark.parametrize("days", [0, 5])
def test_the_day_on_the_sheet_decides(days: int) -> None:
    """Goal: the day on the sheet decides, not the day it is entered. Method: enter after the deadline."""
    world, campaign = coalition("ana", "ben")
    letter = open_letter(world, campaign)
    given = sheet(world, letter, "Ana One")
    world.run_ms(4 * DAY_MS)
    dated_ms = given.dated_ms + days * DAY_MS
    command = dataclasses.replace(given, dated_ms=dated_ms)
    if days:
        refused(world, "ben", command, BadArgument if dated_ms > world.now_ms + DAY_MS else WrongPhase)
    else:
        assert world.command("ben", command, show.PaperView).on_paper == 1
