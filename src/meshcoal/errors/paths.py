"""What can go wrong on the ways in and out: Tor, and addresses in it.

Law: as in `meshcoal.errors`, of which this is a part; each error of Tor says what to do next.
"""

from __future__ import annotations

from meshcoal.errors.link import LinkError
from meshcoal.errors.remote import Malformed


class TorError(LinkError):
    """Tor cannot be used, or not now. Each says what to do next."""

    code = "tor"


class TorAbsent(TorError):
    """No tor runs at the address, or the program is not installed."""

    code = "tor-absent"


class TorForbidden(TorError):
    """Tor is there, and we may not use its control port."""

    code = "tor-forbidden"


class MalformedTor(TorError):
    """What sits behind the port does not speak tor's protocol as it should."""

    code = "malformed-tor"


class TorRefused(TorError):
    """Tor did not do what it was asked for."""

    code = "tor-refused"


class TorStuck(TorError):
    """Tor runs and does not get through to its network."""

    code = "tor-stuck"


class TorClock(TorError):
    """This machine's clock is wrong, so that tor refuses to work."""

    code = "tor-clock"


class TorOff(TorError):
    """An onion address was to be dialled, and Tor is switched off or not ready."""

    code = "tor-off"


class PathClosed(LinkError):
    """The user's choice of paths forbids this address."""

    code = "path-closed"


class OnionKeyMissing(LinkError):
    """The service wants a key, and we have none for it."""

    code = "onion-key-missing"


class OnionKeyWrong(LinkError):
    """The service does not know our key: it was taken back, or the address is an old one."""

    code = "onion-key-wrong"


class OnionUnreachable(LinkError):
    """Nobody serves this onion address now."""

    code = "onion-unreachable"


class MalformedOnion(Malformed):
    code = "malformed-onion"
