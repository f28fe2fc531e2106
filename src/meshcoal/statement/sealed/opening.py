"""Which envelopes count, when they open, and opening them.

Law: from the same envelopes and withdrawals every node gets the same list, in whatever order they came. A
node that follows the rules gives out its share of an envelope only while the envelope stands, is not
expired, and as many have signed as both the terms and its own signer ask. Whoever opens one gets the same
verdict as everybody else. Ours, unreviewed: docs/protocol/sealed-signons.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from meshcoal.crypto import threshold
from meshcoal.crypto.agreement import AgreementKey
from meshcoal.errors import BadEnvelope, BadShare, DoubledEnvelope, SealExpired
from meshcoal.statement.sealed.envelope import Checked, Round, Signed, read
from meshcoal.wire.sealed import ToldKey, ToldShare


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a round of sealed sign-ons is. All a screen may show before it opens is `count`."""

    count: int
    standing: tuple[Checked, ...]  # ascending by tag: one for each who signed and did not withdraw
    openable: tuple[Checked, ...]  # those of them whose shares are given out now
    doubled: tuple[bytes, ...]  # tags, ascending, of which there is more than one envelope
    withdrawn: tuple[bytes, ...]  # tags, ascending


def stand(
    round_: Round, envelopes: Iterable[Checked], withdrawn: Iterable[bytes], *, now_ms: int
) -> Standing:
    """Fold what is held. `withdrawn`: tags of withdrawals that were checked, and came before the opening."""
    chosen: dict[bytes, Checked] = {}
    doubled: dict[bytes, None] = {}
    for one in envelopes:
        held = chosen.get(one.tag)
        if held is not None and held.id != one.id:
            doubled[one.tag] = None
        if held is None or one.id < held.id:
            chosen[one.tag] = one
    gone = sorted({*withdrawn})
    standing = tuple([one for tag, one in sorted(chosen.items()) if tag not in gone])
    count, terms = len(standing), round_.terms
    open_now = count >= terms.threshold and now_ms < terms.expires_ms
    return Standing(
        count=count,
        standing=standing,
        openable=tuple([one for one in standing if open_now and one.envelope.floor <= count]),
        doubled=tuple(sorted(doubled)),
        withdrawn=tuple(gone),
    )


def admit(held: Mapping[bytes, Checked], new: Checked) -> Checked | None:
    """Whether `new` counts beside those held, by tag; what it takes the place of, if anything.

    Raises:
        DoubledEnvelope: its maker has another that counts, or this very one is held.
    """
    other = held.get(new.tag)
    if other is not None and other.id <= new.id:
        raise DoubledEnvelope("its maker has signed already")
    return other


def tell_share(
    round_: Round, checked: Checked, *, member: int, trustee: AgreementKey, now_ms: int
) -> ToldShare:
    """My share of an envelope that may be opened now.

    Args:
        member: my place in the roster, from 1.
        trustee: the key of that place.

    Raises:
        SealExpired: it is too late; the key should be erased by now.
        BadShare: the envelope holds no sound share for me.
    """
    if now_ms >= round_.terms.expires_ms:
        raise SealExpired("no share is given out after the date")
    share = threshold.open_share(checked.dealt, member, trustee, round_.place(checked.tag))
    return ToldShare(terms=round_.terms.id, envelope=checked.id, member=member, share=share)


def check_share(round_: Round, checked: Checked, told: ToldShare) -> None:
    """Return only if this is the share that the envelope says this member has.

    Raises:
        BadEnvelope: for other terms.
        BadShare: it is another, or of another envelope.
    """
    if told.terms != round_.terms.id:
        raise BadEnvelope("the share is for other terms")
    if told.envelope != checked.id:
        raise BadShare("the share of another envelope")
    threshold.check_share(checked.dealt, told.member, told.share, round_.place(checked.tag))


def open_with_shares(round_: Round, checked: Checked, shares: Mapping[int, bytes]) -> tuple[Signed, ToldKey]:
    """What an envelope holds, from shares by place in the roster; and its key, to be published.

    Raises:
        BadShare: too few, or one is not the one that was sealed.
        BadEnvelope: it was made to fail: its key does not come out, is not the key of every share, or what
            it seals is not a sign-on of whoever sealed it. Everybody who opens it finds the same.
    """
    place, needed = round_.place(checked.tag), round_.terms.shares_needed
    key = threshold.recover(checked.dealt, shares, needed, place)
    told = ToldKey(terms=round_.terms.id, envelope=checked.id, key=key)
    return open_with_key(round_, checked, told), told


def open_with_key(round_: Round, checked: Checked, told: ToldKey) -> Signed:
    """The same from the key that somebody published. Raises as `open_with_shares` does."""
    if told.terms != round_.terms.id or told.envelope != checked.id:
        raise BadShare("the key of another envelope")
    trustees, needed = round_.roster.trustees, round_.terms.shares_needed
    place = round_.place(checked.tag)
    plaintext = threshold.unlock(checked.dealt, told.key, trustees, needed, place)
    return read(round_, plaintext, checked.tag)
