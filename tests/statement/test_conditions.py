"""Sign-ons that ask for company: which of them count together."""

from __future__ import annotations

import dataclasses
import itertools
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.errors import WrongPhase
from meshcoal.ids import AuthorId
from meshcoal.statement.conditions import condition_text, holding
from meshcoal.statement.model import EntryState, Reason, Row, Signer, Statement
from meshcoal.statement.reducer import Statements
from meshcoal.statement.signon import make_release
from meshcoal.statement.tally import list_digest
from meshcoal.wire.bodies import Condition, Need, ReleaseBody
from meshcoal.wire.operation import Kind
from meshcoal.wire.public_text import release_text
from meshcoal.wire.terms import Seat

sys.path.insert(0, str(Path(__file__).parent))

from lettering import CAMPAIGN, Desk, act_key, author, folded, roster

SEATS = (Seat.IN_COUNTRY, Seat.EXILE, Seat.INGO)
NEEDS = st.builds(Need, at_least=st.integers(1, 4), seat=st.sampled_from([*SEATS, None]))
CONDITIONS = st.none() | st.builds(
    Condition, salt=st.just(bytes(32)), needs=st.lists(NEEDS, min_size=1, max_size=2).map(tuple)
)
LISTS = st.lists(st.tuples(st.sampled_from(SEATS), CONDITIONS), max_size=8)


def need(at_least: int, seat: Seat | None = None) -> tuple[Need, ...]:
    return (Need(at_least=at_least, seat=seat),)


def all_hold(standing: dict[int, tuple[Seat | None, Condition | None]], chosen: frozenset[int]) -> bool:
    """Whether each condition is true of this list, by the words of the rule."""
    for one in chosen:
        condition = standing[one][1]
        for wanted in condition.needs if condition else ():
            others = [x for x in chosen if x != one and wanted.seat in (None, standing[x][0])]
            if len(others) < wanted.at_least:
                return False
    return True


@given(entries=LISTS)
def test_it_is_the_largest_list_on_which_every_condition_holds(
    entries: list[tuple[Seat | None, Condition | None]],
) -> None:
    """Goal: the rule as it is written. Method: try every list; each that works is part of it."""
    standing = dict(enumerate(entries))
    found = holding(standing)
    assert all_hold(standing, found)
    for size in range(len(standing) + 1):
        for some in itertools.combinations(standing, size):
            if all_hold(standing, frozenset(some)):
                assert found >= set(some)


@given(entries=LISTS, data=st.data())
def test_order_does_not_matter(
    entries: list[tuple[Seat | None, Condition | None]], data: st.DataObject
) -> None:
    """Goal: one list at every node. Method: the same sign-ons in another order."""
    order = data.draw(st.permutations(range(len(entries))))
    assert holding({place: entries[place] for place in order}) == holding(dict(enumerate(entries)))


def states(statement: Statement) -> dict[str, EntryState]:
    names = {author(name): name for name in ("ana", "ben", "chi", "dov", "mallory")}
    return {names[entry.sign_on.author]: entry.state for entry in statement.entries}


def open_letter() -> tuple[Desk, Row]:
    desk = Desk()
    draft = desk.draft()
    desk.freeze(draft)
    return desk, draft


def test_a_sign_on_waits_until_enough_others_stand() -> None:
    """Goal: it counts only in company. Method: two in the country asked for, who come one after the other."""
    desk, draft = open_letter()
    desk.sign(draft, "chi", needs=need(2, Seat.IN_COUNTRY))
    assert states(desk.view(draft.id)) == {"chi": EntryState.WAITING}
    assert desk.view(draft.id).counted() == ()
    with pytest.raises(WrongPhase):
        make_release(desk.view(draft.id), act_key=act_key("ana"), now_ms=desk.now_ms)
    desk.sign(draft, "ana")
    assert states(desk.view(draft.id))["chi"] is EntryState.WAITING
    desk.sign(draft, "dov")
    assert set(states(desk.view(draft.id)).values()) == {EntryState.COUNTED}
    desk.withdraw(draft, "dov")
    assert states(desk.view(draft.id))["chi"] is EntryState.WAITING


def test_two_who_wait_for_each_other_are_both_counted() -> None:
    """Goal: the willing do not wait for ever. Method: a ring of conditions; then one more that breaks it."""
    desk, draft = open_letter()
    desk.sign(draft, "ana", needs=need(1, Seat.EXILE))
    assert states(desk.view(draft.id)) == {"ana": EntryState.WAITING}
    desk.sign(draft, "ben", needs=need(1, Seat.IN_COUNTRY))
    assert set(states(desk.view(draft.id)).values()) == {EntryState.COUNTED}
    desk.sign(draft, "chi", needs=need(3))
    assert states(desk.view(draft.id))["chi"] is EntryState.WAITING


def test_the_author_of_a_condition_is_not_among_the_others() -> None:
    """Goal: "three in the country" says the same to everybody. Method: one in the country asks for one."""
    desk, draft = open_letter()
    desk.sign(draft, "ana", needs=need(1, Seat.IN_COUNTRY))
    assert states(desk.view(draft.id)) == {"ana": EntryState.WAITING}
    desk.sign(draft, "dov")
    assert states(desk.view(draft.id))["ana"] is EntryState.COUNTED


def test_a_release_of_a_list_whose_conditions_do_not_hold_counts_for_nothing() -> None:
    """Goal: nobody is released into less company than they asked for. Method: list a waiting one."""
    desk, draft = open_letter()
    desk.sign(draft, "ana")
    desk.sign(draft, "chi", needs=need(2, Seat.IN_COUNTRY))
    view = desk.view(draft.id)
    forced = [entry.sign_on for entry in view.entries]
    assert view.frozen is not None
    tally = list_digest(view.frozen.digest, forced)
    text = release_text(view.frozen.digest, act_key("ana").public, tally, desk.now_ms)
    body = ReleaseBody(
        at_ms=desk.now_ms,
        statement=draft.id,
        digest=view.frozen.digest,
        sign_ons=tuple(sign_on.id for sign_on in forced),
        tally_digest=tally,
        act_signature=act_key("ana").sign(text),
    )
    row = desk.write("ana", Kind.RELEASE, body)
    assert dict(desk.view(draft.id).ineffective)[row.id] is Reason.BAD_RELEASE


def test_a_seat_that_is_changed_later_undoes_no_release() -> None:
    """Goal: what is out stays out. Method: the release knows the seats of its past; ask with others now."""
    desk, draft = open_letter()
    desk.sign(draft, "ana")
    desk.sign(draft, "chi", needs=need(1, Seat.IN_COUNTRY))
    release = desk.release(draft)
    rows = [dataclasses.replace(row, then=roster) if row.id == release.id else row for row in desk.rows]

    def now(who: AuthorId) -> Signer | None:
        known = roster(who)
        return Signer(act=known.act, seat=Seat.INGO) if known else None

    statements = Statements(CAMPAIGN, now)
    for row in rows:
        statements.apply(row, True)
    folded_now = statements.get(draft.id)
    assert folded_now is not None
    assert folded_now.released is not None
    assert len(folded_now.counted()) == 2


@given(data=st.data())
def test_any_order_of_operations_gives_the_same_list_and_digest(data: st.DataObject) -> None:
    """Goal: every node counts alike. Method: random conditions, withdrawals, and any order of arrival."""
    desk, draft = open_letter()
    for who in ("ana", "ben", "chi", "dov", "mallory"):
        needs = tuple(data.draw(st.lists(NEEDS, max_size=2)))
        desk.sign(draft, who, needs=needs)
    for who in data.draw(st.lists(st.sampled_from(["ana", "ben", "chi"]), unique=True, max_size=2)):
        desk.withdraw(draft, who)
    if desk.view(draft.id).counted():
        desk.release(draft)
    whole = desk.view(draft.id)
    other = folded(data.draw(st.permutations(desk.rows))).get(draft.id)
    assert other == whole
    assert other is not None
    assert other.tally_digest == whole.tally_digest


def test_the_text_of_a_condition_is_what_the_page_says() -> None:
    """Goal: the digest can be made again. Method: the example of the page."""
    condition = Condition(
        salt=bytes(32), needs=(Need(at_least=3, seat=Seat.IN_COUNTRY), Need(at_least=5, seat=None))
    )
    page = (Path(__file__).parents[2] / "docs" / "protocol" / "statement.md").read_text(encoding="utf-8")
    spelled = condition_text(condition).decode()
    assert spelled.replace("0" * 64, "<64 hex digits>") in page
