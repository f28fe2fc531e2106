"""Who may see pages: one browser at a time, let in once by an address that nobody could guess.

Law: an address that lets somebody in works once and for five minutes. What it is exchanged for is a cookie of
that browser alone. Whoever was idle, or hid the pages, sees nothing before the passphrase was given again.
Addresses of pages are drawn by a key of this run: they tell nothing, and mean nothing afterwards.
Time and chance are arguments. Decided in docs/design/0031-browser.md.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from meshcoal.browser.elements import Address
from meshcoal.clock import HOUR_MS, MINUTE_MS
from meshcoal.crypto.entropy import Entropy

TOKEN_LIFE_MS: Final = 5 * MINUTE_MS
IDLE_MS: Final = 10 * MINUTE_MS
VISIT_LIFE_MS: Final = 12 * HOUR_MS
LOCKED_LIFE_MS: Final = 10 * MINUTE_MS  # with a locked vault, or nobody in; then the process ends
PLACES_MAX: Final = 20_000  # addresses remembered; the one not used for longest goes first
_SECRET_BYTES: Final = 32
_PERSON_ADDRESS: Final = b"mc-page-address"
_PERSON_FORM: Final = b"mc-form-key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A page, and what it is about: ids as hexadecimal, or words of ours."""

    page: str
    ids: tuple[str, ...] = ()


class Gate:
    """State of one run. All answers depend on what was called before, and on the time that is told."""

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy
        self._key = entropy.take(_SECRET_BYTES)
        self._token = ""
        self._token_until_ms = -1
        self._cookie = ""
        self._since_ms = 0
        self._used_ms = 0
        self._hidden = False
        self._places: OrderedDict[str, Place] = OrderedDict()

    # --- Coming in

    def new_token(self, now_ms: int) -> tuple[str, int]:
        """What lets one browser in, and until when; one made before lets nobody in any more."""
        self._token = self._draw()
        self._token_until_ms = now_ms + TOKEN_LIFE_MS
        return self._token, self._token_until_ms

    def opens(self, token: str, now_ms: int) -> bool:
        """Whether this lets somebody in now. Looking does not use it up."""
        return bool(self._token) and now_ms < self._token_until_ms and _same(token, self._token)

    def enter(self, token: str, now_ms: int) -> str:
        """Use it up: the cookie of the browser that is in from now on; empty where it lets nobody in.

        Whoever was in before is out.
        """
        if not self.opens(token, now_ms):
            return ""
        self._token = ""
        self._token_until_ms = -1
        self._cookie = self._draw()
        self._since_ms = self._used_ms = now_ms
        self._hidden = False
        return self._cookie

    def waiting_until_ms(self, now_ms: int) -> int:
        """Until when an address waits to be opened; -1: none does."""
        return self._token_until_ms if self._token and now_ms < self._token_until_ms else -1

    # --- Being in

    @property
    def entered(self) -> bool:
        return bool(self._cookie)

    @property
    def hidden(self) -> bool:
        return self._hidden

    def knows(self, cookie: str, now_ms: int) -> bool:
        """Whether this is the browser that is in; after a while without a word its pages are hidden."""
        if not self._cookie or not _same(cookie, self._cookie):
            return False
        if now_ms - self._since_ms >= VISIT_LIFE_MS:
            self.leave()
            return False
        if now_ms - self._used_ms >= IDLE_MS:
            self._hidden = True
        self._used_ms = now_ms
        return True

    def hide(self) -> None:
        """From now on the passphrase is needed."""
        self._hidden = True

    def reveal(self) -> str:
        """The passphrase was given. A fresh cookie: what the browser may have put by is worth nothing."""
        self._hidden = False
        self._cookie = self._draw()
        return self._cookie

    def leave(self) -> None:
        """Nobody is in any more."""
        self._cookie = ""
        self._token = ""
        self._token_until_ms = -1
        self._hidden = False

    def is_over(self, now_ms: int, *, locked: bool) -> bool:
        """Whether pages have no use any more: nobody is in, or the vault was locked a while ago."""
        if self.waiting_until_ms(now_ms) >= 0:
            return False
        if not self._cookie:
            return True
        if now_ms - self._since_ms >= VISIT_LIFE_MS:
            return True
        return locked and now_ms - self._used_ms >= LOCKED_LIFE_MS

    # --- Forms and addresses

    def form_key(self) -> str:
        """Stands in each form of this visit, and nowhere else: who cannot read a page cannot send it."""
        return _keyed(self._key, self._cookie.encode(), _PERSON_FORM)

    def fits(self, form_key: str) -> bool:
        return bool(self._cookie) and _same(form_key, self.form_key())

    def address(self, place: Place) -> Address:
        """An address that tells nothing; the same for the same place in this run."""
        spelled = "\n".join([place.page, *place.ids])
        address = f"/{_keyed(self._key, spelled.encode(), _PERSON_ADDRESS)[:22]}"
        self._places[address] = place
        self._places.move_to_end(address)
        if len(self._places) > PLACES_MAX:
            self._places.popitem(last=False)
        return Address(address)

    def place(self, address: str) -> Place | None:
        """What an address of this run leads to."""
        found = self._places.get(address)
        if found is not None:
            self._places.move_to_end(address)
        return found

    def _draw(self) -> str:
        return _spelled(self._entropy.take(_SECRET_BYTES))


def _keyed(key: bytes, data: bytes, person: bytes) -> str:
    """BLAKE2b as a keyed function (RFC 7693, section 2.9)."""
    return _spelled(hashlib.blake2b(data, key=key, digest_size=32, person=person).digest())


def _spelled(data: bytes) -> str:
    return urlsafe_b64encode(data).decode("ascii").rstrip("=")


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "surrogateescape"), other.encode())
