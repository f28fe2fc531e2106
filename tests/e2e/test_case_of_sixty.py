"""A case of sixty nodes from alert to release: one list and one digest everywhere, files that prove it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "export"))
sys.path.insert(0, str(Path(__file__).parents[1]))

from browserwork import chromium
from lettercase import PAPER_GONE, LetterCase, centre
from sharedchecks import shared_checks

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.export.files import with_exports
from meshcoal.statement.verification import verify
from meshcoal.wire.package import SUFFIX
from meshcoal.wire.terms import NameMode
from tools import require_tool

MEMBERS = 60


@pytest.fixture(scope="module")
def case() -> Iterator[LetterCase]:
    """The whole story, once for all tests here."""
    with shared_checks():
        told = LetterCase(MEMBERS, seed=1)
        told.draft(told.alert())
        told.freeze()
        told.sign_apart()
        told.sign_late()
        told.release()
        yield told


@pytest.fixture(scope="module")
def files(case: LetterCase) -> dict[str, bytes]:
    """What an organiser exports."""
    command = ask.ExportStatement(campaign=case.campaign, statement=case.letter)
    view = case.world.look(case.organiser, command, show.FilesView)
    return dict(with_exports([(one.name, one.data) for one in view.files]))


@pytest.mark.timeout(1_200)
def test_every_node_computes_the_same_list_and_digest(case: LetterCase) -> None:
    """Goal: one count for all. Method: the tally of each honest node; who stands how, by name."""
    views = [case.look(name) for name in case.honest()]
    assert len(views) == MEMBERS - 6
    assert len({view.tally.digest for view in views}) == 1
    assert {view.phase for view in views} == {show.StatementPhase.RELEASED}
    plain = [[(one.id, one.name, one.state) for one in view.tally.entries] for view in views]
    assert plain == [plain[0]] * len(plain)
    signed = case.signed
    states: dict[show.EntryState, set[str]] = {}
    for entry in views[0].tally.entries:
        states.setdefault(entry.state, set()).add(entry.name)
    hidden = {centre(name) for name in signed.addressee}
    assert states[show.EntryState.COUNTED] == signed.counted() | hidden
    assert states[show.EntryState.LATE] == {centre(name) for name in signed.late}
    assert states[show.EntryState.WITHDRAWN] == {centre(name) for name in signed.withdrawn}
    assert states[show.EntryState.AFTER_RELEASE] == {centre(name) for name in signed.waiting}
    assert len(states) == 4  # and none of what was forged or doubled
    assert views[0].seal is not None
    assert views[0].seal.opened == len(signed.sealed)
    counts = {(one.unnamed.counted, one.unnamed.named, one.unnamed.members) for one in views if one.unnamed}
    assert len(counts) == 1
    ((counted, named, members),) = counts
    assert counted == len(signed.unnamed) == 5  # one of them tried twice, and one more took it back
    assert members - named > counted
    assert {(view.tally.on_paper, view.tally.witnesses) for view in views} == {(4, 2)}
    by_kind = (signed.named, signed.sealed, signed.role, signed.addressee, signed.conditional, signed.offline)
    assert all(len(one) > 1 for one in by_kind)


def test_every_node_makes_the_same_package(case: LetterCase) -> None:
    """Goal: whoever exports, exports the same. Method: the files of three nodes, byte by byte."""
    honest = case.honest()
    command = ask.ExportStatement(campaign=case.campaign, statement=case.letter)
    made = [case.world.look(name, command, show.FilesView) for name in (honest[0], honest[9], honest[-1])]
    assert made[1:] == [made[0], made[0]]


def test_the_package_holds_what_each_chose_and_nothing_else(
    case: LetterCase, files: dict[str, bytes]
) -> None:
    """Goal: no name that was not to be there. Method: names of the package; bytes of all files."""
    (package,) = [data for name, data in files.items() if name.endswith(SUFFIX)]
    report = verify(package)
    assert report.sound
    assert sorted(report.languages) == ["ar", "en", "fa"]
    assert {one.name for one in report.signatories if one.mode is not NameMode.ADDRESSEE} == (
        case.signed.counted()
    )
    hidden = [one for one in report.signatories if one.mode is NameMode.ADDRESSEE]
    assert len(hidden) == len(case.signed.addressee)
    assert report.counts.unnamed == len(case.signed.unnamed)
    assert {"ring", "counted"} <= {finding.code for finding in report.findings}
    assert (report.counts.on_paper, report.counts.witnesses) == (4, 2)
    assert "paper-same-name" in {finding.code for finding in report.findings}
    nameless = (*case.signed.unnamed, *case.signed.uncounted)
    quiet = [
        *nameless,
        *case.signed.addressee,
        *case.signed.role,
        *case.signed.waiting,
        *case.signed.withdrawn,
    ]
    for data in files.values():
        text = data.decode(errors="replace")
        assert not [name for name in (*quiet, *case.signed.late, *case.signed.forged) if centre(name) in text]
        assert "The Presidency" not in text
        assert PAPER_GONE not in text
        assert "Only At First" not in text
        assert "Secret note" not in text
        assert "The Other Centre" not in text
        assert "Her brother" not in text


def test_a_machine_that_never_saw_the_campaign_finds_it_sound(
    files: dict[str, bytes], tmp_path: Path
) -> None:
    """Goal: anybody can check. Method: the command in a process of its own, with an empty home."""
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    (package,) = [name for name in files if name.endswith(SUFFIX)]
    home = tmp_path / "nobody"
    home.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "meshcoal", "verify", str(tmp_path / package), "--json"],
        env={"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout)
    assert not [one for one in told["findings"] if one["severity"] == "problem"]
    assert not list(home.rglob("*"))  # and nothing is left behind


@pytest.mark.timeout(300)
def test_a_browser_without_a_network_finds_it_sound(files: dict[str, bytes], tmp_path: Path) -> None:
    """Goal: so can who has nothing installed. Method: a real Chromium opens the page from a file."""
    program = require_tool("chromium")
    (page,) = [name for name in files if name.endswith(".html") and "sheet" not in name]
    path = tmp_path / page
    path.write_bytes(files[page])

    async def look() -> tuple[dict[str, Any], list[str]]:
        async with chromium(program, tmp_path / "profile") as browser:
            tab = await browser.tab()
            await tab.open_checked(path)
            shown = await tab.evaluate(
                """JSON.stringify({
                  verdict: document.getElementById("verdict").textContent,
                  languages: [...document.querySelectorAll("#texts section")].map((one) => one.lang),
                  signatories: document.getElementById("signatories").textContent,
                  facts: document.getElementById("facts").textContent,
                })"""
            )
            return json.loads(shown), tab.requests

    shown, requests = asyncio.run(look())
    assert shown["verdict"].startswith("Sound")
    assert sorted(shown["languages"]) == ["ar", "en", "fa"]
    assert "Centre" in shown["signatories"]
    assert "5 members of the coalition who cannot be named" in shown["facts"]
    assert requests == [path.as_uri()]


@pytest.mark.timeout(600)
def test_late_ones_stand_in_addenda_that_are_the_same_everywhere(case: LetterCase) -> None:
    """Goal: who comes late is published too, and nobody twice. Method: two organisers publish in a partition,
    and somebody withdraws meanwhile; all honest nodes make one package, which is sound."""
    before = case.look(case.organiser).tally
    case.add_late()
    command = ask.ExportStatement(campaign=case.campaign, statement=case.letter)
    made = {
        next(file.data for file in case.world.look(name, command, show.FilesView).files)
        for name in case.honest()
    }
    assert len(made) == 1
    report = verify(made.pop())
    assert report.sound, report.problems
    since = {one.name for one in report.signatories if one.addendum and not one.withdrawn}
    silent = case.signed.silent
    assert {centre(name) for name in (*silent[1:], *case.signed.late)} == since
    assert report.counts.addenda == len(case.look(case.organiser).addenda) >= 1
    assert case.look(case.organiser).late is None
    assert case.look(case.organiser).tally.digest == before.digest, "what was released stays as it is"
