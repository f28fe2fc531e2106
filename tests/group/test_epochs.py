"""Who holds which key: coverage, lanes, and seals that fit one operation and one member."""

from __future__ import annotations

import dataclasses
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshcoal.crypto.agreement import XWingSealer
from meshcoal.crypto.deterministic import DeterministicSealer
from meshcoal.crypto.entropy import SeededEntropy
from meshcoal.errors import BadSeal, MalformedBody
from meshcoal.group.epochs import (
    CarriedKeys,
    Envelope,
    Epochs,
    LaneKeys,
    Recipient,
    Welcome,
    begin,
    lanes_of,
    open_welcome,
    recipients_of,
)
from meshcoal.ids import AuthorId, CampaignId, EpochId
from meshcoal.limits import CARRIED_EPOCHS_MAX
from meshcoal.wire import canonical
from meshcoal.wire.operation import Direct, Kind

ENTROPY = SeededEntropy(b"epochs")
SEALER = DeterministicSealer(ENTROPY)


def author(name: str) -> AuthorId:
    return AuthorId(hashlib.sha256(name.encode()).digest())


def epoch(name: str) -> EpochId:
    return EpochId(hashlib.sha256(b"epoch " + name.encode()).digest())


def seed(name: str) -> bytes:
    return hashlib.sha256(b"seed " + name.encode()).digest()


def keys(name: str) -> LaneKeys:
    return lanes_of(hashlib.sha256(b"secret " + name.encode()).digest())


ANA, BEN, CHI, DOV = (author(name) for name in ("ana", "ben", "chi", "dov"))
ENVELOPE = Envelope(
    campaign=CampaignId(b"\x01" * 32),
    author=ANA,
    seq=4,
    backlink=b"\x02" * 32,
    kind=Kind.ADD,
    salt=bytes(16),
)


def begun(
    names: tuple[str, ...] = ("ben", "chi"),
    *,
    carried: tuple[str, ...] = (),
    covered: dict[str, frozenset[AuthorId]] | None = None,
    with_talk: dict[AuthorId, frozenset[EpochId]] | None = None,
) -> tuple[LaneKeys, tuple[Direct, ...]]:
    return begin(
        envelope=ENVELOPE,
        recipients=[Recipient(author=author(name), seal=SEALER.public_of(seed(name))) for name in names],
        carried={epoch(name): keys(name) for name in carried},
        covered={epoch(name): (covered or {}).get(name, frozenset()) for name in carried},
        with_talk=with_talk or {},
        sealer=SEALER,
        entropy=ENTROPY,
    )


def opened(
    directs: tuple[Direct, ...], name: str, envelope: Envelope = ENVELOPE, *, by: str = ""
) -> Welcome | None:
    return open_welcome(
        envelope=envelope, directs=directs, me=author(name), seed=seed(by or name), sealer=SEALER
    )


def test_each_member_opens_their_own_and_all_get_one_secret() -> None:
    """Goal: one epoch, one secret. Method: two recipients, and one who is none."""
    lanes, directs = begun()
    for name in ("ben", "chi"):
        welcome = opened(directs, name)
        assert welcome is not None
        assert lanes_of(welcome.secret) == lanes
    assert opened(directs, "dov") is None
    assert lanes.record != lanes.talk
    assert recipients_of(envelope=ENVELOPE, directs=directs, candidates=[BEN, DOV]) == {ANA, BEN}


def test_the_real_sealer_does_the_same() -> None:
    """Goal: nothing rests on the simulator's sealer. Method: X-Wing, one recipient, and a transplant."""
    sealer = XWingSealer()
    lanes, directs = begin(
        envelope=ENVELOPE,
        recipients=[Recipient(author=BEN, seal=sealer.public_of(seed("ben")))],
        carried={},
        covered={},
        with_talk={},
        sealer=sealer,
        entropy=ENTROPY,
    )
    welcome = open_welcome(envelope=ENVELOPE, directs=directs, me=BEN, seed=seed("ben"), sealer=sealer)
    assert welcome is not None
    assert lanes_of(welcome.secret) == lanes
    moved = dataclasses.replace(ENVELOPE, backlink=b"\x03" * 32)
    with pytest.raises(BadSeal):
        open_welcome(envelope=moved, directs=directs, me=BEN, seed=seed("ben"), sealer=sealer)


@pytest.mark.parametrize(
    "change",
    [
        {"campaign": CampaignId(b"\x09" * 32)},
        {"author": DOV},
        {"seq": 5},
        {"backlink": b"\x09" * 32},
        {"kind": Kind.REMOVE},
        {"salt": b"\x09" * 16},
    ],
)
def test_a_direct_opens_in_its_operation_alone(change: dict[str, object]) -> None:
    """Goal: no transplant. Method: each part of the envelope changed, the direct's tag made to fit."""
    _, directs = begun()
    other = dataclasses.replace(ENVELOPE, **change)  # type: ignore[arg-type]
    mine = next(direct for direct in directs if direct.tag == ENVELOPE.tag(BEN))
    moved = (Direct(tag=other.tag(BEN), sealed=mine.sealed),)
    with pytest.raises(BadSeal):
        opened(moved, "ben", other)


def test_a_direct_opens_for_its_recipient_alone() -> None:
    """Goal: no other member, no other key. Method: Ben's direct under Chi's tag; Ben's with a wrong seed."""
    _, directs = begun()
    mine = next(direct for direct in directs if direct.tag == ENVELOPE.tag(BEN))
    for name, by in (("chi", "chi"), ("chi", "ben"), ("ben", "chi")):
        with pytest.raises(BadSeal):
            opened((Direct(tag=ENVELOPE.tag(author(name)), sealed=mine.sealed),), name, by=by)
    for sealed in (b"", mine.sealed[:-1], mine.sealed + b"\x00", bytes(len(mine.sealed))):
        with pytest.raises(BadSeal):
            opened((Direct(tag=mine.tag, sealed=sealed),), "ben")


def test_a_tag_that_is_equal_by_chance_hides_nothing() -> None:
    """Goal: one in 2^64. Method: somebody else's direct under my tag before mine."""
    _, directs = begun()
    mine = next(direct for direct in directs if direct.tag == ENVELOPE.tag(BEN))
    other = next(direct for direct in directs if direct.tag != mine.tag)
    assert opened((Direct(tag=mine.tag, sealed=other.sealed), mine), "ben") is not None


def test_what_opens_and_does_not_parse_is_refused() -> None:
    """Goal: total on what authors seal. Method: noise, and a welcome with a short talk key, sealed well."""
    info = ENVELOPE.info(BEN)
    short = canonical.encode((bytes(32), ((bytes(32), (bytes(32), bytes(5))),)))
    for plain in (b"", b"noise", short):
        sealed = SEALER.seal(SEALER.public_of(seed("ben")), plain, info)
        with pytest.raises(MalformedBody):
            opened((Direct(tag=ENVELOPE.tag(BEN), sealed=sealed),), "ben")
    for size in (1, 5, 16, 31):
        with pytest.raises(MalformedBody):
            LaneKeys(record=bytes(32), talk=bytes(size))


def test_a_newcomer_is_given_records_of_the_past_and_no_talk() -> None:
    """Goal: what was said before is not theirs. Method: two older epochs; Ben lacks one, Chi is new."""
    _, directs = begun(
        carried=("old", "older"),
        covered={"old": frozenset({BEN})},
        with_talk={BEN: frozenset({epoch("older")})},
    )
    ben, chi = opened(directs, "ben"), opened(directs, "chi")
    assert ben is not None
    assert chi is not None
    assert ben.carried == (CarriedKeys(epoch=epoch("older"), keys=keys("older")),)
    assert [one.epoch for one in chi.carried] == [epoch("old"), epoch("older")]
    assert [one.keys.talk for one in chi.carried] == [b"", b""]
    assert [one.keys.record for one in chi.carried] == [keys("old").record, keys("older").record]


def test_a_lane_key_opens_its_own_lane() -> None:
    """Goal: records and talk are apart. Method: ask for both kinds, with and without the talk key."""
    epochs = Epochs()
    assert epochs.key_for(epoch("one"), Kind.POST) is None
    assert epochs.learn_keys(epoch("one"), LaneKeys(record=keys("one").record, talk=b""))
    assert epochs.key_for(epoch("one"), Kind.POST) is None
    assert epochs.key_for(epoch("one"), Kind.DRAFT) == keys("one").record
    assert not epochs.learn_keys(epoch("one"), LaneKeys(record=keys("one").record, talk=b""))
    assert epochs.learn_keys(epoch("one"), keys("one"))
    assert epochs.key_for(epoch("one"), Kind.POST) == keys("one").talk
    assert not epochs.learn_keys(epoch("one"), keys("two")), "a talk key once held is kept"
    assert epochs.key_for(epoch("one"), Kind.POST) == keys("one").talk


HELD = ("both", "record", "none")
AUTHORS = st.sets(st.sampled_from([ANA, BEN, CHI, DOV]))


@given(
    known=st.lists(
        st.tuples(AUTHORS, st.integers(0, 3), st.sampled_from(("both", "record", "none"))), max_size=6
    ),
    active=AUTHORS,
)
def test_no_epoch_that_covers_somebody_out_is_written_under(
    known: list[tuple[set[AuthorId], int, str]], active: set[AuthorId]
) -> None:
    """Goal: the coverage rule. Method: random epochs; the answer is checked, and that there was none."""
    epochs = Epochs()
    for number, (covered, depth, held) in enumerate(known):
        name = epoch(str(number))
        epochs.learn_epoch(name, depth=depth, covered=covered, carried=())
        if held != "none":
            lanes = keys(str(number))
            epochs.learn_keys(name, lanes if held == "both" else LaneKeys(record=lanes.record, talk=b""))
    out = {ANA, BEN, CHI, DOV} - active
    fitting = {
        epoch(str(number)): depth
        for number, (covered, depth, held) in enumerate(known)
        if held == "both" and active <= covered and not covered & out
    }
    usable = epochs.usable(active, out)
    assert (usable in fitting) if fitting else usable is None
    if usable is not None:
        assert fitting[usable] == max(fitting.values())


def test_concurrent_admission_and_removal_leave_no_usable_epoch() -> None:
    """Goal: whoever writes next begins a new one. Method: E1 without Dov, E2 with Chi, Dov out and Chi in."""
    epochs = Epochs()
    for name, covered in (("e1", (ANA, BEN)), ("e2", (ANA, BEN, CHI, DOV))):
        epochs.learn_epoch(epoch(name), depth=3, covered=covered, carried=())
        epochs.learn_keys(epoch(name), keys(name))
    assert epochs.usable([ANA, BEN], [DOV]) == epoch("e1")
    assert epochs.usable([ANA, BEN, CHI], [DOV]) is None
    assert set(epochs.lacking([ANA, BEN, CHI])) == {epoch("e1")}
    epochs.learn_epoch(epoch("e3"), depth=4, covered=(ANA, BEN, CHI), carried=[epoch("e1")])
    epochs.learn_keys(epoch("e3"), keys("e3"))
    assert epochs.usable([ANA, BEN, CHI], [DOV]) == epoch("e3")
    assert epochs.lacking([ANA, BEN, CHI]) == ()


def test_the_latest_of_too_many_epochs_are_carried() -> None:
    """Goal: a bound on what one operation brings. Method: more epochs than that, of ascending depth."""
    epochs = Epochs()
    for number in range(CARRIED_EPOCHS_MAX + 10):
        epochs.learn_epoch(epoch(str(number)), depth=number, covered=(ANA,), carried=())
        epochs.learn_keys(epoch(str(number)), keys("same"))
    lacking = epochs.lacking([ANA, CHI])
    assert len(lacking) == CARRIED_EPOCHS_MAX
    assert lacking[0] == epoch("10")
    assert epochs.lacking([ANA]) == ()
