"""`meshcoal case`: each command asks the daemon for what was typed, and shows what comes next."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

from click.testing import Result

from meshcoal.api.case_views import next_step
from meshcoal.api.commands import (
    CaseKind,
    Consent,
    Consenter,
    DraftStatement,
    EnterCase,
    ListCases,
    OpenCase,
    ShowCase,
)
from meshcoal.api.views import (
    CaseEntryView,
    CasesView,
    CaseView,
    CourseStep,
    Publicity,
    StepState,
    StepView,
)
from meshcoal.clock import DAY_MS, HOUR_MS

NOW_MS = 1_800_000_000_000  # of the clock that commands are given
PLACE = ("evin", "taken")


def step(which: CourseStep, state: StepState = StepState.NOW, **fields: Any) -> StepView:
    plain: dict[str, Any] = {
        "waits_for": (),
        "more": 0,
        "waits_for_me": False,
        "since_ms": -1,
        "due_ms": -1,
        "done": 0,
        "of": 0,
    }
    return StepView(step=which, state=state, **{**plain, **fields})


def entry(number: int, kind: CaseKind, **fields: Any) -> CaseEntryView:
    plain: dict[str, Any] = {
        "name": "Ben",
        "mine": True,
        "at_ms": NOW_MS,
        "text": "She is in Evin.",
        "about": b"",
        "consent": Consent.NONE,
        "consenter": Consenter.NONE,
        "corrects": b"",
        "replaced": False,
    }
    return CaseEntryView(id=bytes([number]) * 32, entry=kind, **{**plain, **fields})


def case(build_view: Callable[..., Any], **fields: Any) -> CaseView:
    view = build_view(CaseView, "x")
    assert isinstance(view, CaseView)
    plain: dict[str, Any] = {"title": "Taken", "entries": (), "letters": (), "course": ()}
    return dataclasses.replace(view, **{**plain, **fields})


def test_an_alert_is_given_with_what_is_known(run: Callable[..., Result], daemon: Any) -> None:
    """Goal: one line alerts all. Method: with all options, and with none."""
    full = ["--text", "At dawn.", "--country", "Iran", "--answer-by", "24h"]
    assert run("case", "open", "evin", "Dr. Haddad was taken", *full).exit_code == 0
    sent = daemon.sent[-1]
    assert isinstance(sent, OpenCase)
    assert (sent.title, sent.text, sent.country) == ("Dr. Haddad was taken", "At dawn.", "Iran")
    assert sent.answer_by_ms == NOW_MS + DAY_MS
    assert run("case", "open", "evin", "Taken").exit_code == 0
    assert (daemon.sent[-1].text, daemon.sent[-1].answer_by_ms) == ("", 0)


def test_each_entry_names_what_it_is_about(
    run: Callable[..., Result], daemon: Any, build_view: Callable[..., Any]
) -> None:
    """Goal: what is typed is what is entered. Method: one of each kind."""
    fact, other = entry(0x51, CaseKind.FACT), entry(0x52, CaseKind.FACT, mine=False)
    view = case(build_view, entries=(fact, other))
    daemon.answers[ShowCase] = daemon.answers[EnterCase] = view
    listed = build_view(CasesView, "x")
    one = dataclasses.replace(listed.cases[0], id=view.id, title="Taken", closed=False)
    daemon.answers[ListCases] = CasesView(cases=(one,))

    def asked(*arguments: str) -> EnterCase:
        result = run("case", *arguments)
        assert result.exit_code == 0, result.output
        sent = daemon.sent[-1]
        assert isinstance(sent, EnterCase)
        assert (sent.case, sent.campaign) == (view.id, view.campaign)
        return sent

    assert asked("answer", *PLACE).entry is CaseKind.ANSWER
    assert asked("answer", *PLACE, "I call her brother.").text == "I call her brother."
    assert asked("fact", *PLACE, "In Qarchak.", "--corrects", "5151").corrects == fact.id
    assert run("case", "fact", *PLACE, "x", "--corrects", "5252").exit_code == 1  # not mine
    assert run("case", "fact", *PLACE).exit_code == 2
    assert asked("source", *PLACE, "Her brother", "--of", "5252").about == other.id
    assert asked("source", *PLACE, "Her brother").about == b""
    said = asked("consent", *PLACE, "limited", "--by", "family", "--text", "No photograph.")
    assert (said.consent, said.consenter, said.text) == (
        Consent.LIMITED,
        Consenter.FAMILY,
        "No photograph.",
    )
    assert run("case", "consent", *PLACE, "given").exit_code == 2  # by whom?
    assert asked("close", *PLACE).entry is CaseKind.CLOSE
    assert asked("reopen", *PLACE, "Taken again.").entry is CaseKind.REOPEN


def test_a_case_is_shown_with_what_comes_next(
    run: Callable[..., Result], daemon: Any, build_view: Callable[..., Any]
) -> None:
    """Goal: nobody asks what to do now. Method: facts with sources, a refusal, steps; the lines."""
    fact = entry(0x51, CaseKind.FACT)
    old = entry(0x54, CaseKind.FACT, text="In Qom.", replaced=True)
    source = entry(0x52, CaseKind.SOURCE, text="Her brother", about=fact.id)
    no = entry(0x53, CaseKind.CONSENT, text="", consent=Consent.REFUSED, consenter=Consenter.FAMILY)
    course = (
        step(CourseStep.ALERT, StepState.DONE),
        step(CourseStep.CONSENT, StepState.STUCK, waits_for=("Ben",), since_ms=NOW_MS - 3 * HOUR_MS),
        step(CourseStep.DRAFT, waits_for=("Ana", "Ben"), waits_for_me=True, due_ms=NOW_MS + DAY_MS),
        step(CourseStep.SIGN, StepState.LATER, done=3, of=9),
    )
    view = case(build_view, entries=(old, fact, no, source), course=course, publicity=Publicity.REFUSED)
    daemon.answers[ShowCase] = view
    shown = run("case", "show", "evin", view.id.hex()).stdout.splitlines()
    at = next(number for number, line in enumerate(shown) if "She is in Evin." in line)
    assert "Source" in shown[at + 1]  # below what it supports
    assert not any("In Qom." in line for line in shown)
    assert any("the family refuses" in line for line in shown)
    assert any("no letter about it is released" in line for line in shown)
    assert any("refused" in line and "Ben" in line and "since 3 hours" in line for line in shown)
    assert any("3 of 9" in line for line in shown)
    assert shown[-1] == "Next: Draft a letter, by you and 1 more, due in 1 day"
    everything = run("case", "show", "evin", view.id.hex(), "--all").stdout
    assert "In Qom." in everything
    as_json = json.loads(run("case", "show", "evin", view.id.hex(), "--json").stdout)
    assert [one["step"] for one in as_json["course"]] == ["alert", "consent", "draft", "sign"]


def test_a_letter_begins_about_a_case(
    run: Callable[..., Result], daemon: Any, build_view: Callable[..., Any], tmp_path: Any
) -> None:
    """Goal: the letter stands with its case. Method: draft with --case, by title; one that is not there."""
    listed = build_view(CasesView, "x")
    one = dataclasses.replace(listed.cases[0], title="Taken", closed=False)
    daemon.answers[ListCases] = CasesView(cases=(one,))
    (tmp_path / "letter.txt").write_text("Sir,")
    words = ["statement", "draft", "evin", "letter.txt", "--language", "en", "--title", "Free her"]
    assert run(*words, "--case", "tak").exit_code == 0
    sent = daemon.sent[-1]
    assert isinstance(sent, DraftStatement)
    assert sent.case == one.id
    assert run(*words).exit_code == 0
    assert daemon.sent[-1].case == b""
    assert run(*words, "--case", "other").exit_code == 1


def test_only_open_cases_are_listed_unless_asked(
    run: Callable[..., Result], daemon: Any, build_view: Callable[..., Any]
) -> None:
    """Goal: what is over makes no noise. Method: one closed; with and without --all; none."""
    listed = build_view(CasesView, "x")
    one = dataclasses.replace(listed.cases[0], title="Old case", closed=True)
    daemon.answers[ListCases] = CasesView(cases=(one,))
    assert "Old case" not in run("case", "list", "evin").stdout
    assert "meshcoal case open" in run("case", "list", "evin").stdout
    assert "Old case" in run("case", "list", "evin", "--all").stdout


def test_what_waits_for_me_comes_first() -> None:
    """Goal: my step is the one that I am told. Method: another's before mine; none at all."""
    others = step(CourseStep.SOURCES, waits_for=("Ben",))
    mine = step(CourseStep.DRAFT, waits_for=("Ana",), waits_for_me=True)
    assert next_step((others, mine)) is mine
    assert next_step((others,)) is others
    assert next_step((step(CourseStep.SIGN, StepState.LATER),)) is None
