"""Words that are typed to confirm: in the language of the interface, or in English.

Law: a word is never accepted for another. Letters that keyboards of one language write differently are the
same; English counts everywhere, since whoever helps from afar may only know that.
"""

from __future__ import annotations

from typing import Final

from meshcoal.text.folding import fold
from meshcoal.tui.locale import _

# Of each word as it is said here, what it is in English; two may be said alike.
_ENGLISH: Final = (
    (_("both"), "both"),
    (_("count"), "count"),
    (_("differ"), "differ"),
    (_("forget"), "forget"),
    (_("freeze"), "freeze"),
    (_("go on"), "go on"),
    (_("leave"), "leave"),
    (_("mandate"), "mandate"),
    (_("publish"), "publish"),
    (_("release"), "release"),
    (_("remove"), "remove"),
    (_("replace"), "replace"),
    (_("revoke"), "revoke"),
    (_("seal"), "seal"),
    (_("seen"), "seen"),
    (_("sign"), "sign"),
    (_("understood"), "understood"),
    (_("withdraw"), "withdraw"),
)


def is_word(typed: str, word: str) -> bool:
    """Whether what was typed confirms `word`, which is said in the language of the interface."""
    known = [word, *[english for said, english in _ENGLISH if said == word]]
    return fold(typed.strip()) in [fold(one) for one in known]
