"""Calls and replies through running nodes: from the key that nobody holds alone to the list of all."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, TypeVar

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "statement"))

from callwork import replies_of, signs, withdraws
from nodework import coalition, refused

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.clock import DAY_MS, HOUR_MS
from meshcoal.crypto.agreement import Sealer
from meshcoal.crypto.deterministic import DeterministicSealer
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.errors import BadArgument, NotPermitted, WrongPhase
from meshcoal.statement.verification import verify
from meshcoal.wire.call import Call, parse_call
from meshcoal.wire.record import Record

R = TypeVar("R", bound=Record)
SEALER: Sealer = DeterministicSealer(SeededEntropy(b"outside"))


class Case:
    """A frozen letter with a call, and what people outside send back."""

    def __init__(self, *names: str, organisers: tuple[str, ...] = (), needed: int = 1, seed: int = 5) -> None:
        self.world, self.campaign = coalition(
            *(names or ("ana", "ben", "chi")), organisers=organisers, seed=seed
        )
        letter = self.do(
            "ana",
            ask.DraftStatement(campaign=self.campaign, language="en", title="Free them", text="We ask."),
            show.StatementView,
        )
        self.place: dict[str, Any] = {"campaign": self.campaign, "statement": letter.id}
        frozen = self.do(
            "ana",
            ask.FreezeStatement(
                **self.place,
                revisions=(),
                addressees=("The Minister",),
                deadline_ms=self.world.now_ms + DAY_MS,
            ),
            show.StatementView,
        )
        self.digest = frozen.digest
        calls = self.do("ana", self.opening(needed=needed), show.CallsView)
        self.call: Call = parse_call(calls.calls[-1].text)

    def opening(self, *, needed: int = 1, until_ms: int = 0) -> ask.OpenCall:
        return ask.OpenCall(
            **self.place,
            digest=self.digest,
            asks="The coalition",
            reply_to=("call@example.org",),
            until_ms=until_ms,
            needed=needed,
        )

    def do(self, name: str, command: ask.Command, kind: type[R]) -> R:
        answer = self.world.command(name, command, kind)
        self.world.run_ms(5_000)
        return answer

    def reads(self, name: str, *sealed: bytes) -> list[tuple[str, str]]:
        view = self.do(name, ask.ImportReplies(**self.place, replies=sealed), show.ImportedView)
        return [(one.outcome.value, one.code) for one in view.outcomes]

    def waiting(self, name: str = "ana") -> tuple[show.ReplyView, ...]:
        return self.world.look(name, ask.ListReplies(**self.place), show.RepliesView).replies

    def decides(self, decision: ask.Decision, *chosen: bytes, name: str = "ana") -> show.DecidedView:
        command = ask.DecideReplies(**self.place, replies=chosen, decision=decision)
        return self.do(name, command, show.DecidedView)

    def accepts_all(self, name: str = "ana") -> None:
        self.decides(ask.Decision.ACCEPT, *[one.id for one in self.waiting(name)], name=name)

    def letter(self, name: str) -> show.StatementView:
        return self.world.look(name, ask.ShowStatement(**self.place), show.StatementView)

    def released(self) -> None:
        """Ben, who is in the country, agrees that it goes out; Ana releases."""
        frozen = next(one.id for one in self.letter("ben").revisions if one.frozen)
        consent = ask.CommentStatement(
            **self.place, revision=frozen, paragraph=0, text="", stance=ask.Stance.AGREE
        )
        self.do("ben", consent, show.StatementView)
        self.do("ana", ask.ReleaseStatement(**self.place), show.StatementView)

    def outsiders(self, name: str) -> list[tuple[str, str]]:
        view = self.world.look(name, ask.ListOutside(**self.place), show.OutsidersView)
        return sorted((one.name, one.state.value) for one in view.outsiders)

    def says(self, name: str, key: str = "") -> bytes:
        return replies_of(self.call, SEALER, signs(self.call, name, key=key, at_ms=self.world.now_ms))[0]


def test_replies_become_signatories_on_every_node() -> None:
    """Goal: the way from outside to the public list. Method: read, decide, release; verify the package."""
    case = Case()
    told = case.reads("ana", case.says("Amnesty Nairobi"), case.says("Kenya Forum"), case.says("Spam Ltd"))
    assert told == [("new", "")] * 3
    ids = {one.name: one.id for one in case.waiting()}
    case.decides(ask.Decision.REFUSE, ids["Spam Ltd"])
    assert case.letter("ana").replies == 2
    assert case.letter("ben").replies == 0
    case.accepts_all()
    views = [case.letter(name) for name in ("ana", "ben", "chi")]
    assert len({view.tally.digest for view in views}) == 1
    assert [(view.tally.counted, view.tally.outside, view.tally.organisations) for view in views] == [
        (2, 2, 2)
    ] * 3
    case.released()
    files = case.world.look("chi", ask.ExportStatement(**case.place), show.FilesView).files
    report = verify(files[0].data)
    assert report.sound
    assert sorted(one.name for one in report.signatories) == ["Amnesty Nairobi", "Kenya Forum"]
    assert b"Spam" not in b"".join(file.data for file in files)


def test_the_same_reply_twice_is_one_signatory_whoever_reads_it() -> None:
    """Goal: two organisers who read one pile do no harm. Method: both read and accept the same replies."""
    case = Case(organisers=("ben",))
    # Ben holds no key: the call is Ana's alone.
    refused(
        case.world,
        "ben",
        ask.ImportReplies(**case.place, replies=(case.says("One"),)),
        NotPermitted,
    )
    one = case.says("One")
    assert case.reads("ana", one, one) == [("new", ""), ("known", "")]
    case.accepts_all()
    assert case.reads("ana", one) == [("known", "")]
    assert case.outsiders("chi") == [("One", "counted")]


def test_a_key_in_parts_opens_once_enough_have_agreed() -> None:
    """Goal: no organiser reads names alone. Method: two of three are needed; before, nobody can."""
    case = Case("ana", "ben", "chi", "dov", organisers=("ben", "chi"), needed=2)
    for name in ("ana", "ben", "chi"):
        refused(case.world, name, ask.ImportReplies(**case.place, replies=(case.says("One"),)), NotPermitted)
    call = case.do("ben", ask.ShowCalls(**case.place), show.CallsView).calls[0]
    assert not call.readable
    assert (call.needed, len(call.holders)) == (2, 3)
    case.do("ben", ask.GrantCall(**case.place, call=call.id), show.CallsView)
    seen = {
        name: case.do(name, ask.ShowCalls(**case.place), show.CallsView).calls[0].readable
        for name in ("ana", "ben", "chi", "dov")
    }
    assert seen == {"ana": True, "ben": False, "chi": True, "dov": False}
    refused(case.world, "ben", ask.GrantCall(**case.place, call=call.id), WrongPhase)
    refused(case.world, "dov", ask.GrantCall(**case.place, call=call.id), NotPermitted)
    assert case.reads("chi", case.says("One")) == [("new", "")]
    case.accepts_all("chi")
    assert case.outsiders("dov") == [("One", "counted")]


def test_what_cannot_be_read_is_told_by_its_code_and_the_rest_is_kept() -> None:
    """Goal: nothing lost. Method: damaged, foreign and forged replies between good ones."""
    case = Case()
    other = Case(seed=6)
    good = case.says("Good")
    damaged = good[:-1] + bytes([good[-1] ^ 1])
    told = case.reads("ana", damaged, other.says("Elsewhere"), b"short", good)
    assert told == [
        ("refused", "bad-seal"),
        ("refused", "bad-seal"),
        ("refused", "malformed-reply"),
        ("new", ""),
    ]
    assert [one.name for one in case.waiting()] == ["Good"]


@pytest.mark.parametrize("when", ["waiting", "accepted", "released", "before it comes"])
def test_an_outsider_can_withdraw_at_any_time(when: str) -> None:
    """Goal: one's own key takes one off. Method: withdraw at each stage; no organiser has to agree."""
    case = Case()
    said = signs(case.call, "One", at_ms=case.world.now_ms)
    back = withdraws(case.call, said, SEALER, at_ms=case.world.now_ms + HOUR_MS)
    forged = withdraws(case.call, said, SEALER, key="Mallory", at_ms=case.world.now_ms + HOUR_MS)
    (reply,) = replies_of(case.call, SEALER, said)
    if when == "before it comes":
        case.reads("ana", forged, back)
        assert case.reads("ana", reply) == [("withdrawal", "")]
        assert case.waiting() == ()
        return
    assert case.reads("ana", reply, case.says("Two")) == [("new", ""), ("new", "")]
    if when != "waiting":
        case.accepts_all()
    if when == "released":
        case.released()
    case.reads("ana", forged)
    assert len(case.waiting()) == (2 if when == "waiting" else 0)
    assert all(state == "counted" for _, state in case.outsiders("ben"))
    assert case.reads("ana", back) == [("withdrawal", "")]
    if when == "waiting":
        assert [one.name for one in case.waiting()] == ["Two"]
        return
    assert case.outsiders("ben") == [
        ("One", "withdrawn-after-release" if when == "released" else "withdrawn"),
        ("Two", "counted"),
    ]
    if when == "released":
        files = case.world.look("ben", ask.ExportStatement(**case.place), show.FilesView).files
        report = verify(files[0].data)
        assert report.sound
        assert report.counts.withdrawn == 1


def test_doubles_and_corrections_are_shown_to_a_person() -> None:
    """Goal: nobody is counted twice by mistake. Method: one name under two keys; one key with two names."""
    case = Case()
    case.reads("ana", case.says("The Forum"), case.says("the forum", key="another"), case.says("Solo"))
    case.world.run_ms(5_000)
    assert case.reads("ana", case.says("Solo Trust", key="Solo")) == [("further", "")]
    flags = {one.name: (one.double, one.further) for one in case.waiting()}
    assert flags == {
        "The Forum": (True, False),
        "the forum": (True, False),
        "Solo": (False, True),
        "Solo Trust": (False, True),
    }
    case.accepts_all()
    assert ("Solo Trust", "counted") in case.outsiders("ben")
    assert "Solo" not in dict(case.outsiders("ben"))


def test_only_organisers_call_and_only_on_the_frozen_text() -> None:
    """Goal: the rules of calling. Method: each wrong asker and wrong value once."""
    case = Case()
    refused(case.world, "ben", case.opening(), NotPermitted)
    refused(case.world, "ana", case.opening(needed=2), BadArgument)
    late = case.opening(until_ms=case.world.now_ms + 2 * DAY_MS)
    refused(case.world, "ana", late, BadArgument)
    refused(case.world, "ben", ask.ListReplies(**case.place), NotPermitted)
    case.reads("ana", case.says("One"))
    case.accepts_all()
    case.released()
    refused(case.world, "ana", case.opening(), WrongPhase)


def test_decisions_can_be_changed_until_it_is_accepted() -> None:
    """Goal: ask first, decide later. Method: a reply through each state, with a note."""
    case = Case()
    case.reads("ana", case.says("One"))
    (one,) = case.waiting()
    command = ask.DecideReplies(**case.place, replies=(one.id,), decision=ask.Decision.ASK, note="call them")
    case.do("ana", command, show.DecidedView)
    asked = case.world.look(
        "ana", ask.ListReplies(**case.place, state=ask.ReplyState.ASKED), show.RepliesView
    )
    assert [(reply.name, reply.note) for reply in asked.replies] == [("One", "call them")]
    counts = case.do("ana", ask.ShowCalls(**case.place), show.CallsView)
    assert (counts.waiting, counts.asked, counts.refused, counts.accepted) == (0, 1, 0, 0)
    case.decides(ask.Decision.WAIT, one.id)
    assert case.decides(ask.Decision.ACCEPT, one.id, bytes(32)) == show.DecidedView(done=1, gone=1)
    assert case.decides(ask.Decision.REFUSE, one.id) == show.DecidedView(done=0, gone=1)
    assert case.outsiders("chi") == [("One", "counted")]
