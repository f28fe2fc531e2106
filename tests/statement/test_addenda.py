"""Addenda: late signatories in numbered lists behind a release, the same on every node."""

from __future__ import annotations

import dataclasses
import itertools
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.errors import MalformedPackage, NotPermitted, WrongPhase
from meshcoal.ids import Digest
from meshcoal.statement.addenda import late, late_since, make_addendum
from meshcoal.statement.aftermath import make_entry
from meshcoal.statement.course import CourseStep, People, Stage, StepState, course
from meshcoal.statement.model import EntryState, Reason, Standing
from meshcoal.statement.publication import annex, build, files, verify
from meshcoal.statement.reducer import Statements
from meshcoal.statement.tally import fields_of, sign_on_of
from meshcoal.wire.addendum import AddendumBody, AddendumFields, addendum_text
from meshcoal.wire.bodies import AftermathBody, Need, SignBody
from meshcoal.wire.operation import Kind
from meshcoal.wire.package import decode_package
from meshcoal.wire.sealed import OpenedSignOn
from meshcoal.wire.terms import AftermathKind, Means, Seat

sys.path.insert(0, str(Path(__file__).parent))

from lettering import (
    CAMPAIGN,
    DEADLINE_MS,
    HOUR_MS,
    Desk,
    Row,
    act_key,
    added_desk,
    author,
    folded,
    released_desk,
    roster,
)


def states(desk: Desk, draft: Row) -> dict[str, tuple[EntryState, int]]:
    view = desk.view(draft.id)
    return {
        name: (entry.state, entry.addendum)
        for name in ("ana", "ben", "chi", "dov", "mallory")
        if (entry := view.entry_of(author(name))) is not None
    }


def reason(desk: Desk, draft: Row, row: Row) -> Reason | None:
    return dict(desk.view(draft.id).ineffective).get(row.id)


def written_again(desk: Desk, draft: Row, who: str, body: AddendumBody, **changes: object) -> Reason | None:
    changed = dataclasses.replace(body, **changes)  # type: ignore[arg-type]
    return reason(desk, draft, desk.write(who, Kind.ADDENDUM, changed))


def test_who_signs_late_says_so_and_waits_for_an_addendum() -> None:
    """Goal: nobody is on the released list by accident. Method: sign behind the deadline and the release."""
    desk = Desk()
    draft = desk.draft()
    desk.freeze(draft)
    desk.sign(draft, "ana")
    desk.now_ms = DEADLINE_MS + HOUR_MS
    with pytest.raises(WrongPhase, match="late"):
        desk.sign(draft, "ben")
    desk.sign(draft, "ben", late=True)
    with pytest.raises(WrongPhase, match="not released yet"):
        desk.addendum(draft)
    desk.release(draft)
    with pytest.raises(WrongPhase, match="late"):
        desk.sign(draft, "chi")
    with pytest.raises(NotPermitted):
        desk.sign(draft, "eve", late=True)
    desk.sign(draft, "chi", late=True)
    assert states(desk, draft) == {
        "ana": (EntryState.COUNTED, 0),
        "ben": (EntryState.LATE, 0),
        "chi": (EntryState.LATE, 0),
    }
    desk.addendum(draft)
    assert states(desk, draft)["ben"] == states(desk, draft)["chi"] == (EntryState.ADDED, 1)
    assert len(desk.view(draft.id).counted()) == 1
    with pytest.raises(WrongPhase, match="nothing to add"):
        desk.addendum(draft)


def test_two_addenda_are_chained_and_the_package_holds_them() -> None:
    """Goal: the public can check each. Method: publish two, build, decode, verify, recompute the texts."""
    desk, draft = added_desk()
    view = desk.view(draft.id)
    assert states(desk, draft) == {
        "ana": (EntryState.COUNTED, 0),
        "ben": (EntryState.WITHDRAWN_AFTER_RELEASE, 0),
        "chi": (EntryState.COUNTED, 0),
        "dov": (EntryState.ADDED, 1),
        "mallory": (EntryState.ADDED, 2),
    }
    package = decode_package(build(view))
    first, second = package.addenda
    assert (first.number, second.number, first.before) == (1, 2, b"")
    assert second.before == view.addenda[0].text_digest
    assert not package.withdrawals, "the notice stands in the addendum"
    assert [one.act_key for one in second.withdrawals] == [act_key("ben").public]
    report = verify(build(view))
    assert report.sound, report.problems
    assert (report.counts.since, report.counts.addenda, report.counts.withdrawn) == (2, 2, 1)
    assert report.counts.organisations + report.counts.individuals == 5
    assert {one.name: one.addendum for one in report.signatories}["The mallory Centre"] == 2
    assert [one.code for one in report.findings].count("addendum") == 2


def test_the_text_of_an_addendum_byte_by_byte() -> None:
    """Goal: anybody can put it together. Method: the text as docs/protocol/statement.md shows it."""
    fields = AddendumFields(
        release=bytes([1]) * 32,
        number=2,
        before=bytes([2]) * 32,
        tally_digest=bytes([3]) * 32,
        withdrawals=(bytes([4]) * 32,),
        published_ms=1_795_000_000_000,
    )
    assert addendum_text(bytes(32), bytes([5]) * 32, fields).decode() == (
        "meshcoal addendum 1\n"
        f"statement: {'00' * 32}\n"
        f"release: {'01' * 32}\n"
        "number: 2\n"
        f"before: {'02' * 32}\n"
        f"key: {'05' * 32}\n"
        f"tally: {'03' * 32}\n"
        f"withdrawal: {'04' * 32}\n"
        "published: 2026-11-18T11:06:40Z\n"
    )
    with pytest.raises(MalformedPackage):
        addendum_text(bytes(32), bytes(32), dataclasses.replace(fields, number=1))


def test_files_after_an_addendum_have_names_of_their_own() -> None:
    """Goal: a second run overwrites no first one. Method: names and the list before and after."""
    desk, draft = released_desk()
    before = dict(files(desk.view(draft.id)))
    desk.sign(draft, "dov", late=True)
    desk.addendum(draft)
    after = dict(files(desk.view(draft.id)))
    assert not set(before) & set(after)
    listed = next(data for name, data in after.items() if name.endswith("signatories.txt")).decode()
    assert "At the release: 3; since: 1, in 1 addenda" in listed
    assert "The dov Centre, Bahrain (addendum 1)" in listed


def test_two_who_publish_beside_each_other_make_one_chain() -> None:
    """Goal: every node shows the same. Method: two first addenda in a partition; every order of arrival."""
    desk, draft = released_desk()
    desk.sign(draft, "dov", late=True)
    seen = list(desk.rows)
    ours = desk.addendum(draft, "ana", seen=seen)
    desk.sign(draft, "mallory", late=True, seen=seen)
    theirs = desk.addendum(draft, "ben", seen=[*seen, desk.rows[-1]])
    view = desk.view(draft.id)
    assert [one.id for one in view.addenda] == [ours.id]  # not as deep
    assert reason(desk, draft, theirs) is Reason.OTHER_CHAIN
    assert states(desk, draft)["mallory"] == (EntryState.AFTER_RELEASE, 0), "and waits for the next"
    for order in itertools.permutations(desk.rows[-3:]):
        assert folded([*desk.rows[:-3], *order]).get(view.id) == view
    desk.addendum(draft, "ben")
    assert states(desk, draft)["mallory"] == (EntryState.ADDED, 2)
    assert verify(build(desk.view(draft.id))).sound


def test_what_is_chained_to_an_addendum_that_fell_falls_too() -> None:
    """Goal: one chain. Method: a shallower first addendum arrives behind two others."""
    desk, draft = released_desk()
    desk.sign(draft, "dov", late=True)
    early = list(desk.rows)
    desk.sign(draft, "mallory", late=True)
    first = desk.addendum(draft)
    desk.withdraw(draft, "chi")
    second = desk.addendum(draft)
    assert len(desk.view(draft.id).addenda) == 2
    held = list(desk.rows)
    other = desk.addendum(draft, "ben", seen=early)
    assert [one.id for one in desk.view(draft.id).addenda] == [other.id]
    assert reason(desk, draft, first) is reason(desk, draft, second) is Reason.OTHER_CHAIN
    waiting = late(desk.view(draft.id), roster)
    assert [one.author for one in waiting.sign_ons] == [author("mallory")]
    assert [one.act_key for one in waiting.withdrawals] == [act_key("chi").public]
    assert folded([other, *held]).get(draft.id) == desk.view(draft.id)


def test_who_withdraws_before_the_addendum_is_not_in_it_and_after_it_is_told() -> None:
    """Goal: a late sign-on is as free as any. Method: withdraw on either side of an addendum."""
    desk, draft = released_desk()
    desk.sign(draft, "dov", late=True)
    desk.sign(draft, "mallory", late=True)
    desk.withdraw(draft, "dov")
    desk.addendum(draft)
    assert states(desk, draft)["dov"] == (EntryState.WITHDRAWN, 0)
    desk.withdraw(draft, "mallory")
    assert states(desk, draft)["mallory"] == (EntryState.WITHDRAWN_AFTER_RELEASE, 1)
    package = decode_package(build(desk.view(draft.id)))
    assert [one.act_key for one in package.withdrawals] == [act_key("mallory").public]
    assert verify(build(desk.view(draft.id))).sound
    assert len(desk.view(draft.id).counted()) == 3, "nobody of an addendum enters the released list"
    desk.addendum(draft)
    with pytest.raises(WrongPhase, match="stays so"):
        desk.sign(draft, "mallory", late=True)
    assert verify(build(desk.view(draft.id))).sound


def test_a_condition_is_asked_of_the_whole_list() -> None:
    """Goal: who asks for others gets them. Method: a late one asks for four others; three are there."""
    desk, draft = released_desk()
    desk.sign(draft, "dov", late=True, needs=(Need(at_least=4, seat=None),))
    with pytest.raises(WrongPhase, match="nothing to add"):
        desk.addendum(draft)
    desk.sign(draft, "mallory", late=True, needs=(Need(at_least=1, seat=Seat.INGO),))
    desk.addendum(draft)
    assert states(desk, draft)["dov"] == states(desk, draft)["mallory"] == (EntryState.ADDED, 1)


def test_who_is_named_to_the_addressee_only_stands_in_the_annex_after_an_addendum() -> None:
    """Goal: name modes hold for late ones too. Method: sign so; look for the annex entry."""
    from meshcoal.wire.annex import decode_annex, named_in
    from meshcoal.wire.terms import NameMode

    desk = Desk()
    draft = desk.draft()
    desk.freeze(draft, modes=(NameMode.NAMED, NameMode.ADDRESSEE))
    desk.sign(draft, "ana")
    desk.release(draft)
    desk.sign(draft, "dov", late=True, mode=NameMode.ADDRESSEE)
    desk.addendum(draft)
    name, data = annex(desk.view(draft.id))
    package = decode_package(build(desk.view(draft.id)))
    assert "addendum-1" in name
    assert [one.name for one in named_in(decode_annex(data), package).values()] == ["The dov Centre"]
    assert b"dov" not in build(desk.view(draft.id))


def test_addenda_that_do_not_fit_count_for_nothing() -> None:
    """Goal: each rule is enforced where it is read. Method: break one rule at a time."""
    desk, draft = released_desk()
    desk.sign(draft, "dov", late=True)
    body = make_addendum(
        desk.view(draft.id), roster=roster, act_key=act_key("ana"), now_ms=desk.now_ms + 1_000
    )
    assert written_again(desk, draft, "ben", body) is Reason.BAD_ADDENDUM, "another's signature"
    assert written_again(desk, draft, "ana", body, number=2) is Reason.OTHER_CHAIN
    assert written_again(desk, draft, "ana", body, before=bytes(32)) is Reason.OTHER_CHAIN
    assert written_again(desk, draft, "ana", body, release=bytes(32)) is Reason.OTHER_TEXT
    assert written_again(desk, draft, "ana", body, digest=bytes(32)) is Reason.OTHER_TEXT
    assert written_again(desk, draft, "ana", body, tally_digest=bytes(32)) is Reason.BAD_ADDENDUM
    assert written_again(desk, draft, "ana", body, sign_ons=()) is Reason.BAD_ADDENDUM
    listed = desk.view(draft.id).counted()[0].id
    assert written_again(desk, draft, "ana", body, sign_ons=(listed,)) is Reason.BAD_ADDENDUM
    good = desk.write("ana", Kind.ADDENDUM, body)
    assert [one.id for one in desk.view(draft.id).addenda] == [good.id]
    assert written_again(desk, draft, "ana", body) is Reason.OTHER_CHAIN, "once more"


def test_an_addendum_before_any_release_counts_for_nothing() -> None:
    """Goal: nothing is added to what is not out. Method: an addendum of one letter beside an open one."""
    desk, draft = released_desk()
    desk.sign(draft, "dov", late=True)
    body = make_addendum(desk.view(draft.id), roster=roster, act_key=act_key("ana"), now_ms=desk.now_ms)
    other = desk.draft(title="Free Ms. Salman")
    desk.freeze(other)
    row = desk.write("ana", Kind.ADDENDUM, dataclasses.replace(body, statement=other.id))
    assert reason(desk, other, row) is Reason.BEFORE_RELEASE


def test_what_was_sealed_and_opens_behind_the_release_stands_in_an_addendum() -> None:
    """Goal: a round that opens late loses nobody. Method: a sign-on that is in no log, known to one node
    only; the addendum carries it to all others."""
    desk, draft = released_desk()
    aside = Desk()
    aside.rows, aside.parents = list(desk.rows), dict(desk.parents)
    body = aside.sign(draft, "dov", late=True).body
    assert isinstance(body, SignBody)
    fields = fields_of(body, act_key("dov").public)
    opened = sign_on_of(
        OpenedSignOn(
            author=author("dov"),
            act_key=act_key("dov").public,
            fields=fields,
            act_signature=body.act_signature,
        ),
        draft.id,
        Digest(body.digest),
        depth=2,
    )
    assert opened is not None
    here = Statements(CAMPAIGN, roster, opened=lambda _: (opened,))
    for row in desk.rows:
        here.apply(row, True)
    knows = here.get(draft.id)
    assert knows is not None
    addendum = make_addendum(knows, roster=roster, act_key=act_key("ana"), now_ms=desk.now_ms)
    assert (addendum.sign_ons, len(addendum.unsealed)) == ((), 1)
    desk.write("ana", Kind.ADDENDUM, addendum)
    assert states(desk, draft)["dov"] == (EntryState.ADDED, 1), "where nothing was opened, too"
    report = verify(build(desk.view(draft.id)))
    assert report.sound
    assert report.counts.since == 1


def delivered(desk: Desk, draft: Row) -> Row:
    body = make_entry(
        desk.view(draft.id),
        me=author("ana"),
        entry=AftermathKind.DELIVERY,
        happened_ms=0,
        addressee="The Minister of Justice",
        means=Means.POST,
        now_ms=desk.now_ms,
    )
    return desk.write("ana", Kind.AFTERMATH, body)


def stages(desk: Desk, draft: Row) -> dict[CourseStep, Stage]:
    statement = desk.view(draft.id)
    people = People(organisers=(author("ana"),), writers=(), asked=(), standing=Standing(needed={}, seats={}))
    since_ms = late_since(late(statement, roster))
    found = course(None, statement, people, now_ms=desk.now_ms, late_since_ms=since_ms)
    return {stage.step: stage for stage in found}


def test_an_addendum_is_the_next_step_and_then_it_is_handed_over() -> None:
    """Goal: the second run is as good as the first. Method: the course from a delivered letter over a late
    sign-on and an addendum to its delivery."""
    desk, draft = released_desk()
    delivered(desk, draft)
    assert stages(desk, draft)[CourseStep.DELIVER].state is StepState.DONE
    assert CourseStep.ADDENDUM not in stages(desk, draft)
    desk.sign(draft, "dov", late=True)
    waits = stages(desk, draft)[CourseStep.ADDENDUM]
    assert (waits.state, waits.waits_for) == (StepState.NOW, (author("ana"),))
    assert waits.since_ms == desk.rows[-1].body.at_ms
    desk.addendum(draft)
    found = stages(desk, draft)
    assert (found[CourseStep.ADDENDUM].state, found[CourseStep.ADDENDUM].done) == (StepState.DONE, 1)
    again = found[CourseStep.DELIVER]
    assert (again.state, again.done, again.of) == (StepState.NOW, 0, 1)
    assert again.since_ms == desk.view(draft.id).addenda[0].body.at_ms
    delivered(desk, draft)
    assert stages(desk, draft)[CourseStep.DELIVER].state is StepState.DONE
    assert [one.addenda for one in desk.view(draft.id).aftermath] == [0, 1]


def test_only_a_delivery_comes_with_addenda() -> None:
    """Goal: one meaning. Method: an outcome that says so counts for nothing."""
    desk, draft = added_desk()
    body = delivered(desk, draft).body
    assert isinstance(body, AftermathBody)
    changed = dataclasses.replace(
        body, entry=AftermathKind.OUTCOME, addressee="", means=Means.NONE, text="She is free.", addenda=1
    )
    assert reason(desk, draft, desk.write("ana", Kind.AFTERMATH, changed)) is Reason.BAD_ENTRY


ACTS = st.lists(
    st.tuples(
        st.sampled_from(("sign", "withdraw", "add")), st.sampled_from(("ana", "ben", "dov", "mallory"))
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(ACTS, ACTS, st.randoms(use_true_random=False))
def test_after_a_partition_every_order_gives_one_chain(
    left: list[tuple[str, str]], right: list[tuple[str, str]], chance: object
) -> None:
    """Goal: nodes agree under partitions, and what they build is sound. Method: members sign, withdraw and
    publish on two sides that do not see each other; all is put together in shuffled orders."""
    desk, draft = released_desk()
    start = list(desk.rows)
    sides: tuple[list[Row], list[Row]] = (list(start), list(start))
    for side, acts, names in ((sides[0], left, ("ana", "dov")), (sides[1], right, ("ben", "mallory"))):
        for act, who in acts:
            if who not in names:
                continue
            try:
                if act == "sign":
                    side.append(desk.sign(draft, who, late=True, seen=side))
                elif act == "withdraw":
                    side.append(desk.withdraw(draft, who, seen=side))
                else:
                    side.append(desk.addendum(draft, who, seen=side))
            except WrongPhase:
                continue
    for side in sides:
        alone = folded(side).get(draft.id)
        assert alone is not None
        assert verify(build(alone)).sound
    everything = desk.rows[len(start) :]
    whole = desk.view(draft.id)
    for _ in range(3):
        chance.shuffle(everything)  # type: ignore[attr-defined]
        assert folded([*start, *everything]).get(draft.id) == whole
    report = verify(build(whole))
    assert report.sound, report.problems
    assert report.counts.addenda == len(whole.addenda)
