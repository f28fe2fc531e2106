"""Sealed sign-ons between nodes: they open at every node by themselves, or nowhere and never."""

from __future__ import annotations

import dataclasses
import functools
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from meshcoal.api.commands import (
    Command,
    ConfirmMember,
    DraftStatement,
    FreezeStatement,
    SignSealed,
    WithdrawSealed,
    WithdrawSignature,
)
from meshcoal.api.views import (
    EntryState,
    MemberWordsView,
    SealedMine,
    SealPhase,
    StatementPhase,
    StatementView,
)
from meshcoal.clock import DAY_MS, MINUTE_MS
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.ring import RingKey
from meshcoal.errors import (
    BadArgument,
    BadEnvelope,
    BadShare,
    BadSignature,
    DoubledEnvelope,
    MalformedSealed,
    NotPermitted,
    UnsafeSeal,
    WrongPhase,
)
from meshcoal.ids import OperationId
from meshcoal.node.round_records import Held
from meshcoal.node.rounds import Rounds
from meshcoal.node.sealing import BEGUN
from meshcoal.node.step import Step
from meshcoal.sim.coalition import author_of
from meshcoal.sim.insider import Insider
from meshcoal.statement.sealed.envelope import Round, seal
from meshcoal.statement.sealed.terms import make_terms
from meshcoal.wire.beats import Beat
from meshcoal.wire.bodies import WeekBody
from meshcoal.wire.frames import Message
from meshcoal.wire.loose import LooseItems, LooseNames, LooseWant
from meshcoal.wire.operation import Kind
from meshcoal.wire.public_text import SignOnFields
from meshcoal.wire.sealed import (
    SEALED,
    Envelope,
    SealedItem,
    SealedRoster,
    ToldKey,
    ToldShare,
    item_id,
)
from meshcoal.wire.terms import Capacity, WordList

sys.path.insert(0, str(Path(__file__).parent))

from nodework import coalition, counted, refused
from sealwork import Sealers


def held(group: Sealers, name: str) -> Held:
    """The one round, at one node."""
    (found,) = rounds_of(group, name).held.values()
    return found


def rounds_of(group: Sealers, name: str) -> Rounds:
    """All that a node holds of them."""
    found = group.world.core(name)._core.campaigns[group.campaign]  # type: ignore[attr-defined]
    rounds: Rounds = found.rounds
    return rounds


def agree(group: Sealers, names: Iterable[str]) -> list[str]:
    """One list, one digest, at all of these; returns the names on it."""
    views = [group.look(name) for name in names]
    assert len({view.tally.digest for view in views}) == 1
    assert len({tuple(entry.name for entry in view.tally.entries) for view in views}) == 1
    return sorted(entry.name for entry in views[0].tally.entries)


def signatories(*names: str) -> list[str]:
    return [f"signatory {name}" for name in sorted(names)]


def test_at_the_number_all_open_everywhere_at_once() -> None:
    """Goal: no name before, all names after, the same at each of twelve nodes. Method: four seal and wait a
    while; a fifth seals; then a release, which a thirteenth who comes later reads as well."""
    group = Sealers(12)
    group.freeze()
    signers = [group.names[at] for at in (1, 3, 4, 8)]
    for name in signers:
        view = group.seal(name).seal
        assert view is not None
        assert view.mine is SealedMine.LEAVING
    group.world.run_ms(10 * MINUTE_MS)
    for name in group.names:
        shown = group.shown(name)
        assert (shown.count, shown.opened, shown.phase) == (4, 0, SealPhase.SHUT)
        assert shown.mine is (SealedMine.THERE if name in signers else SealedMine.NONE)
        assert group.signed(name) == []
    group.seal(group.names[9])
    group.world.run_ms(10 * MINUTE_MS)
    expected = signatories(*signers, group.names[9])
    assert agree(group, group.names) == expected
    assert {group.shown(name).phase for name in group.names} == {SealPhase.OPEN}
    assert {entry.sealed for entry in group.look(group.names[0]).tally.entries} == {True}
    assert group.release().phase is StatementPhase.RELEASED
    group.world.run_ms(MINUTE_MS)
    assert agree(group, group.names) == expected
    assert {group.look(name).phase for name in group.names} == {StatementPhase.RELEASED}


def test_with_a_quarter_gone_and_two_halves_that_meet_it_still_opens() -> None:
    """Goal: neither lost devices nor a cut keep names shut. Method: three of twelve go off for good after the
    freeze; the others are parted in two while six of them sign; once they meet, all nine have one list."""
    group = Sealers(12)
    group.freeze()
    for name in group.names[9:]:
        group.world.offline(name)
    here, there = group.names[:5], group.names[5:9]
    group.world.partition(here, there)
    for name in (*here[:3], *there[:3]):
        group.seal(name)
    group.world.run_ms(10 * MINUTE_MS)
    assert {group.shown(name).phase for name in group.names[:9]} == {SealPhase.SHUT}
    assert {group.shown(name).count for name in group.names[:9]} == {3}
    group.world.heal()
    group.world.run_ms(10 * MINUTE_MS)
    assert agree(group, group.names[:9]) == signatories(*here[:3], *there[:3])


def test_whoever_comes_back_after_the_opening_and_after_a_crash_has_the_same_list() -> None:
    """Goal: what is opened reaches all, and outlives a start. Method: two are off while five sign and it
    opens; they come back behind the date; one node crashes and starts."""
    group = Sealers(12)
    group.freeze(expires_ms=group.world.now_ms + 30 * MINUTE_MS)
    away = group.names[10:]
    for name in away:
        group.world.offline(name)
    for name in group.names[:5]:
        group.seal(name)
    group.world.run_ms(30 * MINUTE_MS)
    for name in away:
        group.world.online(name)
    group.world.run_ms(10 * MINUTE_MS)
    group.world.crash(group.names[2])
    group.world.run_ms(1_000)
    group.world.restart(group.names[2])
    group.world.run_ms(MINUTE_MS)
    assert agree(group, group.names) == signatories(*group.names[:5])
    assert [group.shown(name).mine for name in group.names[3:6]] == [
        SealedMine.OPEN,
        SealedMine.OPEN,
        SealedMine.NONE,
    ]


def test_what_i_sealed_leaves_after_a_crash() -> None:
    """Goal: disk before wire. Method: a node crashes right after it has sealed, and starts again; what it
    began is on its disk until it is seen spread, and not after."""
    group = Sealers(8)
    group.freeze()
    name = group.names[3]
    group.seal(name)
    disk = group.world.machines[name].disk
    assert len(disk.documents(BEGUN, group.campaign)) == 1
    group.world.crash(name)
    group.world.run_ms(1_000)
    group.world.restart(name)
    assert group.shown(name).mine is SealedMine.LEAVING
    group.world.run_ms(10 * MINUTE_MS)
    assert {group.shown(one).count for one in group.names} == {1}
    assert group.shown(name).mine is SealedMine.THERE
    assert disk.documents(BEGUN, group.campaign) == []


def test_after_the_date_nothing_opens_any_more() -> None:
    """Goal: expiry leaves nothing openable. Method: four of five sign; behind the date no disk holds an
    envelope or the key of anybody's shares, and a fifth cannot sign."""
    group = Sealers(8)
    group.freeze(expires_ms=group.world.now_ms + 30 * MINUTE_MS)
    for name in group.names[:4]:
        group.seal(name)
    group.world.run_ms(10 * MINUTE_MS)
    keys = {name: rounds_of(group, name).weeks.weeks[0] for name in group.names}
    envelopes = [SEALED.encode(item) for item in held(group, group.names[5]).box.items()]
    assert len(envelopes) == 4
    group.world.crash(group.names[7])  # it is off when the date passes
    group.world.run_ms(30 * MINUTE_MS)
    group.world.restart(group.names[7])
    group.world.run_ms(MINUTE_MS)
    for name in group.names:
        assert group.shown(name).phase is SealPhase.EXPIRED
        spaces = group.world.machines[name].disk._spaces.values()
        stored = b"".join([value for space in spaces for value in space.values()])
        assert not any(envelope in stored for envelope in envelopes)
        assert keys[name].trustee not in stored
        assert keys[name].ring_seed not in stored
        assert len(rounds_of(group, name).weeks.weeks) == 1  # fresh ones, for what is frozen next
    refused(group.world, group.names[6], sealing(group, group.names[6]), NotPermitted)


def sealing(group: Sealers, name: str, *, floor: int = 0) -> SignSealed:
    return SignSealed(
        campaign=group.campaign,
        statement=group.statement,
        digest=group.look(name).digest,
        capacity=Capacity.INDIVIDUAL,
        name="somebody",
        floor=floor,
    )


def test_a_floor_keeps_one_shut_and_a_withdrawal_takes_one_away() -> None:
    """Goal: a signer's own number holds, and what was taken back does not count. Method: six of twelve sign,
    one of them with a floor of seven, one takes back before the fifth; then more sign."""
    group = Sealers(12)
    group.freeze()
    for name in group.names[:4]:
        group.seal(name, floor=7 if name == group.names[0] else 0)
    group.world.run_ms(8 * MINUTE_MS)
    assert group.take_back(group.names[3]).seal is not None
    group.world.run_ms(8 * MINUTE_MS)
    assert {group.shown(name).count for name in group.names} == {3}
    assert group.shown(group.names[3]).mine is SealedMine.TAKEN_BACK
    refused(group.world, group.names[3], sealing(group, group.names[3]), WrongPhase)
    for name in group.names[4:6]:
        group.seal(name)
    group.world.run_ms(8 * MINUTE_MS)
    assert agree(group, group.names) == signatories(*group.names[1:3], *group.names[4:6])
    assert group.shown(group.names[0]).mine is SealedMine.THERE
    for name in group.names[6:8]:
        group.seal(name)
    group.world.run_ms(8 * MINUTE_MS)
    assert agree(group, group.names) == signatories(*group.names[:3], *group.names[4:8])


def test_an_opened_name_is_taken_back_in_the_log_before_and_after_the_release() -> None:
    """Goal: from the opening on it is a signature like any other. Method: one withdraws while it is open, one
    after the release; all nodes show the same."""
    group = Sealers(8)
    group.freeze()
    for name in group.names[:6]:
        group.seal(name)
    group.world.run_ms(10 * MINUTE_MS)
    command = WithdrawSignature(campaign=group.campaign, statement=group.statement)
    group.world.command(group.names[1], command, StatementView)
    group.world.run_ms(MINUTE_MS)
    assert {group.look(name).tally.counted for name in group.names} == {5}
    group.release()
    group.world.run_ms(MINUTE_MS)
    group.world.command(group.names[2], command, StatementView)
    group.world.run_ms(MINUTE_MS)
    for name in group.names:
        states = {entry.name: entry.state for entry in group.look(name).tally.entries}
        assert states["signatory m01"] is EntryState.WITHDRAWN
        assert states["signatory m02"] is EntryState.WITHDRAWN_AFTER_RELEASE
        assert states["signatory m03"] is EntryState.COUNTED
    agree(group, group.names)


def test_refused_where_it_is_not_safe() -> None:
    """Goal: nobody seals where it protects nobody. Method: a freeze for too few members; a signer who
    verified too few others; a floor out of range; twice; a letter that asks for none."""
    group = Sealers(8)
    freeze = FreezeStatement(
        campaign=group.campaign,
        statement=group.statement,
        revisions=(),
        addressees=(),
        deadline_ms=group.world.now_ms + DAY_MS,
        sealed_until=7,
    )
    refused(group.world, group.names[0], freeze, UnsafeSeal)
    late = dataclasses.replace(freeze, sealed_until=5, seal_expires_ms=group.world.now_ms + 300 * DAY_MS)
    refused(group.world, group.names[0], late, BadArgument)
    early = dataclasses.replace(freeze, sealed_until=0, seal_expires_ms=group.world.now_ms + DAY_MS)
    refused(group.world, group.names[0], early, BadArgument)
    group.freeze()
    name, others = group.names[2], group.names[3:6]
    for author in list(rounds_of(group, name).known)[:6]:
        command = ConfirmMember(campaign=group.campaign, author=author, match=False)
        group.world.command(name, command, MemberWordsView)
    assert "Verify" in group.shown(name).refusal
    refused(group.world, name, sealing(group, name), UnsafeSeal)
    refused(group.world, others[0], sealing(group, others[0], floor=9), BadArgument)
    refused(group.world, others[0], sealing(group, others[0], floor=4), BadArgument)
    take_back = WithdrawSealed(campaign=group.campaign, statement=group.statement)
    refused(group.world, others[0], take_back, WrongPhase)
    group.seal(others[0])
    refused(group.world, others[0], sealing(group, others[0]), WrongPhase)
    group.world.run_ms(10 * MINUTE_MS)
    refused(group.world, others[0], sealing(group, others[0]), WrongPhase)


def test_a_freeze_that_comes_too_early_says_so() -> None:
    """Goal: the organiser knows that waiting helps. Method: freeze right after the draft, before any keys."""
    world, campaign = coalition("ana", "ben", "chi")
    draft = DraftStatement(campaign=campaign, language="en", title="Free them", text="All of them.")
    view = world.command("ana", draft, StatementView)
    freeze = FreezeStatement(
        campaign=campaign,
        statement=view.id,
        revisions=(),
        addressees=(),
        deadline_ms=world.now_ms + DAY_MS,
        sealed_until=5,
    )
    with pytest.raises(UnsafeSeal, match="3 more have published no keys yet"):
        world.command("ana", freeze, StatementView)
    world.run_ms(MINUTE_MS)
    with pytest.raises(UnsafeSeal, match="With 3 members") as caught:
        world.command("ana", freeze, StatementView)
    assert "no keys" not in str(caught.value)


# --- What a member gone bad says


@functools.cache
def lied_to() -> tuple[Sealers, Insider]:
    """Eight, three of whom signed; and somebody who has the eighth member's disk."""
    group = Sealers(8)
    group.freeze()
    for name in group.names[:3]:
        group.seal(name)
    group.world.run_ms(10 * MINUTE_MS)
    group.world.offline(group.names[7])  # of two links of one member one is kept
    return group, Insider(group.world, group.names[7], group.campaign, forks=False)


def own(group: Sealers, insider: Insider, *, round_: Round | None = None, seed: bytes = b"x") -> Envelope:
    """An envelope of the insider's own, sound for its round."""
    rounds = insider.campaign.rounds
    (here,) = rounds.held.values()
    found = rounds.mine(here)
    assert found is not None
    return seal(
        round_ or here.box.round,
        ring_key=RingKey(found[1].ring_seed),
        act_key=insider.campaign.persona.act,
        fields=SignOnFields(
            capacity=Capacity.INDIVIDUAL,
            name="nobody at all",
            title="",
            affiliation="",
            country="",
            languages_read=(),
            signed_ms=0,
        ),
        floor=here.terms.threshold,
        verified=7,
        now_ms=group.world.now_ms,
        entropy=SeededEntropy(seed),
    )


def told(group: Sealers, insider: Insider, *messages: Message) -> dict[str, int]:
    """What a node counts once the insider has said this to it."""
    victim = group.names[1]
    before = counted(group.world, victim)
    insider.say(victim, messages)
    group.world.run_ms(MINUTE_MS)
    after = counted(group.world, victim)
    return {code: count - before.get(code, 0) for code, count in after.items() if count > before.get(code, 0)}


def carried(item: SealedItem) -> LooseItems:
    return LooseItems(items=(SEALED.encode(item),))


def test_junk_and_what_nobody_made_cut_the_link_with_their_code() -> None:
    """Goal: what no sound node sends is refused by its code, and changes nothing. Method: somebody with a
    member's keys says junk, an envelope with a swapped commitment, a foreign share, key and ring."""
    group, insider = lied_to()
    here = held(group, group.names[1])
    envelopes = [item for item in here.box.items() if isinstance(item, Envelope)]
    mine = own(group, insider)
    swapped = dataclasses.replace(mine, commitment=envelopes[0].commitment)
    share = ToldShare(terms=here.terms.id, envelope=envelopes[0].id, member=8, share=bytes(32))
    key = ToldKey(terms=here.terms.id, envelope=envelopes[0].id, key=bytes(32))
    low = dataclasses.replace(mine, floor=1)
    assert told(group, insider, LooseItems(items=(b"junk",))) == {MalformedSealed.code: 1}
    assert told(group, insider, carried(swapped)) == {BadSignature.code: 1}
    assert told(group, insider, carried(low)) == {BadEnvelope.code: 1}
    assert told(group, insider, carried(share)) == {BadShare.code: 1}
    assert told(group, insider, carried(key)) == {BadShare.code: 1}
    beat = Beat(items=(SEALED.encode(share),), filler=b"")
    assert told(group, insider, beat) == {BadEnvelope.code: 1}
    beat = Beat(items=(SEALED.encode(swapped),), filler=b"")
    assert told(group, insider, beat) == {BadSignature.code: 1}
    assert {group.shown(name).count for name in group.names} == {3}


def test_a_foreign_ring_is_no_round_here() -> None:
    """Goal: nobody brings a ring of their own. Method: an envelope, sound for a roster that the insider has
    put together, of its own key and others'; it is counted and held nowhere."""
    group, insider = lied_to()
    here = held(group, group.names[1])
    act = insider.campaign.persona.act.public
    entries = sorted(here.record.roster.entries, key=lambda one: one.act != act)
    roster = SealedRoster.of(tuple(entries[:7]))
    terms = make_terms(
        campaign=group.campaign,
        statement=here.terms.statement,
        roster=roster,
        threshold=5,
        expires_ms=here.terms.expires_ms,
    )
    foreign = own(group, insider, round_=Round.of(terms, roster))
    assert told(group, insider, carried(foreign)) == {BadEnvelope.code: 1}
    assert item_id(foreign) not in rounds_of(group, group.names[1]).items


def test_of_two_envelopes_of_one_maker_one_counts() -> None:
    """Goal: nobody counts twice. Method: the insider gives two of its own to different nodes."""
    group, insider = lied_to()
    pair = sorted([own(group, insider, seed=b"a"), own(group, insider, seed=b"b")], key=lambda one: one.id)
    assert told(group, insider, carried(pair[1])) == {}
    assert told(group, insider, carried(pair[0])) == {}  # the lesser id takes the place of the other
    assert told(group, insider, carried(pair[1])) == {DoubledEnvelope.code: 1}
    insider.say(group.names[5], [carried(pair[1])])
    group.world.run_ms(10 * MINUTE_MS)
    assert {group.shown(name).count for name in group.names[:7]} == {4}
    for name in group.names[:7]:
        tags = [item.tag for item in held(group, name).box.items() if isinstance(item, Envelope)]
        assert len(tags) == len(set(tags)) == 4


def test_names_of_nothing_are_asked_for_once() -> None:
    """Goal: nobody keeps others busy with names. Method: the insider names what there is not; the node asks
    once for each and then goes on as before."""
    group, insider = lied_to()
    names = tuple([bytes([number]) * 32 for number in range(1, 200)])
    before = len([one for one in insider.heard if isinstance(one, LooseWant)])
    assert told(group, insider, LooseNames(names=names)) == {}
    wanted = [one for one in insider.heard if isinstance(one, LooseWant)][before:]
    assert sorted([name for one in wanted for name in one.names]) == sorted(names)
    sealing = group.world.core(group.names[1])._core.sealing  # type: ignore[attr-defined]
    assert not sealing._traffic[group.campaign].asked


def test_words_are_the_same_on_both_sides_and_for_nobody_else() -> None:
    """Goal: words stand for two members of one campaign. Method: three members, each pair."""
    group = Sealers(3)
    seen = set()
    for name in group.names:
        for other in group.names:
            if name != other:
                spelled = group.member_words(name, other)
                assert [one.word_list for one in spelled] == list(WordList)
                assert spelled == group.member_words(other, name)
                seen.add(spelled[0].words)
    assert len(seen) == 3
    me = author_of(group.world, group.names[0], group.campaign)
    alone: Command = ConfirmMember(campaign=group.campaign, author=me, match=True)
    refused(group.world, group.names[0], alone, BadArgument)


def test_a_text_that_holds_no_longer_opens_for_nobody() -> None:
    """Goal: names are not told where they serve nobody. Method: four seal; the text gets a next version; a
    fifth, who has not heard of it, seals the old one; nothing opens, and the next version begins anew."""
    group = Sealers(12)
    first = group.freeze()
    for name in group.names[:4]:
        group.seal(name)
    group.world.run_ms(10 * MINUTE_MS)
    away = group.names[8]
    group.world.offline(away)
    revise = FreezeStatement(
        campaign=group.campaign,
        statement=group.statement,
        revisions=(),
        addressees=("The other court",),
        deadline_ms=group.world.now_ms + DAY_MS,
        replaces=first.digest,
        sealed_until=5,
    )
    group.world.command(group.names[0], revise, StatementView)
    group.seal(away)
    group.world.online(away)
    group.world.run_ms(20 * MINUTE_MS)
    for name in group.names:
        assert (group.shown(name).count, group.shown(name).phase) == (0, SealPhase.SHUT)
        assert all(not one.box.opened() for one in rounds_of(group, name).held.values())
    for name in group.names[4:9]:
        group.seal(name)
    group.world.run_ms(10 * MINUTE_MS)
    assert agree(group, group.names) == signatories(*group.names[4:9])


def test_a_round_whose_past_was_not_readable_at_first_is_begun_anew() -> None:
    """Goal: all come to one ring, whatever order keys arrive in. Method: at one node a member's keys are
    taken away as if they were not opened yet, and the freeze is read again; then they are there."""
    group = Sealers(8)
    group.freeze()
    name = group.names[5]
    core = group.world.core(name)._core  # type: ignore[attr-defined]
    campaign = core.campaigns[group.campaign]
    rounds, controls = campaign.rounds, campaign.membership._by_id
    before = held(group, name).terms
    published = [one for one in controls.values() if isinstance(one.body, WeekBody)]
    week = next(one for one in published if one.author != campaign.me)
    del controls[week.id]
    (row,) = campaign.reader.bodies(group.campaign, (Kind.FREEZE,), OperationId(group.statement))
    rounds.read_freeze(Step(group.world.now_ms), row)
    assert held(group, name).box.round.members == 7
    assert list(rounds.unread) == [row.id]
    core.sealing.after(Step(group.world.now_ms), campaign)
    assert held(group, name).box.round.members == 7
    controls[week.id] = week
    core.sealing.after(Step(group.world.now_ms), campaign)
    assert held(group, name).terms == before == held(group, group.names[0]).terms
    assert not rounds.unread
    campaign.unopened = {b"an epoch": 1}  # as after a start, with something unread
    core.sealing.recover(Step(group.world.now_ms), campaign)
    assert held(group, name).terms == before


def test_released_ones_stand_by_themselves() -> None:
    """Goal: a release says all that it lists. Method: a node forgets every envelope, and folds the same."""
    group = Sealers(8)
    group.freeze()
    for name in group.names[:5]:
        group.seal(name)
    group.world.run_ms(10 * MINUTE_MS)
    expected = agree(group, group.names)
    group.release()
    group.world.run_ms(MINUTE_MS)
    rounds = rounds_of(group, group.names[6])
    rounds.held.clear()
    rounds._marks.clear()
    assert agree(group, group.names) == expected == signatories(*group.names[:5])
    assert group.look(group.names[6]).phase is StatementPhase.RELEASED


@pytest.mark.parametrize("boundary", [0, 1])
def test_nodes_that_die_while_it_opens_come_to_the_same(boundary: int) -> None:
    """Goal: no moment is a bad one to lose power. Method: the signer, and two who tell shares, die at writing
    steps all along the minutes in which it opens, and start again."""
    group = Sealers(9)
    group.freeze()
    for name in group.names[:4]:
        group.seal(name)
    group.world.run_ms(10 * MINUTE_MS)
    group.seal(group.names[4])
    dying = (group.names[4], group.names[1], group.names[7])
    for second in range(240):
        if second % 8 == 0:
            group.world.crash_at(dying[second // 8 % 3], boundary, writing=True)
        group.world.run_ms(1_000)
        for name in dying:
            group.world.restart(name)
    group.world.run_ms(5 * MINUTE_MS)
    assert group.world.crashes > 5
    assert agree(group, group.names) == signatories(*group.names[:5])
