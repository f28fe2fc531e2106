"""Signatories and texts, as pages and paper name them, in the reader's language.

Law: what was typed is shown as it was typed; only what meshcoal says of it is in the reader's language. The
parts of a line are those of `wire.naming.shown_parts`, in the same order.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from meshcoal.export.speech import Speech, Value
from meshcoal.wire.naming import SignOnFields
from meshcoal.wire.public_text import LanguageText
from meshcoal.wire.terms import Capacity, NameMode

# In the order of the list, with the key of its heading.
GROUPS: Final = (
    (Capacity.ORGANISATION, "letter.organisations"),
    (Capacity.NETWORK, "letter.networks"),
    (Capacity.INDIVIDUAL, "letter.individuals"),
    (Capacity.AFFILIATED, "letter.affiliated"),
)

Said = tuple[str, dict[str, Value]]  # a key and what fills its gaps


def typed_parts(fields: SignOnFields, language: str) -> tuple[str, ...]:
    """What a signatory typed, for readers of a language; the name in other scripts behind it."""
    if fields.mode is NameMode.ADDRESSEE:
        return ()
    first = fields.name_in(language)
    others = [name for name in (fields.name, *[one.name for one in fields.names]) if name != first]
    parts = [first, *dict.fromkeys(others), fields.title, fields.affiliation, fields.country]
    return tuple([part for part in parts if part])


def said_parts(mode: NameMode, members: int) -> tuple[Said, ...]:
    """What is said of it behind that."""
    if mode is NameMode.ADDRESSEE:
        return (("page.to_addressee", {}),)
    by_role: tuple[Said, ...] = (("page.by_role", {}),) if mode is NameMode.ROLE else ()
    on_behalf: tuple[Said, ...] = (("page.on_behalf", {"count": members}),) if members else ()
    return (*by_role, *on_behalf)


def origin_parts(text: LanguageText) -> tuple[Said, ...]:
    """Where a text comes from and who made and compared it, as far as it says."""
    found: list[Said] = []
    made: dict[str, Value] = {"tongue": text.translated_from, "names": text.translators}
    if text.translated_from:
        found.append(("page.translated_by" if text.translators else "page.translated", made))
    elif text.translators:
        found.append(("page.written", made))
    if text.checkers:
        found.append(("page.compared", {"names": text.checkers}))
    return tuple(found)


def spoken(speech: Speech, said: Iterable[Said]) -> str:
    """Sentences as one text."""
    return " ".join([speech.text(key, **values) for key, values in said])


def signatory_line(speech: Speech, fields: SignOnFields, language: str) -> str:
    """A signatory's line as text.

    What runs otherwise than the line is set apart (UAX 9, isolates), so that no name moves what is beside it.
    """
    said = [speech.text(key, **values) for key, values in said_parts(fields.mode, fields.members)]
    return speech.comma.join([*[speech.apart(part) for part in typed_parts(fields, language)], *said])
