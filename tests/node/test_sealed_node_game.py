"""What infiltrators among the members, and whoever sees all frames, can tell before enough have signed."""

from __future__ import annotations

import itertools
import sys
from collections import Counter
from pathlib import Path

import pytest

from meshcoal.api.commands import ExportStatement
from meshcoal.api.views import FilesView, SealedMine, SealPhase
from meshcoal.clock import MINUTE_MS
from meshcoal.crypto import sharing, threshold
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.errors import BadShare
from meshcoal.limits import PADDING_CLASSES_BYTES
from meshcoal.node.round_records import Held
from meshcoal.node.sealing import BEAT_FRESH_MS
from meshcoal.sim.haste import Hasty, sparse
from meshcoal.sim.network import Faults
from meshcoal.statement.sealed.envelope import Checked, check_maker
from meshcoal.statement.sealed.opening import open_with_shares
from meshcoal.statement.verification import Severity, verify
from meshcoal.wire.sealed import SEALED, Envelope

sys.path.insert(0, str(Path(__file__).parent))

from sealwork import Sealers
from spywork import Seen, inside, stored, watch

SPIES = ("m08", "m09", "m10", "m11")  # one fewer than open an envelope of twelve


def the_round(group: Sealers, name: str) -> Held:
    (found,) = inside(group, name)[0].held.values()
    return found


def envelopes(group: Sealers) -> list[Checked]:
    held = the_round(group, SPIES[0])
    return [check_maker(held.box.round, one) for one in held.box.items() if isinstance(one, Envelope)]


def shares_of(group: Sealers, names: tuple[str, ...], one: Checked) -> dict[int, bytes]:
    """What these members' keys give of an envelope, by place."""
    found = {}
    for name in names:
        rounds, _ = inside(group, name)
        mine = rounds.mine(the_round(group, name))
        assert mine is not None
        place, secrets = mine
        at = the_round(group, name).box.round.place(one.tag)
        found[place] = threshold.open_share(one.dealt, place, AgreementKey(secrets.trustee), at)
    return found


def play(monkeypatch: pytest.MonkeyPatch, *signers: str) -> tuple[Sealers, Seen]:
    """Four of twelve sign, none of them an infiltrator, and time goes by."""
    group = Sealers(12)
    seen = watch(group, monkeypatch, SPIES)
    group.freeze()
    for name in signers:
        group.seal(name)
    group.world.run_ms(10 * MINUTE_MS)
    return group, seen


def test_one_too_few_and_all_frames_tell_the_count_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: before t, k - 1 members with their whole disks, all that reached them, and all frames of links
    give the count and nothing else. Method: every byte they hold is searched for each signer's name,
    signature, proof and key, and for others' shares; every key that their shares give is tried; and they see
    the same where four others signed."""
    signers = ("m01", "m02", "m04", "m06")
    group, seen = play(monkeypatch, *signers)
    held = [*seen.relayed, *seen.heard, *[value for name in SPIES for value in stored(group, name)]]
    assert len(seen.heard) > 50
    found = envelopes(group)
    assert len(found) == len(signers)
    honest = tuple([name for name in group.names if name not in SPIES])
    round_ = the_round(group, SPIES[0]).box.round
    for one in found:
        spied = shares_of(group, SPIES, one)
        others = shares_of(group, honest, one)
        signed, key = open_with_shares(round_, one, others)
        content = signed.content
        secrets = [content.fields.name.encode(), content.act_signature, content.opening, key.key]
        secrets += others.values()
        assert content.fields.name.removeprefix("signatory ") in signers
        for secret in secrets:
            assert not any(secret in data for data in held)
        tried = list(spied.values())
        for count in range(2, len(spied) + 1):
            for chosen in itertools.combinations(spied, count):
                tried.append(sharing.combine({at: spied[at] for at in chosen}))
        for attempt in tried:
            with pytest.raises(BadShare):
                threshold.unlock(
                    one.dealt,
                    attempt,
                    round_.roster.trustees,
                    round_.terms.shares_needed,
                    round_.place(one.tag),
                )
    views = [group.shown(name) for name in SPIES]
    assert {(view.count, view.opened, view.phase, view.mine) for view in views} == {
        (4, 0, SealPhase.SHUT, SealedMine.NONE)
    }
    other, _ = play(monkeypatch, "m03", "m05", "m07", "m00")
    assert [other.shown(name) for name in SPIES] == views
    boxes = [the_round(each, SPIES[0]).box for each in (group, other)]
    sizes = [sorted([len(SEALED.encode(one)) for one in box.items()]) for box in boxes]
    assert sizes[0] == sizes[1]


def test_frames_of_beats_are_the_same_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: whoever watches all links does not see who begins. Method: one of twelve signs; in every period
    each node sends exactly one frame of a beat's size, the signer as the others."""
    group = Sealers(12)
    seen = watch(group, monkeypatch, SPIES)
    group.freeze()
    group.world.run_ms(2 * MINUTE_MS)
    group.seal("m05")
    seen.frames.clear()
    group.world.run_ms(10 * MINUTE_MS)
    (size,) = [one + 16 for one in PADDING_CLASSES_BYTES if one == 16 * 1024]
    beats = Counter([name for name, _, length in seen.frames if length == size])
    assert set(beats) == set(group.names)
    periods = 10 * MINUTE_MS // BEAT_FRESH_MS
    assert all(periods - 1 <= count <= periods + 1 for count in beats.values())
    assert {group.shown(name).count for name in group.names} == {1}


def test_whoever_signs_is_never_the_first_to_hold_it() -> None:
    """Goal: no store and no name that is told gives the signer away. Method: eight sign one after another; as
    soon as anybody holds the envelope, the signer does not."""
    group = Sealers(12, threshold=9)
    group.freeze()
    for number, name in enumerate(group.names[:8], start=1):
        group.seal(name)
        while not any(len(inside(group, one)[0].items) == number for one in group.names):
            group.world.run_ms(10)
        assert len(inside(group, name)[0].items) == number - 1
        group.world.run_ms(MINUTE_MS)
        assert {group.shown(one).count for one in group.names} == {number}


def test_few_links_and_a_bad_network_are_enough() -> None:
    """Goal: a large campaign signs sealed as a small one does. Method: sixteen nodes that keep a few links
    each, over links that lose frames and take their time; a quarter go off; six of the others sign."""
    rough = Faults(loss=0.01, delay_ms=(100, 400))
    group = Sealers(16, threshold=6, maker=Hasty(pace=sparse()))
    group.world.set_faults(rough)
    group.freeze()
    for name in group.names[12:]:
        group.world.offline(name)
    for name in group.names[2:8]:
        group.seal(name)
    group.world.run_ms(15 * MINUTE_MS)
    expected = [f"signatory {name}" for name in group.names[2:8]]
    assert [group.signed(name) for name in group.names[:12]] == [expected] * 12
    assert len({group.look(name).tally.digest for name in group.names[:12]}) == 1


def test_what_was_sealed_is_plain_in_the_package() -> None:
    """Goal: the public sees names and signatures like any others. Method: open, release, export, verify."""
    group = Sealers(8)
    group.freeze()
    for name in group.names[:5]:
        group.seal(name)
    group.world.run_ms(10 * MINUTE_MS)
    group.release()
    group.world.run_ms(MINUTE_MS)
    command = ExportStatement(campaign=group.campaign, statement=group.statement)
    files = [group.world.look(name, command, FilesView).files for name in group.names]
    assert len(set(files)) == 1
    package = next(file.data for file in files[0] if file.name.endswith(".json"))
    report = verify(package)
    assert not [one for one in report.findings if one.severity is Severity.PROBLEM]
    assert [name for name in group.names[:5] if f"signatory {name}".encode() not in package] == []
    assert b"sealed" not in package
