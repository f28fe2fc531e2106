"""Making an envelope, checking one, taking one back.

Law: a signer deals her own envelope; there is no dealer and no ceremony. An envelope that was checked is of
one member of the roster, for these terms, and nothing of it can be changed or moved. That it will open can be
told only when it does. Ours, unreviewed: docs/protocol/sealed-signons.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from meshcoal.clock import DAY_MS
from meshcoal.crypto import ring, threshold
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.ring import Ring, RingKey
from meshcoal.crypto.signing import SigningKey, verify
from meshcoal.crypto.threshold import Dealt
from meshcoal.errors import (
    BadArgument,
    BadEnvelope,
    BadKey,
    BadRing,
    BadSignature,
    MalformedPackage,
    MalformedSealed,
    SealExpired,
    WrongPhase,
)
from meshcoal.ids import Digest
from meshcoal.limits import SEALED_CONTENT_BYTES
from meshcoal.statement.sealed.terms import check_known, check_terms
from meshcoal.wire import record
from meshcoal.wire.counted import RingPlace
from meshcoal.wire.public_text import SignOnFields, digest_of, sign_on_text
from meshcoal.wire.sealed import (
    CHECK_BYTES,
    OPENING_BYTES,
    SEALED_SHARE_BYTES,
    SHARE_BYTES,
    TAG_BYTES,
    Envelope,
    EnvelopeWithdrawal,
    SealedRoster,
    SealedSignOn,
    SealedTerms,
    withdrawal_signed,
)
from meshcoal.wire.terms import NameMode

_MARK: Final = b"\x80"

# The wire does not know the primitives; here both are known.
assert (TAG_BYTES, OPENING_BYTES) == (ring.TAG_BYTES, ring.OPENING_BYTES)
assert (SHARE_BYTES, SEALED_SHARE_BYTES) == (threshold.SHARE_BYTES, threshold.SEALED_SHARE_BYTES)
assert CHECK_BYTES == threshold.CHECK_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Sealed sign-ons of one statement: its terms, and the roster that they are for, both checked.

    Raises, on construction:
        BadRing, BadEnvelope: as `check_terms`.
        BadKey: a ring key is no group element.
    """

    terms: SealedTerms
    roster: SealedRoster
    ring: Ring

    @classmethod
    def of(cls, terms: SealedTerms, roster: SealedRoster) -> Round:
        check_terms(terms, roster)
        return cls(terms=terms, roster=roster, ring=Ring(roster.rings))

    @property
    def members(self) -> int:
        return len(self.roster.entries)

    def place(self, tag: bytes) -> bytes:
        """What the seal of one envelope belongs to."""
        return self.terms.id + tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """An envelope whose signature holds."""

    envelope: Envelope
    id: bytes
    tag: bytes

    @property
    def dealt(self) -> Dealt:
        one = self.envelope
        return Dealt(
            commitment=one.commitment,
            ephemeral=one.ephemeral,
            content=one.content,
            shares=one.share_list,
            checks=one.check_list,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What an envelope turned out to hold: a sign-on of a member of the roster, whose signature holds."""

    content: SealedSignOn
    ring_key: bytes  # whose it is, by their place in the roster
    text_digest: Digest  # SHA-256 of the sign-on's text


def seal(
    round_: Round,
    *,
    ring_key: RingKey,
    act_key: SigningKey,
    fields: SignOnFields,
    floor: int,
    verified: int,
    now_ms: int,
    entropy: Entropy,
    in_ring: RingPlace | None = None,
) -> Envelope:
    """Sign, and seal what was signed.

    Args:
        fields: `signed_ms` is a whole day: the hour would tell, once opened, whose envelope came when.
        floor: at least so many sign-ons before mine is opened; `terms.threshold` where I ask for no more.
        verified: how many of the other members I verified in person.
        in_ring: where some may be counted and not named: which key of that ring is mine.

    Raises:
        WrongPhase: the terms have expired.
        UnsafeSeal: too many members are not verified.
        BadRing: my ring key and my act key are not those of one member of the roster.
        BadArgument: a floor outside threshold and members; a time that is no whole day; more text than fits.
        BadKey: a trustee's key is not sound.
    """
    terms = round_.terms
    if now_ms >= terms.expires_ms:
        raise WrongPhase("The time for sealed sign-ons to this statement is over.")
    check_known(check_terms(terms, round_.roster), verified)
    mine = [entry for entry in round_.roster.entries if entry.ring == ring_key.public]
    if not mine or mine[0].act != act_key.public:
        raise BadRing("these keys are not those of a member of the roster")
    if not terms.threshold <= floor <= round_.members:
        raise BadArgument(f"Your own number is {terms.threshold} to {round_.members}.")
    if fields.signed_ms % DAY_MS:
        raise BadArgument("A sealed sign-on is dated by the day.")
    try:
        text = sign_on_text(terms.statement, act_key.public, fields)
    except MalformedPackage as exc:
        raise BadArgument(str(exc)) from exc
    act_signature = act_key.sign(text)
    content = SealedSignOn(
        fields=fields,
        act_key=act_key.public,
        act_signature=act_signature,
        opening=ring_key.open_tag(terms.event, act_signature, entropy),
        in_ring=in_ring,
    )
    plaintext = _pad(record.encode(content))
    tag = ring_key.tag(terms.event)
    dealt = threshold.deal(
        entropy.take(threshold.KEY_BYTES),
        plaintext,
        round_.roster.trustees,
        terms.shares_needed,
        round_.place(tag),
    )
    unsigned = Envelope(
        terms=terms.id,
        floor=floor,
        commitment=dealt.commitment,
        ephemeral=dealt.ephemeral,
        content=dealt.content,
        shares=b"".join(dealt.shares),
        checks=b"".join(dealt.checks),
        signature=bytes(ring.signature_bytes(round_.members)),
    )
    signature = ring_key.sign(round_.ring, terms.event, unsigned.signed, entropy)
    return replace(unsigned, signature=signature)


def check(round_: Round, envelope: Envelope, *, now_ms: int) -> Checked:
    """Return only if a member of the roster made this envelope for these terms.

    Raises:
        SealExpired: too late.
        BadEnvelope: for other terms, another number of members, or a floor that nobody may set.
        BadSignature: nobody of the roster signed it.
    """
    if now_ms >= round_.terms.expires_ms:
        raise SealExpired("the envelope comes after its date")
    return check_maker(round_, envelope)


def check_maker(round_: Round, envelope: Envelope) -> Checked:
    """The same whenever it comes: after the date it counts only with the key that it was opened by.

    Raises:
        BadEnvelope, BadSignature: as `check`.
    """
    terms = round_.terms
    if envelope.terms != terms.id:
        raise BadEnvelope("the envelope is for other terms")
    if envelope.members != round_.members:
        raise BadEnvelope("the envelope is for another number of members")
    if not terms.threshold <= envelope.floor <= round_.members:
        raise BadEnvelope("the envelope opens at a number that nobody may ask for")
    tag = ring.verify(round_.ring, terms.event, envelope.signed, envelope.signature)
    return Checked(envelope=envelope, id=envelope.id, tag=tag)


def withdraw(round_: Round, *, ring_key: RingKey, entropy: Entropy) -> EnvelopeWithdrawal:
    """Take my envelope back. I cannot seal another for these terms. Raises `BadRing` for a stranger's key."""
    message = withdrawal_signed(round_.terms.id)
    signature = ring_key.sign(round_.ring, round_.terms.event, message, entropy)
    return EnvelopeWithdrawal(terms=round_.terms.id, signature=signature)


def check_withdrawal(round_: Round, withdrawal: EnvelopeWithdrawal) -> bytes:
    """The tag whose envelope is taken back.

    Raises:
        BadEnvelope: for other terms.
        BadSignature: nobody of the roster signed it.
    """
    if withdrawal.terms != round_.terms.id:
        raise BadEnvelope("the withdrawal is for other terms")
    message = withdrawal_signed(round_.terms.id)
    return ring.verify(round_.ring, round_.terms.event, message, withdrawal.signature)


def read(round_: Round, plaintext: bytes, tag: bytes) -> Signed:
    """What was sealed, if it is a sign-on by the member whose tag the envelope bears.

    Raises:
        BadEnvelope: it is anything else.
    """
    terms = round_.terms
    try:
        content = record.decode(SealedSignOn, _unpad(plaintext))
        rings = [one.ring for one in round_.roster.entries if one.act == content.act_key]
        if not rings or content.fields.signed_ms % DAY_MS:
            raise BadEnvelope("a sealed sign-on of nobody in the roster, or dated to the hour")
        if content.fields.mode is not NameMode.NAMED or _has_more(content.fields):
            raise BadEnvelope("a sealed sign-on that would not stand by its name alone")
        text = sign_on_text(terms.statement, content.act_key, content.fields)
        verify(content.act_key, text, content.act_signature)
        mine = [key for key in rings if _opens(round_, key, tag, content)]
        if not mine:
            raise BadEnvelope("a sealed sign-on in the envelope of another member")
    except (MalformedSealed, MalformedPackage, BadSignature, BadKey) as exc:
        raise BadEnvelope("what was sealed is not a sign-on of whoever sealed it") from exc
    return Signed(content=content, ring_key=mine[0], text_digest=digest_of(text))


def _has_more(fields: SignOnFields) -> bool:
    """Whether it hangs on what is not in the envelope: a picture, an annex, a condition."""
    return bool(fields.logo or fields.annex or fields.condition)


def _opens(round_: Round, ring_key: bytes, tag: bytes, content: SealedSignOn) -> bool:
    try:
        ring.check_opening(ring_key, round_.terms.event, tag, content.act_signature, content.opening)
    except BadSignature:
        return False
    return True


def _pad(encoded: bytes) -> bytes:
    if len(encoded) >= SEALED_CONTENT_BYTES:
        raise BadArgument(
            f"Name, title, affiliation and country are {len(encoded) - SEALED_CONTENT_BYTES + 1} bytes too "
            "long to be sealed: all envelopes are of one size."
        )
    return (encoded + _MARK).ljust(SEALED_CONTENT_BYTES, b"\x00")


def _unpad(plaintext: bytes) -> bytes:
    marked = plaintext.rstrip(b"\x00")
    if len(plaintext) != SEALED_CONTENT_BYTES or not marked.endswith(_MARK):
        raise MalformedSealed("the padding is wrong")
    return marked[: -len(_MARK)]
