"""Answering a call, and reading the answers: the seal and the signature around a reply.

Law: what an outsider signs is the text that the public gets, and nobody but who holds the call's key reads it
before. A reply that does not open, does not parse or whose signature does not hold is told by its code, and
says nothing else. Specified in docs/protocol/call.md. Ours, unreviewed: how key, call and reply are bound;
the seal is HPKE (RFC 9180) with X-Wing, the signature Ed25519 (RFC 8032).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from meshcoal.crypto import threshold
from meshcoal.crypto.agreement import SEALER_SEED_BYTES, AgreementKey, Sealer
from meshcoal.crypto.entropy import Entropy
from meshcoal.crypto.signing import SigningKey, verify
from meshcoal.crypto.threshold import Dealt
from meshcoal.errors import BadArgument, BadKey, MalformedPackage
from meshcoal.wire.call import Call, call_digest
from meshcoal.wire.outsider import KeyShares, Outsider, OutsiderWithdrawal, Said, said_text
from meshcoal.wire.public_text import SignOnFields, parse_canonical_text, withdrawal_text
from meshcoal.wire.public_text import sign_on_text as sign_on_text
from meshcoal.wire.reply import check_size, plain_reply, read_plain_reply

_REPLY: Final = b"meshcoal reply 1\x00"
_CALL_KEY: Final = b"meshcoal call key 1\x00"
_CALL_SHARE: Final = b"meshcoal call share 1\x00"


# --- Answering


def make_sign_on(call: Call, key: SigningKey, fields: SignOnFields, *, late: bool = False) -> Outsider:
    """Sign the call's letter; with `late` also behind the deadline, to stand in an addendum.

    Raises:
        BadArgument: what no public text can hold, a language that the letter has not, behind the deadline.
    """
    letter = parse_canonical_text(call.canonical_text.encode())
    languages = [text.language for text in letter.texts]
    if not set(fields.languages_read) <= set(languages):
        raise BadArgument(f"You can have read it in {', '.join(languages)} only.")
    if fields.signed_ms > letter.deadline_ms and not late:
        raise BadArgument(
            "The deadline for signing has passed. Who signs late says so, and stands in an addendum."
        )
    try:
        text = sign_on_text(call.digest, key.public, fields)
    except MalformedPackage as exc:
        raise BadArgument(f"This cannot be signed: {exc}.") from exc
    return Outsider(act_key=key.public, fields=fields, signature=key.sign(text))


def make_withdrawal(digest: bytes, key: SigningKey, sign_on: bytes, at_ms: int) -> OutsiderWithdrawal:
    """Take back one sign-on: `sign_on` is the SHA-256 of its text."""
    signature = key.sign(withdrawal_text(digest, key.public, sign_on, at_ms))
    return OutsiderWithdrawal(act_key=key.public, sign_on=sign_on, withdrawn_ms=at_ms, signature=signature)


def check_said(digest: bytes, said: Said) -> None:
    """Raises `MalformedPackage`, `BadKey`, `BadSignature`."""
    verify(said.act_key, said_text(digest, said), said.signature)


def seal_reply(call: Call, said: Said, sealer: Sealer) -> bytes:
    """The reply's bytes: of one of four sizes, whoever says what.

    Raises:
        BadKey: the call's key is not sound.
        OverLimit: more than the largest size takes.
    """
    return sealer.seal(call.key, plain_reply(call.digest, said), _REPLY + call_digest(call))


class Opener:
    """Opens the replies to one call. Ready for thousands: what follows from the call alone is done once."""

    def __init__(self, call: Call, seed: bytes, sealer: Sealer) -> None:
        self._digest = call.digest
        self._info = _REPLY + call_digest(call)
        self._open = sealer.opener(seed)

    def open(self, sealed: bytes) -> Said:
        """What somebody said, with a signature that holds.

        Raises:
            MalformedReply: of a size that no reply has, or not in its one spelling.
            BadSeal: sealed to another call, or damaged.
            BadKey, BadSignature: the signature does not hold for this letter.
        """
        check_size(sealed)
        said = read_plain_reply(self._digest, self._open(sealed, self._info))
        check_said(self._digest, said)
        return said


# --- The call's key, held by several


def deal_key(seed: bytes, holders: Sequence[bytes], needed: int, place: bytes, entropy: Entropy) -> KeyShares:
    """The call's key in parts, one sealed to each holder's link key (X25519). Raises `BadKey`.

    Args:
        seed: 32 bytes: the private half.
        place: 32 bytes that tell this letter from others.
    """
    dealt = threshold.deal(
        entropy.take(threshold.KEY_BYTES), seed, holders, needed, _CALL_KEY + bytes([needed]) + place
    )
    return _record(dealt)


def own_part(shares: KeyShares, at: int, link: AgreementKey, needed: int, place: bytes) -> bytes:
    """The part of holder `at` (from 1). Raises `BadShare`."""
    return threshold.open_share(_dealt(shares), at, link, _CALL_KEY + bytes([needed]) + place)


def join_key(
    shares: KeyShares, parts: Mapping[int, bytes], holders: Sequence[bytes], needed: int, place: bytes
) -> bytes:
    """The private half, from at least `needed` parts. Raises `BadShare`, `BadEnvelope`."""
    dealt, bound = _dealt(shares), _CALL_KEY + bytes([needed]) + place
    key = threshold.recover(dealt, parts, needed, bound)
    return threshold.unlock(dealt, key, holders, needed, bound)


def pass_part(part: bytes, at: int, holders: Sequence[bytes], place: bytes, entropy: Entropy) -> KeyShares:
    """My part, for every holder to open: what a holder writes who agrees that replies are read."""
    bound = _CALL_SHARE + bytes([at]) + place
    return _record(threshold.deal(entropy.take(threshold.KEY_BYTES), part, holders, 1, bound))


def passed_part(
    shares: KeyShares,
    at: int,
    mine: int,
    link: AgreementKey,
    holders: Sequence[bytes],
    place: bytes,
) -> bytes:
    """The part of holder `at` that was passed to me, holder `mine`. Raises `BadShare`, `BadEnvelope`."""
    dealt, bound = _dealt(shares), _CALL_SHARE + bytes([at]) + place
    key = threshold.recover(dealt, {mine: threshold.open_share(dealt, mine, link, bound)}, 1, bound)
    return threshold.unlock(dealt, key, holders, 1, bound)


def new_key(entropy: Entropy, sealer: Sealer) -> tuple[bytes, bytes]:
    """A call's key pair: seed and public half."""
    seed = entropy.take(SEALER_SEED_BYTES)
    return seed, sealer.public_of(seed)


def check_key(seed: bytes, public: bytes, sealer: Sealer) -> None:
    """Raises `BadKey` where the parts give another key than the call's."""
    if sealer.public_of(seed) != public:
        raise BadKey("the parts give another key than the call's")


def _record(dealt: Dealt) -> KeyShares:
    return KeyShares(
        commitment=dealt.commitment,
        ephemeral=dealt.ephemeral,
        content=dealt.content,
        shares=dealt.shares,
        checks=dealt.checks,
    )


def _dealt(shares: KeyShares) -> Dealt:
    return Dealt(
        commitment=shares.commitment,
        ephemeral=shares.ephemeral,
        content=shares.content,
        shares=shares.shares,
        checks=shares.checks,
    )
