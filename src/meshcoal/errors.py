"""Every error meshcoal raises: one class, one stable code, one sentence for the user.

Law: a code never changes its meaning. It crosses the local API, is counted in statistics, and has an
entry in docs/reference/errors.md. Messages carry no content, names or addresses of other people.
"""

from __future__ import annotations

from typing import ClassVar


class MeshcoalError(Exception):
    """Base of every expected failure.

    `code` is stable; `exit_code` is what the command line returns (docs/reference/errors.md).
    A message is a whole sentence that says what happened and, where it helps, what to do next.
    """

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1


# --- Local: the user asked for something that cannot be done now. Answered in the user's words.


class LocalError(MeshcoalError):
    code = "local"


class BadArgument(LocalError):
    """A value the user gave does not fit."""

    code = "bad-argument"
    exit_code = 2


class NotPermitted(LocalError):
    """The member's role, seat or the campaign's rules forbid it."""

    code = "not-permitted"


class UnsafeSeal(LocalError):
    """Signing sealed is not offered: too few members, or too few whom the signer knows to be who they say."""

    code = "unsafe-seal"


class OverRule(LocalError):
    """A file is larger than the campaign's organisers allow."""

    code = "over-rule"


class WrongPhase(LocalError):
    """The thing exists but is not in a state that allows this."""

    code = "wrong-phase"


class PublicityRefused(LocalError):
    """Those concerned, or somebody who speaks for them, refuse publicity: the letter is not released."""

    code = "publicity-refused"

    def __init__(self, sentence: str = "") -> None:
        told = (
            "If they agree after all, whoever entered the refusal, or anybody for the same side, enters that."
        )
        super().__init__(sentence or f"Those concerned refuse publicity. Speak with them. {told}")


class NoQuorum(LocalError):
    code = "no-quorum"


class Unknown(LocalError):
    """No such campaign, channel, statement, member, invitation."""

    code = "unknown"


class Ambiguous(LocalError):
    """A short name or id fits more than one thing."""

    code = "ambiguous"


class Locked(LocalError):
    """The vault is locked; unlock first."""

    code = "locked"
    exit_code = 3


class NoVault(LocalError):
    """There is no identity on this machine yet."""

    code = "no-vault"
    exit_code = 3


class VaultExists(LocalError):
    """There is an identity already; it is not overwritten."""

    code = "vault-exists"
    exit_code = 3


class BadInvitation(LocalError):
    code = "bad-invitation"


class InvitationExpired(LocalError):
    """The invitation is past its date or was used already."""

    code = "invitation-expired"


class BadKeyText(LocalError):
    """The text that should hold a public key cannot be read: nothing was compared."""

    code = "bad-key-text"


class NoKey(LocalError):
    """Nothing can be sealed now, because no usable epoch key is held yet."""

    code = "no-key"


class LostKey(LocalError):
    """The key that signs my log is not on this device: it was put back in time, or copied and used."""

    code = "lost-key"


class Busy(LocalError):
    """A bounded queue is full; try again."""

    code = "busy"


class DaemonUnreachable(LocalError):
    code = "daemon-unreachable"
    exit_code = 5


class AlreadyRunning(LocalError):
    """Another daemon holds this home."""

    code = "already-running"
    exit_code = 5


class VersionMismatch(LocalError):
    """Client and daemon are of different versions."""

    code = "version-mismatch"
    exit_code = 5


class RehearsalFailed(LocalError):
    """The rehearsal's nodes do not agree, or one of them is gone."""

    code = "rehearsal-failed"


class Unsupported(LocalError):
    """The machine lacks something that is required, such as a recent OpenSSL."""

    code = "unsupported"
    exit_code = 5


class NoFont(LocalError):
    code = "no-font"


# --- Remote: a peer or a file sent something wrong. Dropped or held back, counted by code.


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


class Equivocation(RemoteError):
    """Two different operations at one place of one author's log."""

    code = "equivocation"


class OverLimit(RemoteError):
    """Larger, deeper or more than `limits` allows."""

    code = "over-limit"


# --- Link: the way to a peer failed. Back off, try again.


class LinkError(MeshcoalError):
    code = "link"
    exit_code = 7


class DialFailed(LinkError):
    code = "dial-failed"


class LinkClosed(LinkError):
    code = "link-closed"


class HandshakeTimeout(LinkError):
    code = "handshake-timeout"


# --- Store: the disk. Stop, say how to recover, harm nothing.


class StoreError(MeshcoalError):
    code = "store"
    exit_code = 4


class WrongPassphrase(StoreError):
    code = "wrong-passphrase"
    exit_code = 3


class Corrupt(StoreError):
    """A file is truncated or damaged."""

    code = "corrupt"


class SchemaTooNew(StoreError):
    """The store was written by a newer meshcoal."""

    code = "schema-too-new"


class DiskFull(StoreError):
    code = "disk-full"


class ReadOnly(StoreError):
    """The directory or file cannot be written."""

    code = "read-only"


def all_errors() -> tuple[type[MeshcoalError], ...]:
    """Every error class, parents before children, in order of definition."""
    found: list[type[MeshcoalError]] = [MeshcoalError]
    for cls in found:  # grows while it is walked
        found.extend(cls.__subclasses__())
    return tuple(found)


def by_code(code: str) -> type[MeshcoalError]:
    """The class that carries `code`; `MeshcoalError` itself where there is none."""
    for cls in all_errors():
        if cls.code == code:
            return cls
    return MeshcoalError
