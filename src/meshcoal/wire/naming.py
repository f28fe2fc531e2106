"""Who signs, as they tell it: names in several scripts, what they stand for, and under what they are listed.

Law: what is told goes with how it is told. Whoever stands with a role has no name beside it, and whoever is
named to the addressee only tells the public nothing else. Specified in docs/protocol/statement.md.
Ours, unreviewed.
"""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Final

from meshcoal.errors import MalformedPackage, MeshcoalError
from meshcoal.limits import (
    LANGUAGES_MAX,
    MEMBERS_MAX,
    NAME_CHARS_MAX,
    NAMES_MAX,
    NEEDS_MAX,
    NETWORK_MEMBERS_MAX,
    TAG_CHARS_MAX,
    TAGS_MAX,
)
from meshcoal.wire.plain import LANGUAGE_CHARS_MAX, is_language, optional_line, required_line, spell_id
from meshcoal.wire.record import Chars, Items, OptionalId32, Range, Record, Size, TimeMs
from meshcoal.wire.shape import dataclass
from meshcoal.wire.terms import Capacity, NameMode, Seat

Tags = Annotated[tuple[Annotated[str, Chars(1, TAG_CHARS_MAX)], ...], Items(0, TAGS_MAX)]
TO_ADDRESSEE: Final = "named to the addressee only"
_ANNEX: Final = b"meshcoal addressee annex 1\n"
_TAG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class NameIn(Record):
    """A name as it is written in a language or a script."""

    error: ClassVar[type[MeshcoalError]] = MalformedPackage

    language: Annotated[str, Chars(2, LANGUAGE_CHARS_MAX)]
    name: Annotated[str, Chars(1, NAME_CHARS_MAX)]


Names = Annotated[tuple[NameIn, ...], Items(0, NAMES_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOnFields(Record):
    """What a signatory says of themselves; all of it is published."""

    error: ClassVar[type[MeshcoalError]] = MalformedPackage

    capacity: Capacity
    name: Annotated[str, Chars(0, NAME_CHARS_MAX)]  # under `ROLE` the role; under `ADDRESSEE` empty
    title: Annotated[str, Chars(0, NAME_CHARS_MAX)]
    affiliation: Annotated[str, Chars(0, NAME_CHARS_MAX)]
    country: Annotated[str, Chars(0, NAME_CHARS_MAX)]
    languages_read: Annotated[
        tuple[Annotated[str, Chars(2, LANGUAGE_CHARS_MAX)], ...], Items(0, LANGUAGES_MAX)
    ]
    signed_ms: TimeMs
    names: Names = ()  # `name` in other languages and scripts, ascending by tag
    members: Annotated[int, Range(0, NETWORK_MEMBERS_MAX)] = 0  # of a network, on whose behalf it signs
    mode: NameMode = NameMode.NAMED
    logo: OptionalId32 = b""  # SHA-256 of a PNG
    annex: OptionalId32 = b""  # SHA-256 of the annex that names who is named to the addressee only
    condition: OptionalId32 = b""  # SHA-256 of the condition under which it counts

    def name_in(self, language: str) -> str:
        """The name for readers of a language: in it, else in its script as far as told, else the name."""
        spelled = {one.language: one.name for one in self.names}
        return spelled.get(language) or spelled.get(language.split("-")[0]) or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Annex(Record):
    """Who somebody is who is named to the addressee only. The salt keeps outsiders from trying names."""

    error: ClassVar[type[MeshcoalError]] = MalformedPackage

    salt: Annotated[bytes, Size(32)]
    name: Annotated[str, Chars(1, NAME_CHARS_MAX)]
    names: Names = ()
    title: Annotated[str, Chars(0, NAME_CHARS_MAX)] = ""
    country: Annotated[str, Chars(0, NAME_CHARS_MAX)] = ""
    members: Annotated[int, Range(0, NETWORK_MEMBERS_MAX)] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Need(Record):
    """So many others on the list, of a seat or of any."""

    error: ClassVar[type[MeshcoalError]] = MalformedPackage

    at_least: Annotated[int, Range(1, MEMBERS_MAX)]
    seat: Seat | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition(Record):
    """A sign-on counts where all of these hold of the list that it would stand on."""

    error: ClassVar[type[MeshcoalError]] = MalformedPackage

    salt: Annotated[bytes, Size(32)]  # so that nobody outside can try conditions against the digest
    needs: Annotated[tuple[Need, ...], Items(1, NEEDS_MAX)]


def annex_text(statement: bytes, act_key: bytes, annex: Annex) -> bytes:
    """What the addressee gets of one sign-on; its SHA-256 stands in the sign-on that the public sees.

    Raises:
        MalformedPackage: a value that cannot stand on a line.
    """
    check_names(annex.names)
    lines = [
        f"statement: {spell_id(statement)}",
        f"key: {spell_id(act_key)}",
        f"salt: {annex.salt.hex()}",
        f"name: {required_line(annex.name, 'a name')}",
        *[f"name in {one.language}: {required_line(one.name, 'a name')}" for one in annex.names],
        f"title: {optional_line(annex.title, 'a title')}",
        f"country: {optional_line(annex.country, 'a country')}",
        *([f"members: {annex.members}"] if annex.members else []),
    ]
    return _ANNEX + ("\n".join(lines) + "\n").encode()


def check_names(names: tuple[NameIn, ...]) -> None:
    """Raise `MalformedPackage` unless their tags are in form, ascend, and stand once each."""
    tags = [one.language for one in names]
    if not all(is_language(tag) for tag in tags) or tags != sorted(set(tags)):
        raise MalformedPackage("names: lower-case BCP 47 tags, ascending, each once")


def check_named(fields: SignOnFields) -> None:
    """Raise `MalformedPackage` where what is told does not go with how it is told, or as what.

    By role: no name, nothing that gives it away but the country. To the addressee only: nothing at all.
    """
    hidden = fields.mode is NameMode.ADDRESSEE
    if fields.mode is NameMode.COUNTED:
        raise MalformedPackage("who is counted and not named has no entry")
    check_names(fields.names)
    if hidden != bool(fields.annex):
        raise MalformedPackage("an annex goes with a name for the addressee only")
    if hidden != (not fields.name):
        raise MalformedPackage("a name stands exactly where it is not for the addressee only")
    if fields.mode is not NameMode.NAMED and (fields.title or fields.affiliation or fields.logo):
        raise MalformedPackage("title, affiliation and logo stand beside a name only")
    if hidden and (fields.names or fields.country or fields.members):
        raise MalformedPackage("whoever is named to the addressee only tells nothing else")
    if fields.mode is NameMode.NAMED:
        if (fields.capacity is Capacity.AFFILIATED) != bool(fields.affiliation):
            raise MalformedPackage("an affiliation stands exactly where it does not endorse")
    elif fields.capacity is Capacity.AFFILIATED:
        raise MalformedPackage("who is not named has no affiliation")
    if not hidden and (fields.capacity is Capacity.NETWORK) != bool(fields.members):
        raise MalformedPackage("a network, and nobody else, says how many members it has")


def is_tag(tag: str) -> bool:
    """Whether this is a word that mandates can name: lower-case letters, digits, single hyphens."""
    return len(tag) <= TAG_CHARS_MAX and _TAG.fullmatch(tag) is not None


def check_tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    """These, unless they are no tags. Raises `MalformedPackage`."""
    if not all(is_tag(tag) for tag in tags) or list(tags) != sorted(set(tags)):
        raise MalformedPackage("topics, countries and asks: words in lower case, ascending, each once")
    return tags


def shown_parts(fields: SignOnFields, language: str) -> tuple[str, ...]:
    """What stands on a signatory's line, for readers of a language; the name in other scripts behind it."""
    if fields.mode is NameMode.ADDRESSEE:
        return (TO_ADDRESSEE,)
    first = fields.name_in(language)
    others = [name for name in (fields.name, *[one.name for one in fields.names]) if name != first]
    parts = [first, *dict.fromkeys(others), fields.title, fields.affiliation, fields.country]
    if fields.mode is NameMode.ROLE:
        parts.append("by role, without a name")
    if fields.members:
        parts.append(f"on behalf of {fields.members} members")
    return tuple([part for part in parts if part])
