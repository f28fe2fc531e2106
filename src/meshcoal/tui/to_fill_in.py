"""The text that a first letter begins with: what belongs into it, in brackets to be replaced.

Law: it claims nothing; every gap says what belongs there and how much. It is in the user's language.
"""

from __future__ import annotations

import re
from typing import Final

from meshcoal.tui.locale import _, spoken

_GAP: Final = re.compile(r"\[[^\[\]]+\]")


def text_to_fill_in() -> str:
    """Paragraphs with gaps."""
    return "\n\n".join(
        [
            _("To: [name and office of those who can do something about it]"),
            _("What happened: [who, when, where; only what you know for certain]"),
            _("Why we write: [whose rights are concerned, and why it cannot wait]"),
            _("What we ask: [one thing in each sentence, that they can do or stop doing]"),
            _("Signed by: [who speaks here, in one sentence; the names of all who sign are added later]"),
        ]
    )


def still_to_fill_in(text: str) -> bool:
    """Whether a gap of ours stands in a text."""
    return any(gap in text for gap in _GAP.findall(text_to_fill_in()))


def own_language() -> str:
    """The language of the interface, as letters name theirs (BCP 47 in lower case)."""
    return spoken().code.replace("_", "-").lower()
