"""The interface's words, in the user's language once catalogues exist.

Law: whole sentences with named gaps, never glued pieces: other languages order words differently.
"""

from __future__ import annotations

import gettext as _gettext
from typing import Final

_CATALOGUE: Final = _gettext.NullTranslations()


def _(message: str) -> str:
    """The message in the user's language."""
    return _CATALOGUE.gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    """The form that goes with `count`; the caller fills in the gaps."""
    return _CATALOGUE.ngettext(one, many, count)
