"""Versions of a frozen text: a change is a new one, and nobody's signature carries over to it."""

from __future__ import annotations

import dataclasses
import random
import sys
from pathlib import Path

import pytest

from meshcoal.api.views import Action, StatementView
from meshcoal.errors import BadArgument, WrongPhase
from meshcoal.limits import GRACE_MS_MAX, VERSIONS_MAX
from meshcoal.statement.drafting import make_freeze
from meshcoal.statement.model import EntryState, Reason, Row, Statement, StatementPhase
from meshcoal.statement.publication import build, verify
from meshcoal.statement.signon import make_withdrawal
from meshcoal.statement.view import statement_view
from meshcoal.wire.bodies import FreezeBody, WithdrawBody
from meshcoal.wire.operation import Kind
from meshcoal.wire.public_text import parse_canonical_text
from meshcoal.wire.terms import Role, Seat

sys.path.insert(0, str(Path(__file__).parent))

from lettering import DEADLINE_MS, HOUR_MS, Desk, act_key, author, folded, name_of, roster


def signed_desk() -> tuple[Desk, Row]:
    """A letter open for signing, with two signatures."""
    desk = Desk()
    draft = desk.draft()
    desk.freeze(draft)
    desk.sign(draft, "ana")
    desk.sign(draft, "ben")
    return desk, draft


def seen_by(statement: Statement, who: str, *, role: Role = Role.MEMBER) -> StatementView:
    return statement_view(
        statement,
        me=author(who),
        active=True,
        seat=Seat.EXILE,
        role=role,
        roster=roster,
        names=name_of,
        now_ms=DEADLINE_MS - HOUR_MS,
        held=lambda operations: (1, 1),
        asked=tuple([author(name) for name in ("ana", "ben", "chi", "dov")]),
    )


def test_a_new_version_takes_the_place_of_the_one_before_and_nobody_has_signed_it() -> None:
    """Goal: a signature stands under one text. Method: amend, revise, look; sign anew; release, verify."""
    desk, draft = signed_desk()
    first = desk.view(draft.id).frozen
    assert first is not None
    changed = desk.amend(draft, text="Dear Minister,\n\nRelease him at once.")
    proposed = desk.view(draft.id)
    assert proposed.frozen == first, "an amendment changes nothing by itself"
    assert [revision.id for revision in proposed.revisions if revision.current] == [changed.id]
    desk.revise(draft)
    second = desk.view(draft.id)
    assert second.phase is StatementPhase.OPEN
    assert second.frozen is not None
    assert second.replaced == (first,)
    assert (second.frozen.version, second.frozen.body.replaces) == (2, first.digest)
    text = parse_canonical_text(second.frozen.canonical_text)
    assert (text.version, text.replaces) == (2, first.digest)
    assert text.texts[0].paragraphs == ("Dear Minister,", "Release him at once.")
    assert second.counted() == ()
    assert [one.sign_on.author for one in second.lapsed] == sorted(
        [author("ana"), author("ben")], key=lambda who: act_key(name_of(who)).public
    )
    assert second.ineffective == (), "what lapsed was no mistake"
    desk.sign(draft, "ben")
    third = desk.view(draft.id)
    assert [one.author for one in third.counted()] == [author("ben")]
    assert [one.sign_on.author for one in third.lapsed] == [author("ana")]
    desk.release(draft)
    released = desk.view(draft.id)
    assert released.lapsed == ()
    report = verify(build(released))
    assert report.sound
    assert [one.name for one in report.signatories] == ["The ben Centre"]
    assert "version" in [finding.code for finding in report.findings]


def test_every_order_of_arrival_gives_the_same_version() -> None:
    """Goal: all nodes show one text. Method: two rivals for version 2, one with a version 3; shuffle."""
    desk, draft = signed_desk()
    half = list(desk.rows)
    rivals = []
    for who, addressee in (("ana", "A"), ("chi", "B")):
        rivals.append(desk.revise(draft, who, addressees=(addressee,), seen=half))
    second = min(rivals, key=lambda row: row.place)
    loser = max(rivals, key=lambda row: row.place)
    desk.revise(draft, "ana", addressees=("C",), seen=[*half, loser])
    statement = desk.view(draft.id)
    assert statement.frozen is not None
    assert statement.frozen.id == second.id, "who follows the loser is not followed"
    assert {reason for _, reason in statement.ineffective} == {Reason.LATER_FREEZE}
    third = desk.revise(draft, "chi", addressees=("D",), seen=[*half, second])
    expected = desk.view(draft.id)
    assert expected.frozen is not None
    assert (expected.frozen.id, expected.frozen.version) == (third.id, 3)
    assert [one.version for one in expected.replaced] == [1, 2]
    for seed in range(20):
        shuffled = list(desk.rows)
        random.Random(seed).shuffle(shuffled)
        assert folded(shuffled).get(expected.id) == expected


def test_a_release_of_an_earlier_version_settles_which_holds() -> None:
    """Goal: a letter that is out is not displaced. Method: release beside a revision that stands first."""
    desk, draft = signed_desk()
    half = list(desk.rows)
    desk.revise(draft, "chi", addressees=("Somebody else",), seen=half)
    own = list(half)
    for _ in range(3):  # so that the release stands deeper than the revision
        own.append(desk.amend(draft, "ana", text=f"A text, {len(own)}", seen=own))
    desk.release(draft, "ana", seen=own)
    statement = desk.view(draft.id)
    assert statement.phase is StatementPhase.RELEASED
    assert statement.frozen is not None
    assert statement.frozen.version == 1
    assert len(statement.counted()) == 2


def test_the_released_version_keeps_those_before_it() -> None:
    """Goal: what was replaced can be looked at. Method: three versions, a release of the third."""
    desk, draft = signed_desk()
    for addressee in ("A", "B"):
        desk.revise(draft, addressees=(addressee,))
    desk.sign(draft, "dov")
    desk.release(draft)
    statement = desk.view(draft.id)
    assert [one.version for one in statement.replaced] == [1, 2]
    assert [one.author for one in statement.counted()] == [author("dov")]


def test_a_freeze_that_replaces_what_is_not_there_counts_for_nothing() -> None:
    """Goal: versions form a chain. Method: unknown digest, one that is not shallower, one too many."""
    desk, draft = signed_desk()
    frozen = desk.view(draft.id).frozen
    assert frozen is not None
    good = desk.revise(draft, addressees=("A",))
    assert isinstance(good.body, FreezeBody)
    unknown = desk.write("ana", Kind.FREEZE, dataclasses.replace(good.body, replaces=bytes(32)))
    none = desk.write("ana", Kind.FREEZE, dataclasses.replace(good.body, replaces=b""))
    assert dict(desk.view(draft.id).ineffective) == {
        unknown.id: Reason.BAD_FREEZE,
        none.id: Reason.BAD_FREEZE,
    }
    flat = [row if row is not good else dataclasses.replace(row, depth=1) for row in desk.rows]
    left = folded(flat).get(desk.view(draft.id).id)
    assert left is not None
    assert left.frozen == frozen


def test_there_is_an_end_to_versions() -> None:
    """Goal: chains are bounded. Method: as many as fit, and one more, by builder and by hand."""
    desk = Desk()
    draft = desk.draft()
    desk.freeze(draft)
    for number in range(2, VERSIONS_MAX + 1):
        last = desk.revise(draft, addressees=(f"Addressee {number}",))
    statement = desk.view(draft.id)
    assert statement.frozen is not None
    assert statement.frozen.version == VERSIONS_MAX
    with pytest.raises(BadArgument, match="versions"):
        desk.revise(draft, addressees=("One too many",))
    assert isinstance(last.body, FreezeBody)
    over = desk.write(
        "ana", Kind.FREEZE, dataclasses.replace(last.body, replaces=statement.frozen.digest, addressees=())
    )
    assert dict(desk.view(draft.id).ineffective) == {over.id: Reason.BAD_FREEZE}


def test_what_cannot_be_revised_is_refused_in_words() -> None:
    """Goal: no accident. Method: a draft, no digest, an old digest, nothing changed, after the release."""
    desk = Desk()
    draft = desk.draft()

    def attempt(replaces: bytes, addressees: tuple[str, ...] = ("New",)) -> None:
        make_freeze(
            desk.view(draft.id),
            revisions=(),
            addressees=addressees,
            deadline_ms=DEADLINE_MS,
            replaces=replaces,
            now_ms=desk.now_ms,
        )

    with pytest.raises(WrongPhase, match="draft"):
        attempt(bytes(32))
    desk.freeze(draft)
    frozen = desk.view(draft.id).frozen
    assert frozen is not None
    with pytest.raises(WrongPhase, match="new version"):
        attempt(b"")
    with pytest.raises(WrongPhase, match="not the one"):
        attempt(bytes(32))
    with pytest.raises(BadArgument, match="Nothing was changed"):
        attempt(frozen.digest, frozen.body.addressees)
    desk.revise(draft, addressees=("New",))
    with pytest.raises(WrongPhase, match="not the one"):
        attempt(frozen.digest)
    desk.sign(draft, "ana")
    desk.release(draft)
    with pytest.raises(WrongPhase, match="released"):
        attempt(frozen.digest)


def test_deadlines_fit_together() -> None:
    """Goal: dates that make sense. Method: a soft one behind the hard one, one in the past, a long grace."""
    desk = Desk()
    draft = desk.draft()
    soft_ms, grace_ms = DEADLINE_MS - HOUR_MS, 6 * HOUR_MS

    def made(soft_deadline_ms: int, grace_ms: int) -> FreezeBody:
        return make_freeze(
            desk.view(draft.id),
            revisions=(),
            addressees=(),
            deadline_ms=DEADLINE_MS,
            soft_deadline_ms=soft_deadline_ms,
            grace_ms=grace_ms,
            now_ms=desk.now_ms,
        )

    for bad in (
        (DEADLINE_MS + 1_000, grace_ms),
        (desk.now_ms - 1_000, grace_ms),
        (soft_ms, GRACE_MS_MAX + 1_000),
        (soft_ms, -1_000),
    ):
        with pytest.raises(BadArgument):
            made(*bad)
    desk.write("ana", Kind.FREEZE, made(soft_ms, grace_ms))
    view = seen_by(desk.view(draft.id), "ana")
    assert (view.deadline_ms, view.soft_deadline_ms, view.grace_ms) == (DEADLINE_MS, soft_ms, grace_ms)
    text = parse_canonical_text(view.canonical_text.encode())
    assert (text.deadline_ms, text.soft_deadline_ms, text.grace_ms) == (DEADLINE_MS, soft_ms, grace_ms)


def test_the_view_tells_who_lapsed_and_what_changed() -> None:
    """Goal: each signer sees the difference. Method: one who signed version 1 of 3, one who never did."""
    desk, draft = signed_desk()
    first = desk.view(draft.id).frozen
    for addressee in ("A", "B"):
        desk.revise(draft, addressees=(addressee,))
        second = desk.view(draft.id).replaced[-1]
    statement = desk.view(draft.id)
    ana, dov = seen_by(statement, "ana", role=Role.ORGANISER), seen_by(statement, "dov")
    assert first is not None
    assert (ana.mine, ana.earlier_version) == (EntryState.LAPSED, 1)
    assert ana.earlier_text.encode() == first.canonical_text
    assert (dov.mine, dov.earlier_version) == (None, 2)
    assert dov.earlier_text.encode() == second.canonical_text
    assert sorted(ana.lapsed) == ["ana", "ben"]
    assert {Action.SIGN, Action.WITHDRAW, Action.REVISE, Action.AMEND} <= set(ana.actions)
    assert Action.REVISE not in dov.actions
    assert Action.FREEZE not in ana.actions


def test_who_has_not_signed_is_listed_while_signing_is_open() -> None:
    """Goal: an organiser knows whom to remind. Method: draft, open, a withdrawal, a new version, release."""
    desk = Desk()
    draft = desk.draft()
    assert seen_by(desk.view(draft.id), "ana").unsigned == ()
    desk.freeze(draft)
    desk.sign(draft, "ana")
    desk.sign(draft, "ben")
    assert seen_by(desk.view(draft.id), "dov").unsigned == ("chi", "dov")
    desk.withdraw(draft, "ben")
    assert seen_by(desk.view(draft.id), "dov").unsigned == ("ben", "chi", "dov")
    desk.revise(draft, addressees=("A",))
    assert seen_by(desk.view(draft.id), "dov").unsigned == ("ana", "ben", "chi", "dov")
    desk.sign(draft, "ana")
    desk.release(draft)
    assert seen_by(desk.view(draft.id), "dov").unsigned == ()


def test_a_lapsed_signature_can_be_taken_back() -> None:
    """Goal: a signature that is out of force can be disowned. Method: withdraw, look; twice is refused."""
    desk, draft = signed_desk()
    first = desk.view(draft.id).frozen
    assert first is not None
    desk.revise(draft, addressees=("A",))
    withdrawal = desk.withdraw(draft, "ben")
    assert isinstance(withdrawal.body, WithdrawBody)
    assert withdrawal.body.digest == first.digest
    statement = desk.view(draft.id)
    assert [one.sign_on.author for one in statement.lapsed] == [author("ana")]
    assert statement.ineffective == ()
    with pytest.raises(WrongPhase, match="not signed"):
        make_withdrawal(statement, me=author("ben"), act_key=act_key("ben"), now_ms=desk.now_ms)
