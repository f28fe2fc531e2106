"""What a group of infiltrators and the relay can tell before enough have signed, and what opens after."""

from __future__ import annotations

import functools
import itertools
import pathlib
import sys
from dataclasses import dataclass

import pytest

from meshcoal.crypto import sharing, threshold
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.crypto.sealing import unseal
from meshcoal.errors import BadSeal, BadShare, MeshcoalError
from meshcoal.statement.sealed.envelope import Checked, check
from meshcoal.statement.sealed.opening import open_with_shares, stand, tell_share
from meshcoal.wire import record
from meshcoal.wire.sealed import SEALED, Envelope

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from sealedround import EXPIRES_MS, NOW_MS, Coalition, Member


@functools.cache
def coalition() -> Coalition:
    return Coalition(16, threshold=6)  # 7 shares open an envelope; 4 members may be gone


@dataclass(frozen=True)
class Infiltrators:
    """Some members' whole devices, and every byte that went past the relay."""

    members: tuple[Member, ...]
    relayed: tuple[bytes, ...]

    @property
    def places(self) -> list[int]:
        return [coalition().members.index(member) + 1 for member in self.members]

    def envelopes(self) -> list[Checked]:
        found = [SEALED.decode(data) for data in self.relayed]
        return [check(coalition().round, one, now_ms=NOW_MS) for one in found if isinstance(one, Envelope)]

    def shares(self, one: Checked) -> dict[int, bytes]:
        place = coalition().round.place(one.tag)
        return {
            at: threshold.open_share(one.dealt, at, member.trustee, place)
            for at, member in zip(self.places, self.members, strict=True)
        }

    def keys_to_try(self, one: Checked) -> list[bytes]:
        """Everything of 32 bytes that they have or can put together: each secret, each share, the key that
        any of their shares would give, and what all sealed shares say to all their keys."""
        shares = self.shares(one)
        tried = [bytes(32), *shares.values()]
        for member in self.members:
            tried += [member.ring.seed, member.act.seed, member.trustee.private]
            tried += [member.trustee.exchange(one.dealt.ephemeral)]
        for count in range(2, len(shares) + 1):
            for chosen in itertools.combinations(shares, count):
                tried.append(sharing.combine({at: shares[at] for at in chosen}))
        return tried

    def all_bytes(self) -> list[bytes]:
        """What went past, what they hold, and everything that opens to them."""
        held = [*self.relayed, record.encode(coalition().roster), record.encode(coalition().terms)]
        for one in self.envelopes():
            held += self.keys_to_try(one)
            place = coalition().round.place(one.tag)
            for key in self.keys_to_try(one):
                for sealed in (one.dealt.content, *one.dealt.shares):
                    try:
                        held.append(unseal(key, bytes(12), sealed, place))
                    except BadSeal:
                        continue
        return held


def relayed(*signers: int) -> tuple[bytes, ...]:
    return tuple([SEALED.encode(envelope(at)) for at in signers])


@functools.cache
def envelope(at: int) -> Envelope:
    return coalition().seal(at)


def infiltrators(count: int, *signers: int) -> Infiltrators:
    """`count` members from the end of the roster, none of whom signed."""
    return Infiltrators(members=tuple(coalition().members[-count:]), relayed=relayed(*signers))


@functools.cache
def sealed_inside(at: int) -> tuple[bytes, ...]:
    """What is inside member `at`'s envelope and nowhere else: learned with shares that nobody has yet."""
    group = coalition()
    one = check(group.round, envelope(at), now_ms=NOW_MS)
    place = group.round.place(one.tag)
    shares = {
        seat: threshold.open_share(one.dealt, seat, group.members[seat - 1].trustee, place)
        for seat in range(1, 8)
    }
    signed, told = open_with_shares(group.round, one, shares)
    content = signed.content
    return (
        content.fields.name.encode(),
        content.fields.title.encode(),
        content.act_signature,
        content.opening,
        told.key,
        *[shares[seat] for seat in shares],
    )


def test_one_too_few_and_the_relay_learn_the_count_alone() -> None:
    """Goal: before t, k - 1 members and the relay together know how many signed, and nothing else. Method:
    five of six have signed; six infiltrators try all they have, and everything that opens to them is searched
    for each name, organisation, signature, proof, key and share of the signers."""
    signers = (0, 1, 2, 3, 4)
    game = infiltrators(6, *signers)
    assert len(game.envelopes()) == 5
    held = game.all_bytes()
    for at in signers:
        for secret in sealed_inside(at):
            assert len(secret) >= 18
            assert not any(secret in data for data in held)


def test_no_key_they_have_opens_anything() -> None:
    """Goal: what is absent cannot be worked out either. Method: each key that six infiltrators can put
    together, as the seal's key."""
    group, game = coalition(), infiltrators(6, 0, 1, 2)
    for one in game.envelopes():
        place, trustees = group.round.place(one.tag), group.roster.trustees
        for key in game.keys_to_try(one):
            with pytest.raises(BadShare):
                threshold.unlock(one.dealt, key, trustees, 7, place)
        with pytest.raises(BadShare):
            threshold.recover(one.dealt, game.shares(one), 7, place)


def test_an_envelope_does_not_say_whose_it_is() -> None:
    """Goal: any of those who did not join the infiltrators could have signed. Method: no public key of any
    member is in an envelope; tags are none the infiltrators can make; all are of the same form."""
    game = infiltrators(6, 0, 1, 2, 3, 4)
    event = coalition().terms.event
    own = [member.ring.tag(event) for member in game.members]
    keys = [key for one in coalition().roster.entries for key in (one.ring, one.act, one.trustee)]
    for data, one in zip(game.relayed, game.envelopes(), strict=True):
        assert not any(key in data for key in keys)
        assert one.tag not in own
        assert len(data) == len(game.relayed[0])
    heads = [data[:39] for data in game.relayed]  # number, terms and floor: all that is not random
    assert len(set(heads)) == 1


def test_honest_members_give_them_nothing_before_the_threshold() -> None:
    """Goal: the protocol itself does not leak early. Method: five of six envelopes stand at every honest
    member; none tells a share. With the sixth all do, for all six."""
    group = coalition()
    envelopes = [check(group.round, envelope(at), now_ms=NOW_MS) for at in range(6)]
    for count, expected in ((5, 0), (6, 6)):
        seen = stand(group.round, envelopes[:count], (), now_ms=NOW_MS)
        for at, member in enumerate(group.members[:10], start=1):
            told = [
                tell_share(group.round, one, member=at, trustee=member.trustee, now_ms=NOW_MS)
                for one in seen.openable
            ]
            assert len(told) == expected


def test_with_one_more_it_opens() -> None:
    """Goal: the test above would see a leak. Method: seven infiltrators open early, as the screen says they
    could; the same search then finds the name."""
    group, game = coalition(), infiltrators(7, 0)
    (one,) = game.envelopes()
    signed, told = open_with_shares(group.round, one, game.shares(one))
    assert signed.content.fields.name == group.members[0].name
    assert told.key in game.keys_to_try(one)
    name = signed.content.fields.name.encode()
    plaintext = threshold.unlock(one.dealt, told.key, group.roster.trustees, 7, group.round.place(one.tag))
    assert name in plaintext


def test_infiltrators_who_sign_junk_make_the_crowd_smaller() -> None:
    """Goal: the docs say so, and it is so. Method: two honest envelopes and four of infiltrators are six,
    and the two are opened."""
    group = coalition()
    envelopes = [check(group.round, envelope(at), now_ms=NOW_MS) for at in (0, 1, 12, 13, 14, 15)]
    assert len(stand(group.round, envelopes, (), now_ms=NOW_MS).openable) == 6


def test_a_quarter_gone_and_it_still_opens() -> None:
    """Goal: arrests and lost devices do not keep a letter shut. Method: four of sixteen are gone, four more
    are silent, one tells a wrong share; the seven that are left open all."""
    group = coalition()
    envelopes = [check(group.round, envelope(at), now_ms=NOW_MS) for at in range(6)]
    seen = stand(group.round, envelopes, (), now_ms=NOW_MS)
    collected: dict[bytes, dict[int, bytes]] = {one.id: {} for one in envelopes}
    for at in (2, 3, 5, 7, 11, 13, 16):
        trustee = group.members[at - 1].trustee
        for one in seen.openable:
            told = tell_share(group.round, one, member=at, trustee=trustee, now_ms=NOW_MS)
            collected[told.envelope][at] = told.share
    for at, checked in enumerate(envelopes):
        with pytest.raises(BadShare):
            threshold.check_share(checked.dealt, 9, bytes(32), group.round.place(checked.tag))
        signed, _ = open_with_shares(group.round, checked, collected[checked.id])
        assert signed.content.fields.name == group.members[at].name


def test_after_the_keys_are_erased_nothing_opens() -> None:
    """Goal: what did not come about never comes out. Method: all devices are seized after the date: every
    secret of everybody but the erased trustee keys, and all envelopes; each is tried in each place."""
    group = coalition()
    envelopes = [check(group.round, envelope(at), now_ms=NOW_MS) for at in range(3)]
    left = [secret for member in group.members for secret in (member.ring.seed, member.act.seed)]
    for one in envelopes:
        place = group.round.place(one.tag)
        assert stand(group.round, envelopes, (), now_ms=EXPIRES_MS).openable == ()
        for secret in left:
            with pytest.raises(BadShare):
                threshold.unlock(one.dealt, secret, group.roster.trustees, 7, place)
            for at in (1, 8, 16):
                with pytest.raises(MeshcoalError):
                    threshold.open_share(one.dealt, at, AgreementKey(secret), place)
