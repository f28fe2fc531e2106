"""A peer or a file sent something wrong. Dropped or held back, counted by code.

Law: as in `meshcoal.errors`, of which this is a part.
"""

from __future__ import annotations

from meshcoal.errors.base import MeshcoalError


class RemoteError(MeshcoalError):
    code = "remote"
    exit_code = 6


class Malformed(RemoteError):
    """Bytes that do not parse, in any decoder that has no name of its own."""

    code = "malformed"


class MalformedFrame(Malformed):
    code = "malformed-frame"


class MalformedOperation(Malformed):
    code = "malformed-operation"


class MalformedBody(Malformed):
    """The operation is sound, but what is sealed in it is not."""

    code = "malformed-body"


class MalformedPackage(Malformed):
    code = "malformed-package"


class MalformedInvitation(Malformed):
    code = "malformed-invitation"


class MalformedKeyText(Malformed):
    code = "malformed-key-text"


class MalformedBundle(Malformed):
    code = "malformed-bundle"


class MalformedRequest(Malformed):
    """A file by which somebody asks to come in, or the answer to one, that is not sound inside."""

    code = "malformed-request"


class MalformedCall(Malformed):
    code = "malformed-call"


class MalformedReply(Malformed):
    code = "malformed-reply"


class MalformedCommand(Malformed):
    code = "malformed-command"


class BadSignature(RemoteError):
    code = "bad-signature"


class BadKey(RemoteError):
    """A public key of small order, or not in its one canonical spelling."""

    code = "bad-key"


class BadRing(RemoteError):
    """Keys that are no ring: one stands twice, or their order is another; or not the ring asked for."""

    code = "bad-ring"


class BadEnvelope(RemoteError):
    """A sealed sign-on that nobody could open as its rules say: wrong sizes, or made to fail."""

    code = "bad-envelope"


class BadShare(RemoteError):
    """What somebody says is their share of a sealed sign-on is not the one that was sealed to them."""

    code = "bad-share"


class DoubledEnvelope(RemoteError):
    """A second sealed or counted sign-on of one member: one of them counts."""

    code = "doubled-envelope"


class SealExpired(RemoteError):
    """A sealed sign-on past its date: it stays shut for good."""

    code = "seal-expired"


class MalformedSealed(Malformed):
    """Bytes that should be a sealed or counted sign-on, or belong to one, and are not."""

    code = "malformed-sealed"


class BadSeal(RemoteError):
    """Authenticated decryption failed."""

    code = "bad-seal"


class Truncated(RemoteError):
    """Sealed bytes of a length that nothing of their kind has: cut off, or joined."""

    code = "truncated"


class MalformedDirect(Malformed):
    """What was sealed to one member is cut off, too long, or not of its form."""

    code = "malformed-direct"


class LogClosed(RemoteError):
    """An operation under a published key that was not here when the key was published."""

    code = "log-closed"


class WrongSeed(RemoteError):
    """A seed was published that is of no key which its author closed."""

    code = "wrong-seed"


class EarlySeed(RemoteError):
    """A seed was published too soon after its key was closed, or the closing is dated back."""

    code = "early-seed"


class WrongCampaign(RemoteError):
    """Sealed bytes of one campaign that were carried into another."""

    code = "wrong-campaign"


class WrongRecipient(RemoteError):
    """Sealed bytes for or from one member that were put before another."""

    code = "wrong-recipient"


class Replayed(RemoteError):
    """Sealed bytes that were opened before, or whose key was erased after use."""

    code = "replayed"


class MalformedFork(RemoteError):
    """Bytes that do not prove that somebody signed two operations for one place."""

    code = "malformed-fork"


class OutOfStep(RemoteError):
    """Sealed bytes that do not fit their channel: one before them is missing, or they were changed."""

    code = "out-of-step"


class SkippedTooFar(RemoteError):
    """A message so far ahead of the last one of its chain that its key is not worked out."""

    code = "skipped-too-far"


class EpochErased(RemoteError):
    """The message belongs to an epoch whose keys were erased, or never given to this member."""

    code = "epoch-erased"


class PrekeyReused(RemoteError):
    """A one-time prekey was sealed to a second time."""

    code = "prekey-reused"


class PrekeyUnknown(RemoteError):
    """A prekey that this member never made, or erased at the end of its life."""

    code = "prekey-unknown"


class MalformedAttachment(Malformed):
    """An attachment whose author sealed something else than was announced."""

    code = "malformed-attachment"


class ChunkUnasked(RemoteError):
    """A peer sent bytes that are no chunk of an attachment that it was asked for."""

    code = "chunk-unasked"


class BadHandshake(RemoteError):
    code = "bad-handshake"


class MalformedAnnouncement(Malformed):
    """What somebody on the local network said, in the place of an announcement."""

    code = "malformed-announcement"


class HandshakeTruncated(BadHandshake):
    """A frame of a handshake that is not as long as all of them are."""

    code = "handshake-truncated"


class KnockRepeated(BadHandshake):
    """A first frame that was answered before."""

    code = "knock-repeated"


class KnockUnknown(BadHandshake):
    """A first frame for none of the doors here: of a stranger, or for somebody else, or too old."""

    code = "knock-unknown"


class NotAuthorized(RemoteError):
    """A well-formed act by somebody who may not do it."""

    code = "not-authorized"


class WrongLink(NotAuthorized):
    """Something that is said on links of another kind: campaign and contacts do not mix."""

    code = "wrong-link"


class InvitationServed(NotAuthorized):
    """Somebody came with an invitation that another has used."""

    code = "invitation-served"


class InvitationRevoked(NotAuthorized):
    """Somebody came with an invitation that was taken back."""

    code = "invitation-revoked"


class Equivocation(RemoteError):
    """Two different operations at one place of one author's log."""

    code = "equivocation"


class OverLimit(RemoteError):
    """Larger, deeper or more than `limits` allows."""

    code = "over-limit"
