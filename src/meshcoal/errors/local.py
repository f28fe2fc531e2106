"""The user asked for something that cannot be done now. Answered in the user's words.

Law: as in `meshcoal.errors`, of which this is a part.
"""

from __future__ import annotations

from meshcoal.errors.base import MeshcoalError


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


class DataCap(LocalError):
    """The user's cap on data is reached: no file is fetched."""

    code = "data-cap"


class NoNetwork(LocalError):
    """There is no local network here, or it cannot be used."""

    code = "no-network"


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


class SentAlready(LocalError):
    """What was to be sent from a draft is not kept as a draft any more: it was sent, or thrown away."""

    code = "sent-already"


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


class NoBrowserView(LocalError):
    """The pages for a web browser cannot be served."""

    code = "no-browser-view"
    exit_code = 5


class Unsupported(LocalError):
    """The machine lacks something that is required, such as a recent OpenSSL."""

    code = "unsupported"
    exit_code = 5


class NoFont(LocalError):
    code = "no-font"
