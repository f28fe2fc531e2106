"""Members who are counted and not named, between nodes: all come to the same number, and nobody to a name."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

from meshcoal.api.commands import (
    ExportStatement,
    FreezeStatement,
    PublishAddendum,
    ShowChase,
    SignCounted,
    WithdrawCounted,
    WithdrawSignature,
)
from meshcoal.api.views import ChaseView, CountedMine, FilesView, StatementPhase, StatementView
from meshcoal.clock import DAY_MS, MINUTE_MS
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.crypto.ring import RingKey
from meshcoal.errors import BadSignature, NotPermitted, UnsafeSeal, WrongPhase
from meshcoal.ids import OperationId
from meshcoal.node.polls import HeldPoll
from meshcoal.node.round_records import WEEKS
from meshcoal.node.sealing import BEGUN
from meshcoal.sim.coalition import author_of
from meshcoal.sim.insider import Insider
from meshcoal.statement.counted import Poll, sign_counted
from meshcoal.statement.verification import Tallied, verify
from meshcoal.wire.counted import CountedWithdrawal
from meshcoal.wire.loose import LooseItems
from meshcoal.wire.package import SUFFIX
from meshcoal.wire.sealed import SEALED, item_id
from meshcoal.wire.terms import NameMode
from meshcoal.wire.week_keys import WeekSecrets

sys.path.insert(0, str(Path(__file__).parent))

from nodework import counted, refused
from sealwork import Sealers

MODES = (NameMode.NAMED, NameMode.ROLE, NameMode.COUNTED)
SPREAD_MS = 10 * MINUTE_MS


def group(members: int = 9, *, threshold: int = 0, seed: int = 7) -> Sealers:
    """A letter on which members may be counted, frozen."""
    made = Sealers(members, threshold=threshold, seed=seed)
    made.freeze(modes=MODES)
    return made


def held(made: Sealers, name: str) -> HeldPoll:
    """The one ring, at one node."""
    core = made.world.core(name)._core  # type: ignore[attr-defined]
    (found,) = core.campaigns[made.campaign].rounds.polls.held.values()
    assert isinstance(found, HeldPoll)
    return found


def agree(made: Sealers, names: list[str] | None = None) -> StatementView:
    """All nodes show the same count, list and digest; returns what one shows."""
    views = [made.look(name) for name in names or made.names]
    assert len({view.tally.digest for view in views}) == 1
    counts = {(one.unnamed.counted, one.unnamed.named, one.unnamed.crowd) for one in views if one.unnamed}
    assert len(counts) == 1
    return views[0]


def test_members_are_counted_at_every_node_and_named_at_none() -> None:
    """Goal: two counted and two named, everywhere the same, each once. Method: look at all nodes."""
    made = group()
    assert held(made, "m00").record.rings == held(made, "m08").record.rings
    made.count("m03")
    assert made.unnamed("m03").mine is CountedMine.LEAVING
    made.count("m04")
    made.sign("m00")
    made.sign("m01", mode=NameMode.ROLE)
    made.world.run_ms(SPREAD_MS)
    view = agree(made)
    assert view.unnamed is not None
    assert (view.unnamed.members, view.unnamed.named, view.unnamed.counted) == (9, 2, 2)
    assert view.unnamed.crowd == 7
    assert made.signed("m03") == ["signatory m00", "signatory m01"]
    assert made.unnamed("m03").mine is CountedMine.THERE
    assert made.unnamed("m00").mine is CountedMine.NAMED
    assert made.world.machines["m03"].disk.documents(BEGUN, made.campaign) == []
    assert "m03" in made.look("m00").unsigned  # nobody can tell: they are reminded like all others
    asked = made.world.look("m00", ShowChase(campaign=made.campaign, statement=made.statement), ChaseView)
    assert asked.unnamed
    assert "m03" in [one.name for one in asked.asked]


def release(made: Sealers) -> StatementView:
    """And let it spread."""
    view = made.release()
    made.world.run_ms(MINUTE_MS)
    return view


def package_of(made: Sealers, name: str) -> bytes:
    command = ExportStatement(campaign=made.campaign, statement=made.statement)
    files = made.world.look(name, command, FilesView).files
    return next(one.data for one in files if one.name.endswith(SUFFIX))


def test_a_release_fixes_who_is_counted_and_the_package_proves_it() -> None:
    """Goal: equal packages at all nodes that verify, also at one that was away. Method: three are counted,
    one of them takes it back, one is away; the letter is released; one comes back, one starts again."""
    made = group()
    for name in ("m03", "m04", "m05"):
        made.count(name)
    made.sign("m00")
    made.sign("m01")
    made.world.run_ms(SPREAD_MS)
    made.world.offline("m08")
    made.count_no_more("m04")
    assert made.unnamed("m04").mine is CountedMine.TAKING_BACK
    made.world.run_ms(SPREAD_MS)
    assert made.unnamed("m00").counted == 2
    assert made.unnamed("m04").mine is CountedMine.TAKEN_BACK
    refused(made.world, "m04", counting(made, "m04"), WrongPhase)
    release(made)
    made.world.online("m08")
    made.world.run_ms(SPREAD_MS)
    made.world.crash("m05")
    made.world.run_ms(1_000)
    made.world.restart("m05")
    made.world.run_ms(MINUTE_MS)
    assert {made.look(name).phase for name in made.names} == {StatementPhase.RELEASED}
    agree(made)
    packages = {package_of(made, name) for name in made.names}
    assert len(packages) == 1
    report = verify(packages.pop())
    assert report.problems == ()
    assert report.counts == Tallied(organisations=2, individuals=0, withdrawn=0, unnamed=2)
    said = {finding.key: finding.values for finding in report.findings}
    assert said["ring.ok"] == {"count": 2, "number": 9}
    assert said["counted"] == {"count": 2, "number": 7}
    assert said["crowd.small"] == {"count": 7}


def test_at_the_release_the_keys_that_tell_who_was_counted_are_gone() -> None:
    """Goal: a device that is seized later tells nothing. Method: look for the ring key's seed on the disk of
    one who was counted, before and after the release; nothing more can be done with it."""
    made = group()
    made.count("m03")
    made.sign("m01")
    made.world.run_ms(SPREAD_MS)
    ring_key = mine(made, "m03")
    assert ring_key is not None
    assert tag_of(made, "m03") in held(made, "m03").box.sign_ons
    seed = ring_key.ring_seed
    assert written(made, "m03", seed)
    release(made)
    made.world.run_ms(SPREAD_MS)
    assert not written(made, "m03", seed)
    assert mine(made, "m03") is None
    assert held(made, "m03").record.over
    assert made.unnamed("m03").mine is CountedMine.NONE
    gone = WithdrawCounted(campaign=made.campaign, statement=made.statement)
    refused(made.world, "m03", gone, NotPermitted)
    refused(made.world, "m05", counting(made, "m05"), WrongPhase)


def test_nobody_is_counted_beside_their_own_name() -> None:
    """Goal: who signs by name after they were counted is named alone, also when they take the name back.
    Method: so do; and whoever signed by name is refused."""
    made = group()
    made.count("m03")
    made.count("m04")
    made.world.run_ms(SPREAD_MS)
    assert made.unnamed("m00").counted == 2
    made.sign("m03")
    made.world.run_ms(MINUTE_MS)
    view = agree(made)
    assert view.unnamed is not None
    assert (view.unnamed.named, view.unnamed.counted) == (1, 1)
    refused(made.world, "m03", counting(made, "m03"), WrongPhase)
    gone = WithdrawSignature(campaign=made.campaign, statement=made.statement)
    made.world.command("m03", gone, StatementView)
    made.world.run_ms(MINUTE_MS)
    view = agree(made)
    assert view.unnamed is not None
    assert (view.unnamed.named, view.unnamed.counted) == (0, 1)


def test_a_named_sign_on_that_hides_its_ring_key_counts_for_nothing() -> None:
    """Goal: nobody stands by name and is counted as well. Method: without it, and with another's."""
    made = group()
    made.sign("m01")
    made.world.run_ms(MINUTE_MS)
    polled = held(made, "m00").polled()
    author = author_of(made.world, "m01", made.campaign)
    core = made.world.core("m00")._core  # type: ignore[attr-defined]
    campaign = core.campaigns[made.campaign]
    entry = campaign.statements.get(OperationId(made.statement)).entry_of(author)
    body, key = entry.sign_on.body, entry.sign_on.act_key
    assert polled.fits(author, key, body)
    assert not polled.fits(author, key, dataclasses.replace(body, in_ring=None))
    other = polled.keys[author_of(made.world, "m02", made.campaign)]
    foreign = dataclasses.replace(body.in_ring, ring_key=other)
    assert not polled.fits(author, key, dataclasses.replace(body, in_ring=foreign))
    assert not polled.fits(author, bytes(32), body)


def test_two_signatures_of_one_member_count_once_everywhere() -> None:
    """Goal: a member with a changed program is counted once. Method: two of its own, to two nodes."""
    made = group(8)
    made.count("m01")
    made.world.run_ms(SPREAD_MS)
    made.world.offline("m07")
    insider = Insider(made.world, "m07", made.campaign, forks=False)
    own = insider.campaign.rounds.polls
    (here,) = own.held.values()
    secrets = own.mine(insider.campaign.rounds.weeks, here)
    assert secrets is not None
    key = RingKey(secrets.ring_seed)
    pair = [
        sign_counted(here.box.poll, ring_key=key, entropy=SeededEntropy(seed)) for seed in (b"one", b"two")
    ]
    foreign = Poll.of(here.record.digest, [*here.record.rings[:3], key.public][-3:])
    stranger = sign_counted(foreign, ring_key=key, entropy=SeededEntropy(b"three"))
    forged = CountedWithdrawal(
        statement=pair[0].statement, ring=pair[0].ring, signature=pair[0].signature
    )  # what it signed says something else
    insider.say("m02", [LooseItems(items=(SEALED.encode(pair[0]),))])
    insider.say("m05", [LooseItems(items=(SEALED.encode(pair[1]),))])
    insider.say("m06", [LooseItems(items=(SEALED.encode(stranger),))])
    made.world.run_ms(SPREAD_MS)
    before = counted(made.world, "m04")
    insider.say("m04", [LooseItems(items=(SEALED.encode(forged),))])
    made.world.run_ms(MINUTE_MS)
    after = counted(made.world, "m04")
    assert after[BadSignature.code] == before.get(BadSignature.code, 0) + 1
    there = made.names[:7]
    agree(made, there)
    assert made.unnamed("m03").counted == 2
    names = {tuple(sorted(item_id(one) for one in held(made, name).box.items())) for name in there}
    assert len(names) == 1


def test_what_was_begun_is_on_disk_and_leaves_after_a_crash() -> None:
    """Goal: disk before wire. Method: a node crashes right after, and starts again."""
    made = group(6)
    made.count("m03")
    disk = made.world.machines["m03"].disk
    assert len(disk.documents(BEGUN, made.campaign)) == 1
    made.world.crash("m03")
    made.world.run_ms(1_000)
    made.world.restart("m03")
    assert made.unnamed("m03").mine is CountedMine.LEAVING
    made.world.run_ms(SPREAD_MS)
    assert {made.unnamed(name).counted for name in made.names} == {1}
    assert disk.documents(BEGUN, made.campaign) == []


def test_it_is_refused_where_another_could_tell_who_it_is() -> None:
    """Goal: no crowd of two. Method: of five, three sign by name; the others are told why not. Before that
    sentences tell what a small crowd costs."""
    made = group(5)
    assert any("The crowd is small" in sentence for sentence in made.unnamed("m03").sentences)
    for name in ("m00", "m01", "m02"):
        made.sign(name)
    made.world.run_ms(MINUTE_MS)
    assert made.unnamed("m03").crowd == 2
    assert made.unnamed("m03").refusal
    refused(made.world, "m03", counting(made, "m03"), UnsafeSeal)
    small = Sealers(2, threshold=0)
    freeze = FreezeStatement(
        campaign=small.campaign,
        statement=small.statement,
        revisions=(),
        addressees=(),
        deadline_ms=small.world.now_ms + DAY_MS,
        modes=MODES,
    )
    refused(small.world, "m00", freeze, UnsafeSeal)


def test_a_next_version_has_a_ring_of_its_own_and_ends_the_old_one() -> None:
    """Goal: nothing carries over. Method: two are counted, the text is changed, one is counted anew."""
    made = group()
    made.count("m03")
    made.count("m04")
    made.world.run_ms(SPREAD_MS)
    first = made.look("m00").digest
    made.freeze(days=3, modes=MODES, replaces=first)
    made.world.run_ms(SPREAD_MS)
    assert made.unnamed("m00").counted == 0
    assert made.unnamed("m03").mine is CountedMine.NONE
    made.count("m03")
    made.world.run_ms(SPREAD_MS)
    assert agree(made).digest != first
    assert made.unnamed("m00").counted == 1


def test_sealed_names_that_come_out_are_none_of_the_counted() -> None:
    """Goal: sealed and counted on one letter. Method: five seal, two are counted; it opens; one who sealed
    cannot be counted too."""
    made = group(12, threshold=5)
    for name in made.names[:5]:
        made.seal(name)
    refused(made.world, "m00", counting(made, "m00"), WrongPhase)
    made.count("m08")
    made.count("m09")
    made.world.run_ms(2 * SPREAD_MS)
    assert made.signed("m11") == [f"signatory m{number:02}" for number in range(5)]
    view = agree(made)
    assert view.unnamed is not None
    assert (view.unnamed.named, view.unnamed.counted, view.unnamed.crowd) == (5, 2, 7)
    release(made)
    made.world.run_ms(MINUTE_MS)
    report = verify(package_of(made, "m10"))
    assert report.problems == ()
    assert report.counts.unnamed == 2


def counting(made: Sealers, name: str) -> SignCounted:
    return SignCounted(campaign=made.campaign, statement=made.statement, digest=made.look(name).digest)


def mine(made: Sealers, name: str) -> WeekSecrets | None:
    """A member's keys in the ring."""
    core = made.world.core(name)._core  # type: ignore[attr-defined]
    rounds = core.campaigns[made.campaign].rounds
    found = rounds.polls.mine(rounds.weeks, held(made, name))
    assert found is None or isinstance(found, WeekSecrets)
    return found


def tag_of(made: Sealers, name: str) -> bytes:
    secrets = mine(made, name)
    assert secrets is not None
    return RingKey(secrets.ring_seed).tag(held(made, name).box.poll.event)


def written(made: Sealers, name: str, secret: bytes) -> bool:
    """Whether it is in a machine's keys of the weeks."""
    disk = made.world.machines[name].disk
    return any(secret in value for _, value in disk.documents(WEEKS))


def test_who_signs_by_name_after_the_release_stands_in_an_addendum_and_readers_are_told() -> None:
    """Goal: late ones are not locked out, and nothing is claimed of them. Method: one who was counted and one
    who was silent sign late; the addendum is published; the package says that nobody can tell."""
    made = group()
    made.count("m03")
    made.sign("m01")
    made.world.run_ms(SPREAD_MS)
    release(made)
    for name in ("m03", "m05"):
        made.sign(name, late=True)
    made.world.run_ms(MINUTE_MS)
    assert made.signed("m00") == ["signatory m01", "signatory m03", "signatory m05"]
    publish = PublishAddendum(campaign=made.campaign, statement=made.statement)
    made.world.command("m00", publish, StatementView)
    made.world.run_ms(SPREAD_MS)
    assert len({package_of(made, name) for name in made.names}) == 1
    report = verify(package_of(made, "m08"))
    assert report.problems == ()
    assert (report.counts.unnamed, report.counts.since) == (1, 2)
    said = {finding.key: finding.values for finding in report.findings}
    assert said["counted-later"] == {"count": 2}
    assert said["ring.ok"] == {"count": 1, "number": 9}
