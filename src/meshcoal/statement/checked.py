"""Verdicts on signatures, remembered.

Law: a verdict is a function of key, text and signature: what was judged once is not judged again.
"""

from __future__ import annotations

import hashlib
from typing import Final

from meshcoal.crypto.signing import verify
from meshcoal.errors import BadKey, BadSignature

_CHECKED_MAX: Final = 20_000  # some 3 MiB


class Checked:
    """Remembers which signatures held, so that folding anew costs hashes and not curve arithmetic.

    Forgets all where it has seen very many. Hand one instance to the next `Statements` when rebuilding.
    """

    def __init__(self) -> None:
        self._verdicts: dict[bytes, bool] = {}

    def holds(self, public: bytes, message: bytes, signature: bytes) -> bool:
        key = hashlib.sha256(public + signature + message).digest()  # both in front have a fixed length
        verdict = self._verdicts.get(key)
        if verdict is None:
            if len(self._verdicts) >= _CHECKED_MAX:
                self._verdicts.clear()
            verdict = self._verdicts[key] = _holds(public, message, signature)
        return verdict


def _holds(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        verify(public, message, signature)
    except (BadKey, BadSignature):
        return False
    return True
