"""Key agreement with real seals: who can read what, healing, misplaced operations, erasure."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from meshcoal.clock import DAY_MS
from meshcoal.crypto.agreement import XWingSealer
from meshcoal.crypto.deterministic import DeterministicSealer
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.errors import (
    BadSeal,
    EpochErased,
    MalformedDirect,
    OutOfStep,
    PrekeyUnknown,
    RemoteError,
    Replayed,
    Truncated,
    WrongCampaign,
    WrongRecipient,
)
from meshcoal.group import agreement, coverage, keyring
from meshcoal.group.agreement import PairwiseCourier
from meshcoal.group.keyring import HandedChain, HandedEpoch, Keyring
from meshcoal.group.pairwise import FIRST_BYTES, NEXT_BYTES, RENEW_BYTES
from meshcoal.ids import AuthorId, CampaignId
from meshcoal.limits import EPOCH_GRACE_MS, EXCHANGE_AGE_MS
from meshcoal.wire import record
from meshcoal.wire.operation import Direct, Kind

sys.path.insert(0, str(Path(__file__).parent))

from groupwork import NOW_MS, Coalition, Member, Written


def coalition(size: int, *, founders: int, real: bool = False) -> tuple[Coalition, list[Member]]:
    """Some members who all hold everything, and some who wait to be added."""
    entropy = SeededEntropy(b"agreement")
    sealer = XWingSealer() if real else DeterministicSealer(entropy)
    courier = PairwiseCourier(sealer=sealer, entropy=entropy)
    made = Coalition(size, courier=courier, sealer=sealer, entropy=entropy)
    everybody = list(made.members.values())
    made.create(everybody[0])
    for newcomer in everybody[1:founders]:
        made.add(everybody[0], newcomer)
    made.gossip()
    for member in everybody[:founders]:
        made.update(member)
        made.gossip()
    return made, everybody


def opens(reader: Keyring, written: Written) -> tuple[Keyring, bytes]:
    return agreement.read(
        reader,
        place=written.place,
        epoch=written.epoch,
        index=written.index,
        sealed=written.sealed,
        now_ms=NOW_MS,
    )


def taken(
    made: Coalition, reader: Keyring, written: Written, **changes: object
) -> tuple[Keyring, agreement.Taken | None]:
    directs = changes.pop("directs", written.directs)
    place = replace(written.place, **changes)  # type: ignore[arg-type]
    return agreement.take(
        reader,
        place=place,
        directs=directs,  # type: ignore[arg-type]
        courier=made.courier,
        now_ms=made.now_ms,
    )


# --- Who reads what


def test_a_newcomer_reads_records_of_the_past_and_talk_from_now_on() -> None:
    """Goal: the two lanes. Method: talk, add, talk; look at what the newcomer holds and opens."""
    made, (ana, ben, nur) = coalition(3, founders=2)
    before = made.send(ben)
    made.gossip()
    made.add(ana, nur)
    made.gossip()
    after = made.send(ben)
    made.gossip()
    assert nur.membership.roster() == ana.membership.roster()
    assert nur.unopened == []
    assert before.number not in nur.read
    assert nur.read[after.number] == after.text
    assert before.epoch == after.epoch
    # She has no chain of her own there, so her first message comes after an update of hers.
    assert agreement.ready(nur.keyring, nur.view()) is None
    sent = made.send(nur)
    assert made.log[-2].place.kind is Kind.REKEY
    made.gossip()
    assert sent.number in ana.read
    assert sent.number in ben.read


def test_a_forward_goes_with_the_message_and_once() -> None:
    """Goal: a member added beside an update can read. Method: add and update at once, then two messages."""
    made, (ana, ben, chi, nur) = coalition(4, founders=3)
    made.add(ana, nur)
    update = made.update(ben)
    made.pull(chi, ana)
    made.pull(chi, ben)
    forced = replace(chi.view(), began={update.epoch: chi.view().began[update.epoch]})
    chi.seen = forced  # the two epochs' ids decide which is used; here it is the one that lacks Nur
    first = made.send(chi)
    second = made.send(chi)
    assert first.epoch == second.epoch == update.epoch
    assert (first.recipients, second.recipients) == ((nur.me,), ())
    made.gossip()
    assert first.number in nur.read
    assert second.number in nur.read
    assert nur.unopened == []


def test_the_removed_read_nothing_after() -> None:
    """Goal: removal. Method: the removed keeps everything and gets all that follows; nothing opens."""
    made, (ana, ben, mallory, chi) = coalition(4, founders=4)
    made.remove(ana, mallory.me)
    made.pull(ben, ana)
    made.pull(chi, ben)
    later = [made.send(ben), made.send(ana), made.send(chi)]
    made.gossip()
    for one in later:
        assert one.number in chi.read or one.author == chi.me
        with pytest.raises(EpochErased):
            opens(mallory.keyring, one)


def test_after_a_leave_an_update_comes_first() -> None:
    """Goal: who left reads nothing after. Method: leave, then write."""
    made, (ana, ben, chi) = coalition(3, founders=3)
    made.leave(chi)
    made.gossip()
    sent = made.send(ana)
    assert made.log[-2].place.kind is Kind.REKEY
    made.gossip()
    assert sent.number in ben.read
    assert sent.number not in chi.read


def test_an_epoch_that_has_not_heard_of_the_removal_is_not_used() -> None:
    """Goal: rule 3, as on the page. Method: Ana adds Nur, Chi removes her, Ben begins an epoch beside both,
    Ana forwards it to Nur; Dov, who knows nothing of that, must not use it."""
    made, (ana, ben, chi, dov, nur) = coalition(5, founders=4)
    made.add(ana, nur)
    made.pull(chi, ana)
    removal = made.remove(chi, nur.me)
    update = made.update(ben)
    made.pull(dov, ana)
    made.pull(dov, chi)
    made.pull(dov, ben)
    made.pull(ana, ben)
    made.send(ana)
    view = dov.view()
    assert nur.me in view.out
    assert update.epoch in coverage.maximal(view)
    assert nur.me not in keyring.covered_by(dov.keyring, update.epoch)
    sent = made.send(dov)
    assert sent.epoch not in (update.epoch, removal.epoch)
    made.gossip()
    assert nur.keyring.chains.get(update.epoch)
    assert made.problems() == []


def test_a_recipient_nobody_knew_gets_their_chain_when_they_are_known() -> None:
    """Goal: no message is lost because an admission is read late. Method: Ben takes an epoch's keys knowing
    its author alone; Chi, who is named in it, becomes known; what she writes opens, once."""
    made, (ana, ben, chi) = coalition(3, founders=3, real=True)
    update = made.update(ana)
    place = update.place
    before, taken = agreement.take(
        ben.keyring, place=place, directs=update.directs, courier=made.courier, now_ms=NOW_MS
    )
    assert taken is not None
    tags = [direct.tag for direct in update.directs]
    keys = keyring.fresh(taken.secret, place.names([ana.me, ben.me]), tags)
    after = keyring.adopt(before, update.epoch, keys)
    assert chi.me not in after.chains[update.epoch]
    assert chi.me not in keyring.covered_by(after, update.epoch)
    assert keyring.match(after, update.epoch, AuthorId(b"somebody else".ljust(32)), b"else....") == after
    known = keyring.match(after, update.epoch, chi.me, place.tag(chi.me))
    whole = keyring.adopt(
        before, update.epoch, keyring.fresh(taken.secret, place.names([ana.me, ben.me, chi.me]))
    )
    assert known.chains == whole.chains
    assert known.epochs == whole.epochs
    assert keyring.match(known, update.epoch, chi.me, place.tag(chi.me)) == known


# --- Healing


def test_an_update_heals_beside_an_epoch_that_has_not_heard_of_it() -> None:
    """Goal: whoever knows of an update writes nothing that a copy from before it opens. Method: Ben updates
    with new prekeys; Chi, who has not heard, begins an epoch sealed to what Ben had; Ana knows of both."""
    made, (ana, ben, chi) = coalition(3, founders=3, real=True)
    copy = ben.keyring
    update = made.update(ben, new_prekeys=True)
    beside = made.update(chi)
    made.pull(ana, ben)
    made.pull(ana, chi)
    sent = made.send(ana)
    assert sent.epoch not in (update.epoch, beside.epoch)
    stolen, taken = agreement.take(
        copy, place=beside.place, directs=beside.directs, courier=made.courier, now_ms=NOW_MS
    )
    assert taken is not None, "the copy does open what Chi began"
    rekey = made.log[-2]
    assert rekey.place.kind is Kind.REKEY
    with pytest.raises(PrekeyUnknown):
        agreement.take(stolen, place=rekey.place, directs=rekey.directs, courier=made.courier, now_ms=NOW_MS)


def test_a_copy_of_a_whole_member_opens_nothing_after_their_update() -> None:
    """Goal: post-compromise security. Method: copy all that Ben has; Ben updates with new prekeys; then all
    talk, update, remove and add, and the copy is shown every operation."""
    made, (ana, ben, chi, dov, nur) = coalition(5, founders=4, real=True)
    for member in (ana, ben, chi):
        made.send(member)
    made.gossip()
    copy = ben.keyring
    healed = len(made.log)
    made.update(ben, new_prekeys=True)
    made.gossip()
    acts: list[Callable[[], Written]] = [
        lambda: made.send(ana),
        lambda: made.send(ben),
        lambda: made.update(chi),
        lambda: made.update(chi),
        lambda: made.send(chi),
        lambda: made.add(ana, nur),
        lambda: made.send(nur),
        lambda: made.remove(ana, dov.me),
        lambda: made.send(nur),
        lambda: made.send(ben),
    ]
    for act in acts:
        act()
        made.gossip()
    assert made.problems() == []
    forms: set[int] = set()
    for one in made.log[healed:]:
        forms.update(len(direct.sealed) for direct in one.directs if direct.tag == one.place.tag(ben.me))
        if one.author != ben.me:
            try:
                copy, brought = taken(made, copy, one)
            except RemoteError:
                brought = None
            assert brought is None
        if one.place.kind is Kind.POST:
            with pytest.raises(EpochErased):
                opens(copy, one)
    assert {FIRST_BYTES, RENEW_BYTES, NEXT_BYTES} <= forms  # from a newcomer, with a removal, and plain


def test_removals_renew_the_post_quantum_root_in_small_campaigns() -> None:
    """Goal: an exchange with every removal. Method: look at the sizes of the directs."""
    made, (ana, ben, _, dov) = coalition(4, founders=4)
    assert {len(one.sealed) for one in made.update(ana).directs} == {NEXT_BYTES}
    assert {len(one.sealed) for one in made.remove(ana, dov.me).directs} == {RENEW_BYTES}
    made.gossip()
    made.now_ms += EXCHANGE_AGE_MS
    assert {len(one.sealed) for one in made.update(ben).directs} == {RENEW_BYTES}


# --- Misplaced operations


def unchanged(before: Keyring, error: type[Exception], act: Callable[[], object]) -> None:
    kept = replace(before)
    with pytest.raises(error) as caught:
        act()
    assert caught.type is error
    assert before == kept


@pytest.mark.parametrize("kind", [Kind.REKEY, Kind.REMOVE, Kind.ADD, Kind.POST])
def test_misplaced_directs_have_codes(kind: Kind) -> None:
    """Goal: every kind of direct is tied to its place. Method: replay, reorder, cut, move to another
    campaign, member, author and place; each is refused with its code and changes nothing."""
    made, (ana, ben, chi, dov, nur) = coalition(5, founders=4)
    reader = ben
    if kind is Kind.REKEY:
        first, second = made.update(ana), made.update(ana)
    elif kind is Kind.REMOVE:
        first, second = made.remove(ana, dov.me), made.remove(ana, chi.me)
    elif kind is Kind.ADD:
        reader = nur
        first, second = made.add(ana, nur), made.update(ana)
    else:
        made.update(chi)
        made.add(ana, nur)
        made.pull(ana, chi)
        reader = nur
        began = made.log[-2].epoch
        ana.seen = replace(ana.view(), began={began: ana.view().began[began]})
        first, second = made.send(ana), made.update(ana)
        nur.keyring, _ = taken(made, nur.keyring, made.log[-3])
    mine = reader.keyring
    tag = first.place.tag(reader.me)
    (direct,) = [one for one in first.directs if one.tag == tag]
    assert first.place.kind is kind

    def moved(**changes: object) -> Callable[[], object]:
        place = replace(first.place, **changes)  # type: ignore[arg-type]
        moved_direct = Direct(tag=place.tag(reader.me), sealed=direct.sealed)
        return lambda: taken(made, mine, first, directs=(moved_direct,), **changes)

    for size in (0, 1, 2, 50, 143, len(direct.sealed) - 1):
        cut = Direct(tag=tag, sealed=direct.sealed[:size])
        unchanged(mine, MalformedDirect, lambda cut=cut: taken(made, mine, first, directs=(cut,)))  # type: ignore[misc]
    unchanged(mine, WrongCampaign, moved(campaign=CampaignId(b"d" * 32)))
    unchanged(mine, WrongRecipient, moved(author=reader.me))
    for change in (
        {"author": chi.me if reader is ben else dov.me},
        {"parents": ()},
        {"seq": first.place.seq + 1},
        {"salt": b"x" * 16},
    ):
        with pytest.raises((OutOfStep, BadSeal, RemoteError)):
            moved(**change)()
    if len(direct.sealed) == NEXT_BYTES or kind is Kind.REKEY:
        unchanged(mine, OutOfStep, lambda: taken(made, mine, second))  # before the one before it
    # Another member's direct, under my tag.
    others = [one for one in (*first.directs, *second.directs) if one.tag not in (tag,)]
    assert others
    for one in others:
        with pytest.raises(RemoteError):
            taken(made, mine, first, directs=(Direct(tag=tag, sealed=one.sealed),))
    after, brought = taken(made, mine, first)
    assert brought is not None
    unchanged(after, Replayed, lambda: taken(made, after, first))
    after, _ = taken(made, after, second)
    unchanged(after, Replayed, lambda: taken(made, after, first))


def test_misplaced_talk_has_codes() -> None:
    """Goal: messages are tied to their place. Method: replay, cut, move between campaigns and authors."""
    made, (ana, ben, chi) = coalition(3, founders=3)
    sent = made.send(ana)
    mine = ben.keyring
    other = replace(sent, place=replace(sent.place, campaign=CampaignId(b"d" * 32)))
    unchanged(mine, WrongCampaign, lambda: opens(mine, other))
    stranger = replace(sent, place=replace(sent.place, author=AuthorId(b"x" * 32)))
    unchanged(mine, EpochErased, lambda: opens(mine, stranger))
    another = replace(sent, place=replace(sent.place, author=chi.me))
    unchanged(mine, BadSeal, lambda: opens(mine, another))
    unchanged(mine, Truncated, lambda: opens(mine, replace(sent, sealed=sent.sealed[:-1])))
    mine, plain = opens(mine, sent)
    assert plain == sent.text
    unchanged(mine, Replayed, lambda: opens(mine, sent))


def test_a_planted_chain_gives_way() -> None:
    """Goal: a member cannot stop another from being read. Method: Mallory hands Nur a false chain of Ana's;
    it is dropped at the first message it does not open, and Ana's own word replaces it."""
    made, (ana, mallory, nur) = coalition(3, founders=2)
    made.add(ana, nur)
    sent = made.send(ana)
    genuine = keyring.handed_to(ana.keyring, nur.me, chains_of=[sent.epoch], carried=())[0]
    false = HandedEpoch(
        epoch=sent.epoch,
        record=genuine.record,
        chains=(HandedChain(author=ana.me, index=0, key=b"f" * 32),),
    )
    start = Keyring(campaign=nur.keyring.campaign, me=nur.me)
    planted = keyring.learn(start, false, giver=mallory.me, proven=True)
    with pytest.raises(BadSeal):
        opens(planted, replace(sent, index=0))
    told = keyring.learn(planted, genuine, giver=mallory.me, proven=True)
    assert told.chains[sent.epoch][ana.me].key == b"f" * 32  # the first is kept
    assert not keyring.distrust(planted, sent.epoch, ana.me).chains[sent.epoch]
    by_ana = keyring.learn(planted, genuine, giver=ana.me, proven=True)
    assert by_ana.chains[sent.epoch][ana.me].key != b"f" * 32
    assert keyring.learn(by_ana, false, giver=mallory.me, proven=True) == by_ana
    assert keyring.distrust(by_ana, sent.epoch, ana.me) is by_ana


# --- Erasure and storage


def test_superseded_epochs_are_erased_after_fourteen_days() -> None:
    """Goal: old talk stays closed. Method: a message under an epoch that is superseded, before and after."""
    made, (ana, ben) = coalition(2, founders=2)
    old = made.send(ana)
    made.update(ana)
    made.pull(ben, ana, most=1)
    held = ben.keyring
    made.gossip()
    noted = keyring.erase(held, ben.view(), now_ms=NOW_MS, talk_expiry_ms=7 * DAY_MS)
    assert noted.epochs[old.epoch].superseded_ms == NOW_MS
    still = keyring.erase(noted, ben.view(), now_ms=NOW_MS + EPOCH_GRACE_MS - 1, talk_expiry_ms=7 * DAY_MS)
    assert old.epoch in still.chains
    gone = keyring.erase(still, ben.view(), now_ms=NOW_MS + EPOCH_GRACE_MS, talk_expiry_ms=7 * DAY_MS)
    assert old.epoch not in gone.chains
    with pytest.raises(EpochErased):
        opens(gone, old)
    assert gone.epochs[old.epoch].record  # records stay readable
    fallen = replace(ben.view(), began={old.epoch: ben.view().began[old.epoch]})
    back = keyring.erase(noted, fallen, now_ms=NOW_MS + EPOCH_GRACE_MS, talk_expiry_ms=7 * DAY_MS)
    assert back.epochs[old.epoch].superseded_ms == 0  # what took over counts no longer
    assert old.epoch in back.chains
    late = keyring.erase(ben.keyring, ben.view(), now_ms=NOW_MS + 400 * DAY_MS, talk_expiry_ms=7 * DAY_MS)
    assert agreement.ready(late, ben.view()) is not None  # the present epoch is not erased


def test_all_that_is_held_can_be_written_down() -> None:
    """Goal: state survives a restart. Method: encode and decode every entry, and go on with the result."""
    made, (ana, ben, _) = coalition(3, founders=3)
    sent = made.send(ana)
    held = ben.keyring
    again = Keyring(
        campaign=held.campaign,
        me=held.me,
        prekeys=record.decode(type(held.prekeys), record.encode(held.prekeys)),
        bundles={key: record.decode(type(one), record.encode(one)) for key, one in held.bundles.items()},
        channels={key: record.decode(type(one), record.encode(one)) for key, one in held.channels.items()},
        epochs={key: record.decode(type(one), record.encode(one)) for key, one in held.epochs.items()},
        chains={
            epoch: {key: record.decode(type(one), record.encode(one)) for key, one in chains.items()}
            for epoch, chains in held.chains.items()
        },
    )
    assert again == held
    assert opens(again, sent)[1] == sent.text


def test_the_secret_of_an_epoch_is_not_kept() -> None:
    """Goal: E is erased. Method: hand out known chance, and look for it in all that both sides keep."""
    made, (ana, ben) = coalition(2, founders=2)

    class Known:
        def take(self, count: int, /) -> bytes:
            return b"E" * count

    place = made._place(ana, Kind.REKEY)
    after, keys, directs = agreement.begin(
        ana.keyring, place=place, recipients=[ben.me], carried=(), courier=made.courier,
        entropy=Known(), now_ms=NOW_MS,
    )  # fmt: skip
    theirs, brought = agreement.take(
        ben.keyring, place=place, directs=directs, courier=made.courier, now_ms=NOW_MS
    )
    assert brought is not None
    assert keyring.fresh(brought.secret, place.names((ana.me, ben.me))) == keys
    for holder in (after, theirs):
        kept = [*holder.channels.values(), *holder.epochs.values(), holder.prekeys]
        assert all(b"E" * 32 not in record.encode(one) for one in kept)
    assert all(b"E" * 32 not in record.encode(one) for one in keys.chains.values())
