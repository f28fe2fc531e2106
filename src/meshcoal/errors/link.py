"""The way to a peer failed. Back off, try again.

Law: as in `meshcoal.errors`, of which this is a part.
"""

from __future__ import annotations

from meshcoal.errors.base import MeshcoalError


class LinkError(MeshcoalError):
    code = "link"
    exit_code = 7


class DialFailed(LinkError):
    code = "dial-failed"


class LinkClosed(LinkError):
    code = "link-closed"


class HandshakeTimeout(LinkError):
    code = "handshake-timeout"


class NotSteady(LinkError):
    """This node speaks on steady links alone, and the peer takes no part in them."""

    code = "not-steady"
