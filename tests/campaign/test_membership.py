"""Who is a member: the same on every node, whatever came when; and nobody escapes a removal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshcoal.api.views import MemberState
from meshcoal.ids import AuthorId, OperationId
from meshcoal.limits import CHANNELS_MAX, MEMBERS_MAX
from meshcoal.wire.bodies import AddBody, Body, LeaveBody, RekeyBody, RemoveBody, RestoreBody
from meshcoal.wire.terms import Role, Seat

sys.path.insert(0, str(Path(__file__).parent))

from rollwork import History, Written, author, card, in_causal_order, shown, taken_in

ACTS = (
    *["admit"] * 2, "add", *["remove"] * 3, "false", "role", "leave", "channel",
    *["halt"] * 6, "lie", *["restore"] * 6,
)  # fmt: skip
NAMES = ("ana", "ben", "chi", "dov", "eve", "mallory")


def state(history: History, name: str) -> MemberState | None:
    member = taken_in(history).roster().members.get(author(name))
    return member.state if member else None


def holds(history: History, one: Written) -> bool:
    return taken_in(history).effective(one.id)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Three organisers to begin with; then anybody does anything, having seen any part of it."""
    history = History()
    history.add("ana", "ben", role=Role.ORGANISER)
    history.add("ana", "chi", role=Role.ORGANISER)
    begun = history.everything()
    twisted = draw(st.sampled_from((None, "ben", "chi")))
    if twisted is not None:  # somebody's log is forked from the beginning
        stem = history.own(twisted) or history.rekey(twisted)
        for _ in range(2):
            history.write(twisted, draw(forked_acts("dov")), seen=begun, after=stem)
    for _ in range(draw(st.integers(3, 12))):
        by = draw(st.sampled_from((*NAMES, *NAMES[:3] * 2)))
        other = draw(st.sampled_from(NAMES))
        later = [one for one in history.all if one not in begun]
        often = draw(st.integers(1, 6))
        seen = [*begun, *[one for one in later if draw(st.integers(0, often))]]
        own = [one for one in history.all if one.author == author(by)]
        if own and draw(st.integers(0, 3)) == 0:  # a copy of their device goes on from an old state
            after = draw(st.sampled_from(own))
            rest = [one for one in history.all if one.author == author(by) and one.seq > after.seq]
            seen = [one for one in seen if not one.past & {other.id for other in rest} and one not in rest]
            history.write(by, draw(forked_acts(other)), seen=seen, after=after)
            continue
        match draw(st.sampled_from(ACTS)):
            case "admit":
                history.add(by, other, role=Role.ORGANISER, seen=seen)
            case "add":
                history.add(by, other, role=draw(st.sampled_from(Role)), seen=seen)
            case "remove":
                history.remove(by, other, seen=seen)
            case "false":
                history.remove(by, other, seen=seen, last_seq=draw(st.integers(-1, 3)))
            case "role":
                history.role(by, other, draw(st.sampled_from(Role)), seen=seen)
            case "leave":
                history.leave(by, seen=seen)
            case "channel":
                history.channel(by, other, seen=seen)
            case "halt":
                history.halt(by, forked_one(history, other), seen=seen)
            case "lie":
                history.halt(by, other, seen=seen, ends=(history.create.id, OperationId(bytes(32))))
            case "restore":
                history.restore(by, forked_one(history, other), seen=seen)
    return history


@st.composite
def forked_acts(draw: st.DrawFn, other: str) -> Body:
    match draw(st.sampled_from(("add", "restore", "rekey", "leave"))):
        case "add":
            return AddBody(
                at_ms=0, member=card(other), seat=Seat.EXILE, role=draw(st.sampled_from(Role)), carried=()
            )
        case "restore":
            return RestoreBody(at_ms=0, member=author(other))
        case "rekey":
            return RekeyBody(at_ms=0, carried=())
    return LeaveBody(at_ms=0)


def forked_one(history: History, otherwise: str) -> str:
    """Somebody whose log is forked, if there is one."""
    everything = frozenset(one.id for one in history.all)
    forked = [name for name in NAMES if len(history.ends(name, everything)) > 1]
    return forked[-1] if forked else otherwise


@settings(max_examples=300, deadline=None)
@given(history=histories(), data=st.data())
def test_the_order_of_arrival_and_of_opening_leaves_no_trace(history: History, data: st.DataObject) -> None:
    """Goal: equal sets, equal verdicts. Method: random histories; two arrivals, late opening in any order,
    asked at every step or only at the end."""
    places = list(range(len(history.all)))
    arrival = in_causal_order(history.all, data.draw(st.permutations(places)))
    opening = data.draw(st.permutations(arrival))
    expected = shown(taken_in(history), history.all)
    assert shown(taken_in(history, ask=True), history.all) == expected
    assert shown(taken_in(history, arrival, ask=True), history.all) == expected
    assert shown(taken_in(history, arrival, opening), history.all) == expected
    assert shown(taken_in(history, arrival, opening, ask=True), history.all) == expected


@settings(max_examples=150, deadline=None)
@given(history=histories())
def test_what_is_shown_keeps_the_law(history: History) -> None:
    """Goal: the rules themselves. Method: random histories; look at every effective removal and every cut."""
    membership = taken_in(history)
    members = membership.roster().members
    for one in history.all:
        if isinstance(one.body, RemoveBody) and membership.effective(one.id):
            target = members.get(AuthorId(one.body.member))
            # A ring may take away what admitted the target; whoever is in the roster is out of the campaign.
            assert target is None or target.state is not MemberState.ACTIVE
            assert one.true_cut
    for who in {one.author for one in history.all}:
        removals = [
            one.body.last_seq
            for one in history.all
            if isinstance(one.body, RemoveBody) and one.body.member == who and membership.effective(one.id)
        ]
        for seq in range(12):
            assert membership.fell(who, seq) == bool(removals and seq > min(removals))


def test_the_founder_is_an_organiser_and_admits_others() -> None:
    """Goal: the plain case. Method: two adds, an opened channel."""
    history = History()
    history.add("ana", "ben", role=Role.ORGANISER, seat=Seat.EXILE)
    history.add("ben", "chi", seat=Seat.OBSERVER)
    history.channel("ben", "work")
    roster = taken_in(history).roster()
    assert [roster.members[author(name)].role for name in ("ana", "ben", "chi")] == [
        Role.ORGANISER,
        Role.ORGANISER,
        Role.MEMBER,
    ]
    assert roster.members[author("chi")].admitted_by == author("ben")
    assert roster.members[author("chi")].seat is Seat.OBSERVER
    assert [seed.name for seed in roster.channels.values()] == ["hall", "work"]
    assert roster.is_organiser(author("ben"))
    assert not roster.is_organiser(author("chi"))
    assert not roster.is_organiser(author("eve"))


def test_only_an_organiser_admits_removes_and_gives_roles() -> None:
    """Goal: roles bind. Method: a member and a stranger try each."""
    history = History()
    history.add("ana", "ben")
    for by in ("ben", "mallory"):
        for one in (
            history.add(by, f"friend of {by}"),
            history.remove(by, "ana"),
            history.role(by, by, Role.ORGANISER),
        ):
            assert not holds(history, one)
    assert not holds(history, history.leave("mallory"))
    assert not holds(history, history.rekey("mallory"))
    assert not holds(history, history.channel("mallory", "mine"))
    assert state(history, "ana") is MemberState.ACTIVE


def test_an_observer_opens_no_channel_and_channels_are_bounded() -> None:
    """Goal: seats bind. Method: an observer tries; then one channel too many, and one twice."""
    history = History()
    history.add("ana", "eve", seat=Seat.OBSERVER)
    assert not holds(history, history.channel("eve", "mine"))
    for number in range(CHANNELS_MAX - 1):
        one = history.channel("ana", f"channel {number}")
    assert holds(history, one)
    assert not holds(history, history.channel("ana", "one too many"))
    assert not holds(history, history.channel("ana", "channel 3"))


def test_who_is_out_stays_out_under_that_persona() -> None:
    """Goal: a removal and a leave are for good. Method: add the same persona again; remove who left."""
    history = History()
    history.add("ana", "ben")
    history.add("ana", "chi")
    history.remove("ana", "ben")
    history.leave("chi")
    for name, expected in (("ben", MemberState.REMOVED), ("chi", MemberState.LEFT)):
        assert not holds(history, history.add("ana", name))
        assert not holds(history, history.remove("ana", name))
        assert not holds(history, history.role("ana", name, Role.ORGANISER))
        assert state(history, name) is expected


def test_nobody_removes_themselves_and_somebody_stays_organiser() -> None:
    """Goal: a campaign does not lose its organisers by one act. Method: the only one steps down; then two."""
    history = History()
    history.add("ana", "ben")
    assert not holds(history, history.remove("ana", "ana"))
    assert not holds(history, history.role("ana", "ana", Role.MEMBER))
    assert holds(history, history.role("ana", "ben", Role.ORGANISER))
    assert holds(history, history.role("ana", "ana", Role.MEMBER))
    assert not holds(history, history.role("ben", "ben", Role.MEMBER))
    assert not holds(history, history.add("ana", "chi"))


def test_a_removed_organisers_concurrent_acts_fall_and_what_rests_on_them() -> None:
    """Goal: strong removal. Method: Ben, removed, admits Chi at the same time; Chi opens a channel."""
    history = History()
    history.add("ana", "ben", role=Role.ORGANISER)
    before = history.everything()
    early = history.channel("ben", "early", seen=before)
    removal = history.remove("ana", "ben", seen=[*before, early])
    late = history.add("ben", "chi", seen=[*before, early], role=Role.ORGANISER)
    resting = history.channel("chi", "resting", seen=[late])
    assert holds(history, removal)
    assert holds(history, early)
    assert not holds(history, late)
    assert not holds(history, resting)
    assert state(history, "chi") is None
    membership = taken_in(history)
    assert [membership.fell(author("ben"), seq) for seq in range(3)] == [False, True, True]


def test_organisers_who_remove_each_other_are_both_out() -> None:
    """Goal: a ring of two holds. Method: concurrent mutual removals; a third organiser goes on."""
    history = History()
    history.add("ana", "ben", role=Role.ORGANISER)
    history.add("ana", "chi", role=Role.ORGANISER)
    before = history.everything()
    first = history.remove("ana", "ben", seen=before)
    second = history.remove("ben", "ana", seen=before)
    assert holds(history, first)
    assert holds(history, second)
    assert taken_in(history).roster().active() == (author("chi"),)
    assert holds(history, history.add("chi", "dov"))


def test_a_ring_of_three_holds() -> None:
    """Goal: longer rings too. Method: Ana removes Ben, Ben Chi, Chi Ana, none seeing another."""
    history = History()
    for name in ("ben", "chi", "dov"):
        history.add("ana", name, role=Role.ORGANISER)
    before = history.everything()
    ring = [
        history.remove(by, who, seen=before) for by, who in (("ana", "ben"), ("ben", "chi"), ("chi", "ana"))
    ]
    outside = history.remove("ana", "dov", seen=[ring[0]])
    assert all(holds(history, one) for one in ring)
    assert not holds(history, outside), "what a ring's member wrote besides falls"
    assert taken_in(history).roster().active() == (author("dov"),)


def test_a_removal_struck_from_outside_falls() -> None:
    """Goal: no ring, no sparing. Method: Chi removes Ben, who removes Ana at the same time."""
    history = History()
    for name in ("ben", "chi"):
        history.add("ana", name, role=Role.ORGANISER)
    before = history.everything()
    striking = history.remove("chi", "ben", seen=before)
    struck = history.remove("ben", "ana", seen=before)
    assert holds(history, striking)
    assert not holds(history, struck)
    assert state(history, "ana") is MemberState.ACTIVE


def test_nobody_escapes_a_removal_through_a_friend() -> None:
    """Goal: rings through acts. Method: Ben, removed, admits a friend who removes the remover."""
    history = History()
    history.add("ana", "ben", role=Role.ORGANISER)
    before = history.everything()
    removal = history.remove("ana", "ben", seen=before)
    friend = history.add("ben", "mallory", role=Role.ORGANISER, seen=before)
    revenge = history.remove("mallory", "ana", seen=[friend])
    assert holds(history, removal)
    assert not holds(history, friend)
    assert state(history, "ben") is MemberState.REMOVED
    assert state(history, "mallory") is None
    assert holds(history, revenge), "no worse than if Ben had removed Ana himself"


def test_a_removal_that_rests_on_a_fallen_one_strikes_nobody() -> None:
    """Goal: what falls leaves no trace. Method: Ben, removed, admits Chi, who removes Dov; Dov works on."""
    history = History()
    history.add("ana", "ben", role=Role.ORGANISER)
    history.add("ana", "dov", role=Role.ORGANISER)
    before = history.everything()
    history.remove("ana", "ben", seen=before)
    friend = history.add("ben", "chi", role=Role.ORGANISER, seen=before)
    history.remove("chi", "dov", seen=[friend])
    works = history.add("dov", "eve", seen=before)
    assert holds(history, works)
    assert state(history, "dov") is MemberState.ACTIVE
    assert not taken_in(history).fell(author("dov"), works.seq)
    assert shown(taken_in(history, ask=True), history.all) == shown(taken_in(history), history.all)


def test_a_cut_is_neither_dated_back_nor_ahead() -> None:
    """Goal: a removal undoes only what is new to its author. Method: cuts below and above what was seen."""
    history = History()
    history.add("ana", "ben", role=Role.ORGANISER)
    kept = history.channel("ben", "kept")
    for cut in (-1, kept.seq + 1):
        assert not holds(history, history.remove("ana", "ben", last_seq=cut))
    assert holds(history, kept)
    assert holds(history, history.remove("ana", "ben"))
    assert holds(history, kept)


@pytest.mark.parametrize("opened_backwards", [False, True])
def test_long_chains_do_not_recurse(opened_backwards: bool) -> None:
    """Goal: no stack overflow by depth. Method: 500 adds and leaves in one chain, opened either way."""
    history = History()
    last = history.create
    for number in range(250):
        name = f"member {number}"
        last = history.add("ana", name, seen=[last])
        last = history.leave(name, seen=[last])
    membership = taken_in(history, opening=history.all[::-1] if opened_backwards else None)
    limit = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(200)
        assert membership.roster().active() == (author("ana"),)
        assert membership.effective(last.id)
    finally:
        sys.setrecursionlimit(limit)


def test_a_coalition_of_the_largest_size_is_settled_soon(
    record_property: Callable[[str, object], None],
) -> None:
    """Goal: the bound on members, and a figure. Method: 150 members, one removal at the end."""
    history = History()
    last = history.create
    for number in range(MEMBERS_MAX - 1):
        last = history.add("ana", f"member {number}", seen=[last])
    assert not holds(history, history.add("ana", "one too many", seen=[last]))
    history.remove("ana", "member 0")
    membership = taken_in(history)
    begun = time.perf_counter()
    assert len(membership.roster().active()) == MEMBERS_MAX - 1
    record_property("settled_ms", (time.perf_counter() - begun) * 1000)


# --- Forked logs


def forked_history() -> tuple[History, Written, Written]:
    """Ana, Ben and Chi are organisers; Ben wrote two operations behind his first."""
    history = History()
    for name in ("ben", "chi"):
        history.add("ana", name, role=Role.ORGANISER)
    stem = history.channel("ben", "stem")
    before = history.everything()
    one = history.add("ben", "dov", seen=before)
    body = AddBody(at_ms=0, member=card("eve"), seat=Seat.EXILE, role=Role.MEMBER, carried=())
    other = history.write("ben", body, seen=before, after=stem)
    return history, one, other


def test_a_halt_strikes_what_its_author_had_not_seen() -> None:
    """Goal: later operations are void, what everybody has stands. Method: two branches, then a halt."""
    history, one, other = forked_history()
    seen = history.everything()
    halt = history.halt("ana", "ben", seen=seen)
    beside = history.add("ben", "fay", seen=seen)
    behind = history.add("ben", "gus", seen=[halt])
    channel = history.channel("ben", "talk is no act", seen=[halt])
    assert [holds(history, each) for each in (one, other, halt, beside, behind, channel)] == [
        True, True, True, False, False, True,
    ]  # fmt: skip
    roster = taken_in(history).roster()
    assert roster.is_halted(author("ben"))
    assert roster.is_active(author("ben"))
    assert not holds(history, history.restore("ben", "ben"))
    assert holds(history, history.leave("ben")), "nobody is kept"


def test_a_restore_lets_go_on_and_heals_nothing_old() -> None:
    """Goal: a decision is about the future. Method: acts before, beside and behind the restore."""
    history, _, _ = forked_history()
    history.halt("ana", "ben")
    void = history.add("ben", "fay")
    restore = history.restore("chi", "ben", seen=history.everything())
    beside = history.add("ben", "gus", seen=[void])
    behind = history.add("ben", "hal", seen=[restore])
    assert [holds(history, each) for each in (void, restore, beside, behind)] == [False, True, False, True]
    assert not taken_in(history).roster().is_halted(author("ben"))
    assert not holds(history, history.restore("ana", "ben")), "there is nothing left to decide"


def test_a_fork_behind_a_restore_is_a_new_one() -> None:
    """Goal: one amnesty, not all. Method: a stale branch grows; then it sees the restore."""
    history, one, _ = forked_history()
    history.halt("ana", "ben")
    restore = history.restore("chi", "ben")
    goes_on = history.rekey("ben", seen=[restore])
    stale = RekeyBody(at_ms=0, carried=())
    history.write("ben", stale, seen=[], after=one)
    assert not holds(history, history.halt("ana", "ben")), "the restore covers what had not seen it"
    after = history.own("ben")
    assert after is not None
    history.write("ben", stale, seen=[restore], after=after)
    second = history.halt("ana", "ben")
    assert holds(history, second)
    assert taken_in(history).roster().is_halted(author("ben"))
    assert not holds(history, history.add("ben", "ivo", seen=[goes_on, second]))


def test_a_halt_needs_a_fork_and_says_what_it_saw() -> None:
    """Goal: no halt out of nothing, none dated back. Method: no fork; invented ends; one end left out."""
    history, one, other = forked_history()
    for ends in ((one.id, OperationId(bytes(32))), tuple(sorted((history.create.id, one.id)))):
        assert not holds(history, history.halt("ana", "ben", ends=ends))
    assert not holds(history, history.halt("ana", "chi"))
    assert not holds(history, history.halt("mallory", "ben"))
    assert not holds(history, history.restore("ana", "ben")), "nobody is let go on in advance"
    assert holds(history, history.halt("chi", "ben", ends=tuple(sorted((one.id, other.id)))))


def test_whoever_was_restored_may_remove_who_restored_them() -> None:
    """Goal: no circle. Method: Chi restores Ben; Ben removes Chi; the removal rests on the restore."""
    history, _, _ = forked_history()
    history.halt("ana", "ben")
    restore = history.restore("chi", "ben")
    removal = history.remove("ben", "chi", seen=[restore])
    assert holds(history, restore)
    assert holds(history, removal)
    assert not taken_in(history).roster().is_halted(author("ben"))


def test_a_restore_falls_with_its_author() -> None:
    """Goal: strong removal covers decisions. Method: Ana removes Chi unseen by Chi, who restores Ben."""
    history, _, _ = forked_history()
    halt = history.halt("ana", "ben")
    before = history.everything()
    removal = history.remove("ana", "chi", seen=before)
    restore = history.restore("chi", "ben", seen=before)
    revenge = history.remove("ben", "ana", seen=[restore])
    assert holds(history, halt)
    assert holds(history, removal)
    assert not holds(history, restore)
    assert holds(history, revenge), "a ring, as with a friend admitted at the same time"
    assert taken_in(history).roster().is_halted(author("ben"))


def test_who_is_halted_and_removes_the_one_who_halts_is_out_of_the_way_too() -> None:
    """Goal: rings of halts and removals. Method: Ana halts Ben while Ben removes Ana."""
    history, _, _ = forked_history()
    before = history.everything()
    halt = history.halt("ana", "ben", seen=before)
    removal = history.remove("ben", "ana", seen=before)
    assert holds(history, halt)
    assert holds(history, removal)
    roster = taken_in(history).roster()
    assert roster.active() == tuple(sorted([author(name) for name in ("ben", "chi", "dov", "eve")]))
    assert roster.is_halted(author("ben"))


def test_a_removal_of_somebody_forked_strikes_every_branch_it_had_not_seen() -> None:
    """Goal: numbers of a forked log mislead nobody. Method: a short branch grows unseen."""
    history, one, other = forked_history()
    long = history.rekey("ben", seen=[other])
    for _ in range(5):
        long = history.rekey("ben", seen=[long])
    removal = history.remove("ana", "ben")
    hidden = history.write(
        "ben", AddBody(at_ms=0, member=card("fay"), seat=Seat.EXILE, role=Role.MEMBER, carried=()), [one], one
    )
    assert hidden.seq < long.seq
    assert holds(history, removal)
    assert not holds(history, hidden)
    assert holds(history, one)
    assert holds(history, other)
